// Opens mails in Chromium on a phone, light and dark: `node mail.js WISH.json`; prints whatever is wrong as JSON.
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const wish = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const load = createRequire(path.join(wish.modules, "x.js"));
const { chromium } = load("playwright-core");
const axe = fs.readFileSync(load.resolve("axe-core"), "utf8");

// Fingers want 44 px; nothing of the feeds' becomes an element; nothing covers the mail.
function touched() {
  const wrong = [];
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`${document.documentElement.scrollWidth} px wide`);
  for (const link of document.querySelectorAll("a")) {
    const { width, height } = link.getBoundingClientRect();
    if (height < 44 || width < 44) wrong.push(`a target of ${width} x ${height} px: ${link.outerHTML.slice(0, 200)}`);
  }
  for (const one of document.querySelectorAll("img,script,svg,iframe,object,embed,form,input,video,audio,link,base")) {
    wrong.push(one.outerHTML.slice(0, 200));
  }
  for (const one of document.querySelectorAll("body *")) {
    if (getComputedStyle(one).position !== "static") wrong.push(`positioned: ${one.outerHTML.slice(0, 200)}`);
  }
  return wrong;
}

async function look(browser, name, scheme) {
  const found = [];
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 375, height: 800 } });
  const page = await context.newPage();
  const mail = "file://" + path.join(wish.folder, name + ".html");
  context.on("request", request => { if (request.url() !== mail) found.push("asked for " + request.url()); });
  page.on("dialog", dialog => { found.push("said " + dialog.message()); dialog.dismiss(); });
  await page.goto(mail, { waitUntil: "load" });
  found.push(...await page.evaluate(touched));
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run());
  for (const violation of violations.filter(one => ["serious", "critical"].includes(one.impact))) {
    const places = violation.nodes.slice(0, 3).map(node => node.html + " " + node.failureSummary).join("; ");
    found.push(`${violation.id}: ${places}`);
  }
  if (wish.pictures) await page.screenshot({ path: path.join(wish.pictures, `${name}-${scheme}.png`), fullPage: true });
  await context.close();
  return found.map(one => `${name}, ${scheme}: ${one}`);
}

(async () => {
  const browser = await chromium.launch({ executablePath: wish.chromium, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  const found = [];
  for (const name of wish.mails) {
    for (const scheme of ["light", "dark"]) found.push(...await look(browser, name, scheme));
  }
  await browser.close();
  console.log(JSON.stringify({ looked: wish.mails.length * 2, found }));
})().catch(error => { console.error(error); process.exit(1); });
