//! Certificate policies (RFC 5280, 6.1.2 to 6.1.5), for a user who accepts any policy.
//!
//! What a policy means is not judged; only the authorities' own constraints count: that a chain has
//! some policy throughout, that a mapping or anyPolicy is not used. Of RFC 5280's tree only the
//! lowest layer is kept (as in RFC 9618): the only question is whether it is empty, and an attacker
//! could make a tree grow without bound.

use std::collections::BTreeSet;

use super::error::PathError;
use crate::format::x509::{ANY_POLICY, Certificate, Policies};

/// Checks the policies of a chain, leaf first, anchor last.
pub(super) fn check(chain: &[Certificate]) -> Result<(), PathError> {
    let length = chain.len();
    let mut state = State::new(length);
    // From the one below the anchor down to the leaf; an anchor that is the leaf has no policies.
    for (depth, certificate) in chain.iter().enumerate().rev().skip(1) {
        let policies = certificate.policies();
        let is_leaf = depth == 0;
        let skips = certificate.is_self_issued() && !is_leaf;
        state.enter(policies, skips);
        if is_leaf {
            state.explicit = state.explicit.saturating_sub(1);
            if policies.require_explicit == Some(0) {
                state.explicit = 0;
            }
        }
        if state.explicit == 0 && state.expected.is_empty() {
            let rule = "no certificate policy goes through, and one is required";
            return Err(PathError::rule(certificate, rule));
        }
        if !is_leaf && !state.leave(policies, skips) {
            return Err(PathError::rule(certificate, "maps the policy that stands for any policy"));
        }
    }
    Ok(())
}

struct State<'a> {
    /// The policies that the next certificate may have.
    expected: BTreeSet<&'a [u8]>,
    explicit: usize,
    mapping: usize,
    any: usize,
}

impl<'a> State<'a> {
    fn new(length: usize) -> Self {
        Self {
            expected: BTreeSet::from([ANY_POLICY]),
            explicit: length,
            mapping: length,
            any: length,
        }
    }

    /// 6.1.3 (d) and (e): intersects the expected policies with those of a certificate.
    fn enter(&mut self, policies: &'a Policies, skips: bool) {
        let Some(asserted) = &policies.asserted else {
            self.expected.clear();
            return;
        };
        let anything = self.expected.contains(ANY_POLICY);
        let mut left: BTreeSet<&[u8]> = asserted
            .iter()
            .map(Vec::as_slice)
            .filter(|policy| *policy != ANY_POLICY)
            .filter(|policy| anything || self.expected.contains(policy))
            .collect();
        let says_any = asserted.iter().any(|policy| policy == ANY_POLICY);
        if says_any && (self.any > 0 || skips) {
            left.append(&mut self.expected);
        }
        self.expected = left;
    }

    /// 6.1.4 (a) to (j): mappings, and constraints on the certificates below.
    fn leave(&mut self, policies: &'a Policies, skips: bool) -> bool {
        let Policies { mappings, require_explicit, inhibit_mapping, inhibit_any, .. } = policies;
        if mappings.iter().any(|(from, to)| from == ANY_POLICY || to == ANY_POLICY) {
            return false;
        }
        let anything = self.expected.contains(ANY_POLICY);
        let known = self.expected.clone();
        for (from, _) in mappings {
            self.expected.remove(from.as_slice());
        }
        if self.mapping > 0 {
            let applies = |from: &[u8]| anything || known.contains(from);
            let mapped = mappings.iter().filter(|(from, _)| applies(from));
            self.expected.extend(mapped.map(|(_, to)| to.as_slice()));
        }
        for (count, limit) in [
            (&mut self.explicit, require_explicit),
            (&mut self.mapping, inhibit_mapping),
            (&mut self.any, inhibit_any),
        ] {
            if !skips {
                *count = count.saturating_sub(1);
            }
            let limit = limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
            *count = limit.map_or(*count, |limit| limit.min(*count));
        }
        true
    }
}
