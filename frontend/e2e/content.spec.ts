/** What two people can do with messages beside writing them: answers, reactions, edits, files, … */
import { expect, type Locator, test } from "@playwright/test";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { expectAccessible } from "./support/accessible";
import { Person } from "./support/person";

/** The line of a message, by its words. */
const line = (person: Person, other: Person, text: string): Locator =>
  person
    .messages(other)
    .getByRole("listitem")
    .filter({ has: person.page.locator("time") })
    .filter({ hasText: text })
    .first();

/** Opens a message's menu as a mouse does. */
async function openMenu(person: Person, other: Person, text: string): Promise<Locator> {
  const message = line(person, other, text);
  await message.hover();
  await message.getByRole("button", { name: /^More about (your|the) message/ }).click();
  const menu = person.page.getByRole("dialog", { name: /^More about (your|the) message/ });
  await expect(menu).toBeVisible();
  return menu;
}

async function choose(person: Person, other: Person, text: string, act: string): Promise<void> {
  const menu = await openMenu(person, other, text);
  await menu.getByRole("menuitem", { name: act, exact: true }).click();
  await expect(menu).toHaveCount(0);
}

async function attach({ page }: Person, name: string, buffer: Buffer): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach a file" }).click();
  await (await chooser).setFiles({ name, mimeType: "application/octet-stream", buffer });
}

