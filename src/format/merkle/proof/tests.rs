//! Proofs compared with the definitions of the RFC, and proofs with one small fault each.

use std::cell::Cell;

use proptest::prelude::*;

use super::*;
use crate::format::merkle::leaf;

/// Nodes of every level in memory, and how many were read.
#[derive(Default)]
pub(crate) struct Levels {
    levels: Vec<Vec<Digest>>,
    pub(crate) read: Cell<usize>,
}

impl Levels {
    pub(crate) fn of(leaves: impl IntoIterator<Item = Digest>) -> (Self, Frontier) {
        let (mut levels, mut tree) = (Self::default(), Frontier::default());
        for leaf in leaves {
            tree.push_with(leaf, &mut |height, _, root| {
                let level = usize::try_from(height / HEIGHT).unwrap();
                if height % HEIGHT == 0 {
                    levels.levels.resize_with(levels.levels.len().max(level + 1), Vec::new);
                    levels.levels[level].push(root);
                }
            });
        }
        (levels, tree)
    }
}

impl Nodes for Levels {
    type Error = std::convert::Infallible;
    fn nodes(
        &self,
        level: u8,
        first: u64,
        count: usize,
    ) -> Result<Vec<Digest>, std::convert::Infallible> {
        self.read.set(self.read.get() + count);
        let row = self.levels.get(usize::from(level)).map_or(&[][..], Vec::as_slice);
        let first = usize::try_from(first).unwrap();
        Ok(row.iter().skip(first).take(count).copied().collect())
    }
}

fn leaves(count: u64) -> Vec<Digest> {
    (0..count).map(|number| leaf(&[&number.to_be_bytes()])).collect()
}

/// The definitions of RFC 9162, word for word: 2.1.1, 2.1.3.1 and 2.1.4.1.
fn mth(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(&[]),
        [one] => *one,
        many => {
            let k = many.len().next_power_of_two() / 2;
            node(&mth(&many[..k]), &mth(&many[k..]))
        }
    }
}

fn path(m: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (mut found, sibling) = if m < k {
        (path(m, &leaves[..k]), mth(&leaves[k..]))
    } else {
        (path(m - k, &leaves[k..]), mth(&leaves[..k]))
    };
    found.push(sibling);
    found
}

