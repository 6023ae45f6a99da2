//! An archive that takes some of it, or nothing more: nothing is lost, and nothing is said to be kept
//! that is not.

use engine::{Command, ConversationId, OwnArchive};
use protocol::{RoomId, UserId, limits::VAULT};
use uuid::Uuid;

use crate::{
    own::{past, say, texts, world},
    own_archive::{holds, id_of, newcomer},
    transcript::check,
    world::World,
};

fn told(world: &World) -> OwnArchive {
    world.nodes[0].own.clone().unwrap().archive.unwrap()
}

fn held(world: &mut World, user: UserId) -> Vec<u64> {
    let archive = &world.server.own(user).archive;
    archive.keys().map(|(_, seq)| *seq).collect()
}

/// The archive takes no byte more than it has.
fn fill_up(world: &mut World, user: UserId) {
    let own = world.server.own(user);
    own.quota = own.archive.values().map(Vec::len).sum();
}

fn delete(world: &mut World, peer: UserId, words: &str) {
    let command = Command::Delete {
        conversation: ConversationId::direct(peer),
        message: id_of(world, 0, peer, words),
        for_everyone: true,
    };
    world.plan(1, 0, command);
    world.run_for(10_000);
}

#[test]
fn places_that_the_server_does_not_take_cost_no_others() {
    let mut world = world();
    let users = past(&mut world);
    let before = held(&mut world, users[0]);
    world.plan(1, 0, Command::SetArchive { on: false });
    world.run_for(3_000);
    // It was set back, and knows nothing of the last three places.
    let own = world.server.own(users[0]);
    own.archive.clear();
    own.uploaded = 0;
    own.last = before[4];
    world.plan(1, 0, Command::SetArchive { on: true });
    world.run_for(60_000);
    assert_eq!(held(&mut world, users[0]), before[..5]);
    assert!(world.server.own(users[0]).uploaded <= 30);
    let archive = told(&world);
    assert_eq!((archive.waiting, archive.filling), (0, false));
    // What comes after is taken as ever.
    world.server.own(users[0]).last = u64::MAX;
    say(&mut world, 0, users[1], "after");
    world.run_for(10_000);
    assert!(holds(&mut world, 0, "after"));
    world.settle();
    check(&world);
}

#[test]
fn a_full_archive_keeps_nobody_from_taking_words_back_and_goes_on_when_there_is_room() {
    let mut world = world();
    let users = past(&mut world);
    let before = held(&mut world, users[0]);
    fill_up(&mut world, users[0]);
    for number in 0..3 {
        say(&mut world, 0, users[1], &format!("too much {number}"));
    }
    world.run_for(10_000);
    let archive = told(&world);
    assert_eq!((archive.full, archive.waiting), (true, 3));
    let tries = world.server.own(users[0]).uploaded;
    delete(&mut world, users[1], "to Bo 1");
    assert!(!holds(&mut world, 0, "to Bo 1"));
    delete(&mut world, users[1], "too much 1");
    assert_eq!(held(&mut world, users[0]), before);
    assert!(told(&world).full);
    assert!(world.server.own(users[0]).uploaded <= tries + 10);
    // It is found out within the hour, without any other reason to upload.
    world.server.own(users[0]).quota = usize::MAX;
    world.run_for(61 * 60 * 1000);
    let archive = told(&world);
    assert_eq!((archive.full, archive.waiting), (false, 0));
    assert!(holds(&mut world, 0, "too much 2") && !holds(&mut world, 0, "too much 1"));
    let new = newcomer(&mut world);
    assert_eq!(texts(&world, new, users[1]), texts(&world, 0, users[1]));
    check(&world);
}

#[test]
fn dropping_a_full_archive_makes_room_for_what_is_written_from_then_on() {
    let mut world = world();
    let users = past(&mut world);
    fill_up(&mut world, users[0]);
    say(&mut world, 0, users[1], "too much");
    world.run_for(10_000);
    assert!(told(&world).full);
    world.plan(1, 0, Command::DropArchive);
    world.run_for(3_000);
    let archive = told(&world);
    assert_eq!((archive.full, archive.waiting), (false, 0));
    world.run_for(60_000);
    assert!(world.server.own(users[0]).archive.is_empty());
    say(&mut world, 0, users[1], "from then on");
    world.run_for(10_000);
    assert_eq!(world.server.own(users[0]).archive.len(), 1);
    assert!(holds(&mut world, 0, "from then on"));
}

