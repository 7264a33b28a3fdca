//! Columns: text that is read down, not across.
//!
//! A corridor that no word crosses over many lines parts a page into columns, or the columns of a
//! table. Columns hold running text, or the lines of an index; whatever else stands side by side, as
//! in tables, captions and forms, is read by its rows.

use super::{SAME_LINE, Word};

/// Fewer words than this are not parted.
const FEWEST_WORDS: usize = 40;
/// Lines that a column has at least.
const FEWEST_LINES: usize = 5;
/// Steps over the width of the text in which corridors are sought; a power of two of bits.
const STEPS: usize = 512;
const BITS: usize = STEPS / 64;
/// Steps at either side in which none is sought.
const RIM: usize = 4;
/// How wide a corridor is at least, in font sizes: between many lines, and between few.
const CORRIDOR: f32 = 0.8;
const SHORT_CORRIDOR: f32 = 1.4;
/// Fewer lines are few.
const MANY_LINES: usize = 12;
/// Running text: words in a line, and the share of the column's width that a line fills.
const WORDS_IN_A_LINE: f32 = 2.6;
const FILLED: f32 = 0.6;
/// Share of words with a digit from which they are figures.
const FIGURES: f32 = 0.5;
/// How much wider one column may be than another.
const UNEQUAL: f32 = 3.0;
/// Share of an index's lines that point to lines of pages.
const POINTING: f32 = 0.5;
/// Share of an index's neighbours that are in the order of the alphabet, and words to tell from.
const IN_ORDER: f32 = 0.85;
const ENOUGH_IN_ORDER: usize = 8;
/// A sheet is this much wider than high, its pages of nearly one width, each with so many lines.
const LANDSCAPE: f32 = 1.15;
const PAGES_UNEQUAL: f32 = 1.4;
const PAGE_LINES: usize = 12;
/// Share of a column of line numbers that are numbers.
const NUMBERS_SHARE: f32 = 0.8;
/// Runs of rows that are looked at.
const MOST_RUNS: usize = 12;
/// A row at the end of columns that is further from the one above than so many usual distances is
/// not theirs, if it stands at one side alone.
const FAR_ROW: f32 = 2.2;
/// Columns within columns.
const DEPTH: usize = 6;

type Bits = [u64; BITS];

/// The words, parted into regions in reading order. Most pages are one.
pub(super) fn regions(words: Vec<Word>) -> Vec<Vec<Word>> {
    let mut regions = Vec::new();
    part(words, 0, &mut regions);
    regions
}

fn part(words: Vec<Word>, depth: usize, regions: &mut Vec<Vec<Word>>) {
    if words.is_empty() {
        return;
    }
    let columns = (depth < DEPTH && words.len() >= FEWEST_WORDS)
        .then(|| Rows::of(&words).and_then(|rows| rows.columns()))
        .flatten();
    let Some(Columns {
        above,
        below,
        edges,
    }) = columns
    else {
        regions.push(words);
        return;
    };
    let (mut over, mut under) = (Vec::new(), Vec::new());
    let mut between: Vec<Vec<Word>> = vec![Vec::new(); edges.len() + 1];
    for word in words {
        if word.baseline < above {
            over.push(word);
        } else if word.baseline > below {
            under.push(word);
        } else {
            let middle = (word.left + word.right) / 2.0;
            let column = edges.iter().filter(|edge| middle > **edge).count();
            between[column].push(word);
        }
    }
    for words in [vec![over], between, vec![under]].into_iter().flatten() {
        part(words, depth + 1, regions);
    }
}

/// Where columns are.
struct Columns {
    /// Words with a baseline above are above all of them.
    above: f32,
    /// Words with a baseline below are below all of them.
    below: f32,
    /// The middles of the corridors.
    edges: Vec<f32>,
}

/// The words of a region by their rows.
struct Rows<'word> {
    rows: Vec<Row<'word>>,
    left: f32,
    step: f32,
    /// The usual font size.
    size: f32,
}

struct Row<'word> {
    words: Vec<&'word Word>,
    baseline: f32,
    covered: Bits,
}

