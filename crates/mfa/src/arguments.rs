//! The command line: how the service runs, and what else an operator can ask for.

use std::ffi::OsStr;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, builder::Resettable};

use crate::config::Config;

/// Snug's MFA service: accounts, second factors, signed assertions
#[derive(Debug, Parser)]
#[command(name = "snug-mfa", version)]
pub struct Arguments {
    #[command(flatten)]
    /// How the service runs.
    pub config: Config,
    #[command(subcommand)]
    /// What to do instead of serving.
    pub command: Option<Command>,
}

impl Arguments {
    /// Reads flags and environment; an empty variable counts as one that is not set, since
    /// compose files pass those on. Ends the process when something is wrong.
    pub fn read() -> Self {
        let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|text| text.is_empty());
        let command = Self::command().mut_args(|argument| match argument.get_env() {
            Some(name) if is_empty(name) => argument.env(Resettable::Reset),
            _ => argument,
        });
        let matches = command.get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// What an operator can do besides serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve (the default)
    Serve,
    /// Client applications
    #[command(subcommand)]
    Apps(Apps),
    /// Signing and sealing keys
    #[command(subcommand)]
    Keys(Keys),
    /// The audit trail
    #[command(subcommand)]
    Audit(Audit),
    /// Ask the running service whether it is ready
    Health,
}

/// `snug-mfa apps …`
#[derive(Debug, Subcommand)]
pub enum Apps {
    /// Register an application; prints its client id and secret once
    Create {
        /// Client id: a-z, 0-9 and dashes
        client_id: String,
        /// What people see in mails and authenticator apps [default: the client id]
        #[arg(long)]
        name: Option<String>,
        /// What it may do: accounts, challenges, notify, admin (repeat the flag)
        #[arg(long = "scope", required = true, value_parser = ["accounts", "challenges", "notify", "admin"])]
        scopes: Vec<String>,
        /// URI name in its client certificate, such as spiffe://snug/chat
        #[arg(long)]
        certificate: Option<String>,
    },
    /// List all applications
    List {
        /// One JSON array, for programs
        #[arg(long)]
        json: bool,
    },
    /// Make a new secret; the old one is void at once
    Rotate {
        /// Client id
        client_id: String,
    },
    /// Refuse everything the application asks from now on
    Disable {
        /// Client id
        client_id: String,
    },
}

/// `snug-mfa keys …`
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Show which keys are in use
    Status,
}

/// `snug-mfa audit …`
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Look for a changed, missing or reordered entry in every application's trail
    Verify,
}
