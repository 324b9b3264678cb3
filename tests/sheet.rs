//! Every type with short, long and rare values, as another renderer sees it: each value is there as
//! text, complete and inside the frame.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "a failed helper is a failed test")]

use std::fs;
use std::process::Command;
use std::sync::Arc;

use crate::world::{EXAMPLES, TestOffice};
use yinzheng::base::actor::Actor;
use yinzheng::service::issue_command::{Issued, Request, Requester};
use yinzheng::store::Memory;

#[test]
fn every_value_of_every_type_is_printed_whole_and_inside_the_frame() {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let folder = tempfile::tempdir().unwrap();
    for &(slug, _) in EXAMPLES {
        for variant in ["", "-long", "-rare"] {
            let name = format!("{slug}{variant}");
            let input = fs::read_to_string(format!("schemas/examples/{name}.json")).unwrap();
            let input = serde_json::from_str(&input).unwrap();
            let actor = Actor::LocalOperator;
            let request = Request {
                requester: &Requester::Operator(actor.clone()),
                kind: slug,
                input: &input,
                idempotency: None,
            };
            let issued = test.office.issue(&request).unwrap();
            let path = folder.path().join(format!("{name}.pdf"));
            fs::File::create(&path)
                .and_then(|mut file| std::io::Write::write_all(&mut file, &issued.pdf))
                .unwrap();
            let boxes = poppler(&["-bbox", path.to_str().unwrap(), "-"]);
            let words = words(&boxes);
            printed(&name, &issued, &words);
            for (word, [left, top, right, bottom]) in &words {
                let inside = *left > 55.0 && *right < 540.0 && *top > 55.0 && *bottom < 787.0;
                assert!(inside, "{name}: {word:?} at {left} {top} {right} {bottom}");
            }
        }
    }
}

/// Values and labels, in the order of the page, white space aside.
fn printed(name: &str, issued: &Issued, words: &[(String, [f32; 4])]) {
    let text: String = words.iter().map(|(word, _)| word.as_str()).collect();
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let text = plain(&text);
    let licence = &issued.licence;
    assert!(text.contains(&licence.number), "{name}: the number");
    for value in &licence.values {
        // A value that continues on another page has the page header between its parts.
        let value = plain(&value.printed);
        let start: String = value.chars().take(40).collect();
        let end: String = value.chars().skip(value.chars().count().saturating_sub(12)).collect();
        assert!(text.contains(&start), "{name}: {start} is not in {text}");
        assert!(text.contains(&end), "{name}: {end} is not in {text}");
        let missing: String = value.chars().filter(|c| !text.contains(*c)).collect();
        assert!(missing.is_empty(), "{name}: {missing}");
    }
}

fn words(boxes: &str) -> Vec<(String, [f32; 4])> {
    let word = |line: &str| {
        let line = line.trim().strip_prefix("<word ")?;
        let (place, rest) = line.split_once('>')?;
        let number = |key: &str| {
            let (_, rest) = place.split_once(&format!("{key}=\""))?;
            rest.split('"').next()?.parse().ok()
        };
        let text = rest.strip_suffix("</word>")?;
        let text = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
        Some((text, [number("xMin")?, number("yMin")?, number("xMax")?, number("yMax")?]))
    };
    let words: Vec<_> = boxes.lines().filter_map(word).collect();
    assert!(words.len() > 20, "pdftotext found nothing: {boxes}");
    words
}

fn poppler(arguments: &[&str]) -> String {
    let output = Command::new("pdftotext").args(arguments).output().unwrap_or_else(|error| {
        unreachable!("pdftotext: {error}; install it with tests/peers/setup")
    });
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}
