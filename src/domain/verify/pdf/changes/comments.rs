//! Comments that a certification permits (`P 3`): only those that cannot hide content.
//!
//! Notes must be no larger than their icons and not side by side, and a warning reports them;
//! popups must be no larger than usual windows. Text markup must have no appearance stream, since
//! programs draw it so that text remains readable, only light colours, and lines as far apart as
//! lines of text.

use super::{Comparison, name};
use crate::base::limits::Purse;
use crate::domain::verify::report::Changes;
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Colour, Dict, Object, ReadError};

/// The comments added to one page.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// Distinct areas of notes.
    notes: Vec<Area>,
    /// Areas of highlighted text.
    highlights: Vec<(Area, Colour)>,
    /// Areas of underlined text, straight or wavy.
    underlines: Vec<Line>,
    /// Areas of struck-out text.
    strikes: Vec<Line>,
}

/// Left, bottom, right, top.
type Area = [f64; 4];

/// A line below or through text.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Line {
    /// Area of the text.
    area: Area,
    /// Whether the text, and so the line, runs across the page.
    is_level: bool,
}

impl Comparison<'_, '_> {
    /// Judges one added comment.
    pub(super) fn comment(
        &mut self,
        number: Option<u32>,
        value: &Object,
        comments: &mut Comments,
    ) -> Result<(), ReadError> {
        let Object::Dict(annotation) = self.new.resolve(value, self.budget)? else {
            self.refuse(
                Changed::Annotation,
                number,
                "what was added to a page is no annotation".to_owned(),
            );
            return Ok(());
        };
        self.judged.extend(number);
        let subtype = annotation.get("Subtype").and_then(Object::name).unwrap_or_default();
        let fault = match subtype {
            b"Text" => self.note(&annotation, comments)?,
            b"Popup" => self.popup(&annotation)?,
            b"Highlight" | b"Underline" | b"Squiggly" | b"StrikeOut" => {
                self.mark(subtype, &annotation, comments)?
            }
            _ => Some("it can hide content"),
        };
        if let Some(fault) = fault {
            let what = format!("an annotation {} was added: {fault}", name(subtype));
            self.refuse(Changed::Annotation, number, what);
        }
        let of_popup = |key: &[u8]| key == b"Parent" && subtype == b"Popup";
        let known = |key: &[u8]| COMMENT_KEYS.contains(&key) || of_popup(key);
        for (key, _) in annotation.iter().filter(|(key, _)| !known(key)) {
            self.refuse(
                Changed::Annotation,
                number,
                format!("an annotation with {} was added", name(key)),
            );
        }
        if let Some(appearance) = look_of(&annotation) {
            self.permit(appearance)?;
        }
        if self.lies_over(subtype, &annotation)? {
            let place = number.map_or_else(String::new, |number| format!("object {number}: "));
            self.since.painted.insert(place + &name(subtype));
        }
        self.leave_all(&annotation, &[b"AP"]);
        self.raise(Changes::Annotation);
        Ok(())
    }

    /// Whether it covers part of the page: even one as small as an icon may cover a number. Content
    /// below it is not examined.
    fn lies_over(&mut self, subtype: &[u8], annotation: &Dict) -> Result<bool, ReadError> {
        let flags = self.new.get(annotation, "F", self.budget)?.int().unwrap_or_default();
        let is_icon = subtype == b"Text" && annotation.get("Rect").is_some() && flags & HIDDEN == 0;
        let closed = matches!(
            self.new.get(annotation, "Open", self.budget)?,
            Object::Null | Object::Bool(false)
        );
        let is_window = subtype == b"Popup" && !closed;
        Ok(look_of(annotation).is_some() || is_icon || is_window)
    }

