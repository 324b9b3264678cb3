"""Gets a token that is bound to a certificate: bound_token.py BASE CLIENT KEY CERTIFICATE.

A client of its own behind a proxy (RFC 7523, RFC 8705, RFC 9440), with nothing of the product in it.
"""
import base64
import json
import secrets
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(key, client, audience):
    now = int(time.time())
    head = {"alg": "ES256", "typ": "JWT"}
    claims = {"iss": client, "sub": client, "aud": audience, "iat": now, "exp": now + 120, "jti": secrets.token_urlsafe(16)}
    signed = ".".join(encode(json.dumps(part).encode()) for part in (head, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return signed + "." + encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def main():
    base, client, key, certificate = sys.argv[1:]
    key = serialization.load_pem_private_key(Path(key).read_bytes(), None)
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion(key, client, base),
    }
    body = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(f"{base}/oauth/token", body, {"Client-Cert": certificate})
    with urllib.request.urlopen(request, timeout=20) as answer:
        print(json.load(answer)["access_token"])


main()
