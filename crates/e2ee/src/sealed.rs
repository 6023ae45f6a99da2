//! What a person keeps on the server, sealed on their devices: bundle, vault and archive.
//!
//! ```text
//! header | nonce 24 | ciphertext | tag 16
//! ```
//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a random nonce: a key seals far fewer than
//! 2^80 times, so that no nonce comes twice. The associated data is the header, which begins with
//! the version of the encoding, and a context of fixed width that the reader knows anyway: what was
//! sealed for one place opens in no other.
//!
//! Where sizes would tell something, what is sealed is padded: `length 4 | content | zeros`.

use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of the nonce.
const NONCE: usize = 24;
/// What sealing adds beside the header: nonce and tag.
pub(crate) const ADDED: usize = NONCE + 16;
/// What padding puts in front.
pub(crate) const LENGTH: usize = 4;

/// Why something sealed was not opened, or not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealedError {
    /// It was not sealed under this key for this place, or was changed since: another key is
    /// needed.
    #[error("the key does not open it")]
    WrongKey,
    /// A newer version of the application sealed it: this one has to be updated.
    #[error("sealed by a newer version")]
    Newer,
    /// The bytes are of no version of the encoding: whoever sealed it is at fault.
    #[error("malformed")]
    Malformed,
    /// More than can be sealed: the caller shortens it.
    #[error("too long")]
    TooLong,
}

