//! What an idle stack takes: acknowledgement at the socket, and memory. Prints, asserts nothing.
//!
//! `TEST_DATABASE_URL=… cargo run -p testkit --example measure`, servers built beforehand.

#![expect(clippy::unwrap_used, reason = "a measurement fails by panicking")]

use std::time::{Duration, Instant};

use protocol::{
    ClientId, RoomId,
    socket::{Connected, DeviceAck, DeviceProof, MessageAck, SendMessage, client},
};
use testkit::{Device, Person, Stack, socket::Socket};

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
    let keys = e2ee::DeviceKeys::from_bytes(&one.records()["state/keys/device"]).unwrap();
    let sealed = sealed_message(&one, room_id);
    // Two sockets of one device would put each other out.
    drop(one);
    let mut socket = prove(&ana, &keys).await;
    let mut times: Vec<Duration> = Vec::with_capacity(MESSAGES);
    for _ in 0..MESSAGES {
        let message = SendMessage {
            room_id,
            client_id: ClientId::from_parts(0, rand::random()),
            message: sealed.clone().into(),
        };
        let started = Instant::now();
        let _: MessageAck = socket.ask(client::MESSAGE, &message).await.unwrap();
        times.push(started.elapsed());
    }
    times.sort_unstable();
    println!(
        "acknowledgement at the socket, {MESSAGES} messages of {} B one after the other: \
         p50 {:?}, p99 {:?}, longest {:?}",
        sealed.len(),
        times[MESSAGES / 2],
        times[MESSAGES * 99 / 100],
        times[MESSAGES - 1],
    );
}

/// A message of the room's epoch: the server reads its framing alone, so that one serves for all.
fn sealed_message(device: &Device, room_id: RoomId) -> Vec<u8> {
    let keys = e2ee::DeviceKeys::from_bytes(&device.records()["state/keys/device"]).unwrap();
    let records = device.records().into_iter().filter_map(|(key, value)| {
        let key = key.strip_prefix("state/mls/")?;
        let bytes = (0..key.len() / 2)
            .map(|at| u8::from_str_radix(&key[at * 2..at * 2 + 2], 16).unwrap())
            .collect();
        Some((bytes, value))
    });
    let mut client = e2ee::Client::new(keys, records);
    let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::from_seed(rand::random());
    client.seal(room_id.0, &[0; 256], &mut rng).unwrap()
}

async fn prove(person: &Person, keys: &e2ee::DeviceKeys) -> Socket {
    let (mut socket, mut events) = Socket::connect(&person.target()).await.unwrap();
    let connected: Connected = events.recv().await.unwrap().payload().unwrap();
    let proof = DeviceProof {
        device_id: keys.credential().device.into(),
        signature: keys.prove(&connected.nonce.0).to_vec().into(),
    };
    let _: DeviceAck = socket.ask(client::DEVICE, &proof).await.unwrap();
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    socket
}

fn megabytes(stack: &Stack) -> f64 {
    stack.memory() as f64 / 1e6
}
