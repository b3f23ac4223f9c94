// Verifies an assertion with a library that others wrote, and shows that a changed one is refused.
import { readFileSync } from "node:fs";
import { createLocalJWKSet, jwtVerify } from "jose";

const { jwks, assertion, audience, issuer } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const keys = createLocalJWKSet(jwks);
const options = { audience, issuer, algorithms: ["ES256"], requiredClaims: ["sub", "exp", "iat"] };
const { payload } = await jwtVerify(assertion, keys, options);
for (const wrong of [{ ...options, audience: "wiki.bartizan.localhost" }, { ...options, issuer: "https://other" }]) {
  await jwtVerify(assertion, keys, wrong).then(() => process.exit(2), () => undefined);
}
const [head, body, signature] = assertion.split(".");
const flipped = `${head}.${body.replace(/.$/, (c) => (c === "A" ? "B" : "A"))}.${signature}`;
await jwtVerify(flipped, keys, options).then(() => process.exit(3), () => undefined);
console.log(JSON.stringify(payload));
