// What is said of the pages that matter most to whoever hears them: roles, names and order, as they were agreed on.
//
// To agree on other ones: BARTIZAN_HEARD=write cargo test -p e2e --test it seen::; and read what changed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { allWell, at, bartizan, expect, given, open, signIn } from "./browser.mjs";

const folder = new URL("./seen-heard/", import.meta.url);
const { browser, page, seen } = await open("heard");
const { eve, ada } = given.people;
await page.setViewportSize({ width: 1280, height: 900 });
const faults = [];

/** What is of one run, and not of the page: ids, times, counts. */
const masked = (text) =>
  text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "ID")
    .replaceAll(/[0-9a-f]{8}…[0-9a-f]{6}/g, "ID")
    .replaceAll(/[0-9a-f]{32,}/g, "HASH")
    .replaceAll(/\b(just now|(a|an|\d+) (second|minute|hour|day)s? ago|in \d+ (second|minute|hour|day)s?)\b/g, "WHEN")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/(less than a second|\d+ seconds?) before/g, "WHEN before")
    .replaceAll(/Mozilla\/.*/g, "BROWSER")
    .replaceAll(/localhost:\d+/g, "localhost:PORT")
    .replaceAll(/(?<!\[level=)\d+(\.\d+)*/g, "N");

/** What is around it is the same on each page of the console, and heard once. */
async function heard(name, part = "main") {
  const is = `${masked(await page.locator(part).ariaSnapshot())}\n`;
  const file = new URL(`${name.replaceAll(" ", "-")}.yml`, folder);
  if (process.env.BARTIZAN_HEARD === "write") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, is);
  }
  const was = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (is === was) return;
  const [before, now] = [was, is].map((text) => text.split("\n"));
  const first = now.findIndex((line, place) => line !== before[place]);
  faults.push(`${name}, line ${first + 1}: it was ${before.slice(first, first + 3).join(" | ")}, and is ${now.slice(first, first + 3).join(" | ")}`);
}

await page.goto(at("payroll", "/page"));
await page.waitForURL(/\/sign-in/);
await heard("sign-in", "body");
await page.fill("input[name=login]", "eve");
await page.fill("input[name=password]", "not the password");
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
await heard("wrong password");
await browser.clearCookies();
await page.goto(at("wiki"));
await signIn(page, "eve", eve);
await page.waitForURL(at("wiki"));
const denied = await page.goto(at("payroll"));
const request = denied.headers()["bartizan-request-id"];
await heard("denial", "body");
await page.goto(at("auth"));
await heard("account");
await page.goto(at("portal"));
await heard("portal", "body");

await browser.clearCookies();
await page.goto(at("console", `/decisions/${request}`));
await signIn(page, "ada", ada);
await page.waitForURL(at("console", `/decisions/${request}`));
await heard("explanation");
await page.goto(at("console", "/people?q=eve"));
await heard("people", "body");
await page.locator("tbody a[href^='/people/']").first().click();
await page.waitForURL(/\/people\/./);
const person = new URL(page.url()).pathname;
await page.goto(at("console", `${person}/disable`));
await heard("disabling somebody");
await page.goto(at("console", `/access?person=${person.split("/").at(-1)}`));
await heard("access of a person");
await page.goto(at("console", "/policies/payroll-no-contractors?edit=1"));
await heard("editor");
expect(faults.length === 0, `pages are heard as was agreed on:\n${faults.join("\n")}`);
allWell(seen);
await browser.close();
console.log("DONE");
