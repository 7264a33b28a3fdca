//! Characters that are printed twice at one place, for a bold look or by two stamps.

use crate::sight::Glyph;

/// The same character within this share of its size is the same one printed twice.
const OVERPRINT: f32 = 0.15;
/// Glyphs are sought by cells of this many points, larger than any overprint of text up to 24
/// points.
const CELL: f32 = 4.0;
/// Rows of cells that are told apart; a page of usual size has fewer.
const ROWS: usize = 256;
/// No glyph.
const NONE: u32 = u32::MAX;

/// The glyphs, each once.
pub(crate) fn without_overprints(glyphs: &[Glyph]) -> Vec<&Glyph> {
    let mut places: Option<Places> = None;
    let mut rows = Rows::default();
    let mut kept: Vec<&Glyph> = Vec::with_capacity(glyphs.len());
    let mut word = Word::default();
    for glyph in glyphs {
        let is_inked = glyph.is_inked();
        if !is_inked {
            word.end(&mut kept, &mut places);
        }
        let is_twin = !rows.end_before(glyph)
            && places
                .get_or_insert_with(|| Places::of(&kept, glyphs.len()))
                .any_around(glyph, |other| is_overprint(glyph, kept[other]));
        if is_twin {
            word.dropped += 1;
        } else {
            if let Some(places) = &mut places {
                places.add(cell(glyph.start));
            }
            rows.add(glyph);
            kept.push(glyph);
            word.kept += usize::from(is_inked);
        }
    }
    word.end(&mut kept, &mut places);
    kept
}

/// How much of a word was an overprint.
#[derive(Default)]
struct Word {
    kept: usize,
    dropped: usize,
}

impl Word {
    /// What is left of a word that is printed a second time is no word of its own: its quotes were
    /// other ones, or stood elsewhere.
    fn end(&mut self, kept: &mut Vec<&Glyph>, places: &mut Option<Places>) {
        let rest = kept.len() - self.kept.min(kept.len());
        let is_second =
            self.dropped > self.kept && kept[rest..].iter().all(|glyph| is_stray(&glyph.text));
        if is_second && self.kept > 0 {
            kept.truncate(rest);
            if let Some(places) = places {
                places.forget_after(rest);
            }
        }
        *self = Self::default();
    }
}

fn is_stray(text: &str) -> bool {
    !text.contains(char::is_alphanumeric)
}

/// How far to the right there is a glyph in each row of cells: most are written from left to right, and
/// have none where they are.
struct Rows([f32; ROWS]);

impl Default for Rows {
    fn default() -> Self {
        Self([f32::NEG_INFINITY; ROWS])
    }
}

impl Rows {
    fn add(&mut self, glyph: &Glyph) {
        let ends = &mut self.0[row(glyph.start.1)];
        *ends = ends.max(glyph.start.0);
    }

    /// Whether all glyphs of the rows that this one may be in are left of it.
    fn end_before(&self, glyph: &Glyph) -> bool {
        let ((x, y), near) = (glyph.start, OVERPRINT * glyph.size);
        // It may be in two.
        near <= CELL / 2.0
            && [y - near, y + near]
                .iter()
                .all(|y| self.0[row(*y)] < x - near)
    }
}

/// Rows far apart may be one, which costs a comparison and changes nothing.
fn row(y: f32) -> usize {
    cell((0.0, y)).1 as u32 as usize % ROWS
}

/// Which glyphs are in a cell, as chains in two lists: a page has thousands of glyphs, and a map
/// of them cost more than all the rest of laying them out.
struct Places {
    /// The latest glyph of each group of cells.
    latest: Vec<u32>,
    /// For each glyph, the one before it in its group.
    before: Vec<u32>,
}

impl Places {
    /// Those of these glyphs, with room for so many in all.
    fn of(kept: &[&Glyph], glyphs: usize) -> Self {
        let mut places = Self {
            latest: vec![NONE; (2 * glyphs).next_power_of_two().max(16)],
            before: Vec::with_capacity(glyphs),
        };
        for glyph in kept {
            places.add(cell(glyph.start));
        }
        places
    }

    /// The next glyph is in that cell.
    fn add(&mut self, cell: (i32, i32)) {
        let group = self.group(cell);
        self.before.push(self.latest[group]);
        self.latest[group] = (self.before.len() - 1) as u32;
    }

    /// Only the first so many glyphs are left.
    fn forget_after(&mut self, glyphs: usize) {
        for latest in &mut self.latest {
            while *latest != NONE && *latest as usize >= glyphs {
                *latest = self.before[*latest as usize];
            }
        }
        self.before.truncate(glyphs);
    }

    /// Whether any glyph that may be at the place of this one is such a one.
    fn any_around(&self, glyph: &Glyph, is_such: impl Fn(usize) -> bool) -> bool {
        let ((x, y), near) = (glyph.start, OVERPRINT * glyph.size);
        let ((left, top), (right, bottom)) =
            (cell((x - near, y - near)), cell((x + near, y + near)));
        let (column, row) = cell(glyph.start);
        // Mostly it is one cell. Of very large glyphs the neighbours are enough.
        for column in left.max(column.saturating_sub(1))..=right.min(column.saturating_add(1)) {
            for row in top.max(row.saturating_sub(1))..=bottom.min(row.saturating_add(1)) {
                if self.any((column, row), &is_such) {
                    return true;
                }
            }
        }
        false
    }

    /// Whether any glyph of the cell's group is such a one.
    fn any(&self, cell: (i32, i32), is_such: impl Fn(usize) -> bool) -> bool {
        let mut next = self.latest[self.group(cell)];
        while next != NONE {
            if is_such(next as usize) {
                return true;
            }
            next = self.before[next as usize];
        }
        false
    }

    /// Cells far apart may share a group, which costs a comparison and changes nothing.
    fn group(&self, (column, row): (i32, i32)) -> usize {
        let mixed =
            (column as u32).wrapping_mul(0x9e37_79b1) ^ (row as u32).wrapping_mul(0x85eb_ca77);
        (mixed ^ (mixed >> 15)) as usize & (self.latest.len() - 1)
    }
}

/// Rounded towards zero, where one cell is twice as large: rounding down takes a call.
fn cell((x, y): (f32, f32)) -> (i32, i32) {
    ((x / CELL) as i32, (y / CELL) as i32)
}

/// Whether two characters look alike, as straight quotes and curved ones do.
fn is_alike(one: &str, other: &str) -> bool {
    const ALIKE: [&[&str]; 3] = [
        &["'", "‘", "’", "`", "´", "′"],
        &["\"", "“", "”", "″"],
        &["-", "‐", "‑", "–", "−"],
    ];
    one == other
        || ALIKE
            .iter()
            .any(|alike| alike.contains(&one) && alike.contains(&other))
}

fn is_overprint(one: &Glyph, other: &Glyph) -> bool {
    let near = OVERPRINT * one.size.min(other.size);
    (one.start.0 - other.start.0).abs() < near
        && (one.start.1 - other.start.1).abs() < near
        && is_alike(&one.text, &other.text)
}
