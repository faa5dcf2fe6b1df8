//! What commands on credit refuse.

use crate::{
    cases::CasesError,
    db::DbError,
    http::{Code, Problem},
    jobs::JobError,
    receivables::ReceivablesError,
    types::MoneyError,
};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum CreditError {
    #[error("a limit is nothing or more")]
    Limit,
    #[error("somebody has changed this since you read it: it is at version {0}")]
    StaleLimit(i32),
    #[error(transparent)]
    Receivables(#[from] ReceivablesError),
    #[error(transparent)]
    Cases(#[from] CasesError),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<CreditError> for JobError {
    fn from(error: CreditError) -> Self {
        if let CreditError::Db(inner)
        | CreditError::Cases(CasesError::Db(inner))
        | CreditError::Receivables(ReceivablesError::Db(inner)) = error
        {
            return Self::from(inner);
        }
        Self::Never(error.to_string())
    }
}

impl From<CreditError> for Problem {
    fn from(error: CreditError) -> Self {
        let detail = error.to_string();
        match error {
            CreditError::Limit => Self::invalid("/limit", detail),
            CreditError::StaleLimit(_) => Self::new(Code::StaleVersion).detail(detail),
            CreditError::Money(_) => Self::internal(detail),
            CreditError::Receivables(inner) => inner.into(),
            CreditError::Cases(inner) => inner.into(),
            CreditError::Db(inner) => inner.into(),
        }
    }
}
