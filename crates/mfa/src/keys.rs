//! Keys at start-up: the vault is checked against a known value, a signing key is there.

use anyhow::{Context, bail};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    assertion::{KeyPair, Signer},
    store::{settings, signing_keys},
    vault::{Place, Vault},
};

/// How long a retired signing key stays published: longer than anything it signed lives.
pub const PUBLISHED: Duration = Duration::hours(1);

const KNOWN: &[u8] = b"this SECRET_KEY opens what is stored";
const KNOWN_KEY: &str = "vault check";

/// Refuses a `SECRET_KEY` that cannot open what is stored. At the very first start it is taken as
/// the right one.
pub async fn check_vault(db: &mut PgConnection, vault: &Vault) -> anyhow::Result<()> {
    let place = own("settings.value");
    match settings::load(&mut *db, KNOWN_KEY).await? {
        None => {
            let sealed = vault.seal(place, KNOWN, &mut rand::rng());
            settings::store(db, KNOWN_KEY, &sealed).await?;
        }
        Some(sealed) => {
            let opened = vault.open(place, &sealed);
            if opened.is_ok_and(|opened| **opened == *KNOWN) {
                return Ok(());
            }
            bail!(
                "SECRET_KEY is not the key that this database was sealed with; \
                 start with the former one"
            );
        }
    }
    Ok(())
}

/// The signer with the stored keys; makes the first key when there is none.
pub async fn load_signer(
    db: &mut PgConnection,
    vault: &Vault,
    issuer: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Signer> {
    let mut stored = signing_keys::list(&mut *db, now - PUBLISHED).await?;
    if stored.first().is_none_or(|key| key.retired_at.is_some()) {
        let pair = KeyPair::generate(&mut rand::rng());
        let key = signing_keys::SigningKey {
            private_key: vault.seal(
                own("signing_keys.private_key"),
                &*pair.seed,
                &mut rand::rng(),
            ),
            public_key: pair.public.to_vec(),
            kid: pair.kid,
            created_at: now,
            retired_at: None,
        };
        signing_keys::insert(&mut *db, &key).await?;
        stored.insert(0, key);
    }
    let (active, others) = stored.split_first().context("there is a signing key")?;
    let seed = vault.open(own("signing_keys.private_key"), &active.private_key)?;
    let pair = KeyPair {
        kid: active.kid.clone(),
        public: active
            .public_key
            .as_slice()
            .try_into()
            .context("a public key has 32 bytes")?,
        seed: Zeroizing::new(seed.as_slice().try_into().context("a seed has 32 bytes")?),
    };
    let others: Vec<_> = others
        .iter()
        .map(|key| (key.kid.clone(), key.public_key.clone()))
        .collect();
    Signer::new(issuer, &pair, &others)
}

/// What `snug-mfa keys status` prints.
pub async fn status(pool: &PgPool, vault: &Vault, now: OffsetDateTime) -> anyhow::Result<String> {
    let sealed = settings::load(pool, KNOWN_KEY).await?;
    let fits = match sealed {
        None => "not used yet",
        Some(sealed) if vault.open(own("settings.value"), &sealed).is_ok() => "opens the database",
        Some(_) => "DOES NOT OPEN the database",
    };
    let mut text = format!("sealing key  {}  {fits}\n", vault.key_id());
    for key in signing_keys::list(pool, now - PUBLISHED).await? {
        let state = if key.retired_at.is_none() {
            "signs"
        } else {
            "retired, still published"
        };
        text.push_str(&format!(
            "signing key  {}  {state}, made {}\n",
            key.kid,
            key.created_at.date()
        ));
    }
    Ok(text)
}

fn own(column: &'static str) -> Place {
    Place {
        app: Uuid::nil(),
        account: Uuid::nil(),
        row: Uuid::nil(),
        column,
    }
}
