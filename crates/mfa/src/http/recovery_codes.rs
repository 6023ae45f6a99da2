//! `POST /v1/accounts/{id}/recovery-codes`.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use protocol::{Code, mfa::RecoveryCodes};
use service::{Json, Path};
use uuid::Uuid;

use super::{accounts::find, activate::new_recovery_codes, factors::ensure_fresh};
use crate::{
    app::App,
    client::{Attempt, Client, Scope},
    enrolment,
    error::Result,
    notify::Notice,
    store::accounts,
};

/// Makes new recovery codes; the older ones are void. Needs a fresh assertion.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/recovery-codes",
    operation_id = "renew_recovery_codes",
    tag = "factors",
    params(("X-Assertion" = Option<String>, Header, description = "An assertion of the last five \
        minutes with a second factor.")),
    responses((status = 201, body = RecoveryCodes,
        description = "Shown this once; the older ones are void.")),
    security(("token" = ["accounts"])),
    extensions(("x-problems" = json!([Code::StepUpRequired]))),
)]
pub async fn renew(
    State(app): State<App>,
    client: Client,
    Path(account): Path<Uuid>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<RecoveryCodes>)> {
    client.needs(Scope::Accounts)?;
    let account = find(&app, &client, account).await?;
    ensure_fresh(&app, &client, &account, &headers)?;
    let now = app.now()?;
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    accounts::lock(db, client.app.id, account.id)
        .await?
        .ok_or(Code::NotFound)?;
    let recovery_codes = new_recovery_codes(db, &app, account.id).await?;
    enrolment::mail(
        db,
        &app,
        &client,
        &account,
        Notice::RecoveryCodesRenewed,
        now,
    )
    .await?;
    let what = Attempt {
        action: "renew_recovery_codes",
        factor: Some("recovery"),
        account: Some(account.id),
    };
    client.audit(&mut *db, what, "ok", now).await?;
    transaction.commit().await?;
    app.wake.notify_one();
    Ok((StatusCode::CREATED, Json(RecoveryCodes { recovery_codes })))
}
