//! `DELETE /v1/accounts/{id}`.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use protocol::Code;
use service::Path;
use uuid::Uuid;

use super::{
    accounts::find,
    factors::{ASSERTION, ensure_fresh},
};
use crate::{
    app::App,
    client::{Attempt, Client, Scope},
    enrolment,
    error::Result,
    notify::{AccountNotice, Notice},
    store::{accounts, failures},
};

/// Removes an account for good; only the audit trail keeps its id. A finished one needs a fresh
/// assertion, or an application with scope `admin`.
#[utoipa::path(
    delete,
    path = "/v1/accounts/{id}",
    operation_id = "delete_account",
    tag = "accounts",
    params(("X-Assertion" = Option<String>, Header, description = "An assertion of the last five \
        minutes with a second factor; not needed, but judged when it is there, with scope `admin`; \
        not needed for a sign-up that was never finished.")),
    responses((status = 204, description = "It is gone.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([Code::StepUpRequired]))),
)]
pub async fn handle(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    client.needs(Scope::Accounts)?;
    let account = find(&app, &client, id).await?;
    // Who says that the owner was asked has to prove it, administrator or not.
    let claimed = headers.contains_key(ASSERTION);
    if account.completed_at.is_some() && (claimed || !client.may(Scope::Admin)) {
        ensure_fresh(&app, &client, &account, &headers)?;
    }
    let now = app.now()?;
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let account = accounts::lock(db, client.app.id, id)
        .await?
        .ok_or(Code::NotFound)?;
    if account.email_verified_at.is_some() {
        let notice = Notice::Account(AccountNotice::Deleted);
        enrolment::mail(db, &app, &client, &account, notice, now).await?;
    }
    accounts::delete(db, id).await?;
    failures::clear(&mut *db, id.as_bytes()).await?;
    let what = Attempt {
        action: "delete_account",
        factor: None,
        account: Some(id),
    };
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(StatusCode::NO_CONTENT)
}
