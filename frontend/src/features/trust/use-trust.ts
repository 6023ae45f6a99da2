/** How a person's keys stand, and what the page may ask of the engine about them. */
import { call } from "@/core/core";
import type { KeyChange, PersonTrust } from "@/core/engine.gen";
import { useCore } from "@/core/store";

/** `null` when there is nothing to say of the person. */
export function useTrust(userId: string): PersonTrust | null {
  return useCore((state) => state.people.get(userId) ?? null);
}

/** Whether the keys in use are the ones that were compared. */
export function useIsVerified(userId: string): boolean {
  return useCore((state) => {
    const person = state.people.get(userId);
    return person !== undefined && person.verified && person.change === null;
  });
}

export function acceptKeys(user_id: string, { account_key }: KeyChange): void {
  void call("command", { type: "accept_keys", user_id, account_key });
}

export function declineKeys(user_id: string, { account_key }: KeyChange): void {
  void call("command", { type: "decline_keys", user_id, account_key });
}

/** Marks a person, or takes the mark back, for the key that was on the screen. */
export function setVerified(user_id: string, account_key: string, verified: boolean): void {
  void call("command", { type: "set_verified", user_id, account_key, verified });
}
