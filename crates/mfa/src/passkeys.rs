//! Passkeys (WebAuthn level 3): adding, answering a challenge, logging in without a name.
//!
//! Every passkey verifies its user by PIN or biometry. What a browser was asked lies sealed with
//! the challenge, so that another node may finish, and is taken by the first answer. Guesses are
//! not budgeted: there is nothing to guess, and a budget would let others lock the owner out.

use protocol::{
    Code,
    mfa::{Credential, FactorKind, PendingPasskey},
};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{
        AuthenticationResult, DiscoverableAuthentication, DiscoverableKey, Passkey,
        PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
        RegisterPublicKeyCredential, Url, WebauthnError,
    },
};

use crate::{
    answer::CHALLENGE_LIFE,
    app::App,
    client::Client,
    enrolment,
    error::{Error, Result},
    identity::invalid,
    policy::Policy,
    store::{
        accounts::{self, Account},
        factors::{self, Factor},
        passkeys::{self, Use},
    },
    vault::Place,
};

/// What a passkey is called when its owner says nothing.
pub const LABEL: &str = "Passkey";

/// A passkey that answered.
pub struct Answered {
    factor: Uuid,
    account: Account,
    passkey: Passkey,
    result: AuthenticationResult,
}

/// Whether an application can use passkeys: its policy takes them and names a domain.
pub fn takes(policy: &Policy) -> bool {
    policy.takes(FactorKind::Passkey) && policy.rp_id.is_some()
}

/// The domain and the origin that passkeys of a page at this URL have.
pub fn domain_of(url: &str) -> Option<(String, String)> {
    let url = Url::parse(url).ok()?;
    let domain = url.domain()?.to_owned();
    Some((domain, url.origin().ascii_serialization()))
}

/// Adds a pending passkey: what the browser is to create.
pub async fn add(
    db: &mut PgConnection,
    app: &App,
    client: &Client,
    account: &Account,
    label: &str,
    now: OffsetDateTime,
) -> Result<PendingPasskey> {
    let party = relying_party(&client.app.policy)?;
    let known = active(&mut *db, app, account, now).await?;
    let known = known.iter().map(|one| one.cred_id().clone()).collect();
    let name = account.username.as_deref().unwrap_or(&account.email);
    let shown = account.name.as_deref().unwrap_or(name);
    let (options, state) = party
        .start_passkey_registration(account.id, name, shown, Some(known))
        .map_err(ours)?;
    let mut creation_options = serde_json::to_value(options)?;
    // Where there is room for it, it can log in without a name.
    creation_options["publicKey"]["authenticatorSelection"]["residentKey"] = "preferred".into();
    let id = Uuid::now_v7();
    let place = enrolment::secret_place(account.app_id, account.id, id);
    let expires_at = now + CHALLENGE_LIFE;
    let new = factors::New {
        id,
        account: account.id,
        kind: "passkey",
        label,
        secret: &seal(app, place, &state)?,
        parameters: None,
        now,
        expires_at,
    };
    factors::insert(db, &new).await?;
    Ok(PendingPasskey {
        factor_id: id.into(),
        kind: FactorKind::Passkey,
        label: label.to_owned(),
        creation_options,
        expires_at: expires_at.into(),
    })
}

/// The passkey that a browser created for a pending factor.
pub fn created(
    app: &App,
    client: &Client,
    account: &Account,
    factor: &Factor,
    credential: Option<&Credential>,
) -> Result<Passkey> {
    let party = relying_party(&client.app.policy)?;
    let secret = enrolment::open_secret(app, account, factor)?;
    let state: PasskeyRegistration = serde_json::from_slice(&secret)?;
    let credential: RegisterPublicKeyCredential = parse(credential)?;
    party
        .finish_passkey_registration(&credential, &state)
        .map_err(|error| refused(&error))
}

/// Keeps a created passkey. No credential opens two accounts.
pub async fn keep(
    db: &mut PgConnection,
    app: &App,
    account: &Account,
    factor: Uuid,
    passkey: &Passkey,
) -> Result<()> {
    let sealed = seal(
        app,
        enrolment::secret_place(account.app_id, account.id, factor),
        passkey,
    )?;
    let id: &[u8] = passkey.cred_id().as_ref();
    if passkeys::insert(db, factor, account.app_id, id, &sealed).await? {
        return Ok(());
    }
    let message = "This passkey belongs to an account already.";
    Err(invalid("credential", "taken", message).into())
}

