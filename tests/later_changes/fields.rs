//! Fields that are filled in or get another appearance after a certification that permits filling
//! in.

use super::saving::Called::{self, Altered, Valid, Warned};
use super::saving::{Base, Written, stream};

const VALUE: &str = "Example Person";
const FONTS: &str = "/Font<</F1 5 0 R/F7 7 0 R/F8 8 0 R>>";
const USUAL: &str = "/Tx BMC q BT /F1 12 Tf 2 6 Td (Example Person) Tj ET Q EMC";

fn base() -> Base {
    Base::read("fields-p2.pdf")
}

fn look(resources: &str, content: &str) -> String {
    let entries = format!("/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<<{resources}>>");
    stream(&entries, content)
}

/// The field `Name` with the usual value and this appearance.
fn shows(content: &str) -> Vec<Written> {
    shows_with(FONTS, content)
}

fn shows_with(resources: &str, content: &str) -> Vec<Written> {
    filled(10, 60, VALUE, look(resources, content))
}

fn filled(field: u32, at: u32, value: &str, look: String) -> Vec<Written> {
    vec![base().with(field, "/V()", &format!("/V({value})")), (at, look)]
}

/// The usual appearance in a font of its own.
fn in_font(font: &str) -> Vec<Written> {
    shows_with(
        &format!("/Font<</F9 {font}>>"),
        "/Tx BMC q BT /F9 12 Tf 2 6 Td (Example Person) Tj ET Q EMC",
    )
}

fn text(shown: &str) -> String {
    look(FONTS, &format!("/Tx BMC q BT /F1 12 Tf 2 6 Td ({shown}) Tj ET Q EMC"))
}

fn judge(rows: &[(&str, Called, Vec<Written>)]) {
    base().judge(rows);
}

#[test]
fn what_programs_write_is_proved() {
    let acrobat = "1 g 0 0 200 20 re f 0 G 0.5 0.5 199 19 re s /Tx BMC q 1 1 198 18 re W n \
        BT /F1 12 Tf 0 g 2 6.548 Td (Example Person) Tj ET Q EMC";
    let bevelled = "0.75 g 0 0 200 20 re f 1 g 1 1 m 1 19 l 199 19 l 198 18 l 2 18 l 2 2 l f \
        0.5 g 199 19 m 199 1 l 1 1 l 2 2 l 198 2 l 198 18 l f 0 G 1 w 0.5 0.5 199 19 re s \
        /Tx BMC q 2 2 196 16 re W n BT /F1 12 Tf 0 g 4 6 Td (Example Person) Tj ET Q EMC";
    judge(&[
        ("text", Valid, shows(USUAL)),
        ("a background and a border", Valid, shows(acrobat)),
        ("a bevelled border", Valid, shows(bevelled)),
        ("lines around it", Valid, shows(&format!("0 0 m 0 20 l 200 20 l 200 0 l h S {USUAL}"))),
        ("kerned", Valid, shows("BT /F1 12 Tf 2 6 Td [(Exam) 20 (ple) -278 (Person)] TJ ET")),
        ("two pieces", Valid, shows("BT /F1 12 Tf 2 6 Td (Example ) Tj 50 0 Td (Person) Tj ET")),
        (
            "placed",
            Valid,
            shows("q BT 0 g /F1 12 Tf 14 TL 1 0 0 1 2 6 Tm <4578616D706C6520506572736F6E> Tj ET Q"),
        ),
        ("gray", Valid, shows(&USUAL.replace("BT", "BT 0.4 g"))),
        (
            "another standard font",
            Valid,
            in_font("<</Type/Font/Subtype/Type1/BaseFont/Times-Bold/Encoding/WinAnsiEncoding>>"),
        ),
        (
            "its look-alike",
            Valid,
            in_font("<</Type/Font/Subtype/TrueType/BaseFont/Arial,Bold/Encoding/WinAnsiEncoding>>"),
        ),
        ("a signed font", Valid, shows(&USUAL.replace("/F1", "/F8"))),
        (
            "a signed encoding",
            Valid,
            filled(
                10,
                60,
                "AB \u{20AC}".replace('\u{20AC}', "\\240").as_str(),
                look(FONTS, "BT /F7 12 Tf 2 6 Td (BA \\200) Tj ET"),
            ),
        ),
        (
            "a look where there was none",
            Valid,
            vec![base().with(11, "/V", "/AP<</N 180 0 R>>/V"), (180, text("1000"))],
        ),
        (
            "filled and shown for the first time",
            Valid,
            vec![base().with(11, "/V(1000)", "/AP<</N 180 0 R>>/V(2)"), (180, text("2"))],
        ),
        ("a value of its own", Valid, vec![(59, "(new)".to_owned()), (74, text("new"))]),
        (
            "one value in two places",
            Valid,
            vec![base().with(45, "/V(x)", "/V(y)"), (72, text("y")), (73, text("y"))],
        ),
        ("emptied", Valid, vec![base().with(45, "/V(x)", "/V()"), (72, text("")), (73, text(""))]),
    ]);
}

