// Another OpenID provider, to compare speed with: npm oidc-provider with its store in memory, over TLS.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const [certificate, key] = process.argv.slice(2);
const { privateKey } = await generateKeyPair("ES256", { extractable: true });
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
const { port } = server.address();
const provider = new Provider(`https://localhost:${port}`, {
  jwks: { keys: [{ ...(await exportJWK(privateKey)), use: "sig", alg: "ES256" }] },
  clients: [
    { client_id: "nightly", client_secret: "secret", grant_types: ["client_credentials"], redirect_uris: [], response_types: [], id_token_signed_response_alg: "ES256" },
  ],
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
console.log(JSON.stringify({ listen: `127.0.0.1:${port}`, pid: process.pid }));
