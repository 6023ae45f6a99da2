// Rendered from crates/engine by `cargo xtask types`. Do not edit.

import type {
  AttachmentId,
  Base64,
  Binary,
  ClientId,
  Code,
  CommitWanted,
  Connected,
  ContactsUpdated,
  CreateRoom,
  DeviceEvent,
  DeviceId,
  DeviceProof,
  Envelope,
  KeyPackagesLow,
  LinkEvent,
  MarkRead,
  Problem,
  Receipt,
  RoomCursors,
  RoomId,
  RoomKind,
  SendCommit,
  SendMessage,
  SetTyping,
  Timestamp,
  TypingEvent,
  UserId,
  VaultEvent,
  WelcomeDone,
  WelcomeEvent,
} from "../protocol.gen";

export type ConversationId = string;

export type Text = string;

export type Recipient = { "type": "direct", 
/**
 * The contact.
 */
user_id: UserId, } | { "type": "room", 
/**
 * The room.
 */
room_id: RoomId, };

export type MessageRef = { 
/**
 * Who wrote it.
 */
sender: UserId, 
/**
 * The id that they gave it.
 */
id: ClientId, };

export type NewPicture = { 
/**
 * The file: JPEG, PNG, GIF or WebP, up to [`limits::PICTURE`].
 */
file: Binary, 
/**
 * In pixels.
 */
width: number, 
/**
 * In pixels.
 */
height: number, 
/**
 * A very small picture that stands in for it, perhaps none; up to
 * [`limits::PICTURE_PREVIEW`].
 */
preview: Binary, 
/**
 * Words that go along, perhaps none; up to [`limits::PICTURE_CAPTION`].
 */
caption: Text, };

export type LinkHow = "scan" | "typed";

export type Document = { 
/**
 * The file's key, 32 secret bytes.
 */
key: Base64, 
/**
 * SHA-256 of the ciphertext, 32 bytes.
 */
sha256: Base64, 
/**
 * Of the file, in bytes; up to [`limits::FILE`].
 */
size: number, 
/**
 * What it is called, without folders; up to [`limits::FILE_NAME`]. It is the sender's word:
 * what the file is does not follow from it.
 */
name: Text, 
/**
 * The media type that the sender's system gave it, perhaps none; up to
 * [`limits::MEDIA_TYPE`]. The sender's word as well.
 */
media_type: string, 
/**
 * Words that go along, perhaps none; up to [`limits::PICTURE_CAPTION`].
 */
caption: Text, };

