//! Why a file is refused whole, with its place: a statement that was read in part would hide money.

use crate::{
    receivables::intake::FileRefusal,
    types::{Money, MoneyError},
};

/// A refused file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than {0} bytes: send a day or a week at a time")]
    TooLarge(usize),
    #[error("more than {0} entries: send a day or a week at a time")]
    TooMany(usize),
    #[error("this is no bank statement that is read: send camt.053, camt.054, MT940, Norma 43 or CSV")]
    Unknown,
    #[error("{0} tells what may still change: send the statement of the day (camt.053, MT940) or its notifications (camt.054)")]
    Interim(&'static str),
    #[error("`{0}` is no version of camt.053 or camt.054 that is read (02 to 08)")]
    Version(String),
    #[error("this is no report on payment orders that is read (pain.002, 03 to 13): {0}")]
    NoReport(String),
    #[error("there is no statement in this file")]
    NoStatement,
    #[error(transparent)]
    File(#[from] FileRefusal),
    #[error("{place}: {fault}")]
    At { place: String, fault: Fault },
}

/// What is wrong at a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("`{0}` is not a day")]
    NotADay(String),
    #[error("`{0}` is neither credit nor debit")]
    NeitherWay(String),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error("{0}")]
    Amount(String),
    #[error("this cannot stand here: {0}")]
    Order(String),
    #[error("{what} is {said} in the file, but its entries make {reckoned}")]
    Total { what: &'static str, said: String, reckoned: String },
    #[error("the opening balance and the entries make {reckoned}, but the closing balance is {closing}: something is missing")]
    Balance { reckoned: Money, closing: Money },
    #[error("the column `{0}` cannot be read one way only: write days as 2026-03-31 and amounts with one decimal mark")]
    Ambiguous(&'static str),
}

/// `fault` on a line of the file, counted from 1.
#[must_use]
pub fn at_line(line: usize, fault: Fault) -> Refusal {
    Refusal::At { place: format!("line {line}"), fault }
}

/// What was found, cut to what can be shown.
#[must_use]
pub fn shown(text: &str) -> String {
    text.trim().chars().take(40).collect()
}
