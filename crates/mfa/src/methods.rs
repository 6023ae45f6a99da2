//! How an account's challenges can be answered.

use protocol::mfa::Method;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    error::Result,
    store::{accounts::Account, factors, recovery_codes},
};

/// The methods open to an account: its active factors and its recovery codes, or, as long as it
/// has no factor, a code to its proved address.
pub async fn of(
    db: &mut PgConnection,
    account: &Account,
    now: OffsetDateTime,
) -> Result<Vec<Method>> {
    let all = factors::list(&mut *db, account.id, now).await?;
    let mut methods = Vec::new();
    for factor in all.iter().filter(|factor| factor.activated_at.is_some()) {
        let method = match &*factor.kind {
            "totp" => Method::Totp,
            _ => continue,
        };
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    if methods.is_empty() {
        if account.email_verified_at.is_some() {
            methods.push(Method::Email);
        }
    } else if recovery_codes::left(db, account.id).await? > 0 {
        methods.push(Method::Recovery);
    }
    Ok(methods)
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
