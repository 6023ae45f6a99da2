//! `authenticate`: signs the socket in with a password and a second factor.

use std::sync::Arc;

use protocol::{
    Code, Problem,
    rest::account::Transport,
    socket::{AuthError, AuthSuccess, Authenticate, server},
};

use super::connect::signed_in;
use crate::{
    app::App,
    browser,
    error::Result,
    hub::{Connection, Signed},
    login::{self, Credentials},
    session::{self, Wish},
    store::sessions,
};

/// Acknowledged, and told as `auth_success` or `auth_error` as well. The session ends with the
/// socket unless its token was asked for.
pub(super) async fn authenticate(
    app: App,
    connection: Arc<Connection>,
    payload: Authenticate,
) -> Result<AuthSuccess> {
    match sign_in(&app, &connection, payload).await {
        Ok(success) => {
            connection.emit(server::AUTH_SUCCESS, &success);
            Ok(success)
        }
        Err(error) => {
            let problem = error.into_problem();
            let told = AuthError { error: problem };
            connection.emit(server::AUTH_ERROR, &told);
            Err(told.error.into())
        }
    }
}

async fn sign_in(
    app: &App,
    connection: &Arc<Connection>,
    payload: Authenticate,
) -> Result<AuthSuccess> {
    if connection.signed().is_some() {
        return Err(Problem::new(Code::Forbidden)
            .detail("This socket is signed in.")
            .into());
    }
    let factor = (payload.method, payload.code);
    let mut credentials =
        Credentials::new((payload.username, payload.email), payload.password, factor)?;
    let caller = &connection.caller;
    credentials.work = payload.work;
    credentials.known_by = browser::program(caller.user_agent.as_deref());
    let assertion = login::sign_in(app, credentials, None, caller)
        .await?
        .assertion;
    let wish = Wish {
        remember: false,
        transport: payload.transport,
    };
    let opened = session::open(app, &assertion, wish, caller).await?;
    let bearer = payload.transport == Transport::Bearer;
    let signed = Signed {
        user: opened.user.user_id,
        session: opened.session_id,
        device: None,
        ends_with_socket: !bearer,
    };
    connection.sign_in(signed);
    if !signed_in(app, connection, signed) && !bearer {
        // Closed meanwhile: nobody will end the session with it.
        sessions::remove(&app.pool, signed.user, signed.session).await?;
    }
    Ok(AuthSuccess {
        message: "You are signed in.".to_owned(),
        user: opened.user.into(),
        expires_at: bearer.then(|| opened.unused_until.into()),
        token: bearer.then_some(opened.token),
    })
}
