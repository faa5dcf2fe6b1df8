//! What commands on receivables refuse, in words of the trade.

use chrono::NaiveDate;

use super::{
    DocumentKind, Enforceability, MatchStatus, RefusedInvoice,
    claim::ClaimRefusal,
    intake::{FileRefusal, Refusal},
    profile::ProfileRefusal,
};
use crate::{
    db::DbError,
    http::{Code, Problem},
    parties::PartiesError,
    types::{CaseId, CreditNoteId, DebtorId, Money, MoneyError, ReceivableId},
};

impl From<PartiesError> for ReceivablesError {
    fn from(error: PartiesError) -> Self {
        Self::Parties(Box::new(error))
    }
}

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum ReceivablesError {
    #[error("there is no such {0} that you can see")]
    NotFound(&'static str),
    #[error("there is no receivable {0} that you can see")]
    UnknownReceivable(ReceivableId),
    #[error("receivable {receivable} is part of {case} already")]
    InACase { receivable: ReceivableId, case: CaseId },
    #[error("this debtor is known already, as {0}")]
    KnownDebtor(DebtorId),
    #[error("a reduction is more than nothing and at most the open principal: {0}")]
    Reduction(Money),
    #[error("the invoice is over {invoice}, the credit note over {credit}: they are in different currencies")]
    CreditCurrency { invoice: Money, credit: Money },
    #[error("a credit note of this number is known, as {0}, for another invoice or another amount")]
    CreditNumberTaken(CreditNoteId),
    #[error("a {0} is made here: evidence is an invoice, a contract, a delivery note, a reminder or another document")]
    NotEvidence(DocumentKind),
    #[error("evidence is a PDF, an image (PNG, JPEG, TIFF), XML, text or a document of an office program")]
    UnknownContent,
    #[error("this match was decided before: {0}")]
    MatchDecided(MatchStatus),
    #[error("{0} is neither of the two customers")]
    NotInMatch(DebtorId),
    #[error("a parent is another customer of yours, and not one that was merged away")]
    NoSuchParent,
    #[error("a group has one level: a site has no sites, and a parent is no site")]
    GroupTooDeep,
    #[error("`{0}` is no time zone: write it as in Europe/Madrid")]
    TimeZone(String),
    #[error("{1}")]
    Contact(&'static str, &'static str),
    #[error("more was allocated to {0} than its principal")]
    Overpaid(ReceivableId),
    #[error("the profile is at version {current}, and you changed version {given}: read it again")]
    StaleProfile { given: i32, current: i32 },
    #[error("receivable `{}` could be enforced until {} and is time-barred since: {} ({})", .0.number, .0.time_bar.enforceable_until, .0.time_bar.rule, .0.time_bar.citation)]
    TimeBarred(Box<Enforceability>),
    #[error("what begins the time anew happened between the due day and today: from {first} to {last}")]
    InterruptedOn { first: NaiveDate, last: NaiveDate },
    #[error("this is on record already")]
    KnownInterruption,
    #[error(transparent)]
    Parties(Box<PartiesError>),
    #[error(transparent)]
    Profile(#[from] ProfileRefusal),
    #[error("{}", .0.reason)]
    Debtor(Refusal),
    #[error("{} of the invoices cannot be taken as they are: nothing was stored", .0.len())]
    Invoices(Vec<RefusedInvoice>),
    #[error(transparent)]
    File(#[from] FileRefusal),
    #[error(transparent)]
    Claim(#[from] ClaimRefusal),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<ReceivablesError> for Problem {
    fn from(error: ReceivablesError) -> Self {
        let detail = error.to_string();
        match error {
            ReceivablesError::NotFound(_) => Self::new(Code::NotFound).detail(detail),
            ReceivablesError::UnknownReceivable(_) => Self::invalid("/receivable_ids", detail),
            ReceivablesError::InACase { .. } => Self::new(Code::Conflict).detail(detail).at("/receivable_ids"),
            ReceivablesError::NotEvidence(_) => Self::invalid("/kind", detail),
            ReceivablesError::UnknownContent => Self::new(Code::UnsupportedMediaType).detail(detail),
            ReceivablesError::MatchDecided(_) => Self::new(Code::WrongState).detail(detail),
            ReceivablesError::NotInMatch(_) => Self::invalid("/keep", detail),
            ReceivablesError::NoSuchParent | ReceivablesError::GroupTooDeep => Self::invalid("/parent_id", detail),
            ReceivablesError::TimeZone(_) => Self::invalid("/time_zone", detail),
            ReceivablesError::Contact(field, _) => Self::invalid(format!("/{field}"), detail),
            ReceivablesError::CreditCurrency { .. } => Self::invalid("/amount/currency", detail),
            ReceivablesError::CreditNumberTaken(_) => Self::new(Code::Conflict).detail(detail).at("/number"),
            ReceivablesError::KnownDebtor(_) => Self::new(Code::Conflict).detail(detail),
            ReceivablesError::TimeBarred(_) => Self::invalid("/receivable_ids", detail),
            ReceivablesError::InterruptedOn { .. } => Self::invalid("/interrupted_on", detail),
            ReceivablesError::KnownInterruption => Self::new(Code::Conflict).detail(detail),
            ReceivablesError::Parties(inner) => (*inner).into(),
            ReceivablesError::Reduction(_) => Self::invalid("/reduction", detail),
            ReceivablesError::Overpaid(_) => Self::new(Code::WrongState).detail(detail),
            ReceivablesError::StaleProfile { .. } => Self::new(Code::StaleVersion).detail(detail),
            ReceivablesError::Profile(refusal) => Self::invalid(refusal.pointer(), detail),
            ReceivablesError::Debtor(refusal) => {
                let field = refusal.column.unwrap_or_default();
                Self::invalid(format!("/{}", field.trim_start_matches("debtor.")), detail)
            }
            ReceivablesError::Invoices(refused) => refused.into_iter().fold(
                Self::new(Code::Invalid).detail(detail),
                |problem, RefusedInvoice { position, field, reason }| {
                    let field = field.map(|field| format!("/{}", field.replace('.', "/"))).unwrap_or_default();
                    problem.field(format!("/receivables/{position}{field}"), reason)
                },
            ),
            ReceivablesError::File(refusal) => of_file(&refusal),
            ReceivablesError::Claim(_) | ReceivablesError::Money(_) => Self::invalid("", detail),
            ReceivablesError::Db(inner) => inner.into(),
        }
    }
}

fn of_file(refusal: &FileRefusal) -> Problem {
    let code = match refusal {
        FileRefusal::TooLarge(_)
        | FileRefusal::TooManyRows(_)
        | FileRefusal::TooManyColumns(_)
        | FileRefusal::TooManyCells(_)
        | FileRefusal::TooManyEntries(_)
        | FileRefusal::NestedTooDeep(_)
        | FileRefusal::UnpacksTooLarge => Code::PayloadTooLarge,
        FileRefusal::NotText
        | FileRefusal::PdfWithoutXml(_)
        | FileRefusal::Encrypted
        | FileRefusal::Envelope
        | FileRefusal::OldSpreadsheet
        | FileRefusal::Json
        | FileRefusal::NotAnInvoice(_) => Code::UnsupportedMediaType,
        FileRefusal::Empty
        | FileRefusal::NoInvoice
        | FileRefusal::WrongEncoding(_)
        | FileRefusal::BrokenPdf(_)
        | FileRefusal::BrokenSpreadsheet(_)
        | FileRefusal::BrokenArchive(_)
        | FileRefusal::UnsafeName
        | FileRefusal::RowTooLong(_)
        | FileRefusal::MissingColumn { .. }
        | FileRefusal::DoubledColumn { .. }
        | FileRefusal::MixedDates(_)
        | FileRefusal::MixedAmounts(_)
        | FileRefusal::BrokenXml { .. }
        | FileRefusal::DocumentType
        | FileRefusal::Entity(_)
        | FileRefusal::TooDeep(_)
        | FileRefusal::TooManyElements(_) => Code::Invalid,
    };
    let problem = Problem::new(code).detail(refusal.to_string());
    match refusal.column() {
        Some(column) => problem.at(format!("/{column}")),
        None => problem,
    }
}
