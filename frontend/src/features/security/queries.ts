/** What the server keeps of the ways I sign in. */
import { api } from "@/core/api";
import type { Factor } from "@/protocol.gen";
import { queryOptions } from "@tanstack/react-query";

export const factorsQuery = queryOptions({
  queryKey: ["mine", "factors"],
  // Who looks wants to know how it is now.
  staleTime: 0,
  queryFn: api.factors,
});

export const rememberedQuery = queryOptions({
  queryKey: ["mine", "remembered"],
  staleTime: 0,
  async queryFn() {
    const browsers = await api.rememberedBrowsers();
    return browsers.toSorted((a, b) => Number(b.current) - Number(a.current));
  },
});

/** Those that count: one that waits for its first code is begun anew, not gone on with. */
export function activeFactors(factors: Factor[]): Factor[] {
  return factors.filter(({ active }) => active);
}
