//! The letter to a debtor, print-ready for a window envelope.
//!
//! To a debtor in France it holds what CPCE R124-4 asks for: who collects and for whom, the claim by its elements, how to pay,
//! and the second and third paragraphs of L111-8 word for word. No letter asks the debtor for the cost of collecting.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::{Demand, Form, Letterhead, PaperError, Texts, engine, qr::address_svg};
use crate::types::Country;

#[derive(Debug, Clone)]
pub struct LetterSheet {
    pub demand: Demand,
    /// The letter's own reference: later contacts recall it with its date (CPCE R124-4, last paragraph).
    pub reference: String,
    pub sent_on: NaiveDate,
    pub letterhead: Letterhead,
    /// For those who type it: shorter than the link, where there is one.
    pub page_code: Option<String>,
}

impl LetterSheet {
    /// # Errors
    /// Rows of several currencies, or a fault of the template.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        engine::pdf("letter.typ", self.inputs()?)
    }

    fn inputs(&self) -> Result<Value, PaperError> {
        let demand = &self.demand;
        let texts = Texts::of(demand.language);
        let total = demand.claim.total()?;
        let values = self.values()?;
        let filling: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let said = Form::Letter.said(demand, &filling)?;
        Ok(json!({
            "lang": demand.language.as_str(),
            "t": texts.section("letter"), "c": texts.section("common"), "claim_words": texts.section("claim"),
            "date": [self.sent_on.year(), self.sent_on.month(), self.sent_on.day()],
            "reference": self.reference, "letterhead": self.letterhead.inputs(),
            "values": filling.iter().copied().collect::<HashMap<_, _>>(),
            "subject": said.subject, "said": said.paragraphs(),
            "sender": demand.sender.inputs(), "debtor": demand.debtor.inputs(),
            "agency": demand.acts_for.is_some(), "licensed": demand.licence.is_some(), "earlier": demand.earlier.is_some(),
            "debtor_country": country_in_capitals(demand.debtor.country),
            "abroad": demand.sender.country != demand.debtor.country,
            "window_right": window_on_the_right(demand.debtor.country),
            "french_debtor": demand.debtor.country == Country::France,
            "claim": demand.claim.inputs(demand.language)?,
            "numbers": self.numbers(),
            "payment": demand.payment.inputs(),
            "code": self.page_code.is_some(),
            "qr": demand.payment.qr(total)?,
            "page_qr": address_svg(&demand.page_link)?,
        }))
    }

    /// The invoices' numbers alone, where they fit into a line or two.
    fn numbers(&self) -> String {
        let (claim, language) = (&self.demand.claim, self.demand.language);
        let numbers = claim.invoices();
        if numbers.len() <= 3 { numbers.join(", ") } else { claim.invoices_in_words(language) }
    }

    /// What fills the places of the letter's texts.
    fn values(&self) -> Result<Vec<(&'static str, String)>, PaperError> {
        let language = self.demand.language;
        let own = [("sent_on", language.day(self.sent_on)), ("code", self.page_code.clone().unwrap_or_default())];
        Ok(self.demand.values()?.into_iter().chain(own).collect())
    }
}

/// Where envelopes of the debtor's country have their window: right in the Latin countries, left by DIN 5008 elsewhere.
const fn window_on_the_right(country: Country) -> bool {
    match country {
        Country::Spain | Country::France | Country::Italy | Country::Portugal | Country::Belgium => true,
        Country::Germany | Country::Netherlands | Country::UnitedKingdom => false,
    }
}

/// As the last line of an address abroad: in capitals, in French, the language of the Universal Postal Union.
const fn country_in_capitals(country: Country) -> &'static str {
    match country {
        Country::Spain => "ESPAGNE",
        Country::France => "FRANCE",
        Country::Germany => "ALLEMAGNE",
        Country::Italy => "ITALIE",
        Country::Portugal => "PORTUGAL",
        Country::Belgium => "BELGIQUE",
        Country::Netherlands => "PAYS-BAS",
        Country::UnitedKingdom => "ROYAUME-UNI",
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        paper::{
            EarlierLetter,
            samples::{self, text_of},
        },
        types::{Language, Tone},
    };

    #[test]
    fn a_letter_to_a_french_debtor_holds_what_the_code_demands() {
        let text = text_of(&samples::letter(Language::French).pdf().expect("a letter"));
        for demanded in [
            "Cobros Claros SL",
            "recouvrement amiable",
            "Papeles del Sur SA",
            "Calle de la Industria 7, 41007 Sevilla",
            "Principal",
            "Intérêts de retard",
            "Accessoires",
            "Les frais de recouvrement entrepris sans titre exécutoire restent à la charge du créancier, sauf s’ils concernent un acte \
             dont l’accomplissement est prescrit par la loi au créancier. Toute stipulation contraire est réputée non écrite, sauf \
             disposition législative contraire.",
            "Cependant, le créancier qui justifie du caractère nécessaire des démarches entreprises pour recouvrer sa créance peut \
             demander au juge de l’exécution de laisser tout ou partie des frais ainsi exposés à la charge du débiteur de mauvaise foi.",
        ] {
            assert!(text.contains(demanded), "{demanded} is missing in:\n{text}");
        }
    }

    #[test]
    fn a_later_letter_recalls_the_first_with_its_date() {
        let mut letter = samples::letter(Language::English);
        letter.demand.earlier = Some(EarlierLetter { reference: "L-0001".to_owned(), sent_on: samples::day("2026-10-01") });
        let text = text_of(&letter.pdf().expect("a letter"));
        assert!(text.contains("L-0001") && text.contains("1 October 2026"), "{text}");
    }

    #[test]
    fn a_creditor_that_writes_itself_names_no_agency() {
        let mut letter = samples::letter(Language::Spanish);
        letter.demand.sender = samples::creditor();
        letter.demand.acts_for = None;
        letter.demand.licence = None;
        letter.demand.payment.holder = samples::creditor().name;
        let text = text_of(&letter.pdf().expect("a letter"));
        assert!(text.contains("Papeles del Sur SA") && !text.contains("Cobros Claros"), "{text}");
    }

    #[test]
    fn every_tone_and_language_makes_a_letter() {
        for language in Language::ALL {
            for tone in Tone::ALL {
                let mut letter = samples::letter(*language);
                letter.demand.tone = *tone;
                assert!(letter.pdf().is_ok_and(|pdf| pdf.starts_with(b"%PDF")), "{language} {tone}");
            }
        }
    }
}
