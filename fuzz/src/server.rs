//! What the servers read that is not sealed: bodies, pictures of people, ranges.
//!
//! The two decoders of chat's are included here as files: they stand alone, and the whole server
//! would take long to build with a sanitizer. Multipart bodies, WebSocket frames and HTTP are read
//! by libraries.

#[path = "../../crates/chat/src/picture.rs"]
#[allow(dead_code)]
mod picture;
#[path = "../../crates/chat/src/http/ranges.rs"]
#[allow(dead_code)]
mod ranges;

use protocol::{
    Problem,
    rest::{
        account, admin, archive, factors, keys, links, me, password, people, push, rooms,
        server as about,
    },
    socket::{self, Ack},
};
use ranges::{Asked, asked_range};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::Target;

/// A profile picture, as the server takes it.
pub const AVATAR: Target = Target {
    name: "avatar",
    run: |bytes| {
        let Ok(taken) = picture::parse(bytes) else {
            return false;
        };
        assert!(taken.bytes.len() <= bytes.len());
        // Nothing is left that would be taken out.
        assert_eq!(picture::parse(&taken.bytes).as_ref(), Ok(&taken));
        true
    },
    seeds: || {
        let side = |bytes: &[u8]| [bytes, bytes].concat();
        let chunk = |name: &[u8; 4], data: &[u8]| {
            let length = u32::try_from(data.len())
                .expect("a short one")
                .to_be_bytes();
            [&length[..], name, data, &[0; 4]].concat()
        };
        let head = [side(&512u32.to_be_bytes()), vec![8, 2, 0, 0, 0]].concat();
        let png = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", &head),
            chunk(b"tEXt", b"place"),
            chunk(b"IDAT", b"data"),
            chunk(b"IEND", b""),
        ];
        let jpeg = [
            b"\xff\xd8\xff\xe1\0\x07place\xff\xc0\0\x0b\x08".to_vec(),
            side(&512u16.to_be_bytes()),
            b"\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0data\xff\xd9".to_vec(),
        ];
        vec![png.concat(), jpeg.concat()]
    },
};

/// What of a file is asked for, behind the file's size in eight bytes.
pub const RANGE: Target = Target {
    name: "range",
    run: |bytes| {
        let Some((size, text)) = bytes.split_first_chunk::<8>() else {
            return false;
        };
        let size = u64::from_be_bytes(*size);
        let Ok(text) = std::str::from_utf8(text) else {
            return false;
        };
        match asked_range(text, size) {
            Asked::Part(first, last) => {
                assert!(first <= last && last < size);
                true
            }
            Asked::Whole | Asked::Nothing => false,
        }
    },
    seeds: || {
        let texts = ["bytes=0-0", "bytes=2-", "bytes=-3"];
        let size = 10u64.to_be_bytes();
        texts.map(|text| [&size, text.as_bytes()].concat()).to_vec()
    },
};

/// Reads a body; what is accepted has one form from there on.
pub(crate) fn reads<T: Serialize + DeserializeOwned>(json: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<T>(json) else {
        return false;
    };
    let written = serde_json::to_vec(&value).expect("it has a form");
    let any: Value = serde_json::from_slice(&written).expect("what was written");
    if has_fraction(&any) {
        // serde_json may read a fraction of seventeen digits as its neighbour. Such are in bodies of
        // passkeys alone, of which any JSON is passed on.
        return true;
    }
    let again: T = serde_json::from_slice(&written).expect("what was written");
    assert_eq!(serde_json::to_vec(&again).expect("it has a form"), written);
    true
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(has_fraction),
        Value::Object(values) => values.values().any(has_fraction),
        _ => false,
    }
}

macro_rules! readers {
    ($name:ident: $($body:ty,)*) => {
        /// A reader for each type.
        const $name: &[fn(&[u8]) -> bool] = &[$(reads::<$body>,)*];
    };
}
pub(crate) use readers;

