//! Tells the story on standard output: chapters, steps with the time of the movable clock, details, tables.
//!
//! Calm colours on a terminal, plain text anywhere else. Nothing here knows what happens, only how it is told.

use std::io::IsTerminal;

use chrono::{DateTime, Utc};

use crate::cli::say;

/// Where the story takes place; instants are told on its clocks.
pub const ZONE: chrono_tz::Tz = chrono_tz::Europe::Madrid;
const RULE_CHARS: usize = 100;
const WHO_CHARS: usize = 24;
/// Under the text of a step: time (16), two gaps, who.
const INDENT: usize = 16 + 2 + WHO_CHARS + 2;

const BOLD: &str = "1";
const DIM: &str = "2";
const CALM_BLUE: &str = "34";
const CALM_GREEN: &str = "32";

/// The teller.
#[derive(Debug, Clone, Copy)]
pub struct Narrator {
    colours: bool,
}

impl Narrator {
    pub fn new() -> Self {
        Self { colours: std::io::stdout().is_terminal() }
    }

    fn painted(self, colour: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A line as it is.
    pub fn line(self, text: &str) {
        say(text);
    }

    /// A new chapter.
    pub fn chapter(self, title: &str) {
        let head = format!("── {title} ");
        let rule = "─".repeat(RULE_CHARS.saturating_sub(head.chars().count()));
        say("");
        say(&self.painted(BOLD, &format!("{head}{rule}")));
    }

    /// Who does what, when.
    pub fn step(self, at: DateTime<Utc>, who: &str, what: &str) {
        let time = self.painted(DIM, &moment(at));
        let who = self.painted(CALM_BLUE, &format!("{who:<WHO_CHARS$}"));
        say(&format!("{time}  {who}  {what}"));
    }

    /// More of the step before.
    pub fn detail(self, text: &str) {
        say(&format!("{:INDENT$}{}", "", self.painted(DIM, text)));
    }

    /// Something that was asserted and holds.
    pub fn holds(self, text: &str) {
        say(&format!("{:INDENT$}{} {text}", "", self.painted(CALM_GREEN, "✓")));
    }

    /// Columns as wide as their widest cell. Amounts stand under each other by their last digit.
    pub fn table(self, head: &[&str], rows: &[Vec<String>]) {
        let numbers = rows.iter().flatten().any(|cell| cell.ends_with(" EUR"));
        let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
        let widths: Vec<usize> = (0..head.len())
            .map(|column| {
                std::iter::once(&head)
                    .chain(rows)
                    .filter_map(|row| row.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let drawn = |row: &[String]| -> String {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
                0 => format!("{cell:<width$}"),
                _ if numbers => format!("{cell:>width$}"),
                _ => format!("{cell:<width$}"),
            });
            cells.collect::<Vec<_>>().join("  ")
        };
        say(&self.painted(BOLD, &drawn(&head)));
        for row in rows {
            say(&drawn(row));
        }
    }
}

/// `Mon 07 Sep 09:00`, in Madrid.
pub fn moment(at: DateTime<Utc>) -> String {
    at.with_timezone(&ZONE).format("%a %d %b %H:%M").to_string()
}

/// `1,210.00 EUR`: for readers of an English story.
pub fn euros(minor: i64) -> String {
    let (sign, digits) = (if minor < 0 { "-" } else { "" }, (minor.unsigned_abs() / 100).to_string());
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}.{:02} EUR", minor.unsigned_abs() % 100)
}

/// `12.5 %` of basis points.
pub fn percent(bp: i64) -> String {
    let (whole, rest) = (bp / 100, (bp % 100).abs());
    match (rest, rest % 10) {
        (0, _) => format!("{whole} %"),
        (_, 0) => format!("{whole}.{} %", rest / 10),
        _ => format!("{whole}.{rest:02} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_and_signed() {
        let told = [(0, "0.00 EUR"), (5, "0.05 EUR"), (121_000, "1,210.00 EUR"), (-123_456_789, "-1,234,567.89 EUR")];
        for (minor, text) in told {
            assert_eq!(euros(minor), text);
        }
    }

    #[test]
    fn rates_carry_no_idle_zeros() {
        assert_eq!([1200, 1250, 1255, 5].map(percent), ["12 %", "12.5 %", "12.55 %", "0.05 %"]);
    }
}
