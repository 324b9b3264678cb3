"""What `make.py` builds its cases from: certificates, lists and answers of synthetic parties."""

import base64
import datetime as dt
import ipaddress

from asn1crypto import algos, x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from cryptography.x509.oid import NameOID


def day(text):
    form = "%Y-%m-%d" if len(text) == 10 else "%Y-%m-%dT%H:%M:%S"
    return dt.datetime.strptime(text, form).replace(tzinfo=dt.timezone.utc)


AT = "2030-06-01T00:00:00"
CA_START, CA_END = day("2025-01-01"), day("2045-01-01")
LEAF_START, LEAF_END = day("2029-01-01"), day("2036-01-01")
LIST_MADE, LIST_NEXT = day("2030-05-25"), day("2030-06-24")

DOCUMENT = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
SIGNING = [DOCUMENT, Eku.EMAIL_PROTECTION]
POLICY_A, POLICY_B, POLICY_C = "1.3.6.1.4.1.99999.1", "1.3.6.1.4.1.99999.2", "1.3.6.1.4.1.99999.3"
ANY_POLICY = "2.5.29.32.0"


# Names and extensions


def name(common, organization="Synthetic 样例", country="CN", **more):
    attributes = []
    if country:
        attributes.append(x509.NameAttribute(NameOID.COUNTRY_NAME, country))
    if organization:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    if more.get("email"):
        attributes.append(x509.NameAttribute(NameOID.EMAIL_ADDRESS, more["email"]))
    attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, common))
    return x509.Name(attributes)


def usage(*names):
    every = [
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ]
    return x509.KeyUsage(**{one: one in names for one in every})


CA_USAGE = usage("key_cert_sign", "crl_sign")
LEAF_USAGE = usage("digital_signature", "content_commitment")


def san(*names):
    return x509.SubjectAlternativeName(list(names))


def dns(text):
    return x509.DNSName(text)


def email(text):
    return x509.RFC822Name(text)


def uri(text):
    return x509.UniformResourceIdentifier(text)


def address(text):
    network = ipaddress.ip_network(text) if "/" in text else ipaddress.ip_address(text)
    return x509.IPAddress(network)


def directory(*attributes):
    return x509.DirectoryName(x509.Name(list(attributes)))


def organization(text, encoding=None):
    return x509.NameAttribute(NameOID.ORGANIZATION_NAME, text, encoding)


def country(text):
    return x509.NameAttribute(NameOID.COUNTRY_NAME, text)


def raw(oid, der, critical):
    return (x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), der), critical)


def permit(*names):
    return (x509.NameConstraints(list(names), None), True)


def exclude(*names):
    return (x509.NameConstraints(None, list(names)), True)


def policies(*oids, critical=False):
    infos = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids]
    return (x509.CertificatePolicies(infos), critical)


def policy_constraints(explicit=None, mapping=None):
    return (x509.PolicyConstraints(explicit, mapping), True)


def inhibit_any(skip):
    return (x509.InhibitAnyPolicy(skip), True)


def mappings(*pairs):
    value = asn1.PolicyMappings(
        [{"issuer_domain_policy": issuer, "subject_domain_policy": own} for issuer, own in pairs]
    )
    return raw("2.5.29.33", value.dump(), True)


UNKNOWN = "1.3.6.1.4.1.99999.77"


# Certificates


def digest_for(key, wanted=None):
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    return wanted or hashes.SHA256()


