//! Who may be given which case. Rules as data, each with an id that a refusal names.
//!
//! Pure. What may never happen here: a refusal that tells whose case it is. Block lists, circles and conflicts of interest
//! (the debtor's or the creditor's own agency, their group, their account) are one rule, `creditor_choice`.
//!
//! The same rules judge a single offer, an award (again, because papers run out in between) and, many at once through
//! [`Matcher`], which agencies a new listing may concern.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    card::{AmountBand, Card},
    sector::Sector,
};
use crate::{
    parties::vetting::{CredentialKind, Paper, serves},
    receivables::DebtorKind,
    types::{CompanyNumber, Country, Language, OrgId, text_enum},
};

text_enum! {
    /// What an agency must meet; ids are stable.
    pub enum Rule {
        /// A vetted licence for the debtor's country, valid on the day.
        Licence => "licence",
        /// A vetted professional liability insurance, valid on the day.
        Insurance => "insurance",
        /// A vetted certificate, valid on the day, where the creditor asks for one.
        Certificate => "certificate",
        /// A client account, kept for other people's money.
        ClientAccount => "client_account",
        Suspended => "suspended",
        DebtorKind => "debtor_kind",
        Sector => "sector",
        /// The language of the debtor's country.
        Language => "language",
        AmountBand => "amount_band",
        /// Room for one more case.
        Capacity => "capacity",
        /// The creditor's lists, its circle, and conflicts of interest.
        CreditorChoice => "creditor_choice",
    }
}

/// What an agency takes on. An empty list takes anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    pub debtor_kinds: Vec<DebtorKind>,
    /// A card whose sector is left out is not refused for it.
    pub sectors: Vec<Sector>,
    pub languages: Vec<Language>,
    pub amount_bands: Vec<AmountBand>,
    /// How many cases it holds at most, awarded ones included; none: no limit.
    #[schema(minimum = 0, maximum = 100_000)]
    pub capacity: Option<i32>,
    /// Cases may be assigned to it at their posted price; it may still refuse the mandate.
    pub takes_assignments: bool,
    /// The company that owns the agency: no case of its own or against it, and one offer a listing among sisters.
    #[schema(value_type = Option<String>, example = "B12345674")]
    pub parent_number: Option<CompanyNumber>,
}

/// An agency as the rules see it.
#[derive(Debug, Clone, Default)]
pub struct Candidate {
    pub scope: Scope,
    pub papers: Vec<Paper>,
    /// Cases in its hands or awarded to it.
    pub open_cases: i64,
    pub has_client_account: bool,
    pub suspended: bool,
}

/// What a listing asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ask {
    pub country: Country,
    pub debtor_kind: DebtorKind,
    pub sector: Option<Sector>,
    pub amount_band: AmountBand,
    pub certificate_required: bool,
}

impl Ask {
    #[must_use]
    pub const fn of(card: &Card, certificate_required: bool) -> Self {
        Self {
            country: card.country,
            debtor_kind: card.debtor_kind,
            sector: card.sector,
            amount_band: card.amount_band,
            certificate_required,
        }
    }
}

/// A rule that is not met, and what is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unmet {
    pub rule: Rule,
    /// For a person.
    pub detail: String,
}

impl std::fmt::Display for Unmet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.rule, self.detail)
    }
}

/// The rules that an agency does not meet on a day; none where it qualifies.
#[must_use]
pub fn judge(agency: &Candidate, ask: &Ask, on: NaiveDate) -> Vec<Unmet> {
    Rule::ALL.iter().filter_map(|rule| unmet(*rule, agency, ask, on).map(|detail| Unmet { rule: *rule, detail })).collect()
}

