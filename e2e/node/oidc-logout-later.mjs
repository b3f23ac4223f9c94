// A client that could not be told that a sign-in has ended is told when the provider runs again.
import assert from "node:assert/strict";
import http from "node:http";
import * as jose from "jose";
import * as client from "openid-client";
import { Browser, fetchWith } from "./oidc-browser.mjs";

const { issuer, ca, people, listen, held } = JSON.parse(process.env.BARTIZAN_E2E);
const fetch = fetchWith(ca);
let heard;
const told = new Promise((done) => (heard = done));
const server = http.createServer(async (request, answer) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  // Before, it takes the call and says nothing.
  if (held) answer.writeHead(200).end();
  heard(new URLSearchParams(body).get("logout_token"));
});
await new Promise((ready) => server.listen(listen, "127.0.0.1", ready));
const late = setTimeout(() => assert.fail("nobody tells it"), 20_000);
if (held) {
  const keys = jose.createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`), { [jose.customFetch]: fetch });
  const { payload } = await jose.jwtVerify(await told, keys, { issuer, audience: "later", typ: "logout+jwt" });
  assert.equal(payload.sid, held.sid);
} else {
  const later = await client.discovery(new URL(issuer), "later", undefined, client.None(), { [client.customFetch]: fetch });
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const url = client.buildAuthorizationUrl(later, {
    redirect_uri: "https://app.example.org/cb", scope: "openid",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256",
  });
  const bob = new Browser(fetch, issuer);
  const back = await bob.signIn(await bob.go(url), "bob", people.bob, 0);
  const tokens = await client.authorizationCodeGrant(later, back.url, { pkceCodeVerifier, idTokenExpected: true });
  await bob.send(await bob.go(`${issuer}/sign-out`));
  await told;
  console.log(JSON.stringify({ sid: tokens.claims().sid }));
}
clearTimeout(late);
server.closeAllConnections();
server.close();
