//! The TypeScript side of the engine's interface, rendered from the Rust types.

use std::fmt::Write;

use ts_rs::{Config, TS};

use crate::{
    Body, Broken, ClientEvent, Command, Comparison, Conversation, ConversationId, Document, Effect,
    Entry, EntryState, Extra, Failure, Fault, HistoryGap, Input, KeyChange, LinkFailure, LinkHow,
    LinkState, MessageRef, Method, NewPicture, NotAdded, Notice, Outcome, OwnAccount, OwnArchive,
    OwnDevice, OwnRecovery, Part, PersonTrust, Phase, Picture, PictureKind, Quote, Reaction,
    ReadRange, Recipient, Record, RecoveryDue, RecoveryFailure, ResponseKind, RoomEvent, RoomMarks,
    RoomPicture, Said, ServerEvent, Text, UnopenedReason, Waiting,
};

const HEADER: &str = "\
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
} from \"../protocol.gen\";
";

macro_rules! declare {
    ($out:ident, $config:ident, $($type:ty),* $(,)?) => {
        $(let _ = write!($out, "\nexport {}\n", <$type as TS>::decl(&$config));)*
    };
}

/// The whole of `frontend/src/core/engine.gen.ts`.
pub fn render() -> String {
    let config = Config::new().with_large_int("number");
    let mut out = HEADER.to_owned();
    declare!(
        out,
        config,
        ConversationId,
        Text,
        Recipient,
        MessageRef,
        NewPicture,
        LinkHow,
        Document,
        Command,
        ServerEvent,
        Outcome,
        Input,
        Record,
        Part,
        Method,
        ResponseKind,
        ClientEvent,
        ReadRange,
        Effect,
        Phase,
        Failure,
        Body,
        PictureKind,
        Picture,
        RoomEvent,
        UnopenedReason,
        Said,
        Quote,
        Reaction,
        Extra,
        EntryState,
        Entry,
        RoomMarks,
        Waiting,
        Fault,
        Broken,
        Conversation,
        OwnDevice,
        OwnArchive,
        RecoveryDue,
        OwnRecovery,
        OwnAccount,
        LinkFailure,
        LinkState,
        RecoveryFailure,
        HistoryGap,
        KeyChange,
        PersonTrust,
        Comparison,
        RoomPicture,
        NotAdded,
        Notice,
    );
    let _ = writeln!(
        out,
        "\n/** The socket events to pass to the engine. */\nexport const engineEvents = {:?} as const;",
        ServerEvent::NAMES
    );
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_are_arrays_and_integers_numbers() {
        let text = super::render();
        assert!(!text.contains("bigint"));
        assert!(text.contains("\"type\": \"send_text\""), "{text}");
        assert!(text.contains("value: Binary"), "{text}");
    }
}
