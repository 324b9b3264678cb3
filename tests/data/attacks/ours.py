"""Attacks on a licence of our own, as the demo office seals it, and on its credential."""
import base64
import hashlib
import hmac
import json
import subprocess
import tempfile
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import kit
from cases import (
    BROKEN, CHANGED, HERE, INVALID, OURS, REFUSED, attack, control, hole, last_object, range_of, replaced, with_hole,
    with_key, with_range,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from pyhanko.pdf_utils.reader import PdfFileReader

REPOSITORY = HERE.parents[2]
KEYS = REPOSITORY / "keys-example"


class Office:
    """The demo office: its keys are published, so what a faithless office could seal can be made too."""

    def __init__(self, folder):
        binary = REPOSITORY / "target/debug/yinzheng"
        if not binary.exists():
            raise SystemExit("run `cargo build` first: the demo office makes the sealed licence")
        subprocess.run([binary, "demo", "--no-serve", "--dir", folder], check=True, capture_output=True)
        self.folder, samples = Path(folder), Path(folder, "samples")
        self.sealed = (samples / "residence-permit.pdf").read_bytes()
        self.credential = (samples / "valid.sd-jwt").read_bytes()
        self.stranger = (samples / "unknown-issuer.pdf").read_bytes()
        self.at = (datetime.now(tz=kit.UTC) + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for source, target in [("root.pem", "office-root.pem"), ("status.jwt", "office-status.jwt"),
                               ("issuing.crl", "office-issuing.crl"), ("root.crl", "office-root.crl")]:
            (HERE / target).write_bytes((samples / source).read_bytes())
        self.root, self.issuing = self.entity("root"), self.entity("issuing")

    def entity(self, name):
        chain = {"root": [], "issuing": ["root"]}.get(name, ["issuing", "root"])
        key = (KEYS / f"{name}.key.pem").read_bytes()
        certificate = x509.load_pem_x509_certificate((self.folder / "certs" / f"{name}.pem").read_bytes())
        key = serialization.load_pem_private_key(key, None)
        return kit.Entity(certificate, key, [self.entity(one) for one in chain])

    def options(self, **more):
        found = {"source": OURS, "at": self.at, "trust": "office-root.pem", "status": "office-status.jwt",
                 "crl": ["office-issuing.crl", "office-root.crl"]}
        return found | more


def numbers(pdf):
    """The objects that attacks go for."""
    root = PdfFileReader(BytesIO(pdf)).root
    page = root["/Pages"]["/Kids"][0]
    field = root["/AcroForm"]["/Fields"][0]
    return {
        "catalog": 1, "pages": root.raw_get("/Pages").idnum, "page": root["/Pages"]["/Kids"].raw_get(0).idnum,
        "content": page.raw_get("/Contents").idnum, "font": page["/Resources"]["/Font"].raw_get("/F0").idnum,
        "field": root["/AcroForm"]["/Fields"].raw_get(0).idnum, "signature": field.raw_get("/V").idnum,
        "metadata": root.raw_get("/Metadata").idnum, "file": root["/AF"].raw_get(0).idnum,
        "attachment": root["/AF"][0]["/EF"].raw_get("/F").idnum,
        "info": PdfFileReader(BytesIO(pdf)).trailer.raw_get("/Info").idnum,
    }


def sealing(office):
    """The bytes of the file and its message."""
    pdf, options = office.sealed, office.options()
    control("ok-ours", pdf, "our licence", "A licence as the demo office seals it.", **options)
    control("ok-ours-capitals", with_hole(pdf, hole(pdf).upper()), "our licence", "The message in capital digits.", **options)
    _, _, (_, head, tail, length) = range_of(pdf)
    for name, text in [
        ("null", b" null"), ("empty", b"[]"), ("short", b"[0 %d]" % head), ("negative", b"[0 %d -%d %d]" % (head, tail, length)),
        ("past", b"[0 %d %d %d]" % (head, tail, length + 99)), ("first", b"[0 %d %d 0]" % (head, tail)),
    ]:
        attack(f"ours-range-{name}", with_range(pdf, text), "our licence", f"The byte range is {text.decode().strip()}.",
               **options)
    digits = hole(pdf)
    attack("ours-hole-zero", with_hole(pdf, b"<" + b"0" * (len(digits) - 2) + b">"), "our licence", "The message is zeros.",
           **options)
    attack("ours-hole-padding", with_hole(pdf, digits[:-2] + b"1>"), "our licence", "The padding ends with a one.", **options)
    attack("ours-byte", replaced(pdf, b"<yz:version>00", b"<yz:version>90"), "our licence", "The version is another.",
           allowed=["altered"], **options)
    attack("ours-stranger", office.stranger, "our licence", "An office of the same name and other keys.",
           allowed=["unknown_issuer"], **office.options())
    attack("ours-prefix", b"\n" + pdf, "our licence", "A line before the header.", allowed=BROKEN, **options)
    attack("ours-suffix", pdf + b"\n", "our licence", "A line behind the end.", allowed=BROKEN, **options)


def saving(office):
    """Updates behind the seal."""
    family, pdf, options = "our licence", office.sealed, office.options()
    at, new = numbers(pdf), kit.size_of(pdf)
    body = {name: last_object(pdf, number) for name, number in at.items()}
    fake = kit.stream(b"BT /F0 12 Tf 60 700 Td (9999) Tj ET")

    def add(name, objects, about, allowed=CHANGED, **more):
        attack(f"ours-isa-{name}", kit.update(pdf, objects, trailer=b"/Info %d 0 R" % at["info"], **more), family, about,
               allowed=allowed, **options)

    add("content", {at["content"]: fake}, "The content is replaced.")
    add("freed", {}, "The content is freed.", free=[at["content"]])
    add("page", {at["page"]: body["page"].replace(b"/Contents %d 0 R" % at["content"], b"/Contents %d 0 R" % new), new: fake},
        "The page shows another content.")
    add("pages", {at["pages"]: b"<</Type/Pages/Kids[]/Count 0>>"}, "The page is removed.")
    add("catalog", {1: b"<</Type/Catalog/Pages %d 0 R>>" % at["pages"]}, "A new catalog without form and metadata.")
    add("font", {at["font"]: kit.HELVETICA}, "The font is another.")
    add("field", {at["field"]: body["field"].replace(b"/V %d 0 R" % at["signature"], b"")}, "The field lost the seal.")
    add("field-freed", {}, "The field is freed.", free=[at["field"]])
    add("seal", {at["signature"]: b"null"}, "The seal is freed.")
    add("info", {at["info"]: b"<</Title(Another title)>>"}, "The title is another.")
    add("metadata", {at["metadata"]: kit.stream(b"<x/>", b"/Type/Metadata/Subtype/XML")}, "The metadata are others.")
    add("attachment", {at["attachment"]: kit.stream(b"other", b"/Type/EmbeddedFile")}, "The attached credential is another.")
    add("script", {1: with_key(body["catalog"], b"/OpenAction<</S/JavaScript/JS(1)>>")}, "A script runs on opening.")
    add("layers", {1: with_key(body["catalog"], b"/OCProperties<</OCGs[%d 0 R]/D<</OFF[%d 0 R]>>>>" % (new, new)),
                   new: b"<</Type/OCG/Name(a)>>"}, "A layer is added and switched off.")
    add("annotation", {at["page"]: body["page"].replace(b"/Annots[", b"/Annots[%d 0 R " % new),
                       new: b"<</Type/Annot/Subtype/FreeText/Rect[0 0 595 842]/Contents(x)/DA(/F0 9 Tf)>>"},
        "A text covers the page.")
    add("none", {}, "An update without any object.", BROKEN)
    attack("ours-isa-stream", kit.stream_update(pdf, {}, packed={at["font"]: kit.HELVETICA}, trailer=b"/Info %d 0 R" % at["info"]),
           family, "The font is replaced from an object stream.", **options)
    attack("ours-isa-no-table", pdf + b"%d 0 obj\n" % at["content"] + fake + b"\nendobj\n", family,
           "A new content without a table.", allowed=BROKEN, **options)


def keys(office):
    """Seals by keys that may not, as a faithless part of the office could make them."""
    family, pdf, options = "entitlement", office.sealed, office.options()

    def sealed_by(name, pdf=pdf, **more):
        return kit.fill(blank(pdf), lambda digest: kit.cms(office.entity(name), digest, **more))

    control("ok-ours-resealed", sealed_by("police-seal"), family, "The same department's seal, made by hand.", **options)
    for name, about in [
        ("police-credential", "The department's key for credentials seals."),
        ("market-seal", "Another department seals."), ("status", "The key of the status lists seals."),
        ("issuing", "The issuing CA seals."),
    ]:
        attack(f"ours-key-{name}", sealed_by(name), family, about, allowed=INVALID, **options)
    for name, old, new, about in [
        ("p2", b"/TransformParams/P 1", b"/TransformParams/P 2", "The certification permits forms."),
        ("perms", b"/Perms<<", b"/Parms<<", "The catalog does not name the certification."),
        ("filter", b"/ETSI.CAdES.detached", b"/adbe.pkcs7.detached", "The sub-filter is of the older kind."),
    ]:
        attack(f"ours-resealed-{name}", sealed_by("police-seal", replaced(pdf, old, new)), family,
               f"Sealed by the right key in a form that is not ours. {about}", allowed=INVALID, **options)
    swapped = replaced(pdf, b"<yz:version>00", b"<yz:version>90")
    attack("ours-resealed-version", sealed_by("police-seal", swapped), family,
           "Sealed by the right key; metadata and credential name different versions.", allowed=INVALID, **options)
    seal = office.entity("police-seal")
    (HERE / "office-revoking.crl").write_bytes(kit.crl(
        office.issuing, [(seal, office.at[:10])], at=office.at[:10], until="2036-01-01", number=1 << 40))
    attack("ours-revoked", pdf, family, "The seal's certificate was revoked on the day of the seal.", allowed=INVALID,
           **office.options(crl=["office-revoking.crl", "office-root.crl"]))
    attack("ours-no-lists", pdf, family, "No revocation data, and it is required.", allowed=["not_enough_evidence"],
           require_revocation=True, **office.options(crl=[]))
    control("ok-ours-lists", pdf, family, "The lists are at hand, and required.", require_revocation=True, **options)
    control("ok-ours-no-status", pdf, family, "No status list is at hand: genuine, standing unknown.",
            **office.options(status=None, ), allowed=["status_unknown"])


def blank(pdf):
    """The file as it was before it was sealed: the byte range and the hole are empty again."""
    start, end, _ = range_of(pdf)
    if end - start < len(kit.RANGE):
        raise ValueError("the range has no room")
    pdf = pdf[:start] + kit.RANGE + b" " * (end - start - len(kit.RANGE)) + pdf[end:]
    head, tail = kit.spans(pdf)
    return pdf[:head] + b"<" + b"0" * (tail - head - 2) + b">" + pdf[tail:]


# --- credential ------------------------------------------------------------------------------

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def unb64(text):
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def credentials(office):
    family, options = "credential", office.options()
    whole = office.credential.strip()
    token, *disclosures = whole.split(b"~")[:-1]
    header, payload, signature = token.split(b".")
    head, claims = json.loads(unb64(header)), json.loads(unb64(payload))
    signer = office.entity("market-credential")

    def signed(head=head, claims=claims, key=signer.key, text=None, disclosures=disclosures):
        body = text or (b64(json.dumps(head).encode()) + b"." + b64(json.dumps(claims).encode()))
        r, s = decode_dss_signature(key.sign(body, ec.ECDSA(hashes.SHA256())))
        return b"~".join([body + b"." + b64(r.to_bytes(32, "big") + s.to_bytes(32, "big")), *disclosures, b""])

    def add(name, text, about, allowed=INVALID):
        attack(f"credential-{name}.sd-jwt", text, family, about, allowed=allowed, **options)

    def joined(token, disclosures=disclosures):
        return b"~".join([token, *disclosures, b""])

    control("ok-credential.sd-jwt", whole, family, "The credential as it was issued.", **options)
    control("ok-credential-resigned.sd-jwt", signed(), family, "Signed anew by hand with the same key.", **options)
    control("ok-credential-fewer.sd-jwt", signed(disclosures=disclosures[1:]), family, "One claim is withheld.", **options)
    none = b64(json.dumps(head | {"alg": "none"}).encode()) + b"." + payload
    add("none", joined(none + b"."), "alg none and no signature.")
    add("none-signed", joined(none + b"." + signature), "alg none and the old signature.")
    mac = b64(json.dumps(head | {"alg": "HS256"}).encode()) + b"." + payload
    tag = hmac.new(signer.cert.public_bytes(serialization.Encoding.PEM), mac, hashlib.sha256).digest()
    add("hmac", joined(mac + b"." + b64(tag)), "HMAC with the public key as its secret.")
    add("signature-zero", joined(header + b"." + payload + b"." + b64(bytes(64))), "A signature of zeros.")
    own = kit.new_key()
    numbers = own.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "x": b64(numbers.x.to_bytes(32, "big")).decode(), "y": b64(numbers.y.to_bytes(32, "big")).decode()}
    add("jwk", signed(head | {"jwk": jwk}, key=own), "The key is in the header.")
    add("kid", signed(head | {"kid": "1"}), "A key identifier beside x5c.")
    add("crit", signed(head | {"crit": ["x"], "x": 1}), "An unknown critical header.")
    add("typ", signed(head | {"typ": "jwt"}), "Another type.")
    add("b64", signed(head | {"b64": False, "crit": ["b64"]}), "An unencoded payload is announced.")
    seal = office.entity("market-seal")
    chain = [base64.b64encode(seal.der).decode(), base64.b64encode(office.issuing.der).decode()]
    add("x5c-seal", signed(head | {"x5c": chain}, key=seal.key), "Signed with the department's key for seals.")
    other = office.entity("police-credential")
    chain[0] = base64.b64encode(other.der).decode()
    add("x5c-department", signed(head | {"x5c": chain}, key=other.key), "Signed by another department.")
    fake = kit.certify("Fake", kit.certify("Fake CA", kit.certify("Fake Root", ca=True), ca=True))
    chain = [base64.b64encode(one.der).decode() for one in fake.pool()]
    add("x5c-stranger", signed(head | {"x5c": chain}, key=fake.key), "Signed by a stranger.", ["unknown_issuer", "invalid"])
    add("x5c-empty", signed(head | {"x5c": []}), "An empty chain.")
    add("disclosure-twice", signed(disclosures=[*disclosures, disclosures[0]]), "A disclosure stands twice.")
    foreign = b64(json.dumps(["c2FsdHNhbHRzYWx0c2FsdA", "rank", "high"]).encode())
    add("disclosure-foreign", signed(disclosures=[*disclosures, foreign]), "A disclosure that nothing refers to.")
    changed = json.loads(unb64(disclosures[0]))
    changed[2] = "Somebody Else"
    add("disclosure-changed", signed(disclosures=[b64(json.dumps(changed).encode()), *disclosures[1:]]), "A disclosure is changed.")
    for reserved in ("_sd", "...", "iss", claims and "number"):
        text = b64(json.dumps(["c2FsdHNhbHRzYWx0c2FsdA", reserved, "x"]).encode())
        digest = b64(hashlib.sha256(text).digest()).decode()
        listed = claims | {"_sd": sorted([*claims["_sd"], digest])}
        add(f"disclosure-{reserved.strip('._') or 'dots'}", signed(claims=listed, disclosures=[*disclosures, text]),
            f"A disclosure is named {reserved}.")
    add("digest-algorithm", signed(claims=claims | {"_sd_alg": "md5"}), "An unknown digest algorithm.")
    add("exp-missing", signed(claims={key: value for key, value in claims.items() if key != "exp"}), "No end.")
    add("exp-past", signed(claims=claims | {"exp": claims["iat"] - 1}), "The end is over.",
        ["invalid", "expired", "not_enough_evidence"])
    add("nbf-future", signed(claims=claims | {"nbf": claims["iat"] + 999999}), "Not valid yet.")
    add("iss", signed(claims=claims | {"iss": "http://127.0.0.1:8080/dept/police"}), "The issuer is not in the certificate.")
    add("vct", signed(claims=claims | {"vct": "http://127.0.0.1:8080/vct/residence-permit/1"}), "A type of another department.")
    add("document", signed(claims=claims | {"use": "document"}), "A document's credential is shown as a presentation.")
    twice = b64(json.dumps(claims).encode()[:-1] + b',"iss":"x"}')
    add("key-twice", signed(text=b64(json.dumps(head).encode()) + b"." + twice), "A claim stands twice in the JSON.")
    padded = header + b"=." + payload + b"." + signature
    add("base64", joined(padded), "Padding in base64url.", REFUSED)
    # The last character of 64 bytes holds four bits that count for nothing.
    last = ALPHABET[ALPHABET.index(token[-1]) ^ 1]
    add("base64-tail", joined(token[:-1] + bytes([last])), "The last character has other bits that count for nothing.")
    add("cut", whole[:-40], "Forty characters are cut off.", REFUSED)
    add("no-tilde", token, "No tilde behind the token.", REFUSED)


def run():
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder, "demo"))
        sealing(office)
        saving(office)
        keys(office)
        credentials(office)


