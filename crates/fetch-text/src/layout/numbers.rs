//! The numbers that pleadings and transcripts have beside their lines. They are no words of the
//! text: read along with it, they stand in the middle of its sentences.

use super::Word;

/// Numbered lines that a page has at least.
const FEWEST: u32 = 15;
/// And at most.
const MOST: u32 = 40;
/// Numbers that end, or begin, within this share of the font size of each other are in one column.
const SAME_EDGE: f32 = 0.7;
/// Distances between numbers within this share of the usual one are even.
const EVEN: f32 = 0.3;
/// Numbers that may be missing in a row of them, as where a stamp covers one.
const MISSING: u32 = 4;
/// The first of them is one of so many.
const FIRST: u32 = 3;
/// A gap of this many font sizes in a numbered line is between the cells of a table.
const CELL_GAP: f32 = 3.0;
/// Share of the numbered lines with such gaps from which they are a table's.
const TABLE_SHARE: f32 = 0.6;
/// Numbers that have text beside them at least: a first page is half empty.
const WITH_TEXT: usize = 4;
/// Text within so many font sizes to the right of its number is beside it.
const BESIDE: f32 = 45.0;

/// Takes the columns of line numbers out of the words, from the top down.
pub(super) fn taken(words: &mut Vec<Word>) -> Vec<Vec<Word>> {
    let mut columns: Vec<Vec<usize>> = Vec::new();
    let mut numbered: Vec<(u32, usize)> = words
        .iter()
        .enumerate()
        .filter_map(|(index, word)| Some((number(&word.text)?, index)))
        .collect();
    if numbered.len() < FEWEST as usize {
        return Vec::new();
    }
    // Down the page, so that a column is met in its order.
    numbered
        .sort_by(|(_, one), (_, other)| words[*one].baseline.total_cmp(&words[*other].baseline));
    let mut is_taken = vec![false; words.len()];
    for (position, (value, index)) in numbered.iter().enumerate() {
        if *value > FIRST || is_taken[*index] {
            continue;
        }
        let column = column_from(words, &numbered[position..], &is_taken);
        if is_beside_text(words, &column) {
            for index in &column {
                is_taken[*index] = true;
            }
            columns.push(column);
        }
    }
    columns.sort_by(|one, other| {
        let top = |column: &[usize]| column.first().map_or(0.0, |first| words[*first].baseline);
        top(one).total_cmp(&top(other))
    });
    let columns = columns
        .into_iter()
        .map(|column| {
            column
                .into_iter()
                .map(|index| words[index].clone())
                .collect()
        })
        .collect();
    let mut taken = is_taken.into_iter();
    words.retain(|_| !taken.next().unwrap_or(false));
    columns
}

fn number(text: &str) -> Option<u32> {
    let is_short = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = is_short.then(|| text.parse().ok()).flatten()?;
    (1..=MOST).contains(&value).then_some(value)
}

/// The longest row of even, growing numbers below each other that begins with the first of these.
fn column_from(words: &[Word], numbered: &[(u32, usize)], is_taken: &[bool]) -> Vec<usize> {
    let Some(((first_value, first), later)) = numbered.split_first() else {
        return Vec::new();
    };
    let mut column = vec![*first];
    let (mut value, mut step) = (*first_value, None::<f32>);
    for (next, index) in later {
        let (word, last) = (&words[*index], &words[column[column.len() - 1]]);
        let edge = SAME_EDGE * word.size;
        let is_below =
            (word.right - last.right).abs() < edge || (word.left - last.left).abs() < edge;
        if is_taken[*index] || !is_below || *next <= value || *next > value + 1 + MISSING {
            continue;
        }
        let distance = (word.baseline - last.baseline) / (next - value) as f32;
        let is_even = step.is_none_or(|step| (distance - step).abs() < EVEN * step);
        if distance <= 0.0 || !is_even {
            continue;
        }
        step = Some(step.unwrap_or(distance));
        value = *next;
        column.push(*index);
    }
    column
}

/// Whether a column of numbers stands at the left of lines of text, none of which is between.
fn is_beside_text(words: &[Word], column: &[usize]) -> bool {
    if column.len() < FEWEST as usize {
        return false;
    }
    let (mut with_text, mut with_cells, mut with_text_before) = (0, 0, 0);
    for index in column {
        let number = &words[*index];
        let on_line = |word: &&Word| {
            (word.baseline - number.baseline).abs() < 0.5 * number.size.max(word.size)
        };
        let mut right: Vec<&Word> = words
            .iter()
            .filter(on_line)
            .filter(|word| {
                word.left >= number.right && word.left < number.right + BESIDE * number.size
            })
            .collect();
        right.sort_by(|one, other| one.left.total_cmp(&other.left));
        let near = |word: &Word| number.left - word.right;
        with_text_before += usize::from(
            words
                .iter()
                .filter(on_line)
                .any(|word| (0.0..CELL_GAP * number.size).contains(&near(word))),
        );
        with_text += usize::from(!right.is_empty());
        let far = |pair: &[&Word]| {
            let is_speaker = pair[0].text.trim_end_matches(['.', ':']).len() < 2;
            !is_speaker && pair[1].left - pair[0].right > CELL_GAP * number.size
        };
        with_cells += usize::from(right.windows(2).any(far));
    }
    let share = |part: usize| part as f32 / with_text.max(1) as f32;
    with_text >= WITH_TEXT && share(with_cells) < TABLE_SHARE && share(with_text_before) < 0.2
}
