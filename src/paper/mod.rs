//! Everything a person reads: sheets as PDF, mails, and the words both share with the debtor page. Knows no slice.
//!
//! What may never happen here: text from a user read as template code; a sheet that differs from run to run of the same
//! input; a file, font or package fetched from anywhere; a sum printed that is not the sum of the rows above it.

pub mod bad_debt;
pub mod bundle;
pub mod case_file;
pub mod claim;
pub mod debtor_term;
pub mod demand;
mod engine;
pub mod fee_invoice;
pub mod frame;
mod framework;
pub mod letter;
pub mod letterhead;
pub mod mail;
pub mod mandate;
pub mod notice;
pub mod party;
pub mod qr;
pub mod receipt;
pub mod statement;
pub mod text_message;
pub mod texts;
pub mod treasury;
pub mod wording;

pub use bad_debt::BadDebtSheet;
pub use case_file::CaseFileSheet;
pub use claim::{Claim, ClaimRow, RowKind};
pub use demand::{Demand, EarlierLetter};
pub use fee_invoice::FeeInvoiceSheet;
pub use frame::Frame;
pub use framework::FrameworkSheet;
pub use letter::LetterSheet;
pub use letterhead::Letterhead;
pub use mail::{DebtorMail, Mail};
pub use mandate::MandateSheet;
pub use notice::{Addressee, ListedCase, Notice};
pub use party::{Credential, Party, PaymentDetails};
pub use receipt::ReceiptSheet;
pub use statement::StatementSheet;
pub use text_message::DebtorText;
pub use texts::Texts;
pub use wording::{Form, Wording};

#[cfg(test)]
pub(crate) mod samples;

/// Why a paper could not be made. All of them are faults of ours or of the figures given, never of a reader.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    #[error("the template `{template}` does not compile: {diagnostics}")]
    Template { template: &'static str, diagnostics: String },
    #[error("the sheet cannot be handed to its template: {0}")]
    Inputs(#[from] serde_json::Error),
    #[error("the page cannot be written: {0}")]
    Page(#[from] askama::Error),
    #[error("the rows do not add up: {0}")]
    Sum(#[from] crate::types::MoneyError),
    #[error("the rows make {reckoned}, but the balance is {closing}")]
    Balance { reckoned: crate::types::Money, closing: crate::types::Money },
    #[error("the papers cannot be put together: {0}")]
    Archive(String),
    #[error("the letters cannot be put together: {0}")]
    Bundle(String),
    #[error("the text message would take {0} segments: at most {max}", max = text_message::SEGMENTS_MAX)]
    TooLong(usize),
    #[error("the QR code cannot be drawn: {0}")]
    Qr(#[from] qr::QrError),
}

impl PaperError {
    /// An archive that could not be written.
    pub fn archive(error: impl std::fmt::Display) -> Self {
        Self::Archive(error.to_string())
    }
}
