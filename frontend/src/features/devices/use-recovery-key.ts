import { makeRecoveryKey } from "@/core/own";
import { useUser } from "@/features/auth/session";
import { keepKit, kitQuery } from "@/features/auth/kit";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { confirmed } from "./confirmed";

/** Makes a recovery key, which then waits in the kit to be saved. */
export function useMakeRecoveryKey() {
  const user = useUser();
  const queries = useQueryClient();
  return useMutation({
    /** `asks`: a second factor is asked for when the server wants one; else it fails. */
    mutationFn: ({ asks }: { asks: boolean }) =>
      asks ? confirmed(makeRecoveryKey) : makeRecoveryKey(),
    async onSuccess(key) {
      // Whatever opened before opens nothing any more: a closed tab must not lose it.
      await keepKit(user.user_id, { key });
      await queries.invalidateQueries(kitQuery);
    },
  });
}
