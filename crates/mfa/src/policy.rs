//! What an application asks of factors, and how much it may ask of the service.

use protocol::mfa::FactorKind;
use service::config::Rate;

use crate::totp::Parameters;

/// The rules of one application.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Kinds of factors that are taken. E-mail and Telegram are `restricted`: without them in this
    /// list, nothing that somebody reads in a mailbox opens anything.
    pub factors: Vec<FactorKind>,
    /// How new TOTP factors compute.
    pub totp: Parameters,
    /// Earlier TOTP steps whose codes are taken; `None`: `TOTP_WINDOW`.
    pub totp_window: Option<u64>,
    /// The domain that passkeys belong to.
    pub rp_id: Option<String>,
    /// The pages that may use passkeys.
    pub origins: Vec<String>,
    /// How much may be asked, where it differs from the service's own limits.
    pub rates: OwnRates,
}

/// Limits of an application's own, in place of the variable of the same name.
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnRates {
    /// `RATE_LIMIT`.
    pub account: Option<Rate>,
    /// `RATE_LIMIT_ADDRESS`.
    pub address: Option<Rate>,
    /// `RATE_LIMIT_SIGNUP`.
    pub signup: Option<Rate>,
    /// `RATE_LIMIT_MAIL`.
    pub mail: Option<Rate>,
    /// All requests of the application together; only an application has such a limit.
    pub app: Option<Rate>,
}

impl Policy {
    /// Whether a kind of factor is taken.
    pub fn takes(&self, kind: FactorKind) -> bool {
        self.factors.contains(&kind)
    }
}

/// The kind of a factor by its name in rows and on the command line.
pub fn kind(name: &str) -> Option<FactorKind> {
    Some(match name {
        "totp" => FactorKind::Totp,
        "email" => FactorKind::Email,
        "telegram" => FactorKind::Telegram,
        "passkey" => FactorKind::Passkey,
        _ => return None,
    })
}
