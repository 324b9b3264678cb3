"""Second signatures of honest programs, each kind beside an attack that looks like it, and spellings of
cross-references that are read. Writes the files of this folder and `expected.toml`.

Needs what `tests/peers/setup` installs: target/peers/venv/bin/python tests/data/faults/second/make.py
"""
import re
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent)]

import kit  # noqa: E402

ROOT = kit.certify("Example Second Root", ca=True, start="2020-01-01", end="2056-01-01")
SIGNER = kit.certify("Example Second Signer", ROOT, start="2021-01-01", end="2055-01-01")
AT = "2026-07-01T00:00:00Z"
ALTERED = ["altered"]
CASES = []


def case(kind, name, pdf, family, about, allowed, warns=False, **more):
    (HERE / f"{name}.pdf").write_bytes(pdf)
    CASES.append({
        "file": f"{name}.pdf", "kind": kind, "family": family, "source": "plain objects", "about": about,
        "allowed": list(allowed), "at": AT, "trust": "root.pem", "crl": [], "require_revocation": False,
        "warns": warns,
    } | more)


def control(name, pdf, family, about, *, warns=False, **more):
    case("control", name, pdf, family, about, ["valid"], warns, **more)


def attack(name, pdf, family, about, allowed=ALTERED, **more):
    case("attack", name, pdf, family, about, allowed, **more)


def message(digest):
    return kit.cms(SIGNER, digest)


PARTED = b"<</FT/Sig/T(Signature2)/Kids %s/V 61 0 R>>"
SECOND = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature2)/F 132/P 3 0 R/Rect[0 0 0 0]/V 61 0 R%s>>"
OTHER = kit.stream(kit.text("Synthetic sample: permit no. 0001", "Holder: Example Person", "Sum: 9999"))
NEW_ID = b"/Info 6 0 R/ID[<%s><%s>]" % (b"11" * 16, b"22" * 16)
HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def first(fields=b"", page=b"", *, more=None, trailer=b"", form=b"", **rest):
    """A letter with one signature; `fields` are others of its form."""
    objects = kit.letter(catalog=b"/AcroForm 7 0 R", page=b"/Annots[8 0 R%s]" % page, more={
        7: b"<</Fields[8 0 R%s]/SigFlags 3%s>>" % (fields, form),
        8: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/P 3 0 R/Rect[0 0 0 0]/V 9 0 R>>",
        9: kit.signature_dictionary(1400),
        **(more or {}),
    })
    return kit.fill(kit.document(objects, trailer=rest.pop("all", kit.LETTER_TRAILER + trailer), **rest), message)


def second(pdf, *, fields=b"", page=b"", form=b"", widget=b"", field=None, objects=None, trailer=kit.LETTER_TRAILER, **rest):
    """The second signature, in a field of its own."""
    added = {
        3: kit.letter(page=b"/Annots[8 0 R%s 60 0 R]" % page)[3],
        7: b"<</Fields[8 0 R%s 60 0 R]/SigFlags 3%s>>" % (fields, form),
        **(objects or {}),
        60: field or SECOND % widget,
        61: kit.signature_dictionary(1400),
    }
    return kit.fill(kit.update(pdf, added, trailer=trailer, **rest), message)


# --- what second signatures bring along --------------------------------------------------------

def text_field(more):
    return b"<</Type/Annot/Subtype/Widget/FT/Tx/T(Name)/F 4/P 3 0 R/Rect[60 600 260 620]/V(one)%s>>" % more


