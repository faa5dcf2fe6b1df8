//! Credit notes on invoices that may be in a case: what was credited is not chased, what was cancelled is.
//!
//! Lock order: the case first, then its receivables. An invoice that moves into a case between our look and our lock is
//! looked at again.

use serde_json::json;

use super::{Case, CasesError, Command, EventKind, Outcome, lock, running_holds, save};
use crate::{
    db::{By, Conn, DbError},
    receivables::{self, CreditNote, NewCredit},
    types::{CaseId, CreditNoteId, ReceivableId, clock::day_in},
};

const LOOKS: usize = 3;

/// What became of a credit note.
#[derive(Debug)]
pub struct CreditGiven {
    pub note: CreditNote,
    /// `false`: it had been given before.
    pub fresh: bool,
}

/// Credits an invoice. Its case, if any, asks for less from now on; with nothing left to ask it closes as `invalid`.
///
/// # Errors
/// See [`receivables::credit`].
pub async fn credit_invoice(
    conn: &mut Conn<'_>,
    by: &By,
    receivable: ReceivableId,
    new: &NewCredit,
) -> Result<CreditGiven, CasesError> {
    let case = lock_case_of(conn, by, receivable).await?;
    let (note, fresh) = receivables::credit(conn, by, receivable, new).await?;
    if let (Some(mut case), true) = (case, fresh) {
        let data = json!({ "receivable_id": receivable, "credit_note": note.number, "issued_on": note.issued_on,
                           "applied_minor": note.applied.minor, "currency": note.applied.currency });
        lower(conn, by, &mut case, note.applied.minor, data).await?;
    }
    Ok(CreditGiven { note, fresh })
}

/// Cancels a credit note: the invoice is owed, and chased, again. A case that had closed over it goes on.
///
/// # Errors
/// Not visible, or cancelled before.
pub async fn cancel_credit(conn: &mut Conn<'_>, by: &By, id: CreditNoteId) -> Result<CreditNote, CasesError> {
    let seen = receivables::find_credit(conn, by, id).await?;
    let case = match seen.receivable_id {
        Some(receivable) => lock_case_of(conn, by, receivable).await?,
        None => None,
    };
    let today = day_in(chrono_tz::UTC, by.at);
    let note = receivables::cancel_credit(conn, by, id, today).await?.ok_or(CasesError::AlreadyDone("cancelled"))?;
    if let Some(mut case) = case {
        raise(conn, by, &mut case, &note).await?;
    }
    Ok(receivables::find_credit(conn, by, id).await?)
}

async fn lower(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    applied_minor: i64,
    data: serde_json::Value,
) -> Result<(), CasesError> {
    // What was prepared names the old amount: it is not sent; the engine looks again as it had planned to.
    case.stop_contact(case.next_action_at);
    case.record(by, EventKind::Credited, data);
    let left = receivables::of_case(conn, by, case.id).await?.iter().map(|invoice| invoice.open_principal().minor).sum::<i64>();
    if left > 0 {
        case.principal_minor = case.principal_minor.saturating_sub(applied_minor).max(1);
    } else if case.must_be_open("closed").is_ok() {
        let outcome = if case.recovered_minor > 0 { Outcome::Settled } else { Outcome::Invalid };
        case.carry_out(
            by,
            Command::Close(outcome),
            EventKind::Closed,
            json!({ "outcome": outcome, "reason": "credited in full" }),
        )?;
    }
    save(conn, by, case).await
}

async fn raise(conn: &mut Conn<'_>, by: &By, case: &mut Case, note: &CreditNote) -> Result<(), CasesError> {
    let data = json!({ "receivable_id": note.receivable_id, "credit_note": note.number, "applied_minor": note.applied.minor,
                       "currency": note.applied.currency });
    case.stop_contact(case.next_action_at);
    case.record(by, EventKind::CreditCancelled, data);
    if case.closed_at.is_some() {
        case.carry_out(by, Command::Reopen, EventKind::Reopened, json!({ "reason": "a credit note was cancelled" }))?;
    } else {
        case.principal_minor = case.principal_minor.saturating_add(note.applied.minor);
    }
    if case.is_pursued() && running_holds(conn, case.id, by.at).await?.is_empty() {
        case.look_again(by.at);
    }
    save(conn, by, case).await
}

/// The case that holds an invoice, locked; `None` where none does.
async fn lock_case_of(conn: &mut Conn<'_>, by: &By, receivable: ReceivableId) -> Result<Option<Case>, CasesError> {
    for _ in 0..LOOKS {
        let Some(seen) = holder(conn, by, receivable).await? else { return Ok(None) };
        let case = lock(conn, by, seen).await?;
        if holder(conn, by, receivable).await? == Some(seen) {
            return Ok(Some(case));
        }
    }
    Err(DbError::Busy("the invoice moves between cases".to_owned()).into())
}

async fn holder(conn: &mut Conn<'_>, by: &By, receivable: ReceivableId) -> Result<Option<CaseId>, CasesError> {
    Ok(receivables::find_receivable(conn, by, receivable).await?.case_id)
}
