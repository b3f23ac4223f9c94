// Somebody opens a site that Debian's Apache keeps behind mod_auth_openidc, and signs out of it again.
import assert from "node:assert/strict";
import { Browser, fetchWith } from "./oidc-browser.mjs";

const { issuer, ca, people, site } = JSON.parse(process.env.BARTIZAN_E2E);
const fetch = fetchWith(ca);
const bob = new Browser(fetch, issuer);
const jar = new Map();

/** One step at the site, in the same browser. */
async function at(url) {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const answer = await fetch(url, { headers: { cookie, accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" } });
  for (const field of answer.cookies) {
    const [, name, value] = field.match(/^([^=]+)=([^;]*)/);
    if (value === "" || /expires=Thu, 01 Jan 1970/i.test(field)) jar.delete(name);
    else jar.set(name, value);
  }
  return answer;
}

const turned = await at(`${site}/ledger.html?x=1`);
assert.equal(turned.status, 302, await turned.text());
const to = turned.headers.get("location");
assert.ok(to.startsWith(`${issuer}/oauth2/authorize?`) && to.includes("code_challenge_method=S256"), to);
const back = await bob.signIn(await bob.go(to), "bob", people.bob, 0);
assert.ok(back.url.href.startsWith(`${site}/cb?`), `${back.url} ${back.text}`);
const arrived = await at(back.url);
assert.equal(arrived.headers.get("location"), `${site}/ledger.html?x=1`, `${arrived.status} ${await arrived.text()}`);
const page = await at(`${site}/ledger.html?x=1`);
assert.deepEqual([page.status, page.headers.get("x-user"), page.headers.get("x-groups")], [200, "bob", "finance"]);
assert.match(await page.text(), /the ledger/);

// It may not open what the policy does not let it have: eve gets no code at all.
const eve = new Browser(fetch, issuer);
jar.clear();
const hers = await eve.signIn(await eve.go((await at(`${site}/ledger.html`)).headers.get("location")), "eve", people.eve, 0);
assert.equal(hers.status, 403);

// Out of the site, and of everything.
jar.clear();
const again = await bob.go((await at(`${site}/ledger.html`)).headers.get("location"));
await at(again.url);
assert.equal((await at(`${site}/ledger.html`)).status, 200);
const out = await at(`${site}/cb?logout=${encodeURIComponent(`${site}/bye.html`)}`);
const ended = await bob.go(out.headers.get("location"));
assert.equal(ended.url.href, `${site}/bye.html`, `${ended.url} ${ended.text}`);
const asks = await bob.go((await at(`${site}/ledger.html`)).headers.get("location"));
assert.equal(asks.url.pathname, "/sign-in");
