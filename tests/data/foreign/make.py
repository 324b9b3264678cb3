"""Makes the files of other producers that must stay valid, and what is expected of each.

    target/peers/venv/bin/python tests/data/foreign/make.py

Wants what tests/peers/setup installs, and for two of the files LibreOffice Writer (soffice).
Every run makes new keys and forgets them, so all files change together.
"""
import json
import os
import re
import tempfile
from io import BytesIO
from pathlib import Path

from producers import (
    AT, HERE, LATER, NOW, PKI, TOOL, FieldMDPAction, FieldMDPSpec, Filter, IncrementalPdfFileWriter, MDPPerm, Poppler,
    SigFieldSpec, fields, form, hierarchy, hybrid, kit, last_object, linear, long_document, nss, packed, plain,
    poppler_form, run, sign, signers, with_field, with_field_objects,
)

FILES = {}


def keep(name, pdf, about, signatures, *, verdict="valid", at=AT, crl=(), tool=TOOL, trust="root.pem", **more):
    """Writes a file and what is expected of it, in the order of its signatures."""
    (HERE / f"{name}.pdf").write_bytes(pdf)
    entries = {
        "about": about, "made_with": tool, "verdict": verdict, "at": at, "trust": trust, "crl": list(crl), **more,
    }
    (HERE / f"{name}.toml").write_text(kit.toml(entries, [("signature", signatures)]))
    FILES[name] = pdf


def expect(field="Signature1", kind="signature", level="B-B", changes="none", time="self_asserted", **more):
    return {"field": field, "kind": kind, "level": level, "changes": changes, "time_source": time, **more}


STAMPED = {"time": "independent_tsa"}
CRL = ["issuing.crl", "root.crl"]
NO_LEVEL = {"level": "CMS"}


def structures():
    keep("pyhanko-table", sign(plain()), "A classic table; PAdES B-B in an update.", [expect()])
    keep("pyhanko-crl", sign(plain()), "The same with the lists of both issuers at hand.",
         [expect(revocation="passed")], crl=CRL)
    keep("pyhanko-stream", sign(packed()), "Cross-reference streams and object streams, in both revisions.", [expect()])
    keep("linearized", sign(linear()), "Linearized by qpdf before it was signed.", [expect()])
    keep("hybrid", sign(hybrid(), strict=False),
         "A hybrid-reference file: the table calls free what the stream places, so the two never disagree.", [expect()])
    keep("crlf", sign(plain(eol=b"\r\n")), "Lines end with CR LF.", [expect()])
    keep("cr", sign(plain(eol=b"\r")), "Lines end with CR alone, where a table allows it.", [expect()])
    keep("pdf20", sign(plain(version=b"2.0")), "A PDF 2.0 header.", [expect()])
    for name, tail in [("tail-none", b"%%EOF"), ("tail-cr", b"%%EOF\r"), ("tail-crlf", b"%%EOF\r\n\r\n")]:
        pdf = kit.signed_letter(PKI.signer, tail=tail)
        keep(name, pdf, f"Signed in its first revision; the signed bytes end with {tail!r}.", [expect()],
             tool="plain objects")
    keep("pages-300", sign(long_document()), "300 pages in object streams: for the benchmark.", [expect()])
    keep("hierarchy", sign(hierarchy(), field="Approval.Office", existing=True),
         "The signature field is the child of a named field.", [expect("Approval.Office")])


