//! Papers for the tax office when a claim cannot be collected: the certificate of what was tried, and the draft of the credit
//! note that takes the VAT back (Directive 2006/112/EC art. 90).

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::{PaperError, Party, Texts, engine};
use crate::types::{Language, Money};

#[derive(Debug, Clone)]
pub struct BadDebtSheet {
    pub language: Language,
    pub made_on: NaiveDate,
    pub case_reference: String,
    pub creditor: Party,
    /// Who pursued it last, if not the creditor alone.
    pub agency: Option<Party>,
    pub debtor: Party,
    /// In the words of the record: `insolvent`, `untraceable`, …
    pub outcome: String,
    pub closed_on: NaiveDate,
    pub recovered: Money,
    /// Kinds of events with how often they happened: `contact_sent`, 7.
    pub steps: Vec<(String, usize)>,
    pub first_step_on: Option<NaiveDate>,
    pub last_step_on: Option<NaiveDate>,
    pub rows: Vec<BadDebtRow>,
    /// The provision of the creditor's country.
    pub ground: String,
    /// SHA-256 of the timeline's last line: what the certificate stands on.
    pub last_hash: String,
}

/// An invoice that was not paid, or not wholly.
#[derive(Debug, Clone)]
pub struct BadDebtRow {
    pub number: String,
    pub issued_on: NaiveDate,
    pub total: Money,
    /// Of the principal, VAT included.
    pub open: Money,
    /// Of what is open; none where the invoice does not say its VAT.
    pub vat: Option<Money>,
}

impl BadDebtSheet {
    /// What was claimed, what was tried, and that it cannot be collected.
    ///
    /// # Errors
    /// Rows of several currencies, or a fault of the template.
    pub fn certificate(&self) -> Result<Vec<u8>, PaperError> {
        engine::pdf("bad_debt.typ", self.inputs("certificate")?)
    }

    /// The credit note as the creditor may issue it under its own number.
    ///
    /// # Errors
    /// Rows of several currencies, or a fault of the template.
    pub fn draft_credit_note(&self) -> Result<Vec<u8>, PaperError> {
        engine::pdf("bad_debt.typ", self.inputs("credit_note")?)
    }

    fn inputs(&self, paper: &str) -> Result<Value, PaperError> {
        let (language, texts) = (self.language, Texts::of(self.language));
        let currency = self.recovered.currency;
        let open = Money::sum(currency, self.rows.iter().map(|row| row.open))?;
        let vat = Money::sum(currency, self.rows.iter().filter_map(|row| row.vat))?;
        let unstated = texts.say("bad_debt.unstated");
        let rows = self.rows.iter().map(|row| {
            let net = row.vat.map(|vat| row.open.checked_sub(vat)).transpose()?;
            let shown = |amount: Option<Money>| amount.map_or_else(|| unstated.to_owned(), |amount| language.money(amount));
            Ok(json!({
                "number": row.number, "issued_on": language.short_day(row.issued_on), "total": language.money(row.total),
                "open": language.money(row.open), "net": shown(net), "vat": shown(row.vat),
            }))
        });
        let day = |on: Option<NaiveDate>| on.map_or_else(|| "–".to_owned(), |on| language.day(on));
        let steps =
            self.steps.iter().map(|(kind, count)| json!({ "what": texts.word("event", kind), "count": count.to_string() }));
        Ok(json!({
            "lang": language.as_str(), "t": texts.section("bad_debt"), "c": texts.section("common"),
            "date": [self.made_on.year(), self.made_on.month(), self.made_on.day()],
            "paper": paper, "title": texts.say(&format!("bad_debt.{paper}")),
            "creditor": self.creditor.inputs(), "debtor": self.debtor.inputs(), "agency": self.agency.as_ref().map(Party::inputs),
            "rows": rows.collect::<Result<Vec<_>, PaperError>>()?, "steps": steps.collect::<Vec<_>>(), "hash": self.last_hash,
            "values": {
                "case": self.case_reference, "made_on": language.day(self.made_on), "closed_on": language.day(self.closed_on),
                "outcome": texts.word("outcome", &self.outcome), "recovered": language.money(self.recovered),
                "open": language.money(open), "vat": language.money(vat), "ground": self.ground,
                "first": day(self.first_step_on), "last": day(self.last_step_on),
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::samples::{self, text_of};

    #[test]
    fn both_papers_say_in_every_language_what_is_open_and_on_which_ground() {
        for language in Language::ALL {
            let sheet = samples::bad_debt(*language);
            for pdf in [sheet.certificate(), sheet.draft_credit_note()] {
                let text = text_of(&pdf.expect("a paper"));
                for said in ["F-2026-0817", "Ley 37/1992 art. 80", "RF18"] {
                    assert!(text.contains(said), "{said} is missing in {text}");
                }
                let open = language.money(samples::eur(121_000)).replace(['\u{a0}', '\u{202f}'], " ");
                assert!(text.contains(&open) && !text.contains('{'), "{open} is missing in {text}");
            }
        }
    }

    #[test]
    fn vat_that_no_invoice_states_is_not_made_up() {
        let mut sheet = samples::bad_debt(Language::English);
        sheet.rows[0].vat = None;
        let text = text_of(&sheet.draft_credit_note().expect("a paper"));
        assert!(text.contains("not stated"), "{text}");
    }
}
