//! The published schemas are those that the program generates, all output validates against them,
//! and they refuse one key more or one less; the page about the configuration is generated from its
//! schema. `YZ_BLESS=1` rewrites the files.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::world::{EXAMPLES, TestOffice};
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use yinzheng::base::actor::Actor;
use yinzheng::base::limits::Budget;
use yinzheng::crypto::signer::Signer as _;
use yinzheng::crypto::software::SoftwareKey;
use yinzheng::domain::licence::kind::Types;
use yinzheng::domain::licence::standing::{Reason, StatusChange};
use yinzheng::domain::office::Profile;
use yinzheng::domain::schema;
use yinzheng::domain::verify::credential::binding::Challenge;
use yinzheng::domain::verify::report::Verdict;
use yinzheng::format::jose::jwk::Jwk;
use yinzheng::format::jose::keybinding;
use yinzheng::format::jose::sdjwt::Credential;
use yinzheng::service::issue_command::{IssueError, Request, Requester};
use yinzheng::service::sharing::Limits;
use yinzheng::store::Memory;

const FOLDER: &str = "schemas/generated";
/// The examples of a type: short, with the longest values, and with rare characters.
const VARIANTS: [&str; 3] = ["", "-long", "-rare"];

#[test]
#[expect(clippy::disallowed_methods, reason = "rewrites files of the source tree, when asked to")]
fn the_files_are_those_that_the_program_makes() {
    let schemas = schema::all(&Types::built_in().unwrap());
    let bless = std::env::var_os("YZ_BLESS").is_some();
    for (file, schema) in &schemas {
        let path = Path::new(FOLDER).join(file);
        let text = format!("{}\n", serde_json::to_string_pretty(schema).unwrap());
        if bless {
            fs::create_dir_all(FOLDER).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(kept, text, "{} is out of date: run with YZ_BLESS=1", path.display());
    }
    // A schema without a type would be misleading.
    for entry in fs::read_dir(FOLDER).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(schemas.iter().any(|(file, _)| *file == name), "{name} belongs to nothing");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "rewrites files of the source tree, when asked to")]
fn the_page_about_the_configuration_is_that_of_the_schema() {
    const PAGE: &str = "docs/reference/configuration.md";
    let mut page = HEAD.to_owned();
    rows(&schema::office(), "", &mut page);
    if std::env::var_os("YZ_BLESS").is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    let kept = fs::read_to_string(PAGE).unwrap_or_default();
    assert_eq!(kept, page, "{PAGE} is out of date: run with YZ_BLESS=1");
    assert!(
        page.contains("| `departments[].seal.diameter_mm` | a whole number from 38 to 45 | 42 |")
    );
}

/// One line for each key that has a value of its own.
fn rows(object: &Value, place: &str, page: &mut String) {
    let required = object["required"].as_array().unwrap();
    for (key, schema) in object["properties"].as_object().unwrap() {
        let list = schema["type"] == "array";
        let value = if list { &schema["items"] } else { schema };
        let name = format!("{place}{key}{}", if list { "[]" } else { "" });
        if let Some(description) = schema["description"].as_str() {
            let (zh, en) = description.split_once(" / ").unwrap();
            let usual = match key.as_str() {
                "queries_a_minute" => Limits::default().queries_a_minute.to_string(),
                "misses_an_hour" => Limits::default().misses_an_hour.to_string(),
                "diameter_mm" => Profile::parse("", &FULL_OFFICE.replace(", diameter_mm = 42", ""))
                    .map(|office| office.departments["market"].seal.diameter_mm.to_string())
                    .unwrap(),
                _ if required.contains(&json!(key)) => "required".to_owned(),
                _ if list => "none".to_owned(),
                _ => "not set".to_owned(),
            };
            let kind = if list { format!("a list: {}", kind(value)) } else { kind(value) };
            let row =
                format!("| `{}` | {kind} | {usual} | {en} | {zh} |\n", name.trim_end_matches("[]"));
            page.push_str(&row);
        }
        if value["type"] == "object" && schema["description"].is_null() {
            rows(value, &format!("{name}."), page);
        }
    }
}