/// What is missing under one rule. `creditor_choice` is decided where the creditor is known.
fn unmet(rule: Rule, agency: &Candidate, ask: &Ask, on: NaiveDate) -> Option<String> {
    let scope = &agency.scope;
    let paper = |kind| serves(&agency.papers, kind, ask.country, on).err().map(|lack| lack.to_string());
    let said = |takes: bool, what: &str| (!takes).then(|| format!("the agency takes no {what}"));
    match rule {
        Rule::Licence => paper(CredentialKind::Licence),
        Rule::Insurance => paper(CredentialKind::Insurance),
        Rule::Certificate => {
            if ask.certificate_required {
                paper(CredentialKind::Certificate)
            } else {
                None
            }
        }
        Rule::ClientAccount => (!agency.has_client_account)
            .then(|| "the agency has no client account on record: money recovered would have nowhere to go".to_owned()),
        Rule::Suspended => agency.suspended.then(|| "the agency is suspended by the operator".to_owned()),
        Rule::DebtorKind => said(takes(&scope.debtor_kinds, ask.debtor_kind), &format!("{} debtors", ask.debtor_kind)),
        Rule::Sector => {
            let sector = ask.sector?;
            said(takes(&scope.sectors, sector), &format!("cases in {sector}"))
        }
        Rule::Language => {
            let language = ask.country.language();
            said(takes(&scope.languages, language), &format!("cases in the language {language}", language = language.as_str()))
        }
        Rule::AmountBand => said(takes(&scope.amount_bands, ask.amount_band), &format!("cases over {}", ask.amount_band)),
        Rule::Capacity => {
            let capacity = i64::from(scope.capacity?);
            (agency.open_cases >= capacity).then(|| format!("the agency holds {} cases of at most {capacity}", agency.open_cases))
        }
        Rule::CreditorChoice => None,
    }
}

fn takes<T: PartialEq>(wanted: &[T], value: T) -> bool {
    wanted.is_empty() || wanted.contains(&value)
}

/// Why an agency is kept from a listing by its creditor, or by whose it is.
#[must_use]
pub fn barred() -> Unmet {
    Unmet { rule: Rule::CreditorChoice, detail: "this case is not offered to the agency".to_owned() }
}

/// Many agencies against many listings: each distinct ask is judged once.
#[derive(Debug)]
pub struct Matcher {
    agencies: Vec<(OrgId, Candidate)>,
    on: NaiveDate,
    judged: HashMap<Ask, std::rc::Rc<[OrgId]>>,
}

impl Matcher {
    #[must_use]
    pub fn new(agencies: Vec<(OrgId, Candidate)>, on: NaiveDate) -> Self {
        Self { agencies, on, judged: HashMap::new() }
    }

