// Somebody types the code that a command on another machine shows.
import { Browser, fetchWith } from "./oidc-browser.mjs";

const { issuer, ca, person, name, steps, code } = JSON.parse(process.env.BARTIZAN_E2E);
const browser = new Browser(fetchWith(ca), issuer);
const asks = await browser.go(`${issuer}/device?user_code=${code}`);
const prefilled = await browser.signIn(asks, name, person, steps);
if (!prefilled.text.includes(`value="${code}"`)) throw new Error(`the code is not there: ${prefilled.text}`);
const shown = await browser.send(prefilled, { user_code: code });
for (const what of ["bartizan login", code, "Everything in the console"]) {
  if (!shown.text.includes(what)) throw new Error(`the page does not say ${what}: ${shown.text}`);
}
const done = await browser.send(shown);
if (!done.text.includes("The device is connected")) throw new Error(done.text);
