//! Every HTTP route on one page.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, post, put},
};
use protocol::{Code, Problem, limits};
use service::Stack;
use socketioxide::service::SocketIoService;

use crate::{
    app::App,
    gate::{forget_dead_cookies, gate},
    http::{
        admin, archive, attachments, avatar, config, contacts, contacts_block, contacts_remove,
        device_list, devices, email_change, friend_request_answer, friend_request_send,
        friend_requests, health, key_packages, key_packages_claim, keys, login, login_challenge,
        login_verify, logout, me, me_end, me_export, mfa_activate, password, recovery,
        resend_verification, room_commits, room_leave, room_messages, room_tree, rooms, sessions,
        signup, signup_email, step_up, user_devices, user_search, users, verify_email,
    },
};

/// Longest time for an upload.
const UPLOAD: Duration = Duration::from_secs(600);

/// All routes behind the gate and the layers that every server has.
pub fn router(app: App, sockets: SocketIoService<MethodRouter>) -> Router {
    let keys_body = || DefaultBodyLimit::max(limits::KEYS_BODY);
    let commit_body = || DefaultBodyLimit::max(limits::COMMIT);
    let file_body = DefaultBodyLimit::max(limits::ATTACHMENT + limits::ATTACHMENT_FRAMING);
    // A slow line takes its time; a body that stalls is cut by the listener.
    let uploads = Router::new()
        .route("/api/messages/image", post(attachments::store))
        .route("/api/files", post(attachments::store))
        .layer(file_body);
    let routes = Router::new()
        // The server
        .route("/api/health", get(health::health))
        .route("/api/config", get(config::config))
        // Sign-up
        .route("/api/signup", post(signup::signup))
        .route("/register", post(signup::signup))
        .route("/api/signup/email", post(signup_email::signup_email))
        .route("/api/verify-email", post(verify_email::verify_email))
        .route(
            "/api/resend-verification",
            post(resend_verification::resend_verification),
        )
        .route("/api/mfa/activate", post(mfa_activate::mfa_activate))
        // Sessions
        .route("/api/login", post(login::login))
        .route("/login", post(login::login))
        .route(
            "/api/login/challenge",
            post(login_challenge::login_challenge),
        )
        .route("/api/login/verify", post(login_verify::login_verify))
        .route("/api/step-up", post(step_up::step_up))
        .route("/api/logout", post(logout::logout))
        .route(
            "/api/sessions",
            get(sessions::list).delete(sessions::end_others),
        )
        .route("/api/sessions/{id}", delete(sessions::end))
        .route("/api/password/forgot", post(password::forgot))
        .route("/api/password/reset", post(password::reset))
        .route("/api/password/change", post(password::change))
        .route("/api/email/change", post(email_change::ask))
        .route("/api/email/verify", post(email_change::confirm))
        .route(
            "/api/me",
            get(me::me).patch(me::change).delete(me_end::delete),
        )
        .route("/api/me/deactivate", post(me_end::deactivate))
        .route("/api/me/export", get(me_export::export))
        .route(
            "/api/me/avatar",
            put(avatar::replace)
                .delete(avatar::remove)
                .layer(DefaultBodyLimit::max(limits::AVATAR)),
        )
        // Keys and devices
        .route("/api/keys", post(keys::register).layer(keys_body()))
        .route("/register/key", post(keys::register).layer(keys_body()))
        .route("/api/devices/list", put(device_list::replace))
        .route("/api/devices/{id}", delete(devices::revoke))
        .route(
            "/api/key-packages",
            post(key_packages::add).layer(keys_body()),
        )
        .route("/api/key-packages/count", get(key_packages::count))
        .route("/api/key-packages/claim", post(key_packages_claim::claim))
        // What I keep for myself
        .route(
            "/api/archive",
            get(archive::load)
                .post(archive::store)
                .layer(DefaultBodyLimit::max(limits::ARCHIVE_BODY)),
        )
        .route(
            "/api/recovery",
            get(recovery::load)
                .put(recovery::replace)
                .layer(keys_body()),
        )
        // People
        .route("/api/users/search", get(user_search::search))
        .route("/api/users/{id}", get(users::profile))
        .route("/api/users/{id}/avatar/{hash}", get(avatar::show))
        .route("/api/users/{id}/devices", get(user_devices::devices))
        .route("/api/friend-requests/send", post(friend_request_send::send))
        .route(
            "/api/friend-requests/pending",
            get(friend_requests::pending),
        )
        .route(
            "/api/friend-requests/accept",
            post(friend_request_answer::accept),
        )
        .route(
            "/api/friend-requests/reject",
            post(friend_request_answer::reject),
        )
        .route(
            "/api/friend-requests/withdraw",
            post(friend_request_answer::withdraw),
        )
        .route("/api/contacts", get(contacts::list))
        .route("/api/contacts/remove", post(contacts_remove::remove))
        .route("/api/contacts/block", post(contacts_block::block))
        .route("/api/contacts/unblock", post(contacts_block::unblock))
        .route("/api/contacts/blocked", get(contacts_block::list))
        // Rooms
        .route(
            "/api/rooms",
            get(rooms::list).post(rooms::create).layer(commit_body()),
        )
        .route(
            "/api/rooms/{id}/commits",
            post(room_commits::send).layer(commit_body()),
        )
        .route("/api/rooms/{id}/commits/{seq}", get(room_commits::fetch))
        .route(
            "/api/rooms/{id}/messages",
            // Base64 of the largest message and what is around it.
            get(room_messages::load)
                .post(room_messages::send)
                .layer(DefaultBodyLimit::max(limits::MESSAGE * 3 / 2)),
        )
        .route("/api/rooms/{id}/leave", post(room_leave::leave))
        .route("/api/rooms/{id}/tree", get(room_tree::tree))
        .route("/api/rooms/{id}/group-info", get(room_tree::group_info))
        // Looking after accounts
        .route("/api/admin/users", get(admin::list))
        .route(
            "/api/admin/users/{id}",
            get(admin::show).patch(admin::set_role),
        )
        .route("/api/admin/users/{id}/deactivate", post(admin::deactivate))
        .route("/api/admin/users/{id}/activate", post(admin::activate))
        .route(
            "/api/admin/users/{id}/sessions",
            delete(admin::end_sessions),
        )
        .route("/api/admin/audit", get(admin::trail))
        .route("/api/admin/summary", get(admin::summary))
        // Files
        .route(
            "/api/attachments/{id}",
            get(attachments::fetch).delete(attachments::remove),
        )
        // Sockets
        .route_service("/socket.io/", sockets.clone())
        .route_service("/socket.io", sockets)
        .layer(from_fn(quick))
        .merge(uploads)
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
    service::layers(gated, stack)
}

/// Everything but uploads is quick.
async fn quick(request: Request, next: Next) -> Response {
    match tokio::time::timeout(Stack::default().timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => service::Problem::from(Problem::new(Code::Timeout)).into_response(),
    }
}