/// What a browser is asked for a challenge.
pub async fn request(
    app: &App,
    client: &Client,
    challenge: Uuid,
    account: &Account,
    now: OffsetDateTime,
) -> Result<serde_json::Value> {
    let party = relying_party(&client.app.policy)?;
    let mut db = app.pool.acquire().await?;
    let known = active(&mut db, app, account, now).await?;
    let (options, state) = party.start_passkey_authentication(&known).map_err(ours)?;
    let sealed = seal(app, state_place(account.app_id, challenge), &state)?;
    if !passkeys::keep_state(&mut *db, challenge, &sealed).await? {
        return Err(Code::ChallengeUsed.into());
    }
    Ok(serde_json::to_value(options)?)
}

/// Checks an answer to what a browser was asked for a challenge.
pub async fn answered(
    app: &App,
    client: &Client,
    challenge: Uuid,
    account: &Account,
    credential: Option<&Credential>,
) -> Result<Answered> {
    let party = relying_party(&client.app.policy)?;
    let credential: PublicKeyCredential = parse(credential)?;
    let taken = passkeys::take_state(&app.pool, challenge).await?;
    let sealed = taken.ok_or_else(|| {
        service::Problem::new(Code::InvalidCode)
            .detail("Send the method passkey first: each answer needs a question of its own.")
    })?;
    let state: PasskeyAuthentication = open(app, state_place(account.app_id, challenge), &sealed)?;
    let result = party
        .finish_passkey_authentication(&credential, &state)
        .map_err(|error| refused(&error))?;
    let (found, passkey) = find(app, client, result.cred_id().as_ref()).await?;
    if found.id != account.id {
        return Err(Code::InvalidCode.into());
    }
    Ok(Answered::new(found, passkey, result))
}

/// What a browser is asked when nobody said a name, and the state to keep, sealed.
pub fn request_discoverable(
    app: &App,
    client: &Client,
    login: Uuid,
) -> Result<(serde_json::Value, Vec<u8>)> {
    let party = relying_party(&client.app.policy)?;
    let (mut options, state) = party.start_discoverable_authentication().map_err(ours)?;
    // Whether it is asked at a field's autofill or by a button is the page's choice.
    options.mediation = None;
    let sealed = seal(app, state_place(client.app.id, login), &state)?;
    Ok((serde_json::to_value(options)?, sealed))
}

/// Checks an answer of somebody who said no name.
pub async fn answered_discoverable(
    app: &App,
    client: &Client,
    login: Uuid,
    sealed: &[u8],
    credential: &Credential,
) -> Result<Answered> {
    let party = relying_party(&client.app.policy)?;
    let credential: PublicKeyCredential = parse(Some(credential))?;
    let state: DiscoverableAuthentication = open(app, state_place(client.app.id, login), sealed)?;
    let (user, id) = party
        .identify_discoverable_authentication(&credential)
        .map_err(|error| refused(&error))?;
    let (account, (factor, passkey)) = find(app, client, id).await?;
    if account.id != user {
        return Err(Code::InvalidCode.into());
    }
    let result = party
        .finish_discoverable_authentication_v2(&credential, state, DiscoverableKey::from(&passkey))
        .map_err(|error| refused(&error))?;
    Ok(Answered::new(account, (factor, passkey), result))
}

impl Answered {
    fn new(
        account: Account,
        (factor, mut passkey): (Uuid, Passkey),
        result: AuthenticationResult,
    ) -> Self {
        passkey.update_credential(&result);
        Self {
            factor,
            account,
            passkey,
            result,
        }
    }

    /// Whose passkey it is.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Whether the passkey may be copied between devices of its owner.
    pub fn is_synced(&self) -> bool {
        self.result.backup_eligible()
    }

    /// Notes the use. Refuses when the authenticator counted backwards.
    pub async fn note(&self, db: &mut PgConnection, app: &App, now: OffsetDateTime) -> Result<()> {
        let place = enrolment::secret_place(self.account.app_id, self.account.id, self.factor);
        let used = Use {
            factor: self.factor,
            sign_count: self.result.counter(),
            secret: &seal(app, place, &self.passkey)?,
            now,
        };
        if passkeys::note_use(db, &used).await? {
            Ok(())
        } else {
            Err(copied())
        }
    }
}

