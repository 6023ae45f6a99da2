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
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use protocol::{
    Code, Problem, Secret,
    mfa::{
        Account, ActivateFactor, ActivatedFactor, AnnouncedFactorReset, Assertion, Authenticated,
        Challenge, ChangeAccount, ChangeEmail, ChangePassword, CompletePasswordReset, ConfirmEmail,
        CreateAccount, CreateChallenge, CreatedAccount, FactorKind, Jwk, Jwks, Language, Login,
        Method, PendingFactor, Progress, ProvedPasswordReset, StartPasswordReset,
        StartedEmailChange, StartedPasswordReset, VerifyChallenge, VerifyEmail,
        VerifyPasswordReset,
    },
};
use serde_json::json;
use service::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::mfa_factors::{self, PASSKEY};

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
    /// Password resets: whose, and whether the mail's code was given.
    resets: HashMap<Uuid, (Uuid, bool)>,
    /// When announced resets of factors are due.
    factor_resets: HashMap<Uuid, OffsetDateTime>,
    /// Addresses that wait for their code.
    addresses: HashMap<Uuid, String>,
}

/// An account.
#[derive(Clone)]
pub struct Known {
    email: String,
    username: String,
    name: Option<String>,
    password: String,
    factor: Uuid,
    verified: bool,
    active: bool,
}

/// A challenge.
pub struct Asked {
    /// Whose.
    pub account: Uuid,
    purpose: String,
    context: Option<String>,
}

