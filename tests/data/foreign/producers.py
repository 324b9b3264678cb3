"""The PKI of the test files, and signing with pyHanko and poppler over files of several kinds."""
import subprocess
import sys
import tempfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import kit  # noqa: E402
from asn1crypto import crl as asn1_crl  # noqa: E402
from asn1crypto import ocsp as asn1_ocsp  # noqa: E402
from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.x509 import OCSPNoCheck  # noqa: E402
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU  # noqa: E402
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: E402
from pyhanko.sign import fields, signers  # noqa: E402
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec  # noqa: E402
from pyhanko.sign.fields import SigSeedSubFilter as Filter  # noqa: E402
from pyhanko.sign.signers import functions, pdf_cms, pdf_signer  # noqa: E402
from pyhanko.sign.timestamps import DummyTimeStamper  # noqa: E402
from pyhanko_certvalidator import ValidationContext  # noqa: E402
from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: E402

SIGNED_AT = datetime(2026, 6, 1, 12, 0, 0, tzinfo=kit.UTC)
AT = "2026-07-01T00:00:00Z"
LATER = "2031-01-01T00:00:00Z"
TOOL = "pyHanko 0.38"


class Frozen(datetime):
    """pyHanko asks the clock in three places; the files should not depend on the day."""

    @classmethod
    def now(cls, tz=None):
        return SIGNED_AT.astimezone(tz)


for module in (functions, pdf_cms, pdf_signer):
    module.datetime = Frozen


class Pki:
    def __init__(self):
        self.root = kit.certify("Example Foreign Root", ca=True, start="2020-01-01", end="2056-01-01")
        self.ca = kit.certify(
            "Example Foreign CA", self.root, ca=True, path_length=0, start="2020-01-01", end="2055-01-01"
        )
        self.tsa = kit.certify(
            "Example TSA", self.ca, key=kit.new_key("rsa2048"), start="2025-01-01", end="2050-01-01", usage=("digital_signature",),
            purposes=[EKU.TIME_STAMPING], purposes_critical=True,
        )
        self.responder = kit.certify(
            "Example OCSP", self.ca, start="2025-01-01", end="2050-01-01", usage=("digital_signature",),
            purposes=[EKU.OCSP_SIGNING], more=[(OCSPNoCheck(), False)],
        )
        self.signer = self.leaf("Example Signer")
        self.second = self.leaf("Second Example Signer")
        # What only a timestamp and kept evidence can save.
        self.short = self.leaf("Example Signer of one year", end="2027-01-01")

    def leaf(self, common, kind="p256", **more):
        return kit.certify(common, self.ca, key=kit.new_key(kind), **more)

    def context(self):
        crls = [kit.crl(self.ca, at="2026-05-31", until="2026-06-30"), kit.crl(self.root, at="2026-05-31")]
        return ValidationContext(
            trust_roots=[self.root.asn1], other_certs=[self.ca.asn1], allow_fetching=False,
            crls=[asn1_crl.CertificateList.load(der) for der in crls],
            moment=SIGNED_AT, revocation_mode="soft-fail",
        )

    def ocsp_context(self, entity):
        answers = [
            kit.ocsp_answer(one, self.ca, self.responder, at="2026-06-01", until="2026-06-08")
            for one in (entity, self.tsa)
        ]
        return ValidationContext(
            trust_roots=[self.root.asn1], other_certs=[self.ca.asn1, self.responder.asn1], allow_fetching=False,
            ocsps=[asn1_ocsp.OCSPResponse.load(der) for der in answers],
            crls=[asn1_crl.CertificateList.load(kit.crl(self.root, at="2026-05-31"))],
            moment=SIGNED_AT, revocation_mode="soft-fail",
        )

    def stamper(self):
        return DummyTimeStamper(
            self.tsa.asn1, self.tsa.asn1_key, SimpleCertificateStore.from_certs([self.ca.asn1]),
            fixed_dt=SIGNED_AT,
        )