#[test]
fn kinds_of_fields_are_proved() {
    let cells = (1..6).map(|cell| {
        let x = 200.0 / 6.0 * f64::from(cell);
        format!("{x} 0 m {x} 20 l S ")
    });
    let cells: String = cells.collect();
    let digits = "BT /F1 12 Tf 13 6 Td (1) Tj 33.33 0 Td (2) Tj 33.33 0 Td (3) Tj ET";
    let comb = |shown: &str| filled(13, 64, "123", look(FONTS, shown));
    let lines = "BT /F1 12 Tf 14 TL 2 40 Td (Example) Tj T* (Person) Tj ET";
    let lines = look(FONTS, lines).replace("[0 0 200 20]", "[0 0 200 60]");
    let turned = |matrix: &str| {
        let look = text(VALUE).replace("/BBox", &format!("/Matrix[{matrix}]/BBox"));
        filled(18, 69, VALUE, look)
    };
    let combo = |value: &str, index: &str, shown: &str| {
        vec![base().with(16, "/V(a)", &format!("/V({value}){index}")), (67, text(shown))]
    };
    let list = |indices: &str, content: &str| {
        let look = look(FONTS, content).replace("[0 0 200 20]", "[0 0 200 50]");
        vec![base().with(17, "/V(one)/I[0]", &format!("/V(two)/I[{indices}]")), (68, look)]
    };
    let all = "0.6 0.75 0.85 rg 1 20 198 14 re f BT /F1 12 Tf 0 g 14 TL 2 36 Td (one) Tj T* (two) Tj T* (three) Tj ET";
    let radio = |value: &str, first: &str, second: &str| {
        vec![
            base().with(42, "/V/Off", &format!("/V/{value}")),
            base().with(43, "/AS/Off", &format!("/AS/{first}")),
            base().with(44, "/AS/Off", &format!("/AS/{second}")),
        ]
    };
    judge(&[
        ("cells", Valid, comb(&format!("{cells}{digits}"))),
        ("cells with another line", Warned, comb(&format!("{cells}45 0 m 45 20 l S {digits}"))),
        ("other digits in cells", Altered, comb(&digits.replace("(2)", "(7)"))),
        ("dots", Valid, filled(14, 65, "secret", text("******"))),
        ("a password that says something", Altered, filled(14, 65, "secret", text("Paid in full"))),
        ("lines", Valid, filled(15, 66, VALUE, lines)),
        ("turned", Valid, turned("0 1 -1 0 20 0")),
        ("turned the other way", Warned, turned("0 -1 1 0 0 200")),
        ("not turned", Warned, turned("1 0 0 1 0 0")),
        ("turned and mirrored", Warned, turned("0 1 1 0 0 0")),
        ("a choice", Valid, combo("b", "", "Beta")),
        ("a choice and its index", Valid, combo("b", "/I[1]", "Beta")),
        ("another index", Altered, combo("b", "/I[0]", "Beta")),
        ("what the choice is called inside", Altered, combo("b", "", "b")),
        ("another choice", Altered, combo("b", "", "Alpha")),
        ("a list, of which the mark is not proved", Warned, list("1", all)),
        ("a list and more", Altered, list("1", &all.replace("(three)", "(three, paid)"))),
        ("a part of an option", Altered, list("1", &all.replace("(three)", "(thr)"))),
        ("an index of a list", Altered, list("2", all)),
        ("a check box", Valid, vec![base().with(12, "/V/Off/AS/Off", "/V/Yes/AS/Yes")]),
        ("a box in no state", Altered, vec![base().with(12, "/V/Off/AS/Off", "/V/Yes/AS/Other")]),
        ("a radio button", Valid, radio("One", "One", "Off")),
        ("the other radio button", Altered, radio("One", "Off", "Two")),
        ("both radio buttons", Altered, radio("One", "One", "Two")),
        (
            "a look of a button",
            Altered,
            vec![base().with(19, "/MK", "/AP<</N 180 0 R>>/MK"), (180, text("Paid"))],
        ),
        ("a caption", Altered, vec![base().with(19, "(Print)", "(Paid)")]),
        ("a field that formats itself", Warned, filled(40, 70, "1000", text("1,000.00"))),
        (
            "rich text of before",
            Warned,
            vec![base().with(41, "/V(old)", "/V(new)"), (71, text("new"))],
        ),
        (
            "rich text",
            Altered,
            vec![
                base().with(41, "/V(old)/RV(<p>old</p>)", "/V(new)/RV(<p>no</p>)"),
                (71, text("new")),
            ],
        ),
        ("a forgotten look under the mouse", Warned, filled(49, 75, VALUE, text(VALUE))),
        (
            "what it shows when it is pressed",
            Altered,
            vec![
                base().with(49, "/V()/AP<</N 75 0 R", "/V(a)/AP<</N 180 0 R"),
                (180, text("a")),
                (76, text("b")),
            ],
        ),
    ]);
}

