"""A second reader of logs, from the texts of C2SP signed-note, tlog-checkpoint, tlog-cosignature,
tlog-tiles, tlog-proof and RFC 9162, 2.1. It shares nothing with the program but the formats.

  fetch URL DIR                        take checkpoint and tiles from a served log
  copy DIR VKEY [OLD]                  signature, every tile, every root; OLD is an earlier checkpoint
  proof PROOF PDF VKEY [WITNESS ...]   the document is in the log; prints index, size, witnesses
  access PROOF LINE VKEY [WITNESS ...] the same of a line of the access journal, as a file
  consistency OLD NEW HASHES VKEY      a consistency proof, one base64 hash a line
  extend DIR OLD NEW VKEY              the same with a proof made here, from the tiles
  cosign CHECKPOINT NAME SEED TIME     sign as a witness; prints the note
  wkey NAME SEED                       the witness's key
"""
import base64
import hashlib
import json
import pathlib
import re
import struct
import sys
import urllib.request

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519


class Refused(Exception):
    pass


def need(true, why):
    if not true:
        raise Refused(why)


def sha(data):
    return hashlib.sha256(data).digest()


def unbase64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64 in another spelling")
    return data


def node(left, right):
    return sha(b"\1" + left + right)


# --- notes --------------------------------------------------------------------------------------


def key_id(name, kind, public):
    return sha(name.encode() + b"\n" + bytes([kind]) + public)[:4]


def vkey(text):
    name, ident, key = text.strip().split("+", 2)
    key = unbase64(key)
    kind, public = key[0], key[1:]
    need(kind in (1, 4) and len(public) == 32, "not an Ed25519 key")
    need(key_id(name, kind, public).hex() == ident, "the key's id is not that of the key")
    return name, kind, public


def open_note(note, keys):
    """The text, and (name, kind, time) of every signature of the keys."""
    at = note.rindex("\n\n")
    text, lines = note[: at + 1], note[at + 2 :]
    need(lines.endswith("\n"), "no line feed at the end")
    need(not any(c < " " and c != "\n" for c in note), "control characters")
    found = []
    for line in lines[:-1].split("\n"):
        match = re.fullmatch("\u2014 ([^\\s+]+) (\\S+)", line)
        need(match, "not a signature line")
        blob = unbase64(match[2])
        for name, kind, public in keys:
            if (match[1], blob[:4]) != (name, key_id(name, kind, public)):
                continue
            signature, message, time = blob[4:], text.encode(), None
            if kind == 4:
                (time,) = struct.unpack(">Q", signature[:8])
                signature = signature[8:]
                message = f"cosignature/v1\ntime {time}\n".encode() + message
            try:
                ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
            except InvalidSignature:
                raise Refused(f"the signature of {name} does not hold")
            found.append((name, kind, time))
    return text, found


def checkpoint(note, key, witnesses=()):
    text, found = open_note(note, [key, *witnesses])
    need((key[0], 1, None) in found, "the log did not sign it")
    origin, size, root = text.split("\n")[:3]
    need(origin == key[0], "another log")
    need(re.fullmatch("0|[1-9][0-9]*", size), "not a size")
    need(len(unbase64(root)) == 32, "not a root")
    return int(size), unbase64(root), [(name, time) for name, kind, time in found if kind == 4]


# --- RFC 9162 -----------------------------------------------------------------------------------


def check_inclusion(leaf, index, size, path, root):
    need(index < size, "the index is outside of the tree")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        need(sn != 0, "too many hashes")
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0 and r == root, "the hashes do not lead to the root")


def check_consistency(first, second, path):
    (m, old), (n, new) = first, second
    need(m <= n, "the older tree is larger")
    if m == 0 or m == n:
        need(not path and (m == 0 or old == new), "two roots of one size")
        return
    if m & (m - 1) == 0:
        path = [old, *path]
    need(path, "no hashes")
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        need(sn != 0, "too many hashes")
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0 and fr == old and sr == new, "the hashes do not lead to both roots")


def mth(hashes):
    """MTH of RFC 9162, 2.1.1, level by level: an odd last one goes up as it is."""
    if not hashes:
        return sha(b"")
    while len(hashes) > 1:
        pairs = [node(a, b) for a, b in zip(hashes[::2], hashes[1::2])]
        hashes = pairs + hashes[len(pairs) * 2 :]
    return hashes[0]


def subproof(m, leaves, whole=True):
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    if m <= k:
        return subproof(m, leaves[:k], whole) + [mth(leaves[k:])]
    return subproof(m - k, leaves[k:], False) + [mth(leaves[:k])]


# --- tiles --------------------------------------------------------------------------------------


def tile_path(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == 256 else f".p/{width}")


