// Another OpenID provider, to compare speed with: npm oidc-provider with its store in memory, over TLS.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const [certificate, key, count] = process.argv.slice(2);
const { privateKey } = await generateKeyPair("ES256", { extractable: true });
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
const { port } = server.address();
const provider = new Provider(`https://localhost:${port}`, {
  jwks: { keys: [{ ...(await exportJWK(privateKey)), use: "sig", alg: "ES256" }] },
  clients: [
    { client_id: "nightly", client_secret: "secret", grant_types: ["client_credentials"], redirect_uris: [], response_types: [], id_token_signed_response_alg: "ES256" },
    { client_id: "shop", client_secret: "secret", grant_types: ["authorization_code", "refresh_token"], redirect_uris: ["https://app.example.org/cb"], response_types: ["code"], id_token_signed_response_alg: "ES256" },
  ],
  findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  rotateRefreshToken: true,
  ttl: { Grant: 86400, RefreshToken: 86400 },
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: "ledger", audience: "api", accessTokenFormat: "jwt", jwt: { sign: { alg: "ES256" } } }),
    },
  },
});
server.on("request", provider.callback());

// What its pages would have given for somebody who signed in: as many families of tokens as are asked for.
const client = await provider.Client.find("shop");
const refresh_tokens = [];
for (let n = 0; n < Number(count); n++) {
  const scope = "openid offline_access";
  const grant = new provider.Grant({ accountId: "bob", clientId: "shop" });
  grant.addOIDCScope(scope);
  const grantId = await grant.save();
  const authTime = Math.floor(Date.now() / 1000);
  const token = new provider.RefreshToken({ client, accountId: "bob", grantId, scope, gty: "authorization_code", authTime });
  refresh_tokens.push(await token.save());
}
console.log(JSON.stringify({ listen: `127.0.0.1:${port}`, pid: process.pid, refresh_tokens }));
