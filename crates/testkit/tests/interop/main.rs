//! Another implementation of MLS, ts-mls, through the real servers: it makes rooms and joins them,
//! and talks with devices that run our engine. `cargo xtask test services` brings its packages.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod peer;

use engine::{Command, Conversation, ConversationId, Fault, Recipient};
use peer::{Peer, Said};
use protocol::{RoomId, UserId};
use testkit::{Device, Stack, friends, until};

/// Tess in Node, Ana and Bo with our engine; everybody knows everybody.
async fn three(stack: &Stack) -> (Peer, Device, Device) {
    let (ana, bo) = friends(stack).await;
    let mut tess = Peer::set_up(stack).await;
    tess.befriend(&ana).await;
    tess.befriend(&bo).await;
    (tess, ana, bo)
}

async fn row(
    device: &Device,
    id: ConversationId,
    what: &str,
    is: impl Fn(&Conversation) -> bool,
) -> Conversation {
    until(&format!("{what} at {}", device.person.username), || async {
        device.conversation(id).filter(|row| is(row))
    })
    .await
}

#[tokio::test]
async fn a_direct_room_of_ts_mls() {
    let stack = Stack::start().await;
    let (mut tess, ana, _) = three(&stack).await;
    let (with_tess, to_tess) = (tess.conversation(), direct(tess.user_id));

    let room = tess.create_direct(&ana).await;
    let made = tess.agrees(room, &[&ana]).await;
    assert_eq!((made.kind.as_str(), made.epoch), ("direct", 1));
    tess.say(room, "Hello from another implementation").await;
    let mut words = vec!["Hello from another implementation"];
    ana.reads_in(with_tess, &words).await;
    ana.write_to(to_tess, "And from ours 🌿");
    tess.hears(room, &[(&ana, "And from ours 🌿")]).await;
    words.push("And from ours 🌿");

    // New leaf keys by ts-mls, and a message that fills a larger bucket.
    tess.renew(room).await;
    assert_eq!(tess.agrees(room, &[&ana]).await.epoch, 2);
    let long = "long ".repeat(400);
    tess.say(room, &long).await;
    words.push(&long);
    ana.reads_in(with_tess, &words).await;
    ana.write_to(to_tess, &long);
    let both = [(&ana, "And from ours 🌿"), (&ana, long.as_str())];
    tess.hears(room, &both).await;
    words.push(&long);

    // Ana's engine adds her second device: a commit that ts-mls merges.
    let session = ana.person.sign_in_with_backup_code().await;
    let tablet = ana.twin_account(&session).await;
    let ends = tess.agrees(room, &[&ana, &tablet]).await;
    assert!(ends.epoch > 2);
    tess.say(room, "to both").await;
    tablet.reads_in(with_tess, &["to both"]).await;
    words.push("to both");
    ana.reads_in(with_tess, &words).await;
    tablet.write_to(to_tess, "from the tablet");
    let all = [both.as_slice(), &[(&tablet, "from the tablet")]].concat();
    tess.hears(room, &all).await;
}

#[tokio::test]
async fn one_of_ours_joins_anew() {
    let stack = Stack::start().await;
    let (mut tess, ana, _) = three(&stack).await;
    let (with_tess, to_tess) = (tess.conversation(), direct(tess.user_id));
    let room = tess.create_direct(&ana).await;
    tess.say(room, "one").await;
    ana.reads_in(with_tess, &["one"]).await;
    let backup = ana.records();
    ana.write_to(to_tess, "two");
    tess.hears(room, &[(&ana, "two")]).await;
    tess.say(room, "three").await;
    ana.reads_in(with_tess, &["one", "two", "three"]).await;

    // Ana's storage is set back: by an external commit she takes her old leaf's place.
    let ana = ana.set_back(backup);
    ana.live().await;
    tess.room(room, "the external commit", |room| room.epoch == 2)
        .await;
    tess.agrees(room, &[&ana]).await;
    ana.write_to(to_tess, "four");
    tess.hears(room, &[(&ana, "two"), (&ana, "four")]).await;
    tess.renew(room).await;
    tess.agrees(room, &[&ana]).await;
}

