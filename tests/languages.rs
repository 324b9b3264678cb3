//! Every refusal that a command line provokes is told in the reader's language and in that one alone,
//! and says nothing in the words of a parser or of the system.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use yinzheng::edge::config::OfficeFolder;

/// What stands in the folder where each command runs: an office, and files with faults.
fn prepare(folder: &Path) {
    let demo = run(folder, "en", "demo --no-serve --dir office");
    assert!(demo.0 == Some(0), "{}", demo.1);
    let office = fs::read_to_string(folder.join("office/office.toml")).unwrap();
    let broken = [
        ("key", "public_base_url =", "public_url ="),
        ("type", "slug = \"health\"", "slug = 7"),
        ("twice", "slug = \"health\"", "slug = \"market\""),
        ("address", "http://127.0.0.1", "http://example.org"),
        ("letter", "http://127.0.0.1", "https://证照.example"),
        ("uscc", "uscc = \"1", "uscc = \"2"),
        ("seal", "number = \"", "number = \"A"),
        ("arc", "[[departments]]", "oid_arc = \"1.2\"\n[[departments]]"),
        ("codes", "[[departments]]", "accept_listed_codes = [\"1\"]\n[[departments]]"),
        ("second", "[[departments]]", "second_path = \"x\"\n[[departments]]"),
        ("rate", "[[departments]]", "queries_a_minute = 0\n[[departments]]"),
        ("inside", "[[departments]]", "allow_private_destinations = [\"a\"]\n[[departments]]"),
        ("witness", "[[departments]]", "log = { witnesses = [\"x\"] }\n[[departments]]"),
        ("unknown", "\"business\"", "\"fishing\""),
        (
            "four",
            "types = [\"private-school\"]",
            "types = [\"private-school\"]\nfour_eyes = [\"a\"]",
        ),
        ("syntax", "public_base_url =", "public_base_url = ="),
    ];
    for (name, from, to) in broken {
        assert!(office.contains(from), "{name}: {from}");
        write(folder, &format!("{name}.toml"), office.replacen(from, to, 1));
    }
    write(folder, "good.toml", &office);
    for (name, content) in [
        ("cut.json", "{\"operator\": "),
        ("empty.json", ""),
        ("list.json", "[1,2]"),
        ("comma.json", "{\"a\":1,}"),
        ("twice.json", "{\"a\":1,\"a\":2}"),
        ("none.json", "{}"),
        ("gbk.json", "\"\\"),
        ("text.txt", "neither key nor list"),
        ("profile.toml", "client = 7\n"),
        ("another.toml", "nothing = \"x\"\n"),
        ("key.pem", "-----BEGIN X-----\n-----END X-----\n"),
        ("new-passphrase", "long enough for a passphrase\n"),
        ("short", "short\n"),
        ("jwk.json", "{\"kty\":\"oct\",\"k\":\"AA\"}"),
    ] {
        write(folder, name, content);
    }
    let own = |name: &str| folder.join(name).join("types");
    for name in ["policy", "types-key", "types-value", "types-syntax"] {
        fs::create_dir_all(own(name)).unwrap();
    }
    write(folder, "policy/log.toml", "log_key = 1\n");
    for name in ["types-key", "types-value", "types-syntax"] {
        write(folder, &format!("{name}/office.toml"), &office);
    }
    write(folder, "types-key/types/a.toml", "slug = \"a\"\nnothing = 1\n");
    write(folder, "types-value/types/a.toml", "slug = 1\n");
    write(folder, "types-syntax/types/a.toml", "slug = \n");
    // A type with fewer numbers than a restore leaves out.
    let school = fs::read_to_string("schemas/types/private-school.toml").unwrap();
    let short = school.replace("private-school", "bookshop").replace("003\"", "103\"");
    write(folder, "office/types/bookshop.toml", short.replace("{serial:6}", "{serial:4}"));
    fs::create_dir(folder.join("empty")).unwrap();
    fs::create_dir(folder.join("full")).unwrap();
    write(folder, "full/x", "x");
    for secret in ["key.pem", "new-passphrase", "short"] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(folder.join(secret), mode).unwrap();
    }
    assert!(OfficeFolder::new(&folder.join("office")).exists());
    for line in REGISTERED {
        let (code, said) = run(folder, "en", line);
        assert!(code == Some(0), "{line}: {said}");
    }
}

