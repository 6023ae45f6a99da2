//! The TypeScript side of the contract, rendered from the Rust types.

use std::fmt::Write;

use ts_rs::{Config, TS};

use crate::{
    AttachmentId, Base64, Binary, ChallengeId, ClientId, Code, DeviceId, FactorId, FieldError,
    LinkId, PasswordResetId, RememberedDeviceId, RequestId, RoomId, Secret, Timestamp, UserId,
    limits,
    mfa::{Credential, FactorKind, Puzzle, Work},
    rest::{
        account, admin, archive, factors, keys, links, me, password, people, push, rooms, server,
    },
    socket,
};

const HEADER: &str = "\
// Rendered from crates/protocol by `cargo xtask types`. Do not edit.

/** RFC 9457 problem details; `code` decides, the rest is for people and depends on the code. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: Code;
  request_id?: string;
  errors?: FieldError[];
  retry_after?: number;
  [member: string]: unknown;
};

/** The acknowledgement of a client event. */
export type Ack<T> = ({ ok: true } & T) | { ok: false; error: Problem };
";

macro_rules! declare {
    ($out:ident, $config:ident, $($type:ty),* $(,)?) => {
        $(let _ = write!($out, "\nexport {}\n", <$type as TS>::decl(&$config));)*
    };
}

macro_rules! constants {
    ($out:ident, $($name:ident),* $(,)?) => {
        $(let _ = writeln!($out, "  {}: {},", stringify!($name), limits::$name);)*
    };
}

/// The whole of `frontend/src/protocol.gen.ts`.
pub fn render() -> String {
    let config = Config::new().with_large_int("number");
    let mut out = HEADER.to_owned();
    declare!(
        out,
        config,
        // ids and small parts
        UserId,
        DeviceId,
        RoomId,
        ClientId,
        RequestId,
        FactorId,
        ChallengeId,
        AttachmentId,
        LinkId,
        RememberedDeviceId,
        Timestamp,
        Secret,
        Base64,
        Binary,
        Code,
        FieldError,
        // REST
        server::Status,
        server::Health,
        server::Signup,
        server::MfaPolicy,
        server::Mail,
        server::Limits,
        server::Config,
        account::Transport,
        account::User,
        account::SignupRequest,
        account::PendingFactor,
        account::SignupReply,
        account::SignupEmailRequest,
        account::VerifyEmailRequest,
        account::ResendRequest,
        account::ActivateRequest,
        account::SessionReply,
        account::LoginRequest,
        account::Method,
        account::ChallengeRequest,
        account::LoginVerifyRequest,
        account::StepUpRequest,
        account::MessageReply,
        account::Session,
        FactorKind,
        Credential,
        Puzzle,
        Work,
        factors::Factor,
        factors::Factors,
        factors::FactorAdd,
        factors::AddedFactor,
        factors::FactorRename,
        factors::RecoveryCodes,
        factors::PasskeyStart,
        factors::PasskeyFinish,
        factors::PasskeyQuestion,
        factors::PasskeyLogin,
        factors::PasskeyLoginFinish,
        factors::RememberedBrowser,
        factors::FactorResetCancel,
        me::Role,
        me::Me,
        me::MeUpdate,
        me::ConfirmUsername,
        PasswordResetId,
        password::ForgotPassword,
        password::ForgotReply,
        password::PasswordReset,
        password::PasswordChange,
        password::EmailChange,
        password::EmailChangeReply,
        password::EmailConfirm,
        push::PushKey,
        push::PushSubscription,
        admin::Account,
        admin::Accounts,
        admin::RoleUpdate,
        admin::AuditEntry,
        admin::Summary,
        admin::Invitation,
        admin::NewInvitation,
        admin::CreatedInvitation,
        admin::FactorReset,
        keys::KeysRequest,
        keys::NewDevice,
        keys::KeysReply,
        keys::RefusedKey,
        keys::DevicesReply,
        keys::Device,
        keys::DeviceRename,
        keys::KeyPackagesRequest,
        keys::KeyPackageCount,
        keys::ClaimRequest,
        keys::ClaimReply,
        keys::ClaimedKeyPackage,
        links::LinkStep,
        links::Link,
        links::WrittenStep,
        links::LinkWrite,
        people::Relation,
        people::FoundUser,
        people::Profile,
        people::UserRequest,
        people::AnswerRequest,
        people::RequestStatus,
        people::FriendRequest,
        people::PendingRequests,
        people::Contact,
        people::BlockedPerson,
        archive::ArchiveUpload,
        archive::ArchiveStored,
        archive::ArchivePage,
        archive::ArchiveRoom,
        archive::RecoveryUpdate,
        archive::Recovery,
        archive::RecoveryStands,
        archive::VaultUpdate,
        archive::Vault,
        rooms::RoomKind,
        rooms::EnvelopeKind,
        rooms::Envelope<Binary>,
        rooms::Room,
        rooms::Mark,
        rooms::AttachmentReply,
        // Socket.IO
        socket::Handshake,
        socket::Authenticate,
        socket::AuthSuccess,
        socket::DeviceProof,
        socket::DeviceAck,
        socket::LoadConversation,
        socket::ConversationLoaded,
        socket::ArchiveEntry,
        socket::SendPrivateMessage,
        socket::SendMessage,
        socket::MessageAck,
        socket::AddedDevice,
        socket::CreateRoom,
        socket::SendCommit,
        socket::CommitAck,
        socket::WelcomeDone,
        socket::RoomCursors,
        socket::SyncAck,
        socket::MarkRead,
        socket::SetTyping,
        socket::Connected,
        socket::WelcomeEvent,
        socket::CommitWanted,
        socket::ContactChange,
        socket::ContactsUpdated,
        socket::Receipt,
        socket::TypingEvent,
        socket::KeyPackagesLow,
        socket::DeviceEvent,
        socket::LinkEvent,
        socket::VaultEvent,
    );
    out.push_str(
        "\n/** Every limit of the contract. Sizes are bytes. */\nexport const limits = {\n",
    );
    constants!(
        out,
        USERNAME_MIN,
        USERNAME_MAX,
        NAME_MAX,
        EMAIL_MAX,
        PASSWORD_MIN,
        PASSWORD_MAX,
        MESSAGE,
        COMMIT_EVENT,
        SOCKET_MESSAGE,
        PAGE_ENVELOPES,
        SEARCH_MIN,
        SEARCH_RESULTS,
        PICTURE,
        PICTURE_PREVIEW,
        PICTURE_CAPTION,
        FILE,
        FILE_NAME,
        MEDIA_TYPE,
        ROOM_PICTURE,
        KEY_PACKAGES,
        KEY_PACKAGES_LOW,
    );
    out.push_str("} as const;\n");
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn integers_are_numbers_and_bytes_are_arrays() {
        let text = super::render();
        assert!(!text.contains("bigint"));
        assert!(text.contains("export type Binary = Uint8Array"), "{text}");
        assert!(text.contains("\"stale-epoch\""));
    }
}
