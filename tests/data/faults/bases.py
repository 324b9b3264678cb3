"""Makes the signed files that `tests/later_changes.rs` changes.

    target/peers/venv/bin/python tests/data/faults/bases.py

Every run makes new keys and forgets them, so all files change together.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "foreign")]

import kit  # noqa: E402
import producers as foreign  # noqa: E402

COMB, COMBO, PASSWORD, MULTILINE, RICH, PUSH, RADIO = 1 << 24, 1 << 17, 1 << 13, 1 << 12, 1 << 25, 1 << 16, 1 << 15


def fields():
    """Fields of every kind; looks at 60 and above, their fonts at 5, 7 and 8."""
    top = 700

    def field(name, more, kind=b"Tx", size=(200, 20)):
        nonlocal top
        top -= 30
        rect = b"/Rect[60 %d %d %d]" % (top, 60 + size[0], top + size[1])
        return b"<</Type/Annot/Subtype/Widget/FT/%s/T(%s)/F 4/P 3 0 R/DA(/F1 12 Tf 0 g)%s%s>>" % (kind, name, rect, more)

    def widget(parent, more):
        nonlocal top
        top -= 30
        return b"<</Type/Annot/Subtype/Widget/Parent %d 0 R/F 4/P 3 0 R/Rect[60 %d 260 %d]%s>>" % (parent, top, top + 20, more)

    objects = {
        7: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Type/Encoding/Differences[65/B/A 128/Euro]>>>>",
        8: b"<</Type/Font/Subtype/TrueType/BaseFont/Example/Encoding/WinAnsiEncoding/FirstChar 32/LastChar 32/Widths[500]"
        b"/FontDescriptor<</Type/FontDescriptor/FontName/Example/MissingWidth 500>>>>",
        9: b"<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats/Encoding/WinAnsiEncoding>>",
        10: field(b"Name", b"/V()/AP<</N 60 0 R>>"),
        11: field(b"Plain", b"/V(1000)"),
        12: field(b"Agreed", b"/V/Off/AS/Off/AP<</N<</Yes 62 0 R/Off 63 0 R>>>>", b"Btn", (20, 20)),
        13: field(b"Comb", b"/Ff %d/MaxLen 6/V()/AP<</N 64 0 R>>" % COMB),
        14: field(b"Secret", b"/Ff %d/V()/AP<</N 65 0 R>>" % PASSWORD),
        15: field(b"Lines", b"/Ff %d/V()/AP<</N 66 0 R>>" % MULTILINE, size=(200, 60)),
        16: field(b"Combo", b"/Ff %d/Opt[[(a)(Alpha)][(b)(Beta)]]/V(a)/AP<</N 67 0 R>>" % COMBO, b"Ch"),
        17: field(b"List", b"/Opt[(one)(two)(three)]/V(one)/I[0]/AP<</N 68 0 R>>", b"Ch", (200, 50)),
        18: field(b"Turned", b"/MK<</R 90>>/V()/AP<</N 69 0 R>>", size=(20, 200)),
        19: field(b"Push", b"/Ff %d/MK<</CA(Print)>>" % PUSH, b"Btn"),
        40: field(b"Formatted", b"/V()/AP<</N 70 0 R>>/AA<</F<</S/JavaScript/JS(1)>>>>"),
        41: field(b"Rich", b"/Ff %d/V(old)/RV(<p>old</p>)/AP<</N 71 0 R>>" % RICH),
        42: b"<</FT/Btn/T(Radio)/Ff %d/V/Off/Kids[43 0 R 44 0 R]>>" % RADIO,
        43: widget(42, b"/AS/Off/AP<</N<</One 62 0 R/Off 63 0 R>>>>"),
        44: widget(42, b"/AS/Off/AP<</N<</Two 62 0 R/Off 63 0 R>>>>"),
        45: b"<</FT/Tx/T(Pair)/V(x)/Kids[46 0 R 47 0 R]>>",
        46: widget(45, b"/AP<</N 72 0 R>>"),
        47: widget(45, b"/AP<</N 73 0 R>>"),
        48: field(b"Apart", b"/V 59 0 R/AP<</N 74 0 R>>"),
        49: field(b"Pressed", b"/V()/AP<</N 75 0 R/D 76 0 R>>"),
        59: b"(old)",
        62: kit.stream(b"q 2 2 16 16 re S 4 4 m 16 16 l S Q", b"/Type/XObject/Subtype/Form/BBox[0 0 20 20]"),
        63: kit.stream(b"q 2 2 16 16 re S Q", b"/Type/XObject/Subtype/Form/BBox[0 0 20 20]"),
    }
    shown = {60: b"", 64: b"", 65: b"", 66: b"", 67: b"Alpha", 68: b"one", 69: b"", 70: b"", 71: b"old", 72: b"x", 73: b"x",
             74: b"old", 75: b"", 76: b""}
    objects |= {number: kit.appearance(text) for number, text in shown.items()}
    top_level = [*range(10, 20), 40, 41, 42, 45, 48, 49]
    drawn = [*range(10, 20), 40, 41, 43, 44, 46, 47, 48, 49]
    references = b" ".join(b"%d 0 R" % number for number in top_level)
    objects[30] = b"<</Fields[%s]/DA(/F1 12 Tf 0 g)/DR<</Font<</F1 5 0 R/F7 7 0 R/F8 8 0 R/F9 9 0 R>>>>>>" % references
    page = b"/Annots[%s]" % b" ".join(b"%d 0 R" % number for number in drawn)
    letter = kit.letter(more=objects, page=page, catalog=b"/AcroForm 30 0 R")
    return kit.document(letter, trailer=kit.LETTER_TRAILER)


def described():
    """A letter with a metadata packet at 31."""
    packet = (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        b'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        b'xmp:ModifyDate="2026-05-01T00:00:00Z"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Loan of 1000</rdf:li>'
        b'</rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    more = {31: kit.stream(packet, b"/Type/Metadata/Subtype/XML")}
    letter = kit.letter(more=more, catalog=b"/Metadata 31 0 R")
    return kit.document(letter, trailer=kit.LETTER_TRAILER)


def certified(pdf, level):
    return foreign.sign(pdf, certify=True, docmdp_permissions=level, reserve=3600)


def main():
    folder = HERE / "bases"
    folder.mkdir(exist_ok=True)
    levels = foreign.MDPPerm
    for name, pdf, level in [
        ("fields-p2", fields(), levels.FILL_FORMS), ("page-p3", foreign.plain(), levels.ANNOTATE),
        ("described-p2", described(), levels.FILL_FORMS), ("page-p1", foreign.plain(), levels.NO_CHANGES),
    ]:
        (folder / f"{name}.pdf").write_bytes(certified(pdf, level))
    (folder / "root.pem").write_text(foreign.PKI.root.pem)
    (folder / "issuing.crl").write_bytes(kit.crl(foreign.PKI.ca, at="2026-05-31", until="2036-01-01"))
    (folder / "root.crl").write_bytes(kit.crl(foreign.PKI.root, at="2026-05-31", until="2036-01-01"))


if __name__ == "__main__":
    main()
