//! People whose program is newer than ours: what it says that we do not know is kept as it came,
//! and everything else goes on.

use e2ee::{Client, DeviceKeys};
use engine::{
    Body, Command, ConversationId, Entry, EntryState, HistoryGap, LinkHow, MessageRef, Recipient,
    Said, UnopenedReason,
    content::{Content, ContentBody},
};
use protocol::{Base64, ClientId, RoomId, UserId, rest::rooms::EnvelopeKind};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;
use serde_json::{Value, json};

use crate::{
    own::{self, blank, link, past},
    own_archive::{keys_of, opened},
    trust::{act, append, device_of, has_text, say, world},
    world::World,
};

/// Bo's device, from its disk, as another program uses it from now on.
struct Newer {
    user: UserId,
    client: Client,
    rng: ChaCha12Rng,
}

impl Newer {
    fn of(world: &mut World, node: usize) -> Self {
        world.nodes[node].gone = true;
        world.cut(node);
        let records = &world.nodes[node].records;
        let keys = DeviceKeys::from_bytes(records["state/keys/device"].as_ref()).unwrap();
        let groups = records.iter().filter_map(|(key, value)| {
            let path = key.strip_prefix("state/mls/")?;
            let pairs = (0..path.len()).step_by(2);
            let path = pairs.map(|at| u8::from_str_radix(&path[at..at + 2], 16).unwrap());
            Some((path.collect(), value.as_ref().to_vec()))
        });
        Self {
            user: world.nodes[node].user,
            client: Client::new(keys, groups),
            rng: ChaCha12Rng::seed_from_u64(21),
        }
    }

    /// Says something in the only room.
    fn says(&mut self, world: &mut World, content: &[u8]) {
        let room = *world.server.rooms.keys().next().unwrap();
        let sealed = self.client.seal(room.0, content, &mut self.rng).unwrap();
        self.client.take_changes();
        let device = self.client.keys().credential().device.into();
        append(world, self.user, device, EnvelopeKind::Application, sealed);
    }
}

fn id(number: u8) -> ClientId {
    ClientId::from_bytes([number; 16])
}

/// A content as its newer maker encodes it: of a later version, or with bytes after its body.
fn content(number: u8, body: ContentBody, version: u8, fields: &[u8]) -> Vec<u8> {
    let content = Content {
        id: id(number),
        sent_at: 1,
        body,
        reply_to: None,
        expires_after: None,
    };
    let mut bytes = content.encode().unwrap();
    let length = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
    bytes[4] = version;
    bytes[4 + length..4 + length + fields.len()].copy_from_slice(fields);
    bytes[..4].copy_from_slice(&((length + fields.len()) as u32).to_be_bytes());
    bytes
}

fn poll() -> ContentBody {
    ContentBody::Unknown {
        kind: 201,
        data: b"Where do we meet?".to_vec(),
    }
}

/// What would be a body of a line, were it taken for one.
fn forged() -> ContentBody {
    let body = br#"{"type":"room","events":[{"type":"left"}]}"#;
    let data = [&(body.len() as u32).to_be_bytes(), body.as_slice()].concat();
    ContentBody::Unknown { kind: 0, data }
}

fn unknown(kind: u8, data: &[u8]) -> Body {
    Body::Unknown {
        kind,
        data: Base64::from(data.to_vec()),
    }
}

fn entries(world: &World, node: usize, peer: UserId) -> Vec<Entry> {
    world.nodes[node].history(ConversationId::direct(peer))
}

#[test]
fn what_a_newer_version_says_is_kept_and_the_conversation_goes_on() {
    let (mut world, users) = world(2);
    say(&mut world, 0, users[1], "hi");
    let mut bo = Newer::of(&mut world, 1);
    let text = |text: &str| ContentBody::Text(text.to_owned());
    for said in [
        content(1, poll(), 1, &[]),
        // Of a version that may mean other things by the same number.
        content(2, text("hello in version 2"), 2, &[9, 9, 9]),
        // With a field that comes with a newer version.
        content(3, text("known words"), 1, &[200, 0, 2, 7, 7]),
        // No version has been 0.
        content(4, text("nonsense"), 0, &[]),
        // Nor any kind: what a line of the archive is to say is not for others to say.
        content(7, forged(), 1, &[]),
        content(5, text("and after it"), 1, &[]),
    ] {
        bo.says(&mut world, &said);
    }
    let shown = |world: &World, node| -> Vec<Body> {
        let entries = entries(world, node, users[1]).into_iter();
        entries.map(|entry| entry.body).collect()
    };
    let words = |text: &str| Body::Text { text: text.into() };
    let expected = [
        words("hi"),
        unknown(201, b"Where do we meet?"),
        unknown(1, b"hello in version 2"),
        words("known words"),
        Body::Unopened {
            reason: UnopenedReason::Malformed,
        },
        unknown(0, b""),
        words("and after it"),
    ];
    assert_eq!(shown(&world, 0), expected);
    let row = &world.nodes[0].conversations[&ConversationId::direct(users[1])];
    assert_eq!((row.unread, row.fault), (6, None));
    assert_eq!(world.nodes[0].complaints, [""; 0]);

    // It is there after a restart, and can be reacted to, answered, and taken back by its maker.
    world.kill(0);
    world.run_for(10_000);
    assert_eq!(shown(&world, 0), expected);
    let conversation = ConversationId::direct(users[1]);
    let message = MessageRef {
        sender: users[1],
        id: id(1),
    };
    let react = Command::React {
        conversation,
        message,
        emoji: "👍".to_owned(),
        on: true,
    };
    act(&mut world, 0, react);
    let Command::SendText { id: answer, .. } = world.text(users[1], "") else {
        unreachable!()
    };
    let reply = Command::SendText {
        to: Recipient::Direct { user_id: users[1] },
        id: answer,
        text: "At the bridge".into(),
        reply_to: Some(message),
    };
    act(&mut world, 0, reply);
    let there = entries(&world, 0, users[1]);
    assert_eq!(there[1].extra.reactions[0].emoji, "👍");
    let last = there.last().unwrap();
    assert_eq!((last.id, last.state), (answer, EntryState::Sent));
    let quote = last.extra.reply_to.clone().unwrap();
    assert_eq!((quote.message, quote.said), (message, Said::Unknown));
    bo.says(
        &mut world,
        &content(6, ContentBody::Delete { id: id(1) }, 1, &[]),
    );
    assert_eq!(shown(&world, 0)[1], Body::Deleted);
}

