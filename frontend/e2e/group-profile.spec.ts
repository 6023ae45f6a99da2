/** What a group is called and looks like: changed by admins, seen by everybody in it. */
import { expect, type Locator, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { type Named, Person } from "./support/person";
import { photo } from "./support/photo";

const BEFORE = { name: "Sunday hikes" };
/** Longer than the line that it is written on. */
const GROUP = { name: "Hikes and huts, from one to the next, on every Sunday of the year" };
/** How long and wide the picture of a group is drawn, in pixels. */
const SIDE = 256;

const details = ({ page }: Person) => page.getByRole("complementary", { name: "Details" });
const offered = (person: Person, what: string) =>
  details(person).getByRole("button", { name: what, exact: true });
/** The group's picture in its details, where it has one. */
const picture = (person: Person) => details(person).locator('img[src^="blob:"]');

async function reads(person: Person, group: Named, line: string): Promise<void> {
  await expect(person.messages(group).getByText(line, { exact: true })).toBeVisible();
}

async function choose({ page }: Person, button: Locator, name: string, buffer: Buffer) {
  const chooser = page.waitForEvent("filechooser");
  await button.click();
  const mimeType = name.endsWith("png") ? "image/png" : "image/jpeg";
  await (await chooser).setFiles({ name, mimeType, buffer });
}

async function makeAdmin(admin: Person, member: Person, what: string): Promise<void> {
  await offered(admin, `More for ${member.name}`).click();
  await admin.page.getByRole("menuitem", { name: what }).click();
}

/** The size of a picture on the screen and a digest of what it shows. */
async function drawn(image: Locator): Promise<[number, number, string]> {
  await expect(image).toBeVisible();
  return image.evaluate(async (image: HTMLImageElement) => {
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    const pen = new OffscreenCanvas(width, height).getContext("2d")!;
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, width, height);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    return [width, height, Array.from(digest, (byte) => byte.toString(16)).join(" ")];
  });
}

/** Waits until both see the same in every place, and something else than before; says what. */
async function bothSee(one: Locator[], before = ""): Promise<string> {
  let seen = before;
  // An address is let go of when the next picture comes: whoever looks then looks again.
  await expect(async () => {
    const looks = [];
    for (const image of one) looks.push(await drawn(image));
    const [first] = looks;
    for (const look of looks) expect(look).toEqual([SIDE, SIDE, first![2]]);
    expect(first![2]).not.toBe(before);
    seen = first![2];
  }).toPass({ timeout: 30_000 });
  return seen;
}

