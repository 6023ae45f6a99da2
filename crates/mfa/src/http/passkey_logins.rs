//! `POST /v1/passkey-logins` and `…/{id}/finish`: a login without a name.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    mfa::{Authenticated, FinishPasskeyLogin, PasskeyLogin, StartPasskeyLogin},
};
use service::{Json, Path, Problem};
use uuid::Uuid;

use crate::{
    answer::CHALLENGE_LIFE,
    app::App,
    assertion::{Amr, Proof},
    client::{Attempt, Client, Scope},
    error::{Error, Result},
    identity, limits,
    passkeys::{self, Answered},
    store::passkeys as rows,
};

/// Asks the browser for any passkey of this application.
#[utoipa::path(
    post,
    path = "/v1/passkey-logins",
    operation_id = "start_passkey_login",
    tag = "logins",
    responses((status = 201, body = PasskeyLogin)),
    security(("token" = ["challenges"])),
)]
pub async fn start(
    State(app): State<App>,
    client: Client,
    Json(body): Json<StartPasskeyLogin>,
) -> Result<(StatusCode, Json<PasskeyLogin>)> {
    client.needs(Scope::Challenges)?;
    let purpose = identity::text("purpose", body.purpose.as_deref().unwrap_or("login"), 64)?;
    let id = Uuid::now_v7();
    let (request_options, state) = passkeys::request_discoverable(&app, &client, id)?;
    let expires_at = app.now()? + CHALLENGE_LIFE;
    let login = rows::Login {
        purpose,
        state,
        expires_at,
    };
    rows::open_login(&app.pool, id, client.app.id, &login).await?;
    let reply = PasskeyLogin {
        login_id: id.into(),
        request_options,
        expires_at: expires_at.into(),
    };
    Ok((StatusCode::CREATED, Json(reply)))
}

/// Checks the passkey and asserts its owner.
#[utoipa::path(
    post,
    path = "/v1/passkey-logins/{id}/finish",
    operation_id = "finish_passkey_login",
    tag = "logins",
    responses((status = 200, body = Authenticated, description = "The passkey was right.")),
    security(("token" = ["challenges"])),
    extensions(("x-problems" = json!([
        Code::InvalidCredentials, Code::EmailUnverified, Code::ChallengeExpired,
    ]))),
)]
pub async fn finish(
    State(app): State<App>,
    mut client: Client,
    Path(id): Path<Uuid>,
    Json(body): Json<FinishPasskeyLogin>,
) -> Result<Json<Authenticated>> {
    client.needs(Scope::Challenges)?;
    client.address = body.client_ip.or(client.address);
    let now = app.now()?;
    let login = rows::take_login(&app.pool, client.app.id, id)
        .await?
        .ok_or(Code::NotFound)?;
    if login.expires_at <= now {
        return Err(Code::ChallengeExpired.into());
    }
    let found =
        passkeys::answered_discoverable(&app, &client, id, &login.state, &body.credential).await;
    let account = found.as_ref().ok().map(|answered| answered.account().id);
    let outcome = match found {
        Ok(answered) => accept(&app, &client, &answered, &login.purpose).await,
        Err(error) => Err(unknown(error)),
    };
    if let Err(Error::Problem(problem)) = &outcome {
        let what = attempt(account);
        client
            .audit(&app.pool, what, problem.code().as_str(), now)
            .await?;
    }
    outcome.map(Json)
}

async fn accept(
    app: &App,
    client: &Client,
    answered: &Answered,
    purpose: &str,
) -> Result<Authenticated> {
    let (account, now) = (answered.account(), app.now()?);
    if account.is_gone(now) {
        return Err(Code::InvalidCredentials.into());
    }
    if account.email_verified_at.is_none() {
        return Err(Code::EmailUnverified.into());
    }
    limits::account(app, client, account.id).await?;
    let mut transaction = app.pool.begin().await?;
    let noted = answered.note(&mut transaction, app, now).await;
    noted.map_err(unknown)?;
    client
        .audit(&mut *transaction, attempt(Some(account.id)), "ok", now)
        .await?;
    transaction.commit().await?;
    let amr = Amr {
        passkey: Some(answered.is_synced()),
        ..Amr::default()
    };
    let proof = Proof {
        audience: &client.app.client_id,
        account: account.id,
        amr,
        purpose,
        context: None,
    };
    Ok(Authenticated {
        account_id: account.id.into(),
        assertion: app.signer.assertion(&proof, now)?,
        amr: amr.names(),
        acr: amr.acr().to_owned(),
        recovery_codes_left: None,
    })
}

const fn attempt(account: Option<Uuid>) -> Attempt {
    Attempt {
        action: "login",
        factor: Some("passkey"),
        account,
    }
}

/// An unknown passkey and a wrong signature are the same answer.
fn unknown(error: Error) -> Error {
    match error {
        Error::Problem(problem) if problem.code() == Code::InvalidCode => {
            Problem::new(Code::InvalidCredentials)
                .detail("This passkey is not known here.")
                .into()
        }
        other => other,
    }
}