    fn popup(&mut self, popup: &Dict) -> Result<Option<&'static str>, ReadError> {
        if look_of(popup).is_some() {
            return Ok(Some("a popup has a look of its own"));
        }
        let large =
            self.rectangle(popup, "Rect")?.is_some_and(|place| area(&place) > LARGEST_POPUP);
        Ok(large.then_some("a popup that is as large as a part of the page"))
    }

    fn note(
        &mut self,
        note: &Dict,
        comments: &mut Comments,
    ) -> Result<Option<&'static str>, ReadError> {
        let Some(area) = self.rectangle(note, "Rect")? else {
            // A reply, which is shown with the note that it answers.
            return Ok(look_of(note).map(|_| "a note without a place"));
        };
        if !comments.notes.contains(&area) {
            comments.notes.push(area);
        }
        let [left, bottom, right, top] = area;
        let is_small = right - left <= ICON && top - bottom <= ICON;
        Ok((!is_small).then_some("a note larger than its icon"))
    }

    fn mark(
        &mut self,
        subtype: &[u8],
        mark: &Dict,
        comments: &mut Comments,
    ) -> Result<Option<&'static str>, ReadError> {
        if look_of(mark).is_some() {
            return Ok(Some("a mark with a look of its own can hide content"));
        }
        let Some(rect) = self.rectangle(mark, "Rect")? else {
            return Ok(Some("a mark without a place"));
        };
        let points = self.numbers(mark, "QuadPoints")?;
        let opacity = self.new.get(mark, "CA", self.budget)?;
        if opacity != Object::Null && !opacity.number().is_some_and(|ca| (0.0..=1.0).contains(&ca))
        {
            return Ok(Some("an opacity that is none"));
        }
        let (quads, rest) = points.as_chunks::<8>();
        if quads.is_empty() || !rest.is_empty() {
            return Ok(Some("a mark that marks no text"));
        }
        // Marked areas are collected for the whole page; many marks may share one array.
        let bytes = quads.len().saturating_mul(size_of::<[Area; 4]>());
        self.budget.pay(Purse::Memory, bytes, "marks of text")?;
        let (areas, heights): (Vec<Area>, Vec<f64>) = quads.iter().map(area_of).unzip();
        if areas.iter().any(|area| !lies_within(area, &rect)) {
            return Ok(Some("a mark reaches out of its rectangle"));
        }
        if subtype != b"Highlight" {
            let lines = quads.iter().zip(areas).map(|(quad, area)| Line::new(quad, area));
            let of_kind = if subtype == b"StrikeOut" {
                &mut comments.strikes
            } else {
                &mut comments.underlines
            };
            of_kind.extend(lines);
            return self.line_width(mark, &heights);
        }
        // Also no number at all, which table 164 calls transparent: some readers draw it black.
        match Colour::of(&self.numbers(mark, "C")?) {
            Some(colour) => {
                comments.highlights.extend(areas.into_iter().map(|area| (area, colour)));
                Ok(None)
            }
            None => Ok(Some("a highlight without a colour (table 164)")),
        }
    }

    /// Whether the lines of a mark are thin beside text.
    fn line_width(
        &mut self,
        mark: &Dict,
        heights: &[f64],
    ) -> Result<Option<&'static str>, ReadError> {
        let lowest = heights.iter().copied().fold(HIGHEST_LINE, f64::min);
        let most = THIN.max(lowest * THIN_BESIDE);
        let usual = |height: &f64| (LOWEST_LINE..=HIGHEST_LINE).contains(height);
        let thin = self.numbers(mark, "Border")?.get(2).is_none_or(|width| *width <= most);
        let style = self.new.get(mark, "BS", self.budget)?;
        let width = match style.dict() {
            Some(style) => self.new.get(style, "W", self.budget)?.number(),
            None => None,
        };
        let fine = thin && width.is_none_or(|width| width <= most) && heights.iter().all(usual);
        Ok((!fine).then_some("its lines would be as thick as text"))
    }

    /// Rules for all comments of a page together.
    pub(super) fn comments(&mut self, comments: &Comments) -> Result<(), ReadError> {
        let Comments { notes, highlights, underlines, strikes } = comments;
        let most = notes.len().max(highlights.len()).max(underlines.len()).max(strikes.len());
        self.budget.pay(Purse::Steps, most.saturating_mul(most), "comments of a page")?;
        let covered: f64 = notes.iter().map(area).sum();
        if covered > MOST_COVERED || notes.len() > MOST_NOTES || has_a_row(notes) {
            self.refuse(
                Changed::Annotation,
                None,
                "the notes that were added cover a part of a page".to_owned(),
            );
        }
        let darkest = highlights.iter().enumerate().map(|(index, (at, own))| {
            let others = highlights.iter().enumerate();
            let others = others.filter(|(other, (area, _))| *other != index && overlap(at, area));
            others.fold(*own, |colour, (_, (_, other))| colour.over(*other)).lightness()
        });
        if darkest.into_iter().any(|lightness| lightness < DARKEST) {
            let what = "a highlight was added through which text cannot be read";
            self.refuse(Changed::Annotation, None, what.to_owned());
        }
        if are_close(underlines) || are_close(strikes) {
            let what = "lines were added one over the other, through which text cannot be read";
            self.refuse(Changed::Annotation, None, what.to_owned());
        }
        Ok(())
    }

    /// The numbers of an array. A value that is none is NaN, and makes the array unreadable.
    pub(super) fn numbers(&mut self, dict: &Dict, key: &str) -> Result<Vec<f64>, ReadError> {
        let array = self.new.get(dict, key, self.budget)?;
        let items = array.array().unwrap_or_default();
        self.budget.pay(Purse::Memory, items.len().saturating_mul(8), "numbers")?;
        let mut numbers = Vec::with_capacity(items.len());
        for item in items {
            numbers.push(self.new.resolve(item, self.budget)?.number().unwrap_or(f64::NAN));
        }
        Ok(numbers)
    }
}

