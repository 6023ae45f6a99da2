//! Configuration: environment variables, each also a flag.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand, ValueEnum};
use protocol::rest::server;
use secrecy::SecretString;
use service::{
    config::{Rate, filled, listen_address, required_secret, secret},
    telemetry::Telemetry,
    tls,
};

use crate::operator::Admin;

/// Snug's chat server: people, devices, rooms and their logs
#[derive(Debug, Parser)]
#[command(name = "snug-chat", version)]
pub struct Arguments {
    /// How the server runs.
    #[command(flatten)]
    pub config: Config,
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the binary can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serve (the default)
    Serve,
    /// Ask the running server whether it is ready
    Health,
    /// Look after accounts, read the audit trail
    #[command(subcommand)]
    Admin(Admin),
}

/// How the server runs.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// Port to listen on
    #[arg(long, env = "PORT", default_value_t = 5000)]
    pub port: u16,
    /// Address to listen on; overrides the port when it names one [default: 0.0.0.0]
    #[arg(long, env = "LISTEN", value_name = "ADDRESS[:PORT]")]
    pub listen: Option<String>,
    /// Address of the admin listener (health, metrics): plain HTTP, keep it private
    #[arg(long, env = "ADMIN_LISTEN", default_value = "127.0.0.1:9101")]
    pub admin_listen: SocketAddr,
    /// PostgreSQL, postgres://user:password@host/database; ?sslmode=verify-full for TLS
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,
    /// File that holds DATABASE_URL
    #[arg(long, env = "DATABASE_URL_FILE", value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,
    /// Redis, for several chat servers on one database: redis://host:6379, or rediss:// for TLS
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<SecretString>,
    /// File that holds REDIS_URL
    #[arg(long, env = "REDIS_URL_FILE", value_name = "FILE")]
    pub redis_url_file: Option<PathBuf>,
    /// Most connections to the database
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value_t = 8)]
    pub database_connections: u32,
    /// The MFA service
    #[arg(long, env = "MFA_URL", default_value = "https://127.0.0.1:3000")]
    pub mfa_url: String,
    /// Name in the MFA service's certificate, whatever address it is reached by
    #[arg(long, env = "MFA_NAME", default_value = "mfa.snug.internal")]
    pub mfa_name: String,
    /// This server's client id at the MFA service
    #[arg(long, env = "MFA_CLIENT_ID", default_value = "chat")]
    pub mfa_client_id: String,
    /// Issuer of the MFA service's assertions: its PUBLIC_URL [default: ours]
    #[arg(long, env = "MFA_ISSUER")]
    pub mfa_issuer: Option<String>,
    /// Where people reach the product; browsers may call from this origin
    #[arg(long, env = "PUBLIC_URL", default_value = "https://localhost:8443")]
    pub public_url: String,
    /// Other origins that browsers may call from, comma separated
    #[arg(long, env = "CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Names in the client certificates that may call this server, comma separated
    #[arg(
        long,
        env = "ALLOWED_CLIENTS",
        value_delimiter = ',',
        default_value = "spiffe://snug/gateway"
    )]
    pub allowed_clients: Vec<String>,
    /// Who may sign up
    #[arg(long, env = "SIGNUP", value_enum, default_value_t = Signup::Open)]
    pub signup: Signup,
    /// Whether a second factor is needed
    #[arg(long, env = "MFA_POLICY", value_enum, default_value_t = MfaPolicy::Required)]
    pub mfa_policy: MfaPolicy,
    /// The MFA service's SMTP server; here it only tells people where their mail goes
    #[arg(long, env = "SMTP_SERVER")]
    pub smtp_server: Option<String>,
    /// How long a message waits for devices that do not fetch it, such as "30 d" or "12 h"
    #[arg(long, env = "RETENTION", default_value = "30 d", value_parser = duration)]
    pub retention: Duration,
    /// Where encrypted files lie: file:///srv/files, or s3://bucket/prefix with AWS_… variables
    #[arg(long, env = "ATTACHMENTS_URL", default_value = "file:data/attachments")]
    pub attachments_url: String,
    /// How long an encrypted file is kept, such as "365 d"
    #[arg(long, env = "ATTACHMENTS_RETENTION", default_value = "365 d", value_parser = duration)]
    pub attachments_retention: Duration,
    /// Further hosts of Web Push services, comma separated; those of the browsers are known
    #[arg(long, env = "PUSH_HOSTS", value_delimiter = ',')]
    pub push_hosts: Vec<String>,
    /// How long a socket may stay without signing in, such as "30 s"
    #[arg(long, env = "SIGN_IN_TIMEOUT", default_value = "30 s", value_parser = duration)]
    pub sign_in_timeout: Duration,
    /// Requests per client address
    #[arg(long, env = "RATE_LIMIT_ADDRESS", default_value = "6000 per minute")]
    pub rate_limit_address: Rate,
    /// Sign-ups per client address
    #[arg(long, env = "RATE_LIMIT_SIGNUP", default_value = "100 per hour")]
    pub rate_limit_signup: Rate,
    /// Key package claims per person
    #[arg(long, env = "RATE_LIMIT_CLAIM", default_value = "1000 per hour")]
    pub rate_limit_claim: Rate,
    /// Friend requests per person
    #[arg(long, env = "RATE_LIMIT_REQUESTS", default_value = "200 per day")]
    pub rate_limit_requests: Rate,
    /// User searches per person
    #[arg(long, env = "RATE_LIMIT_SEARCH", default_value = "120 per minute")]
    pub rate_limit_search: Rate,
    /// Certificates; without TLS_CERT the server speaks plain HTTP, on a loopback address only
    #[command(flatten)]
    pub tls: tls::Files,
    /// Logs.
    #[command(flatten)]
    pub telemetry: Telemetry,
}