fn kind(schema: &Value) -> String {
    let form = match &schema["pattern"] {
        Value::String(pattern) if schema["minLength"].is_null() => {
            format!(" of the form `{}`", pattern.replace('|', "\\|"))
        }
        _ => String::new(),
    };
    let longest = match schema["maxLength"].as_u64() {
        Some(longest) => format!(", up to {longest} characters"),
        None => String::new(),
    };
    match schema["type"].as_str().unwrap() {
        "object" => "`{ zh = \"…\", en = \"…\" }`, up to 80 characters each".to_owned(),
        "integer" if schema["maximum"] == u32::MAX => "a whole number from 1".to_owned(),
        "integer" => format!("a whole number from {} to {}", schema["minimum"], schema["maximum"]),
        _ => format!("text{form}{longest}"),
    }
}

const HEAD: &str = "# Configuration

Every key of `office.toml`, made from `schemas/generated/office.json`; a test keeps both equal. An \
unknown key is refused. The file is read at start: `serve` and other commands that find a mistake \
name the place. `keys-example/office.toml` is a model, and [an office of your \
own](../guide/en/first-office.md) says what to change in it. The passphrase is no part of the file: \
`--passphrase-file`, `YINZHENG_PASSPHRASE_FILE` (a file) or `YINZHENG_PASSPHRASE` name it. \
`NO_COLOR` switches colours off.

A key with a dot stands in the table before the dot: `log.witnesses` is `witnesses` below `[log]`, \
`departments[].slug` is `slug` in each `[[departments]]`.

| Key | Kind | Default | What it says | 说明 |
|---|---|---|---|---|
";

#[test]
fn every_example_fits_and_is_issued_and_what_comes_out_fits() {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let types = Types::built_in().unwrap();
    let report = validator(&schema::report());
    for &(slug, _) in EXAMPLES {
        let kind = types.get(slug).unwrap();
        let application = validator(&schema::application(kind));
        let credential = validator(&schema::credential(kind));
        for variant in VARIANTS {
            let place = format!("schemas/examples/{slug}{variant}.json");
            let input: Value = serde_json::from_str(&fs::read_to_string(&place).unwrap()).unwrap();
            fits_tightly(&application, &input, &place);
            let request = Request {
                requester: &Requester::Operator(Actor::System.clone()),
                kind: slug,
                input: &input,
                idempotency: None,
            };
            let issued = test.office.issue(&request).unwrap_or_else(|e| panic!("{place}: {e:?}"));
            let mut budget = Budget::default();
            let claims = Credential::parse(&issued.credential, &mut budget).unwrap();
            fits_tightly(&credential, &Value::Object(claims.claims().clone()), &place);
            for bytes in [issued.pdf.as_slice(), issued.credential.as_bytes()] {
                let found = serde_json::to_value(test.office.verify(&place, bytes)).unwrap();
                assert_eq!(found["verdict"], "valid", "{place}: {found:#}");
                fits_tightly(&report, &found, &place);
            }
        }
    }
    test.check();
}

/// A natural person's key goes from the application into the holder credential only.
#[test]
fn a_holder_key_fits_and_the_holder_credential_is_bound_to_it() {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let types = Types::built_in().unwrap();
    let kind = types.get("residence-permit").unwrap();
    let (application, credential) =
        (validator(&schema::application(kind)), validator(&schema::credential(kind)));
    let report = validator(&schema::report());
    let key = SoftwareKey::from_pkcs8(&SoftwareKey::generate().unwrap()).unwrap();
    let jwk = Jwk::new(key.public_key()).unwrap().to_json();
    let mut input = crate::world::example("residence-permit");
    input["holder_key"] = jwk.clone();
    fits_tightly(&application, &input, "application");
    let request = |input: &Value, kind: &str| {
        let actor = Actor::System;
        test.office.issue(&Request {
            requester: &Requester::Operator(actor),
            kind,
            input,
            idempotency: None,
        })
    };
    let issued = request(&input, "residence-permit").unwrap();
    let mut budget = Budget::default();
    let read = Credential::parse(&issued.credential, &mut budget).unwrap();
    assert_eq!(read.claims()["cnf"], json!({ "jwk": jwk }));
    fits_tightly(&credential, &Value::Object(read.claims().clone()), "credential");
    let (now, asked) = (test.office.now(), ("https://desk.example", "n"));
    let shown = keybinding::bind(&issued.credential, asked, now, &key).unwrap();
    let challenge = Challenge::new("n", "https://desk.example").unwrap();
    let found = test.office.verify_answer("", shown.as_bytes(), &challenge);
    assert_eq!(found.verdict, Verdict::Valid, "{found:#?}");
    fits_tightly(&report, &serde_json::to_value(found).unwrap(), "report");
    // The document credential is not bound: it is not presented. And null is not a key.
    test.check();
    input["holder_key"] = Value::Null;
    let unbound = request(&input, "residence-permit").unwrap();
    assert!(
        !Credential::parse(&unbound.credential, &mut budget).unwrap().claims().contains_key("cnf")
    );
    let mut private = jwk.clone();
    private["d"] = "AAAA".into();
    for (bad, kind, code) in [
        (private, "residence-permit", "holder_key"),
        (json!("x"), "residence-permit", "holder_key"),
        (jwk, "food-operation", "unknown_key"),
    ] {
        let mut input = crate::world::example(kind);
        input["holder_key"] = bad;
        let Err(IssueError::Faults(faults)) = request(&input, kind) else { panic!("{input}") };
        assert_eq!((faults[0].pointer.as_str(), faults[0].code), ("/holder_key", code));
        let schema = validator(&schema::application(types.get(kind).unwrap()));
        assert!(!schema.is_valid(&input), "{input}");
    }
}

