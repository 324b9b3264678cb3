//! The architecture as a table: the imports that each module may have.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
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
    ("domain::toml_place", &["base"]),
    ("domain::office", &["base", "format::note", "domain::toml_place"]),
    ("domain::access", &["base", "format::jose"]),
    ("domain::sharing", &["base", "format::jose"]),
    ("domain::webhooks", &["base", "domain::access"]),
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
    // Acts of one room, on the office whose state stands in the files of the layer.
    ("service::access", &["base", "domain::access", "store", "service::office", "service::parts"]),
    (
        "service::sharing",
        &[
            "base",
            "crypto",
            "format::jose",
            "format::x509",
            "domain",
            "store",
            "service::keys",
            "service::office",
            "service::parts",
        ],
    ),
    (
        "service::webhooks",
        &[
            "base",
            "crypto",
            "domain::access",
            "domain::webhooks",
            "store",
            "service::access",
            "service::keys",
            "service::office",
            "service::sharing",
            "service::state",
        ],
    ),
    ("service", &["base", "crypto", "format", "domain", "store"]),
    ("verify", &["base", "format", "domain"]),
    ("edge::outbound", &["base", "domain::webhooks", "domain::office", "edge::files"]),
    ("edge::fetch", &["base", "domain::trust", "edge::outbound"]),
    ("edge::keys", &["base", "crypto", "domain::webhooks", "service::keys", "edge::files"]),
    ("edge::web", &["base", "domain::verify", "service"]),
    ("edge::webhooks", &["base", "domain::webhooks", "service", "edge::files", "edge::outbound"]),
    (
        "edge::log",
        &[
            "base",
            "domain::office",
            "format::merkle",
            "format::note",
            "store",
            "service",
            "edge::config",
            "edge::entropy",
            "edge::files",
            "edge::keys",
            "edge::log_key_rotation",
            "edge::outbound",
        ],
    ),
    (
        "edge::local",
        &["base", "domain", "store", "service", "edge::log", "edge::outbound", "edge::webhooks"],
    ),
    // Pages and routes reach no keys, no configuration and no other server.
    (
        "edge::http",
        &[
            "base",
            "format",
            "domain",
            "store",
            "service",
            "edge::entropy",
            "edge::files",
            "edge::web",
        ],
    ),
    // The command line and the files beside it, which it alone brings together.
    ("edge", &["base", "crypto", "format", "domain", "store", "service", "verify"]),
];

#[test]
fn every_import_is_in_the_table() {
    let mut wrong = Vec::new();
    for (file, imported) in imports() {
        let name = file.join("::");
        let Some((room, allowed)) = MAY_IMPORT.iter().find(|(room, _)| within(&name, room)) else {
            // The root and the `mod.rs` of a layer only declare; anything else wants a row.
            if file.len() > 1 {
                wrong.push(format!("{name}: no row for this room"));
            }
            continue;
        };
        for imported in imported.iter().map(|imported| imported.join("::")) {
            let fits = |other: &str| within(&imported, other);
            if !fits(room) && !allowed.iter().any(|other| fits(other)) {
                wrong.push(format!("{name} -> {imported}"));
            }
        }
    }
    assert!(wrong.is_empty(), "not in MAY_IMPORT:\n{}", wrong.join("\n"));
}

/// What each file imports.
fn imports() -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let mut files = BTreeMap::new();
    collect(Path::new("src"), &mut files);
    let names: BTreeSet<Vec<String>> = files.keys().cloned().collect();
    let tree = Imports { files: &files, names: &names };
    let imports: BTreeMap<_, _> = files.keys().map(|file| (file.clone(), tree.of(file))).collect();
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 1_000, "nothing was read");
    imports
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

/// Imports between files have no cycles: each file can be read with the files below it. What a
/// `mod.rs` re-exports from its children counts as imported from the child.
#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = imports();
    let mut circles = Vec::new();
    for file in imports.keys() {
        let (mut seen, mut ways) = (BTreeSet::new(), vec![vec![file.clone()]]);
        while let Some(way) = ways.pop() {
            for next in &imports[way.last().unwrap()] {
                if next == file {
                    circles.push(way.iter().map(|one| one.join("::")).collect::<Vec<_>>());
                } else if seen.insert(next.clone()) {
                    ways.push([&way[..], std::slice::from_ref(next)].concat());
                }
            }
        }
    }
    circles.sort_by_key(Vec::len);
    let shown: Vec<_> = circles.iter().take(20).map(|one| one.join(" -> ")).collect();
    assert!(circles.is_empty(), "{} files import themselves:\n{}", circles.len(), shown.join("\n"));
}

/// The sources by module, without comments, texts and tests.
fn collect(dir: &Path, files: &mut BTreeMap<Vec<String>, String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("tests.rs")
            && !path.iter().any(|part| part == "tests")
        {
            let mut module: Vec<String> = module_of(&path).split("::").map(str::to_owned).collect();
            module.retain(|part| !["lib", "main", "mod", ""].contains(&part.as_str()));
            files.insert(module, bare(&fs::read_to_string(&path).unwrap()));
        }
    }
}

fn bare(text: &str) -> String {
    let code = text.split("\nmod tests {").next().unwrap();
    let lines = code.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// Modules, and how to find where a name of theirs is defined.
struct Imports<'a> {
    files: &'a BTreeMap<Vec<String>, String>,
    names: &'a BTreeSet<Vec<String>>,
}

