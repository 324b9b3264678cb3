"""A share platform's client of the routes under /share/v1: the standard library and cryptography.

  share_platform.py KEY.pem CLIENT BASE_URL CERT_IDENTIFIER CERT_NO HOLDER_CODE HOLDER

Prints a line for each operation. The token and its proofs are those of first_call.py.
"""
import base64
import hashlib
import json
import sys
import urllib.error
import urllib.request

from first_call import Client


class ShareService:
    """Envelopes of head and data, as such a platform sends them."""

    def __init__(self, client):
        self.client, self.token = client, client.token()

    def invoke(self, operation, **data):
        path = "/share/v1/" + operation
        head = {"accessId": self.client.name, "accessToken": self.token}
        body = json.dumps({"head": head, "data": data}).encode()
        ath = base64.urlsafe_b64encode(hashlib.sha256(self.token.encode()).digest())
        status, answer = self.client.send("POST", path, body, {"Content-Type": "application/json;charset=UTF-8"},
                                          ath=ath.rstrip(b"=").decode())
        assert status == 200, (status, answer)
        answer = json.loads(answer)
        return answer["head"]["status"], answer["head"]["message"], answer["data"]


key, name, base, identifier, number, code, holder = sys.argv[1:]
service = ShareService(Client(key, name, base))
cause = {
    "certificateCopyCause": "入学登记",
    "certificateCallCategory": "0",
    "certificateMatterName": "小学入学",
    "certificateEventCode": "2026-000117",
    "certificateSystemName": "入学报名系统",
}
status, message, data = service.invoke("queryCertInfo", certIdentifier=identifier, useCause=cause)
print("queryCertInfo", status, message, *(f"{name}={value}" for name, value in data["certData"]["extendInfo"].items()))
kind = data["certData"]["certificateTypeCode"]
for stated in (holder, holder + "某"):
    status, message, data = service.invoke(
        "verifyCertInfo", certTypeCode=kind, useCause=cause,
        certData={"certNo": number, "holderCode": code, "holder": stated})
    print("verifyCertInfo", status, data["result"], data["message"])
status, message, data = service.invoke("downloadUrl", certIdentifier=identifier, useCause="入学登记|2026-000117")
print("downloadUrl", status, message)
if status == 0:
    # Whoever has the address needs nothing else, once.
    with urllib.request.urlopen(data["content"]) as answer:
        pdf = answer.read()
    try:
        urllib.request.urlopen(data["content"])
        sys.exit("the address worked twice")
    except urllib.error.HTTPError as error:
        assert error.code == 404, error
    status, message, data = service.invoke(
        "verifyFile", certTypeCode=kind, contentType="base64", content=base64.b64encode(pdf).decode(), useCause=cause)
    # Behind the colon stand department and time.
    print("verifyFile", status, data["result"], data["message"].split("：")[0])
status, message, data = service.invoke("certRemark", certIdentifier=identifier, useCause=cause)
print("certRemark", status, message)
