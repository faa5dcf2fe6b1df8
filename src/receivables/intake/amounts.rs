//! Amounts as spreadsheets write them: which mark divides the cents is decided over the whole column, never cell by cell.
//!
//! What may never happen here: a float, or `1.234` read once as a thousand and once as one.

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use crate::types::{Currency, Money, MoneyError};

/// The mark before the cents; the other one may group thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    Comma,
    Point,
}

impl Mark {
    const fn sign(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Point => '.',
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Comma => Self::Point,
            Self::Point => Self::Comma,
        }
    }
}

/// What the cells of a column prove.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Evidence {
    #[default]
    Unneeded,
    /// At least one cell such as `1.234` reads either way, and none tells.
    Undecided,
    Proven(Mark),
    Contradictory,
}

impl Evidence {
    /// What two parts of a column prove together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Contradictory, _) | (_, Self::Contradictory) => Self::Contradictory,
            (Self::Proven(one), Self::Proven(two)) if one != two => Self::Contradictory,
            (Self::Proven(mark), _) | (_, Self::Proven(mark)) => Self::Proven(mark),
            (Self::Undecided, _) | (_, Self::Undecided) => Self::Undecided,
            (Self::Unneeded, Self::Unneeded) => Self::Unneeded,
        }
    }
}

/// Reads the cells of one column.
#[must_use]
pub fn evidence<'a>(cells: impl Iterator<Item = &'a str>) -> Evidence {
    let (mut comma, mut point, mut open) = (false, false, false);
    for cell in cells {
        match of_cell(&bare(cell).digits) {
            Evidence::Proven(Mark::Comma) => comma = true,
            Evidence::Proven(Mark::Point) => point = true,
            Evidence::Undecided => open = true,
            Evidence::Unneeded | Evidence::Contradictory => {}
        }
    }
    match (comma, point) {
        (true, true) => Evidence::Contradictory,
        (true, false) => Evidence::Proven(Mark::Comma),
        (false, true) => Evidence::Proven(Mark::Point),
        (false, false) if open => Evidence::Undecided,
        (false, false) => Evidence::Unneeded,
    }
}

fn of_cell(digits: &str) -> Evidence {
    let (commas, points) = (digits.matches(',').count(), digits.matches('.').count());
    let last = match (digits.rfind(','), digits.rfind('.')) {
        (None, None) => return Evidence::Unneeded,
        (comma, point) if comma > point => Mark::Comma,
        _ => Mark::Point,
    };
    match (commas, points) {
        (1, 0) | (0, 1) => match digits.split_once(last.sign()) {
            // Three digits after a lone mark are a thousand, unless nothing that could be thousands stands before it.
            Some((whole, rest)) if rest.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0') => {
                Evidence::Undecided
            }
            _ => Evidence::Proven(last),
        },
        // The same mark twice groups thousands; the cents, if any, follow the other one.
        (0, _) | (_, 0) => Evidence::Proven(last.other()),
        _ => Evidence::Proven(last),
    }
}

/// A cell without sign, blanks and currency.
struct Bare {
    digits: String,
    negative: bool,
    currency: Option<String>,
}

fn bare(cell: &str) -> Bare {
    let mut bare = Bare { digits: String::new(), negative: false, currency: None };
    let mut letters = String::new();
    for character in cell.chars() {
        match character {
            '-' | '−' | '(' => bare.negative = true,
            ')' | '\'' | '’' => {}
            '€' => letters.push_str("EUR"),
            '£' => letters.push_str("GBP"),
            letter if letter.is_alphabetic() => letters.extend(letter.to_uppercase()),
            blank if blank.is_whitespace() => {}
            other => bare.digits.push(other),
        }
    }
    bare.currency = Some(letters).filter(|letters| !letters.is_empty());
    bare
}

