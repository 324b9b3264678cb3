//! Merkle tree of RFC 6962, 2.1: leaf hashes in, root out, without keeping the leaves.

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

fn node(left: &Digest, right: &Digest) -> Digest {
    Digest::of(&[&[1], left.as_bytes(), right.as_bytes()])
}

impl Frontier {
    /// Adds a leaf at the end.
    pub fn push(&mut self, leaf: Digest) {
        let mut root = leaf;
        let mut size = self.size;
        while size & 1 == 1 {
            let Some(left) = self.roots.pop() else { break };
            root = node(&left, &root);
            size >>= 1;
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
    fn slow(leaves: &[Digest]) -> Digest {
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
}
