import { api, ApiError, NetworkError } from "@/core/api";

/** What Chromium and Firefox, and Safari, say of a module that is loaded later. No browser says why. */
const SAID = /dynamically imported module|importing a module script failed/i;

/** A page's script did not arrive because nothing does: a reload would lose the app as well. */
export class PartAway extends Error {
  constructor() {
    super("the server is out of reach");
    this.name = "PartAway";
  }
}

/** A page's script did not arrive, or was refused by its hash. */
export function isMissingPart(fault: unknown): boolean {
  return fault instanceof TypeError && SAID.test(fault.message);
}

/**
 * For the router, which reloads when a part is missing: a newer build may stand there. It does not
 * where the server is out of reach.
 */
export function part<T>(load: () => Promise<T>): () => Promise<T> {
  return async () => {
    try {
      return await load();
    } catch (fault) {
      throw isMissingPart(fault) && (await isAway()) ? new PartAway() : fault;
    }
  };
}

async function isAway(): Promise<boolean> {
  try {
    await api.config();
    return false;
  } catch (fault) {
    return (
      fault instanceof NetworkError || (fault instanceof ApiError && fault.problem.status >= 500)
    );
  }
}
