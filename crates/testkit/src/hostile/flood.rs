//! Floods of messages by somebody who is signed in.

use protocol::{
    Code, RoomId,
    socket::{Ack, MessageAck, SendMessage, client},
};
use serde_json::json;
use tokio::time::timeout;

use super::{
    OUTSIDE, PATIENCE,
    wire::{Wire, text},
};
use crate::{RawDevice, Server, Stack, fresh_id, friends, person::Person, socket::read_ack};

/// Messages of a flood.
const FLOOD: usize = 150_000;

/// What became of one.
#[derive(Clone, Copy, Debug)]
pub struct Flood {
    /// How far memory rose, in bytes.
    pub growth: u64,
    /// Messages that were stored.
    pub stored: usize,
    /// Those of them whose acknowledgement the sender has read. One that reads too slowly is cut,
    /// on a busy machine perhaps before its first.
    pub acknowledged: usize,
    /// Messages that the server refused for now.
    pub refused: usize,
}

/// 150,000 messages by a device that waits for no acknowledgement.
///
/// # Panics
/// When a message is refused for good.
pub async fn flood(stack: &Stack) -> Flood {
    let (ana, bo) = friends(stack).await;
    ana.write(&bo.person, "hello");
    bo.reads(&ana.person, &["hello"]).await;
    let room_id = bo.history(&ana.person)[0].room_id.unwrap();
    let mut raw = RawDevice::take_over(ana).await;
    // The server reads the framing alone, so that one ciphertext serves for all.
    let sealed = raw.seal(room_id, b"flood");
    drop(bo);
    let before = stored(stack, room_id).await;
    let mut acknowledged = 0;
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
            for answer in waiting {
                let Ok(answer) = timeout(PATIENCE, answer).await.unwrap() else {
                    continue;
                };
                match read_ack::<MessageAck>(answer) {
                    Ack::Ok(_) => acknowledged += 1,
                    Ack::Refused(problem) => {
                        // The database, too, may have too much to do: both say "again, later".
                        let later = [Code::QueueFull, Code::Unavailable];
                        assert!(later.contains(&problem.code), "{problem:?}");
                    }
                }
            }
        })
        .await;
    let mut refused_by_all = 0;
    for node in 0..stack.nodes() {
        refused_by_all += refused(&stack.metrics(Server::Chat, node).await);
    }
    Flood {
        growth,
        stored: stored(stack, room_id).await - before,
        acknowledged,
        refused: refused_by_all,
    }
}

/// Rows of a room's log.
async fn stored(stack: &Stack, room: RoomId) -> usize {
    let count = sqlx::query_scalar("SELECT count(*) FROM messages WHERE room_id = $1");
    let rows: i64 = count
        .bind(room.0)
        .fetch_one(stack.chat_database())
        .await
        .unwrap();
    rows as usize
}

/// Messages that found no place in a queue, of a socket or of the log.
fn refused(metrics: &str) -> usize {
    let queues =
        ["socket", "log"].map(|queue| format!("chat_queue_full_total{{queue=\"{queue}\"}} "));
    let of = |line: &str| {
        queues
            .iter()
            .find_map(|queue| line.strip_prefix(queue)?.parse::<usize>().ok())
    };
    metrics.lines().filter_map(of).sum()
}

/// 150,000 events by a person who reads no answer: how far memory rises, in bytes.
pub async fn flood_unread(stack: &Stack, person: &Person) -> u64 {
    let token = person.target().token.unwrap();
    let read = json!(["read", {"room_id": fresh_id(), "seq": 1}]);
    stack
        .growth(&OUTSIDE, async {
            let mut wire = Wire::open(stack, Some(&token)).await;
            let packet = |number| text(format!("42{number}{read}").as_bytes());
            let all: Vec<u8> = (0..FLOOD).flat_map(packet).collect();
            // It is cut, sooner or later.
            let _ = timeout(PATIENCE, wire.send(&all)).await.unwrap();
            timeout(PATIENCE, wire.rest()).await.unwrap();
        })
        .await
}
