//! `POST /v1/logins`: the first factor.

use axum::extract::State;
use protocol::{
    Code,
    limits::CLIENT_AGENT_MAX,
    mfa::{Authenticated, Login, MfaRequired, Unfinished},
};
use service::{Json, Problem};
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    answer::{CHALLENGE_LIFE, with_members},
    app::App,
    assertion::{Amr, Proof},
    budget::{Budget, Guess},
    client::{Attempt, Client, Scope},
    enrolment,
    error::{Error, Result},
    identity, limits, methods,
    passwords::{self, Place, Verdict},
    sign_in,
    store::{
        accounts::{self, Account},
        challenges::{self, New},
        factors,
    },
    stuffing::Signs,
    words,
};

/// Checks a password; says what is missing then.
#[utoipa::path(
    post,
    path = "/v1/logins",
    operation_id = "login",
    tag = "logins",
    responses((status = 200, body = Authenticated, description = "No second factor is needed.")),
    security(("token" = ["challenges"])),
    extensions(("x-problems" = json!([
        Code::InvalidCredentials, Code::MfaRequired, Code::EmailUnverified,
        Code::EnrolmentRequired, Code::ProofRequired, Code::Locked, Code::QueueFull,
    ]))),
)]
pub async fn handle(
    State(app): State<App>,
    mut client: Client,
    Json(body): Json<Login>,
) -> Result<Json<Authenticated>> {
    client.needs(Scope::Challenges)?;
    client.address = body.client_ip.or(client.address);
    login(&app, &client, &body).await.map(Json)
}

/// A login, for `/v1` and the alias.
pub async fn login(app: &App, client: &Client, body: &Login) -> Result<Authenticated> {
    let purpose = identity::text("purpose", body.purpose.as_deref().unwrap_or("login"), 64)?;
    let now = app.now()?;
    let folded = identity::fold_username(&body.identifier);
    let agent = body
        .client_agent
        .as_deref()
        .map(|agent| identity::text("client_agent", agent, CLIENT_AGENT_MAX))
        .transpose()?;
    // Before the account is looked for and a guess is counted: in a storm of logins, who is sent
    // away loses none.
    let place = app.hasher.place()?;
    let budget = Budget::of_name(app, client, &folded, Guess::Password);
    let account = match attempt(app, (client, place), body, &folded, &budget, now).await {
        Ok(account) => account,
        Err(Error::Problem(problem)) => {
            if problem.code() == Code::Locked {
                let owner = find(app, client, body, &folded, now).await?;
                sign_in::locked_out(app, client, &budget, owner.as_ref(), now).await?;
            }
            let what = Attempt {
                action: "login",
                factor: Some("password"),
                account: None,
            };
            client
                .audit(&app.pool, what, problem.code().as_str(), now)
                .await?;
            return Err(problem.into());
        }
        Err(error) => return Err(error),
    };
    let mut transaction = app.pool.begin().await?;
    budget.forgive(&mut transaction, now).await?;
    transaction.commit().await?;
    let browser = agent.map(|agent| sign_in::browser(app, &account, &agent));
    let outcome = go_on(app, client, &account, &purpose, browser.as_ref(), now).await;
    if let (Ok(_), Some(browser)) = (&outcome, &browser) {
        sign_in::from_browser(app, client, &account, browser, now).await?;
    }
    let result = match &outcome {
        Ok(_) => "ok",
        Err(Error::Problem(problem)) => problem.code().as_str(),
        Err(_) => "error",
    };
    let what = Attempt {
        action: "login",
        factor: Some("password"),
        account: Some(account.id),
    };
    client.audit(&app.pool, what, result, now).await?;
    outcome
}

/// One attempt: what looks like stuffing has to work for it, then it is charged and judged.
async fn attempt(
    app: &App,
    (client, place): (&Client, Place),
    body: &Login,
    folded: &str,
    budget: &Budget,
    now: OffsetDateTime,
) -> Result<Account> {
    let password = passwords::normalise(body.password.expose());
    let signs = Signs::of(app, client, folded, &password, now);
    signs.ensure_worked(app, client, body, now).await?;
    budget.charge(app, now).await?;
    let found = find(app, client, body, folded, now).await?;
    let result = first_factor(app, place, found, password).await;
    if let Err(Error::Problem(_)) = &result {
        signs.failed(app, client, now).await?;
    }
    result
}

