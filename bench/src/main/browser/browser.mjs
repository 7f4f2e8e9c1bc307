// The pages in a real browser: every kind of page by axe in light and dark, with and without our script; keys, facets, narrow windows, and a
// walk over every link. BASE and CHROMIUM come from bench/browser; SHOTS is a folder for screenshots, if wanted.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const base = process.env.BASE;
const list = "/dev@lists.example.org";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let passed = 0;
let failed = 0;
const check = (holds, what, why = "") => {
  if (holds) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`FAILED  ${what}${why ? `: ${why}` : ""}`);
  }
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });

// --- which pages there are

const text = async (path) => (await fetch(base + path)).text();
const first = (html, pattern) => (html.match(pattern) || [])[1]?.replaceAll("&amp;", "&");
const overview = await text(`${list}/`);
const month = first(overview, /href="([^"]*\/\d{4}-\d{2}\/)"/);
const hits = JSON.parse(await text("/search?format=json&q=date:2000.."));
const patch = JSON.parse(await text("/search?format=json&q=has:patch")).hits[0];
const path = (url) => new URL(url).pathname;
const message = path(hits.hits[0].url);
const pages = {
  front: "/",
  overview: `${list}/`,
  "empty list": "/empty@lists.example.org/",
  "month by thread": month,
  "month by date": `${month}?by=date`,
  "month by author": `${month}?by=author`,
  "month without posts": `${list}/1999-01/`,
  message,
  "message with a patch": patch ? path(patch.url) : message,
  "thread by time": `${message}T/`,
  "thread as a tree": `${message}t/`,
  "search, nothing asked": "/search",
  "search, found": "/search?q=the",
  "search, one of each thread": "/search?q=the&sort=relevance&threads=1",
  "search, nothing found": "/search?q=zzzyx",
  "search, odd": "/search?q=(a%20OR%20has:wings",
  "search in a list": `${list}/search?q=mail`,
  "nothing here": "/nothing",
};

// --- axe, scripts, requests

for (const scheme of ["light", "dark"]) {
  for (const script of [true, false]) {
    const context = await browser.newContext({ colorScheme: scheme, bypassCSP: true });
    if (!script) {
      await context.route("**/assets/*.js", (route) => route.abort());
    }
    const page = await context.newPage();
    for (const [name, address] of Object.entries(pages)) {
      await page.goto(base + address);
      await page.evaluate(axe);
      const found = await page.evaluate(() => window.axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      }));
      const why = found.violations.map((one) => `${one.id} (${one.nodes.length}: ${one.nodes[0].html.slice(0, 120)})`).join("; ");
      check(found.violations.length === 0, `axe, ${name}, ${scheme}${script ? "" : ", no script"}`, why);
      if (process.env.SHOTS && script) {
        await page.screenshot({ path: `${process.env.SHOTS}/${name.replaceAll(/\W+/g, "-")}-${scheme}.png`, fullPage: true });
      }
    }
    await context.close();
  }
}

{
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = [];
  const foreign = [];
  page.on("console", (message) => { if (message.type() === "error" && !message.text().includes("404")) complaints.push(message.text()); });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => { if (!request.url().startsWith(base) && !request.url().startsWith("data:")) foreign.push(request.url()); });
  for (const address of Object.values(pages)) {
    await page.goto(base + address);
  }
  check(complaints.length === 0, "no page breaks its own policy or throws", complaints[0]);
  check(foreign.length === 0, "nothing is asked of another host", foreign[0]);
  await context.close();
}

// --- narrow windows, 400 % zoom of 1280 pixels

for (const width of [320, 390]) {
  const context = await browser.newContext({ viewport: { width, height: 640 } });
  const page = await context.newPage();
  for (const [name, address] of Object.entries(pages)) {
    await page.goto(base + address);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= width, `${name} fits ${width} pixels`, `${wide} wide`);
  }
  await context.close();
}

