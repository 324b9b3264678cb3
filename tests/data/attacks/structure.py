"""Later revisions that other readers read differently, and looks that other readers draw differently.

    target/peers/venv/bin/python tests/data/attacks/structure.py

makes these files alone again, under a root of their own, and their rows in expected.toml.
"""
import re
import sys

from cases import (  # which finds `kit`
    ALTERED, CASES, HERE, PKI, PLAIN, TRAILER, attack, certified, control, foreign, last_object, signed, update,
)
import kit

ROOT = "structure.pem"
NEW_TEXT = b"BT /F1 20 Tf 60 600 Td (Sum: 9999999) Tj ET"


def row(kind, where, more):
    return kind.to_bytes(1, "big") + where.to_bytes(4, "big") + more.to_bytes(2, "big")


def packed(base, numbers, gap=b"", between=b" ", tail=b""):
    """An object stream with these objects of a file, and what an attack puts around them."""
    bodies = [last_object(base, number).strip() for number in numbers]
    pairs, data = b"", gap
    for number, body in zip(numbers, bodies):
        pairs += b"%d %d " % (number, len(data))
        data += body + between
    data = data[:len(data) - len(between)] + tail
    return kit.stream(pairs + data, b"/Type/ObjStm/N %d/First %d" % (len(numbers), len(pairs)))