#[test]
fn what_differs_is_a_change() {
    let plain =
        |more: &str| vec![base().with(11, "/V", &format!("/AP<<{more}>>/V")), (180, text("9999"))];
    let map = |codes: &str| stream("", &format!("14 beginbfchar {codes} endbfchar"));
    let lying = "<46> <0045> <41> <0078> <4b> <0061> <45> <006d> <20> <0070> <4f> <006c> <57> <0065> \
        <4e> <0020> <52> <0050> <3a> <0065> <4d> <0072> <69> <0073> <6c> <006f> <79> <006e>";
    let mapped = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode 181 0 R>>";
    let mut unicode =
        shows_with(&format!("/Font<</F9 {mapped}>>"), "BT /F9 12 Tf 2 6 Td (FAKE OWNR:Mily) Tj ET");
    unicode.push((181, map(lying)));
    let keyed = |key: &str| {
        let look = text(VALUE).replace("/BBox", &format!("/{key} 5 0 R/BBox"));
        filled(10, 60, VALUE, look)
    };
    judge(&[
        ("another text", Altered, shows(&USUAL.replace("Example", "Another"))),
        ("more text", Altered, shows(&USUAL.replace("ET", "(, paid) Tj ET"))),
        (
            "more text that the value is not seen beside",
            Altered,
            shows(&USUAL.replace("Td", "Td 3 Tr (a) Tj 0 Tr")),
        ),
        ("no text", Altered, shows("/Tx BMC EMC")),
        ("a look where there was none", Altered, plain("/N 180 0 R")),
        ("a look that is hardly ever seen", Altered, plain("/D 180 0 R")),
        ("a look of an unknown name", Altered, plain("/X 180 0 R")),
        ("a map that lies", Altered, unicode),
        (
            "a signed encoding, read as another",
            Altered,
            filled(10, 60, "AB", look(FONTS, "BT /F7 12 Tf 2 6 Td (AB) Tj ET")),
        ),
        (
            "differences that lie",
            Altered,
            in_font(
                "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[80/T]>>>>",
            ),
        ),
        ("a value of its own alone", Altered, vec![(59, "(new)".to_owned())]),
        ("a value above alone", Altered, vec![base().with(45, "/V(x)", "/V(y)")]),
        ("one of two places", Altered, vec![base().with(45, "/V(x)", "/V(y)"), (72, text("y"))]),
        ("the form's font", Altered, {
            let mut all = shows(USUAL);
            all.push(base().with(5, "/Helvetica", "/Symbol"));
            all
        }),
        ("a font of the form", Altered, {
            let mut all = shows(USUAL);
            all.push(base().with(30, "/F8 8 0 R", "/F8 5 0 R"));
            all
        }),
        ("a layer", Altered, keyed("OC")),
        ("another document", Altered, keyed("Ref")),
        ("another version", Altered, keyed("OPI")),
        ("a file", Altered, keyed("AF")),
    ]);
}

