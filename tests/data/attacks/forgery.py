"""Forgeries of the signature's place in the file, and files that two readers read differently."""
from io import BytesIO

import kit
from cases import (
    ALTERED, BROKEN, CHANGED, PKI, PLAIN, POPPLER, PYHANKO, REFUSED, TRAILER, attack, control, foreign, hole, last_object,
    poppler_signed, range_of, replaced, signed, spaced_spans, update, with_hole, with_range,
)
from pyhanko.pdf_utils.reader import PdfFileReader


def universal(pdf, prefix, **more):
    """Universal signature forgery: byte range or contents that say nothing."""
    family = "universal forgery"

    def add(name, made, about, allowed=CHANGED):
        attack(f"{prefix}-{name}", made, family, about, allowed=allowed, **more)

    _, _, (_, head, tail, length) = range_of(pdf)
    for name, text, about in [
        ("null", b" null", "null"),
        ("empty", b"[]", "empty"),
        ("two", b"[0 %d]" % head, "only the first part"),
        ("three", b"[0 %d %d]" % (head, tail), "three numbers"),
        ("six", b"[0 9 %d 9 9 9]" % tail, "six numbers"),
        ("negative", b"[0 %d -%d %d]" % (head, tail, length), "a negative offset"),
        ("negative-length", b"[0 %d %d -1]" % (head, tail), "a negative length"),
        ("overflow", b"[0 %d 18446744073709551617 1]" % head, "an offset beyond 64 bits"),
        ("wrap-32", b"[0 %d %d %d]" % (head, tail, length + (1 << 32)), "a length that 32 bits cut to the right one"),
        ("past-end", b"[0 %d %d %d]" % (head, tail, length + 1000), "a length past the end of the file"),
        ("names", b"[/A/B/C/D]", "names for numbers"),
        ("strings", b"[(0)(9)(9)(9)]", "strings for numbers"),
        ("reals", b"[0.0 %d.0 9. 9.]" % head, "reals for numbers"),
        ("first-part", b"[0 %d %d 0]" % (head, tail), "nothing of the second part"),
        ("second-part", b"[0 0 %d %d]" % (tail, length), "nothing of the first part"),
        ("front-cut", b"[9 %d %d %d]" % (head - 9, tail, length), "not the first nine bytes"),
        ("swapped", b"[%d %d 0 %d]" % (tail, length, head), "the second part first"),
        ("short-end", b"[0 %d %d %d]" % (head, tail, length - 8), "not the last eight bytes"),
        ("wide-hole", b"[0 %d %d %d]" % (head - 4, tail, length), "four bytes before the hole left out"),
        ("overlap", b"[0 %d %d %d]" % (tail, head, length), "two parts that overlap"),
    ]:
        add(f"range-{name}", with_range(pdf, text), f"The byte range is or has: {about}.")
    start, end, _ = range_of(pdf)
    add("range-missing", pdf[:start].replace(b"/ByteRange", b"/ByteRungs") + pdf[start:], "No byte range at all.")
    add("contents-null", with_hole(pdf, b"null"), "Contents is null.")
    add("contents-empty", with_hole(pdf, b"<>"), "Contents is empty.")
    add("contents-string", with_hole(pdf, b"()"), "Contents is an empty literal string.")
    add("contents-number", with_hole(pdf, b"0"), "Contents is a number.")
    head, tail = spaced_spans(pdf)
    add("contents-zero", with_hole(pdf, b"<" + b"0" * (tail - head - 2) + b">"), "Contents is all zeros.")
    digits = hole(pdf)[1:-1]
    for kept in (2, 40, 1200):
        cut = digits[:kept].ljust(len(digits), b"0")
        add(f"contents-cut-{kept}", with_hole(pdf, b"<" + cut + b">"), f"Only {kept} digits of the message are left.")
    key = pdf[:head].rindex(b"/Contents")
    add("contents-missing", pdf[:key] + b"/Contentz" + pdf[key + 9:], "No Contents at all.")


