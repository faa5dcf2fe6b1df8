//! What commands on cases refuse, in words of the trade.

use crate::{
    cases::{dispute_terms::ExtentRefusal, lifecycle::Refusal, plans::PlanRefusal, settlements::SettlementRefusal},
    db::DbError,
    http::{Code, Problem},
    parties::PartiesError,
    receivables::{Enforceability, ReceivablesError},
    types::{Money, MoneyError},
};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    #[error("there is no such case that you can see")]
    NotFound,
    #[error("there is no such {0} on this case")]
    NoSuch(&'static str),
    #[error(transparent)]
    WrongPhase(#[from] Refusal),
    #[error("a case needs at least one receivable")]
    NoReceivables,
    #[error("the receivables of one case are owed by one debtor: these are owed by several")]
    SeveralDebtors,
    #[error("the receivables of one case are in one currency: these are in several")]
    SeveralCurrencies,
    #[error("nothing is owed on these receivables: they are paid or credited")]
    NothingOwed,
    #[error("nothing is due yet: the first of these receivables falls due on {0}")]
    NotDue(chrono::NaiveDate),
    #[error("invoice `{}` could be enforced until {} and is time-barred since: {} ({})", .0.number, .0.time_bar.enforceable_until, .0.time_bar.rule, .0.time_bar.citation)]
    TimeBarred(Box<Enforceability>),
    #[error("a promise names a day from today up to {0}")]
    PromiseDay(chrono::NaiveDate),
    #[error("a promise is for more than nothing and at most what is owed: {0}")]
    PromiseAmount(Money),
    #[error(transparent)]
    Plan(#[from] PlanRefusal),
    #[error(transparent)]
    Extent(#[from] ExtentRefusal),
    #[error(transparent)]
    Settlement(#[from] SettlementRefusal),
    #[error("this is the creditor's to answer")]
    TheCreditors,
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error("what is disputed is not paid in parts or settled: the objection is answered first")]
    Disputed,
    #[error("{1}")]
    Setting(&'static str, &'static str),
    #[error("it has changed since: it is at version {0}")]
    StalePolicy(i32),
    #[error("a hold ends after it starts")]
    HoldEnd,
    #[error("it has been {0} already")]
    AlreadyDone(&'static str),
    #[error("these papers are for a case that was closed unpaid, or in part, and has principal open")]
    NotUncollectable,
    #[error("a reduction is more than nothing and less than what is disputed: {0}")]
    Reduction(Money),
    #[error("{0}")]
    TextLength(&'static str),
    #[error(transparent)]
    Parties(#[from] PartiesError),
    #[error(transparent)]
    Receivables(#[from] ReceivablesError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<CasesError> for Problem {
    fn from(error: CasesError) -> Self {
        let detail = error.to_string();
        match error {
            CasesError::NotUncollectable => Self::new(Code::WrongState).detail(detail),
            CasesError::NotFound | CasesError::NoSuch(_) => Self::new(Code::NotFound).detail(detail),
            CasesError::WrongPhase(_) | CasesError::AlreadyDone(_) | CasesError::Disputed | CasesError::TimeBarred(_) => {
                Self::new(Code::WrongState).detail(detail)
            }
            CasesError::NoReceivables
            | CasesError::NothingOwed
            | CasesError::SeveralDebtors
            | CasesError::SeveralCurrencies
            | CasesError::NotDue(_) => Self::invalid("/receivable_ids", detail),
            CasesError::PromiseDay(_) => Self::invalid("/promised_on", detail),
            CasesError::PromiseAmount(_) => Self::invalid("/amount", detail),
            CasesError::Plan(refusal) => Self::invalid(refusal.pointer(), detail),
            CasesError::Settlement(refusal) => Self::invalid(refusal.pointer(), detail),
            CasesError::TheCreditors => Self::new(Code::Forbidden).detail(detail),
            CasesError::Money(error) => Self::internal(error),
            CasesError::Extent(refusal) => Self::invalid(refusal.pointer(), detail),
            CasesError::Setting(pointer, _) => Self::invalid(pointer, detail),
            CasesError::StalePolicy(_) => Self::new(Code::StaleVersion).detail(detail),
            CasesError::HoldEnd => Self::invalid("/ends_at", detail),
            CasesError::Reduction(_) => Self::invalid("/reduction", detail),
            CasesError::TextLength(_) => Self::invalid("/reason", detail),
            CasesError::Parties(inner) => inner.into(),
            CasesError::Receivables(inner) => inner.into(),
            CasesError::Db(inner) => inner.into(),
        }
    }
}
