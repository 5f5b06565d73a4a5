import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { skippingAllowed } from "./services.ts";

const path = process.env.TEST_CHROMIUM ?? "/usr/bin/chromium";

/** The reason why tests with a browser are skipped, or false. With CI=true they fail instead. */
export const skipWithoutBrowser = skippingAllowed && !existsSync(path) ? `There is no Chromium at ${path}` : false;

/** Starts Chromium, which asks nobody but the pages that the test opens. Close it in `after`. */
export function launchBrowser(): Promise<Browser> {
  const silent = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
  const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", ...silent];
  return chromium.launch({ executablePath: path, args });
}
