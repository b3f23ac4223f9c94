// People who want something, with the clock running: from where they stand to where they want to be.
import { createInterface } from "node:readline";
import { mkdirSync, writeFileSync } from "node:fs";
import { allWell, at, bartizan, expect, given, open, signIn, totp } from "./browser.mjs";

/** What the test answers: it runs commands as the README has them. */
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function ask(what) {
  console.log(`ASK ${what}`);
  return JSON.parse((await answers.next()).value);
}

/** Somebody in a browser, who counts clicks. */
async function somebody(name) {
  const { browser, page, seen } = await open(name);
  const is = { page, clicks: 0 };
  is.click = async (what) => {
    is.clicks++;
    await what.click();
  };
  is.leave = async () => {
    allWell(seen);
    await browser.close();
  };
  return is;
}

const clock = () => {
  const began = performance.now();
  return () => ((performance.now() - began) / 1000).toFixed(1);
};

/** From a request id to the condition that failed, as somebody with a mouse does it: find, paste, open. */
async function explained(ada, id) {
  const before = ada.clicks;
  await ada.click(ada.page.getByRole("combobox").or(ada.page.getByRole("searchbox")).first());
  await ada.page.keyboard.insertText(id);
  const found = ada.page.getByRole("option").first();
  await found.waitFor();
  await ada.click(found);
  await ada.page.waitForURL(at("console", `/decisions/${id}`));
  const heading = await ada.page.innerText("h1");
  return { heading, said: await ada.page.innerText("main"), clicks: ada.clicks - before };
}

const idOn = async (page) => /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(await page.innerText("main"))[0];

const journeys = {
  // Nothing but the README: an app of one's own, opened by one, denied to another, and why.
  async stranger() {
    const took = clock();
    await ask("NEXT an app");
    const passwords = JSON.parse(await ask("NEXT the demo"));
    const who = (name, how) => ({ password: passwords[name], code: async () => (await ask(how ?? `CODE ${name}`)).trim() });
    const bob = await somebody("bob");
    await bob.page.goto(at("mine"));
    await signIn(bob.page, "bob", who("bob", "NEXT a code"));
    await bob.page.waitForURL(at("mine"));
    expect((await bob.page.innerText("h1")).includes("Directory listing"), "bob sees the app");
    console.log(`MEASURED a stranger's own app is behind a sign-in and opened after ${took()} s`);
    await ask("NEXT a policy");
    expect((await bob.page.reload()).status() === 200, "bob still opens it");
    const eve = await somebody("eve");
    await eve.page.goto(at("mine"));
    await signIn(eve.page, "eve", who("eve"));
    expect((await eve.page.reload()).status() === 403, "eve is denied");
    const id = await idOn(eve.page);
    const ada = await somebody("ada");
    await ada.page.goto(at("console"));
    await signIn(ada.page, "ada", who("ada"));
    const { heading, said, clicks } = await explained(ada, id);
    expect(/^Denied: Eve Castellano/.test(heading), `it says who was denied: ${heading}`);
    expect(said.includes('principal in Group::"finance"') && said.includes("mine-everybody"), "and which condition failed");
    const commands = await ask("COUNT");
    console.log(`MEASURED a stranger: own app, opened, denied and explained after ${took()} s, ${commands} commands, ${clicks} clicks to the explanation`);
    expect(Number(took()) < 300, "all of it within five minutes");
    expect(/^Denied: denied_by_policy/.test(await ask("NEXT why")), "the command says the same");
    for (const one of [bob, eve, ada]) await one.leave();
  },

  // Denied, and back to work: by oneself where that is possible, else by the administrator.
  async denied() {
    const { bob, eve } = given.people;
    const policy = (name, text) => {
      const folder = `${given.scratch}/${name}`;
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}/${name}.cedar`, text);
      bartizan("apply", "-f", folder);
    };
    const one = await somebody("bob");
    await one.page.goto(at("payroll", "/november?team=2"));
    await signIn(one.page, "bob", bob);
    await one.page.waitForURL(at("payroll", "/november?team=2"));
    // Long enough for a slow machine to get back within it.
    policy("payroll-finance", '@id("payroll-finance") permit (principal in Group::"finance", action in Action::"http", resource == App::"payroll") when { context.session.mfa_age < 12 };');
    for (let tries = 0; (await one.page.reload()).status() === 200; tries++) {
      expect(tries < 120, "a sign-in gets too old");
      await one.page.waitForTimeout(250);
    }
    const took = clock();
    expect((await one.page.innerText("h1")).includes("stronger sign-in"), "he is asked for a newer one");
    await one.click(one.page.locator("a.button.primary"));
    await one.page.waitForSelector("input[name=code]");
    // The code of this half minute was his sign-in's.
    await one.page.keyboard.type(totp(bob.totp_secret, Date.now() + 30_000));
    await one.click(one.page.locator("button.primary"));
    await one.page.waitForURL(at("payroll", "/november?team=2"));
    expect((await one.page.innerText("h1")) === "Payroll", "he is back where he was");
    console.log(`MEASURED asked for a newer sign-in, and back at the same page after ${took()} s, ${one.clicks} clicks, 1 code`);
    expect(one.clicks <= 2, "one button on each page");

    policy("pulse-everybody", '@id("pulse-everybody") permit (principal in Group::"finance", action in Action::"http", resource == App::"pulse");');
    const other = await somebody("eve");
    await other.page.goto(at("pulse", "/echo"));
    await signIn(other.page, "eve", eve);
    expect((await other.page.reload()).status() === 403, "eve is denied");
    const since = clock();
    const id = await idOn(other.page);
    const nearest = bartizan("why", id).policies[0];
    const missing = nearest.conditions.filter((condition) => !condition.holds).map((condition) => condition.text);
    expect(nearest.id === "pulse-everybody" && missing.length === 1, `the administrator sees what is missing: ${missing}`);
    policy("pulse-everybody", '@id("pulse-everybody") permit (principal in Group::"everybody", action in Action::"http", resource == App::"pulse");');
    expect((await other.page.reload()).status() === 200, "a reload is enough");
    console.log(`MEASURED denied, explained and permitted by the administrator, and open after a reload: ${since()} s without thinking, 2 commands`);
    await one.leave();
    await other.leave();
  },

  // Somebody sends a request id: why was that?
  async administrator() {
    const eve = await somebody("eve");
    await eve.page.goto(at("payroll"));
    await signIn(eve.page, "eve", given.people.eve);
    const id = await idOn(eve.page);
    const ada = await somebody("ada");
    await ada.page.goto(at("console"));
    await signIn(ada.page, "ada", given.people.ada);
    await ada.page.waitForURL(at("console"));
    const took = clock();
    const { heading, said, clicks } = await explained(ada, id);
    expect(heading.includes("payroll-no-contractors"), `the policy is in the heading: ${heading}`);
    expect(said.includes('principal in Group::"contractors"') && said.includes("In the way"), "the condition is marked");
    console.log(`MEASURED from a request id to the condition: ${took()} s, ${clicks} clicks`);
    expect(clicks <= 3, "three clicks at most");
    // The same without a mouse.
    await ada.page.goto(at("console", "/people"));
    await ada.page.keyboard.press("Control+k");
    await ada.page.keyboard.insertText(id);
    await ada.page.getByRole("option").first().waitFor();
    await ada.page.keyboard.press("ArrowDown");
    await ada.page.keyboard.press("Enter");
    await ada.page.waitForURL(at("console", `/decisions/${id}`));
    await eve.leave();
    await ada.leave();
  },
};

await journeys[given.journey]();
console.log("DONE");
process.exit();
