//! Signing in with a password and a second factor, over HTTP and over a socket.

use protocol::{
    ChallengeId, Code, Problem, Secret,
    mfa::{self, Assertion, Authenticated, Login, MfaRequired, Unfinished, VerifyChallenge, Work},
    rest::account::{Method, PendingFactor},
};

use crate::{
    app::App,
    browser::{Browser, Remembered},
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
    /// The solved puzzle, when one was asked for.
    pub work: Option<Work>,
    /// What tells the browser or program from others.
    pub known_by: Option<String>,
}

/// A proved person: what the MFA service says, read and as it was signed.
pub struct Proved {
    /// What it says.
    pub assertion: Assertion,
    /// To be shown to the service again.
    pub signed: Secret,
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
            work: None,
            known_by: None,
        })
    }
}

/// Signs in. A browser that the account remembers needs no second factor; it keeps the next token.
///
/// # Errors
/// As `POST /api/login` documents them.
pub async fn sign_in(
    app: &App,
    credentials: Credentials,
    browser: Option<&mut Browser>,
    caller: &Caller,
) -> Result<Proved> {
    let identifier = credentials
        .username
        .or(credentials.email)
        .unwrap_or_default();
    let body = Login {
        identifier,
        password: credentials.password,
        client_ip: Some(caller.address),
        purpose: None,
        client_agent: credentials.known_by,
        work: credentials.work,
    };
    let problem = match app.mfa.login(&body, caller).await {
        Ok(authenticated) => return accept(app, authenticated, caller).await,
        Err(Failure::Refused(problem)) => problem,
        Err(down) => return Err(down.into()),
    };
    match (problem.code, credentials.factor) {
        (Code::MfaRequired, factor) => {
            let Some(required) = MfaRequired::of(&problem) else {
                return Err(Failure::Down.into());
            };
            if let Some((method, code)) = factor {
                let answer = answer(method, code, None);
                return verify(app, required.challenge_id, &answer, caller).await;
            }
            match remembered(app, &required, browser, caller).await? {
                Some(proved) => Ok(proved),
                None => Err(Failure::Refused(problem).into()),
            }
        }
        (Code::EmailUnverified | Code::EnrolmentRequired, _) => {
            Err(unfinished(app, &problem).await?)
        }
        _ => {
            failed(app, problem.code, caller);
            Err(Failure::Refused(problem).into())
        }
    }
}

/// Lets a remembered browser in; `None` when it is none, or not any more.
async fn remembered(
    app: &App,
    required: &MfaRequired,
    browser: Option<&mut Browser>,
    caller: &Caller,
) -> Result<Option<Proved>> {
    let account = required.account_id;
    let Some(browser) = browser else {
        return Ok(None);
    };
    let Some(Remembered { browser_id, token }) = browser.remembered_by(account.0) else {
        return Ok(None);
    };
    let answer = app
        .mfa
        .answer_remembered(required.challenge_id, token, caller)
        .await;
    let login = match answer {
        Ok(login) => login,
        Err(Failure::Refused(problem)) => {
            if problem.code == Code::InvalidCode {
                browser.forget(account.0);
                failed(app, problem.code, caller);
            }
            return Ok(None);
        }
        Err(down) => return Err(down.into()),
    };
    let next = Remembered {
        browser_id,
        token: login.remember_token,
    };
    browser.remember(account, &next, login.expires_at);
    let signed = login.authenticated.assertion;
    let assertion = app.mfa.check(&signed, "login", caller).await?;
    if !assertion.amr.iter().any(|method| method == "rmb") {
        tracing::error!("the MFA service let somebody in by something else than was asked");
        return Err(Failure::Down.into());
    }
    Ok(Some(Proved { assertion, signed }))
}

/// Gives the second factor of a login.
///
/// # Errors
/// As `POST /api/login/verify` documents them.
pub async fn verify(
    app: &App,
    challenge: ChallengeId,
    answer: &VerifyChallenge,
    caller: &Caller,
) -> Result<Proved> {
    match app.mfa.verify(challenge, answer, caller).await {
        Ok(authenticated) => accept(app, authenticated, caller).await,
        Err(failure) => Err(noted(app, failure, caller)),
    }
}

/// What a challenge is answered with.
pub fn answer(
    method: Method,
    code: Secret,
    credential: Option<mfa::Credential>,
) -> VerifyChallenge {
    VerifyChallenge {
        method: to_mfa(method),
        code,
        credential,
    }
}

/// Takes the MFA service's word for a login.
///
/// # Errors
/// 503 `mfa-unavailable` when it does not check, or stands for one factor alone.
pub async fn accept(app: &App, authenticated: Authenticated, caller: &Caller) -> Result<Proved> {
    let signed = authenticated.assertion;
    let assertion = app.mfa.check(&signed, "login", caller).await?;
    // Our accounts are made with a factor as condition: one factor alone is a fault over there.
    if assertion.acr != "aal2" {
        tracing::error!("the MFA service let somebody in with one factor");
        return Err(Failure::Down.into());
    }
    Ok(Proved { assertion, signed })
}

/// Spares this browser the code from now on. Somebody who is in is not sent away when that fails.
pub async fn remember(app: &App, proved: &Proved, browser: &mut Browser, caller: &Caller) {
    let account = proved.assertion.sub;
    let label = browser.label();
    match app
        .mfa
        .remember(account, label, &proved.signed, caller)
        .await
    {
        Ok(device) => {
            let remembered = Remembered {
                browser_id: device.device_id.into(),
                token: device.remember_token,
            };
            browser.remember(account, &remembered, device.expires_at);
            app.audit.own("browser-remembered", account.0, caller);
        }
        Err(failure) => {
            tracing::warn!(?failure, request_id = %caller.request_id, "a browser could not be remembered");
        }
    }
}

/// A refused sign-in, noted.
pub fn noted(app: &App, failure: Failure, caller: &Caller) -> Error {
    if let Failure::Refused(problem) = &failure {
        failed(app, problem.code, caller);
    }
    failure.into()
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
