//! Commands around limitation: what began the time of a receivable anew, and until when each can be enforced.
//!
//! What may never happen here: a receivable refused as time-barred without its article, or on a day on which it was not.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Receivable, ReceivablesError,
    claim::ClaimTerms,
    debtors::find_debtor,
    invoices::{find_receivable, of_case},
    limitation::{Interruption, TimeBar, time_bar},
    store::interruptions as store,
};
use crate::{
    db::{By, Conn},
    parties::{self, contact::Note},
    types::{CaseId, ReceivableId, clock::day_in},
};

/// No law knows a shorter time than two years: below, nothing needs to be asked.
const SHORTEST_DAYS: u64 = 730;

/// What began the time of a receivable anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInterruption {
    pub kind: Interruption,
    pub interrupted_on: NaiveDate,
    /// How it can be proven: the number of a registered letter, a docket, a mail.
    pub evidence: Note,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Interrupted {
    #[serde(skip)]
    pub receivable_id: ReceivableId,
    pub kind: Interruption,
    pub interrupted_on: NaiveDate,
    pub evidence: String,
}

/// Until when a receivable can be enforced, and what it owes that to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Enforceability {
    pub receivable_id: ReceivableId,
    pub number: String,
    #[serde(flatten)]
    pub time_bar: TimeBar,
    /// Whether that day has passed.
    pub time_barred: bool,
    /// What was recorded; the law of the creditor's country says which of it counts.
    pub interruptions: Vec<Interrupted>,
}

/// Records what began the time anew.
///
/// # Errors
/// Not the creditor's; on a day to come or before the due day; recorded already.
pub async fn interrupt(
    conn: &mut Conn<'_>,
    by: &By,
    id: ReceivableId,
    new: &NewInterruption,
) -> Result<Enforceability, ReceivablesError> {
    let receivable = find_receivable(conn, by, id).await?;
    let today = day_in(chrono_tz::UTC, by.at);
    if by.scope.org() != Some(receivable.creditor_id) {
        return Err(ReceivablesError::NotFound("receivable"));
    }
    if new.interrupted_on > today || new.interrupted_on < receivable.due_on {
        return Err(ReceivablesError::InterruptedOn { first: receivable.due_on, last: today });
    }
    store::insert(conn, by, id, receivable.creditor_id, new)
        .await
        .map_err(|error| if error.violates("interruptions_once") { ReceivablesError::KnownInterruption } else { error.into() })?;
    enforceability(conn, by, receivable, today).await
}

/// Until when a receivable that `by` may see can be enforced.
///
/// # Errors
/// Not visible.
pub async fn enforceability_of(conn: &mut Conn<'_>, by: &By, id: ReceivableId) -> Result<Enforceability, ReceivablesError> {
    let receivable = find_receivable(conn, by, id).await?;
    enforceability(conn, by, receivable, day_in(chrono_tz::UTC, by.at)).await
}

async fn enforceability(
    conn: &mut Conn<'_>,
    by: &By,
    receivable: Receivable,
    on: NaiveDate,
) -> Result<Enforceability, ReceivablesError> {
    let terms = terms_of(conn, by, &receivable).await?;
    let found = enforceable(conn, &terms, std::slice::from_ref(&receivable), on).await?;
    found.into_iter().next().ok_or(ReceivablesError::NotFound("receivable"))
}

async fn terms_of(conn: &mut Conn<'_>, by: &By, receivable: &Receivable) -> Result<ClaimTerms, ReceivablesError> {
    let creditor = parties::find_organisation(conn, by, receivable.creditor_id).await?;
    let debtor = find_debtor(conn, by, receivable.debtor_id).await?;
    Ok(ClaimTerms::statutory(creditor.country, debtor.kind, true))
}

async fn enforceable(
    conn: &mut Conn<'_>,
    terms: &ClaimTerms,
    receivables: &[Receivable],
    on: NaiveDate,
) -> Result<Vec<Enforceability>, ReceivablesError> {
    let ids: Vec<ReceivableId> = receivables.iter().map(|receivable| receivable.id).collect();
    let recorded = store::list(conn, &ids).await?;
    let paid = if receivables.iter().any(Receivable::was_paid_on) { store::list_payments(conn, &ids).await? } else { Vec::new() };
    let of_one = |receivable: &Receivable| {
        let interruptions: Vec<Interrupted> = recorded.iter().filter(|one| one.receivable_id == receivable.id).cloned().collect();
        let payments = paid.iter().filter(|(id, _)| *id == receivable.id).map(|(_, day)| (*day, Interruption::Acknowledgement));
        let counted: Vec<_> = interruptions.iter().map(|one| (one.interrupted_on, one.kind)).chain(payments).collect();
        let time_bar = time_bar(terms.country, terms.kind, receivable.due_on, &counted);
        Enforceability {
            receivable_id: receivable.id,
            number: receivable.number.clone(),
            time_barred: time_bar.has_passed(on),
            time_bar,
            interruptions,
        }
    };
    Ok(receivables.iter().map(of_one).collect())
}

/// Until when each open receivable of a case can be enforced, the most pressing first.
///
/// # Errors
/// The database fails.
pub async fn enforceability_of_case(
    conn: &mut Conn<'_>,
    by: &By,
    case: CaseId,
    terms: &ClaimTerms,
    on: NaiveDate,
) -> Result<Vec<Enforceability>, ReceivablesError> {
    let mut open = of_case(conn, by, case).await?;
    open.retain(|receivable| receivable.open_principal().is_positive());
    let mut found = enforceable(conn, terms, &open, on).await?;
    found.sort_by_key(|one| one.time_bar.enforceable_until);
    Ok(found)
}

/// Refuses what can no longer be enforced. `receivables` are of one creditor and one debtor.
///
/// # Errors
/// One of them is time-barred: with its last day and the article.
pub async fn check_enforceable(
    conn: &mut Conn<'_>,
    by: &By,
    receivables: &[Receivable],
    on: NaiveDate,
) -> Result<(), ReceivablesError> {
    let oldest = receivables.iter().min_by_key(|receivable| receivable.due_on);
    let Some(oldest) = oldest.filter(|one| may_be_barred(one.due_on, on)) else { return Ok(()) };
    let terms = terms_of(conn, by, oldest).await?;
    match enforceable(conn, &terms, receivables, on).await?.into_iter().find(|one| one.time_barred) {
        Some(barred) => Err(ReceivablesError::TimeBarred(Box::new(barred))),
        None => Ok(()),
    }
}

/// Whether a debt due on `due_on` can be time-barred at all.
#[must_use]
pub fn may_be_barred(due_on: NaiveDate, on: NaiveDate) -> bool {
    due_on.checked_add_days(Days::new(SHORTEST_DAYS)).is_none_or(|earliest| earliest < on)
}