def default_appearances():
    family = "default appearance"
    da, dr = b"/DA(/Helv 0 Tf 0 g)", b"/DR<</Font<</Helv 62 0 R>>>>"
    helv = {62: HELVETICA}
    control("da-first", second(first(), form=da + dr, objects=helv), family,
            "The form gets its first default appearance, and the font of it.")
    own = dict(fields=b" 10 0 R", page=b" 10 0 R")
    fields = {10: text_field(b"/DA(/F1 12 Tf 0 g)")}
    pdf = first(**own, more=fields, form=b"/DA(/F1 9 Tf 0 g)")
    control("da-own", second(pdf, **own, form=b"/DA(/F1 0 Tf 0 g)"), family,
            "The only text field has a default appearance of its own.")
    pdf = first(**own, more={10: text_field(b"")}, form=b"/DA(/F1 9 Tf 0 g)")
    attack("da-inherited", second(pdf, **own, form=b"/DA(/F1 9 Tf 1 g)"), family,
           "A text field takes its default appearance from the form: it becomes white.")
    pdf = first(**own, more={10: text_field(b"")})
    attack("da-added-inherited", second(pdf, **own, form=b"/DA(/F1 9 Tf 1 g)"), family,
           "A text field had no default appearance and gets one.")
    parts = {
        10: b"<</FT/Tx/T(Name)/V(one)/Kids[11 0 R 12 0 R]>>",
        11: b"<</Type/Annot/Subtype/Widget/Parent 10 0 R/F 4/P 3 0 R/Rect[60 600 260 620]/DA(/F1 9 Tf 0 g)>>",
        12: b"<</Type/Annot/Subtype/Widget/Parent 10 0 R/F 4/P 3 0 R/Rect[60 500 260 520]>>",
    }
    both = dict(fields=b" 10 0 R", page=b" 11 0 R 12 0 R")
    pdf = first(**both, more=parts, form=b"/DA(/F1 9 Tf 0 g)")
    attack("da-inherited-part", second(pdf, **both, form=b"/DA(/F1 9 Tf 1 g)"), family,
           "One of two widgets takes its default appearance from the form.")
    attack("da-dictionary", second(first(), form=b"/DA<</A 62 0 R>>", objects={62: b"<</S/JavaScript/JS(1)>>"}),
           family, "A default appearance that is no string, but an action.")
    attack("da-removed", second(pdf, **both), family, "The default appearance that a field inherits is gone.")
    waits = first(**own, more={10: text_field(b"/DA(/Helv 12 Tf 0 g)")}, form=b"/NeedAppearances true")
    attack("dr-font-awaited", second(waits, **own, form=b"/NeedAppearances true" + dr, objects=helv), family,
           "A field names a font that nobody had; now it has one, with shapes of somebody's own.")
    for name, spelling in {"null": b"/Helv\\0000 12 Tf", "escaped": b"/#48elv 12 Tf", "tight": b"0 g/Helv[]12 Tf"}.items():
        spelt = first(**own, more={10: text_field(b"/DA(%s)" % spelling)}, form=b"/NeedAppearances true")
        attack(f"dr-font-awaited-{name}", second(spelt, **own, form=b"/NeedAppearances true" + dr, objects=helv), family,
               "The same, and the name is written in another way.")
    held = first(**own, more={10: text_field(b"/DA(/F1 12 Tf 0 g)")}, form=b"/DR<</Font<</F1 5 0 R>>>>")
    attack("dr-font-replaced", second(held, **own, form=b"/DR<</Font<</F1 62 0 R>>>>", objects=helv), family,
           "The font that a field names is another one.")
    control("dr-font-added", second(held, **own, form=b"/DR<</Font<</F1 5 0 R/Helv 62 0 R>>>>", objects=helv),
            family, "A font is added that no field names.")


