"""Cases about the search for a path and about anchors."""

from parts import *


def searching():
    seal, issuing, root = three()
    fake_root = Party(common="Synthetic Root")
    fake = Party(fake_root, common="Synthetic Issuing CA", names_key_of=root)
    case("look-alike", leaf(fake), [fake], [root], "untrusted", "Synthetic Issuing CA")
    case("look-alike-beside-the-true-one", seal, [fake, fake_root, issuing], [root], "trusted")
    case("look-alike-root-in-the-file", leaf(fake), [fake, fake_root], [root], "untrusted", "Synthetic Issuing CA")
    twin = Party(fake_root, common="Synthetic Issuing CA", key_ids=False)
    bare = leaf(issuing, key_ids=False)
    case(
        "look-alike-without-identifiers",
        bare,
        [twin, issuing],
        [root],
        "trusted",
        flags=LAX,
        **openssl_refuses(NO_WAY_BACK),
    )
    forged = leaf(issuing, signed_by=fake)
    case("signature-of-another-key", forged, [issuing], [root], "untrusted", "Synthetic Seal")
    case(
        "root-comes-with-the-file",
        seal,
        [issuing, root],
        [Party(common="Synthetic Stranger")],
        "untrusted",
        "Synthetic Root",
    )
    case("issuer-missing", seal, [], [root], "untrusted", "Synthetic Seal")

    one = Party(common="Synthetic One")
    two = Party(common="Synthetic Two")
    one_by_two, two_by_one = one.other(two), two.other(one)
    case("loop-without-an-end", leaf(one), [one_by_two, two_by_one], [root], "untrusted")
    entry = Party(root, subject=two.subject, key=two.key)
    case(
        "loop-with-a-way-out",
        leaf(one),
        [two_by_one, one_by_two, entry],
        [root],
        "trusted",
        **openssl_refuses(NO_WAY_BACK),
    )
    crossed = one.other(root)
    case("cross-certified", leaf(one), [one, crossed], [root], "trusted", **openssl_refuses(NO_WAY_BACK))
    stale = one.other(root, end=day("2030-01-01"))
    case("cross-certificate-expired", leaf(one), [stale], [root], "expired", "Synthetic One")
    case("cross-certificate-expired-beside-a-good-one", leaf(one), [stale, crossed], [root], "trusted")
    case("expired-ca-beside-the-anchor", leaf(one), [stale], [root, one], "trusted")
    broken = one.other(root, usage=usage("crl_sign"))
    case("expired-or-broken", leaf(one), [broken, stale], [root], "expired", "Synthetic One")
    many = [Party(root, common="Synthetic Issuing CA", key_ids=False) for _ in range(24)]
    last = Party(root, common="Synthetic Issuing CA", key_ids=False)
    case(
        "many-of-one-name",
        leaf(last, key_ids=False),
        many + [last],
        [root],
        "trusted",
        flags=LAX,
        **openssl_refuses(NO_WAY_BACK),
    )
    rolled = Party(root, common="Synthetic Issuing CA")
    by_old = rolled.other(issuing)
    case("key-rolled-over", leaf(rolled), [by_old, issuing], [root], "trusted")
    maze(root)


def maze(root):
    """Six authorities of one name, each certified by each: paths without end to nowhere."""
    subject = name("Synthetic Maze")
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(6)]
    nodes = [Party(subject=subject, key=key, key_ids=False) for key in keys]
    pool = [node.other(other, key_ids=False) for node in nodes for other in nodes if node is not other]
    case("maze", leaf(nodes[0], key_ids=False), pool, [root], "budget", flags=LAX, certvalidator=NOT_ASKED)


def anchors():
    seal, issuing, root = three()
    partial = ("-partial_chain",)
    case("anchor-is-no-root", seal, [], [issuing], "trusted", flags=partial)
    case("anchor-is-no-root-with-its-root-beside", seal, [root], [issuing], "trusted", flags=partial)
    case("anchor-is-the-signer", seal, [], [seal], "trusted", flags=partial)
    own = leaf(None, common="Synthetic Self-Signed")
    case("anchor-is-the-self-signed-signer", own, [], [own], "trusted", flags=LAX)
    case("self-signed-signer", own, [], [root], "untrusted", "Synthetic Self-Signed", flags=LAX)
    both = Party(common="Synthetic Self-Signed CA", usage=None)
    case("anchor-is-the-signer-and-an-authority", both, [], [both], "trusted", flags=LAX)
    not_ca = leaf(None, common="Synthetic Self-Signed", usage=usage("digital_signature"))
    case(
        "anchor-is-no-authority",
        leaf(not_ca),
        [],
        [not_ca],
        "rule",
        "without being an authority",
        flags=LAX,
        **certvalidator_accepts(BARE_ANCHOR),
    )
    old = Party(common="Synthetic Old Root")
    old = plain(old, old)
    case("anchor-version-1", leaf(old), [], [old], "trusted", flags=LAX)
    case("anchor-expired-beside-a-good-one", leaf(root), [], [root.other(end=day("2030-01-01")), root], "trusted")
    limited = Party(common="Synthetic Root", eku=[Eku.SERVER_AUTH])
    case(
        "anchor-purpose-server",
        leaf(limited),
        [],
        [limited],
        "rule",
        "extended key usage",
        flags=("-purpose", "smimesign"),
        certvalidator=NOT_ASKED,
    )
