//! Configuration of an office: its name, its address, its departments with their seals.
//!
//! Parsed once from `office.toml` into types that hold only valid values; every fault names its
//! place.

mod address;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::toml_place;
use crate::base::codes::{ListedCodes, Uscc};
use crate::base::localized::Localized;
use crate::base::network::Authority;
use crate::base::oid::OidArc;
use crate::base::text::Text;
use crate::format::note::key::{Kind, NoteKey};

pub use address::BaseUrl;

/// An office as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name of the office.
    pub name: Localized,
    /// The permanent public address.
    pub public_base_url: BaseUrl,
    /// Path of a second high-water mark; without it a rollback cannot be detected.
    pub second_path: Option<PathBuf>,
    /// The keys of the witnesses whose signatures on the log's checkpoints are accepted.
    pub witnesses: Vec<NoteKey>,
    /// Queries that a department's client may make in a minute; default when absent.
    pub queries_a_minute: Option<u32>,
    /// How many of these may find nothing in an hour; default when absent.
    pub misses_an_hour: Option<u32>,
    /// Destinations of webhooks that may be in a private network, or on this machine.
    pub private_destinations: Vec<Authority>,
    /// Holders' codes that are accepted with wrong check characters.
    pub listed_codes: ListedCodes,
    /// The arc of its own certificate extensions; without one, that for examples.
    pub oid_arc: Option<OidArc>,
    /// The departments, by slug.
    pub departments: BTreeMap<String, Department>,
}

/// A department that issues licences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// Short name for files and addresses: lower-case letters, digits and hyphens.
    pub slug: String,
    /// 统一社会信用代码 of the department.
    pub uscc: Uscc,
    /// Name in both languages.
    pub name: Localized,
    /// Slugs of the licence types that it may issue.
    pub types: Vec<String>,
    /// Those of them that need a second person's approval.
    pub four_eyes: Vec<String>,
    /// Image data of its seal.
    pub seal: Seal,
}

/// Content of a seal image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The text along the arc.
    pub name: String,
    /// The registered number below the star.
    pub number: Option<String>,
    /// The diameter, 38 to 45 mm (国发〔1999〕25号).
    pub diameter_mm: u8,
}

/// The configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {}: {}", place.en, reason.en)]
pub struct BadProfile {
    /// Name of the file.
    pub file: String,
    /// The line, or the key.
    pub place: Localized,
    /// The fault and its remedy.
    pub reason: Localized,
}

impl Profile {
    /// Parses `office.toml`.
    pub fn parse(file: &str, text: &str) -> Result<Self, BadProfile> {
        let bad = |place, reason| BadProfile { file: file.to_owned(), place, reason };
        let raw: RawProfile = toml::from_str(text).map_err(|error| {
            bad(toml_place::place(text, &error), toml_place::reason(text, &error))
        })?;
        let at = |place: &str| {
            let place = Localized::new(place, place);
            move |[zh, en]: Rule| bad(place, Localized::new(zh, en))
        };
        let name = words(&raw.name).map_err(at("name"))?;
        let public_base_url = BaseUrl::parse(&raw.public_base_url)
            .map_err(|why| bad(Localized::new("public_base_url", "public_base_url"), why))?;
        let departments =
            departments(&raw.departments).map_err(|(place, reason)| at(&place)(reason))?;
        let second_path = raw.second_path.map(PathBuf::from);
        if second_path.as_ref().is_some_and(|path| path.is_relative()) {
            return Err(at("second_path")([
                "须为另一块磁盘上的绝对路径",
                "must be an absolute path, on another disk",
            ]));
        }
        let witnesses = raw.log.witnesses.iter().map(|key| witness(key));
        let witnesses = witnesses.collect::<Result<_, _>>().map_err(at("log.witnesses"))?;
        let RawProfile { queries_a_minute, misses_an_hour, .. } = raw;
        if [queries_a_minute, misses_an_hour].contains(&Some(0)) {
            return Err(at("queries_a_minute, misses_an_hour")([
                "须不小于 1",
                "must be 1 or more",
            ]));
        }
        let private = raw.allow_private_destinations.iter().map(|text| private_destination(text));
        let private_destinations =
            private.collect::<Result<_, _>>().map_err(at("allow_private_destinations"))?;
        let listed_codes = ListedCodes::new(&raw.accept_listed_codes).ok_or_else(|| {
            at("accept_listed_codes")([
                "每个代码须为登记的 18 位 GB 32100 代码",
                "each must have 18 characters of GB 32100, as it is registered",
            ])
        })?;
        let oid_arc = raw.oid_arc.as_deref().map(OidArc::parse).transpose();
        let oid_arc =
            oid_arc.map_err(|error| bad(Localized::new("oid_arc", "oid_arc"), error.words()))?;
        Ok(Self {
            name,
            public_base_url,
            second_path,
            witnesses,
            queries_a_minute,
            misses_an_hour,
            private_destinations,
            listed_codes,
            oid_arc,
            departments,
        })
    }