def levels():
    keep("pades-b-t", sign(plain(), stamped=True), "PAdES B-T.", [expect(level="B-T", **STAMPED)])
    keep("pades-b-t-expired", sign(plain(), PKI.short, stamped=True),
         "PAdES B-T; the signer's certificate has ended since, the timestamp's has not.",
         [expect(level="B-T", **STAMPED)], at=LATER)
    lt = sign(plain(), PKI.short, stamped=True, embed_validation_info=True, validation_context=PKI.context())
    keep("pades-b-lt", lt, "PAdES B-LT with revocation lists in the DSS; looked at when the signer's certificate is over.",
         [expect(level="B-LT", changes="archive", revocation="passed", **STAMPED)], at=LATER)
    ocsp = sign(plain(), PKI.short, stamped=True, embed_validation_info=True,
                validation_context=PKI.ocsp_context(PKI.short))
    keep("pades-b-lt-ocsp", ocsp, "PAdES B-LT with OCSP answers in the DSS.",
         [expect(level="B-LT", changes="archive", revocation="passed", **STAMPED)], at=LATER)
    lta = sign(plain(), PKI.short, stamped=True, embed_validation_info=True, use_pades_lta=True,
               validation_context=PKI.context(), timestamp_field_name="Archive1")
    keep("pades-b-lta", lta, "PAdES B-LTA: DSS and a document timestamp.",
         [expect(level="B-LTA", changes="archive", revocation="passed", **STAMPED),
          {"field": "Archive1", "kind": "timestamp", "changes": "none", "time_source": "independent_tsa"}],
         at=LATER)
    certified = sign(packed(), PKI.short, stamped=True, embed_validation_info=True, use_pades_lta=True,
                     validation_context=PKI.context(), timestamp_field_name="Archive1", certify=True,
                     docmdp_permissions=MDPPerm.FILL_FORMS)
    keep("certified-p2-lta", certified, "Certified with P 2 and then archived, with cross-reference streams.",
         [expect(kind="seal", level="B-LTA", changes="archive", revocation="passed", **STAMPED),
          {"field": "Archive1", "kind": "timestamp", "changes": "none", "time_source": "independent_tsa"}],
         at=LATER)
    stamper = signers.PdfTimeStamper(PKI.stamper(), field_name="Archive1")
    only = stamper.timestamp_pdf(IncrementalPdfFileWriter(BytesIO(sign(plain()))), "sha256", bytes_reserved=12000)
    keep("signature-and-timestamp", only.getvalue(), "A plain signature with a document timestamp behind it.",
         [expect(level="B-T", changes="archive", **STAMPED),
          {"field": "Archive1", "kind": "timestamp", "changes": "none", "time_source": "independent_tsa"}])


