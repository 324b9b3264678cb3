//! qpdf: a reader that reports whether it had to repair a file.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

use super::{Objects, Value};

/// Every object of a file; `None` when it refuses it, or would have to repair it.
pub(crate) fn read(file: &Path) -> Option<Objects> {
    let output = Command::new("qpdf")
        .args(["--json=2", "--json-key=qpdf", "--json-stream-data=inline"])
        .args(["--decode-level=generalized", "--suppress-recovery"])
        .arg(file)
        .output();
    let output = output
        .unwrap_or_else(|_| unreachable!("qpdf is missing; install it with tests/peers/setup"));
    // It warns about a wrong /Size, and reads the file nevertheless.
    let said = String::from_utf8_lossy(&output.stderr);
    let warnings = said.lines().filter(|line| line.starts_with("WARNING"));
    let harmless = warnings.clone().all(|line| line.contains("reported number of objects"));
    if !(output.status.success() || (output.status.code() == Some(3) && harmless)) {
        return None;
    }
    // A name that is not UTF-8 makes its output invalid JSON.
    let said: Json = serde_json::from_slice(&output.stdout).ok()?;
    let mut objects = Objects::new();
    for (name, object) in said["qpdf"][1].as_object().unwrap() {
        let Some(Value::Ref(number, generation)) = name.strip_prefix("obj:").map(text) else {
            continue;
        };
        let found = match object.get("stream") {
            Some(stream) => {
                let data = STANDARD.decode(stream["data"].as_str().unwrap()).unwrap();
                let dict = dict(stream["dict"].as_object().unwrap());
                // It keeps filters that it could not apply.
                let data = (!dict.contains_key(b"Filter".as_slice())).then_some(data);
                Value::Stream(dict, data)
            }
            None => value(&object["value"]),
        };
        if !matches!(found, Value::Null) {
            objects.insert((number, generation), found);
        }
    }
    Some(objects)
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => {
            let real = number.as_f64().unwrap();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::as_conversions,
                reason = "cut on purpose"
            )]
            let cut = real as i64;
            Value::Number(real, number.as_i64().unwrap_or(cut))
        }
        Json::String(string) => text(string),
        Json::Array(items) => Value::Array(items.iter().map(value).collect()),
        Json::Object(entries) => Value::Dict(dict(entries)),
    }
}

/// `12 0 R`, `/Name`, `n:/Na#6de`, `u:text` or `b:hexadecimal`.
fn text(text: &str) -> Value {
    if let Some(name) = text.strip_prefix("n:/") {
        return Value::Name(escaped(name));
    }
    if let Some(name) = text.strip_prefix('/') {
        return Value::Name(name.as_bytes().to_vec());
    }
    if let Some(text) = text.strip_prefix("u:") {
        return Value::Unicode(text.to_owned());
    }
    if let Some(digits) = text.strip_prefix("b:") {
        let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        return Value::Text(pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect());
    }
    let mut parts = text.split(' ').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(number)), Some(Ok(generation))) => {
            Value::Ref(number, u16::try_from(generation).unwrap())
        }
        _ => unreachable!("qpdf said {text}"),
    }
}

fn escaped(name: &str) -> Vec<u8> {
    let mut bytes = name.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        let pair = [bytes.clone().next(), bytes.clone().nth(1)];
        let digits = pair.map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        if let (b'#', [Some(high), Some(low)]) = (byte, digits) {
            out.push(u8::try_from(high * 16 + low).unwrap());
            bytes.nth(1);
        } else {
            out.push(byte);
        }
    }
    out
}

fn dict(entries: &Map<String, Json>) -> BTreeMap<Vec<u8>, Value> {
    let entries = entries.iter().map(|(key, json)| match text(key) {
        Value::Name(name) => (name, value(json)),
        other => unreachable!("qpdf said {other:?}"),
    });
    entries.filter(|(_, value)| !matches!(value, Value::Null)).collect()
}
