// A browser without a screen, for scripts that speak to the OpenID provider: cookies, redirects, forms, one-time codes.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

/** `fetch` that trusts this deployment's own authority, finds every host on this machine, and follows nothing by itself. */
export function fetchWith(caFile) {
  const ca = readFileSync(caFile);
  const lookup = (_host, options, done) =>
    options?.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
  return (url, options = {}) =>
    new Promise((resolve, reject) => {
      const headers = Object.fromEntries(new Headers(options.headers));
      const body = options.body === undefined || options.body === null ? undefined : Buffer.from(options.body.toString());
      if (body) headers["content-length"] = String(body.length);
      const protocol = new URL(url).protocol === "http:" ? http : https;
      const request = protocol.request(new URL(url), { method: options.method ?? "GET", headers, ca, lookup }, (answer) => {
        const chunks = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("end", () => {
          const fields = new Headers();
          for (let at = 0; at < answer.rawHeaders.length; at += 2) fields.append(answer.rawHeaders[at], answer.rawHeaders[at + 1]);
          const empty = [204, 304].includes(answer.statusCode);
          const response = new Response(empty ? null : Buffer.concat(chunks), { status: answer.statusCode, headers: fields });
          response.cookies = answer.headers["set-cookie"] ?? [];
          resolve(response);
        });
      });
      request.on("error", reject);
      request.end(body);
    });
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code of an authenticator app (RFC 6238), so many steps from now. */
function totp(secret, steps) {
  const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const plain = (text) =>
  text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export class Browser {
  constructor(fetch, issuer) {
    Object.assign(this, { fetch, issuer, jar: new Map() });
  }

  /** Goes there and follows where it leads, as long as it is at the issuer. */
  async go(url, options = {}) {
    for (let hops = 0; hops < 12; hops++) {
      if (!String(url).startsWith(`${this.issuer}/`)) return { url: new URL(url) };
      const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const headers = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", accept: "text/html", ...options.headers };
      if (cookie) headers.cookie = cookie;
      const answer = await this.fetch(url, { ...options, headers });
      for (const field of answer.cookies) {
        const [, name, value] = field.match(/^([^=]+)=([^;]*)/);
        if (/max-age=0/i.test(field)) this.jar.delete(name);
        else this.jar.set(name, value);
      }
      const to = answer.headers.get("location");
      if (!to) return { url: new URL(url), status: answer.status, text: await answer.text(), headers: answer.headers };
      url = new URL(to, url).href;
      options = {};
    }
    throw new Error(`no end of redirects at ${url}`);
  }

  /** Sends the form of a page that posts. */
  async send(page, fields = {}) {
    const form = page.text.match(/<form method="post" action="([^"]*)"[^]*?<\/form>/);
    if (!form) throw new Error(`no form at ${page.url} (${page.status}): ${page.text.replace(/<style>[^]*?<\/style>/, "")}`);
    const body = new URLSearchParams();
    for (const [, tag] of form[0].matchAll(/<input([^>]*)>/g)) {
      const [name, value] = ["name", "value"].map((key) => tag.match(new RegExp(` ${key}="([^"]*)"`))?.[1]);
      if (/type="hidden"/.test(tag)) body.set(name, plain(value));
    }
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    const headers = {
      "content-type": "application/x-www-form-urlencoded", origin: this.issuer, "sec-fetch-site": "same-origin",
    };
    return this.go(new URL(plain(form[1]), page.url).href, { method: "POST", headers, body: body.toString() });
  }

  /** Signs in on the page that asks for it. */
  async signIn(page, login, person, steps = 0) {
    const second = await this.send(page, { login, password: person.password });
    return this.send(second, { code: totp(person.totp_secret, steps) });
  }

  /** Proves a second factor once more. */
  confirm(page, person, steps) {
    return this.send(page, { code: totp(person.totp_secret, steps) });
  }
}
