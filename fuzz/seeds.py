"""Seeds for the fuzz targets from a demo's samples: seeds.py SAMPLES OUT"""
import base64
import io
import re
import sys
import zipfile
from pathlib import Path

samples, out = map(Path, sys.argv[1:3])


def put(target: str, name: str, content: bytes) -> None:
    (out / target).mkdir(parents=True, exist_ok=True)
    (out / target / name).write_bytes(content)


for pdf in samples.glob("*.pdf"):
    content = pdf.read_bytes()
    put("pdf_reader", pdf.name, content)
    hole = re.search(rb"/Contents ?<([0-9A-Fa-f]+)>", content)
    if hole:
        message = bytes.fromhex(hole.group(1).decode()).rstrip(b"\0")
        put("cms", pdf.stem, message)
    for at, stream in enumerate(re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S)):
        put("pdf_filter", f"{pdf.stem}-{at}", bytes([at % 5]) + stream[:4000])
for pem in [samples / "root.pem", *(samples.parent / "certs").glob("*.pem")]:
    body = re.search("-----BEGIN CERTIFICATE-----(.*?)-----END", pem.read_text(), re.S)
    put("certificate", pem.stem, base64.b64decode(body.group(1)))
for crl in samples.glob("*.crl"):
    put("revocation_list", crl.name, crl.read_bytes())
credential = (samples / "valid.sd-jwt").read_bytes()
status = (samples / "status.jwt").read_bytes()
put("sd_jwt", "credential", credential)
put("status_list", "status", status)
put("verify", "edit-pdf", b"\x01" + bytes(40))
put("verify", "edit-credential", b"\x02" + bytes(40))
put("verify", "append", b"\x01" + bytes([0, 0, 0, 4, 0] * 8) + b"1 0 obj\n<</Type/Catalog>>\nendobj\n")
for part in re.split(rb"[.~]", credential):
    content = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    if content[:1] in b"{[":
        put("strict_json", str(len(content)), content)
for example in Path("schemas/examples").glob("*.json"):
    put("application", example.name, example.read_bytes())


def archive(compression: int, seekable: bool) -> bytes:
    """An archive as Python writes it; without seeking, sizes stand behind the entries."""
    kept = io.BytesIO()

    class Pipe(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:
            return kept.write(data)

    with zipfile.ZipFile(kept if seekable else Pipe(), "w", compression) as made:
        for name in ("folder/", "folder/证照.sd-jwt", "unsigned.pdf"):
            content = b"" if name.endswith("/") else (credential if "jwt" in name else b"%PDF-1.7\n" * 9)
            made.writestr(name, content)
    return kept.getvalue()


for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
    for seekable in (True, False):
        put("zip", f"{compression}-{seekable}", archive(compression, seekable))
