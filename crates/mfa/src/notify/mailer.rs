//! The way out for mails: an SMTP server, the console, or a test's hands.

use std::{io::Write, net::IpAddr, time::Duration};

use anyhow::Context;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{PoolConfig, authentication::Credentials},
};
use secrecy::ExposeSecret;
use tokio::{sync::mpsc::UnboundedSender, time::timeout};

use super::{Failure, Mail, text};
use crate::config::Smtp;

/// lettre's own time-out covers connecting only: this one covers everything.
const SEND: Duration = Duration::from_secs(20);

/// Where mails go.
#[derive(Clone)]
pub enum Mailer {
    /// Over SMTP.
    Smtp(Box<Outgoing>),
    /// To standard output, for development.
    Console,
    /// To a channel, for tests.
    Memory(UnboundedSender<Delivery>),
}

/// A connection pool to an SMTP server, and the sender.
#[derive(Clone)]
pub struct Outgoing {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    timeout: Duration,
}

/// What a test gets instead of a mail.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The address.
    pub to: String,
    /// What was said: `verify_address`, `sign_in`, …
    pub kind: &'static str,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The code in it.
    pub code: Option<String>,
}

impl Mailer {
    /// The mailer for a configuration: SMTP when there is a server, else the console.
    pub fn new(smtp: Option<&Smtp>) -> anyhow::Result<Self> {
        let Some(smtp) = smtp else {
            return Ok(Self::Console);
        };
        Ok(Self::Smtp(Box::new(Outgoing::new(smtp, SEND)?)))
    }

    /// The same with another limit for one whole SMTP conversation; 20 s by default.
    pub fn with_timeout(mut self, limit: Duration) -> Self {
        if let Self::Smtp(outgoing) = &mut self {
            outgoing.timeout = limit;
        }
        self
    }

    /// Sends one mail. `url` is where people reach the product.
    pub(super) async fn send(&self, mail: &Mail, url: &str) -> Result<(), Failure> {
        let rendered = text::render(mail, url);
        match self {
            Self::Smtp(outgoing) => outgoing.send(mail, rendered).await,
            Self::Console => print(mail, &rendered),
            Self::Memory(sender) => {
                let delivery = Delivery {
                    to: mail.to.clone(),
                    kind: mail.notice.kind(),
                    subject: rendered.subject,
                    text: rendered.text,
                    code: rendered.code,
                };
                sender
                    .send(delivery)
                    .map_err(|_| Failure::Permanent("nobody listens".to_owned()))
            }
        }
    }
}

impl Outgoing {
    fn new(smtp: &Smtp, timeout: Duration) -> anyhow::Result<Self> {
        let server = &*smtp.server;
        let builder = match smtp.port {
            465 => AsyncSmtpTransport::<Tokio1Executor>::relay(server)?,
            587 => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(server)?,
            _ if is_near(server) => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server),
            _ => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(server)?,
        };
        let mut builder = builder
            .port(smtp.port)
            .timeout(Some(Duration::from_secs(10)))
            .pool_config(
                PoolConfig::new()
                    .max_size(2)
                    .idle_timeout(Duration::from_secs(30)),
            );
        if let Some((username, password)) = &smtp.credentials {
            let password = password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(username.clone(), password));
        }
        let from = smtp
            .from
            .parse()
            .with_context(|| format!("FROM_EMAIL: {:?} is no sender", smtp.from))?;
        Ok(Self {
            transport: builder.build(),
            from,
            timeout,
        })
    }

    async fn send(&self, mail: &Mail, rendered: text::Rendered) -> Result<(), Failure> {
        let message = self.message(mail, rendered).map_err(|error| {
            // The message may quote the address.
            tracing::debug!(error = %format_args!("{error:#}"), "a mail cannot be built");
            Failure::Permanent("the mail cannot be built".to_owned())
        })?;
        match timeout(self.timeout, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(Failure::Permanent(describe(&error))),
            Ok(Err(error)) => Err(Failure::Temporary(describe(&error))),
            Err(_) => Err(Failure::Temporary(
                "the SMTP server does not answer".to_owned(),
            )),
        }
    }

    fn message(&self, mail: &Mail, rendered: text::Rendered) -> anyhow::Result<Message> {
        let to = Mailbox::new(None, mail.to.parse()?);
        let mut from = self.from.clone();
        from.name.get_or_insert_with(|| printable(&mail.app));
        let mut message = Message::builder()
            .from(from)
            .to(to)
            .subject(rendered.subject)
            .message_id(None)
            .multipart(MultiPart::alternative_plain_html(
                rendered.text,
                rendered.html,
            ))?;
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        message
            .headers_mut()
            .insert_raw(HeaderValue::new(name, "auto-generated".to_owned()));
        Ok(message)
    }
}

/// The kind of an SMTP error and its code: servers quote addresses in their words.
fn describe(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("the SMTP server answered {code}"),
        None if error.is_timeout() => "the SMTP server does not answer".to_owned(),
        None if error.is_tls() => "no TLS connection to the SMTP server".to_owned(),
        None => "no connection to the SMTP server".to_owned(),
    }
}

/// Whether a host is this machine or a container or machine beside it, where plain SMTP is fine.
fn is_near(server: &str) -> bool {
    match server.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => {
            !server.contains('.')
                || [".localhost", ".local", ".internal", ".test"]
                    .iter()
                    .any(|suffix| server.ends_with(suffix))
        }
    }
}

/// One block on standard output: the documented behaviour without an SMTP server.
fn print(mail: &Mail, rendered: &text::Rendered) -> Result<(), Failure> {
    let mut block = String::from("\n┌── mail ──────────────────────────────────────────────\n");
    block.push_str(&format!("│ to:      {}\n", printable(&mail.to)));
    block.push_str(&format!("│ subject: {}\n", printable(&rendered.subject)));
    if let Some(code) = &rendered.code {
        block.push_str(&format!("│ code:    {code}\n"));
    }
    block.push_str("│\n");
    for line in rendered.text.trim_end().lines() {
        block.push_str(&format!("│ {}\n", printable(line)));
    }
    block.push_str("└──────────────────────────────────────────────────────\n");
    let mut out = std::io::stdout().lock();
    out.write_all(block.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|_| Failure::Permanent("standard output is closed".to_owned()))
}

/// Without control characters, which could drive a terminal.
fn printable(line: &str) -> String {
    line.chars()
        .filter(|character| !character.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_smtp_stays_on_this_machine() {
        for near in [
            "localhost",
            "127.0.0.1",
            "::1",
            "mailbox",
            "mail.internal",
            "a.local",
        ] {
            assert!(is_near(near), "{near}");
        }
        for far in [
            "mail.example.org",
            "192.0.2.1",
            "10.0.0.1",
            "localhost.example.org",
        ] {
            assert!(!is_near(far), "{far}");
        }
    }
}