class Party:
    """A certificate with its key. `other(...)` is the same party with another certificate."""

    def __init__(self, issuer=None, common="Synthetic CA", ca=True, **change):
        self.key = change.get("key") or ec.generate_private_key(ec.SECP256R1())
        self.subject = change.get("subject") or name(common)
        self.issuer = issuer or self
        signer = change.get("signed_by") or self.issuer
        start = change.get("start") or (CA_START if ca else LEAF_START)
        end = change.get("end") or (CA_END if ca else LEAF_END)
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(change.get("issuer_name") or self.issuer.subject)
            .public_key(self.key.public_key())
            .serial_number(change.get("serial") or x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
        )
        for extension, critical in self.extensions(ca, change):
            builder = builder.add_extension(extension, critical)
        digest = digest_for(signer.key, change.get("digest"))
        self.cert = builder.sign(signer.key, digest, rsa_padding=change.get("rsa_padding"))

    def extensions(self, ca, change):
        if "basic" in change:
            if change["basic"] is not None:
                yield (change["basic"], True)
        else:
            yield (x509.BasicConstraints(ca, change.get("path_len")), True)
        key_usage = change.get("usage", CA_USAGE if ca else LEAF_USAGE)
        if key_usage is not None:
            yield (key_usage, True)
        eku = change.get("eku", None if ca else SIGNING)
        if eku is not None:
            yield (x509.ExtendedKeyUsage(eku), change.get("eku_critical", False))
        if change.get("key_ids", True):
            yield (x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
            issuer_key = (change.get("names_key_of") or self.issuer).key.public_key()
            yield (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), False)
        if change.get("san") is not None:
            yield (change["san"], change.get("san_critical", False))
        yield from change.get("extra", [])

    def other(self, issuer=None, **change):
        change.setdefault("key", self.key)
        change.setdefault("subject", self.subject)
        return Party(issuer, **change)


def leaf(issuer, **change):
    change.setdefault("common", "Synthetic Seal")
    return Party(issuer, ca=False, **change)


def plain(party, signer, keep_extensions=False, version="v1"):
    """The certificate again in an older version, which has no extensions."""
    tbs = to_be_signed(party)
    tbs["version"] = version
    if not keep_extensions:
        del tbs["extensions"]
    return resign(party, tbs, signer)


def to_be_signed(party):
    whole = asn1.Certificate.load(party.cert.public_bytes(serialization.Encoding.DER))
    return whole["tbs_certificate"].copy()


def resign(party, tbs, signer, digest=hashes.SHA256(), algorithm="sha256_ecdsa"):
    tbs["signature"] = algos.SignedDigestAlgorithm({"algorithm": algorithm})
    signature = signer.key.sign(tbs.dump(force=True), ec.ECDSA(digest))
    whole = asn1.Certificate(
        {
            "tbs_certificate": tbs,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": algorithm}),
            "signature_value": signature,
        }
    )
    party.cert = x509.load_der_x509_certificate(whole.dump())
    return party


# Revocation


