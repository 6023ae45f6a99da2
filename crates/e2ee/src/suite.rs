//! The ciphersuite and the MLS configuration that every room shares.

use openmls::prelude::*;

/// `MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519` (RFC 9420, section 17.1). A room keeps
/// the suite that it was made with, so that another one can be introduced beside it.
pub const SUITE: u16 = 0x0003;

pub(crate) const CIPHERSUITE: Ciphersuite =
    Ciphersuite::MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519;

/// Our group-context extension (private use, RFC 9420, section 17.3): see [`crate::RoomPolicy`].
pub(crate) const POLICY_EXTENSION: u16 = 0xF0C1;

/// What every leaf of ours can do. OpenMLS's default advertises suites that we do not have.
pub(crate) fn capabilities() -> Capabilities {
    Capabilities::new(
        None,
        Some(&[CIPHERSUITE]),
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

pub(crate) fn create_config(context: Extensions<GroupContext>) -> MlsGroupCreateConfig {
    MlsGroupCreateConfig::builder()
        .ciphersuite(CIPHERSUITE)
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