/// The appearance of a comment; one that is `null` is none (7.3.7).
fn look_of(comment: &Dict) -> Option<&Object> {
    comment.get("AP").filter(|look| **look != Object::Null)
}

/// The area around four points, and the height of the text between them. Programs begin with the
/// first two along the text, and continue in either order.
fn area_of(points: &[f64; 8]) -> (Area, f64) {
    let [x, y, x2, y2, x3, y3, x4, y4] = *points;
    let least = |numbers: [f64; 4]| numbers.into_iter().fold(f64::INFINITY, f64::min);
    let most = |numbers: [f64; 4]| numbers.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let (across, up) = ([x, x2, x3, x4], [y, y2, y3, y4]);
    let height = (x3 - x).hypot(y3 - y).min((x4 - x).hypot(y4 - y));
    let broken = points.iter().any(|number| number.is_nan());
    ([least(across), least(up), most(across), most(up)], if broken { f64::NAN } else { height })
}

fn lies_within([left, bottom, right, top]: &Area, [l, b, r, t]: &Area) -> bool {
    let beside = OUTSIDE;
    *left >= l - beside && *bottom >= b - beside && *right <= r + beside && *top <= t + beside
}

fn area([left, bottom, right, top]: &Area) -> f64 {
    (right - left) * (top - bottom)
}

/// Whether two areas share more than a corner: lines of text overlap a little.
fn overlap(one: &Area, other: &Area) -> bool {
    let ([left, bottom, right, top], [l, b, r, t]) = (one, other);
    let common = (right.min(*r) - left.max(*l)).max(0.0) * (top.min(*t) - bottom.max(*b)).max(0.0);
    common > 0.25 * area(one).min(area(other))
}

impl Line {
    fn new(quad: &[f64; 8], area: Area) -> Self {
        let [x, y, x2, y2, ..] = *quad;
        Self { area, is_level: (y2 - y).abs() <= LEVEL * (x2 - x).abs() }
    }

    /// Whether another line of its kind is closer than that of the next line of text would be. A
    /// line at exactly the same place does not count: it is drawn over it.
    fn is_close_to(&self, other: &Self) -> bool {
        let ([left, bottom, right, top], [l, b, r, t]) = (self.area, other.area);
        if self == other || right.min(r) - left.max(l) <= BESIDE {
            return false;
        }
        if !(self.is_level && other.is_level) {
            return overlap(&self.area, &other.area);
        }
        // Programs draw it at the bottom, at the top or in the middle.
        let between = [bottom - b, top - t, (bottom + top - b - t) / 2.0].map(f64::abs);
        let least = CLOSEST.max(CLOSEST_BESIDE * (top - bottom).min(t - b));
        between.into_iter().any(|distance| distance < least)
    }
}

/// Whether lines of one kind are so close that text cannot be read between them.
fn are_close(lines: &[Line]) -> bool {
    let narrow = |line: &Line| {
        let [left, _, right, _] = line.area;
        !line.is_level && right - left < CLOSEST
    };
    lines.iter().enumerate().any(|(index, line)| {
        narrow(line) || lines.iter().take(index).any(|other| line.is_close_to(other))
    })
}

