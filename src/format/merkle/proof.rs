//! Proofs of inclusion and consistency (RFC 9162, 2.1.3 and 2.1.4).
//!
//! Proofs are made from a source of nodes and verified from hashes alone. Verification returns a
//! proof value that only this module can make.

use super::tile::HEIGHT;
use super::{Frontier, node};
use crate::base::digest::Digest;

/// Source of a tree's nodes: those of level 0 are the leaves' hashes, each of level L is the root
/// of 256^L leaves. A node never changes once it was read.
pub trait Nodes {
    /// Why nodes could not be read.
    type Error;
    /// `count` nodes of a level from index `first` on; fewer when there are no more.
    fn nodes(&self, level: u8, first: u64, count: usize) -> Result<Vec<Digest>, Self::Error>;
}

/// Why there is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoProof<E> {
    /// The leaf or the older tree is outside of the tree.
    #[error("the tree is not as large as that")]
    Outside,
    /// A node is missing at its source.
    #[error("a node of the tree is missing")]
    Missing,
    /// The source of hashes failed.
    #[error(transparent)]
    Source(#[from] E),
}

/// Proof that a leaf is at an index of the tree with this size and root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Included(());

/// Proof that the smaller tree is a prefix of the larger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consistent(());

/// The computed root is not the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hashes do not lead to the root of the tree")]
pub struct BadProof;

/// The root of the first `size` leaves.
pub fn root<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Digest, NoProof<N::Error>> {
    if size == 0 { Ok(Frontier::default().root()) } else { range(nodes, 0, size) }
}

/// The right edge of the tree of the first `size` leaves, to which more leaves can be added.
pub fn frontier<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Frontier, NoProof<N::Error>> {
    let (mut roots, mut start) = (Vec::new(), 0_u64);
    for height in (0..u64::BITS).rev().filter(|height| size >> height & 1 == 1) {
        roots.push(perfect(nodes, height, start >> height)?);
        start |= 1 << height;
    }
    Ok(Frontier { size, roots })
}

/// The hashes from the leaf's sibling up to the root's child (RFC 9162, 2.1.3.1).
pub fn inclusion<N: Nodes + ?Sized>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, NoProof<N::Error>> {
    if index >= size {
        return Err(NoProof::Outside);
    }
    let (mut start, mut end) = (0_u64, size);
    let mut path = Vec::new();
    while let Some(middle) = middle(start, end) {
        if index < middle {
            path.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The hashes of a proof that the tree of `old` leaves is a prefix of that of `size` (RFC 9162,
/// 2.1.4.1).
pub fn consistency<N: Nodes + ?Sized>(
    nodes: &N,
    old: u64,
    size: u64,
) -> Result<Vec<Digest>, NoProof<N::Error>> {
    if old > size {
        return Err(NoProof::Outside);
    }
    let (mut start, mut end) = (0_u64, size);
    let mut path = Vec::new();
    if old == 0 {
        return Ok(path);
    }
    while old != end {
        let Some(middle) = middle(start, end) else { break };
        if old <= middle {
            path.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    if start > 0 {
        path.push(range(nodes, start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks a proof of inclusion (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    path: &[Digest],
    root: &Digest,
) -> Result<Included, BadProof> {
    let (mut at, Some(mut last)) = (index, size.checked_sub(1)) else { return Err(BadProof) };
    if at > last {
        return Err(BadProof);
    }
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(BadProof);
        }
        if is_odd(at) || at == last {
            hash = node(sibling, &hash);
            (at, last) = up_to_odd(at, last);
        } else {
            hash = node(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last == 0 && hash == *root { Ok(Included(())) } else { Err(BadProof) }
}

/// Checks a proof of consistency between two trees, each a size and a root (RFC 9162, 2.1.4.2). The
/// empty tree is a prefix of every tree.
pub fn verify_consistency(
    old: (u64, &Digest),
    new: (u64, &Digest),
    path: &[Digest],
) -> Result<Consistent, BadProof> {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    let empty = Frontier::default().root();
    let fits = |size: u64, root: &Digest| size > 0 || *root == empty;
    if old_size > new_size || !fits(old_size, old_root) || !fits(new_size, new_root) {
        return Err(BadProof);
    }
    if old_size == 0 || old_size == new_size {
        let same = old_size == 0 || old_root == new_root;
        return if path.is_empty() && same { Ok(Consistent(())) } else { Err(BadProof) };
    }
    // The older tree is a node of the newer: its root is not repeated in the proof.
    let (first, path) = if old_size.is_power_of_two() {
        (old_root, path)
    } else {
        path.split_first().ok_or(BadProof)?
    };
    let (mut at, mut last) = (old_size.saturating_sub(1), new_size.saturating_sub(1));
    while is_odd(at) {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return Err(BadProof);
        }
        if is_odd(at) || at == last {
            old_hash = node(sibling, &old_hash);
            new_hash = node(sibling, &new_hash);
            (at, last) = up_to_odd(at, last);
        } else {
            new_hash = node(&new_hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    let holds = last == 0 && old_hash == *old_root && new_hash == *new_root;
    if holds { Ok(Consistent(())) } else { Err(BadProof) }
}

fn is_odd(number: u64) -> bool {
    number & 1 == 1
}

/// Skips the levels in which the right edge has no sibling.
fn up_to_odd(mut at: u64, mut last: u64) -> (u64, u64) {
    while !is_odd(at) && at != 0 {
        (at, last) = (at >> 1, last >> 1);
    }
    (at, last)
}

/// Where a tree over these leaves is split: after the largest power of two that is smaller than
/// their number. `None` for a single leaf.
fn middle(start: u64, end: u64) -> Option<u64> {
    let last = end.checked_sub(start)?.checked_sub(1)?;
    start.checked_add(1_u64.checked_shl(last.checked_ilog2()?)?)
}

/// The root over the leaves from `start` up to `end`, which is not among them. `start` is a
/// multiple of a power of two that is at least their number, as everywhere in a tree.
fn range<N: Nodes + ?Sized>(nodes: &N, start: u64, end: u64) -> Result<Digest, NoProof<N::Error>> {
    let count = end.saturating_sub(start);
    if count.is_power_of_two() {
        let height = count.trailing_zeros();
        return perfect(nodes, height, start.checked_shr(height).unwrap_or_default());
    }
    let middle = middle(start, end).ok_or(NoProof::Outside)?;
    // The left side is perfect, so the recursion is no deeper than the tree.
    Ok(node(&range(nodes, start, middle)?, &range(nodes, middle, end)?))
}

/// The root of the perfect subtree of this height at this index, from at most 128 nodes of a tile.
fn perfect<N: Nodes + ?Sized>(
    nodes: &N,
    height: u32,
    place: u64,
) -> Result<Digest, NoProof<N::Error>> {
    let (level, above) = (height >> 3, height & HEIGHT.saturating_sub(1));
    let level = u8::try_from(level).map_err(|_| NoProof::Outside)?;
    let first = place.checked_shl(above).ok_or(NoProof::Outside)?;
    let count = 1_usize.checked_shl(above).ok_or(NoProof::Outside)?;
    let mut row = nodes.nodes(level, first, count)?;
    if row.len() != count {
        return Err(NoProof::Missing);
    }
    while row.len() > 1 {
        let pairs = row.chunks_exact(2).filter_map(|pair| match pair {
            [left, right] => Some(node(left, right)),
            _ => None,
        });
        row = pairs.collect();
    }
    row.first().copied().ok_or(NoProof::Missing)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "the tests count their own leaves")]
pub(crate) mod tests;
