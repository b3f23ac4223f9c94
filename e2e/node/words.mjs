// Whatever language somebody reads, every page on their way is in it: none is left in English, none runs out of a phone.
import { allWell, at, bartizan, expect, given, open, signIn } from "./browser.mjs";

const languages = ["en", "de", "fr", "es", "ar-XB"];
// What is called the same in several of the languages.
const same = new Set(["Apps", "App", "Token", "Passkeys", "Bartizan"]);
// An id may have two letters side by side.
const names = /[0-9a-f]{8}…[0-9a-f]{6}|payroll|wiki|Carol Ödegård|Bob Lindgren|Eve Castellano/g;

const { browser, page, seen } = await open("words");
await page.setViewportSize({ width: 360, height: 740 });
const { eve, bob } = given.people;
const found = Object.fromEntries(languages.map((language) => [language, {}]));
let language;

async function read(next) {
  language = next;
  await browser.setExtraHTTPHeaders({ "accept-language": language });
}

/** Takes down what a page says, and whether it fits. Names and codes are of no language. */
async function look(name) {
  const is = await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    const nameless = "code, bdi, script, style, .initials, .brand, .languages";
    const texts = [document.title.replace(/ · Bartizan$/, "")];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement.closest(nameless)) texts.push(walker.currentNode.data.trim());
    }
    for (const each of document.querySelectorAll("[aria-label], [data-copied]")) {
      texts.push(each.ariaLabel ?? "", each.dataset.copied ?? "", each.dataset.failed ?? "");
    }
    const { scrollWidth, clientWidth } = document.documentElement;
    const outside = [...document.querySelectorAll("body *")].filter((each) => {
      const { left, right, width } = each.getBoundingClientRect();
      return width > 1 && (left < -1 || right > clientWidth + 1);
    });
    return {
      lang: document.documentElement.lang,
      dir: document.documentElement.dir,
      texts: texts.filter((text) => /\p{L}{2}/u.test(text)),
      over: scrollWidth - clientWidth,
      outside: outside.map((each) => each.outerHTML.slice(0, 120)),
    };
  });
  const where = `${name} in ${language}`;
  expect(is.lang === language, `${where}: it says that it is in ${is.lang}`);
  expect(is.dir === (language === "ar-XB" ? "rtl" : "ltr"), `${where}: it runs ${is.dir}`);
  expect(is.over <= 0 && is.outside.length === 0, `${where}: it fits; ${is.over} px, ${is.outside}`);
  found[language][name] = is.texts;
  // To look at them: BARTIZAN_PAGES=<folder> cargo test -p e2e --test it words
  const folder = process.env.BARTIZAN_PAGES;
  if (folder) await page.screenshot({ path: `${folder}/${name}.${language}.png`, fullPage: true });
}

const fill = async (fields) => {
  for (const [name, value] of Object.entries(fields)) await page.fill(`input[name=${name}]`, value);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
};

const invited = bartizan("user", "invite", "carol", "--display", "Carol Ödegård").url;
const link = bartizan("user", "link", "bob").url;

// Signing in, without getting in.
for (const next of languages) {
  await read(next);
  await browser.clearCookies();
  await page.goto(at("payroll", "/page"));
  await page.waitForURL(/\/sign-in/);
  await look("sign-in");
  await fill({ login: `nobody-${language}`, password: "not the password" });
  await look("wrong password");
  await fill({ login: "bob", password: bob.password });
  await page.waitForURL(/\/code/);
  await look("second factor");
  await fill({ code: "000000" });
  await look("wrong code");
  await page.click("main a[href^='/recovery']");
  await page.waitForURL(/\/recovery/);
  await look("recovery code");
  await fill({ recovery_code: "aaaa-aaaa-aaaa-aaaa" });
  await look("wrong recovery code");
  await page.goto(invited);
  await look("invitation");
  await fill({ password: "carol" });
  await look("short password");
  await fill({ password: "vier Tassen Kaffee im Regen" });
  await page.waitForURL(/\/claim\/app/);
  await look("authenticator");
  await page.goto(link);
  await look("link");
  await page.goto(invited.replace(/t=bzc_.{8}/, "t=bzc_AAAAAAAA"));
  await look("no invitation");
  await page.goto(at("auth", "/nothing-here"));
  await look("no page");
}

