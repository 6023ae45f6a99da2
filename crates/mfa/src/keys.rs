//! Keys at work: the vault is checked against a known value, signing keys take turns.

pub mod reseal;

use anyhow::{Context, bail};
use serde::Serialize;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    signing::{KeyPair, SigningKey},
    store::{
        sealed, settings,
        signing_keys::{self, Stored},
    },
    vault::{Place, Vault},
};

/// How long a retired signing key stays published: longer than anything it signed lives.
pub const PUBLISHED: Duration = Duration::hours(1);
/// How long a signing key signs.
pub const SIGNS: Duration = Duration::days(30);
/// How long a new signing key is published before it signs: every node has reloaded by then, and
/// applications that keep the JWKS for its `max-age` have fetched it again.
pub const AHEAD: Duration = Duration::minutes(10);

const KNOWN: &[u8] = b"this SECRET_KEY opens what is stored";
const KNOWN_KEY: &str = "vault check";
const CODES_KEY: &str = "codes key";

/// Refuses a `SECRET_KEY` that cannot open what is stored. At the very first start it is taken as
/// the right one. The key of all HMACs is kept sealed: it stays when the sealing keys change.
pub async fn check_vault(db: &mut PgConnection, vault: &Vault) -> anyhow::Result<()> {
    let first = match settings::load(&mut *db, KNOWN_KEY).await? {
        None => {
            let sealed = vault.seal(own("settings.value"), KNOWN, &mut rand::rng());
            settings::store(&mut *db, KNOWN_KEY, &sealed).await?;
            sealed
        }
        Some(sealed) => {
            let opened = vault.open(own("settings.value"), &sealed);
            if opened.is_ok_and(|opened| **opened == *KNOWN) {
                sealed
            } else {
                bail!(
                    "SECRET_KEY is not the key that this database was sealed with; \
                     start with the former one, or with both, one a line"
                );
            }
        }
    };
    match settings::load(&mut *db, CODES_KEY).await? {
        Some(sealed) => vault.take_codes_key(&vault.open(own(CODES_KEY), &sealed)?),
        None => {
            let codes = vault.codes_key_of(&first)?;
            let sealed = vault.seal(own(CODES_KEY), &*codes, &mut rand::rng());
            settings::store(db, CODES_KEY, &sealed).await?;
            vault.take_codes_key(&*codes)
        }
    }
    .context("the key of codes is broken")
}

/// All published signing keys; makes the first key when there is none, and the next one when the
/// last has signed for long enough. The caller holds the advisory lock of start-up.
pub async fn load_signing(
    db: &mut PgConnection,
    vault: &Vault,
    now: OffsetDateTime,
) -> anyhow::Result<Vec<SigningKey>> {
    let mut stored = signing_keys::list(&mut *db, now - PUBLISHED).await?;
    let begins = match stored.first() {
        None => Some(now),
        Some(newest) if newest.signs_at + SIGNS <= now + AHEAD => Some(now + AHEAD),
        Some(_) => None,
    };
    if let Some(begins) = begins {
        add_signing(&mut *db, vault, begins, now).await?;
        stored = signing_keys::list(db, now - PUBLISHED).await?;
    }
    stored.iter().map(|key| ready(vault, key)).collect()
}

/// Makes the next signing key. The one before is retired when this one begins.
async fn add_signing(
    db: &mut PgConnection,
    vault: &Vault,
    begins: OffsetDateTime,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let pair = KeyPair::generate(&mut rand::rng());
    let place = own("signing_keys.private_key");
    let key = Stored {
        private_key: vault.seal(place, &*pair.seed, &mut rand::rng()),
        public_key: pair.public.to_vec(),
        kid: pair.kid,
        created_at: now,
        signs_at: begins,
        retired_at: None,
    };
    signing_keys::retire(&mut *db, begins).await?;
    signing_keys::insert(db, &key).await?;
    tracing::info!(kid = key.kid, signs_at = %begins, "new signing key");
    Ok(())
}

/// `snug-mfa keys renew`: the next signing key, ahead of its time, or at once: then the former ones
/// are worth nothing any more.
pub async fn renew(
    pool: &PgPool,
    vault: &Vault,
    at_once: bool,
    now: OffsetDateTime,
) -> anyhow::Result<String> {
    let mut transaction = pool.begin().await?;
    let db = &mut *transaction;
    check_vault(db, vault).await?;
    lock(db).await?;
    if at_once {
        signing_keys::delete_all(&mut *db).await?;
    }
    let begins = if at_once { now } else { now + AHEAD };
    add_signing(db, vault, begins, now).await?;
    transaction.commit().await?;
    Ok(match at_once {
        true => "a new key signs; assertions and tokens of the former ones count no more \
                 once every node has reloaded (a minute)\n"
            .to_owned(),
        false => format!(
            "a new key is published and signs in {} minutes\n",
            AHEAD.whole_minutes()
        ),
    })
}