export type Command = { "type": "set_up", 
/**
 * Oneself.
 */
user_id: UserId, 
/**
 * What the list of devices shows; up to 80 characters.
 */
device_name: string, 
/**
 * The account key that another device handed over, 32 secret bytes; a first makes one.
 */
account_key?: Binary, } | { "type": "reset_keys", 
/**
 * Oneself.
 */
user_id: UserId, 
/**
 * What the list of devices shows; up to 80 characters.
 */
device_name: string, } | { "type": "send_text", 
/**
 * To whom.
 */
to: Recipient, 
/**
 * A fresh UUIDv7 that names the message for ever.
 */
id: ClientId, 
/**
 * The text, not blank.
 */
text: Text, 
/**
 * The message that it answers.
 */
reply_to?: MessageRef, } | { "type": "send_picture", 
/**
 * To whom.
 */
to: Recipient, 
/**
 * A fresh UUIDv7 that names the message for ever.
 */
id: ClientId, 
/**
 * The picture.
 */
picture: NewPicture, 
/**
 * The message that it answers.
 */
reply_to?: MessageRef, } | { "type": "send_file", 
/**
 * To whom.
 */
to: Recipient, 
/**
 * A fresh UUIDv7 that names the message for ever.
 */
id: ClientId, 
/**
 * The file.
 */
file: Document, 
/**
 * The message that it answers.
 */
reply_to?: MessageRef, } | { "type": "react", 
/**
 * Where it is.
 */
conversation: ConversationId, 
/**
 * Which.
 */
message: MessageRef, 
/**
 * One emoji; `invalid-body` for anything else. It says nothing when `on` is false.
 */
emoji: string, 
/**
 * React, or take it back.
 */
on: boolean, } | { "type": "edit", 
/**
 * Where it is.
 */
conversation: ConversationId, 
/**
 * Which.
 */
id: ClientId, 
/**
 * The words, not blank.
 */
text: Text, } | { "type": "delete", 
/**
 * Where it is.
 */
conversation: ConversationId, 
/**
 * Which.
 */
message: MessageRef, 
/**
 * Take it back from everybody (an own message). Otherwise it goes from this device alone.
 */
for_everyone: boolean, } | { "type": "set_timer", 
/**
 * Where.
 */
conversation: ConversationId, 
/**
 * 30 to 2,419,200 (4 weeks), or `None`: they stay.
 */
seconds: number | null, } | { "type": "set_room_picture", 
/**
 * Which group.
 */
room_id: RoomId, 
/**
 * A small square JPEG, PNG, GIF or WebP of up to 15,000 bytes
 * ([`protocol::limits::ROOM_PICTURE`]), without what a camera writes along.
 */
picture: Binary | null, } | { "type": "retry", 
/**
 * Where it is.
 */
conversation: ConversationId, 
/**
 * Which.
 */
id: ClientId, } | { "type": "discard", 
/**
 * Where it is.
 */
conversation: ConversationId, 
/**
 * Which.
 */
id: ClientId, } | { "type": "mark_read", 
/**
 * Where.
 */
conversation: ConversationId, 
/**
 * The room of the newest entry seen.
 */
room_id: RoomId, 
/**
 * Its place in the room.
 */
seq: number, } | { "type": "typing", 
/**
 * Where.
 */
conversation: ConversationId, 
/**
 * Started or stopped.
 */
active: boolean, } | { "type": "create_group", 
/**
 * A fresh UUIDv7 that names the room, and the conversation, for ever.
 */
room_id: RoomId, 
/**
 * Its name; 1 to 80 characters. The server never learns it.
 */
name: Text, 
/**
 * The contacts to begin with. Who has no device yet is added once there is one.
 */
members: Array<UserId>, } | { "type": "invite", 
/**
 * Where.
 */
room_id: RoomId, 
/**
 * Whom.
 */
members: Array<UserId>, } | { "type": "remove_member", 
/**
 * From where.
 */
room_id: RoomId, 
/**
 * Whom; not oneself.
 */
user_id: UserId, } | { "type": "set_admin", 
/**
 * Where.
 */
room_id: RoomId, 
/**
 * Whom.
 */
user_id: UserId, 
/**
 * Which of the two. The last admin stays one.
 */
admin: boolean, } | { "type": "rename_room", 
/**
 * Which.
 */
room_id: RoomId, 
/**
 * 1 to 80 characters.
 */
name: Text, } | { "type": "leave_room", 
/**
 * Which.
 */
room_id: RoomId, } | { "type": "accept_keys", 
/**
 * Who.
 */
user_id: UserId, 
/**
 * The key that was shown: another one that came meanwhile is not accepted by this.
 */
account_key: Base64, } | { "type": "refresh_own" } | { "type": "rename_device", 
/**
 * Which.
 */
device_id: DeviceId, 
/**
 * 1 to 80 characters.
 */
name: string, } | { "type": "revoke_device", 
/**
 * Which; not this one.
 */
device_id: DeviceId, } | { "type": "sign_off" } | { "type": "replace_devices", 
/**
 * Which of [`crate::OwnAccount::devices`].
 */
device_ids: Array<DeviceId>, } | { "type": "start_link", 
/**
 * Oneself.
 */
user_id: UserId, 
/**
 * What the list of devices shows; up to 80 characters.
 */
device_name: string, 
/**
 * How.
 */
how: LinkHow, } | { "type": "scan_link", 
/**
 * What was scanned or pasted.
 */
text: Text, } | { "type": "answer_link" } | { "type": "refuse_link" } | { "type": "type_link_digits", 
/**
 * As typed.
 */
digits: Text, } | { "type": "continue_link" } | { "type": "confirm_link" } | { "type": "cancel_link" } | { "type": "make_recovery_key" } | { "type": "recover", 
/**
 * Oneself.
 */
user_id: UserId, 
/**
 * What the list of devices shows; up to 80 characters.
 */
device_name: string, 
/**
 * The recovery key as typed.
 */
key: Text, } | { "type": "set_archive", 
/**
 * Which.
 */
on: boolean, } | { "type": "set_post_quantum", 
/**
 * Which.
 */
on: boolean, } | { "type": "drop_archive" } | { "type": "load_older", 
/**
 * Where.
 */
conversation: ConversationId, } | { "type": "decline_keys", 
/**
 * Who.
 */
user_id: UserId, 
/**
 * The key that was shown.
 */
account_key: Base64, } | { "type": "show_safety", 
/**
 * With whom.
 */
user_id: UserId, } | { "type": "compare_code", 
/**
 * Whose screen.
 */
user_id: UserId, 
/**
 * The text of their code, or the 60 digits, spaces or none.
 */
text: Text, } | { "type": "set_verified", 
/**
 * With whom.
 */
user_id: UserId, 
/**
 * The key that was shown: no other is marked. A claimed one is accepted by this.
 */
account_key: Base64, 
/**
 * Which of the two.
 */
verified: boolean, } | { "type": "rejoin_room", 
/**
 * Which.
 */
room_id: RoomId, } | { "type": "give_up_room", 
/**
 * Which.
 */
room_id: RoomId, };

