//! What `Debug` prints of everything that holds a secret: never the secret.

use std::fmt::Debug;

use e2ee::{
    AccountKey, ArchiveKeys, BundleKey, Client, DeviceKeys, Keyring, Opened, RecoveryKey, Vault,
    link::{AwaitingAnswer, AwaitingReveal, Handover, ScannedCode, ShownCode},
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use uuid::Uuid;

const USER: Uuid = Uuid::from_u128(1);
const DEVICE: Uuid = Uuid::from_u128(2);
const LINK: Uuid = Uuid::from_u128(3);

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn archive_keys() -> ArchiveKeys {
    let mut keys = ArchiveKeys::default();
    keys.renew(&mut rng(4));
    keys
}

fn keyring() -> Keyring {
    Keyring {
        account_key: AccountKey::generate(&mut rng(1)),
        list_version: 7,
        archive_keys: archive_keys(),
    }
}

fn printed(value: &impl Debug) -> String {
    format!("{value:?}")
}

#[test]
fn keys_print_their_names() {
    let account = AccountKey::generate(&mut rng(1));
    let device = DeviceKeys::generate(USER, DEVICE, &account, 1, &mut rng(2));
    let recovery = RecoveryKey::generate(&mut rng(3));
    assert_eq!(printed(&account), "AccountKey(…)");
    assert_eq!(
        printed(&device),
        "DeviceKeys(00000000-0000-0000-0000-000000000002, …)"
    );
    assert_eq!(
        printed(&Client::new(device, [])),
        "Client(DeviceKeys(00000000-0000-0000-0000-000000000002, …), …)"
    );
    assert_eq!(printed(&recovery), "RecoveryKey(…)");
    assert_eq!(printed(&recovery.bundle_key(USER)), "BundleKey(…)");
    assert!(!printed(&recovery.to_text()).contains(recovery.to_text().as_str()));
    assert_eq!(printed(&archive_keys()), "ArchiveKeys(…)");
    assert_eq!(printed(&archive_keys().current()), "Some(ArchiveKey(…))");
}

#[test]
fn what_holds_keys_prints_the_rest() {
    let handover = Handover {
        keyring: keyring(),
        vault_version: 9,
        bundle_key: Some(BundleKey::from_bytes(USER, &[5; 32])),
    };
    assert_eq!(
        printed(&handover),
        "Handover { keyring: Keyring { account_key: AccountKey(…), list_version: 7, archive_keys: \
         ArchiveKeys(…) }, vault_version: 9, bundle_key: Some(BundleKey(…)) }"
    );
    let vault = Vault {
        archive_keys: archive_keys(),
        ..Vault::default()
    };
    assert_eq!(
        printed(&vault),
        "Vault { pins: {}, archive_keys: ArchiveKeys(…) }"
    );
}

#[test]
fn plaintext_is_not_printed() {
    let opened = Opened::Application(b"meet me at nine".to_vec().into());
    assert_eq!(printed(&opened), "Application(…)");
    assert_eq!(printed(&Opened::OwnCommit), "OwnCommit");
}

#[test]
fn links_print_their_states() {
    let shown = ShownCode::new(USER, LINK, 1, &mut rng(1));
    assert_eq!(printed(&shown), "ShownCode(…)");
    assert!(!printed(&shown.text()).contains("SNUG-LINK"));
    let scanned = ScannedCode::read(&shown.text(), USER, 1).unwrap();
    assert_eq!(printed(&scanned), "ScannedCode(…)");
    let (new, commitment) = AwaitingAnswer::new(USER, LINK, 1, &mut rng(1));
    let (old, answer) = AwaitingReveal::answer(USER, LINK, &commitment, 1, &mut rng(2)).unwrap();
    assert_eq!(printed(&new), "AwaitingAnswer(…)");
    assert_eq!(printed(&old), "AwaitingReveal(…)");
    let (new, reveal) = new.answered(&answer, 1).unwrap();
    let old = old.revealed(&reveal, 1).unwrap();
    assert_eq!(printed(&new), "ShowingDigits(…)");
    assert_eq!(printed(&old), "AwaitingDigits(…)");
    let handover = Handover {
        keyring: keyring(),
        vault_version: 0,
        bundle_key: None,
    };
    let message = old.typed(&new.digits(), &handover, 1, &mut rng(3)).unwrap();
    assert_eq!(printed(&new.open(&message, 1).unwrap()), "Unconfirmed(…)");
}
