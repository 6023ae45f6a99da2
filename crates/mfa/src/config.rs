//! Configuration: environment variables, each also a flag.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context, ensure};
use clap::{ArgAction, Args};
use secrecy::{ExposeSecret, SecretString};
use service::{
    config::{Rate, filled, listen_address, required_secret, secret},
    telemetry::Telemetry,
    tls,
};

use crate::vault::Vault;

/// The path where Telegram delivers updates.
pub const TELEGRAM_WEBHOOK: &str = "/telegram/webhook";

/// How the service runs.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// Port to listen on
    #[arg(long, env = "PORT", default_value_t = 3000)]
    pub port: u16,
    /// Address to listen on; overrides the port when it names one [default: 0.0.0.0]
    #[arg(long, env = "LISTEN", value_name = "ADDRESS[:PORT]")]
    pub listen: Option<String>,
    /// Address of the admin listener (health, metrics): plain HTTP, keep it private
    #[arg(long, env = "ADMIN_LISTEN", default_value = "127.0.0.1:9102")]
    pub admin_listen: SocketAddr,
    /// PostgreSQL, postgres://user:password@host/database; ?sslmode=verify-full for TLS
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,
    /// File that holds DATABASE_URL
    #[arg(long, env = "DATABASE_URL_FILE", value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,
    /// Most connections to the database
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value_t = 10)]
    pub database_connections: u32,
    /// Secret that every key comes from: at least 32 bytes, such as `openssl rand -base64 32`.
    /// Several, one a line: the first seals, the others only open (see `keys rotate`)
    #[arg(long, env = "SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<SecretString>,
    /// File that holds SECRET_KEY
    #[arg(long, env = "SECRET_KEY_FILE", value_name = "FILE")]
    pub secret_key_file: Option<PathBuf>,
    /// Where people reach the product: shown in mails, issuer of assertions
    #[arg(long, env = "PUBLIC_URL", default_value = "https://localhost:8443")]
    pub public_url: String,
    /// Page that calls a reset of factors off, in the link of the mail to the owner
    /// [default: PUBLIC_URL/factor-resets/cancel, which this service has]
    #[arg(long, env = "FACTOR_RESET_URL", value_name = "URL")]
    pub factor_reset_url: Option<String>,
    /// Applications to register at start when missing: client=certificate name, comma separated,
    /// such as chat=spiffe://snug/chat; their passkeys belong to PUBLIC_URL
    #[arg(long, env = "MFA_APPS", value_delimiter = ',', value_parser = bootstrap)]
    pub mfa_apps: Vec<(String, String)>,
    /// What people see as the name of the applications of MFA_APPS
    #[arg(long, env = "APP_NAME", default_value = "Snug")]
    pub app_name: String,
    /// Logins and codes sent, per account
    #[arg(long, env = "RATE_LIMIT", default_value = "200 per day")]
    pub rate_limit: Rate,
    /// Requests per client address
    #[arg(long, env = "RATE_LIMIT_ADDRESS", default_value = "600 per minute")]
    pub rate_limit_address: Rate,
    /// Sign-ups per client address
    #[arg(long, env = "RATE_LIMIT_SIGNUP", default_value = "100 per hour")]
    pub rate_limit_signup: Rate,
    /// Mails to one address
    #[arg(long, env = "RATE_LIMIT_MAIL", default_value = "10 per hour")]
    pub rate_limit_mail: Rate,
    /// TOTP steps of 30 s before the current one whose codes are still taken
    #[arg(long, env = "TOTP_WINDOW", default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=10))]
    pub totp_window: u64,
    /// Milliseconds that one password hash shall take; never below argon2id 19 MiB, 2 passes
    #[arg(long, env = "PASSWORD_HASH_MS", default_value_t = 50)]
    pub password_hash_ms: u64,
    /// Serve /try, a page that walks a developer through the interface
    #[arg(long, env = "TRY_PAGE", num_args = 0..=1, default_value_t = false, default_missing_value = "true", action = clap::ArgAction::Set)]
    pub try_page: bool,
    #[command(flatten)]
    /// Where mail goes.
    pub mail: Mail,
    /// Let webhooks go to private and loopback addresses, and over plain HTTP
    #[arg(long, env = "WEBHOOK_PRIVATE", action = ArgAction::Set, default_value_t = false)]
    pub webhook_private: bool,
    #[command(flatten)]
    /// The bot that sends codes by Telegram.
    pub telegram: Telegram,
    #[command(flatten)]
    /// Certificates; without TLS_CERT the service speaks plain HTTP and takes tokens only.
    pub tls: tls::Files,
    #[command(flatten)]
    /// Logs.
    pub telemetry: Telemetry,
}

