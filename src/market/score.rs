//! An agency's score: what it did held against what it had promised, by a published formula that everybody can redo.
//!
//! Pure. What may never happen here: a new agency that starts at zero, or at the top. Each component starts from a stated
//! prior that weighs as much as ten engagements; what the agency did moves it from there.
//!
//! Formula `score-2`: value = (10 × prior + Σ observations) ÷ (10 + their number); score = Σ weight × value. Whole numbers, in
//! basis points; an observation is one engagement, from 0 to 10,000.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{card::AgeBand, complaints::Severity};
use crate::types::{BasisPoints, EngagementId, text_enum};

/// Names the formula and its tables; new figures get a new name.
pub const VERSION: &str = "score-2";
/// How many engagements the prior weighs.
const PRIOR_ENGAGEMENTS: i64 = 10;
const WHOLE: i64 = BasisPoints::WHOLE;

text_enum! {
    /// What a score is made of.
    pub enum Component {
        /// What was recovered of what had been promised, or else expected at the award: at most all of it.
        Recovery => "recovery",
        /// First contacts within the time promised.
        FirstContact => "first_contact",
        /// Periods in which news came as promised.
        Updates => "updates",
        /// What complaints that were upheld leave of an engagement.
        Complaints => "complaints",
        /// How well the creditor found the work documented.
        Documents => "documents",
        /// How well the creditor found its customer treated, and the customer itself: each half, where both have said.
        Treatment => "treatment",
    }
}

impl Component {
    /// Percent of the score. They sum to a hundred.
    #[must_use]
    pub const fn weight(self) -> i64 {
        match self {
            Self::Recovery => 35,
            Self::FirstContact | Self::Complaints | Self::Treatment => 15,
            Self::Updates | Self::Documents => 10,
        }
    }

    /// What stands for an agency of which nothing is known.
    #[must_use]
    pub const fn prior(self) -> BasisPoints {
        BasisPoints(match self {
            Self::Recovery => 9_000,
            Self::FirstContact | Self::Updates => 8_000,
            Self::Complaints => 9_500,
            Self::Documents | Self::Treatment => 7_500,
        })
    }
}

/// What an upheld complaint takes off its engagement.
#[must_use]
pub const fn penalty(severity: Severity) -> BasisPoints {
    BasisPoints(match severity {
        Severity::Minor => 2_500,
        Severity::Serious => 6_000,
        Severity::Grave => 10_000,
    })
}

/// An ended engagement as the formula sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub engagement: EngagementId,
    pub age: AgeBand,
    /// Of the claim, in basis points: promised by the agency, or else what was expected of it. None where neither is known.
    pub promised: Option<BasisPoints>,
    /// Of the claim, at most all of it.
    pub recovered: BasisPoints,
    pub first_contact_kept: Option<bool>,
    pub updates_kept: i32,
    pub updates_missed: i32,
    pub complaints: Vec<Severity>,
    /// One to five.
    pub documents: Option<i32>,
    pub treatment: Option<i32>,
    /// What the debtor says of its own treatment.
    pub treated: Option<i32>,
    /// Components in which it does not count, by an appeal.
    pub excluded: Vec<Component>,
}

/// One component of a score, with its inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComponentScore {
    pub component: Component,
    #[schema(example = 35)]
    pub weight_percent: i64,
    #[schema(example = 9000)]
    pub prior_bp: BasisPoints,
    /// How many engagements were observed.
    pub engagements: i64,
    /// What they came to, without the prior; null where there were none.
    pub observed_bp: Option<BasisPoints>,
    pub value_bp: BasisPoints,
}

/// A score: `score_bp = Σ weight_percent × value_bp ÷ 100`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Score {
    #[schema(example = "score-2")]
    pub version: String,
    pub score_bp: BasisPoints,
    pub components: Vec<ComponentScore>,
}

/// The score of these engagements; of none, what every new agency starts with.
#[must_use]
pub fn score(ended: &[Ended]) -> Score {
    let components: Vec<ComponentScore> = Component::ALL.iter().map(|component| of_component(*component, ended)).collect();
    let sum: i64 = components.iter().map(|one| one.weight_percent * i64::from(one.value_bp.0)).sum();
    Score { version: VERSION.to_owned(), score_bp: bp(sum / 100), components }
}

