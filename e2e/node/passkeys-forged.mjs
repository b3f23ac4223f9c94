// Passkeys from an emulator that others wrote, which may say whatever one likes: each lie is told to the record, and nothing
// but "not accepted" to who brings it.
import emulated from "nid-webauthn-emulator";
import { allWell, at, bartizan, expect, given, open, signIn } from "./browser.mjs";

const { default: WebAuthnEmulator, AuthenticatorEmulator } = emulated;
const { browser, page, seen } = await open("forged");
const origin = new URL(at("auth")).origin;
const host = new URL(origin).hostname;
const authenticator = (more = {}) => new WebAuthnEmulator(new AuthenticatorEmulator(more));

const bytes = (text) => Buffer.from(text, "base64url");
const text = (buffer) => Buffer.from(buffer).toString("base64url");

/** Something in what the browser says of itself. */
const says = (field, value) => (answer) => {
  const data = JSON.parse(bytes(answer.response.clientDataJSON));
  data[field] = value;
  answer.response.clientDataJSON = text(JSON.stringify(data));
};

/** Something in what the authenticator says, which is in the answer of both ceremonies. */
const written = (change) => (answer) => {
  const field = answer.response.attestationObject ? "attestationObject" : "authenticatorData";
  answer.response[field] = text(change(bytes(answer.response[field])));
};
const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", Buffer.from(host)));
const from = (data) => data.indexOf(hash);
const flags = (set, clear = 0) => written((data) => ((data[from(data) + 32] = (data[from(data) + 32] | set) & ~clear), data));
const [UP, UV, BE, BS] = [1, 4, 8, 16];

/** Fills in and sends the form that a passkey answers. */
async function answer(url, ask, change = () => {}) {
  await page.goto(url);
  const form = page.locator("form[data-options]");
  const options = JSON.parse(await form.getAttribute("data-options"));
  const brought = ask(options);
  change(brought, options);
  await Promise.all([
    page.waitForNavigation(),
    form.evaluate((it, value) => {
      it.elements.passkey.value = value;
      it.submit();
    }, JSON.stringify(brought)),
  ]);
  return { brought, text: await page.innerText("main") };
}

/** The newest reason of a step: the record follows a moment after. */
let last = "";
async function reason(action) {
  for (let tries = 0; tries < 100; tries++) {
    const step = bartizan("log", "search", "--kind", "signin.step", "--outcome", "failed", "--limit", "1");
    if (step.id !== last) {
      last = step.id;
      expect(step.action === action, `${step.action} is ${action}`);
      return step.reason;
    }
    await page.waitForTimeout(50);
  }
  throw new Error("nothing new is on record");
}

await page.goto(at("auth"));
await signIn(page, "bob", given.people.bob);
const fresh = at("auth", "/passkeys/new");
const key = authenticator();
const create = (with_) => (options) => with_.createJSON(origin, options);

// CVE-2026-8830 and its kind, where a passkey is made.
const made = [
  ["another type", says("type", "webauthn.get"), "unreadable_passkey"],
  ["a foreign origin", says("origin", "https://evil.example"), "wrong_origin"],
  ["an origin that ends like ours", says("origin", origin.replace("//", "//bad")), "wrong_origin"],
  ["another port", says("origin", `https://${host}:1`), "wrong_origin"],
  ["inside another page", says("crossOrigin", true), "wrong_origin"],
  ["another challenge", says("challenge", "A".repeat(43)), "wrong_challenge"],
  ["another host", written((data) => ((data[from(data)] ^= 1), data)), "wrong_relying_party"],
  ["nobody there", flags(0, UP), "not_verified"],
  ["backed up but not eligible", flags(BS, BE), "wrong_signature"],
  ["bytes behind the CBOR", written((data) => Buffer.concat([data, Buffer.from([0])])), "unreadable_passkey"],
  ["CBOR cut off", written((data) => data.subarray(0, -1)), "unreadable_passkey"],
  ["another id outside", (answer) => (answer.rawId = answer.id = "AAAA"), "unreadable_passkey"],
];
for (const [name, change, why] of made) {
  const { text } = await answer(fresh, create(authenticator()), change);
  expect(text.includes("The new passkey was not accepted"), `${name}: ${text}`);
  const is = await reason("passkey:add");
  expect(is === why, `${name} is ${why}, not ${is}`);
}
const unoffered = authenticator({ algorithmIdentifiers: ["EdDSA"] });
const odd = await answer(fresh, (options) => unoffered.createJSON(origin, { ...options, pubKeyCredParams: [{ type: "public-key", alg: -8 }] }));
expect(odd.text.includes("not accepted"), `an algorithm that was not offered: ${odd.text}`);
await reason("passkey:add");
const { text: added, brought } = await answer(fresh, create(key));
expect(added.includes("The passkey is added"), added);
// The same once more, with the form of another page.
const { text: again } = await answer(fresh, () => structuredClone(brought));
expect(again.includes("not accepted"), "what was made for another challenge is not taken");
expect((await reason("passkey:add")) === "wrong_challenge", "and the record says so");