def drawings():
    family, kept = "drawings of the form", {"trust": "drawings-root.pem"}
    own, resources = dict(fields=b" 10 0 R", page=b" 10 0 R"), b"/Resources<</Font<</F1 5 0 R>>>>"
    words, drawn = b"BT /F1 14 Tf 5 10 Td (one) Tj ET", b"/DR<</Font<</F1 5 0 R>>/XObject<</FRM %d 0 R>>>>"

    def drawing(content, more=b""):
        return b"<</Type/XObject/Subtype/Form/BBox[0 0 200 40]%s/Length %d>>\nstream\n%s\nendstream" % (
            more, len(content), content)

    def held(look, appearance=b"/DA(/F1 12 Tf 0 g)"):
        return first(**own, more={10: text_field(appearance + b"/AP<</N 11 0 R>>"), 11: look,
                                  12: drawing(b"", resources)}, form=drawn % 12)

    def then(pdf, number=62, form=drawn, **objects):
        objects = objects.get("objects") or {62: drawing(b"BT /F1 20 Tf 5 10 Td (9999) Tj ET", resources)}
        return second(pdf, **own, form=form % number, objects=objects)

    pdf = held(drawing(words, resources))
    control("drawing-replaced", then(pdf), family,
            "As PDFBox does it: the form's drawing is that of the second signature.", **kept)
    control("drawing-replaced-empty-look", then(held(drawing(b""))), family,
            "The same, and a look that draws nothing has no resources.", **kept)
    attack("drawing-replaced-bare", then(held(drawing(words + b" /FRM Do"))), family,
           "A look without resources of its own draws what the form has.", **kept)
    attack("drawing-replaced-named", then(held(drawing(words, resources), b"/DA(/F1 12 Tf 0 g /FRM Do)")), family,
           "A default appearance names the drawing.", **kept)
    attack("drawing-rewritten", then(pdf, 12, objects={12: drawing(words, resources)}), family,
           "The drawing itself is written anew.", **kept)
    attack("drawing-old-object", then(pdf, 11), family,
           "Another object that was there becomes the drawing.", **kept)
    attack("drawing-to-content", then(pdf, objects={
        62: drawing(b"", b"/Resources<</XObject<</X 4 0 R>>>>"), 4: OTHER}), family,
        "What the new drawing leads to is the page's content, replaced.", **kept)
    attack("drawing-font-replaced", then(pdf, form=b"/DR<</Font<</F1 %d 0 R>>/XObject<</FRM 12 0 R>>>>",
           objects={62: HELVETICA}), family, "A font gives way, and not a drawing.", **kept)
    (HERE / "drawings-root.pem").write_bytes(ROOT.pem.encode())


def catalogs():
    family, kept = "catalog of another number", {"trust": "catalogs-root.pem"}
    catalog = b"<</Type/Catalog/Pages 2 0 R/AcroForm 7 0 R%s>>"
    trailer = kit.LETTER_TRAILER.replace(b"/Info 6 0 R", b"/Info 71 0 R")
    info = kit.INFO

    def then(more=b"", said=info, **objects):
        return second(first(), root=70, trailer=trailer, objects={
            70: catalog % more, 71: said, **objects.get("objects", {})})

    control("catalog-renumbered", then(), family,
            "As some signing programs do it: catalog and information are written as new objects.", **kept)
    attack("catalog-renumbered-action", then(b"/OpenAction<</S/JavaScript/JS(1)>>"), family,
           "The new catalog acts.", **kept)
    attack("catalog-renumbered-title", then(said=info[:-2] + b"/Subject(Another)>>"), family,
           "The new information says something else.", **kept)
    attack("catalog-renumbered-pages", second(first(), root=70, trailer=trailer, objects={
        70: catalog.replace(b"/Pages 2", b"/Pages 72") % b"", 71: info,
        72: b"<</Type/Pages/Kids[73 0 R]/Count 1>>", 74: OTHER,
        73: b"<</Type/Page/Parent 72 0 R/MediaBox[0 0 595 842]/Contents 74 0 R/Resources<</Font<</F1 5 0 R>>>>>>"}),
        family, "The new catalog has other pages.", **kept)
    attack("catalog-renumbered-alone", kit.update(first(), {70: catalog % b""}, root=70, trailer=kit.LETTER_TRAILER),
           family, "Nothing changes but the catalog's number.", **kept)
    attack("catalog-old-object", second(first(more={10: catalog % b"/Lang(xx)"}), root=10), family,
           "An object that was there becomes the catalog.", **kept)
    (HERE / "catalogs-root.pem").write_bytes(ROOT.pem.encode())


