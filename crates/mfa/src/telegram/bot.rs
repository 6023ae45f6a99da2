//! The Bot API of Telegram over HTTP (<https://core.telegram.org/bots/api>).
//!
//! The bot's token is part of every path, so no URL and no error of the HTTP client ever leaves
//! this file.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::reply::{self, Me, Refusal};
use crate::config;

/// What one call may take, over and above the time that a long poll waits.
const CALL: Duration = Duration::from_secs(10);
/// Largest reply that is read, in bytes: a hundred updates of the longest text stay below it.
const REPLY: usize = 4 << 20;

/// A bot. Cheap to clone.
#[derive(Clone)]
pub struct Bot(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    /// `https://api.telegram.org/bot<token>`
    base: SecretString,
    webhook_url: Option<String>,
    limit: Duration,
    username: OnceCell<String>,
}

impl Bot {
    /// The bot of a configuration, when it has a token. Nothing is dialled yet.
    ///
    /// # Errors
    /// Names the variable that is wrong.
    pub fn new(config: &config::Telegram) -> anyhow::Result<Option<Self>> {
        let Some(token) = config.token()? else {
            return Ok(None);
        };
        let token = token.expose_secret();
        let (id, rest) = token.split_once(':').unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        ensure!(
            !id.is_empty()
                && id.bytes().all(|byte| byte.is_ascii_digit())
                && !rest.is_empty()
                && rest.chars().all(plain),
            "TELEGRAM_TOKEN: this is no token of a bot; @BotFather gives one like 123456:AbC"
        );
        let url = config.telegram_api_url.trim_end_matches('/');
        let parsed: reqwest::Url = url
            .parse()
            .with_context(|| format!("TELEGRAM_API_URL: {url:?} is no URL"))?;
        ensure!(
            matches!(parsed.scheme(), "http" | "https"),
            "TELEGRAM_API_URL: {url:?} is no http(s) URL"
        );
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .http1_only() // h2 logs the path of a request
            .tcp_nodelay(true)
            .build()
            .context("TELEGRAM_API_URL")?;
        Ok(Some(Self(Arc::new(Inner {
            http,
            base: format!("{url}/bot{token}").into(),
            webhook_url: config.webhook_url()?,
            limit: CALL,
            username: OnceCell::new(),
        }))))
    }

    /// The same with another limit for a call; 10 s by default.
    #[must_use]
    pub fn with_timeout(self, limit: Duration) -> Self {
        let inner = self.0;
        Self(Arc::new(Inner {
            http: inner.http.clone(),
            base: inner.base.clone(),
            webhook_url: inner.webhook_url.clone(),
            limit,
            username: inner.username.clone(),
        }))
    }

    /// Where Telegram delivers updates; without it they are polled.
    pub fn webhook_url(&self) -> Option<&str> {
        self.0.webhook_url.as_deref()
    }

    /// The bot's name without the `@`; asked for once.
    pub async fn username(&self) -> Result<&str, Refusal> {
        let ask = || async {
            let me: Me = self.call("getMe", &json!({}), self.0.limit).await?;
            Ok(me.username)
        };
        self.0
            .username
            .get_or_try_init(ask)
            .await
            .map(String::as_str)
    }

    /// Sends a text to a chat.
    pub async fn send(&self, chat: i64, text: &str) -> Result<(), Refusal> {
        let body = json!({
            "chat_id": chat,
            "text": text,
            "protect_content": true,
            "link_preview_options": {"is_disabled": true},
        });
        self.call::<Value>("sendMessage", &body, self.0.limit)
            .await
            .map(drop)
    }

    /// Updates from `offset` on, waiting up to `wait` for the first one. Everything before
    /// `offset` is forgotten by Telegram.
    pub async fn updates(
        &self,
        offset: Option<i64>,
        wait: Duration,
    ) -> Result<Vec<Value>, Refusal> {
        let body = json!({
            "offset": offset,
            "timeout": wait.as_secs(),
            "allowed_updates": super::update::KINDS,
        });
        self.call("getUpdates", &body, wait + self.0.limit).await
    }

    /// Tells Telegram to deliver updates to `url`.
    pub async fn set_webhook(&self, url: &str, secret: &str) -> Result<(), Refusal> {
        let body = json!({
            "url": url,
            "secret_token": secret,
            "allowed_updates": super::update::KINDS,
        });
        self.call::<Value>("setWebhook", &body, self.0.limit)
            .await
            .map(drop)
    }

    /// Tells Telegram that updates will be polled.
    pub async fn delete_webhook(&self) -> Result<(), Refusal> {
        self.call::<Value>("deleteWebhook", &json!({}), self.0.limit)
            .await
            .map(drop)
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        body: &impl Serialize,
        limit: Duration,
    ) -> Result<T, Refusal> {
        let url = format!("{}/{method}", self.0.base.expose_secret());
        let exchange = async {
            let reply = self.0.http.post(url).json(body).send().await;
            // The error's text has the URL in it.
            let mut reply = reply.map_err(|_| Refusal::NoAnswer)?;
            let status = reply.status().as_u16();
            let mut bytes = Vec::new();
            while let Some(chunk) = reply.chunk().await.map_err(|_| Refusal::NoAnswer)? {
                if bytes.len() + chunk.len() > REPLY {
                    return Err(Refusal::Broken(status));
                }
                bytes.extend_from_slice(&chunk);
            }
            reply::judge(status, &bytes)
        };
        tokio::time::timeout(limit, exchange)
            .await
            .unwrap_or(Err(Refusal::NoAnswer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_checked_and_never_shown() {
        let bot = |token: &str| {
            let config = config::Telegram {
                telegram_token: Some(token.into()),
                telegram_token_file: None,
                telegram_api_url: "https://api.telegram.org".to_owned(),
                telegram_webhook_url: None,
            };
            Bot::new(&config).map(|bot| bot.is_some())
        };
        assert!(bot("123456:AbC-_9").unwrap());
        assert!(!bot("").unwrap());
        for wrong in ["123456", "abc:def", "1:../x", "1:a b", ":x", "1:"] {
            let error = bot(wrong).unwrap_err().to_string();
            assert!(error.starts_with("TELEGRAM_TOKEN"), "{error}");
            assert!(!error.contains(&format!("{wrong:?}")));
        }
    }
}
