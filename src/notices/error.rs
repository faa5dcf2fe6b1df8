//! What commands on notices refuse.

use crate::{
    cases::CasesError,
    db::DbError,
    http::{Code, Problem},
    jobs::JobError,
    paper::PaperError,
    parties::PartiesError,
};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum NoticesError {
    #[error("there is no such notification of yours")]
    NotFound,
    #[error(transparent)]
    Cases(#[from] CasesError),
    #[error(transparent)]
    Parties(#[from] PartiesError),
    #[error(transparent)]
    Paper(#[from] PaperError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<NoticesError> for Problem {
    fn from(error: NoticesError) -> Self {
        match error {
            NoticesError::NotFound => Self::new(Code::NotFound).detail(error.to_string()),
            NoticesError::Cases(inner) => inner.into(),
            NoticesError::Parties(inner) => inner.into(),
            NoticesError::Paper(inner) => Self::internal(inner),
            NoticesError::Db(inner) => inner.into(),
        }
    }
}

impl From<NoticesError> for JobError {
    fn from(error: NoticesError) -> Self {
        if let NoticesError::Db(error) = error { Self::from(error) } else { Self::Never(error.to_string()) }
    }
}
