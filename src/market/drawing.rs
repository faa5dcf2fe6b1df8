//! Drawing a card from what the platform knows of a debt: of a case that goes to market, or of one that might.

use chrono::NaiveDate;

use super::{
    MarketError,
    card::{Card, Evidence, Facts},
    store::listings as store,
};
use crate::{
    db::{By, Conn},
    receivables::{self, Debtor, Receivable},
    types::Money,
};

/// What a card is drawn from, beside the debtor's profile and record.
pub(super) struct DrawnFrom<'a> {
    pub debtor: &'a Debtor,
    pub invoices: &'a [Receivable],
    pub open_principal: Money,
    pub oldest_due_on: NaiveDate,
    pub on: NaiveDate,
    pub letter_sent: bool,
    pub disputed: bool,
}

/// The whole card, before anything is left out of it.
pub(super) async fn draw_card(conn: &mut Conn<'_>, by: &By, from: &DrawnFrom<'_>) -> Result<Card, MarketError> {
    let DrawnFrom { debtor, invoices, .. } = from;
    let profile = receivables::profile_of(conn, by, debtor.id).await?;
    let record = store::debtor_record(conn, debtor.id).await?;
    Ok(Card::of(&Facts {
        country: debtor.country,
        postal_code: debtor.postal_code.as_deref(),
        sector: debtor.sector.as_deref(),
        debtor_kind: debtor.kind,
        open_principal: from.open_principal,
        oldest_due_on: from.oldest_due_on,
        on: from.on,
        invoice_count: invoices.len(),
        documents: evidence(invoices, from.letter_sent),
        disputed: from.disputed,
        record,
        tone_ceiling: profile.tone_ceiling,
    }))
}

fn evidence(invoices: &[Receivable], letter_sent: bool) -> Vec<Evidence> {
    let there = [
        (Evidence::InvoiceFile, invoices.iter().any(|invoice| invoice.document_id.is_some())),
        (Evidence::PurchaseOrder, invoices.iter().any(|invoice| invoice.purchase_order.is_some())),
        (Evidence::Letter, letter_sent),
    ];
    there.into_iter().filter_map(|(evidence, is_there)| is_there.then_some(evidence)).collect()
}
