//! The mandate: the contract by which a creditor lets an agency recover a claim amicably and receive payment for it.
//!
//! It holds what CPCE R124-3 asks of such an agreement (basis and amounts, guarantee, fee, payout) and the processing
//! terms of GDPR art. 28. The parties sign its hash in the flow; a copy with their signatures printed names that hash.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Claim, Credential, PaperError, Party, Texts, engine};
use crate::types::{BasisPoints, Channel, Country, Currency, FeeSchedule, Iban, Language, Money, Tone};

#[derive(Debug, Clone)]
pub struct MandateSheet {
    pub language: Language,
    /// In which signatures tell their time.
    pub zone: Tz,
    pub reference: String,
    pub case_reference: String,
    pub made_on: NaiveDate,
    pub creditor: Party,
    pub agency: Party,
    pub licences: Vec<Credential>,
    pub insurances: Vec<Credential>,
    /// The agency's account that holds creditors' money and nothing else (CPCE R124-2).
    pub client_account: Iban,
    pub debtor: Party,
    pub claim: Claim,
    pub terms: Terms,
    pub limits: Limits,
    /// The framework whose schedule it is: then nobody signs it.
    pub framework: Option<FrameworkCited>,
    pub creditor_signature: Option<Signature>,
    pub agency_signature: Option<Signature>,
}

/// A framework mandate, as its schedules name it.
#[derive(Debug, Clone)]
pub struct FrameworkCited {
    pub reference: String,
    pub made_on: NaiveDate,
}

/// What the two sides agreed in the award.
#[derive(Debug, Clone)]
pub struct Terms {
    pub fee: FeeSchedule,
    /// Of amounts in the schedule.
    pub currency: Currency,
    /// Of the fee; borne by the agency.
    pub commission: BasisPoints,
    /// From receipt; the law's one month stands beside it (CPCE R124-6).
    pub payout_target_hours: u32,
    pub exclusive_until: NaiveDate,
    /// For so long after a recall a part of the fee is borne, and so many days make it whole.
    pub recall_days: u32,
    pub first_contact_hours: u32,
    pub update_every_days: u32,
    pub tone: Tone,
}

/// What the creditor allows to be done to this customer.
#[derive(Debug, Clone)]
pub struct Limits {
    pub tone_ceiling: Tone,
    pub channels: Vec<Channel>,
    pub contact_from: NaiveTime,
    pub contact_until: NaiveTime,
}

/// A signature given in the flow.
#[derive(Debug, Clone)]
pub struct Signature {
    pub full_name: String,
    pub signed_at: DateTime<Utc>,
    /// Network address of the signer.
    pub address: String,
    /// SHA-256 of the unsigned document, in hexadecimal.
    pub document_sha256: String,
}

impl MandateSheet {
    /// # Errors
    /// Rows of several currencies, or a fault of the template.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        engine::pdf("mandate.typ", self.inputs()?)
    }

    fn inputs(&self) -> Result<Value, PaperError> {
        let texts = Texts::of(self.language);
        let credentials = |all: &[Credential]| all.iter().map(|one| one.inputs(self.language)).collect::<Vec<_>>();
        let parties = [self.creditor.country, self.agency.country, self.debtor.country];
        Ok(json!({
            "lang": self.language.as_str(),
            "t": texts.section("mandate"), "c": texts.section("common"), "claim_words": texts.section("claim"),
            "date": [self.made_on.year(), self.made_on.month(), self.made_on.day()],
            "reference": self.reference,
            "values": self.values()?,
            "creditor": self.creditor.inputs(), "agency": self.agency.inputs(), "debtor": self.debtor.inputs(),
            "licences": credentials(&self.licences), "insurances": credentials(&self.insurances),
            "claim": self.claim.inputs(self.language)?,
            "french": parties.contains(&Country::France),
            "framework": self.framework.as_ref().map(|cited| texts.fill("mandate.schedule_text",
                &[("framework", &cited.reference), ("day", &self.language.day(cited.made_on))])),
            "creditor_signature": self.creditor_signature.as_ref().map(|signature| self.signature(signature)),
            "agency_signature": self.agency_signature.as_ref().map(|signature| self.signature(signature)),
        }))
    }

    /// What fills the places of the mandate's texts.
    fn values(&self) -> Result<Value, PaperError> {
        let (language, texts) = (self.language, Texts::of(self.language));
        let tone = |tone: Tone| texts.say(&format!("common.tone_{tone}")).to_owned();
        let channels: Vec<_> =
            self.limits.channels.iter().map(|channel| texts.say(&format!("common.channel_{channel}")).to_owned()).collect();
        Ok(json!({
            "creditor": self.creditor.name, "agency": self.agency.name, "debtor": self.debtor.name,
            "case_reference": self.case_reference, "made_on": language.day(self.made_on),
            "total": language.money(self.claim.total()?), "claim_on": language.day(self.claim.on),
            "client_account": self.client_account.to_string(),
            "fee": fee_in_words(&self.terms.fee, self.terms.currency, self.language), "commission": language.percent(self.terms.commission),
            "payout_hours": self.terms.payout_target_hours.to_string(),
            "recall_days": self.terms.recall_days.to_string(),
            "exclusive_until": language.day(self.terms.exclusive_until),
            "first_contact_hours": self.terms.first_contact_hours.to_string(),
            "update_every_days": self.terms.update_every_days.to_string(),
            "tone": tone(self.terms.tone), "tone_ceiling": tone(self.limits.tone_ceiling),
            "channels": channels.join(", "),
            "from": self.limits.contact_from.format("%H:%M").to_string(),
            "until": self.limits.contact_until.format("%H:%M").to_string(),
        }))
    }

    fn signature(&self, signature: &Signature) -> Value {
        json!({
            "name": signature.full_name, "at": self.language.instant(signature.signed_at, self.zone),
            "zone": self.zone.name(), "address": signature.address, "sha256": signature.document_sha256,
        })
    }
}