def filters(pdf):
    family = "universal forgery"
    for name, text in [
        ("sha1", b"/adbe.pkcs7.sha1   "), ("x509", b"/adbe.x509.rsa_sha1"), ("tsa", b"/ETSI.RFC3161      "),
        ("unknown", b"/none              "),
    ]:
        made = replaced(pdf, b"/ETSI.CAdES.detached", text.ljust(20))
        attack(f"uf-subfilter-{name}", made, family, f"The sub-filter became {text.decode().strip()}.")
    control("ok-hole-capitals", with_hole(pdf, hole(pdf).lower()), family, "The digits in the hole are small letters.")
    control("ok-signed", pdf, family, "The file as it was signed.")


def padding(pdf, name, source):
    digits = hole(pdf)
    family = "signature wrapping"
    attack(f"pad-{name}-last", with_hole(pdf, digits[:-2] + b"1>"), family,
           "The last digit of the padding is no zero.", source=source)
    text = b"hi".hex().encode()
    at = len(digits) - len(text) - 3
    attack(f"pad-{name}-text", with_hole(pdf, digits[:at] + text + digits[at + len(text):]), family,
           "Text is hidden in the padding behind the message.", source=source)


def wrapped(*, second_range, comment):
    """Signature wrapping: the second part moves to the end, other objects take its place.

    The newest table that a reader finds lies where the old one lay, and calls the content another.
    """
    pdf = kit.signed_letter(PKI.signer, hole=1800)
    _, _, (_, head, tail, length) = range_of(pdf)
    table = kit.last_table(pdf)
    moved = tail + 4000
    new = b"\n4 0 obj\n" + kit.stream(kit.text("Synthetic sample: permit no. 9999", "Sum: 9999999")) + b"\nendobj\n"
    extra = b"/ByteRange[0 %d %d %d]" % (head, moved, length) if second_range else b""
    gap = (b"%" if comment else b"") + extra + (b">>\nendobj\n" if not comment else b"\n") + new
    evil_content = tail + gap.index(b"4 0 obj")
    old = pdf[table:]
    start = old.index(b"0000000000")
    lines = old[start:old.index(b"trailer")].split(b"\r\n")[:-1]
    lines[4] = b"%010d 00000 n" % evil_content
    evil = old[:start] + b"\r\n".join(lines) + b"\r\n" + old[old.index(b"trailer"):]
    filler = table - tail - len(gap)
    body = pdf[:tail] + gap + b" " * filler + evil
    return body.ljust(moved, b" ") + pdf[tail:]


def wrapping():
    family = "signature wrapping"
    options = {"source": PLAIN, "allowed": BROKEN}
    attack("swa-second-range", wrapped(second_range=True, comment=False), family,
           "The second part was moved to the end; a second ByteRange stands in the gap.", **options)
    attack("swa-comment", wrapped(second_range=True, comment=True), family,
           "The same, with a comment in front of the second ByteRange.", **options)
    attack("swa-moved", wrapped(second_range=False, comment=False), family,
           "The second part was moved to the end and other objects took its place.", **options)
    base = kit.signed_letter(PKI.signer, hole=1800)
    control("ok-plain", base, family, "The file that is wrapped.", source=PLAIN)
    relocated = last_object(base, 9)
    attack("swa-relocated", update(base, {9: relocated}), family, "A copy of the signature dictionary in an update.",
           source=PLAIN)
    new = {9: relocated, 4: kit.stream(kit.text("Sum: 9999999"))}
    attack("swa-relocated-content", update(base, new), family,
           "A copy of the signature dictionary in an update that replaces the content.", source=PLAIN)
    for name, inside, about in [
        ("key", b"/Extra(x)", "a key"), ("comment", b"%x\n", "a comment"), ("spaces", b"      ", "white space"),
        ("range", b"/ByteRange[0 1 2 3]", "a second byte range"),
        ("object", b">>\nendobj\n99 0 obj\n<<", "another object"),
    ]:
        made = signed_with_gap(inside)
        attack(f"swa-gap-{name}", made, family, f"The signed range leaves out the message and, behind it, {about}.",
               source=PLAIN, allowed=BROKEN)
    for name, ranges, about in [
        ("before", lambda z, a, b, n: (z, a - 9, b, n), "the key Contents"),
        ("inside", lambda z, a, b, n: (z, a + 1, b - 1, n + 1), "only the digits, not the brackets"),
        ("tail", lambda z, a, b, n: (z, a, b, n - 6), "the last bytes of the file"),
        ("object", lambda z, a, b, n: (z, 200, b, n), "whole objects in front of the message"),
    ]:
        made = signed_with_ranges(ranges)
        attack(f"swa-signed-{name}", made, family, f"Signed so from the start: left out is {about}.", source=PLAIN)
    direct = kit.letter(catalog=b"/AcroForm 7 0 R", page=b"/Annots[8 0 R]")
    direct |= {
        7: b"<</Fields[8 0 R]/SigFlags 3>>",
        8: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/P 3 0 R/Rect[0 0 0 0]/V "
        + kit.signature_dictionary(1800) + b">>",
    }
    made = kit.fill(kit.document(direct, trailer=TRAILER), lambda digest: kit.cms(PKI.signer, digest))
    attack("swa-direct", made, family, "The signature stands directly in its field.", source=PLAIN)
    spaced = hole(base)
    attack("swa-space-in-hex", with_hole(base, spaced[:201] + b"\n\n" + spaced[201:-3] + b">"), family,
           "White space among the digits.", source=PLAIN)
    attack("swa-odd-digits", with_hole(base, spaced[:-2] + b"> "), family, "An odd number of digits, and the hole is wider.",
           source=PLAIN)