/// What every new agency starts with.
#[must_use]
pub fn prior() -> BasisPoints {
    score(&[]).score_bp
}

fn of_component(component: Component, ended: &[Ended]) -> ComponentScore {
    let counting: Vec<&Ended> = ended.iter().filter(|one| !one.excluded.contains(&component)).collect();
    let (engagements, sum) = match component {
        Component::Recovery => recovery(&counting),
        Component::FirstContact | Component::Updates | Component::Complaints | Component::Documents | Component::Treatment => {
            let observations: Vec<i64> = counting.iter().filter_map(|one| observation(component, one)).collect();
            (count(&observations), observations.iter().sum())
        }
    };
    let prior = component.prior();
    let value = (PRIOR_ENGAGEMENTS * i64::from(prior.0) + sum) / (PRIOR_ENGAGEMENTS + engagements);
    ComponentScore {
        component,
        weight_percent: component.weight(),
        prior_bp: prior,
        engagements,
        observed_bp: sum.checked_div(engagements).map(bp),
        value_bp: bp(value),
    }
}

/// Over all engagements together: most recover everything or nothing, so each by itself says little.
fn recovery(counting: &[&Ended]) -> (i64, i64) {
    let known: Vec<(i64, i64)> =
        counting.iter().filter_map(|one| Some((i64::from(one.promised?.0), i64::from(one.recovered.0)))).collect();
    let (promised, recovered) = known.iter().fold((0, 0), |sums, one| (sums.0 + one.0, sums.1 + one.1));
    let kept = (recovered * WHOLE).checked_div(promised).map_or(WHOLE, |kept| kept.min(WHOLE));
    (count(&known), count(&known) * kept)
}

fn observation(component: Component, one: &Ended) -> Option<i64> {
    let rated = |mark: Option<i32>| mark.map(|mark| i64::from(mark.clamp(1, 5) - 1) * WHOLE / 4);
    match component {
        Component::Recovery => None,
        Component::FirstContact => one.first_contact_kept.map(|kept| if kept { WHOLE } else { 0 }),
        Component::Updates => {
            let (kept, missed) = (i64::from(one.updates_kept), i64::from(one.updates_missed));
            (kept * WHOLE).checked_div(kept + missed)
        }
        Component::Complaints => {
            let penalties: i64 = one.complaints.iter().map(|severity| i64::from(penalty(*severity).0)).sum();
            Some((WHOLE - penalties).max(0))
        }
        Component::Documents => rated(one.documents),
        Component::Treatment => match (rated(one.treatment), rated(one.treated)) {
            (Some(creditor), Some(debtor)) => Some(i64::midpoint(creditor, debtor)),
            (one, other) => one.or(other),
        },
    }
}

/// Promised against real, for cases of one age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Calibration {
    pub age_band: AgeBand,
    pub engagements: i64,
    /// Of the claim, on average.
    pub promised_bp: BasisPoints,
    pub recovered_bp: BasisPoints,
}

/// How promises and outcomes compare, by the age of the case; ages without an engagement are left out.
#[must_use]
pub fn calibration(ended: &[Ended]) -> Vec<Calibration> {
    let of_age = |age: &AgeBand| {
        let known: Vec<(i64, i64)> = ended
            .iter()
            .filter(|one| one.age == *age)
            .filter_map(|one| Some((i64::from(one.promised?.0), i64::from(one.recovered.0))))
            .collect();
        let engagements = count(&known);
        let mean = |sum: i64| sum.checked_div(engagements).map(bp);
        Some(Calibration {
            age_band: *age,
            engagements,
            promised_bp: mean(known.iter().map(|one| one.0).sum())?,
            recovered_bp: mean(known.iter().map(|one| one.1).sum())?,
        })
    };
    AgeBand::ALL.iter().filter_map(of_age).collect()
}

fn count<T>(items: &[T]) -> i64 {
    i64::try_from(items.len()).unwrap_or(i64::MAX)
}

fn bp(value: i64) -> BasisPoints {
    BasisPoints(i32::try_from(value).unwrap_or(i32::MAX))
}

/// A quarter of a year, by its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter(NaiveDate);

