// What a client holds, before the provider is started again and after.
import assert from "node:assert/strict";
import * as client from "openid-client";
import { Browser, fetchWith } from "./oidc-browser.mjs";

const { issuer, ca, people, secrets, held } = JSON.parse(process.env.BARTIZAN_E2E);
const fetch = fetchWith(ca);
const web = await client.discovery(new URL(issuer), "web", secrets.web, client.ClientSecretBasic(secrets.web), {
  [client.customFetch]: fetch,
});
const refused = (promise) => assert.rejects(promise, (reason) => reason.error === "invalid_grant");

if (held) {
  assert.equal((await client.tokenIntrospection(web, held.access)).active, true);
  const next = await client.refreshTokenGrant(web, held.newest);
  assert.ok(next.refresh_token !== held.newest);
  await client.fetchUserInfo(web, next.access_token, held.sub);
  // Which is older is known as before.
  await refused(client.refreshTokenGrant(web, held.first));
  await refused(client.refreshTokenGrant(web, next.refresh_token));
  assert.equal((await client.tokenIntrospection(web, next.access_token)).active, false);
} else {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const url = client.buildAuthorizationUrl(web, {
    redirect_uri: "https://app.example.org/cb", scope: "openid",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256",
  });
  const bob = new Browser(fetch, issuer);
  const back = await bob.signIn(await bob.go(url), "bob", people.bob, 0);
  const first = await client.authorizationCodeGrant(web, back.url, { pkceCodeVerifier, idTokenExpected: true });
  const newest = await client.refreshTokenGrant(web, first.refresh_token);
  const { sub } = first.claims();
  console.log(JSON.stringify({ first: first.refresh_token, newest: newest.refresh_token, access: newest.access_token, sub }));
}