export type ServerEvent = { "name": "new_message", "payload": Envelope<Binary> } | { "name": "message", "payload": Envelope<Binary> } | { "name": "welcome", "payload": WelcomeEvent } | { "name": "commit_wanted", "payload": CommitWanted } | { "name": "contacts_updated", "payload": ContactsUpdated } | { "name": "read", "payload": Receipt } | { "name": "typing", "payload": TypingEvent } | { "name": "delivered", "payload": Receipt } | { "name": "device_added", "payload": DeviceEvent } | { "name": "device_revoked", "payload": DeviceEvent } | { "name": "link_updated", "payload": LinkEvent } | { "name": "vault_changed", "payload": VaultEvent } | { "name": "key_packages_low", "payload": KeyPackagesLow } | { "name": "displaced", "payload": unknown } | { "name": "session_ended", "payload": unknown };

export type Outcome = { "type": "json", 
/**
 * The value.
 */
value: unknown, } | { "type": "bytes", 
/**
 * The body.
 */
value: Binary, } | { "type": "records", 
/**
 * Those that are there.
 */
records: Array<Record>, } | { "type": "problem", 
/**
 * Why.
 */
problem: Problem, };

export type Input = { "type": "started" } | { "type": "command", 
/**
 * What.
 */
command: Command, } | { "type": "connected", 
/**
 * Its payload.
 */
connected: Connected, } | { "type": "disconnected" } | { "type": "event", 
/**
 * Name and payload.
 */
event: ServerEvent, } | { "type": "reply", 
/**
 * The effect's id.
 */
id: number, 
/**
 * How it went.
 */
outcome: Outcome, } | { "type": "tick" };

export type Record = { 
/**
 * A path: `state/…`, `history/…`, `index/…` or `files/…`. Compared byte by byte.
 */
key: string, 
/**
 * The content: for the engine alone under `state/` and `index/`, an [`crate::Entry`] as JSON under
 * `history/`, a ciphertext under `files/`.
 */
value: Binary, };

export type Part = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its content.
 */
