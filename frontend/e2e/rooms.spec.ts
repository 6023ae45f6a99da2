/** Three people in a group: made, talked in, changed, left. */
import { expect, type Page, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Person } from "./support/person";

const NAME = "Sunday hikes";

const composer = ({ page }: Person) => page.getByRole("textbox", { name: `Message ${NAME}` });
const messages = ({ page }: Person) => page.getByRole("region", { name: `Messages with ${NAME}` });
const details = ({ page }: Person) => page.getByRole("complementary", { name: "Details" });

async function say(person: Person, text: string): Promise<void> {
  await composer(person).fill(text);
  await person.page.keyboard.press("Enter");
}

async function reads(person: Person, text: string): Promise<void> {
  await expect(messages(person).getByText(text)).toBeVisible();
}

async function act(admin: Person, on: Person, what: string): Promise<void> {
  await details(admin)
    .getByRole("button", { name: `More for ${on.name}` })
    .click();
  await admin.page.getByRole("menuitem", { name: what }).click();
}

async function confirm(page: Page, what: string): Promise<void> {
  await page.getByRole("alertdialog").getByRole("button", { name: what }).click();
  await expect(page.getByRole("alertdialog")).toHaveCount(0);
}

test("three people share a group", async ({ browser }) => {
  test.setTimeout(600_000);
  const ana = await Person.arrive(browser, "Ana");
  const ben = await Person.arrive(browser, "Ben");
  const cy = await Person.arrive(browser, "Cy", { viewport: { width: 390, height: 844 } });

  await test.step("two of them are contacts of the third", async () => {
    for (const person of [ana, ben, cy]) await person.signUp();
    for (const person of [ben, cy]) {
      await ana.befriend(person);
      if (person === cy) await person.tab("People").click();
      await person.accept(ana);
    }
  });

  await test.step("one makes a group", async () => {
    await ana.tab("Chats").click();
    await ana.page.getByRole("button", { name: "New group" }).click();
    const dialog = ana.page.getByRole("dialog", { name: "New group" });
    await dialog.getByRole("button", { name: "Create group" }).click();
    await expect(dialog.getByText("Give the group a name.")).toBeVisible();
    await expect(dialog.getByText("Choose at least one person.")).toBeVisible();
    await expectAccessible(ana.page, "new group");
    await dialog.getByLabel("Group name").fill(NAME);
    await dialog.getByRole("option", { name: "Ben" }).click();
    await dialog.getByRole("option", { name: "Cy" }).click();
    await expect(dialog.getByText("2 chosen")).toBeVisible();
    await dialog.getByRole("button", { name: "Create group" }).click();
    await expect(ana.page.getByRole("heading", { level: 1, name: NAME })).toBeVisible();
    await expect(details(ana).getByText("3 members")).toBeVisible();
    await reads(ana, "You made the group.");
  });

  await test.step("the others find themselves in it", async () => {
    await expect(ben.page.getByText("You were added to a group.")).toBeVisible();
    await ben.page.getByRole("button", { name: "Show" }).click();
    await expect(composer(ben)).toBeVisible();
    await cy.page.getByRole("button", { name: "Back to conversations" }).click();
    await cy.list.getByRole("link", { name: NAME }).click();
    await expect(composer(cy)).toBeVisible();
  });

  await test.step("all read what each writes, with names", async () => {
    await say(ana, "Nine at the bridge?");
    for (const person of [ana, ben, cy]) await reads(person, "Nine at the bridge?");
    await composer(ben).pressSequentially("I bring ");
    await expect(cy.page.getByText("Ben is writing…").first()).toBeVisible();
    await say(ben, "I bring tea");
    for (const person of [ana, cy]) {
      await reads(person, "I bring tea");
      await expect(messages(person).getByText("Ben", { exact: true })).toBeVisible();
    }
    await expectAccessible(ana.page, "group");
    await expectAccessible(cy.page, "group on a phone");
    await cy.page.getByRole("button", { name: `More about ${NAME}` }).click();
    await expect(details(cy).getByText("Admin · @")).toBeVisible();
    await expect(details(cy).getByRole("button", { name: "Add people" })).toHaveCount(0);
    await expectAccessible(cy.page, "members on a phone");
    await details(cy).getByRole("button", { name: "Close details" }).click();
    await expect(details(cy)).toHaveCount(0);
  });

  await test.step("the only admin cannot leave before there is another", async () => {
    await details(ana).getByRole("button", { name: "Leave group" }).click();
    const warning = ana.page.getByRole("alertdialog");
    await expect(warning.getByText("You are the only admin.")).toBeVisible();
    await warning.getByRole("button", { name: "Close" }).click();
    await act(ana, ben, "Make admin");
    await reads(ben, "Ana made you an admin.");
    await reads(cy, "Ana made Ben an admin.");
  });

  await test.step("whoever is removed reads nothing new", async () => {
    await act(ana, cy, "Remove from group");
    await confirm(ana.page, "Remove from group");
    await reads(cy, "Ana removed you.");
    await expect(cy.page.getByText("You are not in this group any more.")).toBeVisible();
    await expect(composer(cy)).toHaveCount(0);
    await say(ben, "Just us two then");
    await reads(ana, "Just us two then");
    await expect(messages(cy).getByText("Just us two then")).toHaveCount(0);
    await expectAccessible(cy.page, "removed from a group");
    await cy.page.getByRole("button", { name: "Delete conversation" }).click();
    await expect(cy.list.getByRole("link", { name: "Ana" })).toBeVisible();
    await expect(cy.list.getByRole("link", { name: NAME })).toHaveCount(0);
  });

  await test.step("back in, after a reload, with the name", async () => {
    await cy.page.reload();
    await cy.expectConnected();
    await details(ana).getByRole("button", { name: "Add people" }).click();
    const dialog = ana.page.getByRole("dialog", { name: "Add people" });
    await dialog.getByRole("option", { name: "Cy" }).click();
    await dialog.getByRole("button", { name: "Add 1 person" }).click();
    await reads(ben, "Ana added Cy.");
    await cy.list.getByRole("link", { name: NAME }).click();
    await say(ana, "Welcome back");
    await reads(cy, "Welcome back");
    await expect(messages(cy).getByText("Just us two then")).toHaveCount(0);
  });

  await test.step("one leaves, the rest goes on", async () => {
    await details(ana).getByRole("button", { name: "Leave group" }).click();
    await confirm(ana.page, "Leave group");
    await reads(ana, "You left.");
    await expect(composer(ana)).toHaveCount(0);
    for (const person of [ben, cy]) await reads(person, "Ana left.");
    await expect(details(ben).getByText("2 members")).toBeVisible();
    await say(cy, "Bye, Ana");
    await reads(ben, "Bye, Ana");
    await expect(messages(ana).getByText("Bye, Ana")).toHaveCount(0);
  });

  for (const person of [ana, ben, cy]) await person.leave();
});
