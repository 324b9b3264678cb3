//! Columns of a terminal, where a Chinese character takes two.

/// How many columns a text takes.
pub(in crate::edge::cli) fn width(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// What is not ASCII here is Chinese, in characters or marks.
pub(in crate::edge::cli) const fn columns_of(character: char) -> usize {
    if character.is_ascii() { 1 } else { 2 }
}

/// The rows one below the other, each cell as wide as the widest of its column.
pub(in crate::edge::cli) fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let widest = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..N).map(widest).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).filter(|(_, widest)| **widest > 0);
        let cells = cells
            .map(|(cell, widest)| format!("{cell}{}", " ".repeat(widest - width(cell))))
            .collect::<Vec<_>>();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_in_both_scripts() {
        let rows = [["a", "", "长名"], ["长", "", "b"]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(&rows), ["a   长名", "长  b"]);
        assert!(aligned::<2>(&[]).is_empty());
    }
}
