//! Redis: hints out, hints in. It may go away at any time; nothing waits for it.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use futures_util::StreamExt;
use redis::{
    AsyncConnectionConfig, Client, IntoConnectionInfo,
    aio::{MultiplexedConnection, PubSubStream},
    io::tcp::TcpSettings,
};
use tokio::time::{sleep, timeout};

use super::{Cluster, hint::Hint, notice::Notice};

/// Where hints go. What is told holds no name: nodes of another installation do not know the rooms.
const CHANNEL: &str = "snug:hints";
/// Longest time to connect, to subscribe, or to send a hint.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a node says that it is alive when it has nothing to say.
const BEAT: Duration = Duration::from_secs(1);
/// A node that does not hear itself for so long is not heard by others either.
const SILENCE: Duration = Duration::from_secs(5);
/// Pause before the next try.
const RETRY: Duration = Duration::from_secs(1);

/// A client for `REDIS_URL`.
///
/// # Errors
/// When it is no URL of a Redis.
pub(super) fn client(url: &str) -> anyhow::Result<Client> {
    // The library's own message repeats the URL, password included.
    let wrong = "REDIS_URL is no URL of a Redis; write redis://host:6379 or rediss://host:6379";
    let info = url.into_connection_info().ok().context(wrong)?;
    let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
    Client::open(info).ok().context(wrong)
}

/// Keeps the connection for as long as it is polled.
pub(super) async fn run(cluster: Cluster, client: Client) {
    let mut complained = false;
    loop {
        let Err(error) = serve(&cluster, &client).await;
        if cluster.link_is(false) || !complained {
            complained = true;
            tracing::warn!(%error, "the broker is gone; this node looks at the tables every second");
        }
        // Who still has a broker hears nothing from us: the database tells them.
        if cluster.hints().give_up() {
            cluster.relay(Notice::Look);
        }
        sleep(RETRY).await;
    }
}

async fn serve(cluster: &Cluster, client: &Client) -> anyhow::Result<std::convert::Infallible> {
    let connect = async {
        let mut listening = client.get_async_pubsub().await?;
        listening.subscribe(CHANNEL).await?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let telling = client.get_multiplexed_async_connection_with_config(&config);
        Ok::<_, redis::RedisError>((listening, telling.await?))
    };
    let (listening, telling) = timeout(2 * PATIENCE, connect)
        .await
        .context("no answer")?
        .map_err(masked)?;
    // The sink keeps the subscription.
    let (_sink, stream) = listening.split();
    tokio::select! {
        ended = tell(cluster, telling) => ended,
        ended = hear(cluster, stream) => ended,
    }
}

async fn tell(
    cluster: &Cluster,
    mut connection: MultiplexedConnection,
) -> anyhow::Result<std::convert::Infallible> {
    let waiting = cluster.hints();
    loop {
        let hint = waiting.take(cluster.node());
        let text = serde_json::to_vec(&hint)?;
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(CHANNEL).arg(text);
        if let Err(error) = publish.query_async::<()>(&mut connection).await {
            waiting.look();
            if !hint.is_empty() {
                cluster.relay(Notice::Look);
            }
            return Err(masked(error));
        }
        let _ = timeout(BEAT, waiting.some.notified()).await;
    }
}

async fn hear(
    cluster: &Cluster,
    mut stream: PubSubStream,
) -> anyhow::Result<std::convert::Infallible> {
    let mut heard = Instant::now();
    loop {
        let message = timeout(SILENCE, stream.next()).await;
        let message = message.ok().context("silence")?.context("closed")?;
        match serde_json::from_slice::<Hint>(message.get_payload_bytes()) {
            Ok(hint) if hint.from == cluster.node() => {
                heard = Instant::now();
                cluster.hears_itself();
                if cluster.link_is(true) {
                    tracing::info!("the broker is there");
                }
            }
            Ok(hint) => cluster.take_hint(hint),
            // A newer node's: the tables say the same.
            Err(error) => tracing::debug!(%error, "a hint is not understood"),
        }
        if heard.elapsed() > SILENCE {
            bail!("does not send back what it is told");
        }
    }
}

/// What went wrong, without what was sent or where: URLs hold passwords.
fn masked(error: redis::RedisError) -> anyhow::Error {
    anyhow::anyhow!("{}", error.category())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_url_is_refused_without_repeating_it() {
        assert!(client("redis://user:pass@localhost:6379/2").is_ok());
        assert!(client("rediss://localhost").is_ok());
        for wrong in ["", "localhost:6379", "http://s3cret@localhost"] {
            let error = format!("{:#}", client(wrong).err().unwrap());
            assert!(error.starts_with("REDIS_URL"), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