    /// Agencies that meet every rule but those about the creditor.
    pub fn qualified(&mut self, ask: Ask) -> std::rc::Rc<[OrgId]> {
        let (agencies, on) = (&self.agencies, self.on);
        let found = self.judged.entry(ask).or_insert_with(|| {
            let fits = |agency: &Candidate| Rule::ALL.iter().all(|rule| unmet(*rule, agency, &ask, on).is_none());
            agencies.iter().filter(|(_, candidate)| fits(candidate)).map(|(id, _)| *id).collect()
        });
        found.clone()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::parties::vetting::CredentialStatus;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn paper(kind: CredentialKind, country: Country) -> Paper {
        let (valid_from, valid_until) = (day("2026-01-01"), day("2026-12-31"));
        Paper { kind, country, status: CredentialStatus::Vetted, valid_from, valid_until }
    }

    fn agency() -> Candidate {
        let papers = vec![paper(CredentialKind::Licence, Country::Spain), paper(CredentialKind::Insurance, Country::France)];
        Candidate { papers, has_client_account: true, ..Candidate::default() }
    }

    const ASK: Ask = Ask {
        country: Country::Spain,
        debtor_kind: DebtorKind::Business,
        sector: Some(Sector::Trade),
        amount_band: AmountBand::From2000,
        certificate_required: false,
    };

    fn rules(agency: &Candidate, ask: &Ask) -> Vec<Rule> {
        judge(agency, ask, day("2026-11-02")).into_iter().map(|unmet| unmet.rule).collect()
    }

    #[test]
    fn each_rule_refuses_by_its_own_id() {
        let with = |change: fn(&mut Candidate)| {
            let mut changed = agency();
            change(&mut changed);
            rules(&changed, &ASK)
        };
        type Change = fn(&mut Candidate);
        let cases: [(Change, &[Rule]); 13] = [
            (|_| {}, &[]),
            (|a| a.papers.clear(), &[Rule::Licence, Rule::Insurance]),
            (|a| a.papers.truncate(1), &[Rule::Insurance]),
            (|a| a.has_client_account = false, &[Rule::ClientAccount]),
            (|a| a.suspended = true, &[Rule::Suspended]),
            (|a| a.scope.debtor_kinds = vec![DebtorKind::Consumer], &[Rule::DebtorKind]),
            (|a| a.scope.sectors = vec![Sector::Mining], &[Rule::Sector]),
            (|a| a.scope.languages = vec![Language::French], &[Rule::Language]),
            (|a| a.scope.amount_bands = vec![AmountBand::From100000], &[Rule::AmountBand]),
            (|a| a.scope.capacity = Some(0), &[Rule::Capacity]),
            (|a| (a.scope.capacity, a.open_cases) = (Some(3), 3), &[Rule::Capacity]),
            (|a| (a.scope.capacity, a.open_cases) = (Some(3), 2), &[]),
            (|a| a.scope.sectors = vec![Sector::Trade, Sector::Mining], &[]),
        ];
        for (number, (change, expected)) in cases.into_iter().enumerate() {
            assert_eq!(with(change), expected, "case {number}");
        }
    }

    #[test]
    fn a_certificate_counts_where_it_is_asked_for() {
        let ask = Ask { certificate_required: true, ..ASK };
        assert_eq!(rules(&agency(), &ask), [Rule::Certificate]);
        let mut certified = agency();
        certified.papers.push(paper(CredentialKind::Certificate, Country::Italy));
        assert_eq!(rules(&certified, &ask), []);
    }

    #[test]
    fn a_sector_that_is_left_out_is_no_ground() {
        let narrow = Candidate { scope: Scope { sectors: vec![Sector::Mining], ..Scope::default() }, ..agency() };
        assert_eq!(rules(&narrow, &Ask { sector: None, ..ASK }), []);
    }

    #[test]
    fn a_refusal_says_which_rule_and_what_is_missing() {
        let late = judge(&agency(), &ASK, day("2027-01-01"));
        let told: Vec<String> = late.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "licence: the agency's licence for ES expired on 2026-12-31",
                "insurance: the agency's insurance expired on 2026-12-31"
            ]
        );
        assert!(!barred().to_string().contains("debtor"));
    }

    proptest! {
        #[test]
        fn the_matcher_finds_whom_the_judge_lets_through(
            agencies in proptest::collection::vec((0_usize..8, proptest::sample::subsequence(Sector::ALL, 0..4),
                proptest::sample::subsequence(DebtorKind::ALL, 0..3), proptest::option::of(0_i32..3), 0_i64..3), 0..30),
            country in proptest::sample::select(Country::ALL), sector in proptest::option::of(proptest::sample::select(Sector::ALL)),
        ) {
            let on = day("2026-11-02");
            let candidates: Vec<(OrgId, Candidate)> = agencies.into_iter().map(|(country, sectors, debtor_kinds, capacity, open_cases)| {
                let papers = vec![paper(CredentialKind::Licence, Country::ALL[country]), paper(CredentialKind::Insurance, Country::Spain)];
                let scope = Scope { sectors, debtor_kinds, capacity, ..Scope::default() };
                (OrgId::fresh(), Candidate { scope, papers, open_cases, has_client_account: true, suspended: false })
            }).collect();
            let ask = Ask { country, sector, ..ASK };
            let expected: Vec<OrgId> = candidates.iter().filter(|(_, one)| judge(one, &ask, on).is_empty()).map(|(id, _)| *id).collect();
            let mut matcher = Matcher::new(candidates, on);
            prop_assert_eq!(matcher.qualified(ask).to_vec(), expected.clone());
            prop_assert_eq!(matcher.qualified(ask).to_vec(), expected);
        }
    }
}
