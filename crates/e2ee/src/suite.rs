//! The ciphersuites, and the MLS configuration that every room shares.

use openmls::prelude::*;

use crate::error::Error;

/// A ciphersuite that rooms are made with (RFC 9420, section 17.1). A room keeps the one that it
/// was made with; each key package is for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// `MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519`, spoken by every device.
    #[default]
    Classic,
    /// `MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519`, experimental: keys are agreed on by
    /// ML-KEM-768 and X25519 together (X-Wing), so that what is recorded today stays closed as
    /// long as either holds. Signatures are classic. Its number is a provisional one of
    /// draft-ietf-mls-pq-ciphersuites: rooms made with it may have to be made anew.
    #[cfg(feature = "post-quantum")]
    PostQuantum,
}

impl Suite {
    /// All that this build speaks.
    pub const ALL: &[Self] = &[
        Self::Classic,
        #[cfg(feature = "post-quantum")]
        Self::PostQuantum,
    ];

    /// The number on the wire.
    pub const fn number(self) -> u16 {
        self.ciphersuite() as u16
    }

    /// The suite of a number; `None` when this build does not speak it.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|suite| suite.number() == number)
    }

    pub(crate) fn of(ciphersuite: Ciphersuite) -> Option<Self> {
        Self::from_number(ciphersuite.into())
    }

    pub(crate) const fn ciphersuite(self) -> Ciphersuite {
        match self {
            Self::Classic => Ciphersuite::MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519,
            #[cfg(feature = "post-quantum")]
            Self::PostQuantum => Ciphersuite::MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519,
        }
    }

    /// The X25519 half of an encryption key: the whole of a classic one, the last 32 bytes of
    /// X-Wing's 1,216 (draft-connolly-cfrg-xwing-kem, section 5.2).
    pub(crate) fn x25519_of(self, key: &[u8]) -> Option<[u8; 32]> {
        let before = match self {
            Self::Classic => 0,
            #[cfg(feature = "post-quantum")]
            Self::PostQuantum => 1184,
        };
        key.get(before..)?.try_into().ok()
    }
}

/// Refuses an invitation into a room whose suite this build does not speak, before OpenMLS calls it
/// malformed: its owner can do something about it. `head` is the start of the MLSMessage up to the
/// suite's number (RFC 9420, sections 6, 12.4.3 and 8.1).
pub(crate) fn check_spoken(message: &[u8], head: &[u8]) -> Result<(), Error> {
    let rest = message.strip_prefix(head).ok_or(Error::Malformed)?;
    let (number, _) = rest.split_first_chunk().ok_or(Error::Malformed)?;
    Suite::from_number(u16::from_be_bytes(*number))
        .map(|_| ())
        .ok_or(Error::UnknownSuite)
}

/// Our group-context extension (private use, RFC 9420, section 17.3): see [`crate::RoomPolicy`].
pub(crate) const POLICY_EXTENSION: u16 = 0xF0C1;

/// What every leaf of ours can do. OpenMLS's default advertises suites that we do not have.
pub(crate) fn capabilities() -> Capabilities {
    let suites: Vec<_> = Suite::ALL.iter().map(|suite| suite.ciphersuite()).collect();
    Capabilities::new(
        None,
        Some(&suites),
        Some(&[
            ExtensionType::Unknown(POLICY_EXTENSION),
            ExtensionType::LastResort,
        ]),
        None,
        None,
    )
}

/// What a room asks of every leaf.
pub(crate) fn required_capabilities() -> RequiredCapabilitiesExtension {
    RequiredCapabilitiesExtension::new(
        &[ExtensionType::Unknown(POLICY_EXTENSION)],
        &[],
        &[CredentialType::Basic],
    )
}

/// Two messages out of order within an epoch are enough (the server orders), a long silence may
/// skip many.
fn sender_ratchet() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(2, 10_000)
}

pub(crate) fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .max_past_epochs(0)
        .padding_size(0)
        .sender_ratchet_configuration(sender_ratchet())
        .use_ratchet_tree_extension(false)
        .build()
}

pub(crate) fn create_config(
    suite: Suite,
    context: Extensions<GroupContext>,
) -> MlsGroupCreateConfig {
    MlsGroupCreateConfig::builder()
        .ciphersuite(suite.ciphersuite())
        .capabilities(capabilities())
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .max_past_epochs(0)
        .padding_size(0)
        .sender_ratchet_configuration(sender_ratchet())
        .use_ratchet_tree_extension(false)
        // The leaf of epoch 0 is replaced by the first commit; OpenMLS would date it by the system's
        // clock, and a run would not repeat byte for byte.
        .lifetime(Lifetime::init(0, u64::MAX))
        .with_group_context_extensions(context)
        .build()
}
