// By keyboard alone: whoever uses no mouse gets everything done, and sees at each step where they are.
import { mkdirSync, writeFileSync } from "node:fs";
import { allWell, at, bartizan, expect, given, open, totp } from "./browser.mjs";

const { browser, page, seen } = await open("keys");
const { keyboard } = page;
const { ada } = given.people;
await page.setViewportSize({ width: 1280, height: 720 });
let stops = 0;
const faults = new Set();

/** Where the focus is. Nothing else than what has it may be there, with a ring that nothing cuts off. */
async function here() {
  const stop = await page.evaluate(() => {
    const it = document.activeElement;
    if (!it || it === document.body) return null;
    const style = getComputedStyle(it);
    const [box] = [...it.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
    const what = it.outerHTML.slice(0, 160);
    if (!box) return { what, wrong: "it is not shown" };
    const wide = parseFloat(style.outlineWidth);
    const reach = wide + parseFloat(style.outlineOffset);
    const ring = { left: box.left - reach, right: box.right + reach, top: box.top - reach, bottom: box.bottom + reach };
    let wrong = "";
    // What is in a shadow has the focus there; the ring is around all of it.
    const focused = it.shadowRoot?.activeElement ?? it;
    if (!focused.matches(":focus-visible") || style.outlineStyle === "none" || wide < 2) wrong = "it has no ring";
    if (box.bottom <= 0 || box.top >= innerHeight || ring.left < -1 || ring.right > innerWidth + 1) wrong = `it is out of the window: ${JSON.stringify(ring)}, of ${innerWidth} by ${innerHeight}`;
    for (let around = it.parentElement; around && around !== document.body; around = around.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(around);
      const edge = around.getBoundingClientRect();
      // What scrolls shows the rest on demand.
      const cutsX = overflowX !== "visible" && around.scrollWidth <= around.clientWidth;
      const cutsY = overflowY !== "visible" && around.scrollHeight <= around.clientHeight;
      if (cutsX && (ring.left < edge.left - 1 || ring.right > edge.right + 1)) wrong = `its ring is cut off by ${around.className}`;
      if (cutsY && (ring.top < edge.top - 1 || ring.bottom > edge.bottom + 1)) wrong = `its ring is cut off by ${around.className}`;
    }
    const [x, y] = [(box.left + box.right) / 2, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2];
    const top = document.elementFromPoint(x, y);
    if (!wrong && !(top && (it.contains(top) || top.contains(it)))) wrong = `it is covered by ${top?.outerHTML.slice(0, 80)}`;
    const { tagName: tag, name = "", textContent, href = "", value = "", type = "" } = it;
    const row = it.closest("tr")?.innerText ?? "";
    const edits = it.classList.contains("edited");
    return { tag, name, text: textContent.trim(), href, value, type, row, what, wrong, edits, inMain: it.closest("main") !== null };
  });
  stops += 1;
  if (stop?.wrong) faults.add(`${new URL(page.url()).pathname}, ${page.viewportSize().width} px: ${stop.what}: ${stop.wrong}`);
  return stop;
}

/** Goes on with Tab to what is looked for. */
async function to(what, is) {
  for (let presses = 0; presses < 300; presses++) {
    await keyboard.press("Tab");
    const stop = await here();
    if (stop && is(stop)) return stop;
  }
  return expect(false, `${what} is reached on ${page.url()}`);
}

const press = (key) => Promise.all([page.waitForNavigation(), keyboard.press(key)]);
const place = async (name) => {
  await to(name, ({ tag, text, inMain }) => tag === "A" && text === name && !inMain);
  await press("Enter");
};
const title = () => page.textContent("h1");

// More people than fit on a page.
const folder = `${given.scratch}/people`;
mkdirSync(folder);
const colleagues = Array.from({ length: 60 }, (_, at) => `[[user]]\nname = "colleague-${at}"\ndisplay = "Colleague ${at}"\n`);
writeFileSync(`${folder}/people.toml`, colleagues.join("\n"));
bartizan("apply", "-f", folder);

// In, with a second factor.
await page.goto(at("console"));
expect((await here())?.name === "login", "the first field has the focus");
await keyboard.type("ada");
await to("the password", ({ name }) => name === "password");
await keyboard.type(ada.password);
await to("the button", ({ tag, type }) => tag === "BUTTON" && type === "submit");
await press("Enter");
expect((await here())?.name === "code", "the field of the code has the focus");
await keyboard.type(totp(ada.totp_secret));
await press("Enter");
await page.waitForURL(at("console"));

// Past the places straight to what the page says.
const skip = await to("the way past the places", ({ href }) => href.endsWith("#main"));
expect(skip, "it is there");
await keyboard.press("Enter");
await keyboard.press("Tab");
expect((await here()).inMain, "the next stop is in the page's own content");

// A denied decision, and why.
await place("Decisions");
await to("the outcome", ({ tag, name }) => tag === "SELECT" && name === "outcome");
await keyboard.type("Den");
await to("the button", ({ tag, type }) => tag === "BUTTON" && type === "submit");
await press("Enter");
expect(new URL(page.url()).searchParams.get("outcome") === "deny", "what is denied is asked for");
await keyboard.press("j");
const first = await here();
await keyboard.press("j");
const second = await here();
await keyboard.press("k");
expect(first.row !== "" && second.row !== first.row && (await here()).row === first.row, "j and k walk through the rows");
await press("Enter");
expect(/\/decisions\/[0-9a-f-]{36}$/.test(page.url()), `the row opens: ${page.url()}`);
expect(/^(Denied|Step-up)/.test(await title()), `it says why: ${await title()}`);

// Somebody's sign-in, ended.
await place("Sessions");
const end = await to("ending", ({ href, row }) => href.includes("/sessions/end?id=") && !row.includes("Ada"));
const before = bartizan("session", "list").length;
await press("Enter");
expect((await title()).startsWith("End"), `it asks first: ${await title()}`);
await to("the button", ({ tag, type }) => tag === "BUTTON" && type === "submit");
await press("Enter");
expect(bartizan("session", "list").length === before - 1, `a sign-in is ended: ${end.row}`);
expect((await page.innerText("main .notice")).includes("ended"), "it says what was done");

// A policy, changed.
await place("Policies");
for (let presses = 0; presses < 50; presses++) {
  await keyboard.press("j");
  if ((await here()).text === "payroll-no-contractors") break;
}
await press("Enter");
await to("editing", ({ href }) => href.includes("edit="));
await press("Enter");
await to("the text", ({ edits }) => edits);
await keyboard.press("Control+Home");
await keyboard.type("// Whoever reads this used a keyboard.\n");
await to("the button", ({ tag, type, name }) => tag === "BUTTON" && type === "submit" && name === "");
await press("Enter");
expect(/revision/.test(await page.innerText("main .notice")), "it is saved");
const { spec } = bartizan("get", "policy", "payroll-no-contractors");
expect(spec.text.includes("used a keyboard"), `it is as it was typed: ${spec.text}`);

// A long list: searched, sorted, paged.
await place("People");
await to("a head that sorts", ({ href }) => /[?&]sort=(?!-?name)/.test(href));
await press("Enter");
expect((await page.locator("th[aria-sort]").count()) === 1, "one column says that it sorts");
await to("the next page", ({ href, inMain }) => inMain && href.includes("from=50"));
await press("Enter");
expect((await page.locator("a[rel=prev]").count()) === 1, "the second page has one before it");
await keyboard.press("/");
expect((await here()).name === "q", "a slash leads to the search");
await keyboard.type("colleague-59/");
expect((await here()).value === "colleague-59/", "and is a slash in it");
await keyboard.press("Backspace");
await press("Enter");
expect((await page.locator("tbody tr").count()) === 1, "one of them is found");

// From one end of a page to the other, wide and narrow. Nothing holds the focus, nothing hides it.
const last = await page.locator("tbody a[href^='/people/']").first().getAttribute("href");
const ends = ["/", "/decisions", "/sessions", "/access", "/access?app=payroll", last, `${last}/disable`];
ends.push("/policies/payroll-no-contractors", "/policies/payroll-no-contractors?edit=1", "/policies/new?template=open", "/points/join");
ends.push("/apps/new", "/apps/payroll/try?person=eve", "/start");
for (const size of [{ width: 1280, height: 720 }, { width: 360, height: 640 }]) {
  await page.setViewportSize(size);
  for (const path of ends) {
    await page.goto(at("console", path));
    let on = 0;
    for (; on < 400; on++) {
      await keyboard.press("Tab");
      if ((await here()) === null) break;
    }
    expect(on > 3 && on < 400, `${path} ends after ${on} stops`);
  }
}

// Where it is narrow, the places unfold.
await page.goto(at("console"));
await to("the menu", ({ tag, inMain }) => tag === "SUMMARY" && !inMain);
await keyboard.press("Enter");
await to("Sessions", ({ text }) => text === "Sessions");
await press("Enter");
expect((await title()) === "Sessions", "a place is reached from the menu");

await page.setViewportSize({ width: 1280, height: 720 });
// From everywhere to anything: found while it is typed, chosen by arrows; and places by their letters.
await page.goto(at("console", "/points"));
await keyboard.press("Control+k");
await keyboard.type("tess");
await page.waitForSelector("[role=option]");
expect((await here()).name === "q", "the search has the focus");
await keyboard.press("ArrowDown");
await Promise.all([page.waitForURL(/\/access\?person=/), keyboard.press("Enter")]);
await keyboard.press("?");
expect(await page.locator("dialog.keys").evaluate((dialog) => dialog.open), "? shows the keys");
expect((await here()).text === "Close", "the keys have the focus");
await keyboard.press("Escape");
await keyboard.press("g");
await Promise.all([page.waitForURL(/\/groups$/), keyboard.press("g")]);
await keyboard.press("Control+k");
await keyboard.type("tess");
await page.waitForSelector("[role=option]");
await keyboard.press("Escape");
expect((await page.locator("[role=option]").count()) === 0, "Escape leaves what was found");

// Out.
await page.goto(at("auth", "/sign-out"));
await to("the button", ({ tag, type }) => tag === "BUTTON" && type === "submit");
await press("Enter");
await page.waitForURL(/signed-out/);

const found = [...faults];
expect(found.length === 0, `at each stop one sees where one is: ${found.length} faults\n${found.slice(0, 40).join("\n")}`);
allWell(seen);
await browser.close();
console.log(`MEASURED ${stops} stops of the focus, each seen`);
console.log("DONE");
