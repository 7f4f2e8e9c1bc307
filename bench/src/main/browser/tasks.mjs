// Five things people come to an archive for, done in a real browser: what has to be clicked or typed, and how long it takes until the answer is
// on the screen. BASE and CHROMIUM come from bench/browser, which also makes the list "tall" with a thread of 200 messages.
import { chromium } from "playwright-core";

const base = process.env.BASE;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext({ acceptDownloads: true, permissions: ["clipboard-read", "clipboard-write"] });
const page = await context.newPage();
let failed = 0;
let passed = 0;

const found = async (query) => JSON.parse(await (await fetch(`${base}/search?format=json&q=${encodeURIComponent(query)}`)).text()).hits;

const task = async (what, start, work, holds) => {
  await page.goto(base + start);
  let acts = 0;
  const act = async (doing) => { acts += 1; await doing; };
  const began = performance.now();
  await work(act);
  const seconds = (performance.now() - began) / 1000;
  if (await holds()) {
    passed += 1;
    console.log(`ok      ${what}: ${acts} acts, ${seconds.toFixed(2)} s`);
  } else {
    failed += 1;
    console.log(`FAILED  ${what}: ends at ${page.url()}`);
  }
};

await task("find a mail by half a sentence", "/", async (act) => {
  await act(page.fill(".seek input[name=q]", '"the sentence of message 117"'));
  await act(page.keyboard.press("Enter"));
  await act(page.locator("ol.hits a").first().click());
}, async () => (await page.textContent("main")).includes("the sentence of message 117"));

await task("read a thread of 200 mails, from the list's page", "/tall@lists.example.org/", async (act) => {
  await act(page.locator("table.rows a").first().click());
  await page.locator("article.letter").nth(199).scrollIntoViewIfNeeded();
}, async () => await page.locator("article.letter").count() === 200);

const some = new URL((await found("from:\"Person 7\" list:tall"))[0].url).pathname;
await task("the first mail of a person, from one of theirs", some, async (act) => {
  await act(page.getByRole("link", { name: /^All by/ }).click());
  await act(page.getByRole("link", { name: /oldest/i }).click());
  await act(page.locator("ol.hits a").first().click());
}, async () => (await page.textContent("main")).includes("the sentence of message 7 "));

let bytes = 0;
await task("a month as mbox, from the list's page", "/tall@lists.example.org/", async (act) => {
  await act(page.locator("table.years a").last().click());
  const [download] = await Promise.all([page.waitForEvent("download"), act(page.getByRole("link", { name: "Download as mbox" }).click())]);
  for await (const piece of await download.createReadStream()) {
    bytes += piece.length;
  }
}, () => bytes > 1000);

await task("cite a mail, from its page", some, async (act) => {
  await act(page.keyboard.press("."));
  await page.waitForTimeout(50);
}, async () => (await page.evaluate(() => navigator.clipboard.readText())).startsWith("http"));

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
