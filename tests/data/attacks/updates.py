"""Incremental saving, shadow attacks, evil annotations and sneaky signatures."""
from io import BytesIO

import kit
from cases import (
    ALTERED, CHANGED, PKI, PLAIN, POPPLER, PYHANKO, TRAILER, attack, certified, control, foreign, last_object,
    poppler_signed, signed, update, with_key,
)
from forgery import xref_only
from pyhanko.pdf_utils.reader import PdfFileReader

FAKE = kit.stream(kit.text("Synthetic sample: permit no. 9999", "Holder: Somebody Else", "Sum: 9999999"))
SYMBOL = kit.HELVETICA.replace(b"/Helvetica", b"/Symbol")


def saving(pdf, prefix, source, allowed=CHANGED, at=foreign.AT):
    """Every form of saving behind a signature; 1 catalog, 2 pages, 3 page, 4 content, 5 font, 6 info."""
    family = "incremental saving"
    new = kit.size_of(pdf)
    catalog, page = last_object(pdf, 1), last_object(pdf, 3)
    page_of = page.replace(b"/Contents 4 0 R", b"/Contents %d 0 R" % new)

    def add(name, objects, about, **more):
        attack(f"{prefix}-{name}", update(pdf, objects, **more), family, about, allowed=allowed, source=source, at=at)

    script = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
    add("content", {4: FAKE}, "The content is replaced.")
    add("content-added", {3: page.replace(b"/Contents 4 0 R", b"/Contents[4 0 R %d 0 R]" % new), new: FAKE},
        "A second content stream over the first.")
    add("content-freed", {}, "The content is freed.", free=[4])
    add("page-replaced", {3: page_of, new: FAKE}, "The page shows another content.")
    add("page-added", {2: b"<</Type/Pages/Kids[3 0 R %d 0 R]/Count 2>>" % new,
                       new: page_of.replace(b"/Contents %d 0 R" % new, b"/Contents %d 0 R" % (new + 1)), new + 1: FAKE},
        "A page is added.")
    add("page-removed", {2: b"<</Type/Pages/Kids[]/Count 0>>"}, "The page is removed.")
    add("page-box", {3: with_key(page, b"/CropBox[0 0 100 100]")}, "The page is cropped.")
    add("page-rotated", {3: with_key(page, b"/Rotate 180")}, "The page is turned.")
    add("catalog", {1: b"<</Type/Catalog/Pages %d 0 R>>" % new,
                    new: b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (new + 1),
                    new + 1: b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F1 5 0 R>>>>>>" % (
                        new, new + 2), new + 2: FAKE}, "A new catalog without the form.")
    add("font", {5: SYMBOL}, "The font is another.")
    add("info", {6: b"<</Title(Another title)>>"}, "The title is another.")
    add("javascript", {1: with_key(catalog, b"/OpenAction" + script)}, "A script runs when the file is opened.")
    add("names", {1: with_key(catalog, b"/Names<</JavaScript<</Names[(a)%s]>>>>" % script)}, "A script in the names.")
    attachment = kit.stream(b"other", b"/Type/EmbeddedFile")
    add("attachment", {1: with_key(catalog, b"/Names<</EmbeddedFiles<</Names[(a)<</F(a)/EF<</F %d 0 R>>>>]>>>>" % new),
                       new: attachment}, "A file is attached.")
    add("layers", {1: with_key(catalog, b"/OCProperties<</OCGs[%d 0 R]/D<</OFF[%d 0 R]>>>>" % (new, new)),
                   new: b"<</Type/OCG/Name(a)>>"}, "A layer is added and switched off.")
    add("metadata", {1: with_key(catalog.replace(b"/Metadata", b"/Former"), b"/Metadata %d 0 R" % new),
                     new: kit.stream(b"<x/>", b"/Type/Metadata/Subtype/XML")}, "Other metadata.")
    add("viewer", {1: with_key(catalog, b"/ViewerPreferences<</HideMenubar true>>")}, "Viewer preferences are added.")
    add("language", {1: with_key(catalog, b"/Lang(xx)")}, "Another language.")
    add("outline", {1: with_key(catalog, b"/Outlines %d 0 R" % new), new: b"<</Type/Outlines/Count 0>>"}, "An outline is added.")
    add("unused", {new: FAKE}, "An object that nothing refers to.")
    add("link", {3: page.replace(b"/Annots", b"/Old") if b"/Annots" not in page else page[:page.rindex(b"]")]
                 + b" %d 0 R" % new + page[page.rindex(b"]"):],
                 new: b"<</Type/Annot/Subtype/Link/Rect[0 0 595 842]/A<</S/URI/URI(http://example.invalid/)>>>>"},
        "A link over the whole page.")
    attack(f"{prefix}-bytes", pdf + b"\n%behind\n", family, "A comment behind the end.", allowed=[*allowed, "unreadable"],
           source=source, at=at)


