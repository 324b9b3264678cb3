"""Makes the matrix of certificates in this folder: one file for each case, with what is expected.

    target/peers/venv/bin/python tests/data/paths/make.py

The keys live as long as the script. `tests/paths.rs` reads the files and says what each field is.
"""

import pathlib

from parts import *

HERE = pathlib.Path(__file__).parent

# Where openssl says something else than we do, and why we stay with ours.
NO_WAY_BACK = "openssl stays with the first issuer that fits; we try the next one"
LATER = "openssl takes a list for a time before it was made as not valid yet; we take it as knowing more"
LATER_REVOKED = "openssl does not take lists made later, and counts a revocation whatever its date"
NO_PURPOSE = "openssl verify does not know this purpose"


def openssl_accepts(why):
    return {"openssl": True, "differs": why}


def openssl_refuses(why):
    return {"openssl": False, "differs": why}


def dates():
    simple("good", "trusted")
    root = Party(common="Synthetic Root")
    case("good-under-the-root", leaf(root), [], [root], "trusted")
    simple("leaf-expired", "expired", "Synthetic Seal", {"leaf_end": day("2030-05-01")})
    simple("leaf-not-yet-valid", "not yet valid", "Synthetic Seal", {"leaf_start": day("2030-07-01")})
    simple("ca-expired", "expired", "Issuing", {"issuing_end": day("2030-05-01")})
    simple("ca-not-yet-valid", "not yet valid", "Issuing", {"issuing_start": day("2030-07-01")})
    simple("anchor-expired", "expired", "Root", {"root_end": day("2030-05-01")})
    simple("last-second", "trusted", made={"leaf_end": day(AT)}, **openssl_refuses("openssl takes the last second as over; RFC 5280, 4.1.2.5 includes it"))
    simple("second-after-the-last", "expired", made={"leaf_end": day("2030-05-31T23:59:59")})
    simple("first-second", "trusted", made={"leaf_start": day(AT)})
    simple("second-before-the-first", "not yet valid", made={"leaf_start": day("2030-06-01T00:00:01")})
    simple("valid-at-a-proven-time", "trusted", made={"leaf_end": day("2030-05-01")}, at="2030-04-01T00:00:00")


def authorities():
    no_ca = x509.BasicConstraints(False, None)
    simple("ca-false", "rule", "without being an authority", {"issuing_basic": no_ca})
    simple("ca-without-basic-constraints", "rule", "without being an authority", {"issuing_basic": None})
    simple("ca-without-cert-sign", "rule", "signing certificates", {"issuing_usage": usage("crl_sign")})
    simple("ca-without-key-usage", "trusted", made={"issuing_usage": None}, flags=LAX)
    simple("path-length-kept", "trusted", made={"issuing_path_len": 0, "root_path_len": 1})
    simple("path-length-of-the-anchor", "rule", "path length", {"root_path_len": 0})
    root = Party(common="Synthetic Root")
    outer = Party(root, common="Synthetic Outer CA", path_len=0)
    inner = Party(outer, common="Synthetic Inner CA")
    case("path-length-exceeded", leaf(inner), [inner, outer], [root], "rule", "path length")
    renewed = Party(outer, subject=outer.subject, names_key_of=outer)
    case("path-length-self-issued", leaf(renewed), [renewed, outer], [root], "trusted")
    old = plain(Party(root, common="Synthetic Old CA"), root)
    case("ca-version-1", leaf(old), [old], [root], "rule", "without being an authority", flags=LAX)
    claims = plain(Party(root, common="Synthetic Old CA"), root, keep_extensions=True)
    case("ca-version-1-with-extensions", leaf(claims), [claims], [root], "rule", "version")
    seal = plain(leaf(root), root)
    case("leaf-version-1", seal, [], [root], "trusted", flags=LAX)


