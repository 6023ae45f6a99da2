//! Secrets at rest: sealed with XChaCha20-Poly1305 for one place only, codes kept as HMACs.
//!
//! Every sealing key comes from a line of `SECRET_KEY` by HKDF-SHA256. A sealed value names the key
//! that sealed it: the first line seals, all of them open, so that keys can be rotated while the
//! service runs. The key of HMACs is random and lies sealed in the database, since an HMAC cannot
//! be made anew.

use std::sync::OnceLock;

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use rand::CryptoRng;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Shortest `SECRET_KEY`, in bytes.
pub const SECRET_KEY_MIN: usize = 32;

const VERSION: u8 = 1;
const KEY_ID: usize = 8;
const NONCE: usize = 24;
const HEAD: usize = 1 + KEY_ID + NONCE;

/// Seals and opens secrets and makes the HMACs that codes are stored as.
pub struct Vault {
    /// The first one seals.
    ring: Vec<Key>,
    codes: OnceLock<Zeroizing<[u8; 32]>>,
}

struct Key {
    id: [u8; KEY_ID],
    cipher: XChaCha20Poly1305,
    /// The key of HMACs as it would come from this key.
    codes: Zeroizing<[u8; 32]>,
}

/// Where a sealed value lives: it opens there and nowhere else.
#[derive(Clone, Copy)]
pub struct Place {
    /// The application, or nil for the service's own secrets.
    pub app: Uuid,
    /// The account, or nil.
    pub account: Uuid,
    /// The factor or other row, or nil.
    pub row: Uuid,
    /// Table and column.
    pub column: &'static str,
}

/// Why a `SECRET_KEY` is none.
#[derive(Debug, thiserror::Error)]
pub enum NoKey {
    /// A line has fewer than [`SECRET_KEY_MIN`] bytes.
    #[error(
        "SECRET_KEY is too short: each key needs at least {SECRET_KEY_MIN} bytes, better 32 random \
         ones in base64"
    )]
    TooShort,
    /// Two lines are the same.
    #[error("SECRET_KEY holds the same key twice")]
    Twice,
}

/// The value was sealed with another key, for another place, or was changed.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value does not open with this SECRET_KEY")]
pub struct Unsealable;

