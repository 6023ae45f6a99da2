//! `snug-chat admin …`: an operator's commands, straight on the database. Sockets of running servers
//! close at once: the database tells them.

mod devices;
mod invitations;

use std::io::Write;

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use protocol::rest::{
    admin::{Account, AuditEntry},
    me::Role,
};
use sqlx::PgPool;
use uuid::Uuid;

pub use self::{devices::Devices, invitations::Invitations};
use crate::{
    caller::Caller,
    config::Config,
    database::{self, Trust},
    mfa::Mfa,
    store::{
        accounts, admin,
        audit::{self, Entry, Filter},
        leaving, marks, rooms, sessions,
    },
};

/// What an operator can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Admin {
    /// Look after accounts
    #[command(subcommand)]
    Users(Users),
    /// See to devices that were reported
    #[command(subcommand)]
    Devices(Devices),
    /// Let people sign up where SIGNUP=invite
    #[command(subcommand)]
    Invitations(Invitations),
    /// What happened that matters for security, the newest first
    Audit {
        /// Only what concerns this person
        #[arg(long, value_name = "USERNAME")]
        user: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// How it is printed.
        #[command(flatten)]
        output: Output,
    },
}

/// How something is printed.
#[derive(Clone, Copy, Debug, Args)]
pub struct Output {
    /// For programs: one JSON value a line
    #[arg(long)]
    json: bool,
}

/// What can be done to accounts.
#[derive(Clone, Debug, Subcommand)]
pub enum Users {
    /// All, by username
    List {
        /// Only usernames that begin so
        #[arg(default_value = "")]
        beginning: String,
        /// How it is printed.
        #[command(flatten)]
        output: Output,
    },
    /// One
    Show {
        /// Whose
        username: String,
        /// How it is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Say what somebody may do
    Role {
        /// Who
        username: String,
        /// What
        role: RoleName,
    },
    /// Switch an account off
    Deactivate {
        /// Whose
        username: String,
    },
    /// Switch an account on again
    Activate {
        /// Whose
        username: String,
    },
    /// Remove an account for good, here and at the MFA service
    Delete {
        /// Whose
        username: String,
        /// Do it
        #[arg(long)]
        yes: bool,
    },
    /// End all sessions of somebody
    Sessions {
        /// Whose
        username: String,
    },
}

/// A role, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleName {
    /// Chat
    Member,
    /// Look after accounts
    Moderator,
    /// Everything
    Admin,
}

/// Runs a command; what it tells goes to `out`.
///
/// # Errors
/// When there is nobody of that name or the database fails.
pub async fn run(config: &Config, command: Admin, mut out: impl Write) -> anyhow::Result<()> {
    let pool = database::connect(config, &Trust::default()).await?;
    match command {
        Admin::Users(users) => act(config, &pool, &mut out, users).await,
        Admin::Devices(command) => devices::act(&pool, &mut out, command).await,
        Admin::Invitations(command) => {
            invitations::act(&pool, &config.public_url, &mut out, command).await
        }
        Admin::Audit {
            user,
            limit,
            output,
        } => {
            let subject = match user {
                Some(name) => Some(named(&pool, &name).await?),
                None => None,
            };
            let filter = Filter {
                subject,
                limit: limit.into(),
                ..Filter::default()
            };
            for entry in audit::list(&pool, &filter).await? {
                print_entry(&mut out, &entry, output)?;
            }
            Ok(())
        }
    }
}

