//! Keys that a device stores, what is sealed on the server, and the chunks of files.

use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, Nonce, aead::Aead};
use e2ee::{
    ArchiveKeys, DeviceKeys, Keyring, RecoveryKey, Vault,
    file::{self, Opener},
};
use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use sha2::{Digest, Sha256};

use crate::{
    Target,
    identity::signed,
    parts::{cut, join},
    story::{ANA, account, rng},
};

/// Keys of the archive.
pub const ARCHIVE_KEYS: Target = Target {
    name: "archive_keys",
    run: |bytes| {
        let Some(keys) = ArchiveKeys::from_bytes(bytes) else {
            return false;
        };
        assert_eq!(keys.to_bytes().as_slice(), bytes);
        // Whoever wrote them, the next key is the one that seals. Its id follows from the input, so
        // that none is guessed.
        let mut newer = keys.clone();
        newer.renew(&mut ChaCha20Rng::from_seed(Sha256::digest(bytes).into()));
        let current = newer.current().expect("a key");
        assert!(keys.find(current.id()).is_none());
        true
    },
    seeds: || {
        let mut keys = ArchiveKeys::default();
        let empty = keys.to_bytes().to_vec();
        keys.renew(&mut rng(1));
        keys.renew(&mut rng(2));
        vec![empty, keys.to_bytes().to_vec()]
    },
};

/// Stored keys of a device: the seed, then version, user and device, then the rest of the
/// credential. The device key between them, the account key and the signature are added.
pub const DEVICE_KEYS: Target = Target {
    name: "device_keys",
    run: |bytes| {
        let _ = DeviceKeys::from_bytes(bytes);
        let Some((seed, rest)) = bytes.split_first_chunk::<32>() else {
            return false;
        };
        let Some((head, rest)) = rest.split_at_checked(1 + 16 + 16) else {
            return false;
        };
        let key = SigningKey::from_bytes(seed).verifying_key().to_bytes();
        let account = *account(ANA).public().as_bytes();
        let credential = [head, &key, &account, rest].concat();
        let whole = [
            seed.to_vec(),
            signed(b"snug/device-credential/v1\0", &credential),
        ]
        .concat();
        let Ok(keys) = DeviceKeys::from_bytes(&whole) else {
            return false;
        };
        assert_eq!(keys.to_bytes().as_slice(), whole);
        true
    },
    seeds: || {
        let keys = DeviceKeys::generate(ANA, ANA, &account(ANA), 1, &mut rng(1));
        let whole = keys.to_bytes();
        let (head, created_at) = (&whole[..32 + 33], &whole[32 + 97..32 + 105]);
        vec![[head, created_at].concat()]
    },
};

/// A recovery bundle or a vault, sealed.
pub const SEALED: Target = Target {
    name: "sealed",
    run: |bytes| {
        let key = RecoveryKey::generate(&mut rng(7)).bundle_key(ANA);
        let bundle = key.open(bytes, 1).is_ok();
        let vault = Vault::open(bytes, &account(ANA), ANA, 1).is_ok();
        assert!(!(bundle && vault));
        // What opens for one version opens for no other.
        assert!(key.open(bytes, 2).is_err());
        assert!(Vault::open(bytes, &account(ANA), ANA, 2).is_err());
        bundle || vault
    },
    seeds: || {
        let key = RecoveryKey::generate(&mut rng(7)).bundle_key(ANA);
        let keyring = Keyring {
            account_key: account(ANA),
            list_version: 7,
            archive_keys: ArchiveKeys::default(),
        };
        let vault = Vault::default().seal(&account(ANA), ANA, 1, &mut rng(8));
        vec![
            key.seal(&keyring, 1, &mut rng(8)).expect("a bundle"),
            vault.expect("a vault"),
        ]
    },
};

/// Bytes of a file in a chunk.
const CHUNK: usize = 64 * 1024;

/// What is in the chunks of a file, length and padding included, as beginning and end: between
/// them are zeros of up to two chunks. It is sealed well here.
pub const FILE_CHUNKS: Target = Target {
    name: "file_chunks",
    run: |bytes| {
        let Some([head, tail]) = cut(bytes) else {
            return false;
        };
        let zeros = tail
            .first()
            .map_or(0, |byte| usize::from(*byte) % 3 * CHUNK);
        let plain = [head, &vec![0; zeros], tail].concat();
        let (key, cipher) = ([1; 32], ChaCha20Poly1305::new(&Key::from([1; 32])));
        let count = plain.chunks(CHUNK).count();
        let chunks = plain.chunks(CHUNK).zip(1u32..).map(|(chunk, number)| {
            let mut nonce = [0; 12];
            nonce[7..11].copy_from_slice(&(number - 1).to_be_bytes());
            nonce[11] = (number as usize == count).into();
            cipher.encrypt(&Nonce::from(nonce), chunk).expect("a chunk")
        });
        let ciphertext = chunks.collect::<Vec<_>>().concat();
        let hash = Sha256::digest(&ciphertext).into();
        let whole = file::open(&ciphertext, &key, &hash);
        let mut pieces = Vec::new();
        let mut opener = Opener::new(&ciphertext, &key, &hash);
        let end = loop {
            match opener.as_mut().map(Opener::next_piece) {
                Ok(Ok(Some(piece))) => pieces.extend_from_slice(&piece),
                Ok(Ok(None)) => break Ok(()),
                Ok(Err(error)) => break Err(error),
                Err(error) => break Err(*error),
            }
        };
        assert_eq!(whole.as_ref().err(), end.as_ref().err());
        let Ok(file) = whole else {
            return false;
        };
        assert_eq!(file, pieces);
        assert_eq!(file, plain[8..8 + file.len()]);
        assert!(plain[8 + file.len()..].iter().all(|byte| *byte == 0));
        true
    },
    seeds: || {
        let file = |length: u64, zeros| {
            let head = [&length.to_be_bytes()[..], b"hello"].concat();
            join(&[&head, &[0; 9][..zeros]])
        };
        let long = [&(CHUNK as u64 + 6).to_be_bytes()[..], b"hello"].concat();
        vec![file(5, 0), file(5, 9), file(3 + 2, 4), join(&[&long, &[1]])]
    },
};