#[test]
fn reports_of_bad_files_fit() {
    let test = TestOffice::over(Arc::new(Memory::new().unwrap()));
    let report = validator(&schema::report());
    let issued = test.issue("business").unwrap();
    let id = issued.licence.id.as_str();
    test.office.change(id, StatusChange::Revoke(Reason::Penalty), &Actor::System).unwrap();
    let mut altered = issued.pdf.clone();
    altered.extend_from_slice(b"\nmore");
    let files: [(&str, &[u8]); 5] = [
        ("revoked", &issued.pdf),
        ("altered", &altered),
        ("cut", &issued.pdf[..issued.pdf.len() / 2]),
        ("empty", b""),
        ("foreign", b"no licence"),
    ];
    for (name, bytes) in files {
        let found = serde_json::to_value(test.office.verify(name, bytes)).unwrap();
        assert_ne!(found["verdict"], "valid", "{name}");
        fits_tightly(&report, &found, name);
    }
}

/// An input that the check refuses for its format is refused by the schema too.
#[test]
fn what_has_another_form_is_refused() {
    let types = Types::built_in().unwrap();
    let food = validator(&schema::application(types.get("food-operation").unwrap()));
    let good = crate::world::example("food-operation");
    let changes: [(&str, Value); 7] = [
        ("/fields/operator", json!("")),
        ("/fields/operator", json!("a\nb")),
        ("/fields/operator", json!("示".repeat(81))),
        ("/fields/uscc", json!("91510100MA0000015I")),
        ("/fields/business_form", json!("其他")),
        ("/fields/items", json!([])),
        ("/fields/items/0", json!(7)),
    ];
    for (pointer, value) in changes {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!food.is_valid(&bad), "{pointer}: {bad}");
    }
    let mut fixed = good;
    fixed["valid_until"] = "2031-01-01".into();
    assert!(!food.is_valid(&fixed), "the term of this type is fixed");
}

/// `office.toml` with every key.
const FULL_OFFICE: &str = r#"
name = { zh = "示例新区", en = "Example New Area" }
public_base_url = "https://licences.example.org"
second_path = "/mnt/other/mark"
queries_a_minute = 100
misses_an_hour = 10
[log]
witnesses = ["witness.example/one+d586dc66+BIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"]
[[departments]]
slug = "market"
uscc = "11519999MB0000019Y"
name = { zh = "示例新区市场监督管理局", en = "Example New Area Market Supervision Bureau" }
types = ["business", "food-operation"]
four_eyes = ["business"]
seal = { name = "示例新区市场监督管理局", number = "5199990000017", diameter_mm = 42 }
"#;

fn json_of(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap()
}

