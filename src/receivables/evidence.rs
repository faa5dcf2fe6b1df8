//! What there is to show for some invoices of one debtor.

use super::{
    Debtor, Receivable, ReceivablesError,
    checklist::{ChecklistItem, Held, checklist},
    documents::DocumentKind,
    store::evidence as store,
};
use crate::db::{By, Conn};

/// The checklist of some invoices of one debtor: what every one of them has counts as there.
///
/// # Errors
/// The database fails.
pub async fn checklist_of(
    conn: &mut Conn<'_>,
    _by: &By,
    debtor: &Debtor,
    invoices: &[Receivable],
) -> Result<Vec<ChecklistItem>, ReceivablesError> {
    let ids: Vec<_> = invoices.iter().map(|invoice| invoice.id).collect();
    let (papers, reminded) = (store::kinds(conn, &ids).await?, store::reminded(conn, &ids).await?);
    let (address, mail_address) = (debtor.street.is_some() && debtor.postal_code.is_some(), debtor.email.is_some());
    let held = invoices.iter().map(|invoice| {
        let has = |kind| papers.contains(&(invoice.id, kind));
        Held {
            invoice: invoice.document_id.is_some() || has(DocumentKind::Invoice),
            purchase_order: invoice.purchase_order.is_some(),
            delivery_proof: invoice.delivery_note.is_some() || invoice.delivered_on.is_some() || has(DocumentKind::DeliveryNote),
            contract: has(DocumentKind::Contract),
            prior_reminder: reminded.contains(&invoice.id) || has(DocumentKind::Reminder),
            address,
            mail_address,
        }
    });
    Ok(checklist(debtor.kind, held.reduce(Held::and).unwrap_or_default()))
}