/// Where mail goes; without a server it is printed to the console.
#[derive(Clone, Debug, Args)]
pub struct Mail {
    /// SMTP server; without one, mails are printed to the console
    #[arg(long, env = "SMTP_SERVER")]
    pub smtp_server: Option<String>,
    /// 587 STARTTLS, 465 TLS from the start; other ports speak plain SMTP, to this machine and
    /// private names only [default: 587]
    #[arg(long, env = "SMTP_PORT")]
    pub smtp_port: Option<u16>,
    /// Name for the SMTP server
    #[arg(long, env = "SMTP_USERNAME")]
    pub smtp_username: Option<String>,
    /// Password for the SMTP server
    #[arg(long, env = "SMTP_PASSWORD", hide_env_values = true)]
    pub smtp_password: Option<SecretString>,
    /// File that holds SMTP_PASSWORD
    #[arg(long, env = "SMTP_PASSWORD_FILE", value_name = "FILE")]
    pub smtp_password_file: Option<PathBuf>,
    /// Sender: an address, with the application's name before it, or "Name <address>" with this
    /// one [default: SMTP_USERNAME]
    #[arg(long, env = "FROM_EMAIL")]
    pub from_email: Option<String>,
    /// Older name of SMTP_SERVER
    #[arg(long, env = "EMAIL_SMTP_SERVER", hide = true)]
    pub email_smtp_server: Option<String>,
    /// Older name of SMTP_PORT
    #[arg(long, env = "EMAIL_SMTP_PORT", hide = true)]
    pub email_smtp_port: Option<u16>,
    /// Older name of SMTP_USERNAME and FROM_EMAIL
    #[arg(long, env = "EMAIL_SENDER", hide = true)]
    pub email_sender: Option<String>,
    /// Older name of SMTP_PASSWORD
    #[arg(long, env = "EMAIL_PASSWORD", hide = true, hide_env_values = true)]
    pub email_password: Option<SecretString>,
}

/// The bot that sends codes by Telegram; without a token there is none.
#[derive(Clone, Debug, Args)]
pub struct Telegram {
    /// Token of the bot, from @BotFather; without one there are no codes by Telegram
    #[arg(long, env = "TELEGRAM_TOKEN", hide_env_values = true)]
    pub telegram_token: Option<SecretString>,
    /// File that holds TELEGRAM_TOKEN
    #[arg(long, env = "TELEGRAM_TOKEN_FILE", value_name = "FILE")]
    pub telegram_token_file: Option<PathBuf>,
    /// Telegram's Bot API, or a server of one's own that speaks it
    #[arg(
        long,
        env = "TELEGRAM_API_URL",
        default_value = "https://api.telegram.org"
    )]
    pub telegram_api_url: String,
    /// Where Telegram reaches this service, such as https://mfa.example.org/telegram/webhook;
    /// without it updates are polled
    #[arg(long, env = "TELEGRAM_WEBHOOK_URL", value_name = "URL")]
    pub telegram_webhook_url: Option<String>,
}

/// An SMTP server as it is used: older names resolved.
#[derive(Clone)]
pub struct Smtp {
    /// Host name.
    pub server: String,
    /// Port.
    pub port: u16,
    /// Name and password.
    pub credentials: Option<(String, SecretString)>,
    /// Sender.
    pub from: String,
}

impl Config {
    /// The address that `PORT` and `LISTEN` stand for.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        listen_address(self.listen.as_deref(), self.port)
    }

    /// `DATABASE_URL`.
    pub fn database(&self) -> anyhow::Result<SecretString> {
        let file = self.database_url_file.as_deref();
        required_secret("DATABASE_URL", self.database_url.as_ref(), file)
    }

    /// The page that calls a reset of factors off.
    pub fn cancel_url(&self) -> String {
        let named = filled(self.factor_reset_url.as_deref()).map(str::to_owned);
        let public = self.public_url.trim_end_matches('/');
        named.unwrap_or_else(|| format!("{public}/factor-resets/cancel"))
    }

    /// The keys of `SECRET_KEY`.
    pub fn vault(&self) -> anyhow::Result<Vault> {
        let file = self.secret_key_file.as_deref();
        let key = required_secret("SECRET_KEY", self.secret_key.as_ref(), file)?;
        Ok(Vault::new(key.expose_secret().as_bytes())?)
    }
}

