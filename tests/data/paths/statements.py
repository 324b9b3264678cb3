"""Cases about lists and OCSP answers."""

from parts import *


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
    case(
        "crl-authority-revoked",
        *path,
        "revoked",
        "Issuing",
        crls=[crl(root, (issuing, "2030-05-01")), below],
        flags=every,
    )
    case(
        "crl-revoked-that-second",
        *path,
        "revoked",
        crls=[crl(issuing, (seal, AT), until=day("2030-06-24"))],
        flags=first,
    )
    later = {"made": day("2030-08-01"), "until": day("2030-09-01")}
    case(
        "crl-revoked-later",
        *path,
        "trusted",
        revocation="leaf",
        crls=[crl(issuing, (seal, "2030-07-01"), **later)],
        flags=first,
        **openssl_refuses(LATER_REVOKED),
    )
    case(
        "crl-made-later",
        *path,
        "trusted",
        revocation="leaf",
        crls=[crl(issuing, **later)],
        flags=first,
        **openssl_refuses(LATER),
    )
    stolen = crl(issuing, (seal, "2030-07-01", "keyCompromise", "2030-05-20"), **later)
    case("crl-compromised-before", *path, "revoked", "2030-05-20", crls=[stolen], flags=first)
    stolen = crl(issuing, (seal, "2030-07-01", "keyCompromise", "2030-06-20"), **later)
    case(
        "crl-compromised-later",
        *path,
        "trusted",
        revocation="leaf",
        crls=[stolen],
        flags=first,
        **openssl_refuses(LATER_REVOKED),
    )
    stolen = crl(issuing, (seal, "2030-07-01", "keyCompromise"), **later)
    case(
        "crl-compromised-without-a-date",
        *path,
        "trusted",
        revocation="leaf",
        crls=[stolen],
        flags=first,
        **openssl_refuses(LATER_REVOKED),
    )
    old = crl(issuing, made=day("2030-04-01"), until=day("2030-05-01"))
    case("crl-expired", *path, "trusted", crls=[old], flags=first)
    old = crl(issuing, (seal, "2030-03-01"), made=day("2030-04-01"), until=day("2030-05-01"))
    case("crl-expired-but-named", *path, "revoked", crls=[old], flags=first)
    old = crl(issuing, (seal, "2035-01-01"), made=day("2030-04-01"), until=day("2031-04-01"))
    case("crl-revoked-ahead-and-too-old", *path, "trusted", crls=[old], flags=first)
    old = crl(issuing, made=day("2030-04-01"), until=day("2031-04-01"))
    case(
        "crl-too-old",
        *path,
        "trusted",
        crls=[old],
        flags=first,
        **openssl_accepts("openssl asks for the next update alone; a list older than 40 days says nothing here"),
    )
    days = [day(f"2030-05-{number:02}") for number in range(1, 31)]
    daily = [crl(issuing, made=one, until=one + dt.timedelta(days=33)) for one in days]
    case("crl-of-every-day", *path, "trusted", revocation="leaf", crls=daily, flags=first)
    past = crl(issuing, made=day("2036-02-01"), until=day("2036-03-01"))
    case("crl-made-after-the-leaf-ended", *path, "trusted", crls=[past], flags=first)
    hold = crl(issuing, (seal, "2030-05-01", "certificateHold"))
    case("crl-on-hold", *path, "revoked", crls=[hold], flags=first)
    hold = crl(issuing, (seal, "2030-05-01", "certificateHold"), made=day("2030-05-10"), until=day("2030-06-10"))
    case("crl-hold-lifted", *path, "trusted", revocation="leaf", crls=[hold, below], flags=first)
    case("crl-on-hold-then", *path, "revoked", at="2030-05-15T00:00:00", crls=[hold, below], flags=first)
    once = crl(issuing, (seal, "2030-05-01", "superseded"), made=day("2030-05-10"), until=day("2030-06-10"))
    case(
        "crl-named-once",
        *path,
        "revoked",
        crls=[below, once],
        flags=first,
        **openssl_accepts("openssl asks the newest list alone; a revocation is final, whichever list says it"),
    )
    fake = Party(common="Synthetic Issuing CA")
    case("crl-of-a-look-alike", *path, "trusted", crls=[crl(fake, (seal, "2030-05-01"))], flags=first)
    case("crl-signed-by-another", *path, "trusted", crls=[crl(issuing, key=fake.key)], flags=first)
    stranger = leaf(fake, serial=seal.cert.serial_number)
    case(
        "crl-same-serial-of-another-issuer",
        *path,
        "trusted",
        revocation="whole",
        crls=[below, crl(root, (stranger, "2030-05-01"))],
        flags=first,
    )
    point = [x509.UniformResourceIdentifier("https://crl.example.org/part.crl")]
    some = frozenset([x509.ReasonFlags.key_compromise])
    partial = x509.IssuingDistributionPoint(point, None, False, False, some, False, False)
    case("crl-partial", *path, "trusted", crls=[crl(issuing, extra=[(partial, True)])], refused_lists=1, flags=first)
    indirect = x509.IssuingDistributionPoint(point, None, False, False, None, True, False)
    case("crl-indirect", *path, "trusted", crls=[crl(issuing, extra=[(indirect, True)])], refused_lists=1, flags=first)
    delta = [(x509.DeltaCRLIndicator(3), True)]
    case(
        "crl-delta",
        *path,
        "trusted",
        crls=[crl(issuing, extra=delta)],
        refused_lists=1,
        flags=first,
        **openssl_accepts("openssl takes a partial list for a whole one"),
    )
    seal, issuing, root = three(issuing_usage=usage("key_cert_sign"))
    case("crl-without-crl-sign", seal, [issuing], [root], "trusted", crls=[crl(issuing)], flags=first)
    seal, issuing, root = three(leaf_end=day("2030-05-28"))
    case(
        "crl-revoked-and-expired",
        seal,
        [issuing],
        [root],
        "revoked",
        crls=[crl(issuing, (seal, "2030-05-01"))],
        flags=first,
    )


