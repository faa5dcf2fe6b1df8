//! Commands on receivables: which case they belong to, what was paid on them, what a dispute took off, the claim they make.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    ReceivablesError,
    claim::{Claim, ClaimTerms, Owed, claim, owed_by_invoice},
    invoice::Invoice,
    store::invoices as store,
};
use crate::{
    db::{By, Conn},
    http::Cursor,
    types::{CaseId, DebtorId, DocumentId, Money, OrgId, ReceivableId, UploadId, clock::day_in},
};

/// One invoice as owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Receivable {
    pub id: ReceivableId,
    #[serde(skip)]
    pub creditor_id: OrgId,
    pub debtor_id: DebtorId,
    /// None while nobody pursues it.
    pub case_id: Option<CaseId>,
    /// Enterprise key of who issued it.
    #[schema(example = "ES:B12345674")]
    pub issuer: String,
    pub number: String,
    pub issued_on: NaiveDate,
    pub due_on: NaiveDate,
    pub principal: Money,
    /// What credit notes took off the principal.
    pub credited: Money,
    pub principal_paid: Money,
    pub interest_paid: Money,
    pub compensation_paid: Money,
    pub costs_paid: Money,
    /// What of the principal the debtor objects to: not asked for until it is answered.
    pub disputed: Money,
    /// The VAT that the principal includes, where the invoice says so.
    pub vat: Option<Money>,
    pub purchase_order: Option<String>,
    /// Number of the delivery note, as proof that the debtor got the goods.
    pub delivery_note: Option<String>,
    pub delivered_on: Option<NaiveDate>,
    /// The invoice itself, where it came as a document.
    pub document_id: Option<DocumentId>,
    pub created_at: DateTime<Utc>,
}

impl Receivable {
    /// What is still owed of the principal.
    #[must_use]
    pub const fn open_principal(&self) -> Money {
        let settled = self.principal_paid.minor.saturating_add(self.credited.minor);
        Money::new(self.principal.minor.saturating_sub(settled), self.principal.currency)
    }

    /// What of it nobody objects to.
    #[must_use]
    pub fn undisputed(&self) -> Money {
        let open = self.open_principal();
        Money::new(open.minor.saturating_sub(self.disputed.minor).max(0), open.currency)
    }

    /// Whether money has come in on any part of it.
    #[must_use]
    pub const fn was_paid_on(&self) -> bool {
        self.principal_paid.minor > 0
            || self.interest_paid.minor > 0
            || self.compensation_paid.minor > 0
            || self.costs_paid.minor > 0
    }
}

/// A receivable that `by` may see.
///
/// # Errors
/// Not visible.
pub async fn find_receivable(conn: &mut Conn<'_>, _by: &By, id: ReceivableId) -> Result<Receivable, ReceivablesError> {
    store::find(conn, id).await?.ok_or(ReceivablesError::NotFound("receivable"))
}

/// Which of a creditor's receivables are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// Only those in no case.
    pub unassigned: bool,
    pub debtor: Option<DebtorId>,
}

/// A creditor's receivables, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_receivables(
    conn: &mut Conn<'_>,
    by: &By,
    wanted: Wanted,
    cursor: Cursor,
) -> Result<Vec<Receivable>, ReceivablesError> {
    let Some(creditor) = by.scope.org() else { return Ok(Vec::new()) };
    Ok(store::list(conn, creditor, wanted, cursor).await?)
}

/// The creditor's receivables with these ids, locked in id order, none of them in a case.
///
/// # Errors
/// One is not the creditor's, or is in a case.
pub async fn lock_open_receivables(
    conn: &mut Conn<'_>,
    by: &By,
    ids: &[ReceivableId],
) -> Result<Vec<Receivable>, ReceivablesError> {
    let creditor = by.scope.org().ok_or(ReceivablesError::NotFound("receivable"))?;
    let locked = store::lock(conn, creditor, ids).await?;
    if let Some(missing) = ids.iter().find(|id| locked.iter().all(|receivable| receivable.id != **id)) {
        return Err(ReceivablesError::UnknownReceivable(*missing));
    }
    if let Some((receivable, case)) = locked.iter().find_map(|receivable| receivable.case_id.map(|case| (receivable.id, case))) {
        return Err(ReceivablesError::InACase { receivable, case });
    }
    Ok(locked)
}

