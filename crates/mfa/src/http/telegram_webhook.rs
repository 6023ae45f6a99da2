//! `POST /telegram/webhook`: updates of the bot, delivered by Telegram.

use axum::{
    Json as Reply,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use protocol::Code;
use serde_json::{Value, json};
use service::Json;
use subtle::ConstantTimeEq;

use crate::{
    app::App,
    error::Result,
    telegram::{Update, handle as update, webhook_secret},
};

/// The header in which Telegram repeats the secret.
const SECRET: &str = "x-telegram-bot-api-secret-token";

/// Handles one update. What the bot says at once is the reply, as the Bot API allows.
#[utoipa::path(
    post,
    path = "/telegram/webhook",
    operation_id = "telegram_webhook",
    tag = "service",
    params(("X-Telegram-Bot-Api-Secret-Token" = String, Header,
        description = "The secret that Telegram was given with the webhook.")),
    request_body(content = Update, description = "An `Update` of the Bot API."),
    responses((status = 200, description = "It was handled.")),
    extensions(("x-problems" = json!([Code::Forbidden, Code::NotFound]))),
)]
pub async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Response> {
    let is_set = app
        .telegram
        .as_ref()
        .is_some_and(|bot| bot.webhook_url().is_some());
    if !is_set {
        return Err(Code::NotFound.into());
    }
    let given = headers
        .get(SECRET)
        .map_or(&[][..], |value| value.as_bytes());
    if !bool::from(webhook_secret(&app).as_bytes().ct_eq(given)) {
        return Err(Code::Forbidden.into());
    }
    let answer = match Update::parse(body) {
        (_, Some(one)) => update(&app, &one).await?,
        // Whatever it is, it would only come again.
        (_, None) => None,
    };
    Ok(match answer {
        Some(answer) => Reply(json!({
            "method": "sendMessage",
            "chat_id": answer.chat,
            "text": answer.text,
        }))
        .into_response(),
        None => StatusCode::OK.into_response(),
    })
}
