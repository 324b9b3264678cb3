//! Comments after a certification that permits them, and evidence after one that permits nothing.

use super::saving::Called::{Altered, Valid, Warned};
use super::saving::{Base, Written, stream};

fn added(annotations: &[String]) -> Vec<Written> {
    let base = Base::read("page-p3.pdf");
    let page = base.object(3);
    let at = page.rfind(']').unwrap();
    let (front, behind) = page.split_at(at);
    let numbers = 200..;
    let listed: Vec<_> =
        numbers.clone().zip(annotations).map(|(n, _)| format!(" {n} 0 R")).collect();
    let listed = listed.concat();
    let mut objects = vec![(3, format!("{front}{listed}{behind}"))];
    objects.extend(numbers.zip(annotations.iter().cloned()));
    let look = stream("/Type/XObject/Subtype/Form/BBox[0 0 20 20]", "1 g 0 0 20 20 re f");
    objects.push((180, look));
    objects
}

fn note(x: f64, y: f64, more: &str) -> String {
    let (right, top) = (x + 20.0, y + 20.0);
    format!(
        "<</Type/Annot/Subtype/Text/Rect[{x} {y} {right} {top}]/P 3 0 R/F 28/Contents(a){more}>>"
    )
}

/// A mark over an area.
fn mark(kind: &str, [left, bottom, right, top]: [f64; 4], more: &str) -> String {
    format!(
        "<</Type/Annot/Subtype/{kind}/Rect[{left} {bottom} {right} {top}]/P 3 0 R/F 4{more}\
         /QuadPoints[{left} {top} {right} {top} {left} {bottom} {right} {bottom}]>>"
    )
}

const LINE: [f64; 4] = [60.0, 757.0, 300.0, 771.0];
const LOOK: &str = "/AP<</N 180 0 R>>";

