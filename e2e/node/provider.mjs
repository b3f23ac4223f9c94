// People who sign in at an identity provider that others wrote: npm oidc-provider, in Chromium.
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";
import { allWell, at, bartizan, bartizanMeanwhile, expect, given, open, totp } from "./browser.mjs";
import { fetchWith } from "./oidc-browser.mjs";

// Whom the provider signs in next, how it did, and what it knows of them.
let next = { accountId: "ida-7", amr: ["pwd", "mfa"] };
const people = {
  "ida-7": { preferred_username: "ida", name: "Ida <b>Lindqvist</b>", email: "ida@contoso.example", email_verified: true, groups: ["g-partners"] },
  "bob-9": { preferred_username: "bob", name: "Somebody", groups: [] },
  "eve-1": { preferred_username: "eve@elsewhere.example", name: "Eve", groups: ["g-partners"] },
};

// Our public keys, as a provider reads them.
const ourFetch = fetchWith(given.ca);
const ours = await (await ourFetch(at("auth", "/oauth2/jwks"))).json();
// What the provider told us last, and which sign-in it was there.
let tellsUs;
let sid;
const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const server = createServer();
await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
const issuer = `http://127.0.0.1:${server.address().port}`;
const redirect = (name) => at("auth", `/provider/${name}/callback`);
const client = (id, more) => ({ client_id: id, client_secret: "s3cret-of-a-provider", redirect_uris: [redirect(id)], ...more });
const provider = new Provider(issuer, {
  jwks: { keys: [{ ...(await exportJWK(privateKey)), use: "sig", alg: "RS256", kid: "first" }] },
  clients: [
    client("contoso", { backchannel_logout_uri: at("auth", "/oauth2/provider-logout"), backchannel_logout_session_required: true }),
    client("signed", { client_secret: undefined, token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: "ES256", jwks: ours }),
  ],
  claims: { openid: ["sub", "amr", "acr", "auth_time"], profile: ["name", "preferred_username", "groups"], email: ["email", "email_verified"] },
  acrValues: ["urn:example:loa:2"],
  cookies: { keys: ["of the test"] },
  interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  fetch: (url, options) => {
    tellsUs = { url, options };
    return ourFetch(url, options);
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
});
provider.on("authorization.success", (ctx) => {
  sid = ctx.oidc.session.sidFor(ctx.oidc.client.clientId);
});
const answer = provider.callback();
// What would have gone back to us, if the test wants to have it.
let caught = null;
server.on("request", async (request, response) => {
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    const goesBack = caught !== null && name.toLowerCase() === "location" && String(value).includes("/callback?");
    if (goesBack) caught = value;
    return setHeader(name, goesBack ? `${issuer}/caught` : value);
  };
  if (!request.url.startsWith("/sign-in/")) return answer(request, response);
  if (next === null) return provider.interactionFinished(request, response, { error: "access_denied" });
  return provider.interactionFinished(request, response, { login: { ...next, remember: false } });
});

const folder = `${given.scratch}/objects`;
mkdirSync(folder, { recursive: true });
const declare = (text) => {
  writeFileSync(`${folder}/provider.toml`, text);
  return bartizan("apply", "-f", folder);
};
const contoso = (more = "") => `
[[group]]
name = "partners"

[[provider]]
name = "contoso"
title = "Contoso & Söhne"
issuer = "${issuer}"
client_id = "contoso"
second_factor = "said"
amr = ["mfa"]
creates = true
link = "login"
domains = ["contoso.example"]
${more}

[[provider.groups]]
value = "g-partners"
group = "partners"
`;
declare(contoso());
writeFileSync(`${given.scratch}/secret`, "s3cret-of-a-provider\n");
const lacking = await bartizanMeanwhile("provider", "check", "contoso");
expect(lacking.redirect_uri === redirect("contoso"), `it says what to register: ${lacking.redirect_uri}`);
expect(lacking.problem.includes("secret is not stored"), `and what is missing: ${lacking.problem}`);
bartizan("provider", "secret", "contoso", "--from", `${given.scratch}/secret`);
expect((await bartizanMeanwhile("provider", "check", "contoso")).problem === null, "nothing is missing any more");

const { browser, page, seen } = await open("provider");
const main = () => page.textContent("main");
const link = (name) => page.getByRole("link", { name: `Continue with ${name}`, exact: true });
const signedIn = () =>
  page.waitForURL(at("portal")).catch(async () => expect(false, `in, not at ${page.url()}: ${await page.innerText("body")}`));
const signOut = async () => {
  await page.goto(at("auth", "/sign-out"));
  await Promise.all([page.waitForURL(/signed-out/), page.getByRole("button", { name: "Sign out", exact: true }).click()]);
};
const there = async (name = "Contoso & Söhne") => {
  // The provider forgets whom it signed in.
  await page.context().clearCookies({ domain: "127.0.0.1" });
  await page.goto(at("auth", "/sign-in"));
  await link(name).click();
};

