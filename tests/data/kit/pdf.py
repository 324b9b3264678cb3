"""Plain PDF objects, tables, revisions, and the hole for a signature."""
import hashlib
import re
import zlib

from .message import cms

def stream(data, entries=b"", *, deflate=False):
    if deflate:
        data, entries = zlib.compress(data, 9), entries + b"/Filter/FlateDecode"
    return b"<<" + entries + b"/Length %d>>\nstream\n" % len(data) + data + b"\nendstream"


def document(objects, *, version=b"1.7", eol=b"\n", trailer=b"", tail=b"%%EOF\n", root=1, front=b"", shadow=None):
    """A whole file with a classic table. `objects` maps numbers to bodies; `None` is a free one.

    `shadow` are objects of the same numbers that stand first in the file and in no table.
    """
    out = bytearray(front + b"%PDF-" + version + eol + b"%\xe2\xe3\xcf\xd3" + eol)
    for number, body in (shadow or {}).items():
        out += b"%d 0 obj" % number + eol + body + eol + b"endobj" + eol
    offsets = {}
    for number, body in objects.items():
        if body is None:
            continue
        offsets[number] = len(out)
        out += b"%d 0 obj" % number + eol + body + eol + b"endobj" + eol
    table, size = len(out), max(objects) + 1
    out += b"xref" + eol + b"0 %d" % size + eol
    for number in range(size):
        if number in offsets:
            out += b"%010d 00000 n\r\n" % offsets[number]
        else:
            out += b"0000000000 65535 f\r\n"
    out += b"trailer" + eol + b"<</Size %d/Root %d 0 R" % (size, root) + trailer + b">>" + eol
    out += b"startxref" + eol + b"%d" % table + eol + tail
    return bytes(out)


def last_table(pdf):
    return int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])


def size_of(pdf):
    return max(int(size) for size in re.findall(rb"/Size (\d+)|/Size(\d+)", pdf) for size in size if size)


def root_of(pdf):
    return int(re.findall(rb"/Root\s*(\d+) 0 R", pdf)[-1])


