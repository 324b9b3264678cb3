"""The list of cases, and what the kinds of attack share."""
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "foreign")]

import kit  # noqa: E402
import producers as foreign  # noqa: E402

PKI = foreign.PKI
AT = foreign.AT
TRAILER = kit.LETTER_TRAILER
PYHANKO, POPPLER, PLAIN, OURS = "pyHanko 0.38", "pdfsig 22.12", "plain objects", "yinzheng"

# What every attack is called; narrower where only one word is right.
REFUSED = ["altered", "invalid", "unknown_issuer", "not_enough_evidence", "not_signed", "unreadable"]
CHANGED = ["altered", "invalid"]
ALTERED = ["altered"]
INVALID = ["invalid"]
# What this program cannot check is no fault of the file.
UNTOLD = ["not_enough_evidence"]
BROKEN = ["altered", "invalid", "unreadable"]
BOUNDED = ["unreadable", "invalid", "altered", "not_signed"]

CASES = []


def attack(name, pdf, family, about, *, allowed=CHANGED, source=PYHANKO, **more):
    _add(name, pdf, "attack", family, about, allowed, source, **more)


def control(name, pdf, family, about, *, allowed=("valid",), source=PYHANKO, **more):
    _add(name, pdf, "control", family, about, list(allowed), source, **more)


def _add(
    name, pdf, kind, family, about, allowed, source, *, at=AT, trust="root.pem", crl=(), status=None,
    require_revocation=False, warns=False,
):
    file = name if "." in name else f"{name}.pdf"
    if any(case["file"] == file for case in CASES):
        raise ValueError(f"{file} stands twice")
    (HERE / file).write_bytes(pdf)
    case = {
        "file": file, "kind": kind, "family": family, "source": source, "about": about, "allowed": list(allowed),
        "at": at, "trust": trust, "crl": list(crl),
    }
    if status:
        case["status"] = status
    CASES.append(case | {"require_revocation": require_revocation, "warns": warns})


# --- files to attack -------------------------------------------------------------------------

def impostor(common):
    """Another CA that has the name of ours."""
    root = kit.certify("Example Foreign Root", ca=True, start="2020-01-01", end="2056-01-01")
    return kit.certify(common, root, ca=True, start="2020-01-01", end="2055-01-01")


def signed(pdf=None, entity=None, **more):
    """An approval signature of pyHanko, with a tight hole."""
    more.setdefault("reserve", 3600)
    return foreign.sign(pdf or foreign.plain(), entity, **more)


def poppler_signed(pdf=None):
    """By poppler: a letter in its field, or another file in a new one."""
    with tempfile.TemporaryDirectory() as folder:
        maker = foreign.Poppler(folder)
        return maker.add(pdf, "Signature1") if pdf else maker.sign(foreign.with_field(), "Signature1")


def certified(level, pdf=None, **more):
    permissions = [foreign.MDPPerm.NO_CHANGES, foreign.MDPPerm.FILL_FORMS, foreign.MDPPerm.ANNOTATE]
    return signed(pdf or foreign.form(), certify=True, docmdp_permissions=permissions[level - 1], **more)


def last_object(pdf, number):
    return foreign.last_object(pdf, number)


def update(pdf, objects, **more):
    more.setdefault("trailer", TRAILER)
    return kit.update(pdf, objects, **more)


def with_key(body, entry):
    """A dictionary's text with one more entry at its front."""
    return body.replace(b"<<", b"<<" + entry, 1)


def replaced(data, old, new):
    if old not in data:
        raise ValueError(f"{old!r} is not in the file")
    return data.replace(old, new, 1)


def range_of(pdf):
    """The last byte range: its position, its text up to the padding's end, its numbers."""
    start = pdf.rindex(b"/ByteRange") + len(b"/ByteRange")
    end = pdf.index(b"]", start) + 1
    numbers = [int(one) for one in pdf[start:end].strip(b" []").split()]
    while pdf[end:end + 1] == b" ":
        end += 1
    return start, end, numbers


def with_range(pdf, text):
    """The file with another byte range in the same place, padded to the same length."""
    start, end, _ = range_of(pdf)
    room = end - start
    if len(text) > room:
        raise ValueError(f"{text!r} does not fit into {room}")
    return pdf[:start] + text.ljust(room) + pdf[end:]


def with_hole(pdf, text):
    """The file with something else in the hole, of the same length."""
    start, end = kit.spans(pdf) if b"/Contents<" in pdf else spaced_spans(pdf)
    if len(text) > end - start:
        raise ValueError("too long for the hole")
    return pdf[:start] + text.ljust(end - start) + pdf[end:]


def hole(pdf):
    start, end = spaced_spans(pdf)
    return pdf[start:end]


def spaced_spans(pdf):
    """The last hole, whatever white space stands before it."""
    _, _, (_, head, tail, _) = range_of(pdf)
    return head, tail
