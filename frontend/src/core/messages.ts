/** What the page and the worker say to each other. */
import type { ContactsUpdated, FriendRequest, Method, RoomId, UserId } from "@/protocol.gen";
import type {
  Command,
  ConversationId,
  Document,
  Entry,
  MessageRef,
  Notice,
  Picture,
  Recipient,
} from "./engine.gen";
import type { Kdf } from "./lock/kdf";
import type { Opened, Prepared, PreparedPicture, PrepareFault } from "./picture-file";

/** What the page asks of the worker: arguments and answer of each method. */
export interface CoreMethods {
  /**
   * Opens the account's records and starts the engine, once this tab is the one that writes.
   * Requests and the socket wait for `signedIn`. Answers when the engine runs.
   */
  open: (account: Account) => void;
  /** The session is there: requests go out, the socket connects. */
  signedIn: () => void;
  command: (command: Command) => void;
  /** Draws a picture anew, so that it tells nothing but what is seen; looks whether a file can go. */
  prepareFile: (file: Blob) => Prepared;
  /** Seals and sends a picture. */
  sendPicture: (sent: SentPicture) => void;
  /** Seals and sends a file; `null` when it could be read. */
  sendFile: (sent: SentFile) => PrepareFault | null;
  /** Opens a picture, by what `fileKey` says of its message; it is fetched first unless it is kept here. */
  openPicture: (key: string, attachment: string | null, picture: Picture) => Opened;
  /** Opens a file likewise. */
  openFile: (key: string, attachment: string | null, file: Document) => Opened;
  /** Stops fetching what `fileKey` names. */
  stopOpening: (key: string) => void;
  /** Gives a group a picture: the middle of a file, drawn anew and small; `null` takes it away. */
  setRoomPicture: (room: RoomId, file: Blob | null) => PrepareFault | null;
  /** Entries on one side of a position (the newest without one), rising. */
  history: (range: HistoryRange) => HistoryPage;
  /** Messages that hold the words, the newest first. A blank query only makes ready. */
  search: (query: string, range: SearchRange) => SearchPage;
  /** A small sealed value of the user interface: drafts, the contacts last seen. */
  recall: (name: string) => unknown;
  /** Keeps such a value; `null` removes it. */
  keep: (name: string, value: unknown) => void;
  /** Erases a conversation's entries from this browser. */
  forget: (conversation: ConversationId) => void;
  /** Closes the records with a key that a passphrase made; `lock` tells how far they are sealed anew. */
  setLock: (key: CryptoKey, kdf: Kdf) => void;
  /** Opens the records, and makes this tab the active one. */
  unlock: (key: CryptoKey) => UnlockAnswer;
  /** Another passphrase, by the one that counts until now. */
  changeLock: (current: CryptoKey, key: CryptoKey, kdf: Kdf) => UnlockAnswer;
  /** Does without a passphrase, by the one that counts until now. */
  removeLock: (current: CryptoKey) => UnlockAnswer;
  /** Locks now; `lock` is told, and this worker is of no more use. */
  lock: () => void;
  /** Makes this tab the active one. */
  takeOver: () => void;
  /** Connects now instead of after the next pause. */
  reconnect: () => void;
  /** The network went away or came back. Not every browser tells its workers. */
  network: (online: boolean) => void;
  /** Stops everything and lets go of the records, which stay. */
  close: () => void;
  /** As `close`, then erases keys and history of the account from this browser. */
  erase: () => void;
}

export interface Account {
  user_id: UserId;
  /** What the list of devices shows. */
  device_name: string;
  signed_in: boolean;
}

export interface SentPicture {
  to: Recipient;
  /** A fresh UUIDv7. */
  id: string;
  picture: PreparedPicture;
  caption: string;
  reply_to?: MessageRef;
}

export interface SentFile {
  to: Recipient;
  /** A fresh UUIDv7. */
  id: string;
  file: File;
  caption: string;
  reply_to?: MessageRef;
}

export interface HistoryRange {
  conversation: ConversationId;
  /** Those before this position, back from there. */
  before?: string;
  /** Those from this position on, itself included. */
  from?: string;
  limit: number;
}

export interface HistoryPage {
  entries: Entry[];
  /** Where entries stand that do not open any more. */
  damaged: string[];
  /** There are more on that side. */
  more: boolean;
}

export interface SearchRange {
  /** All of them without it. */
  conversation?: ConversationId;
  limit: number;
  offset: number;
}

export interface SearchPage {
  hits: SearchHit[];
  /** How many there are beside this page. */
  total: number;
}

/** A message that was found. */
export interface SearchHit {
  conversation: ConversationId;
  /** The entry's. */
  key: string;
  position: string;
  sender: UserId;
  mine: boolean;
  sent_at: number;
  snippet: SnippetPiece[];
}

export interface SnippetPiece {
  text: string;
  /** One of the words that were looked for. */
  marked: boolean;
}

/** Whether the passphrase was right; if not, when the next may be tried (milliseconds since 1970). */
export type UnlockAnswer = { ok: true } | { ok: false; retry_at: number | null };

/** How it stands with the passphrase of this browser. `sealing`: records sealed anew, up to 1. */
export type LockState =
  | { type: "none"; sealing: number | null }
  | { type: "open"; kdf: Kdf; sealing: number | null }
  /** `was_open`: what was opened may still be in memory. */
  | { type: "locked"; kdf: Kdf; retry_at: number | null; was_open: boolean };

/** What the worker tells. */
export type CoreEvent =
  /** What came of one step of the engine, in order. */
  | { type: "notices"; notices: Notice[] }
  /** How much of what `fileKey` names has travelled, up to 1; `null` when it travels no more. */
  | { type: "transfer"; file: string; done: number | null }
  /** Whether this tab is the one that writes. */
  | { type: "tab"; active: boolean }
  | { type: "lock"; lock: LockState }
  /** The server knows no session for our cookie. */
  | { type: "session_over" }
  /** The server asks for a fresh second factor before it does what was asked. */
  | { type: "step_up"; challenge_id: string; methods: Method[] }
  | { type: "friend_request_received"; request: FriendRequest }
  | { type: "friend_request_accepted"; request: FriendRequest }
  | { type: "contacts_updated"; update: ContactsUpdated }
  /** The worker cannot go on; the page has to be loaded again. */
  | { type: "fatal"; fault: CoreFault };

/** `storage`: IndexedDB refused or failed; `engine`: the wasm module did. */
export type CoreFault = "storage" | "engine";

export type MethodName = keyof CoreMethods;

export type Call = {
  [M in MethodName]: { id: number; method: M; args: Parameters<CoreMethods[M]> };
}[MethodName];

export type Answer =
  { id: number; ok: true; value: unknown } | { id: number; ok: false; message: string };

export type FromWorker = Answer | CoreEvent;
