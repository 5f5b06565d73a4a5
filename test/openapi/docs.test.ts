import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, skipWithoutBrowser } from "../support/browsers.ts";
import { servePosts } from "./serving.ts";

describe("Swagger UI in Chromium", { skip: skipWithoutBrowser }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  /** Opens /docs; `complaints` collects what the console, the policy or a failed request says. */
  async function open(url: string): Promise<{ page: Page; complaints: string[]; hosts: Set<string> }> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    const complaints: string[] = [];
    const hosts = new Set<string>();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (request.url().startsWith("http")) hosts.add(new URL(request.url()).origin);
    });
    page.on("requestfailed", (request) => complaints.push(`${request.url()} failed`));
    await page.addInitScript(
      'document.addEventListener("securitypolicyviolation", (event) => console.error(event.violatedDirective))',
    );
    await page.goto(`${url}/docs`);
    await page.waitForSelector(".opblock");
    return { page, complaints, hosts };
  }

  test("every operation is there, under the API's title, and nothing is refused or loaded from elsewhere", async (t) => {
    const url = await servePosts(t, { OPENAPI: { TITLE: "Blog <i>&</i> more" } });
    const { page, complaints, hosts } = await open(url);
    assert.equal(await page.title(), "Blog <i>&</i> more");
    assert.match((await page.textContent(".info .title")) ?? "", /^Blog <i>&<\/i> more/);
    assert.equal(await page.locator(".topbar").count(), 0);
    const shown = await page.locator(".opblock-summary").allInnerTexts();
    assert.deepEqual(
      shown.map((text) =>
        text
          .replace(/\u200b/g, "")
          .replace(/\s+/g, " ")
          .trim(),
      ),
      [
        "GET /posts/ List posts",
        "POST /posts/ Create a post",
        "GET /posts/{id}/ Retrieve a post",
        "PUT /posts/{id}/ Replace a post",
        "PATCH /posts/{id}/ Change a post",
        "DELETE /posts/{id}/ Delete a post",
      ],
    );
    assert.deepEqual(complaints, []);
    assert.deepEqual([...hosts], [url]);
  });

  test("an operation opens, is tried out, and its answer is shown", async (t) => {
    const { page, complaints } = await open(await servePosts(t));
    const create = page.locator("#operations-posts-posts_create");
    await create.locator(".opblock-summary-control").click();
    await create.getByRole("button", { name: "Try it out" }).click();
    await create.locator("textarea").fill("{");
    await create.getByRole("button", { name: "Execute" }).click();
    await create.locator(".live-responses-table").waitFor();
    assert.match((await create.locator(".live-responses-table").textContent()) ?? "", /400[\s\S]*JSON parse error/);
    // The browser tells the console of every answer that is an error.
    assert.deepEqual(
      complaints.filter((text) => !text.includes("status of 400")),
      [],
    );
  });

  test("the page follows a dark colour scheme", async (t) => {
    const { page } = await open(await servePosts(t));
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForSelector("html.dark-mode");
    assert.notEqual(await background(), light);
  });
});
