//! How invoices come in: files of unknown origin, read into one answer for every invoice in them.
//!
//! Each syntax is a [`reader::Reader`]; every XML syntax ends in the one shape of [`InvoiceDocument`], every list in a [`Draft`].
//!
//! What may never happen here: a panic, whatever the bytes; a float; a row without an answer.

pub mod amounts;
mod archive;
mod cii;
pub mod columns;
mod csv;
pub mod dates;
pub mod document;
pub mod encoding;
mod facts;
mod facturae;
mod fatturapa;
pub mod fault;
pub mod manifest;
mod p7m;
pub mod particulars;
mod pdf;
pub mod reader;
pub mod row;
pub mod rules;
mod sheet;
pub mod stream;
mod terms;
mod text;
mod ubl;
mod untdid;
mod values;
pub mod xml;

use std::cell::Cell;

pub use columns::{Mapping, TEMPLATE};
pub use document::{InvoiceDocument, InvoiceKind};
pub use fault::{FileRefusal, Note, Refusal};
pub use particulars::{Particulars, PriorReminder};
pub use reader::Format;
pub use row::{Candidate, CandidateDebtor, DebtorDraft, Defaults, Draft, check, check_debtor};

/// The largest file taken.
pub const LARGEST_FILE_BYTES: usize = 20 * 1024 * 1024;
/// The most that all archives and compressed parts of one upload may unpack to.
const MOST_UNPACKED_BYTES: usize = 200 * 1024 * 1024;

/// One invoice of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line of a list, or position of the document in its file from 1.
    pub row: u32,
    /// The file's path inside an archive.
    pub file: Option<String>,
    /// The syntax of the document itself, whatever it was packed in.
    pub format: Format,
    pub draft: Result<Draft, Refusal>,
    /// What a document says beyond its draft; also there for a credit note, whose draft is refused. Lists have none.
    pub document: Option<Box<InvoiceDocument>>,
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
    let budget = Cell::new(MOST_UNPACKED_BYTES);
    let context = reader::Context { defaults, depth: 0, budget: &budget };
    let reader::Contents { format, rows, notes } = reader::read(bytes, &context)?;
    Ok(Reading { format, rows, notes })
}

#[cfg(test)]
mod tests;
