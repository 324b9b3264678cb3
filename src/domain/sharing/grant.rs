//! A grant: the data that a department may read of another's licences.
//!
//! Only selectively disclosable claims are granted individually: the other claims (number, dates,
//! open fields of the type) are in the signed part of every credential. A grant for a type includes
//! these.

use serde::{Deserialize, Serialize};

use crate::base::localized::Localized;
use crate::base::text::Text;
use crate::base::time::Timestamp;

/// One grant. Its JSON form is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Number of the grant, unique in the office.
    pub number: u64,
    /// Slug of the reading department.
    pub department: String,
    /// Slug of the issuing department.
    pub from: String,
    /// Slug of the licence type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Claims that are always given on request.
    pub fields: Vec<String>,
    /// Claims that are given only with the holder's code.
    pub consent: Vec<String>,
    /// Purposes for which data may be requested.
    pub purposes: Vec<String>,
    /// Service items allowed; empty: any.
    #[serde(default)]
    pub items: Vec<String>,
    /// Whether the sealed document may be given, which shows every claim of the licence. When
    /// `consent` names any claim, it needs the holder's code.
    #[serde(default, skip_serializing_if = "is_false")]
    pub document: bool,
    /// When it was added.
    pub since: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Timestamp>,
}

/// A fault of a grant; the text includes its remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct BadGrant(pub Localized);

/// A department's request, to be compared with grants.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Slug of the requesting department.
    pub department: &'a str,
    /// Slug of the licence type.
    pub kind: &'a str,
    /// Stated purpose.
    pub purpose: &'a str,
    /// Stated service item or case.
    pub item: &'a str,
    /// Requested claims; `None`: all that the grant allows.
    pub fields: Option<&'a [String]>,
    /// Whether the sealed document is requested, with all its claims.
    pub document: bool,
    /// Time of the request.
    pub now: Timestamp,
}

/// The part of a request that one grant allows. Nothing else makes one:
///
/// ```compile_fail
/// let allowed = yinzheng::domain::sharing::Allowed {};
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    grant: u64,
    from: String,
    fields: Vec<String>,
    consent: Vec<String>,
    named: bool,
}

/// Why nothing is allowed, by the grant that comes closest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotGranted {
    /// No grant covers this type.
    Nothing,
    /// No grant for the type covers this purpose.
    Purpose,
    /// No grant for the type and purpose covers this item.
    Item,
    /// The grant does not include the sealed document.
    Document,
    /// The grant does not include this claim.
    Field(String),
}

impl Grant {
    /// Checks a new grant; `withheld` are the selectively disclosable claims of its type.
    pub fn check(&self, withheld: &[&str]) -> Result<(), BadGrant> {
        let bad = |zh: &str, en: &str| Err(BadGrant(Localized::new(zh, en)));
        if self.department == self.from {
            return bad(
                "部门凭 read 权限读取自己的证照，不需要授权",
                "a department reads its own licences with the right read, without a grant",
            );
        }
        for field in self.fields.iter().chain(&self.consent) {
            if !withheld.contains(&field.as_str()) {
                let kind = &self.kind;
                return bad(
                    &format!(
                        "{field:?} 不是 {kind} 中可以选择披露的数据项；可选：{}。公开的数据项总是随证照给出",
                        withheld.join("、")
                    ),
                    &format!(
                        "{field:?} is no claim of {kind} that can be withheld; those are: {}. What is open goes along with every licence",
                        withheld.join(", ")
                    ),
                );
            }
        }
        if let Some(twice) = self.fields.iter().find(|field| self.consent.contains(field)) {
            return bad(
                &format!("{twice:?} 既直接给出又须授权码，请二选一"),
                &format!("{twice:?} is given freely and with consent; choose one"),
            );
        }
        if self.purposes.is_empty() {
            return bad("至少写明一项用途", "name at least one purpose");
        }
        if self.purposes.iter().chain(&self.items).any(|text| !is_short(text, 64)) {
            return bad(
                "用途或事项须为 1 至 64 个字符，写成一行",
                "a purpose or an item: 1 to 64 characters on one line",
            );
        }
        if self.expires <= self.since {
            return bad("期限须在将来", "it must expire in the future");
        }
        if self.expires > self.since.plus(LONGEST) {
            return bad(
                "期限至多五年，届时再续",
                "it must expire within five years; renew it then",
            );
        }
        Ok(())
    }

