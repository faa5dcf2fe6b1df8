//! What commands on bank statements refuse, in words of the trade.

use chrono::NaiveDate;

use super::{EntryStatus, refusal::Refusal};
use crate::{
    cases::CasesError,
    db::DbError,
    http::{Code, Problem},
    jobs::JobError,
    ledger::PostingRefusal,
    parties::PartiesError,
    payments::PaymentsError,
    receivables::ReceivablesError,
    settlement::SettlementError,
    types::{Money, MoneyError},
};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    #[error("there is no such entry that you can see")]
    NotFound,
    #[error(transparent)]
    File(#[from] Refusal),
    #[error("this entry is {0}: there is nothing left to decide")]
    WrongStatus(EntryStatus),
    #[error("the parts make {parts}, the entry is {entry}: every cent has to go somewhere")]
    Parts { parts: Money, entry: Money },
    #[error("name each case once, with an amount above nothing")]
    CaseTwice,
    #[error("say why in 1 to 2000 characters")]
    Reason,
    #[error("this CSV does not say whose account it is, and your organisation has named none: send ?account=")]
    NoAccount,
    #[error("the payout with this end-to-end id is of {0}")]
    OtherAmount(Money),
    #[error("the books were not reconciled on {0}")]
    NoRun(NaiveDate),
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    #[error(transparent)]
    Payments(#[from] PaymentsError),
    #[error(transparent)]
    Parties(#[from] PartiesError),
    #[error(transparent)]
    Posting(#[from] PostingRefusal),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl BankError {
    /// Whether it is no refusal but a failure: the transaction it came from is over.
    #[must_use]
    pub const fn is_of_the_database(&self) -> bool {
        matches!(
            self,
            Self::Db(_)
                | Self::Settlement(SettlementError::Db(_))
                | Self::Payments(
                    PaymentsError::Db(_)
                        | PaymentsError::Cases(CasesError::Db(_))
                        | PaymentsError::Receivables(ReceivablesError::Db(_))
                        | PaymentsError::Settlement(SettlementError::Db(_))
                )
        )
    }
}

impl From<BankError> for Problem {
    fn from(error: BankError) -> Self {
        let detail = error.to_string();
        match error {
            BankError::NotFound | BankError::NoRun(_) => Self::new(Code::NotFound).detail(detail),
            BankError::File(Refusal::TooLarge(_) | Refusal::TooMany(_)) => Self::new(Code::PayloadTooLarge).detail(detail),
            BankError::File(Refusal::Unknown | Refusal::Interim(_) | Refusal::Version(_) | Refusal::NoReport(_)) => {
                Self::new(Code::UnsupportedMediaType).detail(detail)
            }
            BankError::File(Refusal::Empty | Refusal::NoStatement | Refusal::File(_) | Refusal::At { .. }) => {
                Self::new(Code::Invalid).detail(detail)
            }
            BankError::WrongStatus(_) | BankError::OtherAmount(_) => Self::new(Code::WrongState).detail(detail),
            BankError::Parts { .. } | BankError::CaseTwice => Self::invalid("/parts", detail),
            BankError::Reason => Self::invalid("/reason", detail),
            BankError::NoAccount => Self::invalid("/account", detail),
            BankError::Settlement(inner) => inner.into(),
            BankError::Payments(inner) => inner.into(),
            BankError::Parties(inner) => inner.into(),
            BankError::Posting(_) | BankError::Money(_) => Self::internal(detail),
            BankError::Db(inner) => inner.into(),
        }
    }
}

impl From<BankError> for JobError {
    fn from(error: BankError) -> Self {
        if let BankError::Db(error) = error { Self::from(error) } else { Self::Again(error.to_string()) }
    }
}