def field_resources():
    family = "keys of the new field"
    control("field-dr-empty", second(first(), widget=b"/DR<<>>"), family, "The new field has empty resources.")
    control("field-dr-font", second(first(), widget=b"/DR<</Font<</Helv 62 0 R>>>>", objects={62: HELVETICA}),
            family, "The new field has a font among its resources.")
    attack("field-dr-content", second(first(), widget=b"/DR<</XObject<</X 4 0 R>>>>", objects={4: OTHER}), family,
           "What the new field's resources lead to is the page's content, replaced.")
    attack("field-dr-action", second(first(), widget=b"/DR<</Font 62 0 R>>",
           objects={62: b"<</AA<</O<</S/JavaScript/JS(1)>>>>>>"}), family, "An action among the resources.")
    own = dict(fields=b" 10 0 R", page=b" 10 0 R")
    pdf = first(**own, more={10: text_field(b"/DA(/F1 12 Tf 0 g)")})
    attack("field-dr-old", second(pdf, **own, objects={
        10: text_field(b"/DA(/F1 12 Tf 0 g)/DR<</Font<</F1 62 0 R>>>>"), 62: HELVETICA}), family,
        "Resources are added to a field that was there before.")
    empty = SECOND.replace(b"/V 61 0 R", b"") % b""
    placed = dict(fields=b" 60 0 R", page=b" 60 0 R")
    pdf = first(**placed, more={60: empty})
    more = {3: kit.letter(page=b"/Annots[8 0 R 60 0 R]")[3], 7: b"<</Fields[8 0 R 60 0 R]/SigFlags 3>>"}
    control("empty-field-dr", second(pdf, widget=b"/DA(/F1 0 Tf)/DR<</Font<</F1 62 0 R>>>>",
            objects=more | {62: HELVETICA}), family, "A field that waited for a signature gets resources with it.")
    attack("empty-field-dr-action", second(pdf, widget=b"/DR<</AA<</O<</S/JavaScript/JS(1)>>>>>>", objects=more),
           family, "A field that waited for a signature gets an action among its resources.")
    attack("empty-field-dr-content", second(pdf, widget=b"/DR<</XObject<</X 4 0 R>>>>", objects=more | {4: OTHER}),
           family, "What its resources lead to is the page's content, replaced.")
    attack("empty-field-moved", second(pdf, widget=b"/DR<<>>/TU(Somebody else)", objects=more), family,
           "A field that waited for a signature gets another name to be read aloud.")
    attack("empty-field-unsigned", kit.update(pdf, {60: empty[:-2] + b"/DA(/F1 0 Tf)/DR<<>>>>"},
           trailer=kit.LETTER_TRAILER), family, "It gets them without a signature.")
    lock = b"<</Type/SigFieldLock/Action/All>>"
    control("field-lock", second(first(), widget=b"/Lock 62 0 R", objects={62: lock}), family,
            "The new field's lock is an object of its own.")
    attack("field-lock-content", second(first(), widget=b"/Lock 4 0 R", objects={4: OTHER}), family,
           "The new field's lock is the page's content, replaced.")


def parted_fields():
    family = "a widget of its own"
    part = b"<</Type/Annot/Subtype/Widget/Parent 60 0 R/F 132/P 3 0 R/Rect[0 0 0 0]%s>>"
    parted = lambda kids=b"[62 0 R]", widget=part % b"", page=b"62 0 R", **more: second(  # noqa: E731
        more.pop("pdf", first()), objects={
            62: widget, 3: kit.letter(page=b"/Annots[8 0 R %s]" % page)[3], **more.pop("objects", {})},
        field=PARTED % kids, **more)
    control("part-direct", parted(), family, "The new field's widget is an object of its own.")
    control("part-list", parted(kids=b"63 0 R", objects={63: b"[62 0 R]"}), family, "So is the list of it.")
    attack("part-two", parted(kids=b"[62 0 R 63 0 R]", page=b"62 0 R 63 0 R", objects={63: part % b""}), family,
           "The new field has two widgets.")
    attack("part-action", parted(widget=part % b"/AA<</E<</S/JavaScript/JS(1)>>>>"), family, "The widget acts.")
    attack("part-free-text", parted(widget=part.replace(b"Widget", b"FreeText") % b"/Contents(x)"), family,
           "The widget is a text on the page.")
    attack("part-other-field", parted(widget=part.replace(b"60 0 R", b"8 0 R") % b""), family,
           "The widget belongs to another field.")
    attack("part-old-field", parted(kids=b"[8 0 R]"), family, "The new field takes over the widget of the first.",
           ["altered", "unreadable"])
    attack("part-content", parted(widget=part % b"/MK<</I 4 0 R>>", objects={4: OTHER}), family,
           "What the widget leads to is the page's content, replaced.")
    attack("part-loose", parted(kids=b"[]"), family, "The widget is nobody's.")