async fn act(
    config: &Config,
    pool: &PgPool,
    out: &mut impl Write,
    users: Users,
) -> anyhow::Result<()> {
    match users {
        Users::List { beginning, output } => {
            let mut after = String::new();
            loop {
                let page = admin::list(pool, &beginning.to_lowercase(), &after, 500).await?;
                for account in &page {
                    print(out, account, output)?;
                }
                let Some(last) = page.last() else {
                    return Ok(());
                };
                after.clone_from(&last.username);
            }
        }
        Users::Show { username, output } => {
            let user = named(pool, &username).await?;
            let account = admin::find(pool, user).await?.context("gone meanwhile")?;
            print(out, &account, output)
        }
        Users::Role { username, role } => {
            let user = named(pool, &username).await?;
            let role = match role {
                RoleName::Member => Role::Member,
                RoleName::Moderator => Role::Moderator,
                RoleName::Admin => Role::Admin,
            };
            if !admin::set_role(pool, user, role).await? {
                bail!("{username} is the only admin: make somebody else one first");
            }
            note(pool, "role-changed", user).await
        }
        Users::Deactivate { username } => {
            let user = named(pool, &username).await?;
            switch_off(pool, user).await?;
            note(pool, "account-deactivated", user).await
        }
        Users::Activate { username } => {
            let user = named(pool, &username).await?;
            if !accounts::activate(pool, user).await? {
                bail!("{username} is not switched off");
            }
            note(pool, "account-activated", user).await
        }
        Users::Delete { username, yes } => {
            let user = named(pool, &username).await?;
            if !yes {
                bail!("this cannot be undone; say --yes to remove {username} for good");
            }
            switch_off(pool, user).await?;
            let mut db = pool.begin().await?;
            accounts::erase(&mut db, user).await?;
            db.commit().await?;
            note(pool, "account-deleted", user).await?;
            // What does not work now the running server does, as soon as the service answers.
            let mfa = Mfa::new(config)?;
            match mfa.delete(user.into(), None, &Caller::server()).await {
                Ok(()) => accounts::erased(pool, user).await?,
                Err(_) => writeln!(
                    out,
                    "{username} is gone here. The MFA service does not answer; the chat server asks \
                     it again until it has removed the account too."
                )?,
            }
            Ok(())
        }
        Users::Sessions { username } => {
            let user = named(pool, &username).await?;
            let ended = sessions::remove_all(pool, user).await?;
            writeln!(out, "{} sessions ended", ended.len())?;
            note(pool, "sessions-ended", user).await
        }
    }
}

/// As a running server does it; the database tells those that run.
async fn switch_off(pool: &PgPool, user: Uuid) -> anyhow::Result<()> {
    let mut db = pool.begin().await?;
    accounts::deactivate(&mut *db, user).await?;
    sessions::remove_all(&mut *db, user).await?;
    rooms::close_direct_of(&mut db, user).await?;
    let groups = accounts::groups_of(&mut *db, user).await?;
    for room in &groups {
        rooms::lock(&mut *db, *room).await?;
        if leaving::staying(&mut *db, *room, user).await?.people == 0 {
            leaving::remove_room(&mut *db, *room).await?;
        } else {
            leaving::leave(&mut db, *room, user).await?;
        }
    }
    marks::drop_behind(&mut *db, &groups, user).await?;
    Ok(db.commit().await?)
}

async fn named(pool: &PgPool, username: &str) -> anyhow::Result<Uuid> {
    let found = admin::named(pool, &username.trim().to_lowercase()).await?;
    found.with_context(|| format!("there is nobody named {username}"))
}

async fn note(pool: &PgPool, action: &'static str, user: Uuid) -> anyhow::Result<()> {
    add_entry(pool, action, Some(user)).await
}

/// Notes what concerns nobody in particular.
async fn note_server(pool: &PgPool, action: &'static str) -> anyhow::Result<()> {
    add_entry(pool, action, None).await
}

async fn add_entry(
    pool: &PgPool,
    action: &'static str,
    subject: Option<Uuid>,
) -> anyhow::Result<()> {
    let entry = Entry {
        action,
        actor: None,
        subject,
        outcome: "ok",
        request_id: None,
        address: Some("operator".to_owned()),
    };
    Ok(audit::add(pool, &[entry]).await?)
}

fn print(out: &mut impl Write, account: &Account, output: Output) -> anyhow::Result<()> {
    if output.json {
        writeln!(out, "{}", serde_json::to_string(account)?)?;
        return Ok(());
    }
    let state = if account.deactivated_at.is_some() {
        "off"
    } else {
        "on"
    };
    let role = format!("{:?}", account.role).to_lowercase();
    writeln!(
        out,
        "{:<32} {:<9} {state:<3} {:>3} devices {:>3} sessions  {}",
        account.username, role, account.devices, account.sessions, account.email
    )?;
    Ok(())
}

fn print_entry(out: &mut impl Write, entry: &AuditEntry, output: Output) -> anyhow::Result<()> {
    if output.json {
        writeln!(out, "{}", serde_json::to_string(entry)?)?;
        return Ok(());
    }
    let id = |user: Option<protocol::UserId>| user.map_or("-".to_owned(), |user| user.to_string());
    let at = serde_json::to_value(entry.at)?;
    writeln!(
        out,
        "{} {:<22} {:<20} by {} on {} from {}",
        at.as_str().unwrap_or_default(),
        entry.action,
        entry.outcome,
        id(entry.actor),
        id(entry.subject),
        entry.address.as_deref().unwrap_or("-")
    )?;
    Ok(())
}
