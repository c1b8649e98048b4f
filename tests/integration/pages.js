// Looks at a page in a browser: node pages.js BROWSER PAGE
"use strict";
const fs = require("fs");
const path = require("path");
const puppeteer = require("puppeteer-core");

const [browserPath, page] = process.argv.slice(2);
const address = `file://${path.resolve(page)}`;
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const faults = [];
const hold = (what, holds) => {
  if (!holds) faults.push(what);
};

const look = async (browser, scheme, width) => {
  const open = async (unguarded) => {
    const tab = await browser.newPage();
    // The tests' own script is none that the page's policy knows.
    await tab.setBypassCSP(unguarded);
    tab.on("request", (request) => hold(`fetched ${request.url()}`, request.url() === address));
    tab.on("console", (message) => hold(`said ${message.text()}`, false));
    tab.on("pageerror", (error) => hold(`failed: ${error}`, false));
    await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await tab.setViewport({ width, height: 900 });
    await tab.goto(address);
    return tab;
  };
  const before = faults.length;
  const tab = await open(false);
  const text = (selector) => tab.$eval(selector, (element) => element.textContent);
  hold("the script did not run", (await text("#count")) === "2 of 2 shown");
  // By the keyboard alone: to the first entry, and open it.
  await tab.focus("summary");
  await tab.keyboard.press("Enter");
  hold("Enter opens nothing", await tab.$eval("details", (details) => details.open));
  hold("wider than the window", await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await tab.type("input[name=text]", "old.py");
  hold("a text filters nothing", (await text("#count")) === "1 of 2 shown");
  await tab.close();
  const checked = await open(true);
  await checked.evaluate(() => document.querySelectorAll("details").forEach((it) => { it.open = true; }));
  await checked.evaluate(axe);
  const { violations } = await checked.evaluate(() => axe.run());
  for (const it of violations) hold(`${it.id} (${it.impact}): ${it.nodes[0].html}`, false);
  await checked.close();
  console.log(`${scheme}, ${width} wide: ${faults.length === before ? "well" : "not well"}`);
};

(async () => {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  const browser = await puppeteer.launch({ executablePath: browserPath, args, headless: true });
  for (const scheme of ["light", "dark"]) for (const width of [360, 800, 1400]) await look(browser, scheme, width);
  await browser.close();
  faults.forEach((fault) => console.log(fault));
  process.exitCode = faults.length > 0 ? 1 : 0;
})();
