//! A device that is shut out, through the real servers: what it is told, and that it reads nothing,
//! says nothing and does not come back.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use e2ee::Opened;
use engine::{ConversationId, LinkHow, Phase, Recipient};
use protocol::{
    Code, DeviceId, RoomId, UserId,
    socket::{Connected, DeviceEvent, SendMessage, client, server},
};
use serde_json::{Value, json};
use sqlx::Row;
use testkit::{
    Device, Envelope, Person, RawClient, RawDevice, Stack, fresh_id,
    socket::{ConnectError, Socket},
    until,
};
use tokio::time::timeout;

use crate::groups::Group;

const BEFORE: &str = "before the tablet was stolen";
const TABLET: &str = "said from the tablet";
const AFTER: &str = "since the tablet is gone";

/// Ana's tablet, in a conversation of two and in a group.
struct Story {
    stack: Stack,
    group: Group,
    /// The conversation of two, with Ben.
    direct: RoomId,
    tablet: Device,
    /// The session that the tablet has.
    session: Person,
}

impl Story {
    /// The tablet was linked, is in both rooms, and has said something in each. Everything has
    /// arrived.
    async fn begin() -> Self {
        let stack = Stack::start().await;
        let group = Group::start(&stack).await;
        let (ana, ben, cy) = (&group.ana, &group.ben, &group.cy);
        let (here, there) = (
            ConversationId::direct(ben.person.user_id),
            ConversationId::direct(ana.person.user_id),
        );
        ana.write(&ben.person, BEFORE);
        let direct = ben.hears(there, BEFORE).await.room_id.unwrap();
        let session = ana.person.sign_in_with_backup_code().await;
        stack.let_factors_age().await;
        let tablet = ana.link_by(&session, LinkHow::Scan).await;
        let room_id = group.room_id;
        one_epoch(direct, &[&tablet, ana, ben]).await;
        one_epoch(room_id, &[&tablet, ana, ben, cy]).await;
        tablet.write(&ben.person, TABLET);
        tablet.write_to(Recipient::Room { room_id }, TABLET);
        for (device, direct) in [(&tablet, here), (ana, here), (ben, there)] {
            device.hears(direct, TABLET).await;
            device.hears(group.conversation, TABLET).await;
        }
        cy.hears(group.conversation, TABLET).await;
        stack.let_factors_age().await;
        Self {
            stack,
            group,
            direct,
            tablet,
            session,
        }
    }

    /// The tablet's state and socket come into a thief's hands, and Ana shuts it out: it is told so,
    /// and nothing else any more.
    async fn revoke(self) -> Revoked {
        let Self {
            stack,
            group,
            direct,
            tablet,
            session,
        } = self;
        let mut thief = RawDevice::take_over(tablet).await;
        let gone = thief.device_id();
        group.ana.revoke(gone).await;
        let mut heard = Vec::new();
        let end = async {
            while let Some(event) = thief.events.recv().await {
                heard.push(event);
            }
        };
        timeout(Duration::from_secs(30), end).await.unwrap();
        let first = |name: &str| heard.iter().position(|event| event.name == name);
        let told = first(server::DEVICE_REVOKED).unwrap();
        assert_eq!(
            heard[told].payload::<DeviceEvent>().unwrap().device_id,
            gone
        );
        assert!(told < first(server::SESSION_ENDED).unwrap(), "{heard:?}");
        let of_rooms = [server::MESSAGE, server::NEW_MESSAGE, server::WELCOME];
        assert!(
            heard[told..]
                .iter()
                .all(|event| !of_rooms.contains(&event.name.as_str())),
            "{heard:?}"
        );
        Revoked {
            stack,
            group,
            direct,
            thief,
            session,
        }
    }
}

/// After that.
struct Revoked {
    stack: Stack,
    group: Group,
    direct: RoomId,
    thief: RawDevice,
    session: Person,
}

impl Revoked {
    /// Waits until a device sees rooms without the tablet.
    async fn is_out(&self, of: &Device, rooms: &[RoomId]) {
        let gone = self.thief.device_id();
        for room in rooms {
            let what = format!("the removal at {}", of.person.username);
            until(&what, || async {
                let devices = RawClient::of(of).devices(*room);
                (!devices.contains(&gone)).then_some(())
            })
            .await;
        }
    }

    /// How much of the log is from the tablet.
    async fn said_by_it(&self) -> i64 {
        sqlx::query_scalar("select count(*) from messages where sender_device = $1")
            .bind(self.thief.device_id().0)
            .fetch_one(self.stack.chat_database())
            .await
            .unwrap()
    }
}