def kinds():
    keep("pkcs7-detached", sign(plain(), sub_filter=Filter.ADOBE_PKCS7_DETACHED),
         "adbe.pkcs7.detached: no PAdES level.", [expect(**NO_LEVEL)])
    keep("certified-p1", sign(plain(), certify=True, docmdp_permissions=MDPPerm.NO_CHANGES),
         "A certification that permits nothing, and nothing followed.", [expect(kind="seal")])
    archived = sign(plain(), PKI.short, stamped=True, embed_validation_info=True, validation_context=PKI.context(),
                    certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    keep("certified-p1-dss", archived,
         "Certified with P 1, then a DSS: material for validation is no change of the document.",
         [expect(kind="seal", level="B-LT", changes="archive", revocation="passed", **STAMPED)], at=LATER)
    certified = sign(form(), certify=True, docmdp_permissions=MDPPerm.FILL_FORMS)
    for which, about in [("text", "a text field"), ("check", "a check box")]:
        filled = kit.update(certified, kit.FILLED[which], trailer=kit.LETTER_TRAILER)
        keep(f"certified-p2-{which}", filled, f"Certified with P 2, then {about} filled in, with its appearance.",
             [expect(kind="seal", changes="form")], tool=f"{TOOL}, plain objects")
    both = kit.stream_update(certified, {}, trailer=kit.LETTER_TRAILER, packed=kit.FILLED["check"])
    keep("certified-p2-stream", both, "Certified with P 2 over a table, then filled in by a cross-reference stream.",
         [expect(kind="seal", changes="form")], tool=f"{TOOL}, plain objects")
    twice = sign(kit.update(certified, kit.FILLED["text"] | kit.FILLED["check"], trailer=kit.LETTER_TRAILER),
                 PKI.second, field="Signature2")
    keep("certified-filled-signed", twice, "Certified with P 2, filled in, then signed by a second person.",
         [expect(kind="seal", changes="form"), expect("Signature2")], tool=f"{TOOL}, plain objects")
    noted = sign(plain(), certify=True, docmdp_permissions=MDPPerm.ANNOTATE)
    keep("certified-p3-note", note(noted), "Certified with P 3, then a text note added.",
         [expect(kind="seal", changes="annotation")], tool=f"{TOOL}, plain objects")
    approved = sign(form())
    filled = kit.update(approved, kit.FILLED["text"], trailer=kit.LETTER_TRAILER)
    keep("approval-filled", filled, "An approval signature without certification; a field filled in afterwards.",
         [expect(changes="form")], tool=f"{TOOL}, plain objects")


def note(pdf):
    page = last_object(pdf, 3)
    size = kit.size_of(pdf)
    annotations = page[page.rindex(b"/Annots"):]
    if b"[" not in annotations[:12]:
        raise RuntimeError(page)
    body = (
        b"<</Type/Annot/Subtype/Text/Rect[500 760 520 780]/P 3 0 R/F 28/Contents(A note for the file.)/T(Example Person)"
        b"/M(D:20260602090000Z)/Name/Note>>"
    )
    at = page.rindex(b"/Annots") + annotations.index(b"]")
    changed = page[:at] + b" %d 0 R" % size + page[at:]
    return kit.update(pdf, {3: changed, size: body}, trailer=kit.LETTER_TRAILER)


def several():
    first = sign(plain())
    keep("two-new-field", sign(first, PKI.second, field="Signature2"), "The second signature in a field of its own.",
         [expect(changes="signature"), expect("Signature2")])
    third = sign(sign(first, PKI.second, field="Signature2"), field="Signature3", stamped=True)
    keep("three", third, "Three signatures, the last with a timestamp.",
         [expect(changes="signature"), expect("Signature2", changes="signature"),
          expect("Signature3", level="B-T", **STAMPED)])
    writer = IncrementalPdfFileWriter(BytesIO(plain()))
    fields.append_signature_field(writer, SigFieldSpec("Signature1", box=(60, 60, 260, 120)))
    fields.append_signature_field(writer, SigFieldSpec("Signature2", box=(300, 60, 500, 120)))
    out = BytesIO()
    writer.write(out)
    visible = sign(out.getvalue(), existing=True)
    keep("two-existing-field", sign(visible, PKI.second, field="Signature2", existing=True),
         "Both signatures in fields that were there, empty and visible.",
         [expect(changes="signature"), expect("Signature2")])
    visible = sign(packed(), spec=SigFieldSpec("Signature1", box=(60, 60, 260, 120)))
    visible = sign(visible, PKI.second, field="Signature2", spec=SigFieldSpec("Signature2", box=(300, 60, 500, 120)))
    keep("two-visible-stream", visible, "Two visible signatures with cross-reference streams.",
         [expect(changes="signature"), expect("Signature2")])
    lock = FieldMDPSpec(FieldMDPAction.INCLUDE, ["Name"])
    locked = sign(form(), spec=SigFieldSpec("Signature1", field_mdp_spec=lock))
    filled = kit.update(locked, kit.FILLED["remark"], trailer=kit.LETTER_TRAILER)
    keep("fieldmdp-include", filled, "The signature locks the field Name; only Remark was filled in afterwards.",
         [expect(changes="form")], tool=f"{TOOL}, plain objects")
    lock = FieldMDPSpec(FieldMDPAction.EXCLUDE, ["Remark"])
    locked = sign(form(), spec=SigFieldSpec("Signature1", field_mdp_spec=lock, doc_mdp_update_value=MDPPerm.FILL_FORMS))
    filled = kit.update(locked, kit.FILLED["remark"], trailer=kit.LETTER_TRAILER)
    keep("fieldmdp-exclude", filled, "The signature locks everything but Remark, and /Lock has a P of its own.",
         [expect(changes="form")], tool=f"{TOOL}, plain objects")


def algorithms():
    for name, kind, digest, pss, about in [
        ("rsa2048", "rsa2048", "sha256", False, "RSA PKCS#1 v1.5, 2,048 bits, SHA-256."),
        ("rsa3072", "rsa3072", "sha384", False, "RSA PKCS#1 v1.5, 3,072 bits, SHA-384."),
        ("rsa2048-sha512", "rsa2048", "sha512", False, "RSA PKCS#1 v1.5, 2,048 bits, SHA-512."),
        ("rsa-pss", "rsa2048", "sha256", True, "RSASSA-PSS, SHA-256."),
        ("rsa-pss-sha512", "rsa3072", "sha512", True, "RSASSA-PSS, 3,072 bits, SHA-512."),
        ("p256-sha512", "p256", "sha512", False, "ECDSA P-256 with SHA-512."),
        ("p521", "p521", "sha512", False, "ECDSA P-521 with SHA-512."),
        ("p384", "p384", "sha384", False, "ECDSA P-384 with SHA-384."),
        ("p384-sha256", "p384", "sha256", False, "ECDSA P-384 with SHA-256."),
        ("ed25519", "ed25519", "sha512", False, "Ed25519 (RFC 8419)."),
    ]:
        entity = PKI.leaf(f"Example Signer {name}", kind)
        pdf = sign(plain(), entity, digest=digest, pss=pss)
        keep(f"algorithm-{name}", pdf, about, [expect()])


def poppler():
    tool = "pdfsig 22.12"
    with tempfile.TemporaryDirectory() as folder:
        maker = Poppler(folder)
        one = maker.add(poppler_form(), "Signature1")
        keep("poppler-table", one, "adbe.pkcs7.detached by poppler over a classic table, with a visible field.",
             [expect(**NO_LEVEL)], tool=tool, at=NOW)
        keep("poppler-stream", maker.sign(packed(with_field()), "Signature1"),
             "By poppler in a field that was there, over object streams.", [expect(**NO_LEVEL)], tool=tool, at=NOW)
        table = kit.document(with_field_objects(), trailer=kit.LETTER_TRAILER)
        keep("poppler-sha512", maker.sign(table, "Signature1", "-digest", "SHA512", "-reason", "Checked"),
             "By poppler with SHA-512 and a reason.", [expect(**NO_LEVEL)], tool=tool, at=NOW)
        keep("poppler-two", maker.add(one, "Signature2"), "Two signatures by poppler.",
             [expect(changes="signature", **NO_LEVEL), expect("Signature2", **NO_LEVEL)], tool=tool, at=NOW)
        keep("pyhanko-over-poppler", sign(one, PKI.second, field="Signature2", strict=False),
             "pyHanko's signature behind poppler's.",
             [expect(changes="signature", **NO_LEVEL), expect("Signature2")], tool=f"{tool}, {TOOL}", at=NOW)


LETTER = """<?xml version="1.0"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.text">
<office:body><office:text><text:p>Synthetic sample</text:p></office:text></office:body></office:document>
"""


def libreoffice():
    entity = PKI.leaf("LibreOffice Example Signer", "rsa2048")
    with tempfile.TemporaryDirectory() as folder:
        nss(folder, entity)
        source = Path(folder, "letter.fodt")
        source.write_text(LETTER)
        for name, extra, about in [
            ("libreoffice", {}, "Exported and signed by LibreOffice Writer."),
            ("libreoffice-pdfa", {"SelectPdfVersion": {"type": "long", "value": "2"}},
             "Exported as PDF/A-2 and signed by LibreOffice Writer."),
        ]:
            subject = {"type": "string", "value": entity.cert.subject.rfc4514_string()}
            options = {"SignPDF": {"type": "boolean", "value": "true"}, "SignCertificateSubjectName": subject, **extra}
            run(
                "soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
                f"pdf:writer_pdf_Export:{json.dumps(options)}", "--outdir", folder, source,
                env={**os.environ, "MOZILLA_CERTIFICATE_FOLDER": f"sql:{folder}", "HOME": folder}, timeout=120,
            )
            pdf = Path(folder, "letter.pdf").read_bytes()
            field = re.findall(rb"/T\s*\((Signature\d*)\)", pdf)[0].decode()
            keep(name, pdf, about, [expect(field, **NO_LEVEL)], tool="LibreOffice 7.4", at=NOW)


def main():
    for old in [*HERE.glob("*.pdf"), *HERE.glob("*.toml")]:
        old.unlink()
    (HERE / "root.pem").write_text(PKI.root.pem)
    (HERE / "issuing.crl").write_bytes(kit.crl(PKI.ca, at="2026-05-31", until="2036-01-01"))
    (HERE / "root.crl").write_bytes(kit.crl(PKI.root, at="2026-05-31", until="2036-01-01"))
    for part in (structures, levels, kinds, several, algorithms, poppler, libreoffice):
        part()
    total = sum(map(len, FILES.values()))
    print(len(FILES), "files,", total, "bytes; the largest:")
    for name, pdf in sorted(FILES.items(), key=lambda one: -len(one[1]))[:6]:
        print(f"  {name} {len(pdf)}")


if __name__ == "__main__":
    main()
