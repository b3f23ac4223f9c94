// What somebody signs in with, changed later: password and authenticator app, without a script and by keys alone.
import { execFileSync } from "node:child_process";
import { allWell, at, bartizan, expect, given, open, signIn, totp } from "./browser.mjs";

const { browser, page, seen } = await open("factors");
const other = await open("factors-elsewhere");
const main = () => page.textContent("main");
const auth = (path) => page.goto(at("auth", path));
/** By the keyboard: the element is reached by Tab, and pressed. */
async function press(locator) {
  await locator.scrollIntoViewIfNeeded();
  await page.evaluate(() => document.activeElement?.blur());
  for (let tabs = 0; tabs < 80; tabs += 1) {
    await page.keyboard.press("Tab");
    if (await locator.evaluate((it) => it === document.activeElement)) return Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  }
  throw new Error(`not reached by the keyboard: ${locator}`);
}
async function unfold(name) {
  await row(name).locator("summary").focus();
  await page.keyboard.press("Enter");
}
const row = (name) => page.locator("li", { has: page.getByText(name, { exact: true }) });
const sessions = () => bartizan("session", "list", "--user", "bob").length;

// Bob is signed in twice. A script would only get in the way.
const { bob } = given.people;
await other.page.goto(at("auth"));
await signIn(other.page, "bob", bob);
await page.route("**/*.js", (route) => route.abort());
await page.waitForTimeout(30_000 - (Date.now() % 30_000) + 100);
await auth("/");
await signIn(page, "bob", bob);
await auth("/");
const before = sessions();
expect(before >= 2, "bob is signed in twice");

// Neither can be taken away: one needs the other, and no button says otherwise.
for (const name of ["Password", "Authenticator app"]) {
  await unfold(name);
  expect((await row(name).locator("form").count()) === 0, `${name} cannot be removed`);
}
expect((await main()).includes("once a passkey alone signs you in"), "and the page says what it takes");

// Another password: what is easy to guess is refused, and whoever is signed in elsewhere is not any more.
await press(row("Password").getByRole("link", { name: "Change the password" }));
expect(page.url() === at("auth", "/password"), `nothing more is asked of who has just signed in, at ${page.url()}`);
expect(await page.locator("input[name=password]").evaluate((it) => it === document.activeElement), "the cursor is there");
await page.keyboard.type("bob bob bob");
await page.keyboard.press("Enter");
await page.waitForSelector("input[aria-invalid=true]");
expect((await page.title()).startsWith("Not yet"), `the tab says so: ${await page.title()}`);
expect(sessions() === before, "and nothing has ended");
const password = "eleven wet umbrellas at noon";
await page.locator("input[name=password]").fill(password);
await page.keyboard.press("Enter");
await page.waitForSelector("text=The password is changed. Your other sign-ins have ended.");
expect(sessions() === 1, "one sign-in is left");
await other.page.goto(at("auth"));
await other.page.waitForURL(/\/sign-in/);
await auth("/");
expect(page.url() === at("auth"), "it is this one");

// Another app: the same secret when the page is read again, and a code of it before it counts.
await unfold("Authenticator app");
await press(row("Authenticator app").getByRole("link", { name: "Replace the authenticator app" }));
const secretOf = async () => new URL(await page.getAttribute("a[href^='otpauth:']", "href")).searchParams.get("secret");
const secret = await secretOf();
await page.reload();
expect((await secretOf()) === secret, "an app may have it by then");
expect(secret !== bob.totp_secret, "it is another");
await page.fill("input[name=code]", totp(bob.totp_secret));
await page.keyboard.press("Enter");
await page.waitForSelector("text=This is not the code");
await page.fill("input[name=code]", totp(secret));
await page.keyboard.press("Enter");
await page.waitForSelector("text=The authenticator app is replaced");

// From now on the new ones are what it takes, and the old ones are worth nothing.
await page.waitForTimeout(30_000 - (Date.now() % 30_000) + 100);
const there = other.page;
await there.goto(at("auth", "/sign-in"));
await there.fill("input[name=login]", "bob");
await there.fill("input[name=password]", bob.password);
await there.keyboard.press("Enter");
await there.waitForSelector("text=do not belong together");
await there.fill("input[name=password]", password);
await there.keyboard.press("Enter");
await there.waitForURL(/\/code/);
await there.fill("input[name=code]", totp(bob.totp_secret));
await there.keyboard.press("Enter");
await there.waitForSelector("input[aria-invalid=true]");
await there.fill("input[name=code]", totp(secret));
await there.keyboard.press("Enter");
await there.waitForURL(at("portal"));

// With a passkey neither is needed any more. This browser makes one, with a script.
const session = await other.browser.newCDPSession(there);
await session.send("WebAuthn.enable", { enableUI: false });
const options = { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
await session.send("WebAuthn.addVirtualAuthenticator", { options });
await there.goto(at("auth", "/passkeys/new"));
await there.getByRole("button", { name: "Create a passkey" }).click();
await there.waitForSelector("text=The passkey is added");
expect(sessions() === 2, "nothing ends by something that is added");

await auth("/");
await unfold("Password");
await press(row("Password").getByRole("button", { name: "Remove the password" }));
expect((await main()).includes("The password is removed. Your other sign-ins have ended."), `it is: ${await main()}`);
expect(sessions() === 1 && (await row("Password").textContent()).includes("Not set up"), "and the page shows so");
await unfold("Authenticator app");
await press(row("Authenticator app").getByRole("button", { name: "Remove the authenticator app" }));
expect((await main()).includes("The authenticator app is removed"), "the app goes, too");
const passkey = page.locator("li", { has: page.locator("form[action^='/passkeys/rename']") });
await passkey.locator("summary").focus();
await page.keyboard.press("Enter");
expect((await passkey.locator("form[action^='/passkeys/remove']").count()) === 0, "the passkey is the last way in, and stays");
await Promise.all([
  page.waitForNavigation(),
  passkey.locator("form[action^='/passkeys/rename']").evaluate((form) => {
    form.action = form.getAttribute("action").replace("rename", "remove");
    form.submit();
  }),
]);
expect((await main()).includes("Without this passkey you could not sign in"), "what is not offered is refused");

// All of it comes back, beside the passkey.
await auth("/");
await press(row("Password").getByRole("link", { name: "Set a password" }));
await page.keyboard.type(password);
await page.keyboard.press("Enter");
await page.waitForSelector("text=The password is set.");
await press(row("Authenticator app").getByRole("link", { name: "Set up an authenticator app" }));
await page.fill("input[name=code]", totp(await secretOf()));
await page.keyboard.press("Enter");
await page.waitForSelector("text=The authenticator app is set up.");

// The record says each.
const how = ["--server", given.console, "--ca", given.ca, "--token-file", given.adminToken, "--json"];
const search = ["log", "search", "--kind", "signin.step", "--outcome", "ok", "--limit", "100"];
const logged = execFileSync(given.binary, [...how, ...search]).toString().trim().split("\n");
const acts = logged.map((line) => JSON.parse(line).action);
for (const act of ["password:set", "password:remove", "app:add", "app:remove"]) expect(acts.includes(act), `${act} is on record: ${acts}`);

allWell(seen);
allWell(other.seen);
await Promise.all([browser.close(), other.browser.close()]);
console.log("DONE");
