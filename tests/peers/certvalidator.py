"""What pyhanko-certvalidator says of the cases in a folder: a line each, name and verdict."""

import asyncio
import base64
import datetime
import pathlib
import sys
import tomllib

from asn1crypto import crl, ocsp, pem, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext


def unarmor(text):
    return [der for _, _, der in pem.unarmor(text.encode(), multiple=True)] if text.strip() else []


def certificates(text):
    return [x509.Certificate.load(der) for der in unarmor(text)]


async def judge(case):
    context = ValidationContext(
        trust_roots=certificates(case["roots"]),
        moment=datetime.datetime.fromisoformat(case["at"]),
        crls=[crl.CertificateList.load(der) for der in unarmor(case["crls"])],
        ocsps=[ocsp.OCSPResponse.load(base64.b64decode(one)) for one in case["ocsp"]],
        revocation_mode="soft-fail",
        allow_fetching=False,
    )
    [leaf] = certificates(case["leaf"])
    validator = CertificateValidator(leaf, certificates(case["untrusted"]), validation_context=context)
    await validator.async_validate_path()


for path in sorted(pathlib.Path(sys.argv[1]).glob("*.toml")):
    case = tomllib.loads(path.read_text())
    if "certvalidator" not in case:
        continue
    try:
        asyncio.run(judge(case))
        print(path.stem, "accepted")
    except Exception as error:
        print(path.stem, "refused", type(error).__name__, " ".join(str(error).split()))
