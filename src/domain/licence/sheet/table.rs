//! Table rows: line breaks, density, and page breaks.

use super::content::{SheetContent, SheetFault, SheetRow};
use super::press::Press;
use super::wrap::wrap;
use crate::format::pdf::write::{Face, MM};

/// Density of the table.
#[derive(Clone, Copy)]
pub(super) struct Density {
    pub(super) size: f32,
    pub(super) leading: f32,
    pub(super) gap: f32,
}

/// A row whose label and value are broken into lines.
pub(super) struct Set<'a> {
    pub(super) row: &'a SheetRow,
    pub(super) label: Vec<String>,
    pub(super) lines: Vec<String>,
}

impl Set<'_> {
    pub(super) fn height(&self, density: Density) -> f32 {
        height(self.lines.len().max(self.label.len()), density)
    }
}

/// The rows of each page.
pub(super) struct Plan<'a> {
    pub(super) density: Density,
    pub(super) pages: Vec<Vec<Set<'a>>>,
}

/// Takes the largest setting that fits on one page; else the middle one on several.
pub(super) fn plan<'a>(press: &Press, content: &'a SheetContent) -> Result<Plan<'a>, SheetFault> {
    for density in DENSITIES {
        let rows = set(press, content, density);
        let height: f32 = rows.iter().map(|row| row.height(density)).sum();
        if height <= LAST_BOTTOM - TABLE_TOP {
            return Ok(Plan { density, pages: vec![rows] });
        }
    }
    let pages = spread(set(press, content, SPREAD), SPREAD);
    let bound = usize::from(content.layout.max_pages);
    if pages.len() > bound {
        return Err(SheetFault::TooLong(bound));
    }
    Ok(Plan { density: SPREAD, pages })
}

/// Rows on as many pages as they need. The last page carries issuer, seal and QR below its rows.
fn spread(rows: Vec<Set<'_>>, density: Density) -> Vec<Vec<Set<'_>>> {
    let full = PAGE_BOTTOM - TABLE_TOP;
    let mut pages: Vec<Vec<Set<'_>>> = vec![Vec::new()];
    let mut room = full;
    for mut row in rows {
        loop {
            let (label, count) = (row.label.len(), row.lines.len());
            let fits = lines_that_fit(room, density);
            if fits >= count.max(label) {
                room -= row.height(density);
                if let Some(page) = pages.last_mut() {
                    page.push(row);
                }
                break;
            }
            // At least two lines stay on either page.
            let here = fits.min(count.saturating_sub(2));
            if here >= label.max(2) {
                let rest = row.lines.split_off(here);
                let next = Set { row: row.row, label: row.label.clone(), lines: rest };
                if let Some(page) = pages.last_mut() {
                    page.push(row);
                }
                row = next;
            }
            pages.push(Vec::new());
            room = full;
        }
    }
    if full - room > LAST_BOTTOM - TABLE_TOP {
        // The page with the seal must have a value, or the seal would certify an empty page.
        let last = pages.last_mut().filter(|page| page.len() > 1).and_then(Vec::pop);
        pages.push(last.into_iter().collect());
    }
    pages
}

fn set<'a>(press: &Press, content: &'a SheetContent, density: Density) -> Vec<Set<'a>> {
    let labels = f32::from(content.layout.label_mm);
    let lines = |row: &SheetRow| {
        let face: &Face = if row.tabular { &press.sans } else { &press.serif };
        let width = (RIGHT - LEFT - labels) * MM;
        wrap(&row.value, width, |character| face.advance(character) * density.size / 1000.0)
    };
    let label = |row: &SheetRow| {
        let size = density.size * LABEL_SCALE;
        let width = (labels - LABEL_GAP) * MM;
        wrap(&row.label, width, |character| press.sans.advance(character) * size / 1000.0)
    };
    content.rows.iter().map(|row| Set { row, label: label(row), lines: lines(row) }).collect()
}

fn height(lines: usize, density: Density) -> f32 {
    let lines = f32::from(u16::try_from(lines).unwrap_or(u16::MAX));
    lines * density.leading + density.gap
}

fn lines_that_fit(room: f32, density: Density) -> usize {
    let mut lines = 0;
    while lines < 200 && height(lines + 1, density) <= room {
        lines += 1;
    }
    lines
}

const DENSITIES: [Density; 4] = [
    Density { size: 12.5, leading: 6.4, gap: 6.0 },
    Density { size: 12.0, leading: 6.0, gap: 5.0 },
    Density { size: 11.0, leading: 5.5, gap: 4.0 },
    Density { size: 10.0, leading: 4.9, gap: 3.2 },
];
const SPREAD: Density = Density { size: 11.0, leading: 5.6, gap: 4.4 };

pub(super) const LEFT: f32 = 33.0;
/// Size of labels relative to values, and their distance from them in millimetres.
pub(super) const LABEL_SCALE: f32 = 0.84;
const LABEL_GAP: f32 = 3.0;
pub(super) const RIGHT: f32 = 177.0;
pub(super) const TABLE_TOP: f32 = 86.5;
/// End of the table on a page with issuer, seal and QR.
const LAST_BOTTOM: f32 = 219.0;
/// End of the table on a page without.
const PAGE_BOTTOM: f32 = 266.0;
