import { chromium } from "playwright-core";
import { mkdirSync } from "node:fs";
import { totp, given, at, bartizan } from "./browser.mjs";
mkdirSync("/tmp/shots", { recursive: true });
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const [name, w, scheme] of [["wide", 1200, "light"], ["narrow", 360, "dark"]]) {
  const c = await b.newContext({ ignoreHTTPSErrors: true, viewport: { width: w, height: 800 }, colorScheme: scheme });
  const p = await c.newPage();
  await p.goto(at("auth", "/sign-in"));
  await p.screenshot({ path: `/tmp/shots/${name}-signin.png`, fullPage: true });
  await p.fill("input[name=login]:visible", "bob");
  await p.fill("input[name=password]", given.people.bob.password);
  await p.keyboard.press("Enter");
  await p.waitForURL(/code/);
  await p.waitForTimeout(name === "narrow" ? 31000 : 0);
  await p.fill("input[name=code]", totp(given.people.bob.totp_secret));
  await p.keyboard.press("Enter");
  await p.waitForTimeout(1500);
  await p.goto(at("auth", "/"));
  await p.screenshot({ path: `/tmp/shots/${name}-account.png`, fullPage: true });
  await p.goto(at("auth", "/confirm"));
  await p.screenshot({ path: `/tmp/shots/${name}-confirm.png`, fullPage: true });
}
await b.close();
