"""Attacks by filling in forms, and by changing what a field shows."""
import kit
from cases import (
    ALTERED, CHANGED, PKI, attack, certified, control, foreign, last_object, signed, update, with_key,
)
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, SigFieldSpec
from updates import FAKE, SYMBOL, listed, places

TEXT, CHECK, REMARK = kit.FILLED["text"], kit.FILLED["check"], kit.FILLED["remark"]
FILLED_LOOK = kit.appearance(b"Example Person")


def filling():
    family = "forms"
    sealed = certified(2)
    new = kit.size_of(sealed)
    name, look = TEXT[10], TEXT[20]

    def add(label, objects, about, allowed=ALTERED, base=sealed, **more):
        attack(f"form-{label}", update(base, objects, **more), family, about, allowed=allowed)

    control("ok-form-text", update(sealed, TEXT), family, "A text field is filled in, value and appearance.")
    control("ok-form-new-look", update(sealed, {10: name.replace(b"20 0 R", b"%d 0 R" % new), new: look}), family,
            "The appearance is a new object.")
    control("ok-form-twice", update(update(sealed, TEXT), CHECK), family, "Two fields, one after the other.")
    control("ok-form-emptied", update(update(sealed, TEXT), {10: kit.form_letter()[10], 20: kit.form_letter()[20]}), family,
            "Filled in, then emptied again.")
    add("p1", TEXT, "P 1, and a field is filled in.", base=certified(1))
    add("value-alone", {10: name}, "The value is another, the appearance shows the old one.")
    add("look-alone", {20: look}, "The appearance shows what is not the value.")
    add("look-other", {10: name, 20: kit.appearance(b"Somebody Else")}, "Value and appearance say different things.")
    add("look-wide", {10: name, 20: kit.stream(b"1 g -60 -600 595 842 re f", b"/Type/XObject/Subtype/Form/BBox[-60 -600 595 842]"
                                               b"/Matrix[9 0 0 9 -540 -5400]")}, "The appearance is a white box, with a BBox and a Matrix that reach over the page.")
    add("look-shared", {10: name.replace(b"20 0 R", b"4 0 R"), 4: FAKE},
        "The appearance is the page's content, which is replaced with it.")
    add("look-font", {10: name, 20: look, 5: SYMBOL}, "The appearance comes with another font under the page's number.")
    add("content", {**TEXT, 4: FAKE}, "A field is filled in, and the content replaced.")
    add("moved", {10: name.replace(b"[60 600 260 620]", b"[60 750 260 770]"), 20: look}, "The field is moved over the text.")
    add("type", {10: name.replace(b"/FT/Tx", b"/FT/Btn"), 20: look}, "The field is of another type.")
    add("renamed", {10: name.replace(b"(Name)", b"(Number)"), 20: look}, "The field has another name.")
    add("flags", {10: name.replace(b"/F 4", b"/F 2"), 20: look}, "The field is hidden.")
    add("read-only", {10: with_key(name, b"/Ff 1"), 20: look}, "The field becomes read-only.")
    add("action", {10: with_key(name, b"/AA<</K<</S/JavaScript/JS(1)>>>>"), 20: look}, "The field gets a script.")
    add("check-state", {12: CHECK[12].replace(b"/AS/Yes", b"/AS/Off")}, "The box has a value that it does not show.")
    add("check-look", {12: CHECK[12], 22: kit.stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 20 20]")},
        "The look of the checked state is replaced.")
    add("check-swapped", {12: CHECK[12].replace(b"/Yes 22 0 R/Off 23 0 R", b"/Yes 23 0 R/Off 22 0 R")},
        "The looks of both states are swapped.")
    form_number, _, _ = places(sealed)
    form = last_object(sealed, form_number)
    more = listed(form, b"/Fields", new)
    second = name.replace(b"[60 600 260 620]", b"[60 740 260 760]")
    paged = listed(last_object(sealed, 3), b"/Annots", new)
    add("same-name", {form_number: more, 3: paged, new: second, 20: look}, "A second field of the same name.")
    add("new-field", {form_number: more, 3: paged, new: second.replace(b"(Name)", b"(Sum)"), 20: look}, "A new text field.")
    add("field-removed", {form_number: form.replace(b"11 0 R", b"")}, "A field is taken out of the form.")
    add("resources", {form_number: with_key(form.replace(b"/DR", b"/Old"), b"/DR<</Font<</F1 %d 0 R>>>>" % new), new: SYMBOL},
        "The form's font is another.")
    add("order", {form_number: with_key(form, b"/CO[10 0 R]")}, "A calculation order is added.")
    add("freed", {}, "The field is freed.", free=[10])
    add("rich-text", {10: with_key(name, b"/RV(<p>Somebody Else</p>)"), 20: look}, "A rich text says something else.")
    add("default", {10: with_key(name, b"/DV(x)"), 20: look}, "The default value is another.")
    add("approval-look-alone", {20: look}, "An approval signature, and only the appearance changes.",
        base=signed(foreign.form()))


def locks():
    family = "field locks"
    include = FieldMDPSpec(FieldMDPAction.INCLUDE, ["Name"])
    exclude = FieldMDPSpec(FieldMDPAction.EXCLUDE, ["Remark"])
    everything = FieldMDPSpec(FieldMDPAction.ALL)

    def locked(lock, **more):
        return signed(foreign.form(), spec=SigFieldSpec("Signature1", field_mdp_spec=lock, **more), reserve=3600)

    control("ok-lock-include", update(locked(include), REMARK), family, "Name is locked, Remark is filled in.")
    control("ok-lock-exclude", update(locked(exclude), REMARK), family, "All but Remark is locked, Remark is filled in.")
    attack("lock-include", update(locked(include), TEXT), family, "Name is locked, and filled in.", allowed=ALTERED)
    attack("lock-include-look", update(locked(include), {20: FILLED_LOOK}), family,
           "Name is locked, and its appearance changes.", allowed=ALTERED)
    attack("lock-exclude", update(locked(exclude), TEXT), family, "All but Remark is locked, and Name is filled in.",
           allowed=ALTERED)
    attack("lock-exclude-both", update(locked(exclude), {**REMARK, **CHECK}), family,
           "All but Remark is locked; Remark and the box are filled in.", allowed=ALTERED)
    attack("lock-all", update(locked(everything), REMARK), family, "All is locked, and Remark is filled in.", allowed=ALTERED)
    later = signed(locked(include), PKI.second, field="Signature2")
    control("ok-lock-second", later, family, "Name is locked; a second signature follows.")
    attack("lock-second", update(later, TEXT), family, "Name is locked by the first of two signatures, and filled in.",
           allowed=ALTERED)
    closing = locked(include, doc_mdp_update_value=foreign.MDPPerm.NO_CHANGES)
    attack("lock-p1", update(closing, REMARK), family, "The lock says P 1: nothing may follow.", allowed=ALTERED)
    first = locked(include)
    number = lock_number(first)
    attack("lock-widened", update(first, {number: b"<</Type/SigFieldLock/Action/Include/Fields[(Other)]>>", **TEXT}), family,
           "The lock is rewritten, then Name filled in.", allowed=CHANGED)


def lock_number(pdf):
    at = pdf.rindex(b"/SigFieldLock")
    return int(pdf[:pdf.rindex(b" 0 obj", 0, at)].split()[-1])


def run():
    filling()
    locks()


