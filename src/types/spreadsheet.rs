//! Cells of files that people open in a spreadsheet. Pure.

use std::borrow::Cow;

/// A cell that a spreadsheet would run as a formula gets a mark that makes it text.
#[must_use]
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}").into() } else { cell.into() }
}
