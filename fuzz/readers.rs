//! The readers of invoices and bank files, and nothing else of the program: a fuzzer need not build the typesetter and the database first.

#[path = "../src/types/mod.rs"]
pub mod types;

pub mod bank;
pub mod receivables;
pub mod settlement;

use bank::readers::{StatementFormat, Unsaid, pain002};
use libfuzzer_sys::Corpus;
use receivables::intake::{Defaults, check, read, reader::reader_of};
use types::{Country, Currency};

/// Reads bytes as an upload would, and checks every row that came of them. Nothing may panic, and every row has an answer.
/// Bytes that go to another reader than `wanted` are of no use to its corpus.
pub fn take_in(wanted: &str, bytes: &[u8]) -> Corpus {
    if reader_of(bytes) != Some(wanted) {
        return Corpus::Reject;
    }
    let defaults = Defaults {
        issuer: "ES:B12345674".to_owned(),
        country: Country::Spain,
        debtor_kind: None,
        today: chrono::NaiveDate::MAX,
        mapping: receivables::intake::Mapping::default(),
    };
    for row in read(bytes, &defaults).map(|reading| reading.rows).unwrap_or_default() {
        if let Some(document) = &row.document {
            std::hint::black_box((document.draft().is_ok(), document.credited(), document.due()));
        }
        std::hint::black_box(row.draft.and_then(|draft| check(draft, &defaults)).is_ok());
    }
    Corpus::Keep
}

/// Reads bytes as a statement that is sent to us. Nothing may panic, and what is taken is proven whole.
pub fn take_statement(wanted: &[StatementFormat], bytes: &[u8]) -> Corpus {
    let unsaid = Unsaid { account: "ES9121000418450200051332".to_owned(), currency: Currency::EUR };
    match bank::readers::read(bytes, &unsaid) {
        Ok(file) if wanted.contains(&file.format) => {
            std::hint::black_box(file.statements.iter().flat_map(|statement| &statement.entries).map(|entry| entry.text.len()).sum::<usize>());
            Corpus::Keep
        }
        Ok(_) | Err(bank::refusal::Refusal::Unknown | bank::refusal::Refusal::Empty) => Corpus::Reject,
        // Which format it was taken for is not said: near misses are what leads on.
        Err(refusal) => {
            std::hint::black_box(refusal.to_string());
            Corpus::Keep
        }
    }
}

/// Reads bytes as a bank's report on our orders.
pub fn take_report(bytes: &[u8]) -> Corpus {
    match pain002::read(bytes) {
        Ok(report) => {
            std::hint::black_box(report.orders.len());
            Corpus::Keep
        }
        Err(refusal) => {
            std::hint::black_box(refusal.to_string());
            Corpus::Keep
        }
    }
}
