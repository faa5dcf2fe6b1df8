//! The readers of invoices, and nothing else of the program: a fuzzer need not build the typesetter and the database first.

#[path = "../src/types/mod.rs"]
pub mod types;

pub mod receivables;

use libfuzzer_sys::Corpus;
use receivables::intake::{Defaults, check, read, reader::reader_of};
use types::Country;

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
