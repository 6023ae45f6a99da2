/** Who is signed in. */
import { closeAccount, eraseAccount } from "@/core/account";
import { api, ApiError, NetworkError } from "@/core/api";
import { signOff } from "@/core/own";
import { coreState } from "@/core/store";
import { stored } from "@/lib/stored";
import type { User } from "@/protocol.gen";
import { type QueryClient, queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import * as z from "zod/mini";

/** The one who was signed in last, so that the app opens without a network. */
const lastUser = stored<User>(
  "snug.user",
  z.object({
    user_id: z.uuid(),
    username: z.string(),
    name: z.nullable(z.string()),
    email: z.string(),
    created_at: z.string(),
  }),
);

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: Infinity,
  retry: false,
  async queryFn(): Promise<User | null> {
    try {
      const user = await api.me();
      lastUser.write(user);
      return user;
    } catch (fault) {
      if (fault instanceof ApiError && fault.problem.status === 401) return null;
      // Away from the server, or the server away: what is on this device can still be read.
      if (fault instanceof NetworkError || fault instanceof ApiError) return lastUser.read();
      throw fault;
    }
  },
});

/** Oneself; only below routes that need a session. */
export function useUser(): User {
  const { data } = useSuspenseQuery(sessionQuery);
  if (!data) throw new Error("there is no session here");
  return data;
}

export function beginSession(queries: QueryClient, user: User): void {
  lastUser.write(user);
  queries.setQueryData(sessionQuery.queryKey, user);
}

/** Something about oneself changed. */
export function changeUser(queries: QueryClient, user: User): void {
  const { user_id, username, name, email, created_at } = user;
  beginSession(queries, { user_id, username, name, email, created_at });
}

/** The server ended it: keys and messages stay. */
export async function dropSession(queries: QueryClient): Promise<void> {
  lastUser.clear();
  queries.setQueryData(sessionQuery.queryKey, null);
  await closeAccount();
  forgetAnswers(queries);
}

let ending = false;

/** Oneself ends the session or the account just now: that it is over is no surprise. */
export const isEnding = (): boolean => ending;

/**
 * Leaves this browser; with `erase` it forgets keys, messages, and that it was to ask no code, also
 * when the server can't be told. Says whether it was.
 */
export async function signOut(
  queries: QueryClient,
  user: User,
  erase: boolean,
): Promise<"told" | "untold"> {
  ending = true;
  try {
    if (erase) {
      await forgetThisBrowser();
      await removeThisDevice();
    }
    const told = await logout(erase);
    if (erase) await eraseAccount(user.user_id);
    await dropSession(queries);
    return told;
  } finally {
    ending = false;
  }
}

async function logout(evenAway: boolean): Promise<"told" | "untold"> {
  try {
    await api.logout();
  } catch (fault) {
    const status = fault instanceof ApiError ? fault.problem.status : null;
    const away = fault instanceof NetworkError || (status !== null && status >= 500);
    if (evenAway && away) return "untold";
    if (status !== 401) throw fault;
  }
  return "told";
}

/** Best effort: signing out does not fail because of it. */
async function forgetThisBrowser(): Promise<void> {
  try {
    const browsers = await api.rememberedBrowsers();
    const here = browsers.find(({ current }) => current);
    if (here) await api.forgetBrowser(here.browser_id);
  } catch {
    // It stays in the list of the settings, and ends by itself.
  }
}

/** Best effort, too: a device without keys would stand in every list and room for nothing. */
async function removeThisDevice(): Promise<void> {
  const here = coreState().own?.devices.find((device) => device.this);
  if (!here) return;
  try {
    if (coreState().phase?.type === "live") return await signOff();
  } catch {
    // Then it is the server that says so, and the others ask about it.
  }
  try {
    await api.removeDevice(here.device_id);
  } catch {
    // Another device can still remove it.
  }
}

/** Ends the account by `act`; then this browser forgets it, keys and messages too with `erase`. */
export async function endAccount(
  queries: QueryClient,
  user: User,
  erase: boolean,
  act: () => Promise<unknown>,
): Promise<void> {
  ending = true;
  try {
    await act();
    if (erase) await eraseAccount(user.user_id);
    await dropSession(queries);
  } finally {
    ending = false;
  }
}

/** Drops what the server and the records said. */
export function forgetAnswers(queries: QueryClient): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] === "mine" });
}