#[test]
fn what_cannot_be_proved_is_pointed_out() {
    let anagram = "BT /F1 12 Tf 1 0 0 1 60 6 Tm (Example) Tj 1 0 0 1 2 6 Tm (Person) Tj ET";
    let painted = |front: &str, behind: &str| shows(&format!("{front} {USUAL} {behind}"));
    let set = |operators: &str| shows(&USUAL.replace("Td", &format!("Td {operators}")));
    let framed = |from: &str, to: &str| filled(10, 60, VALUE, text(VALUE).replace(from, to));
    let with_image = "/XObject<</X 180 0 R>>/ExtGState<</G<</CA 1>>>>/Shading<</S 180 0 R>>";
    let resources = format!("{FONTS}{with_image}");
    let drawn = |operators: &str| shows_with(&resources, &format!("{USUAL} {operators}"));
    judge(&[
        ("an anagram", Warned, shows(anagram)),
        ("upwards", Warned, shows("BT /F1 9 Tf 2 2 Td (Example) Tj 0 9 Td (Person) Tj ET")),
        ("letters over letters", Warned, set("-5 Tc")),
        (
            "lines over lines",
            Warned,
            shows("BT /F1 12 Tf 2 8 Td (Example) Tj 0 -5 Td (Person) Tj ET"),
        ),
        ("white on white", Warned, painted("1 g", "")),
        ("black on black", Warned, painted("0 g 0 0 200 20 re f", "")),
        ("a colour of its own", Warned, painted("/Pattern cs /P scn", "")),
        ("invisible", Warned, set("3 Tr")),
        ("outlines", Warned, set("1 Tr")),
        ("clipped by text", Warned, set("7 Tr")),
        ("tiny", Warned, shows(&USUAL.replace("12 Tf", "1 Tf"))),
        ("squeezed", Warned, set("20 Tz")),
        ("above the field", Warned, shows(&USUAL.replace("2 6 Td", "2 60 Td"))),
        ("beside the field", Warned, shows(&USUAL.replace("2 6 Td", "150 6 Td"))),
        ("clipped", Warned, painted("0 0 10 20 re W n", "")),
        ("clipped by a shape", Warned, painted("0 0 m 200 20 l 200 0 l h W n", "")),
        ("covered", Warned, painted("", "1 g 0 0 200 20 re f")),
        ("covered in part", Warned, painted("", "1 g 40 0 60 20 re f")),
        ("a box in the middle", Warned, painted("90 5 8 8 re f", "")),
        ("a line through it", Warned, painted("", "0 0 m 200 20 l S")),
        ("a thick border", Warned, painted("", "20 w 0 0 200 20 re S")),
        ("a curve", Warned, painted("10 10 m 20 20 30 20 40 10 c f", "")),
        ("a dot at the border", Warned, painted("", "20 0 2 2 re f")),
        ("mirrored", Warned, painted("-1 0 0 1 200 0 cm", "")),
        ("upside down", Warned, painted("-1 0 0 -1 200 20 cm", "")),
        ("a mirroring matrix", Warned, framed("/BBox", "/Matrix[-1 0 0 1 200 0]/BBox")),
        ("a matrix upside down", Warned, framed("/BBox", "/Matrix[-1 0 0 -1 200 20]/BBox")),
        ("a large box", Warned, framed("[0 0 200 20]", "[0 0 20000 2000]")),
        ("a box without area", Warned, framed("[0 0 200 20]", "[0 0 0 0]")),
        ("optional content", Warned, shows(&format!("/OC /L BDC {USUAL} EMC"))),
        ("an image or form", Warned, drawn("/X Do")),
        ("a graphics state", Warned, drawn("/G gs")),
        ("a shading", Warned, drawn("/S sh")),
        ("an image inside", Warned, drawn("BI /W 1 /H 1 ID x EI")),
        ("no operators", Warned, drawn(")")),
        ("more restored than saved", Warned, drawn("Q")),
        (
            "a look in states",
            Warned,
            vec![
                base().with(10, "/V()/AP<</N 60 0 R>>", "/V(a)/AS/On/AP<</N<</On 180 0 R>>>>"),
                (180, text("a")),
            ],
        ),
        ("no look", Warned, vec![base().with(11, "/V(1000)", "/V(2)")]),
    ]);
}

