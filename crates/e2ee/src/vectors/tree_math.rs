//! tree-math: the array form of a full binary tree (RFC 9420, appendix C), for the other runners.

use serde::Deserialize;

use super::read;

/// How far a node is from the leaves below it.
fn level(node: u32) -> u32 {
    node.trailing_ones()
}

/// The root of a tree of so many leaves, a power of two.
pub(super) fn root(leaves: u32) -> u32 {
    leaves - 1
}

/// The left child; `None` for a leaf.
pub(super) fn left(node: u32) -> Option<u32> {
    let below = level(node).checked_sub(1)?;
    Some(node ^ (1 << below))
}

/// The right child; `None` for a leaf.
pub(super) fn right(node: u32) -> Option<u32> {
    let below = level(node).checked_sub(1)?;
    Some(node ^ (3 << below))
}

/// The parent; `None` for the root.
pub(super) fn parent(node: u32, leaves: u32) -> Option<u32> {
    let level = level(node);
    let side = (node >> (level + 1)) & 1;
    (node != root(leaves)).then_some((node | (1 << level)) ^ (side << (level + 1)))
}

/// The other child of the parent; `None` for the root.
fn sibling(node: u32, leaves: u32) -> Option<u32> {
    let parent = parent(node, leaves)?;
    [left(parent), right(parent)]
        .into_iter()
        .flatten()
        .find(|child| *child != node)
}

#[derive(Deserialize)]
struct Vector {
    n_leaves: u32,
    n_nodes: u32,
    root: u32,
    left: Vec<Option<u32>>,
    right: Vec<Option<u32>>,
    parent: Vec<Option<u32>>,
    sibling: Vec<Option<u32>>,
}

#[test]
fn relations_of_nodes() {
    for vector in read::<Vector>("mls/tree-math.json") {
        let leaves = vector.n_leaves;
        assert_eq!(2 * leaves - 1, vector.n_nodes);
        assert_eq!(root(leaves), vector.root);
        let nodes = 0..vector.n_nodes;
        assert_eq!(nodes.clone().map(left).collect::<Vec<_>>(), vector.left);
        assert_eq!(nodes.clone().map(right).collect::<Vec<_>>(), vector.right);
        let parents = nodes.clone().map(|node| parent(node, leaves));
        assert_eq!(parents.collect::<Vec<_>>(), vector.parent);
        let siblings = nodes.map(|node| sibling(node, leaves));
        assert_eq!(siblings.collect::<Vec<_>>(), vector.sibling);
    }
}
