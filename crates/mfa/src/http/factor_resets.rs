//! `/v1/accounts/{id}/factor-reset` for operators, `/factor-resets/cancel` for the link in the mail.

use axum::{extract::State, response::IntoResponse};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{StatusCode, header};
use protocol::{
    Code,
    mfa::{AnnouncedFactorReset, CancelFactorReset},
};
use service::{Json, Path, Problem};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::accounts::find;
use crate::{
    app::App,
    client::{Attempt, Client, Scope},
    error::Result,
    factor_reset::Cancelled,
};

/// Announces that all factors of an account go in 24 hours. Its owner gets a mail with a link that
/// calls it off. A repeat changes nothing.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/factor-reset",
    operation_id = "announce_factor_reset",
    tag = "factors",
    responses((status = 202, body = AnnouncedFactorReset,
        description = "The factors go when it is due, unless it is called off.")),
    security(("token" = ["admin"])),
)]
pub async fn announce(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, Json<AnnouncedFactorReset>)> {
    client.needs(Scope::Admin)?;
    let account = find(&app, &client, id).await?;
    let now = app.now()?;
    let mut transaction = app.pool.begin().await?;
    let db = &mut *transaction;
    let resets = app.resets();
    let due_at = resets
        .announce(db, client.app.id, &client.app.name, &account, now)
        .await?;
    client
        .audit(&mut *db, attempt("announce_factor_reset", id), "ok", now)
        .await?;
    transaction.commit().await?;
    app.wake.notify_one();
    let announced = AnnouncedFactorReset {
        due_at: due_at.into(),
    };
    Ok((StatusCode::ACCEPTED, Json(announced)))
}

/// Calls an announced reset off.
#[utoipa::path(
    delete,
    path = "/v1/accounts/{id}/factor-reset",
    operation_id = "withdraw_factor_reset",
    tag = "factors",
    responses((status = 204, description = "The factors stay.")),
    security(("token" = ["admin"])),
)]
pub async fn withdraw(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
) -> Result<StatusCode> {
    client.needs(Scope::Admin)?;
    find(&app, &client, id).await?;
    let now = app.now()?;
    let mut transaction = app.pool.begin().await?;
    if !app.resets().withdraw(&mut transaction, id, now).await? {
        return Err(Code::NotFound.into());
    }
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

/// Calls a reset off with the token of the mail's link.
#[utoipa::path(
    post,
    path = "/factor-resets/cancel",
    operation_id = "cancel_factor_reset",
    tag = "service",
    responses((status = 204, description = "The factors stay.")),
    extensions(("x-problems" = json!([Code::NotFound, Code::ExpiredCode]))),
)]
pub async fn cancel(
    State(app): State<App>,
    Json(body): Json<CancelFactorReset>,
) -> Result<StatusCode> {
    let now = app.now()?;
    let mut transaction = app.pool.begin().await?;
    let token = body.token.expose();
    match app.resets().cancel(&mut transaction, token, now).await? {
        Cancelled::Off => {}
        Cancelled::Unknown => return Err(Code::NotFound.into()),
        Cancelled::TooLate => {
            return Err(Problem::new(Code::ExpiredCode)
                .detail("Too late: the second factors were removed.")
                .into());
        }
    }
    transaction.commit().await?;
    app.wake.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

const SCRIPT: &str = r#"
const button = document.querySelector("button"), say = document.querySelector("output");
button.onclick = async () => {
  button.disabled = true;
  const reply = await fetch("", {
    method: "POST",
    headers: {"content-type": "application/json"},
    body: JSON.stringify({token: location.hash.slice(1)}),
  }).catch(() => null);
  say.textContent = reply?.status === 204
    ? "Your second factors stay. / Vos seconds facteurs sont conservés."
    : reply?.status === 410
      ? "Too late: they were removed. / Trop tard : ils ont été retirés."
      : "This did not work. / Cela n’a pas fonctionné.";
  button.disabled = reply?.status === 204;
};
"#;

/// The page behind the link. A mail scanner that only looks at it changes nothing.
#[utoipa::path(
    get,
    path = "/factor-resets/cancel",
    operation_id = "factor_reset_page",
    tag = "service",
    responses((status = 200, body = String, content_type = "text/html")),
)]
pub async fn page() -> impl IntoResponse {
    let digest = STANDARD.encode(Sha256::digest(SCRIPT));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{digest}'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>Keep my second factors</title></head><body><main>\
         <h1>Keep my second factors</h1>\
         <p>Somebody asked to remove the second factors of your account. If that was not you, keep \
         them.</p><p lang=\"fr\">Quelqu’un a demandé de retirer les seconds facteurs de votre \
         compte. Si ce n’était pas vous, gardez-les.</p>\
         <p><button>Keep them / Les garder</button></p><p><output></output></p>\
         </main><script>{SCRIPT}</script></body></html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (headers, html)
}

fn attempt(action: &'static str, account: Uuid) -> Attempt {
    Attempt {
        action,
        factor: None,
        account: Some(account),
    }
}
