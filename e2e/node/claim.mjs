// An invitation is claimed; then the person signs in with a recovery code, sees to their account, and signs out.
import { allWell, at, bartizan, expect, open, totp } from "./browser.mjs";

const { browser, page, seen } = await open("claim");
const invited = bartizan("user", "invite", "carol", "--display", "Carol Ödegård");
expect(invited.created, "carol is new");

// Whoever only looks at the link, a program that follows links for instance, uses nothing up.
await page.goto(invited.url);
await page.goto(invited.url);
expect((await page.textContent("body")).includes("Carol Ödegård"), "the page says whose account it is");
await page.fill("input[type=password]", "carol1234");
await page.keyboard.press("Enter");
await page.waitForLoadState();
expect(/guess|easy|name/i.test(await page.textContent("main")), "a password made of the name is refused in words");
await page.fill("input[type=password]", "vier Tassen Kaffee im Regen");
await page.keyboard.press("Enter");
await page.waitForURL(/\/claim\/app/);
expect((await page.locator("svg[role=img]").count()) >= 1, "there is a QR code");
const secret = /secret=([A-Z2-7]+)/.exec(await page.content())[1];
const shown = (await page.textContent("main")).replace(/\s/g, "");
expect(shown.includes(secret), "the secret is there as text, too");
await page.fill("input[name=code]", "000000");
await page.keyboard.press("Enter");
await page.waitForLoadState();
await page.fill("input[name=code]", totp(secret));
await page.keyboard.press("Enter");
await page.waitForSelector("text=Keep your recovery codes");
const codes = (await page.textContent("main")).match(/[a-z0-9]{4}(-[a-z0-9]{4}){3}/g);
expect(codes?.length === 10, `ten recovery codes, not ${codes}`);
await page.getByRole("button", { name: /kept/i }).click();
await page.waitForURL(at("portal"));
expect((await page.textContent("main")).includes("no app that you may open"), "what they may open is what they see first");
await page.getByRole("link", { name: "Sign-in and security" }).click();
await page.waitForURL(at("auth"));
expect((await page.textContent("body")).includes("10 recovery codes"), "the account says how many are left");

// The link is spent.
const again = await page.goto(invited.url);
expect(again.status() === 410, "the link works once");

await page.goto(at("auth", "/sign-out"));
await page.getByRole("button", { name: "Sign out" }).click();
await page.waitForURL(/signed-out/);

// Without the phone.
await page.goto(at("auth"));
await page.waitForURL(/\/sign-in/);
await page.fill("input[name=login]", "Carol");
await page.fill("input[name=password]", "vier Tassen Kaffee im Regen");
await page.keyboard.press("Enter");
await page.waitForURL(/\/code/);
await page.getByRole("link", { name: /recovery code/i }).click();
await page.waitForURL(/\/recovery/);
await page.fill("input[name=recovery_code]", codes[3].toUpperCase().replaceAll("-", " "));
await page.keyboard.press("Enter");
await page.waitForURL(at("portal"));
await page.goto(at("auth"));
expect((await page.textContent("body")).includes("9 recovery codes"), "one was used up");
const sessions = bartizan("session", "list", "--user", "carol");
expect(sessions.length === 1 && sessions[0].amr.includes("recovery"), "the session says how it began");

// On another machine, by a link in the place of the password. The second factor is still asked for.
const other = await open("other");
const link = bartizan("user", "link", "carol").url;
await other.page.goto(link);
await other.page.getByRole("button", { name: /Continue as Carol/ }).click();
await other.page.waitForURL(/\/code/);
expect((await other.page.goto(link)).status() === 410, "a link works once");
await other.page.goBack();
await other.page.getByRole("link", { name: /recovery code/i }).click();
await other.page.waitForURL(/\/recovery/);
await other.page.fill("input[name=recovery_code]", codes[3]);
await other.page.keyboard.press("Enter");
await other.page.waitForSelector("text=used already");
await other.page.fill("input[name=recovery_code]", codes[4]);
await other.page.keyboard.press("Enter");
await other.page.waitForURL(at("portal"));

await page.reload();
await page.getByRole("button", { name: "Sign out everywhere" }).click();
await page.waitForURL(/signed-out/);
// It is true everywhere within a second, and the answer does not wait for that.
for (let tries = 0; tries < 10 && !/\/sign-in/.test(other.page.url()); tries++) {
  await other.page.waitForTimeout(100);
  await other.page.reload();
}
await other.page.waitForURL(/\/sign-in/);
expect(bartizan("session", "list", "--user", "carol").length === 0, "no session is left");
allWell(seen);
allWell(other.seen);
await Promise.all([browser.close(), other.browser.close()]);
console.log("DONE");
