//! Merkle tree of RFC 6962, 2.1: computes the root from leaf hashes without keeping them.
//!
//! [`tile`] has the tiles of C2SP tlog-tiles, [`proof`] proofs of inclusion and consistency,
//! [`content`] the content of a leaf of an office's log.

pub mod content;
pub mod proof;
pub mod tile;

use crate::base::digest::Digest;

/// The right edge of a tree: roots of its perfect subtrees, the largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Digest>,
}

/// The hash of a leaf's content.
pub fn leaf(content: &[&[u8]]) -> Digest {
    let mut parts: Vec<&[u8]> = vec![&[0]];
    parts.extend(content);
    Digest::of(&parts)
}

/// The hash of an inner node.
pub(super) fn node(left: &Digest, right: &Digest) -> Digest {
    Digest::of(&[&[1], left.as_bytes(), right.as_bytes()])
}

impl Frontier {
    /// Adds a leaf at the end.
    pub fn push(&mut self, leaf: Digest) {
        self.push_with(leaf, &mut |_, _, _| {});
    }

    /// Adds a leaf at the end, and calls `on_node` for each perfect subtree that it completes, the
    /// leaf first, with the subtree's height, its index at that height, and its root.
    pub fn push_with(&mut self, leaf: Digest, on_node: &mut dyn FnMut(u32, u64, Digest)) {
        let mut root = leaf;
        let mut place = self.size;
        let mut height = 0_u32;
        on_node(height, place, root);
        while place & 1 == 1 {
            let Some(left) = self.roots.pop() else { break };
            root = node(&left, &root);
            place >>= 1;
            height = height.saturating_add(1);
            on_node(height, place, root);
        }
        self.roots.push(root);
        self.size = self.size.saturating_add(1);
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root; of the empty tree, the hash of nothing.
    pub fn root(&self) -> Digest {
        let mut roots = self.roots.iter().rev();
        let Some(first) = roots.next() else { return Digest::of(&[]) };
        roots.fold(*first, |right, left| node(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, word for word.
    pub(super) fn slow(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => Digest::of(&[]),
            [one] => *one,
            many => {
                let split = many.len().next_power_of_two() / 2;
                node(&slow(&many[..split]), &slow(&many[split..]))
            }
        }
    }

    #[test]
    fn the_frontier_has_the_root_of_the_definition() {
        let leaves: Vec<Digest> = (0..130_u8).map(|n| leaf(&[&[n]])).collect();
        let mut frontier = Frontier::default();
        for (count, leaf) in leaves.iter().enumerate() {
            assert_eq!(frontier.root(), slow(&leaves[..count]));
            frontier.push(*leaf);
        }
        assert_eq!(frontier.root(), slow(&leaves));
        assert_eq!(frontier.size(), 130);
    }

    #[test]
    fn every_perfect_subtree_is_passed_once_with_the_root_of_the_definition() {
        let leaves: Vec<Digest> = (0..100_u8).map(|n| leaf(&[&[n]])).collect();
        let (mut frontier, mut nodes) = (Frontier::default(), Vec::new());
        for leaf in &leaves {
            frontier.push_with(*leaf, &mut |height, place, root| {
                nodes.push((height, usize::try_from(place).unwrap(), root));
            });
        }
        for (height, place, root) in &nodes {
            let width = 1 << height;
            assert_eq!(*root, slow(&leaves[place * width..(place + 1) * width]));
        }
        let expected: usize = (0..7).map(|height| 100 >> height).sum();
        assert_eq!(nodes.len(), expected);
    }
}