def leaves():
    sealing = ("-purpose", "smimesign")
    simple("usage-encipherment", "rule", "key usage", {"leaf_usage": usage("key_encipherment")}, flags=sealing)
    simple("usage-non-repudiation", "trusted", made={"leaf_usage": usage("content_commitment")}, flags=sealing)
    simple("usage-absent", "trusted", made={"leaf_usage": None}, flags=sealing)
    simple("purpose-server", "rule", "extended key usage", {"leaf_eku": [Eku.SERVER_AUTH]}, flags=sealing)
    simple("purpose-document", "trusted", made={"leaf_eku": [DOCUMENT]})
    simple("purpose-email", "trusted", made={"leaf_eku": [Eku.EMAIL_PROTECTION]}, flags=sealing)
    simple("purpose-any", "trusted", made={"leaf_eku": [Eku.ANY_EXTENDED_KEY_USAGE]})
    simple("purpose-absent", "trusted", made={"leaf_eku": None}, flags=sealing)
    simple("ca-purpose-server", "rule", "extended key usage", {"issuing_eku": [Eku.SERVER_AUTH]}, flags=sealing)
    simple("ca-purpose-document", "trusted", made={"issuing_eku": [DOCUMENT]})
    simple("ca-purpose-email", "trusted", made={"issuing_eku": [Eku.EMAIL_PROTECTION]}, flags=sealing)
    simple("token-purpose-absent", "trusted", made={"leaf_eku": None}, usage="token")
    simple("leaf-is-an-authority", "rule", "may not sign documents", {
        "leaf_basic": x509.BasicConstraints(True, None), "leaf_usage": usage("digital_signature", "key_cert_sign"),
    }, **openssl_accepts("openssl lets an authority sign anything; here it signs certificates and lists alone"))
    stamping, stamp = [Eku.TIME_STAMPING], ("-purpose", "timestampsign")
    simple("stamp", "trusted", made={"leaf_eku": stamping, "leaf_eku_critical": True}, usage="timestamp", flags=stamp)
    simple("stamp-not-critical", "rule", "critical", {"leaf_eku": stamping}, usage="timestamp", flags=stamp)
    both = {"leaf_eku": stamping + [Eku.EMAIL_PROTECTION], "leaf_eku_critical": True}
    simple("stamp-and-email", "rule", "time stamps", both, usage="timestamp", flags=stamp)
    simple("stamp-purpose-absent", "rule", "time stamps", {"leaf_eku": None}, usage="timestamp", flags=stamp)
    simple("stamp-by-a-seal", "rule", "time stamps", usage="timestamp", flags=stamp)
    only = {"leaf_eku": stamping, "leaf_eku_critical": True}
    simple("seal-by-a-stamp", "rule", "extended key usage", only, flags=("-purpose", "smimesign"))
    simple("stamp-under-document-ca", "rule", "extended key usage", {**only, "issuing_eku": [DOCUMENT]}, usage="timestamp", flags=stamp, **openssl_accepts("openssl does not look at the purposes of authorities for time stamps"))
    simple("responder", "trusted", made={"leaf_eku": [Eku.OCSP_SIGNING]}, usage="responder")
    simple("responder-without-purpose", "rule", "OCSP", {"leaf_eku": None}, usage="responder", **openssl_accepts(NO_PURPOSE))
    simple("responder-is-a-seal", "rule", "OCSP", usage="responder", **openssl_accepts(NO_PURPOSE))


def extensions():
    unknown = [raw(UNKNOWN, b"\x05\x00", True)]
    for who in ("leaf", "issuing", "root"):
        simple(f"unknown-critical-{who}", "rule", "critical extension", {f"{who}_extra": unknown})
    simple("unknown-not-critical", "trusted", made={"leaf_extra": [raw(UNKNOWN, b"\x05\x00", False)]})
    twice = leaf_with_an_extension_twice()
    case("extension-twice", *twice, "unreadable")


