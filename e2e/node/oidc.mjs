// Strict clients of others against our OpenID provider: openid-client 6 (and oauth4webapi under it).
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import * as jose from "jose";
import * as oauth from "oauth4webapi";
import * as client from "openid-client";
import { Browser, fetchWith } from "./oidc-browser.mjs";

const { issuer, ca, people, secrets, key } = JSON.parse(process.env.BARTIZAN_E2E);
const fetch = fetchWith(ca);
const CALLBACK = "https://app.example.org/cb";
const options = { [client.customFetch]: fetch };
const b64 = (bytes) => Buffer.from(bytes).toString("base64url");
const log = (text) => console.log(`ok  ${text}`);

const web = await client.discovery(new URL(issuer), "web", secrets.web, client.ClientSecretBasic(secrets.web), options);
const other = await client.discovery(new URL(issuer), "other", secrets.other, client.ClientSecretPost(secrets.other), options);
const spa = await client.discovery(new URL(issuer), "spa", undefined, client.None(), options);
const privateKey = await jose.importJWK(key, "ES256");
const strict = await client.discovery(
  new URL(issuer), "strict", undefined, client.PrivateKeyJwt({ key: privateKey, kid: key.kid }), options,
);

/** The parameters of a request, and what its answer is checked by. */
async function request(more = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const parameters = {
    redirect_uri: CALLBACK, scope: "openid profile email groups", state: expectedState, nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256", ...more,
  };
  return { parameters, checks: { pkceCodeVerifier, expectedState, expectedNonce } };
}

const refused = async (promise, error) => {
  const answer = await promise.then((value) => value, (reason) => reason);
  assert.equal(answer?.error ?? answer?.cause?.error, error, `${answer?.stack ?? JSON.stringify(answer)} ${JSON.stringify(answer?.cause)}`);
};

// --- The code flow, with somebody who signs in on the way.
const bob = new Browser(fetch, issuer);
{
  const { parameters } = await request({ prompt: "none" });
  const { url } = await bob.go(client.buildAuthorizationUrl(web, parameters));
  assert.equal(url.searchParams.get("error"), "login_required");
  assert.equal(url.searchParams.get("iss"), issuer);
  log("prompt=none before anybody is signed in is answered login_required");
}
let first = await request();
const asks = await bob.go(client.buildAuthorizationUrl(web, first.parameters));
assert.match(asks.text, /Web shop/, "the sign-in page says for what");
const arrived = await bob.signIn(asks, "bob", people.bob, 0);
assert.ok(arrived.url.href.startsWith(CALLBACK), `${arrived.url} ${arrived.text}`);
const tokens = await client.authorizationCodeGrant(web, arrived.url, first.checks);
const claims = tokens.claims();
assert.equal(claims.acr, "strong");
assert.deepEqual([...claims.amr].sort(), ["otp", "pwd"]);
assert.ok(claims.auth_time && claims.sid && claims.at_hash);
log("openid-client takes code and ID token (ES256, at_hash, nonce, state, iss)");

