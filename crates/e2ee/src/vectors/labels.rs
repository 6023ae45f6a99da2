//! The labelled functions of RFC 9420, sections 5 and 8, over our provider.

use openmls_traits::crypto::OpenMlsCrypto as _;

use super::{ED25519, SHA256, crypto, encoding::opaque};

/// Bytes of a secret in our suite.
pub(super) const NH: u16 = 32;

/// KDF.Extract.
pub(super) fn extract(salt: &[u8], ikm: &[u8]) -> Vec<u8> {
    let prk = crypto().hkdf_extract(SHA256, salt, ikm).unwrap();
    prk.as_slice().to_vec()
}

/// ExpandWithLabel (section 8).
pub(super) fn expand(secret: &[u8], label: &str, context: &[u8], length: u16) -> Vec<u8> {
    let info = [length.to_be_bytes().as_slice(), &labelled(label, context)].concat();
    let okm = crypto().hkdf_expand(SHA256, secret, &info, length.into());
    okm.unwrap().as_slice().to_vec()
}

/// DeriveSecret (section 8).
pub(super) fn derive(secret: &[u8], label: &str) -> Vec<u8> {
    expand(secret, label, &[], NH)
}

/// DeriveTreeSecret (section 9.1).
pub(super) fn derive_tree_secret(
    secret: &[u8],
    label: &str,
    generation: u32,
    length: u16,
) -> Vec<u8> {
    expand(secret, label, &generation.to_be_bytes(), length)
}

/// What SignWithLabel signs (section 5.1.2) and what EncryptWithLabel takes as its info (section
/// 5.1.3): they are encoded alike.
pub(super) fn labelled(label: &str, content: &[u8]) -> Vec<u8> {
    let label = format!("MLS 1.0 {label}");
    [opaque(label.as_bytes()), opaque(content)].concat()
}

/// SignWithLabel.
pub(super) fn sign(key: &[u8], label: &str, content: &[u8]) -> Vec<u8> {
    let content = labelled(label, content);
    crypto().sign(ED25519, &content, key).unwrap()
}

/// VerifyWithLabel.
pub(super) fn verifies(key: &[u8], label: &str, content: &[u8], signature: &[u8]) -> bool {
    let content = labelled(label, content);
    crypto()
        .verify_signature(ED25519, &content, key, signature)
        .is_ok()
}

/// The MAC of our suite.
pub(super) fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let tag = crypto().hmac(SHA256, key, message).unwrap();
    tag.as_slice().to_vec()
}

/// The hash of our suite.
pub(super) fn hash(data: &[u8]) -> Vec<u8> {
    crypto().hash(SHA256, data).unwrap()
}
