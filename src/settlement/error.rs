//! What commands on fees, payouts and statements refuse, in words of the trade.

use chrono::NaiveDate;

use super::{batches::BatchStatus, fees::SplitRefusal, vat::UnknownRate};
use crate::{
    db::DbError,
    http::{Code, Problem},
    ledger::PostingRefusal,
    parties::PartiesError,
    types::MoneyError,
};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum SettlementError {
    #[error("there is no such payout that you can see")]
    NotFound,
    #[error("whoever holds the money says when it was paid out: that is the other side")]
    NotPayer,
    #[error("this payout is not due any more: it was paid, cancelled, or sent back")]
    AlreadyPaid,
    #[error("money cannot be paid out after today, nor before it came in on {0}")]
    PaidOn(NaiveDate),
    #[error("a bank reference has 1 to 140 characters")]
    BankReference,
    #[error("a statement can be drawn up to {0}")]
    DayToCome(NaiveDate),
    #[error("at once has no day, a week has days 1 to 7, a month 1 to 28")]
    ScheduleDay,
    #[error("the least amount is nothing or more")]
    Minimum,
    #[error("somebody has changed this since you read it: it is at version {0}")]
    StalePreference(i32),
    #[error("a statement runs from a first day to a last one, over a year at most")]
    Period,
    #[error("there is no such batch of payouts that you can see")]
    NoSuchBatch,
    #[error("this batch is {0}, or a payout of it has gone")]
    BatchStatus(BatchStatus),
    #[error("payouts are prepared and approved by people, not by keys")]
    TakesAPerson,
    #[error("whoever prepared a batch does not approve it: ask somebody else")]
    FourEyes,
    #[error("{0} has named another account since, or the claim is disputed by now: cancel the batch and prepare it again")]
    ChangedSince(String),
    #[error("nothing that is due may leave: {0} payouts stay out, as disputed, without an account, or below the minimum")]
    NothingDue(usize),
    #[error("the bank can pay today at the earliest")]
    ExecutionOn,
    #[error("your organisation has named no account to pay from")]
    NoAccount,
    #[error("only a payout that a bank has moved can come back")]
    NotPaid,
    #[error("a payout comes back between {0}, when it went, and today")]
    ReturnedOn(NaiveDate),
    #[error("say why in 1 to 2000 characters")]
    Reason,
    #[error("there is no such invoice that you can see")]
    NoSuchInvoice,
    #[error("{0} has no company number on record, and an invoice needs one")]
    NoCompanyNumber(String),
    #[error(transparent)]
    Split(#[from] SplitRefusal),
    #[error(transparent)]
    Vat(#[from] UnknownRate),
    #[error(transparent)]
    Posting(#[from] PostingRefusal),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Parties(#[from] PartiesError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<SettlementError> for Problem {
    fn from(error: SettlementError) -> Self {
        let detail = error.to_string();
        match error {
            SettlementError::NotFound | SettlementError::NoSuchBatch | SettlementError::NoSuchInvoice => {
                Self::new(Code::NotFound).detail(detail)
            }
            SettlementError::NotPayer | SettlementError::TakesAPerson | SettlementError::FourEyes => {
                Self::new(Code::Forbidden).detail(detail)
            }
            SettlementError::AlreadyPaid
            | SettlementError::BatchStatus(_)
            | SettlementError::ChangedSince(_)
            | SettlementError::NothingDue(_)
            | SettlementError::NoAccount
            | SettlementError::NotPaid
            | SettlementError::NoCompanyNumber(_)
            | SettlementError::Split(_)
            | SettlementError::Vat(_) => Self::new(Code::WrongState).detail(detail),
            SettlementError::ReturnedOn(_) => Self::invalid("/returned_on", detail),
            SettlementError::Reason => Self::invalid("/reason", detail),
            SettlementError::PaidOn(_) => Self::invalid("/paid_on", detail),
            SettlementError::ExecutionOn => Self::invalid("/execution_on", detail),
            SettlementError::BankReference => Self::invalid("/bank_reference", detail),
            SettlementError::ScheduleDay => Self::invalid("/day", detail),
            SettlementError::Minimum => Self::invalid("/minimum", detail),
            SettlementError::StalePreference(_) => Self::new(Code::StaleVersion).detail(detail),
            SettlementError::Period => Self::invalid("/from", detail),
            SettlementError::DayToCome(_) => Self::invalid("/on", detail),
            SettlementError::Posting(_) | SettlementError::Money(_) => Self::internal(detail),
            SettlementError::Parties(inner) => inner.into(),
            SettlementError::Db(inner) => inner.into(),
        }
    }
}