/// Puts receivables that were locked by [`lock_open_receivables`] into a case.
///
/// # Errors
/// The database fails.
pub async fn assign_to_case(conn: &mut Conn<'_>, _by: &By, ids: &[ReceivableId], case: CaseId) -> Result<(), ReceivablesError> {
    Ok(store::set_case(conn, ids, case).await?)
}

/// Puts locked receivables into cases, each into the one at its place.
///
/// # Errors
/// The database fails.
pub async fn assign_many(conn: &mut Conn<'_>, _by: &By, into: &[(ReceivableId, CaseId)]) -> Result<(), ReceivablesError> {
    Ok(store::set_cases(conn, into).await?)
}

/// Invoices of an upload that are in no case, by debtor, after the given one; locked.
///
/// # Errors
/// The database fails.
pub async fn lock_uploaded(
    conn: &mut Conn<'_>,
    by: &By,
    upload: UploadId,
    after: (DebtorId, ReceivableId),
    limit: i64,
) -> Result<Vec<Receivable>, ReceivablesError> {
    let creditor = by.scope.org().ok_or(ReceivablesError::NotFound("creditor"))?;
    Ok(store::lock_uploaded(conn, creditor, upload, after, limit).await?)
}

/// Takes all receivables out of a case, so that they may be pursued anew.
///
/// # Errors
/// The database fails.
pub async fn release_from_case(conn: &mut Conn<'_>, _by: &By, case: CaseId) -> Result<(), ReceivablesError> {
    Ok(store::clear_case(conn, case).await?)
}

/// The receivables of a case, oldest due first.
///
/// # Errors
/// The database fails.
pub async fn of_case(conn: &mut Conn<'_>, _by: &By, case: CaseId) -> Result<Vec<Receivable>, ReceivablesError> {
    Ok(store::list_of_case(conn, case).await?)
}

/// The receivables of a case as a claim reckons them: with the days on which principal was paid. Oldest due first.
///
/// # Errors
/// The database fails.
pub async fn invoices_of_case(conn: &mut Conn<'_>, _by: &By, case: CaseId) -> Result<Vec<Invoice>, ReceivablesError> {
    Ok(store::list_invoices_of_case(conn, case).await?)
}

/// The claim of a case for any day, line by line.
///
/// # Errors
/// See [`super::claim::ClaimRefusal`].
pub async fn claim_of_case(
    conn: &mut Conn<'_>,
    by: &By,
    case: CaseId,
    terms: &ClaimTerms,
    on: NaiveDate,
) -> Result<Claim, ReceivablesError> {
    Ok(claim(terms, &invoices_of_case(conn, by, case).await?, on)?)
}

/// What is still owed of each receivable of a case on a day, by part, oldest due first: what a payment may be spread over.
///
/// # Errors
/// As [`claim_of_case`].
pub async fn owed_of_case(
    conn: &mut Conn<'_>,
    by: &By,
    case: CaseId,
    terms: &ClaimTerms,
    on: NaiveDate,
) -> Result<Vec<Owed>, ReceivablesError> {
    Ok(owed_by_invoice(terms, &invoices_of_case(conn, by, case).await?, on)?)
}

/// What one payment paid of each part of a receivable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaidParts {
    pub principal: Money,
    pub interest: Money,
    pub compensation: Money,
    pub costs: Money,
}