/// What the office has before anything is refused.
const REGISTERED: [&str; 8] = [
    "client add market-one --dir office --department market --scope feed:* --new-key one.pem",
    "destination add hook --dir office --client market-one --url https://hooks.example.org/x",
    "grant add --dir office --to health --type food-operation --field legal_representative --purpose check --until 2027-06-30",
    "grant withdraw --dir office 1",
    "suspend --dir office jy25199990000010 --reason investigation",
    "log export --dir office --to log",
    "backup --dir office --to backup",
    "restore --from backup --dir restored --leave-out 40",
];

const REFUSED: &[&str] = &[
    // The command line.
    "isue",
    "--lang fr list",
    "list --lang fr",
    "list",
    "list --dir office --stat x",
    "list --dir office --state x",
    "list --dir office --from x",
    "list --dir office --limit x",
    "list --dir office --type fishing",
    "verify x --json --csv",
    "verify",
    "proposals show --dir office x",
    "serve --dir office --listen x",
    "serve --dir office --listen 0.0.0.0:80",
    "demo --dir office2 --listen 0.0.0.0:80",
    "demo --dir office2 --listen 127.0.0.1:{port}",
    "demo --dir full --no-serve",
    "destination new-key --dir office --overlap 91",
    "client rotate market-one --dir office --overlap 7w --new-key two.pem",
    "audit --dir office --since x",
    "recover --dir office",
    "recover --dir office --accept-clock --leave-out 5",
    "recover --dir office --accept-rollback",
    // Offices and their files.
    "list --dir nothing",
    "check --dir nothing",
    "doctor --dir nothing",
    "init --dir office --office good.toml",
    "init --dir full --office good.toml",
    "init --dir new --office nothing.toml",
    "init --dir new --office key.toml",
    "init --dir new --office type.toml",
    "init --dir new --office twice.toml",
    "init --dir new --office address.toml",
    "init --dir new --office letter.toml",
    "init --dir new --office uscc.toml",
    "init --dir new --office seal.toml",
    "init --dir new --office arc.toml",
    "init --dir new --office codes.toml",
    "init --dir new --office second.toml",
    "init --dir new --office rate.toml",
    "init --dir new --office inside.toml",
    "init --dir new --office witness.toml",
    "init --dir new --office unknown.toml",
    "init --dir new --office four.toml",
    "init --dir new --office syntax.toml",
    "init --dir new --office good.toml --passphrase-file short",
    "init --dir new --office good.toml --passphrase-file nothing",
    "types --dir types-key",
    "types --dir types-value",
    "types --dir types-syntax",
    "doctor --dir types-key",
    "backup --dir office --to full",
    "backup --dir nothing --to new",
    "restore --from empty --dir new",
    "restore --from backup --dir full",
    "restore --from backup --dir full --leave-out 5",
    "restore --from backup --dir new",
    "restore --from backup --dir new --leave-out x",
    "passphrase --dir office --new-passphrase-file nothing",
    "passphrase --dir office --new-passphrase-file short",
    // Licences and proposals.
    "issue --dir office --type fishing none.json",
    "issue --dir office --type food-operation none.json",
    "issue --dir office --type food-operation cut.json",
    "issue --dir office --type food-operation empty.json",
    "issue --dir office --type food-operation comma.json",
    "issue --dir office --type food-operation twice.json",
    "issue --dir office --type food-operation list.json",
    "issue --dir office --type food-operation gbk.json",
    "issue --dir office --type food-operation nothing.json",
    "issue --dir office --type food-operation empty",
    "issue --dir office --type food-operation none.json --out text.txt/x",
    "issue --dir office --type food-operation none.json --as local_operator",
    "show --dir office X1",
    "show --dir office X1 --out new",
    "show --dir restored X1",
    "audit --dir restored --id X1",
    "revoke --dir office JY25199990000010 --reason x",
    "revoke --dir office JY25199990000028 --reason fraud",
    "suspend --dir office JY25199990000010 --reason fraud",
    "resume --dir office JY25199990000028",
    "accesses --dir office X1",
    "audit --dir office --id X1",
    "proposals show --dir office 9",
    "proposals approve --dir office 9 --as A --digest 00",
    "proposals refuse --dir office 9 --as A --reason x",
    // Clients, grants, destinations.
    "client add X --dir office --department market --scope read:* --new-key two.pem",
    "client add market-one --dir office --department market --scope read:* --new-key two.pem",
    "client add other --dir office --department fishing --scope read:* --new-key two.pem",
    "client add other --dir office --department market --scope fly:* --new-key two.pem",
    "client add other --dir office --department market --scope issue:fishing --new-key two.pem",
    "client add other --dir office --department market --scope query:* --new-key two.pem",
    "client add other --dir office --department market --scope read:* --key jwk.json",
    "client add other --dir office --department market --scope read:* --key cut.json",
    "client add other --dir office --department market --scope read:* --key nothing.json",
    "client add other --dir office --department market --scope read:* --new-key one.pem",
    "client add other --dir office --department market --scope read:* --new-key text.txt/x.pem",
    "client show nobody --dir office",
    "client enable market-one --dir office",
    "grant add --dir office --to x --type food-operation --purpose p --until 2027-06-30",
    "grant add --dir office --to health --type x --purpose p --until 2027-06-30",
    "grant add --dir office --to market --type food-operation --purpose p --until 2027-06-30",
    "grant add --dir office --to health --type food-operation --field x --purpose p --until 2027-06-30",
    "grant add --dir office --to health --type food-operation --field legal_representative --purpose p --until 2001-01-01",
    "grant add --dir office --to health --type food-operation --field legal_representative --purpose p --until 2099-01-01",
    "grant add --dir office --to health --type food-operation --field legal_representative --consent legal_representative --purpose p --until 2027-06-30",
    "grant add --dir office --to health --type food-operation --purpose p --until x",
    "grant show --dir office 9",
    "grant withdraw --dir office 9",
    "grant withdraw --dir office 1",
    "destination add X --dir office --client market-one --url https://hooks.example.org/x",
    "destination add hook --dir office --client market-one --url https://hooks.example.org/x",
    "destination add two --dir office --client nobody --url https://hooks.example.org/x",
    "destination add two --dir office --client market-one --url http://hooks.example.org/x",
    "destination add two --dir office --client market-one --url https://192.0.2.1/x",
    "destination add two --dir office --client market-one --url https://hooks.example.org/x?y",
    "destination add two --dir office --client market-one --url https://hooks.example.org/x --ca key.pem",
    "destination pause nobody --dir office",
    "destination new-key --dir office",
    // Calls.
    "call PSOT /x --as one.toml",
    "call GET x --as one.toml",
    "call GET /x --as profile.toml",
    "call GET /x --as another.toml",
    "call GET /x --as nothing.toml",
    "call GET /x --as one.toml --base-url http://example.org",
    "call GET /x --as one.toml --base-url http://127.0.0.1:{port}",
    "call GET /x --as one.toml --header x",
    "call GET /x --as one.toml --tls-cert key.pem",
    "call GET /x --as one.toml --base-url https://127.0.0.1:1 --ca key.pem",
    "call GET /x --client a --base-url http://127.0.0.1:1 --key key.pem",
    "call GET /x --client a --base-url http://127.0.0.1:1 --key nothing.pem",
    "call POST /x --as one.toml --data nothing.json",
    // Verification.
    "verify text.txt --at x",
    "verify text.txt --trust nothing.pem",
    "verify text.txt --trust text.txt",
    "verify text.txt --trust empty",
    "verify text.txt --trust policy",
    "verify text.txt --crl text.txt",
    "verify text.txt --ocsp text.txt",
    "verify text.txt --status text.txt",
    "verify text.txt --status nothing.jwt",
    "verify text.txt --fetch-from http://x",
    "verify text.txt --log-key x",
    "verify text.txt --witness x",
    "verify text.txt --witnesses 2",
    "verify text.txt --witnesses x",
    "verify text.txt --log-required-since x",
    "verify text.txt --log-required-since 2026-01-01",
    "verify text.txt --nonce a",
    "verify text.txt --report text.txt",
    "verify text.txt full --report new.pdf",
    "verify text.txt --proof nothing",
    "verify nothing.pdf",
    "verify empty",
    "verify text.txt --dir nothing",
    "verify office/samples/unknown-issuer.pdf office/samples/valid.pdf",
    // Logs.
    "log proof --dir office X1",
    "log proof --dir office X1 --access",
    "log checkpoint --dir office --witnessed",
    "log add-cosignature --dir office text.txt",
    "log add-cosignature --dir office log/checkpoint",
    "log add-cosignature --dir office nothing",
    "log verify log --from text.txt --log-key {vkey}",
    "log verify log --from log/checkpoint --log-key x",
    "log verify empty --from log/checkpoint --log-key {vkey}",
    "log verify log --log-key {vkey} --url ftp://x",
    "log verify new --log-key {vkey} --url http://127.0.0.1:1/log",
    "log new-key --dir office --instead-of 00000000",
    "log cosign log --log-key {vkey} --name w+w --keys witness",
    "log cosign empty --log-key {vkey} --name w --keys witness",
    "serve --dir office --listen 127.0.0.1:{port}",
    "serve --dir office --tls-cert text.txt --tls-key key.pem",
    "serve --dir office --tls-cert office/samples/root.pem --tls-key key.pem",
    "serve --dir office --tls-cert office/samples/root.pem --tls-key one.pem --listen 127.0.0.1:{port}",
    "serve --dir office --tls-cert nothing.pem --tls-key key.pem",
];

