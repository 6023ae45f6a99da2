//! message-protection: framing, signing, tagging and sealing of messages (RFC 9420, section 6).

use openmls::prelude::{
    MlsMessageIn,
    tls_codec::{Deserialize as _, Serialize as _},
};
use openmls_traits::crypto::OpenMlsCrypto as _;
use serde::Deserialize;

use super::{
    CHACHA20_POLY1305, Hex, crypto,
    encoding::{
        PRIVATE_MESSAGE, PUBLIC_MESSAGE, framed_content, group_context, opaque, take, take_opaque,
    },
    labels::{mac, sign, verifies},
    read,
    secret_tree::{Sealing, message_key, sender_data_key},
};

/// The messages come from the second of two members.
const LEAVES: u32 = 2;
const SENDER: u32 = 1;

#[derive(Deserialize)]
struct Vector {
    group_id: Hex,
    epoch: u64,
    tree_hash: Hex,
    confirmed_transcript_hash: Hex,
    signature_priv: Hex,
    signature_pub: Hex,
    encryption_secret: Hex,
    sender_data_secret: Hex,
    membership_key: Hex,
    proposal: Hex,
    proposal_priv: Hex,
    proposal_pub: Hex,
    commit: Hex,
    commit_priv: Hex,
    commit_pub: Hex,
    application: Hex,
    application_priv: Hex,
}

/// What a message holds: its ContentType, its encoding, and the ratchet that seals it.
struct Content {
    kind: u8,
    bytes: Vec<u8>,
    ratchet: &'static str,
}

impl Content {
    fn new(kind: u8, bytes: &[u8], ratchet: &'static str) -> Self {
        let bytes = bytes.to_vec();
        Self {
            kind,
            bytes,
            ratchet,
        }
    }
}

#[test]
fn public_messages_are_signed_and_tagged() {
    for vector in read::<Vector>("mls/message-protection.json") {
        let proposal = Content::new(2, &vector.proposal, "handshake");
        vector.check_public(&vector.proposal_pub, &proposal);
        let commit = Content::new(3, &vector.commit, "handshake");
        vector.check_public(&vector.commit_pub, &commit);
    }
}

#[test]
fn private_messages_open_and_seal_to_the_same() {
    for vector in read::<Vector>("mls/message-protection.json") {
        let proposal = Content::new(2, &vector.proposal, "handshake");
        vector.check_private(&vector.proposal_priv, &proposal);
        let commit = Content::new(3, &vector.commit, "handshake");
        vector.check_private(&vector.commit_priv, &commit);
        let application = Content::new(1, &opaque(&vector.application), "application");
        vector.check_private(&vector.application_priv, &application);
    }
}

impl Vector {
    /// FramedContent, which stands as it is in a public message.
    fn framed(&self, content: &Content) -> Vec<u8> {
        framed_content(
            &self.group_id,
            self.epoch,
            SENDER,
            content.kind,
            &content.bytes,
        )
    }

    /// FramedContentTBS (section 6.1).
    fn to_be_signed(&self, head: [u8; 4], content: &Content) -> Vec<u8> {
        let context = group_context(
            &self.group_id,
            self.epoch,
            &self.tree_hash,
            &self.confirmed_transcript_hash,
        );
        [head.as_slice(), &self.framed(content), &context].concat()
    }

    /// Takes the signature and, of a commit, the confirmation tag off the front.
    fn check_signature(&self, signed: &[u8], content: &Content, rest: &mut &[u8]) {
        let signature = take_opaque(rest);
        let label = "FramedContentTBS";
        assert!(verifies(&self.signature_pub, label, signed, &signature));
        assert_eq!(sign(&self.signature_priv, label, signed), signature);
        if content.kind == 3 {
            assert_eq!(take_opaque(rest).len(), 32);
        }
    }

    fn check_public(&self, message: &[u8], content: &Content) {
        let head = [PUBLIC_MESSAGE.as_slice(), &self.framed(content)].concat();
        let signed = self.to_be_signed(PUBLIC_MESSAGE, content);
        let auth = message.strip_prefix(head.as_slice()).unwrap();
        let mut rest = auth;
        self.check_signature(&signed, content, &mut rest);
        // AuthenticatedContentTBM (section 6.2).
        let auth = &auth[..auth.len() - rest.len()];
        let tag = mac(&self.membership_key, &[signed.as_slice(), auth].concat());
        assert_eq!(rest, opaque(&tag));
        check_encoding(message);
    }

    fn check_private(&self, message: &[u8], content: &Content) {
        // SenderDataAAD (section 6.3.2).
        let head = [
            opaque(&self.group_id).as_slice(),
            &self.epoch.to_be_bytes(),
            &[content.kind],
        ]
        .concat();
        let mut rest = message
            .strip_prefix(&PRIVATE_MESSAGE)
            .and_then(|rest| rest.strip_prefix(head.as_slice()))
            .unwrap();
        let authenticated_data = take_opaque(&mut rest);
        let (sender_data, sealed) = (take_opaque(&mut rest), take_opaque(&mut rest));
        assert!(rest.is_empty());

        // PrivateContentAAD (section 6.3.1).
        let aad = [head.as_slice(), &opaque(&authenticated_data)].concat();
        let sealing = self.message_key(&sender_data, &sealed, &head, content);
        let plain = open(&sealing, &sealed, &aad);
        let mut rest = plain.strip_prefix(content.bytes.as_slice()).unwrap();
        let signed = self.to_be_signed(PRIVATE_MESSAGE, content);
        self.check_signature(&signed, content, &mut rest);
        assert!(rest.iter().all(|padding| *padding == 0));

        let Sealing { key, nonce } = &sealing;
        let again = crypto().aead_encrypt(CHACHA20_POLY1305, key, &plain, nonce, &aad);
        assert_eq!(again.unwrap(), sealed);
        check_encoding(message);
    }

    /// The key that the sender data points to.
    fn message_key(
        &self,
        sender_data: &[u8],
        sealed: &[u8],
        aad: &[u8],
        content: &Content,
    ) -> Sealing {
        let sealing = sender_data_key(&self.sender_data_secret, sealed);
        let opened = open(&sealing, sender_data, aad);
        let mut rest = opened.as_slice();
        let leaf = u32::from_be_bytes(take(&mut rest));
        let generation = u32::from_be_bytes(take(&mut rest));
        let guard: [u8; 4] = take(&mut rest);
        assert_eq!((leaf, rest.len()), (SENDER, 0));
        let secret = &self.encryption_secret;
        let mut sealing = message_key(secret, LEAVES, leaf, content.ratchet, generation);
        for (byte, guard) in sealing.nonce.iter_mut().zip(guard) {
            *byte ^= guard;
        }
        sealing
    }
}

fn open(sealing: &Sealing, sealed: &[u8], aad: &[u8]) -> Vec<u8> {
    let Sealing { key, nonce } = sealing;
    let opened = crypto().aead_decrypt(CHACHA20_POLY1305, key, sealed, nonce, aad);
    assert!(
        crypto()
            .aead_decrypt(CHACHA20_POLY1305, key, sealed, nonce, b"other")
            .is_err()
    );
    opened.unwrap()
}

/// OpenMLS reads the message and writes it as it was.
fn check_encoding(message: &[u8]) {
    let read = MlsMessageIn::tls_deserialize_exact(message).unwrap();
    assert_eq!(read.tls_serialize_detached().unwrap(), message);
}
