/**
 * The recovery kit between its making and its saving: backup codes, recovery key, or both. In
 * memory, and sealed in this browser, so that a closed tab loses nothing.
 */
import { openAccount } from "@/core/account";
import { call } from "@/core/core";
import type { UserId } from "@/protocol.gen";
import { queryOptions, type QueryClient } from "@tanstack/react-query";
import * as z from "zod/mini";

export interface Kit {
  codes: string[];
  /** `null`: none was made with it, or not yet. */
  key: string | null;
}

const schema = z.object({ codes: z.array(z.string()), key: z.nullable(z.string()) });
let fresh: Kit | null = null;

export const kitQuery = queryOptions({
  queryKey: ["mine", "kit"],
  staleTime: Infinity,
  async queryFn(): Promise<Kit | null> {
    return fresh ?? readKit(await call("recall", "kit"));
  },
});

/** As it was kept; earlier versions kept the codes alone. */
export function readKit(kept: unknown): Kit | null {
  const parsed = schema.safeParse(Array.isArray(kept) ? { codes: kept, key: null } : kept);
  return parsed.success ? parsed.data : null;
}

/**
 * Keeps codes or key until the person has saved them, beside what waits already. Never fails: they
 * are on the screen next.
 */
export async function keepKit(userId: UserId, made: Partial<Kit>): Promise<void> {
  const before = fresh;
  fresh = { codes: [], key: null, ...before, ...made };
  const sealed = openAccount(userId, false).then(async () => {
    const kept = before ?? readKit(await call("recall", "kit"));
    fresh = { codes: [], key: null, ...kept, ...made };
    await call("keep", "kit", fresh);
  });
  // Another tab may hold the records: they are shown all the same.
  await Promise.race([sealed.catch(() => undefined), pause(1500)]);
}

export async function dropKit(queries: QueryClient): Promise<void> {
  fresh = null;
  await call("keep", "kit", null);
  queries.setQueryData(kitQuery.queryKey, null);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
