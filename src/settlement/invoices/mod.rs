//! Invoices and credit notes for fees and commission: the agency's to the creditor, the platform's to the agency. The platform
//! writes both, the agency's in its name (Directive 2006/112/EC art. 220(1)).
//!
//! What may never happen here: a gap or a double in the numbers of an issuer's year; an invoice that changes after it was
//! issued; a fee invoiced that was credited before; VAT that the fee did not bear.
//!
//! Issued by a job after the settlement, so that no settlement waits in line for a number. Lock order: the fee, then the
//! issuer's numbers. Credit notes have numbers of their own (Spain: RD 1619/2012 art. 6.1.a).

pub mod api;
pub mod jobs;
mod store;
pub mod ubl;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FeeKind, SettlementError, vat::Treatment};
use crate::{
    db::{By, Conn},
    http::Cursor,
    paper::{FeeInvoiceSheet, Party},
    parties::{self, Organisation},
    types::{BasisPoints, CaseId, Country, FeeId, FeeInvoiceId, Language, Money, OrgId, PaymentId, clock::day_in, text_enum},
};

text_enum! {
    /// Which of the two.
    pub enum FeeInvoiceKind {
        Invoice => "invoice",
        /// It takes an invoice back: nothing was recovered after all.
        CreditNote => "credit_note",
    }
}

/// A party as it was on the day of the invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceParty {
    pub name: String,
    /// Under which it accounts for VAT (Directive 2006/112/EC art. 226 points 3 and 4).
    #[schema(example = "ESB12345674")]
    pub vat_number: String,
    pub company_number: String,
    pub street: String,
    pub postal_code: String,
    pub city: String,
    pub country: Country,
}

/// An invoice or a credit note. Amounts are positive on both.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FeeInvoice {
    pub id: FeeInvoiceId,
    /// Without a gap per issuer, kind and year.
    #[schema(example = "ENT-2026-000042")]
    pub number: String,
    pub kind: FeeInvoiceKind,
    pub issuer_id: OrgId,
    pub recipient_id: OrgId,
    /// The invoice that a credit note takes back.
    pub corrects_id: Option<FeeInvoiceId>,
    pub corrects_number: Option<String>,
    pub corrects_issued_on: Option<NaiveDate>,
    pub issued_on: NaiveDate,
    /// The day of the service: when the money came in.
    pub supplied_on: NaiveDate,
    pub service: FeeKind,
    pub fee_id: FeeId,
    pub payment_id: PaymentId,
    pub case_id: CaseId,
    pub case_reference: String,
    pub issuer: InvoiceParty,
    pub recipient: InvoiceParty,
    pub language: Language,
    pub base: Money,
    pub rate_bp: BasisPoints,
    pub net: Money,
    pub vat_bp: BasisPoints,
    pub vat: Money,
    pub gross: Money,
    pub vat_treatment: Treatment,
    pub vat_ground: String,
}

/// The number as it is printed.
fn number(kind: FeeInvoiceKind, year: i32, seq: i32) -> String {
    match kind {
        FeeInvoiceKind::Invoice => format!("ENT-{year}-{seq:06}"),
        FeeInvoiceKind::CreditNote => format!("ENT-R-{year}-{seq:06}"),
    }
}

/// A fee under its lock.
#[derive(Debug)]
struct Charged {
    supplier: OrgId,
    customer: OrgId,
    net_minor: i64,
    is_credited: bool,
    case_reference: String,
}

/// What a fee is still to have. Pure.
const fn missing(is_credited: bool, has_invoice: bool, has_credit_note: bool) -> Option<FeeInvoiceKind> {
    match (is_credited, has_invoice, has_credit_note) {
        (false, false, _) => Some(FeeInvoiceKind::Invoice),
        (true, true, false) => Some(FeeInvoiceKind::CreditNote),
        // Credited before it was invoiced: nobody was ever charged.
        (true, false, _) | (true, true, true) | (false, true, _) => None,
    }
}