/// Whether notes are side by side, so that together they are larger than an icon.
fn has_a_row(notes: &[Area]) -> bool {
    let touch = |[left, bottom, right, top]: &Area, [l, b, r, t]: &Area| {
        *left <= r + BESIDE && *l <= right + BESIDE && *bottom <= t + BESIDE && *b <= top + BESIDE
    };
    let mut left: Vec<Area> = notes.to_vec();
    while let Some(first) = left.pop() {
        let mut row = first;
        // An area that touches the box around a row belongs to it.
        while let Some(at) = left.iter().position(|other| touch(&row, other)) {
            let [l, b, r, t] = left.swap_remove(at);
            let [left, bottom, right, top] = row;
            row = [left.min(l), bottom.min(b), right.max(r), top.max(t)];
        }
        let [left, bottom, right, top] = row;
        if right - left > LONGEST_ROW || top - bottom > LONGEST_ROW {
            return true;
        }
    }
    false
}

/// Icons of notes are drawn at about 20 points.
const ICON: f64 = 32.0;
/// Square points of a page, a fiftieth of A4: 25 icons.
const MOST_COVERED: f64 = 10_000.0;
const MOST_NOTES: usize = 64;
/// Two icons side by side.
const LONGEST_ROW: f64 = 64.0;
const BESIDE: f64 = 2.0;
/// A tolerance: programs round, and leave room for descenders.
const OUTSIDE: f64 = 5.0;
/// Black text on it has a contrast of 6 to 1 (WCAG 2 asks for 4.5). Pink has 0.4.
const DARKEST: f64 = 0.25;
/// Heights of lines of text, in points; the drawn line has a sixteenth of it.
const LOWEST_LINE: f64 = 4.0;
const HIGHEST_LINE: f64 = 72.0;
const THIN: f64 = 1.0;
const THIN_BESIDE: f64 = 0.125;
/// Smallest distance of lines of one kind, in points and as a fraction of the height of their text.
const CLOSEST: f64 = 7.0;
const CLOSEST_BESIDE: f64 = 0.6;
/// Rise of a line of text that runs across.
const LEVEL: f64 = 0.05;
/// Square points, a quarter of A4; programs open windows of 200 by 120.
const LARGEST_POPUP: f64 = 125_000.0;
/// Bit 2 of an annotation's flags (table 165).
const HIDDEN: i64 = 1 << 1;
/// The keys that comments of these kinds may have (tables 164, 170, 172, 179, 183).
const COMMENT_KEYS: [&[u8]; 27] = [
    b"Type",
    b"Subtype",
    b"Rect",
    b"Contents",
    b"P",
    b"NM",
    b"M",
    b"F",
    b"AP",
    b"AS",
    b"Border",
    b"C",
    b"T",
    b"Popup",
    b"CA",
    b"RC",
    b"CreationDate",
    b"IRT",
    b"Subj",
    b"RT",
    b"IT",
    b"Open",
    b"Name",
    b"State",
    b"StateModel",
    b"QuadPoints",
    b"BS",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, y: f64, width: f64, height: f64) -> Area {
        [x, y, x + width, y + height]
    }

    #[test]
    fn notes_in_a_row_are_seen() {
        let row = |count: u8| -> Vec<Area> {
            (0..count).map(|index| at(20.0 * f64::from(index), 0.0, 20.0, 20.0)).collect()
        };
        assert!(!has_a_row(&row(3)));
        assert!(has_a_row(&row(4)));
        let apart = [at(0.0, 0.0, 20.0, 20.0), at(100.0, 0.0, 20.0, 20.0)];
        assert!(!has_a_row(&apart));
    }

    #[test]
    fn lines_of_text_do_not_overlap() {
        let line = at(0.0, 0.0, 100.0, 12.0);
        assert!(!overlap(&line, &at(0.0, 10.0, 100.0, 12.0)));
        assert!(overlap(&line, &at(0.0, 6.0, 100.0, 12.0)));
        assert!(overlap(&line, &at(40.0, 0.0, 10.0, 12.0)));
    }
}
