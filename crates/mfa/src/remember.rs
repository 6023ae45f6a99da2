//! Tokens of remembered devices: each use makes the next one, and one that comes back was stolen.
//!
//! A token is the device's id, a generation and an HMAC over both, a random seed of the device and
//! the account: nothing that is stored makes a token, and an older one proves by its HMAC that it
//! was one, so that nobody raises a false alarm by guessing.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::Secret;
use sqlx::PgConnection;
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    app::App,
    error::Result,
    store::remembered_devices::{self, Device, New},
};

/// How long a device is remembered.
pub const LIFE: Duration = Duration::days(30);
/// How long the token before the last still gets the last one: replies get lost, and two tabs open
/// at once.
pub const GRACE: Duration = Duration::seconds(30);
/// Most devices of one account.
pub const MOST: i64 = 20;

const ID: usize = 16;
const HEAD: usize = ID + 4;

/// What a token turned out to be.
pub enum Verdict {
    /// The right one; the next one is in it.
    Known {
        /// In place of the one that was given.
        token: Secret,
        /// Until when the device is remembered.
        expires_at: OffsetDateTime,
    },
    /// One that was used before.
    Stolen,
    /// None of the account's, or its time is over.
    Unknown,
}

/// Remembers a device: its id, its first token and its end.
pub async fn remember(
    db: &mut PgConnection,
    app: &App,
    account: Uuid,
    label: &str,
    now: OffsetDateTime,
) -> Result<(Uuid, Secret, OffsetDateTime)> {
    let id = Uuid::new_v4();
    let seed: [u8; 32] = rand::random();
    let expires_at = now + LIFE;
    let new = New {
        id,
        account,
        label,
        seed: &seed,
        now,
        expires_at,
    };
    remembered_devices::insert(db, &new, MOST).await?;
    Ok((id, token(app, account, id, &seed, 1), expires_at))
}

/// Judges a token and makes the next one.
pub async fn judge(
    db: &mut PgConnection,
    app: &App,
    account: Uuid,
    given: &str,
    now: OffsetDateTime,
) -> Result<Verdict> {
    let Some((id, generation)) = parse(given) else {
        return Ok(Verdict::Unknown);
    };
    let Some(device) = remembered_devices::lock(db, account, id, now).await? else {
        return Ok(Verdict::Unknown);
    };
    let right = token(app, account, id, &device.seed, generation);
    if !bool::from(right.expose().as_bytes().ct_eq(given.as_bytes())) {
        return Ok(Verdict::Unknown);
    }
    let counts = match device.generation - generation {
        0 => {
            remembered_devices::rotate(db, id, now).await?;
            generation + 1
        }
        1 if now - device.rotated_at <= GRACE => device.generation,
        _ => return Ok(Verdict::Stolen),
    };
    let Device {
        seed, expires_at, ..
    } = device;
    Ok(Verdict::Known {
        token: token(app, account, id, &seed, counts),
        expires_at,
    })
}

fn token(app: &App, account: Uuid, id: Uuid, seed: &[u8], generation: i32) -> Secret {
    let number = generation.to_be_bytes();
    let parts: [&[u8]; 4] = [account.as_bytes(), id.as_bytes(), seed, &number];
    let mac = app.vault.mac("remember token", &parts);
    let whole = [id.as_bytes(), &number[..], &mac].concat();
    URL_SAFE_NO_PAD.encode(whole).into()
}

fn parse(token: &str) -> Option<(Uuid, i32)> {
    let whole = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (head, _) = whole.split_at_checked(HEAD)?;
    let (id, generation) = head.split_at(ID);
    let id = Uuid::from_slice(id).ok()?;
    let generation = i32::from_be_bytes(generation.try_into().ok()?);
    (generation > 0).then_some((id, generation))
}
