// Programs that act for themselves: client credentials by openid-client, seen by a server that asks about its tokens.
import assert from "node:assert/strict";
import * as jose from "jose";
import * as client from "openid-client";
import { fetchWith } from "./oidc-browser.mjs";

const { issuer, ca, secrets, key } = JSON.parse(process.env.BARTIZAN_E2E);
const options = { [client.customFetch]: fetchWith(ca) };
const log = (text) => console.log(`ok  ${text}`);
const refused = async (promise, error) => {
  const answer = await promise.then((value) => value, (reason) => reason);
  assert.equal(answer?.error ?? answer?.cause?.error, error, `${answer?.stack ?? JSON.stringify(answer)}`);
};

const nightly = await client.discovery(
  new URL(issuer), "nightly", secrets.nightly, client.ClientSecretBasic(secrets.nightly), options,
);
const api = await client.discovery(new URL(issuer), "api", secrets.api, client.ClientSecretBasic(secrets.api), options);
assert.ok(nightly.serverMetadata().grant_types_supported.includes("client_credentials"));

const tokens = await client.clientCredentialsGrant(nightly, { scope: "ledger", resource: "https://api.example.org" });
assert.equal(tokens.scope, "ledger");
assert.equal(tokens.refresh_token, undefined);
const keys = jose.createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`), { [jose.customFetch]: options[client.customFetch] });
const { payload } = await jose.jwtVerify(tokens.access_token, keys, {
  issuer, audience: "https://api.example.org", typ: "at+jwt",
});
assert.equal(payload.sub, "service:nightly");
assert.equal(payload.client_id, "nightly");
log("openid-client gets a token for the client itself, which jose verifies");

const seen = await client.tokenIntrospection(api, tokens.access_token);
assert.equal(seen.active, true);
assert.equal(seen.sub, "service:nightly");
log("the server that it is for is told that it is good");

await refused(client.clientCredentialsGrant(nightly, { scope: "openid" }), "invalid_scope");
await refused(client.clientCredentialsGrant(nightly, { resource: "https://elsewhere.example.org" }), "invalid_target");
await refused(client.clientCredentialsGrant(api, {}), "unauthorized_client");
log("it gets no scope of people, no other server, and nobody else gets anything");

const private_ = await jose.importJWK(key, "ES256");
const dpop = await client.discovery(new URL(issuer), "signed", undefined, client.PrivateKeyJwt({ key: private_, kid: key.kid }), options);
const handle = client.getDPoPHandle(dpop, await client.randomDPoPKeyPair("ES256"));
const bound = await client.clientCredentialsGrant(dpop, {}, { DPoP: handle });
assert.equal(bound.token_type.toLowerCase(), "dpop");
assert.ok(jose.decodeJwt(bound.access_token).cnf.jkt);
log("with a key of its own (private_key_jwt), and bound to another (DPoP)");

await client.tokenRevocation(nightly, tokens.access_token);
assert.equal((await client.tokenIntrospection(api, tokens.access_token)).active, false);
const next = await client.clientCredentialsGrant(nightly, { resource: "https://api.example.org" });
assert.equal((await client.tokenIntrospection(api, next.access_token)).active, true);
log("what it takes back is worth nothing, and the next is for the asking");