/// Seals under a key, behind a header that begins with the version.
pub(crate) fn seal(
    key: &[u8; 32],
    header: &[u8],
    context: &[u8],
    plain: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealedError> {
    let mut nonce = [0; NONCE];
    rng.fill_bytes(&mut nonce);
    let aad = [header, context].concat();
    let ciphertext = cipher(key).encrypt(
        &XNonce::from(nonce),
        Payload {
            msg: plain,
            aad: &aad,
        },
    );
    let ciphertext = ciphertext.map_err(|_| SealedError::TooLong)?;
    Ok([header, &nonce, &ciphertext].concat())
}

/// Opens what [`seal`] gave. The header must be as it was.
pub(crate) fn open(
    key: &[u8; 32],
    header: &[u8],
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealedError> {
    check_version(header, sealed)?;
    let body = sealed.strip_prefix(header).ok_or(SealedError::WrongKey)?;
    let (nonce, ciphertext) = body
        .split_first_chunk::<NONCE>()
        .ok_or(SealedError::Malformed)?;
    let aad = [header, context].concat();
    let plain = cipher(key).decrypt(
        &XNonce::from(*nonce),
        Payload {
            msg: ciphertext,
            aad: &aad,
        },
    );
    plain.map(Zeroizing::new).map_err(|_| SealedError::WrongKey)
}

/// Whether the version in front is the one of the header.
pub(crate) fn check_version(header: &[u8], sealed: &[u8]) -> Result<(), SealedError> {
    match (header.first(), sealed.first()) {
        (Some(ours), Some(version)) if version == ours => Ok(()),
        (Some(ours), Some(version)) if version > ours => Err(SealedError::Newer),
        _ => Err(SealedError::Malformed),
    }
}

/// A content of less than 4 GiB, padded to `size` bytes.
pub(crate) fn pad(content: &[u8], size: usize) -> Zeroizing<Vec<u8>> {
    let mut plain = Zeroizing::new(Vec::with_capacity(size));
    plain.extend_from_slice(&(content.len() as u32).to_be_bytes());
    plain.extend_from_slice(content);
    plain.resize(size, 0);
    plain
}

/// The content of what [`pad`] gave.
pub(crate) fn unpad(mut plain: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, SealedError> {
    let length = content_length(&plain).ok_or(SealedError::Malformed)?;
    plain.truncate(LENGTH + length);
    plain.drain(..LENGTH);
    Ok(plain)
}

/// The length in front, when as many bytes follow and then zeros alone.
fn content_length(plain: &[u8]) -> Option<usize> {
    let (length, rest) = plain.split_first_chunk::<LENGTH>()?;
    let length = u32::from_be_bytes(*length) as usize;
    let (_, padding) = rest.split_at_checked(length)?;
    padding.iter().all(|byte| *byte == 0).then_some(length)
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

/// 32 bytes of HKDF-SHA256 (RFC 5869). `info` is a versioned label.
pub(crate) fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let (mut prk, _) = Hkdf::<Sha256>::extract(Some(salt), secret);
    // HKDF-Extract is HMAC(salt, secret), and the first block of HKDF-Expand, which is all that 32
    // bytes take, is HMAC(prk, info | 1): unlike `expand` it cannot fail.
    let (mut okm, _) = Hkdf::<Sha256>::extract(Some(prk.as_slice()), &[info, &[1]].concat());
    let key = Zeroizing::new(okm.into());
    prk.as_mut_slice().zeroize();
    okm.as_mut_slice().zeroize();
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    const HEADER: [u8; 2] = [3, 7];

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let rng = &mut ChaCha20Rng::from_seed([1; 32]);
        seal(&[2; 32], &HEADER, b"place", plain, rng).unwrap()
    }

    #[test]
    fn every_changed_byte_and_place_is_refused() {
        let bytes = sealed(b"text");
        assert_eq!(bytes.len(), HEADER.len() + ADDED + 4);
        let plain = open(&[2; 32], &HEADER, b"place", &bytes).unwrap();
        assert_eq!(*plain, b"text");
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(
                open(&[2; 32], &HEADER, b"place", &changed).is_err(),
                "byte {place}"
            );
        }
        let wrong = Err(SealedError::WrongKey);
        assert_eq!(open(&[2; 32], &HEADER, b"plaza", &bytes), wrong);
        assert_eq!(open(&[3; 32], &HEADER, b"place", &bytes), wrong);
        assert_eq!(open(&[2; 32], &[3, 8], b"place", &bytes), wrong);
    }

    #[test]
    fn newer_and_older_versions_are_told_apart() {
        let mut bytes = sealed(b"text");
        for (version, expected) in [(2, SealedError::Malformed), (4, SealedError::Newer)] {
            bytes[0] = version;
            let opened = open(&[2; 32], &HEADER, b"place", &bytes);
            assert_eq!(opened, Err(expected));
        }
        assert_eq!(
            open(&[2; 32], &HEADER, b"place", &[]),
            Err(SealedError::Malformed)
        );
    }

    #[test]
    fn keys_are_those_of_hkdf() {
        for (secret, salt, info) in [
            (&b"secret"[..], &b"salt"[..], &b"info"[..]),
            (&[7; 80][..], &[1; 16][..], &b"snug/test/v1\0"[..]),
            (&[][..], &[][..], &[][..]),
        ] {
            let mut expected = [0; 32];
            Hkdf::<Sha256>::new(Some(salt), secret)
                .expand(info, &mut expected)
                .unwrap();
            assert_eq!(*derive(secret, salt, info), expected);
        }
    }

    #[test]
    fn a_length_that_lies_is_refused() {
        assert_eq!(
            pad(b"text", 10)[..],
            [0, 0, 0, 4, b't', b'e', b'x', b't', 0, 0]
        );
        for plain in [
            &[0, 0, 0, 3, 1, 2][..],
            &[0, 0, 0, 1, 1, 2],
            &[0xff; 8],
            &[0; 3],
        ] {
            let plain = Zeroizing::new(plain.to_vec());
            assert_eq!(unpad(plain), Err(SealedError::Malformed));
        }
    }

    proptest! {
        #[test]
        fn any_content_comes_out_of_its_padding(
            content in proptest::collection::vec(any::<u8>(), 0..100),
            more in 0usize..100,
        ) {
            let padded = pad(&content, LENGTH + content.len() + more);
            prop_assert_eq!(padded.len(), LENGTH + content.len() + more);
            prop_assert_eq!(unpad(padded).unwrap().to_vec(), content);
        }

        #[test]
        fn any_padding_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = unpad(Zeroizing::new(bytes));
        }

        #[test]
        fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let bytes = [&HEADER[..], &bytes].concat();
            prop_assert!(open(&[2; 32], &HEADER, b"place", &bytes).is_err());
        }
    }
}