def fields(pdf, prefix, source, at=foreign.AT):
    """What is done to the signature's field."""
    family = "incremental saving"
    form_number, field, signature = places(pdf)
    body = last_object(pdf, field)
    new = kit.size_of(pdf)

    def add(name, objects, about, allowed=CHANGED, **more):
        attack(f"{prefix}-{name}", update(pdf, objects, **more), family, about, allowed=allowed, source=source, at=at)

    form = last_object(pdf, form_number)
    inside = form[form.index(b"/Fields"):]
    inside = inside[:inside.index(b"]") + 1]
    add("form-empty", {form_number: form.replace(inside, b"/Fields[]")}, "The form has no fields any more.")
    add("field-freed", {}, "The signature's field is freed.", free=[field])
    add("field-without-value", {field: body.replace(b"/V %d 0 R" % signature, b"")}, "The field lost its signature.")
    add("field-moved", {field: body.replace(b"/Rect [ 0 0 0 0 ]", b"/Rect [ 60 600 560 800 ]").replace(
        b"/Rect [0 0 0 0 ]", b"/Rect [60 600 560 800 ]").replace(b"/Rect[0 0 0 0]", b"/Rect[60 600 560 800]")},
        "The widget was moved over the content.")
    add("field-renamed", {field: body.replace(b"(Signature1)", b"(Signature9)")}, "The field has another name.")
    add("field-action", {field: with_key(body, b"/A<</S/JavaScript/JS(1)>>")}, "The field got an action.")
    look = kit.stream(b"0 0 400 200 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 400 200]")
    add("field-look", {field: with_key(body.replace(b"/AP", b"/Old"), b"/AP<</N %d 0 R>>" % new), new: look},
        "The field got another appearance.")
    add("signature-freed", {}, "The signature is freed.", free=[signature])
    add("two-fields", {form_number: form.replace(inside, inside[:-1] + b" %d 0 R]" % new),
                       new: body.replace(b"(Signature1)", b"(Signature2)")}, "A second field has the same signature.")
    add("xfa", {form_number: with_key(form, b"/XFA %d 0 R" % new), new: kit.stream(b"<xdp/>")}, "A form of XFA is added.")
    add("needs-appearances", {form_number: with_key(form, b"/NeedAppearances true")},
        "Readers are asked to draw all fields anew.", ALTERED)


def places(pdf):
    """The numbers of form, first signature field and signature."""
    reader = PdfFileReader(BytesIO(pdf), strict=False)
    form = reader.root.raw_get("/AcroForm").idnum
    fields = reader.root["/AcroForm"]["/Fields"]
    references = [fields.raw_get(index) for index in range(len(fields))]
    field = next(one for one in references if one.get_object().get("/FT") == "/Sig")
    return form, field.idnum, field.get_object().raw_get("/V").idnum


# --- shadow ----------------------------------------------------------------------------------

