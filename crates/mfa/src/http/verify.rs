//! `POST /v1/challenges/{id}/verify`.

use axum::extract::State;
use protocol::mfa::{Authenticated, VerifyChallenge};
use service::{Json, Path};
use uuid::Uuid;

use super::send::find;
use crate::{
    answer::Answer,
    app::App,
    client::{Client, Scope},
    error::Result,
};

/// Answers a challenge.
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
    answer
        .check(body.method, body.code.expose())
        .await
        .map(Json)
}
