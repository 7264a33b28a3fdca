//! Aligned columns.

use std::fmt;

/// Rows whose columns line up. Every row is indented a little.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new() -> Table {
        Table::default()
    }

    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            let cells = row.iter().enumerate();
            let line: String = cells
                .map(|(column, cell)| format!("{cell:<0$}  ", self.width(column)))
                .collect();
            writeln!(formatter, "   {}", line.trim_end())?;
        }
        Ok(())
    }
}

/// So many things, in words: `1 request`, `2 requests`.
pub(crate) fn counted(count: impl TryInto<i64>, thing: &str) -> String {
    match count.try_into().unwrap_or(i64::MAX) {
        1 => format!("1 {thing}"),
        count => format!("{count} {thing}s"),
    }
}

/// The first `length` characters of a text on one line.
pub(crate) fn shortened(text: &str, length: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= length {
        return line;
    }
    line.chars()
        .take(length.saturating_sub(1))
        .chain(['…'])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_have_no_tails() {
        let mut table = Table::new();
        table.row(["a", "bb", "c"]);
        table.row(["aaa", "b", ""]);
        assert_eq!(table.to_string(), "   a    bb  c\n   aaa  b\n");
    }

    #[test]
    fn one_thing_is_not_several() {
        assert_eq!(counted(1, "request"), "1 request");
        assert_eq!(counted(0_u64, "request"), "0 requests");
        assert_eq!(counted(12_usize, "docket"), "12 dockets");
    }

    #[test]
    fn a_long_text_is_cut_by_characters() {
        assert_eq!(shortened("née  Smith", 20), "née Smith");
        assert_eq!(shortened("née Smith", 4), "née…");
    }
}