test("two people answer, react, change their words and take them back", async ({ browser }) => {
  const ana = await Person.arrive(browser, "Ana");
  const bo = await Person.arrive(browser, "Bo", { viewport: { width: 390, height: 844 } });
  const boSees = (text: string) => bo.messages(ana).getByText(text);
  const anaSees = (text: string) => ana.messages(bo).getByText(text);

  await test.step("they are contacts", async () => {
    await ana.signUp();
    await bo.signUp();
    await ana.befriend(bo);
    await bo.tab("People").click();
    await bo.accept(ana);
    await ana.open(bo);
    await ana.write(bo, "Supper at seven?");
    await expect(boSees("Supper at seven?")).toBeVisible();
  });

  await test.step("an answer names what it answers, and leads there", async () => {
    await choose(bo, ana, "Supper at seven?", "Reply");
    await expect(bo.page.getByText("Reply to Ana")).toBeVisible();
    await bo.page.getByRole("button", { name: "Do not reply" }).click();
    await expect(bo.page.getByText("Reply to Ana")).toHaveCount(0);
    await choose(bo, ana, "Supper at seven?", "Reply");
    await expectAccessible(bo.page, "an answer on a phone");
    await bo.composer(ana).fill("Eight is better");
    await bo.page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(bo.page.getByText("Reply to Ana")).toHaveCount(0);
    const quote = ana
      .messages(bo)
      .getByRole("button", { name: "Show what Ana wrote: Supper at seven?" });
    await expect(quote).toBeVisible();
    // High enough that the first is out of sight.
    for (let number = 1; number <= 12; number++) await ana.write(bo, `Then ${number}\n·\n·\n·`);
    await expect(anaSees("Then 12")).toBeVisible();
    await ana.messages(bo).evaluate((area) => area.scrollTo(0, 0));
    await quote.click();
    await expect(anaSees("Supper at seven?").first()).toBeInViewport();
    await ana.page.getByRole("button", { name: "Jump to latest" }).click();
    await expect(anaSees("Then 12")).toBeInViewport();
    await expectAccessible(ana.page, "an answer");
  });

  await test.step("reactions are seen, replaced and taken back", async () => {
    const menu = await openMenu(bo, ana, "Then 12");
    await expectAccessible(bo.page, "the menu of a message on a phone");
    await menu.getByRole("button", { name: "🌿" }).click();
    const theirs = ana.messages(bo).getByRole("button", { name: "🌿 from Bo" });
    await expect(theirs).toBeVisible();
    await theirs.click();
    await expect(
      bo.messages(ana).getByRole("button", { name: /^🌿 from (Ana and Bo|Bo and Ana)$/ }),
    ).toHaveText("🌿2");
    await expectAccessible(ana.page, "reactions");
    await choose(ana, bo, "Then 12", "Who reacted");
    const who = ana.page.getByRole("dialog", { name: "Reactions" });
    await expect(who.getByRole("listitem")).toHaveCount(2);
    await who.getByRole("button", { name: "Close" }).click();
    const again = await openMenu(bo, ana, "Then 12");
    await again.getByRole("button", { name: "More emoji" }).click();
    await again.getByRole("option", { name: "🦊" }).click();
    await expect(ana.messages(bo).getByRole("button", { name: "🦊 from Bo" })).toBeVisible();
    await ana.messages(bo).getByRole("button", { name: "🌿 from Ana" }).click();
    await expect(bo.messages(ana).getByRole("button", { name: /^🌿/ })).toHaveCount(0);
  });

  await test.step("words are changed by keyboard, and everybody sees that they were", async () => {
    await ana.write(bo, "See you at nime");
    await expect(boSees("See you at nime")).toBeVisible();
    await expect(ana.messages(bo).getByText("Sending")).toHaveCount(0);
    await ana.composer(bo).press("ArrowUp");
    const field = ana.page.getByRole("textbox", { name: "Edit message" });
    await expect(field).toHaveValue("See you at nime");
    await field.press("Escape");
    await expect(ana.composer(bo)).toHaveValue("");
    await ana.composer(bo).press("ArrowUp");
    await expect(field).toHaveValue("See you at nime");
    await field.fill("See you at nine");
    await expectAccessible(ana.page, "an edit");
    await field.press("Enter");
    await expect(boSees("See you at nine")).toBeVisible();
    await expect(line(bo, ana, "See you at nine").getByText("edited").last()).toBeVisible();
    await expect(boSees("See you at nime")).toHaveCount(0);
    await bo.page.reload();
    await expect(boSees("See you at nine")).toBeVisible();
  });

  await test.step("taken back from everybody, or put away here alone", async () => {
    await ana.write(bo, "The password is swordfish");
    await expect(boSees("The password is swordfish")).toBeVisible();
    await choose(ana, bo, "The password is swordfish", "Delete");
    const question = ana.page.getByRole("alertdialog", { name: "Delete this message?" });
    await expectAccessible(ana.page, "the question before deleting");
    await question.getByRole("button", { name: "Delete for everyone" }).click();
    await expect(boSees("This message was deleted.")).toBeVisible();
    await expect(anaSees("You deleted this message.")).toBeVisible();
    await expect(boSees("The password is swordfish")).toHaveCount(0);

    await choose(bo, ana, "Then 3", "Delete");
    const here = bo.page.getByRole("alertdialog", { name: "Delete this message?" });
    await expect(here.getByRole("button", { name: "Delete for everyone" })).toHaveCount(0);
    await here.getByRole("button", { name: "Delete for me" }).click();
    await expect(boSees("Then 3")).toHaveCount(0);
    await bo.page.reload();
    await expect(boSees("See you at nine")).toBeVisible();
    await expect(boSees("Then 3")).toHaveCount(0);
    await expect(anaSees("Then 3")).toHaveCount(1);
  });

  await test.step("a finger that rests opens the menu", async () => {
    const words = bo.messages(ana).getByText("See you at nine");
    const touch = { pointerType: "touch", isPrimary: true, clientX: 100, clientY: 500 };
    await words.dispatchEvent("pointerdown", touch);
    await expect(bo.page.getByRole("menuitem", { name: "Reply", exact: true })).toBeVisible();
    await bo.page.keyboard.press("Escape");
  });

  for (const person of [ana, bo]) await person.leave();
});