    /// Whether it is in force at an instant.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.withdrawn.is_none() && now < self.expires
    }

    /// Whether it lets a department learn of licences of a type at all.
    pub fn reaches(&self, department: &str, kind: &str, now: Timestamp) -> bool {
        self.department == department && self.kind == kind && self.holds(now)
    }

    fn allows(&self, wanted: &Wanted<'_>) -> Result<Allowed, NotGranted> {
        if !self.reaches(wanted.department, wanted.kind, wanted.now) {
            return Err(NotGranted::Nothing);
        }
        if !self.purposes.iter().any(|purpose| purpose == wanted.purpose) {
            return Err(NotGranted::Purpose);
        }
        if !self.items.is_empty() && !self.items.iter().any(|item| item == wanted.item) {
            return Err(NotGranted::Item);
        }
        if wanted.document {
            return self.allows_document();
        }
        let named = wanted.fields.is_some();
        let fields = wanted.fields.unwrap_or(&self.fields);
        let mut allowed = Allowed {
            grant: self.number,
            from: self.from.clone(),
            fields: Vec::new(),
            consent: if named { Vec::new() } else { self.consent.clone() },
            named,
        };
        for field in fields {
            if self.fields.contains(field) {
                allowed.fields.push(field.clone());
            } else if self.consent.contains(field) {
                allowed.consent.push(field.clone());
            } else {
                return Err(NotGranted::Field(field.clone()));
            }
        }
        Ok(allowed)
    }

    /// A sealed page shows all fields, so every claim that needs the holder's code needs it here.
    fn allows_document(&self) -> Result<Allowed, NotGranted> {
        if !self.document {
            return Err(NotGranted::Document);
        }
        Ok(Allowed {
            grant: self.number,
            from: self.from.clone(),
            fields: self.fields.clone(),
            consent: self.consent.clone(),
            named: true,
        })
    }
}

impl Allowed {
    /// The first grant, by number, that allows the whole request. Grants are not combined: an
    /// answer never has what two grants allow for two purposes.
    pub fn by(grants: &[Grant], wanted: &Wanted<'_>) -> Result<Self, NotGranted> {
        let mut nearest = NotGranted::Nothing;
        for grant in grants {
            match grant.allows(wanted) {
                Ok(allowed) => return Ok(allowed),
                Err(miss) => nearest = nearest.max(miss),
            }
        }
        Err(nearest)
    }

    /// Number of the grant.
    pub fn grant(&self) -> u64 {
        self.grant
    }

    /// Slug of the department whose licences may be read.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Claims that may be disclosed.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Claims that need the holder's code.
    pub fn consent(&self) -> &[String] {
        &self.consent
    }

    /// Whether claims were requested by name, so that none of them may be missing.
    pub fn named(&self) -> bool {
        self.named
    }
}