impl<'word> Rows<'word> {
    fn of(words: &'word [Word]) -> Option<Self> {
        let left = words.iter().map(|word| word.left).fold(f32::MAX, f32::min);
        let right = words.iter().map(|word| word.right).fold(f32::MIN, f32::max);
        let step = (right - left) / STEPS as f32;
        let mut sizes: Vec<f32> = words.iter().map(|word| word.size).collect();
        let middle = sizes.len() / 2;
        let (_, size, _) = sizes.select_nth_unstable_by(middle, f32::total_cmp);
        let size = *size;
        if !(step > 0.0 && step.is_finite() && size > 0.0) {
            return None;
        }
        let mut ordered: Vec<&Word> = words.iter().collect();
        ordered.sort_by(|one, other| one.baseline.total_cmp(&other.baseline));
        let mut rows: Vec<Row<'_>> = Vec::new();
        for word in ordered {
            match rows.last_mut() {
                Some(row) if word.baseline - row.baseline <= SAME_LINE * size.min(24.0) => {
                    row.words.push(word);
                }
                _ => rows.push(Row {
                    words: vec![word],
                    baseline: word.baseline,
                    covered: [0; BITS],
                }),
            }
        }
        let place = |x: f32| (((x - left) / step) as usize).min(STEPS - 1);
        for row in &mut rows {
            for word in row.words.iter().filter(|word| !word.is_doubtful) {
                cover(&mut row.covered, place(word.left), place(word.right));
            }
        }
        Some(Self {
            rows,
            left,
            step,
            size,
        })
    }

    /// The columns of the run of rows that has most of them over most rows.
    fn columns(&self) -> Option<Columns> {
        let mut runs = self.runs();
        runs.sort_by_key(|(first, last)| (std::cmp::Reverse(last - first), *first));
        runs.dedup();
        let found = runs
            .into_iter()
            .take(MOST_RUNS)
            .filter_map(|(first, last)| {
                let columns = self.columns_between(first, last)?;
                Some((columns.edges.len() * (last + 1 - first), columns))
            });
        // Of those that have as much, the first is the longest.
        let best = found.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, columns)| columns)
    }

    /// Runs of rows that all leave a place free which has text at both sides.
    fn runs(&self) -> Vec<(usize, usize)> {
        let mut runs = Vec::new();
        let mut starts = [0; STEPS];
        let mut before: Bits = [u64::MAX; BITS];
        for end in 0..=self.rows.len() {
            let covered = self
                .rows
                .get(end)
                .map_or([u64::MAX; BITS], |row| row.covered);
            // From a row to the next few places change, whatever the number of places.
            for word in 0..BITS {
                let mut changed = before[word] ^ covered[word];
                while changed != 0 {
                    let bit = changed.trailing_zeros() as usize;
                    changed &= changed - 1;
                    let place = word * 64 + bit;
                    if covered[word] & (1 << bit) == 0 {
                        starts[place] = end;
                    } else if self.has_both_sides(starts[place], end, place) {
                        runs.push((starts[place], end - 1));
                    }
                }
            }
            before = covered;
        }
        runs
    }

    fn has_both_sides(&self, first: usize, end: usize, place: usize) -> bool {
        if end - first < FEWEST_LINES || !(RIM..STEPS - RIM).contains(&place) {
            return false;
        }
        let rows = &self.rows[first..end];
        let left = rows.iter().filter(|row| any_before(&row.covered, place));
        let right = rows.iter().filter(|row| any_after(&row.covered, place));
        left.count() >= FEWEST_LINES && right.count() >= FEWEST_LINES
    }

    fn columns_between(&self, first: usize, last: usize) -> Option<Columns> {
        let rows = &self.rows[first..=last];
        let mut covered = [0; BITS];
        for row in rows {
            for (all, part) in covered.iter_mut().zip(row.covered) {
                *all |= part;
            }
        }
        let wide = match rows.len() < MANY_LINES {
            true => SHORT_CORRIDOR,
            false => CORRIDOR,
        };
        let edges: Vec<f32> = free_runs(&covered)
            .into_iter()
            .filter(|(from, to)| (to - from) as f32 * self.step >= wide * self.size)
            .map(|(from, to)| self.left + (from + to) as f32 / 2.0 * self.step)
            .collect();
        let edges = self.columns_of(rows, edges)?;
        let rows = &rows[..rows.len() - far_rows(rows, &edges)];
        let half = 0.1 * self.size;
        Some(Columns {
            above: rows.first()?.baseline - half,
            below: rows
                .last()?
                .words
                .iter()
                .map(|word| word.baseline)
                .fold(f32::MIN, f32::max)
                + half,
            edges,
        })
    }

    /// The corridors that part columns; `None` when what stands side by side is read by rows.
    fn columns_of(&self, rows: &[Row<'_>], mut edges: Vec<f32>) -> Option<Vec<f32>> {
        let words: Vec<&Word> = rows
            .iter()
            .flat_map(|row| row.words.iter().copied())
            .collect();
        // The numbers of lines belong to the text at their right.
        let numbers: Vec<bool> = parted(&words, &edges)
            .iter()
            .map(are_line_numbers)
            .collect();
        let mut place = 0;
        edges.retain(|_| {
            place += 1;
            !numbers[place - 1]
        });
        if edges.is_empty() {
            return None;
        }
        let columns: Vec<Column<'_>> = parted(&words, &edges)
            .into_iter()
            .filter_map(Column::of)
            .collect();
        let are_columns = columns.len() == edges.len() + 1
            && (is_running_text(&columns) || is_index(&columns) || self.are_pages(&columns, rows));
        are_columns.then_some(edges)
    }

    /// Whether two pages were put beside each other on a sheet that is wider than high.
    fn are_pages(&self, columns: &[Column<'_>], rows: &[Row<'_>]) -> bool {
        let [left, right] = columns else {
            return false;
        };
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return false;
        };
        let high = last.baseline - first.baseline;
        let wide = self.step * STEPS as f32;
        let lines = left.lines.len().min(right.lines.len());
        wide > LANDSCAPE * high
            && left.width.max(right.width) <= PAGES_UNEQUAL * left.width.min(right.width)
            && lines >= PAGE_LINES
            && [left, right].iter().any(|page| page.is_running_text())
    }
}

