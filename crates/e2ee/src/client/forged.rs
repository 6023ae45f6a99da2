//! Commits that our own client does not make: what breaks a rule is refused by server and clients,
//! each by its name.

use openmls::prelude::{
    BasicCredential, CommitBuilder, CredentialWithKey, Initial, KeyPackage, LeafNodeParameters,
    Lifetime, OpenMlsProvider as _,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use uuid::Uuid;

use super::{Client, commits::bytes};
use crate::{
    AccountKey, DeviceKeys, Error, Kind, NewRoom, PublicRoom, Refusal, Suite, error::KeyFault,
    identity::Credential, key_package, policy::Rule, suite::capabilities, welcome,
};

const ROOM: Uuid = Uuid::from_u128(0x4000);

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn now() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.unwrap().as_secs()
}

fn user(number: u8) -> Uuid {
    Uuid::from_u128(number.into())
}

fn device(number: u8) -> Uuid {
    Uuid::from_u128(0x100 + u128::from(number))
}

fn account(number: u8) -> AccountKey {
    AccountKey::generate(&mut rng(number))
}

fn client(number: u8) -> Client {
    let account = account(number);
    let keys = DeviceKeys::generate(
        user(number),
        device(number),
        &account,
        now(),
        &mut rng(number),
    );
    Client::new(keys, [])
}

/// Ana, Bo and the server in a group of the two, of which both are admins.
fn room() -> (Client, Client, PublicRoom) {
    let (mut ana, mut bo) = (client(1), client(2));
    let package = bo.key_package(Suite::Classic, now(), &mut rng(3)).unwrap();
    let package = key_package::inspect(&package, now()).unwrap();
    let admins = [user(1), user(2)];
    let NewRoom { commit: made, tree } = ana
        .create_room(
            ROOM,
            Suite::Classic,
            Kind::Group,
            &admins,
            &[package],
            &mut rng(4),
        )
        .unwrap();
    let creator = (user(1), device(1));
    let server = PublicRoom::create(ROOM, Kind::Group, creator, &made.group_info, &tree).unwrap();
    ana.merge_own(ROOM).unwrap();
    let parts = welcome::split(made.welcome.as_ref().unwrap()).unwrap();
    bo.join(ROOM, &parts[0].welcome, &tree, &mut rng(5))
        .unwrap();
    for client in [&mut ana, &mut bo] {
        client.take_changes();
    }
    (ana, bo, server)
}

/// Ana's commit is refused by the server and by Bo, for this reason; both go on as before.
fn is_refused(
    forge: impl for<'a> FnOnce(CommitBuilder<'a, Initial>) -> CommitBuilder<'a, Initial>,
    rule: Rule,
) {
    let (mut ana, mut bo, mut server) = room();
    ana.provider.crypto.seed(&mut rng(6));
    let (group, provider, keys) = ana.parts(ROOM).unwrap();
    let (commit, _, info) = forge(group.commit_builder())
        .force_self_update(true)
        .load_psks(provider.storage())
        .unwrap()
        .create_group_info(true)
        .use_ratchet_tree_extension(false)
        .build(provider.rand(), provider.crypto(), keys, |_| true)
        .unwrap()
        .stage_commit(provider)
        .unwrap()
        .into_messages();
    let (commit, info) = (bytes(&commit).unwrap(), bytes(&info.unwrap()).unwrap());
    ana.rollback();

    let claimed = (user(1), device(1));
    let refused = server.accept(claimed, &commit, &info).map(|_| ());
    assert_eq!(refused, Err(Refusal::Policy(rule)));
    let opened = bo.open(ROOM, claimed.0, claimed.1, &commit, &mut rng(7));
    let found = match opened {
        Err(Error::Policy(found)) => found,
        other => panic!("{other:?}"),
    };
    assert_eq!(found, rule);
    bo.rollback();

    let made = bo.commit(ROOM, &[], &[], &mut rng(8)).unwrap();
    let claimed = (user(2), device(2));
    server
        .accept(claimed, &made.commit, &made.group_info)
        .unwrap();
    ana.open(ROOM, claimed.0, claimed.1, &made.commit, &mut rng(9))
        .unwrap();
}