def identifiers():
    family = "file identifier"
    control("id-both", second(first(), trailer=NEW_ID), family, "Both parts are new.", warns=True)
    attack("id-content", second(first(), trailer=NEW_ID, objects={4: OTHER}), family,
           "Both parts are new, and so is the content.")
    attack("id-one", second(first(), trailer=b"/Info 6 0 R/ID[<%s>]" % (b"11" * 16)), family, "It has one part.")
    attack("id-action", second(first(), trailer=b"/Info 6 0 R/ID[62 0 R 62 0 R]",
           objects={62: b"<</S/JavaScript/JS(1)>>"}), family, "Its parts are actions.")
    attack("id-alone", kit.update(first(), {}, trailer=NEW_ID), family, "A saving that brings nothing else.")


def additional_streams():
    family = "packed source"
    key = b"/AdditionalStreams[/application#2Fvnd.oasis.opendocument.text %d 0 R]"
    pdf = first(more={10: kit.stream(b"PK source")}, trailer=key % 10)
    gone = kit.LETTER_TRAILER
    control("streams-dropped", second(pdf, trailer=gone), family, "The trailer's key is gone.", warns=True)
    control("streams-dangling", second(pdf, trailer=gone + key % 90), family,
            "The trailer's key leads nowhere.", warns=True)
    attack("streams-other", second(pdf, trailer=gone + key % 62, objects={62: kit.stream(b"PK other")}), family,
           "The trailer's key leads to another source.")
    attack("streams-added", second(first(), trailer=gone + key % 62, objects={62: kit.stream(b"PK other")}), family,
           "A source is packed in where none was.")
    attack("streams-replaced", second(pdf, trailer=gone + key % 10, objects={10: kit.stream(b"PK other")}), family,
           "The source is replaced.")
    attack("streams-dropped-replaced", second(pdf, trailer=gone, objects={10: kit.stream(b"PK other")}), family,
           "The key is gone, and the source is replaced in case it comes back.")
    pdf = first(trailer=key % 62)
    attack("streams-filled", second(pdf, trailer=gone + key % 62, objects={62: kit.stream(b"PK other")}), family,
           "The key led nowhere when it was signed; now something is there.")


