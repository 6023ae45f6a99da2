//! Sessions: how a request proves one, how one is opened, and the fresh second factor.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use protocol::{
    Code, Problem, Secret,
    mfa::{Assertion, CreateChallenge},
    rest::account::{SessionReply, Transport},
};
use service::Json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    app::App,
    caller::Caller,
    cookie,
    error::{Error, Result},
    names,
    store::{
        enrolments,
        sessions::{self, Found},
        users::{self, User},
    },
    token::{self, Hash},
};

/// The session cookie. The prefix binds it to this very host and to HTTPS.
pub const COOKIE: &str = "__Host-session";
/// What a step-up's challenge and assertion are for.
pub const STEP_UP: &str = "step-up";
/// How long a second factor counts as fresh.
const FRESH: Duration = Duration::minutes(5);
/// What an assertion that is shown on must still have before it.
const SLACK: Duration = Duration::seconds(20);
const HOUR: i32 = 3_600;
const DAY: i32 = 24 * HOUR;

/// The session of a request: the extractor refuses requests without one.
#[derive(Clone, Debug)]
pub struct Session(pub sessions::Session);

impl std::ops::Deref for Session {
    type Target = sessions::Session;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let token = token_of(&parts.headers).ok_or(Code::Unauthenticated)?;
        let caller = Caller::of(parts);
        find(app, token, &caller).await
    }
}

/// The open session of a token.
///
/// # Errors
/// 401 `session-ended` or, for a token that never was, `unauthenticated`.
pub async fn find(app: &App, token: &str, caller: &Caller) -> Result<Session> {
    match sessions::find(&app.pool, Hash::of(token)).await? {
        Found::Open { session, stale } => {
            if stale {
                let address = caller.address.to_string();
                app.seen.session(session.session_id, address);
            }
            Ok(Session(session))
        }
        Found::Over => Err(Code::SessionEnded.into()),
        Found::Unknown => Err(Code::Unauthenticated.into()),
    }
}

/// The token that a request shows: `Authorization: Bearer` before the cookie.
pub fn token_of(headers: &HeaderMap) -> Option<&str> {
    bearer(headers).or_else(|| cookie(headers))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session cookie's token.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    cookie::all(headers).find_map(|(name, token)| (name == COOKIE).then_some(token))
}

/// Takes the cookie away from the client.
pub fn without_cookie(response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    if let Some(value) = cookie::set(COOKIE, "", 0) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// How a session is to be opened.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// 30 days, a week without use, instead of 12 hours.
    pub remember: bool,
    /// How the client keeps it.
    pub transport: Transport,
}

/// A session that was just opened.
pub struct Opened {
    /// Names it.
    pub session_id: Uuid,
    /// Whose it is.
    pub user: User,
    /// Its token.
    pub token: Secret,
    /// When it ends if it is not used.
    pub unused_until: OffsetDateTime,
    /// When it ends at the latest.
    pub expires_at: OffsetDateTime,
    transport: Transport,
}

/// Opens a session for whom a checked assertion names. The person's row is made now when the
/// account has just become complete.
///
/// # Errors
/// 403 `account-deactivated`.
pub async fn open(app: &App, assertion: &Assertion, wish: Wish, caller: &Caller) -> Result<Opened> {
    let user = person(app, assertion, caller).await?;
    if user.deactivated_at.is_some() {
        return Err(Code::AccountDeactivated.into());
    }
    let (token, hash) = token::fresh();
    let (life, idle) = if wish.remember {
        (30 * DAY, 7 * DAY)
    } else {
        (12 * HOUR, 12 * HOUR)
    };
    let session_id = Uuid::now_v7();
    let address = caller.address.to_string();
    let factor_at = (assertion.acr == "aal2")
        .then(|| OffsetDateTime::from_unix_timestamp(assertion.auth_time).ok())
        .flatten();
    let new = sessions::NewSession {
        session_id,
        user_id: user.user_id,
        token: hash,
        life,
        idle,
        factor_at,
        user_agent: caller.user_agent.as_deref(),
        address: Some(&address),
    };
    sessions::add(&app.pool, new).await?;
    enrolments::remove_of(&app.pool, user.user_id).await?;
    metrics::counter!("chat_sessions_opened_total").increment(1);
    app.audit.own("signed-in", user.user_id, caller);
    let now = OffsetDateTime::now_utc();
    Ok(Opened {
        session_id,
        user,
        token,
        unused_until: now + Duration::seconds(idle.into()),
        expires_at: now + Duration::seconds(life.into()),
        transport: wish.transport,
    })
}