    /// The department that may issue a type; the first in the order of their slugs.
    pub fn department_for(&self, type_slug: &str) -> Option<&Department> {
        self.departments.values().find(|department| department.issues(type_slug))
    }
}

/// A rule that is broken, in Chinese and in English.
type Rule = [&'static str; 2];

/// The departments by slug; or the place of a fault, and the fault.
fn departments(raw: &[RawDepartment]) -> Result<BTreeMap<String, Department>, (String, Rule)> {
    let mut departments = BTreeMap::new();
    for raw in raw {
        let place = format!("departments.{}", raw.slug);
        let department = match Department::check(raw) {
            Ok(department) => department,
            Err(reason) => return Err((place, reason)),
        };
        if departments.values().any(|known: &Department| known.uscc == department.uscc) {
            let twice = "这个 uscc 已属于另一个部门";
            return Err((place, [twice, "this uscc stands at another department already"]));
        }
        if departments.insert(raw.slug.clone(), department).is_some() {
            return Err((place, ["这个 slug 写了两次", "this slug stands twice"]));
        }
    }
    if departments.is_empty() {
        let none =
            ["机构至少须有一个 [[departments]]", "an office needs at least one [[departments]]"];
        return Err(("departments".to_owned(), none));
    }
    Ok(departments)
}

fn witness(key: &str) -> Result<NoteKey, Rule> {
    let known = NoteKey::parse(key).ok().filter(|key| key.kind() == Kind::Witness);
    known.ok_or(["不是见证方的密钥", "not a witness's key"])
}

fn private_destination(written: &str) -> Result<Authority, Rule> {
    let read = written.contains(':').then(|| Authority::parse(written, 0)).flatten();
    read.filter(Authority::is_name)
        .ok_or(["请写作 host:port，主机用名称", "write it as host:port, by name"])
}

impl Department {
    fn check(raw: &RawDepartment) -> Result<Self, Rule> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if raw.slug.is_empty() || raw.slug.len() > 32 || !raw.slug.bytes().all(plain) {
            return Err([
                "slug 须为 1 至 32 个小写字母、数字或连字符",
                "slug: 1 to 32 lower-case letters, digits and hyphens",
            ]);
        }
        let uscc = Uscc::parse(&raw.uscc).ok_or([
            "uscc 须为统一社会信用代码（18 位，两个校验码正确）",
            "uscc: not a unified social credit code (18 characters, both check characters right)",
        ])?;
        if raw.types.is_empty() {
            return Err(["types 至少写明一个证照类型", "types: name at least one licence type"]);
        }
        if !raw.four_eyes.iter().all(|slug| raw.types.contains(slug)) {
            return Err([
                "four_eyes 中的类型须同时写在 types 中",
                "four_eyes: each must stand in types too",
            ]);
        }
        let seal = Seal::check(&raw.seal)?;
        let name = words(&raw.name)?;
        let (types, four_eyes) = (raw.types.clone(), raw.four_eyes.clone());
        Ok(Self { slug: raw.slug.clone(), uscc, name, types, four_eyes, seal })
    }

    /// Whether it may issue a type.
    pub fn issues(&self, type_slug: &str) -> bool {
        self.types.iter().any(|slug| slug == type_slug)
    }

    /// Whether a type needs a second person's approval.
    pub fn requires_dual_approval(&self, type_slug: &str) -> bool {
        self.four_eyes.iter().any(|slug| slug == type_slug)
    }

    /// The identifier of this department as an issuer of credentials.
    pub fn iss(&self, base: &BaseUrl) -> String {
        format!("{base}/dept/{}", self.slug)
    }
}

impl Seal {
    fn check(raw: &RawSeal) -> Result<Self, Rule> {
        let name = Text::line(&raw.name, 30)
            .map_err(|_| ["seal.name 须为 1 至 30 个字符", "seal.name: 1 to 30 characters"])?;
        let digits = |number: &String| {
            (1..=13).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
        };
        if raw.number.as_ref().is_some_and(|number| !digits(number)) {
            return Err(["seal.number 须为 1 至 13 位数字", "seal.number: 1 to 13 digits"]);
        }
        let diameter_mm = raw.diameter_mm.unwrap_or(42);
        if !(38..=45).contains(&diameter_mm) {
            return Err(["seal.diameter_mm 须为 38 至 45", "seal.diameter_mm: 38 to 45"]);
        }
        Ok(Self { name: name.to_string(), number: raw.number.clone(), diameter_mm })
    }
}

