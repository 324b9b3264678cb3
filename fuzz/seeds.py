"""Seeds for the fuzz targets from a demo's samples: seeds.py SAMPLES OUT"""
import base64
import io
import json
import re
import sys
import zipfile
import zlib
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


def b64(content) -> bytes:
    if not isinstance(content, bytes):
        content = json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=")


# A presentation that a holder signed, as far as the reader looks: its signature is no one's.
def token(head, payload) -> bytes:
    return b64(head) + b"." + b64(payload) + b"." + b64(bytes(range(64)))


x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
part = credential.split(b".")[0]
head = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
binding = token(
    {"alg": "ES256", "typ": "kb+jwt"},
    {"iat": 1795500000, "aud": "https://desk.example", "nonce": "n", "sd_hash": x},
)
put("sd_jwt", "binding", binding)
for name, jwk in (("p256", {"kty": "EC", "crv": "P-256", "x": x, "y": y}),
                  ("ed25519", {"kty": "OKP", "crv": "Ed25519", "x": x})):
    claims = {"iss": "https://a.example", "cnf": {"jwk": jwk}, "_sd": [], "_sd_alg": "sha-256"}
    put("sd_jwt", f"bound-{name}", token(head, claims) + b"~" + binding)
put("status_list", "status", status)
for bits in (1, 2, 4, 8):
    content = zlib.compress(bytes(range(40)))
    listed = {"sub": "https://a.example/status/1", "iat": 1795500000, "exp": 1795586400, "ttl": 3600,
              "status_list": {"bits": bits, "lst": b64(content).decode()}}
    head["typ"] = "statuslist+jwt"
    put("status_list", f"bits-{bits}", token(head, listed))
put("verify", "edit-pdf", b"\x01" + bytes(40))
put("verify", "edit-credential", b"\x02" + bytes(40))
put("verify", "append", b"\x01" + bytes([0, 0, 0, 4, 0] * 8) + b"1 0 obj\n<</Type/Catalog>>\nendobj\n")
for part in re.split(rb"[.~]", credential):
    content = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    if content[:1] in b"{[":
        put("strict_json", str(len(content)), content)


def token(head: dict, claims: dict) -> bytes:
    """Signed by nobody: 64 bytes in the place of a signature."""
    parts = [json.dumps(head).encode(), json.dumps(claims).encode(), b"\1" * 64]
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


# RFC 8037, appendix A.2, and an RSA key that is none.
curve = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
rsa = {"kty": "RSA", "e": "AQAB", "n": "_" * 341 + "8"}
times = {"iat": 1_700_000_000, "exp": 1_700_000_060, "jti": "a"}
who = {"iss": "market-counter", "sub": "market-counter", "aud": "https://a.example"}
here = {"htm": "POST", "htu": "https://a.example/oauth/token"}
for algorithm in ("ES256", "EdDSA", "RS256"):
    put("access", f"assertion-{algorithm}", token({"alg": algorithm}, {**who, **times}))
for name, algorithm, jwk in (("curve", "EdDSA", curve), ("rsa", "PS256", rsa)):
    head = {"alg": algorithm, "typ": "dpop+jwt", "jwk": jwk}
    put("access", f"proof-{name}", token(head, {**here, **times}))
    put("access", f"key-{name}", json.dumps(jwk).encode())
formats = Path("tests/data/formats")
for target, pattern in [
    ("timestamp", "token*.der"),
    ("cms", "pyhanko*.der"),
    ("ocsp", "*.ocsp"),
    ("certificate", "*.cer"),
    ("revocation_list", "*.crl"),
]:
    for file in formats.glob(pattern):
        put(target, file.name, file.read_bytes())
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
proof = (samples / "valid.tlog-proof").read_bytes()
put("log_note", "proof", proof)
put("log_note", "checkpoint", proof.split(b"\n\n", 1)[1])
put("log_note", "leaf", base64.b64decode(re.search(rb"extra (\S+)", proof).group(1)))
put("log_note", "key", (samples / "log.vkey").read_bytes().strip())
put("log_note", "tile", b"0/x001/x234/067.p/12")
