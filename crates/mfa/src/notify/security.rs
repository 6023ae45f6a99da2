//! What mails say about strangers: a new browser, a locked account.

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, macros::format_description};

/// Subject, and what is said before and after the code.
type Said = (String, String, String);

/// What somebody did with an account.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityNotice {
    /// Somebody signed in from a browser that was never seen with this account.
    NewBrowser {
        /// When, in seconds since 1970.
        at: i64,
        /// The client's address.
        address: Option<String>,
    },
    /// Wrong passwords or codes locked the account for a while.
    Locked {
        /// The client's address.
        address: Option<String>,
    },
}

impl SecurityNotice {
    /// The name in metrics and rows.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NewBrowser { .. } => "new_browser",
            Self::Locked { .. } => "locked",
        }
    }

    pub(super) fn english(&self, app: &str) -> Said {
        match self {
            Self::NewBrowser { at, address } => (
                format!("New sign-in to your {app} account"),
                format!(
                    "somebody signed in to your {app} account from a browser that is new to us, \
                     on {}{}.",
                    date(*at),
                    from(" from the address", address.as_deref())
                ),
                "If this was you, there is nothing to do. If not, change your password at once and \
                 check your second factors."
                    .to_owned(),
            ),
            Self::Locked { address } => (
                format!("Your {app} account is locked for a while"),
                format!(
                    "there were too many wrong attempts to sign in to your {app} account{}. We \
                     refuse more of them for a while.",
                    from(", the last one from the address", address.as_deref())
                ),
                "If this was you, wait a little and try again. If not, your account is safe: \
                 nobody got in, and you can still sign in from your usual place. Consider a new \
                 password if you use the same one elsewhere."
                    .to_owned(),
            ),
        }
    }

    pub(super) fn french(&self, app: &str) -> Said {
        match self {
            Self::NewBrowser { at, address } => (
                format!("Nouvelle connexion à votre compte {app}"),
                format!(
                    "quelqu’un s’est connecté à votre compte {app} depuis un navigateur que nous \
                     ne connaissons pas, le {}{}.",
                    date(*at),
                    from(" depuis l’adresse", address.as_deref())
                ),
                "Si c’était vous, il n’y a rien à faire. Sinon, changez tout de suite votre mot de \
                 passe et vérifiez vos seconds facteurs."
                    .to_owned(),
            ),
            Self::Locked { address } => (
                format!("Votre compte {app} est bloqué pour un moment"),
                format!(
                    "il y a eu trop d’essais erronés pour se connecter à votre compte {app}{}. \
                     Nous en refusons d’autres pour un moment.",
                    from(", le dernier depuis l’adresse", address.as_deref())
                ),
                "Si c’était vous, attendez un peu et réessayez. Sinon, votre compte est en \
                 sécurité : personne n’est entré, et vous pouvez toujours vous connecter depuis \
                 votre lieu habituel. Changez de mot de passe si vous utilisez le même ailleurs."
                    .to_owned(),
            ),
        }
    }
}

fn date(unix: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix)
        .ok()
        .and_then(|at| {
            let form = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
            at.format(form).ok()
        })
        .unwrap_or_default()
}

fn from(words: &str, address: Option<&str>) -> String {
    address.map_or_else(String::new, |address| format!("{words} {address}"))
}
