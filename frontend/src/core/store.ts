/** What the worker told last, as the page needs it: conversations, the open one's entries, phase. */
import { useSyncExternalStore } from "react";
import { onCoreEvent } from "./core";
import type {
  Conversation,
  ConversationId,
  Entry,
  HistoryGap,
  LinkState,
  Notice,
  OwnAccount,
  PersonTrust,
  Phase,
} from "./engine.gen";
import type { CoreFault, LockState } from "./messages";
import { mediaTypes } from "./picture-file";
import type { RoomId } from "@/protocol.gen";

/** The safety number that was asked for, with one person. */
export type Safety = Extract<Notice, { type: "safety" }>;

export interface Typing {
  user_id: string;
  at: number;
}

/** What came of asking the archive for what lies before the records. */
export interface OlderEntries {
  more: boolean;
  reason: HistoryGap | null;
}

export interface CoreState {
  /** `null` until the engine said how it stands. */
  phase: Phase | null;
  /** False: another tab is the active one. */
  active: boolean;
  /** The passphrase of this browser; `null` until the worker looked. */
  lock: LockState | null;
  fault: CoreFault | null;
  conversations: ReadonlyMap<ConversationId, Conversation>;
  /** Who was last seen writing, and when, by conversation. */
  typing: ReadonlyMap<ConversationId, Typing>;
  /** How people's keys stand, by person: whoever there is something to say of. */
  people: ReadonlyMap<string, PersonTrust>;
  /** By person. */
  safety: ReadonlyMap<string, Safety>;
  /** Whose keys from the server did not check, and why. */
  refusedKeys: ReadonlyMap<string, string>;
  /** Where the pictures of groups are, by room. */
  roomPictures: ReadonlyMap<RoomId, string>;
  /** Messages of mine that wait for the server. */
  outbox: number;
  /** My devices, archive and recovery key; `null` until told. */
  own: OwnAccount | null;
  /** How linking a device stands, on either side. */
  link: LinkState;
  /** By conversation; none until it was asked for. */
  older: ReadonlyMap<ConversationId, OlderEntries>;
}

const blank: CoreState = {
  phase: null,
  active: true,
  lock: null,
  fault: null,
  conversations: new Map(),
  typing: new Map(),
  people: new Map(),
  safety: new Map(),
  refusedKeys: new Map(),
  roomPictures: new Map(),
  outbox: 0,
  own: null,
  link: { type: "idle" },
  older: new Map(),
};

let state = blank;
const listeners = new Set<() => void>();
const entryListeners = new Map<ConversationId, Set<(change: EntryChange) => void>>();

export type EntryChange = { entry: Entry } | { removed: string };

/** Follows the entries of one conversation. */
export function onEntries(id: ConversationId, listener: (change: EntryChange) => void): () => void {
  const set = entryListeners.get(id) ?? new Set();
  entryListeners.set(id, set);
  set.add(listener);
  return () => void set.delete(listener);
}

/** The last thing the store knows; components use `useCore`. */
export const coreState = (): CoreState => state;

export function useCore<T>(select: (state: CoreState) => T): T {
  return useSyncExternalStore(subscribe, () => select(state));
}

/** Resolves when the engine has told of a conversation. */
export function whenConversation(id: ConversationId): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!state.conversations.has(id)) return;
      stop();
      resolve();
    };
    const stop = subscribe(look);
    look();
  });
}

/** Forgets the account that was open. */
export function clearCore(): void {
  for (const picture of state.roomPictures.values()) URL.revokeObjectURL(picture);
  replace(blank);
}

/** Another way to stand, before the engine says so itself. */
export function patchCore(change: Partial<CoreState>): void {
  replace({ ...state, ...change });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function replace(next: CoreState): void {
  state = next;
  for (const listener of listeners) listener();
}

onCoreEvent((event) => {
  if (event.type === "notices") replace(event.notices.reduce(apply, state));
  else if (event.type === "tab") replace({ ...state, active: event.active });
  else if (event.type === "lock") replace({ ...state, lock: event.lock });
  else if (event.type === "fatal") replace({ ...state, fault: event.fault });
});

function apply(before: CoreState, notice: Notice): CoreState {
  switch (notice.type) {
    case "phase":
      return { ...before, phase: notice.phase };
    case "outbox":
      return { ...before, outbox: notice.count };
    case "conversation":
      return {
        ...before,
        conversations: new Map(before.conversations).set(
          notice.conversation.id,
          notice.conversation,
        ),
      };
    case "conversation_gone": {
      const conversations = new Map(before.conversations);
      conversations.delete(notice.conversation);
      return { ...before, conversations };
    }
    case "typing": {
      const typing = new Map(before.typing);
      const { user_id } = notice;
      if (notice.active) typing.set(notice.conversation, { user_id, at: Date.now() });
      else typing.delete(notice.conversation);
      return { ...before, typing };
    }
    case "person": {
      const { person } = notice;
      return { ...before, people: new Map(before.people).set(person.user_id, person) };
    }
    case "safety":
      return { ...before, safety: new Map(before.safety).set(notice.user_id, notice) };
    case "key_refused": {
      const refusedKeys = new Map(before.refusedKeys).set(notice.user_id, notice.reason);
      return { ...before, refusedKeys };
    }
    case "room_picture":
      return { ...before, roomPictures: pictured(before.roomPictures, notice) };
    case "message":
      tellEntries(notice.conversation, { entry: notice.entry });
      return notice.entry.mine ? before : written(before, notice.conversation);
    case "own":
      return { ...before, own: notice.own };
    case "link":
      return { ...before, link: notice.link };
    case "history": {
      const { conversation, more, reason } = notice;
      return { ...before, older: new Map(before.older).set(conversation, { more, reason }) };
    }
    case "removed":
      tellEntries(notice.conversation, { removed: notice.key });
      return before;
    default:
      return before;
  }
}

/** Makes an address of a picture, and lets go of the one before. */
function pictured(
  before: CoreState["roomPictures"],
  { room_id, picture }: Notice & { type: "room_picture" },
): CoreState["roomPictures"] {
  const roomPictures = new Map(before);
  const old = roomPictures.get(room_id);
  if (old !== undefined) URL.revokeObjectURL(old);
  roomPictures.delete(room_id);
  if (!picture) return roomPictures;
  const file = new Blob([new Uint8Array(picture.file)], { type: mediaTypes[picture.kind] });
  return roomPictures.set(room_id, URL.createObjectURL(file));
}

/** Who has sent what was being written writes no more: a stop may come late, or never. */
function written(before: CoreState, conversation: ConversationId): CoreState {
  if (!before.typing.has(conversation)) return before;
  const typing = new Map(before.typing);
  typing.delete(conversation);
  return { ...before, typing };
}

function tellEntries(id: ConversationId, change: EntryChange): void {
  for (const listener of entryListeners.get(id) ?? []) listener(change);
}
