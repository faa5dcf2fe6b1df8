//! What intake refuses, in sentences for whoever has to mend the file.

use serde::Serialize;
use utoipa::ToSchema;

use super::{columns::Column, rules::Breach};
use crate::types::{Country, Money, MoneyError, company_number::CompanyNumberError};

/// Why one row was refused: the column, a stable code, and the sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// The column or field that is at fault; none when the row as a whole is.
    pub column: Option<String>,
    #[schema(example = "due_before_issue")]
    pub code: &'static str,
    pub reason: String,
}

impl Refusal {
    #[must_use]
    pub fn of_row(fault: &Fault) -> Self {
        Self { column: None, code: fault.code(), reason: fault.to_string() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("this must not be empty")]
    Missing,
    #[error("longer than {0} characters")]
    TooLong(usize),
    #[error("contains a control character")]
    ControlCharacter,
    #[error("`{0}` is not a date: write year-month-day, as in 2026-03-31")]
    NotADate(String),
    #[error("`{0}` is not an amount in {1}")]
    NotAnAmount(String, String),
    #[error("{0}")]
    UnknownCurrency(String),
    #[error("the amounts cannot be added up: {0}")]
    Sum(MoneyError),
    #[error("the instalments sum to {0}, the invoice to {1}")]
    InstalmentsSum(Money, Money),
    #[error("nothing is left of {0}: it was paid in full")]
    PaidInFull(Money),
    #[error("{0} of VAT is no part of {1}")]
    Vat(Money, Money),
    #[error("this day is in the future")]
    InFuture,
    #[error("at most {0}")]
    TooMany(usize),
    #[error("the credit note names no invoice, or no amount, day or number of its own")]
    CreditOfNothing,
    #[error("the amount is in {0}, the row in {1}")]
    CurrencyMismatch(String, String),
    #[error("{0} is not owed: an amount must be above zero; credit notes are not taken")]
    NotPositive(Money),
    #[error("{0} is more than any invoice we take; look for a misread decimal mark")]
    Absurd(Money),
    #[error("due before it was issued")]
    DueBeforeIssue,
    #[error("a notice was received before it was sent")]
    ReceivedBeforeSent,
    #[error("issued in the future")]
    IssuedInFuture,
    #[error("issued before 1990: look for a mistyped year")]
    IssuedTooLongAgo,
    #[error("due more than ten years after it was issued: look for a mistyped year")]
    DueTooFar,
    #[error("no due date, and none is assumed for creditors in {0}")]
    NoDueDate(Country),
    #[error(transparent)]
    CompanyNumber(#[from] CompanyNumberError),
    #[error("`{0}` is no country we recover in: {list}", list = countries())]
    UnknownCountry(String),
    #[error("`{0}` is none of business, consumer, public")]
    UnknownKind(String),
    #[error(
        "say whether the debtor is a business, a consumer or public: without a tax number we do not guess, since consumers owe less"
    )]
    KindNotSaid,
    #[error("`{0}` is no language we write in: es, fr, en")]
    UnknownLanguage(String),
    #[error("`{0}` is not a mail address")]
    NotAnEmail(String),
    #[error("`{0}` is not a phone number")]
    NotAPhoneNumber(String),
    #[error("the row has {found} cells, the header {expected}")]
    CellCount { found: usize, expected: usize },
    #[error("a credit note (type {0}): it lowers what is owed and is not taken as a receivable")]
    CreditNote(String),
    #[error("a pro-forma invoice (type {0}) is not owed")]
    ProForma(String),
    #[error("a self-invoice (type {0}), made out for the tax office: nobody else owes anything on it")]
    SelfInvoice(String),
    #[error("the totals do not add up, as {0}")]
    Breach(Breach),
    #[error("`{number}` is also the number of another invoice, in row {row}{}: one number is one invoice", of_file(.file))]
    NumberTwice { number: String, row: u32, file: String },
    #[error("{0}")]
    Shape(String),
}

fn of_file(file: &str) -> String {
    if file.is_empty() { String::new() } else { format!(" of {file}") }
}

fn countries() -> String {
    Country::ALL.iter().map(|country| country.as_str()).collect::<Vec<_>>().join(", ")
}