test("admins give a group its name and its picture, and the others see both", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const ana = await Person.arrive(browser, "Ana");
  const ben = await Person.arrive(browser, "Ben", { viewport: { width: 390, height: 844 } });
  const head = ({ page }: Person) => page.locator('header img[src^="blob:"]');
  const inList = (person: Person) => person.list.getByRole("link", { name: GROUP.name });
  let shown = "";

  await test.step("two people have a group", async () => {
    await ana.signUp();
    await ben.signUp();
    await ana.befriend(ben);
    await ben.tab("People").click();
    await ben.accept(ana);
    await ana.tab("Chats").click();
    await ana.page.getByRole("button", { name: "New group" }).click();
    const dialog = ana.page.getByRole("dialog", { name: "New group" });
    await dialog.getByLabel("Group name").fill(BEFORE.name);
    await dialog.getByRole("option", { name: "Ben" }).click();
    await dialog.getByRole("button", { name: "Create group" }).click();
    await expect(details(ana).getByText("2 members")).toBeVisible();
    await ben.page.getByRole("button", { name: "Show" }).click();
    await expect(ben.composer(BEFORE)).toBeVisible();
  });

  await test.step("whoever is no admin is offered neither", async () => {
    await ben.page.getByRole("button", { name: `More about ${BEFORE.name}` }).click();
    await expect(details(ben).getByText("2 members")).toBeVisible();
    for (const what of ["Rename group", "Choose a picture", "Remove picture", "Add people"]) {
      await expect(offered(ben, what)).toHaveCount(0);
    }
    await offered(ben, "Close details").click();
  });

  await test.step("a new name is seen by both, with a line", async () => {
    await offered(ana, "Rename group").click();
    const dialog = ana.page.getByRole("dialog", { name: "Rename group" });
    const field = dialog.getByLabel("Group name");
    await expect(field).toHaveValue(BEFORE.name);
    await expectAccessible(ana.page, "renaming a group");
    await field.fill("  ");
    await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
    await field.fill(` ${GROUP.name} `);
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toHaveCount(0);
    await reads(ana, GROUP, `You named the group “${GROUP.name}”.`);
    await reads(ben, GROUP, `Ana named the group “${GROUP.name}”.`);
    for (const { page } of [ana, ben]) {
      await expect(page.getByRole("heading", { level: 1, name: GROUP.name })).toBeVisible();
    }
    await expect(details(ana).getByRole("heading", { level: 2, name: GROUP.name })).toBeVisible();
    await expect(inList(ana)).toBeVisible();
    for (const person of [ana, ben]) {
      const field = person.composer(GROUP);
      // The field is as high as it was: a second line of its words would be cut.
      const cut = await field.evaluate((area) => area.scrollHeight - area.clientHeight);
      expect(cut).toBe(0);
    }
  });

  await test.step("what is no picture is refused with a reason", async () => {
    const button = offered(ana, "Choose a picture");
    await choose(ana, button, "notes.png", Buffer.from("no picture at all"));
    await expect(details(ana).getByRole("alert")).toHaveText(
      "This file can't be read as a picture. Try a PNG or a JPEG.",
    );
    await expectAccessible(ana.page, "a group's picture that is none");
    await expect(button).toBeVisible();
  });

  await test.step("a picture is seen by both, with a line", async () => {
    const taken = await photo(ana.page, 900, 600);
    await choose(ana, offered(ana, "Choose a picture"), "IMG_1.jpg", taken);
    await reads(ana, GROUP, "You changed the picture.");
    await reads(ben, GROUP, "Ana changed the picture.");
    await expect(details(ana).getByRole("alert")).toHaveCount(0);
    shown = await bothSee([picture(ana), head(ana), head(ben)]);
    await expectAccessible(ana.page, "a group with a picture");
  });

  await test.step("both are there after a reload", async () => {
    await ben.page.reload();
    await expect(ben.composer(GROUP)).toBeVisible();
    expect(await bothSee([head(ana), head(ben)])).toBe(shown);
    await ben.page.getByRole("button", { name: "Back to conversations" }).click();
    expect(await bothSee([inList(ana).locator("img"), inList(ben).locator("img")])).toBe(shown);
    await ben.open(GROUP);
  });

  await test.step("another picture takes its place", async () => {
    const other = await ana.page.screenshot();
    await choose(ana, offered(ana, "Change picture"), "window.png", other);
    const lines = ben.messages(GROUP).getByText("Ana changed the picture.", { exact: true });
    await expect(lines).toHaveCount(2);
    await bothSee([picture(ana), head(ana), head(ben)], shown);
  });

  await test.step("whoever becomes an admin is offered both, and takes the picture away", async () => {
    await ben.page.getByRole("button", { name: `More about ${GROUP.name}` }).click();
    await expect(details(ben).getByText("2 members")).toBeVisible();
    await expect(offered(ben, "Change picture")).toHaveCount(0);
    await expect(offered(ben, "Remove picture")).toHaveCount(0);
    await makeAdmin(ana, ben, "Make admin");
    await expect(offered(ben, "Rename group")).toBeVisible();
    await expect(offered(ben, "Change picture")).toBeVisible();
    await expectAccessible(ben.page, "a group's details for an admin on a phone");
    await offered(ben, "Remove picture").click();
    await expect(offered(ben, "Choose a picture")).toBeVisible();
    await expect(offered(ben, "Remove picture")).toHaveCount(0);
    await reads(ana, GROUP, "Ben removed the picture.");
    for (const image of [picture(ana), head(ana), picture(ben), head(ben)]) {
      await expect(image).toHaveCount(0);
    }
    await expect(inList(ana).locator("img")).toHaveCount(0);
  });

  await test.step("whoever is an admin no more is offered neither at once", async () => {
    await makeAdmin(ana, ben, "End admin role");
    await expect(offered(ben, "Rename group")).toHaveCount(0);
    await expect(offered(ben, "Choose a picture")).toHaveCount(0);
    await offered(ben, "Close details").click();
    await reads(ben, GROUP, "You removed the picture.");
    await reads(ben, GROUP, "You are no longer an admin.");
  });

  for (const person of [ana, ben]) await person.leave();
});
