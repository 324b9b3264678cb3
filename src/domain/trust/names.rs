//! Name constraints (RFC 5280, 4.2.1.10 and 6.1.3, b and c).
//!
//! Each authority's constraints are applied to every certificate below it, one by one, which is
//! equivalent to RFC 5280's intersections. A name that cannot be compared, of a kind that is
//! constrained, is refused: an unreadable name must not evade a constraint.

use std::net::Ipv4Addr;

use super::error::PathError;
use crate::base::limits::{Budget, OverBudget, Purse};
use crate::format::x509::{Certificate, NameConstraints, NameKind, Names};

/// Checks the names of a chain, leaf first, against the constraints of the authorities above them.
pub(super) fn check(chain: &[Certificate], budget: &mut Budget) -> Result<(), PathError> {
    for (depth, authority) in chain.iter().enumerate().skip(1) {
        let Some(constraints) = authority.name_constraints() else { continue };
        for (below, subject) in chain.iter().enumerate().take(depth) {
            // A self-issued certificate, as for a key rollover, is exempt.
            if below > 0 && subject.is_self_issued() {
                continue;
            }
            if !fits(subject, constraints, budget)? {
                let rule = "a name that the name constraints above it do not allow";
                return Err(PathError::rule(subject, rule));
            }
        }
    }
    Ok(())
}

fn fits(
    subject: &Certificate,
    constraints: &NameConstraints,
    budget: &mut Budget,
) -> Result<bool, OverBudget> {
    let names = subject.alternative_names();
    let NameConstraints { permitted, excluded } = constraints;
    let comparisons = count(names)
        .saturating_add(subject.subject_emails().len())
        .saturating_add(1)
        .saturating_mul(count(permitted).saturating_add(count(excluded)));
    // Every name is compared with every constraint.
    let trees = length(permitted).saturating_add(length(excluded));
    let bytes = length(names)
        .saturating_add(subject.subject().der().len())
        .saturating_mul(count(permitted).saturating_add(count(excluded)))
        .saturating_add(trees.saturating_mul(count(names).saturating_add(1)));
    budget.pay(Purse::ReadBytes, bytes, "names against constraints")?;
    budget.pay(Purse::PathSteps, comparisons, "names against constraints")?;

    let emails: Vec<_> = names.emails.iter().chain(subject.subject_emails()).collect();
    let own = Some(subject.subject()).filter(|name| !name.is_empty());
    let directories: Vec<_> = own.into_iter().chain(&names.directories).collect();
    // Whether a kind of name is present, readable or not, and whether a constraint is on that kind.
    let kinds = [
        (NameKind::Email, emails.len(), permitted.emails.len(), excluded.emails.len()),
        (NameKind::Dns, names.dns.len(), permitted.dns.len(), excluded.dns.len()),
        (NameKind::Uri, names.uris.len(), permitted.uris.len(), excluded.uris.len()),
        (
            NameKind::Address,
            names.addresses.len(),
            permitted.addresses.len(),
            excluded.addresses.len(),
        ),
        (
            NameKind::Directory,
            directories.len(),
            permitted.directories.len(),
            excluded.directories.len(),
        ),
    ];
    let unclear =
        |kind: &NameKind| permitted.others.contains(kind) || excluded.others.contains(kind);
    let hidden = kinds.iter().any(|(kind, presented, permitted, excluded)| {
        let is_constrained = *permitted > 0 || *excluded > 0;
        (is_constrained && names.others.contains(kind)) || (*presented > 0 && unclear(kind))
    });
    let others_fit = !hidden && !names.others.iter().any(unclear);
    Ok(others_fit
        && within(&emails, &permitted.emails, &excluded.emails, |name, tree| email(name, tree))
        && within(&names.dns, &permitted.dns, &excluded.dns, |name, tree| Some(dns(name, tree)))
        && within(&names.uris, &permitted.uris, &excluded.uris, |name, tree| uri(name, tree))
        && within(&names.addresses, &permitted.addresses, &excluded.addresses, |name, tree| {
            Some(address(name, tree))
        })
        && within(&directories, &permitted.directories, &excluded.directories, |name, tree| {
            name.is_within(tree)
        }))
}

/// Whether every name is within a permitted subtree, if there is one, and within no excluded one.
/// `compare` returns `None` when it cannot compare.
fn within<N, T>(
    names: &[N],
    permitted: &[T],
    excluded: &[T],
    compare: impl Fn(&N, &T) -> Option<bool>,
) -> bool {
    names.iter().all(|name| {
        let is_in = |tree| compare(name, tree) == Some(true);
        let is_out = |tree| compare(name, tree) == Some(false);
        (permitted.is_empty() || permitted.iter().any(is_in)) && excluded.iter().all(is_out)
    })
}

