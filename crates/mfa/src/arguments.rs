//! The command line: how the service runs, and what else an operator can ask for.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Parser, Subcommand};
use service::config::Rate;
use uuid::Uuid;

use crate::{config::Config, webhooks::EVENTS};

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

/// What an operator can do besides serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve (the default)
    Serve,
    /// Client applications
    #[command(subcommand)]
    Apps(Apps),
    /// Accounts of an application's people
    #[command(subcommand)]
    Accounts(Accounts),
    /// Signing and sealing keys
    #[command(subcommand)]
    Keys(Keys),
    /// The audit trail
    #[command(subcommand)]
    Audit(Audit),
    /// Endpoints that get an application's events
    #[command(subcommand)]
    Webhooks(Webhooks),
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
        #[command(flatten)]
        /// Its rules.
        rules: Box<Rules>,
    },
    /// Change name, scopes or rules; what is not named stays as it is
    Set {
        /// Client id
        client_id: String,
        /// What people see in mails and authenticator apps
        #[arg(long)]
        name: Option<String>,
        /// What it may do, in place of what it could (repeat the flag)
        #[arg(long = "scope", value_parser = ["accounts", "challenges", "notify", "admin"])]
        scopes: Vec<String>,
        #[command(flatten)]
        /// Its rules.
        rules: Box<Rules>,
    },
    /// Show one application and its rules
    Show {
        /// Client id
        client_id: String,
        /// One JSON object, for programs
        #[arg(long)]
        json: bool,
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

/// What an application asks of factors, and how much it may ask.
#[derive(Clone, Debug, Default, Args)]
pub struct Rules {
    /// Kinds of factors that are taken (repeat the flag). Without email and telegram, codes that
    /// somebody reads in a mailbox open nothing [default: all]
    #[arg(long = "factor", value_parser = ["totp", "email", "telegram", "passkey"])]
    pub factors: Vec<String>,
    /// Hash of new authenticator apps; many know SHA1 only [default: SHA1]
    #[arg(long, value_parser = ["SHA1", "SHA256", "SHA512"])]
    pub totp_algorithm: Option<String>,
    /// Digits of new authenticator apps, 6 or 8 [default: 6]
    #[arg(long, value_parser = digits)]
    pub totp_digits: Option<i16>,
    /// Seconds of new authenticator apps, 15 to 120 [default: 30]
    #[arg(long, value_parser = clap::value_parser!(i16).range(15..=120))]
    pub totp_period: Option<i16>,
    /// Earlier steps whose codes are taken, 0 to 10, or "default" for TOTP_WINDOW
    #[arg(long = "totp-steps", value_name = "STEPS", value_parser = steps)]
    pub totp_window: Option<Setting<i16>>,
    /// Domain that passkeys belong to, or "default" for none
    #[arg(long, value_parser = setting::<String>)]
    pub rp_id: Option<Setting<String>>,
    /// Page that may use passkeys, such as https://chat.example.org (repeat the flag)
    #[arg(long = "origin")]
    pub origins: Vec<String>,
    /// Logins and codes sent, per account, such as "200 per day", or "default" for RATE_LIMIT
    #[arg(long = "limit", value_name = "RATE", value_parser = setting::<Rate>)]
    pub rate_limit: Option<Setting<Rate>>,
    /// Requests per client address, or "default" for RATE_LIMIT_ADDRESS
    #[arg(long = "limit-address", value_name = "RATE", value_parser = setting::<Rate>)]
    pub rate_limit_address: Option<Setting<Rate>>,
    /// Sign-ups per client address, or "default" for RATE_LIMIT_SIGNUP
    #[arg(long = "limit-signup", value_name = "RATE", value_parser = setting::<Rate>)]
    pub rate_limit_signup: Option<Setting<Rate>>,
    /// Mails to one address, or "default" for RATE_LIMIT_MAIL
    #[arg(long = "limit-mail", value_name = "RATE", value_parser = setting::<Rate>)]
    pub rate_limit_mail: Option<Setting<Rate>>,
    /// All requests of the application together, or "default" for no limit
    #[arg(long = "limit-all", value_name = "RATE", value_parser = setting::<Rate>)]
    pub rate_limit_app: Option<Setting<Rate>>,
}

/// A rule of an application's own, or the service's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting<T> {
    /// What the service's variable says.
    Default,
    /// What the application wants.
    Own(T),
}

