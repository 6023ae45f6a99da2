//! From an unfinished account to a complete one: the code by mail, the pending factor, the step
//! that completes.

use protocol::{
    Secret,
    mfa::{FactorKind, PendingFactor, Progress},
};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    app::App,
    assertion::{Amr, Proof},
    client::Client,
    codes,
    error::{Error, Result},
    identity, limits,
    notify::{self, Mail, Notice},
    store::{
        accounts::{self, Account},
        email_codes,
        factors::{self, Factor},
    },
    totp::{self, Parameters},
    vault::Place,
};

/// How long an unfinished account lives after it was made or its address was proved.
pub const UNFINISHED_LIFE: Duration = Duration::hours(24);
/// How long the code by mail is good for.
pub const CODE_LIFE: Duration = Duration::hours(24);
/// How long a factor of a complete account may wait for its first code.
pub const PENDING_LIFE: Duration = Duration::hours(1);
/// What a factor is called when its owner says nothing.
pub const LABEL: &str = "Authenticator app";

/// The HMAC that the code of an account's address is stored as.
pub fn code_hash(app: &App, account: Uuid, code: &str) -> [u8; 32] {
    app.vault
        .mac("email code", &[account.as_bytes(), code.as_bytes()])
}

/// Makes a new code for the account's address and mails it. When the address belongs to another
/// account, everything looks the same, but the code goes to nobody and the owner is told.
pub async fn send_code(
    db: &mut PgConnection,
    app: &App,
    client: &Client,
    account: &Account,
    now: OffsetDateTime,
) -> Result<()> {
    let code = codes::six_digits(&mut rand::rng());
    let holder = accounts::by_email(&mut *db, client.app.id, &account.email_key).await?;
    let owner = holder.filter(|holder| holder.email_verified_at.is_some());
    let hash = match &owner {
        None => code_hash(app, account.id, &code),
        Some(_) => rand::random(),
    };
    email_codes::put(db, account.id, &hash, now, now + CODE_LIFE).await?;
    match owner {
        None => {
            let notice = Notice::VerifyAddress {
                code,
                minutes: CODE_LIFE.whole_minutes(),
            };
            mail(db, app, client, account, notice, now).await
        }
        Some(owner) if limits::owner_notices(db, app, owner.id).await? => {
            mail(db, app, client, &owner, Notice::AlreadyRegistered, now).await
        }
        Some(_) => Ok(()),
    }
}

/// Queues a mail to an account's owner.
pub async fn mail(
    db: &mut PgConnection,
    app: &App,
    client: &Client,
    account: &Account,
    notice: Notice,
    now: OffsetDateTime,
) -> Result<()> {
    let mail = Mail {
        to: account.email.clone(),
        name: account.name.clone(),
        language: account.language(),
        app: client.app.name.clone(),
        notice,
    };
    notify::enqueue(db, &app.vault, client.app.id, &mail, now).await
}

/// Adds a pending TOTP factor.
pub async fn add_totp(
    db: &mut PgConnection,
    app: &App,
    client: &Client,
    account: &Account,
    label: &str,
    now: OffsetDateTime,
) -> Result<PendingFactor> {
    let id = Uuid::now_v7();
    if !client.app.policy.takes(FactorKind::Totp) {
        let message = "This application takes no codes of authenticator apps.";
        return Err(identity::invalid("kind", "unsupported", message).into());
    }
    let parameters = client.app.policy.totp;
    let secret = totp::new_secret(parameters.algorithm, &mut rand::rng());
    let place = secret_place(account.app_id, account.id, id);
    let sealed = app.vault.seal(place, &secret, &mut rand::rng());
    let expires_at = account.expires_at.unwrap_or(now + PENDING_LIFE);
    let new = factors::New {
        id,
        account: account.id,
        kind: "totp",
        label,
        secret: &sealed,
        parameters: Some(parameters),
        now,
        expires_at,
    };
    factors::insert(db, &new).await?;
    let shown = Shown {
        id,
        label,
        secret: &secret,
        parameters,
        expires_at,
    };
    show(client, account, &shown)
}

