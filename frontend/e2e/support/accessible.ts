import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** WCAG 2.2 AA as far as a machine can tell. */
export async function expectAccessible(page: Page, screen: string): Promise<void> {
  // Colours are judged when they have arrived.
  await page.waitForTimeout(350);
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    // Words that hang from a button; the button carries them for screen readers.
    .exclude("[data-overlay-container]:has(> [role=tooltip])")
    .analyze();
  const found = violations.map(({ id, nodes }) => ({
    id,
    where: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ""}`),
  }));
  expect(found, `axe on ${screen}`).toEqual([]);
}
