//! What reports refuse.

use chrono::NaiveDate;

use crate::{
    cases::CasesError,
    credit::CreditError,
    db::DbError,
    http::{Code, Problem},
    parties::PartiesError,
    receivables::ReceivablesError,
    types::MoneyError,
};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum InsightError {
    #[error("reports are drawn for days from {first} to {last}, today")]
    Day { first: NaiveDate, last: NaiveDate },
    #[error("a policy has a share for each of the six ages, from nothing to 10000 basis points, none less than the one before")]
    Shares,
    #[error("somebody has changed this since you read it: it is at version {0}")]
    StalePolicy(i32),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Parties(#[from] PartiesError),
    #[error(transparent)]
    Receivables(#[from] ReceivablesError),
    #[error(transparent)]
    Cases(#[from] CasesError),
    #[error(transparent)]
    Credit(#[from] CreditError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<InsightError> for Problem {
    fn from(error: InsightError) -> Self {
        let detail = error.to_string();
        match error {
            InsightError::Day { .. } => Self::invalid("/on", detail),
            InsightError::Shares => Self::invalid("/shares_bp", detail),
            InsightError::StalePolicy(_) => Self::new(Code::StaleVersion).detail(detail),
            InsightError::Money(_) => Self::internal(detail),
            InsightError::Parties(inner) => inner.into(),
            InsightError::Receivables(inner) => inner.into(),
            InsightError::Cases(inner) => inner.into(),
            InsightError::Credit(inner) => inner.into(),
            InsightError::Db(inner) => inner.into(),
        }
    }
}
