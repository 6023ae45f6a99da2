//! `snug-chat admin invitations`: the first people of a server where `SIGNUP=invite` have nobody
//! inside to invite them.

use std::io::Write;

use anyhow::{anyhow, bail};
use clap::Subcommand;
use protocol::{
    limits,
    rest::admin::{Invitation, NewInvitation},
};
use sqlx::PgPool;
use uuid::Uuid;

use super::Output;
use crate::{invitation, store::invitations};

/// What can be done to invitations.
#[derive(Clone, Debug, Subcommand)]
pub enum Invitations {
    /// The newest
    List {
        /// How it is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Make one; its code is shown once
    Create {
        /// How many people it lets in
        #[arg(long, default_value_t = 1)]
        uses: u32,
        /// For how many days
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// Whom it is for
        #[arg(long, default_value = "")]
        note: String,
        /// How it is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Take one back
    Revoke {
        /// Its id, as the list shows it
        id: Uuid,
    },
}

pub(super) async fn act(
    pool: &PgPool,
    public_url: &str,
    out: &mut impl Write,
    command: Invitations,
) -> anyhow::Result<()> {
    match command {
        Invitations::List { output } => {
            for one in invitations::list(pool, limits::ADMIN_PAGE as i64).await? {
                print(out, &one, output)?;
            }
        }
        Invitations::Create {
            uses,
            days,
            note,
            output,
        } => {
            let wanted = NewInvitation { uses, days, note };
            let created = invitation::create(pool, public_url, wanted, None).await;
            let created = created.map_err(|error| {
                let problem = error.into_problem();
                let wrong = problem.errors.first();
                anyhow!(wrong.map_or(problem.detail.clone(), |one| {
                    format!("{}: {}", one.field, one.message)
                }))
            })?;
            if output.json {
                writeln!(out, "{}", serde_json::to_string(&created)?)?;
            } else {
                writeln!(out, "{}", created.code.expose())?;
                writeln!(out, "{}", created.url.expose())?;
            }
            super::note_server(pool, "invitation-created").await?;
        }
        Invitations::Revoke { id } => {
            if !invitations::remove(pool, id).await? {
                bail!("there is no invitation {id}");
            }
            super::note_server(pool, "invitation-revoked").await?;
        }
    }
    Ok(())
}

fn print(out: &mut impl Write, one: &Invitation, output: Output) -> anyhow::Result<()> {
    if output.json {
        writeln!(out, "{}", serde_json::to_string(one)?)?;
        return Ok(());
    }
    let until = serde_json::to_value(one.expires_at)?;
    writeln!(
        out,
        "{} {:>4} of {:>4} used, until {}  {}",
        one.invitation_id,
        one.used,
        one.uses,
        until.as_str().unwrap_or_default(),
        one.note
    )?;
    Ok(())
}