def crl(issuer, *revoked, made=LIST_MADE, until=LIST_NEXT, key=None, extra=()):
    """`revoked`: (party, when, reason or None, invalid since or None)."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(made)
        .next_update(until)
        .add_extension(x509.CRLNumber(7), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False)
    )
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical)
    for party, when, *more in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(party.cert.serial_number)
        entry = entry.revocation_date(day(when))
        reason, since, *unknown = [*more, None, None]
        if reason:
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), False)
        if since:
            entry = entry.add_extension(x509.InvalidityDate(day(since)), False)
        if unknown and unknown[0]:
            entry = entry.add_extension(*unknown[0])
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key or issuer.key, digest_for(key or issuer.key))


def answer(
    subject,
    issuer,
    by=None,
    status="good",
    made=LIST_MADE,
    until=LIST_NEXT,
    when=None,
    reason=None,
    certificates=None,
    by_name=False,
    digest=None,
):
    by = by or issuer
    response = ocsp.OCSPResponseBuilder().add_response(
        cert=subject.cert,
        issuer=issuer.cert,
        algorithm=digest or hashes.SHA1(),
        cert_status=ocsp.OCSPCertStatus[status.upper()],
        this_update=made,
        next_update=until,
        revocation_time=day(when) if when else None,
        revocation_reason=x509.ReasonFlags(reason) if reason else None,
    )
    encoding = ocsp.OCSPResponderEncoding.NAME if by_name else ocsp.OCSPResponderEncoding.HASH
    response = response.responder_id(encoding, by.cert)
    if certificates is None:
        certificates = [] if by is issuer else [by]
    if certificates:
        response = response.certificates([one.cert for one in certificates])
    return response.sign(by.key, digest_for(by.key))


def responder(issuer, no_check=True, **change):
    extra = [(x509.OCSPNoCheck(), False)] if no_check else []
    change.setdefault("eku", [Eku.OCSP_SIGNING])
    change.setdefault("usage", usage("digital_signature"))
    return leaf(issuer, common="Synthetic Responder", extra=extra, **change)


# Cases


CASES = {}
NOT_ASKED = "not asked"
# certvalidator knows no purposes, and wants lists only where a certificate says where they are.
UNASKED = ("usage-", "purpose-", "ca-purpose-", "token-", "stamp", "responder", "crl-", "point-", "ocsp-")
PEM = serialization.Encoding.PEM


def case(
    title,
    leaf,
    untrusted,
    roots,
    expect,
    says="",
    at=AT,
    usage="document",
    revocation="none",
    crls=(),
    ocsp=(),
    openssl=None,
    flags=("-x509_strict",),
    certvalidator=None,
    differs="",
    refused_lists=0,
):
    """One case. `openssl` and `certvalidator`: whether they accept; by default as we do. certvalidator
    is not asked where that is said.

    Where lists are given, openssl is told to insist on them, as `--require-revocation` does.
    """
    assert title not in CASES, title
    accepted = expect == "trusted"
    insists = any("crl_check" in flag or flag == "ocsp" for flag in flags)
    covered = accepted and not (insists and revocation == "none")
    openssl = covered if openssl is None else openssl
    if certvalidator is None:
        certvalidator = NOT_ASKED if title.startswith(UNASKED) else accepted
    differ = openssl != covered or certvalidator not in (accepted, NOT_ASKED)
    assert bool(differs) == differ, f"{title}: a difference wants a reason, and only a difference"
    text = lambda value: '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    pem = lambda parties: "".join(one.cert.public_bytes(PEM).decode() for one in parties)
    lines = [f"expect = {text(expect)}"]
    if says:
        lines.append(f"says = {text(says)}")
    lines += [f"at = {text(at + 'Z')}", f"usage = {text(usage)}", f"revocation = {text(revocation)}"]
    if refused_lists:
        lines.append(f"refused_lists = {refused_lists}")
    if differs:
        lines.append(f"differs = {text(differs)}")
    if certvalidator != NOT_ASKED:
        lines.append(f"certvalidator = {str(certvalidator).lower()}")
    lines += [f"leaf = '''\n{pem([leaf])}'''", f"untrusted = '''\n{pem(untrusted)}'''"]
    lines.append(f"roots = '''\n{pem(roots)}'''")
    lists = "".join(one.public_bytes(PEM).decode() for one in crls)
    lines.append(f"crls = '''\n{lists}'''")
    answers = [base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode() for one in ocsp]
    lines.append("ocsp = [" + ", ".join(text(one) for one in answers) + "]")
    lines += ["", "[openssl]", f"accepts = {str(openssl).lower()}"]
    lines.append("flags = [" + ", ".join(text(flag) for flag in flags) + "]")
    CASES[title] = "\n".join(lines) + "\n"


def three(**change):
    """Root, issuing CA and leaf; `leaf_…`, `issuing_…`, `root_…` change one of them."""
    part = lambda who: {key[len(who) + 1 :]: value for key, value in change.items() if key.startswith(who + "_")}
    root = Party(common="Synthetic Root", **part("root"))
    issuing = Party(root, common="Synthetic Issuing CA", **part("issuing"))
    return leaf(issuing, **part("leaf")), issuing, root


def simple(title, expect, says="", made=None, **more):
    seal, issuing, root = three(**(made or {}))
    case(title, seal, [issuing], [root], expect, says, **more)


LAX = ()


# The reasons for differences


NO_WAY_BACK = "openssl stays with the first issuer that fits; we try the next one"
LATER = "openssl takes a list for a time before it was made as not valid yet; we take it as knowing more"
LATER_REVOKED = "openssl does not take lists made later, and counts a revocation whatever its date"
BARE_ANCHOR = "certvalidator takes nothing from an anchor but its name and key; we judge it whole"
TOLERANT = "certvalidator tolerates a second of difference"
NO_ADDRESSES = "certvalidator does not compare addresses"
NO_DATES = "openssl ocsp looks at the dates of an answer by its own clock"
ONE_ANSWER = "openssl ocsp sees one answer and no lists"
UNCHECKED = "openssl ocsp does not ask whether the responder was revoked"
NO_PURPOSE = "openssl verify does not know this purpose"


def certvalidator_accepts(why):
    return {"certvalidator": True, "differs": why}


def certvalidator_refuses(why):
    return {"certvalidator": False, "differs": why}


def openssl_accepts(why):
    return {"openssl": True, "differs": why}


def openssl_refuses(why):
    return {"openssl": False, "differs": why}
