//! The architecture as a table: what each room may import. Nothing else passes.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::Path;

const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("crypto", &["base"]),
    ("format::der", &["base"]),
    ("format::x509", &["base", "crypto", "format::der"]),
    ("format::cms", &["base", "crypto", "format::der", "format::x509"]),
    ("format::timestamp", &["base", "crypto", "format::der", "format::x509", "format::cms"]),
    ("format::revocation", &["base", "crypto", "format::der", "format::x509"]),
    ("format::pdf", &["base"]),
    ("format::jose", &["base", "crypto"]),
    ("format::merkle", &["base"]),
    ("format::note", &["base", "crypto", "format::merkle"]),
    ("format::qr", &["base"]),
    ("format::zip", &["base"]),
    ("domain::toml_place", &[]),
    ("domain::office", &["base", "format::note", "domain::toml_place"]),
    ("domain::access", &["base", "format::jose"]),
    ("domain::authority", &["base", "crypto", "format"]),
    ("domain::trust", &["base", "crypto", "format"]),
    ("domain::seal", &["base", "crypto", "format", "domain::office"]),
    (
        "domain::licence",
        &["base", "crypto", "format", "domain::office", "domain::seal", "domain::toml_place"],
    ),
    ("domain::verify", &["base", "crypto", "format", "domain::trust"]),
    ("domain::report_pdf", &["base", "format", "domain::licence", "domain::verify"]),
    ("domain::schema", &["base", "domain::licence", "domain::verify"]),
    ("store", &["base", "format::merkle"]),
    ("service", &["base", "crypto", "format", "domain", "store"]),
    ("verify", &["base", "format", "domain"]),
    ("edge", &["base", "crypto", "format", "domain", "store", "service", "verify"]),
];

#[test]
fn every_import_is_in_the_table() {
    let mut wrong = Vec::new();
    visit(Path::new("src"), &mut wrong);
    assert!(wrong.is_empty(), "not in MAY_IMPORT:\n{}", wrong.join("\n"));
}

fn visit(dir: &Path, wrong: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, wrong);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            check(&path, wrong);
        }
    }
}

fn check(path: &Path, wrong: &mut Vec<String>) {
    let file = module_of(path);
    let Some((room, allowed)) = MAY_IMPORT.iter().find(|(room, _)| within(&file, room)) else {
        // lib.rs, main.rs and the mod.rs of a layer only declare; anything else wants a row.
        if !["lib.rs", "main.rs", "mod.rs"].iter().any(|name| path.ends_with(name)) {
            wrong.push(format!("{}: no row for this room", path.display()));
        }
        return;
    };
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or("");
        for (at, target) in
            code.match_indices("crate::").map(|(at, word)| (at, &code[at + word.len()..]))
        {
            // Who may see an item is no import.
            if code[..at].ends_with("pub(in ") {
                continue;
            }
            let fits = within(target, room) || allowed.iter().any(|name| within(target, name));
            // Several rooms in braces would hide from this check.
            if !fits || target.starts_with('{') {
                wrong.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
}

/// `src/format/pdf/xref.rs` is `format::pdf::xref`.
fn module_of(path: &Path) -> String {
    let path = path.strip_prefix("src").unwrap().with_extension("");
    let names: Vec<_> = path.iter().map(|name| name.to_str().unwrap()).collect();
    names.join("::").trim_end_matches("::mod").to_owned()
}

fn within(target: &str, room: &str) -> bool {
    target
        .strip_prefix(room)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}