def shadow():
    family = "shadow attacks"
    cover = kit.stream(b"1 g 40 700 500 80 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]")
    square = b"<</Type/Annot/Subtype/Square/Rect[40 700 540 780]/F 4/IC[1 1 1]/C[1 1 1]/P 3 0 R/AP<</N 51 0 R>>>>"
    base = kit.letter(page=b"/Annots[50 0 R]", more={50: square, 51: cover})
    hidden = signed(kit.document(base, trailer=TRAILER))
    attack("shadow-hide-annotation", update(hidden, {50: b"null"}), family,
           "Text under an annotation was signed hidden; an update takes the annotation away.", allowed=ALTERED)
    attack("shadow-hide-freed", update(hidden, {}, free=[50]), family, "The same, the annotation is freed.", allowed=ALTERED)
    attack("shadow-hide-look", update(hidden, {51: kit.stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 0 0]")}), family,
           "The same, its appearance becomes empty.", allowed=ALTERED)
    attack("shadow-hide-flag", update(hidden, {50: square.replace(b"/F 4", b"/F 2")}), family,
           "The same, the annotation becomes hidden.", allowed=ALTERED)
    image = kit.letter(more={4: kit.stream(kit.text("Sum: 1000000") + b"/Im1 Do")})
    image[3] = image[3].replace(b"/Resources<<", b"/Resources<</XObject<</Im1 51 0 R>>")
    image[51] = cover
    covered = signed(kit.document(image, trailer=TRAILER))
    attack("shadow-hide-object", update(covered, {51: kit.stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 0 0]")}), family,
           "A cover inside the page becomes empty.", allowed=ALTERED)
    page = last_object(covered, 3)
    attack("shadow-hide-resource", update(covered, {3: page.replace(b"/Im1 51 0 R", b"").replace(b"/Im1", b"")}), family,
           "The page loses the cover's name.", allowed=ALTERED)
    encoded = kit.HELVETICA.replace(b"/Encoding/WinAnsiEncoding",
                                    b"/Encoding<</Type/Encoding/Differences[48/nine/eight/seven/six/five]>>")
    approved, sealed = signed(), certified(2)
    attack("shadow-replace-font", update(approved, {5: encoded}), family,
           "The font's encoding is another: the digits 0 to 4 are shown as 9 to 5.", allowed=ALTERED)
    attack("shadow-replace-font-certified", update(sealed, {5: encoded}), family, "The same on a certified form.",
           allowed=ALTERED)
    overlay = certified(2, kit.document(overlaid_form(), trailer=TRAILER))
    attack("shadow-replace-overlay", update(overlay, {20: kit.appearance(b"")}), family,
           "A field's appearance hides its value; an update of the appearance alone shows the other text.", allowed=ALTERED)
    twofold = signed(kit.document(kit.letter(), trailer=TRAILER, shadow={4: FAKE}))
    attack("shadow-both-table", xref_only(twofold, {4: twofold.index(b"\n4 0 obj") + 1}), family,
           "A second content of the same number was signed, in no table; an update of the table alone puts it in place.",
           allowed=[*ALTERED, "unreadable", "invalid"])
    swap = kit.letter(more={52: FAKE, 53: kit.letter()[3].replace(b"/Contents 4 0 R", b"/Contents 52 0 R")})
    prepared = signed(kit.document(swap, trailer=TRAILER))
    attack("shadow-both-pages", update(prepared, {2: b"<</Type/Pages/Kids[53 0 R]/Count 1>>"}), family,
           "A second page was signed unreferenced; an update of the page tree puts it in place.", allowed=ALTERED)
    both = kit.letter(more={60: b"<</Type/Catalog/Pages 61 0 R>>", 61: b"<</Type/Pages/Kids[53 0 R]/Count 1>>",
                            52: FAKE, 53: swap[53].replace(b"/Parent 2 0 R", b"/Parent 61 0 R")})
    attack("shadow-both-root", update(signed(kit.document(both, trailer=TRAILER)), {}, root=60), family,
           "A second catalog was signed unreferenced; the update's trailer names it.", allowed=CHANGED)
    layered = layered_letter()
    attack("shadow-layers", update(layered, {62: b"<</OCGs[63 0 R 64 0 R]/D<</ON[64 0 R]/OFF[63 0 R]>>>>"}), family,
           "Two layers were signed; an update shows the other one.", allowed=ALTERED)
    control("ok-layers", signed(kit.document(one_layer(), trailer=TRAILER)), family, "One layer, shown.",
            crl=["issuing.crl", "root.crl"])
    control("warn-layers", layered, family, "A hidden layer was signed: the report says so.", warns=True,
            crl=["issuing.crl", "root.crl"])
    control("warn-twofold", twofold, family, "A second content of the same number was signed: the report says so.", warns=True,
            crl=["issuing.crl", "root.crl"])
    control("warn-unreferenced", prepared, family, "An unreferenced page was signed: the report says so.", warns=True,
            crl=["issuing.crl", "root.crl"])
    control("warn-cover", hidden, family, "An opaque annotation over the text was signed: the report says so.", warns=True,
            crl=["issuing.crl", "root.crl"])


def overlaid_form():
    objects = kit.form_letter()
    objects[10] = objects[10].replace(b"/V()", b"/V(Somebody Else)")
    objects[20] = kit.appearance(b"Example Person")
    return objects


def layered_letter():
    return signed(kit.document(two_layers(), trailer=TRAILER))


def two_layers():
    shown = b"/OC /A BDC " + kit.text("Sum: 1000") + b" EMC /OC /B BDC " + kit.text("Sum: 9999999") + b" EMC"
    objects = kit.letter(catalog=b"/OCProperties 62 0 R", more={
        4: kit.stream(shown), 62: b"<</OCGs[63 0 R 64 0 R]/D<</ON[63 0 R]/OFF[64 0 R]>>>>",
        63: b"<</Type/OCG/Name(A)>>", 64: b"<</Type/OCG/Name(B)>>",
    })
    objects[3] = objects[3].replace(b"/Resources<<", b"/Resources<</Properties<</A 63 0 R/B 64 0 R>>")
    return objects


def one_layer():
    objects = two_layers()
    objects[4] = kit.stream(b"/OC /A BDC " + kit.text("Sum: 1000") + b" EMC")
    objects[62] = b"<</OCGs[63 0 R]/D<</ON[63 0 R]>>>>"
    objects[3] = objects[3].replace(b"/B 64 0 R", b"")
    del objects[64]
    return objects


# --- certified documents ---------------------------------------------------------------------

def annotate(pdf, body, more=None):
    """The file with one annotation more on its page."""
    new = kit.size_of(pdf)
    objects = {3: listed(last_object(pdf, 3), b"/Annots", new), new: body}
    return update(pdf, objects | {new + 1 + step: one for step, one in enumerate(more or [])})


def annotations():
    family = "evil annotations"
    note = b"<</Type/Annot/Subtype/Text/Rect[500 760 520 780]/P 3 0 R/F 28/Contents(A note.)/T(Example Person)>>"
    for level in (1, 2):
        attack(f"annotation-p{level}-note", annotate(certified(level), note), family,
               f"A note, though P {level} permits none.", allowed=ALTERED)
    sealed = certified(3)
    control("ok-annotation-note", annotate(sealed, note), family, "A note where P 3 permits it.")
    new = kit.size_of(sealed)
    look = kit.stream(b"1 g 0 0 595 842 re f 0 g BT /F1 12 Tf 60 760 Td (Sum: 9999999) Tj ET",
                      b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>")
    page_wide = b"<</Type/Annot/Subtype/%s/Rect[0 0 595 842]/P 3 0 R/F 4/AP<</N " + b"%d 0 R" % (new + 1) + b">>%s>>"
    for kind, extra in [
        (b"FreeText", b"/Contents(Sum: 9999999)/DA(/F1 12 Tf)"), (b"Stamp", b"/Name/Approved"), (b"Square", b"/IC[1 1 1]"),
        (b"Redact", b"/OverlayText(x)"), (b"Ink", b"/InkList[[0 0 9 9]]"), (b"Watermark", b""),
        (b"Text", b"/Contents(a note that covers the page)"), (b"Screen", b""), (b"Widget", b"/FT/Tx/T(New)/V(9)"),
    ]:
        name = kind.decode().lower()
        attack(f"annotation-p3-{name}", annotate(sealed, page_wide % (kind, extra), [look]), family,
               f"P 3, and a {kind.decode()} annotation covers the page.", allowed=ALTERED)
    attack("annotation-p3-link", annotate(
        sealed, b"<</Type/Annot/Subtype/Link/Rect[0 0 595 842]/A<</S/Launch/F(a.exe)>>>>"), family,
        "P 3, and a link that starts a program.", allowed=ALTERED)
    attack("annotation-p3-script", annotate(sealed, note.replace(b"/F 28", b"/AA<</E<</S/JavaScript/JS(1)>>>>/F 28")), family,
           "P 3, and a note with a script.", allowed=ALTERED)
    attack("annotation-p3-file", annotate(
        sealed, b"<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</F(a)/EF<</F %d 0 R>>>>>>" % (new + 1),
        [kit.stream(b"other")]), family, "P 3, and an attached file.", allowed=ALTERED)
    attack("annotation-p3-content", update(annotate(sealed, note), {4: FAKE}), family,
           "P 3, a note, and another content.", allowed=ALTERED)
    attack("annotation-approval-stamp", annotate(
        signed(kit.document(kit.form_letter(), trailer=TRAILER)),
        (page_wide % (b"Stamp", b"")).replace(b"%d 0 R" % (new + 1), b"%d 0 R" % (kit.size_of(signed(
            kit.document(kit.form_letter(), trailer=TRAILER))) + 1)), [look]), family,
        "An approval signature, and a stamp covers the page.", allowed=ALTERED)


def sneaky():
    """Sneaky signatures: a field for a signature that covers what was certified."""
    family = "sneaky signatures"
    look = kit.stream(b"1 g 0 0 595 842 re f 0 g BT /F1 12 Tf 60 760 Td (Sum: 9999999) Tj ET",
                      b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>")
    sealed = certified(2)
    form_number, _, signature = places(sealed)
    new = kit.size_of(sealed)
    extended = listed(last_object(sealed, form_number), b"/Fields", new)
    widget = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature2)/F 4/P 3 0 R/Rect[0 0 595 842]/AP<</N %d 0 R>>%s>>"

    def with_field(value, more=()):
        objects = {3: listed(last_object(sealed, 3), b"/Annots", new), form_number: extended,
                   new: widget % (new + 1, value), new + 1: look}
        return update(sealed, objects | dict(more))

    attack("sneaky-empty-field", with_field(b""), family, "An empty signature field with an appearance covers the page.",
           allowed=ALTERED)
    dictionary = kit.signature_dictionary(2800)
    stranger = kit.certify("Stranger", kit.certify("Stranger CA", kit.certify("Stranger Root", ca=True), ca=True))
    value = b"/V %d 0 R" % (new + 2)
    attack("sneaky-signed-stranger", kit.fill(with_field(value, {new + 2: dictionary}.items()),
                                              lambda digest: kit.cms(stranger, digest)), family,
           "A stranger's signature covers the page.", allowed=["altered", "unknown_issuer"])
    attack("sneaky-signed-broken", kit.fill(with_field(value, {new + 2: dictionary}.items()),
                                            lambda digest: kit.cms(PKI.second, bytes(32))), family,
           "A broken signature covers the page.", allowed=CHANGED)
    attack("sneaky-signed-trusted", kit.fill(with_field(value, {new + 2: dictionary}.items()),
                                             lambda digest: kit.cms(PKI.second, digest)), family,
           "A trusted second signature covers the certified page.", allowed=ALTERED)
    attack("sneaky-same-signature", with_field(b"/V %d 0 R" % signature), family,
           "The second field has the certification's signature.", allowed=CHANGED)
    attack("sneaky-p1-signed", countersigned(certified(1)), family,
           "P 1 permits no further signature.", allowed=ALTERED)
    control("ok-sneaky-second", signed(sealed, PKI.second, field="Signature2"), family,
            "P 2 permits a further signature, here one that is not seen.")
    box = foreign.SigFieldSpec("Signature2", box=(300, 60, 500, 120))
    attack("sneaky-p2-visible", signed(sealed, PKI.second, field="Signature2", spec=box), family,
           "A visible field was added after the certification, though where the page is empty: P 2 permits signing, "
           "not new things to see.", allowed=ALTERED)
    writer = foreign.IncrementalPdfFileWriter(BytesIO(foreign.plain()))
    foreign.fields.append_signature_field(writer, box)
    out = BytesIO()
    writer.write(out)
    control("ok-sneaky-visible", signed(certified(2, out.getvalue()), PKI.second, field="Signature2", existing=True), family,
            "P 2, and a visible second signature in the field that was certified.")
    reference = b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 3/V/1.2>>>>]"
    attack("sneaky-second-certifies", countersigned(signed(), reference, b"/Perms<</DocMDP %d 0 R>>"), family, "A second signature certifies too.", allowed=CHANGED)
    catalog = last_object(sealed, 1)
    without = catalog.replace(b"/Perms", b"/Parms")
    attack("sneaky-perms-removed", update(sealed, {1: without, 4: FAKE}), family,
           "The catalog's /Perms is gone and the content is another.", allowed=CHANGED)


def countersigned(first, more=b"", catalog=None):
    """A further signature in a field of its own, by hand: where pyHanko refuses to make one."""
    new = kit.size_of(first)
    form_number, _, _ = places(first)
    objects = {
        form_number: listed(last_object(first, form_number), b"/Fields", new),
        new: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature2)/F 132/P 3 0 R/Rect[0 0 0 0]/V %d 0 R>>" % (new + 1),
        new + 1: kit.signature_dictionary(2800, more=more),
    }
    if catalog:
        objects[1] = with_key(last_object(first, 1), catalog % (new + 1))
    return kit.fill(update(first, objects), lambda digest: kit.cms(PKI.second, digest))


def listed(body, key, number):
    """A dictionary's text with one reference more in one of its arrays."""
    at = body.index(b"]", body.rindex(key))
    return body[:at] + b" %d 0 R" % number + body[at:]


def run():
    family = "incremental saving"
    approval, poppler = signed(), poppler_signed()
    saving(approval, "isa", PYHANKO)
    fields(approval, "isa", PYHANKO)
    saving(certified(2), "isa-p2", PYHANKO)
    saving(poppler, "isa-poppler", POPPLER, at=foreign.NOW)
    control("ok-update-signed", approval, family, "The file that the updates go behind.")
    control("ok-update-poppler", poppler, family, "poppler's file that the updates go behind.", source=POPPLER,
            at=foreign.NOW)
    before = update(foreign.plain(), {4: kit.stream(kit.text("Second edition"))})
    for step in range(10):
        before = update(before, {6: b"<</Title(Edition %d)>>" % step})
    control("ok-update-before", signed(before), family, "Saved eleven times before it was signed.")
    attack("isa-no-signature", update(kit.signed_letter(PKI.signer, hole=1800), {1: b"<</Type/Catalog/Pages 2 0 R>>"}), family,
           "The form is gone from the catalog.", source=PLAIN)
    shadow()
    annotations()
    sneaky()
