//! Dates as spreadsheets write them: which of two numbers is the day is decided over the whole column, never cell by cell.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What a column says about the order of its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    DayFirst,
    MonthFirst,
}

/// What the cells of a column prove.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Evidence {
    /// Nothing has to be decided: every date begins with its year, or both readings agree.
    #[default]
    Unneeded,
    Undecided,
    Proven(Order),
    /// Some cells can only be read one way, some only the other.
    Contradictory,
}

impl Evidence {
    /// What two parts of a column prove together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Contradictory, _) | (_, Self::Contradictory) => Self::Contradictory,
            (Self::Proven(one), Self::Proven(two)) if one != two => Self::Contradictory,
            (Self::Proven(order), _) | (_, Self::Proven(order)) => Self::Proven(order),
            (Self::Undecided, _) | (_, Self::Undecided) => Self::Undecided,
            (Self::Unneeded, Self::Unneeded) => Self::Unneeded,
        }
    }
}

/// Reads the cells of one column.
#[must_use]
pub fn evidence<'a>(cells: impl Iterator<Item = &'a str>) -> Evidence {
    let (mut day_first, mut month_first, mut open) = (false, false, false);
    for (first, second) in cells.filter_map(numbers).filter_map(|numbers| match numbers {
        Numbers::YearFirst(..) => None,
        Numbers::YearLast(first, second, _) => Some((first, second)),
    }) {
        day_first |= first > 12 && second <= 12;
        month_first |= second > 12 && first <= 12;
        open |= first <= 12 && second <= 12 && first != second;
    }
    match (day_first, month_first) {
        (true, true) => Evidence::Contradictory,
        (true, false) => Evidence::Proven(Order::DayFirst),
        (false, true) => Evidence::Proven(Order::MonthFirst),
        (false, false) if open => Evidence::Undecided,
        (false, false) => Evidence::Unneeded,
    }
}

/// A date in a column whose order is decided. Years of two digits are of this century.
#[must_use]
pub fn parse(cell: &str, order: Order) -> Option<NaiveDate> {
    match (numbers(cell)?, order) {
        (Numbers::YearFirst(year, month, day), _)
        | (Numbers::YearLast(day, month, year), Order::DayFirst)
        | (Numbers::YearLast(month, day, year), Order::MonthFirst) => {
            NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
        }
    }
}

enum Numbers {
    YearFirst(u32, u32, u32),
    YearLast(u32, u32, u32),
}

fn numbers(cell: &str) -> Option<Numbers> {
    // A time of day after the date is of no interest.
    let date = cell.trim().split(['T', ' ']).next()?;
    if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Numbers::YearFirst(number(date.get(..4)?)?, number(date.get(4..6)?)?, number(date.get(6..)?)?));
    }
    let mut parts = date.split(['/', '-', '.']);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || second.len() > 2 {
        return None;
    }
    match (first.len(), third.len()) {
        (4, 1..=2) => Some(Numbers::YearFirst(number(first)?, number(second)?, number(third)?)),
        (1..=2, 4) => Some(Numbers::YearLast(number(first)?, number(second)?, number(third)?)),
        (1..=2, 2) => Some(Numbers::YearLast(number(first)?, number(second)?, number(third)?.checked_add(2000)?)),
        _ => None,
    }
}

fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[&str]) -> Evidence {
        evidence(cells.iter().copied())
    }

    #[test]
    fn the_whole_column_decides_which_number_is_the_day() {
        assert_eq!(of(&["03/04/2026", "25/04/2026"]), Evidence::Proven(Order::DayFirst));
        assert_eq!(of(&["03/04/2026", "04/25/2026"]), Evidence::Proven(Order::MonthFirst));
        assert_eq!(of(&["25/04/2026", "04/25/2026"]), Evidence::Contradictory);
        assert_eq!(of(&["03/04/2026", "01.02.26"]), Evidence::Undecided);
        assert_eq!(of(&["2026-04-03", "20260403", "05/05/2026", "", "soon"]), Evidence::Unneeded);
    }

    #[test]
    fn dates_are_read_in_the_order_of_their_column() {
        let april = NaiveDate::from_ymd_opt(2026, 4, 3);
        for cell in ["3/4/2026", "03.04.26", "2026-04-03", "2026/4/3", "20260403", "2026-04-03T10:00:00Z", "03-04-2026 00:00"] {
            assert_eq!(parse(cell, Order::DayFirst), april, "{cell}");
        }
        assert_eq!(parse("04/03/2026", Order::MonthFirst), april);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for cell in
            ["", "46115", "31/02/2026", "2026-13-01", "1/2", "1/2/3/4", "+1/2/2026", "a/b/cccc", "１/2/2026", "/ /", "1//2026"]
        {
            assert_eq!(parse(cell, Order::DayFirst), None, "{cell}");
        }
    }
}