def leaf_with_an_extension_twice():
    seal, issuing, root = three()
    tbs = to_be_signed(seal)
    tbs["extensions"].append(tbs["extensions"][2])
    return resign(seal, tbs, issuing), [issuing], [root]


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
    constrained("host-permitted", permit(dns("example.org")), "trusted", san(dns("seal.example.org"), dns("example.org")))
    constrained("host-not-permitted", permit(dns("example.org")), "rule", san(dns("seal.example.org"), dns("example.com")))
    constrained("host-only-looks-permitted", permit(dns("example.org")), "rule", san(dns("badexample.org")))
    constrained("host-with-dot", permit(dns(".example.org")), "trusted", san(dns("seal.example.org")))
    constrained("host-excluded", exclude(dns("example.org")), "rule", san(dns("SEAL.example.ORG")))
    constrained("host-everything-excluded", exclude(dns("")), "rule", san(dns("example.org")))
    constrained("host-absent", permit(dns("example.org")), "trusted")
    constrained("email-host", permit(email("example.org")), "trusted", san(email("seal@EXAMPLE.org")))
    constrained("email-host-is-exact", permit(email("example.org")), "rule", san(email("seal@in.example.org")))
    constrained("email-domain", permit(email(".example.org")), "trusted", san(email("seal@in.example.org")))
    constrained("email-box", permit(email("seal@example.org")), "trusted", san(email("seal@example.org")))
    constrained("email-other-box", permit(email("seal@example.org")), "rule", san(email("other@example.org")))
    constrained("email-in-subject", exclude(email("example.org")), "rule", leaf_subject=name("Synthetic Seal", email="seal@example.org"))
    constrained("uri-host", permit(uri("example.org")), "trusted", san(uri("https://Example.org:8443/dept/x")))
    with_user = san(uri("https://u@example.org/"))
    constrained("uri-user", permit(uri("example.org")), "trusted", with_user, **openssl_refuses("openssl takes the user for a part of the host"))
    constrained("uri-host-is-exact", permit(uri("example.org")), "rule", san(uri("https://in.example.org/")))
    constrained("uri-domain", permit(uri(".example.org")), "trusted", san(uri("https://in.example.org/")))
    constrained("uri-user-looks-permitted", permit(uri("example.org")), "rule", san(uri("https://example.org@evil.example.com/")))
    constrained("uri-without-host", exclude(uri("example.org")), "rule", san(uri("urn:example:1")))
    constrained("uri-address", exclude(uri("example.org")), "rule", san(uri("https://192.0.2.1/")), **openssl_accepts("RFC 5280, 4.2.1.10 refuses a URI without a host name where URIs are constrained"))
    constrained("address-permitted", permit(address("192.0.2.0/24")), "trusted", san(address("192.0.2.9")))
    constrained("address-not-permitted", permit(address("192.0.2.0/24")), "rule", san(address("198.51.100.1")))
    constrained("address-6-excluded", exclude(address("2001:db8::/32")), "rule", san(address("2001:db8::1")))
    constrained("address-6-beside-4", exclude(address("192.0.2.0/24")), "trusted", san(address("2001:db8::1")))
    registered = x509.RegisteredID(x509.ObjectIdentifier(UNKNOWN))
    constrained("unsupported-form", permit(registered), "rule", san(registered))
    constrained("unsupported-form-absent", permit(registered), "trusted", says="")
    minimum = asn1.NameConstraints({"permitted_subtrees": [
        {"base": asn1.GeneralName("dns_name", "example.org"), "minimum": 1},
    ]})
    constrained("minimum", raw("2.5.29.30", minimum.dump(), True), "rule", san(dns("example.org")))
    simple("names-of-the-anchor", "rule", "name constraints", {
        "root_extra": [permit(directory(country("CN"), theirs))],
    })
    simple("names-not-critical", "rule", "name constraints", {
        "issuing_extra": [(permit(directory(country("CN"), theirs))[0], False)],
    }, flags=LAX)
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
    simple("policy-critical", "trusted", made={"issuing_extra": [policies(a, critical=True)], "leaf_extra": [policies(a, critical=True)]}, flags=checked)
    simple("policy-not-needed", "trusted", made={"leaf_extra": [policies(b)], "issuing_extra": [policies(a)]}, flags=checked)
    simple("policy-required-and-there", "trusted", made={"issuing_extra": need + [policies(a)], "leaf_extra": [policies(a)]}, flags=checked)
    simple("policy-required-and-absent", "rule", "policy", {"issuing_extra": need + [policies(a)]}, flags=checked)
    simple("policy-required-and-another", "rule", "policy", {"issuing_extra": need + [policies(a)], "leaf_extra": [policies(b)]}, flags=checked)
    simple("policy-required-by-the-leaf", "rule", "policy", {"leaf_extra": need}, flags=checked)
    simple("policy-any-above", "trusted", made={"issuing_extra": need + [policies(ANY_POLICY)], "leaf_extra": [policies(a)]}, flags=checked)
    simple("policy-any-below", "trusted", made={"issuing_extra": need + [policies(a)], "leaf_extra": [policies(ANY_POLICY)]}, flags=checked)
    inhibited = need + [inhibit_any(0), policies(a)]
    simple("policy-any-inhibited", "rule", "policy", {"issuing_extra": inhibited, "leaf_extra": [policies(ANY_POLICY)]}, flags=checked)
    mapped = need + [policies(a), mappings((a, c))]
    simple("policy-mapped", "trusted", made={"issuing_extra": mapped, "leaf_extra": [policies(c)]}, flags=checked)
    simple("policy-mapped-away", "rule", "policy", {"issuing_extra": mapped, "leaf_extra": [policies(a)]}, flags=checked)
    root = Party(common="Synthetic Root")
    outer = Party(root, common="Synthetic Outer CA", extra=[policy_constraints(0, 0), policies(a)])
    inner = Party(outer, common="Synthetic Inner CA", extra=[policies(a), mappings((a, c))])
    case("policy-mapping-inhibited", leaf(inner, extra=[policies(c)]), [inner, outer], [root], "rule", "policy", flags=checked)
    outer = Party(root, common="Synthetic Outer CA", extra=[policy_constraints(3)])
    inner = Party(outer, common="Synthetic Inner CA")
    case("policy-required-later", leaf(inner), [inner, outer], [root], "trusted", flags=checked)
    innermost = Party(inner, common="Synthetic Innermost CA")
    case("policy-required-now", leaf(innermost), [innermost, inner, outer], [root], "rule", "policy", flags=checked)
    wild = need + [policies(ANY_POLICY), mappings((a, c))]
    simple("policy-mapped-from-any", "trusted", made={"issuing_extra": wild, "leaf_extra": [policies(c)]}, flags=checked)
    any_mapped = [policies(ANY_POLICY), mappings((ANY_POLICY, c))]
    simple("policy-mapping-of-any", "rule", "policy", {"issuing_extra": any_mapped, "leaf_extra": [policies(c)]}, flags=checked)


