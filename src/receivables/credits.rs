//! Credit notes: what the creditor gave up of an invoice. One that credits all of it leaves nothing to chase; one that is
//! cancelled counts as never given.
//!
//! What may never happen here: more credited than is open, a credit note counted twice, or one that waits for its invoice
//! and is forgotten when the invoice comes in.
//!
//! The case that holds the invoice is locked before, by whoever calls (`cases::credits`).

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Receivable, ReceivablesError,
    store::{credits as store, invoices},
};
use crate::{
    db::{By, Conn},
    types::{CreditNoteId, Money, OrgId, ReceivableId},
};

/// A credit note as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditNote {
    pub id: CreditNoteId,
    #[serde(skip)]
    pub creditor_id: OrgId,
    /// None while the invoice that it credits has not come in.
    pub receivable_id: Option<ReceivableId>,
    pub issuer: String,
    pub number: String,
    /// The invoice that it names.
    pub credited_number: Option<String>,
    pub issued_on: NaiveDate,
    pub amount: Money,
    /// What it took off the principal: at most what was open. The rest is the creditor's to give back.
    pub applied: Money,
    /// Since when it counts as never given.
    pub cancelled_on: Option<NaiveDate>,
    pub created_at: DateTime<Utc>,
}

/// A credit note as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredit {
    pub issuer: String,
    pub number: String,
    pub credited_number: Option<String>,
    pub issued_on: NaiveDate,
    pub amount: Money,
}

/// Credits a receivable, which is locked until the transaction ends. The same note again changes nothing.
///
/// # Errors
/// Another currency, a note of this number for another invoice or amount, or a receivable that `by` does not own.
pub async fn credit(
    conn: &mut Conn<'_>,
    by: &By,
    receivable: ReceivableId,
    new: &NewCredit,
) -> Result<(CreditNote, bool), ReceivablesError> {
    let owed = lock_own(conn, by, receivable).await?;
    if new.amount.currency != owed.principal.currency {
        return Err(ReceivablesError::CreditCurrency { invoice: owed.principal, credit: new.amount });
    }
    if let Some(known) = store::find_by_number(conn, owed.creditor_id, &new.issuer, &new.number).await? {
        let same = known.receivable_id == Some(receivable) && known.amount == new.amount;
        return if same { Ok((known, false)) } else { Err(ReceivablesError::CreditNumberTaken(known.id)) };
    }
    let applied = applicable(new.amount, owed.open_principal());
    let id = CreditNoteId::fresh();
    store::insert(conn, id, owed.creditor_id, Some(receivable), new, applied, by.at).await?;
    store::add_credited(conn, receivable, applied.minor).await?;
    let note = store::find(conn, id).await?.ok_or(ReceivablesError::NotFound("credit note"))?;
    Ok((note, true))
}

/// Keeps a credit note whose invoice is not here. `false`: it was kept before.
///
/// # Errors
/// The database fails.
pub async fn keep_waiting(conn: &mut Conn<'_>, by: &By, creditor: OrgId, new: &NewCredit) -> Result<bool, ReceivablesError> {
    if store::find_by_number(conn, creditor, &new.issuer, &new.number).await?.is_some() {
        return Ok(false);
    }
    let nothing = Money::zero(new.amount.currency);
    store::insert(conn, CreditNoteId::fresh(), creditor, None, new, nothing, by.at).await?;
    Ok(true)
}

/// Issuers and numbers of the invoices that credit notes wait for.
///
/// # Errors
/// The database fails.
pub async fn awaited_by_credits(conn: &mut Conn<'_>, by: &By) -> Result<HashSet<(String, String)>, ReceivablesError> {
    let creditor = by.scope.org().ok_or(ReceivablesError::NotFound("creditor"))?;
    Ok(store::list_awaited(conn, creditor).await?.into_iter().collect())
}

/// The creditor's invoice of this issuer and number.
///
/// # Errors
/// The database fails.
pub async fn find_by_number(
    conn: &mut Conn<'_>,
    by: &By,
    issuer: &str,
    number: &str,
) -> Result<Option<ReceivableId>, ReceivablesError> {
    let creditor = by.scope.org().ok_or(ReceivablesError::NotFound("creditor"))?;
    Ok(store::find_invoice(conn, creditor, issuer, number).await?)
}

/// Applies credit notes that waited for these receivables, which were just made.
///
/// # Errors
/// The database fails.
pub(super) async fn apply_waiting(conn: &mut Conn<'_>, creditor: OrgId, fresh: &[ReceivableId]) -> Result<(), ReceivablesError> {
    if !fresh.is_empty() && store::any_waiting(conn, creditor).await? {
        store::apply_waiting(conn, creditor, fresh).await?;
    }
    Ok(())
}

/// Cancels a credit note: what it took off is owed again. `None`: it was cancelled before.
///
/// # Errors
/// Not visible, or not the creditor's.
pub async fn cancel_credit(
    conn: &mut Conn<'_>,
    by: &By,
    id: CreditNoteId,
    on: NaiveDate,
) -> Result<Option<CreditNote>, ReceivablesError> {
    let note = find_credit(conn, by, id).await?;
    if let Some(receivable) = note.receivable_id {
        lock_own(conn, by, receivable).await?;
    }
    if !store::cancel(conn, id, on).await? {
        return Ok(None);
    }
    if let Some(receivable) = note.receivable_id {
        store::add_credited(conn, receivable, note.applied.minor.saturating_neg()).await?;
    }
    Ok(Some(note))
}

/// A credit note that `by` may see.
///
/// # Errors
/// Not visible.
pub async fn find_credit(conn: &mut Conn<'_>, _by: &By, id: CreditNoteId) -> Result<CreditNote, ReceivablesError> {
    store::find(conn, id).await?.ok_or(ReceivablesError::NotFound("credit note"))
}

/// The credit notes of a receivable, oldest first.
///
/// # Errors
/// The database fails.
pub async fn list_credits(conn: &mut Conn<'_>, _by: &By, receivable: ReceivableId) -> Result<Vec<CreditNote>, ReceivablesError> {
    Ok(store::list(conn, receivable).await?)
}

async fn lock_own(conn: &mut Conn<'_>, by: &By, id: ReceivableId) -> Result<Receivable, ReceivablesError> {
    let creditor = by.scope.org().ok_or(ReceivablesError::NotFound("receivable"))?;
    invoices::lock(conn, creditor, &[id]).await?.into_iter().next().ok_or(ReceivablesError::NotFound("receivable"))
}

/// A credit note takes off at most what is open.
const fn applicable(amount: Money, open: Money) -> Money {
    if amount.minor < open.minor { amount } else { open }
}
