//! Paths, colours and the graphics state, to the extent that form fields use them.

use std::rc::Rc;

use super::super::colour::Colour;
use super::super::font::Font;
use super::super::object::Object;
use super::painted::Painted;

/// The graphics state with the text state in it (8.4, 9.3).
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) matrix: [f64; 6],
    /// Left, bottom, right, top of what is not clipped away.
    pub(super) clip: [f64; 4],
    /// `None` for an unsupported colour.
    pub(super) fill: Option<Colour>,
    pub(super) stroke: Option<Colour>,
    /// How many components a colour has, for filling and for stroking.
    pub(super) components: (usize, usize),
    pub(super) line_width: f64,
    /// Lengths of dashes and gaps; none for a solid line.
    pub(super) dash: Vec<f64>,
    pub(super) font: Option<Rc<Font>>,
    pub(super) size: f64,
    pub(super) character_space: f64,
    pub(super) word_space: f64,
    pub(super) stretch: f64,
    pub(super) leading: f64,
    pub(super) rise: f64,
    pub(super) render: f64,
}

impl State {
    pub(super) fn new(clip: [f64; 4]) -> Self {
        Self {
            matrix: IDENTITY,
            clip,
            fill: Some(Colour::BLACK),
            stroke: Some(Colour::BLACK),
            components: (1, 1),
            line_width: 1.0,
            dash: Vec::new(),
            font: None,
            size: 0.0,
            character_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
            render: 0.0,
        }
    }

    pub(super) fn clip(&mut self, area: [f64; 4]) {
        let ([left, bottom, right, top], [l, b, r, t]) = (self.clip, area);
        self.clip = [left.max(l), bottom.max(b), right.min(r), top.min(t)];
    }

    /// Operators that set a part of the state; `None` for unknown ones.
    pub(super) fn operate(
        &mut self,
        operator: &[u8],
        operands: &[Object],
        numbers: &[f64],
    ) -> Option<()> {
        match (operator, numbers) {
            (b"cm", &[a, b, c, d, e, f]) => {
                self.matrix = multiply(&[a, b, c, d, e, f], &self.matrix);
            }
            (b"w", &[width]) => self.line_width = width,
            (b"g" | b"rg" | b"k", _) => {
                self.fill = Some(Colour::of(numbers)?);
                self.components.0 = numbers.len();
            }
            (b"sc" | b"scn", _) => {
                let plain = [numbers.len(), operands.len()] == [self.components.0; 2];
                self.fill = Colour::of(numbers).filter(|_| plain && self.fill.is_some());
            }
            (b"cs", _) => {
                let components = components(operands);
                self.fill = components.map(|_| Colour::BLACK);
                self.components.0 = components.unwrap_or_default();
            }
            (b"G" | b"RG" | b"K", _) => {
                self.stroke = Some(Colour::of(numbers)?);
                self.components.1 = numbers.len();
            }
            (b"SC" | b"SCN", _) => {
                let plain = [numbers.len(), operands.len()] == [self.components.1; 2];
                self.stroke = Colour::of(numbers).filter(|_| plain && self.stroke.is_some());
            }
            (b"CS", _) => {
                let components = components(operands);
                self.stroke = components.map(|_| Colour::BLACK);
                self.components.1 = components.unwrap_or_default();
            }
            (b"d", _) => {
                let dash = operands.first().and_then(Object::array)?;
                // Borders do not have dashes and gaps of several lengths.
                let dash = (dash.len() <= 2).then_some(dash)?;
                self.dash = dash.iter().map(Object::number).collect::<Option<_>>()?;
            }
            // Corners of right angles reach no further than this.
            (b"M", &[limit]) if limit <= USUAL_MITER => {}
            _ => return None,
        }
        Some(())
    }
}

/// The components of a colour space that has no parameters.
fn components(operands: &[Object]) -> Option<usize> {
    match operands.first().and_then(Object::name)? {
        b"DeviceGray" => Some(1),
        b"DeviceRGB" => Some(3),
        b"DeviceCMYK" => Some(4),
        _ => None,
    }
}

/// A path in the form's own space.
#[derive(Debug, Default)]
pub(super) struct Path {
    /// Its parts, each from point to point.
    parts: Vec<Vec<(f64, f64)>>,
    has_curves: bool,
}