/// How many rows at the end stand apart, as a page's foot does.
fn far_rows(rows: &[Row<'_>], edges: &[f32]) -> usize {
    let mut steps: Vec<f32> = rows
        .windows(2)
        .map(|pair| pair[1].baseline - pair[0].baseline)
        .collect();
    let middle = steps.len() / 2;
    if steps.is_empty() {
        return 0;
    }
    let (_, step, _) = steps.select_nth_unstable_by(middle, f32::total_cmp);
    let far = FAR_ROW * *step;
    let is_far = |pair: &[Row<'_>]| pair[1].baseline - pair[0].baseline > far;
    let from = rows.len().saturating_sub(3);
    let Some(place) = rows[from..].windows(2).position(is_far) else {
        return 0;
    };
    let foot = &rows[from + place + 1..];
    let words: Vec<&Word> = foot
        .iter()
        .flat_map(|row| row.words.iter().copied())
        .collect();
    let sides = parted(&words, edges)
        .iter()
        .filter(|side| !side.is_empty())
        .count();
    match sides < 2 {
        true => foot.len(),
        false => 0,
    }
}

/// The words between corridors.
fn parted<'word>(words: &[&'word Word], edges: &[f32]) -> Vec<Vec<&'word Word>> {
    let mut columns = vec![Vec::new(); edges.len() + 1];
    for word in words {
        let middle = (word.left + word.right) / 2.0;
        columns[edges.iter().filter(|edge| middle > **edge).count()].push(*word);
    }
    columns
}

/// Whether words are the numbers of lines: next to nothing but small numbers, each alone.
fn are_line_numbers(words: &Vec<&Word>) -> bool {
    let numbers = words
        .iter()
        .filter(|word| is_number(&word.text) && word.text.len() <= 2);
    words.len() >= FEWEST_LINES && numbers.count() as f32 >= NUMBERS_SHARE * words.len() as f32
}

/// A column, in its lines.
struct Column<'word> {
    lines: Vec<Vec<&'word Word>>,
    width: f32,
}

impl<'word> Column<'word> {
    fn of(mut words: Vec<&'word Word>) -> Option<Self> {
        let left = words.iter().map(|word| word.left).fold(f32::MAX, f32::min);
        let right = words.iter().map(|word| word.right).fold(f32::MIN, f32::max);
        words.sort_by(|one, other| one.baseline.total_cmp(&other.baseline));
        let mut lines: Vec<Vec<&Word>> = Vec::new();
        for word in words {
            match lines.last_mut() {
                Some(line)
                    if word.baseline - line[0].baseline <= SAME_LINE * word.size.min(24.0) =>
                {
                    line.push(word);
                }
                _ => lines.push(vec![word]),
            }
        }
        for line in &mut lines {
            line.sort_by(|one, other| one.left.total_cmp(&other.left));
        }
        (lines.len() >= FEWEST_LINES).then_some(Self {
            lines,
            width: right - left,
        })
    }

    fn words(&self) -> impl Iterator<Item = &&'word Word> {
        self.lines.iter().flatten()
    }

    /// Whether its lines are full, as those of running text are.
    fn is_running_text(&self) -> bool {
        let words = self.words().count() as f32;
        if words / (self.lines.len() as f32) < WORDS_IN_A_LINE {
            return false;
        }
        let figures = self.words().filter(|word| has_digit(&word.text)).count() as f32;
        let mut fills: Vec<f32> = self
            .lines
            .iter()
            .map(|line| fill(line) / self.width)
            .collect();
        let middle = fills.len() / 2;
        let (_, filled, _) = fills.select_nth_unstable_by(middle, f32::total_cmp);
        figures < FIGURES * words && *filled >= FILLED
    }
}

