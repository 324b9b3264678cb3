#!/usr/bin/env python3
"""Writes sRGB.icc: an ICC version 4.2 display profile of IEC 61966-2-1, made from its numbers alone.

Colorants are the sRGB primaries adapted to D50 (Bradford); the curve is the exact function, as
parameters. PDF 1.7 reads profiles of this version (ISO 32000-1, table 66).
"""
import struct
import sys


def s15(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + s15(*values)


def curve() -> bytes:
    """Type 3: Y = (aX + b)^g from d on, else cX."""
    g, a, b, c, d = 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045
    return b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + s15(g, a, b, c, d)


def text(value: str) -> bytes:
    encoded = value.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded


def profile() -> bytes:
    tags = [
        (b"desc", text("sRGB")),
        (b"cprt", text("Public domain")),
        (b"wtpt", xyz(0.9642, 1.0, 0.8249)),
        (b"chad", b"sf32\0\0\0\0" + s15(1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707,
                                        -0.00925, 0.01508, 0.75168)),
        (b"rXYZ", xyz(0.43607, 0.22249, 0.01392)),
        (b"gXYZ", xyz(0.38515, 0.71687, 0.09708)),
        (b"bXYZ", xyz(0.14307, 0.06061, 0.71410)),
        (b"rTRC", curve()),
    ]
    offset = 128 + 4 + 12 * (len(tags) + 2)
    entries, body = [], b""
    for name, data in tags:
        entries.append((name, offset + len(body), len(data)))
        body += data + b"\0" * (-len(data) % 4)
    entries += [(b"gTRC", *entries[-1][1:]), (b"bTRC", *entries[-1][1:])]
    table = struct.pack(">I", len(entries)) + b"".join(struct.pack(">4sII", *e) for e in entries)
    size = 128 + len(table) + len(body)
    head = struct.pack(">I4sI4s4s4s6H4s4sIII2II", size, b"\0" * 4, 0x04200000, b"mntr", b"RGB ", b"XYZ ",
                       2026, 1, 1, 0, 0, 0, b"acsp", b"\0" * 4, 0, 0, 0, 0, 0, 0)
    head += s15(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + table + body


if __name__ == "__main__":
    sys.stdout.buffer.write(profile())
