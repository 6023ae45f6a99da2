//! Keys, what is sealed under them, links between devices, and files.

use std::hint::black_box;

use e2ee::{
    AccountKey, ArchiveKeys, BundleKey, DeviceKeys, Keyring, RecoveryKey, Vault, archive,
    archive::Place,
    file::{self, Opener, Sealer},
    link::{AwaitingAnswer, AwaitingReveal, Handover, ScannedCode, ShownCode},
};
use uuid::Uuid;

use crate::{Held, Recorder, Seen, passes};

const ANA: Uuid = Uuid::from_u128(1);
const DEVICE: Uuid = Uuid::from_u128(2);
const LINK: Uuid = Uuid::from_u128(3);
const PLACE: Place = Place {
    user: ANA,
    room: Uuid::from_u128(4),
    seq: 5,
};
const PLAINTEXT: &[u8] = b"meet me at nine, behind the theatre";

fn held<T>(value: T, inside: Vec<Vec<u8>>) -> Held<T> {
    Held {
        value,
        inside,
        behind: Vec::new(),
    }
}

fn account(rng: &mut Recorder) -> Held<AccountKey> {
    let key = AccountKey::generate(rng);
    let seed = key.to_bytes().to_vec();
    held(key, vec![seed])
}

fn archive_keys(rng: &mut Recorder) -> Held<ArchiveKeys> {
    let mut keys = ArchiveKeys::default();
    keys.renew(rng);
    let bytes = keys.to_bytes();
    Held {
        value: keys,
        inside: Vec::new(),
        behind: vec![bytes[bytes.len() - 32..].to_vec()],
    }
}

fn keyring(rng: &mut Recorder) -> Held<Keyring> {
    let (account, archive) = (account(rng), archive_keys(rng));
    Held {
        value: Keyring {
            account_key: account.value,
            list_version: 7,
            archive_keys: archive.value,
        },
        inside: account.inside,
        behind: archive.behind,
    }
}

fn bundle_key(rng: &mut Recorder) -> Held<BundleKey> {
    let key = RecoveryKey::generate(rng).bundle_key(ANA);
    let secret = key.to_bytes().to_vec();
    held(key, vec![secret])
}

fn handover(rng: &mut Recorder) -> Held<Handover> {
    let (keyring, bundle) = (keyring(rng), bundle_key(rng));
    Held {
        value: Handover {
            keyring: keyring.value,
            vault_version: 9,
            bundle_key: Some(bundle.value),
        },
        inside: [keyring.inside, bundle.inside].concat(),
        behind: keyring.behind,
    }
}

pub fn keys(seen: &mut Seen) {
    seen.wipes(|| account(&mut Recorder::new(1)));
    seen.wipes(|| {
        let rng = &mut Recorder::new(2);
        let keys = DeviceKeys::generate(ANA, DEVICE, &account(rng).value, 1, rng);
        let seed = keys.to_bytes()[..32].to_vec();
        held(keys, vec![seed])
    });
    seen.wipes(|| archive_keys(&mut Recorder::new(3)));
    seen.wipes(|| {
        let keys = archive_keys(&mut Recorder::new(3));
        held(keys.value.current().unwrap().clone(), keys.behind)
    });
    seen.wipes(|| {
        let rng = &mut Recorder::new(4);
        held(RecoveryKey::generate(rng), rng.drawn.clone())
    });
    seen.wipes(|| bundle_key(&mut Recorder::new(5)));
    seen.wipes(|| keyring(&mut Recorder::new(6)));
    seen.wipes(|| {
        let keys = archive_keys(&mut Recorder::new(7));
        Held {
            value: Vault {
                archive_keys: keys.value,
                ..Vault::default()
            },
            inside: Vec::new(),
            behind: keys.behind,
        }
    });
    encoded();
    sealed();
}

/// What is stored and typed.
fn encoded() {
    let rng = &mut Recorder::new(8);
    let Held {
        value: account,
        inside: seed,
        ..
    } = account(rng);
    passes("an account key as bytes", &seed, || {
        drop(black_box(Box::new(account.to_bytes())));
    });
    let keys = DeviceKeys::generate(ANA, DEVICE, &account, 1, rng);
    let stored = keys.to_bytes();
    passes("a device key as bytes", &[stored[..32].to_vec()], || {
        drop(black_box(keys.to_bytes()));
        drop(black_box(Box::new(DeviceKeys::from_bytes(&stored))));
    });
    let keys = archive_keys(rng);
    let stored = keys.value.to_bytes();
    passes("archive keys as bytes", &keys.behind, || {
        drop(black_box(keys.value.to_bytes()));
        drop(black_box(ArchiveKeys::from_bytes(&stored)));
    });
    let key = RecoveryKey::generate(rng);
    let (drawn, text) = (rng.drawn.last().unwrap().clone(), key.to_text());
    let plain = text.replace('-', "").into_bytes();
    let secrets = [drawn, text.as_bytes().to_vec(), plain];
    passes("a recovery key as text", &secrets, || {
        drop(black_box(key.to_text()));
        drop(black_box(Box::new(RecoveryKey::parse(&text))));
    });
}

