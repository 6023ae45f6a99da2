//! What a person's devices share when one of them has a newer application: the others leave it as
//! it is, say so once, and go on with what they have.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use e2ee::{AccountKey, BundleKey, Vault};
use engine::{Command, ConversationId, HistoryGap, LinkHow};
use protocol::UserId;
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;

use crate::{
    own::{blank, link, past, say, texts, world},
    random::load_everything,
    trust::{act, device_of},
    world::World,
};

/// The account key, as the first device stores it.
fn account(world: &World) -> AccountKey {
    let key = world.nodes[0].records["state/keys/account"].as_ref();
    AccountKey::from_bytes(key.try_into().unwrap())
}

/// A vault that another device of the person sealed, with a newer application.
fn newer(world: &World, user: UserId, version: u64) -> Vec<u8> {
    let key = account(world).to_bytes();
    let (prk, _) = hkdf::Hkdf::<sha2::Sha256>::extract(Some(user.0.as_bytes()), key.as_slice());
    let (key, _) = hkdf::Hkdf::<sha2::Sha256>::extract(Some(&prk), b"snug/vault/v1\0\x01");
    let aad = [&[2], user.0.as_bytes().as_slice(), &version.to_be_bytes()].concat();
    let payload = Payload {
        msg: &[5; 4_000],
        aad: &aad,
    };
    let sealed = XChaCha20Poly1305::new(&key).encrypt(&[9; 24].into(), payload);
    [&[2], [9; 24].as_slice(), &sealed.unwrap()].concat()
}

fn outdated(world: &World, node: usize) -> (u32, bool) {
    let own = world.nodes[node].own.as_ref().unwrap();
    (world.nodes[node].outdated, own.outdated)
}

#[test]
fn a_vault_of_a_newer_version_is_left_alone_and_everything_else_goes_on() {
    let mut world = world();
    let users = past(&mut world);
    let (stands, before) = world.server.own(users[0]).vault.clone().unwrap();
    let theirs = (stands + 1, newer(&world, users[0], stands + 1));
    world.server.own(users[0]).vault = Some(theirs.clone());
    world.cut(0);
    world.run_for(20_000);
    assert_eq!(outdated(&world, 0), (1, true));
    let kept = world.server.own(users[0]).archive.len();

    // Told once, whatever happens; what is said waits for the archive.
    for round in 0..2 {
        say(
            &mut world,
            0,
            users[1],
            &format!("written by an older one, {round}"),
        );
        say(&mut world, 1, users[0], &format!("and answered, {round}"));
        world.kill(0);
        world.run_for(30_000);
    }
    let said = texts(&world, 0, users[1]);
    assert!(said.contains(&"and answered, 1".to_owned()), "{said:?}");
    assert_eq!(outdated(&world, 0), (1, true));
    assert_eq!(world.nodes[0].complaints, [""; 0]);
    let own = world.server.own(users[0]);
    assert_eq!(own.vault.as_ref(), Some(&theirs));
    assert_eq!(own.archive.len(), kept);
    assert!(
        world.nodes[0]
            .own
            .as_ref()
            .unwrap()
            .archive
            .unwrap()
            .waiting
            >= 4
    );

    // Nor does one that it lets in write, or wait for pages without end.
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    let conversation = ConversationId::direct(users[1]);
    act(&mut world, new, Command::LoadOlder { conversation });
    let told = world.nodes[new].histories[&conversation];
    assert_eq!(told, (false, Some(HistoryGap::Newer)));
    assert_eq!(outdated(&world, new), (1, true));
    assert_eq!(world.server.own(users[0]).vault.as_ref(), Some(&theirs));

    // When it can be read again, everything that waited comes.
    let opened = Vault::open(&before, &account(&world), users[0].0, stands).unwrap();
    let mut rng = ChaCha12Rng::seed_from_u64(3);
    let blob = opened.seal(&account(&world), users[0].0, stands + 2, &mut rng);
    world.server.own(users[0]).vault = Some((stands + 2, blob.unwrap()));
    for node in [0, new] {
        world.cut(node);
    }
    world.run_for(60_000);
    assert_eq!(outdated(&world, 0), (1, false));
    assert_eq!(world.server.own(users[0]).archive.len(), kept + 4);
    load_everything(&mut world);
    assert_eq!(texts(&world, new, users[1]), texts(&world, 0, users[1]));
}

#[test]
fn a_vault_that_is_only_called_newer_is_written_over() {
    let mut world = world();
    let users = past(&mut world);
    let (stands, mut blob) = world.server.own(users[0]).vault.clone().unwrap();
    blob[0] = 2;
    world.server.own(users[0]).vault = Some((stands + 1, blob));
    world.cut(0);
    world.run_for(20_000);
    assert_eq!(outdated(&world, 0), (0, false));
    assert_eq!(world.nodes[0].complaints, ["changed-vault"]);
    assert_eq!(
        world.server.own(users[0]).vault.as_ref().unwrap().0,
        stands + 2
    );
}

#[test]
fn a_recovery_bundle_of_a_newer_version_is_left_alone_and_its_key_kept() {
    let mut world = world();
    let users = past(&mut world);
    world.plan(1, 0, Command::MakeRecoveryKey);
    world.run_for(3_000);
    let (version, bundle) = world.server.own(users[0]).recovery.clone().unwrap();
    let new = blank(&mut world, users[0]);
    link(&mut world, 0, new, LinkHow::Scan);
    world.plan(1, 0, Command::CancelLink);
    let theirs = (version + 1, [&[2], &bundle[1..]].concat());
    world.server.own(users[0]).recovery = Some(theirs.clone());
    world.plan(1, 0, Command::RefreshOwn);
    world.run_for(2_000);
    // What it holds changes: it would be sealed again.
    let device_id = device_of(&world, new);
    world.plan(1, 0, Command::RevokeDevice { device_id });
    world.run_for(20_000);
    world.nodes[new].gone = true;
    assert_eq!(world.server.own(users[0]).recovery, Some(theirs));

    // As it is when this device is updated: opened by the key that it kept, and sealed again.
    let ring = world.nodes[0].records["state/ring"].clone();
    let ring: serde_json::Value = serde_json::from_slice(ring.as_ref()).unwrap();
    let key: protocol::Base64 = serde_json::from_value(ring["bundle_key"].clone()).unwrap();
    let key = BundleKey::from_bytes(users[0].0, key.as_ref().try_into().unwrap());
    let keyring = key.open(&bundle, version).unwrap();
    let mut rng = ChaCha12Rng::seed_from_u64(3);
    let bundle = key.seal(&keyring, version + 1, &mut rng).unwrap();
    world.server.own(users[0]).recovery = Some((version + 1, bundle));
    let third = blank(&mut world, users[0]);
    link(&mut world, 0, third, LinkHow::Scan);
    let (stands, bundle) = world.server.own(users[0]).recovery.clone().unwrap();
    assert_eq!(stands, version + 2);
    let resealed = key.open(&bundle, stands).unwrap();
    assert!(resealed.archive_keys.current().is_some());
    assert!(resealed.list_version > keyring.list_version);
}