/// The schema of `office.toml` and the parser know the same keys, and refuse the same mistakes.
#[test]
fn the_schema_of_the_configuration_is_what_the_program_reads() {
    let schema = schema::office();
    let office = validator(&schema);
    for text in [include_str!("../keys-example/office.toml"), FULL_OFFICE] {
        assert!(Profile::parse("office.toml", text).is_ok());
        fits_tightly(&office, &json_of(text), "office.toml");
    }
    // The parser lists the known keys of a table when it finds an unknown one.
    for (before, more, pointer) in [
        ("name = { zh", "wrong = 1\n", ""),
        ("zh = ", "wrong = 1, ", "/properties/name"),
        ("witnesses =", "wrong = 1\n", "/properties/log"),
        ("slug =", "wrong = 1\n", "/properties/departments/items"),
        ("number =", "wrong = 1, ", "/properties/departments/items/properties/seal"),
    ] {
        let wrong = FULL_OFFICE.replacen(before, &format!("{more}{before}"), 1);
        let said = Profile::parse("office.toml", &wrong).unwrap_err().to_string();
        let known = said.split_once("those that there are: ");
        let (_, known) = known.unwrap_or_else(|| panic!("{said}"));
        let mut known: Vec<_> = known.split(", ").collect();
        let properties = schema.pointer(&format!("{pointer}/properties")).unwrap();
        let mut keys: Vec<_> = properties.as_object().unwrap().keys().map(String::as_str).collect();
        known.sort_unstable();
        keys.sort_unstable();
        assert_eq!(keys, known, "{pointer}");
    }
    for address in [
        "http://localhost",
        "http://127.0.0.1",
        "http://[::1]",
        "http://localhost:8080",
        "http://[::1]:8080/licences",
        "https://a",
    ] {
        let good = FULL_OFFICE.replacen("https://licences.example.org", address, 1);
        assert!(Profile::parse("office.toml", &good).is_ok(), "{address}");
        assert!(office.is_valid(&json_of(&good)), "{address}");
    }
    for (from, to) in [
        ("https://licences.example.org", "https://"),
        ("https://licences.example.org", "http://localhost.example"),
        ("https://licences.example.org", "http://localhost/"),
        ("https://licences.example.org", "http://licences.example.org"),
        ("https://licences.example.org", "https://licences.example.org/"),
        ("\"/mnt/other/mark\"", "\"mark\""),
        ("queries_a_minute = 100", "queries_a_minute = 0"),
        ("misses_an_hour = 10", "misses_an_hour = \"10\""),
        ("+d586dc66+", "+d586dc6+"),
        ("slug = \"market\"", "slug = \"Market\""),
        ("11519999MB0000019Y", "11519999MB0000019"),
        ("[\"business\", \"food-operation\"]", "[]"),
        ("diameter_mm = 42", "diameter_mm = 50"),
        ("number = \"5199990000017\"", "number = \"51x\""),
        ("en = \"Example New Area\"", "en = \"\""),
        ("name = { zh = \"示例新区\", en = \"Example New Area\" }", ""),
    ] {
        assert!(FULL_OFFICE.contains(from), "{from}");
        let bad = FULL_OFFICE.replacen(from, to, 1);
        assert!(Profile::parse("office.toml", &bad).is_err(), "{to}");
        assert!(!office.is_valid(&json_of(&bad)), "{to}");
    }
}

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::meta::validate(schema).unwrap();
    jsonschema::draft202012::new(schema).unwrap()
}

/// Checks that the value validates, that it does not with one key more in any of its objects, and
/// that all required keys are necessary.
fn fits_tightly(validator: &Validator, value: &Value, place: &str) {
    let faults: Vec<_> =
        validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path)).collect();
    assert!(faults.is_empty(), "{place}: {faults:#?}");
    for pointer in objects(value, String::new()) {
        let mut more = value.clone();
        object(&mut more, &pointer).insert("one_more".to_owned(), json!(1));
        assert!(!validator.is_valid(&more), "{place}: {pointer:?} takes any key");
    }
    let keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    let demanded = keys
        .iter()
        .filter(|key| {
            let mut less = value.clone();
            object(&mut less, "").shift_remove(*key);
            !validator.is_valid(&less)
        })
        .count();
    assert!(demanded > 0, "{place}: no key is demanded");
}

fn object<'a>(value: &'a mut Value, pointer: &str) -> &'a mut Map<String, Value> {
    value.pointer_mut(pointer).unwrap().as_object_mut().unwrap()
}

fn objects(value: &Value, here: String) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let inner = map.iter().flat_map(|(key, value)| objects(value, format!("{here}/{key}")));
            let inner: Vec<_> = inner.collect();
            std::iter::once(here).chain(inner).collect()
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(at, item)| objects(item, format!("{here}/{at}")))
            .collect(),
        _ => Vec::new(),
    }
}
