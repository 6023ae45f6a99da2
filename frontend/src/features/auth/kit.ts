/** The backup codes between their making and their saving: in memory, and sealed in this browser. */
import { openAccount } from "@/core/account";
import { call } from "@/core/core";
import type { UserId } from "@/protocol.gen";
import { queryOptions, type QueryClient } from "@tanstack/react-query";
import * as z from "zod/mini";

const schema = z.array(z.string());
let fresh: string[] | null = null;

export const kitQuery = queryOptions({
  queryKey: ["mine", "kit"],
  staleTime: Infinity,
  async queryFn(): Promise<string[] | null> {
    if (fresh) return fresh;
    const parsed = schema.safeParse(await call("recall", "kit"));
    return parsed.success ? parsed.data : null;
  },
});

/** Keeps the codes until the person has saved them. Never fails: they are on the screen next. */
export async function keepKit(userId: UserId, codes: string[]): Promise<void> {
  fresh = codes;
  const sealed = openAccount(userId, false).then(() => call("keep", "kit", codes));
  // Another tab may hold the records: the codes are shown all the same.
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
