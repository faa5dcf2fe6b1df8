//! The rules of EN 16931 about totals: an invoice that does not add up is not claimed on.

use super::{document::InvoiceDocument, facts::Standard};
use crate::types::{Money, MoneyError};

/// A rule and what the document makes of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {sum} should be {parts}, and the file says {stated}")]
pub struct Breach {
    /// As EN 16931 numbers it.
    pub rule: &'static str,
    sum: &'static str,
    parts: String,
    stated: Money,
}

/// Every broken rule, in the order of the standard. Only what the file states is compared.
pub fn breaches(
    document: &InvoiceDocument,
    rounding: Option<Money>,
    third_parties: Option<Money>,
    standard: Standard,
) -> Vec<Breach> {
    if standard != Standard::En16931 {
        return Vec::new();
    }
    let total = document.total.zip(document.net).and_then(|(stated, net)| {
        let tax = document.tax.unwrap_or(Money::zero(net.currency));
        breach("BR-CO-15", "the total with tax", stated, net.checked_add(tax))
    });
    let payable = document.payable.zip(document.total).and_then(|(stated, total)| {
        let prepaid = document.prepaid.unwrap_or(Money::zero(total.currency));
        let added = [rounding, third_parties].into_iter().flatten();
        let expected = total.checked_sub(prepaid).and_then(|rest| added.into_iter().try_fold(rest, Money::checked_add));
        breach("BR-CO-16", "the payable amount", stated, expected)
    });
    total.into_iter().chain(payable).collect()
}

fn breach(rule: &'static str, sum: &'static str, stated: Money, expected: Result<Money, MoneyError>) -> Option<Breach> {
    match expected {
        Ok(expected) if expected == stated => None,
        Ok(expected) => Some(Breach { rule, sum, parts: expected.to_string(), stated }),
        Err(error) => Some(Breach { rule, sum, parts: error.to_string(), stated }),
    }
}
