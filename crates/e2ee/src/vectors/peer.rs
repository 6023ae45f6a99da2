//! The other members of a group in one, written from RFC 9420 and not from OpenMLS: it welcomes a
//! device into the tree of a vector and commits an update path of it.

use openmls_traits::crypto::OpenMlsCrypto as _;

use super::{
    CHACHA20_POLY1305, crypto,
    encoding::{PUBLIC_MESSAGE, WELCOME, framed_content, group_context, opaque},
    key_schedule::Epoch,
    labels::{labelled, mac, sign},
    ratchet_tree::RatchetTree,
    secret_tree::welcome_key,
    transcript_hashes::{confirmed, interim},
};
use super::{CIPHERSUITE, SUITE};

/// A group before the commit of a vector.
pub(super) struct Group<'a> {
    group_id: &'a [u8],
    epoch: u64,
    confirmed_transcript_hash: &'a [u8],
    /// The encoded GroupContext.
    context: Vec<u8>,
    secrets: Epoch,
    confirmation_tag: Vec<u8>,
}

/// The member that acts.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) leaf: u32,
    pub(super) signature_key: &'a [u8],
}

/// An update path with what follows from it.
pub(super) struct Path<'a> {
    pub(super) encoded: &'a [u8],
    pub(super) commit_secret: &'a [u8],
    pub(super) tree_hash_after: &'a [u8],
}

/// A commit as it goes out.
pub(super) struct Commit {
    pub(super) message: Vec<u8>,
    /// Of the epoch that it leads to.
    pub(super) epoch_authenticator: Vec<u8>,
}

impl<'a> Group<'a> {
    /// A group with this tree, in an epoch of any secrets.
    pub(super) fn new(
        group_id: &'a [u8],
        epoch: u64,
        confirmed_transcript_hash: &'a [u8],
        tree: &RatchetTree,
    ) -> Self {
        let tree_hash = tree.hash(tree.root());
        let context = group_context(group_id, epoch, &tree_hash, confirmed_transcript_hash);
        let secrets = Epoch::from_joiner(vec![1; 32], &[0; 32], &context);
        let confirmation_tag = mac(&secrets.secret("confirm"), confirmed_transcript_hash);
        Self {
            group_id,
            epoch,
            confirmed_transcript_hash,
            context,
            secrets,
            confirmation_tag,
        }
    }

    /// A Welcome in an MLSMessage (section 12.4.3.1) for the key package with this reference and
    /// init key, without a path secret.
    pub(super) fn welcome(&self, member: Member<'_>, reference: &[u8], init_key: &[u8]) -> Vec<u8> {
        let info = self.group_info(member);
        let sealing = welcome_key(&self.secrets.welcome);
        let (key, nonce) = (&sealing.key, &sealing.nonce);
        let sealed_info = crypto()
            .aead_encrypt(CHACHA20_POLY1305, key, &info, nonce, &[])
            .unwrap();
        let group_secrets = [
            opaque(&self.secrets.joiner).as_slice(),
            &[0],         // no path secret
            &opaque(&[]), // PSKs
        ]
        .concat();
        let context = labelled("Welcome", &sealed_info);
        let sealed = crypto()
            .hpke_seal(
                CIPHERSUITE.hpke_config(),
                init_key,
                &context,
                &[],
                &group_secrets,
            )
            .unwrap();
        let secrets = [
            opaque(reference),
            opaque(sealed.kem_output.as_slice()),
            opaque(sealed.ciphertext.as_slice()),
        ]
        .concat();
        [
            WELCOME.as_slice(),
            &SUITE.to_be_bytes(),
            &opaque(&secrets),
            &opaque(&sealed_info),
        ]
        .concat()
    }

    /// GroupInfo (section 12.4.3).
    fn group_info(&self, member: Member<'_>) -> Vec<u8> {
        let signed = [
            self.context.as_slice(),
            &opaque(&[]), // extensions
            &opaque(&self.confirmation_tag),
            &member.leaf.to_be_bytes(),
        ]
        .concat();
        let signature = sign(member.signature_key, "GroupInfoTBS", &signed);
        [signed, opaque(&signature)].concat()
    }

    /// A PublicMessage with a commit of nothing but a path (sections 6.2, 8.2 and 12.4).
    pub(super) fn commit(&self, member: Member<'_>, path: &Path<'_>) -> Commit {
        // No proposals, and a path.
        let commit = [[0u8, 1].as_slice(), path.encoded].concat();
        let framed = framed_content(self.group_id, self.epoch, member.leaf, 3, &commit);
        let signed = [PUBLIC_MESSAGE.as_slice(), &framed, &self.context].concat();
        let signature = opaque(&sign(member.signature_key, "FramedContentTBS", &signed));

        let before = interim(self.confirmed_transcript_hash, &self.confirmation_tag);
        // ConfirmedTranscriptHashInput has the wire format and no version.
        let input = [&PUBLIC_MESSAGE[2..], &framed, &signature].concat();
        let hash = confirmed(&before, &input);
        let context = group_context(self.group_id, self.epoch + 1, path.tree_hash_after, &hash);
        let init = self.secrets.secret("init");
        let next = Epoch::new(&init, path.commit_secret, &[0; 32], &context);
        let tag = opaque(&mac(&next.secret("confirm"), &hash));

        let tagged = [signed.as_slice(), &signature, &tag].concat();
        let membership_tag = opaque(&mac(&self.secrets.secret("membership"), &tagged));
        Commit {
            message: [
                PUBLIC_MESSAGE.as_slice(),
                &framed,
                &signature,
                &tag,
                &membership_tag,
            ]
            .concat(),
            epoch_authenticator: next.secret("authentication"),
        }
    }
}
