//! What a device seals beside rooms: archive, recovery bundle, vault, a link; and comparing keys.
//!
//! `cargo bench -p e2ee` measures, on a quiet machine.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use e2ee::{
    AccountKey, ArchiveKeys, Keyring, Pin, RecoveryKey, Vault,
    archive::{self, Place},
    link::{Handover, ScannedCode, ShownCode},
    safety::{self, Side},
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use uuid::Uuid;

/// A person of this many contacts.
const CONTACTS: u32 = 200;
const USER: Uuid = Uuid::from_u128(1);
const LINK: Uuid = Uuid::from_u128(2);
/// Any time will do: links count from it.
const NOW: u64 = 1_800_000_000;
const VERSION: u64 = 3;

criterion_group!(benches, archives, recovery, vaults, links, safety_numbers);
criterion_main!(benches);

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(1)
}

fn archive_keys() -> ArchiveKeys {
    let mut keys = ArchiveKeys::default();
    keys.renew(&mut rng());
    keys
}

fn keyring() -> Keyring {
    Keyring {
        account_key: AccountKey::generate(&mut rng()),
        list_version: VERSION,
        archive_keys: archive_keys(),
    }
}

/// An entry of a line of text, and one of the largest message.
fn archives(criterion: &mut Criterion) {
    let (mut rng, keys) = (rng(), archive_keys());
    let key = keys.current().unwrap();
    let place = Place {
        user: USER,
        room: LINK,
        seq: 7,
    };
    let mut group = criterion.benchmark_group("archive");
    for (name, size) in [("line", 96), ("longest", archive::CONTENT_MAX)] {
        let content = vec![7; size];
        let entry = archive::seal(key, &place, &content, &mut rng).unwrap();
        group.bench_function(BenchmarkId::new("seal", name), |bencher| {
            bencher.iter(|| archive::seal(key, &place, black_box(&content), &mut rng).unwrap());
        });
        group.bench_function(BenchmarkId::new("open", name), |bencher| {
            bencher.iter(|| archive::open(key, &place, black_box(&entry)).unwrap());
        });
    }
}

/// The bundle, and the way from the words in the kit to the key that opens it.
fn recovery(criterion: &mut Criterion) {
    let (mut rng, keyring) = (rng(), keyring());
    let recovery_key = RecoveryKey::generate(&mut rng);
    let words = recovery_key.to_text();
    let key = recovery_key.bundle_key(USER);
    let bundle = key.seal(&keyring, VERSION, &mut rng).unwrap();
    let mut group = criterion.benchmark_group("recovery");
    group.bench_function("seal", |bencher| {
        bencher.iter(|| key.seal(black_box(&keyring), VERSION, &mut rng).unwrap());
    });
    group.bench_function("open", |bencher| {
        bencher.iter(|| {
            let key = RecoveryKey::parse(black_box(&words)).unwrap();
            key.bundle_key(USER).open(&bundle, VERSION).unwrap()
        });
    });
}

/// The pins of many contacts.
fn vaults(criterion: &mut Criterion) {
    let (mut rng, account) = (rng(), AccountKey::generate(&mut rng()));
    let pin = Pin {
        account_key: account.public(),
        verified_at: Some(NOW),
        revision: 1,
    };
    let contacts = (0..CONTACTS).map(|number| (Uuid::from_u128(number.into()), pin));
    let vault = Vault {
        pins: contacts.collect(),
        archive_keys: archive_keys(),
    };
    let sealed = vault.seal(&account, USER, VERSION, &mut rng).unwrap();
    let mut group = criterion.benchmark_group("vault");
    group.bench_function(BenchmarkId::new("seal", CONTACTS), |bencher| {
        bencher.iter(|| vault.seal(&account, USER, VERSION, &mut rng).unwrap());
    });
    group.bench_function(BenchmarkId::new("open", CONTACTS), |bencher| {
        bencher.iter(|| Vault::open(black_box(&sealed), &account, USER, VERSION).unwrap());
    });
}

/// A device that is let in by a code on its screen: both sides of it, without the camera.
fn links(criterion: &mut Criterion) {
    let mut rng = rng();
    let handover = Handover {
        keyring: keyring(),
        vault_version: VERSION,
        bundle_key: None,
    };
    let mut group = criterion.benchmark_group("link");
    let shown = || ShownCode::new(USER, LINK, NOW, &mut self::rng());
    let text = shown().text();
    group.bench_function("show", |bencher| {
        bencher.iter(|| ShownCode::new(USER, LINK, NOW, &mut rng).text());
    });
    group.bench_function("seal", |bencher| {
        bencher.iter(|| {
            let scanned = ScannedCode::read(black_box(&text), USER, NOW).unwrap();
            scanned.seal(&handover, NOW, &mut rng).unwrap()
        });
    });
    let scanned = ScannedCode::read(&text, USER, NOW).unwrap();
    let sealed = scanned.seal(&handover, NOW, &mut self::rng()).unwrap();
    group.bench_function("open", |bencher| {
        let open = |shown: ShownCode| shown.open(black_box(&sealed), NOW).unwrap();
        bencher.iter_batched(shown, open, BatchSize::SmallInput);
    });
}

/// The 60 digits, which are slow on purpose.
fn safety_numbers(criterion: &mut Criterion) {
    let side = |number: u8| Side {
        user: Uuid::from_u128(number.into()),
        account_key: AccountKey::from_bytes(&[number; 32]).public(),
    };
    let (one, other) = (side(1), side(2));
    criterion.bench_function("safety-number", |bencher| {
        bencher.iter(|| safety::number(black_box(&one), &other));
    });
}
