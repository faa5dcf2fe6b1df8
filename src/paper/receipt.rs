//! The receipt a debtor gets for every payment (CPCE R124-6): how much came, when, and what it was spent on.

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::{PaperError, Party, Texts, engine};
use crate::types::{Language, Money, text_enum};

#[derive(Debug, Clone)]
pub struct ReceiptSheet {
    pub language: Language,
    pub reference: String,
    pub case_reference: String,
    pub issued_on: NaiveDate,
    /// Whoever received the money: the agency on its client account, or the creditor.
    pub issuer: Party,
    pub creditor: Party,
    pub debtor: Party,
    pub received_on: NaiveDate,
    pub bank_reference: String,
    /// They add up to the payment.
    pub allocations: Vec<AllocationRow>,
    /// Zero once everything is paid.
    pub still_open: Money,
}

#[derive(Debug, Clone)]
pub struct AllocationRow {
    pub invoice: String,
    pub part: Part,
    pub amount: Money,
}

text_enum! {
    /// What a payment was spent on.
    pub enum Part {
        Compensation => "compensation",
        Interest => "interest",
        Principal => "principal",
        Costs => "costs",
    }
}

impl ReceiptSheet {
    /// # Errors
    /// Rows of several currencies, or a fault of the template.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        engine::pdf("receipt.typ", self.inputs()?)
    }

    fn inputs(&self) -> Result<Value, PaperError> {
        let (language, texts) = (self.language, Texts::of(self.language));
        let amount = Money::sum(self.still_open.currency, self.allocations.iter().map(|row| row.amount))?;
        let rows = self.allocations.iter().map(|row| {
            json!({"invoice": row.invoice, "part": texts.say(&format!("receipt.part_{}", row.part)), "amount": language.money(row.amount)})
        });
        Ok(json!({
            "lang": language.as_str(),
            "t": texts.section("receipt"), "c": texts.section("common"),
            "date": [self.issued_on.year(), self.issued_on.month(), self.issued_on.day()],
            "reference": self.reference,
            "issuer": self.issuer.inputs(), "creditor": self.creditor.inputs(), "debtor": self.debtor.inputs(),
            "for_other": self.issuer.name != self.creditor.name,
            "rows": rows.collect::<Vec<_>>(),
            "settled": self.still_open.minor == 0,
            "values": {
                "issuer": self.issuer.name, "creditor": self.creditor.name, "debtor": self.debtor.name,
                "issued_on": language.day(self.issued_on), "received_on": language.day(self.received_on),
                "amount": language.money(amount), "still_open": language.money(self.still_open),
                "bank_reference": self.bank_reference, "case_reference": self.case_reference,
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::samples::{self, text_of};

    #[test]
    fn a_receipt_states_the_sum_of_its_rows_and_what_is_left() {
        let text = text_of(&samples::receipt(Language::English).pdf().expect("a receipt"));
        assert!(text.contains("€500.00") && text.contains("€595.85"), "{text}");
    }

    #[test]
    fn the_last_receipt_says_that_nothing_is_left() {
        let mut receipt = samples::receipt(Language::English);
        receipt.still_open = Money::zero(receipt.still_open.currency);
        let text = text_of(&receipt.pdf().expect("a receipt"));
        assert!(text.contains("Nothing remains open"), "{text}");
    }
}
