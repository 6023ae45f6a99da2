//! Hostile clients: what they send takes no memory, and the others do not notice.

use std::time::Duration;

use protocol::{
    Code,
    socket::{client, server},
};
use serde_json::{Value, json};
use testkit::{
    Person, Stack,
    hostile::{self, Way},
    socket::Socket,
};
use tokio::{sync::Mutex, time::timeout};

const MIB: u64 = 1024 * 1024;
/// One after the other: each takes the whole machine. (`cargo nextest` lets each run alone.)
static ALONE: Mutex<()> = Mutex::const_new(());
/// Far beyond what anything here takes.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::test]
async fn what_strangers_send_takes_little_memory() {
    let _alone = ALONE.lock().await;
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let growth = hostile::strangers(&stack, &Way::ALL).await;
    assert!(growth < 40 * MIB, "grown by {growth} bytes");
    assert!(ana.me().await.is_ok());
}

#[tokio::test]
async fn a_flood_of_messages_takes_little_memory() {
    let _alone = ALONE.lock().await;
    let stack = Stack::start().await;
    let flood = hostile::flood(&stack).await;
    assert!(flood.stored > 0 && flood.refused > 0, "{flood:?}");
    assert!(flood.stored >= flood.acknowledged, "{flood:?}");
    assert!(flood.growth < 50 * MIB, "{flood:?}");
}

#[tokio::test]
async fn a_flood_by_somebody_who_does_not_read_takes_little_memory() {
    let _alone = ALONE.lock().await;
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let growth = hostile::flood_unread(&stack, &ana).await;
    assert!(growth < 50 * MIB, "grown by {growth} bytes");
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
