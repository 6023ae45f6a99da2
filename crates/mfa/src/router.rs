//! Every HTTP route. Each handler says its own method and path: what it does not describe cannot be
//! routed.

use axum::{Router, middleware::from_fn_with_state};
use http::{HeaderValue, header};
use serde_json::Value;
use service::Stack;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    client,
    http::{
        accounts, activate, aliases, audit, challenges, delete_account, email_change,
        email_verifications, factor_resets, factors, health, jwks, logins, notifications,
        passkey_logins, password, password_resets, recovery_codes, remembered_devices, send,
        telegram_webhook, token, verify,
    },
    idempotency, openapi, try_page,
};

/// Routes that are open to all.
fn open() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(jwks::handle)) // /.well-known/jwks.json
        .routes(routes!(health::handle)) // /healthcheck
        .routes(routes!(token::handle)) // /oauth/token
        .routes(routes!(telegram_webhook::handle)) // /telegram/webhook
        .routes(routes!(factor_resets::page, factor_resets::cancel)) // /factor-resets/cancel
}

/// Routes for which a client has to say who it is.
fn clients() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        // Scope accounts
        .routes(routes!(accounts::create)) // /v1/accounts
        .routes(routes!(
            accounts::show,
            accounts::change,
            delete_account::handle
        )) // /v1/accounts/{id}
        .routes(routes!(password::change)) // /v1/accounts/{id}/password
        .routes(routes!(email_change::start)) // /v1/accounts/{id}/email
        .routes(routes!(email_change::confirm)) // /v1/accounts/{id}/email/verify
        .routes(routes!(password_resets::start)) // /v1/password-resets
        .routes(routes!(password_resets::verify)) // /v1/password-resets/{id}/verify
        .routes(routes!(password_resets::complete)) // /v1/password-resets/{id}/complete
        .routes(routes!(email_verifications::verify)) // /v1/email-verifications
        .routes(routes!(email_verifications::resend)) // /v1/email-verifications/resend
        .routes(routes!(factors::list, factors::add)) // /v1/accounts/{id}/factors
        .routes(routes!(factors::rename, factors::remove)) // …/factors/{factor_id}
        .routes(routes!(activate::handle)) // …/factors/{factor_id}/activate
        .routes(routes!(recovery_codes::renew)) // /v1/accounts/{id}/recovery-codes
        .routes(routes!(
            remembered_devices::list,
            remembered_devices::create,
            remembered_devices::remove_all
        )) // /v1/accounts/{id}/remembered-devices
        .routes(routes!(remembered_devices::remove)) // …/remembered-devices/{device_id}
        // Scope challenges
        .routes(routes!(logins::handle)) // /v1/logins
        .routes(routes!(passkey_logins::start)) // /v1/passkey-logins
        .routes(routes!(passkey_logins::finish)) // /v1/passkey-logins/{id}/finish
        .routes(routes!(challenges::create)) // /v1/challenges
        .routes(routes!(send::handle)) // /v1/challenges/{id}/send
        .routes(routes!(verify::handle)) // /v1/challenges/{id}/verify
        .routes(routes!(remembered_devices::answer)) // /v1/challenges/{id}/remembered
        // Scope admin
        .routes(routes!(audit::handle)) // /v1/audit
        .routes(routes!(factor_resets::announce, factor_resets::withdraw)) // /v1/accounts/{id}/factor-reset
        // Scope notify
        .routes(routes!(notifications::create)) // /v1/notifications
        .routes(routes!(notifications::show)) // /v1/notifications/{id}
        // Documented names of older interfaces
        .routes(routes!(aliases::register)) // /mfa/register
        .routes(routes!(aliases::check)) // /mfa/verify
        .routes(routes!(aliases::request_code)) // /request-otp
        .routes(routes!(aliases::verify_token)) // /verify
        .routes(routes!(aliases::login)) // /api/login
        .routes(routes!(aliases::notify)) // /send
}

/// The OpenAPI document of all routes.
///
/// # Errors
/// A handler names a problem code that there is none of.
pub fn document() -> anyhow::Result<Value> {
    let all = OpenApiRouter::with_openapi(openapi::frame());
    openapi::finish(all.merge(open()).merge(clients()).get_openapi())
}

/// The routes behind the layers that all servers have.
pub fn router(app: App) -> Router {
    let clients = clients()
        // The last layer comes first.
        .route_layer(from_fn_with_state(app.clone(), idempotency::replay))
        .route_layer(from_fn_with_state(app.clone(), client::authenticate));
    let mut routes = Router::from(open().merge(clients));
    if app.try_page {
        routes = routes.merge(try_page::routes());
    }
    let routes = routes
        .merge(service::openapi::routes(&app.document))
        .with_state(app)
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ));
    service::layers(routes, Stack::default())
}
