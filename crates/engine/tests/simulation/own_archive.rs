//! What the archive holds, and what it never does.

use engine::{Command, ConversationId, LinkHow, MessageRef, Phase};
use protocol::{ClientId, UserId};

use crate::{
    chaos::Chaos,
    groups::{GROUP, LEAVE, create},
    own::{blank, link, past, recover, say, texts, world},
    random::{friends, load_everything},
    transcript::check,
    world::World,
};

/// The archive keys that a device has.
pub(crate) fn keys_of(world: &World, node: usize) -> e2ee::ArchiveKeys {
    let ring = world.nodes[node].records["state/ring"].clone();
    let ring: serde_json::Value = serde_json::from_slice(ring.as_ref()).unwrap();
    let keys: protocol::Base64 = serde_json::from_value(ring["archive_keys"].clone()).unwrap();
    e2ee::ArchiveKeys::from_bytes(keys.as_ref()).unwrap()
}

/// What the archive of a device's person holds, opened with that device's keys.
pub(crate) fn opened(world: &mut World, node: usize) -> Vec<(u64, String)> {
    let keys = keys_of(world, node);
    let user = world.nodes[node].user;
    let archive = world.server.own(user).archive.clone();
    let lines = archive.into_iter().map(|((room, seq), blob)| {
        let key = keys.find(e2ee::archive::key_id(&blob).unwrap()).unwrap();
        let place = e2ee::archive::Place {
            user: user.0,
            room: room.0,
            seq,
        };
        let line = e2ee::archive::open(key, &place, &blob).unwrap();
        (seq, String::from_utf8_lossy(&line).into_owned())
    });
    lines.collect()
}

pub(crate) fn holds(world: &mut World, node: usize, words: &str) -> bool {
    opened(world, node)
        .iter()
        .any(|line| line.1.contains(words))
}

pub(crate) fn id_of(world: &World, node: usize, peer: UserId, words: &str) -> MessageRef {
    let history = world.nodes[node].history(ConversationId::direct(peer));
    let text = engine::Text::from(words);
    let mut lines = history.into_iter();
    let said = lines.find(|it| matches!(&it.body, engine::Body::Text { text: it } if *it == text));
    let said = said.unwrap();
    MessageRef {
        sender: said.sender,
        id: said.id,
    }
}

fn edit(conversation: ConversationId, id: ClientId, text: &str) -> Command {
    Command::Edit {
        conversation,
        id,
        text: text.into(),
    }
}

/// A further device of the first person, let in by scan, that has read everything.
pub(crate) fn newcomer(world: &mut World) -> usize {
    let user = world.nodes[0].user;
    let new = blank(world, user);
    link(world, 0, new, LinkHow::Scan);
    load_everything(world);
    new
}

#[test]
fn nothing_is_sealed_before_the_vault_has_its_key() {
    let mut world = world();
    let users = friends(&mut world, 2);
    world.plan(1_000, 0, Command::MakeRecoveryKey);
    let command = world.text(users[1], "hello");
    world.plan(1_100, 0, command);
    while world.server.own(users[0]).archive.is_empty() {
        world.run_for(10);
    }
    let key = world.nodes[0].records["state/keys/account"].clone();
    let key = e2ee::AccountKey::from_bytes(key.as_ref().try_into().unwrap());
    let own = world.server.own(users[0]);
    let (version, vault) = own.vault.clone().unwrap();
    let vault = e2ee::Vault::open(&vault, &key, users[0].0, version).unwrap();
    let blob = own.archive.values().next().unwrap();
    let sealed_by = e2ee::archive::key_id(blob).unwrap();
    assert!(vault.archive_keys.find(sealed_by).is_some());
}

#[test]
fn what_was_edited_or_deleted_is_sealed_anew() {
    let mut world = world();
    let users = past(&mut world);
    let conversation = ConversationId::direct(users[1]);
    let (edited, deleted) = (
        id_of(&world, 0, users[1], "to Bo 1"),
        id_of(&world, 0, users[1], "to Bo 2"),
    );
    let before = world.server.own(users[0]).archive.clone();
    world.plan(1, 0, edit(conversation, edited.id, "edit with love"));
    world.plan(
        500,
        0,
        Command::Delete {
            conversation,
            message: deleted,
            for_everyone: true,
        },
    );
    world.run_for(10_000);
    for node in 0..2 {
        assert!(holds(&mut world, node, "edit with love"));
        assert!(!holds(&mut world, node, "to Bo 1") && !holds(&mut world, node, "to Bo 2"));
    }
    let after = world.server.own(users[0]).archive.clone();
    assert_eq!(before.len(), after.len());
    let changed = before
        .iter()
        .filter(|(place, blob)| after[*place] != **blob);
    assert_eq!(changed.count(), 2);
    let new = newcomer(&mut world);
    assert_eq!(texts(&world, new, users[1]), texts(&world, 0, users[1]));
    assert!(texts(&world, new, users[1]).contains(&"edit with love".to_owned()));
    check(&world);
}