fn count(names: &Names) -> usize {
    let Names { emails, dns, uris, directories, addresses, others } = names;
    [emails.len(), dns.len(), uris.len(), directories.len(), addresses.len(), others.len()]
        .iter()
        .sum()
}

fn length(names: &Names) -> usize {
    let Names { emails, dns, uris, directories, addresses, .. } = names;
    let texts = [emails, dns, uris].into_iter().flatten().map(String::len);
    let directories = directories.iter().map(|name| name.der().len());
    let bytes = directories.chain(addresses.iter().map(Vec::len));
    texts.chain(bytes).fold(0, usize::saturating_add)
}

/// Whether a host is a subdomain of another or, without a leading dot, that host itself.
fn dns(name: &str, tree: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let tree = tree.strip_suffix('.').unwrap_or(tree);
    if tree.is_empty() {
        return true;
    }
    let bare = tree.strip_prefix('.').unwrap_or(tree);
    (tree == bare && name.eq_ignore_ascii_case(bare)) || is_below(name, bare)
}

fn is_below(name: &str, tree: &str) -> bool {
    let cut = name.len().checked_sub(tree.len()).and_then(|cut| name.split_at_checked(cut));
    cut.is_some_and(|(head, tail)| head.ends_with('.') && tail.eq_ignore_ascii_case(tree))
}

/// Whether a host equals the constraint or, with a leading dot, is a subdomain of it: common to
/// e-mail and URI.
fn host(name: &str, tree: &str) -> bool {
    match tree.strip_prefix('.') {
        Some(domain) => is_below(name, domain),
        None => name.eq_ignore_ascii_case(tree),
    }
}

fn email(name: &str, tree: &str) -> Option<bool> {
    let (local, domain) = name.rsplit_once('@')?;
    Some(match tree.rsplit_once('@') {
        // RFC 5280, 7.5: the part before the @ is compared exactly.
        Some((box_name, at)) => local == box_name && domain.eq_ignore_ascii_case(at),
        None => host(domain, tree),
    })
}

/// RFC 5280 refuses a URI without a host name, or with an address, where URIs are constrained.
fn uri(name: &str, tree: &str) -> Option<bool> {
    let (_, rest) = name.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (_, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (name, port) = place.split_once(':').unwrap_or((place, ""));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    // Browsers treat a backslash as a slash, other programs do not: they would see two different
    // hosts.
    let one_reading = authority.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_host = one_reading
        && !name.is_empty()
        && name.bytes().all(plain)
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && name.parse::<Ipv4Addr>().is_err();
    is_host.then(|| host(name, tree))
}

/// A constraint is an address and a mask of the same length.
fn address(name: &[u8], tree: &[u8]) -> bool {
    let (base, mask) = tree.split_at(tree.len() / 2);
    name.len() == base.len()
        && name.iter().zip(base).zip(mask).all(|((byte, base), mask)| byte & mask == base & mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_by_whole_labels() {
        for (name, tree, expected) in [
            ("example.org", "example.org", true),
            ("a.EXAMPLE.org.", "example.org", true),
            ("example.org", ".example.org", false),
            ("a.example.org", ".example.org", true),
            ("badexample.org", "example.org", false),
            ("org", "example.org", false),
            ("anything", "", true),
        ] {
            assert_eq!(dns(name, tree), expected, "{name} {tree}");
        }
        assert_eq!(email("a@b@example.org", "example.org"), Some(true));
        assert_eq!(email("A@example.org", "a@example.org"), Some(false));
        assert_eq!(email("no box", "example.org"), None);
    }

    #[test]
    fn a_uri_without_a_host_name_cannot_be_compared() {
        for name in [
            "urn:x",
            "https:///path",
            "https://192.0.2.1/",
            "https://[2001:db8::1]/",
            "https://example.org\\@evil.example/",
            "https://ex%61mple.org/",
            "https://example.org:x/",
        ] {
            assert_eq!(uri(name, "example.org"), None, "{name}");
        }
        for (name, expected) in [
            ("https://example.org?x", true),
            ("https://example.org#x", true),
            ("https://user:word@example.org:1", true),
            ("https://example.org@evil.example", false),
            ("ftp://a.example.org", false),
        ] {
            assert_eq!(uri(name, "example.org"), Some(expected), "{name}");
        }
    }
}