value: Binary, };

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export type ResponseKind = "json" | "bytes";

export type ClientEvent = { "name": "device", "payload": DeviceProof } | { "name": "message", "payload": SendMessage } | { "name": "create_room", "payload": CreateRoom } | { "name": "commit", "payload": SendCommit } | { "name": "welcome_done", "payload": WelcomeDone } | { "name": "sync", "payload": RoomCursors } | { "name": "ack", "payload": RoomCursors } | { "name": "read", "payload": MarkRead } | { "name": "typing", "payload": SetTyping };

export type ReadRange = { "type": "keys", 
/**
 * The keys; those that are not there are left out of the answer.
 */
keys: Array<string>, } | { "type": "last", 
/**
 * The range's beginning, itself included.
 */
from: string, 
/**
 * The range's end, itself left out.
 */
to: string, };

export type Effect = { "type": "persist", 
/**
 * Written, replacing what stands.
 */
puts: Array<Record>, 
/**
 * Removed; a key that is not there is no error. Never a key that is also in `puts`.
 */
deletes: Array<string>, } | { "type": "read", 
/**
 * Comes back in the reply.
 */
id: number, 
/**
 * What to read.
 */
range: ReadRange, } | { "type": "request", 
/**
 * Comes back in the reply.
 */
id: number, 
/**
 * How.
 */
method: Method, 
/**
 * Below the server's root: `/api/…`.
 */
path: string, 
/**
 * The JSON body.
 */
body: unknown | null, 
/**
 * What a 2xx answer is read as.
 */
response: ResponseKind, } | { "type": "upload", 
/**
 * Comes back in the reply.
 */
id: number, 
/**
 * The room whose members may fetch it.
 */
room_id: RoomId, 
/**
 * The key of the record that holds it, below [`crate::FILES_PREFIX`].
 */
file: string, } | { "type": "multipart", 
/**
 * Comes back in the reply.
 */
id: number, 
/**
 * Below the server's root: `/api/…`.
 */
path: string, 
/**
 * The part `head`.
 */
head: unknown, 
/**
 * The others.
 */
parts: Array<Part>, } | { "type": "emit", 
/**
 * Comes back in the reply.
 */
id: number, 
/**
 * Name and payload.
 */
event: ClientEvent, } | { "type": "notify", 
/**
 * What.
 */
notice: Notice, } | { "type": "wake", 
/**
 * Milliseconds since 1970.
 */
at: number, };

export type Phase = { "type": "no_keys" } | { "type": "registering" } | { "type": "keys_elsewhere" } | { "type": "refused", 
/**
 * Why; `step-up-required` asks for the second factor first.
 */
failure: Failure, } | { "type": "revoked" } | { "type": "offline" } | { "type": "connecting" } | { "type": "syncing" } | { "type": "live" } | { "type": "displaced" } | { "type": "signed_out" };

export type Failure = { 
/**
 * The stable name.
 */
code: Code, 
/**
 * For people, in English.
 */
detail: string, };

export type Body = { "type": "text", 
/**
 * The words.
 */
text: Text, } | { "type": "unknown", 
/**
 * The content's number for it.
 */
kind: number, 
/**
 * Kept for the day this version understands it.
 */
data: Base64, } | { "type": "picture", 
/**
 * Where it lies, once it was uploaded.
 */
attachment_id: AttachmentId | null, 
/**
 * How to open and show it.
 */
picture: Picture, } | { "type": "file", 
/**
 * Where it lies, once it was uploaded.
 */
attachment_id: AttachmentId | null, 
/**
 * How to open and name it.
 */
file: Document, } | { "type": "deleted" } | { "type": "room", 
/**
 * What, in order; the entry's sender did it.
 */
events: Array<RoomEvent>, } | { "type": "unopened", 
/**
 * Why.
 */
reason: UnopenedReason, };

export type PictureKind = "jpeg" | "png" | "gif" | "webp";