impl Mail {
    /// The SMTP server, when there is one.
    pub fn smtp(&self) -> anyhow::Result<Option<Smtp>> {
        let first = |one: &Option<String>, other: &Option<String>| {
            filled(one.as_deref())
                .or(filled(other.as_deref()))
                .map(str::to_owned)
        };
        let Some(server) = first(&self.smtp_server, &self.email_smtp_server) else {
            return Ok(None);
        };
        let username = first(&self.smtp_username, &self.email_sender);
        let password = self.smtp_password.as_ref().or(self.email_password.as_ref());
        let password = secret(
            "SMTP_PASSWORD",
            password,
            self.smtp_password_file.as_deref(),
        )?;
        ensure!(
            username.is_some() || password.is_none(),
            "SMTP_PASSWORD is set, but SMTP_USERNAME is not"
        );
        let from = first(&self.from_email, &username)
            .context("FROM_EMAIL is not set: the sender of the mails")?;
        Ok(Some(Smtp {
            server,
            port: self.smtp_port.or(self.email_smtp_port).unwrap_or(587),
            credentials: username.zip(password),
            from,
        }))
    }
}

impl Telegram {
    /// `TELEGRAM_TOKEN`, when there is one.
    pub fn token(&self) -> anyhow::Result<Option<SecretString>> {
        let file = self.telegram_token_file.as_deref();
        secret("TELEGRAM_TOKEN", self.telegram_token.as_ref(), file)
    }

    /// `TELEGRAM_WEBHOOK_URL`, when there is one.
    pub fn webhook_url(&self) -> anyhow::Result<Option<String>> {
        let Some(url) = filled(self.telegram_webhook_url.as_deref()) else {
            return Ok(None);
        };
        ensure!(
            url.starts_with("https://") && url.ends_with(TELEGRAM_WEBHOOK),
            "TELEGRAM_WEBHOOK_URL: write it like https://mfa.example.org{TELEGRAM_WEBHOOK}"
        );
        Ok(Some(url.to_owned()))
    }
}

fn bootstrap(text: &str) -> Result<(String, String), String> {
    let (client, certificate) = text
        .trim()
        .split_once('=')
        .filter(|(client, certificate)| is_client_id(client) && !certificate.is_empty())
        .ok_or("write it like chat=spiffe://snug/chat")?;
    Ok((client.to_owned(), certificate.to_owned()))
}

/// Whether a client id is of the form that the database takes.
pub fn is_client_id(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::Arguments;

    fn config(arguments: &[&str]) -> Config {
        let all = ["snug-mfa"].iter().chain(arguments);
        Arguments::try_parse_from(all).unwrap().config
    }

    #[test]
    fn addresses() {
        let address = |arguments: &[&str]| config(arguments).address().map(|a| a.to_string()).ok();
        assert_eq!(address(&[]).as_deref(), Some("0.0.0.0:3000"));
        assert_eq!(address(&["--port", "1"]).as_deref(), Some("0.0.0.0:1"));
        assert_eq!(address(&["--listen", "::1"]).as_deref(), Some("[::1]:3000"));
        assert_eq!(
            address(&["--listen", "127.0.0.1:9"]).as_deref(),
            Some("127.0.0.1:9")
        );
        assert_eq!(address(&["--listen", "localhost"]), None);
    }

    #[test]
    fn older_names_of_the_mail_variables() {
        let older = config(&[
            "--email-smtp-server=mail.example.org",
            "--email-sender=us@example.org",
            "--email-password=x",
        ]);
        let smtp = older.mail.smtp().unwrap().unwrap();
        assert_eq!((&*smtp.server, smtp.port), ("mail.example.org", 587));
        assert_eq!(smtp.from, "us@example.org");
        assert_eq!(smtp.credentials.unwrap().0, "us@example.org");
        assert!(config(&[]).mail.smtp().unwrap().is_none());
        assert!(
            config(&["--smtp-server=mail.example.org"])
                .mail
                .smtp()
                .is_err()
        );
    }

    #[test]
    fn wrong_values_name_their_variable() {
        for (argument, name) in [
            ("--rate-limit=often", "rate-limit"),
            ("--totp-window=99", "totp-window"),
            ("--mfa-apps=chat", "mfa-apps"),
            ("--mfa-apps=Chat=spiffe://snug/chat", "mfa-apps"),
        ] {
            let error = Arguments::try_parse_from(["snug-mfa", argument]).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
        let error = config(&["--secret-key=short"]).vault().err().unwrap();
        assert!(error.to_string().contains("SECRET_KEY"));
    }

    #[test]
    fn secrets_do_not_show() {
        let config = config(&["--secret-key=do-not-show-me-0123456789abcdef"]);
        assert!(!format!("{config:?}").contains("do-not-show"));
    }
}