#[test]
fn comments_leave_the_page_legible() {
    let one = |annotation: String| added(&[annotation]);
    let many = |count: u8, each: &dyn Fn(f64) -> String| {
        added(&(0..count).map(|index| each(f64::from(index))).collect::<Vec<_>>())
    };
    let highlight = |more: &str| one(mark("Highlight", LINE, more));
    let without_look = |mut objects: Vec<Written>| {
        let shows = objects.iter().any(|(_, object)| object.contains(LOOK));
        objects.retain(|(number, _)| shows || *number != 180);
        objects
    };
    let window = |place: &str, more: &str| {
        added(&[
            note(500.0, 760.0, "/Popup 201 0 R/F 2").replace("/F 28", ""),
            format!("<</Type/Annot/Subtype/Popup/Rect[{place}]/Parent 200 0 R{more}>>"),
        ])
    };
    let over = [
        ("a note", one(note(500.0, 760.0, ""))),
        ("a note with a look", one(note(500.0, 760.0, LOOK))),
        ("notes apart", many(10, &|at| note(500.0, 60.0 * at, ""))),
        ("a reply", added(&[note(500.0, 760.0, ""), note(500.0, 760.0, "/IRT 200 0 R")])),
        ("a note over figures", one(note(88.0, 712.0, "/Name/Note/C[1 1 1]"))),
        ("an open popup", window("300 600 500 700", "/Open true")),
    ];
    let stacked = |kind: &'static str, count: u8, height: f64, pitch: f64| {
        many(count, &|at| {
            let low = 700.0 + pitch * at;
            mark(kind, [60.0, low, 130.0, low + height], "/C[1 1 1]")
        })
    };
    let three_kinds: Vec<_> = [0.0, 3.05, 6.1, 9.15]
        .iter()
        .flat_map(|up| {
            ["Underline", "StrikeOut", "Squiggly"].map(|kind| {
                mark(kind, [60.0, 718.0 + up, 130.0, 722.0 + up], "/BS<</W 2>>/C[0 0 0]")
            })
        })
        .collect();
    let fine = [
        ("a popup", window("300 600 500 700", "")),
        ("a closed popup", window("300 600 500 700", "/Open false")),
        ("lines struck out", stacked("StrikeOut", 5, 14.0, 12.0)),
        ("small lines underlined", stacked("Underline", 5, 7.0, 7.5)),
        ("the same line twice", many(2, &|_| mark("Underline", LINE, "/C[0 0 1]"))),
        ("yellow", highlight("/C[1 1 0]")),
        ("pink, in part", highlight("/C[1 0.5 0.7]/CA 0.5")),
        (
            "lines of yellow",
            many(5, &|at| {
                mark("Highlight", [60.0, 700.0 - 12.0 * at, 300.0, 714.0 - 12.0 * at], "/C[1 1 0]")
            }),
        ),
        ("struck out", one(mark("StrikeOut", LINE, "/C[1 0 0]"))),
        ("underlined, with null for its look", one(mark("Underline", LINE, "/C[0 0 1]/AP null"))),
        (
            "underlined and struck out",
            added(&[mark("Underline", LINE, "/C[0 0 1]"), mark("StrikeOut", LINE, "/C[1 0 0]")]),
        ),
    ];
    let hiding = [
        ("a large note", one(note(500.0, 760.0, "").replace("520", "560"))),
        ("a row of notes", many(8, &|at| note(60.0 + 20.0 * at, 757.0, LOOK))),
        (
            "a grid of notes",
            many(60, &|at| note(30.0 * (at % 12.0), 60.0 * (at / 12.0).floor(), LOOK)),
        ),
        ("many notes", many(100, &|at| note(45.0 * (at % 12.0), 45.0 * (at / 12.0).floor(), LOOK))),
        (
            "a popup with a look",
            one("<</Type/Annot/Subtype/Popup/Rect[60 750 80 770]/AP<</N 180 0 R>>>>".to_owned()),
        ),
        ("black", highlight("/C[0 0 0]")),
        ("dark", highlight("/C[0 0 0.6]")),
        ("dark, as ink", highlight("/C[0 0 0 0.9]")),
        ("red", highlight("/C[1 0 0]")),
        ("no word about the colour", highlight("")),
        ("a colour that is none", highlight("/C[1 1]")),
        ("no number in the colour", highlight("/C[]")),
        ("names for a colour", highlight("/C[/A/B/C]")),
        ("a number beyond 1", highlight("/C[5]")),
        ("a number below 0", highlight("/C[1 1 -1]")),
        ("inks beyond their range", highlight("/C[1 1 1 -9]")),
        ("an opacity that is none", highlight("/C[1 1 0]/CA 2")),
        ("another way to blend", highlight("/C[1 1 0]/BM/Difference")),
        ("a layer", highlight("/C[1 1 0]/OC 5 0 R")),
        ("one over the other", many(4, &|_| mark("Highlight", LINE, "/C[1 0.5 0.7]"))),
        (
            "colours that make black",
            added(&[
                mark("Highlight", LINE, "/C[1 1 0]"),
                mark("Highlight", [59.0, 757.0, 300.0, 771.0], "/C[0 1 1]"),
                mark("Highlight", [61.0, 757.0, 300.0, 771.0], "/C[1 0.6 1]"),
            ]),
        ),
        (
            "a mark out of its place",
            one(mark("Highlight", LINE, "/C[1 1 0]").replacen("757", "770", 1)),
        ),
        (
            "a mark of no text",
            one(mark("Highlight", LINE, "/C[1 1 0]").replace("QuadPoints", "Points")),
        ),
        ("a thick line", one(mark("StrikeOut", [60.0, 600.0, 300.0, 771.0], "/C[0 0 0]"))),
        ("a border", one(mark("Underline", LINE, "/C[0 0 0]/BS<</W 30>>"))),
        (
            "thin lines",
            many(20, &|at| mark("StrikeOut", [60.0, 757.0 + at, 300.0, 758.0 + at], "/C[0 0 0]")),
        ),
        (
            "lines over lines",
            many(20, &|at| mark("StrikeOut", [60.0, 757.0 + at, 300.0, 771.0 + at], "/C[0 0 0]")),
        ),
        ("lines of three kinds", added(&three_kinds)),
        ("lines of one kind", stacked("StrikeOut", 7, 4.0, 3.1)),
        ("waves", stacked("Squiggly", 7, 4.0, 3.1)),
        ("high lines", stacked("StrikeOut", 3, 16.0, 6.0)),
        ("thick lines", one(mark("StrikeOut", LINE, "/C[0 0 0]/BS<</W 2>>"))),
        (
            "lines that begin at one height",
            many(7, &|at| mark("Underline", [60.0, 718.0, 130.0, 724.0 + 7.0 * at], "/C[0 0 0]")),
        ),
        ("a popup over the page", window("0 0 595 842", "/Open true")),
        ("a line with a look", one(mark("Squiggly", LINE, LOOK))),
        ("a highlight with a look", highlight("/C[1 1 0]/AP<</N 180 0 R>>")),
        ("text on the page", one(note(500.0, 760.0, "").replace("/Text", "/FreeText"))),
    ];
    let fine = fine.into_iter().map(|(name, objects)| (name, Valid, without_look(objects)));
    let over = over.into_iter().map(|(name, objects)| (name, Warned, without_look(objects)));
    let fine = fine.chain(over);
    let hiding = hiding.into_iter().map(|(name, objects)| (name, Altered, objects));
    Base::read("page-p3.pdf").judge(&fine.chain(hiding).collect::<Vec<_>>());
}

#[test]
fn a_security_store_holds_evidence_alone() {
    let base = Base::read("page-p1.pdf");
    let store = |information: &str| {
        let catalog = base.object(1);
        let at = catalog.rfind(">>").unwrap();
        let catalog = format!("{}/DSS 90 0 R{}", &catalog[..at], &catalog[at..]);
        vec![(1, catalog), (90, format!("<</Type/DSS/VRI<<{information}>>>>"))]
    };
    let digest = "0123456789ABCDEF0123456789ABCDEF01234567";
    let of_one = |inside: &str| store(&format!("/{digest}<<{inside}>>"));
    base.judge(&[
        ("evidence", Valid, of_one("/Type/VRI/Cert[]/CRL[]/OCSP[]/TU(D:20260602090000Z)")),
        ("something else", Altered, of_one("/Cert[]/Note(paid)")),
        ("something else in its place", Altered, of_one("/Cert[(paid)]")),
        ("a name", Altered, store("/Paid<</Cert[]>>")),
        ("no dictionary", Altered, store(&format!("/{digest}[(paid)]"))),
    ]);
}
