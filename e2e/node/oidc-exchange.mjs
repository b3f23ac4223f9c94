// A service that is called with a token and calls on for the same person (RFC 8693): by openid-client, and by oauth4webapi under it.
import assert from "node:assert/strict";
import * as jose from "jose";
import * as oauth from "oauth4webapi";
import * as client from "openid-client";
import { Browser, fetchWith } from "./oidc-browser.mjs";

const { issuer, ca, people, secrets } = JSON.parse(process.env.BARTIZAN_E2E);
const fetch = fetchWith(ca);
const options = { [client.customFetch]: fetch };
const log = (text) => console.log(`ok  ${text}`);
const [GRANT, ACCESS_TOKEN] = ["urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:token-type:access_token"];
const [ORDERS, LEDGER, CALLBACK] = ["https://orders.example.org", "https://ledger.example.org", "https://app.example.org/cb"];
const known = (name) =>
  client.discovery(new URL(issuer), name, secrets[name], client.ClientSecretBasic(secrets[name]), options);
const [shop, orders, ledger] = await Promise.all(["shop", "orders", "ledger"].map(known));
const refused = async (promise, error) => {
  const answer = await promise.then((value) => value, (reason) => reason);
  assert.equal(answer?.error ?? answer?.cause?.error, error, `${answer?.stack ?? JSON.stringify(answer)} ${JSON.stringify(answer?.cause)}`);
};
const exchange = (config, token, more = {}, extra = undefined) =>
  client.genericGrantRequest(config, GRANT, { subject_token: token, subject_token_type: ACCESS_TOKEN, ...more }, extra);
const active = async (config, token) => (await client.tokenIntrospection(config, token)).active;

assert.ok(orders.serverMetadata().grant_types_supported.includes(GRANT));

/** Tokens of the shop for who signs in there, to call the first service with. */
const browser = new Browser(fetch, issuer);
let step = 0;
async function signedIn(extra = undefined) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const page = await browser.go(client.buildAuthorizationUrl(shop, {
    redirect_uri: CALLBACK, scope: "openid order pay", resource: ORDERS, state: expectedState, nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256",
  }));
  const back = page.url.href.startsWith(CALLBACK) ? page : await browser.signIn(page, "bob", people.bob, step++);
  return client.authorizationCodeGrant(shop, back.url, { pkceCodeVerifier, expectedState, expectedNonce }, undefined, extra);
}

const given = await signedIn();
const first = jose.decodeJwt(given.access_token);
const second = await exchange(orders, given.access_token, { resource: LEDGER, scope: "pay" });
assert.equal(second.issued_token_type, ACCESS_TOKEN);
assert.equal(second.token_type, "bearer");
assert.equal(second.refresh_token, undefined);
assert.equal(second.scope, "pay");
assert.ok(second.expires_in > 500 && second.expires_in <= 600);
const keys = jose.createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`), { [jose.customFetch]: fetch });
const { payload } = await jose.jwtVerify(second.access_token, keys, { issuer, audience: LEDGER, typ: "at+jwt" });
assert.deepEqual(payload.act, { sub: "service:orders" });
assert.equal(payload.client_id, "orders");
for (const kept of ["sub", "sid", "acr", "amr", "auth_time"]) assert.deepEqual(payload[kept], first[kept], kept);
assert.ok(payload.exp <= first.exp);
log("openid-client gets a token for the person that says who acts, and jose verifies it");

const seen = await client.tokenIntrospection(ledger, second.access_token);
assert.deepEqual([seen.active, seen.client_id, seen.act], [true, "orders", { sub: "service:orders" }]);
log("the server that it is for is told who acts");

// The next one on the way, by oauth4webapi alone.
{
  const server = ledger.serverMetadata();
  const me = { client_id: "ledger" };
  const asked = await oauth.genericTokenEndpointRequest(
    server, me, oauth.ClientSecretBasic(secrets.ledger), GRANT,
    { subject_token: second.access_token, subject_token_type: ACCESS_TOKEN, audience: LEDGER },
    { [oauth.customFetch]: fetch },
  );
  const third = await oauth.processGenericTokenEndpointResponse(server, me, asked);
  const act = { sub: "service:ledger", act: { sub: "service:orders" } };
  assert.deepEqual(jose.decodeJwt(third.access_token).act, act);
  assert.deepEqual((await client.tokenIntrospection(ledger, third.access_token)).act, act);
  log("who calls on after that stands in front of who did before, with oauth4webapi, too");
}

for (const [config, token, more, error] of [
  [orders, given.id_token, {}, "invalid_request"],
  [orders, given.refresh_token, {}, "invalid_request"],
  [orders, `${given.access_token.slice(0, -4)}AAAA`, {}, "invalid_request"],
  [ledger, given.access_token, {}, "invalid_request"],
  [orders, second.access_token, {}, "invalid_request"],
  [shop, given.access_token, {}, "unauthorized_client"],
  [orders, given.access_token, { scope: "pay profile" }, "invalid_scope"],
  [orders, given.access_token, { resource: "https://elsewhere.example.org" }, "invalid_target"],
  [orders, given.access_token, { audience: "https://elsewhere.example.org" }, "invalid_target"],
  [orders, given.access_token, { requested_token_type: "urn:ietf:params:oauth:token-type:refresh_token" }, "invalid_request"],
  [orders, given.access_token, { subject_token_type: "urn:ietf:params:oauth:token-type:id_token" }, "invalid_request"],
  [orders, given.access_token, { actor_token: second.access_token, actor_token_type: ACCESS_TOKEN }, "invalid_request"],
]) await refused(exchange(config, token, more), error);
log("nothing else gives a token, and none gives more than it has");

// Tokens that are bound to keys.
{
  const [own, another] = await Promise.all([0, 1].map(() => client.randomDPoPKeyPair("ES256")));
  const bound = await signedIn({ DPoP: client.getDPoPHandle(shop, own) });
  assert.equal(bound.token_type, "dpop");
  await refused(exchange(orders, bound.access_token), "invalid_request");
  await refused(exchange(orders, bound.access_token, {}, { DPoP: client.getDPoPHandle(orders, another) }), "invalid_request");
  const moved = await exchange(orders, bound.access_token, {}, { DPoP: client.getDPoPHandle(orders, own) });
  assert.equal(moved.token_type, "dpop");
  const fresh = await exchange(orders, given.access_token, {}, { DPoP: client.getDPoPHandle(orders, another) });
  const thumbprint = await jose.calculateJwkThumbprint(await jose.exportJWK(another.publicKey));
  assert.equal(jose.decodeJwt(fresh.access_token).cnf.jkt, thumbprint);
  log("a bound token is exchanged by who proves its key, and who proves a key gets a bound one");
}

// Whatever ends the first ends what was got for it.
await refused(client.tokenRevocation(orders, second.access_token), "unsupported_token_type");
assert.equal(await active(ledger, second.access_token), true);
await client.tokenRevocation(shop, given.access_token);
assert.equal(await active(ledger, second.access_token), false);
await refused(exchange(orders, given.access_token), "invalid_request");
log("when the shop gives back what it has, the services have nothing");
const again = await signedIn();
const last = await exchange(orders, again.access_token, { resource: LEDGER });
assert.equal(await active(ledger, last.access_token), true);
const out = await browser.go(client.buildEndSessionUrl(shop, { id_token_hint: again.id_token }));
if (/<form method="post"/.test(out.text ?? "")) await browser.send(out);
assert.equal(await active(ledger, last.access_token), false);
await refused(exchange(orders, again.access_token), "invalid_request");
log("when the person signs out, too");