#[test]
fn every_refusal_is_in_the_reader_s_language_alone() {
    let found = ["zh", "en"].map(|language| std::thread::spawn(|| wrong_in(language)));
    let wrong: Vec<_> = found.into_iter().flat_map(|found| found.join().unwrap()).collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

fn wrong_in(language: &str) -> Vec<String> {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    prepare(folder);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let vkey = run(folder, "en", "log vkey --dir office").1.trim().to_owned();
    let mut wrong = Vec::new();
    for line in REFUSED {
        let line = line.replace("{port}", &port).replace("{vkey}", &vkey);
        // Nobody answers there.
        let line = if line.starts_with("call") { line.replace(&port, "1") } else { line };
        let (code, said) = run(folder, language, &line);
        let fault = match code {
            None | Some(0) => Some(format!("{code:?}")),
            _ if language == "zh" => fault_in_chinese(&said),
            _ => fault_in_english(&said),
        };
        if let Some(fault) = fault {
            wrong.push(format!("{line}\n  [{fault}] {said}"));
        }
    }
    let (_, said) = run(folder, language, "list --lang fr");
    if !said.contains("'fr'") {
        wrong.push(said);
    }
    wrong
}

/// Two words of English in a row, where nothing quotes them.
fn fault_in_chinese(said: &str) -> Option<String> {
    if !said.chars().any(is_chinese) {
        return Some("no Chinese".to_owned());
    }
    for line in said.lines().filter(|line| !line.contains("用法：") && !line.starts_with("下一步"))
    {
        let own = without_quoted(line.strip_prefix("yinzheng: ").unwrap_or(line));
        let words: Vec<_> = own.split(' ').collect();
        let is_word = |word: &str| {
            let word = word.trim_matches([',', '.', ':', ';']);
            word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase())
        };
        if let Some(run) = words.windows(2).find(|pair| pair.iter().all(|word| is_word(word))) {
            return Some(run.join(" "));
        }
    }
    leaked(said)
}

