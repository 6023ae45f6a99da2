//! `POST /v1/accounts/{id}/password`.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use protocol::{Code, Problem as Body, Secret, mfa::ChangePassword};
use service::{Json, Path};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{accounts::find, proof};
use crate::{
    app::App,
    budget::{Budget, Guess},
    client::{Attempt, Client, Scope},
    enrolment,
    error::Result,
    limits,
    notify::{AccountNotice, Notice},
    passwords,
    store::{
        accounts::{self, Account},
        challenges, password_resets, remembered_devices,
    },
};

/// Replaces the password. Open challenges, resets and remembered devices end, and the owner gets a
/// mail.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/password",
    operation_id = "change_password",
    tag = "passwords",
    params(("X-Assertion" = Option<String>, Header, description = "An assertion of the last five \
        minutes with a second factor, in place of the current password.")),
    responses((status = 204, description = "The new password counts.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([
        Code::InvalidCredentials, Code::StepUpRequired, Code::Locked, Code::QueueFull,
    ]))),
)]
pub async fn change(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode> {
    client.needs(Scope::Accounts)?;
    let account = find(&app, &client, id).await?;
    let fresh = acceptable(&body.password, &account)?;
    limits::account(&app, &client, id).await?;
    let current = body.current.as_ref();
    let action = "change_password";
    proof::password_or_assertion(&app, &client, &account, current, &headers, action).await?;
    let hash = app.hasher.hash(fresh).await?;
    let now = app.now()?;
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let account = accounts::lock(db, client.app.id, id)
        .await?
        .ok_or(Code::NotFound)?;
    replace(db, &app, &client, &account, &hash, now).await?;
    let what = Attempt {
        action,
        factor: Some("password"),
        account: Some(id),
    };
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

/// A new password as it is hashed, if the account may have it.
pub fn acceptable(password: &Secret, account: &Account) -> Result<Zeroizing<String>> {
    let password = passwords::normalise(password.expose());
    match passwords::check(&password, account.username.as_deref(), &account.email) {
        Ok(()) => Ok(password),
        Err(fault) => {
            let mut problem = Body::new(Code::InvalidBody);
            problem.errors.push(fault);
            Err(problem.into())
        }
    }
}

/// Sets a password; whatever stood on the former one ends, and the owner is told.
pub async fn replace(
    db: &mut PgConnection,
    app: &App,
    client: &Client,
    account: &Account,
    hash: &str,
    now: OffsetDateTime,
) -> Result<()> {
    accounts::set_password(&mut *db, account.id, hash).await?;
    remembered_devices::delete_all(&mut *db, account.id).await?;
    challenges::void(&mut *db, account.id, now).await?;
    password_resets::void(&mut *db, account.id, now).await?;
    // Guesses at the former one are no guesses at this one.
    for name in account.username.iter().chain([&account.email_key]) {
        let budget = Budget::of_name(app, client, name, Guess::Password);
        budget.forget(db).await?;
    }
    let notice = Notice::Account(AccountNotice::PasswordChanged);
    enrolment::mail(db, app, client, account, notice, now).await
}
