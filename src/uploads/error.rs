//! What commands on uploads refuse, in words of the trade.

use super::UploadStatus;
use crate::{
    cases::CasesError,
    db::DbError,
    http::{Code, Problem},
    jobs::JobError,
    parties::PartiesError,
    receivables::ReceivablesError,
    vault::VaultError,
};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum UploadsError {
    #[error("there is no such upload that you can see")]
    NotFound,
    #[error("an upload that is {0} cannot be {1}")]
    WrongStatus(UploadStatus, &'static str),
    #[error("no file was sent")]
    NoFile,
    #[error("all files together have more than {0} bytes")]
    TooLarge(u64),
    #[error("more than {0} files: put them in an archive, or send several uploads")]
    TooManyFiles(usize),
    #[error("the files broke off: {0}")]
    BrokenOff(String),
    #[error("the heading {0:?} is empty or longer than 100 characters")]
    Heading(String),
    #[error("at most {0} headings can be explained")]
    TooManyHeadings(usize),
    #[error(transparent)]
    Parties(#[from] PartiesError),
    #[error(transparent)]
    Receivables(#[from] ReceivablesError),
    #[error(transparent)]
    Cases(#[from] CasesError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<UploadsError> for Problem {
    fn from(error: UploadsError) -> Self {
        let detail = error.to_string();
        match error {
            UploadsError::NotFound => Self::new(Code::NotFound).detail(detail),
            UploadsError::WrongStatus(..) => Self::new(Code::WrongState).detail(detail),
            UploadsError::NoFile => Self::new(Code::Invalid).detail(detail),
            UploadsError::TooLarge(_) | UploadsError::TooManyFiles(_) => Self::new(Code::PayloadTooLarge).detail(detail),
            UploadsError::BrokenOff(_) => Self::new(Code::MalformedRequest).detail(detail),
            UploadsError::Heading(_) | UploadsError::TooManyHeadings(_) => Self::invalid("/columns", detail),
            UploadsError::Parties(inner) => inner.into(),
            UploadsError::Receivables(inner) => inner.into(),
            UploadsError::Cases(inner) => inner.into(),
            UploadsError::Vault(inner) => Self::internal(inner),
            UploadsError::Db(inner) => inner.into(),
        }
    }
}

impl From<UploadsError> for JobError {
    fn from(error: UploadsError) -> Self {
        if matches!(error, UploadsError::NotFound) { Self::Never(error.to_string()) } else { Self::Again(error.to_string()) }
    }
}
