//! `GET /api/config`: what a client must know before anybody signs in.

use axum::extract::State;
use protocol::{
    limits,
    rest::server::{Config, Limits, Mail},
};
use service::Json;

use crate::app::App;

/// 200.
#[utoipa::path(
    get,
    path = "/api/config",
    operation_id = "config",
    tag = "server",
    responses((status = 200, body = Config)),
)]
pub async fn config(State(app): State<App>) -> Json<Config> {
    let smtp = service::config::filled(app.config.smtp_server.as_deref());
    Json(Config {
        signup: app.config.signup.into(),
        mfa_policy: app.config.mfa_policy.into(),
        mail: if smtp.is_some() {
            Mail::Smtp
        } else {
            Mail::Console
        },
        limits: Limits {
            username_min: limits::USERNAME_MIN as u32,
            username_max: limits::USERNAME_MAX as u32,
            name_max: limits::NAME_MAX as u32,
            password_min: limits::PASSWORD_MIN as u32,
            password_max: limits::PASSWORD_MAX as u32,
            message: limits::MESSAGE as u32,
            room_devices: limits::ROOM_DEVICES as u32,
            user_devices: limits::USER_DEVICES as u32,
        },
        languages: vec!["en".to_owned(), "fr".to_owned()],
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}