/// The account that a name stands for, when it does.
async fn find(
    app: &App,
    client: &Client,
    body: &Login,
    folded: &str,
    now: OffsetDateTime,
) -> Result<Option<Account>> {
    let found = if folded.contains('@') {
        let key = identity::fold_email(&body.identifier);
        accounts::by_email(&app.pool, client.app.id, &key).await?
    } else {
        accounts::by_username(&app.pool, client.app.id, folded).await?
    };
    Ok(found.filter(|account| !account.is_gone(now)))
}

/// The account, when the password is right. Every other case takes as long and looks the same.
async fn first_factor(
    app: &App,
    place: Place,
    found: Option<Account>,
    password: Zeroizing<String>,
) -> Result<Account> {
    // A length that no password has: no need to hash megabytes.
    let fits = password.chars().count() <= protocol::limits::PASSWORD_MAX;
    let hash = found
        .as_ref()
        .and_then(|account| account.password_hash.clone());
    let verdict = app
        .hasher
        .verify(place, password.clone(), hash.filter(|_| fits))
        .await?;
    match (verdict, found) {
        (Verdict::Right, Some(account)) => Ok(account),
        (Verdict::Outdated, Some(account)) => {
            // When too many wait, the next login is as good for it.
            if let Ok(hash) = app.hasher.hash(password).await {
                accounts::set_password(&app.pool, account.id, &hash).await?;
            }
            Ok(account)
        }
        _ => Err(Code::InvalidCredentials.into()),
    }
}

/// What comes after a right password: the rest of the sign-up, a second factor, or nothing.
async fn go_on(
    app: &App,
    client: &Client,
    account: &Account,
    purpose: &str,
    browser: Option<&[u8; 32]>,
    now: OffsetDateTime,
) -> Result<Authenticated> {
    let mut db = app.pool.acquire().await?;
    let open = methods::of(&mut db, &client.app.policy, account, now).await?;
    let has_factor = factors::any_active(&mut *db, account.id).await?;
    let verified = account.email_verified_at.is_some();
    if !verified || account.factor_required && !has_factor {
        let factor = match account.factor_required {
            true => enrolment::pending_factor(&mut db, app, client, account, now).await?,
            false => None,
        };
        let unfinished = Unfinished {
            account_id: account.id.into(),
            email_hint: words::email_hint(&account.email),
            email_verified: verified,
            factor,
        };
        let code = if verified {
            Code::EnrolmentRequired
        } else {
            Code::EmailUnverified
        };
        return Err(with_members(Problem::new(code), &unfinished).into());
    }
    drop(db);
    limits::account(app, client, account.id).await?;
    if has_factor {
        let challenge_id = Uuid::now_v7();
        let new = New {
            id: challenge_id,
            app: client.app.id,
            account: account.id,
            purpose,
            context: None,
            password: true,
            browser: browser.map(<[u8; 32]>::as_slice),
            now,
            expires_at: now + CHALLENGE_LIFE,
        };
        challenges::insert(&app.pool, &new).await?;
        let required = MfaRequired {
            account_id: account.id.into(),
            challenge_id: challenge_id.into(),
            methods: open,
        };
        return Err(with_members(Problem::new(Code::MfaRequired), &required).into());
    }
    let amr = Amr {
        password: true,
        ..Amr::default()
    };
    let proof = Proof {
        audience: &client.app.client_id,
        account: account.id,
        amr,
        purpose,
        context: None,
    };
    Ok(Authenticated {
        account_id: account.id.into(),
        assertion: app.signer.assertion(&proof, now)?,
        amr: amr.names(),
        acr: amr.acr().to_owned(),
        recovery_codes_left: None,
    })
}
