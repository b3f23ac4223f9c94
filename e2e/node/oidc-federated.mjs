// A pipeline that has no secret: its own provider says who it is, and it works with our API for an hour.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import * as jose from "jose";
import { fetchWith } from "./oidc-browser.mjs";

const { issuer, ca, console: console_, wiki, port } = JSON.parse(process.env.BARTIZAN_E2E);
const fetch = fetchWith(ca);
const log = (text) => console.log(`ok  ${text}`);
const other = `http://127.0.0.1:${port}`;

const { publicKey, privateKey } = await jose.generateKeyPair("RS256");
const jwk = { ...(await jose.exportJWK(publicKey)), kid: "a", alg: "RS256", use: "sig" };
const published = {
  "/.well-known/openid-configuration": { issuer: other, jwks_uri: `${other}/keys` },
  "/keys": { keys: [{ kty: "RSA", use: "enc", n: "x", e: "AQAB" }, jwk] },
};
const server = createServer((request, response) => {
  const found = published[request.url];
  response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(found ?? {}));
});
await new Promise((listens) => server.listen(port, "127.0.0.1", listens));

const token = (claims = {}) => new jose.SignJWT({ repository: "acme/infra", ref: "refs/heads/main", ...claims })
  .setProtectedHeader({ alg: "RS256", kid: "a", typ: "JWT" })
  .setIssuer(other).setSubject("repo:acme/infra:ref:refs/heads/main").setAudience(issuer)
  .setIssuedAt().setExpirationTime("5m").sign(privateKey);
const ask = async (assertion, more = {}) => {
  const response = await fetch(`${issuer}/oauth2/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "client_credentials", client_id: "deploy",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: assertion, ...more,
    }).toString(),
  });
  return { status: response.status, ...(await response.json()) };
};

const own = await ask(await token(), { resource: console_ });
assert.equal(own.status, 200, JSON.stringify(own));
assert.match(own.access_token, /^bzn_/);
assert.equal(own.expires_in, 3600);
log("a token of the pipeline's provider is exchanged for one of the API");

const api = async (path) => await fetch(`${console_}${path}`, { headers: { authorization: `Bearer ${own.access_token}` } });
const me = await (await api("/api/v1/whoami")).json();
assert.equal(me.user, "service:deploy", JSON.stringify(me));
assert.deepEqual(me.session.amr, ["federated_jwt"]);
assert.equal((await api("/api/v1/objects/app")).status, 200);
assert.equal((await api("/api/v1/users")).status, 403);
log("with which it does what policies permit the service");

assert.equal((await ask(await token({ repository: "evil/infra" }), { resource: console_ })).error, "invalid_client");
assert.equal((await ask(await token({ ref: "refs/pull/1/merge" }), { resource: console_ })).error, "invalid_client");
assert.equal((await ask((await token()).slice(0, -4) + "AAAA", { resource: console_ })).error, "invalid_client");
assert.equal((await ask(await token(), { resource: wiki })).error, "access_denied");
log("another repository, another branch and another app get nothing");

const jwt = await ask(await token());
assert.equal(jose.decodeJwt(jwt.access_token).sub, "service:deploy");
log("and servers elsewhere get a token as of any service");
server.close();
