//! Whether files are read as somebody else read them: a list of files with what is in each, compared with our reading.
//!
//! Every difference is named; the list is not taken for the truth (see `--known`).

use serde::Deserialize;

use super::{Defaults, Draft, FileRefusal, Format, InvoiceDocument, Reading, Row, document::Party, read};
use crate::types::Money;

/// One line of a list of files. A column that says nothing says that the file states no such thing.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    pub file: String,
    pub syntax: String,
    pub docs: String,
    pub number: String,
    #[serde(rename = "type")]
    pub type_code: String,
    pub issue: String,
    pub due: String,
    pub currency: String,
    pub total: String,
    pub payable: String,
    pub seller: String,
    pub buyer: String,
}

/// What differs in one field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: expected {expected}, read {read}")]
pub struct Difference {
    pub field: &'static str,
    pub expected: String,
    pub read: String,
}

/// What reading one file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Agrees,
    /// The list has nothing to read in it, and we refuse it for this reason.
    RefusedAsExpected(String),
    Differs(Vec<Difference>),
}

/// Reads a list.
///
/// # Errors
/// No CSV, or a column is missing.
pub fn entries(text: &[u8]) -> Result<Vec<Entry>, ::csv::Error> {
    ::csv::Reader::from_reader(text).into_deserialize().collect()
}

impl Entry {
    fn expects_nothing(&self) -> bool {
        [&self.number, &self.type_code, &self.issue, &self.currency, &self.total, &self.payable, &self.seller, &self.buyer]
            .iter()
            .all(|field| field.trim().is_empty())
    }

    /// Reads the file's content and compares the first document in it.
    #[must_use]
    pub fn compare(&self, content: &[u8], defaults: &Defaults) -> Outcome {
        let reading = read(content, defaults);
        let first = reading.as_ref().map_err(FileRefusal::to_string).and_then(stated);
        match (first, self.expects_nothing()) {
            (Err(reason), true) => Outcome::RefusedAsExpected(reason),
            (Err(reason), false) => Outcome::Differs(vec![difference("file", "a document", &format!("none: {reason}"))]),
            (Ok(_), true) => Outcome::Differs(vec![difference("file", "nothing to read", "a document")]),
            (Ok(stated), false) => {
                let count = reading.map_or(0, |reading| reading.rows.len());
                let differences: Vec<Difference> = self.differences(&stated, count).collect();
                if differences.is_empty() { Outcome::Agrees } else { Outcome::Differs(differences) }
            }
        }
    }

    fn differences(&self, stated: &Stated, count: usize) -> impl Iterator<Item = Difference> {
        let text = |field, expected: &str, read: &[String]| {
            let expected = one_line(expected);
            let agrees = read.contains(&expected) || (expected.is_empty() && read.is_empty());
            (!agrees).then(|| difference(field, &expected, &read.join(" or ")))
        };
        let amount = |field, expected: &str, read: Option<Money>| {
            let wanted = read.and_then(|read| Money::parse_decimal(expected.trim(), read.currency).ok());
            let agrees = read == wanted && read.is_some() != expected.trim().is_empty();
            (!agrees).then(|| difference(field, expected, &read.map(Money::decimal).unwrap_or_default()))
        };
        let syntax = self.syntax.split(' ').next().unwrap_or_default().to_lowercase();
        [
            text("syntax", &syntax, &[stated.format.as_str().to_owned()]),
            text("docs", &self.docs, &[count.to_string()]),
            text("number", &self.number, &stated.numbers),
            text("type", &self.type_code, &stated.type_code),
            text("issue", &self.issue, &stated.issued_on),
            text("due", &self.due, &stated.due_on),
            text("currency", &self.currency, &stated.currency),
            amount("total", &self.total, stated.total),
            amount("payable", &self.payable, stated.payable),
            text("seller", &self.seller, &stated.seller),
            text("buyer", &self.buyer, &stated.buyer),
        ]
        .into_iter()
        .flatten()
    }
}

fn difference(field: &'static str, expected: &str, read: &str) -> Difference {
    let shown = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    Difference { field, expected: shown(expected), read: shown(read) }
}

/// What our reading says, in the fields of a list; several where either spelling is right.
struct Stated {
    format: Format,
    numbers: Vec<String>,
    type_code: Vec<String>,
    issued_on: Vec<String>,
    due_on: Vec<String>,
    currency: Vec<String>,
    total: Option<Money>,
    payable: Option<Money>,
    seller: Vec<String>,
    buyer: Vec<String>,
}

fn stated(reading: &Reading) -> Result<Stated, String> {
    let row = reading.rows.first().ok_or("no document")?;
    match (&row.document, &row.draft) {
        (Some(document), _) => Ok(of_document(row, document)),
        (None, Ok(draft)) => Ok(of_draft(row, draft)),
        (None, Err(refusal)) => Err(match &refusal.column {
            Some(column) => format!("{column}: {}", refusal.reason),
            None => refusal.reason.clone(),
        }),
    }
}

fn of_document(row: &Row, document: &InvoiceDocument) -> Stated {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).into_iter().collect();
    // A list may write the series and the number of Facturae apart, with a bar between.
    let apart = document.number.as_ref().map(|number| format!("{}|{number}", document.series.as_deref().unwrap_or_default()));
    Stated {
        format: row.format,
        numbers: document.full_number().into_iter().chain(apart).map(|number| one_line(&number)).collect(),
        type_code: document.type_code.iter().cloned().collect(),
        issued_on: day(document.issued_on),
        due_on: day(document.due_on),
        currency: document.currency.map(|currency| currency.code().to_owned()).into_iter().collect(),
        total: document.total,
        payable: document.payable,
        seller: names(&document.seller),
        buyer: names(&document.buyer),
    }
}

fn of_draft(row: &Row, draft: &Draft) -> Stated {
    Stated {
        format: row.format,
        numbers: vec![draft.number.clone()],
        type_code: Vec::new(),
        issued_on: vec![draft.issued_on.to_string()],
        due_on: draft.due_on.map(|day| day.to_string()).into_iter().collect(),
        currency: vec![draft.principal.currency.code().to_owned()],
        total: Some(draft.principal),
        payable: Some(draft.principal),
        seller: draft.issuer.iter().cloned().collect(),
        buyer: vec![one_line(&draft.debtor.legal_name)],
    }
}

/// A party has a registered name and may trade under another: a list may give either.
fn names(party: &Party) -> Vec<String> {
    party.name.iter().chain(&party.trading_name).map(|name| one_line(name)).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
