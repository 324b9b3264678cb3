"""PyPI sd-jwt and jwcrypto as a wallet and as a desk.

  sdjwt_holder.py key ES256|EdDSA PRIVATE PUBLIC    draws a holder's key, as JWKs
  sdjwt_holder.py present CREDENTIAL PRIVATE NONCE AUD CLAIM OUT
  sdjwt_holder.py verify PRESENTATION ROOT.pem NONCE AUD
"""
import base64
import json
import sys

from cryptography import x509
from jwcrypto.jwk import JWK
from sd_jwt.holder import SDJWTHolder
from sd_jwt.verifier import SDJWTVerifier


def key(alg, private, public):
    kind = {"ES256": {"kty": "EC", "crv": "P-256"}, "EdDSA": {"kty": "OKP", "crv": "Ed25519"}}
    made = JWK.generate(**kind[alg])
    open(private, "w").write(made.export_private())
    open(public, "w").write(made.export_public())


def present(credential, private, nonce, aud, claim, out):
    made = JWK.from_json(open(private).read())
    alg = "ES256" if made["kty"] == "EC" else "EdDSA"
    holder = SDJWTHolder(open(credential).read().strip())
    holder.create_presentation({claim: True}, nonce, aud, made, sign_alg=alg)
    open(out, "w").write(holder.sd_jwt_presentation)


def verify(presentation, root, nonce, aud):
    root = x509.load_pem_x509_certificate(open(root, "rb").read())

    def issuer_key(_, header):
        chain = [x509.load_der_x509_certificate(base64.b64decode(c)) for c in header["x5c"]]
        for subject, issuer in zip(chain, chain[1:] + [root]):
            subject.verify_directly_issued_by(issuer)
        return JWK.from_pyca(chain[0].public_key())

    text = open(presentation).read().strip()
    verifier = SDJWTVerifier(text, issuer_key, expected_aud=aud, expected_nonce=nonce)
    print("sd-jwt ok", json.dumps(verifier.get_verified_payload()["number"]))


{"key": key, "present": present, "verify": verify}[sys.argv[1]](*sys.argv[2:])