impl Fault {
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong(_) => "too_long",
            Self::ControlCharacter => "control_character",
            Self::NotADate(_) => "not_a_date",
            Self::NotAnAmount(..) => "not_an_amount",
            Self::UnknownCurrency(_) => "unknown_currency",
            Self::Sum(_) => "sum",
            Self::InstalmentsSum(..) => "instalments_sum",
            Self::PaidInFull(_) => "paid_in_full",
            Self::Vat(..) => "vat_above_total",
            Self::InFuture => "in_future",
            Self::TooMany(_) => "too_many",
            Self::CreditOfNothing => "credit_of_nothing",
            Self::CurrencyMismatch(..) => "currency_mismatch",
            Self::NotPositive(_) => "not_positive",
            Self::Absurd(_) => "absurd_amount",
            Self::DueBeforeIssue => "due_before_issue",
            Self::ReceivedBeforeSent => "received_before_sent",
            Self::IssuedInFuture => "issued_in_future",
            Self::IssuedTooLongAgo => "issued_too_long_ago",
            Self::DueTooFar => "due_too_far",
            Self::NoDueDate(_) => "no_due_date",
            Self::CompanyNumber(CompanyNumberError::CheckDigit(_)) => "check_digit",
            Self::CompanyNumber(CompanyNumberError::Unknown(_)) => "unknown_tax_number",
            Self::UnknownCountry(_) => "unknown_country",
            Self::UnknownKind(_) => "unknown_kind",
            Self::KindNotSaid => "kind_not_said",
            Self::UnknownLanguage(_) => "unknown_language",
            Self::NotAnEmail(_) => "not_an_email",
            Self::NotAPhoneNumber(_) => "not_a_phone_number",
            Self::CellCount { .. } => "cell_count",
            Self::CreditNote(_) => "credit_note",
            Self::ProForma(_) => "pro_forma",
            Self::SelfInvoice(_) => "self_invoice",
            Self::Breach(_) => "totals",
            Self::NumberTwice { .. } => "number_twice",
            Self::Shape(_) => "wrong_shape",
        }
    }

    /// This fault, found in `column`.
    #[must_use]
    pub fn at(&self, column: Column) -> Refusal {
        Refusal { column: Some(column.as_str().to_owned()), ..Refusal::of_row(self) }
    }
}

/// Why a whole file was refused: nothing in it can be trusted to mean what it seems to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileRefusal {
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than {0} bytes")]
    TooLarge(usize),
    #[error("more than {0} rows: split the file")]
    TooManyRows(usize),
    #[error("more than {0} columns: this is no list of invoices")]
    TooManyColumns(usize),
    #[error("a row is longer than {0} bytes: is a quotation mark missing?")]
    RowTooLong(usize),
    #[error("this is none of the formats that are read: send an XML invoice or a list as CSV")]
    NotText,
    #[error("the XML says that it is in {0}, and has bytes that are not: save it in the encoding that it names")]
    WrongEncoding(&'static str),
    #[error(
        "this PDF carries no invoice that a program can read, but {0}: send the XML, or a PDF with the XML inside (Factur-X, ZUGFeRD)"
    )]
    PdfWithoutXml(String),
    #[error("the PDF is broken: {0}")]
    BrokenPdf(String),
    #[error("the file is encrypted: send it without a password")]
    Encrypted,
    #[error("the spreadsheet is broken: {0}")]
    BrokenSpreadsheet(String),
    #[error("the spreadsheet has more than {0} cells, or more text than any list")]
    TooManyCells(usize),
    #[error("the archive is broken: {0}")]
    BrokenArchive(String),
    #[error("the archive has more than {0} entries: split it")]
    TooManyEntries(usize),
    #[error("archives in archives are opened {0} deep: unpack this one")]
    NestedTooDeep(usize),
    #[error("this unpacks to far more than it says: it is left packed")]
    UnpacksTooLarge,
    #[error("the name of this entry leads out of its archive: it is not opened")]
    UnsafeName,
    #[error("the signed envelope cannot be opened, or holds a signature only: send the invoice that is inside")]
    Envelope,
    #[error("this is a spreadsheet in the old binary format: save it as XLSX, ODS or CSV")]
    OldSpreadsheet,
    #[error("this is JSON: send it to POST /api/v1/receivables")]
    Json,
    #[error("no column `{column}`. It may be called {spellings}. The file has: {found}")]
    MissingColumn { column: Column, spellings: String, found: String },
    #[error("the columns `{first}` and `{second}` both mean `{column}`: keep one")]
    DoubledColumn { column: Column, first: String, second: String },
    #[error("`{0}` has dates with the day first and dates with the month first: write year-month-day, as in 2026-03-31")]
    MixedDates(Column),
    #[error("`{0}` has amounts with a decimal comma and amounts with a decimal point: use one of them")]
    MixedAmounts(Column),
    #[error("the XML is broken at byte {at}: {detail}")]
    BrokenXml { at: u64, detail: String },
    #[error("the XML declares a document type; invoices need none, and entities are not expanded")]
    DocumentType,
    #[error("the XML uses the entity `{0}`, which no invoice needs")]
    Entity(String),
    #[error("the XML is nested deeper than {0} elements")]
    TooDeep(usize),
    #[error("the XML has more than {0} elements")]
    TooManyElements(usize),
    #[error("this is XML, but its root element `{0}` is of no invoice that we read")]
    NotAnInvoice(String),
    #[error("there is no invoice in this file")]
    NoInvoice,
}