def tiles(size):
    level = 0
    while size >> (8 * level):
        nodes = size >> (8 * level)
        for index in range((nodes + 255) // 256):
            yield level, index, min(256, nodes - 256 * index)
        level += 1


def leaves_of(folder, size):
    """Every leaf; each level above is compared with what follows from the one below."""
    levels = {}
    for level, index, width in tiles(size):
        data = (folder / tile_path(level, index, width)).read_bytes()
        need(len(data) == 32 * width, f"tile {level}/{index} has another size")
        levels.setdefault(level, []).extend(data[at : at + 32] for at in range(0, len(data), 32))
    for level in range(1, len(levels)):
        for at, known in enumerate(levels[level]):
            below = levels[level - 1][256 * at : 256 * at + 256]
            need(mth(below) == known, f"a hash of level {level} does not follow from those below")
    return levels.get(0, [])


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read(), answer.headers


def fetch(base, folder):
    note, headers = get(f"{base}/checkpoint")
    need(headers["Content-Type"] == "text/plain; charset=utf-8", "checkpoint: content type")
    size = int(note.decode().split("\n")[1])
    folder.mkdir(parents=True, exist_ok=True)
    for coordinates in tiles(size):
        path = tile_path(*coordinates)
        data, headers = get(f"{base}/{path}")
        need(headers["Content-Type"] == "application/octet-stream", "tile: content type")
        need("immutable" in headers["Cache-Control"], "tile: caching")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "checkpoint").write_bytes(note)
    return f"{size} leaves"


# --- what a leaf is made of (docs/LOG.md) --------------------------------------------------------


def check_proof(proof, key, witnesses, kind, stands_in):
    head, note = proof.split("\n\n", 1)
    lines = head.split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1", "not a proof")
    need(lines[1].startswith("extra "), "no extra data")
    content = json.loads(unbase64(lines[1][6:]))
    need(content["leaf"] == "yinzheng-leaf/1" and content["kind"] == kind, "another leaf")
    need(stands_in(content), "another document or line")
    leaf = sha(
        b'\0"' + content["kind"].encode() + b'"' + content["blind"].encode()
        + b"".join(bytes.fromhex(part) for part in content["parts"])
        + "".join(content["artefacts"]).encode()
    )
    index = re.fullmatch("index (0|[1-9][0-9]*)", lines[2])
    need(index, "no index")
    path = [unbase64(line) for line in lines[3:]]
    need(all(len(one) == 32 for one in path), "not a hash")
    size, root, seen = checkpoint(note, key, witnesses)
    check_inclusion(leaf, int(index[1]), size, path, root)
    return f"{index[1]} {size} " + ",".join(f"{name}@{time}" for name, time in seen)


def witness(name, seed):
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return key, key.public_key().public_bytes(*raw)


def cosign(note, name, seed, time):
    key, public = witness(name, seed)
    text = note[: note.rindex("\n\n") + 1]
    signature = key.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    blob = key_id(name, 4, public) + struct.pack(">Q", int(time)) + signature
    return f"{note}\u2014 {name} {base64.b64encode(blob).decode()}\n"


def main(command, *arguments):
    read = lambda path: pathlib.Path(path).read_bytes().decode()
    if command == "fetch":
        return fetch(arguments[0], pathlib.Path(arguments[1]))
    if command == "copy":
        folder, key = pathlib.Path(arguments[0]), vkey(arguments[1])
        size, root, _ = checkpoint(read(folder / "checkpoint"), key)
        leaves = leaves_of(folder, size)
        need(mth(leaves) == root, "the tiles have another root than the checkpoint")
        if len(arguments) > 2:
            old_size, old_root, _ = checkpoint(read(arguments[2]), key)
            need(old_size <= size and mth(leaves[:old_size]) == old_root, "rewritten")
        return f"{size} leaves"
    if command in ("proof", "access"):
        proof, shown, key, *witnesses = arguments
        shown = hashlib.sha256(pathlib.Path(shown).read_bytes()).hexdigest()
        # Of accesses the first part is all that the act says beside its lines.
        kind, stands_in = {
            "proof": ("issued", lambda content: shown in content["artefacts"]),
            "access": ("accessed", lambda content: shown in content["parts"][1:]),
        }[command]
        witnesses = [vkey(one) for one in witnesses]
        return check_proof(read(proof), vkey(key), witnesses, kind, stands_in)
    if command in ("consistency", "extend"):
        key = vkey(arguments[-1])
        old, new = arguments[:2] if command == "consistency" else arguments[1:3]
        old, new = checkpoint(read(old), key)[:2], checkpoint(read(new), key)[:2]
        if command == "consistency":
            path = [unbase64(line) for line in read(arguments[2]).split()]
        else:
            path = subproof(old[0], leaves_of(pathlib.Path(arguments[0]), new[0]))
        check_consistency(old, new, path)
        return f"{old[0]} {new[0]}"
    if command == "cosign":
        return cosign(read(arguments[0]), *arguments[1:]).rstrip("\n")
    if command == "wkey":
        public = witness(*arguments)[1]
        key = base64.b64encode(b"\4" + public).decode()
        return f"{arguments[0]}+{key_id(arguments[0], 4, public).hex()}+{key}"
    raise SystemExit(__doc__)


if __name__ == "__main__":
    try:
        print(main(*sys.argv[1:]))
    except (Refused, ValueError, KeyError, IndexError, OSError) as error:
        sys.exit(f"refused: {error!r}")
