/** Finding what was said: everywhere, in one conversation, after a reload, on a phone. */
import { expect, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Person } from "./support/person";

test("messages are found where they stand", async ({ browser }) => {
  test.setTimeout(300_000);
  const uma = await Person.arrive(browser, "Uma");
  const vic = await Person.arrive(browser, "Vic");
  await uma.signUp();
  await vic.signUp();
  await uma.befriend(vic);
  await vic.accept(uma);
  await uma.open(vic);
  const { page } = uma;
  const field = page.getByRole("searchbox", { name: "Search people and messages" });
  const results = page.getByRole("region", { name: "Messages", exact: true });

  await test.step("there is much to look through", async () => {
    await uma.write(vic, "Shall we meet at the café by the lake?");
    for (let line = 1; line <= 80; line++) await uma.write(vic, `Line number ${line}`);
    await uma.write(vic, "Or at the lake house, with the heron");
    await expect(vic.messages(uma).getByText("with the heron")).toBeVisible();
    await expect(uma.messages(vic).getByText("Sending")).toHaveCount(0);
  });

  await test.step("a word is found without its accent, by keys alone", async () => {
    await page.keyboard.press("Control+k");
    await expect(field).toBeFocused();
    await page.keyboard.type("CAFE lak");
    await expect(results.getByRole("listitem")).toHaveCount(1);
    await expect(results.locator("mark")).toHaveText(["café", "lake"]);
    await expectAccessible(page, "search results");
  });

  await test.step("a click leads to the message, read with what stands around it", async () => {
    await expect(uma.messages(vic).getByText("café by the lake")).toHaveCount(0);
    await results.getByRole("link").click();
    await expect(uma.messages(vic).getByText("café by the lake")).toBeInViewport();
    await expect(uma.messages(vic).getByText("Line number 3").first()).toBeVisible();
  });

  await test.step("the newest comes first, a slip is forgiven, nothing says so", async () => {
    await field.fill("lake");
    await expect(results.getByRole("listitem")).toHaveCount(2);
    await expect(results.getByRole("listitem").first()).toContainText("heron");
    await field.fill("herun");
    await expect(results.getByRole("listitem")).toHaveCount(1);
    await field.fill("submarine");
    await expect(page.getByText("Nothing found on this device.")).toBeVisible();
    await field.fill("vic");
    await expect(uma.list.getByRole("link", { name: "Vic" }).first()).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(field).toHaveValue("");
  });

  await test.step("inside a conversation one goes from result to result", async () => {
    await page.getByRole("button", { name: "Search in this conversation" }).click();
    const inside = page.getByRole("searchbox", { name: "Search in Vic" });
    await expect(inside).toBeFocused();
    await page.keyboard.type("lake");
    await expect(page.getByText("1 of 2")).toBeVisible();
    await expect(uma.messages(vic).getByText("with the heron")).toBeInViewport();
    await expectAccessible(page, "search in a conversation");
    await page.keyboard.press("Enter");
    await expect(page.getByText("2 of 2")).toBeVisible();
    await expect(uma.messages(vic).getByText("café by the lake")).toBeInViewport();
    await page.keyboard.press("Shift+Enter");
    await expect(uma.messages(vic).getByText("with the heron")).toBeInViewport();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect(inside).toHaveCount(0);
  });

  await test.step("what comes meanwhile is found, also after a reload", async () => {
    await vic.write(uma, "I saw an otter");
    await expect(uma.messages(vic).getByText("I saw an otter")).toBeVisible();
    await page.reload();
    await uma.expectConnected();
    await page.getByRole("heading", { name: "Vic", level: 1 }).click();
    await page.keyboard.press("/");
    await expect(field).toBeFocused();
    await page.keyboard.type("otter");
    await expect(results.getByRole("listitem")).toHaveCount(1);
    await field.fill("cafe");
    await expect(results.getByRole("listitem")).toHaveCount(1);
  });

  await test.step("on a phone a result opens the conversation, and back are the results", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.getByRole("button", { name: "Back to conversations" }).click();
    await field.fill("cafe");
    await results.getByRole("link").click();
    await expect(uma.messages(vic).getByText("café by the lake")).toBeInViewport();
    await page.getByRole("button", { name: "Back to conversations" }).click();
    await expect(results.getByRole("listitem")).toHaveCount(1);
  });

  await test.step("no word of it lies open in the browser's storage", async () => {
    const leaked = await page.evaluate(async () => {
      const text = new TextDecoder("latin1");
      for (const { name } of await indexedDB.databases()) {
        const db = await new Promise<IDBDatabase>((resolve) => {
          const opening = indexedDB.open(name!);
          opening.addEventListener("success", () => resolve(opening.result));
        });
        if (!db.objectStoreNames.contains("records")) continue;
        const all = await new Promise<[IDBValidKey[], Uint8Array[]]>((resolve) => {
          const read = db.transaction("records").objectStore("records");
          const [keys, values] = [read.getAllKeys(), read.getAll()];
          values.addEventListener("success", () => resolve([keys.result, values.result]));
        });
        db.close();
        const whole = all[0].join("\n") + all[1].map((value) => text.decode(value)).join("\n");
        if (/otter|heron|lake/.test(whole)) return name;
        if (!whole.includes("search/index/")) return "there is no index";
      }
      return null;
    });
    expect(leaked).toBeNull();
  });

  await uma.leave();
  await vic.leave();
});
