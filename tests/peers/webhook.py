"""What a receiver of webhooks does: signature and freshness (Standard Webhooks 1.0.0, v1a), and that
the message is for this destination. It shares nothing with the program but the convention.

  webhook.py KEY DESTINATION [NOW] < MESSAGE    headers, an empty line, the body; prints the body's data
"""
import base64
import json
import sys
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    pass


def check(key, destination, headers, body, now):
    """The message, when it holds. `body` are the bytes as they came, before anything parses them."""
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_")))
    name, at = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(now - int(at)) > 300:
        raise Refused("too old or too new")
    signed = f"{name}.{at}.".encode() + body
    for one in headers["webhook-signature"].split(" "):
        version, _, signature = one.partition(",")
        if version != "v1a":
            continue
        try:
            public.verify(base64.b64decode(signature), signed)
            break
        except InvalidSignature:
            pass
    else:
        raise Refused("no signature holds")
    message = json.loads(body)
    # One key signs for all destinations: what was sent to another is none of ours.
    if message["data"]["destination"] != destination:
        raise Refused("for another destination")
    return message


def main(key, destination, now=None):
    head, _, body = sys.stdin.buffer.read().partition(b"\n\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
    headers = {name.lower(): value for name, value in headers.items()}
    try:
        message = check(key, destination, headers, body, float(now) if now else time.time())
    except Refused as refused:
        sys.exit(f"refused: {refused}")
    print(json.dumps(message["data"], ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