def searching():
    seal, issuing, root = three()
    fake_root = Party(common="Synthetic Root")
    fake = Party(fake_root, common="Synthetic Issuing CA", names_key_of=root)
    case("look-alike", leaf(fake), [fake], [root], "untrusted", "Synthetic Issuing CA")
    case("look-alike-beside-the-true-one", seal, [fake, fake_root, issuing], [root], "trusted")
    case("look-alike-root-in-the-file", leaf(fake), [fake, fake_root], [root], "untrusted", "Synthetic Root")
    twin = Party(fake_root, common="Synthetic Issuing CA", key_ids=False)
    bare = leaf(issuing, key_ids=False)
    case("look-alike-without-identifiers", bare, [twin, issuing], [root], "trusted", flags=LAX, **openssl_refuses(NO_WAY_BACK))
    forged = leaf(issuing, signed_by=fake)
    case("signature-of-another-key", forged, [issuing], [root], "untrusted", "Synthetic Seal")
    case("root-comes-with-the-file", seal, [issuing, root], [Party(common="Synthetic Stranger")], "untrusted", "Synthetic Root")
    case("issuer-missing", seal, [], [root], "untrusted", "Synthetic Seal")

    one = Party(common="Synthetic One")
    two = Party(common="Synthetic Two")
    one_by_two, two_by_one = one.other(two), two.other(one)
    case("loop-without-an-end", leaf(one), [one_by_two, two_by_one], [root], "untrusted")
    entry = Party(root, subject=two.subject, key=two.key)
    case("loop-with-a-way-out", leaf(one), [two_by_one, one_by_two, entry], [root], "trusted", **openssl_refuses(NO_WAY_BACK))
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
    case("many-of-one-name", leaf(last, key_ids=False), many + [last], [root], "trusted", flags=LAX, **openssl_refuses(NO_WAY_BACK))
    rolled = Party(root, common="Synthetic Issuing CA")
    by_old = rolled.other(issuing)
    case("key-rolled-over", leaf(rolled), [by_old, issuing], [root], "trusted")
    maze(root)