def unreferenced():
    family = "unreferenced object"
    harmless = {
        "state": b"<</Type/ExtGState/CA 1>>", "font": b"<</Type/Font>>", "list": b"[5 0 R]",
        "store": b"<</Certs[]/CRLs[]>>", "number": b"1157",
        "widget": b"<</Subtype/Widget/F 132/Rect[0 0 0 0]>>",
    }
    for name, body in harmless.items():
        control(f"unused-{name}", second(first(), objects={62: body}), family, "One that nothing refers to.")
    control("unused-stream", second(first(), objects={62: kit.stream(b"evidence of before")}), family,
            "A stream that nothing refers to.", warns=True)
    page = kit.letter()[3].replace(b"4 0 R", b"63 0 R")
    sought = {
        "page": ({62: page, 63: OTHER}, "A page: programs that mend files look for pages."),
        "pages": ({62: b"<</Type/Pages/Kids[3 0 R]/Count 1>>"}, "A page tree."),
        "catalog": ({62: b"<</Type/Catalog/Pages 2 0 R>>"}, "A catalog: programs that mend files look for it."),
        "action": ({62: b"<</Type/Action/S/Launch/F(x)>>"}, "An action."),
        "script": ({62: b"<</S/JavaScript/JS(1)>>"}, "A script."),
        "acting": ({62: b"<</Subtype/Widget/AA<</O 63 0 R>>/Rect[0 0 0 0]>>", 63: b"<</S/Launch>>"}, "One that acts."),
        "signature": ({62: b"<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 1 2 3]/Contents<00>>>"},
                      "What looks like a signature and is judged by nobody."),
        "range": ({62: b"<</ByteRange[0 1 2 3]>>"}, "A byte range."),
    }
    for name, (objects, about) in sought.items():
        attack(f"unused-{name}", second(first(), objects=objects), family, about)
    attack("unused-alone", kit.update(first(), {62: b"<</Type/ExtGState/CA 1>>"}, trailer=kit.LETTER_TRAILER), family,
           "No signature comes with it.")
    lost = first(more={10: b"<</Type/ExtGState/CA 1>>"})
    attack("unused-replaced", second(lost, objects={10: b"<</Type/ExtGState/CA 0>>"}), family,
           "It replaces one that nothing referred to.")
    catalog = kit.letter(catalog=b"/AcroForm 7 0 R/DSS 62 0 R")[1]
    store = kit.update(first(), {1: catalog, 62: b"<</Certs[]>>"}, trailer=kit.LETTER_TRAILER)
    moved_on = {1: catalog.replace(b"62", b"63"), 63: b"<</Certs[]>>"}
    control("unused-old-store", second(store, objects=moved_on), family, "The security store of before.")
    attack("unused-old-store-rewritten", second(store, objects=moved_on | {62: b"<</Type/Catalog/Pages 2 0 R>>"}),
           family, "In place of the security store of before stands a catalog.")
    held = first(more={1: catalog.replace(b"62", b"10"), 10: b"<</Certs[]>>"})
    held = kit.update(held, {10: b"<</Certs[]/CRLs[]>>"}, trailer=kit.LETTER_TRAILER)
    control("unused-signed-store", second(held, objects=moved_on), family,
            "The security store that was signed, which grew before it gave way.")
    attack("unused-signed-store-rewritten", second(held, objects=moved_on | {10: OTHER}), family,
           "The same, and it is something else now.")
    awaited = first(page=b" 62 0 R")
    attack("unused-awaited", second(awaited, page=b" 62 0 R", objects={
        62: b"<</Type/Annot/Subtype/FreeText/Rect[60 600 260 620]/Contents(x)/DA(/F1 9 Tf)>>"}), family,
        "A page of the signed file refers to it already.")


def licences():
    """A licence of ours may be followed by evidence for archives, and by nothing that is permitted elsewhere."""
    family = "our licence"
    attacks = HERE.parent.parent / "attacks"
    rows = tomllib.loads((attacks / "expected.toml").read_text())["case"]
    row = next(row for row in rows if row["file"] == "ok-ours.pdf")
    options = {key: row[key] for key in ["at", "trust", "crl", "status"]}
    for name in [row["trust"], row["status"], *row["crl"]]:
        (HERE / name).write_bytes((attacks / name).read_bytes())
    pdf = (attacks / row["file"]).read_bytes()
    trailer = re.findall(rb"/Info \d+ 0 R", pdf)[-1] + re.findall(rb"/ID ?\[.*?\]", pdf, re.S)[-1]
    objects = dict(re.findall(rb"\n(\d+) 0 obj\s(.*?)\sendobj", pdf, re.S))
    root = kit.root_of(pdf)
    free = kit.size_of(pdf) + 5
    catalog = objects[b"%d" % root].rstrip()[:-2] + b"/DSS %d 0 R>>" % free
    store = {root: catalog, free: b"<</Certs[]>>"}
    form = re.search(rb"/AcroForm\s*<<", catalog)

    def saved(more=b"", objects=None, trailer=trailer):
        now = dict(store) | (objects or {})
        if more:
            now[root] = catalog[:form.end()] + more + catalog[form.end():]
        return kit.update(pdf, now, trailer=trailer)

    control("licence-store", saved(), family, "A security store was added.", **options)
    attack("licence-unused", saved(objects={free + 1: b"<</Type/ExtGState>>"}), family,
           "A security store, and an object that nothing refers to.", **options)
    attack("licence-appearance", saved(b"/DA(/Helv 0 Tf 0 g)"), family,
           "A security store, and a default appearance.", **options)
    other = re.sub(rb"/ID.*", b"/ID[<%s><%s>]" % (b"11" * 16, b"22" * 16), trailer, flags=re.S)
    attack("licence-identifier", saved(trailer=other), family, "A security store, and another identifier.", **options)


