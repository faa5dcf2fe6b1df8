//! How invoices come in: CSV and UBL files of unknown origin, read into one answer a row.
//!
//! What may never happen here: a panic, whatever the bytes; a float; a row without an answer.

mod amounts;
pub mod columns;
mod csv;
mod dates;
pub mod detect;
mod encoding;
pub mod fault;
pub mod fold;
pub mod row;
mod ubl;
mod values;
mod xml;

pub use columns::TEMPLATE;
pub use detect::Format;
pub use fault::{FileRefusal, Note, Refusal};
pub use row::{Candidate, CandidateDebtor, DebtorDraft, Defaults, Draft, check, check_debtor};

/// The largest file taken.
pub const LARGEST_FILE_BYTES: usize = 20 * 1024 * 1024;

/// One row of a file, by its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub row: u32,
    pub draft: Result<Draft, Refusal>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub format: Format,
    pub rows: Vec<Row>,
    pub notes: Vec<Note>,
}

/// Reads a file, whatever it says it is.
///
/// # Errors
/// The file as a whole cannot be read: see [`FileRefusal`].
pub fn read(bytes: &[u8], defaults: &Defaults) -> Result<Reading, FileRefusal> {
    if bytes.len() > LARGEST_FILE_BYTES {
        return Err(FileRefusal::TooLarge(LARGEST_FILE_BYTES));
    }
    match detect::detect(bytes)? {
        Format::Ubl => {
            Ok(Reading { format: Format::Ubl, rows: vec![Row { row: 1, draft: ubl::read(bytes)? }], notes: Vec::new() })
        }
        Format::Csv | Format::Json => {
            let (rows, notes) = csv::read(bytes, defaults)?;
            Ok(Reading { format: Format::Csv, rows, notes })
        }
    }
}

#[cfg(test)]
mod tests;
