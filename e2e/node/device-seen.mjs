// The pages on which a device is connected, as people see them: in every look, wide and narrow, in every language.
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as client from "openid-client";
import { at, bartizan, expect, given, signIn } from "./browser.mjs";
import { fetchWith } from "./oidc-browser.mjs";
import { languages, somebody } from "./seen-look.mjs";

const folder = mkdtempSync(join(given.scratch, "files-"));
writeFileSync(`${folder}/device.toml`, `
[[client]]
name = "hall-television"
title = "Television in the hall"
auth = "none"
grants = ["device_code"]
scopes = ["profile", "email", "groups", "pictures:read"]
audiences = ["https://pictures.example.com/api"]
`);
writeFileSync(`${folder}/device.cedar`, `
@id("hall-television") @reason("Finance has it")
permit (principal in Group::"finance", action == Action::"token:issue", resource == Client::"hall-television");
`);
bartizan("apply", "-f", folder);
const options = { [client.customFetch]: fetchWith(given.ca) };
const device = await client.discovery(new URL(at("auth", "")), "hall-television", undefined, client.None(), options);
const scope = "openid profile email groups pictures:read";
const begin = () => client.initiateDeviceAuthorization(device, { scope, resource: "https://pictures.example.com/api" });

const { page, browser, look, visit, read, well, counts } = await somebody("device-seen");
await page.goto(at("auth", "/device"));
await signIn(page, "bob", given.people.bob);
await page.waitForURL(/\/device$/);
const press = (action) => Promise.all([page.waitForNavigation(), page.locator(`form[action^='${action}'] button`).click()]);
for (const language of languages) {
  await read(language);
  await visit("the code of a device", at("auth", "/device"));
  const [first, second] = [await begin(), await begin()];
  // Whoever has typed five wrong ones would have to wait.
  if (language !== languages.at(-1)) {
    await page.fill("input[name=user_code]", "BCDF-GHJK");
    await press("/device");
    await look("a code of no device");
  }
  await page.fill("input[name=user_code]", first.user_code);
  await press("/device");
  await look("a device that asks");
  await press("/device/allow");
  await look("a device that is connected");
  await page.goto(second.verification_uri_complete);
  await press("/device");
  await press("/device/deny");
  await look("a device that is not connected");
}
expect(counts.views === languages.length * 5 - 1, "every page was seen");
await browser.close();
console.log(`MEASURED ${counts.views} views of pages for devices, heaviest ${counts.heaviest} bytes`);
well();
console.log("DONE");
