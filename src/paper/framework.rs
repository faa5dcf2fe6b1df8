//! The framework mandate: the standing terms between a creditor and an agency. Each case gets a schedule of its own, the
//! mandate sheet, which names claim, fee and promises.

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::{Credential, PaperError, Party, Texts, engine};
use crate::types::{BasisPoints, Country, Iban, Language};

#[derive(Debug, Clone)]
pub struct FrameworkSheet {
    pub language: Language,
    pub reference: String,
    pub made_on: NaiveDate,
    pub creditor: Party,
    pub agency: Party,
    pub licences: Vec<Credential>,
    pub insurances: Vec<Credential>,
    /// The agency's account that holds creditors' money and nothing else (CPCE R124-2).
    pub client_account: Iban,
    /// Of the fee; borne by the agency.
    pub commission: BasisPoints,
    /// From receipt; the law's one month stands beside it (CPCE R124-6).
    pub payout_target_hours: u32,
    pub notice_days: u32,
}

impl FrameworkSheet {
    /// # Errors
    /// A fault of the template.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        engine::pdf("framework.typ", self.inputs())
    }

    fn inputs(&self) -> Value {
        let (language, texts) = (self.language, Texts::of(self.language));
        let french = [self.creditor.country, self.agency.country].contains(&Country::France);
        let credentials = |all: &[Credential]| all.iter().map(|one| one.inputs(language)).collect::<Vec<_>>();
        json!({
            "lang": language.as_str(),
            "t": texts.section("mandate"), "f": texts.section("framework"), "c": texts.section("common"),
            "date": [self.made_on.year(), self.made_on.month(), self.made_on.day()],
            "reference": self.reference,
            "values": {
                "creditor": self.creditor.name, "agency": self.agency.name, "made_on": language.day(self.made_on),
                "client_account": self.client_account.to_string(), "commission": language.percent(self.commission),
                "payout_hours": self.payout_target_hours.to_string(), "notice_days": self.notice_days.to_string(),
            },
            "creditor": self.creditor.inputs(), "agency": self.agency.inputs(),
            "licences": credentials(&self.licences), "insurances": credentials(&self.insurances),
            "french": french,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::samples::{self, text_of};

    #[test]
    fn every_language_states_account_payout_notice_and_what_a_schedule_is() {
        for language in Language::ALL {
            let mut sheet = samples::framework(*language);
            sheet.agency.country = Country::France;
            let text = text_of(&sheet.pdf().expect("a framework"));
            for stated in ["FR14 2004 1010 0505 0001 3M02 606", "72", "30", "R124-3"] {
                assert!(text.contains(stated), "{language}: {stated} is missing in:\n{text}");
            }
            assert!(!text.contains('{'), "{language}: a place was not filled:\n{text}");
        }
    }
}
