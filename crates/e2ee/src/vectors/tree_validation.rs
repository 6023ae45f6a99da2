//! tree-validation and tree-operations: trees with blanks and unmerged leaves (RFC 9420, sections
//! 7.8 to 7.9).

use openmls::{
    group::MlsGroup,
    messages::group_info::VerifiableGroupInfo,
    prelude::{
        BasicCredential, CreationFromExternalError, CredentialWithKey, GroupId, RatchetTreeIn,
        tls_codec::{Deserialize as _, Serialize as _},
    },
};
use openmls_traits::crypto::OpenMlsCrypto as _;
use serde::Deserialize;

use super::CIPHERSUITE;
use super::{
    Hex, crypto,
    encoding::{group_context, opaque},
    ratchet_tree::RatchetTree,
    read,
    unsigned::UnsignedProvider,
};
use crate::store::StoreError;

#[derive(Deserialize)]
struct Vector {
    tree: Hex,
    group_id: Hex,
    tree_hashes: Vec<Hex>,
    resolutions: Vec<Vec<u32>>,
}

fn vectors() -> Vec<Vector> {
    read("mls/tree-validation.json")
}

fn parse(tree: &[u8]) -> RatchetTreeIn {
    RatchetTreeIn::tls_deserialize_exact(tree).unwrap()
}

#[test]
fn hashes_and_resolutions_of_all_nodes() {
    for vector in vectors() {
        let tree = RatchetTree::parse(&vector.tree);
        let nodes = 0..2 * tree.leaves() - 1;
        let hashes: Vec<_> = nodes.clone().map(|node| Hex(tree.hash(node))).collect();
        assert_eq!(hashes, vector.tree_hashes);
        let resolutions: Vec<_> = nodes.map(|node| tree.resolution(node)).collect();
        assert_eq!(resolutions, vector.resolutions);
    }
}

#[test]
fn openmls_verifies_the_leaves() {
    for vector in vectors() {
        let group = GroupId::from_slice(&vector.group_id);
        let tree = parse(&vector.tree)
            .into_verified(CIPHERSUITE, &crypto(), &group)
            .unwrap();
        assert_eq!(tree.tls_serialize_detached().unwrap(), *vector.tree);
        // A leaf that was committed is signed for its group.
        let other = GroupId::from_slice(b"another group");
        let refused = parse(&vector.tree).into_verified(CIPHERSUITE, &crypto(), &other);
        assert!(refused.is_err());
    }
}

#[test]
fn openmls_verifies_parent_hashes_and_the_tree_hash() {
    for vector in vectors() {
        let root = RatchetTree::parse(&vector.tree).root() as usize;
        vector.open(&vector.tree_hashes[root]).unwrap();
        let mut wrong = vector.tree_hashes[root].to_vec();
        wrong[0] ^= 1;
        let mismatch = CreationFromExternalError::<StoreError>::TreeHashMismatch;
        assert_eq!(vector.open(&wrong), Err(mismatch.to_string()));
    }
}

impl Vector {
    /// Has OpenMLS check the tree for one who joins by external commit, because that way takes
    /// leaves whose time has run out. The group info bears no signature: the vectors have no
    /// private keys.
    fn open(&self, tree_hash: &[u8]) -> Result<(), String> {
        let external = crypto()
            .derive_hpke_keypair(CIPHERSUITE.hpke_config(), &[1; 32])
            .unwrap();
        // ExternalPub (RFC 9420, section 12.4.3.2).
        let extension = [[0u8, 4].as_slice(), &opaque(&opaque(&external.public))].concat();
        let info = [
            group_context(&self.group_id, 7, tree_hash, &[2; 32]).as_slice(),
            &opaque(&extension),
            &opaque(&[3; 32]), // confirmation tag
            &0u32.to_be_bytes(),
            &opaque(&[4; 64]), // signature
        ]
        .concat();
        let joiner = CredentialWithKey {
            credential: BasicCredential::new(b"joiner".to_vec()).into(),
            signature_key: vec![5u8; 32].into(),
        };
        MlsGroup::external_commit_builder()
            .with_ratchet_tree(parse(&self.tree))
            .skip_lifetime_validation()
            .build_group(
                &UnsignedProvider::default(),
                VerifiableGroupInfo::tls_deserialize_exact(&info).unwrap(),
                joiner,
            )
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

/// tree-operations: applied to a tree they are out of reach; see the README.
#[derive(Deserialize)]
struct Operation {
    tree_before: Hex,
    tree_after: Hex,
}

#[test]
fn trees_before_and_after_are_read_as_they_are_written() {
    for operation in read::<Operation>("mls/tree-operations.json") {
        for tree in [operation.tree_before, operation.tree_after] {
            assert_eq!(parse(&tree).tls_serialize_detached().unwrap(), *tree);
        }
    }
}