export type Picture = { 
/**
 * The file's key, 32 secret bytes.
 */
key: Base64, 
/**
 * SHA-256 of the ciphertext, 32 bytes.
 */
sha256: Base64, 
/**
 * What kind of file.
 */
kind: PictureKind, 
/**
 * In pixels.
 */
width: number, 
/**
 * In pixels.
 */
height: number, 
/**
 * Of the file, in bytes.
 */
size: number, 
/**
 * A very small picture that stands in for it, perhaps none.
 */
preview: Base64, 
/**
 * Words that go along, perhaps none.
 */
caption: Text, };

export type RoomEvent = { "type": "created" } | { "type": "joined" } | { "type": "entered" } | { "type": "rejoined" } | { "type": "set_back" } | { "type": "added", 
/**
 * Whom.
 */
users: Array<UserId>, } | { "type": "meanwhile", 
/**
 * Who came in.
 */
added: Array<UserId>, 
/**
 * Who is not in it any more.
 */
gone: Array<UserId>, 
/**
 * Who became an admin.
 */
granted: Array<UserId>, 
/**
 * Who is none any more.
 */
revoked: Array<UserId>, } | { "type": "removed", 
/**
 * Whom.
 */
users: Array<UserId>, } | { "type": "gone", 
/**
 * Who.
 */
users: Array<UserId>, } | { "type": "left" } | { "type": "roles", 
/**
 * Who is an admin now.
 */
granted: Array<UserId>, 
/**
 * Who is none any more.
 */
revoked: Array<UserId>, } | { "type": "named", 
/**
 * The name.
 */
name: Text, } | { "type": "pictured", 
/**
 * Took it away.
 */
removed: boolean, } | { "type": "timer", 
/**
 * After this many seconds; `None`: they stay.
 */
seconds: number | null, } | { "type": "keys_changed", 
/**
 * Whose.
 */
user: UserId, };

export type UnopenedReason = "forged" | "no_keys" | "malformed" | "missing" | "revoked";

export type Said = { "type": "looking" } | { "type": "missing" } | { "type": "text", 
/**
 * The words.
 */
text: Text, } | { "type": "picture", 
/**
 * The words that went along, perhaps none.
 */
caption: Text, } | { "type": "file", 
/**
 * What it is called.
 */
name: Text, } | { "type": "deleted" } | { "type": "unknown" };

export type Quote = { 
/**
 * Where it stands, to go there; `None` while it is not here.
 */
position?: string, 
/**
 * What it says.
 */
said: Said, 
/**
 * Who wrote it.
 */
sender: UserId, 
/**
 * The id that they gave it.
 */
id: ClientId, };

export type Reaction = { 
/**
 * One emoji.
 */
emoji: string, 
/**
 * Who, in the order of their ids.
 */
users: Array<UserId>, 
/**
 * I am among them.
 */
mine: boolean, };

export type Extra = { 
/**
 * The message that it answers.
 */
reply_to?: Quote, 
/**
 * Reactions of others and mine, by emoji; none when it was deleted.
 */
reactions?: Array<Reaction>, 
/**
 * When its words were changed for the last time; milliseconds since 1970.
 */
edited_at?: number, 
/**
 * It goes away this many seconds after it was read, or sent when it is mine.
 */
expires_after?: number, 
/**
 * When it goes away, once that is known; milliseconds since 1970 by this device's clock.
 */
expires_at?: number, };

export type EntryState = "sending" | "sent" | "failed";