async fn person(app: &App, assertion: &Assertion, caller: &Caller) -> Result<User> {
    let id = assertion.sub.0;
    if let Some(user) = users::find(&app.pool, id).await? {
        return Ok(user);
    }
    let account = app.mfa.account(assertion.sub, caller).await?;
    let username = account
        .username
        .ok_or_else(|| anyhow::anyhow!("account {id} has no username at the MFA service"))?;
    let new = users::NewUser {
        user_id: id,
        look: &names::look(&username),
        username: &username,
        name: account.name.as_deref(),
        email: &account.email,
    };
    users::add(&app.pool, new).await?;
    let user = users::find(&app.pool, id).await?;
    Ok(user.ok_or_else(|| anyhow::anyhow!("user {id} vanished"))?)
}

impl Opened {
    /// The reply that hands the session over: as a cookie, or as a token when that was asked.
    pub fn reply(self, message: &str) -> SessionResponse {
        let seconds = (self.expires_at - OffsetDateTime::now_utc()).whole_seconds();
        let bearer = self.transport == Transport::Bearer;
        let cookie = if bearer {
            None
        } else {
            cookie::set(COOKIE, self.token.expose(), seconds)
        };
        SessionResponse {
            cookie,
            reply: SessionReply {
                message: message.to_owned(),
                user: Some(self.user.into()),
                expires_at: Some(self.unused_until.into()),
                token: bearer.then_some(self.token),
                enrolment_token: None,
                recovery_codes: None,
            },
        }
    }
}

/// 200 of a step of sign-up or of a login, with its cookie.
pub struct SessionResponse {
    cookie: Option<HeaderValue>,
    /// The body.
    pub reply: SessionReply,
}

impl SessionResponse {
    /// A step that opened no session yet.
    pub fn unfinished(message: &str, enrolment_token: Option<Secret>) -> Self {
        let reply = SessionReply {
            message: message.to_owned(),
            user: None,
            expires_at: None,
            token: None,
            enrolment_token,
            recovery_codes: None,
        };
        Self {
            cookie: None,
            reply,
        }
    }
}

impl IntoResponse for SessionResponse {
    fn into_response(self) -> Response {
        let mut response = Json(self.reply).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(cookie) = self.cookie {
            headers.insert(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Lets a request pass whose session saw a second factor in the last five minutes.
///
/// # Errors
/// 403 `step-up-required` with a challenge to answer at `/api/step-up`.
pub async fn require_fresh_factor(app: &App, session: &Session, caller: &Caller) -> Result<()> {
    let now = OffsetDateTime::now_utc();
    if session.factor_at.is_some_and(|at| now - at < FRESH) {
        return Ok(());
    }
    Err(step_up(app, session, caller).await?)
}

/// The MFA service's word for a step-up in the last minutes, to be shown to it again. Unlike for
/// [`require_fresh_factor`] the second factor of the login is not enough.
///
/// # Errors
/// 403 `step-up-required`.
pub async fn assertion_of(app: &App, session: &Session, caller: &Caller) -> Result<Secret> {
    let after = OffsetDateTime::now_utc() - FRESH + SLACK;
    let known = sessions::assertion(&app.pool, session.session_id, after).await?;
    match known {
        Some(assertion) => Ok(assertion.into()),
        None => Err(step_up(app, session, caller).await?),
    }
}

async fn step_up(app: &App, session: &Session, caller: &Caller) -> Result<Error> {
    let wanted = CreateChallenge {
        account_id: session.user_id.into(),
        purpose: STEP_UP.to_owned(),
        context: Some(session.session_id.to_string()),
    };
    let challenge = app.mfa.challenge(&wanted, caller).await?;
    Ok(Problem::new(Code::StepUpRequired)
        .with("challenge_id", challenge.challenge_id)
        .with("methods", challenge.methods)
        .into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn a_bearer_token_comes_before_the_cookie() {
        let both = headers(&[
            ("authorization", "Bearer abc"),
            ("cookie", "x=1; __Host-session=def; __Host-sessionx=no"),
        ]);
        assert_eq!(token_of(&both), Some("abc"));
        assert_eq!(cookie(&both), Some("def"));
        assert_eq!(token_of(&headers(&[("cookie", "session=def")])), None);
        assert_eq!(token_of(&headers(&[("authorization", "Basic abc")])), None);
    }

    proptest! {
        #[test]
        fn no_header_makes_the_parsers_fall_over(bytes in proptest::collection::vec(32..=255_u8, 0..80)) {
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            for name in [header::COOKIE, header::AUTHORIZATION] {
                let headers = HeaderMap::from_iter([(name, value.clone())]);
                let _ = token_of(&headers);
            }
        }
    }
}
