//! Pages, rendered here, whole without JavaScript. Chinese first, English complete.

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
    /// English.
    En,
}

impl Lang {
    /// What addresses of the language begin with.
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

/// What every page has around it.
#[derive(Debug)]
pub struct Page {
    lang: Lang,
    path: String,
    office: Localized,
    host: String,
    demo: bool,
    /// What changes with style and script, so that no browser shows a page with those of before.
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

    /// The frame of an answer of which nothing is kept: in the other language there is nothing to
    /// show, and the first page says so.
    pub fn not_kept(office: &Office, lang: Lang) -> Self {
        Self::new(office, lang, &format!("/?{AGAIN}"))
    }

    /// Whether the page is one of those to verify on.
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

/// The query of the first page when it takes the place of an answer that was not kept.
pub const AGAIN: &str = "again";

/// What stands above the first page.
#[derive(Debug)]
pub enum Note<'a> {
    /// Nothing.
    None,
    /// What was wrong with the last try.
    Complaint(Complaint<'a>),
    /// That an answer was not kept.
    NotKept,
}

/// What was wrong with the last try.
#[derive(Debug)]
pub struct Complaint<'a> {
    /// Where to mend it.
    pub place: Place<'a>,
    /// In words.
    pub message: Localized,
}

/// A part of the first page, with what was typed there.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The page itself.
    Page,
    /// The file.
    File,
    /// The code.
    Code(&'a str),
    /// Number and name of the holder. What else was typed is not shown again.
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

/// The page to verify on.
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

/// The page that says yes, and nothing else.
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
pub fn result(page: &Page, report: &Report, by: By<'_>) -> Result<String, askama::Error> {
    ResultPage { page, view: View::of(report, by) }.render()
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