export type Entry = { 
/**
 * What it is known by in the user interface; never changes.
 */
key: string, 
/**
 * Where it stands: compare byte by byte. Changes when a message is acknowledged.
 */
position: string, 
/**
 * The message's own id, given by its sender.
 */
id: ClientId, 
/**
 * The room; `None` until it was sent.
 */
room_id: RoomId | null, 
/**
 * The place in the room; `None` until it was sent.
 */
seq: number | null, 
/**
 * Who wrote it.
 */
sender: UserId, 
/**
 * Written by me, on whatever device.
 */
mine: boolean, 
/**
 * When the server stored it; before that, when it was written. Milliseconds since 1970.
 */
sent_at: number, 
/**
 * How it stands.
 */
state: EntryState, 
/**
 * Why it failed.
 */
failure?: Failure, 
/**
 * What it says.
 */
body: Body, 
/**
 * The message that it answers.
 */
reply_to?: Quote, 
/**
 * Reactions of others and mine, by emoji; none when it was deleted.
 */
reactions?: Array<Reaction>, 
/**
 * When its words were changed for the last time; milliseconds since 1970.
 */
edited_at?: number, 
/**
 * It goes away this many seconds after it was read, or sent when it is mine.
 */
expires_after?: number, 
/**
 * When it goes away, once that is known; milliseconds since 1970 by this device's clock.
 */
expires_at?: number, };

export type RoomMarks = { 
/**
 * The room: compare with `entry.room_id`.
 */
room_id: RoomId, 
/**
 * Delivered up to this `entry.seq`.
 */
delivered: number, 
/**
 * Read up to this `entry.seq`.
 */
read: number, };

export type Waiting = "peer_setup" | "invitation" | "key_change" | "devices";

export type Fault = "closed" | "removed" | "outside" | "barred" | "rolled_back" | "lost" | "broken";

export type Broken = { 
/**
 * The epoch that this device was in.
 */
epoch: number, 
/**
 * The place of the change that was not merged; `None` where it was no place in the log.
 */
seq: number | null, 
/**
 * Why, in kebab-case: a rule of the policy, or a word of its own.
 */
reason: string, 
/**
 * When, in milliseconds since 1970.
 */
at: number, };

export type Conversation = { 
/**
 * Its id.
 */
id: ConversationId, 
/**
 * What kind.
 */
kind: RoomKind, 
/**
 * The other person of a direct conversation.
 */
peer: UserId | null, 
/**
 * The room that it lives in now; `None` until one is made.
 */
room_id: RoomId | null, 
/**
 * Its room's keys are of the experimental suite, and withstand a quantum computer.
 */
post_quantum: boolean, 
/**
 * A group's name, once it is known.
 */
name: Text | null, 
/**
 * Who is in the room, oneself included.
 */
members: Array<UserId>, 
/**
 * Those of them who have no device in it, so that nothing that is said reaches them.
 */
absent: Array<UserId>, 
/**
 * Who of a group may add and remove people, make admins and name it.
 */
admins: Array<UserId>, 
/**
 * Who is to be added to a group: not yet, or not before they have a device.
 */
invited: Array<UserId>, 
/**
 * Entries of others not seen yet; capped at 100.
 */
unread: number, 
/**
 * Where the first unread entry stands.
 */
unread_from: string | null, 
/**
 * The newest entry.
 */
last: Entry | null, 
/**
 * How far the others have come, a line for each room that the conversation has lived in.
 */
marks: Array<RoomMarks>, 
/**
 * Messages of mine on their way.
 */
outbox: number, 
/**
 * Messages written from now on go away this many seconds after they were read.
 */
timer: number | null, 
/**
 * What sending waits for.
 */
waiting: Waiting | null, 
/**
 * Whose keys it waits for, where it waits for keys or devices.
 */
waiting_for: Array<UserId>, 
/**
 * Why nothing can be sent, until mended.
 */
fault: Fault | null, 
/**
 * What was seen, where the fault is [`Fault::Broken`].
 */
broken: Broken | null, };

export type OwnDevice = { 
/**
 * Which.
 */
device_id: DeviceId, 
/**
 * What I called it; the server's word.
 */
name: string, 
/**
 * When it was registered; the server's word.
 */
created_at: Timestamp, 
/**
 * When it was last connected; the server's word.
 */
last_seen: Timestamp | null, 
/**
 * It is this one.
 */
this: boolean, };