#[tokio::test]
async fn a_group_of_ts_mls() {
    let stack = Stack::start().await;
    let (mut tess, ana, bo) = three(&stack).await;

    let room = tess.create_group("Sunday hikes", &[&ana, &bo]).await;
    let group = ConversationId::group(room);
    let made = tess.agrees(room, &[&ana, &bo]).await;
    assert_eq!((made.kind.as_str(), made.epoch), ("group", 1));
    assert_eq!(made.admins, [tess.user_id]);
    for device in [&ana, &bo] {
        let named = |row: &Conversation| row.name.as_ref().is_some_and(|it| it.0 == "Sunday hikes");
        row(device, group, "the name", named).await;
    }
    tess.say(room, "Nine at the bridge?").await;
    bo.reads_in(group, &["Nine at the bridge?"]).await;
    say(&bo, room, "I bring tea.");
    tess.hears(room, &[(&bo, "I bring tea.")]).await;
    let both = ["Nine at the bridge?", "I bring tea."];
    ana.reads_in(group, &both).await;

    // Bo out, and in again: who was out reads nothing of it.
    tess.remove(room, &bo).await;
    tess.agrees(room, &[&ana]).await;
    row(&bo, group, "the removal", |row| {
        row.fault == Some(Fault::Removed)
    })
    .await;
    tess.say(room, "And now without Bo.").await;
    ana.reads_in(group, &[both[0], both[1], "And now without Bo."])
        .await;
    tess.add(room, &bo).await;
    tess.agrees(room, &[&ana, &bo]).await;
    say(&bo, room, "Here again.");
    tess.hears(room, &[(&bo, "I bring tea."), (&bo, "Here again.")])
        .await;
    bo.reads_in(group, &[both[0], both[1], "Here again."]).await;

    // Whose removal is due is removed by whom the server asks, Tess or Ana.
    bo.command(Command::LeaveRoom { room_id: room });
    tess.agrees(room, &[&ana]).await;
    tess.renew(room).await;
    tess.agrees(room, &[&ana]).await;
}

#[tokio::test]
async fn rooms_of_ours_with_ts_mls_in_them() {
    let stack = Stack::start().await;
    let (mut tess, ana, bo) = three(&stack).await;

    // A direct room.
    ana.write_to(direct(tess.user_id), "Did the box arrive?");
    let with_tess = tess.conversation();
    let known = row(&ana, with_tess, "a room", |row| row.room_id.is_some()).await;
    let room = known.room_id.unwrap();
    tess.hears(room, &[(&ana, "Did the box arrive?")]).await;
    tess.say(room, "This morning.").await;
    ana.reads_in(with_tess, &["Did the box arrive?", "This morning."])
        .await;
    tess.renew(room).await;
    tess.agrees(room, &[&ana]).await;

    // A group, of which Tess becomes an admin.
    let room = RoomId::from_parts(1, rand::random());
    let group = ConversationId::group(room);
    ana.command(Command::CreateGroup {
        room_id: room,
        name: "Book club".into(),
        members: vec![tess.user_id, bo.person.user_id],
    });
    tess.agrees(room, &[&ana, &bo]).await;
    let name = Said {
        user: ana.person.user_id,
        text: None,
        name: Some("Book club".to_owned()),
    };
    tess.room(room, "the name", |room| room.said.contains(&name))
        .await;
    say(&bo, room, "Who reads what?");
    tess.hears(room, &[(&bo, "Who reads what?")]).await;
    tess.say(room, "Middlemarch").await;
    for device in [&ana, &bo] {
        device
            .reads_in(group, &["Who reads what?", "Middlemarch"])
            .await;
    }
    ana.command(Command::RemoveMember {
        room_id: room,
        user_id: bo.person.user_id,
    });
    tess.agrees(room, &[&ana]).await;
    ana.command(Command::Invite {
        room_id: room,
        members: vec![bo.person.user_id],
    });
    tess.agrees(room, &[&ana, &bo]).await;
    ana.command(Command::SetAdmin {
        room_id: room,
        user_id: tess.user_id,
        admin: true,
    });
    let admin = tess.user_id;
    let promoted = |room: &peer::Room| room.admins.contains(&admin);
    tess.room(room, "the role", promoted).await;
    tess.agrees(room, &[&ana, &bo]).await;
    tess.remove(room, &bo).await;
    tess.agrees(room, &[&ana]).await;
    tess.say(room, "The two of us").await;
    ana.reads_in(group, &["Who reads what?", "Middlemarch", "The two of us"])
        .await;

    // At last without ts-mls.
    ana.command(Command::RemoveMember {
        room_id: room,
        user_id: tess.user_id,
    });
    let out = tess.room(room, "the removal", |room| !room.active).await;
    let last = ana.epoch_authenticator(room);
    assert_ne!(last.as_deref(), Some(out.authenticator.as_str()));
}

const fn direct(user_id: UserId) -> Recipient {
    Recipient::Direct { user_id }
}

fn say(from: &Device, room_id: RoomId, text: &str) {
    from.write_to(Recipient::Room { room_id }, text);
}
