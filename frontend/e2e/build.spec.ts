/** What the server gives is what the manifest names, and nothing else runs. */
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { createHash } from "node:crypto";
import { Person } from "./support/person";

interface Manifest {
  version: number;
  files: Record<string, string>;
}

/** A custom section with a name alone (WebAssembly Core, 5.5.3): the module does what it did. */
const EMPTY_SECTION = Buffer.from([0, 2, 1, 0x78]);
/** What an altered script leaves behind if it runs. */
const MARK = Buffer.from("\n;globalThis.altered = true;\n");

/** Serves files with something behind them; says how often it did. */
async function alter(context: BrowserContext, files: RegExp, tail: Buffer): Promise<() => number> {
  let times = 0;
  await context.route(files, async (route) => {
    times += 1;
    const reply = await route.fetch();
    await route.fulfill({ response: reply, body: Buffer.concat([await reply.body(), tail]) });
  });
  return () => times;
}

/** Resolves when the browser says that it refused something by its hash. */
const refusal = (page: Page) =>
  page.waitForEvent("console", (message) => message.text().includes("integrity"));

const altered = (page: Page) => page.evaluate(() => "altered" in globalThis);

test("the manifest names every file as it is served", async ({ request }) => {
  const reply = await request.get("/build-manifest.json");
  expect(reply.headers()["content-type"]).toContain("application/json");
  expect(reply.headers()["cache-control"]).toBe("no-cache");
  const { version, files } = (await reply.json()) as Manifest;
  expect(version).toBe(1);
  expect(Object.keys(files)).toEqual(Object.keys(files).toSorted());
  for (const [name, hash] of Object.entries(files)) {
    const bytes = await (await request.get(`/${name}`)).body();
    expect(createHash("sha256").update(bytes).digest("hex"), name).toBe(hash);
  }
  // The page names every script, those of the workers too.
  const page = await (await request.get("/")).text();
  const scripts = Object.keys(files).filter((name) => name.endsWith(".js"));
  expect(scripts.length).toBeGreaterThan(10);
  for (const name of scripts) {
    const hash = Buffer.from(files[name]!, "hex").toString("base64");
    expect(page, name).toContain(`"/${name}":"sha256-${hash}"`);
  }
});

test("a page whose files fit starts without a complaint", async ({ browser }) => {
  const uma = await Person.arrive(browser, "Uma");
  const said: string[] = [];
  uma.context.on("console", (message) => said.push(message.text()));
  await uma.page.goto("/");
  await expect(uma.page.getByRole("link", { name: "Create an account" })).toBeVisible();
  expect(said.filter((text) => /import ?map|integrity|Content.Security/i.test(text))).toEqual([]);
  await uma.leave();
});

test("an altered script is not run", async ({ browser, request }) => {
  const html = await (await request.get("/")).text();
  const first = /<script type="module"[^>]* src="([^"]+)"/.exec(html)?.[1];
  const shared = /<link rel="modulepreload"[^>]* href="([^"]+)"/.exec(html)?.[1];
  expect([first, shared]).not.toContain(undefined);
  for (const file of [first, shared]) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const times = await alter(context, new RegExp(`${file}$`), MARK);
    const refused = refusal(page);
    await page.goto("/");
    await refused;
    expect(times(), file).toBeGreaterThan(0);
    expect(await altered(page), file).toBe(false);
    await expect(page.locator("#root")).toBeEmpty();
    await expect(page.getByRole("alert")).toContainText("Snug did not start");
    await context.close();
  }
});

test("an altered script that is loaded later is not run", async ({ browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const times = await alter(context, /\/assets\/sign-up-page[^/]*\.js$/, MARK);
  await page.goto("/");
  const refused = refusal(page);
  await page.getByRole("link", { name: "Create an account" }).click();
  await refused;
  await expect(page.getByRole("alert")).toContainText("A part of this page did not arrive");
  expect(times()).toBeGreaterThan(0);
  expect(await altered(page)).toBe(false);
  await context.close();
});

test("an altered stylesheet is not used", async ({ browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const rule = Buffer.from("\nbody { display: none !important }\n");
  const times = await alter(context, /\/assets\/[^/]*\.css$/, rule);
  await page.goto("/");
  await expect(page.getByRole("link", { name: "Create an account" })).toBeVisible();
  expect(times()).toBeGreaterThan(0);
  await context.close();
});

test("an altered worker is not started, and an altered engine not compiled", async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const vic = await Person.arrive(browser, "Vic");
  await vic.signUp();
  for (const [files, tail] of [
    [/\/assets\/worker[^/]*\.js$/, MARK],
    [/\/assets\/[^/]*\.wasm$/, EMPTY_SECTION],
  ] as const) {
    const times = await alter(vic.context, files, tail);
    await vic.page.reload();
    // It is asked for again, past the browser's cache, for as long as a network may be away.
    const fault = vic.page.getByText("The encryption part could not start in this browser.");
    await expect(fault).toBeVisible({ timeout: 60_000 });
    expect(times(), String(files)).toBeGreaterThan(1);
    await vic.context.unroute(files);
  }
  await vic.page.reload();
  await vic.expectConnected();
  await vic.context.close();
});
