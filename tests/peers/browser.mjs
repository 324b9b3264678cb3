// Walks through the pages as a person would: browser.mjs BASE SAMPLES NODE_FOLDER OUT
import { createRequire } from "node:module";
const [base, samples, node, out] = process.argv.slice(2);
const { chromium } = createRequire(`${node}/`)("playwright-core");

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
const faults = [];
const expect = (what, seen, wanted) => {
  if (seen !== wanted) faults.push(`${what}: ${seen} instead of ${wanted}`);
};

for (const [width, javaScriptEnabled] of [[1100, true], [390, true], [1100, false]]) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled });
  const page = await context.newPage();
  // A violation of the content security policy is reported on the console.
  page.on("console", (message) => { if (message.type() === "error") faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) faults.push(`asked ${request.url()}`);
  });
  for (const path of ["/", "/en/", "/trust", "/en/trust"]) {
    const answer = await page.goto(base + path);
    expect(path, answer.status(), 200);
    const wide = await page.locator("body").evaluate((b) => b.scrollWidth).catch(() => 0);
    if (wide > width) faults.push(`${path} is ${wide} wide on a screen of ${width}`);
  }
  for (const prefix of ["/", "/en/"]) {
    for (const name of ["valid", "altered", "revoked", "unsigned"]) {
      await page.goto(base + prefix);
      await page.setInputFiles("#file", `${samples}/${name}.pdf`);
      await Promise.all([page.waitForURL(/verify$/), page.locator("form .btn").first().click()]);
      const verdict = await page.getAttribute("[data-verdict]", "data-verdict");
      expect(name, verdict, name === "unsigned" ? "not_signed" : name);
      await page.screenshot({ path: `${out}/${width}-${name}.png`, fullPage: true });
    }
  }
  await context.close();
}
await browser.close();
if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
console.log("pages ok");