// Where it is used.
await page.goto(at("auth", "/sign-out"));
await Promise.all([page.waitForURL(/signed-out/), page.getByRole("button", { name: "Sign out", exact: true }).click()]);
const door = at("auth", "/sign-in");
const get = (options) => key.getJSON(origin, { ...options, allowCredentials: undefined });
const used = [
  ["another type", says("type", "webauthn.create"), "unreadable_passkey"],
  ["a foreign origin", says("origin", "https://evil.example"), "wrong_origin"],
  ["an origin that ends like ours", says("origin", origin.replace("//", "//bad")), "wrong_origin"],
  ["inside another page", says("crossOrigin", true), "wrong_origin"],
  ["another challenge", says("challenge", "A".repeat(43)), "wrong_challenge"],
  ["another host", written((data) => ((data[from(data)] ^= 1), data)), "wrong_relying_party"],
  ["nobody there", flags(0, UP), "not_verified"],
  ["its owner not seen", flags(0, UV), "not_verified"],
  ["changed after it was signed", (answer) => (answer.response.signature = text(bytes(answer.response.signature).reverse())), "wrong_signature"],
  ["somebody else's", (answer) => (answer.response.userHandle = text(Buffer.alloc(16))), "wrong_signature"],
  ["unknown", (answer) => (answer.rawId = answer.id = text(Buffer.alloc(32))), "unknown_passkey"],
  ["no passkey at all", (answer) => delete answer.response.signature, "unreadable_passkey"],
  ["too much", (answer) => (answer.padding = "x".repeat(17_000)), "unreadable_passkey"],
];
for (const [name, change, why] of used) {
  const { text } = await answer(door, get, change);
  expect(text.includes("This passkey was not accepted"), `${name}: ${text}`);
  const is = await reason("signin:passkey");
  expect([why, why === "wrong_signature" && "unreadable_passkey"].includes(is), `${name} is ${why}, not ${is}`);
}

// What is right is right once, also by the form as it was before.
await page.goto(door);
const form = await page.evaluate(() => {
  const it = document.querySelector("form[data-options]");
  return { action: it.action, csrf: it.elements.csrf.value, options: it.dataset.options };
});
const right = JSON.stringify(get(JSON.parse(form.options)));
const cookies = (await browser.cookies(origin)).filter(({ name }) => name.includes("attempt"));
const send = () =>
  page.evaluate(
    async ([action, csrf, passkey]) => {
      const it = Object.assign(document.createElement("form"), { method: "post", action });
      for (const [name, value] of Object.entries({ csrf, passkey })) it.append(Object.assign(document.createElement("input"), { name, value }));
      document.body.append(it);
      it.submit();
    },
    [form.action, form.csrf, right],
  );
await Promise.all([page.waitForURL(at("portal")), send()]);
await page.goto(at("auth", "/sign-out"));
await Promise.all([page.waitForURL(/signed-out/), page.getByRole("button", { name: "Sign out", exact: true }).click()]);
await page.goto(door);
await browser.addCookies(cookies);
await Promise.all([page.waitForNavigation(), send()]);
expect((await page.innerText("main")).includes("This was sent before"), "an answer is taken once");
expect((await reason("signin:passkey")) === "used_challenge", "and the record says so");

// CVE-2026-7507: whoever plants an attempt of their own does not share the session that follows, and the form of another
// attempt is no form of this one.
await browser.clearCookies();
await page.goto(door);
await page.evaluate((csrf) => (document.querySelector("form[data-options]").elements.csrf.value = csrf), form.csrf);
const planted = await page.evaluate((passkey) => {
  const it = document.querySelector("form[data-options]");
  it.elements.passkey.value = passkey;
  it.submit();
}, right);
await page.waitForURL(/passkey/);
await page.waitForLoadState();
expect((await page.innerText("main")).includes("out of date"), `a form of another attempt is stale: ${planted}`);
allWell(seen);
await browser.close();
console.log("DONE");
