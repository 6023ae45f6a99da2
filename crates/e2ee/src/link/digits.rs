//! What both devices derive when they link by digits.
//!
//! ```text
//! commitment = SHA-256("snug/link-commitment/v1\0" | user | link | new key)
//! transcript = SHA-256("snug/link-transcript/v1\0" | user | link | commitment | old key | new key)
//! digits     = SHA-256("snug/link-digits/v1\0" | transcript), first 8 bytes, modulo 10,000,000
//! ```
//! The handover is sealed in HPKE's mode Auth from the old key to the new one, with the label
//! `"snug/link-handover/v1\0"` and the transcript as info: equal digits on both devices are equal
//! keys, and then nobody else can have sealed it.

use sha2::{Digest, Sha256};

use super::Session;

const COMMITMENT_LABEL: &[u8] = b"snug/link-commitment/v1\0";
const TRANSCRIPT_LABEL: &[u8] = b"snug/link-transcript/v1\0";
const DIGITS_LABEL: &[u8] = b"snug/link-digits/v1\0";
const HANDOVER_LABEL: &[u8] = b"snug/link-handover/v1\0";

pub(super) fn commitment(session: &Session, new_key: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update(session.labelled(COMMITMENT_LABEL))
        .chain_update(new_key)
        .finalize()
        .into()
}

/// What was said in a link, hashed.
#[derive(Clone, Copy)]
pub(super) struct Transcript([u8; 32]);

impl Transcript {
    pub(super) fn new(session: &Session, old_key: &[u8; 32], new_key: &[u8; 32]) -> Self {
        let hash = Sha256::new()
            .chain_update(session.labelled(TRANSCRIPT_LABEL))
            .chain_update(commitment(session, new_key))
            .chain_update(old_key)
            .chain_update(new_key);
        Self(hash.finalize().into())
    }

    /// The 7 digits.
    pub(super) fn digits(&self) -> String {
        let hash = Sha256::new()
            .chain_update(DIGITS_LABEL)
            .chain_update(self.0)
            .finalize();
        let number = hash
            .iter()
            .take(8)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{:07}", number % 10_000_000)
    }

    /// The info of the handover.
    pub(super) fn info(&self) -> Vec<u8> {
        [HANDOVER_LABEL, &self.0].concat()
    }
}
