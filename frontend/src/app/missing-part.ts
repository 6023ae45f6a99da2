/** What Chromium and Firefox, and Safari, say of a module that is loaded later. No browser says why. */
const SAID = /dynamically imported module|importing a module script failed/i;

/** A page's script did not arrive, or was refused by its hash. */
export function isMissingPart(fault: unknown): boolean {
  return fault instanceof TypeError && SAID.test(fault.message);
}