/// What is sealed on the server.
fn sealed() {
    let rng = &mut Recorder::new(9);
    let (keyring, bundle) = (keyring(rng), bundle_key(rng));
    let mut secrets = [keyring.inside, keyring.behind, bundle.inside].concat();
    let (keyring, key) = (keyring.value, bundle.value);
    let sealed = key.seal(&keyring, 1, rng).unwrap();
    passes("a bundle", &secrets, || {
        drop(key.seal(&keyring, 1, rng));
        drop(black_box(Box::new(key.open(&sealed, 1))));
    });

    let vault = Vault {
        archive_keys: keyring.archive_keys.clone(),
        ..Vault::default()
    };
    let account = &keyring.account_key;
    let sealed = vault.seal(account, ANA, 1, rng).unwrap();
    passes("a vault", &secrets, || {
        drop(vault.seal(account, ANA, 1, rng));
        drop(black_box(Vault::open(&sealed, account, ANA, 1)));
        black_box(vault.digest());
    });

    secrets.push(PLAINTEXT.to_vec());
    let key = keyring.archive_keys.current().unwrap();
    let entry = archive::seal(key, &PLACE, PLAINTEXT, rng).unwrap();
    passes("an entry of the archive", &secrets, || {
        drop(archive::seal(key, &PLACE, PLAINTEXT, rng));
        drop(black_box(archive::open(key, &PLACE, &entry)));
    });
}

pub fn links(seen: &mut Seen) {
    seen.wipes(|| handover(&mut Recorder::new(10)));
    // The secret of a code is drawn first, then the key pair.
    let shown = || {
        let rng = &mut Recorder::new(11);
        let shown = ShownCode::new(ANA, LINK, 1, rng);
        held(shown, vec![rng.drawn[0].clone(), rng.key_of(1)])
    };
    seen.wipes(shown);
    seen.wipes(|| {
        let shown = shown();
        let scanned = ScannedCode::read(&shown.value.text(), ANA, 1).unwrap();
        held(scanned, shown.inside[..1].to_vec())
    });
    let commit = || {
        let rng = &mut Recorder::new(12);
        let (awaiting, message) = AwaitingAnswer::new(ANA, LINK, 1, rng);
        (held(awaiting, vec![rng.key_of(0)]), message)
    };
    let answer = || {
        let rng = &mut Recorder::new(13);
        let (awaiting, answer) = AwaitingReveal::answer(ANA, LINK, &commit().1, 1, rng).unwrap();
        (held(awaiting, vec![rng.key_of(0)]), answer)
    };
    let reveal = || {
        let awaiting = commit().0;
        let (showing, reveal) = awaiting.value.answered(&answer().1, 1).unwrap();
        (held(showing, awaiting.inside), reveal)
    };
    let digits = || {
        let awaiting = answer().0;
        let digits = awaiting.value.revealed(&reveal().1, 1).unwrap();
        held(digits, awaiting.inside)
    };
    seen.wipes(|| commit().0);
    seen.wipes(|| answer().0);
    seen.wipes(|| reveal().0);
    seen.wipes(digits);
    seen.wipes(|| {
        let rng = &mut Recorder::new(14);
        let handed = handover(rng);
        let showing = reveal().0.value;
        let typed = digits().value;
        let typed = typed.typed(&showing.digits(), &handed.value, 1, rng);
        Held {
            value: showing.open(&typed.unwrap(), 1).unwrap(),
            inside: handed.inside,
            behind: handed.behind,
        }
    });
    handed_over();
}

fn handed_over() {
    let rng = &mut Recorder::new(15);
    let handed = handover(rng);
    let shown = ShownCode::new(ANA, LINK, 1, rng);
    let text = shown.text();
    let end = text.as_bytes()[text.len() - 30..].to_vec();
    passes("a code", &[end], || {
        drop(black_box(shown.text()));
        drop(black_box(Box::new(ScannedCode::read(&text, ANA, 1))));
    });
    let scanned = ScannedCode::read(&text, ANA, 1).unwrap();
    let secrets = [handed.inside, handed.behind].concat();
    passes("a handover", &secrets, || {
        let message = scanned.seal(&handed.value, 1, rng).unwrap();
        drop(black_box(Box::new(shown.open(&message, 1))));
    });
}

pub fn files(seen: &mut Seen) {
    let key = |rng: &Recorder| vec![rng.drawn[0].clone()];
    seen.wipes(|| {
        let rng = &mut Recorder::new(16);
        let mut sealer = Sealer::new(PLAINTEXT.len(), rng);
        assert!(sealer.push(PLAINTEXT).unwrap().is_empty());
        Held {
            value: sealer,
            inside: key(rng),
            behind: vec![PLAINTEXT.to_vec()],
        }
    });
    seen.wipes(|| {
        let rng = &mut Recorder::new(17);
        held(Sealer::new(0, rng).finish().unwrap(), key(rng))
    });
    let sealed = || {
        let rng = &mut Recorder::new(18);
        held(file::seal(PLAINTEXT, rng).unwrap(), key(rng))
    };
    seen.wipes(sealed);
    seen.wipes(|| {
        let Held { value, inside, .. } = sealed();
        let opener = Opener::new(value.ciphertext, &value.key, &value.sha256);
        held(opener.unwrap(), inside)
    });
    let Held { value, inside, .. } = sealed();
    passes("opening a file", &inside, || {
        drop(file::open(&value.ciphertext, &value.key, &value.sha256));
    });
    let rng = &mut Recorder::new(18);
    let secrets = [inside, vec![PLAINTEXT.to_vec()]].concat();
    // What the generator notes down stays with it.
    passes("sealing a file", &secrets, || {
        drop(file::seal(PLAINTEXT, rng))
    });
}