def signed_with_gap(inside):
    """A signer who leaves more than the message out of the range."""
    size = len(inside)
    dictionary = kit.signature_dictionary(1800).replace(b">/M(", b">" + inside + b"/M(")
    return signed_with_ranges(lambda zero, a, b, length: (zero, a, b + size, length - size), dictionary)


def signed_with_ranges(ranges=None, dictionary=None, **more):
    objects = signature_objects(dictionary or kit.signature_dictionary(1800)) | more.pop("objects", {})
    pdf = kit.document(objects, trailer=TRAILER, **more)
    return kit.fill(pdf, lambda digest: kit.cms(PKI.signer, digest), ranges=ranges)


def signature_objects(dictionary):
    objects = kit.letter(catalog=b"/AcroForm 7 0 R", page=b"/Annots[8 0 R]")
    return objects | {
        7: b"<</Fields[8 0 R]/SigFlags 3>>",
        8: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/P 3 0 R/Rect[0 0 0 0]/V 9 0 R>>",
        9: dictionary,
    }


# --- two readers -----------------------------------------------------------------------------

NEW_TEXT = kit.stream(kit.text("Synthetic sample: permit no. 9999", "Sum: 9999999"))


def ambiguous():
    family = "ambiguous structure"
    base = signed()
    # Where the last startxref leads before the signature, there is none to speak of.
    options = {"allowed": [*BROKEN, "not_signed"]}
    control("ok-stream-xref", signed(foreign.packed()), family, "Object streams and cross-reference streams.")
    control("ok-hybrid", signed(foreign.hybrid(), strict=False), family,
            "A hybrid file whose table calls free what the stream places.")
    for name, front in [("zip", b"PK\x03\x04"), ("html", b"<html><!--\n"), ("exe", b"MZ\x90\x00"), ("newline", b"\n"),
                        ("header", b"%PDF-1.4\n"), ("bom", b"\xef\xbb\xbf")]:
        attack(f"polyglot-before-{name}", front + base, family, f"Bytes of another format before the header: {front!r}.",
               **options)
    zipped = b"PK\x05\x06" + bytes(18)
    attack("polyglot-behind-zip", base + zipped, family, "The end of a ZIP behind the file.", **options)
    attack("polyglot-behind-html", base + b"<script>1</script>", family, "HTML behind the file.", **options)
    attack("polyglot-behind-pdf", base + foreign.plain(), family, "A whole other PDF behind the file.", **options)
    attack("polyglot-inside-front", kit.signed_letter(PKI.signer, hole=1800, front=b"PK\x03\x04"), family,
           "Signed with bytes before the header: the offsets count from the file's start.", source=PLAIN, **options)
    table = kit.last_table(base)
    attack("startxref-decoy", base + b"startxref\n%d\n%%%%EOF\n" % kit.last_table(foreign.plain()), family,
           "A second startxref that leads to the table before the signature.", **options)
    attack("startxref-comment", base + b"%% startxref %d\n" % table, family, "A startxref in a comment behind the end.",
           **options)
    attack("startxref-missing", base[:base.rindex(b"startxref")] + b"%%EOF\n", family, "No startxref.", **options)
    attack("startxref-zero", base[:base.rindex(b"startxref")] + b"startxref\n0\n%%EOF\n", family, "startxref is 0.",
           **options)
    catalog = last_object(base, 1)
    two = catalog.replace(b"/Pages 2 0 R", b"/Pages 2 0 R /Pages 90 0 R")
    pages = {90: b"<</Type/Pages/Kids[91 0 R]/Count 1>>", 91: last_object(base, 3).replace(b"4 0 R", b"92 0 R"), 92: NEW_TEXT}
    attack("key-twice", update(base, {1: two, **pages}), family, "The new catalog names two page trees.", **options)
    escaped = catalog.replace(b"/Pages 2 0 R", b"/Pages 2 0 R /P#61ges 90 0 R")
    attack("key-escaped", update(base, {1: escaped, **pages}), family, "The second page tree has an escaped key.", **options)
    for name, extra, about in [
        ("signed-contents-twice", b"/Contents(x)", "The signed dictionary has Contents twice."),
        ("signed-contents-escaped", b"/C#6fntents(x)", "The signed dictionary has Contents and an escaped Contents."),
        ("signed-range-twice", b"/ByteRange[0 1 2 3]", "The signed dictionary has ByteRange twice."),
    ]:
        attack(name, signed_with_ranges(dictionary=kit.signature_dictionary(1800, more=extra)), family, about,
               source=PLAIN, **options)
    tables(base, family, options)


