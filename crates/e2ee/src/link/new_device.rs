//! Linking by digits, on the new device.

use hpke::OpModeR;
use rand_core::CryptoRng;
use uuid::Uuid;

use super::{
    Handover, Kind, LinkError, Session,
    digits::{Transcript, commitment},
    hpke_modes::{self, KeyPair, PublicKey},
};
use crate::bytes::blank_debug;

/// The new device has committed to its key and waits for the old one's.
pub struct AwaitingAnswer {
    session: Session,
    keys: KeyPair,
}

impl AwaitingAnswer {
    /// Begins a link of this person; the message is for the old device. `now` is in seconds since
    /// 1970.
    pub fn new(user: Uuid, link: Uuid, now: u64, rng: &mut impl CryptoRng) -> (Self, Vec<u8>) {
        let session = Session {
            user,
            link,
            started: now,
        };
        let keys = KeyPair::generate(rng);
        let commitment = commitment(&session, &keys.public_bytes());
        (
            Self { session, keys },
            Kind::Commitment.message(&commitment),
        )
    }

    /// Takes the old device's key; the message reveals this device's.
    ///
    /// # Errors
    /// [`LinkError::Expired`], [`LinkError::Newer`] or [`LinkError::Malformed`].
    pub fn answered(self, message: &[u8], now: u64) -> Result<(ShowingDigits, Vec<u8>), LinkError> {
        self.session.check(now)?;
        let old_key = Kind::Answer.body_of_32(message)?;
        let new_key = self.keys.public_bytes();
        let showing = ShowingDigits {
            transcript: Transcript::new(&self.session, &old_key, &new_key),
            old_key: hpke_modes::public_key(&old_key)?,
            session: self.session,
            keys: self.keys,
        };
        Ok((showing, Kind::Reveal.message(&new_key)))
    }
}

/// The new device shows the digits and waits for what the old one hands over.
pub struct ShowingDigits {
    session: Session,
    keys: KeyPair,
    old_key: PublicKey,
    transcript: Transcript,
}

impl ShowingDigits {
    /// The 7 digits that the person types on the old device.
    pub fn digits(&self) -> String {
        self.transcript.digits()
    }

    /// Opens what was handed over.
    ///
    /// # Errors
    /// [`LinkError::Expired`], [`LinkError::Newer`], [`LinkError::Malformed`] or
    /// [`LinkError::Undecryptable`].
    pub fn open(self, message: &[u8], now: u64) -> Result<Unconfirmed, LinkError> {
        self.session.check(now)?;
        hpke_modes::open(
            Kind::HandoverByDigits,
            &OpModeR::Auth(self.old_key),
            &self.keys,
            &self.transcript.info(),
            self.session.user,
            message,
        )
        .map(Unconfirmed)
    }
}

/// The new device has been handed something, and does not know by whom: the digits prove it to the
/// old device, not the other way round. Who stands between can hand over keys of their own.
pub struct Unconfirmed(Handover);

impl Unconfirmed {
    /// The person says that the old device took the digits and shows this one as linked.
    pub fn confirm(self) -> Handover {
        self.0
    }
}

blank_debug!(AwaitingAnswer, ShowingDigits, Unconfirmed);
