"""Cases about name constraints and certificate policies."""

from parts import *


def constrained(title, constraint, expect, alternative=None, says="name constraints", **more):
    made = {"issuing_extra": [constraint], "leaf_san": alternative}
    made |= {key: more.pop(key) for key in list(more) if key.startswith(("leaf_", "issuing_", "root_"))}
    simple(f"names-{title}", expect, "" if expect == "trusted" else says, made, **more)


def names():
    ours, theirs = organization("Synthetic 样例"), organization("Another")
    constrained("directory-permitted", permit(directory(country("CN"), ours)), "trusted")
    constrained("directory-not-permitted", permit(directory(country("CN"), theirs)), "rule")
    constrained("directory-excluded", exclude(directory(country("CN"), ours)), "rule")
    constrained("directory-another-excluded", exclude(directory(country("CN"), theirs)), "trusted")
    other_case = organization("SYNTHETIC   样例", x509.name._ASN1Type.BMPString)
    constrained("directory-excluded-in-other-letters", exclude(directory(country("CN"), other_case)), "rule")
    constrained("directory-permitted-in-other-letters", permit(directory(country("CN"), other_case)), "trusted")
    in_san = san(x509.DirectoryName(name("x", "Another")))
    constrained("directory-in-alternative-excluded", exclude(directory(country("CN"), theirs)), "rule", in_san)
    constrained(
        "host-permitted", permit(dns("example.org")), "trusted", san(dns("seal.example.org"), dns("example.org"))
    )
    constrained(
        "host-not-permitted", permit(dns("example.org")), "rule", san(dns("seal.example.org"), dns("example.com"))
    )
    constrained("host-only-looks-permitted", permit(dns("example.org")), "rule", san(dns("badexample.org")))
    constrained(
        "host-with-dot",
        permit(dns(".example.org")),
        "trusted",
        san(dns("seal.example.org")),
        **certvalidator_refuses("certvalidator does not know hosts with a leading dot, which many authorities write"),
    )
    constrained("host-excluded", exclude(dns("example.org")), "rule", san(dns("SEAL.example.ORG")))
    constrained(
        "host-everything-excluded",
        exclude(dns("")),
        "rule",
        san(dns("example.org")),
        **certvalidator_accepts("certvalidator takes an empty host for none; it is above all hosts"),
    )
    constrained("host-absent", permit(dns("example.org")), "trusted")
    constrained("email-host", permit(email("example.org")), "trusted", san(email("seal@EXAMPLE.org")))
    constrained("email-host-is-exact", permit(email("example.org")), "rule", san(email("seal@in.example.org")))
    constrained("email-domain", permit(email(".example.org")), "trusted", san(email("seal@in.example.org")))
    constrained("email-box", permit(email("seal@example.org")), "trusted", san(email("seal@example.org")))
    constrained("email-other-box", permit(email("seal@example.org")), "rule", san(email("other@example.org")))
    constrained(
        "email-in-subject",
        exclude(email("example.org")),
        "rule",
        leaf_subject=name("Synthetic Seal", email="seal@example.org"),
    )
    constrained("uri-host", permit(uri("example.org")), "trusted", san(uri("https://Example.org:8443/dept/x")))
    with_user = san(uri("https://u@example.org/"))
    constrained(
        "uri-user",
        permit(uri("example.org")),
        "trusted",
        with_user,
        **openssl_refuses("openssl takes the user for a part of the host"),
    )
    constrained("uri-host-is-exact", permit(uri("example.org")), "rule", san(uri("https://in.example.org/")))
    constrained("uri-domain", permit(uri(".example.org")), "trusted", san(uri("https://in.example.org/")))
    constrained(
        "uri-user-looks-permitted",
        permit(uri("example.org")),
        "rule",
        san(uri("https://example.org@evil.example.com/")),
    )
    constrained("uri-without-host", exclude(uri("example.org")), "rule", san(uri("urn:example:1")))
    constrained(
        "uri-address",
        exclude(uri("example.org")),
        "rule",
        san(uri("https://192.0.2.1/")),
        **openssl_accepts("RFC 5280, 4.2.1.10 refuses a URI without a host name where URIs are constrained"),
    )
    constrained(
        "address-permitted",
        permit(address("192.0.2.0/24")),
        "trusted",
        san(address("192.0.2.9")),
        **certvalidator_refuses(NO_ADDRESSES),
    )
    constrained("address-not-permitted", permit(address("192.0.2.0/24")), "rule", san(address("198.51.100.1")))
    constrained("address-6-excluded", exclude(address("2001:db8::/32")), "rule", san(address("2001:db8::1")))
    constrained(
        "address-6-beside-4",
        exclude(address("192.0.2.0/24")),
        "trusted",
        san(address("2001:db8::1")),
        **certvalidator_refuses(NO_ADDRESSES),
    )
    registered = x509.RegisteredID(x509.ObjectIdentifier(UNKNOWN))
    constrained("unsupported-form", permit(registered), "rule", san(registered))
    constrained("unsupported-form-absent", permit(registered), "trusted", says="")
    minimum = asn1.NameConstraints(
        {"permitted_subtrees": [{"base": asn1.GeneralName("dns_name", "example.org"), "minimum": 1}]}
    )
    far = raw("2.5.29.30", minimum.dump(), True)
    constrained("minimum", far, "untrusted", san(dns("example.org")), says="Synthetic Seal")
    simple(
        "names-of-the-anchor",
        "rule",
        "name constraints",
        {"root_extra": [permit(directory(country("CN"), theirs))]},
        **certvalidator_accepts(BARE_ANCHOR),
    )
    simple(
        "names-not-critical",
        "rule",
        "name constraints",
        {"issuing_extra": [(permit(directory(country("CN"), theirs))[0], False)]},
        flags=LAX,
    )
    root = Party(common="Synthetic Root", extra=[permit(directory(country("CN"), organization("Synthetic 样例")))])
    outer = Party(root, common="Synthetic Outer CA", extra=[permit(dns("example.org"))])
    inner = Party(outer, common="Synthetic Inner CA", extra=[permit(dns("in.example.org"))])
    good = leaf(inner, san=san(dns("a.in.example.org")))
    case("names-of-two-authorities", good, [inner, outer], [root], "trusted")
    bad = leaf(inner, san=san(dns("a.example.org")))
    case("names-of-two-authorities-narrower", bad, [inner, outer], [root], "rule", "name constraints")
    both = [permit(directory(country("CN"), organization("Synthetic Leaves")))]
    limited = Party(root := Party(common="Synthetic Root"), common="Synthetic CA", extra=both)
    renewed = Party(limited, subject=limited.subject, names_key_of=limited)
    seal = leaf(renewed, subject=name("Synthetic Seal", "Synthetic Leaves"))
    case("names-self-issued", seal, [renewed, limited], [root], "trusted")
    empty = leaf(root, subject=x509.Name([]), san=san(uri("https://example.org/")), san_critical=True)
    case("names-subject-empty", empty, [], [root], "trusted")


