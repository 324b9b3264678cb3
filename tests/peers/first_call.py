"""A client of a departments' API in Python: the standard library and cryptography.

  first_call.py KEY.pem CLIENT BASE_URL PATH [CA.pem]
"""
import base64
import hashlib
import json
import secrets
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Client:
    def __init__(self, key_file, name, base, authority=None):
        with open(key_file, "rb") as file:
            self.key = serialization.load_pem_private_key(file.read(), password=None)
        self.name, self.base = name, base
        self.tls = ssl.create_default_context(cafile=authority)
        point = self.key.public_key().public_numbers()
        x, y = (b64(number.to_bytes(32, "big")) for number in (point.x, point.y))
        self.jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def sign(self, head, claims):
        parts = [b64(json.dumps(part).encode()) for part in ({"alg": "ES256", **head}, claims)]
        der = self.key.sign(".".join(parts).encode(), ec.ECDSA(hashes.SHA256()))
        r, s = utils.decode_dss_signature(der)
        return ".".join([*parts, b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))])

    def proof(self, method, path, **more):
        claims = {"htm": method, "htu": self.base + path, "iat": int(time.time()),
                  "jti": secrets.token_urlsafe(16), **more}
        return self.sign({"typ": "dpop+jwt", "jwk": self.jwk}, claims)

    def token(self):
        now = int(time.time())
        claims = {"iss": self.name, "sub": self.name, "aud": self.base, "iat": now,
                  "exp": now + 60, "jti": secrets.token_urlsafe(16)}
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.sign({"typ": "client-authentication+jwt"}, claims),
        }
        body = urllib.parse.urlencode(form).encode()
        status, answer = self.send("POST", "/oauth/token", body, {})
        if status != 200:
            sys.exit(answer)
        return json.loads(answer)["access_token"]

    def call(self, token, method, path, body=None):
        ath = b64(hashlib.sha256(token.encode()).digest())
        headers = {"Authorization": "DPoP " + token, "Content-Type": "application/json"}
        return self.send(method, path, body, headers, ath=ath)

    def send(self, method, path, body, headers, **claims):
        proof = self.proof(method, path.split("?")[0], **claims)
        request = urllib.request.Request(self.base + path, body, {**headers, "DPoP": proof}, method=method)
        try:
            with urllib.request.urlopen(request, context=self.tls) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


if __name__ == "__main__":
    key, name, base, path, *authority = sys.argv[1:]
    client = Client(key, name, base, *authority)
    status, answer = client.call(client.token(), "GET", path)
    print(answer)
    sys.exit(status != 200)
