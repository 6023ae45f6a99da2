//! Two chat servers and a Redis behind the gateway, and what happens when one of them dies in the
//! middle.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use protocol::{
    Problem,
    rest::people::Contact,
    socket::{ContactChange, ContactsUpdated},
};
use serde_json::{Value, json};
use testkit::{Device, Person, Server, Stack, socket::Socket, until};
use tokio::time::timeout;

/// Messages of each person to each friend.
const MESSAGES: usize = 45;
/// After so many the fault strikes, and after so many more it is mended.
const THIRD: usize = MESSAGES / 3;

/// Three pairs of people who know each other: six sockets, which the gateway spreads over the nodes.
async fn pairs(stack: &Stack) -> Vec<(Device, Device)> {
    let mut pairs = Vec::new();
    for number in 0..3 {
        let (one, other) = (format!("ana-{number}"), format!("bo-{number}"));
        let (one, other) =
            tokio::join!(Person::sign_up(stack, &one), Person::sign_up(stack, &other));
        let ask = json!({"user_id": other.user_id});
        let _: Value = one.post("/api/friend-requests/send", &ask).await.unwrap();
        let ask = json!({"user_id": one.user_id});
        let _: Value = other.post("/api/friend-requests/send", &ask).await.unwrap();
        let (one, other) = tokio::join!(Device::set_up(&one), Device::set_up(&other));
        one.write(&other.person, "hello");
        other.reads(&one.person, &["hello"]).await;
        pairs.push((one, other));
    }
    pairs
}

/// Everybody writes to their friend, in turns and without waiting.
fn write(pairs: &[(Device, Device)], numbers: std::ops::Range<usize>) {
    for number in numbers {
        for (one, other) in pairs {
            one.write(&other.person, &format!("ana {number}"));
            other.write(&one.person, &format!("bo {number}"));
        }
    }
}

/// Waits until both of each pair have all that was written so far: each message once, the same
/// order for both, the sender's order for each sender.
async fn all_read(pairs: &[(Device, Device)], count: usize) {
    for (one, other) in pairs {
        let what = format!("{count} messages each of {}", one.person.username);
        until(&what, || async {
            let (here, there) = (one.transcript(&other.person), other.transcript(&one.person));
            let all = 2 * count + 1;
            (here.len() >= all && there.len() >= all).then_some(())
        })
        .await;
        let (here, there) = (one.transcript(&other.person), other.transcript(&one.person));
        assert_eq!(here, there);
        for name in ["ana", "bo"] {
            let prefix = format!("{name} ");
            let said = here.iter().map(|(_, text)| text.as_str());
            let said: Vec<&str> = said.filter(|text| text.starts_with(&prefix)).collect();
            let expected: Vec<String> = (0..count).map(|n| format!("{name} {n}")).collect();
            assert_eq!(said, expected);
        }
    }
}

/// What the database holds: no place missing, none twice, no message twice.
async fn rows_are_whole(stack: &Stack) {
    let rooms: Vec<(i64, i64, i64, i64)> = sqlx::query_as(
        "select r.seq, count(*), count(distinct m.seq), count(distinct m.client_id)
         from rooms r join messages m using (room_id) group by r.room_id",
    )
    .fetch_all(stack.chat_database())
    .await
    .unwrap();
    assert_eq!(rooms.len(), 3);
    for (head, rows, places, ids) in rooms {
        assert_eq!((head, head, head), (rows, places, ids));
    }
}

/// Waits until a node is or is not connected to the broker.
async fn broker_is(stack: &Stack, up: bool) {
    for node in 0..stack.nodes() {
        let line = format!("chat_broker_up {}", u8::from(up));
        until(&format!("{line} at node {node}"), || async {
            let text = stack.metrics(Server::Chat, node).await;
            text.lines().any(|one| one == line).then_some(())
        })
        .await;
    }
}

/// The sockets at each node.
async fn sockets(stack: &Stack) -> Vec<u32> {
    let mut counts = Vec::new();
    for node in 0..stack.nodes() {
        let text = stack.metrics(Server::Chat, node).await;
        let count = text
            .lines()
            .find_map(|line| line.strip_prefix("chat_connections "));
        counts.push(count.unwrap().parse().unwrap());
    }
    counts
}

#[tokio::test]
async fn a_node_is_killed_under_load_and_comes_back() {
    let stack = Stack::start_nodes(2).await;
    broker_is(&stack, true).await;
    let pairs = pairs(&stack).await;
    assert!(
        sockets(&stack).await.iter().all(|count| *count > 0),
        "both nodes have sockets"
    );
    write(&pairs, 0..THIRD);
    stack.kill_node(Server::Chat, 1);
    write(&pairs, THIRD..2 * THIRD);
    // One is enough: everybody is there, and everything arrives.
    all_read(&pairs, 2 * THIRD).await;
    assert_eq!(stack.readiness(Server::Gateway).await, Some(200));
    assert_eq!(
        pairs[0]
            .0
            .person
            .raw("GET", "/api/health", None)
            .await
            .status(),
        200
    );
    stack.restart(Server::Chat).await;
    stack.kill_node(Server::Chat, 0);
    write(&pairs, 2 * THIRD..MESSAGES);
    all_read(&pairs, MESSAGES).await;
    rows_are_whole(&stack).await;

    stack.kill_node(Server::Chat, 1);
    until("the gateway to have nobody", || async {
        (stack.readiness(Server::Gateway).await? == 503).then_some(())
    })
    .await;
    let down: Problem = pairs[0].0.person.get::<Value>("/api/me").await.unwrap_err();
    assert_eq!(down.status, 502);
    stack.restart_all().await;
    assert_eq!(stack.readiness(Server::Gateway).await, Some(200));
    rows_are_whole(&stack).await;
}