def maze(root):
    """Six authorities of one name, each certified by each: paths without end to nowhere."""
    subject = name("Synthetic Maze")
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(6)]
    nodes = [Party(subject=subject, key=key, key_ids=False) for key in keys]
    pool = [
        node.other(other, key_ids=False) for node in nodes for other in nodes if node is not other
    ]
    case("maze", leaf(nodes[0], key_ids=False), pool, [root], "budget", flags=LAX)


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
    case("anchor-is-no-authority", leaf(not_ca), [], [not_ca], "rule", "without being an authority", flags=LAX)
    old = Party(common="Synthetic Old Root")
    old = plain(old, old)
    case("anchor-version-1", leaf(old), [], [old], "trusted", flags=LAX)
    case("anchor-expired-beside-a-good-one", leaf(root), [], [root.other(end=day("2030-01-01")), root], "trusted")
    limited = Party(common="Synthetic Root", eku=[Eku.SERVER_AUTH])
    case("anchor-purpose-server", leaf(limited), [], [limited], "rule", "extended key usage", flags=("-purpose", "smimesign"))


def algorithms():
    def all_of(title, make, expect="trusted", **more):
        keys = {f"{who}_key": make() for who in ("leaf", "issuing", "root")}
        changes = {f"{who}_{key}": value for key, value in more.items() for who in ("leaf", "issuing", "root")}
        simple(f"keys-{title}", expect, made=keys | changes)

    rsa_key = lambda bits: lambda: rsa.generate_private_key(65537, bits)
    all_of("rsa-2048", rsa_key(2048))
    all_of("rsa-3072", rsa_key(3072))
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    all_of("rsa-pss", rsa_key(2048), rsa_padding=pss)
    all_of("p384", lambda: ec.generate_private_key(ec.SECP384R1()), digest=hashes.SHA384())
    all_of("ed25519", ed25519.Ed25519PrivateKey.generate)
    strong = ("-auth_level", "2")
    seal, issuing, root = three()
    weak = resign(seal, to_be_signed(seal), issuing, hashes.SHA1(), "sha1_ecdsa")
    case("signed-with-sha1", weak, [issuing], [root], "untrusted", "Synthetic Seal", flags=strong)
    small = {"issuing_key": rsa.generate_private_key(65537, 1024)}
    simple("keys-rsa-1024", "untrusted", made=small, flags=strong)


