// Drives one browser page by lines of JSON on standard input: {"code": JavaScript with `page` and `args` at hand, "args"}.

import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const AsyncFunction = (async () => undefined).constructor;
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: [...flags, "--disable-component-update", "--disable-sync", "--force-color-profile=srgb"],
});
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 });
const page = await context.newPage();
page.setDefaultTimeout(30_000);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
say({ result: browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const { code, args } = JSON.parse(line);
  try {
    const result = await new AsyncFunction("page", "args", code)(page, args);
    say({ result: result === undefined ? null : result });
  } catch (error) {
    say({ error: String((error && error.message) || error) });
  }
}
await browser.close();