/// The factor that waits for its first code: the same one as long as it waits, else a new one.
/// `None` when a factor is active.
pub async fn pending_factor(
    db: &mut PgConnection,
    app: &App,
    client: &Client,
    account: &Account,
    now: OffsetDateTime,
) -> Result<Option<PendingFactor>> {
    let all = factors::list(&mut *db, account.id, now).await?;
    if all.iter().any(|factor| factor.activated_at.is_some()) {
        return Ok(None);
    }
    let waiting = all.iter().rev().find(|factor| factor.kind == "totp");
    let Some((factor, expires_at)) = waiting.and_then(|f| f.expires_at.map(|end| (f, end))) else {
        return add_totp(db, app, client, account, LABEL, now)
            .await
            .map(Some);
    };
    let secret = open_secret(app, account, factor)?;
    let shown = Shown {
        id: factor.id,
        label: &factor.label,
        secret: &secret,
        parameters: factor.parameters().unwrap_or_default(),
        expires_at,
    };
    show(client, account, &shown).map(Some)
}

/// The shared secret of a factor.
pub fn open_secret(
    app: &App,
    account: &Account,
    factor: &Factor,
) -> Result<zeroize::Zeroizing<Vec<u8>>> {
    let place = secret_place(account.app_id, account.id, factor.id);
    Ok(app.vault.open(place, &factor.secret)?)
}

/// Completes the account when nothing is missing any more, and asserts it: the step that came
/// last opens the session. The caller holds the account's row lock.
pub async fn progress(
    db: &mut PgConnection,
    app: &App,
    client: &Client,
    account: &Account,
    now: OffsetDateTime,
) -> Result<Progress> {
    let done = accounts::complete(db, account.id, now).await?;
    let after = accounts::by_id(&mut *db, client.app.id, account.id).await?;
    let complete = after.is_some_and(|after| after.completed_at.is_some());
    let assertion = if done {
        Some(signed_up(db, app, client, account, now).await?)
    } else {
        None
    };
    Ok(Progress {
        account_id: account.id.into(),
        complete,
        assertion,
    })
}

async fn signed_up(
    db: &mut PgConnection,
    app: &App,
    client: &Client,
    account: &Account,
    now: OffsetDateTime,
) -> Result<Secret> {
    let all = factors::list(&mut *db, account.id, now).await?;
    let mut active = all.iter().filter(|factor| factor.activated_at.is_some());
    // The one whose code came last is the only one there is.
    let kind = active.next().map(|factor| &*factor.kind);
    let amr = Amr {
        password: account.password_hash.is_some(),
        totp: kind == Some("totp"),
        email: kind.is_none(),
        telegram: kind == Some("telegram"),
        // The weaker word of the two: the row does not say whether it is shared.
        passkey: (kind == Some("passkey")).then_some(true),
        ..Amr::default()
    };
    let proof = Proof {
        audience: &client.app.client_id,
        account: account.id,
        amr,
        purpose: "signup",
        context: None,
    };
    Ok(app.signer.assertion(&proof, now)?)
}

/// A pending factor that is shown to its owner.
struct Shown<'a> {
    id: Uuid,
    label: &'a str,
    secret: &'a [u8],
    parameters: Parameters,
    expires_at: OffsetDateTime,
}

fn show(client: &Client, account: &Account, shown: &Shown<'_>) -> Result<PendingFactor> {
    let name = account.username.as_deref().unwrap_or(&account.email);
    let setup = totp::setup(shown.secret, shown.parameters, &client.app.name, name)
        .map_err(Error::Internal)?;
    Ok(PendingFactor {
        factor_id: shown.id.into(),
        kind: FactorKind::Totp,
        label: shown.label.to_owned(),
        uri: setup.uri.as_str().into(),
        secret: setup.base32.as_str().into(),
        qr_svg: setup.qr_svg.as_str().into(),
        expires_at: shown.expires_at.into(),
    })
}

/// Where a factor's secret is sealed for.
pub fn secret_place(app: Uuid, account: Uuid, factor: Uuid) -> Place {
    Place {
        app,
        account,
        row: factor,
        column: "factors.secret",
    }
}