/// The field `Name` with a value of figures.
fn figures(value: &str, content: &str) -> Vec<Written> {
    filled(10, 60, value, look(FONTS, content))
}

#[test]
fn nothing_is_painted_over_text_or_written_with_lines() {
    let small = "BT /F1 8 Tf 0 g 2 1.5 Td (1000) Tj ET";
    let middle = "BT /F1 10 Tf 0 g 6 6 Td (1000) Tj ET";
    let over = |content: &str| figures("1000", &format!("{small} {content}"));
    let beside = |content: &str| figures("1000", &format!("{middle} {content}"));
    let below = |content: &str| figures("1000", &format!("{content} {middle}"));
    let bars = "1 G 6 w 0 0 m 200 0 l S 0 3 m 200 3 l S 0 6 m 200 6 l S 0 14 m 200 14 l S";
    let dashes = "0 G 1 w [2 1 3 1 2 400] 0 d 0 3 m 200 3 l S [1 2 1 2 400 1] 0 d 0 2 m 200 2 l S";
    let steps = "1 w 0 1 m 30 1 l 30 4 l 33 4 l 33 1 l 200 1 l S";
    judge(&[
        ("figures", Valid, figures("1000", small)),
        ("bars and dashes", Warned, over(&format!("{bars} {dashes}"))),
        ("bars", Warned, over(bars)),
        ("a white bar", Warned, over("1 G 6 w 0 4.5 m 200 4.5 l S")),
        ("a line along the bottom that is wide", Warned, over("1 G 4 w 0 0.5 m 200 0.5 l S")),
        ("a filled band", Warned, over("1 g 0 0 m 200 0 l 200 4 l 0 4 l h f")),
        ("a black band", Warned, over("0 g 0 0 200 4 re f")),
        ("a frame that is wide", Warned, over("1 G 4 w 0 0 200 20 re S")),
        ("a ring", Warned, over("1 g 0 0 200 20 re 3 3 194 14 re f*")),
        ("a band below", Warned, figures("1000", &format!("0 g 0 0 200 4 re f {small}"))),
        ("a frame after text", Valid, beside("0 G 1 w 0.5 0.5 199 19 re S")),
        ("a line after text", Valid, beside("0 G 1 w 0 0.5 m 200 0.5 l S")),
        ("dashes around it", Valid, beside("0 G 1 w [3] 0 d 0.5 0.5 199 19 re S")),
        ("dashes around it before", Valid, below("0 G 1 w [3 3] 0 d 0.5 0.5 199 19 re s")),
        ("dashes in two rows", Warned, beside("[3] 0 d 0 1 m 200 1 l S 0 2 m 200 2 l S")),
        ("dashes that are letters", Warned, beside("[2 1 3 1] 0 d 0 1 m 200 1 l S")),
        ("dots", Warned, beside("[0.1] 0 d 0 1 m 200 1 l S")),
        ("steps", Warned, beside(steps)),
        ("filled steps", Warned, beside(&steps.replace('S', "200 0 l 0 0 l f"))),
        ("a stroke at the left", Warned, beside("0 G 1 w 3 0 m 3 20 l S")),
        ("a border in a narrow clip", Warned, beside("q 3 0 1 9 re W n 4 w 0 0 200 20 re S Q")),
        ("half a border", Warned, below("0 g 0 0 200 20 re f 1 g 3 0 197 20 re f")),
        ("long corners", Warned, beside("99 M 0.5 0.5 199 19 re S")),
        ("a pattern", Warned, beside("/Pattern CS /P SCN 0.5 0.5 199 19 re S")),
        ("a background", Valid, below("0.9 g 1 1 198 18 re f")),
        (
            "white on blue",
            Valid,
            figures(
                "1000",
                &format!("0 0 0.5 rg 0 0 200 20 re f {}", middle.replace("0 g", "1 g")),
            ),
        ),
        (
            "white on a background that is clipped away",
            Warned,
            figures(
                "1000",
                &format!("q 0 0 1 1 re W n 0 g 0 0 200 20 re f Q {}", middle.replace("0 g", "1 g")),
            ),
        ),
        (
            "white on a background that ends",
            Warned,
            figures("1000", &format!("0 g 3 3 194 14 re f {}", small.replace("0 g", "1 g"))),
        ),
    ]);
}

