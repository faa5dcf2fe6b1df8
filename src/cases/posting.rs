//! Posting: receivables of one debtor become a case.

use chrono::NaiveDate;
use serde_json::json;

use super::{Case, CasesError, EventKind, Phase, news, store, timeline::GENESIS};
use crate::{
    db::{By, Conn, DbError},
    receivables::{self, Receivable},
    types::{CaseId, DebtorId, Money, ReceivableId, clock::day_in, creditor_reference::CreditorReference},
};

/// What a creditor wants pursued.
#[derive(Debug)]
pub struct Posting {
    pub receivables: Vec<ReceivableId>,
    /// Ask for statutory interest and compensation, or for the principal alone.
    pub with_interest: bool,
    /// Start the creditor's own strategy at once, or keep it a draft.
    pub start: bool,
}

/// Makes the case. Its receivables must be the creditor's, in no other case, of one debtor and one currency, and one of
/// them due, and none time-barred.
///
/// # Errors
/// As above.
pub async fn post(conn: &mut Conn<'_>, by: &By, posting: &Posting) -> Result<Case, CasesError> {
    if posting.receivables.is_empty() {
        return Err(CasesError::NoReceivables);
    }
    let receivables = receivables::lock_open_receivables(conn, by, &posting.receivables).await?;
    let mut case = assemble(by, posting, &receivables)?;
    receivables::check_enforceable(conn, by, &receivables, day_in(chrono_tz::UTC, by.at)).await?;
    let payload = news(&case);
    let (mut one, mut other, id) = (*conn, *conn, case.id);
    let insert = async { Ok::<_, CasesError>(store::insert(&mut one, &mut case, &payload).await?) };
    let assign = async { Ok::<_, CasesError>(receivables::assign_to_case(&mut other, by, &posting.receivables, id).await?) };
    tokio::try_join!(insert, assign)?;
    Ok(case)
}

/// How cases are posted that an upload opens.
#[derive(Debug, Clone, Copy)]
pub struct PostingTerms {
    pub with_interest: bool,
    pub start: bool,
}

/// The case that these receivables of one debtor would make, in memory: for [`post_many`].
///
/// # Errors
/// As [`post`].
pub fn prospect(by: &By, terms: PostingTerms, receivables: &[Receivable]) -> Result<Case, CasesError> {
    let ids = receivables.iter().map(|receivable| receivable.id).collect();
    assemble(by, &Posting { receivables: ids, with_interest: terms.with_interest, start: terms.start }, receivables)
}

/// The case that one invoice would make which is about to be taken in. `None`: it is not due, or so old that a person looks
/// at it first.
///
/// # Errors
/// No creditor asks.
pub fn prospect_of_one(
    by: &By,
    terms: PostingTerms,
    invoice: ReceivableId,
    debtor: DebtorId,
    (principal, due_on): (Money, NaiveDate),
) -> Result<Option<Case>, CasesError> {
    let today = day_in(chrono_tz::UTC, by.at);
    if due_on >= today || receivables::may_be_barred(due_on, today) {
        return Ok(None);
    }
    let posting = Posting { receivables: vec![invoice], with_interest: terms.with_interest, start: terms.start };
    found(by, &posting, debtor, principal, due_on).map(Some)
}

/// Writes prospective cases with their first events. Nobody is told of each: whoever uploaded thousands is told of the upload.
///
/// # Errors
/// The database fails.
pub async fn post_many(conn: &mut Conn<'_>, cases: Vec<Case>) -> Result<(), CasesError> {
    Ok(store::many::insert(conn, &cases).await?)
}

/// The new case, in memory.
pub(super) fn assemble(by: &By, posting: &Posting, receivables: &[Receivable]) -> Result<Case, CasesError> {
    let first = receivables.first().ok_or(CasesError::NoReceivables)?;
    if receivables.iter().any(|receivable| receivable.debtor_id != first.debtor_id) {
        return Err(CasesError::SeveralDebtors);
    }
    if receivables.iter().any(|receivable| receivable.principal.currency != first.principal.currency) {
        return Err(CasesError::SeveralCurrencies);
    }
    let oldest_due_on = receivables.iter().map(|receivable| receivable.due_on).min().unwrap_or(first.due_on);
    if oldest_due_on >= day_in(chrono_tz::UTC, by.at) {
        return Err(CasesError::NotDue(oldest_due_on));
    }
    let principal_minor = receivables.iter().map(|receivable| receivable.open_principal().minor).sum();
    if principal_minor <= 0 {
        return Err(CasesError::NothingOwed);
    }
    found(by, posting, first.debtor_id, Money::new(principal_minor, first.principal.currency), oldest_due_on)
}

fn found(by: &By, posting: &Posting, debtor: DebtorId, principal: Money, oldest_due_on: NaiveDate) -> Result<Case, CasesError> {
    let creditor = by.scope.org().ok_or(CasesError::NotFound)?;
    let id = CaseId::fresh();
    let mut case = Case {
        id,
        reference: reference_of(id)?,
        creditor,
        debtor,
        agency: None,
        promised_tone: None,
        listing: None,
        phase: if posting.start { Phase::InHouse } else { Phase::Draft },
        closed_from: None,
        outcome: None,
        currency: principal.currency,
        principal_minor: principal.minor,
        recovered_minor: 0,
        with_interest: posting.with_interest,
        oldest_due_on,
        contact_epoch: 0,
        next_action_at: posting.start.then_some(by.at),
        event_count: 0,
        last_event_hash: GENESIS.to_vec(),
        version: 1,
        phase_since: by.at,
        posted_at: by.at,
        closed_at: None,
        unsaved: Vec::new(),
    };
    let data = json!({ "principal_minor": principal.minor, "currency": case.currency, "receivables": posting.receivables });
    case.record(by, EventKind::Posted, data);
    if posting.start {
        case.record(by, EventKind::Started, json!({}));
    }
    Ok(case)
}

/// `RF` and check digits before twelve characters of the case's id.
fn reference_of(id: CaseId) -> Result<String, CasesError> {
    let hex = id.0.simple().to_string().to_uppercase();
    let body = hex.get(20..).unwrap_or(&hex);
    let reference = CreditorReference::from_body(body).map_err(|error| DbError::Busy(error.to_string()))?;
    Ok(reference.as_str().to_owned())
}
