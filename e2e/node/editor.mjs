// A policy in the editor: what is wrong stands where it is, everything goes by keyboard, and without a script it goes, too.
import { execFileSync } from "node:child_process";
import { at, bartizan, expect, given, signIn } from "./browser.mjs";
import { somebody } from "./seen-look.mjs";

const { page, browser, look, visit, read, well, counts } = await somebody("editor", { keeps: true });
const { keyboard } = page;
const edit = at("console", "/policies/payroll-finance?edit=1");
const stored = () => bartizan("get", "policy", "payroll-finance").spec.text;
const press = (key) => Promise.all([page.waitForNavigation(), keyboard.press(key)]);

/** What the editor shows. */
const shown = () => page.locator(".edited .cm-content");
const field = () => page.locator("textarea[name=text]").inputValue();
const said = (text) => page.waitForFunction((text) => document.querySelector(".said").textContent === text, text, { timeout: 10_000 });
const inEditor = () => page.evaluate(() => document.activeElement.matches(".edited"));

/** Goes on with Tab to what is looked for. */
async function to(what, is) {
  for (let presses = 0; presses < 100; presses++) {
    await keyboard.press("Tab");
    if (await page.evaluate(is)) return;
  }
  expect(false, `${what} is reached by Tab`);
}
const toEditor = () => to("the editor", () => document.activeElement.matches(".edited"));
const toSave = () => to("Save", () => document.activeElement.matches("main button.primary"));

/** Puts a text in the place of all that is there. */
async function write(text) {
  await shown().focus();
  await keyboard.press("Control+a");
  await keyboard.insertText(text);
}

await read("en");
await page.goto(at("console"));
await signIn(page, "ada", given.people.ada);

// Open, in every look and language.
for (const language of ["en", "de", "ar-XB"]) {
  await read(language);
  await visit("the editor", edit);
}
await read("en");
await page.goto(edit);
const old = stored();
expect((await field()) === old && (await page.locator("textarea[name=text]").isHidden()), "the editor stands in the place of the field");
expect((await shown().getAttribute("aria-label")) === "Text in Cedar", "it has the name of the field");
const coloured = await shown().evaluate((content) => {
  const colour = (text) => [...content.querySelectorAll("span")].filter((each) => each.textContent === text).map((each) => getComputedStyle(each).color)[0];
  const [permit, group, when] = ["permit", "Group::", '"strong"'].map(colour);
  return { permit, group, when, ink: getComputedStyle(content).color };
});
expect(new Set(Object.values(coloured)).size === 4 && !Object.values(coloured).includes(undefined), `words have their colours: ${JSON.stringify(coloured)}`);

// Broken by keyboard: it is said where.
await toEditor();
await keyboard.press("Control+End");
await keyboard.press("Backspace");
await keyboard.press("Enter");
await keyboard.type('unless { "🦀" == context.rsk };');
await said("1 mistake");
const underlined = () => page.locator(".edited .cm-lintRange-error").allTextContents();
const text = await field();
const line = text.split("\n").findIndex((each) => each.includes("rsk")) + 1;
const found = await page.locator(".found li").innerText();
expect(found.includes(`Line ${line}, column `) && found.includes("did you mean"), `it says where, and what would mend it: ${found} in ${text}`);
expect(/context|rsk/.test((await underlined()).join("")), `it is underlined: ${await underlined()}`);
await keyboard.press("F8");
const tip = await page.locator(".edited .cm-diagnostic").innerText({ timeout: 5000 });
expect(tip.includes("did you mean"), `F8 leads to it: ${tip}`);
await look("a mistake in the editor");
await page.locator(".found button").focus();
await keyboard.press("Enter");
expect(await inEditor(), "what was found leads to where it is");

// Nobody is held: Tab leads out of it, and back in. A word of it can be undone.
await keyboard.press("Tab");
expect(!(await inEditor()), "Tab leaves the text");
await keyboard.press("Shift+Tab");
expect(await inEditor(), "and comes back");
expect((await field()) === text, "and it typed nothing");
for (let undone = 0; undone < 60 && (await field()) !== old; undone++) await keyboard.press("Control+z");
expect((await field()) === old, "what was typed is undone");
await said("It is in order.");
await keyboard.press("Control+Home");
await keyboard.type("// By keyboard.\n");
await said("It is in order.");
await toSave();
await press("Enter");
expect((await page.innerText("main .notice")).startsWith("Saved as revision"), "it is saved");
expect(stored() === `// By keyboard.\n${old}`, `it is as it was typed: ${stored()}`);

// Enter beside the text asks, and saves nothing.
await page.goto(edit);
await write(old.replace('"finance"', '"everybody"'));
await page.fill("main input[name=person]", "ada");
await press("Enter");
expect((await page.innerText("main")).includes("The answer would be another."), "it says what would be");
expect(stored() !== (await field()), "and saves nothing");
await look("what it would do");

