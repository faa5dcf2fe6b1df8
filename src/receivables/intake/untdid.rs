//! Code lists of UN/EDIFACT that UBL and CII share.

use super::document::InvoiceKind;

/// UNTDID 1001, what a document is. Codes not named here are kinds of invoices.
pub fn kind(code: &str) -> InvoiceKind {
    match code {
        "81" | "83" | "261" | "262" | "296" | "308" | "381" | "396" | "420" | "458" | "532" => InvoiceKind::CreditNote,
        "384" => InvoiceKind::Correction,
        "325" => InvoiceKind::ProForma,
        _ => InvoiceKind::Invoice,
    }
}

/// Scheme of the list EAS, then the identifier.
pub fn electronic_address(scheme: Option<&str>, identifier: &str) -> String {
    scheme.map_or_else(|| identifier.to_owned(), |scheme| format!("{scheme}:{identifier}"))
}
