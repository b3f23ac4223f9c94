// A person signs in, is denied with a way out, becomes somebody else; the administrator finds out why, and cuts.
import { allWell, at, bartizan, expect, given, open, signIn } from "./browser.mjs";

const { browser, page, seen } = await open("cut");
const { eve, bob } = given.people;

await page.goto(at("wiki", "/page?x=1"));
await signIn(page, "eve", eve);
await page.waitForURL(at("wiki", "/page?x=1"));
expect((await page.textContent("h1")) === "Wiki", "eve reads the wiki, where she wanted to");

const denied = await page.goto(at("payroll"));
expect(denied.status() === 403, "eve is denied payroll");
const id = denied.headers()["bartizan-request-id"];
const text = await page.textContent("body");
expect(text.includes("You do not have access to this"), "one plain sentence");
expect(text.includes("Eve Castellano"), "who she is");
expect((await page.content()).includes(id), "the request id");
const why = bartizan("why", id);
expect(why.outcome === "deny", "the administrator finds the decision");
const forbid = why.policies.find((policy) => policy.id === "payroll-no-contractors");
expect(forbid?.effect === "forbid" && forbid.satisfied, `the policy that stands in the way: ${JSON.stringify(why)}`);
const permit = why.policies.find((policy) => policy.id === "payroll-finance");
expect(permit && !permit.satisfied, "the policy that does not let her in");

// The same in the console, by the id that she can copy.
const admin = await open("admin");
await admin.page.goto(at("console", `/decisions/${id}`));
await signIn(admin.page, "ada", given.people.ada);
await admin.page.waitForURL(at("console", `/decisions/${id}`));
const heading = await admin.page.textContent("h1");
expect(heading.includes("Eve Castellano") && heading.includes("payroll-no-contractors"), `it says why: ${heading}`);
const body = await admin.page.innerText("main");
expect(body.includes('principal in Group::"finance"') && body.includes("Does not"), "and which condition fails");
allWell(admin.seen);
await admin.browser.close();

// The way out: another account. A link changes nothing, so it asks first.
await page.getByRole("link", { name: "Use another account" }).click();
await page.waitForURL(/\/switch/);
await page.getByRole("button", { name: /use another account/i }).click();
await signIn(page, "bob", bob);
await page.waitForURL(at("payroll"));
expect((await page.textContent("h1")) === "Payroll", "bob reads payroll, which eve wanted to open");

// The console is for administrators.
const console_ = await page.goto(at("console"));
expect(console_.status() === 403, "bob is no administrator");

// Everything that lasts, open in one page of pulse.
await page.goto(at("pulse", "/echo"));
await page.evaluate(() => {
  const ends = (window.ends = {});
  const end = (what, how) => (ends[what] ??= { how, at: performance.timeOrigin + performance.now() });
  window.open_ = new Promise((ready) => {
    let opened = 0;
    const one = () => ++opened === 3 && ready();
    const events = new EventSource("/sse");
    events.onmessage = () => (events.onmessage = null) ?? one();
    events.onerror = () => (end("sse", "error"), events.close());
    const socket = new WebSocket(`wss://${location.host}/ws`);
    socket.onmessage = () => ((socket.onmessage = null), one());
    socket.onclose = (event) => end("ws", `close ${event.code}`);
    fetch("/big?mb=500").then(async (response) => {
      const reader = response.body.getReader();
      await reader.read();
      one();
      for (;;) {
        const { done } = await reader.read();
        if (done) return end("download", "complete");
      }
    }).catch((error) => end("download", error.name));
  });
});
await page.evaluate(() => window.open_);
const began = Date.now();
const revoked = bartizan("session", "revoke", "--user", "bob", "--wait");
expect(revoked.cut >= 3, `three live streams are cut, of ${JSON.stringify(revoked)}`);
await page.waitForFunction(() => Object.keys(window.ends).length === 3, null, { timeout: 5000 });
for (const [what, { how, at: when }] of Object.entries(await page.evaluate(() => window.ends))) {
  console.log(`MEASURED in Chromium ${what}: ended ${(when - began).toFixed(0)} ms after the command began; ${how}`);
  expect(when - began < 1000, `${what} ends within a second`);
  expect(how !== "complete", `${what} does not look complete`);
  if (what === "ws") expect(how === "close 1008", "a WebSocket is told that policy ended it");
}

// The next request asks for a sign-in.
await page.goto(at("payroll"));
await page.waitForURL(/auth\..*\/sign-in/);
allWell(seen);
await browser.close();
console.log("DONE");
