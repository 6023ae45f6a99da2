//! What an idle stack takes: acknowledgement and delivery at the sockets, and memory. Prints, asserts
//! nothing. With `SNUG_TEST_NODES=2` the two sockets are at two chat servers.
//!
//! `TEST_DATABASE_URL=… cargo run -p testkit --example measure`, servers built beforehand.

#![expect(clippy::unwrap_used, reason = "a measurement fails by panicking")]

use std::time::{Duration, Instant};

use protocol::socket::{BinaryEnvelope, SyncAck};
use serde_json::json;
use testkit::{Device, Person, RawDevice, Stack, fresh_id};

const MESSAGES: usize = 500;

#[tokio::main]
async fn main() {
    let stack = Stack::start().await;
    println!("memory without anybody: {:.1} MB", megabytes(&stack));
    let (ana, bo) = tokio::join!(
        Person::sign_up(&stack, "ana"),
        Person::sign_up(&stack, "bo.l")
    );
    ana.befriend(&bo).await;
    let (one, other) = tokio::join!(Device::set_up(&ana), Device::set_up(&bo));
    one.write(&bo, "hello");
    other.reads(&ana, &["hello"]).await;
    println!("memory with two people: {:.1} MB", megabytes(&stack));

    let room_id = one.history(&bo)[0].room_id.unwrap();
    let mut raw = RawDevice::take_over(one).await;
    // The server reads the framing alone, so that one ciphertext serves for all.
    let sealed = raw.seal(room_id, &[0; 256]);
    let mut hears = RawDevice::take_over(other).await;
    let everything = json!({"cursors": {}});
    let synced: SyncAck = hears.socket.ask("sync", &everything).await.unwrap();
    assert!(!synced.more);
    let mut times: Vec<Duration> = Vec::with_capacity(MESSAGES);
    let mut heard: Vec<Duration> = Vec::with_capacity(MESSAGES);
    for _ in 0..MESSAGES {
        let started = Instant::now();
        let sent = raw.send(room_id, fresh_id(), &sealed).await.unwrap();
        times.push(started.elapsed());
        loop {
            let event = hears.events.recv().await.unwrap();
            let envelope = event.payload::<BinaryEnvelope>();
            if envelope.is_some_and(|envelope| envelope.seq == sent.seq) {
                break;
            }
        }
        heard.push(started.elapsed());
    }
    times.sort_unstable();
    heard.sort_unstable();
    println!(
        "acknowledgement at the socket, {MESSAGES} messages of {} B one after the other: \
         p50 {:?}, p99 {:?}, longest {:?}",
        sealed.len(),
        times[MESSAGES / 2],
        times[MESSAGES * 99 / 100],
        times[MESSAGES - 1],
    );
    println!(
        "the same at the other's socket, of {} chat servers: p50 {:?}, p99 {:?}",
        stack.nodes(),
        heard[MESSAGES / 2],
        heard[MESSAGES * 99 / 100],
    );
}

fn megabytes(stack: &Stack) -> f64 {
    stack.memory() as f64 / 1e6
}