class Revision:
    """A revision that adds an empty security store, and whatever an attack puts beside it."""

    def __init__(self, base, store=b"<</Type/DSS>>", head=b""):
        self.base, self.bytes, self.rows = base, bytearray(base + head), {}
        self.number = kit.size_of(base)
        catalog = kit.root_of(base)
        self.add(catalog, last_object(base, catalog).replace(b"<<", b"<</DSS %d 0 R" % self.number, 1))
        self.add(self.number, store)

    def add(self, number, body):
        self.rows[number] = len(self.bytes)
        self.bytes += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        return self.rows[number]

    def trailer(self, more=b"", size=None):
        entries = b"/Size %d/Root %d 0 R/Prev %d" % (
            size or max([self.number, *self.rows]) + 10, kit.root_of(self.base), kit.last_table(self.base))
        return entries + more + TRAILER

    def table(self, *, rows=None, end=b" \n", xref=b"xref\n", startxref=b"startxref\n%d\n", gap=b"", more=b"", free=b"", size=None):
        place = len(self.bytes)
        listed = b"".join(
            b"%d 1\n%010d 00000 n" % (number, at) + end for number, at in sorted(self.rows.items()))
        self.bytes += xref + (listed if rows is None else rows) + free
        self.bytes += b"trailer\n<<" + self.trailer(more, size) + b">>\n" + startxref % place + gap + b"%%EOF\n"
        return bytes(self.bytes)

    def stream(self, number, extra=(), more=b"", tail=b""):
        """A cross-reference stream. `extra` are further rows; `tail` is taken for rows of free objects."""
        at = len(self.bytes)
        rows = {key: row(1, place, 0) for key, place in self.rows.items()} | dict(extra)
        if number not in rows and not tail:
            rows[number] = row(1, at, 0)
        index = b" ".join(b"%d 1" % key for key in sorted(rows))
        data = b"".join(rows[key] for key in sorted(rows))
        if tail:
            tail = tail.ljust(-(-len(tail) // 7) * 7)
            index += b" 900 %d" % (len(tail) // 7)
            data += tail
        entries = b"/Type/XRef/W[1 4 2]/Index[%s]" % index + self.trailer(more)
        self.bytes += b"%d 0 obj\n" % number + kit.stream(data, entries) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % at
        return bytes(self.bytes)


def places(base):
    """Where the objects of the signed file stand."""
    return {number: base.index(b"\n%d 0 obj" % number) + 1 for number in (3, 4)}


def revisions():
    family = "what other readers find"

    def add(name, pdf, about, allowed=ALTERED):
        attack(name, pdf, family, about, allowed=allowed, trust=ROOT)

    base = certified(1, foreign.plain())
    hidden = b"4 0 obj\n" + kit.stream(NEW_TEXT) + b"\nendobj\n"
    control("ok-store", Revision(base).table(), family, "An empty security store.", trust=ROOT)
    control("ok-store-stream", Revision(base).stream(95), family, "The same with a cross-reference stream.", trust=ROOT)
    control("ok-store-free", Revision(base).stream(95, extra={95: row(0, 0, 65535)}), family,
            "A cross-reference stream that lists itself as free.", trust=ROOT)
    control("ok-store-named", Revision(base).table(startxref=b"%%iText-5.5.3\nstartxref\n%d\n"), family,
            "The name of a program before startxref.", trust=ROOT)
    objects = kit.letter(catalog=b"/AcroForm 7 0 R", page=b"/Annots[8 0 R]") | {
        7: b"<</Fields[8 0 R]/SigFlags 3>>",
        8: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/P 3 0 R/Rect[0 0 0 0]/V 9 0 R>>",
        9: kit.signature_dictionary(3000),
    }
    behind = kit.document(objects, trailer=TRAILER, tail=b"%%EOF \r\n\0\n\n")
    control("ok-blank-behind", kit.fill(behind, lambda digest: kit.cms(PKI.signer, digest)), family,
            "White space behind the end mark, and signed with it.", source=PLAIN, trust=ROOT)
    control("ok-store-mupdf", Revision(base, head=b"% Written by MuPDF 1.28.5\n").table(free=b"\n"), family,
            "The name of a program before its objects, and an empty line before the trailer.", trust=ROOT)
    for name, options, about in [
        ("size-far", {"size": 99999999}, "A /Size far beyond all objects."),
        ("row-far", {"free": b"4294967295 1\n0000000000 65535 f \n"}, "A free row for an object beyond all numbers."),
        ("row-free-far", {"free": b"90 1\n9999999999 00000 f \n"}, "A free row that names an object beyond all numbers."),
        ("row-generation", {"free": b"90 1\n0000000000 99999 f \n"}, "A free row of a generation beyond all."),
    ]:
        add(name, Revision(base).table(**options), about, allowed=["altered", "unreadable"])
    for name, body, about in [
        ("stream-dp", kit.stream(b"x", b"/DP<</Predictor 15>>"), "A stream with the short name of its parameters."),
        ("object-x", kit.stream(b"\n4 0 objx\n"), "The bytes of a stream begin as an object for a lenient reader."),
        ("xref-in-store", kit.stream(b"\0\0\0\0", b"/Type/XRef/W[1 2 1]/Size 1/Index[0 1]/Encrypt<<>>/Root 1 0 R"),
         "Evidence that is a cross-reference stream."),
        ("objstm-by-reference", kit.stream(b"3 0 <<>>", b"/Type 98 0 R/N 1/First 4"),
         "An object stream whose type is a reference, with another page."),
    ]:
        revision = Revision(base, b"<</Type/DSS/Certs[97 0 R]>>")
        revision.add(97, body)
        revision.add(98, b"/ObjStm")
        add(name, revision.table(), about, allowed=["altered", "unreadable"])
    revision = Revision(base)
    at = len(revision.bytes)
    rows = {key: b"\0\0\0\0" + row(1, place, 0) for key, place in revision.rows.items()}
    rows |= {95: b"\0\0\0\0" + row(1, at, 0), 96: b"\1\0\0\0" + row(1, at, 0)}
    entries = b"/Type/XRef/W[5 4 2]/Index[%s]" % b" ".join(b"%d 1" % key for key in sorted(rows)) + revision.trailer()
    revision.bytes += b"95 0 obj\n" + kit.stream(b"".join(rows[key] for key in sorted(rows)), entries)
    revision.bytes += b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % at
    add("xref-type-wide", bytes(revision.bytes), "A row of a type that 32 bits cut to one in use.",
        allowed=["altered", "unreadable"])
    add("xref-stream-as-content", Revision(base).stream(4, tail=b" " + NEW_TEXT),
        "The cross-reference stream has the number of the page's content, and rows that are content.")
    revision = Revision(base)
    beside = kit.stream(NEW_TEXT.ljust(-(-len(NEW_TEXT) // 7) * 7),
                        b"/Type/XRef/W[1 4 2]/Index[900 %d]/Size 999/Root 1 0 R" % -(-len(NEW_TEXT) // 7))
    inner = b"4 0 obj\n" + beside + b"\nendobj\n"
    place = revision.add(revision.number + 1, kit.stream(b"\n" + inner))
    place = revision.bytes.index(inner, place)
    add("xrefstm-in-bytes", revision.table(more=b"/XRefStm %d" % place),
        "/XRefStm points into the bytes of a stream, at the number of the page's content.")
    for name, numbers, options, about in [
        ("ok-objstm", [3, 5], {}, "The page and its font again, in an object stream."),
        ("ok-objstm-tight", [3, 5], {"between": b""}, "The same without white space between them."),
        ("objstm-stream", [3], {"tail": b"\nstream\nendstream"}, "The page again, with the word `stream` behind it."),
        ("objstm-between", [5, 3], {"between": b" stream\n"}, "The font again, with the word `stream` behind it."),
        ("objstm-gap", [3], {"gap": b"(x) 12345 "}, "The page again, behind other objects that have no number."),
    ]:
        revision = Revision(base)
        store = revision.number + 1
        revision.add(store, packed(base, numbers, **options))
        made = revision.stream(store + 1, extra={number: row(2, store, at) for at, number in enumerate(numbers)})
        if name.startswith("ok-"):
            control(name, made, family, about, trust=ROOT)
        else:
            add(name, made, about)
    # The page of today was written over another, whose place a later section can give again.
    history = certified(1, update(foreign.plain(), {4: kit.stream(kit.text("Synthetic sample", "Sum: 1000"))}))
    revision = Revision(history)
    at = revision.add(revision.number + 1, kit.stream(
        row(1, history.index(b"\n4 0 obj") + 1, 0), b"/Type/XRef/W[1 4 2]/Index[4 1]/Size 99/Root 1 0 R"))
    add("xrefstm-listed", revision.stream(95, more=b"/XRefStm %d" % at),
        "A cross-reference stream names another as its /XRefStm, which places an older content.")
    sizes(add)
    for name, kind, about in [
        ("xrefstm-of-stream", "stream", "A cross-reference stream frees the content; its /XRefStm places it."),
        ("xrefstm-freed", "table", "A table frees the content; its /XRefStm places it."),
    ]:
        revision = Revision(base)
        data = row(1, places(base)[4], 0)
        at = revision.add(revision.number + 1, kit.stream(data, b"/Type/XRef/W[1 4 2]/Index[4 1]/Size 99/Root 1 0 R"))
        more = b"/XRefStm %d" % at
        if kind == "stream":
            made = revision.stream(95, extra={4: row(0, 0, 1)}, more=more)
        else:
            made = revision.table(more=more, free=b"4 1\n0000000000 00001 f \n")
        add(name, made, about, allowed=["altered", "unreadable"])
    for name, options, about in [
        ("xref-row-comment", {"end": b" %\n"}, "Rows of the table end with a comment."),
        ("xref-row-19", {"end": b"\n"}, "Rows of 19 bytes."),
        ("xref-row-21", {"end": b"  \n"}, "Rows of 21 bytes."),
        ("xref-comment-behind", {"xref": b"xref %x\n"}, "A comment behind xref."),
        ("startxref-behind-comment", {"startxref": b"startxref %%x\n%d\n"}, "A comment before the offset."),
        ("startxref-nul", {"startxref": b"startxref\0%d\n"}, "A NUL before the offset."),
        ("eof-far", {"gap": b" " * 1500}, "1,500 spaces before the end mark."),
    ]:
        add(name, Revision(base).table(**options), about)
    revision = Revision(base)
    revision.add(revision.number + 1, kit.stream(b"\n" + hidden))
    add("object-in-stream", revision.table(), "The bytes of a stream look like another content.")
    revision = Revision(base, b"<</Type/DSS/X(" + hidden.replace(b"(", b"\\(").replace(b")", b"\\)") + b")>>")
    add("object-in-string", revision.table(), "A string looks like another content.")
    revision = Revision(base, b"<</Type/DSS/X(\ntrailer <</Root 99 0 R>>\n)>>")
    add("trailer-in-string", revision.table(), "A string looks like another trailer.")
    revision = Revision(base)
    revision.add(revision.number + 1, kit.stream(b"3 0 <</Type/Page/Parent 2 0 R>>", b"/Type/ObjStm/N 1/First 4"))
    add("objstm-unlisted", revision.table(), "An object stream with another page, which no table places there.")


def moved(pdf, inserted):
    """The file with an object before its table that the table does not list."""
    at = kit.last_table(pdf)
    return pdf[:at] + inserted + pdf[at:].replace(b"startxref\n%d" % at, b"startxref\n%d" % (at + len(inserted)))


def sizes(add):
    """Updates after which a reader searches the file, which has another content that nothing lists."""
    hidden = b"4 0 obj\n" + kit.stream(NEW_TEXT) + b"\nendobj\n"
    plain = kit.document(kit.letter(), trailer=TRAILER)
    base = certified(1, moved(plain, hidden))
    add("size-below", Revision(base).table(size=5), "A /Size below the numbers of the file.")
    control("ok-size-below", Revision(certified(1, plain)).table(size=5), "what other readers find",
            "A /Size below the numbers of the file, in which a search finds what is listed.", trust=ROOT)
    revision = Revision(base)
    revision.add(0, b"<</Type/X>>")
    add("object-zero", revision.table(), "Object 0 is in use.")
    for name, widths, free in [("xref-wide", (8, 8, 8), 0), ("xref-free-wide", (1, 4, 4), 4_000_000_000)]:
        revision = Revision(base)
        at = len(revision.bytes)
        rows = {key: (1, place, 0) for key, place in revision.rows.items()} | {95: (1, at, 0)}
        if free:
            rows[15] = (0, 0, free)
        data = b"".join(
            value.to_bytes(width, "big") for key in sorted(rows) for value, width in zip(rows[key], widths))
        entries = b"/Type/XRef/W[%d %d %d]/Index[%s]" % (*widths, b" ".join(b"%d 1" % key for key in sorted(rows)))
        revision.bytes += b"95 0 obj\n" + kit.stream(data, entries + revision.trailer(size=100))
        revision.bytes += b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % at
        add(name, bytes(revision.bytes), "Rows whose columns are wider than readers keep: %d %d %d." % widths)
    # Object 1 is free, and the catalog has another number.
    objects = kit.letter()
    objects[31] = objects.pop(1)
    base = certified(1, moved(kit.document(objects, trailer=TRAILER, root=31), hidden))
    revision = Revision(base)
    for number in (2, 3):
        revision.add(number, last_object(base, number))
    line = b"%010d 00000 n \n"
    rows = b"1 3\n0000000000 00001 f \n" + b"".join(line % revision.rows[number] for number in (2, 3))
    rows += b"".join(b"%d 1\n" % number + line % at for number, at in sorted(revision.rows.items()) if number > 3)
    add("xref-free-one", revision.table(rows=rows), "A subsection begins with a free row for object 1.")
    # /L is right for the file that the update makes, not for the signed one.
    for name, before in [("comment", b" %x\n"), ("line", None), ("stream", b"")]:
        made = linearized(before, 12_000, stream=name == "stream")
        pdf, size = b"", 1_000
        while len(pdf) != 12_000:
            size += 12_000 - len(pdf) if pdf else 0
            revision = Revision(made, b"<</Type/DSS/Certs[97 0 R]>>")
            revision.add(97, kit.stream(bytes(size)))
            pdf = revision.table()
        add(f"linearized-{name}", pdf, f"/L of a linearized file is that of the updated one: {name}.")


def linearized(before, length, stream):
    """A file whose first part says that it is the whole, with another content behind it, certified."""
    head = b"%PDF-1.7 " if before is None else b"%PDF-1.7\n" + before
    first = b"50 0 obj\n<</Linearized 1/L %010d/H[600 100]/O 3/E 900/N 1/T 700" % length
    first += b"/Length 3>>\nstream\nabc\nendstream\nendobj\n" if stream else b">>\nendobj\n"
    trailer = b"trailer\n<</Size 51/Root 1 0 R" + TRAILER + b">>\nstartxref\n%010d\n%%%%EOF\n"
    objects = kit.letter("Synthetic sample: permit no. 0001", "Sum: 9999999")
    table = len(head) + len(first)
    start = table + len(b"xref\n0 7\n50 1\n") + 8 * 20 + len(trailer % 0)
    body, rows = b"", b"0000000000 65535 f \n"
    for number, text in sorted(objects.items()):
        rows += b"%010d 00000 n \n" % (start + len(body))
        body += b"%d 0 obj\n" % number + text + b"\nendobj\n"
    pdf = head + first + b"xref\n0 7\n" + rows + b"50 1\n%010d 00000 n \n" % len(head) + trailer % table + body
    at = len(pdf)
    pdf += b"4 0 obj\n" + kit.stream(kit.text("Synthetic sample: permit no. 0001", "Sum: 1000")) + b"\nendobj\n"
    end = len(pdf)
    pdf += b"xref\n4 1\n%010d 00000 n \ntrailer\n<</Size 51/Root 1 0 R/Prev %d" % (at, table) + TRAILER
    return certified(1, pdf + b">>\nstartxref\n%d\n%%%%EOF\n" % end)


def names():
    """Names that some readers end early, and pages that a prepared name changes."""
    family = "what other readers find"
    page = (b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[8 0 R]/Contents 4 0 R%s"
            b"/Resources<</Font<</F1 5 0 R>>%s>>>>")
    form = kit.stream(b"1 0 0 rg 0 0 300 200 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 300 200]")
    long = b"A" * 86
    for name, before, after, about in [
        ("white", (b"/Contents#8020#800#80R/x", b""), (b"/Contents\x8020\x800\x80R/x", b""),
         "the byte 80, which some readers take for white space"),
        ("escaped", (b"", b"/XObject<</%s 20 0 R>>" % long),
         (b"", b"/XObject<</%s 20 0 R>>" % b"".join(b"#%02x" % one for one in long)),
         "escapes that are longer than some readers keep"),
    ]:
        objects = kit.letter(page=b"/Annots[8 0 R]", catalog=b"/AcroForm 7 0 R")
        objects[3] = page % before
        objects[4] = kit.stream(kit.text("Synthetic sample", "Sum: 1000") + b"/%s Do" % long)
        objects[20] = form if name == "escaped" else kit.stream(NEW_TEXT)
        base = kit.signed_letter(PKI.signer, objects=objects)
        revision = Revision(base)
        revision.add(3, page % after)
        attack(f"name-{name}", revision.table(), family, f"The page again, with another spelling of a name: {about}.",
               allowed=ALTERED, source=PLAIN, trust=ROOT)
        revision = Revision(base)
        revision.add(3, page % before)
        control(f"ok-name-{name}", revision.table(), family, "The page again, spelled as it was signed.",
                source=PLAIN, trust=ROOT)


def stamps():
    """White space behind the end mark that a document time stamp covers."""
    family = "what other readers find"
    base = certified(1, foreign.plain())
    number = kit.size_of(base)
    catalog = last_object(base, kit.root_of(base))
    form = int(re.search(rb"/AcroForm\s*(\d+) 0 R", catalog)[1])
    grown = {
        one: re.sub(key + rb"\s*\[(.*?)\]", lambda found: key + b"[" + found[1] + b" %d 0 R]" % number,
                    last_object(base, one), count=1, flags=re.DOTALL)
        for one, key in ((3, b"/Annots"), (form, b"/Fields"))
    }
    widget = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Time)/F 132/P 3 0 R/Rect[0 0 0 0]/V %d 0 R>>" % (number + 1)
    stamp = kit.signature_dictionary(2200, sub_filter=b"ETSI.RFC3161", at=None, kind=b"DocTimeStamp")

    def stamped(blank):
        pdf = update(base, grown | {number: widget, number + 1: stamp}, tail=b"%%EOF\n" + b" " * blank)
        return kit.fill(pdf, lambda digest: kit.timestamp(PKI.tsa, digest))

    attack("stamp-blank", stamped(1010), family, "1,010 spaces behind the end mark, and stamped with it.",
           allowed=ALTERED, trust=ROOT)
    control("ok-stamp-blank", stamped(900), family, "900 spaces behind the end mark, and stamped with it.", trust=ROOT)


def highlights():
    family = "what other readers find"
    base = certified(3, foreign.plain())
    number = kit.size_of(base)
    page = re.sub(rb"/Annots\s*\[(.*?)\]", lambda found: b"/Annots[" + found[1] + b" %d 0 R]" % number,
                  last_object(base, 3), count=1, flags=re.DOTALL)
    mark = (b"<</Type/Annot/Subtype/Highlight/Rect[60 755 300 775]/QuadPoints[60 775 300 775 60 755 300 755]"
            b"/C[%s]/F 4/P 3 0 R>>")
    control("ok-highlight", update(base, {3: page, number: mark % b"1 1 0"}), family,
            "A yellow highlight where P 3 permits it.", trust=ROOT)
    for name, colour, about in [
        ("empty", b"", "no number"), ("names", b"/A/B/C", "names"), ("inks", b"1 1 1 -9", "inks beyond their range"),
    ]:
        attack(f"highlight-{name}", update(base, {3: page, number: mark % colour}), family,
               f"P 3, and a highlight whose colour is {about}.", allowed=ALTERED, trust=ROOT)


def prepared():
    """Files whose author prepared another look, or another meaning, before the signature."""
    family = "what other readers find"
    body = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    rows = {}

    def add(number, text):
        rows[number] = row(1, len(body), 0)
        body.extend(b"%d 0 obj\n" % number + text + b"\nendobj\n")

    def section(number, listed, size, more):
        at = len(body)
        listed = listed | {number: row(1, at, 0)}
        index = b" ".join(b"%d 1" % key for key in sorted(listed))
        data = b"".join(listed[key] for key in sorted(listed))
        entries = b"/Type/XRef/W[1 4 2]/Index[%s]/Size %d/Root 1 0 R" % (index, size) + more + TRAILER
        body.extend(b"%d 0 obj\n" % number + kit.stream(data, entries, deflate=True) + b"\nendobj\n")
        body.extend(b"startxref\n%d\n%%%%EOF\n" % at)

    add(1, b"<</Type/Catalog/Pages 2 0 R>>")
    add(2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>")
    add(3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 30 0 R/Resources<</Font<</F1 5 0 R>>>>>>")
    add(4, kit.stream(kit.text("Synthetic sample: permit no. 0001", "Sum: 1000")))
    add(14, kit.stream(kit.text("Synthetic sample: permit no. 9999", "Sum: 9999999")))
    add(5, kit.HELVETICA)
    add(6, kit.INFO)
    inner = b"30 0 [14 0 R]"
    inside = b"21 0 obj\n<</Type/ObjStm/N 1/First 5/Length %d>>\nstream\n" % len(inner) + inner
    outer = b"30 0 [4 0 R] \n" + inside
    add(20, b"<</Type/ObjStm/N 1/First 5/Length %d>>\nstream\n" % len(outer) + outer + b"\nendstream")
    place = body.index(inside)
    section(31, rows | {30: row(2, 20, 0)}, 32, b"")
    base = signed(bytes(body))
    body[:] = base
    size = kit.size_of(base)
    section(size, {21: row(1, place, 0), 30: row(2, 21, 0)}, size + 1, b"/Prev %d" % kit.last_table(base))
    attack("objstm-in-objstm", bytes(body), family,
           "Two object streams that end with the same byte: the update takes the content from the inner one.",
           allowed=ALTERED, trust=ROOT)

    def tint(program):
        entries = b"/FunctionType 4/Domain[0 1]/Range[0 1 0 1 0 1]/Title(Synthetic sample)"
        return kit.stream(program.ljust(60), entries)

    objects = kit.letter()
    objects[1] = b"<</Type/Catalog/Pages 2 0 R/AcroForm 7 0 R>>"
    objects[3] = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[8 0 R]/Resources<</Font<</F1 5 0 R>>"
        b"/ColorSpace<</CS[/Separation/Spot/DeviceRGB 6 0 R]>>>>>>")
    objects[4] = kit.stream(
        b"/CS cs 1 scn " + kit.text("Sum: 1000") + b" 0 scn " + kit.text("Sum: 9999999"))
    objects[6] = tint(b"{ 0.5 gt {0 0 0} {1 1 1} ifelse }")
    base = kit.signed_letter(PKI.signer, objects=objects)
    attack("info-as-function", update(base, {6: tint(b"{ 0.5 gt {1 1 1} {0 0 0} ifelse }")}), family,
           "The document information is also the function of a colour.", allowed=ALTERED, source=PLAIN, trust=ROOT)

    objects = kit.form_letter()
    objects[10] = kit.FILLED["text"][10].replace(b"(Example Person)", b"(Sum 1000)")
    objects[20] = kit.appearance(b"Sum 9999999")
    objects[3] = objects[3].replace(b"/Annots[", b"/Annots[8 0 R ")
    objects[30] = objects[30].replace(b"<<", b"<</NeedAppearances true/SigFlags 3", 1)
    objects[30] = objects[30].replace(b"/Fields[", b"/Fields[8 0 R ")
    objects[8] = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/P 3 0 R/Rect[0 0 0 0]/V 9 0 R>>"
    objects[9] = kit.signature_dictionary(3000)
    base = kit.fill(kit.document(objects, trailer=TRAILER), lambda digest: kit.cms(PKI.signer, digest))
    off = {30: objects[30].replace(b"/NeedAppearances true", b"")}
    attack("need-appearances-off", update(base, off), family,
           "Signed with the value shown; the update shows the look, which is another.",
           allowed=ALTERED, source=PLAIN, trust=ROOT)


def second(base, widget, more):
    """A second signature whose widget lies over the page. `more(n)` are objects from n on."""
    number = kit.size_of(base)
    catalog = last_object(base, kit.root_of(base))
    form = int(re.search(rb"/AcroForm (\d+) 0 R", catalog)[1])
    grown = {
        number_: re.sub(key + rb" ?\[(.*?)\]", lambda found: key + b"[" + found[1] + b" %d 0 R]" % number,
                        last_object(base, number_), count=1, flags=re.DOTALL)
        for number_, key in ((3, b"/Annots"), (form, b"/Fields"))
    }
    field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature2)/P 3 0 R/Rect[50 700 500 790]/V %d 0 R" % (number + 1)
    objects = grown | {number: field + widget % {b"n": number + 2} + b">>", number + 1: kit.signature_dictionary(3000)}
    return kit.fill(update(base, objects | more(number + 2)), lambda digest: kit.cms(PKI.second, digest))


def looks():
    family = "what other readers find"
    look = kit.stream(
        b"1 g 0 0 450 90 re f 0 g BT /F1 20 Tf 10 50 Td (Sum: 9999999) Tj ET",
        b"/Type/XObject/Subtype/Form/BBox[0 0 450 90]/Resources<</Font<</F1 5 0 R>>>>")
    for name, widget, more, about in [
        ("colours", b"/F 4/MK<</BG[1 1 1]/BC[1 1 1]>>", lambda n: {}, "colours and no appearance"),
        ("printed", b"/F 36/AP<</N %(n)d 0 R>>", lambda n: {n: look}, "an appearance that is printed and not viewed"),
    ]:
        made = second(certified(2, foreign.plain()), widget, more)
        attack(f"second-{name}", made, family, f"A second signature on a certified page: {about}.",
               allowed=ALTERED, trust=ROOT)
        made = second(signed(foreign.plain()), widget, more)
        control(f"second-{name}-approval", made, family, f"The same without a certification: {about}.",
                trust=ROOT, warns=True)
    base = certified(2)

    def fill(value, content, fonts, keys=(b"F1", b"F2")):
        field = kit.FILLED["text"][10].replace(b"(Example Person)", b"(%s)" % value)
        number = kit.size_of(base)
        names = b"".join(b"/%s %d 0 R" % (key, number + at) for at, key in enumerate(keys))
        shown = kit.stream(
            b"/Tx BMC q BT " + content + b" ET Q EMC",
            b"/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<<" + names + b">>>>")
        return update(base, {10: field, 20: shown} | fonts(number))

    plain = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    nine = (b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Type/Encoding/BaseEncoding/WinAnsiEncoding"
            b"/Differences[49 %s]>>>>")
    two = lambda n: {n: plain, n + 1: nine % b"/nine"}  # noqa: E731
    attack("differences-by-reference",
           fill(b"1000 EUR", b"/F1 12 Tf 2 6 Td (1000 EUR) Tj",
                lambda n: {n: nine % (b"%d 0 R" % (n + 2)), n + 1: plain, n + 2: b"/nine"}),
           family, "The encoding of a field's font names a glyph by reference.", allowed=ALTERED, trust=ROOT)
    control("operands-exact", fill(b"1000 EUR", b"/F1 12 Tf 2 6 Td (1000 EUR) Tj", two), family,
            "A field that is filled in as programs do.", trust=ROOT)
    for name, content, about in [
        ("white", b"/F1 12 Tf 2 6 Td (1000 EUR) Tj ET /Tx\x801\x800\x800\x80rg\x800\x800\x80190\x8018\x80re\x80f\x80 BMC EMC BT",
         "a tag with the byte 80, behind which some readers see operators"),
        ("octal", b"/F1 12 Tf 2 6 Td (\\461000 EUR) Tj", "an octal escape above 377"),
    ]:
        attack(f"look-{name}", fill(b"1000 EUR", content, two), family, f"The look of a field has {about}.",
               allowed=ALTERED, trust=ROOT)
    for name, keys, bodies, about in [
        ("long", [b"A" * 257, b"A" * 256 + b"B"], two, "longer than readers keep"),
        ("text", [b"F\xe4", b"F\xc3\xa4"], two, "one in two encodings"),
    ]:
        made = fill(b"1000 EUR", b"/" + keys[0] + b" 12 Tf 2 6 Td (1000 EUR) Tj", bodies, keys)
        attack(f"look-names-{name}", made, family, f"The names of two fonts of a look are {about}.",
               allowed=["altered", "unreadable"], trust=ROOT)
    for name, value, content, about in [
        ("colour", b"1000000 EUR", b"/F1 12 Tf 2 6 Td 0 g (1000) Tj 0 0 1 g (000 EUR) Tj", "a colour with three numbers"),
        ("space", b"1000000 EUR",
         b"/F1 12 Tf 2 6 Td 0 g (1000) Tj /DeviceGray cs 0 0 1 sc (000 EUR) Tj", "a grey with three numbers"),
        ("font", b"1000 EUR", b"/F1 /F2 12 Tf 2 6 Td (1000 EUR) Tj", "two fonts"),
        ("text", b"91000 EUR", b"/F1 12 Tf 2 6 Td (9) (1000 EUR) Tj", "two texts"),
        ("layer", b"91000 EUR", b"/F1 12 Tf 2 6 Td /X /OC /Off BDC (9) Tj EMC (1000 EUR) Tj", "a layer behind a name"),
    ]:
        control(f"operands-{name}", fill(value, content, two), family,
                f"An operator of a field's look has operands too many: {about}.", trust=ROOT, warns=True)


def run():
    (HERE / ROOT).write_text(PKI.root.pem)
    revisions()
    names()
    stamps()
    highlights()
    prepared()
    looks()


def main():
    expected = HERE / "expected.toml"
    run()
    others = [case for case in re.split(r"(?=^\[\[case\]\]$)", expected.read_text(), flags=re.M)
              if case.strip() and f'trust = "{ROOT}"' not in case]
    order = sorted(CASES, key=lambda case: (case["family"], case["kind"], case["file"]))
    rows = kit.toml({}, [("case", order)]).strip()
    expected.write_text("".join(others).strip() + "\n\n" + rows + "\n")
    print(len(CASES), "files")


if __name__ == "__main__":
    sys.exit(main())
