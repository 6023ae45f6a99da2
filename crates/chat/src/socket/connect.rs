//! A socket opens and closes.

use std::sync::Arc;

use protocol::{
    Code,
    socket::{Connected, Handshake, server},
};
use rand::RngExt;
use socketioxide::{ParserError, extract::SocketRef, socket::DisconnectReason};
use time::OffsetDateTime;

use super::register;
use crate::{
    app::App,
    caller::Caller,
    error::Masked,
    hub::{Connection, Flow, Signed},
    session,
    store::sessions,
};

/// Lets a socket in: with a good token or cookie, or without any to sign in later. The handlers
/// are registered here, before the client hears that it is connected.
///
/// # Errors
/// The problem's code, which becomes the `message` of the client's `connect_error`.
pub(super) async fn admit(
    app: &App,
    socket: &SocketRef,
    auth: Result<Option<Handshake>, ParserError>,
) -> Result<(), &'static str> {
    let caller = Caller::of(socket.req_parts());
    let refused = |code: Code| {
        tracing::warn!(security = "socket", code = code.as_str(), request_id = %caller.request_id, address = %caller.address, "a socket was refused");
        code.as_str()
    };
    let auth = auth
        .map_err(|_| refused(Code::InvalidPayload))?
        .unwrap_or_default();
    let token = auth.token.as_ref().map(|token| token.expose().to_owned());
    let token = token
        .or_else(|| session::token_of(&socket.req_parts().headers).map(str::to_owned))
        .filter(|token| !token.is_empty());
    let signed = match token {
        None => None,
        Some(token) => match session::find(app, &token, &caller).await {
            Ok(session) => Some(Signed {
                user: session.user_id,
                session: session.session_id,
                device: session.device_id,
                ends_with_socket: false,
            }),
            Err(error) => return Err(refused(error.into_problem().code)),
        },
    };
    let connection = Arc::new(Connection::new(
        socket.id,
        rand::rng().random(),
        (caller, Flow::of(socket.req_parts())),
        signed,
    ));
    register(app, socket, &connection);
    let (app, leaving) = (app.clone(), connection.clone());
    socket.on_disconnect(async move |reason: DisconnectReason| {
        closed(&app, &leaving, reason).await;
    });
    socket
        .extensions
        .insert(Opening(Arc::downgrade(&connection)));
    Ok(())
}

/// Leads from a socket to its connection between `admit` and `opened`.
#[derive(Clone)]
struct Opening(std::sync::Weak<Connection>);

/// The socket is open: it is greeted, and has half a minute (`SIGN_IN_TIMEOUT`) to sign in.
pub(super) fn opened(app: &App, socket: SocketRef) {
    let opening = socket.extensions.remove::<Opening>();
    let Some(connection) = opening.and_then(|opening| opening.0.upgrade()) else {
        let _ = socket.disconnect();
        return;
    };
    if !connection.open(socket) {
        return;
    }
    app.hub.add(&connection);
    let signed = connection.signed();
    connection.emit(
        server::CONNECTED,
        &Connected {
            socket_id: connection.id.to_string(),
            nonce: connection.nonce.to_vec().into(),
            server_time: OffsetDateTime::now_utc().into(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            user_id: signed.map(|signed| signed.user.into()),
        },
    );
    match signed {
        Some(signed) => {
            signed_in(app, &connection, signed);
        }
        None => {
            let waiting = Arc::downgrade(&connection);
            let patience = app.config.sign_in_timeout;
            tokio::spawn(async move {
                tokio::time::sleep(patience).await;
                if let Some(connection) = waiting.upgrade()
                    && connection.signed().is_none()
                {
                    connection.close();
                }
            });
        }
    }
}

/// The socket belongs to a person from now on; `false` when it is gone already.
pub(super) fn signed_in(app: &App, connection: &Arc<Connection>, signed: Signed) -> bool {
    let here = app.hub.sign_in(connection, signed.user);
    if here {
        app.presence.came(signed.user);
    }
    here
}

async fn closed(app: &App, connection: &Connection, reason: DisconnectReason) {
    tracing::debug!(socket = %connection.id, %reason, "a socket closed");
    connection.forget();
    if let Some(user) = app.hub.remove(connection) {
        app.presence.went(user);
    }
    let Some(signed) = connection.signed() else {
        return;
    };
    if let Some(device) = connection.device() {
        app.seen.device(device);
    }
    if signed.ends_with_socket
        && let Err(error) = sessions::remove(&app.pool, signed.user, signed.session).await
    {
        tracing::warn!(error = %Masked(&error), "cannot end the session of a socket");
    }
}
