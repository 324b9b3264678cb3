//! Painted shapes besides text, and which characters they touch.

use super::super::colour::Colour;

/// A background, or a piece of a border.
#[derive(Debug)]
pub(super) struct Painted {
    /// Left, bottom, right, top of everything that it may cover.
    area: [f64; 4],
    /// Its corners when it is not an upright rectangle.
    outline: Vec<(f64, f64)>,
    /// Left, bottom, right, top of what it certainly covers.
    covered: Option<[f64; 4]>,
    pub(super) colour: Colour,
}

impl Painted {
    pub(super) fn new(
        area: [f64; 4],
        outline: Vec<(f64, f64)>,
        is_solid: bool,
        colour: Colour,
        clip: [f64; 4],
    ) -> Self {
        let ([left, bottom, right, top], [l, b, r, t]) = (area, clip);
        let seen = [left.max(l), bottom.max(b), right.min(r), top.min(t)];
        let covered = is_solid.then_some(seen);
        Self { area, outline, covered, colour }
    }

    /// Whether it may cover a part of a box.
    pub(super) fn touches(&self, bounds: [f64; 4]) -> bool {
        let ([left, bottom, right, top], [l, b, r, t]) = (self.area, bounds);
        let apart = left >= r || right <= l || bottom >= t || top <= b;
        if apart || self.outline.is_empty() {
            return !apart;
        }
        let last = self.outline.last().into_iter();
        let sides = last.chain(&self.outline).zip(&self.outline);
        let crosses = sides.clone().any(|(from, to)| enters(*from, *to, bounds));
        // No side enters the box, so the whole box is inside or outside, as is one of its corners.
        let inside = sides.filter(|(from, to)| {
            let level = (from.1 > b) != (to.1 > b);
            level && l < from.0 + (b - from.1) / (to.1 - from.1) * (to.0 - from.0)
        });
        crosses || inside.count() % 2 == 1
    }

    /// Whether it hides everything below it in a box.
    pub(super) fn hides(&self, [l, b, r, t]: [f64; 4]) -> bool {
        self.covered.is_some_and(|[left, bottom, right, top]| {
            left <= l && bottom <= b && right >= r && top >= t
        })
    }
}

/// Whether a line has a part in a box: the part within its horizontal range is also within its
/// vertical range.
fn enters(from: (f64, f64), to: (f64, f64), [left, bottom, right, top]: [f64; 4]) -> bool {
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for (start, end, least, most) in [(from.0, to.0, left, right), (from.1, to.1, bottom, top)] {
        let way = end - start;
        if way == 0.0 {
            if start <= least || start >= most {
                return false;
            }
            continue;
        }
        let (one, two) = ((least - start) / way, (most - start) / way);
        first = first.max(one.min(two));
        last = last.min(one.max(two));
    }
    first < last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bevel_touches_what_lies_at_its_sides_alone() {
        let corners = [(1., 1.), (1., 19.), (199., 19.), (198., 18.), (2., 18.), (2., 2.)];
        let all = [0.0, 0.0, 200.0, 20.0];
        let bevel = Painted::new(all, corners.to_vec(), false, Colour::BLACK, all);
        assert!(!bevel.touches([4.0, 4.0, 10.0, 16.0]));
        assert!(!bevel.touches([3.0, 0.5, 10.0, 17.0]));
        assert!(bevel.touches([1.5, 4.0, 10.0, 16.0]));
        assert!(bevel.touches([1.2, 4.0, 1.8, 16.0]));
        assert!(bevel.touches([100.0, 0.0, 101.0, 20.0]));
        assert!(!bevel.hides([1.2, 4.0, 1.8, 16.0]));
    }
}
