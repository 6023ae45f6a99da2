//! Every HTTP route.

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, patch, post},
};
use http::{HeaderValue, header};
use service::Stack;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{
    app::App,
    client,
    http::{
        accounts, activate, aliases, challenges, email_verifications, factors, health, jwks,
        logins, recovery_codes, send, token, verify,
    },
    idempotency,
};

/// The routes behind the layers that all servers have.
pub fn router(app: App) -> Router {
    let open = Router::new()
        .route("/.well-known/jwks.json", get(jwks::handle))
        .route("/healthcheck", get(health::handle))
        .route("/oauth/token", post(token::handle));
    let clients = Router::new()
        // Scope accounts
        .route("/v1/accounts", post(accounts::create))
        .route(
            "/v1/accounts/{id}",
            get(accounts::show).patch(accounts::change),
        )
        .route("/v1/email-verifications", post(email_verifications::verify))
        .route(
            "/v1/email-verifications/resend",
            post(email_verifications::resend),
        )
        .route(
            "/v1/accounts/{id}/factors",
            get(factors::list).post(factors::add),
        )
        .route(
            "/v1/accounts/{id}/factors/{factor_id}",
            patch(factors::rename).delete(factors::remove),
        )
        .route(
            "/v1/accounts/{id}/factors/{factor_id}/activate",
            post(activate::handle),
        )
        .route(
            "/v1/accounts/{id}/recovery-codes",
            post(recovery_codes::renew),
        )
        // Scope challenges
        .route("/v1/logins", post(logins::handle))
        .route("/v1/challenges", post(challenges::create))
        .route("/v1/challenges/{id}/send", post(send::handle))
        .route("/v1/challenges/{id}/verify", post(verify::handle))
        // Documented names of older interfaces
        .route("/mfa/register", post(aliases::register))
        .route("/mfa/verify", post(aliases::check))
        .route("/request-otp", post(aliases::request_code))
        .route("/verify", post(aliases::verify_token))
        .route("/api/login", post(aliases::login))
        // The last layer comes first.
        .route_layer(from_fn_with_state(app.clone(), idempotency::replay))
        .route_layer(from_fn_with_state(app.clone(), client::authenticate));
    let routes = open
        .merge(clients)
        .with_state(app)
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ));
    service::layers(routes, Stack::default())
}
