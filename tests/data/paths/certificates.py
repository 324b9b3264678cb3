"""Cases about dates, authority, purposes, unknown extensions and algorithms."""

from parts import *


def dates():
    simple("good", "trusted")
    root = Party(common="Synthetic Root")
    case("good-under-the-root", leaf(root), [], [root], "trusted")
    simple("leaf-expired", "expired", "Synthetic Seal", {"leaf_end": day("2030-05-01")})
    simple("leaf-not-yet-valid", "not yet valid", "Synthetic Seal", {"leaf_start": day("2030-07-01")})
    simple("ca-expired", "expired", "Issuing", {"issuing_end": day("2030-05-01")})
    simple("ca-not-yet-valid", "not yet valid", "Issuing", {"issuing_start": day("2030-07-01")})
    simple("anchor-expired", "expired", "Root", {"root_end": day("2030-05-01")}, **certvalidator_accepts(BARE_ANCHOR))
    simple(
        "last-second",
        "trusted",
        made={"leaf_end": day(AT)},
        **openssl_refuses("openssl takes the last second as over; RFC 5280, 4.1.2.5 includes it"),
    )
    simple(
        "second-after-the-last",
        "expired",
        made={"leaf_end": day("2030-05-31T23:59:59")},
        **certvalidator_accepts(TOLERANT),
    )
    simple("first-second", "trusted", made={"leaf_start": day(AT)})
    simple(
        "second-before-the-first",
        "not yet valid",
        made={"leaf_start": day("2030-06-01T00:00:01")},
        **certvalidator_accepts(TOLERANT),
    )
    simple("valid-at-a-proven-time", "trusted", made={"leaf_end": day("2030-05-01")}, at="2030-04-01T00:00:00")


def authorities():
    no_ca = x509.BasicConstraints(False, None)
    simple("ca-false", "rule", "without being an authority", {"issuing_basic": no_ca})
    simple("ca-without-basic-constraints", "rule", "without being an authority", {"issuing_basic": None})
    simple("ca-without-cert-sign", "rule", "signing certificates", {"issuing_usage": usage("crl_sign")})
    simple("ca-without-key-usage", "trusted", made={"issuing_usage": None}, flags=LAX)
    simple("path-length-kept", "trusted", made={"issuing_path_len": 0, "root_path_len": 1})
    simple(
        "path-length-of-the-anchor", "rule", "path length", {"root_path_len": 0}, **certvalidator_accepts(BARE_ANCHOR)
    )
    root = Party(common="Synthetic Root")
    outer = Party(root, common="Synthetic Outer CA", path_len=0)
    inner = Party(outer, common="Synthetic Inner CA")
    case("path-length-exceeded", leaf(inner), [inner, outer], [root], "rule", "path length")
    renewed = Party(outer, subject=outer.subject, names_key_of=outer)
    case("path-length-self-issued", leaf(renewed), [renewed, outer], [root], "trusted")
    old = plain(Party(root, common="Synthetic Old CA"), root)
    case("ca-version-1", leaf(old), [old], [root], "rule", "without being an authority", flags=LAX)
    claims = plain(Party(root, common="Synthetic Old CA"), root, keep_extensions=True)
    case(
        "ca-version-1-with-extensions",
        leaf(claims),
        [claims],
        [root],
        "rule",
        "version",
        **certvalidator_accepts("certvalidator does not ask for the version"),
    )
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
    simple(
        "usage-of-an-authority",
        "rule",
        "may not sign documents",
        {"leaf_basic": x509.BasicConstraints(True, None), "leaf_usage": usage("digital_signature", "key_cert_sign")},
        **openssl_accepts("openssl lets an authority sign anything; here it signs certificates and lists alone"),
    )
    stamping, stamp = [Eku.TIME_STAMPING], ("-purpose", "timestampsign")
    simple("stamp", "trusted", made={"leaf_eku": stamping, "leaf_eku_critical": True}, usage="timestamp", flags=stamp)
    simple("stamp-not-critical", "rule", "critical", {"leaf_eku": stamping}, usage="timestamp", flags=stamp)
    both = {"leaf_eku": stamping + [Eku.EMAIL_PROTECTION], "leaf_eku_critical": True}
    simple("stamp-and-email", "rule", "time stamps", both, usage="timestamp", flags=stamp)
    simple("stamp-purpose-absent", "rule", "time stamps", {"leaf_eku": None}, usage="timestamp", flags=stamp)
    simple("stamp-by-a-seal", "rule", "time stamps", usage="timestamp", flags=stamp)
    only = {"leaf_eku": stamping, "leaf_eku_critical": True}
    simple("purpose-stamp", "rule", "extended key usage", only, flags=("-purpose", "smimesign"))
    simple(
        "stamp-under-document-ca",
        "rule",
        "extended key usage",
        {**only, "issuing_eku": [DOCUMENT]},
        usage="timestamp",
        flags=stamp,
        **openssl_accepts("openssl does not look at the purposes of authorities for time stamps"),
    )
    simple("responder", "trusted", made={"leaf_eku": [Eku.OCSP_SIGNING]}, usage="responder")
    simple(
        "responder-without-purpose",
        "rule",
        "OCSP",
        {"leaf_eku": None},
        usage="responder",
        **openssl_accepts(NO_PURPOSE),
    )
    simple("responder-is-a-seal", "rule", "OCSP", usage="responder", **openssl_accepts(NO_PURPOSE))


def extensions():
    unknown = [raw(UNKNOWN, b"\x05\x00", True)]
    for who in ("leaf", "issuing", "root"):
        more = certvalidator_accepts(BARE_ANCHOR) if who == "root" else {}
        simple(f"unknown-critical-{who}", "rule", "critical extension", {f"{who}_extra": unknown}, **more)
    simple("unknown-not-critical", "trusted", made={"leaf_extra": [raw(UNKNOWN, b"\x05\x00", False)]})
    twice = leaf_with_an_extension_twice()
    case(
        "extension-twice",
        *twice,
        "unreadable",
        **certvalidator_accepts("certvalidator takes one of the two; RFC 5280, 4.2 forbids it"),
    )


def leaf_with_an_extension_twice():
    seal, issuing, root = three()
    tbs = to_be_signed(seal)
    tbs["extensions"].append(tbs["extensions"][2])
    return resign(seal, tbs, issuing), [issuing], [root]


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
