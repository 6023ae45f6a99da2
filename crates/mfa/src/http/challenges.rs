//! `POST /v1/challenges`.

use axum::extract::State;
use http::StatusCode;
use protocol::{
    Code,
    mfa::{Challenge, CreateChallenge},
};
use service::{Json, Problem};
use uuid::Uuid;

use super::accounts::find;
use crate::{
    answer::CHALLENGE_LIFE,
    app::App,
    client::{Attempt, Client, Scope},
    error::Result,
    identity, limits, methods,
    store::{accounts::Account, challenges},
};

/// Asks for a second factor of an account.
#[utoipa::path(
    post,
    path = "/v1/challenges",
    operation_id = "create_challenge",
    tag = "challenges",
    responses((status = 201, body = Challenge)),
    security(("token" = ["challenges"])),
    extensions(("x-problems" = json!([Code::NotFound, Code::EnrolmentRequired]))),
)]
pub async fn create(
    State(app): State<App>,
    client: Client,
    Json(body): Json<CreateChallenge>,
) -> Result<(StatusCode, Json<Challenge>)> {
    client.needs(Scope::Challenges)?;
    let purpose = identity::text("purpose", &body.purpose, 64)?;
    let context = body
        .context
        .as_deref()
        .map(|text| identity::text("context", text, 256));
    let account = find(&app, &client, body.account_id.0).await?;
    let challenge = open(
        &app,
        &client,
        &account,
        &purpose,
        context.transpose()?.as_deref(),
    )
    .await?;
    Ok((StatusCode::CREATED, Json(challenge)))
}

/// A new challenge, for `/v1` and the aliases.
pub async fn open(
    app: &App,
    client: &Client,
    account: &Account,
    purpose: &str,
    context: Option<&str>,
) -> Result<Challenge> {
    let now = app.now()?;
    let mut db = app.pool.acquire().await?;
    let open = methods::of(&mut db, &client.app.policy, account, now).await?;
    drop(db);
    if open.is_empty() {
        return Err(Problem::new(Code::EnrolmentRequired)
            .detail("This account has no second factor and no confirmed address yet.")
            .into());
    }
    limits::account(app, client, account.id).await?;
    let id = Uuid::now_v7();
    let expires_at = now + CHALLENGE_LIFE;
    let new = challenges::New {
        id,
        app: client.app.id,
        account: account.id,
        purpose,
        context,
        password: false,
        browser: None,
        now,
        expires_at,
    };
    challenges::insert(&app.pool, &new).await?;
    let what = Attempt {
        action: "challenge",
        factor: None,
        account: Some(account.id),
    };
    client.audit(&app.pool, what, "ok", now).await?;
    Ok(Challenge {
        challenge_id: id.into(),
        methods: open,
        expires_at: expires_at.into(),
    })
}
