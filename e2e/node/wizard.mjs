// An app is protected by keyboard alone: each step is looked at, who may enter does, who may not is told why.
import { at, bartizan, expect, given, open, signIn } from "./browser.mjs";
import { languages, somebody } from "./seen-look.mjs";

const { page, browser, look, visit, read, well, counts } = await somebody("wizard");
const { ada, bob, eve } = given.people;
const { keyboard } = page;

/** Goes on with Tab to what is looked for. */
async function to(what, is) {
  for (let presses = 0; presses < 200; presses++) {
    await keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const { tagName: tag, name = "", type = "", textContent = "", href = "" } = document.activeElement ?? {};
      return { tag, name, type, text: textContent.trim(), href };
    });
    if (is(stop)) return;
  }
  expect(false, `${what} is reached on ${page.url()}`);
}
const field = (wanted) => to(wanted, ({ name }) => name === wanted);
const press = (key) => Promise.all([page.waitForNavigation(), keyboard.press(key)]);
const onward = async (verb) => {
  await to(verb, ({ tag, text }) => ["BUTTON", "A"].includes(tag) && text.startsWith(verb));
  await press("Enter");
};
const says = async (text) => expect((await page.innerText("main")).includes(text), `it says ${text}: ${await page.innerText("main")}`);

await page.goto(at("console"));
await signIn(page, "ada", ada);
await page.waitForURL(at("console"));

// From anywhere.
await keyboard.press("Control+k");
await keyboard.type("protect");
await page.waitForSelector("[role=option]");
await keyboard.press("ArrowDown");
await Promise.all([page.waitForURL(/\/apps\/new$/), keyboard.press("Enter")]);
expect(await page.evaluate(() => document.activeElement.name === "upstream"), "the first field has the focus");
await look("protecting an app");

// Where it is.
await keyboard.type(given.dead);
await field("name");
await keyboard.type("wiki");
await press("Enter");
await says("There is an app “wiki” already.");
expect(await page.evaluate(() => document.activeElement.name === "name"), "what is wrong has the focus");
await look("a name that is taken");
await page.focus("input[name=name]");
await keyboard.press("Control+a");
await keyboard.type("notes");
await press("Enter");
await says("Nothing listens at");
await look("a server that is not there");
await page.focus("input[name=upstream]");
await keyboard.press("Control+a");
await keyboard.type(given.upstream);
await press("Enter");
await says("It answers with status 200");
await look("a server that was seen");
await onward("Go on: who may enter?");

// Who may enter.
await look("who may enter");
await page.focus("input[name=members]");
await keyboard.type("bob mallory");
await press("Enter");
await says("There is no person and no group “mallory”.");
await look("nobody of that name");
await page.focus("input[name=members]");
await keyboard.press("Control+a");
await keyboard.type("bob");
await field("asks");
await keyboard.type("With two factors, w");
await onward("Go on: what would happen?");

// What would happen; and back again, with everything as it was.
await says("1 of 3 people would get into notes");
await look("what would happen");
await onward("Back");
expect((await page.inputValue("input[name=members]")) === "bob", "who may enter stays");
expect((await page.inputValue("select[name=asks]")) === "today", "what is asked of them stays");
await onward("1. Where is it?");
expect((await page.inputValue("input[name=name]")) === "notes", "the name stays");
await says("It answers with status 200");
await page.goBack();
await page.goBack();
await says("1 of 3 people would get into notes");
await onward("Protect notes");
await says("notes is protected since revision");
await look("an app that was protected");
expect(bartizan("get", "group", "notes-people").spec.members.join() === "bob", "the group is there");

// Tried as both.
await page.focus("input[name=person]");
await keyboard.type("bob");
await press("Enter");
await says("Permitted: Bob Lindgren may read notes");
await look("tried as somebody who may");
await page.focus("input[name=person]");
await keyboard.press("Control+a");
await keyboard.type("eve");
await press("Enter");
await says("Denied: Eve Castellano may not read notes");
await look("tried as somebody who may not");

// As was said, so it is.
const first = await open("bob");
await first.page.goto(at("notes"));
await signIn(first.page, "bob", bob);
expect((await first.page.textContent("body")).includes("Zettelkasten"), "bob is in");
const other = await open("eve");
await other.page.goto(at("notes"));
await signIn(other.page, "eve", eve);
expect((await other.page.title()) !== "" && !(await other.page.textContent("body")).includes("Zettelkasten"), "eve is not");

// And the first steps lead to why.
const shown = async () => {
  await page.goto(at("console", "/start"));
  return (await page.innerText("#denial")).includes("notes");
};
for (let tries = 0; tries < 100 && !(await shown()); tries++) await page.waitForTimeout(100);
await look("first steps");
await onward("See why");
await says("principal in Group::\"notes-people\"");
expect((await page.textContent("h1")).startsWith("Denied: Eve Castellano may not read notes"), await page.textContent("h1"));

// In every language.
const query = `upstream=${encodeURIComponent(given.upstream)}&name=other&host=other.${given.domain}`;
const pages = {
  "the first step": ["/apps/new"],
  "wrong answers": ["/apps/new?upstream=http%3A%2F%2F10.0.0.7&name=wiki&host=payroll.bartizan.localhost&ca=x&step=where", 422],
  "the second step": [`/apps/new?${query}&step=who`],
  "the last step": [`/apps/new?${query}&whom=everybody&asks=any&step=what`],
  "trying it": ["/apps/notes/try?person=eve"],
  "first steps": ["/start"],
};
for (const language of languages.filter((language) => language !== "en")) {
  await read(language);
  for (const [name, [path, status]] of Object.entries(pages)) await visit(name, at("console", path), status);
}
await read("en");

// Hostile answers are texts.
const script = `"><script>alert(1)</script>`;
for (const text of [script, "W".repeat(1_500), "\u202etxt.exe"]) {
  const typed = encodeURIComponent(text);
  await visit("hostile answers", at("console", `/apps/new?upstream=${typed}&name=${typed}&host=${typed}&step=where`), 422);
  await visit("a hostile group", at("console", `/apps/new?${query}&whom=new&group=${typed}&members=${typed}&step=what`), 422);
  await visit("a hostile person", at("console", `/apps/notes/try?person=${typed}`), 422);
}

await Promise.all([browser.close(), first.browser.close(), other.browser.close()]);
console.log(`MEASURED ${counts.views} views of the steps`);
well();
console.log("DONE");