#[test]
fn what_finds_no_place_to_wait_is_read_again() {
    let mut world = world();
    let users = past(&mut world);
    let conversation = ConversationId::direct(users[1]);
    world.server.own(users[0]).busy = true;
    say(&mut world, 0, users[1], "too much");
    world.run_for(10_000);
    // A thousand lines wait, most of them of a room that nobody knows any more.
    world.kill(0);
    let records = &mut world.nodes[0].records;
    let waits = |key: &&String| key.starts_with("state/kept/");
    let line = records.keys().find(waits).unwrap().clone();
    let line = records[&line].clone();
    let lost = RoomId::from_bytes([1; 16]);
    for seq in 1..1_000 {
        records.insert(format!("state/kept/{lost}/{seq}"), line.clone());
    }
    world.run_for(20_000);
    for number in 0..3 {
        say(&mut world, 0, users[1], &format!("far too much {number}"));
    }
    world.kill(0);
    world.run_for(20_000);
    let archive = told(&world);
    assert_eq!((archive.waiting, archive.filling), (1_000, true));
    world.server.own(users[0]).busy = false;
    world.run_for(200_000);
    let archive = told(&world);
    assert_eq!((archive.waiting, archive.filling), (0, false));
    let new = newcomer(&mut world);
    assert_eq!(texts(&world, new, users[1]), texts(&world, 0, users[1]));
    assert!(world.nodes[new].histories[&conversation] == (false, None));
    check(&world);
}

#[test]
fn what_waits_of_a_person_who_is_no_contact_any_more_is_not_put_behind_the_end() {
    let mut world = world();
    let users = past(&mut world);
    fill_up(&mut world, users[0]);
    say(&mut world, 0, users[1], "too much");
    world.run_for(10_000);
    assert_eq!(told(&world).waiting, 1);
    // The server drops the archive of the conversation, and tells.
    let room = *world.server.rooms.keys().next().unwrap();
    world
        .server
        .own(users[0])
        .archive
        .retain(|place, _| place.0 != room);
    world.server.unfriend(users[0], users[1]);
    world.flush_server();
    world.run_for(3_000);
    assert_eq!(told(&world).waiting, 0);
    // A change of a line that was there does not bring it back.
    world.run_for(2 * 60 * 60 * 1000);
    assert!(world.server.own(users[0]).archive.is_empty());
}

#[test]
fn a_vault_that_would_be_too_large_forgets_strangers_and_the_archive_goes_on() {
    let mut world = world();
    let users = past(&mut world);
    world.kill(0);
    let records = &mut world.nodes[0].records;
    let person = records[&format!("state/person/{}", users[1])].clone();
    for number in 1..8_200_u128 {
        let stranger = UserId(Uuid::from_u128(number));
        records.insert(format!("state/person/{stranger}"), person.clone());
    }
    world.run_for(20_000);
    say(&mut world, 0, users[1], "goes on");
    world.run_for(10_000);
    assert!(holds(&mut world, 0, "goes on"));
    let people = |world: &World, node: usize| {
        let keys = world.nodes[node].records.keys();
        keys.filter(|key| key.starts_with("state/person/")).count()
    };
    let left = people(&world, 0);
    assert!((7_000..7_100).contains(&left), "{left}");
    assert_eq!(
        world.server.own(users[0]).vault.as_ref().unwrap().1.len(),
        VAULT
    );
    // A further device has all of them from the vault, and nothing goes to and fro.
    let new = newcomer(&mut world);
    assert_eq!(people(&world, new), left);
    let version = world.server.own(users[0]).vault.as_ref().unwrap().0;
    world.run_for(60_000);
    assert_eq!(
        world.server.own(users[0]).vault.as_ref().unwrap().0,
        version
    );
    assert!(texts(&world, new, users[1]).contains(&"goes on".to_owned()));
    check(&world);
}
