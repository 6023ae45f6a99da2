//! Strangers who send much before they log in.

use futures_util::future::join_all;
use serde_json::Value;
use tokio::time::timeout;

use super::{
    OUTSIDE, PATIENCE,
    wire::{Wire, frame, text},
};
use crate::Stack;

/// Strangers at a time.
const ATTACKERS: usize = 20;
/// What each of them sends.
const SIZE: usize = 45 * MIB;
const MIB: usize = 1024 * 1024;

/// How far memory rises, in bytes, while 20 strangers send 45 MiB each, in one way after the other.
///
/// # Panics
/// When what no stranger may send is taken.
pub async fn strangers(stack: &Stack, ways: &[Way]) -> u64 {
    // Once by one, so that what is loaded for the first time is not counted.
    for way in ways {
        let _ = way.send(stack, MIB).await;
    }
    stack
        .growth(&OUTSIDE, async {
            for way in ways {
                let all = (0..ATTACKERS).map(|_| way.send(stack, SIZE));
                let sent = timeout(PATIENCE, join_all(all)).await;
                let taken = sent.unwrap().into_iter().any(|sent| sent.is_ok());
                // What is fine piece by piece may all be taken.
                assert!(!taken || *way == Way::Events, "{way:?}");
            }
        })
        .await
}

/// Ways to send much before login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One message.
    Message,
    /// One message in fragments that never ends.
    Fragments,
    /// One packet whose attachments do not come to an end.
    Attachments,
    /// Messages of a size that is fine, each of which wants an answer.
    Events,
    /// The body of a request that says how long it is.
    Body,
    /// The body of a request that does not.
    Chunks,
    /// An upload.
    Upload,
    /// The body of a long polling request.
    Poll,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Message,
        Self::Fragments,
        Self::Attachments,
        Self::Events,
        Self::Body,
        Self::Chunks,
        Self::Upload,
        Self::Poll,
    ];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Message => "one message",
            Self::Fragments => "fragments of a message",
            Self::Attachments => "attachments of a packet",
            Self::Events => "events",
            Self::Body => "a body of a known length",
            Self::Chunks => "a body of chunks",
            Self::Upload => "an upload",
            Self::Poll => "a body of long polling",
        }
    }

    /// Sends so many bytes; an error when they are not taken.
    async fn send(self, stack: &Stack, bytes: usize) -> std::io::Result<()> {
        match self {
            Self::Message | Self::Fragments | Self::Attachments | Self::Events => {
                self.frames(stack, bytes).await
            }
            Self::Body => post(stack, "/api/login", "application/json", bytes).await,
            Self::Chunks => chunks(stack, "/api/signup", "application/json", bytes).await,
            Self::Upload => {
                chunks(
                    stack,
                    "/api/files",
                    "multipart/form-data; boundary=x",
                    bytes,
                )
                .await
            }
            Self::Poll => {
                let url = format!("{}/socket.io/?EIO=4&transport=polling", stack.url());
                let opened = stack.http().get(url).send().await.unwrap();
                let opened = opened.text().await.unwrap();
                let open: Value = serde_json::from_str(&opened[1..]).unwrap();
                let sid = open["sid"].as_str().unwrap();
                let path = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
                post(stack, &path, "text/plain", bytes).await
            }
        }
    }

    async fn frames(self, stack: &Stack, bytes: usize) -> std::io::Result<()> {
        const PIECE: usize = 100 * 1024;
        let mut wire = Wire::open(stack, None).await;
        let pieces = bytes / PIECE;
        match self {
            Self::Message => {
                wire.send(&frame(0x81, bytes)).await?;
                wire.fill(bytes).await?;
            }
            Self::Fragments => {
                for number in 0..pieces {
                    wire.send(&frame(u8::from(number == 0), PIECE)).await?;
                    wire.fill(PIECE).await?;
                }
            }
            Self::Attachments => {
                let packet = r#"458-["message",{"_placeholder":true,"num":0}]"#;
                wire.send(&text(packet.as_bytes())).await?;
                for _ in 0..pieces {
                    wire.send(&frame(0x82, PIECE)).await?;
                    wire.fill(PIECE).await?;
                }
            }
            _ => {
                let event = text(format!("421[\"sync\",\"{}\"]", "x".repeat(PIECE)).as_bytes());
                for _ in 0..pieces {
                    wire.send(&event).await?;
                }
            }
        }
        Ok(())
    }
}

/// Posts a body that says how long it is.
async fn post(stack: &Stack, path: &str, kind: &str, bytes: usize) -> std::io::Result<()> {
    let mut wire = Wire::connect(stack).await;
    wire.request(path, kind, &format!("Content-Length: {bytes}"))
        .await?;
    wire.fill(bytes).await
}

/// Posts a body that does not.
async fn chunks(stack: &Stack, path: &str, kind: &str, bytes: usize) -> std::io::Result<()> {
    let mut wire = Wire::connect(stack).await;
    wire.request(path, kind, "Transfer-Encoding: chunked")
        .await?;
    for _ in 0..bytes / 0x10000 {
        wire.send(b"10000\r\n").await?;
        wire.fill(0x10000).await?;
        wire.send(b"\r\n").await?;
    }
    Ok(())
}
