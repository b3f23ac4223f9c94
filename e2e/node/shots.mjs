// The pictures of the book: pages as people see them, of one size, in few colours.
import { writeFileSync } from "node:fs";
import { deflateSync, inflateSync } from "node:zlib";
import { allWell, at, expect, given, open, signIn } from "./browser.mjs";

const console_ = { width: 1280, height: 800 };
const card = { width: 1280, height: 640 };

/** The pixels of a PNG as a browser writes it: eight bits a channel, from top to bottom. */
function pixels(png) {
  const parts = [];
  let [width, height, channels] = [0, 0, 0];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const kind = png.toString("latin1", at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (kind === "IHDR") {
      [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
      channels = { 2: 3, 6: 4 }[data[9]];
      expect(data[8] === 8 && channels && data[12] === 0, "a PNG of a form that is known");
    }
    if (kind === "IDAT") parts.push(data);
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const row = width * channels;
  const out = Buffer.alloc(row * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)];
    for (let x = 0; x < row; x++) {
      const here = y * row + x;
      const left = x >= channels ? out[here - channels] : 0;
      const up = y ? out[here - row] : 0;
      const both = x >= channels && y ? out[here - row - channels] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, both)][filter];
      out[here] = raw[y * (row + 1) + 1 + x] + guess;
    }
  }
  return { width, height, channels, out };
}

function paeth(left, up, both) {
  const guess = left + up - both;
  const [a, b, c] = [left, up, both].map((each) => Math.abs(guess - each));
  return a <= b && a <= c ? left : b <= c ? up : both;
}

/** The same picture with 256 colours: those that are there most often, and those that are least like them. */
function fewColours(png) {
  const { width, height, channels, out } = pixels(png);
  const counts = new Map();
  const colour = (at) => (out[at] << 16) | (out[at + 1] << 8) | out[at + 2];
  for (let at = 0; at < out.length; at += channels) counts.set(colour(at), (counts.get(colour(at)) ?? 0) + 1);
  const often = [...counts].sort(([, a], [, b]) => b - a).map(([each]) => each);
  const apart = (a, b) => [16, 8, 0].reduce((sum, bits) => sum + (((a >> bits) & 255) - ((b >> bits) & 255)) ** 2, 0);
  const palette = often.slice(0, 208);
  // A lit window is small, and is not grey for that.
  const rest = often.slice(208).filter((each) => counts.get(each) > 2);
  const nearest = rest.map((each) => Math.min(...palette.map((other) => apart(each, other))));
  while (palette.length < 256 && rest.length) {
    const next = rest[nearest.indexOf(Math.max(...nearest))];
    palette.push(next);
    rest.forEach((each, number) => (nearest[number] = Math.min(nearest[number], apart(each, next))));
  }
  const places = new Map(palette.map((each, place) => [each, place]));
  const place = (each) => {
    if (!places.has(each)) {
      let best = 0;
      palette.forEach((other, number) => apart(each, other) < apart(each, palette[best]) && (best = number));
      places.set(each, best);
    }
    return places.get(each);
  };
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = place(colour((y * width + x) * channels));
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((each) => [each >> 16, (each >> 8) & 255, each & 255]));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const data = deflateSync(rows, { level: 9, memLevel: 9 });
  return Buffer.concat([signature, chunk("IHDR", head), chunk("PLTE", colours), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

const table = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  let sum = 0xffffffff;
  for (const byte of body) sum = table[(sum ^ byte) & 255] ^ (sum >>> 8);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE((sum ^ 0xffffffff) >>> 0);
  return Buffer.concat([length, body, check]);
}

async function shoot(page, name, size) {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize(size);
  await page.waitForLoadState("networkidle");
  const png = fewColours(await page.screenshot({ animations: "disabled", caret: "hide" }));
  writeFileSync(`${given.shots}/${name}.png`, png);
  console.log(`MEASURED ${name}.png: ${(png.length / 1024).toFixed(0)} KiB`);
}

const eve = await open("eve");
await eve.page.goto(at("payroll", "/salaries"));
await shoot(eve.page, "sign-in", card);
await signIn(eve.page, "eve", given.people.eve);
await eve.page.waitForURL(at("payroll", "/salaries"));
const denied = await eve.page.reload();
expect(denied.status() === 403, "eve is denied payroll");
await shoot(eve.page, "denial", card);
const id = denied.headers()["bartizan-request-id"];

const ada = await open("ada");
await ada.page.goto(at("console", `/decisions/${id}`));
await signIn(ada.page, "ada", given.people.ada);
await ada.page.waitForURL(at("console", `/decisions/${id}`));
await shoot(ada.page, "decision", console_);
await ada.page.goto(at("console", "/?span=7d"));
await shoot(ada.page, "overview", console_);
await ada.page.goto(at("console", "/access?app=payroll"));
await shoot(ada.page, "access", console_);
for (const { browser, seen } of [eve, ada]) {
  allWell(seen);
  await browser.close();
}
console.log("DONE");
