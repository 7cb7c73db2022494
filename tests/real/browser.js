// Drives Chromium over the pages: `node browser.js WISH.json`; prints what it saw as JSON.
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const wish = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const load = createRequire(path.join(wish.modules, "x.js"));
const { chromium } = load("playwright-core");
const axe = fs.readFileSync(load.resolve("axe-core"), "utf8");

const quiet = [
  "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const here = url => url.startsWith(wish.base) || url.startsWith("data:") || url.startsWith("about:");

// What a page must never do: reach elsewhere, or break its own policy.
function watch(context, found) {
  context.on("request", request => { if (!here(request.url())) found.push("asked for " + request.url()); });
  context.on("console", message => {
    if (/content security policy|refused to/i.test(message.text())) found.push(message.text());
  });
}

async function mail(to) {
  for (let tries = 0; tries < 300; tries++) {
    const files = fs.existsSync(wish.outbox) ? fs.readdirSync(wish.outbox).filter(name => name.endsWith(".eml")) : [];
    for (const name of files) {
      const text = fs.readFileSync(path.join(wish.outbox, name), "utf8");
      const plain = text.replace(/=\r?\n/g, "").replace(/=3D/g, "=");
      const link = plain.includes("To: " + to) && plain.match(/http:\S+\/confirm\/\S+/);
      if (link) return link[0];
    }
    await new Promise(done => setTimeout(done, 100));
  }
  throw new Error("no mail to " + to);
}

// A person subscribes, confirms, chooses and leaves, by what stands on the pages.
async function journey(browser, reader, script) {
  const found = [];
  const context = await browser.newContext({ javaScriptEnabled: script, locale: "en-GB", viewport: { width: 375, height: 800 } });
  watch(context, found);
  const page = await context.newPage();
  const seen = [];
  const press = async name => {
    await page.getByRole("button", { name, exact: true }).click();
    await page.waitForLoadState();
    seen.push(await page.locator("main").innerText());
  };
  await page.goto(wish.base + "/");
  await page.getByRole("link", { name: "Get it by mail" }).click();
  await page.getByLabel("Your mail address").fill(reader);
  await page.getByLabel("Daily").check();
  await page.getByLabel("Trade").check();
  await page.getByLabel("Language of the mail").selectOption({ label: "English" });
  await press("Send me the link");
  await page.goto(await mail(reader));
  seen.push(await page.locator("main").innerText());
  await press("Yes, send it to me");
  await page.getByRole("link", { name: "Choose topics and hour, pause or leave" }).click();
  await page.getByLabel("Borders").check();
  await page.getByLabel("Hour", { exact: true }).selectOption("18");
  await page.getByLabel("Stories at most").selectOption("5");
  await press("Save");
  if (wish.leave.includes(reader)) {
    await page.getByRole("link", { name: "Change something else" }).click();
    await press("Leave this digest");
  }
  await context.close();
  return { reader, seen, found };
}

// Every page in one language and scheme, on a phone: axe-core's serious findings, and what does not fit.
async function look(browser, lang, scheme) {
  const found = [];
  const context = await browser.newContext({ bypassCSP: true, colorScheme: scheme, viewport: { width: 375, height: 800 } });
  watch(context, found);
  const page = await context.newPage();
  for (const [name, link] of wish.pages) {
    const url = wish.base + link + (link.includes("?") ? "&" : "?") + "lang=" + lang;
    const answer = await page.goto(url);
    if (answer.status() !== (name === "nothing" ? 404 : 200)) found.push(`${name}: ${answer.status()}`);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > 375) found.push(`${name} in ${lang} is ${width} px wide`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
    for (const violation of violations.filter(one => ["serious", "critical"].includes(one.impact))) {
      const places = violation.nodes.slice(0, 3).map(node => node.html + " " + node.failureSummary).join("; ");
      found.push(`${name} in ${lang}, ${scheme}: ${violation.id}: ${places}`);
    }
    if (wish.pictures) await page.screenshot({ path: path.join(wish.pictures, `${name}-${lang}-${scheme}.png`), fullPage: true });
  }
  await context.close();
  return found;
}

(async () => {
  const browser = await chromium.launch({ executablePath: wish.chromium, args: quiet });
  const journeys = await Promise.all(wish.readers.map(([reader, script]) => journey(browser, reader, script)));
  // Afterwards, since one of the pages shows what a reader chose. Colours are the same in all languages.
  const looks = [["en", "light"], ["en", "dark"], ["ur", "light"], ["ur", "dark"], ["ps", "light"], ["fa", "light"]];
  const found = (await Promise.all(looks.map(([lang, scheme]) => look(browser, lang, scheme)))).flat();
  await browser.close();
  console.log(JSON.stringify({ journeys, found }));
})().catch(error => { console.error(error); process.exit(1); });
