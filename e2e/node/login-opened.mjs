// What a command opens with `BROWSER`: a person who signs in, and lets it act for them.
import { readFileSync } from "node:fs";
import { Browser, fetchWith } from "./oidc-browser.mjs";

const { issuer, ca, person, name, steps, agree } = JSON.parse(readFileSync(process.env.BARTIZAN_OPENED, "utf8"));
const fetch = fetchWith(ca);
const browser = new Browser(fetch, issuer);
const asks = await browser.go(process.argv[2]);
const consent = await browser.signIn(asks, name, person, steps);
if (!/bartizan login/.test(consent.text ?? "")) throw new Error(`nobody asks: ${consent.url} ${consent.text}`);
const refuse = consent.text.match(/href="(http:\/\/127\.0\.0\.1:[^"]*)"/)?.[1].replaceAll("&amp;", "&");
const back = agree ? (await browser.send(consent)).url : new URL(refuse);
// Somebody else on this machine calls first, and is not listened to.
const forged = new URL(back);
forged.searchParams.set("state", "another");
const ignored = await fetch(forged.href);
if (ignored.status !== 404) throw new Error(`a forged answer was taken: ${ignored.status}`);
const answer = await fetch(back.href);
if (answer.status !== 200 || !(await answer.text()).includes("igned in")) throw new Error(`${answer.status}`);