fn fault_in_english(said: &str) -> Option<String> {
    let chinese = |line: &str| without_quoted(line).chars().any(is_chinese);
    let line = said.lines().find(|line| chinese(line) && !line.contains("Licence:"));
    line.map(str::to_owned).or_else(|| leaked(said))
}

fn leaked(said: &str) -> Option<String> {
    LEAKS.into_iter().find(|leak| said.contains(leak)).map(str::to_owned)
}

/// What the system, parsers and the standard library say.
const LEAKS: [&str; 8] = [
    "os error",
    "invalid digit",
    "invalid socket address",
    " at line ",
    "expected value",
    "EOF while",
    "entity not found",
    "called `",
];

/// Without what stands in quotation marks, backticks or brackets.
fn without_quoted(line: &str) -> String {
    let mut own = String::new();
    let mut until = None;
    for character in line.chars() {
        let closes = match character {
            '"' | '`' | '\'' => Some(character),
            '<' => Some('>'),
            '[' => Some(']'),
            _ => None,
        };
        match until {
            Some(end) if character == end => until = None,
            Some(_) => {}
            None if closes.is_some()
                && !(character == '\'' && own.ends_with(char::is_alphanumeric)) =>
            {
                until = closes;
            }
            None => own.push(character),
        }
    }
    own
}