/// Waits until all of these devices share the secrets of a room.
async fn one_epoch(room: RoomId, devices: &[&Device]) {
    until("one epoch for all", || async {
        let mut all = devices
            .iter()
            .map(|device| device.epoch_authenticator(room));
        let first = all.next()??;
        all.all(|it| it.as_ref() == Some(&first)).then_some(())
    })
    .await;
}

/// What the server holds of a room's log, oldest first; what every device has is not there any more.
async fn stored(stack: &Stack, room: RoomId) -> Vec<Envelope> {
    let rows = sqlx::query(
        "select sender_user, sender_device, body from messages
         where room_id = $1 and body is not null order by seq",
    )
    .bind(room.0)
    .fetch_all(stack.chat_database());
    let envelope = |row: &sqlx::postgres::PgRow| Envelope {
        sender: (UserId(row.get(0)), DeviceId(row.get(1))),
        message: row.get(2),
    };
    rows.await.unwrap().iter().map(envelope).collect()
}

#[tokio::test]
async fn a_revoked_device_is_given_nothing_and_nothing_is_taken_from_it() {
    let mut story = Story::begin().await.revoke().await;
    let room = story.direct;
    let before = story.said_by_it().await;
    let sealed = story.thief.seal(room, b"from the thief");
    let body = json!({"client_id": fresh_id(), "message": STANDARD.encode(&sealed)});
    let log = format!("/api/rooms/{room}/messages");

    // Its old session is over, for requests and for sockets.
    for path in [
        "/api/me".to_owned(),
        "/api/rooms".to_owned(),
        log.clone(),
        format!("/api/rooms/{room}/group-info"),
        format!("/api/rooms/{room}/tree"),
        format!("/api/archive?room_id={room}"),
        "/api/archive/rooms".to_owned(),
        "/api/vault".to_owned(),
        "/api/recovery".to_owned(),
    ] {
        let refused = story.session.get::<Value>(&path).await.unwrap_err();
        assert_eq!(
            (refused.code, refused.status),
            (Code::SessionEnded, 401),
            "{path}"
        );
    }
    let refused = story.session.post::<Value>(&log, &body).await.unwrap_err();
    assert_eq!(refused.code, Code::SessionEnded);
    match Socket::connect(&story.session.target()).await.err() {
        Some(ConnectError::Refused(code)) => assert_eq!(code, "session-ended"),
        other => panic!("{other:?}"),
    }

    // With the password and a backup code there is a session, but the device counts for nothing:
    // neither a page of the log nor a place to write to.
    let fresh = story.group.ana.person.sign_in_with_backup_code().await;
    let (mut socket, mut events) = Socket::connect(&fresh.target()).await.unwrap();
    let connected: Connected = events.recv().await.unwrap().payload().unwrap();
    let refused = story.thief.prove(&mut socket, &connected).await;
    assert_eq!(refused.unwrap_err().code, Code::DeviceProofInvalid);
    for (event, payload) in [
        (client::SYNC, json!({"cursors": {}})),
        (client::ACK, json!({"cursors": {room.to_string(): 1}})),
        (client::LOAD_CONVERSATION, json!({"room_id": room})),
    ] {
        let refused = socket.ask::<Value>(event, &payload).await.unwrap_err();
        assert_eq!(refused.code, Code::DeviceRequired, "{event}");
    }
    let message = SendMessage {
        room_id: room,
        client_id: fresh_id(),
        message: sealed.into(),
    };
    let refused = socket.ask::<Value>(client::MESSAGE, &message).await;
    assert_eq!(refused.unwrap_err().code, Code::DeviceRequired);
    let refused = fresh.post::<Value>(&log, &body).await.unwrap_err();
    assert_eq!(refused.code, Code::DeviceRequired);
    let refused = fresh.get::<Value>(&log).await.unwrap_err();
    assert_eq!(refused.code, Code::DeviceRequired);
    assert_eq!(story.said_by_it().await, before);
}

