//! The text that a form `XObject` shows (ISO 32000-1, 8 and 9): its characters with their
//! positions, and whether anything in it is doubtful.
//!
//! This is no renderer. It interprets what programs write for a form field (a background, a border,
//! text in one font) and treats everything else as doubtful: images, other forms, shadings,
//! graphics states, curves, shapes in the middle, invisible text, overlapping characters.

mod paint;
mod painted;
mod placed;
mod text;

use self::paint::{Path, State};
use self::painted::Painted;
use self::placed::Placed;
use super::colour::Colour;
use super::content::{Operation, Operations};
use super::font::Fonts;
use super::object::{Dict, Object};
use super::{Document, ReadError};
use crate::base::limits::{Budget, Purse};

/// Where a form is shown.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Left, bottom, right, top in the form's own space.
    pub bbox: [f64; 4],
    /// How much larger it is shown, across and up.
    pub scale: (f64, f64),
    /// Into how many cells a field divides it; 1 for nearly all.
    pub cells: u16,
}

/// What a form shows.
#[derive(Debug)]
pub struct Drawing {
    /// Its text as a viewer would copy it, in the order of its operators. `None` when a part is
    /// unknown.
    pub claimed: Option<String>,
    /// Its text as its fonts draw it, in the order of its operators. `None` when no encoding
    /// defines it.
    pub drawn: Option<String>,
    /// What is drawn, in reading order: lines from the top, each from the left. Lines are separated
    /// by a line feed, characters more than an em apart by an em space, and closer ones that are
    /// still visibly apart by a thin space.
    pub read: String,
    /// Whether something else is drawn, or some of the text may look different.
    pub is_doubtful: bool,
    /// Whether a name or a string in it is written so that readers draw something else. Programs do
    /// not write such.
    pub is_odd: bool,
}

impl Document<'_> {
    /// What a content stream shows with these resources. `signed` tests whether an object is
    /// unchanged since it was signed: such fonts are trusted.
    pub fn drawing(
        &self,
        content: &[u8],
        resources: &Dict,
        frame: Frame,
        known: &mut Fonts,
        signed: &dyn Fn(u32) -> bool,
        budget: &mut Budget,
    ) -> Result<Drawing, ReadError> {
        let fonts = self.get(resources, "Font", budget)?;
        let mut pen = Pen::new(frame);
        let mut operations = Operations::of(content, budget)?;
        while let Some(Operation { operator, operands }) = operations.next(budget)? {
            if !operands_fit(&operator, &operands) {
                // Some readers take the first operands, others the last.
                pen.is_doubtful = true;
                (pen.claimed, pen.drawn) = (None, None);
                continue;
            }
            if operator == b"Tf" {
                let name = operands.first().and_then(Object::name).unwrap_or_default();
                pen.state.font = match fonts.dict() {
                    Some(fonts) => self.font(fonts, name, known, signed, budget)?,
                    None => None,
                };
            }
            let done = pen.operate(&operator, &operands, budget)?;
            pen.is_doubtful |= done.is_none();
        }
        if !operations.is_whole() {
            pen.is_doubtful = true;
            pen.claimed = None;
        }
        let is_odd = operations.is_odd();
        Ok(Drawing { is_odd, ..pen.finish(budget)? })
    }
}

/// The state of the interpreter.
struct Pen {
    frame: Frame,
    state: State,
    saved: Vec<State>,
    path: Path,
    /// A clip that takes effect with the next painting operator.
    clips: bool,
    text_matrix: [f64; 6],
    line_matrix: [f64; 6],
    /// What was painted besides text, in order; pages are white.
    painted: Vec<Painted>,
    /// Whether a border has dashes.
    has_dashes: bool,
    placed: Vec<Placed>,
    claimed: Option<String>,
    drawn: Option<String>,
    is_doubtful: bool,
}

impl Pen {
    fn new(frame: Frame) -> Self {
        Self {
            frame,
            state: State::new(frame.bbox),
            saved: Vec::new(),
            path: Path::default(),
            clips: false,
            text_matrix: paint::IDENTITY,
            line_matrix: paint::IDENTITY,
            painted: Vec::new(),
            has_dashes: false,
            placed: Vec::new(),
            claimed: Some(String::new()),
            drawn: Some(String::new()),
            is_doubtful: false,
        }
    }