fn is_chinese(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}

fn run(folder: &Path, language: &str, line: &str) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
        .current_dir(folder)
        .env("YINZHENG_PASSPHRASE", "correct horse battery staple")
        .envs([("LC_ALL", if language == "zh" { "zh_CN.UTF-8" } else { "C.UTF-8" })])
        .args(line.split(' '))
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[expect(clippy::disallowed_methods, reason = "a test's file need not be durable")]
fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    fs::write(folder.join(name), content).unwrap();
}

#[test]
fn tables_for_people_have_words_and_those_for_programs_have_codes() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let demo = run(folder, "en", "demo --no-serve --dir office");
    assert!(demo.0 == Some(0), "{}", demo.1);
    for (line, zh, en) in [
        (
            "audit --dir office",
            &["签发  ", "状态变更  ", "已撤销，签发有误"][..],
            &["issued  ", "status changed  ", "revoked, issued in error"][..],
        ),
        ("list --dir office", &["  有效    ", "  已撤销  "], &["  active   ", "  revoked  "]),
        (
            "types",
            &["food-operation  食品经营许可证\n", "餐饮服务经营者\n"],
            // An application has the option's Chinese.
            &["food-operation  Food Operation Licence\n", "餐饮服务经营者 (Catering service)\n"],
        ),
    ] {
        let [chinese, english] = ["zh", "en"].map(|language| run(folder, language, line).1);
        for (own, other) in zh.iter().zip(en) {
            assert!(chinese.contains(own) && !chinese.contains(other), "{line}: {own}: {chinese}");
            assert!(
                english.contains(other) && !english.contains(own),
                "{line}: {other}: {english}"
            );
        }
    }
    for line in
        ["audit --dir office --json", "audit --dir office --csv", "list --dir office --json"]
    {
        let [chinese, english] = ["zh", "en"].map(|language| run(folder, language, line).1);
        let rows = |text: &str| {
            text.lines()
                .filter(|line| !line.starts_with("yinzheng: "))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(rows(&chinese), rows(&english), "{line}");
    }
}
