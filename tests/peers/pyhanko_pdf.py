"""pyHanko on one PDF: pyhanko_pdf.py FILE ROOT.pem CRL. Exit 0 when it is valid and trusted."""
import sys

from asn1crypto import crl as asn1_crl
from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

file, root, crl = sys.argv[1:4]
_, _, der = pem.unarmor(open(root, "rb").read())
context = ValidationContext(
    trust_roots=[x509.Certificate.load(der)],
    allow_fetching=False,
    crls=[asn1_crl.CertificateList.load(open(crl, "rb").read())],
    revocation_mode="soft-fail",
)
with open(file, "rb") as handle:
    reader = PdfFileReader(handle, strict=True)
    signature = reader.embedded_signatures[0]
    status = validate_pdf_signature(signature, context)
facts = {
    "valid": status.valid, "intact": status.intact, "trusted": status.trusted,
    "docmdp_ok": status.docmdp_ok, "coverage": status.coverage.name,
    "bottom_line": status.bottom_line,
}
print("pyhanko", facts)
whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
sys.exit(0 if status.bottom_line and status.trusted and status.docmdp_ok and whole else 1)
