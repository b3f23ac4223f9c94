// A person signs in at control and works at two gateways on other hosts, until an administrator disables the account.
import { allWell, at, bartizan, expect, given, open, signIn } from "./browser.mjs";

const { browser, page, seen } = await open("apart");

// Gateway one knows nobody: it sends to control, and control back, with a code that is good for that app alone.
const visited = [];
page.on("framenavigated", (frame) => visited.push(frame.url()));
const answers = [];
page.on("response", (response) => answers.push(`${response.status()} ${new URL(response.url()).host}${new URL(response.url()).pathname}`));
await page.goto(at("wiki", "/page?x=1"));
expect(new URL(page.url()).hostname === `auth.${given.domain}`, `sent to sign in: ${page.url()}`);
await signIn(page, "bob", given.people.bob);
await page.waitForURL(at("wiki", "/page?x=1"));
expect((await page.textContent("h1")) === "Wiki", "bob reads the wiki, where he wanted to");
const redeemed = `303 wiki.${given.domain}:${given.port}/.bartizan/callback`;
expect(answers.includes(redeemed), `the code was redeemed at the gateway: ${answers}`);
const cookies = await browser.cookies(at("wiki"));
const [own] = cookies.filter(({ name }) => name === "__Host-bartizan");
expect(own?.httpOnly && own.secure && own.value.startsWith("bza_"), `a cookie for the app alone: ${cookies.length}`);

// Gateway two lets in who has signed in, without a question.
const before = visited.length;
await page.goto(at("pulse", "/echo"));
expect(page.url() === at("pulse", "/echo"), `pulse opens by itself: ${page.url()}`);
expect(!visited.slice(before).some((url) => url.includes("/sign-in")), `nothing was asked: ${visited.slice(before)}`);
const echo = await page.textContent("body");
expect(/bartizan-assertion/i.test(echo) && !echo.includes("bza_"), "the app is told who it is, by nothing of ours");
await page.goto(at("payroll"));
expect((await page.textContent("h1")) === "Payroll", "and payroll");

// What is open at gateway two when an administrator disables the account.
await page.goto(at("pulse"));
await page.evaluate(
  () =>
    new Promise((ready) => {
      window.ends = {};
      const end = (what, how) => (window.ends[what] ??= { how, at: performance.timeOrigin + performance.now() });
      const events = new EventSource("/sse");
      let opened = 0;
      const one = () => ++opened === 2 && ready();
      events.onmessage = () => (events.onmessage = null) ?? one();
      events.onerror = () => (end("sse", "error"), events.close());
      const socket = new WebSocket(`wss://${location.host}/ws`);
      socket.onmessage = () => ((socket.onmessage = null), one());
      socket.onclose = (event) => end("ws", `close ${event.code}`);
    }),
);
const began = Date.now();
const disabled = bartizan("user", "disable", "bob");
expect(disabled.cut >= 2, `two live streams are cut, of ${JSON.stringify(disabled)}`);
await page.waitForFunction(() => Object.keys(window.ends).length === 2, null, { timeout: 5000 });
for (const [what, { how, at: when }] of Object.entries(await page.evaluate(() => window.ends))) {
  console.log(`MEASURED apart · three hosts, in Chromium · ${what}: ended ${(when - began).toFixed(0)} ms after; ${how}`);
  expect(when - began < 1000, `${what} ends within a second`);
  if (what === "ws") expect(how === "close 1008", "a WebSocket is told that policy ended it");
}

// The next request is denied, at either gateway, by a page that says why.
for (const app of ["pulse", "wiki"]) {
  const denied = await page.goto(at(app));
  expect(denied.status() === 403 && page.url() === at(app), `${app} is denied: ${denied.status()} ${page.url()}`);
  const text = await page.textContent("body");
  expect(text.includes("This account is disabled"), `it says why: ${text}`);
}
allWell(seen);
await browser.close();
console.log("DONE");
