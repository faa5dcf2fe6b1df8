//! The receipt that a debtor gets for each payment (FR CPCE art. R124-6; DE BGB § 368; ES CC art. 1157 with the custom of
//! trade): on its page, by mail where it may be written to, and for both sides of the case to download.
//!
//! What may never happen here: a receipt for what is not confirmed, or one that says something else on its second print.
//! A receipt asks for nothing, so neither hours nor caps hold it back; who wants no mails gets none.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Payment, PaymentStatus, PaymentsError, Route, list_allocations, store};
use crate::{
    cases,
    db::{By, Conn},
    paper::{
        ReceiptSheet,
        receipt::{AllocationRow, Part},
    },
    parties,
    receivables::{self, claim},
    types::{CaseId, Channel, CreditorReference, Money, PaymentId, clock::day_in},
};

/// That a payment was acknowledged to the debtor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Receipt {
    /// The case's reference, and which of its payments it is.
    #[schema(example = "RF18539007547034-2")]
    pub reference: String,
    /// What was left of the case after this payment.
    pub still_owed: Money,
    /// None where the debtor has no mail address or wants no mails.
    pub mailed_at: Option<DateTime<Utc>>,
}

/// What goes to the debtor by mail, and from whom.
#[derive(Debug)]
pub struct ReceiptMail {
    pub to: String,
    pub sheet: ReceiptSheet,
    pub case: CaseId,
}

/// The receipt of a payment; none before it is confirmed.
///
/// # Errors
/// The database fails.
pub async fn find_receipt(conn: &mut Conn<'_>, _by: &By, payment: &Payment) -> Result<Option<Receipt>, PaymentsError> {
    Ok(store::find_receipt(conn, payment).await?)
}

/// The receipt to print, in the debtor's language. Under `Scope::System`: whoever collected may have given the case back
/// since. The caller has seen that the payment may be read.
///
/// # Errors
/// The payment is not confirmed.
pub async fn sheet(conn: &mut Conn<'_>, by: &By, payment: &Payment) -> Result<ReceiptSheet, PaymentsError> {
    payment.must_be(PaymentStatus::Confirmed)?;
    let receipt = store::find_receipt(conn, payment).await?.ok_or(PaymentsError::WrongStatus(payment.status))?;
    let case = cases::find(conn, by, payment.case).await?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let creditor = parties::find_organisation(conn, by, payment.creditor).await.map_err(|_| PaymentsError::NotFound)?;
    let issuer = match (payment.route, payment.agency) {
        (Route::AgencyAccount, Some(agency)) => {
            parties::find_organisation(conn, by, agency).await.map_err(|_| PaymentsError::NotFound)?
        }
        // The creditor's, whoever held the money on its way: the debt is discharged towards it.
        (Route::AgencyAccount | Route::Direct | Route::Stripe, _) => creditor.clone(),
    };
    let allocations = list_allocations(conn, by, payment).await?.into_iter().map(|line| AllocationRow {
        invoice: line.invoice_number.unwrap_or_default(),
        part: printed(line.part),
        amount: line.amount,
    });
    let issued_at = payment.answered_at.unwrap_or(payment.declared_at);
    Ok(ReceiptSheet {
        language: debtor.language,
        reference: receipt.reference,
        case_reference: case.reference.parse::<CreditorReference>().map_or(case.reference, |reference| reference.to_string()),
        issued_on: day_in(issuer.country.time_zone(), issued_at),
        issuer: issuer.printed(),
        creditor: creditor.printed(),
        debtor: debtor.printed(),
        received_on: payment.received_on,
        bank_reference: payment.bank_reference.clone(),
        allocations: allocations.collect(),
        still_open: receipt.still_owed,
    })
}

const fn printed(part: claim::Part) -> Part {
    match part {
        claim::Part::Costs => Part::Costs,
        claim::Part::Compensation => Part::Compensation,
        claim::Part::Interest => Part::Interest,
        claim::Part::Principal => Part::Principal,
    }
}

/// What is to be mailed for a confirmed payment. `None`: mailed already, taken back meanwhile, or the debtor has no address or
/// wants no mails.
///
/// # Errors
/// The payment is gone.
pub async fn to_mail(conn: &mut Conn<'_>, by: &By, id: PaymentId) -> Result<Option<ReceiptMail>, PaymentsError> {
    let payment = super::find(conn, by, id).await?;
    let to_do = store::find_receipt(conn, &payment).await?.is_some_and(|receipt| receipt.mailed_at.is_none());
    if payment.status != PaymentStatus::Confirmed || !to_do {
        return Ok(None);
    }
    let case = cases::find(conn, by, payment.case).await?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let profile = receivables::profile_of(conn, by, case.debtor).await?;
    let Some(to) = debtor.email.filter(|_| !profile.do_not_contact && profile.channels.contains(&Channel::Mail)) else {
        return Ok(None);
    };
    Ok(Some(ReceiptMail { to, sheet: sheet(conn, by, &payment).await?, case: case.id }))
}

/// The receipt has left.
///
/// # Errors
/// The database fails.
pub async fn mailed(conn: &mut Conn<'_>, by: &By, id: PaymentId) -> Result<(), PaymentsError> {
    Ok(store::set_receipt_mailed(conn, id, by.at).await?)
}