#[test]
fn a_line_that_a_newcomer_read_too_early_is_looked_at_again_and_never_goes_back() {
    let mut world = world();
    let users = past(&mut world);
    let conversation = ConversationId::direct(users[1]);
    let message = id_of(&world, 0, users[1], "to Bo 1");
    let (stale, place) = {
        let lines = opened(&mut world, 0);
        let seq = lines.iter().find(|it| it.1.contains("to Bo 1")).unwrap().0;
        let archive = &world.server.own(users[0]).archive;
        let line = archive.iter().find(|(place, _)| place.1 == seq).unwrap();
        (line.1.clone(), *line.0)
    };
    world.plan(
        1,
        0,
        Command::Delete {
            conversation,
            message,
            for_everyone: true,
        },
    );
    world.run_for(10_000);
    // The newcomer finds the line as it was, because no other device has replaced it yet.
    let deleted = world.server.own(users[0]).archive.insert(place, stale);
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    while !texts(&world, new, users[1]).contains(&"to Bo 1".to_owned()) {
        world.plan(1, new, Command::LoadOlder { conversation });
        world.run_for(1_000);
    }
    // Something else is said about the message: this device does not replace the line, which would
    // bring the words back.
    world
        .server
        .own(users[0])
        .archive
        .insert(place, deleted.unwrap());
    let react = Command::React {
        conversation,
        message,
        emoji: "👍".to_owned(),
        on: true,
    };
    world.plan(1, new, react);
    world.run_for(60 * 60 * 1000);
    assert!(!texts(&world, new, users[1]).contains(&"to Bo 1".to_owned()));
    assert!(!holds(&mut world, 0, "to Bo 1"));
    load_everything(&mut world);
    check(&world);
}

#[test]
fn what_goes_away_is_never_kept() {
    let mut world = world();
    let users = past(&mut world);
    let conversation = ConversationId::direct(users[1]);
    let kept = world.server.own(users[0]).archive.len();
    let timer = |seconds| Command::SetTimer {
        conversation,
        seconds,
    };
    world.plan(1, 0, timer(Some(3_600)));
    world.run_for(3_000);
    say(&mut world, 0, users[1], "swordfish");
    say(&mut world, 1, users[0], "which swordfish?");
    let id = id_of(&world, 0, users[1], "swordfish").id;
    world.plan(1, 0, edit(conversation, id, "swordfish 2"));
    world.run_for(10_000);
    world.plan(1, 0, timer(None));
    world.run_for(3_000);
    say(&mut world, 0, users[1], "this stays");
    world.run_for(10_000);
    for node in 0..2 {
        assert!(!holds(&mut world, node, "swordfish"));
        assert!(holds(&mut world, node, "this stays"));
    }
    // Both settings and what was said after.
    assert_eq!(world.server.own(users[0]).archive.len(), kept + 3);
}

#[test]
fn a_device_that_is_told_late_that_the_archive_is_off_goes_on_without() {
    let mut world = world();
    let users = past(&mut world);
    let (kept, uploaded) = {
        let own = world.server.own(users[0]);
        own.archives = false;
        (own.archive.len(), own.uploaded)
    };
    say(&mut world, 0, users[1], "nobody keeps this");
    world.run_for(10_000);
    let own = world.nodes[0].own.clone().unwrap().archive.unwrap();
    assert_eq!((own.on, own.waiting), (false, 0));
    // Refused once, and not tried again.
    assert_eq!(world.server.own(users[0]).uploaded, uploaded);
    assert_eq!(world.server.own(users[0]).archive.len(), kept);
    assert_eq!(
        texts(&world, 0, users[1]).last().unwrap(),
        "nobody keeps this"
    );
    world.settle();
    check(&world);
}

#[test]
fn pages_end_where_the_archive_does() {
    for (more, pages) in [(49, 1), (50, 1), (51, 2)] {
        let mut world = world();
        let users = past(&mut world);
        for number in 8..more {
            let command = world.text(users[1], &format!("line {number}"));
            world.plan(i64::from(number) * 20, 0, command);
        }
        world.run_for(20_000);
        let own = world.server.own(users[0]);
        assert_eq!(own.archive.len(), more as usize);
        own.page = 50;
        let new = blank(&mut world, users[0]);
        world.server.own(users[0]).pages = 0;
        link(&mut world, 0, new, LinkHow::Scan);
        let conversation = ConversationId::direct(users[1]);
        let told = world.nodes[new].histories[&conversation];
        assert_eq!(told, (pages > 1, None), "{more}");
        if told.0 {
            world.plan(1, new, Command::LoadOlder { conversation });
            world.run_for(2_000);
            assert_eq!(world.nodes[new].histories[&conversation], (false, None));
        }
        assert_eq!(texts(&world, new, users[1]).len(), more as usize);
        assert_eq!(texts(&world, new, users[1]), texts(&world, 0, users[1]));
    }
}