/// `SIGNUP`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Signup {
    /// Anybody
    Open,
    /// Who has an invitation
    Invite,
    /// Nobody
    Closed,
}

/// `MFA_POLICY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MfaPolicy {
    /// Everybody
    Required,
}

impl From<Signup> for server::Signup {
    fn from(signup: Signup) -> Self {
        match signup {
            Signup::Open => Self::Open,
            Signup::Invite => Self::Invite,
            Signup::Closed => Self::Closed,
        }
    }
}

impl From<MfaPolicy> for server::MfaPolicy {
    fn from(policy: MfaPolicy) -> Self {
        match policy {
            MfaPolicy::Required => Self::Required,
        }
    }
}

impl Config {
    /// The address that `PORT` and `LISTEN` stand for.
    ///
    /// # Errors
    /// When `LISTEN` is no address.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        listen_address(self.listen.as_deref(), self.port)
    }

    /// `DATABASE_URL`.
    ///
    /// # Errors
    /// When it is not set or its file cannot be read.
    pub fn database(&self) -> anyhow::Result<SecretString> {
        let file = self.database_url_file.as_deref();
        required_secret("DATABASE_URL", self.database_url.as_ref(), file)
    }

    /// `REDIS_URL`; `None` for the only node.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn redis(&self) -> anyhow::Result<Option<SecretString>> {
        let file = self.redis_url_file.as_deref();
        secret("REDIS_URL", self.redis_url.as_ref(), file)
    }

    /// Whether this server shows a certificate and asks for one.
    pub fn is_secure(&self) -> bool {
        self.tls
            .tls_cert
            .as_ref()
            .is_some_and(|path| !path.as_os_str().is_empty())
    }

    /// The origins that browsers may call from: `PUBLIC_URL` first, then `CORS_ORIGINS`.
    ///
    /// # Errors
    /// Names the variable that holds no origin.
    pub fn origins(&self) -> anyhow::Result<Vec<String>> {
        let own = origin(&self.public_url).context("PUBLIC_URL")?;
        let mut origins = vec![own];
        for text in self
            .cors_origins
            .iter()
            .filter(|text| !text.trim().is_empty())
        {
            origins.push(origin(text).context("CORS_ORIGINS")?);
        }
        Ok(origins)
    }

    /// Issuer of the MFA service's assertions.
    pub fn issuer(&self) -> &str {
        filled(self.mfa_issuer.as_deref()).unwrap_or(&self.public_url)
    }
}

/// Scheme, host and port of a URL, as browsers write them into `Origin`.
fn origin(url: &str) -> anyhow::Result<String> {
    let url = reqwest::Url::parse(url.trim())
        .with_context(|| format!("{url:?} is no URL; write https://chat.example.org"))?;
    let origin = url.origin();
    ensure!(
        origin.is_tuple(),
        "{url} has no origin; write https://chat.example.org"
    );
    Ok(origin.ascii_serialization())
}

/// A time in days, hours, minutes or seconds: `30 d`, `30 days`, `12h`.
fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds = match unit.trim() {
        "s" | "second" | "seconds" => 1,
        "m" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        _ => return Err("write it like \"30 d\" or \"12 h\"".to_owned()),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "write it like \"30 d\" or \"12 h\"".to_owned())?;
    number
        .checked_mul(seconds)
        .filter(|seconds| (1..=3_650 * 86_400).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| "between a second and ten years".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(arguments: &[&str]) -> Config {
        let all = ["snug-chat"].iter().chain(arguments);
        Arguments::try_parse_from(all).unwrap().config
    }

    #[test]
    fn addresses() {
        let address = |arguments: &[&str]| config(arguments).address().map(|a| a.to_string()).ok();
        assert_eq!(address(&["--port", "1"]).as_deref(), Some("0.0.0.0:1"));
        assert_eq!(
            address(&["--listen", "127.0.0.1:9"]).as_deref(),
            Some("127.0.0.1:9")
        );
        assert_eq!(address(&["--listen", "localhost"]), None);
    }

    #[test]
    fn origins_are_as_browsers_write_them() {
        let config = config(&[
            "--public-url=https://Chat.Example.org:443/path",
            "--cors-origins=https://app.example.org,http://localhost:5173",
        ]);
        assert_eq!(
            config.origins().unwrap(),
            [
                "https://chat.example.org",
                "https://app.example.org",
                "http://localhost:5173"
            ]
        );
        let wrong = self::config(&["--cors-origins=app.example.org"])
            .origins()
            .unwrap_err();
        assert!(wrong.to_string().contains("CORS_ORIGINS"));
    }

    #[test]
    fn retention_has_a_unit() {
        assert_eq!(duration("30 d").unwrap(), Duration::from_secs(30 * 86_400));
        assert_eq!(duration("12h").unwrap(), Duration::from_secs(12 * 3_600));
        for wrong in [
            "",
            "30",
            "d",
            "-1 d",
            "0 d",
            "99999999999999999999 d",
            "1 month",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn wrong_values_name_their_variable() {
        for (argument, name) in [
            ("--signup=perhaps", "signup"),
            ("--mfa-policy=never", "mfa-policy"),
        ] {
            let error = Arguments::try_parse_from(["snug-chat", argument]).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
