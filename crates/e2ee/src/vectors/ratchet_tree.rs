//! A ratchet tree with its hashes and resolutions (RFC 9420, sections 4.1.1 and 7.8), worked out by
//! the book, for the runners to compare with and to speak for the other members.

use super::{
    encoding::{opaque, take, take_opaque},
    labels::hash,
    tree_math,
};

/// A node that is not blank.
enum Node {
    Leaf(Leaf),
    Parent(Parent),
}

/// LeafNode.
pub(super) struct Leaf {
    /// As it stands in the tree.
    pub(super) encoded: Vec<u8>,
}

/// ParentNode.
struct Parent {
    encoded: Vec<u8>,
    encryption_key: Vec<u8>,
    /// Leaves that do not know the node's key.
    unmerged: Vec<u32>,
}

/// A tree, filled up to a power of two with blank leaves.
pub(super) struct RatchetTree {
    nodes: Vec<Option<Node>>,
}

impl RatchetTree {
    /// From `optional<Node> ratchet_tree<V>` (section 12.4.3.3).
    pub(super) fn parse(mut encoded: &[u8]) -> Self {
        let list = take_opaque(&mut encoded);
        assert!(encoded.is_empty());
        let mut rest = list.as_slice();
        let mut nodes = Vec::new();
        while !rest.is_empty() {
            nodes.push((take::<1>(&mut rest) == [1]).then(|| Node::take(&mut rest)));
        }
        let leaves = nodes.len().div_ceil(2).next_power_of_two();
        nodes.resize_with(2 * leaves - 1, || None);
        Self { nodes }
    }

    pub(super) fn leaves(&self) -> u32 {
        u32::try_from(self.nodes.len().div_ceil(2)).unwrap()
    }

    pub(super) fn root(&self) -> u32 {
        tree_math::root(self.leaves())
    }

    pub(super) fn leaf(&self, index: u32) -> Option<&Leaf> {
        match self.node(2 * index)? {
            Node::Leaf(leaf) => Some(leaf),
            Node::Parent(_) => None,
        }
    }

    /// The public key of a parent that is not blank.
    pub(super) fn parent_key(&self, node: u32) -> Option<&[u8]> {
        match self.node(node)? {
            Node::Parent(parent) => Some(&parent.encryption_key),
            Node::Leaf(_) => None,
        }
    }

    fn node(&self, node: u32) -> Option<&Node> {
        self.nodes[node as usize].as_ref()
    }

    /// The nodes that a secret for everybody below a node is encrypted to.
    pub(super) fn resolution(&self, node: u32) -> Vec<u32> {
        match self.node(node) {
            Some(Node::Leaf(_)) => vec![node],
            Some(Node::Parent(parent)) => {
                let unmerged = parent.unmerged.iter().map(|leaf| 2 * leaf);
                [node].into_iter().chain(unmerged).collect()
            }
            None => [tree_math::left(node), tree_math::right(node)]
                .into_iter()
                .flatten()
                .flat_map(|child| self.resolution(child))
                .collect(),
        }
    }

    /// The tree hash of a node.
    pub(super) fn hash(&self, node: u32) -> Vec<u8> {
        let here = match self.node(node) {
            Some(Node::Leaf(Leaf { encoded, .. }) | Node::Parent(Parent { encoded, .. })) => {
                [[1u8].as_slice(), encoded].concat()
            }
            None => vec![0],
        };
        // TreeHashInput: the node's type, then LeafNodeHashInput or ParentNodeHashInput.
        match tree_math::left(node).zip(tree_math::right(node)) {
            Some((left, right)) => {
                let (left, right) = (opaque(&self.hash(left)), opaque(&self.hash(right)));
                hash(&[[2u8].as_slice(), &here, &left, &right].concat())
            }
            None => {
                let index = (node / 2).to_be_bytes();
                hash(&[[1u8].as_slice(), &index, &here].concat())
            }
        }
    }
}

impl Node {
    fn take(rest: &mut &[u8]) -> Self {
        match take::<1>(rest) {
            [1] => Self::Leaf(Leaf::take(rest)),
            [2] => Self::Parent(Parent::take(rest)),
            other => panic!("node type {other:?}"),
        }
    }
}

impl Leaf {
    fn take(rest: &mut &[u8]) -> Self {
        let start = *rest;
        take_opaque(rest); // encryption key
        take_opaque(rest); // signature key
        take::<2>(rest); // credential type
        take_opaque(rest); // credential
        for _ in 0..5 {
            take_opaque(rest); // capabilities
        }
        match take::<1>(rest) {
            // A lifetime.
            [1] => {
                take::<16>(rest);
            }
            [2] => {}
            // A parent hash.
            [3] => {
                take_opaque(rest);
            }
            other => panic!("leaf node source {other:?}"),
        }
        take_opaque(rest); // extensions
        take_opaque(rest); // signature
        Self {
            encoded: start[..start.len() - rest.len()].to_vec(),
        }
    }
}

impl Parent {
    fn take(rest: &mut &[u8]) -> Self {
        let start = *rest;
        let encryption_key = take_opaque(rest);
        take_opaque(rest); // parent hash
        let list = take_opaque(rest);
        let (unmerged, odd) = list.as_chunks::<4>();
        assert!(odd.is_empty());
        Self {
            encoded: start[..start.len() - rest.len()].to_vec(),
            encryption_key,
            unmerged: unmerged
                .iter()
                .map(|leaf| u32::from_be_bytes(*leaf))
                .collect(),
        }
    }
}
