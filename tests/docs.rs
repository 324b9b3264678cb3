//! Documents that nothing checks go stale: every file that they name exists, and every test.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_file_and_test_that_the_documents_name_exists() {
    let mut pages: Vec<_> =
        fs::read_dir("docs").unwrap().map(|page| page.unwrap().path()).collect();
    pages.push("README.md".into());
    let mut tests = String::new();
    for entry in fs::read_dir("tests").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            tests.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    // Parameters and members that the API and the configuration have.
    for entry in fs::read_dir("schemas/openapi").unwrap() {
        tests.push_str(&fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    tests.push_str(&fs::read_to_string("keys-example/office.toml").unwrap());
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_file = ["src/", "tests/", "schemas/", "docs/", "keys-example/"]
                .iter()
                .any(|folder| quoted.starts_with(folder));
            let is_test = quoted.contains('_')
                && quoted.len() > 11
                && quoted.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let missing = (is_file && !Path::new(quoted).exists())
                || (is_test && !is_file && !tests.contains(quoted) && !is_name_elsewhere(quoted));
            seen += usize::from(is_file || is_test);
            if missing {
                wrong.push(format!("{}: {quoted}", page.display()));
            }
        }
    }
    assert!(seen > 60, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A file of tests that no program has is run by nobody, and so is a module that the test command
/// does not name.
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

/// Words of the text that look like names of tests.
fn is_name_elsewhere(word: &str) -> bool {
    [
        "unsupported_algorithm",
        "unsupported_path",
        "second_path",
        "tracing_subscriber",
        "log_required_since",
        "internal_error",
    ]
    .contains(&word)
}
