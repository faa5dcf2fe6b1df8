//! The letter to a debtor, print-ready for a window envelope.
//!
//! To a debtor in France it holds what CPCE R124-4 asks for: who collects and for whom, the claim by its elements, how to pay,
//! and the second and third paragraphs of L111-8 word for word. No letter asks the debtor for the cost of collecting.

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::{
    Claim, Credential, PaperError, Party, PaymentDetails, Texts, engine,
    qr::{QrError, Remittance, Transfer, address_svg},
};
use crate::types::{Country, Language, Money, Tone};

#[derive(Debug, Clone)]
pub struct LetterSheet {
    pub language: Language,
    pub tone: Tone,
    /// The letter's own reference: later contacts recall it with its date (CPCE R124-4, last paragraph).
    pub reference: String,
    pub sent_on: NaiveDate,
    pub sender: Party,
    /// The sender's licence to collect, when it is an agency.
    pub licence: Option<Credential>,
    /// The creditor for whom an agency writes; nobody when the creditor writes itself.
    pub acts_for: Option<Party>,
    pub debtor: Party,
    pub earlier: Option<EarlierLetter>,
    pub claim: Claim,
    pub pay_by: NaiveDate,
    pub payment: PaymentDetails,
    pub page_link: String,
    pub page_code: Option<String>,
}

/// The first letter of the case, recalled in every later contact.
#[derive(Debug, Clone)]
pub struct EarlierLetter {
    pub reference: String,
    pub sent_on: NaiveDate,
}

impl LetterSheet {
    /// # Errors
    /// Rows of several currencies, or a fault of the template.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        engine::pdf("letter.typ", self.inputs()?)
    }

    fn inputs(&self) -> Result<Value, PaperError> {
        let texts = Texts::of(self.language);
        let total = self.claim.total()?;
        let spoken = self.claim.spoken(self.language)?;
        Ok(json!({
            "lang": self.language.as_str(),
            "t": texts.section("letter"), "c": texts.section("common"), "claim_words": texts.section("claim"),
            "date": [self.sent_on.year(), self.sent_on.month(), self.sent_on.day()],
            "reference": self.reference,
            "values": self.values(total),
            "tone": self.tone.as_str(),
            "sender": self.sender.inputs(),
            "debtor": self.debtor.inputs(),
            "acts_for": self.acts_for.as_ref().map(Party::inputs),
            "licence": self.licence.as_ref().map(|licence| licence.inputs(self.language)),
            "earlier": self.earlier.is_some(),
            "debtor_country": country_in_capitals(self.debtor.country),
            "abroad": self.sender.country != self.debtor.country,
            "window_right": window_on_the_right(self.debtor.country),
            "french_debtor": self.debtor.country == Country::France,
            "claim": {"groups": spoken, "total": self.language.money(total), "on": self.language.day(self.claim.on)},
            "payment": self.payment.inputs(),
            "code": self.page_code.is_some(),
            "qr": self.qr(total)?,
            "page_qr": address_svg(&self.page_link)?,
        }))
    }

    /// What fills the places of the letter's texts.
    fn values(&self, total: Money) -> Value {
        let language = self.language;
        let creditor = self.acts_for.as_ref().unwrap_or(&self.sender);
        json!({
            "sender": self.sender.name,
            "creditor": creditor.name,
            "creditor_address": creditor.address(),
            "debtor": self.debtor.name,
            "invoices": self.claim.invoices_in_words(language),
            "total": language.money(total),
            "claim_on": language.day(self.claim.on),
            "pay_by": language.day(self.pay_by),
            "sent_on": language.day(self.sent_on),
            "link": self.page_link,
            "code": self.page_code.as_deref().unwrap_or_default(),
            "earlier_reference": self.earlier.as_ref().map(|earlier| earlier.reference.as_str()).unwrap_or_default(),
            "earlier_on": self.earlier.as_ref().map(|earlier| language.day(earlier.sent_on)).unwrap_or_default(),
            "licence": self.licence.as_ref().map(|licence| licence.reference.as_str()).unwrap_or_default(),
            "licence_issuer": self.licence.as_ref().map(|licence| licence.issuer.as_str()).unwrap_or_default(),
        })
    }

    /// No code where the guidelines know none (another currency, nothing to pay); any other failure is a fault.
    fn qr(&self, total: Money) -> Result<Option<String>, QrError> {
        match self.payment.transfer(total).svg() {
            Ok(svg) => Ok(Some(svg)),
            Err(QrError::NotEuro(_) | QrError::Amount) => Ok(None),
            Err(error @ (QrError::NoName | QrError::TextTooLong | QrError::TooLong)) => Err(error),
        }
    }
}

impl PaymentDetails {
    /// The transfer a banking application fills in.
    #[must_use]
    pub fn transfer(&self, amount: Money) -> Transfer<'_> {
        Transfer { bic: None, name: &self.holder, iban: &self.iban, amount, remittance: Remittance::Structured(&self.reference) }
    }
}

/// Where envelopes of the debtor's country have their window: right in the Latin countries, left by DIN 5008 elsewhere.
const fn window_on_the_right(country: Country) -> bool {
    match country {
        Country::Spain | Country::France | Country::Italy | Country::Portugal | Country::Belgium => true,
        Country::Germany | Country::Netherlands | Country::UnitedKingdom => false,
    }
}

/// As the last line of an address abroad: in capitals, in French or English, the languages of the Universal Postal Union.
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
    use super::*;
    use crate::paper::samples::{self, text_of};

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
        letter.earlier = Some(EarlierLetter { reference: "L-0001".to_owned(), sent_on: samples::day("2026-10-01") });
        let text = text_of(&letter.pdf().expect("a letter"));
        assert!(text.contains("L-0001") && text.contains("1 October 2026"), "{text}");
    }

    #[test]
    fn a_creditor_that_writes_itself_names_no_agency() {
        let mut letter = samples::letter(Language::Spanish);
        letter.sender = samples::creditor();
        letter.acts_for = None;
        letter.licence = None;
        letter.payment.holder = samples::creditor().name;
        let text = text_of(&letter.pdf().expect("a letter"));
        assert!(text.contains("Papeles del Sur SA") && !text.contains("Cobros Claros"), "{text}");
    }

    #[test]
    fn every_tone_and_language_makes_a_letter() {
        for language in Language::ALL {
            for tone in Tone::ALL {
                let letter = LetterSheet { tone: *tone, ..samples::letter(*language) };
                assert!(letter.pdf().is_ok_and(|pdf| pdf.starts_with(b"%PDF")), "{language} {tone}");
            }
        }
    }
}
