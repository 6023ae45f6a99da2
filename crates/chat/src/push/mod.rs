//! Web Push (RFC 8030) without content: wakes browsers that are closed when something has come for
//! their people. The push service learns that, and when; nothing else.

mod endpoint;
mod vapid;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use reqwest::{StatusCode, Url};
use sqlx::PgPool;
use tokio::sync::{OnceCell, mpsc};
use uuid::Uuid;
use vapid::Vapid;

use crate::{
    config::Config,
    error::{Masked, Result},
    presence::Presence,
    store::push::{self, Subscription},
};

/// Rooms that may wait.
const QUEUE: usize = 4096;
/// What comes together is told once.
const PAUSE: Duration = Duration::from_secs(1);
/// A browser is woken no more often than this.
const REST: Duration = Duration::from_secs(10);
/// How long a push service keeps a push for a browser that is off, in seconds.
const LIFE: &str = "86400";

/// The way to the push services. Cheap to clone.
#[derive(Clone)]
pub struct Push(Arc<Shared>);

struct Shared {
    pool: PgPool,
    presence: Presence,
    http: reqwest::Client,
    hosts: Vec<String>,
    subject: String,
    key: OnceCell<Vapid>,
    /// Somebody has a subscription: without any, messages cost nothing here.
    wanted: AtomicBool,
    rooms: mpsc::Sender<Uuid>,
}

/// What became of a push.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Sent,
    /// The browser is not subscribed any more.
    Gone,
    Failed,
}

impl Push {
    /// Starts the task that sends.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn start(config: &Config, pool: PgPool, presence: Presence) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .dns_resolver(Arc::new(endpoint::PublicOnly))
            .build()
            .context("web push")?;
        let (rooms, queue) = mpsc::channel(QUEUE);
        let this = Self(Arc::new(Shared {
            pool,
            presence,
            http,
            hosts: config.push_hosts.clone(),
            subject: config.public_url.clone(),
            key: OnceCell::new(),
            wanted: AtomicBool::new(true),
            rooms,
        }));
        tokio::spawn(run(Arc::downgrade(&this.0), queue));
        Ok(this)
    }

    /// Something has come for the people of a room.
    pub fn tell(&self, room: Uuid) {
        if self.0.wanted.load(Ordering::Relaxed) {
            // When the queue is full, those who are told anyway look for themselves.
            let _ = self.0.rooms.try_send(room);
        }
    }

    /// The server's public key, as browsers subscribe with.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn public_key(&self) -> Result<String> {
        Ok(self.0.key().await?.public_key())
    }

    /// Subscribes a session of a person; `false` when the person has too many.
    ///
    /// # Errors
    /// 422 for an endpoint that is none of a known push service.
    pub async fn subscribe(&self, endpoint: &str, user: Uuid, session: Uuid) -> Result<bool> {
        endpoint::check(endpoint, &self.0.hosts)?;
        let hash = endpoint::hash(endpoint);
        let done = push::add(&self.0.pool, &hash, endpoint, user, session).await?;
        self.expect_subscribers();
        Ok(done)
    }

    /// Somebody has subscribed, here or at another node.
    pub fn expect_subscribers(&self) {
        self.0.wanted.store(true, Ordering::Relaxed);
    }

    /// Ends a subscription of a person; tells whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unsubscribe(&self, endpoint: &str, user: Uuid) -> Result<bool> {
        let hash = endpoint::hash(endpoint);
        Ok(push::remove(&self.0.pool, &hash, Some(user)).await?)
    }
}

impl Shared {
    async fn key(&self) -> anyhow::Result<&Vapid> {
        let make = || async {
            let stored = push::key(&self.pool, "vapid", &Vapid::generate()?).await?;
            Vapid::new(&stored, &self.subject)
        };
        self.key.get_or_try_init(make).await
    }