/// Its routes.
pub fn router(state: Mfa) -> Router {
    mfa_factors::routes()
        .route("/healthcheck", get(async || "ok"))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/v1/accounts", post(create))
        .route("/v1/accounts/{id}", patch(change).get(show).delete(remove))
        .route(
            "/v1/accounts/{id}/factor-reset",
            post(announce_factor_reset).delete(withdraw_factor_reset),
        )
        .route("/v1/accounts/{id}/password", post(change_password))
        .route("/v1/accounts/{id}/email", post(ask_email))
        .route("/v1/accounts/{id}/email/verify", post(confirm_email))
        .route("/v1/password-resets", post(start_reset))
        .route("/v1/password-resets/{id}/verify", post(prove_reset))
        .route("/v1/password-resets/{id}/complete", post(complete_reset))
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

async fn show(State(mfa): State<Mfa>, Path(id): Path<Uuid>) -> Reply<Account> {
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

async fn announce_factor_reset(
    State(mfa): State<Mfa>,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, Json<AnnouncedFactorReset>), service::Problem> {
    let mut stored = mfa.lock();
    if !stored.accounts.contains_key(&id) {
        return Err(Problem::from(Code::NotFound).into());
    }
    let tomorrow = OffsetDateTime::now_utc() + time::Duration::DAY;
    let due_at = *stored.factor_resets.entry(id).or_insert(tomorrow);
    let announced = AnnouncedFactorReset {
        due_at: due_at.into(),
    };
    Ok((StatusCode::ACCEPTED, Json(announced)))
}

async fn withdraw_factor_reset(
    State(mfa): State<Mfa>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, service::Problem> {
    let withdrawn = mfa.lock().factor_resets.remove(&id);
    withdrawn
        .map(|_| StatusCode::NO_CONTENT)
        .ok_or_else(|| Problem::from(Code::NotFound).into())
}

async fn change_password(
    State(mfa): State<Mfa>,
    Path(id): Path<Uuid>,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, service::Problem> {
    let mut stored = mfa.lock();
    let known = stored.accounts.get_mut(&id).unwrap();
    if body.current.unwrap().expose() != known.password {
        return Err(Problem::from(Code::InvalidCredentials).into());
    }
    known.password = body.password.expose().to_owned();
    Ok(StatusCode::NO_CONTENT)
}

async fn ask_email(
    State(mfa): State<Mfa>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(body): Json<ChangeEmail>,
) -> Reply<StartedEmailChange> {
    if !shown(&headers) {
        return refuse(Code::StepUpRequired);
    }
    mfa.lock().addresses.insert(id, body.email);
    Ok(Json(StartedEmailChange {
        email_hint: "n…@example.org".to_owned(),
        expires_at: OffsetDateTime::now_utc().into(),
    }))
}

async fn confirm_email(
    State(mfa): State<Mfa>,
    Path(id): Path<Uuid>,
    Json(body): Json<ConfirmEmail>,
) -> Reply<Account> {
    if body.code.expose() != EMAIL_CODE {
        return refuse(Code::InvalidCode);
    }
    let email = mfa.lock().addresses.remove(&id).unwrap();
    mfa.lock().accounts.get_mut(&id).unwrap().email = email;
    show(State(mfa), Path(id)).await
}

async fn start_reset(
    State(mfa): State<Mfa>,
    Json(body): Json<StartPasswordReset>,
) -> Reply<StartedPasswordReset> {
    let reset = Uuid::now_v7();
    let mut stored = mfa.lock();
    let whose = stored.accounts.iter().find_map(|(id, known)| {
        [&known.username, &known.email]
            .contains(&&body.identifier)
            .then_some(*id)
    });
    if let Some(id) = whose {
        stored.resets.insert(reset, (id, false));
    }
    Ok(Json(StartedPasswordReset {
        reset_id: reset.into(),
        message: "If there is such an account, a code is on its way.".to_owned(),
        expires_at: OffsetDateTime::now_utc().into(),
    }))
}

async fn prove_reset(
    State(mfa): State<Mfa>,
    Path(reset): Path<Uuid>,
    Json(body): Json<VerifyPasswordReset>,
) -> Reply<ProvedPasswordReset> {
    let mut stored = mfa.lock();
    let right = body.code.expose() == EMAIL_CODE;
    let Some(known) = stored.resets.get_mut(&reset).filter(|_| right) else {
        return refuse(Code::InvalidCode);
    };
    known.1 = true;
    let (account, challenge) = (known.0, Uuid::now_v7());
    let asked = Asked {
        account,
        purpose: "password-reset".to_owned(),
        context: None,
    };
    stored.challenges.insert(challenge, asked);
    Ok(Json(ProvedPasswordReset {
        account_id: account.into(),
        challenge_id: Some(challenge.into()),
        methods: vec![Method::Totp],
        expires_at: OffsetDateTime::now_utc().into(),
    }))
}

async fn complete_reset(
    State(mfa): State<Mfa>,
    Path(reset): Path<Uuid>,
    Json(body): Json<CompletePasswordReset>,
) -> Reply<Authenticated> {
    let mut stored = mfa.lock();
    let proved = stored.resets.get(&reset).copied().filter(|known| known.1);
    let (Some((account, _)), Some(_)) = (proved, body.assertion) else {
        return refuse(Code::StepUpRequired);
    };
    stored.resets.remove(&reset);
    stored.accounts.get_mut(&account).unwrap().password = body.password.expose().to_owned();
    Ok(Json(Authenticated {
        account_id: account.into(),
        assertion: assertion(account, "password-reset", None),
        amr: vec!["otp".to_owned()],
        acr: "aal2".to_owned(),
        recovery_codes_left: None,
    }))
}

/// PKCS #8 of the Ed25519 seed 1, 1, 1, … (RFC 8410, section 7).
fn signing_key() -> EncodingKey {
    let head = [
        0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ];
    EncodingKey::from_ed_der(&[&head[..], &[1; 32]].concat())
}

async fn jwks() -> Json<Jwks> {
    let public = e2ee::AccountKey::from_bytes(&[1; 32]).public();
    Json(Jwks {
        keys: vec![Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            alg: "EdDSA".to_owned(),
            usage: "sig".to_owned(),
            kid: "test".to_owned(),
            x: URL_SAFE_NO_PAD.encode(public.as_bytes()),
        }],
    })
}

/// A signed word; `remembered` is a login in a remembered browser.
pub fn assertion(account: Uuid, purpose: &str, context: Option<String>) -> Secret {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let (purpose, second, acr) = match purpose {
        "remembered" => ("login", "rmb", "aal1"),
        "signup" => ("signup", "otp", "aal1"),
        other => (other, "otp", "aal2"),
    };
    let claims = Assertion {
        iss: "https://localhost:8443".to_owned(),
        aud: "chat".to_owned(),
        sub: account.into(),
        amr: vec!["pwd".to_owned(), second.to_owned()],
        acr: acr.to_owned(),
        auth_time: now,
        iat: now,
        exp: now + 60,
        purpose: purpose.to_owned(),
        jti: Uuid::now_v7().to_string(),
        context,
    };
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("assertion+jwt".to_owned());
    header.kid = Some("test".to_owned());
    encode(&header, &claims, &signing_key()).unwrap().into()
}