#[test]
fn a_further_device_reads_it_from_the_archive() {
    let (mut world, users) = world(2);
    say(&mut world, 0, users[1], "hi");
    let mut bo = Newer::of(&mut world, 1);
    bo.says(&mut world, &content(1, poll(), 1, &[]));
    world.run_for(20_000);
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    let conversation = ConversationId::direct(users[1]);
    while world.nodes[new].histories[&conversation].0 {
        act(&mut world, new, Command::LoadOlder { conversation });
    }
    let there = entries(&world, new, users[1]).into_iter();
    let there: Vec<_> = there.map(|entry| entry.body).collect();
    assert!(
        there.contains(&unknown(201, b"Where do we meet?")),
        "{there:?}"
    );
    assert!(has_text(&world, new, conversation, "hi"));
    assert_ne!(device_of(&world, new), device_of(&world, 0));
}

/// A line of the first person's archive as a newer version sealed it.
fn seal(world: &mut World, room: RoomId, seq: u64, version: u8, change: impl Fn(&mut Value)) {
    let keys = keys_of(world, 0);
    let place = e2ee::archive::Place {
        user: world.nodes[0].user.0,
        room: room.0,
        seq,
    };
    let user = world.nodes[0].user;
    let archive = &mut world.server.own(user).archive;
    let blob = archive.get_mut(&(room, seq)).unwrap();
    let line = e2ee::archive::open(keys.current().unwrap(), &place, blob).unwrap();
    let size = u32::from_be_bytes(line[1..5].try_into().unwrap()) as usize;
    let mut head = serde_json::from_slice(&line[5..5 + size]).unwrap();
    change(&mut head);
    let head = serde_json::to_vec(&head).unwrap();
    let size = (head.len() as u32).to_be_bytes();
    let line = [&[version], size.as_slice(), &head, b"more"].concat();
    let mut rng = ChaCha12Rng::seed_from_u64(seq);
    *blob = e2ee::archive::seal(keys.current().unwrap(), &place, &line, &mut rng).unwrap();
}

#[test]
fn lines_of_a_newer_version_are_said_to_be_that_and_go_back_as_they_came() {
    let mut world = own::world();
    let users = past(&mut world);
    let places: Vec<_> = world.server.own(users[0]).archive.keys().copied().collect();
    let room = places[0].0;
    let poll = json!({ "type": "poll", "question": "Where do we meet?" });
    let event = json!({ "type": "room", "events": [{ "type": "pinned" }] });
    for (place, body) in [(1, &poll), (2, &event)] {
        seal(&mut world, room, places[place].1, 1, |head| {
            head["body"] = body.clone();
        });
    }
    seal(&mut world, room, places[3].1, 2, |_| {});
    seal(&mut world, room, places[4].1, 1, |head| {
        head["state"] = json!("whispered");
    });
    let own = world.server.own(users[0]);
    own.page = 50;
    own.archive.get_mut(&places[5]).unwrap()[0] = 2;
    let before = own.archive.clone();

    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    let conversation = ConversationId::direct(users[1]);
    let told = world.nodes[new].histories[&conversation];
    assert_eq!(told, (false, Some(HistoryGap::Newer)));
    let there = entries(&world, new, users[1]);
    let unknown = |entry: &Entry| matches!(entry.body, Body::Unknown { kind: 0, .. });
    let shown: Vec<_> = there.iter().map(unknown).collect();
    assert_eq!(shown, [false, true, true, false, false]);

    // What is said about it goes into the archive with the body as it was.
    world.run_for(11 * 60 * 1000);
    let react = Command::React {
        conversation,
        message: MessageRef {
            sender: there[1].sender,
            id: there[1].id,
        },
        emoji: "👍".to_owned(),
        on: true,
    };
    for node in [0, 1] {
        world.nodes[node].gone = true;
        world.cut(node);
    }
    act(&mut world, new, react);
    world.run_for(20_000);
    let after = world.server.own(users[0]).archive.clone();
    let changed = places.iter().filter(|it| before[*it] != after[*it]);
    assert_eq!(changed.collect::<Vec<_>>(), [&places[1]]);
    let lines = opened_but(&mut world, new, places[5]);
    let line = lines.iter().find(|line| line.0 == places[1].1).unwrap();
    assert!(line.1.contains("Where do we meet?") && line.1.contains("👍"));
    assert!(line.1.contains("\"type\":\"poll\"") && line.1.contains("}more"));
}

/// What the archive holds, but for one line that is not sealed.
fn opened_but(world: &mut World, node: usize, place: (RoomId, u64)) -> Vec<(u64, String)> {
    let user = world.nodes[node].user;
    let line = world.server.own(user).archive.remove(&place).unwrap();
    let lines = opened(world, node);
    world.server.own(user).archive.insert(place, line);
    lines
}
