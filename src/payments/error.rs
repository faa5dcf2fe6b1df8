//! What commands on payments refuse, in words of the trade.

use chrono::NaiveDate;

use super::{PaymentStatus, allocation::AllocationRefusal};
use crate::{
    cases::{CasesError, Phase, lifecycle::Refusal},
    db::DbError,
    http::{Code, Problem},
    receivables::{ReceivablesError, claim::ClaimRefusal},
    settlement::SettlementError,
    types::{Currency, Money, MoneyError},
};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum PaymentsError {
    #[error("there is no such payment that you can see")]
    NotFound,
    #[error("a case that is {0} cannot be paid")]
    CannotBePaid(Phase),
    #[error("only the agency that is engaged on a case reports payments on it")]
    NotEngaged,
    #[error("what came into the agency's client account is reported by the agency")]
    NotYourAccount,
    #[error("what is paid by card or direct debit is told, paid out and taken back by the payment provider")]
    ProviderSays,
    #[error("only what was paid by card or direct debit is refunded through the payment provider")]
    NotRefundable,
    #[error("of a payment of {0} at most that is refunded, in its currency")]
    RefundAmount(Money),
    #[error("this payment is the other side's to answer")]
    NotYours,
    #[error("this payment is {0} already")]
    WrongStatus(PaymentStatus),
    #[error("the term to contest this payment has passed")]
    TooLate,
    #[error("a payment is for more than nothing")]
    NothingPaid,
    #[error("this case is in {0}")]
    OtherCurrency(Currency),
    #[error("{owed} is owed on {on}, of which {in_flight} is declared already and waits for an answer")]
    TooMuch { owed: Money, in_flight: Money, on: NaiveDate },
    #[error("a payment comes in from {first} up to today, {last}")]
    ReceivedOn { first: NaiveDate, last: NaiveDate },
    #[error("whoever holds the money says that its bank took it back: that is the other side")]
    NotHolder,
    #[error("a payment is taken back from {first}, when it came in, up to today, {last}")]
    ReversedOn { first: NaiveDate, last: NaiveDate },
    #[error("a bank reference has 1 to 140 characters")]
    BankReference,
    #[error("a payment with this bank reference is declared on this case already")]
    Duplicate,
    #[error("say why in 1 to 2000 characters")]
    Reason(&'static str),
    #[error("the platform has no operator yet, so nothing can be split: run `entente operator create`")]
    NoOperator,
    #[error(transparent)]
    Allocation(#[from] AllocationRefusal),
    #[error(transparent)]
    Cases(#[from] CasesError),
    #[error(transparent)]
    Receivables(#[from] ReceivablesError),
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<ClaimRefusal> for PaymentsError {
    fn from(error: ClaimRefusal) -> Self {
        Self::Receivables(error.into())
    }
}

impl From<MoneyError> for PaymentsError {
    fn from(error: MoneyError) -> Self {
        Self::Allocation(error.into())
    }
}

impl From<Refusal> for PaymentsError {
    fn from(error: Refusal) -> Self {
        Self::Cases(error.into())
    }
}

impl From<PaymentsError> for Problem {
    fn from(error: PaymentsError) -> Self {
        let detail = error.to_string();
        match error {
            PaymentsError::NotFound => Self::new(Code::NotFound).detail(detail),
            PaymentsError::NotEngaged | PaymentsError::NotYours | PaymentsError::NotHolder => {
                Self::new(Code::Forbidden).detail(detail)
            }
            PaymentsError::CannotBePaid(_)
            | PaymentsError::WrongStatus(_)
            | PaymentsError::TooLate
            | PaymentsError::NoOperator
            | PaymentsError::ProviderSays
            | PaymentsError::NotRefundable
            | PaymentsError::Allocation(_) => Self::new(Code::WrongState).detail(detail),
            PaymentsError::NotYourAccount => Self::invalid("/route", detail),
            PaymentsError::NothingPaid | PaymentsError::TooMuch { .. } | PaymentsError::RefundAmount(_) => {
                Self::invalid("/amount", detail)
            }
            PaymentsError::OtherCurrency(_) => Self::invalid("/amount/currency", detail),
            PaymentsError::ReversedOn { .. } => Self::invalid("/reversed_on", detail),
            PaymentsError::ReceivedOn { .. } => Self::invalid("/received_on", detail),
            PaymentsError::BankReference => Self::invalid("/bank_reference", detail),
            PaymentsError::Duplicate => Self::new(Code::Conflict).detail(detail).at("/bank_reference"),
            PaymentsError::Reason(pointer) => Self::invalid(pointer, detail),
            PaymentsError::Cases(inner) => inner.into(),
            PaymentsError::Receivables(inner) => inner.into(),
            PaymentsError::Settlement(inner) => inner.into(),
            PaymentsError::Db(inner) => inner.into(),
        }
    }
}