/// A score looks at the engagements that ended in so many quarters, its own being the last.
const QUARTERS_LOOKED_AT: u32 = 4;
const MONTHS: u32 = 3;

impl Quarter {
    /// The one that a day lies in.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        let first_month = day.month0() / MONTHS * MONTHS + 1;
        Self(NaiveDate::from_ymd_opt(day.year(), first_month, 1).unwrap_or(day))
    }

    #[must_use]
    pub const fn first_day(self) -> NaiveDate {
        self.0
    }

    /// The day after its last.
    #[must_use]
    pub fn end(self) -> NaiveDate {
        self.0.checked_add_months(Months::new(MONTHS)).unwrap_or(self.0)
    }

    /// The first day that its score looks at.
    #[must_use]
    pub fn looks_from(self) -> NaiveDate {
        self.0.checked_sub_months(Months::new(MONTHS * (QUARTERS_LOOKED_AT - 1))).unwrap_or(self.0)
    }
}

impl std::fmt::Display for Quarter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-Q{}", self.0.year(), self.0.month0() / MONTHS + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ended() -> Ended {
        Ended {
            engagement: EngagementId::fresh(),
            age: AgeBand::UpTo180,
            promised: Some(BasisPoints(6_000)),
            recovered: BasisPoints(6_000),
            first_contact_kept: Some(true),
            updates_kept: 3,
            updates_missed: 0,
            complaints: Vec::new(),
            documents: Some(5),
            treatment: Some(5),
            treated: None,
            excluded: Vec::new(),
        }
    }

    fn value(ended: &[Ended], wanted: Component) -> i32 {
        score(ended).components.iter().find(|one| one.component == wanted).map(|one| one.value_bp.0).unwrap()
    }

    #[test]
    fn weights_are_a_whole() {
        assert_eq!(Component::ALL.iter().map(|component| component.weight()).sum::<i64>(), 100);
    }

    #[test]
    fn a_new_agency_starts_from_the_stated_prior() {
        let new = score(&[]);
        assert_eq!(new.score_bp, BasisPoints(8_450));
        assert!(new.components.iter().all(|one| one.value_bp == one.prior_bp && one.observed_bp.is_none()));
    }

    #[test]
    fn ten_engagements_weigh_as_much_as_the_prior() {
        let broken = Ended { first_contact_kept: Some(false), ..ended() };
        assert_eq!(value(&vec![broken; 10], Component::FirstContact), 4_000);
        assert_eq!(value(&vec![ended(); 10], Component::FirstContact), 9_000);
    }

    #[test]
    fn recovery_is_held_against_the_promise_over_all_cases() {
        let all = Ended { recovered: BasisPoints(10_000), ..ended() };
        let nothing = Ended { recovered: BasisPoints(0), ..ended() };
        // 10,000 of 12,000 promised: 83.33 %; (10 × 90 + 2 × 83.33) ÷ 12.
        assert_eq!(value(&[all.clone(), nothing], Component::Recovery), 8_888);
        // More than was promised is no more than all of it.
        assert_eq!(value(&[all], Component::Recovery), (90_000 + 10_000) / 11);
    }

    #[test]
    fn complaints_cost_by_their_severity_and_never_more_than_the_engagement() {
        let complained = |complaints| value(&[Ended { complaints, ..ended() }], Component::Complaints);
        assert_eq!(complained(vec![]), (95_000 + 10_000) / 11);
        assert_eq!(complained(vec![Severity::Minor]), (95_000 + 7_500) / 11);
        assert_eq!(complained(vec![Severity::Grave, Severity::Serious]), 95_000 / 11);
    }

    #[test]
    fn treatment_is_what_the_creditor_and_the_debtor_say_each_half() {
        let said = |treatment, treated| value(&[Ended { treatment, treated, ..ended() }], Component::Treatment);
        assert_eq!(said(Some(5), None), (75_000 + 10_000) / 11);
        assert_eq!(said(None, Some(1)), 75_000 / 11);
        assert_eq!(said(Some(5), Some(1)), (75_000 + 5_000) / 11);
        assert_eq!(said(None, None), 7_500);
    }

    #[test]
    fn what_an_appeal_took_out_counts_in_the_other_components_only() {
        let broken = Ended { first_contact_kept: Some(false), documents: Some(1), ..ended() };
        let without = Ended { excluded: vec![Component::FirstContact], ..broken.clone() };
        assert_eq!(value(std::slice::from_ref(&without), Component::FirstContact), 8_000);
        assert_eq!(value(&[without], Component::Documents), value(&[broken], Component::Documents));
    }

    #[test]
    fn calibration_compares_promised_and_real_by_age() {
        let old = Ended { age: AgeBand::Over730, promised: Some(BasisPoints(3_000)), recovered: BasisPoints(500), ..ended() };
        let unknown = Ended { promised: None, ..ended() };
        let found = calibration(&[ended(), old.clone(), old, unknown]);
        let rows: Vec<_> =
            found.iter().map(|row| (row.age_band, row.engagements, row.promised_bp.0, row.recovered_bp.0)).collect();
        assert_eq!(rows, [(AgeBand::UpTo180, 1, 6_000, 6_000), (AgeBand::Over730, 2, 3_000, 500)]);
    }

    #[test]
    fn a_quarter_knows_its_days() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let quarter = Quarter::of(day("2026-11-25"));
        assert_eq!(
            (quarter.to_string().as_str(), quarter.first_day(), quarter.end()),
            ("2026-Q4", day("2026-10-01"), day("2027-01-01"))
        );
        assert_eq!(quarter.looks_from(), day("2026-01-01"));
        assert_eq!(Quarter::of(day("2027-01-01")).to_string(), "2027-Q1");
    }

    prop_compose! {
        fn engagements()(promised in proptest::option::of(0_i32..=10_000), recovered in 0_i32..=10_000, kept in proptest::option::of(any::<bool>()),
                         updates_kept in 0_i32..20, updates_missed in 0_i32..20, complaints in proptest::collection::vec(proptest::sample::select(Severity::ALL), 0..3),
                         documents in proptest::option::of(1_i32..=5), (treatment, treated) in (proptest::option::of(1_i32..=5), proptest::option::of(1_i32..=5))) -> Ended {
            Ended { promised: promised.map(BasisPoints), recovered: BasisPoints(recovered), first_contact_kept: kept, updates_kept, updates_missed,
                    complaints, documents, treatment, treated, ..ended() }
        }
    }

    proptest! {
        #[test]
        fn a_score_lies_within_its_scale_and_is_the_sum_of_what_it_shows(ended in proptest::collection::vec(engagements(), 0..30)) {
            let score = score(&ended);
            prop_assert!((0..=10_000).contains(&score.score_bp.0));
            let sum: i64 = score.components.iter().map(|one| one.weight_percent * i64::from(one.value_bp.0)).sum();
            prop_assert_eq!(i64::from(score.score_bp.0), sum / 100);
        }

        #[test]
        fn a_better_engagement_never_lowers_a_score(before in proptest::collection::vec(engagements(), 0..10), one in engagements()) {
            let better = Ended { recovered: BasisPoints(10_000), first_contact_kept: one.first_contact_kept.map(|_| true), updates_missed: 0,
                                 complaints: Vec::new(), documents: one.documents.map(|_| 5), treatment: one.treatment.map(|_| 5), treated: one.treated.map(|_| 5), ..one.clone() };
            let with = |last: Ended| score(&before.iter().cloned().chain([last]).collect::<Vec<_>>()).score_bp;
            prop_assert!(with(better) >= with(one));
        }
    }

    /// The tables as `docs/market.md` prints them.
    fn published() -> String {
        let percent = |bp: BasisPoints| format!("{}.{:02}", bp.0 / 100, bp.0 % 100);
        let mut rows: Vec<String> =
            Component::ALL.iter().map(|one| format!("| {one} | {} | {} |", one.weight(), percent(one.prior()))).collect();
        rows.extend(Severity::ALL.iter().map(|one| format!("| {one} | {} |", percent(penalty(*one)))));
        rows.join("\n")
    }

    #[test]
    fn the_published_tables_are_those_of_the_code() {
        let page = include_str!("../../docs/market.md");
        assert!(page.contains(VERSION));
        for row in published().lines() {
            assert!(page.contains(row), "docs/market.md should hold:\n{}", published());
        }
    }
}
