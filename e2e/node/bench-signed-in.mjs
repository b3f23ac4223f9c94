// Somebody signs in to a client once, and the client gets several families of tokens: their refresh tokens, to measure with.
import * as client from "openid-client";
import { Browser, fetchWith } from "./oidc-browser.mjs";

const given = JSON.parse(process.env.BARTIZAN_E2E);
const fetch = fetchWith(given.ca);
const config = await client.discovery(
  new URL(given.issuer), given.client, given.secret, client.ClientSecretBasic(given.secret), { [client.customFetch]: fetch },
);
const [browser, CALLBACK, tokens] = [new Browser(fetch, given.issuer), "https://app.example.org/cb", []];
while (tokens.length < given.count) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const page = await browser.go(client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK, scope: "openid", state: expectedState,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256",
  }));
  const back = page.url.href.startsWith(CALLBACK) ? page : await browser.signIn(page, "bob", given.person);
  tokens.push((await client.authorizationCodeGrant(config, back.url, { pkceCodeVerifier, expectedState })).refresh_token);
}
console.log(JSON.stringify(tokens));
