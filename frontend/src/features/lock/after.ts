/** After how many minutes without a touch it locks; 0: only when it is closed. Kept sealed. */
import { call } from "@/core/core";
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import * as z from "zod/mini";

const KEPT = "lock-after";
const schema = z.union([z.literal(0), z.literal(15), z.literal(60)]);

export type After = z.infer<typeof schema>;

export const afterQuery = queryOptions({
  queryKey: ["mine", KEPT],
  staleTime: Infinity,
  async queryFn(): Promise<After> {
    const parsed = schema.safeParse(await call("recall", KEPT));
    return parsed.success ? parsed.data : 15;
  },
});

export function setAfter(queries: QueryClient, after: After): void {
  queries.setQueryData(afterQuery.queryKey, after);
  void call("keep", KEPT, after);
}