#[test]
fn what_was_there_before_the_archive_was_switched_on_is_put_into_it() {
    for crash in 0..14 {
        let mut world = World::new(crash, Chaos::none(crash));
        let users = friends(&mut world, 2);
        world.server.own(users[0]).archives = false;
        world.run_for(2_000);
        for number in 0..12 {
            let (from, to) = [(0, users[1]), (1, users[0])][number % 2];
            say(&mut world, from, to, &format!("line {number}"));
        }
        let conversation = ConversationId::direct(users[1]);
        let timer = |seconds| Command::SetTimer {
            conversation,
            seconds,
        };
        world.plan(1, 0, timer(Some(86_400)));
        world.run_for(3_000);
        say(&mut world, 0, users[1], "swordfish");
        let id = id_of(&world, 0, users[1], "line 2").id;
        world.plan(1, 0, edit(conversation, id, "edit of line 2"));
        world.run_for(10_000);
        assert!(world.server.own(users[0]).archive.is_empty());
        world.plan(1, 0, Command::SetArchive { on: true });
        world.run_for(200);
        world.chaos.crash_at = Some(crash as u32 * 5);
        world.run_for(60_000);
        world.settle();
        let told = world.nodes[0].own.clone().unwrap().archive.unwrap();
        assert_eq!((told.on, told.waiting, told.filling), (true, 0, false));
        // All of it and the setting, but for what goes away; once, unless an answer was lost.
        assert_eq!(world.server.own(users[0]).archive.len(), 13, "{crash}");
        assert!(world.server.own(users[0]).uploaded <= 13 * 2);
        assert!(holds(&mut world, 0, "edit of line 2"));
        assert!(!holds(&mut world, 0, "swordfish"));
    }
}

#[test]
fn a_group_that_was_left_keeps_its_name_on_a_later_device() {
    let mut world = world();
    let users = past(&mut world);
    world.plan(1, 0, create(&users[1..]));
    world.run_for(10_000);
    let name = world.nodes[1].conversations[&GROUP].name.clone();
    assert!(name.is_some());
    world.plan(1, 1, LEAVE);
    world.run_for(20_000);
    let new = blank(&mut world, users[1]);
    link(&mut world, 1, new, LinkHow::Scan);
    let row = &world.nodes[new].conversations[&GROUP];
    assert_eq!(row.name, name);
    assert_eq!(row.fault, Some(engine::Fault::Removed));
}

#[test]
fn dropping_the_archive_is_answered() {
    let mut world = world();
    let users = past(&mut world);
    for (fresh, dropped) in [(false, 0), (true, 1)] {
        world.server.own(users[0]).fresh = fresh;
        world.plan(1, 0, Command::DropArchive);
        world.run_for(3_000);
        assert_eq!(world.nodes[0].dropped, dropped);
        assert_eq!(world.nodes[0].complaints.len(), 1);
    }
    assert!(world.server.own(users[0]).archive.is_empty());
}

#[test]
fn the_bundle_follows_a_revocation() {
    let mut world = world();
    let users = past(&mut world);
    world.plan(1, 0, Command::MakeRecoveryKey);
    world.run_for(3_000);
    let key = world.nodes[0].recovery_keys[0].clone();
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    let device_id = world.nodes[new]
        .engine
        .as_ref()
        .unwrap()
        .device_id()
        .unwrap();
    world.plan(1, 0, Command::RevokeDevice { device_id });
    world.run_for(20_000);
    world.nodes[new].gone = true;
    // Sealed again with the factor that the revocation was given; a new key is due all the same.
    assert_eq!(world.server.own(users[0]).recovery.as_ref().unwrap().0, 2);
    let recovery = world.nodes[0].own.clone().unwrap().recovery.unwrap();
    assert_eq!(recovery.due, Some(engine::RecoveryDue::Revoked));
    say(&mut world, 0, users[1], "after the revocation");
    world.run_for(5_000);
    // The vault is lost: the bundle alone has the archive keys.
    world.nodes[0].gone = true;
    world.cut(0);
    world.server.own(users[0]).vault = None;
    let found = blank(&mut world, users[0]);
    world.plan(1, found, recover(users[0], &key));
    world.run_for(30_000);
    assert_eq!(world.nodes[found].phase, Some(Phase::Live));
    load_everything(&mut world);
    assert_eq!(texts(&world, found, users[1]), texts(&world, 0, users[1]));
}