impl Imports<'_> {
    /// The files whose items a file names.
    fn of(&self, file: &[String]) -> BTreeSet<Vec<String>> {
        let text = &self.files[file];
        let body = &without_uses(text);
        let mut named = Vec::new();
        for (is_public, path) in uses(text) {
            let Some(path) = self.absolute(file, &path) else { continue };
            // A module that was imported is used by its items.
            if self.names.contains(&path) {
                let module = path.last().unwrap();
                named.extend(items_of(body, module).map(|item| [&path[..], &[item]].concat()));
            } else if !(is_public && path.starts_with(file)) {
                named.push(path);
            }
        }
        for start in ["crate", "super", "self"] {
            for item in paths_from(body, start) {
                named.extend(self.absolute(file, &item));
            }
        }
        // Children need no import.
        for child in self.names.iter().filter(|name| name.len() == file.len() + 1) {
            if child.starts_with(file) {
                let items = items_of(body, child.last().unwrap());
                named.extend(items.map(|item| [&child[..], &[item]].concat()));
            }
        }
        // A visibility (`pub(in crate::edge::http)`) names a module above, and imports nothing.
        named.retain(|path| !(self.names.contains(path) && file.starts_with(path)));
        let mut found: BTreeSet<_> =
            named.iter().filter_map(|path| self.defined(path, 8)).collect();
        found.remove(file);
        found
    }

    fn absolute(&self, file: &[String], path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([file, rest].concat()),
            "super" => {
                let above = path.iter().take_while(|part| *part == "super").count();
                let base = file.get(..file.len().checked_sub(above)?)?;
                Some([base, path.get(above..)?].concat())
            }
            _ => {
                let child = [file, std::slice::from_ref(first)].concat();
                self.names.contains(&child).then(|| [file, path].concat())
            }
        }
    }

    /// The file that defines what a path names: the one that a `pub use` on the way leads to.
    fn defined(&self, path: &[String], depth: usize) -> Option<Vec<String>> {
        if self.names.contains(path) {
            return Some(path.to_vec());
        }
        let at = (0..path.len()).rev().find(|end| self.names.contains(&path[..*end].to_vec()))?;
        let (module, name) = (&path[..at], &path[at]);
        if depth == 0 {
            return Some(module.to_vec());
        }
        let handed_on = uses(&self.files[module]).into_iter().find_map(|(_, used)| {
            (used.last() == Some(name)).then(|| self.absolute(module, &used)).flatten()
        });
        match handed_on.filter(|used| used != path && !self.names.contains(used)) {
            Some(used) => self.defined(&used, depth - 1),
            None => Some(module.to_vec()),
        }
    }
}

fn without_uses(text: &str) -> String {
    let is_use = |item: &&str| {
        item.rfind("use ").is_some_and(|at| {
            let line = item[..at].rsplit('\n').next().unwrap().trim();
            line.is_empty() || line.starts_with("pub")
        })
    };
    // The text before the `use` in the same statement is kept.
    let kept = text
        .split(';')
        .map(|item| if is_use(&item) { &item[..item.rfind("use ").unwrap()] } else { item });
    kept.collect::<Vec<_>>().join(";")
}

/// The paths of all `use` items, each with whether it is public. Other names (`as`) are left out:
/// the path is what counts.
fn uses(text: &str) -> Vec<(bool, Vec<String>)> {
    let mut all = Vec::new();
    for item in text.split(';') {
        let Some(at) = item.rfind("use ").filter(|at| {
            let line = item[..*at].rsplit('\n').next().unwrap().trim();
            line.is_empty() || line.starts_with("pub")
        }) else {
            continue;
        };
        let is_public = item[..at].rsplit('\n').next().unwrap().contains("pub");
        let mut paths = Vec::new();
        expand(&item[at + 4..], &[], &mut paths);
        all.extend(paths.into_iter().map(|path| (is_public, path)));
    }
    all
}

fn expand(tree: &str, before: &[String], all: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let parts = |text: &str| -> Vec<String> {
        let text = text.split(" as ").next().unwrap();
        text.split("::")
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect()
    };
    let Some((head, inside)) = tree.split_once('{') else {
        let mut path = [before, &parts(tree)].concat();
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        all.push(path);
        return;
    };
    let before = [before, &parts(head)].concat();
    let inside = inside.rsplit_once('}').map_or(inside, |(inside, _)| inside);
    let (mut depth, mut start) = (0, 0);
    for (at, character) in inside.char_indices().chain([(inside.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !inside[start..at].trim().is_empty() {
                    expand(&inside[start..at], &before, all);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// What follows `module::` in a text.
fn items_of<'a>(text: &'a str, module: &str) -> impl Iterator<Item = String> + use<'a> {
    let wanted = format!("{module}::");
    let places: Vec<usize> = text.match_indices(&wanted).map(|(at, _)| at).collect();
    let length = wanted.len();
    places.into_iter().filter_map(move |at| {
        let whole = |one: char| one.is_alphanumeric() || one == '_' || one == ':';
        let fits = !text[..at].ends_with(whole);
        let name: String = text[at + length..]
            .chars()
            .take_while(|one| one.is_alphanumeric() || *one == '_')
            .collect();
        (fits && !name.is_empty()).then_some(name)
    })
}

/// Paths in a text that begin with a keyword.
fn paths_from(text: &str, start: &str) -> Vec<Vec<String>> {
    let wanted = format!("{start}::");
    let places = text.match_indices(&wanted).filter(|(at, _)| {
        !text[..*at].ends_with(|one: char| one.is_alphanumeric() || one == '_' || one == ':')
    });
    let paths = places.map(|(at, _)| {
        let path =
            text[at..].split(|one: char| !(one.is_alphanumeric() || one == '_' || one == ':'));
        path.take(1).flat_map(|path| path.split("::")).map(str::to_owned).collect::<Vec<_>>()
    });
    paths.filter(|path| path.len() > 1 && path.iter().all(|part| !part.is_empty())).collect()
}
