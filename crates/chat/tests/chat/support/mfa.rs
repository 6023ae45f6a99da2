//! A stand-in for the MFA service: as much of it as chat asks for, with fixed codes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    extract::{Path, State},
    routing::{get, patch, post},
};
use http::{HeaderMap, StatusCode};
use protocol::{
    Code, Problem,
    mfa::{
        Account, ActivateFactor, ActivatedFactor, Authenticated, Challenge, ChangeAccount,
        CreateAccount, CreateChallenge, CreatedAccount, FactorKind, Language, Login, Method,
        PendingFactor, Progress, VerifyChallenge, VerifyEmail,
    },
};
use serde_json::json;
use service::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    mfa_assertions::{self, assertion},
    mfa_changes,
    mfa_factors::{self, PASSKEY},
};

/// A password that looks like credential stuffing.
pub const STUFFED: &str = "tried everywhere";
/// The code of every mail.
pub const EMAIL_CODE: &str = "111111";
/// The code of every authenticator app.
pub const TOTP_CODE: &str = "222222";

/// Its state.
#[derive(Clone, Default)]
pub struct Mfa(Arc<Mutex<Stored>>);

/// What it keeps.
#[derive(Default)]
pub struct Stored {
    /// By id.
    pub accounts: HashMap<Uuid, Known>,
    /// That wait for an answer.
    pub challenges: HashMap<Uuid, Asked>,
    /// What the browsers of logins were known by.
    pub agents: Vec<Option<String>>,
    /// Factors and remembered browsers.
    pub more: mfa_factors::Stored,
    /// Changes and resets that are under way.
    pub changes: mfa_changes::Stored,
}

/// An account.
#[derive(Clone)]
pub struct Known {
    /// The address.
    pub email: String,
    /// The unique name.
    pub username: String,
    name: Option<String>,
    /// The password.
    pub password: String,
    factor: Uuid,
    verified: bool,
    active: bool,
}

/// A challenge.
pub struct Asked {
    /// Whose.
    pub account: Uuid,
    /// What for.
    pub purpose: String,
    /// What it is bound to.
    pub context: Option<String>,
}

/// Its routes.
pub fn router(state: Mfa) -> Router {
    mfa_factors::routes()
        .merge(mfa_changes::routes())
        .route("/healthcheck", get(async || "ok"))
        .route("/.well-known/jwks.json", get(mfa_assertions::jwks))
        .route("/v1/accounts", post(create))
        .route("/v1/accounts/{id}", patch(change).get(show).delete(remove))
        .route(
            "/v1/accounts/{id}/factors/{factor}/activate",
            post(activate),
        )
        .route("/v1/email-verifications", post(verify_email))
        .route(
            "/v1/email-verifications/resend",
            post(async || (StatusCode::ACCEPTED, Json(json!({"message": "ok"})))),
        )
        .route("/v1/logins", post(login))
        .route("/v1/challenges", post(challenge))
        .route("/v1/challenges/{id}/verify", post(verify))
        .with_state(state)
}

/// What handlers return.
pub type Reply<T> = Result<Json<T>, service::Problem>;

/// Refuses.
pub fn refuse<T>(problem: impl Into<Problem>) -> Reply<T> {
    Err(problem.into().into())
}

impl Mfa {
    /// What it keeps, while nobody else looks.
    pub fn lock(&self) -> MutexGuard<'_, Stored> {
        self.0.lock().unwrap()
    }
}

async fn create(State(mfa): State<Mfa>, Json(body): Json<CreateAccount>) -> Reply<CreatedAccount> {
    let username = body.username.unwrap();
    if mfa
        .lock()
        .accounts
        .values()
        .any(|known| known.username == username)
    {
        return refuse(Code::UsernameTaken);
    }
    let password = body.password.unwrap().expose().to_owned();
    if password.len() < 8 {
        let weak = Problem::new(Code::InvalidBody);
        return refuse(weak.field("password", "too-short", "Use at least 8 characters."));
    }
    let (id, factor) = (Uuid::now_v7(), Uuid::now_v7());
    let known = Known {
        email: body.email,
        username,
        name: body.name,
        password,
        factor,
        verified: false,
        active: false,
    };
    let pending = pending(&known);
    mfa.lock().accounts.insert(id, known);
    Ok(Json(CreatedAccount {
        account_id: id.into(),
        email_hint: "a…@example.org".to_owned(),
        expires_at: OffsetDateTime::now_utc().into(),
        factor: Some(pending),
    }))
}

fn pending(known: &Known) -> PendingFactor {
    PendingFactor {
        factor_id: known.factor.into(),
        kind: FactorKind::Totp,
        label: "app".to_owned(),
        uri: "otpauth://totp/x".into(),
        secret: "ABC".into(),
        qr_svg: "<svg/>".into(),
        expires_at: OffsetDateTime::now_utc().into(),
    }
}

async fn change(
    State(mfa): State<Mfa>,
    Path(id): Path<Uuid>,
    Json(body): Json<ChangeAccount>,
) -> Reply<Account> {
    if let Some(known) = mfa.lock().accounts.get_mut(&id) {
        known.email = body.email.unwrap_or(known.email.clone());
    }
    show(State(mfa), Path(id)).await
}

/// An account as it stands.
pub async fn show(State(mfa): State<Mfa>, Path(id): Path<Uuid>) -> Reply<Account> {
    let Some(known) = mfa.lock().accounts.get(&id).cloned() else {
        return refuse(Code::NotFound);
    };
    Ok(Json(Account {
        account_id: id.into(),
        email: known.email,
        email_verified: known.verified,
        username: Some(known.username),
        name: known.name,
        language: Language::En,
        complete: known.verified && known.active,
        created_at: OffsetDateTime::now_utc().into(),
        expires_at: None,
    }))
}