impl Path {
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Operators that construct a path; `None` for all others.
    pub(super) fn operate(
        &mut self,
        operator: &[u8],
        numbers: &[f64],
        matrix: &[f64; 6],
    ) -> Option<()> {
        match (operator, numbers) {
            (b"m", &[x, y]) => self.parts.push(vec![apply(matrix, x, y)]),
            (b"l", &[x, y]) => self.parts.last_mut()?.push(apply(matrix, x, y)),
            (b"h", []) => self.close(),
            (b"re", &[x, y, width, height]) => {
                let (right, top) = (x + width, y + height);
                let corners = [(x, y), (right, y), (right, top), (x, top), (x, y)];
                self.parts.push(corners.map(|(x, y)| apply(matrix, x, y)).to_vec());
            }
            (b"c" | b"v" | b"y", [..]) => {
                self.has_curves = true;
                self.parts.push(Vec::new());
            }
            _ => return None,
        }
        Some(())
    }

    pub(super) fn close(&mut self) {
        if let Some(part) = self.parts.last_mut()
            && let Some(first) = part.first().copied()
        {
            part.push(first);
        }
    }

    /// Left, bottom, right, top when it is a single upright rectangle.
    pub(super) fn rectangle(&self) -> Option<[f64; 4]> {
        let [part] = self.parts.as_slice() else { return None };
        let mut points = part.clone();
        points.dedup_by(|one, two| near(one.0, two.0, SAME) && near(one.1, two.1, SAME));
        let upright = points.windows(2).all(|pair| match pair {
            [one, two] => near(one.0, two.0, SAME) || near(one.1, two.1, SAME),
            _ => true,
        });
        let corners = matches!(points.len(), 4 | 5) && upright && !self.has_curves;
        let box_of = bounds(part)?;
        let [left, bottom, right, top] = box_of;
        let at_corner = |(x, y): &(f64, f64)| {
            (near(*x, left, SAME) || near(*x, right, SAME))
                && (near(*y, bottom, SAME) || near(*y, top, SAME))
        };
        (corners && part.iter().all(at_corner)).then_some(box_of)
    }

    /// Number of its points.
    pub(super) fn points(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
    }

    pub(super) fn is_one_part(&self) -> bool {
        self.parts.len() == 1
    }

    /// Whether it is full-length lines along the sides of a box, or a frame in it, so that it
    /// cannot form characters.
    pub(super) fn is_border(&self, bbox: [f64; 4], margin: f64, filled: bool) -> bool {
        let [left, bottom, right, top] = bbox;
        let (width, height) = (right - left - 2.0 * margin, top - bottom - 2.0 * margin);
        let along = |pair: &[(f64, f64)]| {
            let [one, two] = pair else { return true };
            let beside = |a: f64, b: f64, side: f64| near(a, side, margin) && near(b, side, margin);
            let long = (one.0 - two.0).abs() >= width || (one.1 - two.1).abs() >= height;
            // A line that is closed twice ends with a segment of length zero.
            let fine = filled || long || one == two;
            fine && (beside(one.0, two.0, left)
                || beside(one.0, two.0, right)
                || beside(one.1, two.1, bottom)
                || beside(one.1, two.1, top))
        };
        let Some(whole) = bounds(&self.parts.concat()) else { return true };
        let is_frame = frames(whole, bbox, margin);
        let thick = if filled { margin } else { SAME };
        let spans = |part: &Vec<(f64, f64)>| {
            bounds(part).is_some_and(|area| {
                let [l, b, r, t] = area;
                let (across, up) = (r - l >= width, t - b >= height);
                let straight = part.len() <= 5 && (t - b <= thick || r - l <= thick);
                let corners = part.len() <= 7 && frames(area, bbox, margin);
                corners || (straight && (across || (up && is_frame)))
            })
        };
        // A filled ring must not count as two rings.
        let few = !filled || self.parts.len() <= MOST_PARTS;
        few && !self.has_curves
            && self.parts.iter().all(|part| part.windows(2).all(along) && spans(part))
    }