// Somebody who has no account gets one, as they are called there, and is in the group that a rule says.
await there();
await signedIn();
let ida = bartizan("user", "list").find(({ name }) => name === "ida");
expect(ida?.display === "Ida <b>Lindqvist</b>" && ida.mail === "ida@contoso.example" && !ida.admin, `ida is made: ${JSON.stringify(ida)}`);
let sessions = bartizan("session", "list", "--user", "ida");
expect(sessions.length === 1 && sessions[0].amr.join() === "fed,mfa,pwd", `the session says how: ${sessions[0]?.amr}`);
const members = () => bartizan("get", "group", "partners").spec.members;
expect(members().join() === "ida", `ida is a partner: ${members()}`);
await page.goto(at("auth"));
expect((await main()).includes("Ida"), "the account page is hers");

// The next time the same person, by the way that stands first now; and what is not so any more is not so here.
await signOut();
people["ida-7"].groups = [];
people["ida-7"].preferred_username = "another";
await page.goto(at("auth", "/sign-in"));
const first = await page.locator("main a, main button").locator("visible=true").first().textContent();
expect(first === "Continue with Contoso & Söhne", `what was used last stands first, not ${first}`);
await link("Contoso & Söhne").click();
await signedIn();
expect(bartizan("user", "list").filter(({ display }) => display.startsWith("Ida")).length === 1, "nobody is made twice");
expect(members().length === 0, `ida is no partner any more: ${members()}`);

// One factor is not two: who has a second one here is asked for it, and who has none is told so.
await signOut();
next = { accountId: "ida-7", amr: ["pwd"] };
await there();
await page.waitForSelector("text=asked you for one proof only");
next = { accountId: "bob-9", amr: ["pwd"] };
await there();
await page.waitForURL(/\/code/);
await page.fill("input[name=code]", totp(given.people.bob.totp_secret));
await page.keyboard.press("Enter");
await signedIn();
sessions = bartizan("session", "list", "--user", "bob");
expect(sessions.some(({ amr }) => amr.join() === "fed,otp"), `bob's session says both: ${JSON.stringify(sessions.map(({ amr }) => amr))}`);

// He parts from the provider, and comes back to it: that takes what he proved just now, and who he is there.
const row = page.locator("li", { hasText: "Contoso" });
await page.goto(at("auth"));
await row.getByRole("button", { name: "Disconnect" }).click();
await page.waitForSelector("text=You do not sign in there any more");
next = { accountId: "ida-7", amr: ["mfa"] };
await page.context().clearCookies({ domain: "127.0.0.1" });
await row.getByRole("link", { name: "Connect" }).click();
await page.waitForSelector("text=The provider did not confirm it");
// Nor does anybody connect him who leads his browser there from elsewhere, having signed it in there as themselves.
people["eve-2"] = { preferred_username: "eve" };
next = { accountId: "eve-2", amr: ["mfa"] };
await page.context().clearCookies({ domain: "127.0.0.1" });
const forged = at("auth", "/provider/contoso?for=link");
await page.goto(`${issuer}/elsewhere`);
await page.evaluate((to) => (location.href = to), forged);
await page.waitForURL(at("auth"));
await page.goto(forged);
expect(page.url() === at("auth"), `nothing is begun by an address: ${page.url()}`);
await row.getByText("You do not sign in there.").waitFor();
next = { accountId: "bob-9", amr: ["pwd"] };
await page.context().clearCookies({ domain: "127.0.0.1" });
await page.goto(at("auth"));
await row.getByRole("link", { name: "Connect" }).click();
await page.waitForSelector("text=You can sign in there from now on");

// Ida, who has nothing here, adds a passkey: first she confirms, there, that it is she.
await signOut();
next = { accountId: "ida-7", amr: ["mfa"] };
await there();
await signedIn();
const hers = sid;
await page.goto(at("auth", "/confirm"));
expect(!(await main()).includes("6-digit code"), "what she has not is not asked for");
next = { accountId: "bob-9", amr: ["mfa"] };
// In another sign-in there: were it the same, hers would end with the change, and so would this one here.
await page.context().clearCookies({ domain: "127.0.0.1" });
await page.getByRole("link", { name: "Confirm at Contoso & Söhne" }).click();
await page.waitForSelector("text=The provider did not confirm it");
next = { accountId: "ida-7", amr: ["pwd"] };
await page.context().clearCookies({ domain: "127.0.0.1" });
await page.getByRole("link", { name: "Confirm at Contoso & Söhne" }).click();
await page.waitForSelector("text=The provider did not confirm it");
next = { accountId: "ida-7", amr: ["mfa"] };
await page.getByRole("link", { name: "Confirm at Contoso & Söhne" }).click();
await page.waitForURL(at("auth"));
await page.goto(at("auth"));
await row.getByRole("button", { name: "Disconnect" }).click();
await page.waitForSelector("text=Without this provider you could not sign in");

