"""pyHanko over many files: pyhanko_verify.py JOBS.json SECONDS.

Reads jobs as JSON and writes one line of JSON for each, in their order: what it makes of the file,
and what it saw. A file that takes longer than SECONDS has the outcome `hang`.
"""
import json
import logging
import signal
import sys
from datetime import datetime
from multiprocessing import Pool

from asn1crypto import crl as asn1_crl
from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko_certvalidator import ValidationContext

LIMIT = int(sys.argv[2])


class Hang(BaseException):
    """Not an Exception: nothing on the way may catch it."""


def expired(*_):
    raise Hang


def context(job, reader):
    """What the caller gives, and the certificates and lists that the file brings along."""
    _, _, root = pem.unarmor(open(job["trust"], "rb").read())
    given = {
        "trust_roots": [x509.Certificate.load(root)],
        "allow_fetching": False,
        "moment": datetime.fromisoformat(job["at"].replace("Z", "+00:00")),
        "crls": [asn1_crl.CertificateList.load(open(path, "rb").read()) for path in job["crl"]],
        "revocation_mode": "require" if job["require_revocation"] else "soft-fail",
    }
    try:
        return DocumentSecurityStore.read_dss(reader).as_validation_context(given)
    except NoDSSFoundError:
        return ValidationContext(**given)


def verdict(job):
    saw, good = [], True
    with open(job["file"], "rb") as handle:
        reader = PdfFileReader(handle, strict=True)
        signatures = reader.embedded_signatures
        if not signatures:
            return "none", saw
        for signature in signatures:
            if signature.sig_object_type == "/DocTimeStamp":
                status = validate_pdf_timestamp(signature, context(job, reader))
                good &= status.intact and status.valid and status.trusted
            else:
                status = validate_pdf_signature(signature, context(job, reader))
                good &= bool(status.bottom_line)
            changes = getattr(status.modification_level, "name", "-")
            saw.append(f"{status.summary()} {status.coverage.name} {changes}")
    return ("accepts" if good else "refuses"), saw


def judge(job):
    signal.signal(signal.SIGALRM, expired)
    signal.alarm(LIMIT)
    try:
        outcome, saw = verdict(job)
    except Hang:
        outcome, saw = "hang", []
    except Exception as error:  # noqa: BLE001, every way to give up is an answer
        outcome, saw = "error", [f"{type(error).__name__}: {error}"[:200]]
    finally:
        signal.alarm(0)
    return json.dumps({"file": job["file"], "outcome": outcome, "saw": saw})


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    jobs = json.load(open(sys.argv[1], encoding="utf-8"))
    with Pool(2) as pool:
        for line in pool.imap(judge, jobs, chunksize=1):
            print(line, flush=True)
