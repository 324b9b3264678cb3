// Walks through the pages as a person would: browser.mjs BASE SAMPLES NODE_FOLDER OUT
import { createRequire } from "node:module";
const [base, samples, node, out] = process.argv.slice(2);
import { readFileSync } from "node:fs";
const require = createRequire(`${node}/`);
const { chromium } = require("playwright-core");
const jsQR = require("jsqr");
// A folder for pictures, for whoever wants to look at the pages.
const shots = process.env.YZ_SHOTS;

// The text of the QR symbol on a page that pdftoppm drew (PGM).
const symbol = (name) => {
  const file = readFileSync(`${out}/${name}.pgm`);
  const [, width, height] = /^P5\s(\d+)\s(\d+)\s255\s/.exec(file.toString("latin1", 0, 40)).map(Number);
  const grey = file.subarray(file.length - width * height);
  const pixels = new Uint8ClampedArray(4 * width * height);
  grey.forEach((value, at) => pixels.set([value, value, value, 255], 4 * at));
  return jsQR(pixels, width, height).data;
};

const flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
const faults = [];
const expect = (what, seen, wanted) => {
  if (seen !== wanted) faults.push(`${what}: ${seen} instead of ${wanted}`);
};

for (const [width, javaScriptEnabled] of [[1100, true], [390, true], [320, true], [1100, false]]) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled });
  const page = await context.newPage();
  // A violation of the content security policy is reported on the console; so are answers that are
  // meant to be a 404, which are no fault.
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 40[04]/.test(message.text())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) faults.push(`asked ${request.url()}`);
  });
  const fits = async (what) => {
    const wide = await page.locator("body").evaluate((b) => b.scrollWidth).catch(() => 0);
    if (wide > width) faults.push(`${what} is ${wide} wide on a screen of ${width}`);
    if (shots) await page.screenshot({ path: `${shots}/${width}-${what.replaceAll("/", "_")}.png`, fullPage: true });
  };
  const verdict = () => page.getAttribute("[data-verdict]", "data-verdict");
  for (const path of ["/", "/en/", "/trust", "/en/trust"]) {
    const answer = await page.goto(base + path);
    expect(path, answer.status(), 200);
    await fits(path);
  }
  // What a phone does with the symbol on the paper.
  for (const [name, holder] of [["valid", "示例新区堃和餐饮管理有限公司"], ["residence-permit", "张*例"]]) {
    const address = symbol(name);
    if (!address.startsWith(`${base}/v/`)) faults.push(`the symbol of ${name} leads to ${address}`);
    await page.goto(address);
    expect(`symbol of ${name}`, await verdict(), "valid");
    const text = await page.innerText("main");
    for (const shown of [holder, new URL(base).host]) {
      if (!text.includes(shown)) faults.push(`the page of ${name} does not show ${shown}`);
    }
    if (text.includes("999999199001010024")) faults.push("a citizen number is shown to everyone");
    await fits(`code-${name}`);
  }
  for (const [path, number, tail, holder, wanted] of [
    ["/", "JY25199990000010", "0158", "", "valid"],
    ["/en/", "51999900000001", "010024", "张示例", "fits"],
  ]) {
    await page.goto(base + path);
    await page.fill("#number", number);
    await page.fill("#tail", tail);
    await page.fill("#holder", holder);
    await Promise.all([page.waitForURL(/number$/), page.locator(".number .btn").click()]);
    expect(`number ${number}`, await verdict(), wanted);
    await fits(`number-${wanted}`);
  }
  await page.goto(`${base}/v/0000000000000000`);
  expect("an unknown code", await page.getAttribute("#code", "aria-invalid"), "true");
  expect("the title of a page with a problem", (await page.title()).startsWith("错误："), true);
  await fits("problem");
  for (const [prefix, names] of [["/", ["valid", "altered", "revoked", "unsigned"]], ["/en/", ["altered"]]]) {
    for (const name of names) {
      await page.goto(base + prefix);
      await page.setInputFiles("#file", `${samples}/${name}.pdf`);
      await Promise.all([page.waitForURL(/verify$/), page.locator("form button").first().click()]);
      expect(name, await verdict(), name === "unsigned" ? "not_signed" : name);
      await fits(name);
    }
  }
  // A long name without a place to break it, in the details too.
  await page.goto(`${base}/en/`);
  await page.setInputFiles("#file", { name: `${"licence_of_a_restaurant_".repeat(4)}.pdf`, mimeType: "application/pdf", buffer: readFileSync(`${samples}/valid.pdf`) });
  await Promise.all([page.waitForURL(/verify$/), page.locator("form button").first().click()]);
  await page.locator("summary").click();
  await fits("long-name");
  // Nothing of it is kept: the other language begins anew, and says so.
  await page.locator("nav a[hreflang]").click();
  expect("the page in the other language", page.url(), `${base}/?again`);
  if (!(await page.innerText("main")).includes("没有保存")) faults.push("that nothing was kept is not said");
  await page.goto(`${base}/verify`);
  expect("a tab that was kept", page.url(), `${base}/`);
  await context.close();
}
// The camera, with a detector of our own: this Chromium has none. A symbol of another site is shown
// and not followed; one of this site is.
{
  const context = await browser.newContext({ permissions: ["camera"] });
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.addInitScript(() => {
    window.seen = [];
    window.BarcodeDetector = class { async detect() { return window.seen.map((rawValue) => ({ rawValue })); } };
  });
  await page.goto(`${base}/`);
  await page.click("#scan");
  const ours = symbol("valid");
  const code = ours.slice(-16);
  for (const foreign of [`https://licences.example/v/${code}`, `${base}.evil.example/v/${code}`, "javascript:alert(1)", "7Q2M"]) {
    await page.evaluate((text) => { document.getElementById("seen").textContent = ""; window.seen = [text]; }, foreign);
    await page.waitForFunction(() => document.getElementById("seen").textContent.includes("请勿打开"));
    expect(`the page after ${foreign}`, page.url(), `${base}/`);
  }
  if (shots) await page.screenshot({ path: `${shots}/camera.png`, fullPage: true });
  await page.evaluate((text) => { window.seen = [text]; }, ours);
  await page.waitForURL(`${base}/v/${code}`);
  await context.close();
}
await browser.close();
if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
console.log("pages ok");