#[test]
fn numbers_are_seen_in_one_piece() {
    let shown =
        |value: &str, content: &str| figures(value, &format!("BT /F1 8 Tf 2 11 Td {content} ET"));
    let cell = |content: &str| filled(13, 64, "1000", look(FONTS, content));
    judge(&[
        ("grouped", Valid, shown("1 000 2000", "(1 000 2000) Tj")),
        ("kerned", Valid, shown("1000", "[(1) 20 (0) -20 (00)] TJ")),
        ("a figure far away", Warned, shown("1 000 2000", "(1 000 200) Tj 100 0 Td (0) Tj")),
        ("figures far away", Warned, shown("1000", "(1) Tj 180 0 Td (000) Tj")),
        ("two lines", Warned, shown("1000", "(10) Tj 0 -8 Td (00) Tj")),
        ("two lines of two numbers", Valid, shown("10 20", "(10) Tj 0 -8 Td (20) Tj")),
        ("a space", Warned, shown("10", "(1 0) Tj")),
        ("no space", Warned, shown("10 20", "(1020) Tj")),
        ("higher figures", Warned, shown("102", "(10) Tj 2.5 Ts (2) Tj")),
        ("a sign far away", Warned, shown("-10", "(-) Tj 90 0 Td (10) Tj")),
        ("a word in two lines", Valid, shown("Example", "(Exam) Tj 0 -8 Td (ple) Tj")),
        ("a word in two places", Warned, shown("Example", "(Exam) Tj 60 0 Td (ple) Tj")),
        ("words apart", Valid, shown("Example Person", "(Example) Tj 90 0 Td (Person) Tj")),
        (
            "cells",
            Valid,
            cell(
                "BT /F1 12 Tf 13 6 Td (1) Tj 33.33 0 Td (0) Tj 33.33 0 Td (0) Tj 33.33 0 Td (0) Tj ET",
            ),
        ),
        (
            "an empty cell",
            Warned,
            cell(
                "BT /F1 12 Tf 13 6 Td (1) Tj 66.67 0 Td (0) Tj 33.33 0 Td (0) Tj 33.33 0 Td (0) Tj ET",
            ),
        ),
    ]);
}

#[test]
fn fonts_that_come_along_prove_nothing() {
    let type1 = "/Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding/BaseFont";
    let embedded = "/FontDescriptor<</Type/FontDescriptor/FontFile2 5 0 R>>";
    let mut wide = shows_with(
        "/Font<</F9<</Type/Font/Subtype/Type0/BaseFont/Example/Encoding/Identity-H/ToUnicode 181 0 R>>>>",
        "BT /F9 12 Tf 2 6 Td <00010002> Tj ET",
    );
    wide[0] = base().with(10, "/V()", "/V(ab)");
    wide.push((181, stream("", "2 beginbfchar <0001> <0061> <0002> <0062> endbfchar")));
    judge(&[
        ("a font of another name", Warned, in_font(&format!("<<{type1}/Wingdings>>"))),
        ("a font without letters", Warned, in_font(&format!("<<{type1}/Symbol>>"))),
        (
            "a standard name with a file",
            Warned,
            in_font(&format!("<<{type1}/Helvetica{embedded}>>")),
        ),
        (
            "wrong widths",
            Warned,
            in_font(&format!("<<{type1}/Helvetica/FirstChar 32/LastChar 33/Widths[278 278]>>")),
        ),
        (
            "glyphs drawn by itself",
            Warned,
            in_font("<</Type/Font/Subtype/Type3/Encoding<</Differences[32/space]>>>>"),
        ),
        ("a map alone", Warned, wide),
        ("a new font in the name of a signed one", Warned, {
            let mut all = shows_with("/Font<</F8 180 0 R>>", &USUAL.replace("/F1", "/F8"));
            all.push((180, base().object(8)));
            all
        }),
        (
            "a signed font without letters",
            Warned,
            shows(&USUAL.replace("/F1", "/F9"))
                .into_iter()
                .map(|(number, object)| (number, object.replace("/F8 8 0 R", "/F8 8 0 R/F9 9 0 R")))
                .collect(),
        ),
        ("no font", Warned, shows_with("", USUAL)),
    ]);
}