/// A leaf of Ana's own key with another credential.
fn with_credential(credential: Vec<u8>) -> LeafNodeParameters {
    let signature_key = client(1).keys().credential().device_key.to_vec().into();
    let credential = CredentialWithKey {
        credential: BasicCredential::new(credential).into(),
        signature_key,
    };
    LeafNodeParameters::builder()
        .with_credential_with_key(credential)
        .build()
}

fn issued(by: u8, user: Uuid, device: Uuid, key: [u8; 32]) -> Vec<u8> {
    Credential::issue(&account(by), user, device, key, now()).to_bytes()
}

#[test]
fn a_path_leaf_with_another_identity_is_refused() {
    let key = client(1).keys().credential().device_key;
    for credential in [
        issued(1, user(1), device(9), key),
        // In Bo's name, by whoever has his account key.
        issued(2, user(2), device(9), key),
    ] {
        let leaf = with_credential(credential);
        is_refused(
            |builder| builder.leaf_node_parameters(leaf),
            Rule::IdentityChanged,
        );
    }
}

#[test]
fn a_path_leaf_that_does_not_check_is_refused() {
    let key = client(1).keys().credential().device_key;
    let mut unsigned = issued(1, user(1), device(1), key);
    *unsigned.last_mut().unwrap() ^= 1;
    for (credential, fault) in [
        (b"Ana".to_vec(), KeyFault::Malformed),
        (unsigned, KeyFault::BadSignature),
        // Another device's, copied.
        (
            client(2).keys().credential().to_bytes(),
            KeyFault::KeyMismatch,
        ),
    ] {
        let leaf = with_credential(credential);
        is_refused(
            |builder| builder.leaf_node_parameters(leaf),
            Rule::BadLeaf(fault),
        );
    }
}

#[test]
fn a_leaf_that_does_not_check_is_not_added() {
    let mut unsigned = client(9).keys().credential().to_bytes();
    *unsigned.last_mut().unwrap() ^= 1;
    for (credential, fault) in [
        (b"Cy".to_vec(), KeyFault::Malformed),
        (unsigned, KeyFault::BadSignature),
        (
            client(2).keys().credential().to_bytes(),
            KeyFault::KeyMismatch,
        ),
    ] {
        let added = client(9);
        added.provider.crypto.seed(&mut rng(10));
        let credential = CredentialWithKey {
            credential: BasicCredential::new(credential).into(),
            ..added.keys.credential_with_key()
        };
        let package = KeyPackage::builder()
            .leaf_node_capabilities(capabilities())
            .key_package_lifetime(Lifetime::init(now() - 60, now() + 90 * 24 * 60 * 60))
            .build(
                Suite::Classic.ciphersuite(),
                &added.provider,
                &added.keys,
                credential,
            )
            .unwrap();
        let package = package.key_package().clone();
        is_refused(
            |builder| builder.propose_adds([package]),
            Rule::BadLeaf(fault),
        );
    }
}

#[test]
fn a_proposal_that_our_rooms_do_not_use_is_refused() {
    // One that says what holds anyway: a kind of its own to what counts as a change of admins.
    is_refused(
        |builder| {
            let mut ana = room().0;
            let group = ana.parts(ROOM).unwrap().0;
            let same = group.public_group().group_context().extensions().clone();
            builder.propose_group_context_extensions(same).unwrap()
        },
        Rule::UnknownProposal,
    );
}

#[test]
fn who_comes_in_by_themselves_takes_nobody_elses_place() {
    let (ana, bo, mut server) = room();
    // OpenMLS takes the leaf with the same signature key for one's own: Ana has Bo's.
    let twin = DeviceKeys::generate(user(1), device(9), &account(1), now(), &mut rng(2));
    let key = twin.credential().device_key;
    assert_eq!(key, bo.keys().credential().device_key);
    let mut twin = Client::new(twin, []);
    let tree = server.tree().unwrap();
    let made = twin
        .rejoin(ROOM, server.group_info(), &tree, &mut rng(11))
        .unwrap();
    let claimed = (user(1), device(9));
    let refused = server.accept(claimed, &made.commit, &made.group_info);
    assert_eq!(
        refused.map(|_| ()),
        Err(Refusal::Policy(Rule::ForeignRemoval))
    );
    for mut client in [ana, bo] {
        let opened = client.open(ROOM, claimed.0, claimed.1, &made.commit, &mut rng(12));
        assert!(
            matches!(opened, Err(Error::Policy(Rule::ForeignRemoval))),
            "{opened:?}"
        );
    }
}
