//! Server-rendered pages, complete without JavaScript. Chinese first, English complete.

mod docs;
mod trust;
mod view;

use std::sync::LazyLock;

use askama::Template;

use crate::base::digest::Digest;
use crate::base::localized::Localized;
use crate::base::time::Timestamp;
use crate::domain::verify::report::Report;
use crate::service::office::Office;
use view::View;

pub use docs::docs;
pub use trust::trust;
pub use view::By;

/// The language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Simplified Chinese.
    Zh,
    /// Complete English.
    En,
}

impl Lang {
    /// Prefix of addresses in the language.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Zh => "",
            Self::En => "/en",
        }
    }

    const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }
}

/// The common frame of every page.
#[derive(Debug)]
pub struct Page {
    lang: Lang,
    path: String,
    office: Localized,
    host: String,
    demo: bool,
    /// Changes with style and script, so that no browser shows a page with old ones.
    edition: &'static str,
}

impl Page {
    /// The frame of the page at `path`, without the prefix of its language.
    pub fn new(office: &Office, lang: Lang, path: &str) -> Self {
        let profile = office.profile();
        Self {
            lang,
            path: path.to_owned(),
            office: profile.name.clone(),
            host: profile.public_base_url.host().to_owned(),
            demo: office.is_demo(),
            edition: &EDITION,
        }
    }

    /// The frame of an answer that is not stored: the other language has nothing to show, and the
    /// first page says so.
    pub fn not_kept(office: &Office, lang: Lang) -> Self {
        Self::new(office, lang, &format!("/?{AGAIN}"))
    }

    /// Whether the page is one for verification.
    fn is_verify(&self) -> bool {
        self.path == "/" || self.path.starts_with("/?")
    }

    fn is_zh(&self) -> bool {
        self.lang == Lang::Zh
    }

    fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        if self.is_zh() { zh } else { en }
    }

    fn link(&self, path: &str) -> String {
        format!("{}{path}", self.lang.prefix())
    }

    fn other_link(&self) -> String {
        let other = if self.is_zh() { Lang::En } else { Lang::Zh };
        format!("{}{}", other.prefix(), self.path)
    }
}

/// Query of the first page when it replaces an answer that was not stored.
pub const AGAIN: &str = "again";

/// The message above the first page.
#[derive(Debug)]
pub enum Note<'a> {
    /// No message.
    None,
    /// The error of the last try.
    Complaint(Complaint<'a>),
    /// That an answer was not stored.
    NotKept,
}

/// The error of the last try.
#[derive(Debug)]
pub struct Complaint<'a> {
    /// The part of the page to correct.
    pub place: Place<'a>,
    /// The message for the user.
    pub message: Localized,
}

/// A part of the first page, with the values entered there.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The page as a whole.
    Page,
    /// The upload of a file.
    File,
    /// The code entered.
    Code(&'a str),
    /// Number and name of the holder. Other entries are not shown again.
    Number(&'a str, &'a str),
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    page: &'a Page,
    problem: Option<&'a Localized>,
    not_kept: bool,
    field: &'static str,
    code: &'a str,
    number: &'a str,
    holder: &'a str,
}

/// The verification page.
pub fn home(page: &Page, note: &Note<'_>) -> Result<String, askama::Error> {
    let problem = match note {
        Note::Complaint(complaint) => Some(complaint),
        Note::None | Note::NotKept => None,
    };
    let not_kept = matches!(note, Note::NotKept);
    let (field, code, number, holder) = match problem.map_or(Place::Page, |problem| problem.place) {
        Place::Page => ("main", "", "", ""),
        Place::File => ("file", "", "", ""),
        Place::Code(code) => ("code", code, "", ""),
        Place::Number(number, holder) => ("number", "", number, holder),
    };
    let problem = problem.map(|problem| &problem.message);
    Home { page, problem, not_kept, field, code, number, holder }.render()
}

#[derive(Template)]
#[template(path = "fits.html")]
struct Fits<'a> {
    page: &'a Page,
    as_of: String,
}

/// The page of a positive answer without data.
pub fn fits(page: &Page, as_of: Timestamp) -> Result<String, askama::Error> {
    Fits { page, as_of: as_of.to_china_minutes() }.render()
}

#[derive(Template)]
#[template(path = "result.html")]
struct ResultPage<'a> {
    page: &'a Page,
    view: View,
}

/// The page with the verdict.
pub fn result(
    page: &Page,
    report: &Report,
    by: By<'_>,
    office: &Office,
) -> Result<String, askama::Error> {
    ResultPage { page, view: View::of(report, by, office) }.render()
}

/// A fixed file: its media type and bytes.
pub fn asset(name: &str) -> Option<(&'static str, Vec<u8>)> {
    let (kind, bytes): (_, &[u8]) = match name {
        "site.css" => ("text/css; charset=utf-8", STYLE),
        "site.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "mark.svg" => ("image/svg+xml", include_bytes!("../../../assets/web/mark.svg")),
        _ => return None,
    };
    Some((kind, bytes.to_vec()))
}

static EDITION: LazyLock<String> = LazyLock::new(|| {
    let mut text = Digest::of(&[STYLE, SCRIPT]).to_hex();
    text.truncate(16);
    text
});
const STYLE: &[u8] = include_bytes!("../../../assets/web/site.css");
const SCRIPT: &[u8] = include_bytes!("../../../assets/web/site.js");