def points():
    """Lists that are about some certificates of their issuer."""
    here, there = "http://crl.example.org/1.crl", "http://crl.example.org/2.crl"
    full = lambda *uris: [x509.UniformResourceIdentifier(one) for one in uris]
    at = lambda *uris: x509.DistributionPoint(full(*uris), None, None, None)
    some = x509.DistributionPoint(full(here), None, frozenset([x509.ReasonFlags.key_compromise]), None)

    def about(uris=None, users=False, authorities=False, issuer=None):
        names = [x509.DirectoryName(issuer.subject)] if issuer else full(*uris) if uris else None
        return [(x509.IssuingDistributionPoint(names, None, users, authorities, None, False, False), True)]

    def said(title, points, scope, revocation, revoked=(), expect="trusted", who="leaf", **more):
        extra = [(x509.CRLDistributionPoints(points), False)] if points else []
        seal, issuing, root = three(**{f"{who}_extra": extra})
        subject = seal if who == "leaf" else issuing
        entries = [(subject, "2030-05-01")] if revoked else []
        signer = issuing if who == "leaf" else root
        lists = [crl(signer, *entries, extra=about(**scope(issuing)))]
        flags = ("-extended_crl", "-crl_check")
        if who == "issuing":
            lists.append(crl(issuing))
            flags = LAX
        case(f"point-{title}", seal, [issuing], [root], expect, revocation=revocation, crls=lists, flags=flags, **more)

    said("same", [at(here)], lambda ca: {"uris": [here]}, "leaf")
    said("one-of-several", [at("http://a.example.org/", here)], lambda ca: {"uris": [there, here]}, "leaf")
    said("second-point", [at("http://a.example.org/"), at(here)], lambda ca: {"uris": [here]}, "leaf")
    said("another", [at(there)], lambda ca: {"uris": [here]}, "none")
    said("without", None, lambda ca: {"uris": [here]}, "none")
    said(
        "without-by-name",
        None,
        lambda ca: {"issuer": ca},
        "leaf",
        **openssl_refuses("openssl does not take the issuer's name for a place; RFC 5280, 6.3.3 does at its end"),
    )
    said("some-reasons", [some], lambda ca: {"uris": [here]}, "none")
    said("users", None, lambda ca: {"users": True}, "leaf")
    said("authorities-for-a-user", None, lambda ca: {"authorities": True}, "none")
    said("authorities", None, lambda ca: {"authorities": True}, "whole", who="issuing")
    said("users-for-an-authority", None, lambda ca: {"users": True}, "leaf", who="issuing")
    said("same-revoked", [at(here)], lambda ca: {"uris": [here]}, "none", True, "revoked")
    said(
        "another-revoked",
        [at(there)],
        lambda ca: {"uris": [here]},
        "none",
        True,
        "revoked",
    )


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
        case(
            f"stamp-later-{title}", *path, expect, crls=[made], usage="timestamp", revocation=known, flags=flags, **more
        )


