//! Small frames through tunnels: an event that chat does not know, and what it says to that.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt, future::try_join_all};
use tokio_tungstenite::tungstenite::Message;

use crate::load::{Stream, Target};

/// Tunnels with a frame in flight each.
const TUNNELS: usize = 32;
/// Bytes of the event's payload, as many as a message's ciphertext has.
const PAYLOAD: usize = 344;

/// Sends and waits for answers, for so long; returns the frames of both directions.
///
/// # Errors
/// When a tunnel breaks.
pub async fn run(target: &Target, time: Duration) -> anyhow::Result<u64> {
    let streams = try_join_all((0..TUNNELS).map(|_| open(target))).await?;
    let until = Instant::now() + time;
    let counts = try_join_all(streams.into_iter().map(|stream| ask(stream, until))).await?;
    Ok(counts.iter().sum::<u64>() * 2)
}

/// A socket as far as one comes without a session.
///
/// # Errors
/// When it does not open.
pub async fn open(target: &Target) -> anyhow::Result<Stream> {
    let mut stream = target.websocket().await?;
    stream.send(Message::text("40")).await?;
    loop {
        let frame = stream.next().await.context("the tunnel ended")??;
        if frame.to_text().is_ok_and(|text| text.starts_with("40")) {
            return Ok(stream);
        }
    }
}

async fn ask(mut stream: Stream, until: Instant) -> anyhow::Result<u64> {
    let text = "x".repeat(PAYLOAD);
    let mut count = 0;
    while Instant::now() < until {
        let event = format!("42{count}[\"nothing\",{{\"text\":\"{text}\"}}]");
        stream.send(Message::text(event)).await?;
        let answer = format!("43{count}[");
        loop {
            match stream.next().await.context("the tunnel ended")?? {
                Message::Text(text) if text.starts_with(&answer) => break,
                Message::Text(text) if text.as_str() == "2" => {
                    stream.send(Message::text("3")).await?;
                }
                Message::Close(reason) => bail!("the socket was closed: {reason:?}"),
                // The greeting, before the first answer.
                _ => {}
            }
        }
        count += 1;
    }
    stream.close(None).await?;
    Ok(count)
}