fn subproof(m: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
    if m == leaves.len() {
        return if whole { Vec::new() } else { vec![mth(leaves)] };
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (mut found, sibling) = if m <= k {
        (subproof(m, &leaves[..k], whole), mth(&leaves[k..]))
    } else {
        (subproof(m - k, &leaves[k..], false), mth(&leaves[..k]))
    };
    found.push(sibling);
    found
}

#[test]
fn proofs_are_those_of_the_definition_for_every_small_tree() {
    let leaves = leaves(40);
    for size in 1..=leaves.len() {
        let (levels, tree) = Levels::of(leaves[..size].iter().copied());
        let root = tree.root();
        let size = u64::try_from(size).unwrap();
        assert_eq!(super::root(&levels, size), Ok(root));
        for index in 0..size {
            let at = usize::try_from(index).unwrap();
            let proof = inclusion(&levels, index, size).unwrap();
            assert_eq!(proof, path(at, &leaves[..usize::try_from(size).unwrap()]));
            assert!(verify_inclusion(&leaves[at], index, size, &proof, &root).is_ok());
        }
        for old in 1..=size {
            let at = usize::try_from(old).unwrap();
            let proof = consistency(&levels, old, size).unwrap();
            assert_eq!(proof, subproof(at, &leaves[..usize::try_from(size).unwrap()], true));
            let old_root = mth(&leaves[..at]);
            assert!(verify_consistency((old, &old_root), (size, &root), &proof).is_ok());
        }
        assert_eq!(inclusion(&levels, size, size), Err(NoProof::Outside));
        assert_eq!(consistency(&levels, size + 1, size), Err(NoProof::Outside));
    }
}

#[test]
fn a_proof_reads_a_tile_of_each_level_and_the_right_edge_once_more() {
    let size = 300_000;
    let (levels, tree) = Levels::of(leaves(size));
    for index in [0, 1, 255, 256, 65_535, 65_536, 262_143, 262_144, 299_999] {
        levels.read.set(0);
        let proof = inclusion(&levels, index, size).unwrap();
        let leaf = leaf(&[&index.to_be_bytes()]);
        assert!(verify_inclusion(&leaf, index, size, &proof, &tree.root()).is_ok());
        assert!(levels.read.get() <= 2 * 3 * 256, "{index}: {}", levels.read.get());
    }
}

#[test]
fn a_missing_node_is_told() {
    let (levels, _) = Levels::of(leaves(300));
    assert_eq!(inclusion(&levels, 0, 600), Err(NoProof::Missing));
    assert_eq!(root(&levels, 301), Err(NoProof::Missing));
}

#[test]
fn the_empty_tree_is_continued_by_all_and_continues_none() {
    let (levels, tree) = Levels::of(leaves(3));
    let empty = Frontier::default().root();
    assert_eq!(root(&levels, 0), Ok(empty));
    assert!(verify_consistency((0, &empty), (3, &tree.root()), &[]).is_ok());
    assert!(verify_consistency((0, &tree.root()), (3, &tree.root()), &[]).is_err());
    assert!(verify_consistency((0, &empty), (3, &tree.root()), &[empty]).is_err());
    assert!(verify_consistency((3, &tree.root()), (0, &empty), &[]).is_err());
    assert!(verify_inclusion(&empty, 0, 0, &[], &empty).is_err());
}

proptest! {
    #[test]
    fn proofs_of_random_trees_hold_for_their_own_values_alone(
        size in 1_u64..2000, index in any::<u64>(), old in any::<u64>(), flip in any::<usize>(),
    ) {
        let (index, old) = (index % size, 1 + old % size);
        let all = leaves(size);
        let (levels, tree) = Levels::of(all.iter().copied());
        let root = tree.root();
        let at = usize::try_from(index).unwrap();
        let proof = inclusion(&levels, index, size).unwrap();
        let holds = |leaf: &Digest, index, size, proof: &[Digest], root: &Digest| {
            verify_inclusion(leaf, index, size, proof, root).is_ok()
        };
        prop_assert!(holds(&all[at], index, size, &proof, &root));
        prop_assert!(!holds(&leaf(&[b"x"]), index, size, &proof, &root));
        prop_assert!(!holds(&all[at], index, size, &proof, &all[at]) || size == 1);
        for other in [index.wrapping_sub(1), index + 1, index ^ 4] {
            prop_assert!(!holds(&all[at], other, size, &proof, &root));
        }
        let mut longer = proof.clone();
        longer.push(root);
        prop_assert!(!holds(&all[at], index, size, &longer, &root));
        if let Some(broken) = flip.checked_rem(proof.len()) {
            let mut changed = proof.clone();
            changed[broken] = leaf(&[changed[broken].as_bytes()]);
            prop_assert!(!holds(&all[at], index, size, &changed, &root));
            prop_assert!(!holds(&all[at], index, size, &proof[1..], &root));
        }
        let (old_root, other) = (super::root(&levels, old).unwrap(), leaf(&[b"x"]));
        let proof = consistency(&levels, old, size).unwrap();
        let holds = |old, new, proof: &[Digest]| verify_consistency(old, new, proof).is_ok();
        prop_assert!(holds((old, &old_root), (size, &root), &proof));
        prop_assert!(!holds((old, &other), (size, &root), &proof));
        prop_assert!(!holds((old, &old_root), (size, &other), &proof));
        prop_assert!(!holds((old, &old_root), (old - 1, &root), &proof));
        let mut longer = proof.clone();
        longer.push(root);
        prop_assert!(!holds((old, &old_root), (size, &root), &longer));
        if let Some(broken) = flip.checked_rem(proof.len()) {
            let mut changed = proof;
            changed[broken] = leaf(&[changed[broken].as_bytes()]);
            prop_assert!(!holds((old, &old_root), (size, &root), &changed));
        }
    }

    #[test]
    fn a_rewritten_leaf_is_found(size in 2_u64..2000, old in any::<u64>(), at in any::<u64>()) {
        let old = 1 + old % size;
        let (before, _) = Levels::of(leaves(size));
        let old_root = root(&before, old).unwrap();
        let mut rewritten = leaves(size);
        rewritten[usize::try_from(at % old).unwrap()] = leaf(&[b"another"]);
        let (after, tree) = Levels::of(rewritten);
        let proof = consistency(&after, old, size).unwrap();
        let checked = verify_consistency((old, &old_root), (size, &tree.root()), &proof);
        prop_assert_eq!(checked, Err(BadProof));
        let honest = consistency(&before, old, size).unwrap();
        let checked = verify_consistency((old, &old_root), (size, &tree.root()), &honest);
        prop_assert_eq!(checked, Err(BadProof));
    }
}