/// How far a line goes, not counting what is left free within it beyond the gaps between words.
fn fill(line: &[&Word]) -> f32 {
    let gaps: f32 = line
        .windows(2)
        .map(|pair| pair[1].left - pair[0].right)
        .zip(line)
        .filter(|(gap, word)| *gap > 2.0 * word.size)
        .map(|(gap, _)| gap)
        .sum();
    match (line.first(), line.last()) {
        (Some(first), Some(last)) => last.right - first.left - gaps,
        _ => 0.0,
    }
}

fn is_running_text(columns: &[Column<'_>]) -> bool {
    let widths = columns.iter().map(|column| column.width);
    let narrowest = widths.clone().fold(f32::MAX, f32::min);
    let widest = widths.fold(f32::MIN, f32::max);
    widest <= UNEQUAL * narrowest && columns.iter().all(Column::is_running_text)
}

/// Whether the columns are those of an index: lines that point to pages, or words in the order of
/// the alphabet, down one column and then the next.
fn is_index(columns: &[Column<'_>]) -> bool {
    let widths = columns.iter().map(|column| column.width);
    let narrowest = widths.clone().fold(f32::MAX, f32::min);
    let widest = widths.fold(f32::MIN, f32::max);
    widest <= UNEQUAL * narrowest && (columns.iter().all(points_to_pages) || are_in_order(columns))
}

fn points_to_pages(column: &Column<'_>) -> bool {
    let points = |word: &Word| {
        let mut parts = word.text.split([',', ';']).filter(|part| !part.is_empty());
        parts.all(|part| {
            part.split_once(':').is_some_and(|(page, line)| {
                is_number(page) && line.split(['-', '–', '—']).all(is_number)
            })
        })
    };
    let pointing = column
        .lines
        .iter()
        .filter(|line| line.iter().any(|word| points(word)));
    pointing.count() as f32 >= POINTING * column.lines.len() as f32
}

fn are_in_order(columns: &[Column<'_>]) -> bool {
    let firsts = |column: &Column<'_>| -> Vec<String> {
        let first = |line: &Vec<&Word>| line.first().map(|word| word.text.to_lowercase());
        let letters = |text: &String| text.starts_with(char::is_alphabetic);
        column
            .lines
            .iter()
            .filter_map(first)
            .filter(letters)
            .collect()
    };
    let columns: Vec<Vec<String>> = columns.iter().map(firsts).collect();
    let down = columns.iter().all(|words| {
        let ordered = words.windows(2).filter(|pair| pair[0] <= pair[1]).count();
        words.len() >= ENOUGH_IN_ORDER && ordered as f32 >= IN_ORDER * (words.len() - 1) as f32
    });
    down && columns
        .windows(2)
        .all(|pair| pair[0].last() <= pair[1].first())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_digit(text: &str) -> bool {
    text.contains(|character: char| character.is_ascii_digit())
}

fn cover(bits: &mut Bits, from: usize, to: usize) {
    let to = to.max(from);
    let (first, last) = (from / 64, to / 64);
    for (word, bits) in bits.iter_mut().enumerate().take(last + 1).skip(first) {
        let start = if word == first { from % 64 } else { 0 };
        let end = if word == last { to % 64 } else { 63 };
        *bits |= (u64::MAX << start) & (u64::MAX >> (63 - end));
    }
}

fn any_before(bits: &Bits, place: usize) -> bool {
    let (word, bit) = (place / 64, place % 64);
    bits[..word].iter().any(|bits| *bits != 0) || bits[word] & ((1 << bit) - 1) != 0
}

fn any_after(bits: &Bits, place: usize) -> bool {
    let (word, bit) = (place / 64, place % 64);
    bits[word + 1..].iter().any(|bits| *bits != 0) || bits[word] >> bit >> 1 != 0
}

/// Runs of places that are free and have something at both sides, each with its end after it.
fn free_runs(bits: &Bits) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = None;
    for place in 0..STEPS {
        let is_free = bits[place / 64] & (1 << (place % 64)) == 0;
        match (is_free, start) {
            (true, None) => start = Some(place),
            (false, Some(from)) => {
                if from > 0 {
                    runs.push((from, place));
                }
                start = None;
            }
            _ => {}
        }
    }
    runs
}
