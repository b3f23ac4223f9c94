// Clients are told when a sign-in ends, whatever ends it (OpenID Connect Back-Channel Logout 1.0); jose reads what they get.
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import * as jose from "jose";
import * as client from "openid-client";
import { at, bartizan, expect, given } from "./browser.mjs";
import { Browser, fetchWith } from "./oidc-browser.mjs";

const issuer = at("auth", "");
const fetch = fetchWith(given.ca);
const CALLBACK = "https://app.example.org/cb";

// --- The clients, as they listen.
const got = [];
const waiting = new Set();
let stumbles = 1;
const server = http.createServer(async (request, answer) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const path = new URL(request.url, "http://x").pathname.slice(1);
  got.push({ path, method: request.method, kind: request.headers["content-type"], body, cookie: request.headers.cookie, at: Date.now() });
  if (path === "stumbling" && stumbles-- > 0) answer.writeHead(503).end();
  else if (path === "leading") answer.writeHead(302, { location: "/followed" }).end();
  else if (path === "refusing") answer.writeHead(400, { "content-type": "application/json" }).end('{"error":"invalid_request"}');
  else if (path !== "silent") answer.writeHead(200).end();
  for (const wake of waiting) wake();
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const port = server.address().port;
/** What this client got, once it has got so much. */
async function heard(path, count, within = 10_000) {
  const until = Date.now() + within;
  for (;;) {
    const its = got.filter((call) => call.path === path);
    if (its.length >= count) return its;
    expect(Date.now() < until, `${path} hears of it: ${JSON.stringify(got.map((call) => call.path))}`);
    await new Promise((wake) => {
      waiting.add(wake);
      setTimeout(wake, 100);
    });
  }
}

const names = ["shop", "ledger", "stumbling", "leading", "refusing", "silent"];
const folder = mkdtempSync(join(given.scratch, "files-"));
const alg = { ledger: "RS256", stumbling: "EdDSA" };
const one = (name, more) => `
[[client]]
name = "${name}"
auth = "none"
redirect_uris = ["${CALLBACK}"]
id_token_alg = "${alg[name] ?? "ES256"}"
${more}
`;
const listening = names.map((name) => one(name, `backchannel_logout_uri = "http://127.0.0.1:${port}/${name}"`));
writeFileSync(`${folder}/clients.toml`, [...listening, one("deaf", "")].join(""));
writeFileSync(`${folder}/clients.cedar`, [...names, "deaf"].map((name) => `
@id("${name}-all") @reason("Everybody has it")
permit (principal is User, action == Action::"token:issue", resource == Client::"${name}");
`).join(""));
bartizan("apply", "-f", folder);
const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
expect(metadata.backchannel_logout_supported && metadata.backchannel_logout_session_supported, "it is announced");

const configs = {};
for (const name of [...names, "deaf"]) {
  configs[name] = await client.discovery(new URL(issuer), name, undefined, client.None(), { [client.customFetch]: fetch });
}
/** Has somebody sign in to these clients, in one browser. */
async function signedIn(login, steps, to) {
  const browser = new Browser(fetch, issuer);
  const tokens = {};
  for (const name of to) {
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(configs[name], {
      redirect_uri: CALLBACK, scope: "openid", code_challenge_method: "S256",
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    });
    let page = await browser.go(url);
    if (!page.url.href.startsWith(CALLBACK)) page = await browser.signIn(page, login, given.people[login], steps);
    tokens[name] = await client.authorizationCodeGrant(configs[name], page.url, { pkceCodeVerifier, idTokenExpected: true });
  }
  return { browser, tokens, claims: tokens[to[0]].claims() };
}

const keys = jose.createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`), { [jose.customFetch]: fetch });
const seen = new Set();
/** What is asked of a logout token (2.6). */
async function verified(call, name, claims) {
  expect(call.method === "POST" && call.kind === "application/x-www-form-urlencoded" && !call.cookie, JSON.stringify(call));
  const form = new URLSearchParams(call.body);
  expect([...form.keys()].join() === "logout_token", call.body);
  const token = form.get("logout_token");
  const options = { issuer, audience: name, typ: "logout+jwt", algorithms: [alg[name] ?? "ES256"], maxTokenAge: "2m" };
  const { payload } = await jose.jwtVerify(token, keys, options);
  expect(payload.sub === claims.sub && payload.sid === claims.sid, JSON.stringify(payload));
  const events = JSON.stringify(payload.events);
  expect(events === '{"http://schemas.openid.net/event/backchannel-logout":{}}', events);
  expect(!("nonce" in payload) && payload.exp - payload.iat <= 120 && !seen.has(payload.jti), JSON.stringify(payload));
  seen.add(payload.jti);
  // It is no ID token, and none of ours takes it for one.
  const hinted = await fetch(`${issuer}/oauth2/logout?id_token_hint=${token}`);
  expect(hinted.headers.get("location") === "/sign-out", `${hinted.headers.get("location")}`);
}
const over = async (name, tokens) => {
  const answer = await client.refreshTokenGrant(configs[name], tokens[name].refresh_token).then(() => "given", (reason) => reason.error);
  expect(answer === "invalid_grant", answer);
};

// --- Signing out.
const first = await signedIn("bob", 0, [...names, "deaf"]);
await client.fetchUserInfo(configs.shop, first.tokens.shop.access_token, first.claims.sub);
expect(got.length === 0, "nobody was told of anything yet");
const asks = await first.browser.go(`${issuer}/sign-out`);
const left = Date.now();
await first.browser.send(asks);
const [atShop] = await heard("shop", 1);
const took = atShop.at - left;
await verified(atShop, "shop", first.claims);
await verified((await heard("ledger", 1))[0], "ledger", first.claims);
const tried = await heard("stumbling", 2);
for (const call of tried) await verified(call, "stumbling", first.claims);
expect(tried[1].at - tried[0].at >= 900, "after a moment");
await heard("silent", 2, 20_000);
await over("shop", first.tokens);

// --- An administrator disables somebody; a client that was told of one sign-in is not told of it again.
const second = await signedIn("bob", 1, ["shop"]);
const disabled = Date.now();
bartizan("user", "disable", "bob");
const calls = await heard("shop", 2);
await verified(calls[1], "shop", second.claims);
expect(second.claims.sid !== first.claims.sid, "it was another");
const tookDisabling = calls[1].at - disabled;
await over("shop", second.tokens);

// --- An administrator ends sign-ins; one client with several families hears once.
const third = await signedIn("eve", 0, ["shop", "shop", "ledger"]);
const revoked = Date.now();
bartizan("session", "revoke", "--user", "eve");
const again = await heard("shop", 3);
await verified(again[2], "shop", third.claims);
await verified((await heard("ledger", 2))[1], "ledger", third.claims);
const tookRevoking = again[2].at - revoked;

// --- What led elsewhere was not followed, what said no was not asked again, and all of it is on record.
expect(got.filter(({ path }) => path === "leading").length === 1, "a redirect is an answer");
expect(got.filter(({ path }) => path === "refusing").length === 1, "no is no");
expect(!got.some(({ path }) => path === "followed"), "nothing is followed");
expect(got.filter(({ path }) => path === "shop").length === 3, "each sign-in is told of once");
const how = ["--server", given.console, "--ca", given.ca, "--token-file", given.adminToken, "-o", "json"];
const search = ["log", "search", "--kind", "signin.step", "--outcome", "failed", "--limit", "100"];
const logged = execFileSync(given.binary, [...how, ...search]).toString().trim().split("\n");
const failures = logged.map((line) => JSON.parse(line)).filter((event) => event.action === "client:logout");
const said = failures.map((event) => `${event.resource.name} ${event.reason}`).sort();
expect(said.includes("leading status_302") && said.includes("refusing status_400"), `${said}`);
for (const [what, ms] of Object.entries({ "signing out": took, "disabling": tookDisabling, "ending": tookRevoking })) {
  expect(ms < 1000, `a client hears of ${what} within ${ms} ms`);
}
console.log(`MEASURED a client hears of a sign-out within ${took} ms, of a person disabled within ${tookDisabling} ms (the command included), of a session ended within ${tookRevoking} ms`);
server.closeAllConnections();
server.close();
console.log("DONE");
