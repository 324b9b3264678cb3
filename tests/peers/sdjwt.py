"""PyPI sd-jwt and jwcrypto on a credential and a status list: sdjwt.py CREDENTIAL ROOT.pem STATUS.

x5c is checked with the cryptography library: leaf by issuing CA by root.
"""
import base64
import json
import sys
import zlib

from cryptography import x509
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from sd_jwt.verifier import SDJWTVerifier


def header(token):
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def key_of(token, root):
    chain = [x509.load_der_x509_certificate(base64.b64decode(c)) for c in header(token)["x5c"]]
    for subject, issuer in zip(chain, chain[1:] + [root]):
        subject.verify_directly_issued_by(issuer)
    return JWK.from_pyca(chain[0].public_key())


credential, root, status = sys.argv[1:4]
root = x509.load_pem_x509_certificate(open(root, "rb").read())
token = open(credential).read().strip()
claims = SDJWTVerifier(token, lambda issuer, parameters: key_of(token, root)).get_verified_payload()
for name in ("id", "number", "holder", "operator"):
    assert claims.get(name), f"{name} is missing"
assert header(token)["typ"] == "dc+sd-jwt"

token = open(status).read().strip()
jws = JWS()
jws.deserialize(token, key_of(token, root))
lists = json.loads(jws.payload)
reference = claims["status"]["status_list"]
assert lists["sub"] == reference["uri"], "the list is another"
packed = lists["status_list"]["lst"]
bits = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
index = reference["idx"]
value = bits[index // 4] >> (index % 4 * 2) & 3
assert value == 0, f"status {value}"
print("sd-jwt ok", claims["number"], "status", value)