/// An amount in a column whose mark is decided.
///
/// # Errors
/// No amount, thousands grouped wrongly, or another currency than the row's.
pub fn parse(cell: &str, mark: Mark, currency: Currency) -> Result<Money, Fault> {
    let bare = bare(cell);
    if let Some(other) = bare.currency.filter(|code| code != currency.code()) {
        return Err(match other.parse::<Currency>() {
            Ok(other) => Fault::CurrencyMismatch(other.code().to_owned(), currency.code().to_owned()),
            Err(_) => Fault::NotAnAmount(shown(cell), currency.code().to_owned()),
        });
    }
    let (whole, cents) = bare.digits.split_once(mark.sign()).unwrap_or((&bare.digits, ""));
    let decimal =
        if cents.is_empty() { ungroup(whole, mark) } else { ungroup(whole, mark).map(|whole| format!("{whole}.{cents}")) };
    let sign = if bare.negative { "-" } else { "" };
    let parsed = decimal.map(|decimal| Money::parse_decimal(&format!("{sign}{decimal}"), currency));
    match parsed {
        Some(Ok(money)) => Ok(money),
        Some(Err(MoneyError::Overflow)) => Err(Fault::NotAnAmount(shown(cell), format!("{currency}: it has too many digits"))),
        Some(Err(MoneyError::NotAnAmount(..) | MoneyError::UnknownCurrency(_) | MoneyError::CurrencyMismatch(..))) | None => {
            Err(Fault::NotAnAmount(shown(cell), currency.code().to_owned()))
        }
    }
}

/// Digits without their thousands marks; `None` when the groups are not of three.
fn ungroup(whole: &str, mark: Mark) -> Option<String> {
    let mut groups = whole.split(mark.other().sign());
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let grouped_right = rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3));
    grouped_right.then(|| [&[first], rest.as_slice()].concat().concat())
}

fn shown(cell: &str) -> String {
    cell.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[&str]) -> Evidence {
        evidence(cells.iter().copied())
    }

    #[test]
    fn the_whole_column_decides_the_decimal_mark() {
        assert_eq!(of(&["1.234", "12,5"]), Evidence::Proven(Mark::Comma));
        assert_eq!(of(&["1.234", "12.50"]), Evidence::Proven(Mark::Point));
        assert_eq!(of(&["1.234.567"]), Evidence::Proven(Mark::Comma));
        assert_eq!(of(&["1,234,567.00"]), Evidence::Proven(Mark::Point));
        assert_eq!(of(&["1.234,00", "1,234.00"]), Evidence::Contradictory);
        assert_eq!(of(&["1.234", "100"]), Evidence::Undecided);
        assert_eq!(of(&["1234", "", "x"]), Evidence::Unneeded);
        assert_eq!(of(&["1234.567"]), Evidence::Proven(Mark::Point));
        assert_eq!(of(&["0.500"]), Evidence::Proven(Mark::Point));
    }

    #[test]
    fn amounts_are_read_by_the_mark_of_their_column() {
        let table = [
            ("1.234,56", Mark::Comma, 123_456),
            ("1 234,56 €", Mark::Comma, 123_456),
            ("1\u{202f}234,5", Mark::Comma, 123_450),
            ("1.234", Mark::Comma, 123_400),
            ("1,234.56", Mark::Point, 123_456),
            ("1'234.56", Mark::Point, 123_456),
            ("EUR 12", Mark::Point, 1_200),
            ("-5,00", Mark::Comma, -500),
            ("(5,00)", Mark::Comma, -500),
            ("5,00-", Mark::Comma, -500),
            ("1234567,00", Mark::Comma, 123_456_700),
        ];
        for (cell, mark, minor) in table {
            assert_eq!(parse(cell, mark, Currency::EUR), Ok(Money::new(minor, Currency::EUR)), "{cell}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for cell in ["", "abc", "1.23,45", "12.34.56", "1,2,3", "1,234", "0x10", "1e5", "99999999999999999999", "¤5", "..", ","]
        {
            assert!(parse(cell, Mark::Comma, Currency::EUR).is_err(), "{cell}");
        }
        assert!(matches!(parse("5 USD", Mark::Comma, Currency::EUR), Err(Fault::CurrencyMismatch(..))));
    }
}
