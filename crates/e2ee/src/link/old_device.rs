//! Linking by digits, on the old device.

use hpke::OpModeS;
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{
    Handover, Kind, LinkError, Session,
    digits::{Transcript, commitment},
    hpke_modes::{self, KeyPair, PublicKey},
};
use crate::bytes::blank_debug;

/// The old device has answered a commitment and waits for the key.
pub struct AwaitingReveal {
    session: Session,
    keys: KeyPair,
    commitment: [u8; 32],
}

impl AwaitingReveal {
    /// Answers a new device's commitment; the message is for the new device. `now` is in seconds
    /// since 1970.
    ///
    /// # Errors
    /// [`LinkError::Newer`] or [`LinkError::Malformed`].
    pub fn answer(
        user: Uuid,
        link: Uuid,
        message: &[u8],
        now: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Vec<u8>), LinkError> {
        let commitment = Kind::Commitment.body_of_32(message)?;
        let keys = KeyPair::generate(rng);
        let answer = Kind::Answer.message(&keys.public_bytes());
        let session = Session {
            user,
            link,
            started: now,
        };
        let awaiting = Self {
            session,
            keys,
            commitment,
        };
        Ok((awaiting, answer))
    }

    /// Takes the new device's key.
    ///
    /// # Errors
    /// [`LinkError::Expired`], [`LinkError::Newer`], [`LinkError::Malformed`] or
    /// [`LinkError::BrokenCommitment`].
    pub fn revealed(self, message: &[u8], now: u64) -> Result<AwaitingDigits, LinkError> {
        self.session.check(now)?;
        let new_key = Kind::Reveal.body_of_32(message)?;
        if commitment(&self.session, &new_key) != self.commitment {
            return Err(LinkError::BrokenCommitment);
        }
        Ok(AwaitingDigits {
            transcript: Transcript::new(&self.session, &self.keys.public_bytes(), &new_key),
            new_key: hpke_modes::public_key(&new_key)?,
            session: self.session,
            keys: self.keys,
        })
    }
}

/// The old device waits for the digits that the new one shows.
pub struct AwaitingDigits {
    pub(super) session: Session,
    pub(super) keys: KeyPair,
    pub(super) new_key: PublicKey,
    pub(super) transcript: Transcript,
}

impl AwaitingDigits {
    /// Takes what the person typed, after they have shown once more who they are; the message hands
    /// over. White space and dashes do not matter. There is no second try.
    ///
    /// # Errors
    /// [`LinkError::Expired`] or [`LinkError::WrongDigits`].
    pub fn typed(
        self,
        digits: &str,
        handover: &Handover,
        now: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, LinkError> {
        self.session.check(now)?;
        let typed: String = digits
            .chars()
            .filter(|character| !character.is_whitespace() && *character != '-')
            .collect();
        let expected = self.transcript.digits();
        if !bool::from(typed.as_bytes().ct_eq(expected.as_bytes())) {
            return Err(LinkError::WrongDigits);
        }
        hpke_modes::seal(
            Kind::HandoverByDigits,
            &OpModeS::Auth((self.keys.secret, self.keys.public)),
            &self.new_key,
            &self.transcript.info(),
            handover,
            rng,
        )
    }
}

blank_debug!(AwaitingReveal, AwaitingDigits);
