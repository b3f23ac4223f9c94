// The pages with passkeys, as people see them: in every look, wide and narrow, in every language.
import { at, bartizan, expect } from "./browser.mjs";
import { languages, somebody } from "./seen-look.mjs";

const { page, browser, look, visit, read, well, counts } = await somebody("passkeys-seen");
const session = await browser.newCDPSession(page);
await session.send("WebAuthn.enable", { enableUI: false });
const options = { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true };
let device = null;
/** A device of its own, so that nothing is filled in for the page that is looked at. */
async function have(more) {
  if (device) await session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: device });
  device = (await session.send("WebAuthn.addVirtualAuthenticator", { options: { ...options, isUserVerified: true, automaticPresenceSimulation: true, ...more } })).authenticatorId;
}
const submit = async (form) => {
  await Promise.all([page.waitForNavigation(), page.locator(form).first().evaluate((it) => it.submit())]);
};
const press = (action) => page.locator(`form[action^='${action}'] button`).first().click();

const invited = bartizan("user", "invite", "carol", "--display", "Carol Ödegård").url;
for (const language of languages) {
  await read(language);
  await browser.clearCookies();
  await visit("invitation with a passkey", invited);
  await submit("form[data-options]");
  await look("a passkey that was not taken");
}

await read("en");
await browser.clearCookies();
await have({ defaultBackupEligibility: true, defaultBackupState: true });
await page.goto(invited);
await press("/claim/passkey");
await page.waitForSelector("ol");
await look("recovery codes beside a passkey");
await have({ transport: "usb", hasResidentKey: false, hasUserVerification: false, isUserVerified: false });
await page.goto(at("auth", "/passkeys/new"));
await press("/passkeys/new");
await page.waitForURL(/passkeys\/new/);
await page.waitForSelector("details");
for (const language of languages) {
  await read(language);
  await visit("account with passkeys", at("auth"));
  for (const summary of await page.locator("main details summary").all()) await summary.click();
  await look("account with the last way in");
  await visit("the first password", at("auth", "/password"));
  await visit("the first app", at("auth", "/authenticator"));
  await visit("a new passkey", at("auth", "/passkeys/new"));
  await submit("form[data-options]");
  await look("a new passkey that was not taken");
  await visit("confirm by a passkey", at("auth", "/confirm"));
}

// Without a device nothing answers, and every page stays as it is shown.
await session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: device });

// At the door: first the page of whoever used a passkey last.
const kept = (await browser.cookies()).filter(({ name }) => name === "__Host-bartizan-last");
expect(kept.length === 1 && kept[0].value === "passkey", "what was used last is kept");
for (const language of languages) {
  await read(language);
  await browser.clearCookies();
  await browser.addCookies(kept);
  await visit("sign in, passkey first", at("payroll", "/page"));
  const action = await page.getAttribute("form[data-options]", "action");
  await submit("form[data-options]");
  await look("a passkey that proves nothing");
  await page.goto(at("auth", action.replace("/passkey", "")));
  await page.fill("input[name=login]:visible", "nobody");
  await page.locator("form[data-options] button").click();
  await page.waitForSelector("form[data-now]");
  await look("the passkeys of a name");
  // A link in the place of the password, for who has passkeys alone.
  await page.goto(bartizan("user", "link", "carol").url);
  await submit("main form");
  await look("a second factor by a passkey alone");
  await visit("a recovery code beside a passkey", at("auth", new URL(await page.getAttribute("main a[href^='/recovery']", "href"), page.url()).href.split(/:\d+/)[1]));
}
await browser.close();
console.log(`MEASURED ${counts.views} views of pages with passkeys, heaviest ${counts.heaviest} bytes`);
well();
console.log("DONE");