readers! {
    READERS:
    account::SignupRequest, account::SignupReply, account::SignupEmailRequest,
    account::VerifyEmailRequest, account::ResendRequest, account::ActivateRequest,
    account::SessionReply, account::LoginRequest, account::ChallengeRequest,
    account::LoginVerifyRequest, account::StepUpRequest, account::MessageReply, account::Session,
    admin::Accounts, admin::RoleUpdate, admin::AuditEntry, admin::Invitation,
    admin::NewInvitation, admin::CreatedInvitation, admin::FactorReset, admin::Summary,
    archive::ArchiveUpload, archive::ArchiveStored, archive::ArchivePage, archive::ArchiveRoom,
    archive::RecoveryUpdate, archive::Recovery, archive::VaultUpdate, archive::Vault,
    factors::Factors, factors::FactorAdd, factors::AddedFactor, factors::FactorRename,
    factors::RecoveryCodes, factors::PasskeyStart, factors::PasskeyFinish,
    factors::PasskeyQuestion, factors::PasskeyLogin, factors::PasskeyLoginFinish,
    factors::RememberedBrowser, factors::FactorResetCancel,
    keys::KeysRequest, keys::KeysReply, keys::RefusedKey, keys::DevicesReply, keys::DeviceRename,
    keys::KeyPackagesRequest, keys::KeyPackageCount, keys::ClaimRequest, keys::ClaimReply,
    links::Link, links::LinkWrite,
    me::Me, me::MeUpdate, me::ConfirmUsername,
    password::ForgotPassword, password::ForgotReply, password::PasswordReset,
    password::PasswordChange, password::EmailChange, password::EmailChangeReply,
    password::EmailConfirm,
    people::FoundUser, people::Profile, people::UserRequest, people::AnswerRequest,
    people::FriendRequest, people::PendingRequests, people::Contact, people::BlockedPerson,
    push::PushKey, push::PushSubscription,
    rooms::Room, rooms::AttachmentReply, socket::Base64Envelope,
    about::Health, about::Config, Problem,
    socket::AuthError, socket::Authenticate, socket::AuthSuccess, socket::Connected,
    socket::CommitWanted, socket::ContactsUpdated, socket::Receipt, socket::TypingEvent,
    socket::KeyPackagesLow, socket::DeviceEvent, socket::LinkEvent, socket::VaultEvent,
    socket::Handshake, socket::LoadConversation, socket::ConversationLoaded,
    socket::RoomCursors, socket::MarkRead, socket::SetTyping, socket::WelcomeDone,
    Ack<socket::DeviceAck>, Ack<socket::MessageAck>, Ack<socket::CommitAck>, Ack<socket::SyncAck>,
    Ack<socket::Done>,
}

/// The number of a body's type, then the body as JSON. Those with bytes in them are read by
/// Socket.IO's own parser.
pub const BODIES: Target = Target {
    name: "bodies",
    run: |bytes| by_number(READERS, bytes),
    seeds: || read_by(READERS, &EXAMPLES),
};

/// Hands a body to the reader whose number stands in front.
pub(crate) fn by_number(readers: &[fn(&[u8]) -> bool], bytes: &[u8]) -> bool {
    let Some((number, json)) = bytes.split_first() else {
        return false;
    };
    readers[usize::from(*number) % readers.len()](json)
}

/// Each example behind the numbers of all that read it.
pub(crate) fn read_by(readers: &[fn(&[u8]) -> bool], examples: &[&str]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for body in examples {
        let body = body.replace("ID", "00000000-0000-0000-0000-000000000001");
        let body = body.replace("TIME", "2023-11-14T22:13:20.123Z");
        for (number, read) in (0u8..).zip(readers) {
            if read(body.as_bytes()) {
                seeds.push([&[number], body.as_bytes()].concat());
            }
        }
    }
    seeds
}

/// Bodies, each of one type or of several.
const EXAMPLES: [&str; 24] = [
    r#"{}"#,
    r#"[]"#,
    r#"{"username":"ana","email":"a@b.example","password":"secret"}"#,
    r#"{"email":"a@b.example"}"#,
    r#"{"username":"ana","password":"secret"}"#,
    r#"{"username":"ana"}"#,
    r#"{"name":"Ana"}"#,
    r#"{"code":"123456"}"#,
    r#"{"user_id":"ID"}"#,
    r#"{"user_ids":["ID"],"room_id":"ID"}"#,
    r#"{"blob":"AAEC"}"#,
    r#"{"version":3,"blob":"AAEC"}"#,
    r#"{"room_id":"ID","user_id":"ID","seq":7}"#,
    r#"{"room_id":"ID","user_id":"ID","active":true}"#,
    r#"{"room_id":"ID","remove":["ID"]}"#,
    r#"{"room_id":"ID","seq":7}"#,
    r#"{"cursors":{"ID":7}}"#,
    r#"{"ok":true}"#,
    r#"{"ok":true,"seq":7,"epoch":2}"#,
    r#"{"ok":true,"cursors":{"ID":7},"key_packages_left":3}"#,
    r#"{"ok":true,"envelopes":[],"next":{},"more":false}"#,
    r#"{"key_packages":["AAEC"],"last_resort":"AAEC"}"#,
    r#"{"link_id":"ID","step":"commit"}"#,
    r#"{"socket_id":"1","nonce":"AAEC","server_time":"TIME","version":"0.1.0","user_id":null}"#,
];
