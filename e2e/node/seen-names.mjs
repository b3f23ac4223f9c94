// Whatever people, groups and policies are called, pages keep their shape, and nothing that is written in a name runs.
import { mkdirSync, writeFileSync } from "node:fs";
import { at, bartizan, expect, given, signIn } from "./browser.mjs";
import { somebody } from "./seen-look.mjs";

const { page, browser, visit, look, fault, well, counts } = await somebody("names", { everyLook: false });
const { ada } = given.people;
const script = `"><script>alert(1)</script><img src=x onerror=alert(2)>'\${alert(3)}`;
const names = {
  endless: "W".repeat(10_000),
  wordy: "many words ".repeat(900).trim(),
  script,
  emoji: "👩‍👩‍👧‍👦🏳️‍🌈".repeat(40),
  // What follows would be read from its end, up to the end of the line.
  override: "\u202etxt.exe\u202e \u2067gro.elpmaxe",
  marks: "Z" + "\u0335\u0341\u0360".repeat(120),
  lines: "one\ntwo\tthree",
};
const long = "a".repeat(63);
const quoted = (text) => JSON.stringify(text);
const folder = `${given.scratch}/applied`;
mkdirSync(folder);
const apply = (text) => {
  writeFileSync(`${folder}/name.toml`, text);
  bartizan("apply", "-f", folder);
};
const accepted = {};
for (const [login, name] of Object.entries(names)) {
  // The longest that is accepted: all of it, or as long as any name may be, or without what controls.
  for (const each of [name, [...name].slice(0, 254).join(""), name.replace(/\p{Cc}/gu, " ")]) {
    try {
      apply(`[[user]]\nname = ${quoted(login)}\ndisplay = ${quoted(each)}\n`);
      accepted[login] = each;
      break;
    } catch (error) {
      expect(error.status === 3, `a name is refused as a finding: ${error}`);
    }
  }
}
expect(Object.keys(accepted).length === Object.keys(names).length, `whatever it is, it is a name: ${Object.keys(accepted)}`);
const members = [...Object.keys(accepted), long].map((login) => quoted(`user:${login}`));
const all = `[[user]]\nname = ${quoted(long)}\ndisplay = "Long"\n[[group]]\nname = ${quoted(long)}\nmembers = [${members}]\n`;
writeFileSync(`${folder}/${long}.cedar`, `@id(${quoted(long)})\n@reason(${quoted(script + names.endless)})\nforbid (principal in Group::${quoted(long)}, action in Action::"http", resource == App::"payroll");\n`);
apply(all);

// Who is invited under such a name reads it.
for (const login of Object.keys(accepted)) {
  const { url } = bartizan("user", "invite", login);
  await browser.clearCookies();
  await visit(`the invitation of ${login}`, url);
}

await browser.clearCookies();
await page.goto(at("console", "/people"));
await signIn(page, "ada", ada);
await page.waitForURL(at("console", "/people"));
const shown = async (login) => {
  await page.goto(at("console", `/people?q=${login}`));
  return new URL(await page.locator("tbody a[href^='/people/']").first().getAttribute("href"), at("console")).pathname;
};
const people = {};
for (const login of Object.keys(accepted)) people[login] = await shown(login);
const paths = {
  people: "/people",
  groups: "/groups",
  "the group": `/groups/${long}`,
  policies: "/policies",
  "the policy": `/policies/${long}`,
  "the editor": `/policies/${long}?edit=1`,
  "access map": "/access",
  "access to payroll": "/access?app=payroll",
  "access by the policy": `/access?policy=${long}`,
  overview: "/",
  "trying an app": "/apps/payroll/try",
  "first steps": "/start",
  "a person by a long name": await shown(long),
};
for (const [login, path] of Object.entries(people)) {
  paths[login] = path;
  paths[`disabling ${login}`] = `${path}/disable`;
  paths[`a link for ${login}`] = `${path}/link`;
  paths[`payroll tried as ${login}`] = `/apps/payroll/try?person=${login}`;
  paths[`access of ${login}`] = `/access?person=${path.split("/").at(-1)}`;
}
for (const [name, path] of Object.entries(paths)) await visit(name, at("console", path));
const text = await page.goto(at("console", people.script)).then(() => page.textContent("h1"));
expect(text === accepted.script, `a name is a text: ${text}`);
// What was searched for and typed comes back, too.
for (const name of [script, names.override, "W".repeat(2_000)]) {
  await visit("what was searched for", at("console", `/people?q=${encodeURIComponent(name)}`));
  await page.goto(at("console", "/access"));
  await page.fill("input[name=person]", name);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await look("nobody of that name");
}
await browser.close();
const lengths = Object.entries(accepted).map(([login, name]) => `${login} ${name.length}`);
console.log(`MEASURED ${counts.views} views of pages with hostile names: ${lengths.join(", ")}`);
well();
console.log("DONE");
