//! treekem: every member of a tree follows the update path of every other (RFC 9420, section 7),
//! through OpenMLS. Its tree is out of reach from outside, so a [`super::peer`] brings the vector's
//! tree and paths to it as messages; it takes a commit only if it finds the same commit secret.

use openmls::{
    group::MlsGroup,
    prelude::{ProcessedMessageContent, RatchetTreeIn, StagedWelcome, tls_codec::Deserialize as _},
};
use openmls_traits::{crypto::OpenMlsCrypto as _, types::HpkeKeyPair};
use serde::Deserialize;

use super::{
    CIPHERSUITE, Hex, SUITE, crypto,
    encoding::{KEY_PACKAGE, MLS_10, opaque},
    labels::{NH, derive, expand},
    peer::{Group, Member, Path},
    provider,
    ratchet_tree::RatchetTree,
    read,
    stored::{add_key_package, add_key_pairs},
    welcome,
};
use crate::{framing::protocol_message, provider::Provider, suite::join_config};

#[derive(Deserialize)]
struct Vector {
    group_id: Hex,
    /// The epoch that the update paths lead to.
    epoch: u64,
    confirmed_transcript_hash: Hex,
    ratchet_tree: Hex,
    leaves_private: Vec<Private>,
    update_paths: Vec<UpdatePath>,
}

/// What a member knows.
#[derive(Deserialize)]
struct Private {
    index: u32,
    encryption_priv: Hex,
    signature_priv: Hex,
    path_secrets: Vec<PathSecret>,
}

#[derive(Deserialize)]
struct PathSecret {
    node: u32,
    path_secret: Hex,
}

#[derive(Deserialize)]
struct UpdatePath {
    sender: u32,
    update_path: Hex,
    /// By leaf: what it decrypts.
    path_secrets: Vec<Option<Hex>>,
    commit_secret: Hex,
    tree_hash_after: Hex,
}

#[test]
fn every_member_follows_every_other() {
    for vector in read::<Vector>("mls/treekem.json") {
        let tree = RatchetTree::parse(&vector.ratchet_tree);
        let group = Group::new(
            &vector.group_id,
            vector.epoch - 1,
            &vector.confirmed_transcript_hash,
            &tree,
        );
        for update in &vector.update_paths {
            for receiver in &vector.leaves_private {
                if receiver.index != update.sender {
                    vector.follow(&group, &tree, update, receiver);
                }
            }
        }
    }
}

/// The path secrets of a vector lead to its commit secret, whoever has decrypted one.
#[test]
fn path_secrets_lead_to_the_commit_secret() {
    for vector in read::<Vector>("mls/treekem.json") {
        for update in &vector.update_paths {
            for path_secret in update.path_secrets.iter().flatten() {
                let steps = std::iter::successors(Some(path_secret.to_vec()), |secret| {
                    Some(expand(secret, "path", &[], NH))
                });
                // There are no more nodes above a leaf than this.
                let mut steps = steps.skip(1).take(8);
                assert!(steps.any(|secret| secret == *update.commit_secret));
            }
        }
    }
}

/// A member's secrets are those of the keys in the tree.
#[test]
fn path_secrets_make_key_pairs() {
    for vector in read::<Vector>("mls/treekem.json") {
        let tree = RatchetTree::parse(&vector.ratchet_tree);
        for leaf in &vector.leaves_private {
            for one in &leaf.path_secrets {
                let public = one.key_pair().public;
                assert_eq!(tree.parent_key(one.node), Some(public.as_slice()));
            }
        }
    }
}

impl PathSecret {
    /// The key pair of its node (section 7.4).
    fn key_pair(&self) -> HpkeKeyPair {
        let secret = derive(&self.path_secret, "node");
        crypto()
            .derive_hpke_keypair(CIPHERSUITE.hpke_config(), &secret)
            .unwrap()
    }
}

impl Vector {
    /// Lets a member process a commit of the path.
    fn follow(&self, peer: &Group<'_>, tree: &RatchetTree, update: &UpdatePath, me: &Private) {
        let provider = provider();
        let mut group = self.join(&provider, peer, tree, me);
        let commit = peer.commit(
            self.member(update.sender),
            &Path {
                encoded: &update.update_path,
                commit_secret: &update.commit_secret,
                tree_hash_after: &update.tree_hash_after,
            },
        );
        let message = protocol_message(&commit.message).unwrap();
        let processed = group.process_message(&provider, message).unwrap();
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            panic!("no commit");
        };
        let tree_hash = staged.group_context().tree_hash();
        assert_eq!(*tree_hash, *update.tree_hash_after);
        group.merge_staged_commit(&provider, *staged).unwrap();
        assert_eq!(
            group.epoch_authenticator().as_slice(),
            commit.epoch_authenticator
        );
    }

    /// Joins as a member that is in the tree already and knows what it knows.
    fn join(
        &self,
        provider: &Provider,
        peer: &Group<'_>,
        tree: &RatchetTree,
        me: &Private,
    ) -> MlsGroup {
        let init = crypto()
            .derive_hpke_keypair(CIPHERSUITE.hpke_config(), &[2; 32])
            .unwrap();
        // Nothing checks one's own key package again, so that its signature may be anything.
        let key_package = [
            KEY_PACKAGE.as_slice(),
            &MLS_10,
            &SUITE.to_be_bytes(),
            &opaque(&init.public),
            &tree.leaf(me.index).unwrap().encoded,
            &opaque(&[]), // extensions
            &opaque(&[3; 64]),
        ]
        .concat();
        let reference = add_key_package(provider, &key_package, &init.private, &me.encryption_priv);
        let mut others = self.leaves_private.iter().map(|private| private.index);
        let inviter = others.find(|leaf| *leaf != me.index).unwrap();
        let welcome = peer.welcome(self.member(inviter), reference.as_slice(), &init.public);
        let group =
            StagedWelcome::build_from_welcome(provider, &join_config(), welcome::parse(&welcome))
                .unwrap()
                .with_ratchet_tree(
                    RatchetTreeIn::tls_deserialize_exact(&*self.ratchet_tree).unwrap(),
                )
                .build()
                .unwrap()
                .into_group(provider)
                .unwrap();
        add_key_pairs(
            provider,
            &group,
            me.path_secrets.iter().map(PathSecret::key_pair),
        );
        group
    }

    fn member(&self, leaf: u32) -> Member<'_> {
        let private = self
            .leaves_private
            .iter()
            .find(|private| private.index == leaf)
            .unwrap();
        Member {
            leaf,
            signature_key: &private.signature_priv,
        }
    }
}