/// One at a time makes keys.
pub async fn lock(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(7305091)")
        .execute(db)
        .await
        .map(drop)
}

fn ready(vault: &Vault, key: &Stored) -> anyhow::Result<SigningKey> {
    let seed = vault.open(own("signing_keys.private_key"), &key.private_key)?;
    let public = key.public_key.as_slice();
    let pair = KeyPair {
        kid: key.kid.clone(),
        public: public.try_into().context("a public key has 32 bytes")?,
        seed: Zeroizing::new(seed.as_slice().try_into().context("a seed has 32 bytes")?),
    };
    SigningKey::new(&pair, key.signs_at)
}

/// What `snug-mfa keys status` tells.
#[derive(Serialize)]
pub struct Status {
    /// Whether `SECRET_KEY` opens the database.
    pub opens: bool,
    /// The keys of `SECRET_KEY`, and those that rows ask for and that it lacks.
    pub sealing: Vec<Sealing>,
    /// The published keys.
    pub signing: Vec<Signing>,
}

/// A key that seals or once sealed.
#[derive(Serialize)]
pub struct Sealing {
    /// Its name.
    pub id: String,
    /// `seals`, `opens` or `missing`.
    pub state: &'static str,
    /// Values that it sealed.
    pub values: i64,
}

/// A key that signs, has signed or will.
#[derive(Serialize)]
pub struct Signing {
    /// Its name.
    pub kid: String,
    /// `next`, `signs` or `retired`.
    pub state: &'static str,
    /// From when on it signs.
    #[serde(with = "time::serde::rfc3339")]
    pub signs_at: OffsetDateTime,
}

/// Looks at all keys.
pub async fn status(pool: &PgPool, vault: &Vault, now: OffsetDateTime) -> anyhow::Result<Status> {
    let known = settings::load(pool, KNOWN_KEY).await?;
    let place = own("settings.value");
    let opens = known.is_none_or(|sealed| vault.open(place, &sealed).is_ok());
    let counts = sealed::count(pool).await?;
    let count = |id: &str| {
        let found = counts.iter().find(|count| count.key == id);
        found.map_or(0, |count| count.values)
    };
    let ring = vault.key_ids();
    let mut sealing: Vec<Sealing> = ring
        .iter()
        .enumerate()
        .map(|(position, id)| Sealing {
            id: id.clone(),
            state: if position == 0 { "seals" } else { "opens" },
            values: count(id),
        })
        .collect();
    let missing = counts.iter().filter(|count| !ring.contains(&count.key));
    sealing.extend(missing.map(|count| Sealing {
        id: count.key.clone(),
        state: "missing",
        values: count.values,
    }));
    let stored = signing_keys::list(pool, now - PUBLISHED).await?;
    let signing = stored
        .into_iter()
        .map(|key| Signing {
            state: match key.retired_at {
                Some(end) if end <= now => "retired",
                _ if key.signs_at > now => "next",
                _ => "signs",
            },
            kid: key.kid,
            signs_at: key.signs_at,
        })
        .collect();
    Ok(Status {
        opens,
        sealing,
        signing,
    })
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fits = match self.opens {
            true => "opens the database",
            false => "DOES NOT OPEN the database",
        };
        writeln!(f, "SECRET_KEY   {fits}")?;
        for key in &self.sealing {
            let Sealing { id, state, values } = key;
            writeln!(f, "sealing key  {id}  {state:<8} {values} values")?;
        }
        for key in &self.signing {
            let Signing {
                kid,
                state,
                signs_at,
            } = key;
            let (date, hour, minute) = (signs_at.date(), signs_at.hour(), signs_at.minute());
            writeln!(
                f,
                "signing key  {kid:<16}  {state:<8} from {date} {hour:02}:{minute:02} UTC"
            )?;
        }
        Ok(())
    }
}

/// Where the service's own secrets are sealed for.
fn own(column: &'static str) -> Place {
    Place {
        app: Uuid::nil(),
        account: Uuid::nil(),
        row: Uuid::nil(),
        column,
    }
}
