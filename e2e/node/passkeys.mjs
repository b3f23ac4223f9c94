// Passkeys, with Chromium's virtual authenticators: made, used in every place that asks for a proof, and refused.
import { allWell, at, bartizan, expect, given, open, signIn } from "./browser.mjs";

const internal = {
  protocol: "ctap2",
  ctap2Version: "ctap2_1",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

/** The authenticators of a page's browser. */
async function authenticators(browser, page) {
  const session = await browser.newCDPSession(page);
  await session.send("WebAuthn.enable", { enableUI: false });
  const add = async (more = {}) => {
    const options = { ...internal, ...more };
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options });
    return authenticatorId;
  };
  const send = (what, parameters) => session.send(`WebAuthn.${what}`, parameters);
  return { add, send };
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const press = (page, name, url) => Promise.all([page.waitForURL(url), button(page, name).click()]);
const main = (page) => page.textContent("main");

async function signOut(page) {
  await page.goto(at("auth", "/sign-out"));
  await press(page, "Sign out", /signed-out/);
}

const { browser, page, seen } = await open("passkeys");
await page.addInitScript(() => {
  const get = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = (options) => {
    const got = get(options);
    if (options.mediation === "conditional") got.catch(() => (globalThis.offered = "refused"));
    return got;
  };
});
const keys = await authenticators(browser, page);
const phone = await keys.add({ defaultBackupEligibility: false });

// An invitation is claimed by a passkey, on one page.
const invited = bartizan("user", "invite", "carol", "--display", "Carol Ödegård");
await page.goto(invited.url);
await button(page, "Create a passkey").click();
await page.waitForSelector("text=Keep your recovery codes");
const codes = (await main(page)).match(/[a-z0-9]{4}(-[a-z0-9]{4}){3}/g);
expect(codes?.length === 10, `ten recovery codes, not ${codes}`);
await press(page, "I have kept them", at("portal"));
expect((await page.goto(invited.url)).status() === 410, "the link works once");
await page.goto(at("auth"));
expect((await main(page)).includes("On one device"), "the account says that it is on one device");
const app = page.locator("li", { has: page.getByText("Authenticator app", { exact: true }) });
expect((await app.textContent()).includes("Not set up"), "and shows no app where there is none");
let sessions = bartizan("session", "list", "--user", "carol");
expect(sessions.length === 1 && sessions[0].amr.join() === "hwk,user", `the session says how: ${sessions[0].amr}`);

// Without a name, by what the browser fills in for it: virtual authenticators choose by themselves.
await signOut(page);
await page.goto(at("auth")).catch(() => {});
await page.waitForURL(at("portal"));

/** The page of the sign-in, where the device did not know its owner when it was offered. */
async function unknownToTheDevice() {
  await signOut(page);
  await keys.send("setUserVerified", { authenticatorId: phone, isUserVerified: false });
  await page.goto(at("auth"));
  await page.waitForURL(/\/sign-in/);
  await button(page, "Sign in with a passkey").waitFor();
  // What the page offers by itself has come to nothing: were it still to come, who is known by then would be signed in by it.
  await page.waitForFunction(() => globalThis.offered === "refused");
}

// By the button, which stands first now. Whoever the device does not know is not signed in by it.
await unknownToTheDevice();
const first = await page.locator("main button:visible").first().textContent();
expect(first === "Sign in with a passkey", `what was used last stands first, not ${first}`);
await button(page, "Sign in with a passkey").click();
await page.waitForSelector("text=No passkey was used");
await keys.send("setUserVerified", { authenticatorId: phone, isUserVerified: true });
await button(page, "Sign in with a passkey").click();
await page.waitForURL(at("portal"));

// With a name: the page of its passkeys, which asks by itself.
await unknownToTheDevice();
await page.fill("input[name=login]:visible", "carol");
await keys.send("setUserVerified", { authenticatorId: phone, isUserVerified: true });
await button(page, "Sign in with a passkey").click();
await page.waitForURL(at("portal"));

