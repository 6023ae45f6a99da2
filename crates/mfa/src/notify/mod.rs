//! Mails and messages: what is said, in which language, and how it gets there.
//!
//! A handler [enqueues](enqueue) inside its transaction; [`worker`] sends after the commit.

mod account;
mod channel;
mod failure;
mod mailer;
mod security;
mod text;
pub mod worker;

use protocol::mfa::Language;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    store::outbox,
    vault::{Place, Vault},
};
pub use account::AccountNotice;
pub use channel::Channel;
pub use failure::{Failure, Reason};
pub use mailer::{Delivery, Mailer};
pub use security::SecurityNotice;

/// How long a mail that carries no code is worth sending.
const NOTICE_LIFE: Duration = Duration::days(1);

/// One mail to one person, as it waits in the outbox, sealed.
#[derive(Serialize, Deserialize)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// How the person is addressed.
    pub name: Option<String>,
    /// The language.
    pub language: Language,
    /// The application's name, as people know it.
    pub app: String,
    /// What is said.
    pub notice: Notice,
}

/// One message to one chat of Telegram, as it waits in the outbox, sealed.
#[derive(Serialize, Deserialize)]
pub struct Chat {
    /// The chat.
    pub chat: i64,
    /// The account and factor that the chat belongs to, when it is one's.
    pub factor: Option<(Uuid, Uuid)>,
    /// The language.
    pub language: Language,
    /// The application's name, as people know it.
    pub app: String,
    /// What is said.
    pub notice: Notice,
}

/// What waits to be sent.
pub enum Parcel<'a> {
    /// A mail.
    Mail(&'a Mail),
    /// A message to a chat.
    Chat(&'a Chat),
}

/// What a mail or message says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The code that proves the address; minutes until it expires.
    VerifyAddress {
        /// Six digits.
        code: String,
        /// How long it is good for.
        minutes: i64,
    },
    /// Somebody signed up with an address that has an account.
    AlreadyRegistered,
    /// The code that answers a challenge.
    SignIn {
        /// Six digits.
        code: String,
        /// How long it is good for.
        minutes: i64,
    },
    /// A recovery code was used; so many are left.
    RecoveryCodeUsed {
        /// Codes left.
        left: u32,
    },
    /// New recovery codes were made.
    RecoveryCodesRenewed,
    /// A second factor was added.
    FactorAdded {
        /// What its owner calls it.
        label: String,
    },
    /// A second factor was removed.
    FactorRemoved {
        /// What its owner calls it.
        label: String,
    },
    /// Something about the account itself.
    Account(AccountNotice),
    /// Somebody else may be at the door.
    Security(SecurityNotice),
    /// The code that connects a chat with the account.
    ConnectChat {
        /// Six digits.
        code: String,
        /// How long it is good for.
        minutes: i64,
    },
    /// An application's own words.
    Message {
        /// One line.
        subject: String,
        /// Plain text.
        text: String,
    },
}

impl Notice {
    /// The name in metrics and rows.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::VerifyAddress { .. } => "verify_address",
            Self::AlreadyRegistered => "already_registered",
            Self::SignIn { .. } => "sign_in",
            Self::RecoveryCodeUsed { .. } => "recovery_code_used",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::FactorAdded { .. } => "factor_added",
            Self::FactorRemoved { .. } => "factor_removed",
            Self::Account(notice) => notice.kind(),
            Self::Security(notice) => notice.kind(),
            Self::ConnectChat { .. } => "connect_chat",
            Self::Message { .. } => outbox::NOTIFICATION,
        }
    }

    /// After this it is pointless to send it.
    fn life(&self) -> Duration {
        match self {
            Self::VerifyAddress { minutes, .. }
            | Self::SignIn { minutes, .. }
            | Self::ConnectChat { minutes, .. } => Duration::minutes(*minutes),
            Self::Account(notice) => notice.code_life().unwrap_or(NOTICE_LIFE),
            _ => NOTICE_LIFE,
        }
    }
}

impl Parcel<'_> {
    const fn channel(&self) -> Channel {
        match self {
            Self::Mail(_) => Channel::Email,
            Self::Chat(_) => Channel::Telegram,
        }
    }

    const fn notice(&self) -> &Notice {
        match self {
            Self::Mail(mail) => &mail.notice,
            Self::Chat(chat) => &chat.notice,
        }
    }

    fn bytes(&self) -> serde_json::Result<Zeroizing<Vec<u8>>> {
        let bytes = match self {
            Self::Mail(mail) => serde_json::to_vec(mail),
            Self::Chat(chat) => serde_json::to_vec(chat),
        };
        bytes.map(Zeroizing::new)
    }
}

/// Puts a mail into the outbox, as part of the caller's transaction.
pub async fn enqueue(
    connection: &mut PgConnection,
    vault: &Vault,
    app: Uuid,
    mail: &Mail,
    now: OffsetDateTime,
) -> crate::error::Result<()> {
    queue(connection, vault, app, &Parcel::Mail(mail), now)
        .await
        .map(drop)
}

/// Puts a mail or a message into the outbox, as part of the caller's transaction. Returns the id
/// under which its status can be asked for.
pub async fn queue(
    connection: &mut PgConnection,
    vault: &Vault,
    app: Uuid,
    parcel: &Parcel<'_>,
    now: OffsetDateTime,
) -> crate::error::Result<Uuid> {
    let id = Uuid::now_v7();
    let payload = vault.seal(place(app, id), &parcel.bytes()?, &mut rand::rng());
    let row = outbox::New {
        id,
        app,
        channel: parcel.channel().as_str(),
        kind: parcel.notice().kind(),
        payload: &payload,
        expires_at: now + parcel.notice().life(),
        now,
    };
    outbox::insert(connection, &row).await?;
    Ok(id)
}

/// Where the payload of an outbox row is sealed for.
pub fn place(app: Uuid, id: Uuid) -> Place {
    Place {
        app,
        account: Uuid::nil(),
        row: id,
        column: "outbox.payload",
    }
}
