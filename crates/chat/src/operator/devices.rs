//! `snug-chat admin devices`: what an operator does about a device that was reported as lost or
//! taken over, when its owner cannot.

use std::io::Write;

use anyhow::bail;
use clap::Subcommand;
use protocol::{rest::keys::Device, socket::ContactChange};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Output, named, note};
use crate::{
    cluster::Notice,
    revocation,
    store::{devices, members, nodes, sessions},
};

/// What can be done to devices.
#[derive(Clone, Debug, Subcommand)]
pub enum Devices {
    /// Those of somebody that are in use
    List {
        /// Whose
        username: String,
        /// How it is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Shut out one that was reported; its owner still has to sign a list without it
    Revoke {
        /// Whose
        username: String,
        /// Its id, as the list shows it
        device: Uuid,
    },
}

pub(super) async fn act(
    pool: &PgPool,
    out: &mut impl Write,
    command: Devices,
) -> anyhow::Result<()> {
    match command {
        Devices::List { username, output } => {
            let user = named(pool, &username).await?;
            for one in devices::list(pool, user, true).await? {
                print(out, &one, output)?;
            }
            Ok(())
        }
        Devices::Revoke { username, device } => {
            let user = named(pool, &username).await?;
            if !revoke(pool, user, device).await? {
                bail!("{username} has no device {device} that is in use");
            }
            note(pool, "device-revoked", user).await
        }
    }
}

/// As a running server does it, and tells those that run; `false` when there is no such device.
async fn revoke(pool: &PgPool, user: Uuid, device: Uuid) -> anyhow::Result<bool> {
    let mut db = pool.begin().await?;
    let revoked = devices::revoke(&mut db, user, &[device]).await?;
    if revoked.is_empty() {
        return Ok(false);
    }
    devices::report(&mut *db, device).await?;
    revocation::announce(&mut *db, user, device).await?;
    // Of these the database tells by itself.
    sessions::remove_of_device(&mut *db, device, Uuid::nil()).await?;
    let mut notices = vec![
        Notice::Revoked { device },
        Notice::Contact {
            user,
            change: ContactChange::Keys,
        },
    ];
    let rooms = members::rooms_with_removals(&mut *db, device).await?;
    notices.extend(rooms.into_iter().map(|room| Notice::Removals { room }));
    let told: Result<Vec<String>, _> = notices.into_iter().map(Notice::by_nobody).collect();
    nodes::notify(&mut *db, &told?).await?;
    db.commit().await?;
    Ok(true)
}

fn print(out: &mut impl Write, one: &Device, output: Output) -> anyhow::Result<()> {
    if output.json {
        writeln!(out, "{}", serde_json::to_string(one)?)?;
        return Ok(());
    }
    let seen = one.last_seen.map(serde_json::to_value).transpose()?;
    let made = serde_json::to_value(one.created_at)?;
    writeln!(
        out,
        "{} since {}, last seen {}  {}",
        one.device_id,
        made.as_str().unwrap_or_default(),
        seen.as_ref().and_then(|at| at.as_str()).unwrap_or("never"),
        one.name.as_deref().unwrap_or_default()
    )?;
    Ok(())
}
