//! Hostile clients: what they send takes no memory, and the others do not notice.

use std::time::Duration;

use futures_util::future::join_all;
use protocol::{
    Code,
    socket::{Ack, MessageAck, SendMessage, client, server},
};
use serde_json::{Value, json};
use testkit::{
    Person, RawDevice, Server, Stack, fresh_id,
    socket::{Socket, read_ack},
};
use tokio::{sync::Mutex, time::timeout};

use crate::{
    conversations::friends,
    wire::{Wire, frame, text},
};

const MIB: usize = 1024 * 1024;
/// What each of [`ATTACKERS`] sends.
const SIZE: usize = 45 * MIB;
const ATTACKERS: usize = 20;
/// Messages of a flood.
const FLOOD: usize = 150_000;
/// Servers that strangers reach.
const OUTSIDE: [Server; 2] = [Server::Gateway, Server::Chat];
/// One after the other: each takes the whole machine. (`cargo nextest` lets each run alone.)
static ALONE: Mutex<()> = Mutex::const_new(());
/// Far beyond what anything here takes.
const PATIENCE: Duration = Duration::from_secs(300);

/// Ways to send much before login.
#[derive(Clone, Copy, Debug)]
enum Way {
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
    const ALL: [Self; 8] = [
        Self::Message,
        Self::Fragments,
        Self::Attachments,
        Self::Events,
        Self::Body,
        Self::Chunks,
        Self::Upload,
        Self::Poll,
    ];

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

#[tokio::test]
async fn what_strangers_send_takes_little_memory() {
    let _alone = ALONE.lock().await;
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    // Once by one, so that what is loaded for the first time is not counted.
    for way in Way::ALL {
        let _ = way.send(&stack, MIB).await;
    }
    let growth = stack
        .growth(&OUTSIDE, async {
            for way in Way::ALL {
                let all = (0..ATTACKERS).map(|_| way.send(&stack, SIZE));
                let sent = timeout(PATIENCE, join_all(all)).await;
                let taken = sent.unwrap().into_iter().any(|sent| sent.is_ok());
                // What is fine piece by piece may all be taken.
                assert!(!taken || matches!(way, Way::Events), "{way:?}");
            }
        })
        .await;
    assert!(growth < 40 * MIB as u64, "grown by {growth} bytes");
    assert!(ana.me().await.is_ok());
}

#[tokio::test]
async fn a_flood_of_messages_takes_little_memory() {
    let _alone = ALONE.lock().await;
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    ana.write(&bo.person, "hello");
    bo.reads(&ana.person, &["hello"]).await;
    let room_id = bo.history(&ana.person)[0].room_id.unwrap();
    let mut raw = RawDevice::take_over(ana).await;
    // The server reads the framing alone, so that one ciphertext serves for all.
    let sealed = raw.seal(room_id, b"flood");
    drop(bo);
    let growth = stack
        .growth(&OUTSIDE, async {
            let mut waiting = Vec::with_capacity(FLOOD);
            for number in 0..FLOOD {
                let message = SendMessage {
                    room_id,
                    client_id: fresh_id(),
                    message: sealed.clone().into(),
                };
                waiting.push(raw.socket.emit(client::MESSAGE, &message));
                // The tasks that send and read have their turn.
                if number % 32 == 0 {
                    tokio::task::yield_now().await;
                }
            }
            let (mut stored, mut refused) = (0, 0);
            for answer in waiting {
                // Who reads too slowly is cut, on a busy machine this client, too.
                let Ok(answer) = timeout(PATIENCE, answer).await.unwrap() else {
                    break;
                };
                match read_ack::<MessageAck>(answer) {
                    Ack::Ok(_) => stored += 1,
                    Ack::Refused(problem) => {
                        // The database, too, may have too much to do: both say "again, later".
                        let later = [Code::QueueFull, Code::Unavailable];
                        assert!(later.contains(&problem.code), "{problem:?}");
                        refused += 1;
                    }
                }
            }
            assert!(
                stored > 0 && refused > 0,
                "{stored} stored, {refused} refused"
            );
        })
        .await;
    assert!(growth < 50 * MIB as u64, "grown by {growth} bytes");
}

#[tokio::test]
async fn a_flood_by_somebody_who_does_not_read_takes_little_memory() {
    let _alone = ALONE.lock().await;
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let token = ana.target().token.unwrap();
    let read = json!(["read", {"room_id": fresh_id(), "seq": 1}]);
    let growth = stack
        .growth(&OUTSIDE, async {
            let mut wire = Wire::open(&stack, Some(&token)).await;
            let packet = |number| text(format!("42{number}{read}").as_bytes());
            let all: Vec<u8> = (0..FLOOD).flat_map(packet).collect();
            // It is cut, sooner or later.
            let _ = timeout(PATIENCE, wire.send(&all)).await.unwrap();
            timeout(PATIENCE, wire.rest()).await.unwrap();
        })
        .await;
    assert!(growth < 50 * MIB as u64, "grown by {growth} bytes");
    assert!(ana.me().await.is_ok());
}

#[tokio::test]
async fn a_packet_that_does_not_become_whole_ends_its_socket_alone() {
    let _alone = ALONE.lock().await;
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let (mut other, mut heard) = Socket::connect(&ana.target()).await.unwrap();
    assert_eq!(heard.recv().await.unwrap().name, server::CONNECTED);
    let part = r#"452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    let event = r#"421["typing",{"room_id":1}]"#;
    // An attachment that nobody announced; something else instead of one; of two, after one.
    for (texts, attachment) in [
        (vec![], true),
        (vec![part, event], false),
        (vec![part, part], false),
        (vec![part, event], true),
    ] {
        let (socket, mut events) = Socket::connect(&ana.target()).await.unwrap();
        let mut texts = texts.into_iter();
        texts.next().inspect(|text| socket.send_raw(text));
        if attachment {
            socket.send_raw_binary(vec![0; 10]);
        }
        texts.next().inspect(|text| socket.send_raw(text));
        let closed = async { while events.recv().await.is_some() {} };
        timeout(PATIENCE, closed).await.unwrap();
    }
    let wrong = json!({"room_id": 1});
    let answer = other.ask::<Value>(client::TYPING, &wrong).await;
    assert_eq!(answer.unwrap_err().code, Code::InvalidPayload);
}
