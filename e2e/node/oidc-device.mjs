// A device without a browser (RFC 8628): openid-client on the device, and a person with Chromium who decides.
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as client from "openid-client";
import { allWell, at, bartizan, expect, given, open, signIn } from "./browser.mjs";
import { fetchWith } from "./oidc-browser.mjs";

const issuer = at("auth", "");
const fetch = fetchWith(given.ca);
const folder = mkdtempSync(join(given.scratch, "files-"));
writeFileSync(`${folder}/devices.toml`, `
[[client]]
name = "tv"
title = "Television <b>"
auth = "none"
grants = ["device_code", "refresh_token"]
scopes = ["profile", "groups"]
groups = ["finance"]

[[client]]
name = "fresh"
auth = "none"
grants = ["device_code"]

[[client]]
name = "kiosk"
grants = ["device_code"]
`);
writeFileSync(`${folder}/devices.cedar`, `
@id("tv-finance") @reason("Finance watches")
permit (principal in Group::"finance", action == Action::"token:issue", resource == Client::"tv");
@id("kiosk-finance") @reason("Finance has a kiosk")
permit (principal in Group::"finance", action == Action::"token:issue", resource == Client::"kiosk");
@id("fresh-all") @reason("Whoever has just proved a second factor")
permit (principal is User, action == Action::"token:issue", resource == Client::"fresh")
when { context.session.mfa_age < 3 };
`);
bartizan("apply", "-f", folder);
const { client_secret } = bartizan("client", "secret", "kiosk");

const options = { [client.customFetch]: fetch };
const device = (name, ...how) => client.discovery(new URL(issuer), name, ...how, options);
const tv = await device("tv", undefined, client.None());
const fresh = await device("fresh", undefined, client.None());
const kiosk = await device("kiosk", client_secret, client.ClientSecretBasic(client_secret));
const GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const metadata = tv.serverMetadata();
expect(metadata.device_authorization_endpoint === `${issuer}/oauth2/device_authorization`, "the endpoint is found");
expect(metadata.grant_types_supported.includes(GRANT), `${metadata.grant_types_supported}`);

/** One poll, as it is answered. */
async function poll(config, started) {
  const answer = client.genericGrantRequest(config, GRANT, { device_code: started.device_code });
  return answer.then((tokens) => tokens, (reason) => reason.error ?? reason.cause?.error ?? String(reason));
}
const refused = async (promise, error) => {
  const answer = await promise.then((value) => value, (reason) => reason);
  expect((answer?.error ?? answer?.cause?.error) === error, `${error}, not ${answer?.stack ?? JSON.stringify(answer)}`);
};
const text = (page) => page.innerText("main");
const press = (action) => Promise.all([page.waitForNavigation(), page.locator(`form[action^='${action}'] button`).click()]);

// --- Somebody scans the address, signs in on the way, sees who asks, and allows it.
const { browser, page, seen } = await open("oidc-device");
const started = await client.initiateDeviceAuthorization(tv, { scope: "openid profile groups" });
expect(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/.test(started.user_code), started.user_code);
expect(started.verification_uri === `${issuer}/device` && started.interval === 5, JSON.stringify(started));
expect((await poll(tv, started)) === "authorization_pending", "nobody has decided");
expect((await poll(tv, started)) === "slow_down", "asked at once again");
await page.goto(started.verification_uri_complete);
await signIn(page, "bob", given.people.bob);
await page.waitForURL(/\/device/);
expect((await page.inputValue("input[name=user_code]")) === started.user_code, "the code is there already");
await press("/device");
const asks = await text(page);
for (const what of ["Television <b>", started.user_code, "127.0.0.1", "Did somebody send you this code"]) {
  expect(asks.includes(what), `the page says ${what}: ${asks}`);
}
const started2 = await client.initiateDeviceAuthorization(tv, { scope: "openid" });
expect((await poll(tv, started2)) === "authorization_pending", "nothing was decided by looking");
await press("/device/allow");
expect((await text(page)).includes("The device is connected"), await text(page));
const tokens = await client.pollDeviceAuthorizationGrant(tv, started);
const claims = tokens.claims();
expect(claims.acr === "strong" && claims.sid, JSON.stringify(claims));
const info = await client.fetchUserInfo(tv, tokens.access_token, claims.sub);
expect(info.preferred_username === "bob" && info.groups.join() === "finance", JSON.stringify(info));
const next = await client.refreshTokenGrant(tv, tokens.refresh_token);
await client.fetchUserInfo(tv, next.access_token, claims.sub);

// --- The code that was typed is used up, and so is the device's: a second time takes back what the first gave.
await page.goto(at("auth", "/device"));
await page.fill("input[name=user_code]", started.user_code.toLowerCase().replace("-", " "));
await press("/device");
expect((await text(page)).includes("No device waits for this code"), await text(page));
expect((await poll(tv, started)) === "invalid_grant", "spent");
await refused(client.refreshTokenGrant(tv, next.refresh_token), "invalid_grant");

// --- Not allowed, by a button; and not by a form that is not ours (CSRF on device approve).
await page.fill("input[name=user_code]", started2.user_code);
await press("/device");
const field = (name) => page.locator(`form[action^='/device/allow'] input[name=${name}]`).inputValue();
const forged = { user_code: started2.user_code, shown: await field("shown") };
const jar = await browser.cookies(issuer);
/** What a page of somebody else's would send, with the person's cookies. */
async function sent(path, form, from, site) {
  const cookie = jar.map(({ name, value }) => `${name}=${value}`).join("; ");
  const headers = { origin: from, "sec-fetch-site": site, cookie, "content-type": "application/x-www-form-urlencoded" };
  return (await fetch(at("auth", path), { method: "POST", headers, body: new URLSearchParams(form) })).status;
}
const csrf = await field("csrf");
for (const path of ["/device/allow", "/device/deny", "/device"]) {
  expect((await sent(path, forged, issuer, "same-origin")) === 400, `${path} without a token`);
  expect((await sent(path, { ...forged, csrf: "AAAA" }, issuer, "same-origin")) === 400, `${path} with another`);
  expect((await sent(path, { ...forged, csrf }, at("wiki", ""), "same-site")) === 403, `${path} from a neighbour`);
}
await page.goto(started2.verification_uri_complete);
await press("/device");
await press("/device/deny");
expect((await text(page)).includes("The device is not connected"), await text(page));
await refused(client.pollDeviceAuthorizationGrant(tv, { ...started2, interval: 1 }), "access_denied");

// --- A client that proves itself; what it gets ends with the sign-in here.
const started3 = await client.initiateDeviceAuthorization(kiosk, { scope: "openid" });
await page.goto(started3.verification_uri_complete);
await press("/device");
await press("/device/allow");
expect((await poll(kiosk, started3)).access_token, "the kiosk gets its tokens");

// --- Policy wants a newer proof: it is given, and the way back leads here.
const started4 = await client.initiateDeviceAuthorization(fresh, {});
await page.waitForTimeout(3200);
await page.goto(started4.verification_uri_complete);
await press("/device");
await press("/device/allow");
expect(page.url().includes("/device/allow"), page.url());
const denied = await page.innerText("body");
const again = page.locator("a[href*='/device/again'][href*='second_factor']");
expect((await again.count()) === 1, `a way out: ${denied}`);
expect((await poll(fresh, started4)) === "authorization_pending", "denied is not decided");
await again.click();
await page.waitForURL(/\/confirm/);
expect((await text(page)).includes("fresh"), "it says for what");

await browser.close();
allWell(seen);
console.log("DONE");
