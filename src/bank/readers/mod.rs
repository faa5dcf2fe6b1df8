//! One trait for every format of statement, and the list of those that are read: a file belongs to the first reader that
//! recognises its content. Its name and its declared media type decide nothing.

mod camt;
mod csv;
mod mt940;
mod norma43;
pub mod pain002;
#[cfg(test)]
mod tests;

use super::{
    refusal::Refusal,
    statement::{BankStatement, account_of},
};
use crate::{
    receivables::intake::reader::Content,
    types::{Currency, text_enum},
};

/// The largest file taken.
pub const LARGEST_FILE_BYTES: usize = 20 * 1024 * 1024;
const MOST_ENTRIES: usize = 200_000;

text_enum! {
    /// How banks tell what moved.
    pub enum StatementFormat {
        Camt053 => "camt.053",
        Camt054 => "camt.054",
        Mt940 => "mt940",
        Norma43 => "norma43",
        Csv => "csv",
    }
}

/// What a file leaves unsaid, and the sender says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid {
    /// Of a CSV without a column for it.
    pub account: String,
    pub currency: Currency,
}

/// A format of statements.
trait Reader: Sync {
    fn recognises(&self, content: &Content<'_>) -> bool;

    /// # Errors
    /// Anything in it cannot be read: nothing of the file is taken.
    fn read(&self, content: &Content<'_>, unsaid: &Unsaid) -> Result<BankFile, Refusal>;
}

/// Every reader, those that are surest of their content first.
const READERS: &[&dyn Reader] = &[&camt::Camt, &norma43::Norma43, &mt940::Mt940, &csv::Csv];

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankFile {
    pub format: StatementFormat,
    pub statements: Vec<BankStatement>,
}

impl BankFile {
    /// All entries, in the order of the file.
    pub fn count(&self) -> usize {
        self.statements.iter().map(|statement| statement.entries.len()).sum()
    }
}

/// Reads a file whole and proves its balances.
///
/// # Errors
/// See [`Refusal`]: nothing of it is taken.
pub fn read(bytes: &[u8], unsaid: &Unsaid) -> Result<BankFile, Refusal> {
    let file = read_unproven(bytes, unsaid)?;
    file.statements.iter().try_for_each(BankStatement::prove)?;
    Ok(file)
}

fn read_unproven(bytes: &[u8], unsaid: &Unsaid) -> Result<BankFile, Refusal> {
    if bytes.len() > LARGEST_FILE_BYTES {
        return Err(Refusal::TooLarge(LARGEST_FILE_BYTES));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::Empty);
    }
    let content = Content::new(bytes);
    let reader = READERS.iter().find(|reader| reader.recognises(&content)).ok_or(Refusal::Unknown)?;
    let unsaid = Unsaid { account: account_of(&unsaid.account), currency: unsaid.currency };
    let file = reader.read(&content, &unsaid)?;
    if file.statements.is_empty() {
        return Err(Refusal::NoStatement);
    }
    if file.count() > MOST_ENTRIES {
        return Err(Refusal::TooMany(MOST_ENTRIES));
    }
    Ok(file)
}
