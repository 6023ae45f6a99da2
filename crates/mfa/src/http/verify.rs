//! `POST /v1/challenges/{id}/verify`.

use axum::extract::State;
use protocol::{
    Code,
    mfa::{Authenticated, VerifyChallenge},
};
use service::{Json, Path};
use uuid::Uuid;

use super::send::find;
use crate::{
    answer::{Answer, Given},
    app::App,
    client::{Client, Scope},
    error::Result,
};

/// Answers a challenge.
#[utoipa::path(
    post,
    path = "/v1/challenges/{id}/verify",
    operation_id = "verify_challenge",
    tag = "challenges",
    responses((status = 200, body = Authenticated, description = "The answer was right.")),
    security(("token" = ["challenges"])),
    extensions(("x-problems" = json!([
        Code::InvalidCode, Code::CodeUsed, Code::ExpiredCode, Code::ChallengeUsed,
        Code::ChallengeExpired, Code::Locked,
    ]))),
)]
pub async fn handle(
    State(app): State<App>,
    client: Client,
    Path(id): Path<Uuid>,
    Json(body): Json<VerifyChallenge>,
) -> Result<Json<Authenticated>> {
    client.needs(Scope::Challenges)?;
    let now = app.now()?;
    let (challenge, account) = find(&app, &client, id).await?;
    let answer = Answer {
        app: &app,
        client: &client,
        challenge: &challenge,
        account: &account,
        now,
    };
    let given = Given {
        code: body.code.expose(),
        credential: body.credential.as_ref(),
    };
    answer.check(body.method, given).await.map(Json)
}
