//! The invoice for a fee or a commission, and its credit note (Directive 2006/112/EC art. 226).

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::{PaperError, Party, Texts, engine};
use crate::types::{BasisPoints, Language, Money};

#[derive(Debug, Clone)]
pub struct FeeInvoiceSheet {
    pub language: Language,
    pub number: String,
    /// Number and day of the invoice that this credit note takes back; none on an invoice.
    pub corrects: Option<(String, NaiveDate)>,
    pub issued_on: NaiveDate,
    /// The day of the service.
    pub supplied_on: NaiveDate,
    /// Both with their VAT numbers as company numbers.
    pub issuer: Party,
    pub recipient: Party,
    /// The platform's commission; else the agency's success fee.
    pub is_commission: bool,
    pub case_reference: String,
    pub base: Money,
    pub rate: BasisPoints,
    pub net: Money,
    pub vat_rate: BasisPoints,
    pub vat: Money,
    pub gross: Money,
    /// The provision behind the rate, or behind there being none.
    pub vat_ground: String,
    /// The recipient accounts for the tax: art. 226 point 11a wants these words.
    pub is_reverse_charge: bool,
}

impl FeeInvoiceSheet {
    /// # Errors
    /// Amounts that do not add up, or a fault of the template.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        engine::pdf("fee_invoice.typ", self.inputs()?)
    }

    fn inputs(&self) -> Result<Value, PaperError> {
        let (language, texts) = (self.language, Texts::of(self.language));
        let gross = self.net.checked_add(self.vat)?;
        let (corrected, corrected_on) =
            self.corrects.as_ref().map_or(("", String::new()), |(number, on)| (number, language.day(*on)));
        Ok(json!({
            "lang": language.as_str(),
            "t": texts.section("fee_invoice"), "c": texts.section("common"),
            "date": [self.issued_on.year(), self.issued_on.month(), self.issued_on.day()],
            "title": texts.say(if self.corrects.is_some() { "fee_invoice.credit_note" } else { "fee_invoice.invoice" }),
            "is_credit_note": self.corrects.is_some(),
            "service": texts.say(if self.is_commission { "fee_invoice.commission" } else { "fee_invoice.success_fee" }),
            "is_reverse_charge": self.is_reverse_charge,
            "number": self.number,
            "issuer": self.issuer.inputs(), "recipient": self.recipient.inputs(),
            "values": {
                "issued_on": language.day(self.issued_on), "supplied_on": language.day(self.supplied_on),
                "case_reference": self.case_reference, "base": language.money(self.base), "rate": language.percent(self.rate),
                "net": language.money(self.net), "vat_rate": language.percent(self.vat_rate), "vat": language.money(self.vat),
                "gross": language.money(gross), "vat_ground": self.vat_ground, "corrected": corrected, "corrected_on": corrected_on,
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::samples::{self, text_of};

    #[test]
    fn an_invoice_says_in_every_language_who_owes_whom_which_vat_on_which_ground() {
        for language in Language::ALL {
            let sheet = samples::fee_invoice(*language);
            let text = text_of(&sheet.pdf().expect("an invoice"));
            let [net, vat, gross] = [sheet.net, sheet.vat, sheet.gross].map(|amount| language.money(amount));
            for said in [sheet.number.as_str(), "ESA41000001", "ESB08000002", "Ley 37/1992 art. 90.Uno", &net, &vat, &gross] {
                let spaced = said.replace(['\u{a0}', '\u{202f}'], " ");
                assert!(text.contains(&spaced), "{spaced} is missing in {text}");
            }
            assert!(!text.contains('{'), "{text}");
        }
    }

    #[test]
    fn a_credit_note_names_the_invoice_that_it_takes_back() {
        let mut sheet = samples::fee_invoice(Language::English);
        sheet.corrects = Some(("ENT-2026-000041".to_owned(), samples::day("2026-11-20")));
        let text = text_of(&sheet.pdf().expect("a credit note"));
        assert!(text.contains("Credit note") && text.contains("ENT-2026-000041"), "{text}");
    }

    #[test]
    fn under_reverse_charge_the_words_that_the_directive_wants_are_there() {
        let mut sheet = samples::fee_invoice(Language::French);
        sheet.is_reverse_charge = true;
        let text = text_of(&sheet.pdf().expect("an invoice"));
        assert!(text.contains("Autoliquidation"), "{text}");
    }
}
