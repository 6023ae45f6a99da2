//! Answers to challenges: each method's one-time check, in one place for `/v1` and the aliases.

use protocol::{
    Code,
    mfa::{Authenticated, Credential, FactorKind, Method, MfaRequired},
};
use service::Problem;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    app::App,
    assertion::{Amr, Proof},
    budget::{self, Budget, Guess},
    client::{Attempt, Client},
    codes, enrolment,
    error::{Error, Result},
    identity, methods,
    notify::Notice,
    passkeys, sign_in,
    store::{
        accounts::Account,
        challenges::{self, Challenge},
        factors::{self, Factor},
        failures, recovery_codes,
        settlements::{self, Outcome},
    },
    totp,
};

/// How long a challenge can be answered.
pub const CHALLENGE_LIFE: time::Duration = time::Duration::minutes(10);
/// How long a code that was sent is good for.
pub const CODE_LIFE: time::Duration = time::Duration::minutes(10);

/// An answer to one challenge.
pub struct Answer<'a> {
    /// The service.
    pub app: &'a App,
    /// Who asks.
    pub client: &'a Client,
    /// What is answered.
    pub challenge: &'a Challenge,
    /// Whose challenge it is.
    pub account: &'a Account,
    /// Now.
    pub now: OffsetDateTime,
}

/// What was given as an answer: a code, or what the browser returned for a passkey.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The code; empty for a passkey.
    pub code: &'a str,
    /// What the browser returned.
    pub credential: Option<&'a Credential>,
}

/// The HMAC that a code sent for a challenge is stored as.
pub fn code_hash(app: &App, challenge: Uuid, code: &str) -> [u8; 32] {
    app.vault
        .mac("challenge code", &[challenge.as_bytes(), code.as_bytes()])
}

/// The HMAC that a recovery code is stored as.
pub fn recovery_hash(app: &App, account: Uuid, code: &str) -> [u8; 32] {
    app.vault
        .mac("recovery code", &[account.as_bytes(), code.as_bytes()])
}

/// Refuses a challenge that was answered or is over.
pub fn ensure_open(challenge: &Challenge, now: OffsetDateTime) -> Result<()> {
    if challenge.completed_at.is_some() {
        return Err(Code::ChallengeUsed.into());
    }
    if challenge.expires_at <= now {
        return Err(Code::ChallengeExpired.into());
    }
    Ok(())
}

