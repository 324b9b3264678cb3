//! Device colours (ISO 32000-1, 8.6.4), and whether they can be distinguished.

/// Red, green and blue, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colour([f64; 3]);

impl Colour {
    pub(super) const BLACK: Self = Self([0.0; 3]);
    pub(super) const WHITE: Self = Self([1.0; 3]);

    /// The colour of one, three or four numbers from 0 to 1: `DeviceGray`, `DeviceRGB` or
    /// `DeviceCMYK`. Others are adjusted by some readers, and by some not (8.6.4).
    pub fn of(numbers: &[f64]) -> Option<Self> {
        if !numbers.iter().all(|number| (0.0..=1.0).contains(number)) {
            return None;
        }
        let part = |part: f64| part.clamp(0.0, 1.0);
        Some(Self(match *numbers {
            [gray] => [gray; 3],
            [red, green, blue] => [red, green, blue],
            [cyan, magenta, yellow, black] => {
                [cyan, magenta, yellow].map(|ink| part(1.0 - ink - black))
            }
            _ => return None,
        }))
    }

    /// The colour of one ink over another (`Multiply`, 11.3.5.2).
    #[must_use]
    pub fn over(self, Self([r, g, b]): Self) -> Self {
        let Self([red, green, blue]) = self;
        Self([red * r, green * g, blue * b])
    }

    /// Relative luminance as in WCAG 2, from 0 to 1.
    pub fn lightness(self) -> f64 {
        let linear = |part: f64| {
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Whether it is visible on the other.
    pub(super) fn contrasts(self, other: Self) -> bool {
        let (one, other) = (self.lightness() + 0.05, other.lightness() + 0.05);
        one.max(other) / one.min(other) >= LEAST_CONTRAST
    }
}

/// Light gray on white has 1.6; yellow on white, which cannot be read, 1.07.
const LEAST_CONTRAST: f64 = 1.5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_has_one_three_or_four_numbers_from_0_to_1() {
        for good in [&[0.0][..], &[1.0, 0.5, 0.0], &[0.0, 0.0, 1.0, 1.0]] {
            assert!(Colour::of(good).is_some(), "{good:?}");
        }
        for bad in [
            &[][..],
            &[1.0, 1.0],
            &[5.0],
            &[-0.1],
            &[f64::NAN; 3],
            &[f64::INFINITY, 1.0, 1.0],
            &[1.0, 1.0, 1.0, -9.0],
            &[0.0; 5],
        ] {
            assert_eq!(Colour::of(bad), None, "{bad:?}");
        }
        assert_eq!(Colour::of(&[1.0, 1.0, 1.0, 1.0]), Some(Colour::BLACK));
    }
}