// --- keys, facets, local times

{
  const context = await browser.newContext({ timezoneId: "Asia/Tokyo", permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  const focused = () => page.evaluate(() => `${document.activeElement.tagName} ${document.activeElement.name || document.activeElement.textContent.slice(0, 60)}`);
  await page.goto(`${base}${message}T/`);
  await page.keyboard.press("j");
  const one = await focused();
  await page.keyboard.press("j");
  const two = await focused();
  check(one.startsWith("A ") && one !== two || hits.found < 2, "j goes from message to message", `${one}, ${two}`);
  await page.keyboard.press("k");
  check((await focused()) === one, "k goes back");
  await page.keyboard.press("?");
  check(await page.locator("dialog[open]").count() === 1, "? tells the keys");
  await page.keyboard.press("Escape");
  check(await page.locator("dialog[open]").count() === 0, "Escape closes what a key opened");
  await page.keyboard.press("/");
  check((await focused()) === "INPUT q", "/ goes to the search box", await focused());
  await page.keyboard.type("jk mail");
  check(await page.inputValue(".seek input[name=q]") === "jk mail", "keys are text in a box");
  check((await page.locator("article time").first().getAttribute("title"))?.includes("GMT+9"), "a time tells what it is here",
    await page.locator("article time").first().getAttribute("title"));
  await page.goto(base + message);
  await page.locator("details summary").first().click();
  await page.getByRole("button", { name: "Copy the Message-ID" }).click();
  check((await page.evaluate(() => navigator.clipboard.readText())).includes("@"), "the Message-ID is copied");
  const up = base + await page.locator(".crumbs a").last().getAttribute("href");
  await Promise.all([page.waitForURL(up), page.keyboard.press("u")]);
  check(page.url() === up, "u goes up", page.url());
  await page.goto(`${base}/search?q=mail`);
  const before = await page.locator("[role=status] strong").textContent();
  await page.locator(".facets a").nth(1).click();
  const narrowed = await page.locator("[role=status] strong").textContent();
  check(before !== narrowed, "a facet narrows", `${before}, ${narrowed}`);
  await page.locator("a.chip").first().click();
  check(await page.locator("[role=status] strong").textContent() === before, "its chip takes it back");
  await page.goto(`${base}/search?q=mail`);
  const bars = page.locator(".chart svg a");
  if (await bars.count() > 1) {
    await bars.last().locator("rect.bar").click();
    check(page.url().includes("date%3A"), "a bar of the chart is a link", page.url());
  }
  await context.close();
}

// --- every link

{
  const seen = new Map([["/", ""]]);
  const queue = ["/"];
  while (queue.length > 0 && seen.size < Number(process.env.LINKS || 1500)) {
    const at = queue.shift();
    const answer = await fetch(base + at, { redirect: "manual" });
    if (answer.status >= 400) {
      check(false, `link ${at} on ${seen.get(at)}`, String(answer.status));
      continue;
    }
    passed += 1;
    const html = (answer.headers.get("content-type") || "").startsWith("text/html") ? await answer.text() : "";
    const ids = new Set([...html.matchAll(/ id="([^"]*)"/g)].map((found) => found[1]));
    for (const [, raw] of html.matchAll(/ href="([^"]*)"/g)) {
      const href = raw.replaceAll("&amp;", "&");
      if (href.startsWith("#")) {
        check(ids.has(decodeURIComponent(href.slice(1))) || href === "#", `anchor ${href} on ${at}`);
      } else if (href.startsWith("/") || href.startsWith(base)) {
        const url = new URL(href, base + at);
        const next = url.pathname + url.search;
        // Searches lead to searches without end.
        if (!seen.has(next) && !(at.includes("/search") && next.includes("/search?"))) {
          seen.set(next, at);
          queue.push(next);
        }
      }
    }
  }
  console.log(`${seen.size} addresses looked at`);
}

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
