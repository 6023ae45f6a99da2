//! Linking by scan: the new device shows a code, the old one seals to it.
//!
//! The code is `version 1 | user 16 | link 16 | key 32 | secret 32`. The secret is a pre-shared key
//! of HPKE's mode PSK, so it has 256 bits (RFC 9180, section 9.5, asks for as many); its id is the
//! link's. The info is the label with user and link.

use hpke::{OpModeR, OpModeS, PskBundle};
use rand_core::CryptoRng;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Handover, Kind, LinkError, Session, VERSION, check_version,
    hpke_modes::{self, KeyPair, PublicKey},
};
use crate::{
    bytes::{blank_debug, take},
    code,
};

const LABEL: &[u8] = b"snug/link-scan/v1\0";
const CODE: &str = "SNUG-LINK";

/// The new device: its code is on the screen.
pub struct ShownCode {
    pub(super) session: Session,
    pub(super) keys: KeyPair,
    pub(super) secret: Zeroizing<[u8; 32]>,
}

impl ShownCode {
    /// A new code for a link of this person. `now` is in seconds since 1970.
    pub fn new(user: Uuid, link: Uuid, now: u64, rng: &mut impl CryptoRng) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(secret.as_mut());
        Self {
            session: Session {
                user,
                link,
                started: now,
            },
            keys: KeyPair::generate(rng),
            secret,
        }
    }

    /// The text of the QR code. It is secret: whoever reads it can hand over an account.
    pub fn text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 + 16 + 16 + 32 + 32));
        bytes.push(VERSION);
        bytes.extend_from_slice(self.session.user.as_bytes());
        bytes.extend_from_slice(self.session.link.as_bytes());
        bytes.extend_from_slice(&self.keys.public_bytes());
        bytes.extend_from_slice(self.secret.as_slice());
        code::write(CODE, &bytes)
    }

    /// Opens what the old device sealed.
    ///
    /// # Errors
    /// [`LinkError::Expired`], [`LinkError::Newer`], [`LinkError::Malformed`] or
    /// [`LinkError::Undecryptable`].
    pub fn open(self, message: &[u8], now: u64) -> Result<Handover, LinkError> {
        self.session.check(now)?;
        hpke_modes::open(
            Kind::HandoverByScan,
            &OpModeR::Psk(psk(&self.secret, &self.session)?),
            &self.keys,
            &self.session.labelled(LABEL),
            self.session.user,
            message,
        )
    }
}

/// The old device: it has read a code.
pub struct ScannedCode {
    session: Session,
    key: PublicKey,
    secret: Zeroizing<[u8; 32]>,
}

impl ScannedCode {
    /// Reads a code that was scanned or pasted by `user`. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// [`LinkError::Malformed`], [`LinkError::Newer`], or [`LinkError::OtherAccount`]: somebody may
    /// want to be let in by this person's scan.
    pub fn read(text: &str, user: Uuid, now: u64) -> Result<Self, LinkError> {
        let bytes = code::read(CODE, text).ok_or(LinkError::Malformed)?;
        check_version(&bytes)?;
        let code = Fields::read(&bytes).ok_or(LinkError::Malformed)?;
        if code.user != user {
            return Err(LinkError::OtherAccount);
        }
        Ok(Self {
            session: Session {
                user,
                link: code.link,
                started: now,
            },
            key: hpke_modes::public_key(&code.key)?,
            secret: code.secret,
        })
    }

    /// The link whose mailbox takes what is sealed.
    pub const fn link(&self) -> Uuid {
        self.session.link
    }

    /// Seals for the new device, after the person has shown once more who they are.
    ///
    /// # Errors
    /// [`LinkError::Expired`].
    pub fn seal(
        self,
        handover: &Handover,
        now: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, LinkError> {
        self.session.check(now)?;
        hpke_modes::seal(
            Kind::HandoverByScan,
            &OpModeS::Psk(psk(&self.secret, &self.session)?),
            &self.key,
            &self.session.labelled(LABEL),
            handover,
            rng,
        )
    }
}

blank_debug!(ShownCode, ScannedCode);

fn psk<'a>(secret: &'a [u8; 32], session: &'a Session) -> Result<PskBundle<'a>, LinkError> {
    PskBundle::new(secret, session.link.as_bytes()).map_err(|_| LinkError::Malformed)
}

/// What a code holds behind the version.
struct Fields {
    user: Uuid,
    link: Uuid,
    key: [u8; 32],
    secret: Zeroizing<[u8; 32]>,
}

impl Fields {
    /// `None` when the code is not exactly that long.
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.get(1..)?;
        let fields = Self {
            user: Uuid::from_bytes(take(&mut rest)?),
            link: Uuid::from_bytes(take(&mut rest)?),
            key: take(&mut rest)?,
            secret: Zeroizing::new(take(&mut rest)?),
        };
        rest.is_empty().then_some(fields)
    }
}