# --- how cross-references are written -----------------------------------------------------------

def with_stream(pdf, objects, widths, *, rows=None, size=None, first_revision=False, filler=None):
    """A file, or a revision of it, whose cross-reference is a stream with these widths."""
    out = bytearray(pdf)
    found = {0: (0, 0, 65535)} if first_revision else {}
    for number, body in objects.items():
        found[number] = (1, len(out), 0)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    own = max(objects, default=0) + 40
    at = len(out)
    found |= {own: (1, at, 0)} | (rows or {})
    data = b"".join(
        b"".join(part.to_bytes(width, "big") for part, width in zip(found[number], widths))
        for number in sorted(found)
    )
    index = b" ".join(b"%d 1" % number for number in sorted(found))
    entries = b"/Type/XRef/W[%d %d %d]/Index[%s]/Size %d/Root 1 0 R" % (*widths, index, size or own + 1)
    entries += b"" if first_revision else b"/Prev %d" % kit.last_table(pdf)
    out += b"%d 0 obj\n" % own + kit.stream(data, entries + kit.LETTER_TRAILER) + b"\nendobj\n"
    out += b"startxref\n%d\n%%%%EOF\n" % at
    return bytes(out)


def letter_objects():
    return kit.letter(catalog=b"/AcroForm 7 0 R", page=b"/Annots[8 0 R]", more={
        7: b"<</Fields[8 0 R]/SigFlags 3>>",
        8: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/P 3 0 R/Rect[0 0 0 0]/V 9 0 R>>",
        9: kit.signature_dictionary(1400),
    })


def streamed(widths, **more):
    head = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    return kit.fill(with_stream(head, letter_objects(), widths, first_revision=True, **more), message)


def cross_references():
    family = "cross-reference streams"
    for name, widths in {"w444": (4, 4, 4), "w148": (1, 4, 8), "w888": (8, 8, 8)}.items():
        control(f"xref-{name}", streamed(widths), family, f"The widths are {widths}.")
        attack(f"xref-{name}-content", with_stream(first(), {4: OTHER}, widths), family,
               f"The content is replaced; the widths are {widths}.")
    attack("xref-w448-over", with_stream(first(), {4: OTHER}, (4, 4, 8), rows={70: (1, 20, 1 << 40)}), family,
           "A generation that no object has.", ["unreadable"])
    control("xref-kind-3", streamed((1, 4, 2), rows={30: (3, 7, 7)}), family, "An entry of a kind that is not known.")
    attack("xref-kind-3-content", with_stream(first(), {}, (1, 4, 2), rows={4: (3, 7, 7)}), family,
           "An entry of an unknown kind takes the content away.")
    attack("xref-kind-9-field", with_stream(first(), {}, (1, 4, 2), rows={8: (9, 7, 7)}), family,
           "An entry of an unknown kind takes the signature's field away.", ["altered", "not_signed"])
    control("xref-beyond-size", streamed((1, 4, 2), size=8), family, "Numbers beyond /Size.")
    attack("xref-beyond-size-content", with_stream(first(), {4: OTHER}, (1, 4, 2), size=2), family,
           "The content is replaced, with a number beyond /Size.")


def moved(pdf, what, by):
    """The last `startxref`, or the first one of a table's entries, named `by` bytes before its place."""
    if what == "startxref":
        at = list(re.finditer(rb"startxref\s+(\d+)", pdf))[-1]
    else:
        at = list(re.finditer(rb"(\d{10}) 00000 n", pdf))[what]
    number = b"%0*d" % (at.end(1) - at.start(1), int(at[1]) - by)
    return pdf[:at.start(1)] + number + pdf[at.end(1):]


