//! `snug-mfa keys rotate`: seals everything anew with the first key of `SECRET_KEY`, while the
//! service runs.
//!
//! Row by row, each only if it still is what was read: a value that changed meanwhile was sealed by
//! a running node, and is looked at again in the next round.

use anyhow::{Context, ensure};
use sqlx::PgPool;
use uuid::Uuid;

use super::{CODES_KEY, KNOWN_KEY, check_vault, own};
use crate::{
    enrolment::secret_place,
    idempotency, notify,
    store::{sealed, settings},
    vault::{Place, Vault},
};

/// Rows that are read at once.
const BATCH: i64 = 500;
/// Rounds over all tables: what running nodes sealed with another key since the last one.
const ROUNDS: usize = 5;

/// Seals what other keys sealed. `progress` gets a line now and then; returns how many values were
/// sealed.
pub async fn run(
    pool: &PgPool,
    vault: &Vault,
    mut progress: impl FnMut(String),
) -> anyhow::Result<u64> {
    let mut db = pool.acquire().await?;
    check_vault(&mut db, vault).await?;
    drop(db);
    let mut done = 0;
    for _ in 0..ROUNDS {
        let waiting = waiting(pool, vault).await?;
        if waiting == 0 {
            return Ok(done);
        }
        progress(format!("{waiting} values are sealed with another key"));
        done += own_values(pool, vault).await?;
        done += rows(pool, vault, &mut progress).await?;
    }
    let left = waiting(pool, vault).await?;
    ensure!(
        left == 0,
        "{left} values are still sealed with another key: does every node run with the new \
         SECRET_KEY?"
    );
    Ok(done)
}

async fn waiting(pool: &PgPool, vault: &Vault) -> anyhow::Result<i64> {
    let active = vault.key_id();
    let counts = sealed::count(pool).await?;
    let others = counts.iter().filter(|count| count.key != active);
    Ok(others.map(|count| count.values).sum())
}

/// The service's own: known value and key of codes.
async fn own_values(pool: &PgPool, vault: &Vault) -> anyhow::Result<u64> {
    let mut done = 0;
    for (name, place) in [
        (KNOWN_KEY, own("settings.value")),
        (CODES_KEY, own(CODES_KEY)),
    ] {
        let mut transaction = pool.begin().await?;
        let db = &mut *transaction;
        super::lock(db).await?;
        if let Some(value) = settings::load(&mut *db, name).await?
            && !vault.sealed_it(&value)
        {
            let again = again(vault, place, &value)?;
            settings::store(&mut *db, name, &again).await?;
            done += 1;
        }
        transaction.commit().await?;
    }
    Ok(done)
}

async fn rows(
    pool: &PgPool,
    vault: &Vault,
    progress: &mut impl FnMut(String),
) -> anyhow::Result<u64> {
    let active = vault.active_id();
    let mut done = 0;
    let mut after = Uuid::nil();
    loop {
        let batch = sealed::factors(pool, active, after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = last.id;
        for row in &batch {
            let place = secret_place(row.app_id, row.account_id, row.id);
            let again = again(vault, place, &row.secret).context("factors.secret")?;
            done += sealed::put_factor(pool, row.id, &row.secret, &again).await?;
        }
        progress(format!("factors: {done} done"));
    }
    for row in sealed::outbox(pool, active).await? {
        let place = notify::place(row.app_id, row.id);
        let again = again(vault, place, &row.payload).context("outbox.payload")?;
        done += sealed::put_outbox(pool, row.id, &row.payload, &again).await?;
    }
    for row in sealed::signing_keys(pool, active).await? {
        let place = own("signing_keys.private_key");
        let again = again(vault, place, &row.private_key).context("signing_keys.private_key")?;
        done += sealed::put_signing_key(pool, &row.kid, &row.private_key, &again).await?;
    }
    for row in sealed::idempotency(pool, active).await? {
        let place = idempotency::place(vault, row.app_id, &row.key);
        let again = again(vault, place, &row.reply).context("idempotency.reply")?;
        done += sealed::put_idempotency(pool, row.app_id, &row.key, &row.reply, &again).await?;
    }
    progress(format!("{done} values sealed anew"));
    Ok(done)
}

fn again(vault: &Vault, place: Place, value: &[u8]) -> anyhow::Result<Vec<u8>> {
    let secret = vault.open(place, value)?;
    Ok(vault.seal(place, &secret, &mut rand::rng()))
}