    async fn send(&self, subscription: &Subscription) -> anyhow::Result<()> {
        let Ok(url) = endpoint::check(&subscription.endpoint, &self.hosts) else {
            // PUSH_HOSTS has changed.
            push::remove(&self.pool, &subscription.endpoint_hash, None).await?;
            return Ok(());
        };
        let outcome = post(&self.http, self.key().await?, url).await?;
        metrics::counter!("chat_pushes_total", "outcome" => format!("{outcome:?}").to_lowercase())
            .increment(1);
        if outcome == Outcome::Gone {
            push::remove(&self.pool, &subscription.endpoint_hash, None).await?;
        }
        Ok(())
    }
}

async fn post(http: &reqwest::Client, key: &Vapid, url: Url) -> anyhow::Result<Outcome> {
    let authorization = key.authorization(&url)?;
    let request = http
        .post(url)
        .header("authorization", authorization)
        .header("ttl", LIFE)
        .header("urgency", "high")
        .header("content-length", "0");
    Ok(match request.send().await.map(|reply| reply.status()) {
        Ok(status) if status.is_success() => Outcome::Sent,
        Ok(StatusCode::NOT_FOUND | StatusCode::GONE) => Outcome::Gone,
        Ok(status) => {
            tracing::info!(status = status.as_u16(), "a push service refused a push");
            Outcome::Failed
        }
        Err(error) => {
            tracing::info!(error = %error.without_url(), "a push service does not answer");
            Outcome::Failed
        }
    })
}

async fn run(shared: std::sync::Weak<Shared>, mut queue: mpsc::Receiver<Uuid>) {
    let mut told: HashMap<Vec<u8>, Instant> = HashMap::new();
    while let Some(first) = queue.recv().await {
        tokio::time::sleep(PAUSE).await;
        let mut rooms = HashSet::from([first]);
        while let Ok(room) = queue.try_recv() {
            rooms.insert(room);
        }
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let rooms: Vec<Uuid> = rooms.into_iter().collect();
        if let Err(error) = wake(&shared, &rooms, &mut told).await {
            tracing::warn!(%error, "cannot send pushes");
        }
    }
}

async fn wake(
    shared: &Shared,
    rooms: &[Uuid],
    told: &mut HashMap<Vec<u8>, Instant>,
) -> anyhow::Result<()> {
    let found = push::of_rooms(&shared.pool, rooms)
        .await
        .map_err(|error| anyhow::anyhow!("{}", Masked(&error)))?;
    if found.is_empty() {
        let any = push::any(&shared.pool).await?;
        shared.wanted.store(any, Ordering::Relaxed);
        return Ok(());
    }
    let now = Instant::now();
    told.retain(|_, at| now - *at < REST);
    let people: Vec<Uuid> = found.iter().map(|one| one.user_id).collect();
    let online = shared.presence.online(&people).await;
    for subscription in found {
        // Who is connected hears it there.
        if online.contains(&subscription.user_id) || told.contains_key(&subscription.endpoint_hash)
        {
            continue;
        }
        told.insert(subscription.endpoint_hash.clone(), now);
        shared.send(&subscription).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::{Router, extract::Path, routing::post as on_post};
    use http::HeaderMap;

    use super::*;

    #[tokio::test]
    async fn a_push_is_signed_and_empty_and_a_dead_one_is_known() {
        let service = on_post(
            |Path(status): Path<u16>, headers: HeaderMap, body: String| async move {
                let signed = headers["authorization"]
                    .to_str()
                    .unwrap()
                    .starts_with("vapid t=");
                assert!(signed && headers["ttl"] == LIFE && body.is_empty());
                StatusCode::from_u16(status).unwrap()
            },
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route("/{status}", service);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let key = Vapid::new(&Vapid::generate().unwrap(), "https://chat.example.org").unwrap();
        let http = reqwest::Client::new();
        for (status, outcome) in [
            (201, Outcome::Sent),
            (404, Outcome::Gone),
            (410, Outcome::Gone),
            (429, Outcome::Failed),
            (500, Outcome::Failed),
        ] {
            let url = format!("http://{address}/{status}").parse().unwrap();
            assert_eq!(post(&http, &key, url).await.unwrap(), outcome);
        }
    }
}
