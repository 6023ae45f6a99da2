//! The log: a message once, an epoch's commit once.

use protocol::{Code, RoomId};
use testkit::{Device, RawDevice, Stack, fresh_id, friends, until};

async fn room_of(ana: &Device, bo: &Device) -> RoomId {
    ana.write(&bo.person, "hello");
    bo.reads(&ana.person, &["hello"]).await;
    let entry = bo.history(&ana.person).pop().unwrap();
    // The cursor, so that nothing is on its way when the engine ends.
    until("the acknowledgement", || async {
        ana.history(&bo.person).pop()?.seq
    })
    .await;
    entry.room_id.unwrap()
}

#[tokio::test]
async fn a_message_that_is_sent_again_has_its_first_result() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    let room = room_of(&ana, &bo).await;
    let mut raw = RawDevice::take_over(ana).await;
    let (one, two) = (raw.seal(room, b"one"), raw.seal(room, b"two"));
    let id = fresh_id();
    let first = raw.send(room, id, &one).await.unwrap();
    assert_eq!(first.seq, 3, "the commit, hello, this");
    for _ in 0..3 {
        assert_eq!(raw.send(room, id, &one).await.unwrap(), first);
    }
    // Another ciphertext under the same id changes nothing either.
    assert_eq!(raw.send(room, id, &two).await.unwrap(), first);
    let next = raw.send(room, fresh_id(), &two).await.unwrap();
    assert_eq!(next.seq, 4);
    // Many at once, in one batch.
    let (id, three) = (fresh_id(), raw.seal(room, b"three"));
    let message = protocol::socket::SendMessage {
        room_id: room,
        client_id: id,
        message: three.into(),
    };
    let waiting: Vec<_> = (0..20)
        .map(|_| raw.socket.emit("message", &message))
        .collect();
    for answer in waiting {
        let ack: protocol::socket::Ack<protocol::socket::MessageAck> =
            testkit::socket::read_ack(answer.await.unwrap());
        assert!(
            matches!(ack, protocol::socket::Ack::Ok(ack) if ack.seq == 5),
            "{ack:?}"
        );
    }
}

#[tokio::test]
async fn an_epoch_that_is_over_takes_neither_messages_nor_commits() {
    let stack = Stack::start().await;
    let (ana, bo) = friends(&stack).await;
    let room = room_of(&ana, &bo).await;
    let mut raw = RawDevice::take_over(ana).await;
    let late = raw.seal(room, b"late");
    let (winner, loser) = (raw.update(room), raw.update(room));
    let taken = raw.commit(&winner).await.unwrap();
    assert_eq!((taken.seq, taken.epoch), (3, 2));
    assert_eq!(
        raw.commit(&winner).await.unwrap(),
        taken,
        "a repeat has its first result"
    );

    let refused = raw.commit(&loser).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.member("epoch")),
        (Code::StaleEpoch, Some(2))
    );
    let refused = raw.send(room, fresh_id(), &late).await.unwrap_err();
    assert_eq!((refused.code, refused.status), (Code::StaleEpoch, 409));
    assert_eq!(refused.member("epoch"), Some(2));
    let garbage = raw
        .send(room, fresh_id(), b"no MLS message")
        .await
        .unwrap_err();
    assert_eq!(garbage.code, Code::InvalidMessage);
    let commits: i64 =
        sqlx::query_scalar("select count(*) from messages where kind = 'commit' and epoch = 1")
            .fetch_one(stack.chat_database())
            .await
            .unwrap();
    assert_eq!(commits, 1);
}