    /// The area that it covers when filled.
    pub(super) fn filled(
        &self,
        colour: Colour,
        clip: [f64; 4],
    ) -> impl Iterator<Item = Painted> + use<'_> {
        let rectangle = self.rectangle().is_some();
        self.parts.iter().filter_map(move |part| {
            let outline = if rectangle { Vec::new() } else { part.clone() };
            Some(Painted::new(bounds(part)?, outline, rectangle, colour, clip))
        })
    }

    /// The areas that it covers when stroked: its segments with half the line width around them,
    /// caps and corners included. `None` when it has slanted lines.
    pub(super) fn stroked(
        &self,
        width: f64,
        colour: Colour,
        solid: bool,
        clip: [f64; 4],
    ) -> Option<Vec<Painted>> {
        let pieces = self.parts.iter().flat_map(|part| part.windows(2)).map(|pair| {
            let [left, bottom, right, top] = bounds(pair)?;
            let (across, up) = (right - left, top - bottom);
            let upright = across <= TILTED * up || up <= TILTED * across;
            let half = width / 2.0;
            let area = [left - half, bottom - half, right + half, top + half];
            upright.then(|| Painted::new(area, Vec::new(), solid, colour, clip))
        });
        pieces.collect()
    }

    /// Whether it is lines between the cells of a field (table 228, `Comb`).
    pub(super) fn is_between_cells(&self, bbox: [f64; 4], margin: f64, cells: u16) -> bool {
        let [left, bottom, right, top] = bbox;
        let cell = (right - left) / f64::from(cells.max(1));
        let between = |part: &Vec<(f64, f64)>| {
            let [(x, y), (to, end)] = *part.as_slice() else { return false };
            let nearest = ((x - left) / cell).round();
            near(x, to, SAME)
                && near(x, left + nearest * cell, LINE)
                && near(y.min(end), bottom, margin)
                && near(y.max(end), top, margin)
        };
        cells > 1 && !self.has_curves && self.parts.iter().all(between)
    }
}

/// Left, bottom, right, top of some points.
pub(super) fn bounds(points: &[(f64, f64)]) -> Option<[f64; 4]> {
    let mut points = points.iter().copied();
    let (x, y) = points.next()?;
    Some(points.fold([x, y, x, y], |[left, bottom, right, top], (x, y)| {
        [left.min(x), bottom.min(y), right.max(x), top.max(y)]
    }))
}

fn near(one: f64, other: f64, distance: f64) -> bool {
    (one - other).abs() <= distance
}

/// The product of two matrices: `first` is applied first.
pub(super) fn multiply(first: &[f64; 6], then: &[f64; 6]) -> [f64; 6] {
    let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (*first, *then);
    [
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + l,
    ]
}

fn apply(matrix: &[f64; 6], x: f64, y: f64) -> (f64, f64) {
    let [a, b, c, d, e, f] = *matrix;
    (a * x + c * y + e, b * x + d * y + f)
}

/// The larger of the factors by which lengths grow. `None` when the matrix slants.
pub(super) fn enlargement(matrix: &[f64; 6]) -> Option<f64> {
    let [a, b, c, d, ..] = matrix.map(f64::abs);
    let upright = b.max(c) <= TILTED * a.min(d) || a.max(d) <= TILTED * b.min(c);
    upright.then(|| a.hypot(b).max(c.hypot(d)))
}

/// Whether an area is a box less a margin that is the same on all sides.
pub(super) fn frames(area: [f64; 4], bbox: [f64; 4], margin: f64) -> bool {
    let ([left, bottom, right, top], [l, b, r, t]) = (area, bbox);
    let inside = [left - l, bottom - b, r - right, t - top].map(|side| side.max(0.0));
    let least = inside.into_iter().fold(f64::INFINITY, f64::min);
    inside.into_iter().all(|side| side <= margin && side - least <= UNEVEN)
}

pub(super) const IDENTITY: [f64; 6] = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
const SAME: f64 = 0.05;
/// How far lines that count as upright may lean, as a fraction of their length.
const TILTED: f64 = 0.01;
/// Points by which the sides of a frame may differ: programs round.
const UNEVEN: f64 = 0.3;
/// The initial miter limit of a page (table 52).
const USUAL_MITER: f64 = 10.0;
const LINE: f64 = 1.5;
/// A bevelled border has two, an outline of four sides eight.
const MOST_PARTS: usize = 8;