export type OwnArchive = { 
/**
 * Devices keep what they read there.
 */
on: boolean, 
/**
 * It took no more when it was last asked: what is new waits.
 */
full: boolean, 
/**
 * Messages that wait to be kept, on this device.
 */
waiting: number, 
/**
 * Messages of before it was switched on are still being put into it.
 */
filling: boolean, };

export type RecoveryDue = "interrupted" | "revoked";

export type OwnRecovery = { 
/**
 * Which bundle is stored on the server, counted from 1.
 */
version: number, 
/**
 * When it was stored; milliseconds since 1970.
 */
stored_at: number, 
/**
 * A new key is due, and why.
 */
due: RecoveryDue | null, };

export type OwnAccount = { 
/**
 * The devices that stand, oldest first.
 */
devices: Array<OwnDevice>, 
/**
 * Devices that were shut out by the server's word alone, which no list of mine revokes yet:
 * [`crate::Command::RevokeDevice`] signs it.
 */
reported: Array<DeviceId>, 
/**
 * The archive; `None` until the server has told.
 */
archive: OwnArchive | null, 
/**
 * The recovery key; `None` when this device knows of none.
 */
recovery: OwnRecovery | null, 
/**
 * Another device has a newer version of the application: what my devices share is not read
 * here and the archive waits, until this one is updated.
 */
outdated: boolean, 
/**
 * Whether this device lets itself be added to rooms with post-quantum keys, and makes such
 * where every device of everybody does: an experiment. `None` when the application was built
 * without.
 */
post_quantum: boolean | null, };

export type LinkFailure = { "type": "expired" } | { "type": "ended" } | { "type": "not_a_code" } | { "type": "other_account" } | { "type": "newer" } | { "type": "wrong_digits" } | { "type": "tampered" } | { "type": "other_keys" } | { "type": "not_now" } | { "type": "refused", 
/**
 * Why.
 */
failure: Failure, };

export type LinkState = { "type": "idle" } | { "type": "show_code", 
/**
 * The code's text.
 */
text: Text, 
/**
 * When it dies.
 */
expires_at: number, } | { "type": "show_digits", 
/**
 * Seven digits.
 */
digits: Text, 
/**
 * When they die.
 */
expires_at: number, } | { "type": "waiting", 
/**
 * When the link dies; `None` before there is one.
 */
expires_at: number | null, } | { "type": "asked", 
/**
 * When the link dies.
 */
expires_at: number, } | { "type": "enter_digits", 
/**
 * When the link dies.
 */
expires_at: number, } | { "type": "needs_factor", 
/**
 * When the link dies.
 */
expires_at: number, } | { "type": "confirm", 
/**
 * When the link dies.
 */
expires_at: number, } | { "type": "done" } | { "type": "failed", 
/**
 * Why.
 */
reason: LinkFailure, };

export type RecoveryFailure = { "type": "typo", 
/**
 * The first group that is wrong, from 1 to 8; 9 when there is more text than that.
 */
group: number, } | { "type": "wrong" } | { "type": "none" } | { "type": "newer" } | { "type": "other_keys" };

export type HistoryGap = "no_key" | "off" | "not_kept" | "unavailable" | "damaged" | "newer";

export type KeyChange = { 
/**
 * The key that is claimed now, 32 bytes; goes into [`crate::Command::AcceptKeys`] and
 * [`crate::Command::DeclineKeys`].
 */
account_key: Base64, 
/**
 * The key known so far.
 */
previous: Base64, 
/**
 * The known key was compared with theirs.
 */
was_verified: boolean, 
/**
 * A conversation waits for the answer.
 */
blocks: boolean, 
/**
 * The answer was no; it may still be accepted.
 */
declined: boolean, };