def answers():
    seal, issuing, root = three()
    path = (seal, [issuing], [root])
    listed = crl(issuing)

    def known(title, one, revocation="leaf", expect="trusted", says="", crls=(), flags=(), **more):
        revocation = revocation if expect == "trusted" else "none"
        flags = ("ocsp", *flags)
        case(f"ocsp-{title}", *path, expect, says, revocation=revocation, ocsp=[one], crls=crls, flags=flags, **more)

    known("by-the-issuer", answer(seal, issuing))
    known("by-name", answer(seal, issuing, by_name=True))
    known("sha256", answer(seal, issuing, digest=hashes.SHA256()), flags=("-sha256",))
    delegate = responder(issuing)
    known("delegated", answer(seal, issuing, delegate))
    known("delegated-by-name", answer(seal, issuing, delegate, by_name=True))
    unchecked = responder(issuing, no_check=False)
    known("delegated-unchecked", answer(seal, issuing, unchecked), "none", **openssl_accepts(UNCHECKED))
    # Lists that speak for the time of the answer, and not for the instant that is asked for.
    then = crl(issuing, made=day("2030-05-20"), until=day("2030-05-28"))
    known("delegated-checked", answer(seal, issuing, unchecked), crls=[then])
    gone = crl(issuing, (delegate, "2030-05-26"), made=day("2030-05-27"), until=day("2030-05-28"))
    known("delegate-revoked", answer(seal, issuing, delegate), "none", crls=[gone], **openssl_accepts(UNCHECKED))
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
    known(
        "revoked", answer(seal, issuing, status="revoked", when="2030-05-01"), expect="revoked", says="Synthetic Seal"
    )
    late = {"made": day("2030-08-01"), "until": day("2030-08-08")}
    known(
        "revoked-later",
        answer(seal, issuing, status="revoked", when="2030-07-01", **late),
        **openssl_refuses(LATER_REVOKED),
    )
    known("made-later", answer(seal, issuing, **late))
    known("unknown", answer(seal, issuing, status="unknown"), "none")
    known("another-serial", answer(leaf(issuing), issuing), "none")
    known("another-issuer", answer(leaf(other, serial=seal.cert.serial_number), other), "none")
    known("over", answer(seal, issuing, until=day("2030-05-30")), "none", **openssl_accepts(NO_DATES))
    known("open-ended-fresh", answer(seal, issuing, made=day("2030-05-31T12:00:00"), until=None))
    known("open-ended-old", answer(seal, issuing, until=None), "none", **openssl_accepts(NO_DATES))
    hold = answer(
        seal,
        issuing,
        status="revoked",
        when="2030-05-01",
        reason="certificateHold",
        made=day("2030-05-10"),
        until=day("2030-06-10"),
    )
    known("hold-lifted-by-list", hold, crls=[listed], **openssl_refuses(ONE_ANSWER))
    known(
        "good-but-listed",
        answer(seal, issuing),
        expect="revoked",
        crls=[crl(issuing, (seal, "2030-05-01"))],
        **openssl_accepts(ONE_ANSWER),
    )
    whole = [answer(seal, issuing), answer(issuing, root)]
    case("ocsp-whole-path", *path, "trusted", revocation="whole", ocsp=whole, flags=("ocsp",))
    gone = [answer(seal, issuing), answer(issuing, root, status="revoked", when="2030-05-01", reason="cACompromise")]
    case(
        "ocsp-authority-revoked", *path, "revoked", "Issuing", ocsp=gone, flags=("ocsp",), **openssl_accepts(ONE_ANSWER)
    )