/// Books what an allocation paid on each part of a receivable; amounts below nothing take it back. The row of `allocations` is
/// written by the caller.
///
/// # Errors
/// More principal than is open, another currency, or not visible.
pub async fn apply_allocation(
    conn: &mut Conn<'_>,
    _by: &By,
    receivable: ReceivableId,
    parts: PaidParts,
) -> Result<(), ReceivablesError> {
    // Also proves that all of them are in one currency.
    Money::sum(parts.principal.currency, [parts.principal, parts.interest, parts.compensation, parts.costs])?;
    let booked = store::add_paid(conn, receivable, parts).await;
    match booked {
        Ok(true) => Ok(()),
        Ok(false) => Err(ReceivablesError::NotFound("receivable")),
        Err(error) if error.violates("receivables_not_overpaid") => Err(ReceivablesError::Overpaid(receivable)),
        Err(error) => Err(error.into()),
    }
}

/// Takes a settled reduction off the open principal of a case, each receivable in proportion to what is open on it.
///
/// # Errors
/// Nothing, or more than is open.
pub async fn reduce_principal(conn: &mut Conn<'_>, by: &By, case: CaseId, reduction: Money) -> Result<(), ReceivablesError> {
    let locked = store::lock_of_case(conn, case).await?;
    let open = Money::sum(reduction.currency, locked.iter().map(Receivable::open_principal))?;
    if !reduction.is_positive() || reduction.minor > open.minor {
        return Err(ReceivablesError::Reduction(open));
    }
    let weights: Vec<u64> =
        locked.iter().map(|receivable| u64::try_from(receivable.open_principal().minor).unwrap_or(0)).collect();
    let parts = reduction.split(&weights);
    let ids: Vec<ReceivableId> = locked.iter().map(|receivable| receivable.id).collect();
    Ok(store::subtract_principal(conn, &ids, &parts, day_in(chrono_tz::UTC, by.at)).await?)
}

/// A part of the principal of an invoice.
pub type PartOf = (ReceivableId, Money);

/// Sets parts aside that the debtor objects to.
///
/// # Errors
/// The database fails.
pub async fn set_aside(conn: &mut Conn<'_>, _by: &By, parts: &[PartOf]) -> Result<(), ReceivablesError> {
    if parts.is_empty() {
        return Ok(());
    }
    let ids: Vec<ReceivableId> = parts.iter().map(|(id, _)| *id).collect();
    Ok(store::add_disputed(conn, &ids, parts.iter().map(|(_, amount)| amount.minor).collect()).await?)
}

/// Parts that were set aside are disputed no more.
///
/// # Errors
/// The database fails.
pub async fn take_up_again(conn: &mut Conn<'_>, _by: &By, parts: &[PartOf]) -> Result<(), ReceivablesError> {
    if parts.is_empty() {
        return Ok(());
    }
    let ids: Vec<ReceivableId> = parts.iter().map(|(id, _)| *id).collect();
    Ok(store::add_disputed(conn, &ids, parts.iter().map(|(_, amount)| amount.minor.saturating_neg()).collect()).await?)
}

/// Takes parts off the principal, of each at most what is open. Returns how much that was.
///
/// # Errors
/// The database fails.
pub async fn waive_parts(conn: &mut Conn<'_>, by: &By, case: CaseId, parts: &[PartOf]) -> Result<i64, ReceivablesError> {
    let locked = store::lock_of_case(conn, case).await?;
    let open_of = |id: ReceivableId| locked.iter().find(|receivable| receivable.id == id).map(Receivable::open_principal);
    let taken: Vec<PartOf> = parts
        .iter()
        .filter_map(|(id, amount)| Some((*id, Money::new(amount.minor.min(open_of(*id)?.minor).max(0), amount.currency))))
        .collect();
    let ids: Vec<ReceivableId> = taken.iter().map(|(id, _)| *id).collect();
    let amounts: Vec<Money> = taken.iter().map(|(_, amount)| *amount).collect();
    store::subtract_principal(conn, &ids, &amounts, day_in(chrono_tz::UTC, by.at)).await?;
    Ok(amounts.iter().map(|amount| amount.minor).sum())
}