impl Vault {
    /// The keys that a `SECRET_KEY` stands for, one a line.
    pub fn new(secret_key: &[u8]) -> Result<Self, NoKey> {
        let mut ring: Vec<Key> = Vec::new();
        let lines = secret_key.split(|byte| *byte == b'\n');
        for line in lines
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty())
        {
            let key = Key::new(line)?;
            if ring.iter().any(|known| known.id == key.id) {
                return Err(NoKey::Twice);
            }
            ring.push(key);
        }
        if ring.is_empty() {
            return Err(NoKey::TooShort);
        }
        Ok(Self {
            ring,
            codes: OnceLock::new(),
        })
    }

    /// The names of all keys in hex, the one that seals first. They tell nothing about the keys.
    pub fn key_ids(&self) -> Vec<String> {
        self.ring.iter().map(|key| hex(&key.id)).collect()
    }

    /// The name of the key that seals, in hex.
    pub fn key_id(&self) -> String {
        hex(self.active_id())
    }

    /// The name of the key that seals, as sealed values hold it.
    pub fn active_id(&self) -> &[u8; KEY_ID] {
        &self.active().id
    }

    /// Whether the key that seals sealed this value.
    pub fn sealed_it(&self, sealed: &[u8]) -> bool {
        sealed.get(1..=KEY_ID) == Some(self.active_id())
    }

    /// Takes the key of HMACs, once.
    pub fn take_codes_key(&self, key: &[u8]) -> Option<()> {
        let key = Zeroizing::new(key.try_into().ok()?);
        let _ = self.codes.set(key);
        Some(())
    }

    /// The key of HMACs of a database that has none of its own yet: it comes from the key that
    /// sealed this value.
    pub fn codes_key_of(&self, sealed: &[u8]) -> Result<Zeroizing<[u8; 32]>, Unsealable> {
        let key = self.key_of(sealed).ok_or(Unsealable)?;
        Ok(key.codes.clone())
    }

    fn active(&self) -> &Key {
        &self.ring[0]
    }

    fn key_of(&self, sealed: &[u8]) -> Option<&Key> {
        let id = sealed.get(1..=KEY_ID)?;
        self.ring.iter().find(|key| key.id == id)
    }

    /// Seals a secret for one place: version, key id, nonce, ciphertext with tag.
    pub fn seal(&self, place: Place, secret: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let key = self.active();
        let aad = place.associated_data(&key.id);
        let payload = Payload {
            msg: secret,
            aad: &aad,
        };
        #[expect(clippy::expect_used, reason = "fails only above 256 GiB")]
        let ciphertext = key
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a secret is short");
        let mut sealed = Vec::with_capacity(HEAD + ciphertext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&key.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    /// Opens what [`seal`](Self::seal) made for the same place.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (head, ciphertext) = sealed.split_at_checked(HEAD).ok_or(Unsealable)?;
        let key = self
            .key_of(sealed)
            .filter(|_| head[0] == VERSION)
            .ok_or(Unsealable)?;
        let nonce: [u8; NONCE] = head[1 + KEY_ID..].try_into().map_err(|_| Unsealable)?;
        let aad = place.associated_data(&key.id);
        let payload = Payload {
            msg: ciphertext,
            aad: &aad,
        };
        let secret = key
            .cipher
            .decrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Unsealable)?;
        Ok(Zeroizing::new(secret))
    }

    /// HMAC-SHA256 over parts that cannot run into each other, under the key for codes.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let key = self.codes.get().unwrap_or(&self.active().codes);
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&**key).expect("any length is fine");
        for part in [purpose.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl Key {
    fn new(secret: &[u8]) -> Result<Self, NoKey> {
        if secret.len() < SECRET_KEY_MIN {
            return Err(NoKey::TooShort);
        }
        let root = Hkdf::<Sha256>::new(Some(b"snug-mfa v1"), secret);
        let mut id = [0; KEY_ID];
        let mut sealing = Zeroizing::new([0; 32]);
        let mut codes = Zeroizing::new([0; 32]);
        expand(&root, b"key id", &mut id);
        expand(&root, b"sealing", &mut *sealing);
        expand(&root, b"codes", &mut *codes);
        let cipher = XChaCha20Poly1305::new((&*sealing).into());
        Ok(Self { id, cipher, codes })
    }
}

impl Place {
    fn associated_data(&self, key_id: &[u8; KEY_ID]) -> Vec<u8> {
        let mut data = Vec::with_capacity(KEY_ID + 48 + self.column.len());
        data.extend_from_slice(key_id);
        for id in [self.app, self.account, self.row] {
            data.extend_from_slice(id.as_bytes());
        }
        data.extend_from_slice(self.column.as_bytes());
        data
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn expand(root: &Hkdf<Sha256>, info: &[u8], out: &mut [u8]) {
    #[expect(clippy::expect_used, reason = "fails only above 8,160 bytes")]
    root.expand(info, out).expect("a key is short");
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place {
        app: Uuid::from_u128(1),
        account: Uuid::from_u128(2),
        row: Uuid::from_u128(3),
        column: "factors.secret",
    };

    fn vault(key: u8) -> Vault {
        Vault::new(&[key; 32]).unwrap()
    }

    #[test]
    fn rule_07_opens_only_in_its_place() {
        let vault = vault(1);
        let sealed = vault.seal(PLACE, b"secret", &mut rand::rng());
        assert_eq!(&**vault.open(PLACE, &sealed).unwrap(), b"secret");
        for elsewhere in [
            Place {
                app: Uuid::nil(),
                ..PLACE
            },
            Place {
                account: Uuid::nil(),
                ..PLACE
            },
            Place {
                row: Uuid::nil(),
                ..PLACE
            },
            Place {
                column: "outbox.payload",
                ..PLACE
            },
        ] {
            assert!(vault.open(elsewhere, &sealed).is_err());
        }
    }

    #[test]
    fn rule_07_another_key_or_a_changed_byte_does_not_open() {
        let sealed = vault(1).seal(PLACE, b"secret", &mut rand::rng());
        assert!(vault(2).open(PLACE, &sealed).is_err());
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(vault(1).open(PLACE, &changed).is_err(), "byte {position}");
        }
        assert!(vault(1).open(PLACE, &sealed[..20]).is_err());
        assert!(Vault::new(&[1; 31]).is_err());
    }

    #[test]
    fn rule_07_the_first_line_seals_and_all_open() {
        let [old, new] = ["o", "n"].map(|letter| letter.repeat(32));
        let ring = |lines: &[&str]| Vault::new(lines.join("\n").as_bytes());
        let before = ring(&[&old]).unwrap();
        let both = ring(&[&new, "", &old]).unwrap();
        assert_eq!(both.key_ids().len(), 2);
        let sealed = before.seal(PLACE, b"secret", &mut rand::rng());
        assert!(before.sealed_it(&sealed) && !both.sealed_it(&sealed));
        assert_eq!(&**both.open(PLACE, &sealed).unwrap(), b"secret");
        let fresh = both.seal(PLACE, b"secret", &mut rand::rng());
        assert!(both.sealed_it(&fresh) && before.open(PLACE, &fresh).is_err());
        assert!(ring(&[&new]).unwrap().open(PLACE, &fresh).is_ok());
        for wrong in [&["", " "][..], &[&old, "short"], &[&old, &new, &old]] {
            assert!(ring(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn macs_stay_when_the_sealing_key_changes() {
        let [old, new] = ["o", "n"].map(|letter| letter.repeat(32));
        let before = Vault::new(old.as_bytes()).unwrap();
        let after = Vault::new(format!("{new}\n{old}").as_bytes()).unwrap();
        assert_ne!(before.mac("a", &[b"b"]), after.mac("a", &[b"b"]));
        let sealed = before.seal(PLACE, b"", &mut rand::rng());
        let codes = after.codes_key_of(&sealed).unwrap();
        after.take_codes_key(&*codes).unwrap();
        assert_eq!(before.mac("a", &[b"b"]), after.mac("a", &[b"b"]));
        assert!(after.take_codes_key(b"too short").is_none());
    }

    #[test]
    fn macs_bind_purpose_and_borders() {
        let vault = vault(1);
        assert_eq!(vault.mac("a", &[b"bc"]), vault.mac("a", &[b"bc"]));
        assert_ne!(vault.mac("a", &[b"bc"]), vault.mac("ab", &[b"c"]));
        assert_ne!(vault.mac("a", &[b"b", b"c"]), vault.mac("a", &[b"bc"]));
        assert_ne!(vault.mac("a", &[b"bc"]), self::vault(2).mac("a", &[b"bc"]));
    }
}
