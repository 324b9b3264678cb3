"""Files that want to exhaust a reader. Each is small as it lies here."""
import zlib

import kit
from cases import BOUNDED, PKI, PLAIN, TRAILER, attack, control, foreign, signed, spaced_spans, update, with_hole
from forgery import signature_objects
from messages import letter


def hand(objects, **more):
    return kit.document(objects, trailer=more.pop("trailer", TRAILER), **more)


def sealed(objects, **more):
    """Signed with whatever is in it, so that nothing but the bomb speaks against the file."""
    pdf = hand(signature_objects(kit.signature_dictionary(2800)) | objects, **more)
    return kit.fill(pdf, lambda digest: kit.cms(PKI.signer, digest))


def bomb(size, layers=1):
    """Zeros, deflated as often as asked."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    data = b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()
    for _ in range(layers - 1):
        data = zlib.compress(data, 9)
    return data


def xref_stream(entries, rows, *, more=b""):
    """A file whose only table is a stream with these entries; object 1 is its catalog."""
    head = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>\nendobj\n" + more
    return head + b"9 0 obj\n" + kit.stream(rows, b"/Type/XRef/Root 1 0 R" + entries) + (
        b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head))


def inflating(add):
    big = bomb(256 << 20)
    twice = zlib.compress(bomb(512 << 20), 9)
    catalog = b"<</Type/Catalog/Pages 2 0 R/AcroForm 20 0 R>>"

    def packed_in(data, filters, parameters=b""):
        """The form is in an object stream that inflates to too much."""
        out = bytearray(b"%PDF-1.7\n")
        at = {1: len(out)}
        out += b"1 0 obj\n" + catalog + b"\nendobj\n"
        at[21] = len(out)
        entries = b"/Type/ObjStm/N 1/First 5/Filter[%s]%s/Length %d" % (filters, parameters, len(data))
        out += b"21 0 obj\n<<" + entries + b">>\nstream\n" + data + b"\nendstream\nendobj\n"
        rows = b"".join([
            (1).to_bytes(1, "big") + at[1].to_bytes(4, "big") + b"\0\0", (2).to_bytes(1, "big") + (21).to_bytes(4, "big") + b"\0\0",
            (1).to_bytes(1, "big") + at[21].to_bytes(4, "big") + b"\0\0",
        ])
        table = len(out)
        out += b"22 0 obj\n" + kit.stream(rows, b"/Type/XRef/W[1 4 2]/Index[1 1 20 2]/Size 23/Root 1 0 R") + b"\nendobj\n"
        return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)

    add("bomb-object-stream", packed_in(big, b"/FlateDecode"), "An object stream of 256 MB of zeros.")
    add("bomb-twice", packed_in(twice, b"/FlateDecode/FlateDecode"), "512 MB of zeros, deflated twice.")
    add("bomb-filters", packed_in(bomb(1 << 20, 30), b"/FlateDecode" * 30), "Thirty filters in a row.")
    add("bomb-predictor", packed_in(big, b"/FlateDecode", b"/DecodeParms[<</Predictor 12/Columns 2147483647>>]"),
        "A predictor with rows of two gigabytes.")
    add("bomb-xref", xref_stream(b"/W[1 4 2]/Size 99999999/Filter/FlateDecode", big), "A cross-reference stream of 256 MB.")
    small = packed_in(zlib.compress(b"20 0 <</Fields[]>>"), b"/FlateDecode")
    control("ok-object-stream", small, "resources", "The same file with an object stream of the usual size: no signature.",
            allowed=["not_signed"], source=PLAIN)
    content = kit.letter(more={4: kit.stream(kit.text("Synthetic sample") + b" " * (5 << 20), deflate=True)})
    control("ok-large-content", signed(hand(content)), "resources", "A content of 5 MB, well packed.")
    add("bomb-extends", extends(), "Object streams that extend each other in a circle.")


def extends():
    objects = {1: b"<</Type/Catalog/AcroForm 5 0 R/Pages 2 0 R>>"}
    for number, other in ((3, 4), (4, 3)):
        objects[number] = kit.stream(b"", b"/Type/ObjStm/N 0/First 0/Extends %d 0 R" % other)
    out = kit.document(objects)
    rows = (2).to_bytes(1, "big") + (3).to_bytes(4, "big") + b"\0\0"
    number = 6
    at = len(out)
    out += b"6 0 obj\n" + kit.stream(rows, b"/Type/XRef/W[1 4 2]/Index[5 1]/Size %d/Root 1 0 R/Prev %d" % (
        number + 1, kit.last_table(out))) + b"\nendobj\n"
    return out + b"startxref\n%d\n%%%%EOF\n" % at


def circles(add):
    base = {1: b"<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>"}
    add("circle-fields", hand(base | {3: b"<</Fields[4 0 R]>>", 4: b"<</T(a)/Kids[4 0 R]/FT/Sig>>"}, trailer=b""),
        "A field that is its own child.")
    add("circle-fields-two", hand(base | {3: b"<</Fields[4 0 R]>>", 4: b"<</T(a)/Kids[5 0 R 5 0 R]>>", 5: b"<</T(b)/Kids[4 0 R 4 0 R]>>"},
                                  trailer=b""), "Two fields, each the other's child, twice.")
    fan = {number: b"<</T(a)/Kids[%d 0 R %d 0 R]>>" % (number + 1, number + 1) for number in range(4, 64)}
    add("circle-fan", hand(base | {3: b"<</Fields[4 0 R]>>", **fan, 64: b"<</T(a)>>"}, trailer=b""),
        "Sixty levels, each with the next one twice.")
    add("circle-parent", hand(base | {3: b"<</Fields[4 0 R]>>", 4: b"<</T(a)/Parent 4 0 R/V 5 0 R>>", 5: b"<</Type/Sig>>"}, trailer=b""),
        "A field that is its own parent.")
    add("circle-reference", hand(base | {3: b"4 0 R", 4: b"3 0 R"}, trailer=b""), "Two references to each other.")
    add("circle-length", hand(base | {3: b"<</Fields[]>>", 2: b"<</Length 2 0 R>>\nstream\nx\nendstream"}, trailer=b""),
        "A stream's length is the stream.")
    add("circle-pages", sealed({2: b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 1>>"}), "A page tree that is its own child.",
        allowed=BOUNDED)
    plain = foreign.plain()
    table = kit.last_table(plain)
    add("circle-prev", plain.replace(b"/Root 1 0 R", b"/Prev %d/Root 1 0 R" % table, 1), "A table that comes before itself.")
    two = update(plain, {4: kit.stream(b"")})
    second = kit.last_table(two)
    add("circle-prev-two", two.replace(b"/Root 1 0 R", b"/Prev %d/Root 1 0 R" % (second + 10), 1), "Two tables, each before the other.")
    many = plain
    for step in range(80):
        many = update(many, {6: b"<</Title(%d)>>" % step}, trailer=b"")
    add("revisions-80", signed(many), "Saved eighty times before it was signed: beyond the bound, and said so.",
        allowed=["unreadable"])


def nesting(add):
    base = {1: b"<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>"}
    levels = 200_000
    add("deep-arrays", hand(base | {3: b"[" * levels}, trailer=b""), "200,000 arrays in each other.")
    add("deep-dictionaries", hand(base | {3: b"<</A" * (levels // 4)}, trailer=b""), "50,000 dictionaries in each other.")
    add("deep-strings", hand(base | {3: b"(" * levels}, trailer=b""), "200,000 brackets in a string.")
    add("deep-trailer", kit.document(base, trailer=b"/A" + b"[" * levels), "200,000 arrays in the trailer.")
    chain = {number: b"<</T(a)/Kids[%d 0 R]>>" % (number + 1) for number in range(4, 3000)}
    add("deep-fields", hand(base | {3: b"<</Fields[4 0 R]>>", **chain, 3000: b"<</T(a)>>"}, trailer=b""),
        "Three thousand fields, each the next one's parent.")
    control("ok-deep", signed(hand(kit.letter(catalog=b"/Deep " + b"[" * 30 + b"]" * 30))), "resources", "Thirty levels.")
    control("ok-many-fields", many_fields(), "resources", "Two hundred text fields and one signature.")


def many_fields():
    objects = kit.form_letter()
    rows = range(100, 300)
    for number in rows:
        objects[number] = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(f%d)/F 4/P 3 0 R/Rect[0 0 9 9]>>" % number
    objects[30] = objects[30].replace(b"12 0 R]", b"12 0 R " + b" ".join(b"%d 0 R" % number for number in rows) + b"]")
    return signed(hand(dict(sorted(objects.items()))))


def sizes(add):
    plain = foreign.plain()
    for name, size in [("size", b"99999999999999"), ("size-negative", b"-5"), ("size-32", b"4294967295")]:
        add(f"huge-{name}", plain.replace(b"/Size 7", b"/Size " + size), f"Size is {size.decode()}.")
    row = b"\1\0\0\0\x0f\0\0"
    for name, entries in [
        ("w", b"/W[1 99999999 2]/Size 5"), ("w-negative", b"/W[1 -4 2]/Size 5"), ("w-zero", b"/W[0 0 0]/Size 4000000000"),
        ("w-many", b"/W[%s]/Size 5" % (b"1 " * 5000)), ("index", b"/W[1 4 2]/Index[0 4294967295]/Size 5"),
        ("index-negative", b"/W[1 4 2]/Index[-1 2]/Size 5"), ("index-odd", b"/W[1 4 2]/Index[0]/Size 5"),
        ("index-overflow", b"/W[1 4 2]/Index[18446744073709551615 5]/Size 5"),
    ]:
        add(f"huge-{name}", xref_stream(entries, row), f"A cross-reference stream with {entries[:40].decode()}.")
    add("huge-table", plain.replace(b"0 7\n", b"0 9999999999\n", 1), "A table that says it has ten thousand million entries.")
    add("huge-startxref", plain[:plain.rindex(b"startxref")] + b"startxref\n" + b"9" * 300 + b"\n%%EOF\n", "startxref of 300 digits.")
    add("huge-n", xref_stream(b"/W[1 4 2]/Index[3 1]/Size 5", b"\2\0\0\0\x05\0\0", more=b""), "A form in an object stream that is not there.")
    shared = {1: b"<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>"}
    many = range(10, 2010)
    shared[3] = b"<</Fields[" + b" ".join(b"%d 0 R" % number for number in many) + b"]>>"
    shared[5] = kit.signature_dictionary(20)
    shared |= {number: b"<</FT/Sig/T(a)/V 5 0 R>>" for number in many}
    add("fields-2000", hand(shared, trailer=b""), "2,000 fields share one signature.")
    separate = dict(shared)
    for number in range(10, 60):
        separate[number] = b"<</FT/Sig/T(a%d)/V %d 0 R>>" % (number, number + 5000)
        separate[number + 5000] = kit.signature_dictionary(20)
    separate[3] = b"<</Fields[" + b" ".join(b"%d 0 R" % number for number in range(10, 60)) + b"]>>"
    add("signatures-50", hand({number: body for number, body in separate.items() if not 60 <= number < 5000}, trailer=b""), "Fifty signatures.")
    add("encrypted", plain.replace(b"/Root 1 0 R", b"/Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(x)/P -4>>/Root 1 0 R"),
        "Encrypted.", allowed=["unreadable"])
    add("encrypted-signed", sealed({}, trailer=TRAILER + b"/Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(x)/P -4>>"),
        "Signed, and encrypted by its trailer.", allowed=["unreadable"])
    add("empty", b"", "An empty file.", allowed=["unreadable"])
    add("header-alone", b"%PDF-1.7\n", "Nothing but a header.", allowed=["unreadable"])
    add("not-a-pdf", b"PK\x03\x04" + bytes(200), "No PDF at all.", allowed=["unreadable"])
    add("cut-half", signed()[:4000], "The first half of a signed file.")


def asn1():
    """Messages that want to exhaust a reader of DER."""
    family = "resources"
    pdf = letter(hole=12000)
    room = spaced_spans(pdf)[1] - spaced_spans(pdf)[0] - 2

    def add(name, message, about):
        text = message.hex().encode()
        attack(f"asn1-{name}", with_hole(pdf, b"<" + text + b"0" * (room - len(text)) + b">"), family, about, source=PLAIN,
               allowed=["invalid", "altered"])

    deep = b"\x05\x00"
    for _ in range(2500):
        deep = kit.der(0x30, deep)
    add("deep", deep, "2,500 sequences in each other.")
    inner = b"\x05\x00"
    for _ in range(400):
        inner = kit.der(0x24, inner)
    add("deep-signed", kit.der(0x30, kit.oid(kit.SIGNED), kit.der(0xA0, inner)), "400 octet strings in each other, in a message.")
    add("indefinite", b"\x30\x80" * 3000, "3,000 values without an end.")
    add("length", b"\x30\x84\xff\xff\xff\xff\x06\x01\x00", "A length of four gigabytes.")
    add("length-of-length", b"\x30\xff" + b"\xff" * 127, "A length of 127 bytes.")
    add("length-long-form", b"\x30\x88" + bytes(7) + b"\x02\x05\x00", "A length with zeros in front.")
    add("many-certificates", kit.cms(PKI.signer, bytes(32), certificates=[kit.der(0x30)] * 4000), "4,000 empty certificates.")
    add("many-signers", kit.cms(PKI.signer, bytes(32), infos=[kit.der(0x30)] * 4000), "4,000 empty SignerInfos.")
    add("many-attributes", kit.cms(PKI.signer, bytes(32), written_attributes=[kit.attribute("1.2.3", b"")] * 900),
        "900 signed attributes.")
    add("oid", kit.der(0x30, kit.der(0x06, b"\xff" * 5000)), "An object identifier of 5,000 bytes.")
    add("garbage", bytes(range(256)) * 8, "No DER at all.")


def run():
    def add(name, pdf, about, allowed=BOUNDED):
        attack(name, pdf, "resources", about, source=PLAIN, allowed=allowed)

    inflating(add)
    circles(add)
    nesting(add)
    sizes(add)
    asn1()
