//! What commands on notices refuse.

use crate::{
    cases::CasesError,
    credit::CreditError,
    db::DbError,
    http::{Code, Problem},
    jobs::JobError,
    paper::PaperError,
    parties::PartiesError,
    receivables::ReceivablesError,
};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum NoticesError {
    #[error("there is no such notification of yours")]
    NotFound,
    #[error("there is no such rule of yours")]
    NoSuchRule,
    #[error("there is no such alert for you")]
    NoSuchAlert,
    #[error("alerts are posted nowhere: say where first")]
    NoWebhook,
    /// A field and what is wrong with it.
    #[error("{1}")]
    Invalid(&'static str, String),
    #[error(transparent)]
    Receivables(#[from] ReceivablesError),
    #[error(transparent)]
    Cases(#[from] CasesError),
    #[error(transparent)]
    Parties(#[from] PartiesError),
    #[error(transparent)]
    Credit(#[from] CreditError),
    #[error(transparent)]
    Paper(#[from] PaperError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<NoticesError> for Problem {
    fn from(error: NoticesError) -> Self {
        match error {
            NoticesError::NotFound | NoticesError::NoSuchRule | NoticesError::NoSuchAlert | NoticesError::NoWebhook => {
                Self::new(Code::NotFound).detail(error.to_string())
            }
            NoticesError::Invalid(pointer, detail) => Self::invalid(pointer, detail),
            NoticesError::Receivables(inner) => inner.into(),
            NoticesError::Cases(inner) => inner.into(),
            NoticesError::Parties(inner) => inner.into(),
            NoticesError::Credit(inner) => inner.into(),
            NoticesError::Paper(inner) => Self::internal(inner),
            NoticesError::Db(inner) => inner.into(),
        }
    }
}

impl From<NoticesError> for JobError {
    fn from(error: NoticesError) -> Self {
        if let NoticesError::Db(inner)
        | NoticesError::Cases(CasesError::Db(inner))
        | NoticesError::Credit(CreditError::Db(inner))
        | NoticesError::Parties(PartiesError::Db(inner))
        | NoticesError::Receivables(ReceivablesError::Db(inner)) = error
        {
            return Self::from(inner);
        }
        Self::Never(error.to_string())
    }
}