def lists():
    every, first = ("-crl_check_all",), ("-crl_check",)
    seal, issuing, root = three()
    above, below = crl(root), crl(issuing)
    path = (seal, [issuing], [root])
    case("crl-whole-path", *path, "trusted", revocation="whole", crls=[above, below], flags=every)
    case("crl-leaf-only", *path, "trusted", revocation="leaf", crls=[below], flags=first)
    case("crl-authority-only", *path, "trusted", revocation="none", crls=[above], flags=LAX)
    named = crl(issuing, (seal, "2030-05-01"))
    case("crl-leaf-revoked", *path, "revoked", "Synthetic Seal", crls=[above, named], flags=every)
    case("crl-authority-revoked", *path, "revoked", "Issuing", crls=[crl(root, (issuing, "2030-05-01")), below], flags=every)
    case("crl-revoked-that-second", *path, "revoked", crls=[crl(issuing, (seal, AT), until=day("2030-06-24"))], flags=first)
    later = {"made": day("2030-08-01"), "until": day("2030-09-01")}
    case("crl-revoked-later", *path, "trusted", revocation="leaf", crls=[crl(issuing, (seal, "2030-07-01"), **later)], flags=first, **openssl_refuses(LATER_REVOKED))
    case("crl-made-later", *path, "trusted", revocation="leaf", crls=[crl(issuing, **later)], flags=first, **openssl_refuses(LATER))
    stolen = crl(issuing, (seal, "2030-07-01", "keyCompromise", "2030-05-20"), **later)
    case("crl-compromised-before", *path, "revoked", "2030-05-20", crls=[stolen], flags=first)
    stolen = crl(issuing, (seal, "2030-07-01", "keyCompromise", "2030-06-20"), **later)
    case("crl-compromised-later", *path, "trusted", revocation="leaf", crls=[stolen], flags=first, **openssl_refuses(LATER_REVOKED))
    stolen = crl(issuing, (seal, "2030-07-01", "keyCompromise"), **later)
    case("crl-compromised-without-a-date", *path, "trusted", revocation="leaf", crls=[stolen], flags=first, **openssl_refuses(LATER_REVOKED))
    old = crl(issuing, made=day("2030-04-01"), until=day("2030-05-01"))
    case("crl-expired", *path, "trusted", crls=[old], flags=first)
    old = crl(issuing, (seal, "2030-03-01"), made=day("2030-04-01"), until=day("2030-05-01"))
    case("crl-expired-but-named", *path, "revoked", crls=[old], flags=first)
    old = crl(issuing, made=day("2030-04-01"), until=day("2031-04-01"))
    case("crl-too-old", *path, "trusted", crls=[old], flags=first, **openssl_accepts("openssl asks for the next update alone; a list older than 40 days says nothing here"))
    past = crl(issuing, made=day("2036-02-01"), until=day("2036-03-01"))
    case("crl-made-after-the-leaf-ended", *path, "trusted", crls=[past], flags=first)
    hold = crl(issuing, (seal, "2030-05-01", "certificateHold"))
    case("crl-on-hold", *path, "revoked", crls=[hold], flags=first)
    hold = crl(issuing, (seal, "2030-05-01", "certificateHold"), made=day("2030-05-10"), until=day("2030-06-10"))
    case("crl-hold-lifted", *path, "trusted", revocation="leaf", crls=[hold, below], flags=first)
    once = crl(issuing, (seal, "2030-05-01", "superseded"), made=day("2030-05-10"), until=day("2030-06-10"))
    case("crl-named-once", *path, "revoked", crls=[below, once], flags=first, **openssl_accepts("openssl asks the newest list alone; a revocation is final, whichever list says it"))
    fake = Party(common="Synthetic Issuing CA")
    case("crl-of-a-look-alike", *path, "trusted", crls=[crl(fake, (seal, "2030-05-01"))], flags=first)
    case("crl-signed-by-another", *path, "trusted", crls=[crl(issuing, key=fake.key)], flags=first)
    stranger = leaf(fake, serial=seal.cert.serial_number)
    case("crl-same-serial-of-another-issuer", *path, "trusted", revocation="leaf", crls=[below, crl(root, (stranger, "2030-05-01"))], flags=first)
    point = [x509.UniformResourceIdentifier("https://crl.example.org/part.crl")]
    some = frozenset([x509.ReasonFlags.key_compromise])
    partial = x509.IssuingDistributionPoint(point, None, False, False, some, False, False)
    case("crl-partial", *path, "trusted", crls=[crl(issuing, extra=[(partial, True)])], refused_lists=1, flags=first)
    indirect = x509.IssuingDistributionPoint(point, None, False, False, None, True, False)
    case("crl-indirect", *path, "trusted", crls=[crl(issuing, extra=[(indirect, True)])], refused_lists=1, flags=first)
    delta = [(x509.DeltaCRLIndicator(3), True)]
    case("crl-delta", *path, "trusted", crls=[crl(issuing, extra=delta)], refused_lists=1, flags=first, **openssl_accepts("openssl takes a partial list for a whole one"))
    seal, issuing, root = three(issuing_usage=usage("key_cert_sign"))
    case("crl-without-crl-sign", seal, [issuing], [root], "trusted", crls=[crl(issuing)], flags=first)
    seal, issuing, root = three(leaf_end=day("2030-05-28"))
    case("expired-and-revoked", seal, [issuing], [root], "revoked", crls=[crl(issuing, (seal, "2030-05-01"))], flags=first)


def stamps():
    stamp = {"leaf_eku": [Eku.TIME_STAMPING], "leaf_eku_critical": True}
    seal, issuing, root = three(**stamp)
    path = (seal, [issuing], [root])
    later = {"made": day("2030-08-01"), "until": day("2030-09-01")}
    flags = ("-purpose", "timestampsign", "-crl_check")
    for title, reason, expect in [
        ("without-a-reason", None, "revoked"),
        ("compromised", "keyCompromise", "revoked"),
        ("superseded", "superseded", "trusted"),
        ("ceased", "cessationOfOperation", "trusted"),
    ]:
        known = "leaf" if expect == "trusted" else "none"
        more = openssl_refuses(LATER_REVOKED) if expect == "trusted" else {}
        made = crl(issuing, (seal, "2030-07-01", reason), **later)
        case(f"stamp-later-{title}", *path, expect, crls=[made], usage="timestamp", revocation=known, flags=flags, **more)


