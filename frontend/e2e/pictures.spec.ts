/** Pictures: sent, seen, enlarged, kept; and what goes wrong with them. */
import { type BrowserContext, expect, type Locator, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { expectAccessible } from "./support/accessible";
import { Person } from "./support/person";
import { photo, TOLD } from "./support/photo";

interface Named {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const jpeg = (buffer: Buffer): Named => ({ name: "IMG_1.jpg", mimeType: "image/jpeg", buffer });

async function attach({ page }: Person, file: Named): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach a file" }).click();
  await (await chooser).setFiles(file);
}

const chosen = ({ page }: Person) =>
  page.getByRole("list", { name: "Files to send" }).getByRole("listitem").locator("img");

const send = ({ page }: Person) => page.getByRole("button", { name: "Send", exact: true }).click();

/** The size that the browser found when it drew a picture. */
async function drawn(picture: Locator): Promise<[number, number]> {
  await expect(picture).toBeVisible();
  return picture.evaluate(async (image: HTMLImageElement) => {
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  });
}

/** Answers what the worker asks of attachments with a refusal, until told otherwise. */
async function refuse(
  context: BrowserContext,
  path: string,
  status: number,
  code: string,
): Promise<() => Promise<void>> {
  const problem = { type: `/problems/${code}`, title: code, status, detail: code, code };
  await context.route(path, (route) =>
    route.fulfill({ status, contentType: "application/problem+json", json: problem }),
  );
  return () => context.unroute(path);
}

test("two people share pictures that tell nothing else", async ({ browser }) => {
  test.setTimeout(600_000);
  const ana = await Person.arrive(browser, "Ana");
  const bo = await Person.arrive(browser, "Bo", { viewport: { width: 390, height: 844 } });
  const seen = bo.messages(ana).getByRole("img", { name: "Picture from Ana" });
  let taken: Buffer;

  await test.step("they are contacts", async () => {
    await ana.signUp();
    await bo.signUp();
    await ana.befriend(bo);
    await bo.tab("People").click();
    await bo.accept(ana);
    await ana.open(bo);
    taken = await photo(ana.page, 900, 600);
    for (const word of TOLD) expect(taken.includes(word), word).toBe(true);
  });

  await test.step("a picture is looked at, taken out, put in again and sent", async () => {
    await attach(ana, jpeg(taken));
    await expect(chosen(ana)).toHaveCount(1);
    await expectAccessible(ana.page, "a picture to send");
    await ana.page.getByRole("button", { name: "Remove IMG_1.jpg" }).click();
    await expect(chosen(ana)).toHaveCount(0);
    await attach(ana, jpeg(taken));
    await expect(chosen(ana)).toHaveCount(1);
    await ana.composer(bo).fill("The mill pond");
    await ana.page.keyboard.press("Enter");
    await expect(chosen(ana)).toHaveCount(0);
    const own = ana.messages(bo).getByRole("img", { name: "Picture from you" });
    expect(await drawn(own)).toEqual([600, 900]);
  });

  await test.step("the other sees it, upright, with its words", async () => {
    expect(await drawn(seen)).toEqual([600, 900]);
    await expect(bo.messages(ana).getByText("The mill pond")).toBeVisible();
    await expectAccessible(bo.page, "a picture on a phone");
    await bo.page.getByRole("button", { name: "Back to conversations" }).click();
    await expect(bo.list.getByText("Picture: The mill pond")).toBeVisible();
    await bo.list.getByRole("link", { name: "Ana" }).click();
  });

  await test.step("enlarged by keyboard, saved without place and camera", async () => {
    await bo.page.getByRole("button", { name: "Enlarge: Picture from Ana" }).press("Enter");
    const viewer = bo.page.getByRole("dialog", { name: "Picture from Ana" });
    expect(await drawn(viewer.getByRole("img", { name: "Picture from Ana" }))).toEqual([600, 900]);
    await expectAccessible(bo.page, "an enlarged picture");
    const saving = bo.page.waitForEvent("download");
    await viewer.getByRole("button", { name: "Download picture" }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toMatch(/^snug-\d{4}-\d\d-\d\d-\d{6}\.jpg$/);
    const bytes = readFileSync(await saved.path());
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    for (const word of TOLD) expect(bytes.includes(word), word).toBe(false);
    await bo.page.keyboard.press("Escape");
    await expect(viewer).toHaveCount(0);
  });

  await test.step("it is there after a reload, and nothing is fetched twice", async () => {
    const fetched: string[] = [];
    bo.context.on("request", (request) => fetched.push(request.url()));
    await bo.page.reload();
    expect(await drawn(seen)).toEqual([600, 900]);
    expect(fetched.filter((url) => url.includes("/api/attachments/"))).toEqual([]);
  });

  await test.step("what is too large, or a broken picture, is refused with a reason", async () => {
    const alert = ana.page.getByRole("alert");
    const large = Buffer.alloc(5_000_001);
    taken.copy(large);
    await attach(ana, jpeg(large));
    await expect(alert).toHaveText(
      "“IMG_1.jpg” is larger than 5 MB. Files of up to 5 MB can be sent.",
    );
    await expectAccessible(ana.page, "a picture that is too large");
    await attach(ana, jpeg(taken.subarray(0, 400)));
    await expect(alert).toHaveText(/^“IMG_1.jpg” could not be read as a picture\./);
    await expect(chosen(ana)).toHaveCount(0);
  });

  await test.step("pasted and dropped", async () => {
    const bytes = taken.toString("latin1");
    const transfer = await ana.page.evaluateHandle((bytes) => {
      const data = Uint8Array.from(bytes, (letter) => letter.codePointAt(0)!);
      const transfer = new DataTransfer();
      transfer.items.add(new File([data], "shot.jpg", { type: "image/jpeg" }));
      return transfer;
    }, bytes);
    await ana.composer(bo).evaluate((field, clipboardData) => {
      field.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
      );
    }, transfer);
    await expect(chosen(ana)).toHaveCount(1);
    await ana.messages(bo).dispatchEvent("dragenter", { dataTransfer: transfer });
    await expect(ana.page.getByText("Drop files here to send them")).toBeVisible();
    await ana.messages(bo).dispatchEvent("drop", { dataTransfer: transfer });
    await expect(ana.page.getByText("Drop files here to send them")).toHaveCount(0);
    await expect(chosen(ana)).toHaveCount(2);
    await send(ana);
    await expect(seen).toHaveCount(3);
  });

  await test.step("what one writes comes into view", async () => {
    await ana.messages(bo).evaluate((area) => area.scrollTo(0, 0));
    await expect(ana.page.getByRole("button", { name: "Jump to latest" })).toBeVisible();
    await ana.write(bo, "All from this morning");
    await expect(ana.messages(bo).getByText("All from this morning")).toBeInViewport();
  });

  await test.step("the arrow keys go from one to the next", async () => {
    await seen.last().click();
    const viewer = bo.page.getByRole("dialog", { name: "Picture from Ana" });
    await expect(viewer.getByRole("button", { name: "Next picture" })).toHaveCount(0);
    await bo.page.keyboard.press("ArrowLeft");
    await bo.page.keyboard.press("ArrowLeft");
    await expect(viewer.getByText("The mill pond")).toBeVisible();
    await viewer.getByRole("button", { name: "Close picture" }).click();
    await expect(viewer).toHaveCount(0);
  });

  for (const person of [ana, bo]) await person.leave();
});

test("a picture that cannot be sent or loaded says so, and is tried again", async ({ browser }) => {
  test.setTimeout(600_000);
  const cleo = await Person.arrive(browser, "Cleo");
  const dan = await Person.arrive(browser, "Dan");
  await cleo.signUp();
  await dan.signUp();
  await cleo.befriend(dan);
  await dan.accept(cleo);
  await cleo.open(dan);
  const taken = await photo(cleo.page, 400, 300);
  const seen = dan.messages(cleo).getByRole("img", { name: "Picture from Cleo" });
  const shows = (text: string) => expect(dan.messages(cleo).getByText(text)).toBeVisible();

  await test.step("no room for it on the server: not sent, sent again, or dropped", async () => {
    const allow = await refuse(cleo.context, "**/api/messages/image", 409, "attachments-full");
    await attach(cleo, jpeg(taken));
    await expect(chosen(cleo)).toHaveCount(1);
    await send(cleo);
    const failed = cleo.messages(dan).getByRole("button", { name: "Retry" });
    await expect(failed).toHaveCount(1);
    await attach(cleo, jpeg(taken));
    await expect(chosen(cleo)).toHaveCount(1);
    await send(cleo);
    await expect(failed).toHaveCount(2);
    await cleo.messages(dan).getByRole("button", { name: "Delete" }).last().click();
    await expect(failed).toHaveCount(1);
    await expectAccessible(cleo.page, "a picture that was not sent");
    await allow();
  });

  await test.step("not loaded: a reason, and another try", async () => {
    await dan.context.route("**/api/attachments/*", (route) => route.abort());
    await cleo.messages(dan).getByRole("button", { name: "Retry" }).click();
    await expect(cleo.messages(dan).getByRole("button", { name: "Retry" })).toHaveCount(0);
    await shows("The picture could not be loaded.");
    await expectAccessible(dan.page, "a picture that was not loaded");
    await dan.context.unroute("**/api/attachments/*");
    await dan.messages(cleo).getByRole("button", { name: "Try again" }).click();
    expect(await drawn(seen)).toEqual([300, 400]);
  });

  await test.step("other bytes than were sent are not shown", async () => {
    await dan.context.route("**/api/attachments/*", async (route) => {
      const answer = await route.fetch();
      const body = await answer.body();
      body[100]! ^= 1;
      await route.fulfill({ response: answer, body });
    });
    await attach(cleo, jpeg(taken));
    await expect(chosen(cleo)).toHaveCount(1);
    await send(cleo);
    await shows("This picture is damaged or was tampered with, and is not shown.");
    await dan.context.unroute("**/api/attachments/*");
  });

  await test.step("gone from the server", async () => {
    await refuse(dan.context, "**/api/attachments/*", 404, "not-found");
    await attach(cleo, jpeg(taken));
    await expect(chosen(cleo)).toHaveCount(1);
    await send(cleo);
    await shows("This picture is not on the server any more.");
  });

  for (const person of [cleo, dan]) await person.leave();
});