fn relying_party(policy: &Policy) -> Result<Webauthn> {
    let Some(rp_id) = policy.rp_id.as_deref().filter(|_| takes(policy)) else {
        let message = "This application takes no passkeys.";
        return Err(invalid("kind", "unsupported", message).into());
    };
    let own = format!("https://{rp_id}");
    let mut origins = policy.origins.iter().map(String::as_str);
    let first = parse_origin(origins.next().unwrap_or(&own))?;
    let mut builder = WebauthnBuilder::new(rp_id, &first).map_err(ours)?;
    for origin in origins {
        builder = builder.append_allowed_origin(&parse_origin(origin)?);
    }
    builder.build().map_err(ours)
}

fn parse_origin(text: &str) -> Result<Url> {
    Url::parse(text).map_err(|error| Error::Internal(error.into()))
}

/// The passkeys of an account's active factors.
async fn active(
    db: &mut PgConnection,
    app: &App,
    account: &Account,
    now: OffsetDateTime,
) -> Result<Vec<Passkey>> {
    let all = factors::list(db, account.id, now).await?;
    all.iter()
        .filter(|factor| factor.kind == "passkey" && factor.activated_at.is_some())
        .map(|factor| open_passkey(app, account, factor.id, &factor.secret))
        .collect()
}

async fn find(app: &App, client: &Client, credential: &[u8]) -> Result<(Account, (Uuid, Passkey))> {
    let found = passkeys::by_credential(&app.pool, client.app.id, credential).await?;
    let found = found.ok_or(Code::InvalidCode)?;
    let account = accounts::by_id(&app.pool, client.app.id, found.account_id).await?;
    let account = account.ok_or(Code::InvalidCode)?;
    let passkey = open_passkey(app, &account, found.factor_id, &found.secret)?;
    Ok((account, (found.factor_id, passkey)))
}

fn open_passkey(app: &App, account: &Account, factor: Uuid, sealed: &[u8]) -> Result<Passkey> {
    open(
        app,
        enrolment::secret_place(account.app_id, account.id, factor),
        sealed,
    )
}

fn seal(app: &App, place: Place, value: &impl Serialize) -> Result<Vec<u8>> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(value)?);
    Ok(app.vault.seal(place, &plain, &mut rand::rng()))
}

fn open<T: DeserializeOwned>(app: &App, place: Place, sealed: &[u8]) -> Result<T> {
    Ok(serde_json::from_slice(&app.vault.open(place, sealed)?)?)
}

const fn state_place(app: Uuid, row: Uuid) -> Place {
    Place {
        app,
        account: Uuid::nil(),
        row,
        column: "passkey_state",
    }
}

fn parse<T: DeserializeOwned>(credential: Option<&Credential>) -> Result<T> {
    let Some(credential) = credential else {
        let message = "Send what the browser returned.";
        return Err(invalid("credential", "required", message).into());
    };
    T::deserialize(&credential.0).map_err(|_| {
        let message = "This is not what a browser returns for a passkey.";
        invalid("credential", "format", message).into()
    })
}

fn refused(error: &WebauthnError) -> Error {
    if matches!(error, WebauthnError::CredentialPossibleCompromise) {
        return copied();
    }
    // The library's words name no secret: what did not fit helps whoever builds the page.
    tracing::debug!(%error, "a passkey was refused");
    service::Problem::new(Code::InvalidCode)
        .detail("The passkey was refused.")
        .into()
}

fn copied() -> Error {
    metrics::counter!("mfa_passkey_copies_total").increment(1);
    service::Problem::new(Code::InvalidCode)
        .detail("This passkey counted backwards: somebody may have copied it. Remove it.")
        .with("reason", "counter")
        .into()
}

fn ours(error: WebauthnError) -> Error {
    Error::Internal(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_domain_and_an_origin_unless_it_is_at_an_address() {
        let of = |url| domain_of(url).map(|(domain, origin)| format!("{domain} {origin}"));
        assert_eq!(
            of("https://chat.example.org/").as_deref(),
            Some("chat.example.org https://chat.example.org")
        );
        assert_eq!(
            of("https://localhost:8443").as_deref(),
            Some("localhost https://localhost:8443")
        );
        assert_eq!(of("https://192.0.2.7"), None);
        assert_eq!(of("chat"), None);
    }
}