// When her sign-in at the provider ends, what began by it ends here, and nothing else; and that is told once.
const sessionsOf = (name) => bartizan("session", "list", "--user", name).length;
expect(sessionsOf("ida") === 1, "ida is signed in");
const us = await provider.Client.find("contoso");
await us.backchannelLogout("ida-7", "another");
await us.backchannelLogout("bob-9", hers);
expect(sessionsOf("ida") === 1, "another sign-in than hers has ended");
const before = Date.now();
await us.backchannelLogout("ida-7", hers);
expect(sessionsOf("ida") === 0, "hers has ended");
console.log(`MEASURED told of an end at a provider, and listed as ended: ${Date.now() - before} ms`);
const again = await ourFetch(tellsUs.url, tellsUs.options);
expect(again.status === 400, `a second time it is refused: ${again.status}`);
const unsigned = await ourFetch(tellsUs.url, { ...tellsUs.options, body: String(tellsUs.options.body).replace(/\.[^.]*$/, ".AAAA") });
expect(unsigned.status === 400 && (await unsigned.json()).error === "invalid_request", "and so is one that nobody signed");
await page.goto(at("auth"));
await page.waitForURL(/sign-in/);

// Nobody by an address of a domain that the provider may not speak for.
next = { accountId: "eve-1", amr: ["mfa"] };
await there();
await page.waitForSelector("text=There is no account here for whoever signed in there");
expect(!bartizan("user", "list").some(({ name }) => name.startsWith("eve@")), "nobody is made");

// Who does not sign in there is not signed in here.
next = null;
await there();
await page.waitForSelector("text=The provider did not sign you in");
next = { accountId: "ida-7", amr: ["mfa"] };

// What came back for one browser is worth nothing in another, nor a second time in the same.
caught = "";
await there();
await page.waitForURL(`${issuer}/caught`);
const brought = caught;
caught = null;
const other = await open("stranger");
expect((await other.page.goto(brought)).status() === 400, "a stranger is not signed in by it");
await other.page.goto(at("auth", "/sign-in"));
expect((await other.page.goto(brought)).status() === 400, "nor one who has an attempt of their own");
const swapped = new URL(brought);
swapped.searchParams.set("iss", "https://evil.example");
await page.goto(swapped.href);
await page.waitForSelector("text=The provider did not sign you in");
expect((await page.goto(brought)).status() === 400, "what was answered is not answered again");
expect(bartizan("session", "list", "--user", "ida").length === 0, "nobody was signed in");
const steps = bartizan("log", "search", "--kind", "signin.step", "--reason", "provider_not_believed", "--limit", "1");
expect(steps.action === "signin:provider" && steps.resource.name === "contoso", `the record says what and where: ${JSON.stringify(steps)}`);

// We prove ourselves there by a signature with a key of ours.
declare(`${contoso()}
[[provider]]
name = "signed"
issuer = "${issuer}"
client_id = "signed"
auth = "private_key_jwt"
second_factor = "there"
`);
await there("signed");
await signedIn();
expect(bartizan("session", "list", "--user", "ida").length === 1, "an issuer's people are the same at each of its clients");

// When a provider is not to be believed any more, what began by it ends, and it is not offered.
const cut = page.waitForURL(/sign-in/, { timeout: 10_000 });
declare(`${contoso()}
[[provider]]
name = "signed"
issuer = "${issuer}"
client_id = "signed"
auth = "private_key_jwt"
disabled = true
`);
expect(bartizan("session", "list", "--user", "ida").length === 0, "it has ended");
await page.goto(at("auth"));
await cut;
expect((await link("signed").count()) === 0, "a disabled one is not offered");
expect((await page.goto(at("auth", "/provider/signed"))).url().includes("/sign-in"), "nor gone to");
expect((await page.goto(at("auth", "/provider/nobody"))).url().includes("/sign-in"), "nor one that there is not");

// One that cannot be asked is told so, with a way back to the sign-in.
server.closeAllConnections();
server.close();
declare(`${contoso()}
[[provider]]
name = "gone"
issuer = "http://127.0.0.1:1"
client_id = "gone"
auth = "none"
`);
await there("gone");
await page.waitForSelector("text=The provider cannot be reached");
expect((await main()).includes("Signing in at gone is not possible at the moment"), `it says which: ${await main()}`);
await page.getByRole("link", { name: "Start again" }).click();
await page.waitForURL(/\/sign-in/);

allWell(seen);
await Promise.all([browser.close(), other.browser.close()]);
console.log("DONE");
