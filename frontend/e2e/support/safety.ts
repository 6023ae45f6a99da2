/** The safety number that two people have, on one's screen. */
import { expect, type Locator } from "@playwright/test";
import type { Person } from "./person";

export const safetyNumber = ({ page }: Person, other: Person): Locator =>
  page.getByRole("dialog", { name: `Safety number with ${other.name}` });

/** From the details of the conversation that is open. */
export async function openNumber(person: Person, other: Person): Promise<void> {
  await person.page
    .getByRole("complementary", { name: "Details" })
    .getByRole("button", { name: /^(Compare|Show) safety number$/ })
    .click();
  await expect(safetyNumber(person, other)).toBeVisible();
}