def answers():
    seal, issuing, root = three()
    path = (seal, [issuing], [root])
    listed = crl(issuing)

    def known(title, one, revocation="leaf", expect="trusted", says="", crls=(), **more):
        case(f"ocsp-{title}", *path, expect, says, revocation=revocation if expect == "trusted" else "none", ocsp=[one], crls=crls, flags=("ocsp",), **more)

    known("by-the-issuer", answer(seal, issuing))
    known("by-name", answer(seal, issuing, by_name=True))
    known("sha256", answer(seal, issuing, digest=hashes.SHA256()))
    delegate = responder(issuing)
    known("delegated", answer(seal, issuing, delegate))
    known("delegated-by-name", answer(seal, issuing, delegate, by_name=True))
    unchecked = responder(issuing, no_check=False)
    known("delegated-unchecked", answer(seal, issuing, unchecked), "none")
    known("delegated-checked", answer(seal, issuing, unchecked), crls=[listed])
    gone = crl(issuing, (unchecked, "2030-05-01"))
    known("delegate-revoked", answer(seal, issuing, unchecked), crls=[gone])
    known("delegate-without-purpose", answer(seal, issuing, responder(issuing, eku=SIGNING)), "none")
    known("delegate-expired", answer(seal, issuing, responder(issuing, end=day("2030-05-01"))), "none")
    other = Party(root, common="Synthetic Other CA")
    known("delegate-of-another", answer(seal, issuing, responder(other)), "none")
    fake = Party(common="Synthetic Issuing CA")
    known("delegate-of-a-look-alike", answer(seal, issuing, responder(fake)), "none")
    under = responder(Party(issuing, common="Synthetic Sub CA"))
    known("delegate-one-level-down", answer(seal, issuing, under), "none")
    known("delegate-missing", answer(seal, issuing, delegate, certificates=[]), "none")
    known("signed-by-another", answer(seal, issuing, fake, by_name=True, certificates=[]), "none")
    known("revoked", answer(seal, issuing, status="revoked", when="2030-05-01"), expect="revoked", says="Synthetic Seal")
    late = {"made": day("2030-08-01"), "until": day("2030-08-08")}
    known("revoked-later", answer(seal, issuing, status="revoked", when="2030-07-01", **late))
    known("made-later", answer(seal, issuing, **late))
    known("unknown", answer(seal, issuing, status="unknown"), "none")
    known("another-serial", answer(leaf(issuing), issuing), "none")
    known("another-issuer", answer(leaf(other, serial=seal.cert.serial_number), other), "none")
    known("over", answer(seal, issuing, until=day("2030-05-30")), "none")
    known("open-ended-fresh", answer(seal, issuing, made=day("2030-05-31T12:00:00"), until=None))
    known("open-ended-old", answer(seal, issuing, until=None), "none")
    hold = answer(seal, issuing, status="revoked", when="2030-05-01", reason="certificateHold", made=day("2030-05-10"), until=day("2030-06-10"))
    known("hold-lifted-by-list", hold, crls=[listed])
    known("good-but-listed", answer(seal, issuing), expect="revoked", crls=[crl(issuing, (seal, "2030-05-01"))])
    whole = [answer(seal, issuing), answer(issuing, root)]
    case("ocsp-whole-path", *path, "trusted", revocation="whole", ocsp=whole, flags=("ocsp",))
    gone = [answer(seal, issuing), answer(issuing, root, status="revoked", when="2030-05-01", reason="cACompromise")]
    case("ocsp-authority-revoked", *path, "revoked", "Issuing", ocsp=gone, flags=("ocsp",))


for make in [dates, authorities, leaves, extensions, names, policy, searching, anchors, algorithms, lists, stamps, answers]:
    make()
for old in HERE.glob("*.toml"):
    old.unlink()
for title, text in CASES.items():
    (HERE / f"{title}.toml").write_text(text)
print(len(CASES), "cases")
