//! Secrets at rest: sealed with XChaCha20-Poly1305 for one place only, codes kept as HMACs.
//!
//! Every key comes from `SECRET_KEY` by HKDF-SHA256. A sealed value names the key that sealed it,
//! so that several keys can stand side by side while they are rotated.

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
    key_id: [u8; KEY_ID],
    cipher: XChaCha20Poly1305,
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

/// `SECRET_KEY` has fewer than [`SECRET_KEY_MIN`] bytes.
#[derive(Debug, thiserror::Error)]
#[error(
    "SECRET_KEY is too short: it needs at least {SECRET_KEY_MIN} bytes, better 32 random ones in base64"
)]
pub struct KeyTooShort;

/// The value was sealed with another key, for another place, or was changed.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value does not open with this SECRET_KEY")]
pub struct Unsealable;

impl Vault {
    /// The keys that a `SECRET_KEY` stands for.
    pub fn new(secret_key: &[u8]) -> Result<Self, KeyTooShort> {
        if secret_key.len() < SECRET_KEY_MIN {
            return Err(KeyTooShort);
        }
        let root = Hkdf::<Sha256>::new(Some(b"snug-mfa v1"), secret_key);
        let mut key_id = [0; KEY_ID];
        let mut sealing = Zeroizing::new([0; 32]);
        let mut codes = Zeroizing::new([0; 32]);
        expand(&root, b"key id", &mut key_id);
        expand(&root, b"sealing", &mut *sealing);
        expand(&root, b"codes", &mut *codes);
        let cipher = XChaCha20Poly1305::new((&*sealing).into());
        Ok(Self {
            key_id,
            cipher,
            codes,
        })
    }

    /// The name of the active key, in hex. Tells nothing about the key.
    pub fn key_id(&self) -> String {
        self.key_id
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Seals a secret for one place: version, key id, nonce, ciphertext with tag.
    pub fn seal(&self, place: Place, secret: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let aad = place.associated_data(&self.key_id);
        let payload = Payload {
            msg: secret,
            aad: &aad,
        };
        #[expect(clippy::expect_used, reason = "fails only above 256 GiB")]
        let ciphertext = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a secret is short");
        let mut sealed = Vec::with_capacity(HEAD + ciphertext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.key_id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    /// Opens what [`seal`](Self::seal) made for the same place.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (head, ciphertext) = sealed.split_at_checked(HEAD).ok_or(Unsealable)?;
        if head[0] != VERSION || head[1..=KEY_ID] != self.key_id {
            return Err(Unsealable);
        }
        let nonce: [u8; NONCE] = head[1 + KEY_ID..].try_into().map_err(|_| Unsealable)?;
        let aad = place.associated_data(&self.key_id);
        let payload = Payload {
            msg: ciphertext,
            aad: &aad,
        };
        let secret = self
            .cipher
            .decrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Unsealable)?;
        Ok(Zeroizing::new(secret))
    }

    /// HMAC-SHA256 over parts that cannot run into each other, under the key for codes.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.codes).expect("any length is fine");
        for part in [purpose.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
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
    fn macs_bind_purpose_and_borders() {
        let vault = vault(1);
        assert_eq!(vault.mac("a", &[b"bc"]), vault.mac("a", &[b"bc"]));
        assert_ne!(vault.mac("a", &[b"bc"]), vault.mac("ab", &[b"c"]));
        assert_ne!(vault.mac("a", &[b"b", b"c"]), vault.mac("a", &[b"bc"]));
        assert_ne!(vault.mac("a", &[b"bc"]), self::vault(2).mac("a", &[b"bc"]));
    }
}
