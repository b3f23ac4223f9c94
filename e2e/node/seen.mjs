// Every page, as people see it: in light, dark and high contrast, wide and narrow, in every language.
import { mkdirSync, writeFileSync } from "node:fs";
import { at, bartizan, expect, given, signIn } from "./browser.mjs";
import { languages, somebody } from "./seen-look.mjs";

const { page, browser, look, visit, read, well, counts } = await somebody("seen");
const { eve, ada, bob } = given.people;
const began = performance.now();

const fill = async (fields) => {
  for (const [name, value] of Object.entries(fields)) await page.fill(`input[name=${name}]`, value);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
};

// Out of the door. What is claimed and ended here is nobody's whom the demo needs.
const invited = bartizan("user", "invite", "carol", "--display", "Carol Ödegård").url;
const link = bartizan("user", "link", "bob").url;
for (const language of languages) {
  await read(language);
  await browser.clearCookies();
  await visit("sign-in", at("payroll", "/page"));
  await fill({ login: `nobody-${language}`, password: "not the password" });
  await look("wrong password");
  await fill({ login: "bob", password: bob.password });
  await page.waitForURL(/\/code/);
  await look("second factor");
  await fill({ code: "000000" });
  await look("wrong code");
  await visit("recovery", at("auth", new URL(await page.getAttribute("main a[href^='/recovery']", "href"), page.url()).href.split(/:\d+/)[1]));
  await visit("invitation", invited);
  await fill({ password: "vier Tassen Kaffee im Regen" });
  await page.waitForURL(/\/claim\/app/);
  await look("authenticator");
  await visit("link", link);
  await visit("unusable link", invited.replace(/t=bzc_.{8}/, "t=bzc_AAAAAAAA"), 410);
  await visit("no page", at("auth", "/nothing-here"), 404);
  await visit("signed out", at("auth", "/signed-out"));
}

// Somebody whom payroll denies.
await read("en");
await browser.clearCookies();
await page.goto(at("wiki"));
await signIn(page, "eve", eve);
for (const language of languages) {
  await read(language);
  await visit("denial", at("payroll"), 403);
  await visit("unfinished sign-in", at("payroll", "/.bartizan/callback?code=x"), 400);
  await visit("account", at("auth"));
  await visit("another password", at("auth", "/password"));
  await visit("another app", at("auth", "/authenticator"));
  await visit("portal", at("portal"));
  await visit("activity", at("portal", "/activity"));
  await visit("no page of the portal", at("portal", "/nothing-here"), 404);
  await visit("confirm again", at("auth", "/confirm"));
  await visit("another account", at("auth", "/switch"));
  await visit("sign-out", at("auth", "/sign-out"));
}
await read("en");
await browser.clearCookies();

// The console.
await page.goto(at("console"));
await signIn(page, "ada", ada);
const first = async (path, link) => {
  await page.goto(at("console", path));
  const href = await page.locator(`main ${link}`).first().getAttribute("href", { timeout: 5000 });
  expect(href, `${path} leads on`);
  return href;
};
const named = async (name) => new URL(await first(`/people?q=${name}`, "tbody a[href^='/people/']"), at("console")).pathname;
const [of_eve, of_carol] = [await named("eve"), await named("carol")];
// One that has been changed can be rolled back.
const folder = `${given.scratch}/changed`;
mkdirSync(folder);
const text = bartizan("get", "policy", "payroll-no-contractors").spec.text;
writeFileSync(`${folder}/payroll-no-contractors.cedar`, text.replace("forbid", "// Seen to.\nforbid"));
writeFileSync(`${folder}/clients.toml`, `[[client]]
name = "dashboards"
title = "Dashboards"
redirect_uris = ["https://dashboards.example.org/login"]
`);
bartizan("apply", "-f", folder);
bartizan("client", "key", "dashboards", "--app", "wiki", "--label", "The backup host in the other building");
const console_ = {
  "overview of a day": "/",
  "overview of a week": "/?span=7d",
  "overview of a month": "/?span=30d",
  decisions: "/decisions",
  "decisions that denied": "/decisions?outcome=deny&app=payroll&last=7d",
  "no decisions": "/decisions?request=0197f0c2-0000-7000-8000-000000000000",
  "a denied decision": await first("/decisions?outcome=deny", "tbody a[href^='/decisions/']"),
  "a permitted decision": await first("/decisions?outcome=permit", "tbody a[href^='/decisions/']"),
  sessions: "/sessions",
  "ending a sign-in": await first("/sessions", "a[href^='/sessions/end']"),
  "access map": "/access",
  "access of a person": await first(of_eve, "a[href^='/access']"),
  "access of an app": "/access?app=payroll",
  "access by a policy": "/access?policy=payroll-no-contractors",
  people: "/people",
  "nobody found": "/people?q=nobody-at-all",
  "a person": of_eve,
  "disabling somebody": `${of_eve}/disable`,
  "inviting somebody": `${of_carol}/invite`,
  "a link for somebody": `${of_eve}/link`,
  groups: "/groups",
  "a group": await first("/groups", "tbody a[href^='/groups/']"),
  apps: "/apps",
  "an app": "/apps/payroll",
  "protecting an app": "/apps/new",
  "trying an app": "/apps/payroll/try?person=eve",
  "first steps": "/start",
  clients: "/clients",
  "a client": "/clients/dashboards",
  "a secret for a client": "/clients/dashboards/secret",
  "a key for a client": "/clients/dashboards/keys",
  "ending a key": await first("/clients/dashboards", "a[href$='/end']"),
  policies: "/policies",
  "a policy": "/policies/payroll-no-contractors",
  "the editor": "/policies/payroll-no-contractors?edit=1",
  "a new policy": "/policies/new?template=open",
  "the text of a new policy": "/policies/new?name=one-more&template=strong&group=finance&app=payroll",
  "rolling back": await first("/policies/payroll-no-contractors", "a[href*='/rollback']"),
  points: "/points",
  joining: "/points/join",
};
for (const language of languages) {
  await read(language);
  for (const [name, path] of Object.entries(console_)) await visit(name, at("console", path));
  if (language === "en") await visit("no such person", at("console", "/people/0197f0c2-0000-7000-8000-000000000000"), 404);
}
await browser.close();
console.log(`MEASURED ${counts.views} views of pages, ${((performance.now() - began) / 1000).toFixed(0)} s, heaviest ${counts.heaviest} bytes`);
well();
console.log("DONE");
