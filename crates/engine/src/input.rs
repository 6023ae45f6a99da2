//! What the host tells the engine.

use std::collections::BTreeSet;

use protocol::{Base64, Binary, ClientId, DeviceId, Problem, RoomId, UserId, socket::Connected};
use serde::{Deserialize, Serialize};

use crate::{
    ConversationId, Document, LinkHow, MessageRef, NewPicture, Recipient, Record, ServerEvent, Text,
};

/// One step's input.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Input {
    /// The first input after loading: asks for the whole picture as notices.
    Started,
    /// A person wants something.
    Command {
        /// What.
        command: Command,
    },
    /// The socket is open and signed in: the server's `connected`.
    Connected {
        /// Its payload.
        connected: Connected,
    },
    /// The socket is gone. Emits that wait for their acknowledgement are not answered any more.
    Disconnected,
    /// A socket event.
    Event {
        /// Name and payload.
        event: ServerEvent,
    },
    /// The answer to a request, or the acknowledgement of an emit.
    Reply {
        /// The effect's id.
        id: u64,
        /// How it went.
        outcome: Outcome,
    },
    /// The time asked for by [`crate::Effect::Wake`] has come.
    Tick,
}

/// How a request or an emit went.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Outcome {
    /// A 2xx answer's JSON (`null` when it had no body), or an acknowledgement as it came:
    /// `{ok: true, …}` as well as `{ok: false, error}`.
    Json {
        /// The value.
        #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
        value: serde_json::Value,
    },
    /// A 2xx answer's body as bytes.
    Bytes {
        /// The body.
        value: Binary,
    },
    /// Stored records, for [`crate::Effect::Read`].
    Records {
        /// Those that are there.
        records: Vec<Record>,
    },
    /// Refused by the server, or not reached: `unavailable` and `timeout` are the host's own words
    /// for a transport failure and for an answer that did not come.
    Problem {
        /// Why.
        #[cfg_attr(feature = "typescript", ts(type = "Problem"))]
        problem: Problem,
    },
}