/// Whether a text of a request is one short line, already normalised.
pub fn is_short(text: &str, max: usize) -> bool {
    Text::line(text, max).is_ok_and(|line| line.as_str() == text)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Longest term of a grant: five years.
const LONGEST: i64 = 5 * 366 * crate::base::time::DAY;

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    fn grant(number: u64, fields: &[&str], purposes: &[&str]) -> Grant {
        Grant {
            number,
            department: "social".to_owned(),
            from: "police".to_owned(),
            kind: "residence-permit".to_owned(),
            fields: texts(fields),
            consent: texts(&["born"]),
            purposes: texts(purposes),
            items: Vec::new(),
            document: false,
            since: Timestamp::EPOCH,
            expires: Timestamp::EPOCH.plus(100),
            withdrawn: None,
        }
    }

    fn wanted<'a>(purpose: &'a str, fields: Option<&'a [String]>) -> Wanted<'a> {
        let now = Timestamp::EPOCH.plus(50);
        Wanted {
            department: "social",
            kind: "residence-permit",
            purpose,
            item: "A-1",
            fields,
            document: false,
            now,
        }
    }

    #[test]
    fn a_document_wants_a_grant_of_its_own_and_all_consents() {
        let mut grants = vec![grant(1, &["name"], &["入学"]), grant(2, &[], &["入学"])];
        let wanted = Wanted { document: true, ..wanted("入学", None) };
        assert_eq!(Allowed::by(&grants, &wanted), Err(NotGranted::Document));
        let before = serde_json::to_string(&grants[1]).unwrap();
        assert!(!before.contains("document"), "as it was written before there were documents");
        assert_eq!(serde_json::from_str::<Grant>(&before).unwrap(), grants[1]);
        grants[1].document = true;
        let allowed = Allowed::by(&grants, &wanted).unwrap();
        assert_eq!((allowed.grant(), allowed.named()), (2, true));
        assert_eq!(allowed.consent(), ["born"]);
        let other = Wanted { item: "B-2", ..wanted };
        grants[1].items = texts(&["A-1"]);
        assert_eq!(Allowed::by(&grants, &other), Err(NotGranted::Document));
        assert_eq!(Allowed::by(&grants[1..], &other), Err(NotGranted::Item));
        let text = serde_json::to_string(&grants[1]).unwrap();
        assert_eq!(serde_json::from_str::<Grant>(&text).unwrap(), grants[1]);
    }

    #[test]
    fn grants_do_not_add_up_and_end() {
        let mut grants = vec![grant(1, &["name"], &["入学"]), grant(2, &["address"], &["社保"])];
        let both = texts(&["name", "address"]);
        let ask = |grants: &[Grant], purpose, fields| Allowed::by(grants, &wanted(purpose, fields));
        assert_eq!(ask(&grants, "入学", Some(&both)), Err(NotGranted::Field("address".into())));
        assert_eq!(ask(&grants, "其他", None), Err(NotGranted::Purpose));
        let all = ask(&grants, "社保", None).unwrap();
        assert_eq!(
            (all.grant(), all.fields(), all.consent()),
            (2, &both[1..], &texts(&["born"])[..])
        );
        let name = texts(&["name", "born"]);
        let some = ask(&grants, "入学", Some(&name)).unwrap();
        assert_eq!((some.fields(), some.consent()), (&name[..1], &name[1..]));
        grants[0].items = texts(&["B-2"]);
        assert_eq!(ask(&grants, "入学", None), Err(NotGranted::Item));
        grants[1].withdrawn = Some(Timestamp::EPOCH);
        assert_eq!(ask(&grants, "社保", None), Err(NotGranted::Purpose));
        let late = Wanted { now: Timestamp::EPOCH.plus(100), ..wanted("入学", None) };
        assert_eq!(Allowed::by(&grants, &late), Err(NotGranted::Nothing));
        let other = Wanted { department: "health", ..wanted("社保", None) };
        assert_eq!(Allowed::by(&grants, &other), Err(NotGranted::Nothing));
    }

    #[test]
    fn faults_say_how_to_mend_them() {
        let withheld = ["name", "born", "address"];
        assert!(grant(1, &["name"], &["入学"]).check(&withheld).is_ok());
        let why = |change: fn(&mut Grant)| {
            let mut grant = grant(1, &["name"], &["入学"]);
            change(&mut grant);
            grant.check(&withheld).unwrap_err().to_string()
        };
        assert!(why(|one| one.fields.push("number".into())).contains("name, born, address"));
        assert!(why(|one| one.fields.push("born".into())).contains("choose one"));
        assert!(why(|one| one.purposes.clear()).contains("purpose"));
        assert!(why(|one| one.purposes.push("a\nb".into())).contains("one line"));
        assert!(why(|one| one.from = "social".into()).contains("right read"));
        assert!(why(|one| one.expires = one.since).contains("future"));
        assert!(why(|one| one.expires = one.since.plus(i64::from(i32::MAX))).contains("five"));
    }
}
