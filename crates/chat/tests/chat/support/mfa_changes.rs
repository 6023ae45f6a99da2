//! The stand-in's passwords and addresses: changed, reset, and factors that are reset after a day.

use std::collections::HashMap;

use axum::{
    Router,
    extract::{Path, State},
    routing::post,
};
use http::{HeaderMap, StatusCode};
use protocol::{
    Code, Problem,
    mfa::{
        Account, AnnouncedFactorReset, Authenticated, ChangeEmail, ChangePassword,
        CompletePasswordReset, ConfirmEmail, Method, ProvedPasswordReset, StartPasswordReset,
        StartedEmailChange, StartedPasswordReset, VerifyPasswordReset,
    },
};
use service::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    mfa::{Asked, EMAIL_CODE, Mfa, Reply, refuse, show, shown},
    mfa_assertions::assertion,
};

/// What the stand-in keeps.
#[derive(Default)]
pub struct Stored {
    /// Password resets: whose, and whether the mail's code was given.
    resets: HashMap<Uuid, (Uuid, bool)>,
    /// When announced resets of factors are due.
    factor_resets: HashMap<Uuid, OffsetDateTime>,
    /// Addresses that wait for their code.
    addresses: HashMap<Uuid, String>,
}

/// Its routes.
pub fn routes() -> Router<Mfa> {
    Router::new()
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
    let due_at = *stored.changes.factor_resets.entry(id).or_insert(tomorrow);
    let announced = AnnouncedFactorReset {
        due_at: due_at.into(),
    };
    Ok((StatusCode::ACCEPTED, Json(announced)))
}

async fn withdraw_factor_reset(
    State(mfa): State<Mfa>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, service::Problem> {
    let withdrawn = mfa.lock().changes.factor_resets.remove(&id);
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
    mfa.lock().changes.addresses.insert(id, body.email);
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
    let email = mfa.lock().changes.addresses.remove(&id).unwrap();
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
        stored.changes.resets.insert(reset, (id, false));
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
    let Some(known) = stored.changes.resets.get_mut(&reset).filter(|_| right) else {
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
    let proved = stored
        .changes
        .resets
        .get(&reset)
        .copied()
        .filter(|known| known.1);
    let (Some((account, _)), Some(_)) = (proved, body.assertion) else {
        return refuse(Code::StepUpRequired);
    };
    stored.changes.resets.remove(&reset);
    stored.accounts.get_mut(&account).unwrap().password = body.password.expose().to_owned();
    Ok(Json(Authenticated {
        account_id: account.into(),
        assertion: assertion(account, "password-reset", None),
        amr: vec!["otp".to_owned()],
        acr: "aal2".to_owned(),
        recovery_codes_left: None,
    }))
}