    /// Interprets one operator. `None` for one whose effect is doubtful.
    fn operate(
        &mut self,
        operator: &[u8],
        operands: &[Object],
        budget: &mut Budget,
    ) -> Result<Option<()>, ReadError> {
        let numbers: Vec<f64> = operands.iter().filter_map(Object::number).collect();
        Ok(match operator {
            b"Tj" | b"'" | b"\"" | b"TJ" => {
                return self.show_operator(operator, operands, &numbers, budget);
            }
            b"q" => {
                let room = self.saved.len() < MOST_SAVED;
                room.then(|| self.saved.push(self.state.clone()))
            }
            b"Q" => self.saved.pop().map(|saved| self.state = saved),
            b"BT" => {
                (self.text_matrix, self.line_matrix) = (paint::IDENTITY, paint::IDENTITY);
                Some(())
            }
            b"ET" | b"BMC" | b"EMC" | b"MP" | b"j" | b"J" | b"i" | b"ri" => Some(()),
            // A layer decides whether optional content is shown.
            b"BDC" | b"DP" => {
                let tag = operands.first().and_then(Object::name);
                (tag != Some(b"OC")).then_some(())
            }
            b"f" | b"F" | b"f*" | b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*" | b"n" => {
                self.paint(operator)
            }
            b"W" | b"W*" => {
                self.clips = true;
                Some(())
            }
            b"Do" | b"gs" => {
                // What they show, or which font a graphics state sets (table 58), is not
                // interpreted.
                self.state.font = None;
                self.claimed = self.claimed.take().filter(|_| operator == b"gs");
                None
            }
            _ => self
                .text_operator(operator, &numbers)
                .or_else(|| self.path.operate(operator, &numbers, &self.state.matrix))
                .or_else(|| self.state.operate(operator, operands, &numbers)),
        })
    }

    /// Paints the path, and clips with it. `None` when it is neither a background nor a border.
    fn paint(&mut self, operator: &[u8]) -> Option<()> {
        let mut path = std::mem::take(&mut self.path);
        if matches!(operator, b"s" | b"b" | b"b*") {
            path.close();
        }
        if std::mem::take(&mut self.clips) {
            self.state.clip(path.rectangle()?);
        }
        let fills = matches!(operator, b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*");
        let strokes = matches!(operator, b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*");
        if path.is_empty() || (!fills && !strokes) {
            return Some(());
        }
        // A narrow clip can cut a border to the shape of a letter.
        let (bbox, margin) = (self.frame.bbox, self.margin());
        let fine = self.painted.len().saturating_add(path.points()) <= MOST_PAINTED
            && paint::frames(self.state.clip, bbox, margin)
            && (!fills || self.fill(&path, margin).is_some());
        fine.then_some(())?;
        if strokes { self.stroke(&path, margin) } else { Some(()) }
    }

    fn fill(&mut self, path: &Path, margin: f64) -> Option<()> {
        let (bbox, colour) = (self.frame.bbox, self.state.fill?);
        let rectangle = path.rectangle();
        let is_background = rectangle.is_some_and(|area| paint::frames(area, bbox, margin));
        if !is_background && !path.is_border(bbox, margin, true) {
            return None;
        }
        self.painted.extend(path.filled(colour, self.state.clip));
        Some(())
    }

    fn stroke(&mut self, path: &Path, margin: f64) -> Option<()> {
        let (bbox, colour) = (self.frame.bbox, self.state.stroke?);
        let scale = paint::enlargement(&self.state.matrix)?;
        let width = self.state.line_width.abs() * scale;
        let is_border = path.is_border(bbox, margin, false);
        let is_line = is_border || path.is_between_cells(bbox, margin, self.frame.cells);
        let is_thin = width <= margin;
        if !(is_line && is_thin) {
            return None;
        }
        let dashed = !self.state.dash.is_empty();
        if dashed {
            // Short dashes in several rows could form letters.
            let long = self.state.dash.iter().all(|dash| dash * scale >= SHORTEST_DASH);
            let once = !is_border || (!self.has_dashes && path.is_one_part());
            (long && once).then_some(())?;
            self.has_dashes |= is_border;
        }
        self.painted.extend(path.stroked(width, colour, !dashed, self.state.clip)?);
        Some(())
    }

    /// How far borders extend inwards.
    fn margin(&self) -> f64 {
        let [left, bottom, right, top] = self.frame.bbox;
        (0.2 * (right - left).min(top - bottom)).clamp(1.0, 6.0)
    }

    /// Whether every character is distinct from the background, and nothing covers it.
    fn is_legible(&self, budget: &mut Budget) -> Result<bool, ReadError> {
        let pairs = self.placed.len().saturating_mul(self.painted.len());
        budget.pay(Purse::Steps, pairs, "what is painted in a field")?;
        Ok(self.placed.iter().all(|placed| {
            let area = placed.area(self.frame.bbox);
            let (below, over) = self.painted.split_at(placed.above);
            let below = below.iter().rev().filter(|painted| painted.touches(area));
            !over.iter().any(|painted| painted.touches(area))
                && placed.fill.is_some_and(|fill| {
                    for painted in below {
                        if !fill.contrasts(painted.colour) {
                            return false;
                        }
                        if painted.hides(area) {
                            return true;
                        }
                    }
                    fill.contrasts(Colour::WHITE)
                })
        }))
    }

    fn finish(mut self, budget: &mut Budget) -> Result<Drawing, ReadError> {
        let is_legible = self.is_legible(budget)?;
        let [left, _, right, _] = self.frame.bbox;
        let cell = (right - left) / f64::from(self.frame.cells.max(1));
        let cell = (self.frame.cells > 1).then_some(cell);
        let read = placed::in_reading_order(&mut self.placed, cell);
        let overlaps = read.is_none();
        Ok(Drawing {
            claimed: self.claimed,
            drawn: self.drawn,
            read: read.unwrap_or_default(),
            is_doubtful: self.is_doubtful || overlaps || !is_legible,
            is_odd: false,
        })
    }
}

/// Whether an operator has the operands of table A.1, no more and no fewer. Those of colours depend
/// on the colour space.
fn operands_fit(operator: &[u8], operands: &[Object]) -> bool {
    let wanted = match operator {
        b"q" | b"Q" | b"BT" | b"ET" | b"EMC" | b"h" | b"W" | b"W*" | b"T*" | b"f" | b"F"
        | b"f*" | b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*" | b"n" => "",
        b"BMC" | b"MP" | b"gs" | b"Do" | b"ri" | b"cs" | b"CS" => "/",
        b"BDC" | b"DP" => "/p",
        b"j" | b"J" | b"i" | b"w" | b"M" | b"g" | b"G" | b"Tc" | b"Tw" | b"Tz" | b"TL" | b"Ts"
        | b"Tr" => "1",
        b"Tf" => "/1",
        b"Td" | b"TD" | b"m" | b"l" => "11",
        b"rg" | b"RG" => "111",
        b"k" | b"K" | b"re" | b"v" | b"y" => "1111",
        b"c" | b"cm" | b"Tm" => "111111",
        b"d" => "[1",
        b"Tj" | b"'" => "s",
        b"\"" => "11s",
        b"TJ" => "[",
        _ => return true,
    };
    let fits = |(wanted, operand): (u8, &Object)| match wanted {
        b'1' => operand.number().is_some(),
        b'/' => operand.name().is_some(),
        b's' => operand.string().is_some(),
        b'[' => operand.array().is_some(),
        _ => matches!(operand, Object::Name(_) | Object::Dict(_)),
    };
    wanted.len() == operands.len() && wanted.bytes().zip(operands).all(fits)
}

/// Programs save the state once or twice.
const MOST_SAVED: usize = 16;
/// Points: a border has four lines, a bevelled one two shapes more, a field of cells a line for
/// each.
const MOST_PAINTED: usize = 256;
/// Programs dash borders with 3.
const SHORTEST_DASH: f64 = 1.0;
