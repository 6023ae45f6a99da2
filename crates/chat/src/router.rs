//! Every HTTP route on one page.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use protocol::{Code, Problem, limits};
use serde_json::Value;
use service::Stack;
use socketioxide::service::SocketIoService;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use crate::{
    app::App,
    gate::{forget_dead_cookies, gate},
    http::{
        admin, admin_accounts, archive, archive_rooms, asyncapi, attachments, avatar, config,
        contacts, contacts_block, contacts_remove, device_list, devices, email_change,
        factor_reset_cancel, factors, friend_request_answer, friend_request_send, friend_requests,
        health, invitations, key_packages, key_packages_claim, keys, link_step, links, login,
        login_challenge, login_verify, logout, me, me_end, me_export, mfa_activate, passkeys,
        password, push, recovery, remembered_browsers, resend_verification, room_close,
        room_commits, room_leave, room_messages, room_tree, rooms, sessions, signup, signup_email,
        step_up, user_devices, user_search, users, vault, verify_email,
    },
    hub::polled,
    openapi,
    socket::head,
};

/// Longest time for an upload.
const UPLOAD: Duration = Duration::from_secs(600);

/// Every route that answers at once, with its description. Each handler says its own method and
/// path: what it does not describe cannot be routed.
fn described() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        // The server
        .routes(routes!(health::health)) // /api/health
        .routes(routes!(config::config)) // /api/config
        .routes(routes!(asyncapi::asyncapi)) // /api/asyncapi.json
        // Sign-up
        .routes(routes!(signup::signup)) // /api/signup
        .routes(routes!(signup_email::signup_email)) // /api/signup/email
        .routes(routes!(verify_email::verify_email)) // /api/verify-email
        .routes(routes!(resend_verification::resend_verification)) // /api/resend-verification
        .routes(routes!(mfa_activate::mfa_activate)) // /api/mfa/activate
        // Sessions
        .routes(routes!(login::login)) // /api/login
        .routes(routes!(login_challenge::login_challenge)) // /api/login/challenge
        .routes(routes!(login_verify::login_verify)) // /api/login/verify
        .routes(routes!(step_up::step_up)) // /api/step-up
        .routes(routes!(logout::logout)) // /api/logout
        .routes(routes!(sessions::list, sessions::end_others)) // /api/sessions
        .routes(routes!(sessions::end)) // /api/sessions/{id}
        .routes(routes!(passkeys::login_start)) // /api/passkeys/login/start
        .routes(routes!(passkeys::login_finish)) // /api/passkeys/login/finish
        // Second factors
        .routes(routes!(factors::list, factors::add)) // /api/mfa/factors
        .routes(routes!(factors::rename, factors::remove)) // /api/mfa/factors/{id}
        .routes(routes!(factors::renew_recovery_codes)) // /api/mfa/recovery-codes
        .routes(routes!(passkeys::register_start)) // /api/passkeys/register/start
        .routes(routes!(passkeys::register_finish)) // /api/passkeys/register/finish
        .routes(routes!(
            remembered_browsers::list,
            remembered_browsers::forget_all
        )) // /api/remembered-browsers
        .routes(routes!(remembered_browsers::forget)) // /api/remembered-browsers/{id}
        .routes(routes!(factor_reset_cancel::cancel)) // /api/factor-resets/cancel
        // My account
        .routes(routes!(password::forgot)) // /api/password/forgot
        .routes(routes!(password::reset)) // /api/password/reset
        .routes(routes!(password::change)) // /api/password/change
        .routes(routes!(email_change::ask)) // /api/email/change
        .routes(routes!(email_change::confirm)) // /api/email/verify
        .routes(routes!(me::me, me::change, me_end::delete)) // /api/me
        .routes(routes!(me_end::deactivate)) // /api/me/deactivate
        .routes(routes!(me_export::export)) // /api/me/export
        .merge(limited(
            limits::AVATAR,
            routes!(avatar::replace, avatar::remove),
        )) // /api/me/avatar
        // People
        .routes(routes!(avatar::show)) // /api/users/{id}/avatar/{hash}
        .routes(routes!(user_search::search)) // /api/users/search
        .routes(routes!(users::profile)) // /api/users/{id}
        .routes(routes!(user_devices::devices)) // /api/users/{id}/devices
        .routes(routes!(friend_request_send::send)) // /api/friend-requests/send
        .routes(routes!(friend_requests::pending)) // /api/friend-requests/pending
        .routes(routes!(friend_request_answer::accept)) // /api/friend-requests/accept
        .routes(routes!(friend_request_answer::reject)) // /api/friend-requests/reject
        .routes(routes!(friend_request_answer::withdraw)) // /api/friend-requests/withdraw
        .routes(routes!(contacts::list)) // /api/contacts
        .routes(routes!(contacts_remove::remove)) // /api/contacts/remove
        .routes(routes!(contacts_block::block)) // /api/contacts/block
        .routes(routes!(contacts_block::unblock)) // /api/contacts/unblock
        .routes(routes!(contacts_block::list)) // /api/contacts/blocked
        .routes(routes!(push::key, push::subscribe, push::unsubscribe)) // /api/push
        // Keys and devices
        .merge(limited(limits::KEYS_BODY, routes!(keys::register))) // /api/keys
        .routes(routes!(device_list::replace)) // /api/devices/list
        .routes(routes!(devices::rename, devices::revoke)) // /api/devices/{id}
        .routes(routes!(links::list, links::create)) // /api/links
        .routes(routes!(links::show, links::end)) // /api/links/{id}
        .routes(routes!(link_step::write)) // /api/links/{id}/{step}
        .merge(limited(limits::KEYS_BODY, routes!(key_packages::add))) // /api/key-packages
        .routes(routes!(key_packages::count)) // /api/key-packages/count
        .routes(routes!(key_packages_claim::claim)) // /api/key-packages/claim
        // What I keep for myself
        .merge(limited(
            limits::ARCHIVE_BODY,
            routes!(archive::store, archive::load, archive::forget),
        )) // /api/archive
        .routes(routes!(archive_rooms::list)) // /api/archive/rooms
        .merge(limited(
            limits::KEYS_BODY,
            routes!(recovery::replace, recovery::load),
        )) // /api/recovery
        .merge(limited(
            limits::VAULT_BODY,
            routes!(vault::replace, vault::load),
        )) // /api/vault
        // Rooms
        .merge(limited(limits::COMMIT, routes!(rooms::list, rooms::create))) // /api/rooms
        .merge(limited(limits::COMMIT, routes!(room_commits::send))) // /api/rooms/{id}/commits
        .routes(routes!(room_commits::fetch)) // /api/rooms/{id}/commits/{seq}
        .routes(routes!(room_close::close)) // /api/rooms/{id}/close
        .routes(routes!(room_leave::leave)) // /api/rooms/{id}/leave
        .merge(limited(
            limits::MESSAGE * 3 / 2,
            routes!(room_messages::load, room_messages::send),
        )) // /api/rooms/{id}/messages
        .routes(routes!(room_tree::tree)) // /api/rooms/{id}/tree
        .routes(routes!(room_tree::group_info)) // /api/rooms/{id}/group-info
        // Files
        .routes(routes!(attachments::fetch, attachments::remove)) // /api/attachments/{id}
        // Looking after accounts
        .routes(routes!(admin::list)) // /api/admin/users
        .routes(routes!(
            admin::show,
            admin::set_role,
            admin_accounts::delete
        )) // /api/admin/users/{id}
        .routes(routes!(admin::deactivate)) // /api/admin/users/{id}/deactivate
        .routes(routes!(admin::activate)) // /api/admin/users/{id}/activate
        .routes(routes!(admin::end_sessions)) // /api/admin/users/{id}/sessions
        .routes(routes!(
            admin_accounts::reset_factors,
            admin_accounts::keep_factors
        )) // /api/admin/users/{id}/factor-reset
        .routes(routes!(invitations::list, invitations::create)) // /api/admin/invitations
        .routes(routes!(invitations::revoke)) // /api/admin/invitations/{id}
        .routes(routes!(admin::trail)) // /api/admin/audit
        .routes(routes!(admin::summary)) // /api/admin/summary
}