test("a file of any kind arrives as it was sent", async ({ browser }) => {
  test.setTimeout(600_000);
  const cleo = await Person.arrive(browser, "Cleo");
  const dan = await Person.arrive(browser, "Dan");
  const sent = randomBytes(300_000);

  await test.step("they are contacts", async () => {
    await cleo.signUp();
    await dan.signUp();
    await cleo.befriend(dan);
    await dan.accept(cleo);
    await cleo.open(dan);
  });

  await test.step("chosen, looked at, and sent with a few words", async () => {
    await attach(cleo, "minutes.html", sent);
    const chosen = cleo.page.getByRole("list", { name: "Files to send" });
    await expect(chosen.getByText("300 kB")).toBeVisible();
    const asItIs = cleo.page.getByText("Sent as it is, with whatever it holds about you");
    await expect(asItIs).toBeVisible();
    await expectAccessible(cleo.page, "a file to send");
    await cleo.composer(dan).fill("As agreed");
    await cleo.page.keyboard.press("Enter");
    await expect(chosen).toHaveCount(0);
    await expect(cleo.messages(dan).getByText("minutes.html")).toBeVisible();
  });

  await test.step("saved byte for byte, under its name, and never shown", async () => {
    await expect(dan.messages(cleo).getByText("As agreed")).toBeVisible();
    await expectAccessible(dan.page, "a file");
    const pages = dan.context.pages().length;
    const saving = dan.page.waitForEvent("download");
    await dan.messages(cleo).getByRole("button", { name: "Download minutes.html" }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe("minutes.html");
    expect(readFileSync(await saved.path()).equals(sent)).toBe(true);
    expect(dan.context.pages()).toHaveLength(pages);
  });

  await test.step("too large is said with the limit", async () => {
    await attach(cleo, "film.mkv", Buffer.alloc(5_000_001));
    await expect(cleo.page.getByRole("alert")).toHaveText(
      "“film.mkv” is larger than 5 MB. Files of up to 5 MB can be sent.",
    );
  });

  await test.step("not loaded: a reason, and another try", async () => {
    await attach(cleo, "notes.txt", Buffer.from("just words"));
    await cleo.page.getByRole("button", { name: "Send", exact: true }).click();
    await dan.context.route("**/api/attachments/*", (route) => route.abort());
    await dan.messages(cleo).getByRole("button", { name: "Download notes.txt" }).click();
    await expect(dan.messages(cleo).getByText("The file could not be fetched.")).toBeVisible();
    await dan.context.unroute("**/api/attachments/*");
    const saving = dan.page.waitForEvent("download");
    await dan.messages(cleo).getByRole("button", { name: "Try again" }).click();
    expect(readFileSync(await (await saving).path(), "utf8")).toBe("just words");
  });

  for (const person of [cleo, dan]) await person.leave();
});

/** The shortest time there is, and what the devices may be late. Workers know no clock but the real one. */
const GONE = 30_000 + 45_000;

test("messages go away after their time", async ({ browser }) => {
  const eve = await Person.arrive(browser, "Eve");
  const finn = await Person.arrive(browser, "Finn");

  await test.step("they are contacts, and something stays", async () => {
    await eve.signUp();
    await finn.signUp();
    await eve.befriend(finn);
    await finn.accept(eve);
    await eve.open(finn);
    await eve.write(finn, "This stays");
    await expect(finn.messages(eve).getByText("This stays")).toBeVisible();
  });

  await test.step("one sets the time, and both are told", async () => {
    await eve.page.getByRole("button", { name: /^Disappearing messages/ }).click();
    const dialog = eve.page.getByRole("dialog", { name: "Disappearing messages" });
    await expectAccessible(eve.page, "the choice of a time");
    await dialog.getByText("30 seconds").click();
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(
      finn.messages(eve).getByText("Eve set messages to disappear after 30 seconds."),
    ).toBeVisible();
    const header = finn.page.getByText("Messages disappear after 30 seconds");
    await expect(header).toBeAttached();
  });

  await test.step("what is written goes away from both, and nothing else does", async () => {
    await eve.write(finn, "This goes");
    await finn.page.bringToFront();
    await expect(finn.messages(eve).getByText("This goes")).toBeVisible();
    await expect(
      finn
        .messages(eve)
        .getByText(/^Disappears/)
        .first(),
    ).toBeAttached();
    await expectAccessible(finn.page, "a message that goes away");
    for (const [person, other] of [
      [finn, eve],
      [eve, finn],
    ] as const) {
      await expect(person.messages(other).getByText("This goes")).toHaveCount(0, {
        timeout: GONE,
      });
      await expect(person.messages(other).getByText("This stays")).toBeVisible();
    }
    await finn.page.reload();
    await expect(finn.messages(eve).getByText("This stays")).toBeVisible();
    await expect(finn.messages(eve).getByText("This goes")).toHaveCount(0);
  });

  for (const person of [eve, finn]) await person.leave();
});
