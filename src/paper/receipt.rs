//! The receipt a debtor gets for every payment (CPCE R124-6): how much came, when, and what it was spent on.

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::{
    Mail, PaperError, Party, Texts, engine,
    mail::{self, NoticeView},
    texts::one_line,
};
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

    /// The mail that carries the receipt. It says all of it in a few words, for who opens no attachments.
    ///
    /// # Errors
    /// Rows of several currencies.
    pub fn mail(&self, page_link: &str) -> Result<Mail, PaperError> {
        let (language, texts) = (self.language, Texts::of(self.language));
        let amount = language.money(self.amount()?);
        let still_open = language.money(self.still_open);
        let (issued_on, received_on) = (language.day(self.issued_on), language.day(self.received_on));
        let values = [
            ("issuer", self.issuer.name.as_str()),
            ("creditor", self.creditor.name.as_str()),
            ("debtor", self.debtor.name.as_str()),
            ("amount", amount.as_str()),
            ("received_on", received_on.as_str()),
            ("issued_on", issued_on.as_str()),
            ("still_open", still_open.as_str()),
        ];
        let say = |key: &str| texts.fill(key, &values);
        let mut paragraphs = vec![say("receipt.received")];
        if self.issuer.name != self.creditor.name {
            paragraphs.push(say("receipt.received_for"));
        }
        paragraphs.push(say(if self.still_open.minor == 0 { "receipt.settled" } else { "receipt.open" }));
        paragraphs.push(say("mail.receipt.attached"));
        mail::notice(&NoticeView {
            language,
            subject: one_line(&say("mail.receipt.subject")),
            greeting: texts.say("mail.greeting"),
            colon: texts.say("common.colon"),
            paragraphs,
            action: Some((texts.say("mail.page_action").to_owned(), page_link.to_owned())),
            footer: say("mail.receipt.footer"),
        })
    }

    fn amount(&self) -> Result<Money, PaperError> {
        Ok(Money::sum(self.still_open.currency, self.allocations.iter().map(|row| row.amount))?)
    }

    fn inputs(&self) -> Result<Value, PaperError> {
        let (language, texts) = (self.language, Texts::of(self.language));
        let amount = self.amount()?;
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
    fn the_mail_says_in_every_language_what_came_and_what_is_left() {
        for language in Language::ALL {
            let receipt = samples::receipt(*language);
            let mail = receipt.mail("https://entente.example/d/x").expect("a mail");
            for said in [language.money(samples::eur(50_000)), language.money(samples::eur(59_585)), "/d/x".to_owned()] {
                assert!(mail.text.contains(&said) && mail.html.contains(&said), "{said} is missing in\n{}", mail.text);
            }
            assert!(!mail.subject.contains('{') && !mail.text.contains('{'), "{}", mail.text);
        }
    }

    #[test]
    fn the_last_receipt_says_that_nothing_is_left() {
        let mut receipt = samples::receipt(Language::English);
        receipt.still_open = Money::zero(receipt.still_open.currency);
        let text = text_of(&receipt.pdf().expect("a receipt"));
        assert!(text.contains("Nothing remains open"), "{text}");
    }
}