// Whatever is written is a text.
const hostile = `// </textarea><script>document.title = "x"</script> {{7*7}} 🦀 \u202Edrawrof\u2066 <img src=x onerror=alert(1)>\n`;
const endless = `${hostile}// ${"long ".repeat(20_000)}\n${old}`;
await page.goto(edit);
await write(endless);
expect((await field()) === endless, "the field has it as it was written");
// What is not in the window is not drawn.
await keyboard.press("Control+Home");
await page.waitForSelector(".edited .cm-specialChar");
await said("1 mistake");
await Promise.all([page.waitForNavigation(), page.locator(".edit").getByText("Check only", { exact: true }).click()]);
expect((await field()) === endless, "and it comes back as it was sent");
expect((await page.innerText(".found")).includes("longer than"), "it is too long, and says so");
await page.waitForSelector(".found button");
expect((await page.innerText(".said")) === "Not saved: 1 mistake", "and that nothing was saved");
await write(hostile + old);
await toSave();
await press("Enter");
expect(stored() === hostile + old, "without that it is saved, as it is");
expect(!(await page.title()).startsWith("x") && (await page.locator("main img").count()) === 0, "nothing of it runs");
await visit("the editor of a hostile text", edit);

// Two at a time.
await page.goto(edit);
await write(`// Mine.\n${old}`);
const folder = await browser.newPage();
await folder.goto(edit);
await folder.locator(".edited .cm-content").focus();
await folder.keyboard.press("Control+Home");
await folder.keyboard.type("// Theirs.\n");
await Promise.all([folder.waitForNavigation(), folder.locator("main button.primary").click()]);
await folder.close();
await page.bringToFront();
await toSave();
await press("Enter");
expect((await page.innerText("main h2 >> nth=0")) === "What changed meanwhile", "who was second sees what the first did");
await look("two at a time");
expect(stored().startsWith("// Theirs."), "and has not undone it");
await toSave();
await press("Enter");
expect(stored() === `// Mine.\n${old}`, "until they say so");

// A new one.
await visit("a new policy", at("console", "/policies/new?template=open"));
await page.fill("main input[name=name]", "wiki-readers");
await page.check("#template-read");
await press("Enter");
await look("the text of a new policy");
await toSave();
await press("Enter");
expect(bartizan("get", "policy", "wiki-readers").spec.text.includes("http:read"), "it is made");

// Look and scripts come once: what is kept is not asked for again, so it is in the log once.
const fetched = () => {
  const options = ["--server", given.console, "--ca", given.ca, "--token-file", given.adminToken, "--json"];
  const asked = ["log", "search", "--app", "console", "--kind", "decision", "--limit", "10000"];
  const events = execFileSync(given.binary, [...options, ...asked]).toString().trim().split("\n").map((line) => JSON.parse(line));
  return events.filter(({ request }) => request?.path?.startsWith("/assets/")).length;
};
const before = fetched();
for (const path of ["/", "/people", "/policies", "/policies/payroll-finance?edit=1"]) await page.goto(at("console", path));
expect(before > 0 && fetched() === before, `nothing is fetched twice: ${before}, then ${fetched()}`);

// Only what a page names runs on it, though its own host has more: what somebody smuggles in does not.
const ours = await page.getAttribute("script[src*=codemirror]", "src");
const smuggled = await browser.newPage();
await smuggled.addInitScript(() => {
  globalThis.breaches = [];
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => globalThis.breaches.push(`${violatedDirective} ${blockedURI}`));
});
const meddle = await browser.newCDPSession(smuggled);
await meddle.send("Fetch.enable", { patterns: [{ urlPattern: "*/groups", requestStage: "Response" }] });
meddle.once("Fetch.requestPaused", async ({ requestId, responseHeaders }) => {
  const { body } = await meddle.send("Fetch.getResponseBody", { requestId });
  const more = `<script src="${ours}"></script><script>globalThis.ran = true</script></head>`;
  const html = Buffer.from(body, "base64").toString().replace("</head>", more);
  const headers = responseHeaders.filter(({ name }) => name.toLowerCase() !== "content-length");
  await meddle.send("Fetch.fulfillRequest", { requestId, responseCode: 200, responseHeaders: headers, body: Buffer.from(html).toString("base64") });
});
await smuggled.goto(at("console", "/groups"));
const came = await smuggled.evaluate(() => ({ ran: globalThis.ran, there: "CodeMirror" in globalThis, breaches: globalThis.breaches.join(), finds: document.querySelector(".find input").role }));
expect(!came.ran && !came.there && came.finds === "combobox", `only the script of the page runs: ${JSON.stringify(came)}`);
expect(came.breaches.includes("inline") && came.breaches.includes("codemirror"), `both are refused: ${came.breaches}`);
await smuggled.close();

// Without a script.
const debug = await browser.newCDPSession(page);
await debug.send("Emulation.setScriptExecutionDisabled", { value: true });
await page.goto(edit);
expect(await page.locator("textarea[name=text]").isVisible(), "the field is there");
await page.fill("textarea[name=text]", old.replace("context.risk", "context.rsk"));
await Promise.all([page.waitForNavigation(), page.locator("main button.primary").click()]);
const listed = await page.innerText("main");
expect(listed.includes("Not saved: 1 mistake") && /Line 4, column \d+/.test(listed), `it is said where: ${listed}`);
await page.fill("textarea[name=text]", old);
await Promise.all([page.waitForNavigation(), page.locator("main button.primary").click()]);
expect(stored() === old, "it is saved without a script");

await browser.close();
console.log(`MEASURED ${counts.views} views of pages, heaviest ${counts.heaviest} bytes; look and scripts fetched ${before} times in all`);
well();
console.log("DONE");