def policy():
    checked = ("-policy_check", "-policy", ANY_POLICY)
    need = [policy_constraints(explicit=0)]
    a, b, c = POLICY_A, POLICY_B, POLICY_C
    simple(
        "policy-critical",
        "trusted",
        made={"issuing_extra": [policies(a, critical=True)], "leaf_extra": [policies(a, critical=True)]},
        flags=checked,
    )
    simple(
        "policy-not-needed",
        "trusted",
        made={"leaf_extra": [policies(b)], "issuing_extra": [policies(a)]},
        flags=checked,
    )
    simple(
        "policy-required-and-there",
        "trusted",
        made={"issuing_extra": need + [policies(a)], "leaf_extra": [policies(a)]},
        flags=checked,
    )
    simple("policy-required-and-absent", "rule", "policy", {"issuing_extra": need + [policies(a)]}, flags=checked)
    simple(
        "policy-required-and-another",
        "rule",
        "policy",
        {"issuing_extra": need + [policies(a)], "leaf_extra": [policies(b)]},
        flags=checked,
    )
    simple("policy-required-by-the-leaf", "rule", "policy", {"leaf_extra": need}, flags=checked)
    simple(
        "policy-any-above",
        "trusted",
        made={"issuing_extra": need + [policies(ANY_POLICY)], "leaf_extra": [policies(a)]},
        flags=checked,
    )
    simple(
        "policy-any-below",
        "trusted",
        made={"issuing_extra": need + [policies(a)], "leaf_extra": [policies(ANY_POLICY)]},
        flags=checked,
    )
    inhibited = need + [inhibit_any(0), policies(a)]
    simple(
        "policy-any-inhibited",
        "rule",
        "policy",
        {"issuing_extra": inhibited, "leaf_extra": [policies(ANY_POLICY)]},
        flags=checked,
    )
    mapped = need + [policies(a), mappings((a, c))]
    simple("policy-mapped", "trusted", made={"issuing_extra": mapped, "leaf_extra": [policies(c)]}, flags=checked)
    simple(
        "policy-mapped-away", "rule", "policy", {"issuing_extra": mapped, "leaf_extra": [policies(a)]}, flags=checked
    )
    root = Party(common="Synthetic Root")
    outer = Party(root, common="Synthetic Outer CA", extra=[policy_constraints(0, 0), policies(a)])
    inner = Party(outer, common="Synthetic Inner CA", extra=[policies(a), mappings((a, c))])
    case(
        "policy-mapping-inhibited",
        leaf(inner, extra=[policies(c)]),
        [inner, outer],
        [root],
        "rule",
        "policy",
        flags=checked,
    )
    outer = Party(root, common="Synthetic Outer CA", extra=[policy_constraints(3)])
    inner = Party(outer, common="Synthetic Inner CA")
    case("policy-required-later", leaf(inner), [inner, outer], [root], "trusted", flags=checked)
    innermost = Party(inner, common="Synthetic Innermost CA")
    case("policy-required-now", leaf(innermost), [innermost, inner, outer], [root], "rule", "policy", flags=checked)
    wild = need + [policies(ANY_POLICY), mappings((a, c))]
    simple(
        "policy-mapped-from-any", "trusted", made={"issuing_extra": wild, "leaf_extra": [policies(c)]}, flags=checked
    )
    any_mapped = [policies(ANY_POLICY), mappings((ANY_POLICY, c))]
    simple(
        "policy-mapping-of-any",
        "rule",
        "policy",
        {"issuing_extra": any_mapped, "leaf_extra": [policies(c)]},
        flags=checked,
    )