/// Routes with another limit for bodies than the rest.
fn limited(bytes: usize, routes: UtoipaMethodRouter<App>) -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes)
        .layer(DefaultBodyLimit::max(bytes))
}

/// A slow line takes its time; a body that stalls is cut by the listener.
fn uploads() -> OpenApiRouter<App> {
    let bytes = limits::ATTACHMENT + limits::ATTACHMENT_FRAMING;
    limited(bytes, routes!(attachments::store)) // /api/files
}

/// Documented names of older interfaces, and of the same thing for images.
fn aliases() -> Router<App> {
    let keys = DefaultBodyLimit::max(limits::KEYS_BODY);
    Router::new()
        .route("/register", post(signup::signup))
        .route("/login", post(login::login))
        .route("/register/key", post(keys::register).layer(keys))
}

/// The OpenAPI document of all routes.
///
/// # Errors
/// A handler names a problem code that there is none of.
pub fn document() -> anyhow::Result<Value> {
    let all = OpenApiRouter::with_openapi(openapi::frame());
    openapi::finish(all.merge(described()).merge(uploads()).get_openapi())
}

/// All routes behind the gate and the layers that every server has.
pub fn router(app: App, sockets: SocketIoService<MethodRouter>) -> Router {
    let probed = app.clone();
    let file_body = DefaultBodyLimit::max(limits::ATTACHMENT + limits::ATTACHMENT_FRAMING);
    let images = post(attachments::store).layer(file_body);
    let sockets = Router::new()
        .route_service("/socket.io/", sockets.clone())
        .route_service("/socket.io", sockets)
        .layer(from_fn_with_state(app.clone(), polled::count))
        .layer(from_fn(head::own));
    let routes = Router::from(described())
        .merge(aliases())
        .layer(from_fn(quick))
        .merge(Router::from(uploads()))
        .route("/api/messages/image", images)
        .merge(service::openapi::routes_below("/api", &app.document))
        .merge(sockets)
        // Here and not only outside: a preflight is no method of any route and passes the gate.
        .method_not_allowed_fallback(service::method_not_allowed)
        .with_state(app.clone());
    let gated = routes
        .layer(from_fn(forget_dead_cookies))
        .layer(from_fn_with_state(app, gate));
    let stack = Stack {
        timeout: UPLOAD,
        ..Stack::default()
    };
    // Behind no layer: the gateway asks every second, and it is nobody else's business.
    service::layers(gated, stack).route("/health/ready", get(move || health::ready(probed)))
}

/// Everything but uploads is quick.
async fn quick(request: Request, next: Next) -> Response {
    match tokio::time::timeout(Stack::default().timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => service::Problem::from(Problem::new(Code::Timeout)).into_response(),
    }
}
