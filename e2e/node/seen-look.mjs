// What a page owes to whoever uses it, asked of the page as a browser shows it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, open } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const languages = ["en", "de", "fr", "es", "ar-XB"];
export const widths = { wide: { width: 1280, height: 900 }, narrow: { width: 360, height: 740 } };
const light = { colorScheme: "light", contrast: "no-preference", forcedColors: "none", reducedMotion: "reduce" };
const looks = {
  light,
  dark: { ...light, colorScheme: "dark" },
  contrast: { ...light, contrast: "more" },
  "dark contrast": { ...light, colorScheme: "dark", contrast: "more" },
  forced: { ...light, contrast: "more", forcedColors: "active" },
};
// The colours of a page are the same wide and narrow.
const besides = { wide: ["dark", "contrast"], narrow: ["dark contrast", "forced"] };
// What WCAG 2.0 to 2.2 ask for at A and AA and a program can tell, and what axe's keepers hold to be good besides.
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
// Nothing else of it is other in another look.
const ofLook = ["color-contrast", "link-in-text-block"];
// Two thirds of it are the editor's, which only the page that edits takes.
const most = 160_000;

/** Somebody in a browser of their own: every page that they are shown is looked at, and all that is wrong is kept. */
export async function somebody(name, { everyLook = true, keeps = false } = {}) {
  const { browser, page, seen } = await open(name);
  const faults = [];
  const fault = (where, what) => faults.push(`${where}: ${what}`);
  let told = false;
  // Who does not get to the end says what was wrong on the way.
  process.on("exit", (code) => code && !told && console.error(faults.join("\n")));
  let here = "";
  let language = "en";
  const counts = { views: 0, heaviest: 0 };
  page.on("console", (message) => {
    // A page that says no is no error, but Chromium writes down that it was sent as one.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) fault(here, message.text());
  });
  page.on("dialog", (dialog) => {
    fault(here, `it opens a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.addInitScript(() => {
    globalThis.breaches = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      globalThis.breaches.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries()) {
        const moved = shift.sources.map(({ node }) => node?.parentElement?.outerHTML.slice(0, 80)).join();
        // What moves by less than a thousandth of the window was rounded, and is not seen.
        if (!shift.hadRecentInput && shift.value > 0.001) globalThis.shifts.push(`${shift.value} ${moved}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  const network = await browser.newCDPSession(page);
  await network.send("Network.enable");
  // Each page as who comes for the first time: its weight is that of its look and its scripts, too.
  await network.send("Network.setCacheDisabled", { cacheDisabled: !keeps });
  let weight = 0;
  network.on("Network.loadingFinished", ({ encodedDataLength }) => (weight += encodedDataLength));
  network.on("Network.requestWillBeSent", ({ type, redirectResponse }) => {
    if (type === "Document" && !redirectResponse) weight = 0;
  });

  /** Whether everything is inside of the window, or in something that scrolls. */
  async function fits(where) {
    const is = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      const scrolls = (each) => {
        for (let box = each.parentElement; box; box = box.parentElement) {
          if (/auto|scroll|hidden|clip/.test(getComputedStyle(box).overflowX) && box !== document.body) return true;
        }
        return false;
      };
      const outside = [...document.querySelectorAll("body *")].filter((each) => {
        const { left, right, width, height } = each.getBoundingClientRect();
        const out = width > 1 && height > 1 && (left < -1 || right > clientWidth + 1);
        return out && !each.closest(".skip") && !scrolls(each);
      });
      // In a wide window tables do not have to be scrolled, so that nothing of a row is overlooked. Both numbers are rounded,
      // so that one pixel is none.
      const tables = clientWidth > 720 ? [...document.querySelectorAll(".table")] : [];
      const hidden = tables.filter((each) => each.scrollWidth > each.clientWidth + 1);
      return {
        over: scrollWidth - clientWidth,
        hidden: hidden.map((each) => `${each.ariaLabel} by ${each.scrollWidth - each.clientWidth} px`),
        outside: outside.slice(0, 3).map((each) => each.outerHTML.slice(0, 140)),
      };
    });
    if (is.over > 0) fault(where, `it is ${is.over} px too wide`);
    if (is.hidden.length > 0) fault(where, `a table has to be scrolled: ${is.hidden}`);
    if (is.outside.length > 0) fault(where, `out of the window: ${is.outside.join("\n    ")}`);
  }

  async function ruled(where, only) {
    // Colours are the same in every language.
    const rules = language === "en" ? {} : { "color-contrast": { enabled: false } };
    // By the debugger's way in, past which no policy of a page has to be weakened.
    const { violations } = await page.evaluate(
      async (how) => {
        const found = await globalThis.axe.run(document, how);
        for (const violation of found.violations.filter(({ id }) => id === "target-size")) {
          // WCAG 2.5.8 lets a target be small if a larger one on the page does the same: a column of a chart is a row of its table.
          violation.nodes = violation.nodes.filter(({ element }) => {
            const chart = element.closest(".spans") && element.closest(".chart");
            return !chart || chart.querySelectorAll("tbody tr").length < chart.querySelectorAll(".spans a").length;
          });
        }
        return {
          violations: found.violations.filter(({ nodes }) => nodes.length > 0).map(({ id, help, nodes }) => ({
            id,
            help,
            count: nodes.length,
            first: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary.replaceAll("\n", " ")}`),
          })),
        };
      },
      {
        runOnly: only ? { type: "rule", values: only } : { type: "tag", values: tags },
        rules: only ? {} : rules,
        resultTypes: ["violations"],
        preload: false,
        elementRef: true,
      },
    );
    for (const { id, help, count, first } of violations) fault(where, `${id} (${help}), ${count}: ${first.join("\n    ")}`);
  }

  const show = async (look, width) => {
    await page.emulateMedia(looks[look]);
    await page.setViewportSize(widths[width]);
  };

  /** Looks at the page that is shown, in every look (in English) or as it is in the light (in other languages). */
  async function look(name) {
    here = `${name} in ${language}`;
    counts.views += 1;
    await page.waitForLoadState("load");
    // Two frames, by which all that moves by itself has moved.
    const was = await page.evaluate(async () => {
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      return { breaches: globalThis.breaches, shifts: globalThis.shifts, lang: document.documentElement.lang };
    });
    if (was.lang !== language) fault(here, `it says that it is in ${was.lang}`);
    for (const shift of was.shifts) fault(here, `it moves while it loads: ${shift}`);
    counts.heaviest = Math.max(counts.heaviest, weight);
    if (weight > most || weight === 0) fault(here, `${weight} bytes came over the wire`);
    await page.evaluate(axe);
    for (const width of ["wide", "narrow"]) {
      await show("light", width);
      // What unfolds is looked at, too.
      if (width === "narrow") await page.evaluate(() => document.querySelectorAll("main details").forEach((each) => (each.open = true)));
      await fits(`${here}, ${width}`);
      if (language === "en" || width === "wide") await ruled(`${here}, ${width}`);
      for (const each of language === "en" && everyLook ? besides[width] : []) {
        await show(each, width);
        await ruled(`${here}, ${width}, ${each}`, ofLook);
      }
    }
    // To look at them: BARTIZAN_PAGES=<folder> BARTIZAN_PAGES_OF=en cargo test -p e2e --test it seen
    const folder = process.env.BARTIZAN_PAGES;
    if (folder && process.env.BARTIZAN_PAGES_OF === language) {
      for (const width of ["wide", "narrow"]) {
        await show("light", width);
        await page.screenshot({ path: `${folder}/${name.replaceAll("/", "_")}.${language}.${width}.png`, fullPage: true });
      }
    }
    const breaches = await page.evaluate(() => globalThis.breaches);
    for (const breach of breaches) fault(here, `its policy is broken: ${breach}`);
    await show("light", language === "en" ? "wide" : "narrow");
  }

  return {
    browser,
    page,
    seen,
    counts,
    fault,
    look,
    fits,
    async read(next) {
      language = next;
      await browser.setExtraHTTPHeaders({ "accept-language": next });
      await show("light", next === "en" ? "wide" : "narrow");
    },
    /** Goes to a page and looks at it. */
    async visit(name, url, status = 200) {
      here = `${name} in ${language}`;
      const answer = await page.goto(url);
      if (answer.status() !== status) fault(here, `it answers ${answer.status()}`);
      await look(name);
    },
    /** Nothing was wrong with any of it. */
    well() {
      told = true;
      for (const problem of seen.problems) fault("on some page", problem);
      const folded = new Map();
      for (const each of faults) folded.set(each, (folded.get(each) ?? 0) + 1);
      const said = [...folded].map(([each, times]) => (times > 1 ? `${each} (${times} times)` : each));
      expect(faults.length === 0, `nothing is wrong with a page: ${said.length} faults\n${said.join("\n")}`);
    },
  };
}