const header = jose.decodeProtectedHeader(tokens.access_token);
assert.equal(header.typ, "at+jwt");
const keys = jose.createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`), { [jose.customFetch]: fetch });
const { payload } = await jose.jwtVerify(tokens.access_token, keys, { issuer, audience: issuer, typ: "at+jwt" });
assert.equal(payload.client_id, "web");
const info = await client.fetchUserInfo(web, tokens.access_token, claims.sub);
assert.equal(info.preferred_username, "bob");
assert.deepEqual(info.groups, ["finance"], "the groups that the client lists, and no others");
log("the access token is one of RFC 9068, and userinfo tells what the scopes say");

const introspected = await client.tokenIntrospection(web, tokens.access_token);
assert.equal(introspected.active, true);
assert.equal(introspected.sub, claims.sub);
assert.equal((await client.tokenIntrospection(other, tokens.access_token)).active, false);
assert.equal((await client.tokenIntrospection(web, `${tokens.access_token}x`)).active, false);
log("introspection answers the client of a token, and nobody else");

// --- A code is spent once (class 12: by its own client), and a second time takes back what it gave.
await refused(client.authorizationCodeGrant(web, arrived.url, first.checks), "invalid_grant");
assert.equal((await client.tokenIntrospection(web, tokens.access_token)).active, false);
await refused(client.refreshTokenGrant(web, tokens.refresh_token), "invalid_grant");
await assert.rejects(client.fetchUserInfo(web, tokens.access_token, claims.sub));
log("a code that comes twice ends the tokens that it gave");

/** Tokens for somebody who is signed in already. */
async function signedIn(config, browser, more = {}, extra = undefined) {
  const { parameters, checks } = await request(more);
  const { url, text } = await browser.go(client.buildAuthorizationUrl(config, parameters));
  assert.ok(url.href.startsWith(parameters.redirect_uri), `${url} ${text}`);
  return client.authorizationCodeGrant(config, url, checks, undefined, extra);
}

async function code(config, more = {}) {
  const { parameters, checks } = await request(more);
  const { url } = await bob.go(client.buildAuthorizationUrl(config, parameters));
  return { url, checks };
}

// class 12: of another client.
{
  const { url, checks } = await code(web);
  await refused(client.authorizationCodeGrant(other, url, checks), "invalid_grant");
  await refused(client.authorizationCodeGrant(web, url, checks), "invalid_grant");
  log("a code that another client brings is worth nothing any more");
}
// class 13: PKCE.
{
  const { url, checks } = await code(web);
  const wrong = { ...checks, pkceCodeVerifier: client.randomPKCECodeVerifier() };
  await refused(client.authorizationCodeGrant(web, url, wrong), "invalid_grant");
  const body = async (fields) => {
    const answer = await fetch(`${issuer}/oauth2/token`, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        authorization: `Basic ${Buffer.from(`web:${secrets.web}`).toString("base64")}`,
      },
      body: new URLSearchParams(fields),
    });
    return [answer.status, (await answer.json()).error];
  };
  const fresh = await code(web);
  const fields = { grant_type: "authorization_code", code: fresh.url.searchParams.get("code"), redirect_uri: CALLBACK };
  assert.deepEqual(await body(fields), [400, "invalid_request"], "no verifier");
  assert.deepEqual(await body({ ...fields, code_verifier: "short" }), [400, "invalid_grant"]);
  for (const more of [
    { code_challenge_method: "plain" }, { code_challenge_method: undefined }, { code_challenge: undefined },
    { code_challenge: "short" }, { response_type: "token" }, { response_mode: "fragment" }, { request: "x.y.z" },
    { scope: "openid admin" }, { resource: "https://elsewhere.example" },
  ]) {
    const { parameters } = await request(more);
    for (const [name, value] of Object.entries(parameters)) if (value === undefined) delete parameters[name];
    const asked = new URL(`${issuer}/oauth2/authorize`);
    for (const [name, value] of Object.entries({ response_type: "code", client_id: "web", ...parameters })) asked.searchParams.set(name, value);
    const { url } = await bob.go(asked);
    assert.ok(url.searchParams.get("error") && !url.searchParams.get("code"), `${JSON.stringify(more)} ${url}`);
    assert.equal(url.searchParams.get("iss"), issuer);
  }
  log("PKCE cannot be left out or weakened, and what is not supported is refused");
}
// class 14: nothing is sent to an address that was not registered.
for (const redirect_uri of [
  "https://app.example.org/cb/", "https://app.example.org/cb?x", "https://app.example.org/cb/..;/evil", "https://app.example.org@evil.example/cb",
  "https://evil.example/cb", "https://app.example.org%2f@evil.example/cb", "https://app.example.org:8443/cb", "http://app.example.org/cb",
  "https://app.example.org/%63b", "https://APP.example.org/cb", "javascript:alert(1)", "//evil.example/cb", "",
]) {
  const { parameters } = await request({ redirect_uri });
  const page = await bob.go(client.buildAuthorizationUrl(web, parameters));
  assert.ok(page.url.href.startsWith(issuer) && page.status === 400, `${redirect_uri}: ${page.url}`);
}
log("an error before the address is known to be the client's is shown, and sent nowhere");

// --- Refresh tokens.
{
  const family = await signedIn(web, bob);
  const second = await client.refreshTokenGrant(web, family.refresh_token);
  assert.notEqual(second.refresh_token, family.refresh_token);
  const once = await client.refreshTokenGrant(web, family.refresh_token);
  assert.equal(once.refresh_token, second.refresh_token, "who asks twice at once gets the same successor");
  const third = await client.refreshTokenGrant(web, second.refresh_token);
  assert.equal((await client.tokenIntrospection(web, third.refresh_token)).active, true);
  await refused(client.refreshTokenGrant(web, third.refresh_token, { scope: "openid admin" }), "invalid_scope");
  await refused(client.refreshTokenGrant(web, family.refresh_token), "invalid_grant");
  await refused(client.refreshTokenGrant(web, third.refresh_token), "invalid_grant");
  assert.equal((await client.tokenIntrospection(web, third.access_token)).active, false);
  log("an old refresh token ends its family, within the same second");
  // class 11: by number, not by time.
  let token = (await signedIn(web, bob)).refresh_token;
  const old = token;
  for (let n = 0; n < 20; n++) token = (await client.refreshTokenGrant(web, token)).refresh_token;
  await refused(client.refreshTokenGrant(web, old), "invalid_grant");
  await refused(client.refreshTokenGrant(web, token), "invalid_grant");
  const forged = (await signedIn(web, bob)).refresh_token;
  for (const wrong of [forged.replace(/\.0\./, ".1."), `${forged}A`, forged.slice(0, -1), forged.toUpperCase(), "bzr_", "x"]) {
    await refused(client.refreshTokenGrant(web, wrong), "invalid_grant");
  }
  await client.refreshTokenGrant(web, forged);
  const stolen = await signedIn(web, bob);
  await refused(client.refreshTokenGrant(other, stolen.refresh_token), "invalid_grant");
  await refused(client.refreshTokenGrant(web, stolen.refresh_token), "invalid_grant");
  log("twenty refreshes are twenty; forged tokens and those of other clients are refused");
}
// --- Many at once: of one code, one gets tokens or nobody keeps any; of one refresh token, all get one successor.
{
  const { url, checks } = await code(web);
  const answers = await Promise.allSettled(Array.from({ length: 8 }, () => client.authorizationCodeGrant(web, url, checks)));
  const given = answers.filter(({ status }) => status === "fulfilled");
  assert.ok(given.length <= 1, `${given.length} got tokens`);
  for (const { value } of given) assert.equal((await client.tokenIntrospection(web, value.access_token)).active, false);
  const { refresh_token } = await signedIn(web, bob);
  const refreshed = await Promise.all(Array.from({ length: 8 }, () => client.refreshTokenGrant(web, refresh_token)));
  assert.equal(new Set(refreshed.map((one) => one.refresh_token)).size, 1);
  log("a code that eight bring at once leaves nobody tokens; a refresh token that eight bring has one successor");
}
// --- Revocation.
{
  const given = await signedIn(web, bob);
  await refused(client.tokenRevocation(other, given.refresh_token), "invalid_grant");
  assert.equal((await client.tokenIntrospection(web, given.access_token)).active, true);
  await client.tokenRevocation(web, given.access_token);
  await refused(client.refreshTokenGrant(web, given.refresh_token), "invalid_grant");
  await client.tokenRevocation(web, "nonsense");
  log("a token that is revoked takes its family along");
}
// --- A public client, with RS256.
{
  const port = 40000 + (process.pid % 20000);
  const given = await signedIn(spa, bob, { redirect_uri: `http://127.0.0.1:${port}/cb`, scope: "openid" });
  assert.equal(jose.decodeProtectedHeader(given.id_token).alg, "RS256");
  assert.equal(given.refresh_token, undefined, "it may not refresh");
  const keys = jose.createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`), { [jose.customFetch]: fetch });
  await jose.jwtVerify(given.id_token, keys, { issuer, audience: "spa", algorithms: ["RS256"] });
  await refused(client.tokenIntrospection(spa, given.access_token), "invalid_client");
  log("a public client on a loopback port of its own gets an ID token with RS256");
}
// --- PAR, DPoP with nonce, private_key_jwt, EdDSA.
{
  const direct = await request({ scope: "openid" });
  const { url } = await bob.go(client.buildAuthorizationUrl(strict, direct.parameters));
  assert.equal(url.searchParams.get("error"), "invalid_request", "it has to push");
  const DPoP = client.getDPoPHandle(strict, await client.randomDPoPKeyPair("ES256"));
  const { parameters, checks } = await request({ scope: "openid profile", resource: "https://api.example.org" });
  const pushed = await client.buildAuthorizationUrlWithPAR(strict, parameters, { DPoP });
  assert.ok(!pushed.searchParams.has("scope") && pushed.searchParams.has("request_uri"));
  const back = await bob.go(pushed);
  const another = client.getDPoPHandle(strict, await client.randomDPoPKeyPair("ES256"));
  const given = await client.authorizationCodeGrant(strict, back.url, checks, undefined, { DPoP });
  assert.equal(given.token_type, "dpop");
  assert.equal(jose.decodeProtectedHeader(given.id_token).alg, "EdDSA");
  const { payload } = await jose.jwtVerify(given.access_token, keys, { issuer, audience: "https://api.example.org" });
  assert.ok(payload.cnf.jkt);
  const api = await client.discovery(new URL(issuer), "api", secrets.api, client.ClientSecretBasic(secrets.api), options);
  const shown = await client.tokenIntrospection(api, given.access_token);
  assert.deepEqual([shown.active, shown.client_id, shown.cnf.jkt], [true, "strict", payload.cnf.jkt], "the server that it is for may ask");
  const webs = await signedIn(web, bob);
  assert.equal((await client.tokenIntrospection(api, webs.access_token)).active, false, "and about no other");
  assert.equal((await client.tokenIntrospection(web, given.access_token)).active, false);
  await refused(client.refreshTokenGrant(strict, given.refresh_token, {}, { DPoP: another }), "invalid_grant");
  await refused(client.refreshTokenGrant(strict, given.refresh_token), "invalid_dpop_proof");
  const next = await client.refreshTokenGrant(strict, given.refresh_token, {}, { DPoP });
  assert.equal(next.token_type, "dpop");
  log("PAR, private_key_jwt, DPoP with our nonce, a resource, and EdDSA go together");

  // A token for userinfo, and every proof that is wrong.
  const own = await request({ scope: "openid profile" });
  const again = await bob.go(await client.buildAuthorizationUrlWithPAR(strict, own.parameters, { DPoP }));
  const bound = await client.authorizationCodeGrant(strict, again.url, own.checks, undefined, { DPoP });
  const told = await client.fetchUserInfo(strict, bound.access_token, bound.claims().sub, { DPoP });
  assert.equal(told.preferred_username, "bob");
  const pair = await jose.generateKeyPair("ES256", { extractable: true });
  const mine = await request({ scope: "openid" });
  const handle = client.getDPoPHandle(strict, pair);
  const third = await bob.go(await client.buildAuthorizationUrlWithPAR(strict, mine.parameters, { DPoP: handle }));
  const tied = await client.authorizationCodeGrant(strict, third.url, mine.checks, undefined, { DPoP: handle });
  const jwk = await jose.exportJWK(pair.publicKey);
  const url2 = `${issuer}/oauth2/userinfo`;
  const prove = (claims, head = {}, signer = pair.privateKey) =>
    new jose.SignJWT({
      jti: b64(randomBytes(12)), htm: "GET", htu: url2, iat: Math.floor(Date.now() / 1000),
      ath: b64(createHash("sha256").update(tied.access_token).digest()), ...claims,
    }).setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk, ...head }).sign(signer);
  const ask = async (proof, scheme = "DPoP") => {
    const headers = { authorization: `${scheme} ${tied.access_token}` };
    if (proof) headers.dpop = proof;
    const answer = await fetch(url2, { headers });
    return { status: answer.status, nonce: answer.headers.get("dpop-nonce"), said: answer.headers.get("www-authenticate") };
  };
  const { nonce, said } = await ask(await prove({}));
  assert.match(said, /use_dpop_nonce/);
  const good = await prove({ nonce });
  assert.equal((await ask(good)).status, 200);
  const foreign = await jose.generateKeyPair("ES256", { extractable: true });
  const now = Math.floor(Date.now() / 1000);
  for (const [what, proof, scheme] of [
    ["jti again", good], ["no proof", undefined], ["as a bearer token", undefined, "Bearer"], ["with proof as a bearer token", await prove({ nonce }), "Bearer"],
    ["another method", await prove({ nonce, htm: "POST" })], ["another address", await prove({ nonce, htu: `${issuer}/oauth2/token` })],
    ["another token", await prove({ nonce, ath: b64(randomBytes(32)) })], ["no ath", await prove({ nonce, ath: undefined })],
    ["too old", await prove({ nonce, iat: now - 400 })], ["too new", await prove({ nonce, iat: now + 400 })],
    ["no jti", await prove({ nonce, jti: undefined })], ["another nonce", await prove({ nonce: "x" })],
    ["another key", await prove({ nonce }, { jwk: await jose.exportJWK(foreign.publicKey) }, foreign.privateKey)],
    ["another key than signed", await prove({ nonce }, {}, foreign.privateKey)],
    ["another type", await prove({ nonce }, { typ: "JWT" })], ["a private key", await prove({ nonce }, { jwk: await jose.exportJWK(pair.privateKey) })],
  ]) {
    assert.equal((await ask(proof, scheme)).status, 401, what);
  }
  log("sixteen wrong proofs of possession are refused");
}
// --- Whoever is not the client.
{
  const call = async (headers, fields) => {
    const answer = await fetch(`${issuer}/oauth2/token`, {
      method: "POST", headers: { "content-type": "application/x-www-form-urlencoded", ...headers }, body: new URLSearchParams(fields),
    });
    return [answer.status, (await answer.json()).error];
  };
  const basic = (id, secret) => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` });
  const grant = { grant_type: "refresh_token", refresh_token: "x" };
  for (const [headers, fields] of [
    [basic("web", "wrong"), grant], [basic("web", ""), grant], [basic("nobody", secrets.web), grant], [basic("other", secrets.other), grant],
    [{}, { ...grant, client_id: "web" }], [{}, { ...grant, client_id: "web", client_secret: secrets.web }], [{}, grant],
    [{ authorization: "Basic !!" }, grant], [{}, { ...grant, client_id: "strict", client_assertion: "a.b.c", client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" }],
  ]) assert.deepEqual(await call(headers, fields), [401, "invalid_client"], JSON.stringify([headers, fields]));
  assert.deepEqual(await call(basic("web", secrets.web), { ...grant, client_id: "other" }), [400, "invalid_request"]);
  assert.deepEqual(await call(basic("web", secrets.web), { ...grant, client_secret: secrets.web }), [400, "invalid_request"]);
  assert.deepEqual(await call(basic("web", secrets.web), { grant_type: "password" }), [400, "unsupported_grant_type"]);
  // An assertion is used once, by its own client, for us.
  const assertion = (claims = {}, sign = privateKey) =>
    new jose.SignJWT({ iss: "strict", sub: "strict", aud: issuer, jti: b64(randomBytes(9)), iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 60, ...claims })
      .setProtectedHeader({ alg: "ES256", kid: key.kid }).sign(sign);
  const introspect = async (client_assertion) => {
    const body = new URLSearchParams({ token: "x", client_assertion, client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" });
    return (await fetch(`${issuer}/oauth2/introspect`, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body })).status;
  };
  const good = await assertion();
  assert.equal(await introspect(good), 200);
  const stranger = await jose.generateKeyPair("ES256");
  for (const wrong of [
    good, await assertion({ aud: "https://elsewhere.example" }), await assertion({ sub: "web" }), await assertion({ iss: "web" }),
    await assertion({ exp: 1 }), await assertion({ exp: Math.floor(Date.now() / 1000) + 86400 }), await assertion({ jti: undefined }),
    await assertion({ iat: undefined }), await assertion({}, stranger.privateKey),
  ]) assert.equal(await introspect(wrong), 401);
  log("nobody is a client who does not prove it in the way agreed, once");
}
// --- A cookie of ours, and a page of another site, mean nothing to these endpoints.
{
  const cookie = [...bob.jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const headers = { "content-type": "application/x-www-form-urlencoded", cookie, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const answer = await fetch(`${issuer}/oauth2/token`, { method: "POST", headers, body: "grant_type=refresh_token" });
  assert.deepEqual([answer.status, (await answer.json()).error], [401, "invalid_client"]);
  const whole = await fetch(`${issuer}/oauth2/userinfo`, { headers: { cookie } });
  assert.equal(whole.status, 401);
  const form = await fetch(`${issuer}/sign-out`, { method: "POST", headers, body: "" });
  assert.equal(form.status, 403, "a form of ours is still taken from our pages alone");
  const huge = await fetch(`${issuer}/oauth2/token`, { method: "POST", headers, body: `x=${"a".repeat(70_000)}` });
  assert.equal(huge.status, 413);
  log("cookies mean nothing where programs call, and bodies have a bound");
}
// --- max_age and prompt=login: whoever is signed in signs in again.
{
  const { parameters, checks } = await request({ max_age: "0", acr_values: "strong" });
  const page = await bob.go(client.buildAuthorizationUrl(web, parameters));
  assert.equal(page.url.pathname, "/switch");
  const quiet = await request({ max_age: "0", prompt: "none" });
  const told = await bob.go(client.buildAuthorizationUrl(web, quiet.parameters));
  assert.equal(told.url.searchParams.get("error"), "login_required");
  const signs = await bob.send(page);
  const back = await bob.signIn(signs, "bob", people.bob, 1);
  assert.ok(back.url.href.startsWith(CALLBACK), `${back.url} ${back.text}`);
  const given = await client.authorizationCodeGrant(web, back.url, { ...checks, maxAge: 60 });
  assert.ok(Date.now() / 1000 - given.claims().auth_time < 20);
  assert.equal(given.claims().acr, "strong");
  log("max_age=0 has a person sign in again, and the token says when and how");
}
// --- Nobody whom no policy permits gets a code; the person is told why (class 32: also who is signed in already).
{
  const eve = new Browser(fetch, issuer);
  const open = await request({ scope: "openid" });
  const allowed = await eve.signIn(await eve.go(client.buildAuthorizationUrl(other, open.parameters)), "eve", people.eve, 0);
  assert.ok(allowed.url.searchParams.get("code"), `${allowed.url} ${allowed.text}`);
  const { parameters } = await request();
  const page = await eve.go(client.buildAuthorizationUrl(web, parameters));
  assert.equal(page.status, 403, `${page.url}`);
  assert.match(page.text, /do not have access/i);
  const said = page.text.replace(/<style>[^]*?<\/style>/, "");
  assert.ok(said.includes("/oauth2/again?"), `with another account it may go: ${said.match(/<main[^]*<\/main>/)?.[0]}`);
  const quiet = await request({ prompt: "none" });
  const told = await eve.go(client.buildAuthorizationUrl(web, quiet.parameters));
  assert.equal(told.url.searchParams.get("error"), "access_denied");
  log("each client is a decision, also for who is signed in: the person is told why, the client access_denied");
}
// --- A policy that wants a newer proof: the person is told, gives it, and goes on.
{
  const fresh = await client.discovery(new URL(issuer), "fresh", secrets.fresh, client.ClientSecretBasic(secrets.fresh), options);
  const ada = new Browser(fetch, issuer);
  const first = await request({ scope: "openid" });
  const come = await ada.signIn(await ada.go(client.buildAuthorizationUrl(fresh, first.parameters)), "ada", people.ada, 0);
  const given = await client.authorizationCodeGrant(fresh, come.url, first.checks);
  await new Promise((done) => setTimeout(done, 10_100));
  await refused(client.refreshTokenGrant(fresh, given.refresh_token), "access_denied");
  const quiet = await ada.go(client.buildAuthorizationUrl(fresh, (await request({ scope: "openid", prompt: "none" })).parameters));
  assert.equal(quiet.url.searchParams.get("error"), "interaction_required");
  const { parameters, checks } = await request({ scope: "openid" });
  const page = await ada.go(client.buildAuthorizationUrl(fresh, parameters));
  assert.equal(page.status, 401);
  const way = page.text.match(/href="([^"]*how=second_factor[^"]*)"/)[1].replaceAll("&amp;", "&");
  const confirm = await ada.go(way);
  assert.equal(confirm.url.pathname, "/confirm");
  const back = await ada.confirm(confirm, people.ada, 1);
  assert.ok(back.url.href.startsWith(CALLBACK), `${back.url} ${back.status}`);
  await client.authorizationCodeGrant(fresh, back.url, checks);
  await client.refreshTokenGrant(fresh, given.refresh_token);
  log("a policy may want a newer proof: the person gives it and goes on, and the refresh token works again");
}
// --- A client of somebody else's asks, and is remembered.
{
  const { parameters, checks } = await request({ scope: "openid profile" });
  const consenting = await client.discovery(new URL(issuer), "foreign", secrets.foreign, client.ClientSecretBasic(secrets.foreign), options);
  const quiet = await request({ scope: "openid profile", prompt: "none" });
  const none = await bob.go(client.buildAuthorizationUrl(consenting, quiet.parameters));
  assert.equal(none.url.searchParams.get("error"), "consent_required");
  const page = await bob.go(client.buildAuthorizationUrl(consenting, parameters));
  assert.match(page.text, /your name and your login name/);
  const back = await bob.send(page);
  await client.authorizationCodeGrant(consenting, back.url, checks);
  await signedIn(consenting, bob, { scope: "openid profile" });
  const more = await bob.go(client.buildAuthorizationUrl(consenting, (await request({ scope: "openid profile email" })).parameters));
  assert.match(more.text, /mail address/, "more is asked again");
  log("consent is asked once for the same, and again for more");
}
// --- Signing out ends everything that hangs on it, at once.
{
  const given = await signedIn(web, bob);
  const url = client.buildEndSessionUrl(web, {
    id_token_hint: given.id_token, post_logout_redirect_uri: "https://app.example.org/bye", state: "s t",
  });
  const stranger = new Browser(fetch, issuer);
  const astray = await bob.go(client.buildEndSessionUrl(web, { post_logout_redirect_uri: "https://app.example.org/bye" }));
  assert.equal(astray.url.pathname, "/sign-out", "without a hint the person is asked");
  const evil = await stranger.go(client.buildEndSessionUrl(web, { id_token_hint: given.id_token, post_logout_redirect_uri: "https://evil.example/" }));
  assert.ok(evil.url.href.startsWith(issuer));
  assert.equal((await client.tokenIntrospection(web, given.access_token)).active, true);
  const out = await bob.go(url);
  assert.equal(out.url.href, "https://app.example.org/bye?state=s%20t");
  assert.equal((await client.tokenIntrospection(web, given.access_token)).active, false);
  assert.equal((await client.tokenIntrospection(web, given.refresh_token)).active, false);
  await refused(client.refreshTokenGrant(web, given.refresh_token), "invalid_grant");
  await assert.rejects(client.fetchUserInfo(web, given.access_token, given.claims().sub));
  const { parameters } = await request({ prompt: "none" });
  const after = await bob.go(client.buildAuthorizationUrl(web, parameters));
  assert.equal(after.url.searchParams.get("error"), "login_required");
  log("whoever signs out takes all tokens along, at once");
}
// --- The other discovery, and oauth4webapi by itself.
{
  const found = await oauth.discoveryRequest(new URL(issuer), { algorithm: "oauth2", [oauth.customFetch]: fetch });
  const server = await oauth.processDiscoveryResponse(new URL(issuer), found);
  assert.equal(server.authorization_response_iss_parameter_supported, true);
  for (const [name, value] of Object.entries(server)) {
    if (!name.endsWith("_endpoint") && name !== "jwks_uri") continue;
    const answer = await fetch(value, { method: name === "jwks_uri" ? "GET" : "OPTIONS" });
    assert.notEqual(answer.status, 404, `${name} is announced and not there`);
  }
  // An app that is reached has a key of its enforcement point published.
  const pulse = `${issuer.replace("//auth.", "//pulse.")}/echo`;
  assert.equal((await fetch(pulse, { headers: { authorization: `Bearer ${people.bob.token}` } })).status, 200);
  const apps = await (await fetch(`${issuer}/.well-known/jwks.json`)).json();
  const ours = await (await fetch(`${issuer}/oauth2/jwks`)).json();
  const ids = new Set(ours.keys.map((key) => key.kid));
  assert.ok(apps.keys.length > 0 && apps.keys.every((key) => !ids.has(key.kid)), "keys of enforcement points sign nobody in");
  log("what is announced is there, and no key of an enforcement point is among ours");
}
