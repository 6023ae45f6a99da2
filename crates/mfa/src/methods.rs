//! How an account's challenges can be answered.

use protocol::mfa::{FactorKind, Method};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    error::Result,
    passkeys,
    policy::{self, Policy},
    store::{accounts::Account, factors, recovery_codes},
};

/// The methods open to an account under its application's policy: its active factors and its
/// recovery codes, or, as long as it has no factor, a code to its proved address.
pub async fn of(
    db: &mut PgConnection,
    policy: &Policy,
    account: &Account,
    now: OffsetDateTime,
) -> Result<Vec<Method>> {
    let all = factors::list(&mut *db, account.id, now).await?;
    let mut methods = Vec::new();
    if all.iter().all(|factor| factor.activated_at.is_none()) {
        if account.email_verified_at.is_some() && policy.takes(FactorKind::Email) {
            methods.push(Method::Email);
        }
        return Ok(methods);
    }
    for factor in all.iter().filter(|factor| factor.activated_at.is_some()) {
        let method = match policy::kind(&factor.kind) {
            Some(kind) if policy.takes(kind) => match kind {
                FactorKind::Totp => Method::Totp,
                FactorKind::Telegram => Method::Telegram,
                FactorKind::Email => Method::Email,
                FactorKind::Passkey if passkeys::takes(policy) => Method::Passkey,
                _ => continue,
            },
            _ => continue,
        };
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    if recovery_codes::left(db, account.id).await? > 0 {
        methods.push(Method::Recovery);
    }
    Ok(methods)
}

/// The kind of a factor's row.
pub fn kind(stored: &str) -> FactorKind {
    policy::kind(stored).unwrap_or(FactorKind::Totp)
}

/// The name of a kind of factor in rows and in the audit trail.
pub const fn kind_name(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::Totp => "totp",
        FactorKind::Email => "email",
        FactorKind::Telegram => "telegram",
        FactorKind::Passkey => "passkey",
    }
}

/// The name of a method on the wire and in the audit trail.
pub const fn name(method: Method) -> &'static str {
    match method {
        Method::Totp => "totp",
        Method::Email => "email",
        Method::Telegram => "telegram",
        Method::Passkey => "passkey",
        Method::Recovery => "recovery",
    }
}
