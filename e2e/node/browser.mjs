// A browser that trusts the deployment's authority and nothing more, and what people do in it.
import { execFile, execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdirSync } from "node:fs";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

/** What the test hands over: where the deployment is, and who its people are. */
export const given = JSON.parse(process.env.BARTIZAN_E2E ?? "{}");

/** The address of a page on one of the deployment's hosts. */
export const at = (host, path = "/") => `https://${host === "portal" ? "" : `${host}.`}${given.domain}:${portOf(host)}${path}`;

/** Apps may be served elsewhere than the deployment's own hosts. */
const portOf = (host) => (["auth", "console", "portal"].includes(host) ? given.port : (given.appsPort ?? given.port));

/** The code that an authenticator app shows (RFC 6238), written here once more so that two readings agree. */
export function totp(base32, time = Date.now()) {
  const bits = [...base32.replace(/[\s=]/g, "").toUpperCase()]
    .map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const from = mac[19] & 15;
  return String((mac.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Runs a command of ours as the administrator. */
export function bartizan(...args) {
  const options = ["--server", given.console, "--ca", given.ca, "--token-file", given.adminToken, "--json"];
  const [program, ...rest] = [...(given.through ?? []), given.binary, ...options, ...args];
  return JSON.parse(execFileSync(program, rest).toString());
}

/** The same while this process goes on: for a command whose answer it has a part in. */
export async function bartizanMeanwhile(...args) {
  const options = ["--server", given.console, "--ca", given.ca, "--token-file", given.adminToken, "--json"];
  const { stdout } = await promisify(execFile)(given.binary, [...options, ...args]);
  return JSON.parse(stdout);
}

/** Ends the test with what was wrong. */
export function expect(holds, what) {
  if (!holds) throw new Error(`not so: ${what}`);
}

/** A browser of its own. Certificates are checked; what breaks a page's own policy, or is misdirected, is an error. */
export async function open(name) {
  const home = `${given.scratch}/${name}`;
  const database = `sql:${home}/.pki/nssdb`;
  mkdirSync(`${home}/.pki/nssdb`, { recursive: true });
  execFileSync("certutil", ["-d", database, "-N", "--empty-password"]);
  execFileSync("certutil", ["-d", database, "-A", "-t", "C,,", "-n", "demo", "-i", given.ca]);
  const browser = await chromium.launchPersistentContext(`${home}/profile`, {
    executablePath: given.chromium,
    env: { ...process.env, HOME: home },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...(given.rules ? [`--host-resolver-rules=${given.rules}`] : []),
    ],
  });
  const page = browser.pages()[0] ?? (await browser.newPage());
  const seen = { problems: [], connections: new Map() };
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted Type/.test(message.text())) seen.problems.push(message.text());
  });
  page.on("pageerror", (error) => seen.problems.push(String(error)));
  const network = await browser.newCDPSession(page);
  await network.send("Network.enable");
  network.on("Network.responseReceived", ({ response }) => {
    const host = new URL(response.url).hostname;
    if (response.status === 421) seen.problems.push(`421 from ${response.url}`);
    if (!host.endsWith(given.domain)) return;
    if (response.protocol !== "h2") seen.problems.push(`${response.protocol} from ${response.url}`);
    const hosts = seen.connections.get(response.connectionId) ?? new Set();
    seen.connections.set(response.connectionId, hosts.add(host));
  });
  return { browser, page, seen };
}

/** One connection serves one host, and nothing was wrong on any page. */
export function allWell(seen) {
  for (const hosts of seen.connections.values()) {
    expect(hosts.size === 1, `a connection is of one host, not of ${[...hosts]}`);
  }
  expect(seen.connections.size > 0, "connections were seen");
  expect(seen.problems.length === 0, `no page has a problem: ${seen.problems}`);
}

/** The cursor waits where one types first. */
const focused = (page) => page.waitForFunction(() => document.activeElement?.tagName === "INPUT");

/** Signs in on the page that asks for it, by keyboard alone. Whoever has no secret says where the code comes from. */
export async function signIn(page, name, { password, totp_secret, code = () => totp(totp_secret) }) {
  await page.waitForURL(/\/sign-in/);
  await focused(page);
  await page.keyboard.type(name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/code/);
  await focused(page);
  await page.keyboard.type(await code());
  await page.keyboard.press("Enter");
  const gone = page.waitForURL((url) => !/^\/(sign-in|code)/.test(url.pathname), { timeout: 15_000 });
  await gone.catch(async () => expect(false, `${name} gets in: ${await page.innerText("body")}`));
}