#[tokio::test]
async fn what_is_sealed_after_a_removal_does_not_open_on_the_removed_device() {
    let story = Story::begin().await;
    // Ben reads nothing from here on, so that the server keeps all that follows.
    story.group.ben.online(false);
    story.group.ben.phase(&Phase::Offline).await;
    let mut story = story.revoke().await;
    let (direct, room_id) = (story.direct, story.group.room_id);
    let (ana, ben) = (&story.group.ana, &story.group.ben);
    let mut honest = RawClient::of(ben);
    story.is_out(ana, &[direct, room_id]).await;
    ana.write(&ben.person, AFTER);
    ana.write_to(Recipient::Room { room_id }, AFTER);
    for (conversation, room) in [
        (ConversationId::direct(ben.person.user_id), direct),
        (story.group.conversation, room_id),
    ] {
        ana.hears(conversation, AFTER).await;
        let log = stored(&story.stack, room).await;
        let after = log.last().unwrap();
        // The bytes themselves, handed over: as it stands, and after every commit since.
        let refused = story.thief.open(room, after).unwrap_err();
        assert!(
            matches!(refused, e2ee::Error::WrongEpoch { .. }),
            "{refused}"
        );
        let removes = |opened| matches!(opened, Ok(Opened::Commit(change)) if change.removed_me);
        let handed: Vec<bool> = log
            .iter()
            .map(|envelope| removes(story.thief.open(room, envelope)))
            .collect();
        assert!(
            handed.contains(&true),
            "the commit that removes it is there"
        );
        assert!(story.thief.open(room, after).is_err());
        // A device that stands opens the same bytes.
        let opened = log
            .iter()
            .map(|envelope| honest.open(room, envelope))
            .last();
        let Some(Ok(Opened::Application(plaintext))) = opened else {
            panic!("{opened:?}");
        };
        let mut words = plaintext.windows(AFTER.len());
        assert!(words.any(|it| it == AFTER.as_bytes()));
    }
    ben.online(true);
    ben.hears(ConversationId::direct(ana.person.user_id), AFTER)
        .await;
}

#[tokio::test]
async fn what_a_removed_device_makes_is_refused_whoever_hands_it_in() {
    let mut story = Story::begin().await.revoke().await;
    let rooms = [story.direct, story.group.room_id];
    let (ana, ben, cy) = (&story.group.ana, &story.group.ben, &story.group.cy);
    story.is_out(ana, &rooms).await;
    story.is_out(ben, &rooms).await;
    story.is_out(cy, &rooms[1..]).await;
    let before = story.said_by_it().await;
    let user = ana.person.user_id;
    let sender = (user, story.thief.device_id());
    let mut honest = RawClient::of(ben);
    let fresh = ana.person.sign_in_with_backup_code().await;
    // Ana's own device that stands, and somebody else's.
    let mut hands = [
        RawDevice::take_over(story.group.ana).await,
        RawDevice::take_over(story.group.ben).await,
    ];
    for room in rooms {
        // Made in its last epoch.
        let message = story.thief.seal(room, b"still me");
        let commit = story.thief.update(room);
        for hand in &mut hands {
            let refused = hand.send(room, fresh_id(), &message).await.unwrap_err();
            assert_eq!(refused.code, Code::StaleEpoch);
            let refused = hand.commit(&commit).await.unwrap_err();
            assert_eq!(refused.code, Code::StaleEpoch);
        }
        let devices = honest.devices(room);
        for message in [message, commit.commit.0.to_vec()] {
            let refused = honest.open(room, &Envelope { sender, message });
            assert!(
                matches!(refused, Err(e2ee::Error::WrongEpoch { .. })),
                "{refused:?}"
            );
        }
        assert_eq!(honest.devices(room), devices);
        // Made from the room's current epoch, which a session of the person is told.
        let [info, tree] = ["group-info", "tree"].map(|what| {
            let (fresh, path) = (&fresh, format!("/api/rooms/{room}/{what}"));
            async move {
                let reply = fresh.raw("GET", &path, None).await;
                assert_eq!(reply.status(), 200);
                reply.bytes().await.unwrap()
            }
        });
        let commit = story.thief.enter(room, &info.await, &tree.await);
        for hand in &mut hands {
            let refused = hand.commit(&commit).await.unwrap_err();
            assert_eq!(refused.code, Code::Policy, "{refused:?}");
        }
    }
    let left: i64 = sqlx::query_scalar("select count(*) from messages where sender_device = $1")
        .bind(sender.1.0)
        .fetch_one(story.stack.chat_database())
        .await
        .unwrap();
    assert_eq!(left, before);
}

#[tokio::test]
async fn a_revoked_device_says_so_and_not_that_somebody_signed_out() {
    let story = Story::begin().await;
    let (ana, tablet) = (&story.group.ana, story.tablet);
    ana.revoke(tablet.device_id()).await;
    tablet.phase(&Phase::Revoked).await;
    // Nor does it come back with another session.
    let fresh = ana.person.sign_in_with_backup_code().await;
    let tablet = tablet.with_session(&fresh);
    tablet.phase(&Phase::Revoked).await;
    ana.write(&story.group.ben.person, AFTER);
    let conversation = ConversationId::direct(story.group.ben.person.user_id);
    ana.hears(conversation, AFTER).await;
    let said = |entry: &engine::Entry| matches!(&entry.body, engine::Body::Text { text } if text.0 == AFTER);
    assert!(!tablet.entries(conversation).iter().any(said));
    assert_eq!(tablet.current_phase(), Some(Phase::Revoked));
}
