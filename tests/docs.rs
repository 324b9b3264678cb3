//! Checks of the documentation: every file, link, test and type that it names exists, numbers and
//! names in it are those of the program, and guides in both languages agree.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every page that is published with the program.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<_> =
        ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
            .map(PathBuf::from)
            .into();
    files_below(Path::new("docs"), "md", &mut pages);
    pages
}

fn files_below(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, extension, found);
        } else if path.extension().is_some_and(|its| its == extension) {
            found.push(path);
        }
    }
}

fn text_below(folder: &str, extension: &str) -> String {
    let mut files = Vec::new();
    files_below(Path::new(folder), extension, &mut files);
    files.iter().map(|file| fs::read_to_string(file).unwrap() + "\n").collect()
}

/// A page as blocks of code with their kinds, and the text between them.
fn blocks(page: &str) -> (Vec<(String, String)>, String) {
    let (mut blocks, mut prose) = (Vec::new(), String::new());
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind)) => open = Some((kind.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, text)), None) => text.extend([line, "\n"]),
            (None, None) => prose.extend([line, "\n"]),
        }
    }
    assert!(open.is_none(), "a block has no end");
    (blocks, prose)
}

fn quoted(prose: &str) -> impl Iterator<Item = &str> {
    prose.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn every_file_and_test_that_the_documents_name_exists() {
    // Tests, and the parameters, members and settings that the program has.
    let mut known = text_below("tests", "rs") + &text_below("src", "rs");
    known += &(text_below("schemas/openapi", "json") + &text_below("schemas/types", "toml"));
    known += &fs::read_to_string("keys-example/office.toml").unwrap();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in pages() {
        let (_, prose) = blocks(&fs::read_to_string(&page).unwrap());
        for quoted in quoted(&prose) {
            let is_file =
                ["src/", "tests/", "schemas/", "docs/", "keys-example/", "examples/", "fuzz/"]
                    .iter()
                    .any(|folder| quoted.starts_with(folder))
                    && quoted.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            let quoted = quoted.strip_prefix("yinzheng_").unwrap_or(quoted);
            let is_test = quoted.contains('_')
                && quoted.len() > 11
                && quoted.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            seen += usize::from(is_file || is_test);
            let placeholder = ["TYPE", "NAME", "SLUG"].iter().any(|word| quoted.contains(word));
            if (is_file && !placeholder && !Path::new(quoted).exists())
                || (is_test && !known.contains(quoted))
            {
                wrong.push(format!("{}: {quoted}", page.display()));
            }
        }
    }
    assert!(seen > 60, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Names in the form of types that are types of this program, and their members.
#[test]
fn every_type_that_the_documents_name_exists() {
    let code = text_below("src", "rs") + &text_below("tests", "rs") + &text_below("examples", "rs");
    let words: BTreeSet<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let mut declared: BTreeSet<&str> = ["struct ", "enum ", "trait ", "type "]
        .iter()
        .flat_map(|keyword| code.split(keyword).skip(1))
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next())
        .collect();
    // Variants are at the beginning of a line.
    let lines = code.lines().map(str::trim_start);
    declared.extend(lines.filter_map(|line| line.split([' ', '(', ',']).next()));
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in pages() {
        let (_, prose) = blocks(&fs::read_to_string(&page).unwrap());
        for name in quoted(&prose).filter(|name| is_type(name) && !OTHERS.contains(name)) {
            let mut parts = name.split("::");
            let exists = parts.next().is_some_and(|first| declared.contains(first))
                && parts.all(|part| words.contains(part));
            seen += 1;
            if !exists {
                wrong.push(format!("{}: {name}", page.display()));
            }
        }
    }
    assert!(seen > 60, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_type(quoted: &str) -> bool {
    quoted.starts_with(|c: char| c.is_ascii_uppercase())
        && quoted.contains(|c: char| c.is_ascii_lowercase())
        && quoted.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
        && !quoted.ends_with(':')
}

/// Headers of HTTP, names of PDF, traits of libraries, settings of systemd.
const OTHERS: &[&str] = &[
    "Authorization",
    "DPoP",
    "ETag",
    "FieldMDP",
    "Forwarded",
    "JsonSchema",
    "RateLimit",
    "ReadWritePaths",
    "Via",
];

#[test]
fn every_link_leads_to_a_file_and_to_a_heading() {
    let mut wrong = Vec::new();
    for page in pages() {
        let (_, prose) = blocks(&fs::read_to_string(&page).unwrap());
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://")) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let place = page.parent().unwrap().join(file);
            let place = if file.is_empty() { page.clone() } else { place };
            let is_there = place.exists()
                && (heading.is_empty() || headings(&place).iter().any(|one| one == heading));
            if !is_there {
                wrong.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The anchors that a page's headings have.
fn headings(page: &Path) -> Vec<String> {
    let (_, prose) = blocks(&fs::read_to_string(page).unwrap());
    let titles = prose.lines().filter(|line| line.starts_with('#'));
    titles
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            title.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
        })
        .collect()
}

/// Commands and copied text are the same in both languages; output may differ.
#[test]
fn both_languages_have_the_same_guides_with_the_same_commands() {
    let names = |language: &str| {
        let mut found = Vec::new();
        files_below(&Path::new("docs/guide").join(language), "md", &mut found);
        found.iter().map(|path| path.file_name().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let guides = names("en");
    assert_eq!(guides, names("zh"));
    assert!(guides.len() > 9, "{guides:?}");
    let mut pairs: Vec<_> = guides
        .iter()
        .map(|name| (Path::new("docs/guide/en").join(name), Path::new("docs/guide/zh").join(name)))
        .collect();
    // Each front page links to every guide in its language.
    for (front, language) in [("README.md", "en"), ("README.zh-CN.md", "zh")] {
        let text = fs::read_to_string(front).unwrap();
        for name in &guides {
            let link = format!("](docs/guide/{language}/{})", name.to_str().unwrap());
            assert!(text.contains(&link), "{front} does not lead to {link}");
        }
    }
    pairs.push(("README.md".into(), "README.zh-CN.md".into()));
    for (english, chinese) in pairs {
        let commands = |page: &Path| {
            let mut blocks = blocks(&fs::read_to_string(page).unwrap()).0;
            for (kind, text) in &mut blocks {
                // Commands that run, and blocks that a test cannot run.
                let known = ["sh", "console-output", "text", "ini"].contains(&kind.as_str());
                assert!(known, "{}: a block of {kind:?}", page.display());
                if kind == "console-output" {
                    text.clear();
                }
            }
            blocks
        };
        assert_eq!(commands(&english), commands(&chinese), "{}", chinese.display());
    }
}

/// A row of limits names its file and its constant or field, and has the number.
#[test]
fn the_limits_are_those_of_the_program() {
    let page = fs::read_to_string("docs/reference/limits.md").unwrap();
    let (mut wrong, mut named) = (Vec::new(), BTreeSet::new());
    for row in page.lines().filter(|line| line.contains("| `src/")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, number, _, place] = cells.as_slice() else { panic!("{row}") };
        let place: Vec<&str> = place.split('`').skip(1).step_by(2).collect();
        let (file, name) = (place[0], place.get(1).copied());
        assert!(Path::new(file).exists(), "{row}");
        let Some(name) = name else { continue };
        named.insert(name.to_owned());
        let source = fs::read_to_string(file).unwrap();
        let values = values_of(&source, name);
        let fits = |value: &String| number_parts(value).iter().all(|part| has(number, part));
        if !values.iter().any(fits) {
            wrong.push(format!("{row}\n  the source says {values:?}"));
        }
    }
    // Every bound of the budgets has a row.
    let source = fs::read_to_string("src/base/limits.rs").unwrap();
    let source = source.split("#[cfg(test)]").next().unwrap();
    for line in source.lines().map(str::trim) {
        let field = line.strip_prefix("pub ").and_then(|rest| rest.split_once(": "));
        let Some((name, kind)) = field else { continue };
        if ["usize,", "u64,", "Duration,"].contains(&kind) && !named.contains(name) {
            wrong.push(format!("{name} has no row"));
        }
    }
    assert!(named.len() > 100, "{}", named.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the cell has the number, not as a part of another.
fn has(cell: &str, number: &str) -> bool {
    let within = |c: char| c.is_ascii_digit() || c == ',' || c == '.';
    cell.match_indices(number).any(|(at, _)| {
        let (before, after) = (&cell[..at], &cell[at + number.len()..]);
        let more = after.trim_start_matches([',', '.']).starts_with(|c: char| c.is_ascii_digit());
        !before.ends_with(within) && !more
    })
}

/// What a constant or a field is set to, as written.
fn values_of(source: &str, name: &str) -> Vec<String> {
    let (constant, field) = (format!("const {name}: "), format!(" {name}: "));
    let constants = source.split(&constant).skip(1);
    let constants = constants.filter_map(|rest| rest.split(';').next()?.split_once(" = "));
    let fields = source.split(&field).skip(1);
    let fields = fields.filter_map(|rest| rest.split([',', '}', '\n']).next());
    constants.map(|(_, value)| value.to_owned()).chain(fields.map(str::to_owned)).collect()
}

/// The numbers of an expression, in the form of the page.
fn number_parts(value: &str) -> Vec<String> {
    let whole = |text: &str| text.trim().replace('_', "").parse::<u64>().ok().map(grouped);
    if let Some((count, shift)) = value.split_once("<<") {
        let unit = match shift.trim() {
            "10" => "KB",
            "20" => "MB",
            "30" => "GB",
            _ => return vec!["?".to_owned()],
        };
        return vec![format!("{} {unit}", whole(count).unwrap_or_default())];
    }
    for (from, unit) in [("from_secs(", "s"), ("from_mins(", "min"), ("from_hours(", "h")] {
        if let Some((_, count)) = value.split_once(from) {
            return vec![format!("{} {unit}", count.trim().trim_end_matches(')'))];
        }
    }
    let parts: Vec<_> = value.trim_matches(['(', ')']).split(',').map(whole).collect();
    parts.into_iter().map(|part| part.unwrap_or_else(|| "?".to_owned())).collect()
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn the_metrics_are_those_of_the_program() {
    let source = fs::read_to_string("src/edge/http/metrics.rs").unwrap();
    let source = source.split("#[cfg(test)]").next().unwrap();
    let mut documented = BTreeSet::new();
    for before in ["head(&mut text, \"", "let name = \"", "tell(\""] {
        let names = source.split(before).skip(1).filter_map(|rest| rest.split('"').next());
        documented.extend(names.map(|name| format!("yinzheng_{name}")));
    }
    let page = fs::read_to_string("docs/reference/metrics.md").unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `yinzheng_"));
    let shown: BTreeSet<_> =
        rows.map(|row| format!("yinzheng_{}", row.split('`').next().unwrap())).collect();
    assert_eq!(shown, documented);
    assert!(documented.len() > 8, "{documented:?}");
}

/// Every test file belongs to a test program, and the test command runs all of them.
#[test]
fn the_test_command_runs_every_file_of_tests() {
    let command = fs::read_to_string("tests/run").unwrap();
    let named: BTreeSet<&str> = command
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("integration \""))
        .flat_map(|line| line.split_once("\" ").unwrap().1.split_whitespace())
        .collect();
    let words: Vec<&str> = command.split_whitespace().collect();
    let programs = ["docs", "integration", "layers", "measured"];
    for program in programs.into_iter().filter(|program| *program != "integration") {
        assert!(words.windows(2).any(|pair| pair == ["--test", program]), "{program}");
    }
    let mut modules = BTreeSet::new();
    for program in programs {
        let source = fs::read_to_string(format!("tests/{program}.rs")).unwrap();
        modules.extend(source.lines().filter_map(|line| {
            Some((line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned(), program))
        }));
    }
    for entry in fs::read_dir("tests").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let program =
            modules.iter().find(|(module, _)| module == name).map(|(_, program)| *program);
        assert!(program.is_some() || programs.contains(&name), "no program has {name}");
        assert_eq!(program == Some("integration"), named.contains(name), "{name} in tests/run");
    }
    let unknown: Vec<_> =
        named.iter().filter(|name| !Path::new(&format!("tests/{name}.rs")).exists()).collect();
    assert!(unknown.is_empty(), "{unknown:?} in tests/run");
}

/// The guide counts the built-in types in words.
#[test]
fn the_guide_counts_the_types_that_are_built_in() {
    let count = fs::read_dir("schemas/types").unwrap().count();
    let words = [("five", "五"), ("six", "六"), ("seven", "七"), ("eight", "八"), ("nine", "九")];
    let (en, zh) = words[count - 5];
    for (page, words) in [
        ("docs/guide/en/new-type.md", format!("the {en} built-in ones")),
        ("docs/guide/zh/new-type.md", format!("{zh}种内置类型")),
    ] {
        assert!(fs::read_to_string(page).unwrap().contains(&words), "{page}: {words}");
    }
}
