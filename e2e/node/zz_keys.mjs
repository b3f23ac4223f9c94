import { chromium } from "playwright-core";
import { spawnSync } from "node:child_process";
const given = JSON.parse(process.env.BARTIZAN_E2E);
const { totp } = await import("./browser.mjs");
const at = (h, p = "/") => `https://${h}.bartizan.localhost:9443${p}`;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--ignore-certificate-errors"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ignoreHTTPSErrors: true });
await page.goto(at("console"));
const ada = given.people.ada;
await page.fill("input[name=login]", "ada"); await page.fill("input[name=password]", ada.password);
await page.click("main button[type=submit], form button");
for (let i = 0; i < 5; i++) {
  if (!page.url().includes("auth.")) break;
  if (await page.locator("input[name=code]").count()) { await page.fill("input[name=code]", totp(ada.totp_secret, Date.now() + i*30000)); await page.keyboard.press("Enter"); }
  await page.waitForTimeout(1500);
}
await page.goto(at("console", "/clients/nightly"));
await page.screenshot({ path: "/tmp/out/k1.png", fullPage: true });
await page.goto(at("console", "/clients/nightly/keys"));
await page.screenshot({ path: "/tmp/out/k2.png", fullPage: true });
await page.fill("input[name=apps]", "nowhere"); await page.click("main form button");
await page.waitForTimeout(500); await page.screenshot({ path: "/tmp/out/k3.png", fullPage: true });
await page.fill("input[name=apps]", "wiki console"); await page.fill("input[name=label]", "ci"); await page.click("main form button");
await page.waitForTimeout(500); await page.screenshot({ path: "/tmp/out/k4.png", fullPage: true });
await page.goto(at("console", "/clients/nightly"));
await page.setViewportSize({ width: 390, height: 800 });
await page.screenshot({ path: "/tmp/out/k5.png", fullPage: true });
await browser.close();
