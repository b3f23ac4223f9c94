import { at, bartizan, given, open } from "./browser.mjs";
const { browser, page } = await open("cond");
const session = await browser.newCDPSession(page);
await session.send("WebAuthn.enable", { enableUI: false });
const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
await page.addInitScript(() => {
  const get = navigator.credentials.get.bind(navigator.credentials);
  window.asked = [];
  navigator.credentials.get = async (options) => {
    const note = { mediation: options.mediation, began: performance.now() };
    window.asked.push(note);
    try { return await get(options); } catch (error) { note.error = String(error); throw error; } finally { note.ended = performance.now(); }
  };
});
const invited = bartizan("user", "invite", "carol2", "--display", "Carol");
await page.goto(invited.url);
await page.getByRole("button", { name: "Create a passkey", exact: true }).click();
await page.waitForSelector("text=Keep your recovery codes");
await page.goto(at("auth", "/sign-out"));
await page.getByRole("button", { name: "Sign out", exact: true }).click();
await page.waitForURL(/signed-out/);
await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
await page.goto(at("auth"));
await page.waitForURL(/sign-in/);
for (let i = 0; i < 6; i++) { console.log(i, JSON.stringify(await page.evaluate(() => window.asked))); await page.waitForTimeout(300); }
await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
await page.waitForTimeout(1500);
console.log("after true", page.url(), JSON.stringify(await page.evaluate(() => window.asked ?? null)));
await browser.close();