fn setting<T: FromStr>(text: &str) -> Result<Setting<T>, T::Err> {
    match text {
        "default" => Ok(Setting::Default),
        _ => text.parse().map(Setting::Own),
    }
}

fn steps(text: &str) -> Result<Setting<i16>, String> {
    match setting(text) {
        Ok(Setting::Own(steps)) if !(0..=10).contains(&steps) => Err("0 to 10 steps".to_owned()),
        Ok(setting) => Ok(setting),
        Err(error) => Err(error.to_string()),
    }
}

fn digits(text: &str) -> Result<i16, String> {
    match text {
        "6" => Ok(6),
        "8" => Ok(8),
        _ => Err("6 or 8".to_owned()),
    }
}

/// `snug-mfa accounts …`. An account is named by its id, username or address.
#[derive(Debug, Subcommand)]
pub enum Accounts {
    /// List all accounts of an application
    List {
        /// Client id
        #[arg(long)]
        app: String,
        /// One JSON array, for programs
        #[arg(long)]
        json: bool,
    },
    /// Show one account
    Show {
        /// Client id
        #[arg(long)]
        app: String,
        /// Id, username or address
        account: String,
        /// One JSON object, for programs
        #[arg(long)]
        json: bool,
    },
    /// Forget the failures of an account: its locks open
    Unlock {
        /// Client id
        #[arg(long)]
        app: String,
        /// Id, username or address
        account: String,
    },
    /// Remove all second factors in 24 hours; the owner gets a mail and can object
    ResetFactors {
        /// Client id
        #[arg(long)]
        app: String,
        /// Id, username or address
        account: String,
    },
    /// Call an announced reset of factors off
    KeepFactors {
        /// Client id
        #[arg(long)]
        app: String,
        /// Id, username or address
        account: String,
    },
    /// Take over people and TOTP secrets from a .env with lines like ANN_SECRET=… and ANN_EMAIL=…
    Import {
        /// Client id
        #[arg(long)]
        app: String,
        /// The file
        file: PathBuf,
    },
}

/// `snug-mfa keys …`
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Show which keys are in use, and how many values each has sealed
    Status {
        /// One JSON object, for programs
        #[arg(long)]
        json: bool,
    },
    /// Seal everything anew with the first key of SECRET_KEY, while the service runs
    Rotate,
    /// Make the next key that signs assertions; without asking that happens every 30 days
    Renew {
        /// Sign with it at once, and refuse what the former ones signed: when one was stolen
        #[arg(long)]
        at_once: bool,
    },
}

/// `snug-mfa webhooks …`
#[derive(Debug, Subcommand)]
pub enum Webhooks {
    /// Add an endpoint; prints its signing secret once
    Add {
        /// Client id
        client_id: String,
        /// Where events go: https://…
        url: String,
        /// Only this event (repeat the flag) [default: all]
        #[arg(long = "event", value_parser = EVENTS)]
        events: Vec<String>,
    },
    /// List an application's endpoints
    List {
        /// Client id
        client_id: String,
        /// One JSON array, for programs
        #[arg(long)]
        json: bool,
    },
    /// Make a new secret; the former one signs too for 24 hours
    Rotate {
        /// The endpoint
        id: Uuid,
    },
    /// Remove an endpoint and what waits for it
    Remove {
        /// The endpoint
        id: Uuid,
    },
}

/// `snug-mfa audit …`
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Look for a changed, missing or reordered entry in every application's trail
    Verify {
        /// An earlier export: the trail must still hold what that ended with
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
    /// Print the trails as JSON lines with hashes, so that others can check them
    Export {
        /// Only this client id
        #[arg(long, value_name = "CLIENT ID")]
        app: Option<String>,
    },
}