// Signed in, as somebody whom payroll denies.
await read("en");
await browser.clearCookies();
await page.goto(at("wiki"));
await signIn(page, "eve", eve);
await page.waitForURL(at("wiki"));
for (const next of languages) {
  await read(next);
  const denied = await page.goto(at("payroll"));
  expect(denied.status() === 403, "eve is denied payroll");
  expect(denied.headers()["cache-control"] === "no-store", "so nobody is shown the page of another's language");
  await look("denial");
  await page.goto(at("payroll", "/.bartizan/callback?code=x"));
  await look("unfinished sign-in");
  await page.goto(at("auth"));
  await look("account");
  const form = page.locator("form[action='/token']");
  await form.locator("input[name=app]").fill("wiki");
  await form.locator("button").click();
  await page.waitForURL(/\/token/);
  await look("token");
  await page.goto(at("portal"));
  await look("portal");
  await page.goto(at("portal", "/activity"));
  await look("activity");
  await page.goto(at("portal", "/nothing-here"));
  await look("no page of the portal");
  await page.goto(at("auth", "/confirm"));
  await look("confirmation");
  await page.goto(at("auth", "/switch"));
  await look("another account");
  await page.goto(at("auth", "/sign-out"));
  await look("sign-out");
}
await page.click("main form button");
await page.waitForURL(/\/signed-out/);
for (const next of languages) {
  await read(next);
  await page.goto(at("auth", "/signed-out"));
  await look("signed out");
}

// What was said in English is said in no other language, and what is mirrored is mirrored whole.
for (const [name, english] of Object.entries(found.en)) {
  for (const other of ["de", "fr", "es"]) {
    const texts = found[other][name];
    const left = texts.filter((text) => english.includes(text) && !same.has(text));
    expect(left.length === 0, `${name} in ${other} is left in English: ${left.join(" | ")}`);
    expect(texts.length >= english.length / 2, `${name} in ${other} says as much as in English: ${texts.join(" | ")}`);
  }
  const plain = found["ar-XB"][name].map((text) => text.replace(/\u202e[^\u202c]*\u202c/gu, "").replace(names, ""));
  const left = plain.filter((text) => /\p{L}{2}/u.test(text));
  expect(left.length === 0, `${name}: nothing but names is written past the catalogs: ${left.join(" | ")}`);
}
const pages = Object.keys(found.en).length;
expect(pages === 23, `every page was seen, not ${pages}`);

// A choice at the foot of a page counts more than what the browser asks for, on that page and on the next.
await read("de");
await page.goto(at("auth", "/sign-in?a=2"));
await look("sign-in");
await page.getByRole("link", { name: "Français" }).click();
await page.waitForURL(at("auth", "/sign-in?a=2"));
expect((await page.getAttribute("html", "lang")) === "fr", "the page is in French now");
expect((await page.textContent(".languages [aria-current]")) === "Français", "which is marked");
const cookie = (await browser.cookies()).find(({ name }) => name === "__Host-bartizan-lang");
const { value, httpOnly, secure, sameSite } = cookie ?? {};
expect(value === "fr" && httpOnly && secure && sameSite === "Lax", `it is kept: ${JSON.stringify(cookie)}`);
await page.goto(at("auth", "/sign-in?a=2&lang=ar-XB"));
expect((await page.getAttribute("html", "lang")) === "fr", "what is not offered cannot be chosen");

allWell(seen);
await browser.close();
console.log(`SEEN ${pages} pages in ${languages.length} languages`);
console.log("DONE");