/// A fee agreement as a mandate says it.
#[must_use]
pub fn fee_in_words(fee: &FeeSchedule, currency: Currency, language: Language) -> String {
    let percent = |rate: BasisPoints| language.percent(rate);
    let money = |minor: i64| language.money(Money::new(minor, currency));
    let say = |key: &str, values: &[(&str, &str)]| Texts::of(language).fill(&format!("mandate.{key}"), values);
    let joined = |parts: Vec<String>| parts.join("; ");
    match fee {
        FeeSchedule::Success { rate_bp } => say("fee_success", &[("rate", &percent(*rate_bp))]),
        FeeSchedule::TieredByAmount { tiers } => joined(
            tiers
                .iter()
                .map(|tier| say("fee_by_amount", &[("rate", &percent(tier.rate_bp)), ("from", &money(tier.from_minor))]))
                .collect(),
        ),
        FeeSchedule::TieredByTime { tiers } => joined(
            tiers
                .iter()
                .map(|tier| say("fee_by_time", &[("rate", &percent(tier.rate_bp)), ("day", &tier.from_day.to_string())]))
                .collect(),
        ),
        FeeSchedule::Flat { amount_minor } => say("fee_flat", &[("amount", &money(*amount_minor))]),
        FeeSchedule::Hybrid { amount_minor, rate_bp } => {
            say("fee_hybrid", &[("amount", &money(*amount_minor)), ("rate", &percent(*rate_bp))])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        paper::samples::{self, text_of},
        types::fee::{AmountTier, TimeTier},
    };

    #[test]
    fn every_language_states_fee_account_promises_and_limits() {
        for language in Language::ALL {
            let text = text_of(&samples::mandate(*language).pdf().expect("a mandate"));
            let spoken = |rate: i32| language.percent(BasisPoints(rate)).replace(['\u{a0}', '\u{202f}'], " ");
            for stated in
                [spoken(1200), spoken(2000), "FR14 2004 1010 0505 0001 3M02 606".to_owned(), "72".to_owned(), "09:00".to_owned()]
            {
                assert!(text.contains(&stated), "{language}: {stated} is missing in:\n{text}");
            }
        }
    }

    #[test]
    fn every_model_of_fee_is_said_in_every_language() {
        let tiers = vec![
            AmountTier { from_minor: 0, rate_bp: BasisPoints(1_500) },
            AmountTier { from_minor: 100_000, rate_bp: BasisPoints(900) },
        ];
        let days =
            vec![TimeTier { from_day: 0, rate_bp: BasisPoints(800) }, TimeTier { from_day: 45, rate_bp: BasisPoints(1_300) }];
        let models = [
            (FeeSchedule::TieredByAmount { tiers }, vec!["15", "9", "000"]),
            (FeeSchedule::TieredByTime { tiers: days }, vec!["8", "13", "45"]),
            (FeeSchedule::Flat { amount_minor: 17_100 }, vec!["171"]),
            (FeeSchedule::Hybrid { amount_minor: 4_300, rate_bp: BasisPoints(600) }, vec!["43", "6"]),
        ];
        for language in Language::ALL {
            for (fee, stated) in &models {
                let mut sheet = samples::mandate(*language);
                sheet.terms.fee = fee.clone();
                let said = fee_in_words(&sheet.terms.fee, sheet.terms.currency, *language);
                assert!(stated.iter().all(|part| said.contains(part)) && !said.contains(['{', '_']), "{language}: {said}");
            }
        }
    }

    #[test]
    fn the_french_code_is_cited_where_a_party_is_in_france() {
        let mut mandate = samples::mandate(Language::English);
        assert!(text_of(&mandate.pdf().expect("a mandate")).contains("R124-3"));
        mandate.debtor.country = Country::Spain;
        assert!(!text_of(&mandate.pdf().expect("a mandate")).contains("R124-3"));
    }

    #[test]
    fn a_schedule_names_its_framework_and_has_no_place_to_sign() {
        for language in Language::ALL {
            let mut schedule = samples::mandate(*language);
            schedule.framework = Some(FrameworkCited { reference: "frm_77".to_owned(), made_on: samples::day("2026-11-02") });
            let text = text_of(&schedule.pdf().expect("a mandate"));
            let unsigned = Texts::of(*language).say("mandate.unsigned").to_owned();
            assert!(text.contains("frm_77") && !text.contains(&unsigned), "{language}:\n{text}");
        }
    }

    #[test]
    fn a_signed_copy_names_signer_time_address_and_hash() {
        let mut mandate = samples::mandate(Language::Spanish);
        mandate.creditor_signature = Some(samples::signature());
        let text = text_of(&mandate.pdf().expect("a mandate"));
        for part in ["Lucía Vega", "23/11/2026 10:15", "192.0.2.7", "9f86d081884c7d65"] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }
}