export type PersonTrust = { 
/**
 * Who.
 */
user_id: UserId, 
/**
 * The known key was compared with theirs.
 */
verified: boolean, 
/**
 * Another key is claimed since.
 */
change: KeyChange | null, 
/**
 * Devices of theirs that the server alone says are shut out: nothing they signed does. Nothing
 * is sent to them.
 */
reported: Array<DeviceId>, };

export type Comparison = "same" | "different" | "previous" | "own" | "other_person" | "newer" | "unreadable";

export type RoomPicture = { 
/**
 * What kind of file.
 */
kind: PictureKind, 
/**
 * The file, up to [`limits::ROOM_PICTURE`].
 */
file: Binary, };

export type NotAdded = "no_post_quantum_keys";

export type Notice = { "type": "phase", 
/**
 * The phase.
 */
phase: Phase, } | { "type": "conversation", 
/**
 * All of it.
 */
conversation: Conversation, } | { "type": "conversation_gone", 
/**
 * Which.
 */
conversation: ConversationId, } | { "type": "message", 
/**
 * Where.
 */
conversation: ConversationId, 
/**
 * All of it. Show entries sorted by `position`.
 */
entry: Entry, } | { "type": "removed", 
/**
 * Where.
 */
conversation: ConversationId, 
/**
 * The entry's key.
 */
key: string, } | { "type": "room_picture", 
/**
 * Which group.
 */
room_id: RoomId, 
/**
 * The picture; `None` when it was taken away.
 */
picture: RoomPicture | null, } | { "type": "typing", 
/**
 * Where.
 */
conversation: ConversationId, 
/**
 * Who.
 */
user_id: UserId, 
/**
 * Started or stopped.
 */
active: boolean, } | { "type": "person", 
/**
 * All of it.
 */
person: PersonTrust, } | { "type": "safety", 
/**
 * The person.
 */
user_id: UserId, 
/**
 * 60 digits, the same on both sides.
 */
number: string, 
/**
 * The text of the code for the person's camera.
 */
code: string, 
/**
 * The person's key that it is about; goes into [`crate::Command::SetVerified`].
 */
account_key: Base64, 
/**
 * The key is one that is claimed since: not accepted yet.
 */
claimed: boolean, 
/**
 * It was compared before.
 */
verified: boolean, } | { "type": "compared", 
/**
 * The person.
 */
user_id: UserId, 
/**
 * What.
 */
result: Comparison, } | { "type": "key_refused", 
/**
 * Whose.
 */
user_id: UserId, 
/**
 * Why, in kebab-case.
 */
reason: string, } | { "type": "uninvited", 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * Why, in kebab-case.
 */
reason: string, } | { "type": "not_added", 
/**
 * Which group.
 */
room_id: RoomId, 
/**
 * Whom.
 */
user_id: UserId, 
/**
 * Why.
 */
reason: NotAdded, } | { "type": "refused", 
/**
 * The message it was about, if any.
 */
id: ClientId | null, 
/**
 * Why.
 */
failure: Failure, } | { "type": "outbox", 
/**
 * The count, failed ones left out.
 */
count: number, } | { "type": "own", 
/**
 * All of it.
 */
own: OwnAccount, } | { "type": "link", 
/**
 * How.
 */
link: LinkState, } | { "type": "recovery_key", 
/**
 * Eight groups of five characters with dashes between.
 */
text: Text, } | { "type": "recovery_failed", 
/**
 * Why.
 */
reason: RecoveryFailure, } | { "type": "archive_dropped" } | { "type": "outdated" } | { "type": "history", 
/**
 * Where.
 */
conversation: ConversationId, 
/**
 * There is more before it.
 */
more: boolean, 
/**
 * Why there is less than there may have been.
 */
reason: HistoryGap | null, };

/** The socket events to pass to the engine. */
export const engineEvents = ["new_message", "message", "welcome", "commit_wanted", "contacts_updated", "read", "typing", "delivered", "device_added", "device_revoked", "link_updated", "vault_changed", "key_packages_low", "displaced", "session_ended"] as const;
