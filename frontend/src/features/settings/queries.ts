/** What the server keeps of my settings. */
import { api } from "@/core/api";
import { changeUser } from "@/features/auth/session";
import type { MeUpdate } from "@/protocol.gen";
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

export const meQuery = queryOptions({ queryKey: ["mine", "me"], queryFn: api.me });

export const sessionsQuery = queryOptions({
  queryKey: ["mine", "sessions"],
  // Who looks wants to know how it is now.
  staleTime: 0,
  queryFn: api.sessions,
});

/** Changes what I show of myself: at once here, taken back when the server refuses. */
export function useChangeMe() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (update: MeUpdate) => api.changeMe(update),
    async onMutate(update) {
      await queries.cancelQueries(meQuery);
      // A name is as the server trims it: not before it answers.
      const { name: _, ...switches } = update;
      queries.setQueryData(meQuery.queryKey, (me) => me && { ...me, ...switches });
    },
    onError: () => queries.invalidateQueries(meQuery),
    onSuccess(me) {
      queries.setQueryData(meQuery.queryKey, me);
      changeUser(queries, me);
    },
  });
}
