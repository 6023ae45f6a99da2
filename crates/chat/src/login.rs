//! Signing in with a password and a second factor, over HTTP and over a socket.

use protocol::{
    ChallengeId, Code, Problem, Secret,
    mfa::{self, Assertion, Authenticated, Login, MfaRequired, Unfinished, VerifyChallenge},
    rest::account::{Method, PendingFactor},
};

use crate::{
    app::App,
    caller::Caller,
    error::{Error, Result},
    mfa::Failure,
    store::enrolments,
    token,
};

/// What somebody signs in with.
pub struct Credentials {
    /// The unique name.
    pub username: Option<String>,
    /// Or the confirmed address.
    pub email: Option<String>,
    /// The password.
    pub password: Secret,
    /// The second factor, when it comes along.
    pub factor: Option<(Method, Secret)>,
}

impl Credentials {
    /// Puts the fields of a request together.
    ///
    /// # Errors
    /// 422 `invalid-body` unless there is one of username and e-mail, and both or neither of
    /// method and code.
    pub fn new(
        (username, email): (Option<String>, Option<String>),
        password: Secret,
        (method, code): (Option<Method>, Option<Secret>),
    ) -> Result<Self> {
        let refuse = |field: &str, message: &str| {
            Err(Problem::new(Code::InvalidBody)
                .field(field, "required", message)
                .into())
        };
        if username.is_some() == email.is_some() {
            return refuse("username", "Give one of username and email.");
        }
        let factor = match (method, code) {
            (Some(method), Some(code)) => Some((method, code)),
            // A code alone is from an authenticator app: what most programs have.
            (None, Some(code)) => Some((Method::Totp, code)),
            (None, None) => None,
            (Some(_), None) => return refuse("code", "Give the code along with the method."),
        };
        Ok(Self {
            username,
            email,
            password,
            factor,
        })
    }
}

/// Signs in.
///
/// # Errors
/// As `POST /api/login` documents them.
pub async fn sign_in(app: &App, credentials: Credentials, caller: &Caller) -> Result<Assertion> {
    let identifier = credentials
        .username
        .or(credentials.email)
        .unwrap_or_default();
    let body = Login {
        identifier,
        password: credentials.password,
        client_ip: Some(caller.address),
        purpose: None,
        client_agent: None,
        work: None,
    };
    let problem = match app.mfa.login(&body, caller).await {
        Ok(authenticated) => return accept(app, &authenticated, caller).await,
        Err(Failure::Refused(problem)) => problem,
        Err(down) => return Err(down.into()),
    };
    match (problem.code, credentials.factor) {
        (Code::MfaRequired, Some((method, code))) => {
            let Some(required) = MfaRequired::of(&problem) else {
                return Err(Failure::Down.into());
            };
            verify(app, required.challenge_id, method, code, caller).await
        }
        (Code::EmailUnverified | Code::EnrolmentRequired, _) => {
            Err(unfinished(app, &problem).await?)
        }
        _ => {
            if problem.code != Code::MfaRequired {
                failed(app, problem.code, caller);
            }
            Err(Failure::Refused(problem).into())
        }
    }
}

/// Gives the second factor of a login.
///
/// # Errors
/// As `POST /api/login/verify` documents them.
pub async fn verify(
    app: &App,
    challenge: ChallengeId,
    method: Method,
    code: Secret,
    caller: &Caller,
) -> Result<Assertion> {
    let body = VerifyChallenge {
        method: to_mfa(method),
        code,
        credential: None,
    };
    match app.mfa.verify(challenge, &body, caller).await {
        Ok(authenticated) => accept(app, &authenticated, caller).await,
        Err(failure) => {
            if let Failure::Refused(problem) = &failure {
                failed(app, problem.code, caller);
            }
            Err(failure.into())
        }
    }
}

async fn accept(app: &App, authenticated: &Authenticated, caller: &Caller) -> Result<Assertion> {
    let assertion = app
        .mfa
        .check(&authenticated.assertion, "login", caller)
        .await?;
    // Our accounts are made with a factor as condition: one factor alone is a fault over there.
    if assertion.acr != "aal2" {
        tracing::error!("the MFA service let somebody in with one factor");
        return Err(Failure::Down.into());
    }
    Ok(assertion)
}

/// Hands an enrolment token to whoever knows the password of an unfinished account.
async fn unfinished(app: &App, problem: &Problem) -> Result<Error> {
    let Some(unfinished) = Unfinished::of(problem) else {
        return Ok(Failure::Down.into());
    };
    let (token, hash) = token::fresh();
    enrolments::add(&app.pool, hash, unfinished.account_id.0).await?;
    let mut answer = Problem::new(problem.code)
        .with("enrolment_token", token)
        .with("email_hint", unfinished.email_hint)
        .with("email_verified", unfinished.email_verified);
    if let Some(factor) = unfinished.factor {
        answer = answer.with("mfa", pending(factor));
    }
    Ok(answer.into())
}

/// A pending factor as our clients know it.
pub fn pending(factor: mfa::PendingFactor) -> PendingFactor {
    PendingFactor {
        factor_id: factor.factor_id,
        otpauth_uri: factor.uri,
        secret: factor.secret,
        qr_svg: factor.qr_svg,
    }
}

/// A method as the MFA service knows it.
pub fn to_mfa(method: Method) -> mfa::Method {
    match method {
        Method::Totp => mfa::Method::Totp,
        Method::Email => mfa::Method::Email,
        Method::Telegram => mfa::Method::Telegram,
        Method::Recovery => mfa::Method::Recovery,
        Method::Passkey => mfa::Method::Passkey,
    }
}

fn failed(app: &App, code: Code, caller: &Caller) {
    app.audit.note("sign-in", None, None, code.as_str(), caller);
    metrics::counter!("chat_logins_failed_total", "code" => code.as_str()).increment(1);
    tracing::warn!(
        security = "login",
        code = code.as_str(),
        request_id = %caller.request_id,
        address = %caller.address,
        "a sign-in was refused"
    );
}
