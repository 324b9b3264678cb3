"""PyPI jwcrypto, cryptography and sd-jwt as a department that reads an answer, from docs/SHARING.md.

  answer.py ANSWER.jwt ROOT.pem CLIENT NOW
"""
import base64
import json
import sys

from cryptography import x509
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from sd_jwt.verifier import SDJWTVerifier

answer, root, client, now = sys.argv[1:]
root = x509.load_pem_x509_certificate(open(root, "rb").read())
now = int(now)


def leaf(header, role):
    """The key of a leaf whose path ends at the root and which has this role, at an office without an arc of its own."""
    chain = [x509.load_der_x509_certificate(base64.b64decode(one)) for one in header["x5c"]]
    for subject, issuer in zip(chain, chain[1:] + [root]):
        subject.verify_directly_issued_by(issuer)
        assert subject.not_valid_before_utc.timestamp() <= now < subject.not_valid_after_utc.timestamp()
    oid = x509.ObjectIdentifier("1.3.6.1.4.1.32473.94694364.1")
    der = chain[0].extensions.get_extension_for_oid(oid).value.value
    # SEQUENCE { ENUMERATED role, … }
    assert der[0] == 0x30 and der[2:4] == b"\x0a\x01" and der[4] == role, "another role"
    return chain[0]


text = open(answer).read().strip()
token = JWS()
token.deserialize(text)
header = token.jose_header
assert header["alg"] == "ES256" and header["typ"] == "yz-answer+jwt"
signer = leaf(header, 6)
token.verify(JWK.from_pyca(signer.public_key()))
payload = json.loads(token.payload)
names = signer.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
assert payload["iss"] in names.get_values_for_type(x509.UniformResourceIdentifier)
assert payload["aud"] == client, "for another client"
assert payload["iat"] <= now + 300 and now < payload["exp"] <= payload["iat"] + 600
for result in payload["results"]:
    credential = SDJWTVerifier(
        result["credential"], lambda _, header: JWK.from_pyca(leaf(header, 1).public_key())
    ).get_verified_payload()
    assert credential["id"] == result["id"]
    hidden = {"holder", "name", "sex", "ethnicity", "born", "citizen_id", "household", "address"}
    print("answer ok", credential["id"], ",".join(sorted(hidden & credential.keys())))