fn words(raw: &RawWords) -> Result<Localized, Rule> {
    let line = |text: &str| Text::line(text, 80).map(|text| text.to_string());
    match (line(&raw.zh), line(&raw.en)) {
        (Ok(zh), Ok(en)) => Ok(Localized { zh, en }),
        _ => Err([
            "name 须有 zh 和 en，各 1 至 80 个字符，写成一行",
            "name: zh and en, 1 to 80 characters each, on one line",
        ]),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProfile {
    name: RawWords,
    public_base_url: String,
    second_path: Option<String>,
    queries_a_minute: Option<u32>,
    misses_an_hour: Option<u32>,
    oid_arc: Option<String>,
    #[serde(default)]
    allow_private_destinations: Vec<String>,
    #[serde(default)]
    accept_listed_codes: Vec<String>,
    #[serde(default)]
    log: RawLog,
    #[serde(default)]
    departments: Vec<RawDepartment>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLog {
    #[serde(default)]
    witnesses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table [[departments]]")]
struct RawDepartment {
    slug: String,
    uscc: String,
    name: RawWords,
    types: Vec<String>,
    #[serde(default)]
    four_eyes: Vec<String>,
    seal: RawSeal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "{ name = \"…\" }")]
struct RawSeal {
    name: String,
    number: Option<String>,
    diameter_mm: Option<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "{ zh = \"…\", en = \"…\" }")]
struct RawWords {
    zh: String,
    en: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../keys-example/office.toml");

    #[test]
    fn the_example_office_reads() {
        let office = Profile::parse("office.toml", EXAMPLE).unwrap();
        assert_eq!(office.departments.len(), 5);
        assert_eq!(office.department_for("food-operation").unwrap().slug, "market");
        assert_eq!(office.public_base_url.host(), "127.0.0.1:8080");
    }

    #[test]
    fn faults_name_their_place() {
        let fault = |from: &str, to: &str| {
            assert!(EXAMPLE.contains(from), "{from}");
            Profile::parse("office.toml", &EXAMPLE.replacen(from, to, 1)).unwrap_err().to_string()
        };
        let lines = EXAMPLE.lines().take_while(|line| !line.starts_with("public_base_url")).count();
        let place = format!("line {}", lines + 1);
        assert!(fault("public_base_url =", "public_url =").contains(&place));
        assert!(fault("slug = \"health\"", "slug = \"market\"").contains("departments.market"));
        assert!(fault("http://127.0.0.1", "http://example.org").contains("https://"));
        let chinese = fault("http://127.0.0.1", "https://证照.example");
        assert!(chinese.contains("'证'") && chinese.contains("xn--"), "{chinese}");
        let seal = fault("slug = \"health\"", "slug = 7");
        assert!(seal.contains("[[departments]] entry "), "{seal}");
        assert!(fault("number = \"", "number = \"A").contains("seal.number"));
        let arc = |text: &str| fault("[[dep", &format!("oid_arc = \"{text}\"\n[[dep"));
        assert!(arc("1.2.156.2147483648").contains("oid_arc: numbers from 0 to 2147483647"));
        assert!(arc("2.999.1.1").contains("oid_arc: begins with"));
        let listed = |hosts: &str| {
            fault(
                "[[departments]]",
                &format!("allow_private_destinations = {hosts}\n[[departments]]"),
            )
        };
        for bad in ["[\"a.test\"]", "[\"127.0.0.1:8443\"]", "[\"*.a.test:443\"]", "[\"a:0\"]"] {
            assert!(listed(bad).contains("allow_private_destinations"), "{bad}");
        }
        let listed = "accept_listed_codes = [\"91519999MA0000031\"]\n[[departments]]";
        assert!(fault("[[departments]]", listed).contains("accept_listed_codes"));
        let second = "types = [\"private-school\"]\nfour_eyes = [\"business\"]";
        assert!(fault("types = [\"private-school\"]", second).contains("four_eyes"));
    }

    #[test]
    fn addresses() {
        for good in ["https://a.example", "http://localhost:1", "https://a.example/licences"] {
            assert!(BaseUrl::parse(good).is_ok(), "{good}");
        }
        for bad in ["ftp://a", "https://", "https://a/", "http://localhost.evil", "https://a b"] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
        // The log of an office with the longest address can be fetched.
        let longest = format!("https://{}", "a".repeat(100));
        let log = format!("https://{}", BaseUrl::parse(&longest).unwrap().access_log_origin());
        assert!(BaseUrl::parse_log(&log).is_ok());
        for parsed in [BaseUrl::parse(&format!("{longest}a")), BaseUrl::parse(&log)] {
            assert!(parsed.unwrap_err().en.contains("at most 100"));
        }
        assert!(BaseUrl::parse_log(&format!("{log}a")).is_err());
    }
}