def update(
    pdf, objects, *, trailer=b"", root=None, prev=None, tail=b"%%EOF\n", free=(), size=None,
    eol=b"\n",
):
    """The file with a revision behind it: a classic table."""
    out = bytearray(pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n")
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj" % number + eol + body + eol + b"endobj" + eol
    table = len(out)
    entries = {number: b"%010d 00000 n\r\n" % at for number, at in offsets.items()}
    entries |= {number: b"0000000000 00001 f\r\n" for number in free}
    size = size or max([size_of(pdf) - 1, *objects]) + 1
    out += b"xref" + eol
    for number in sorted(entries):
        out += b"%d 1" % number + eol + entries[number]
    if not entries:
        out += b"0 0" + eol
    out += b"trailer" + eol + b"<</Size %d/Root %d 0 R" % (size, root or root_of(pdf))
    out += b"/Prev %d" % (last_table(pdf) if prev is None else prev) + trailer + b">>" + eol
    out += b"startxref" + eol + b"%d" % table + eol + tail
    return bytes(out)


def stream_update(pdf, objects, *, packed=None, trailer=b"", root=None):
    """A revision with a cross-reference stream; `packed` objects go into an object stream."""
    out = bytearray(pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n")
    packed = packed or {}
    free = max([size_of(pdf) - 1, *objects, *packed]) + 1
    rows = {}
    for number, body in objects.items():
        rows[number] = (1, len(out), 0)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    if packed:
        head, bodies = b"", b""
        for number, body in packed.items():
            head += b"%d %d " % (number, len(bodies))
            bodies += body + b"\n"
        entries = b"/Type/ObjStm/N %d/First %d" % (len(packed), len(head))
        rows[free] = (1, len(out), 0)
        for index, number in enumerate(packed):
            rows[number] = (2, free, index)
        out += b"%d 0 obj\n" % free + stream(head + bodies, entries, deflate=True) + b"\nendobj\n"
        free += 1
    at = len(out)
    rows[free] = (1, at, 0)
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    data = b"".join(
        kind.to_bytes(1, "big") + where.to_bytes(4, "big") + extra.to_bytes(2, "big")
        for _, (kind, where, extra) in sorted(rows.items())
    )
    entries = b"/Type/XRef/W[1 4 2]/Index[%s]/Size %d/Root %d 0 R/Prev %d" % (
        index, free + 1, root or root_of(pdf), last_table(pdf),
    )
    out += b"%d 0 obj\n" % free + stream(data, entries + trailer, deflate=True) + b"\nendobj\n"
    out += b"startxref\n%d\n%%%%EOF\n" % at
    return bytes(out)


def text(*lines, size=12, top=760):
    shown = b"".join(
        b"1 0 0 1 60 %d Tm (%s) Tj\n" % (top - 20 * row, line.encode()) for row, line in enumerate(lines)
    )
    return b"BT /F1 %d Tf\n" % size + shown + b"ET\n"


HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
INFO = b"<</Title(Synthetic sample)/Producer(plain objects)>>"


def letter(*lines, more=None, page=b"", catalog=b""):
    """Objects of a letter of one page: 1 catalog, 2 pages, 3 page, 4 content, 5 font, 6 info."""
    lines = lines or ("Synthetic sample: permit no. 0001", "Holder: Example Person", "Sum: 1000")
    return {
        1: b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>" + page + b">>",
        4: stream(text(*lines)),
        5: HELVETICA,
        6: INFO,
        **(more or {}),
    }


LETTER_TRAILER = b"/Info 6 0 R/ID[<000102030405060708090a0b0c0d0e0f><000102030405060708090a0b0c0d0e0f>]"


def appearance(shown, width=200, height=20):
    data = b"/Tx BMC q BT /F1 12 Tf 2 6 Td (%s) Tj ET Q EMC" % shown
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 %d %d]/Resources<</Font<</F1 5 0 R>>>>" % (width, height)
    return stream(data, entries)


def form_letter():
    """A letter with a form: 10 text `Name`, 11 text `Remark`, 12 check box `Agreed`; 20 to 24 looks."""
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(%s)/F 4/P 3 0 R/Rect[60 %d 260 %d]/DA(/F1 12 Tf 0 g)/MK<<>>%s>>"
    more = {
        10: field % (b"Name", 600, 620, b"/V()/AP<</N 20 0 R>>"),
        11: field % (b"Remark", 560, 580, b"/V()/AP<</N 21 0 R>>"),
        12: b"<</Type/Annot/Subtype/Widget/FT/Btn/T(Agreed)/F 4/P 3 0 R/Rect[60 520 80 540]/V/Off/AS/Off"
        b"/AP<</N<</Yes 22 0 R/Off 23 0 R>>>>>>",
        20: appearance(b""),
        21: appearance(b""),
        22: stream(b"q 2 2 16 16 re S 4 4 m 16 16 l 4 16 m 16 4 l S Q", b"/Type/XObject/Subtype/Form/BBox[0 0 20 20]"),
        23: stream(b"q 2 2 16 16 re S Q", b"/Type/XObject/Subtype/Form/BBox[0 0 20 20]"),
        30: b"<</Fields[10 0 R 11 0 R 12 0 R]/DA(/F1 12 Tf 0 g)/DR<</Font<</F1 5 0 R>>>>>>",
    }
    return letter(more=more, page=b"/Annots[10 0 R 11 0 R 12 0 R]", catalog=b"/AcroForm 30 0 R")


FILLED = {
    "text": {
        10: b"<</Type/Annot/Subtype/Widget/FT/Tx/T(Name)/F 4/P 3 0 R/Rect[60 600 260 620]/DA(/F1 12 Tf 0 g)/MK<<>>"
        b"/V(Example Person)/AP<</N 20 0 R>>>>",
        20: appearance(b"Example Person"),
    },
    "check": {
        12: b"<</Type/Annot/Subtype/Widget/FT/Btn/T(Agreed)/F 4/P 3 0 R/Rect[60 520 80 540]/V/Yes/AS/Yes"
        b"/AP<</N<</Yes 22 0 R/Off 23 0 R>>>>>>",
    },
    "remark": {
        11: b"<</Type/Annot/Subtype/Widget/FT/Tx/T(Remark)/F 4/P 3 0 R/Rect[60 560 260 580]/DA(/F1 12 Tf 0 g)/MK<<>>"
        b"/V(none)/AP<</N 21 0 R>>>>",
        21: appearance(b"none"),
    },
}


RANGE = b"[0 0000000000 0000000000 0000000000]"


def signature_dictionary(hole, *, sub_filter=b"ETSI.CAdES.detached", more=b"", at=b"D:20260601120000Z", kind=b"Sig"):
    return (
        b"<</Type/%s/Filter/Adobe.PPKLite/SubFilter/%s/ByteRange%s/Contents<%s>%s%s>>"
        % (kind, sub_filter, RANGE, b"0" * (2 * hole), b"/M(%s)" % at if at else b"", more)
    )


def spans(pdf):
    """Where the last hole is: the positions of its `<` and behind its `>`."""
    start = pdf.rindex(b"/Contents<") + len(b"/Contents")
    return start, pdf.index(b">", start) + 1


def fill(pdf, message, *, ranges=None, digest="sha256"):
    """Writes the byte range, then what `message` makes of the digest. `ranges` chooses another range."""
    start, end = spans(pdf)
    numbers = (0, start, end, len(pdf) - end)
    if ranges:
        numbers = ranges(*numbers)
    written = (b"[%d %d %d %d]" % numbers).ljust(len(RANGE))
    at = pdf.rindex(RANGE)
    pdf = pdf[:at] + written + pdf[at + len(RANGE):]
    covered = pdf[numbers[0]:numbers[0] + numbers[1]] + pdf[numbers[2]:numbers[2] + numbers[3]]
    filled = message(hashlib.new(digest, covered).digest()).hex().encode()
    room = end - start - 2
    if len(filled) > room:
        raise ValueError(f"the hole needs {len(filled) // 2} bytes")
    return pdf[:start + 1] + filled + pdf[start + 1 + len(filled):]


def signed_letter(entity, *, objects=None, hole=3000, widget=b"", message=None, dictionary=None, digest="sha256", **more):
    """A letter with one signature in the first revision: 7 form, 8 field, 9 signature."""
    objects = dict(objects or letter(catalog=b"/AcroForm 7 0 R", page=b"/Annots[8 0 R]"))
    objects[7] = b"<</Fields[8 0 R]/SigFlags 3>>"
    objects[8] = (
        b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/P 3 0 R/Rect[0 0 0 0]/V 9 0 R" + widget + b">>"
    )
    objects[9] = dictionary or signature_dictionary(hole)
    more.setdefault("trailer", LETTER_TRAILER)
    return fill(document(objects, **more), message or (lambda covered: cms(entity, covered)), digest=digest)