// Another device, whose passkeys are synced.
await keys.send("removeVirtualAuthenticator", { authenticatorId: phone });
const laptop = await keys.add({ defaultBackupEligibility: true, defaultBackupState: true });
await page.goto(at("auth"));
await page.getByRole("link", { name: "Add a passkey" }).click();
await page.waitForURL(/\/passkeys\/new/);
expect((await page.inputValue("input[name=name]")).includes("Chrome"), "it has a name already");
await page.fill("input[name=name]", "Laptop <b>");
await button(page, "Create a passkey").click();
await page.waitForSelector("text=The passkey is added");
expect((await main(page)).includes("Laptop <b>") && (await main(page)).includes("Synced"), "it is in the list, and synced");
await page.goto(at("auth", "/passkeys/new"));
await button(page, "Create a passkey").click();
await page.waitForSelector("text=This device has a passkey for this account already");

// It is renamed and, last of all, taken away.
const item = (name) => page.locator("li", { hasText: name });
await page.goto(at("auth"));
await item("Laptop").getByText("Change").click();
await item("Laptop").locator("input[name=name]").fill("Old laptop");
await item("Laptop").getByRole("button", { name: "Rename" }).click();
await page.waitForSelector("text=The passkey is renamed");
const { credentials } = await keys.send("getCredentials", { authenticatorId: laptop });
expect(credentials.length === 1 && credentials[0].isResidentCredential, "the device holds one that needs no name");
await item("Old laptop").getByText("Change").click();
await item("Old laptop").getByRole("button", { name: "Remove this passkey" }).click();
await page.waitForSelector("text=The passkey is removed");
const left = page.locator("li", { has: page.locator("details") });
await left.getByText("Change").click();
await page.waitForSelector("text=It can be removed once you have another passkey");
expect((await left.getByRole("button", { name: "Remove this passkey" }).count()) === 0, "the last way in stays");

// What was taken away signs nobody in.
await signOut(page);
await page.goto(at("auth")).catch(() => {});
await page.waitForSelector("text=This passkey was not accepted");
const steps = bartizan("log", "search", "--kind", "signin.step", "--reason", "unknown_passkey", "--limit", "1");
expect(steps.action === "signin:passkey", "the record says why");

// Somebody with a password makes a passkey: first a newer proof is asked for, then it is the second factor.
const other = await open("others");
const theirs = await authenticators(other.browser, other.page);
const key = await theirs.add({ transport: "usb", hasResidentKey: false, hasUserVerification: false, isUserVerified: false });
await other.page.goto(at("auth"));
await signIn(other.page, "bob", given.people.bob);
await other.page.goto(at("auth", "/passkeys/new"));
await button(other.page, "Create a passkey").click();
await other.page.waitForSelector("text=The passkey is added");
expect((await main(other.page)).includes("Second factor only"), "a key without a PIN is a second factor");
await signOut(other.page);
await other.page.goto(at("auth"));
await other.page.waitForURL(/\/sign-in/);
await other.page.fill("input[name=login]:visible", "bob");
await other.page.fill("input[name=password]", given.people.bob.password);
await other.page.keyboard.press("Enter");
await other.page.waitForURL(/\/code/);
await button(other.page, "Use a passkey").click();
await other.page.waitForURL(at("portal"));
sessions = bartizan("session", "list", "--user", "bob");
expect(sessions.some(({ amr }) => amr.join() === "hwk,pwd,user"), "the session says both");
await other.page.goto(at("auth", "/confirm"));
await button(other.page, "Use a passkey").click();
await other.page.waitForURL(at("auth"));
await theirs.send("removeVirtualAuthenticator", { authenticatorId: key });

allWell(seen);
allWell(other.seen);
await Promise.all([browser.close(), other.browser.close()]);
console.log("DONE");