/// What a person wants.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Command {
    /// Make this device's keys, unless it has some, and register them. Harmless to repeat.
    SetUp {
        /// Oneself.
        user_id: UserId,
        /// What the list of devices shows; up to 80 characters.
        device_name: String,
        /// The account key that another device handed over, 32 secret bytes; a first makes one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        account_key: Option<Binary>,
    },
    /// Start over without the old keys: a new account key replaces the one that stands, every
    /// other device ends, contacts see a notice. The server asks for a fresh second factor
    /// (`step-up-required` in [`crate::Phase::Refused`]): give it, then repeat the command.
    ResetKeys {
        /// Oneself.
        user_id: UserId,
        /// What the list of devices shows; up to 80 characters.
        device_name: String,
    },
    /// Send a text. An `id` that waits or failed does nothing; one that was sent is never repeated
    /// by the host (its entry is in the history).
    SendText {
        /// To whom.
        to: Recipient,
        /// A fresh UUIDv7 that names the message for ever.
        id: ClientId,
        /// The text, not blank.
        text: Text,
        /// The message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        reply_to: Option<MessageRef>,
    },
    /// Send a picture; as [`Command::SendText`] otherwise. Refused: `body-too-large`,
    /// `unsupported-media-type`, and `invalid-body` for the other limits of [`NewPicture`].
    SendPicture {
        /// To whom.
        to: Recipient,
        /// A fresh UUIDv7 that names the message for ever.
        id: ClientId,
        /// The picture.
        picture: NewPicture,
        /// The message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        reply_to: Option<MessageRef>,
    },
    /// Send a file that the host sealed ([`e2ee::file::Sealer`]) and stored under
    /// [`crate::own_file_key`]; as [`Command::SendText`] otherwise. Refused: `body-too-large`, and
    /// `invalid-body` for the other limits of [`Document`]; what was stored is dropped then.
    SendFile {
        /// To whom.
        to: Recipient,
        /// A fresh UUIDv7 that names the message for ever.
        id: ClientId,
        /// The file.
        file: Document,
        /// The message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        reply_to: Option<MessageRef>,
    },
    /// React to a message that was sent, or take that back. A person has one reaction on a
    /// message: another one takes its place.
    React {
        /// Where it is.
        conversation: ConversationId,
        /// Which.
        message: MessageRef,
        /// One emoji; `invalid-body` for anything else. It says nothing when `on` is false.
        emoji: String,
        /// React, or take it back.
        on: bool,
    },
    /// Give an own text other words, up to 24 hours after it was sent.
    Edit {
        /// Where it is.
        conversation: ConversationId,
        /// Which.
        id: ClientId,
        /// The words, not blank.
        text: Text,
    },
    /// Delete a message: an own one for everyone, any one on this device alone.
    Delete {
        /// Where it is.
        conversation: ConversationId,
        /// Which.
        message: MessageRef,
        /// Take it back from everybody (an own message). Otherwise it goes from this device alone.
        for_everyone: bool,
    },
    /// Let messages that are written from now on go away some time after they were read: anybody
    /// in a conversation of two, admins of a group.
    SetTimer {
        /// Where.
        conversation: ConversationId,
        /// 30 to 2,419,200 (4 weeks), or `None`: they stay.
        seconds: Option<u32>,
    },
    /// Give a group a picture, or take it away: for admins.
    SetRoomPicture {
        /// Which group.
        room_id: RoomId,
        /// A small square JPEG, PNG, GIF or WebP of up to 15,000 bytes
        /// ([`protocol::limits::ROOM_PICTURE`]), without what a camera writes along.
        picture: Option<Binary>,
    },
    /// Send a failed message again.
    Retry {
        /// Where it is.
        conversation: ConversationId,
        /// Which.
        id: ClientId,
    },
    /// Drop a failed message, or one that was not handed to the server yet.
    Discard {
        /// Where it is.
        conversation: ConversationId,
        /// Which.
        id: ClientId,
    },
    /// Everything up to this place was seen by the person.
    MarkRead {
        /// Where.
        conversation: ConversationId,
        /// The room of the newest entry seen.
        room_id: RoomId,
        /// Its place in the room.
        seq: u64,
    },
    /// The person writes, or stopped.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Started or stopped.
        active: bool,
    },
    /// Make a group. An id that is known does nothing.
    CreateGroup {
        /// A fresh UUIDv7 that names the room, and the conversation, for ever.
        room_id: RoomId,
        /// Its name; 1 to 80 characters. The server never learns it.
        name: Text,
        /// The contacts to begin with. Who has no device yet is added once there is one.
        members: Vec<UserId>,
    },
    /// Add contacts to a group: for admins.
    Invite {
        /// Where.
        room_id: RoomId,
        /// Whom.
        members: Vec<UserId>,
    },
    /// Remove a person from a group, or withdraw an invitation: for admins.
    RemoveMember {
        /// From where.
        room_id: RoomId,
        /// Whom; not oneself.
        user_id: UserId,
    },
    /// Make a member of a group an admin, or end that: for admins.
    SetAdmin {
        /// Where.
        room_id: RoomId,
        /// Whom.
        user_id: UserId,
        /// Which of the two. The last admin stays one.
        admin: bool,
    },
    /// Give a group another name: for admins.
    RenameRoom {
        /// Which.
        room_id: RoomId,
        /// 1 to 80 characters.
        name: Text,
    },
    /// Leave a group. The last admin makes another one first (`last-admin`).
    LeaveRoom {
        /// Which.
        room_id: RoomId,
    },
    /// Go on with a person whose account key changed.
    AcceptKeys {
        /// Who.
        user_id: UserId,
        /// The key that was shown: another one that came meanwhile is not accepted by this.
        account_key: Base64,
    },
    /// Ask the server for [`crate::Notice::Own`] again: names and times change without a word.
    RefreshOwn,
    /// Give a device of mine another name.
    RenameDevice {
        /// Which.
        device_id: DeviceId,
        /// 1 to 80 characters.
        name: String,
    },
    /// Shut a device of mine out for good, or sign that one was. `step-up-required` asks for the
    /// second factor: give it, then repeat the command.
    RevokeDevice {
        /// Which; not this one.
        device_id: DeviceId,
    },
    /// Sign this device out of the account for good: a list without it is signed, and it ends as
    /// [`crate::Phase::Revoked`]. No second factor is asked for. For a host that erases all of it.
    SignOff,
    /// New device: the account has as many devices as it may (`too-many-devices` in
    /// [`crate::Phase::Refused`]); come in the place of these, which are shut out for good.
    /// `step-up-required` as above.
    ReplaceDevices {
        /// Which of [`crate::OwnAccount::devices`].
        device_ids: BTreeSet<DeviceId>,
    },
    /// New device: ask to be let in by one in use. Answered by [`crate::Notice::Link`].
    StartLink {
        /// Oneself.
        user_id: UserId,
        /// What the list of devices shows; up to 80 characters.
        device_name: String,
        /// How.
        how: LinkHow,
    },
    /// Device in use: let the device in that shows this code.
    ScanLink {
        /// What was scanned or pasted.
        text: Text,
    },
    /// Device in use: the person has the device before them that wants in by digits.
    AnswerLink,
    /// Device in use: the person does not know the device that wants in by digits. Its link ends at
    /// once, for every device of mine that was asked.
    RefuseLink,
    /// Device in use: the digits that the new device shows. There is no second try.
    TypeLinkDigits {
        /// As typed.
        digits: Text,
    },
    /// Device in use: the second factor was given.
    ContinueLink,
    /// New device: the other one says that it took the digits.
    ConfirmLink,
    /// Either: no more of it.
    CancelLink,
    /// Make a recovery key; a new one ends the one before. `step-up-required` asks for the second
    /// factor: give it, then repeat the command. [`crate::Notice::RecoveryKey`] shows it once.
    MakeRecoveryKey,
    /// New device: come back by the recovery key. `step-up-required` as above.
    Recover {
        /// Oneself.
        user_id: UserId,
        /// What the list of devices shows; up to 80 characters.
        device_name: String,
        /// The recovery key as typed.
        key: Text,
    },
    /// Switch the archive of my account on or off. What it holds stays.
    SetArchive {
        /// Which.
        on: bool,
    },
    /// Experimental, for this device alone: see [`crate::OwnAccount::post_quantum`].
    SetPostQuantum {
        /// Which.
        on: bool,
    },
    /// Remove everything that my archive holds from the server: [`crate::Notice::ArchiveDropped`].
    /// `step-up-required` asks for the second factor: give it, then repeat the command.
    DropArchive,
    /// Fetch a page of what lies before: entries, then [`crate::Notice::History`].
    LoadOlder {
        /// Where.
        conversation: ConversationId,
    },
    /// Stay with the known key of a person. What was held stays held, until the known key is
    /// claimed again or the other one is accepted after all.
    DeclineKeys {
        /// Who.
        user_id: UserId,
        /// The key that was shown.
        account_key: Base64,
    },
    /// Asks for [`crate::Notice::Safety`], now and whenever it changes.
    ShowSafety {
        /// With whom.
        user_id: UserId,
    },
    /// Compare what a person's screen shows; answered by [`crate::Notice::Compared`].
    CompareCode {
        /// Whose screen.
        user_id: UserId,
        /// The text of their code, or the 60 digits, spaces or none.
        text: Text,
    },
    /// The number was compared by eye, or the mark is taken back.
    SetVerified {
        /// With whom.
        user_id: UserId,
        /// The key that was shown: no other is marked. A claimed one is accepted by this.
        account_key: Base64,
        /// Which of the two.
        verified: bool,
    },
    /// Join a broken room anew, from what the server has now: broken still, if that does not check.
    RejoinRoom {
        /// Which.
        room_id: RoomId,
    },
    /// Give a direct room up: the next message goes into a new one.
    GiveUpRoom {
        /// Which.
        room_id: RoomId,
    },
}