#[tokio::test]
async fn who_was_at_a_node_that_crashed_goes_offline_unless_they_are_back() {
    let stack = Stack::start_nodes(2).await;
    broker_is(&stack, true).await;
    let (ana, bo, cleo) = tokio::join!(
        Person::sign_up(&stack, "ana"),
        Person::sign_up(&stack, "bo.l"),
        Person::sign_up(&stack, "cleo")
    );
    ana.befriend(&bo).await;
    ana.befriend(&cleo).await;
    bo.befriend(&cleo).await;
    // The gateway gives a new socket to the node that has fewer: one to each, and one more.
    let (_one, heard_by_ana) = Socket::connect(&ana.target()).await.unwrap();
    // Its own count has to be that of the sockets alone: requests that end count until they did.
    let counted = |wanted: [u32; 2]| {
        let stack = &stack;
        until("the sockets", move || async move {
            let counts = sockets(stack).await;
            let mut sorted = counts.clone();
            sorted.sort_unstable();
            let seen = stack.gateway_sees("gateway_upstream_active").await;
            let agreed = seen.into_iter().eq(counts.iter().copied().map(Some));
            (sorted == wanted && agreed).then_some(counts)
        })
    };
    let home = counted([0, 1]).await.iter().position(|count| *count == 1);
    let (_other, heard_by_bo) = Socket::connect(&bo.target()).await.unwrap();
    counted([1, 1]).await;
    // An engine connects again by itself, a socket does not.
    let device = Device::set_up(&cleo).await;
    let crowded = counted([1, 2]).await.iter().position(|count| *count == 2);
    let (mut heard, stays, goes) = match home == crowded {
        true => (heard_by_bo, &bo, &ana),
        false => (heard_by_ana, &ana, &bo),
    };

    stack.kill_node(Server::Chat, crowded.unwrap());
    let told = async {
        loop {
            let event = heard.recv().await.unwrap();
            let update = event.payload::<ContactsUpdated>();
            let offline = |one: &ContactsUpdated| one.change == ContactChange::Offline;
            if let Some(update) = update.filter(offline) {
                return update.contact;
            }
        }
    };
    // The lease of the node that is gone has to run out.
    let gone = timeout(Duration::from_secs(120), told).await.unwrap();
    assert_eq!((gone.user_id, gone.online), (goes.user_id, false));
    device.live().await;
    let contacts: Vec<Contact> = stays.get("/api/contacts").await.unwrap();
    assert_eq!(contacts.len(), 2);
    for contact in contacts {
        let back = contact.user_id == cleo.user_id;
        assert_eq!(contact.online, back, "{}", contact.username);
    }
}

#[tokio::test]
async fn redis_is_killed_under_load_and_comes_back() {
    let stack = Stack::start_nodes(2).await;
    broker_is(&stack, true).await;
    let pairs = pairs(&stack).await;
    write(&pairs, 0..THIRD);
    stack.kill_redis();
    write(&pairs, THIRD..2 * THIRD);
    broker_is(&stack, false).await;
    // Without it, too, everything arrives.
    all_read(&pairs, 2 * THIRD).await;
    write(&pairs, 2 * THIRD..2 * THIRD + 1);
    stack.restart_redis().await;
    write(&pairs, 2 * THIRD + 1..MESSAGES);
    broker_is(&stack, true).await;
    all_read(&pairs, MESSAGES).await;
    rows_are_whole(&stack).await;
    // No socket was closed for it.
    let closed = stack.log(Server::Chat);
    assert!(!closed.contains("sockets resume"), "{closed}");
}

#[tokio::test]
async fn long_polling_stays_at_its_node() {
    let stack = Stack::start_nodes(2).await;
    let ana = Person::sign_up(&stack, "ana").await;
    let url = format!("{}/socket.io/?EIO=4&transport=polling", stack.url());
    let token = ana.target().token.unwrap();
    let mut cookies = std::collections::BTreeSet::new();
    // Sessions of long polling leave no socket behind that would count: equals take turns.
    for _ in 0..8 {
        let opened = stack.http().get(&url).send().await.unwrap();
        let cookie = opened.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        assert!(cookie.starts_with("__Host-node="), "{cookie}");
        let text = opened.text().await.unwrap();
        let open: Value = serde_json::from_str(text.strip_prefix('0').unwrap()).unwrap();
        let session = format!("{url}&sid={}", open["sid"].as_str().unwrap());
        let connect = format!("40{}", json!({"token": token}));
        let sent = stack.http().post(&session).header("cookie", &cookie);
        let sent = sent.body(connect).send().await.unwrap();
        assert_eq!(sent.status(), 200);
        let mut heard = String::new();
        while !heard.contains("connected") {
            let poll = stack.http().get(&session).header("cookie", &cookie);
            let poll = poll.send().await.unwrap();
            assert_eq!(poll.status(), 200);
            heard.push_str(&poll.text().await.unwrap());
        }
        assert!(heard.contains(&ana.user_id.to_string()), "{heard}");
        cookies.insert(cookie);
    }
    assert_eq!(cookies.len(), 2, "new sessions are not spread");
}