impl Answer<'_> {
    /// Checks what was given and, when it is right, answers the challenge and asserts it. The owner
    /// is told of a lock and of a new browser.
    pub async fn check(&self, method: Method, given: Given<'_>) -> Result<Authenticated> {
        let result = self.judge(method, given).await;
        let (app, client, account) = (self.app, self.client, self.account);
        match &result {
            Ok(_) => {
                if let Some(browser) = &self.challenge.browser {
                    sign_in::from_browser(app, client, account, browser, self.now).await?;
                }
            }
            Err(Error::Problem(problem)) if problem.code() == Code::Locked => {
                let budget = Budget::of_account(app, client, account.id, guess(method));
                sign_in::locked_out(app, client, &budget, Some(account), self.now).await?;
            }
            Err(_) => {}
        }
        result
    }

    async fn judge(&self, method: Method, given: Given<'_>) -> Result<Authenticated> {
        ensure_open(self.challenge, self.now)?;
        if method == Method::Totp {
            // Judged and written down in one go.
            return self.totp(given.code).await;
        }
        let open = self.methods().await?;
        if !open.contains(&method) {
            return Err(not_open(&open));
        }
        let result = match method {
            Method::Email | Method::Telegram => self.sent(method, given.code).await,
            Method::Recovery => self.recovery(given.code).await,
            Method::Passkey => self.passkey(given.credential).await,
            Method::Totp => Err(Code::InvalidCode.into()),
        };
        if let Err(Error::Problem(problem)) = &result {
            let factor = Some(methods::name(method));
            let what = Attempt {
                action: "verify",
                factor,
                account: Some(self.account.id),
            };
            self.client
                .audit(&self.app.pool, what, problem.code().as_str(), self.now)
                .await?;
        }
        result
    }

    async fn totp(&self, code: &str) -> Result<Authenticated> {
        let unix = self.now.unix_timestamp().unsigned_abs();
        let window = self.app.window(self.client);
        let asked = (self.account.id, self.now);
        let all = self.app.reads.factors.ask(asked).await?;
        let active = |factor: &&Factor| factor.activated_at.is_some() && factor.kind == "totp";
        let taken = self.client.app.policy.takes(FactorKind::Totp);
        if !taken || !all.iter().any(|factor| active(&factor)) {
            return Err(not_open(&self.methods().await?));
        }
        let mut period = totp::STEP;
        let mut fitting = None;
        for factor in all.iter().filter(active) {
            let secret = enrolment::open_secret(self.app, self.account, factor)?;
            let parameters = factor.parameters().unwrap_or_default();
            let code = codes::parse_digits(code, parameters.digits).unwrap_or_default();
            if let Some(step) = parameters.matching_step(&secret, &code, unix, window) {
                fitting = Some((factor.id, step));
                period = parameters.period;
            }
        }
        let answer = settlements::Answer {
            app: self.client.app.id,
            account: self.account.id,
            challenge: self.challenge.id,
            fitting,
            address: budget::address_digest(self.app, self.client),
            client: self.client.address.map(|address| address.to_string()),
            request: self.client.request_id().map(str::to_owned),
        };
        let outcome = self.app.settler.ask((answer, self.now)).await?;
        let refused: Error = match outcome {
            Outcome::Accepted => {
                self.count("ok");
                return self.assert(amr(Method::Totp), None);
            }
            Outcome::Wrong => self.refuse(Code::InvalidCode).await?,
            Outcome::CodeUsed => {
                let left = period - unix % period;
                let problem = self.problem(Code::CodeUsed).await?;
                problem
                    .detail(format!(
                        "That code was already used. The next one comes in {left} s."
                    ))
                    .retry_after(left)
                    .into()
            }
            Outcome::ChallengeUsed => Code::ChallengeUsed.into(),
            Outcome::Locked(until) => budget::locked(until, self.now).into(),
            Outcome::Exhausted(until) => budget::exhausted(budget::locked(until, self.now)).into(),
        };
        if let Error::Problem(problem) = &refused {
            self.count(problem.code().as_str());
        }
        Err(refused)
    }

    fn count(&self, result: &str) {
        let attempt = Attempt {
            action: "verify",
            factor: Some(methods::name(Method::Totp)),
            account: Some(self.account.id),
        };
        attempt.count(result);
    }

    async fn sent(&self, method: Method, code: &str) -> Result<Authenticated> {
        let budget = self.charge(guess(method)).await?;
        let code = codes::parse_six_digits(code).unwrap_or_default();
        let hash = code_hash(self.app, self.challenge.id, &code);
        let way = methods::name(method);
        let attempt =
            challenges::attempt_code(&self.app.pool, self.challenge.id, &hash, way).await?;
        match attempt {
            Some(attempt) if attempt.right && attempt.expires_at <= self.now => {
                budget.refund(self.app).await?;
                Err(self.problem(Code::ExpiredCode).await?.into())
            }
            Some(attempt) if attempt.right => {
                let mut transaction = self.app.pool.begin().await?;
                self.complete(&mut transaction, Some(&budget), method)
                    .await?;
                factors::touch_kind(&mut *transaction, self.account.id, way, self.now).await?;
                transaction.commit().await?;
                self.assert(amr(method), None)
            }
            _ => Err(self.refuse(Code::InvalidCode).await?),
        }
    }

    async fn recovery(&self, code: &str) -> Result<Authenticated> {
        let budget = self.charge(Guess::Recovery).await?;
        let code = codes::parse_recovery_code(code).unwrap_or_default();
        let hash = recovery_hash(self.app, self.account.id, &code);
        let mut transaction = self.app.pool.begin().await?;
        let db = &mut *transaction;
        if !recovery_codes::redeem(db, self.account.id, &hash, self.now).await? {
            drop(transaction);
            if recovery_codes::is_used(&self.app.pool, self.account.id, &hash).await? {
                return Err(self.refuse(Code::CodeUsed).await?);
            }
            return Err(self.refuse(Code::InvalidCode).await?);
        }
        let left = recovery_codes::left(&mut *db, self.account.id).await?;
        let notice = Notice::RecoveryCodeUsed { left };
        enrolment::mail(db, self.app, self.client, self.account, notice, self.now).await?;
        self.complete(db, Some(&budget), Method::Recovery).await?;
        // Who has a recovery code owns the account: guesses at its other factors are forgotten.
        failures::clear(&mut *db, self.account.id.as_bytes()).await?;
        transaction.commit().await?;
        self.app.wake.notify_one();
        self.assert(amr(Method::Recovery), Some(left))
    }

    async fn passkey(&self, credential: Option<&Credential>) -> Result<Authenticated> {
        let (app, challenge) = (self.app, self.challenge.id);
        let answered =
            passkeys::answered(app, self.client, challenge, self.account, credential).await?;
        let mut transaction = app.pool.begin().await?;
        let db = &mut *transaction;
        answered.note(db, app, self.now).await?;
        self.complete(db, None, Method::Passkey).await?;
        transaction.commit().await?;
        let amr = Amr {
            passkey: Some(answered.is_synced()),
            ..Amr::default()
        };
        self.assert(amr, None)
    }

    async fn charge(&self, guess: Guess) -> Result<Budget> {
        let budget = Budget::of_account(self.app, self.client, self.account.id, guess);
        budget.charge(self.app, self.now).await?;
        Ok(budget)
    }

    /// Answers the challenge, once; 409 when another request was faster.
    async fn complete(
        &self,
        db: &mut PgConnection,
        budget: Option<&Budget>,
        method: Method,
    ) -> Result<()> {
        if !challenges::complete(db, self.challenge.id, self.now).await? {
            return Err(Code::ChallengeUsed.into());
        }
        if let Some(budget) = budget {
            budget.forgive(db, self.now).await?;
        }
        let factor = Some(methods::name(method));
        let what = Attempt {
            action: "verify",
            factor,
            account: Some(self.account.id),
        };
        self.client.audit(&mut *db, what, "ok", self.now).await
    }

    fn assert(&self, amr: Amr, left: Option<u32>) -> Result<Authenticated> {
        let amr = Amr {
            password: self.challenge.password,
            ..amr
        };
        let proof = Proof {
            audience: &self.client.app.client_id,
            account: self.account.id,
            amr,
            purpose: &self.challenge.purpose,
            context: self.challenge.context.as_deref(),
        };
        Ok(Authenticated {
            account_id: self.account.id.into(),
            assertion: self.app.signer.assertion(&proof, self.now)?,
            amr: amr.names(),
            acr: amr.acr().to_owned(),
            recovery_codes_left: left,
        })
    }

    async fn refuse(&self, code: Code) -> Result<Error> {
        Ok(self.problem(code).await?.into())
    }

    /// A refusal that says how to go on.
    async fn problem(&self, code: Code) -> Result<Problem> {
        let required = MfaRequired {
            account_id: self.account.id.into(),
            challenge_id: self.challenge.id.into(),
            methods: self.methods().await?,
        };
        Ok(with_members(Problem::new(code), &required))
    }

    async fn methods(&self) -> Result<Vec<Method>> {
        let mut db = self.app.pool.acquire().await?;
        methods::of(&mut db, &self.client.app.policy, self.account, self.now).await
    }
}

fn amr(method: Method) -> Amr {
    Amr {
        totp: method == Method::Totp,
        email: method == Method::Email,
        telegram: method == Method::Telegram,
        recovery: method == Method::Recovery,
        ..Amr::default()
    }
}

/// What somebody guesses who answers in a way.
const fn guess(method: Method) -> Guess {
    match method {
        Method::Email => Guess::Sent,
        Method::Telegram => Guess::Telegram,
        Method::Recovery => Guess::Recovery,
        Method::Totp | Method::Passkey => Guess::Totp,
    }
}

/// Adds every member of a value to a problem.
pub fn with_members(problem: Problem, members: &impl serde::Serialize) -> Problem {
    match serde_json::to_value(members) {
        Ok(serde_json::Value::Object(members)) => members
            .iter()
            .fold(problem, |problem, (name, value)| problem.with(name, value)),
        _ => problem,
    }
}

/// The refusal of a method that the account does not have.
fn not_open(open: &[Method]) -> Error {
    let message = format!("Answer with one of: {}.", names(open));
    identity::invalid("method", "not-open", &message).into()
}

fn names(methods: &[Method]) -> String {
    methods
        .iter()
        .map(|method| methods::name(*method))
        .collect::<Vec<_>>()
        .join(", ")
}
