// From the link that `init` prints to an app that somebody may not enter, and why, on what was just made.
import { at, expect, given, open, totp } from "./browser.mjs";
import { somebody } from "./seen-look.mjs";

const { page, browser, look, well, counts } = await somebody("first");
const says = async (text) => expect((await page.innerText("main")).includes(text), `it says ${text}: ${await page.innerText("main")}`);

/** Claims an account by its link. */
async function claim(page, link) {
  await page.goto(link);
  await page.fill("input[type=password]", "vier Tassen Kaffee im Regen");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/claim\/app/);
  const secret = /secret=([A-Z2-7]+)/.exec(await page.content())[1];
  await page.fill("input[name=code]", totp(secret));
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=Keep your recovery codes");
  await page.getByRole("button", { name: /kept/i }).click();
  await page.waitForLoadState();
}

await claim(page, given.claim);
await page.goto(at("console"));
await says("Nothing is protected yet");
await look("an overview of nothing");
await page.getByRole("link", { name: "Begin" }).click();
await page.waitForURL(/\/start$/);
await says("2 of 5 are done.");
await look("first steps of nothing");

// Left for later, and taken up again.
await page.getByRole("button", { name: "Leave for later: A second person" }).click();
await says("Left for later");
await look("a step that is left for later");
await page.getByRole("button", { name: "Take up again: A second person" }).click();
await page.waitForURL(/\/start$/);

// Somebody to let in, and somebody not to.
const links = [];
for (const [login, display] of [["bob", "Bob"], ["eve", "Eve"]]) {
  await page.goto(at("console", "/people"));
  await page.fill("input[name=login]", login);
  await page.fill("input[name=display]", display);
  await page.getByRole("button", { name: "Make an invitation" }).click();
  await page.waitForSelector("code");
  links.push(/https:\/\/auth\.[^\s<"]+\/claim\?t=bzc_[A-Za-z0-9_-]+/.exec(await page.innerText("main"))[0]);
}

await page.goto(at("console", "/start"));
await page.getByRole("link", { name: "Protect an app" }).click();
await page.fill("input[name=upstream]", given.upstream);
await page.fill("input[name=name]", "notes");
await page.getByRole("button", { name: "Look at the server" }).click();
await page.getByRole("button", { name: "Go on: who may enter?" }).click();
await page.fill("input[name=members]", "bob");
await page.getByRole("button", { name: "Go on: what would happen?" }).click();
await says("1 of 3 people would get into notes");
await page.getByRole("button", { name: "Protect notes" }).click();
await page.waitForURL(/\/apps\/notes\/try/);
await says("notes is protected since revision");

// As they see it.
for (const [name, link] of [["bob", links[0]], ["eve", links[1]]]) {
  const other = await open(name);
  await claim(other.page, link);
  await other.page.goto(at("notes"));
  const text = await other.page.textContent("body");
  expect(text.includes("Zettelkasten") === (name === "bob"), `${name} reads ${text}`);
  await other.browser.close();
}

// And why.
const done = async () => {
  await page.goto(at("console", "/start"));
  return (await page.innerText("main")).includes("All is done that you wanted done.");
};
for (let tries = 0; tries < 100 && !(await done()); tries++) await page.waitForTimeout(100);
await says("All is done that you wanted done.");
await look("first steps that are done");
await page.getByRole("link", { name: "See why" }).click();
await page.waitForURL(/\/decisions\//);
expect((await page.textContent("h1")).startsWith("Denied: Eve may not read notes"), await page.textContent("h1"));
await page.goto(at("console"));
expect((await page.locator("main a[href='/start']").count()) === 0, "nothing is open any more");
await browser.close();
console.log(`MEASURED ${counts.views} views of the first steps`);
well();
console.log("DONE");