PKI = Pki()


def simple(entity, **more):
    store = SimpleCertificateStore.from_certs([PKI.ca.asn1])
    return signers.SimpleSigner(entity.asn1, entity.asn1_key, store, embed_roots=False, **more)


def sign(
    pdf, entity=None, *, field="Signature1", sub_filter=Filter.PADES, digest="sha256", stamped=False, spec=None,
    reserve=6000, pss=False, existing=False, strict=True, **meta,
):
    stamper = PKI.stamper() if stamped or meta.get("use_pades_lta") else None
    metadata = signers.PdfSignatureMetadata(
        field_name=field, subfilter=sub_filter, md_algorithm=digest, reason=None, **meta
    )
    out = signers.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf), strict=strict), metadata, simple(entity or PKI.signer, prefer_pss=pss),
        timestamper=stamper, new_field_spec=spec, existing_fields_only=existing,
        bytes_reserved=reserve if stamper is None else 2 * reserve,
    )
    return out.getvalue()


def run(*command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, **more)
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{command}: {(done.stdout + done.stderr).decode(errors='replace')}")
    return done.stdout


def through(pdf, *command, **more):
    """A file through a tool that reads one path and writes another."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.pdf"), Path(folder, "out.pdf")
        source.write_bytes(pdf)
        run(*[{"IN": source, "OUT": target}.get(part, part) for part in command], **more)
        return target.read_bytes()


# --- bases -----------------------------------------------------------------------------------

def plain(**more):
    return kit.document(kit.letter(), trailer=kit.LETTER_TRAILER, **more)


def form():
    return kit.document(kit.form_letter(), trailer=kit.LETTER_TRAILER)


def packed(pdf=None):
    return through(pdf or plain(), "qpdf", "--object-streams=generate", "--deterministic-id", "IN", "OUT")


def linear():
    return through(plain(), "qpdf", "--linearize", "--deterministic-id", "IN", "OUT")


def hybrid():
    """A table for old readers, and the page's font and content in an object stream for new ones.

    The table calls the packed objects free, so no reader is told two things (ISO 32000-1, 7.5.8.4).
    """
    objects = kit.letter()
    hidden = {5: objects.pop(5), 6: objects.pop(6)}
    head = b"5 0 6 %d " % (len(hidden[5]) + 1)
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    objects[7] = kit.stream(head + hidden[5] + b"\n" + hidden[6], b"/Type/ObjStm/N 2/First %d" % len(head))
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    extra = len(out)
    rows = b"".join((2).to_bytes(1, "big") + (7).to_bytes(4, "big") + index.to_bytes(2, "big") for index in (0, 1))
    entries = b"/Type/XRef/W[1 4 2]/Index[5 2]/Size 9"
    out += b"8 0 obj\n" + kit.stream(rows, entries) + b"\nendobj\n"
    offsets[8] = extra
    table = len(out)
    out += b"xref\n0 9\n"
    for number in range(9):
        out += b"%010d 00000 n\r\n" % offsets[number] if number in offsets else b"0000000000 65535 f\r\n"
    out += b"trailer\n<</Size 9/Root 1 0 R/Info 6 0 R/XRefStm %d" % extra
    out += kit.LETTER_TRAILER[len(b"/Info 6 0 R"):] + b">>\nstartxref\n%d\n%%%%EOF\n" % table
    return bytes(out)


def long_document(pages=300):
    objects = {1: b"<</Type/Catalog/Pages 2 0 R>>", 5: kit.HELVETICA, 6: kit.INFO}
    kids = []
    for page in range(pages):
        number, content = 10 + 2 * page, 11 + 2 * page
        kids.append(b"%d 0 R" % number)
        objects[number] = (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F1 5 0 R>>>>>>" % content
        )
        objects[content] = kit.stream(b"BT /F1 12 Tf 60 760 Td (Page %d) Tj ET" % (page + 1))
    objects[2] = b"<</Type/Pages/Kids[" + b" ".join(kids) + b"]/Count %d>>" % pages
    return packed(kit.document(dict(sorted(objects.items())), trailer=kit.LETTER_TRAILER))


def hierarchy():
    """A signature field below a named parent: its full name has a dot."""
    objects = kit.letter(catalog=b"/AcroForm 7 0 R", page=b"/Annots[9 0 R]")
    objects |= {
        7: b"<</Fields[8 0 R]/SigFlags 0>>",
        8: b"<</T(Approval)/Kids[9 0 R]>>",
        9: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Office)/Parent 8 0 R/F 132/P 3 0 R/Rect[60 60 260 120]>>",
    }
    return kit.document(objects, trailer=kit.LETTER_TRAILER)


def with_field_objects():
    objects = kit.letter(catalog=b"/AcroForm 7 0 R", page=b"/Annots[8 0 R]")
    objects |= {
        7: b"<</Fields[8 0 R]/SigFlags 1>>",
        8: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/P 3 0 R/Rect[60 60 260 120]>>",
    }
    return objects


def with_field():
    """An empty signature field, visible."""
    return kit.document(with_field_objects(), trailer=kit.LETTER_TRAILER)


# poppler and LibreOffice take the time of the day on which the files are made.
NOW = "2027-01-01T00:00:00Z"


def last_object(pdf, number):
    """The newest body of an object, as it was written."""
    start = pdf.rindex(b"\n%d 0 obj" % number) + len(b"\n%d 0 obj" % number)
    return pdf[start:pdf.index(b"endobj", start)].strip()


def nss(folder, entity):
    """A database with one key, as poppler and LibreOffice want it."""
    database = f"sql:{folder}"
    run("certutil", "-N", "-d", database, "--empty-password")
    for one, trust in ((PKI.root, "CT,CT,CT"), (PKI.ca, ",,")):
        pem = Path(folder, "one.pem")
        pem.write_text(one.pem)
        run("certutil", "-A", "-d", database, "-n", one.cert.subject.rfc4514_string(), "-t", trust, "-i", pem)
    bundle = Path(folder, "one.p12")
    bundle.write_bytes(serialization.pkcs12.serialize_key_and_certificates(
        b"example", entity.key, entity.cert, [PKI.ca.cert],
        serialization.BestAvailableEncryption(b"example"),
    ))
    run("pk12util", "-i", bundle, "-d", database, "-W", "example", "-K", "")


def poppler_form():
    """A form whose resources have a font under the name that poppler looks for: else it embeds 400 KB."""
    objects = kit.form_letter()
    objects[13] = kit.HELVETICA.replace(b"/Helvetica", b"/Helvetica#20")
    objects[30] = objects[30].replace(b"/F1 5 0 R", b"/F1 5 0 R/popplerfont0 13 0 R")
    return kit.document(dict(sorted(objects.items())), trailer=kit.LETTER_TRAILER)


class Poppler:
    """pdfsig with a key of its own, in a database that goes with the folder."""

    def __init__(self, folder):
        self.folder = folder
        nss(folder, PKI.leaf("Poppler Example Signer", "rsa2048"))
        listed = run("pdfsig", "-nssdir", folder, "-list-nicks").decode()
        rows = [line for line in listed.splitlines() if "example" in line.lower() and "CN=" not in line]
        self.nick = rows[0].split()[0]

    def sign(self, pdf, field, *more):
        """In a field that is there."""
        return through(
            pdf, "pdfsig", "-nssdir", self.folder, "-sign", field, "-nick", self.nick, *more, "IN", "OUT"
        )

    def add(self, pdf, field):
        """In a field of its own, visible."""
        return through(
            pdf, "pdfsig", "-nssdir", self.folder, "-add-signature", "-nick", self.nick,
            "-new-signature-field-name", field, "IN", "OUT",
        )