async fn verify_email(State(mfa): State<Mfa>, Json(body): Json<VerifyEmail>) -> Reply<Progress> {
    let found = mfa.lock().accounts.iter().find_map(|(id, known)| {
        let named = body.account_id.is_some_and(|wanted| wanted.0 == *id);
        (named || body.email.as_ref() == Some(&known.email)).then_some(*id)
    });
    let right = body.code.expose() == EMAIL_CODE;
    let Some(id) = found.filter(|_| right) else {
        return refuse(Code::InvalidCode);
    };
    mfa.lock().accounts.get_mut(&id).unwrap().verified = true;
    Ok(Json(progress(&mfa, id)))
}

async fn activate(
    State(mfa): State<Mfa>,
    Path((id, which)): Path<(Uuid, Uuid)>,
    Json(body): Json<ActivateFactor>,
) -> Reply<ActivatedFactor> {
    let created = body.credential.is_some_and(|given| given.0 == PASSKEY);
    if body.code.expose() != TOTP_CODE && !created {
        return refuse(Problem::new(Code::InvalidCode).with("reason", "clock-drift"));
    }
    let first = mfa.lock().accounts[&id].factor == which;
    if !first {
        mfa_factors::activated(&mfa, which);
        return Ok(Json(ActivatedFactor {
            factor_id: which.into(),
            recovery_codes: Vec::new(),
            progress: Progress {
                assertion: None,
                ..progress(&mfa, id)
            },
        }));
    }
    mfa.lock().accounts.get_mut(&id).unwrap().active = true;
    Ok(Json(ActivatedFactor {
        factor_id: which.into(),
        recovery_codes: vec!["one".into(), "two".into()],
        progress: progress(&mfa, id),
    }))
}

fn progress(mfa: &Mfa, id: Uuid) -> Progress {
    let known = mfa.lock().accounts[&id].clone();
    let complete = known.verified && known.active;
    let assertion = complete.then(|| assertion(id, "signup", None));
    Progress {
        account_id: id.into(),
        complete,
        assertion,
    }
}

async fn login(State(mfa): State<Mfa>, Json(body): Json<Login>) -> Reply<Authenticated> {
    mfa.lock().agents.push(body.client_agent.clone());
    if body.password.expose() == STUFFED
        && body.work.as_ref().map(|work| &*work.solution) != Some("42")
    {
        let puzzle = json!({"nonce": "n", "bits": 1, "expires_at": "2030-01-01T00:00:00Z"});
        return refuse(Problem::new(Code::ProofRequired).with("puzzle", puzzle));
    }
    let found = mfa.lock().accounts.iter().find_map(|(id, known)| {
        let named = [&known.username, &known.email].contains(&&body.identifier);
        (named && known.password == body.password.expose()).then(|| (*id, known.clone()))
    });
    let Some((id, known)) = found else {
        return refuse(Code::InvalidCredentials);
    };
    if !known.verified || !known.active {
        let code = if known.verified {
            Code::EnrolmentRequired
        } else {
            Code::EmailUnverified
        };
        return refuse(
            Problem::new(code)
                .with("account_id", id)
                .with("email_hint", "a…@example.org")
                .with("email_verified", known.verified)
                .with("factor", pending(&known)),
        );
    }
    let challenge = Uuid::now_v7();
    let asked = Asked {
        account: id,
        purpose: "login".to_owned(),
        context: None,
    };
    mfa.lock().challenges.insert(challenge, asked);
    refuse(
        Problem::new(Code::MfaRequired)
            .with("account_id", id)
            .with("challenge_id", challenge)
            .with("methods", [Method::Totp, Method::Recovery]),
    )
}

async fn challenge(State(mfa): State<Mfa>, Json(body): Json<CreateChallenge>) -> Reply<Challenge> {
    let challenge = Uuid::now_v7();
    let asked = Asked {
        account: body.account_id.0,
        purpose: body.purpose,
        context: body.context,
    };
    mfa.lock().challenges.insert(challenge, asked);
    Ok(Json(Challenge {
        challenge_id: challenge.into(),
        methods: vec![Method::Totp],
        expires_at: OffsetDateTime::now_utc().into(),
    }))
}

async fn verify(
    State(mfa): State<Mfa>,
    Path(challenge): Path<Uuid>,
    Json(body): Json<VerifyChallenge>,
) -> Reply<Authenticated> {
    let by_passkey = body.credential.is_some_and(|given| given.0 == PASSKEY);
    if body.code.expose() != TOTP_CODE && !by_passkey {
        let methods = [Method::Totp, Method::Recovery];
        let wrong = Problem::new(Code::InvalidCode);
        return refuse(
            wrong
                .with("challenge_id", challenge)
                .with("methods", methods),
        );
    }
    let Some(asked) = mfa.lock().challenges.remove(&challenge) else {
        return refuse(Code::ChallengeUsed);
    };
    Ok(Json(Authenticated {
        account_id: asked.account.into(),
        assertion: assertion(asked.account, &asked.purpose, asked.context),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        acr: "aal2".to_owned(),
        recovery_codes_left: None,
    }))
}

/// Whether an assertion came along.
pub fn shown(headers: &HeaderMap) -> bool {
    headers.contains_key("x-assertion")
}

/// Chat has the scope `admin`: no assertion is needed.
async fn remove(
    State(mfa): State<Mfa>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, service::Problem> {
    let gone = mfa.lock().accounts.remove(&id);
    gone.map(|_| StatusCode::NO_CONTENT)
        .ok_or_else(|| Problem::from(Code::NotFound).into())
}