/// Issues what a fee is still to have: its invoice, or the credit note for it. Done twice it does nothing more.
///
/// # Errors
/// A party without a company number.
pub async fn issue(conn: &mut Conn<'_>, by: &By, fee: FeeId) -> Result<(), SettlementError> {
    let Some(charged) = store::lock_fee(conn, fee).await? else { return Ok(()) };
    let earlier = store::list_of_fee(conn, fee).await?;
    let of_kind = |kind| earlier.iter().find(|one| one.kind == kind);
    let (invoice, credit_note) = (of_kind(FeeInvoiceKind::Invoice), of_kind(FeeInvoiceKind::CreditNote));
    let Some(kind) = missing(charged.is_credited, invoice.is_some(), credit_note.is_some()) else { return Ok(()) };
    if charged.net_minor == 0 {
        return Ok(());
    }
    let supplier = parties::find_organisation(conn, by, charged.supplier).await?;
    let customer = parties::find_organisation(conn, by, charged.customer).await?;
    let issued_on = day_in(supplier.country.time_zone(), by.at);
    let (issuer, recipient) = match invoice {
        Some(corrected) => (corrected.issuer.clone(), corrected.recipient.clone()),
        None => (party(&supplier)?, party(&customer)?),
    };
    let fresh = store::Fresh {
        kind,
        parties: (supplier.id, customer.id),
        year: issued_on.year(),
        fee,
        corrects: invoice.map(|corrected| corrected.id),
        issued_on,
        described: (&issuer, &recipient),
        language: customer.language,
        case_reference: &charged.case_reference,
    };
    Ok(store::insert(conn, &fresh).await?)
}

fn party(of: &Organisation) -> Result<InvoiceParty, SettlementError> {
    let number = of.company_number.as_ref().ok_or_else(|| SettlementError::NoCompanyNumber(of.legal_name.clone()))?;
    Ok(InvoiceParty {
        name: of.legal_name.clone(),
        vat_number: number.vat_number(),
        company_number: number.to_string(),
        street: of.address.street.clone(),
        postal_code: of.address.postal_code.clone(),
        city: of.address.city.clone(),
        country: of.country,
    })
}

/// # Errors
/// Not visible.
pub async fn find(conn: &mut Conn<'_>, _by: &By, id: FeeInvoiceId) -> Result<FeeInvoice, SettlementError> {
    store::find(conn, id).await?.ok_or(SettlementError::NoSuchInvoice)
}

/// Invoices and credit notes that an organisation issued or received, newest first.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, org: OrgId, cursor: Cursor) -> Result<Vec<FeeInvoice>, SettlementError> {
    Ok(store::list(conn, org, cursor).await?)
}

impl InvoiceParty {
    fn printed(&self) -> Party {
        Party {
            name: self.name.clone(),
            company_number: Some(self.vat_number.clone()),
            street: Some(self.street.clone()),
            postal_code: Some(self.postal_code.clone()),
            city: Some(self.city.clone()),
            country: self.country,
            email: None,
            phone: None,
        }
    }
}

impl FeeInvoice {
    /// The sheet to print, in the recipient's language.
    #[must_use]
    pub fn sheet(&self) -> FeeInvoiceSheet {
        FeeInvoiceSheet {
            language: self.language,
            number: self.number.clone(),
            corrects: self.corrects_number.clone().zip(self.corrects_issued_on),
            issued_on: self.issued_on,
            supplied_on: self.supplied_on,
            issuer: self.issuer.printed(),
            recipient: self.recipient.printed(),
            is_commission: self.service == FeeKind::Commission,
            case_reference: self.case_reference.clone(),
            base: self.base,
            rate: self.rate_bp,
            net: self.net,
            vat_rate: self.vat_bp,
            vat: self.vat,
            gross: self.gross,
            vat_ground: self.vat_ground.clone(),
            is_reverse_charge: self.vat_treatment == Treatment::ReverseCharge,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_gets_its_invoice_once_and_a_credit_note_only_for_one() {
        let (invoice, credit_note) = (Some(FeeInvoiceKind::Invoice), Some(FeeInvoiceKind::CreditNote));
        for (is_credited, has_invoice, has_credit_note, expected) in [
            (false, false, false, invoice),
            (false, true, false, None),
            (true, true, false, credit_note),
            (true, true, true, None),
            (true, false, false, None),
        ] {
            assert_eq!(
                missing(is_credited, has_invoice, has_credit_note),
                expected,
                "{is_credited} {has_invoice} {has_credit_note}"
            );
        }
    }

    #[test]
    fn credit_notes_are_numbered_apart() {
        assert_eq!(number(FeeInvoiceKind::Invoice, 2026, 42), "ENT-2026-000042");
        assert_eq!(number(FeeInvoiceKind::CreditNote, 2026, 1), "ENT-R-2026-000001");
    }
}
