//! The treasury report to print: reports of one creditor as of one day, each on its own page where it needs one.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use serde_json::{Value, json};

use super::{PaperError, Party, Texts, engine};
use crate::types::Language;

#[derive(Debug, Clone)]
pub struct TreasurySheet {
    pub language: Language,
    pub owner: Party,
    /// At whose end it stands.
    pub on: NaiveDate,
    pub parts: Vec<TreasuryPart>,
}

/// One report, in words.
#[derive(Debug, Clone, Serialize)]
pub struct TreasuryPart {
    pub title: String,
    /// What it says, in a sentence.
    pub text: String,
    /// One for each currency.
    pub blocks: Vec<TreasuryBlock>,
}

#[derive(Debug, Clone, Serialize)]
pub struct TreasuryBlock {
    pub currency: String,
    /// Names and numbers.
    pub figures: Vec<(String, String)>,
    /// What stands above the first column, then above the others.
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl TreasurySheet {
    /// # Errors
    /// A fault of the template.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        engine::pdf("treasury.typ", self.inputs())
    }

    fn inputs(&self) -> Value {
        let texts = Texts::of(self.language);
        json!({
            "lang": self.language.as_str(),
            "t": texts.section("treasury"), "c": texts.section("common"),
            "date": [self.on.year(), self.on.month(), self.on.day()],
            "owner": self.owner.inputs(),
            "parts": self.parts,
            "values": { "on": self.language.day(self.on) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::samples::{self, text_of};

    #[test]
    fn a_treasury_report_names_every_figure_and_row() {
        for language in Language::ALL {
            let mut sheet = samples::treasury(*language);
            let text = text_of(&sheet.pdf().expect("a report"));
            for said in ["Papeles del Sur SA", "#panic DSO", "30,41", "31–60", "1.500,00", "EUR"] {
                assert!(text.contains(said), "{said} is missing in {text}");
            }
            assert!(!text.contains('{'), "{text}");
            sheet.parts[0].blocks.clear();
            let nothing = Texts::of(*language).say("treasury.none").to_owned();
            assert!(text_of(&sheet.pdf().expect("a report")).contains(&nothing), "{nothing}");
        }
    }
}
