/** What this server allows and is. */
import { api } from "@/core/api";
import { queryOptions } from "@tanstack/react-query";

export const configQuery = queryOptions({
  queryKey: ["config"],
  queryFn: api.config,
  staleTime: 300_000,
});
