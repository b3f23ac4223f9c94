// What changes while somebody looks: a list that shows what comes, and columns of a chart that are chosen.
import { allWell, at, expect, given, open, signIn } from "./browser.mjs";

const { browser, page, seen } = await open("live");
await page.goto(at("console", "/decisions?user=ada&app=payroll&live=1"));
await signIn(page, "ada", given.people.ada);
await page.waitForURL(/\/decisions/);
await page.evaluate(() => { window.mark = "the same page"; });
const other = await browser.newPage();
const denied = async () => {
  const answer = await other.goto(at("payroll", "/page"));
  expect(answer.status() === 403, `payroll is not for who administers: ${answer.status()}`);
  await page.bringToFront();
  return answer.headers()["bartizan-request-id"];
};
const short = (id) => `${id.slice(0, 8)}…${id.slice(-6)}`;
const row = (id) => page.locator(`main tbody tr:has(code:text-is("${short(id)}"))`);

// What comes stands there, in the same page, and can be used like what stood there before.
const first = await denied();
await row(first).waitFor({ timeout: 15_000 });
expect((await page.evaluate(() => window.mark)) === "the same page", "nothing was loaded anew");
const link = row(first).locator("a").first();
await link.focus();
const second = await denied();
await row(second).waitFor({ timeout: 15_000 });
const focus = await page.evaluate(() => document.activeElement.getAttribute("href"));
expect(focus === (await link.getAttribute("href")), `the focus stays where it was: ${focus}`);
expect(await row(second).locator("button[data-copy]").first().isVisible(), "its id can be copied");
expect((await row(second).locator("time").first().getAttribute("title"))?.includes("\n"), "its time is told exactly");

// When nobody answers, that is said, and what was there stays.
await browser.setOffline(true);
await page.waitForFunction(() => document.querySelector("[data-stale]").textContent.includes("Nobody has answered"), null, { timeout: 20_000 });
expect(await row(first).isVisible(), "the old rows stay");
await browser.setOffline(false);
await page.waitForFunction(() => document.querySelector("[data-stale]").textContent.startsWith("Live"), null, { timeout: 20_000 });

// Who opens a row and comes back, or stops it, has a list as any.
await page.getByRole("link", { name: "Stop" }).click();
await page.waitForURL((url) => !url.search.includes("live"));
expect((await page.locator("[data-stale]").count()) === 0, "it is not watched any more");

// Columns of the chart: by the pointer, and by keyboard.
const chosen = async (choose) => {
  await page.goto(at("console", "/?span=7d"));
  const links = page.locator(".chart .spans a");
  expect((await links.count()) > 3, "there is a past");
  const hrefs = await links.evaluateAll((all) => all.map((link) => link.href));
  await Promise.all([page.waitForURL(/\/decisions\?/), choose(links)]);
  const url = new URL(page.url());
  const of = (href, name) => new URL(href).searchParams.get(name);
  expect(url.searchParams.get("since") === of(hrefs[0], "since"), `from the first on: ${url}`);
  expect(url.searchParams.get("until") === of(hrefs[2], "until"), `to the third: ${url}`);
  const rows = await page.locator("main tbody tr").count();
  expect(rows > 0, "what is chosen is listed");
};
await chosen(async (links) => {
  const [from, to] = [await links.nth(0).boundingBox(), await links.nth(2).boundingBox()];
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 6 });
  expect((await page.locator(".spans .chosen").count()) >= 3, "what is chosen is seen");
  await page.mouse.up();
});
await chosen(async (links) => {
  await links.nth(0).focus();
  const columns = page.locator(".chart .spans > li");
  const place = (link) => link.evaluate((each) => [...each.closest("ol").children].indexOf(each.closest("li")));
  const steps = (await place(links.nth(2))) - (await place(links.nth(0)));
  expect(steps < (await columns.count()), "both are columns");
  for (let step = 0; step < steps; step++) await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Enter");
});

allWell(seen);
await browser.close();
console.log("DONE");
