/** A server where one needs an invitation: `SIGNUP=invite`. */
import { expect, test } from "@playwright/test";
import { expectAccessible } from "../support/accessible";
import { operator } from "../support/operator";
import { Person } from "../support/person";

test("an invitation opens the door, once", async ({ browser }) => {
  const made = operator("chat", "admin", "invitations", "create", "--note=Book club", "--json");
  const { code, url } = JSON.parse(made);
  const gil = await Person.arrive(browser, "Gil");
  const invitation = ({ page }: Person) => page.getByLabel("Invitation code");

  await test.step("without one there is no account", async () => {
    await gil.page.goto("/sign-up");
    await gil.introduce();
    await invitation(gil).fill("AAAA-BBBB-CCCC-DDDD");
    await gil.page.getByRole("button", { name: "Continue" }).click();
    await expect(gil.page.getByText("This invitation is not valid.")).toBeVisible();
    await expectAccessible(gil.page, "wrong invitation");
  });

  await test.step("as it was typed from paper", async () => {
    await invitation(gil).fill(code.toLowerCase().replaceAll("-", " "));
    await gil.page.getByRole("button", { name: "Continue" }).click();
    await gil.confirmEmail();
    await gil.protect();
    await gil.saveKit();
  });

  await test.step("its link fills the field, and it was used up", async () => {
    const hal = await Person.arrive(browser, "Hal");
    await hal.page.goto(url);
    await expect(invitation(hal)).toHaveValue(code);
    await hal.introduce();
    await hal.page.getByRole("button", { name: "Continue" }).click();
    await expect(hal.page.getByText("This invitation is not valid.")).toBeVisible();
    await hal.leave();
  });

  await gil.leave();
});