def line_ends():
    family = "places at a line end"

    def whole(change, **more):
        return kit.fill(change(kit.document(letter_objects(), trailer=kit.LETTER_TRAILER, **more)), message)

    control("line-end-xref", whole(lambda pdf: moved(pdf, "startxref", 1)), family, "startxref names the line end.")
    control("line-end-xref-crlf", whole(lambda pdf: moved(pdf, "startxref", 2), eol=b"\r\n"), family,
            "startxref names the line end, which has two bytes.")
    control("line-end-object", whole(lambda pdf: moved(pdf, 4, 1)), family, "An entry names the line end.")
    signed = first()
    early = moved(kit.update(signed, {4: OTHER}, trailer=kit.LETTER_TRAILER), "startxref", 1)
    attack("line-end-xref-content", early, family, "The content is replaced; startxref names the line end.")
    table = kit.update(signed, {4: OTHER}, trailer=kit.LETTER_TRAILER)
    attack("line-end-object-content", moved(table, -1, 1), family, "The content is replaced; its entry names the line end.")
    added = {3: kit.letter(page=b"/Annots[8 0 R 60 0 R]")[3], 7: b"<</Fields[8 0 R 60 0 R]/SigFlags 3>>",
             60: SECOND % b"", 61: kit.signature_dictionary(1400)}
    update = kit.update(signed, added, trailer=kit.LETTER_TRAILER)
    for entry in (-1, -2, -3, -4):
        update = moved(update, entry, 1)
    control("line-end-update", kit.fill(update, message), family, "Each entry of a second signature names the line end.")
    prev = kit.update(signed, {62: b"null"}, trailer=kit.LETTER_TRAILER, prev=kit.last_table(signed) - 1)
    attack("line-end-prev", prev, family, "A saving that changes nothing; /Prev names the line end.")
    attack("line-end-two", whole(lambda pdf: moved(pdf.replace(b"\nxref\n", b"\n\n\nxref\n"), "startxref", 0)), family,
           "Three line ends stand between the place and the table.", ["unreadable"])
    loop = kit.document(letter_objects(), trailer=kit.LETTER_TRAILER + b"/Prev 0000000000")
    place = b"/Prev %010d" % (kit.last_table(loop) - 1)
    attack("line-end-loop", kit.fill(loop.replace(b"/Prev 0000000000", place), message), family,
           "/Prev names the line end before its own table.", ["unreadable"])


# Made once, by another hand and with keys that are gone: nothing makes them anew.
KEPT = {
    "two-form-default-appearance": "The second signature brings /DA and /DR.",
    "two-field-dr": "The new field has empty resources.",
    "two-id-both-parts": "Both parts of /ID are new.",
    "two-additional-streams": "/AdditionalStreams is dropped.",
    "two-orphan-object": "An object that nothing refers to.",
    "startxref-newline-before": "startxref names the line end.",
    "startxref-newline-before-update": "startxref of the second saving names the line end.",
    "xref-stream-w444": "The widths are 4, 4, 4.",
    "xref-stream-type-3": "An entry of a kind that is not known.",
    "offset-at-newline": "An entry names the line end.",
}
KEPT_STRICT = {
    "offset-0-in-use": "An entry in use names the file's first byte.",
    "prev-0": "/Prev names the file's first byte.",
    "fields-twice": "The form lists a field twice.",
}


def kept():
    family, options = "made by another hand", {"trust": "other-root.pem", "at": "2026-11-30T08:00:00Z"}
    for name, about in KEPT.items():
        pdf, warns = (HERE / f"{name}.pdf").read_bytes(), name in ("two-id-both-parts", "two-additional-streams")
        control(name, pdf, family, about, warns=warns, **options)
    for name, about in KEPT_STRICT.items():
        attack(name, (HERE / f"{name}.pdf").read_bytes(), family, about, ["unreadable"], **options)


for old in HERE.glob("*.pdf"):
    if old.stem not in KEPT | KEPT_STRICT:
        old.unlink()
default_appearances()
drawings()
catalogs()
field_resources()
parted_fields()
identifiers()
additional_streams()
unreferenced()
licences()
cross_references()
line_ends()
kept()
(HERE / "root.pem").write_bytes(ROOT.pem.encode())
(HERE / "expected.toml").write_text(kit.toml({}, [("case", CASES)]).lstrip("\n"))