def tables(base, family, options):
    """Cross-references that lie."""
    attack("xref-stream-override", kit.stream_update(base, {4: NEW_TEXT}, trailer=TRAILER), family,
           "A cross-reference stream over a table replaces the content.", **options)
    font = kit.HELVETICA.replace(b"/Helvetica", b"/Symbol")
    attack("objstm-override", kit.stream_update(base, {}, packed={5: font}, trailer=TRAILER), family,
           "The font is replaced from an object stream.", **options)
    packed = signed(foreign.packed())
    attack("objstm-override-packed", kit.stream_update(packed, {}, packed={packed_font(packed): font}), family,
           "The same over a file of object streams.", **options)
    repacked(packed, family)
    number = kit.size_of(base)
    entries = b"/Type/XRef/W[1 4 2]/Index[4 1]/Size %d" % (number + 1)
    body = bytearray(base)
    content_at = len(body)
    body += b"4 0 obj\n" + NEW_TEXT + b"\nendobj\n"
    row = (1).to_bytes(1, "big") + content_at.to_bytes(4, "big") + (0).to_bytes(2, "big")
    extra = len(body)
    body += b"%d 0 obj\n" % number + kit.stream(row, entries) + b"\nendobj\n"
    attack("hybrid-override", update(bytes(body), {}, trailer=TRAILER + b"/XRefStm %d" % extra), family,
           "An empty table with XRefStm: only new readers see the other content.", **options)
    attack("hybrid-signed", hybrid_signed(), family,
           "Signed so: the table and XRefStm give the content two different places.", source=PLAIN, **options)
    free = update(base, {}, free=[4])
    attack("xref-free", free, family, "The table of an update frees the content.", **options)
    old = base.index(b"4 0 obj")
    attack("xref-only", xref_only(base, {4: base.index(b"5 0 obj")}), family,
           "An update of nothing but the table: the content's number leads to another object.", **options)
    attack("xref-back", xref_only(update(base, {4: NEW_TEXT}), {4: old}), family,
           "A second update leads back to the signed content: two updates follow the signature.", **options)
    attack("xref-beside", xref_only(base, {4: old + 3}), family, "An entry points three bytes beside its object.", **options)
    attack("xref-generation", xref_only(base, {4: old}, generation=7), family, "An entry with another generation.", **options)
    attack("xref-none", base + b"4 0 obj\n" + NEW_TEXT + b"\nendobj\n", family,
           "A new content without any table: for readers that rebuild.", **options)
    attack("trailer-alone", base + b"trailer\n<</Size 99/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        kit.last_table(base), len(base)), family, "A trailer without a table.", **options)
    attack("prev-skips", update(base, {4: NEW_TEXT}, prev=kit.last_table(foreign.plain())), family,
           "The update's Prev skips the signed revision: the signature is no longer in the file.", allowed=REFUSED)
    attack("root-other", update(base, {90: last_object(base, 1)}, root=90), family,
           "The update names another catalog.", **options)
    attack("endobj-missing", replaced(update(base, {4: NEW_TEXT}), b"endstream\nendobj\nxref", b"endstream\nxref"), family,
           "The updated object has no end.", **options)
    text = kit.text("Synthetic sample: permit no. 0001")
    short = {4: b"<</Length %d>>\nstream\n" % (len(text) - 9) + text + b"\nendstream"}
    attack("length-wrong", signed_with_ranges(objects=short), family,
           "Signed so: a stream's length is shorter than the stream.", source=PLAIN, **options)


def repacked(packed, family):
    """The object stream of the signed file is written again: no list names the objects in it."""
    reader = PdfFileReader(BytesIO(packed))
    place = next(iter(reader.xrefs.object_streams_used_in(0)))
    number, held = place.idnum, reader.get_object(place)
    catalog, store = reader.trailer.raw_get("/Root").idnum, kit.size_of(packed)
    added = {store: b"<</Type/DSS>>", catalog: last_object(packed, catalog)[:-2] + b"/DSS %d 0 R>>" % store}
    entries = b"/Info %d 0 R" % reader.trailer.raw_get("/Info").idnum
    entries += b"/ID[<%s><%s>]" % tuple(bytes(part).hex().encode() for part in reader.trailer["/ID"])

    def again(data):
        container = kit.stream(data, b"/Type/ObjStm/N %d/First %d" % (held["/N"], held["/First"]))
        return kit.stream_update(packed, {**added, number: container}, trailer=entries)

    attack("objstm-rewritten", again(held.data.replace(b"/Helvetica", b"/Symbol   ")), family,
           "The signed object stream again with another font, beside evidence for archives.")
    attack("objstm-rewritten-same", again(held.data), family,
           "The signed object stream again, as it was, with the catalog that the update replaces.", allowed=ALTERED)


def packed_font(pdf):
    """The number that qpdf gave to the font."""
    page = PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Kids"][0]
    return page["/Resources"]["/Font"].raw_get("/F1").idnum


def xref_only(pdf, places, generation=0):
    """A revision of nothing but a table."""
    out = bytearray(pdf)
    table = len(out)
    out += b"xref\n" + b"".join(
        b"%d 1\n%010d %05d n\r\n" % (number, at, generation) for number, at in sorted(places.items())
    )
    out += b"trailer\n<</Size %d/Root %d 0 R/Prev %d" % (kit.size_of(pdf), kit.root_of(pdf), kit.last_table(pdf))
    out += TRAILER + b">>\nstartxref\n%d\n%%%%EOF\n" % table
    return bytes(out)


def hybrid_signed():
    """The table leads to one content, XRefStm to another, all of it signed."""
    objects = signature_objects(kit.signature_dictionary(1800)) | {41: b"null"}
    extra = 0
    for _ in range(2):
        pdf = kit.document(objects, trailer=TRAILER + b"/XRefStm %010d" % extra, shadow={4: NEW_TEXT})
        place, extra = pdf.index(b"\n4 0 obj") + 1, pdf.index(b"\n41 0 obj") + 1
        row = (1).to_bytes(1, "big") + place.to_bytes(4, "big") + (0).to_bytes(2, "big")
        objects[41] = kit.stream(row, b"/Type/XRef/W[1 4 2]/Index[4 1]/Size 42")
    pdf = kit.document(objects, trailer=TRAILER + b"/XRefStm %010d" % extra, shadow={4: NEW_TEXT})
    return kit.fill(pdf, lambda digest: kit.cms(PKI.signer, digest))


def run():
    universal(signed(), "uf", source=PYHANKO)
    filters(signed())
    padding(signed(), "pyhanko", PYHANKO)
    padding(poppler_signed(), "poppler", POPPLER)
    wrapping()
    ambiguous()