impl FileRefusal {
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty_file",
            Self::TooLarge(_) => "file_too_large",
            Self::TooManyRows(_) => "too_many_rows",
            Self::TooManyColumns(_) => "too_many_columns",
            Self::RowTooLong(_) => "row_too_long",
            Self::NotText => "not_text",
            Self::WrongEncoding(_) => "wrong_encoding",
            Self::PdfWithoutXml(_) => "pdf_without_xml",
            Self::BrokenPdf(_) => "broken_pdf",
            Self::Encrypted => "encrypted",
            Self::BrokenSpreadsheet(_) => "broken_spreadsheet",
            Self::TooManyCells(_) => "too_many_cells",
            Self::BrokenArchive(_) => "broken_archive",
            Self::TooManyEntries(_) => "too_many_entries",
            Self::NestedTooDeep(_) => "nested_too_deep",
            Self::UnpacksTooLarge => "unpacks_too_large",
            Self::UnsafeName => "unsafe_name",
            Self::Envelope => "envelope",
            Self::OldSpreadsheet => "old_spreadsheet",
            Self::Json => "json",
            Self::MissingColumn { .. } => "missing_column",
            Self::DoubledColumn { .. } => "doubled_column",
            Self::MixedDates(_) => "mixed_dates",
            Self::MixedAmounts(_) => "mixed_amounts",
            Self::BrokenXml { .. } => "broken_xml",
            Self::DocumentType => "document_type",
            Self::Entity(_) => "entity",
            Self::TooDeep(_) => "too_deep",
            Self::TooManyElements(_) => "too_many_elements",
            Self::NotAnInvoice(_) => "not_an_invoice",
            Self::NoInvoice => "no_invoice",
        }
    }

    /// The column that the refusal is about.
    #[must_use]
    pub const fn column(&self) -> Option<Column> {
        match self {
            Self::MissingColumn { column, .. } | Self::DoubledColumn { column, .. } => Some(*column),
            Self::MixedDates(column) | Self::MixedAmounts(column) => Some(*column),
            Self::Empty
            | Self::TooLarge(_)
            | Self::TooManyRows(_)
            | Self::TooManyColumns(_)
            | Self::RowTooLong(_)
            | Self::NotText
            | Self::WrongEncoding(_)
            | Self::PdfWithoutXml(_)
            | Self::BrokenPdf(_)
            | Self::Encrypted
            | Self::BrokenSpreadsheet(_)
            | Self::TooManyCells(_)
            | Self::BrokenArchive(_)
            | Self::TooManyEntries(_)
            | Self::NestedTooDeep(_)
            | Self::UnpacksTooLarge
            | Self::UnsafeName
            | Self::Envelope
            | Self::OldSpreadsheet
            | Self::Json
            | Self::BrokenXml { .. }
            | Self::DocumentType
            | Self::Entity(_)
            | Self::TooDeep(_)
            | Self::TooManyElements(_)
            | Self::NotAnInvoice(_)
            | Self::NoInvoice => None,
        }
    }
}

/// What intake assumed and says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    #[error("`{0}`: every date would read either way, so the day was taken to come first, as is the habit in Europe")]
    DayFirstByHabit(Column),
    #[error("`{0}`: read with the month first, because a date in it can be read no other way")]
    MonthFirst(Column),
    #[error("`{0}`: amounts such as 1.234 were read with a decimal comma, as is the habit there: 1234")]
    CommaByHabit(Column),
    #[error("`{0}`: amounts such as 1,234 were read with a decimal point, as is the habit there: 1234")]
    PointByHabit(Column),
    #[error("no currency column: amounts were taken to be in {0}")]
    CurrencyAssumed(&'static str),
    #[error("columns that mean nothing to us were left out: {0}")]
    ColumnsIgnored(String),
    #[error("the file was read as {0}")]
    ReadAs(&'static str),
    #[error("the signature of the envelope was not checked")]
    SignatureUnchecked,
    #[error("{0}: {1}")]
    Inside(String, Box<Note>),
}
