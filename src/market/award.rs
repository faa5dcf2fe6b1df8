//! The award: offers ranked by a published formula whose arithmetic everybody concerned can redo.
//!
//! What may never happen here: an order that depends on how offers were listed, or on anything the formula does not show;
//! a higher fee that ranks higher, all else equal.
//!
//! Formula `award-3`: score = what the creditor can expect to keep + its weight × what the promises are worth.
//! - expected net = expected recovery for the age of the case − the fee on it. The expectation starts from the platform's
//!   prior (after 30 days odds fall by about a tenth a month for eight months: rtsfg.com, "When to place accounts for
//!   collection") and moves, engagement by engagement, to what the agency really recovered (`calibrated`).
//! - promises: first contact, updates, languages, a tone that fits what the creditor allows, and the agency's published score
//!   as far as it lies from what a new agency starts with; times the weight that the
//!   creditor set beforehand, from a half to three.
//!
//! Whole numbers only: parts per million, in which every product below is exact. Ties: the earlier offer, then the id.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{card::AgeBand, score};
use crate::types::{BasisPoints, FeeSchedule, Language, Money, MoneyError, OfferId, Rounding, Tone, fee::SoFar, text_enum};

/// Names the formula and its tables; new figures get a new name.
pub const VERSION: &str = "award-3";
/// One basis point.
const BP: i64 = 100;

text_enum! {
    /// A promise that counts in the ranking.
    pub enum Criterion {
        FirstContact => "first_contact_hours",
        Updates => "update_every_days",
        ToneFit => "tone",
        Languages => "languages",
        /// The agency's published score in the country of the case; a new agency's prior where there is none.
        Score => "agency_score",
    }
}

/// An offer as the formula sees it: it does not know whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bid {
    pub offer: OfferId,
    pub fee: FeeSchedule,
    /// What the agency is expected to recover, in whole percents of the claim.
    pub recovery_bp: BasisPoints,
    pub languages: Vec<Language>,
    pub first_contact_hours: i32,
    pub update_every_days: i32,
    pub tone: Tone,
    /// The agency's published score.
    pub score_bp: BasisPoints,
    pub submitted_at: DateTime<Utc>,
}

/// What one promise adds or takes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Factor {
    pub criterion: Criterion,
    #[schema(example = "24")]
    pub value: String,
    /// Parts per million of the claim: 10000 is one percent.
    pub ppm: i64,
}

/// How a score comes about: `score_ppm = expected_net_ppm + Σ factors`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Arithmetic {
    #[schema(example = "award-3")]
    pub version: String,
    /// Expected recovery of this agency for the age of the case, in basis points of the claim.
    pub recovery_bp: BasisPoints,
    /// What the fee comes to on that recovery, in basis points of it.
    pub fee_bp: BasisPoints,
    /// `recovery − fee on it`, in parts per million of the claim.
    pub expected_net_ppm: i64,
    /// The creditor's weight of the promises: 10000 is one.
    #[serde(default = "weight_of_one")]
    pub relationship_weight_bp: BasisPoints,
    /// Each promise's worth times that weight.
    pub factors: Vec<Factor>,
    pub score_ppm: i64,
}

impl Arithmetic {
    /// Figures to try a rule out on.
    #[must_use]
    pub fn example() -> Self {
        Self {
            version: VERSION.to_owned(),
            recovery_bp: BasisPoints(7_400),
            fee_bp: BasisPoints(1_200),
            expected_net_ppm: 651_200,
            relationship_weight_bp: weight_of_one(),
            factors: Vec::new(),
            score_ppm: 651_200,
        }
    }
}

/// An offer with its place, 1 being the best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    pub offer: OfferId,
    pub rank: i32,
    pub arithmetic: Arithmetic,
}

/// Arithmetic of `award-1` knew no weight.
const fn weight_of_one() -> BasisPoints {
    BasisPoints(10_000)
}

/// What offers are measured against.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// What is claimed: the open principal. Schedules that are no plain share are reckoned on it.
    pub claim: Money,
    /// The firmest tone the creditor allows.
    pub ceiling: Tone,
    /// The debtor's language.
    pub language: Language,
    pub relationship_weight: BasisPoints,
}

/// On which day of the engagement a fee by time is reckoned: about when money comes in, if it does.
const EXPECTED_DAY: i64 = 45;
const MILLION: i128 = 1_000_000;

/// Ranks offers. Best first.
///
/// # Errors
/// A schedule that leaves what can be counted.
pub fn rank(bids: &[Bid], measure: &Measure) -> Result<Vec<Ranked>, MoneyError> {
    let scored = bids.iter().map(|bid| Ok((bid, score(bid, measure)?)));
    let mut scored: Vec<(&Bid, Arithmetic)> = scored.collect::<Result<_, MoneyError>>()?;
    scored.sort_by_key(|(bid, arithmetic)| (Reverse(arithmetic.score_ppm), bid.submitted_at, bid.offer));
    Ok((1..).zip(scored).map(|(rank, (bid, arithmetic))| Ranked { offer: bid.offer, rank, arithmetic }).collect())
}

fn score(bid: &Bid, measure: &Measure) -> Result<Arithmetic, MoneyError> {
    let (fee_bp, expected_net_ppm) = expected_net(bid, measure.claim)?;
    let weigh = |ppm: i64| ppm * i64::from(measure.relationship_weight.0) / BasisPoints::WHOLE;
    let factor = |criterion, value, ppm| Factor { criterion, value, ppm: weigh(ppm) };
    let languages: Vec<&str> = bid.languages.iter().map(|language| language.as_str()).collect();
    let factors = vec![
        factor(Criterion::FirstContact, bid.first_contact_hours.to_string(), for_first_contact(bid.first_contact_hours)),
        factor(Criterion::Updates, bid.update_every_days.to_string(), for_updates(bid.update_every_days)),
        factor(Criterion::ToneFit, bid.tone.to_string(), for_tone(bid.tone, measure.ceiling)),
        factor(Criterion::Languages, languages.join(", "), for_languages(bid.languages.contains(&measure.language))),
        factor(Criterion::Score, bid.score_bp.0.to_string(), for_score(bid.score_bp)),
    ];
    let score_ppm = expected_net_ppm + factors.iter().map(|factor| factor.ppm).sum::<i64>();
    Ok(Arithmetic {
        version: VERSION.to_owned(),
        recovery_bp: bid.recovery_bp,
        fee_bp,
        expected_net_ppm,
        relationship_weight_bp: measure.relationship_weight,
        factors,
        score_ppm,
    })
}

/// What the fee comes to, and what is left to the creditor in parts per million of the claim.
fn expected_net(bid: &Bid, claim: Money) -> Result<(BasisPoints, i64), MoneyError> {
    if let Some(rate) = bid.fee.plain_rate() {
        // Expectations are whole percents, so dividing by 100 leaves nothing over: two plain fees never share a score.
        return Ok((rate, i64::from(bid.recovery_bp.0) / 100 * (BasisPoints::WHOLE - i64::from(rate.0))));
    }
    let recovered = claim.share(bid.recovery_bp, Rounding::Down)?;
    let fee = bid.fee.fee_on(recovered, SoFar { recovered_minor: 0, day: EXPECTED_DAY })?;
    // The fee's part is rounded up: no schedule ranks higher by a fraction than it costs.
    let claimed = i128::from(claim.minor.max(1));
    let cost_ppm = (i128::from(fee.minor) * MILLION + claimed - 1) / claimed;
    let recovery_ppm = i64::from(bid.recovery_bp.0) * BP;
    let cost_ppm = i64::try_from(cost_ppm).map_err(|_| MoneyError::Overflow)?;
    Ok((bid.fee.effective_bp(recovered, EXPECTED_DAY)?, recovery_ppm - cost_ppm))
}

/// How an agency's ended engagements on cases of an age came out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Record {
    pub engagements: i64,
    /// Sum over them of what was recovered in percent of the claim, each 0 to 100.
    pub recovered_percent: i64,
}

/// How many engagements the prior weighs.
const PRIOR_ENGAGEMENTS: i64 = 20;

/// The expected recovery of an agency, in whole percents: the prior as if it were twenty engagements, then its own.
#[must_use]
pub fn calibrated(age: AgeBand, record: Record) -> BasisPoints {
    let prior = i64::from(prior_recovery(age).0) / 100;
    let percents = PRIOR_ENGAGEMENTS * prior + record.recovered_percent;
    let percent = percents / (PRIOR_ENGAGEMENTS + record.engagements.max(0));
    BasisPoints(i32::try_from(percent.clamp(0, 100)).unwrap_or_default() * 100)
}

/// The prior, in whole percents.
const fn prior_recovery(age: AgeBand) -> BasisPoints {
    BasisPoints(match age {
        AgeBand::UpTo30 => 9_000,
        AgeBand::UpTo60 => 8_200,
        AgeBand::UpTo90 => 7_400,
        AgeBand::UpTo180 => 5_800,
        AgeBand::UpTo365 => 3_800,
        AgeBand::UpTo730 => 2_200,
        AgeBand::Over730 => 1_200,
    })
}

const fn for_first_contact(hours: i32) -> i64 {
    match hours {
        ..=24 => 100 * BP,
        25..=48 => 60 * BP,
        49..=72 => 30 * BP,
        73..=120 => 0,
        121.. => -60 * BP,
    }
}

const fn for_updates(days: i32) -> i64 {
    match days {
        ..=7 => 60 * BP,
        8..=14 => 30 * BP,
        15..=30 => 0,
        31.. => -40 * BP,
    }
}

/// Who speaks the debtor's language needs no interpreter.
const fn for_languages(speaks: bool) -> i64 {
    if speaks { 50 * BP } else { 0 }
}

/// A percent of score is worth a tenth of a percent of the claim. A new agency gains and loses nothing.
fn for_score(score: BasisPoints) -> i64 {
    i64::from(score.0 - score::prior().0) * 10
}

/// A tone inside the ceiling fits. One above it would have to be held back on every step.
const fn for_tone(tone: Tone, ceiling: Tone) -> i64 {
    match (tone, ceiling) {
        (Tone::Gentle, Tone::Gentle | Tone::Neutral | Tone::Firm)
        | (Tone::Neutral, Tone::Neutral | Tone::Firm)
        | (Tone::Firm, Tone::Firm) => 100 * BP,
        (Tone::Neutral, Tone::Gentle) | (Tone::Firm, Tone::Neutral) => -200 * BP,
        (Tone::Firm, Tone::Gentle) => -500 * BP,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::types::{
        Currency,
        fee::{AmountTier, TimeTier},
    };

    prop_compose! {
        fn bids()(id in 1_u128..50, fee in 0_i32..=5_000, percent in 0_i32..=100, first_contact_hours in 1_i32..=240,
                  update_every_days in 1_i32..=60, tone in proptest::sample::select(Tone::ALL), score in 0_i32..=10_000,
                  languages in proptest::sample::subsequence(Language::ALL, 0..=3), second in 0_i64..5) -> Bid {
            Bid { offer: OfferId(Uuid::from_u128(id)), fee: plain(fee), recovery_bp: BasisPoints(percent * 100), languages,
                  first_contact_hours, update_every_days, tone, score_bp: BasisPoints(score),
                  submitted_at: DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap() }
        }
    }

    prop_compose! {
        fn measures()(claim in 1_i64..10_000_000, ceiling in proptest::sample::select(Tone::ALL),
                      language in proptest::sample::select(Language::ALL), weight in 5_000_i32..=30_000) -> Measure {
            Measure { claim: Money::new(claim, Currency::EUR), ceiling, language, relationship_weight: BasisPoints(weight) }
        }
    }

    const fn plain(rate: i32) -> FeeSchedule {
        FeeSchedule::Success { rate_bp: BasisPoints(rate) }
    }

    fn many() -> impl Strategy<Value = Vec<Bid>> {
        proptest::collection::hash_map(1_u128..50, bids(), 0..12)
            .prop_map(|bids| bids.into_iter().map(|(id, bid)| Bid { offer: OfferId(Uuid::from_u128(id)), ..bid }).collect())
    }

    /// The cheaper and the dearer of two schedules of one model.
    fn dearer() -> impl Strategy<Value = (FeeSchedule, FeeSchedule)> {
        let tiers = |rate: i32| FeeSchedule::TieredByAmount {
            tiers: vec![
                AmountTier { from_minor: 0, rate_bp: BasisPoints(rate) },
                AmountTier { from_minor: 50_000, rate_bp: BasisPoints(300) },
            ],
        };
        let days = |rate: i32| FeeSchedule::TieredByTime {
            tiers: vec![
                TimeTier { from_day: 0, rate_bp: BasisPoints(300) },
                TimeTier { from_day: 30, rate_bp: BasisPoints(rate) },
            ],
        };
        let flat = |amount_minor| FeeSchedule::Flat { amount_minor };
        let hybrid = |amount_minor| FeeSchedule::Hybrid { amount_minor, rate_bp: BasisPoints(500) };
        (0_i32..4_500, 1_i32..500).prop_flat_map(move |(rate, more)| {
            let (little, much) = (i64::from(rate) * 10, i64::from(rate + more) * 10);
            prop_oneof![
                Just((tiers(rate), tiers(rate + more))),
                Just((days(rate), days(rate + more))),
                Just((flat(little), flat(much))),
                Just((hybrid(little), hybrid(much))),
            ]
        })
    }

    proptest! {
        #[test]
        fn all_else_equal_a_higher_fee_never_ranks_higher(bid in bids(), more in 1_i32..500, earlier in 0_i64..1000, measure in measures()) {
            prop_assume!(bid.recovery_bp.0 > 0);
            // The dearer twin even came first and has the smaller id.
            let dearer = Bid { offer: OfferId(Uuid::nil()), fee: plain(bid.fee.plain_rate().unwrap().0 + more),
                               submitted_at: bid.submitted_at - chrono::TimeDelta::seconds(earlier), ..bid.clone() };
            let ranked = rank(&[dearer, bid.clone()], &measure).unwrap();
            prop_assert_eq!(ranked[0].offer, bid.offer);
        }

        #[test]
        fn nor_does_a_dearer_schedule_of_any_model(bid in bids(), (cheap, dear) in dearer(), measure in measures()) {
            let cheap = Bid { fee: cheap, ..bid.clone() };
            let dear = Bid { offer: OfferId(Uuid::max()), fee: dear, ..bid };
            prop_assert_eq!(rank(&[dear, cheap.clone()], &measure).unwrap()[0].offer, cheap.offer);
        }

        #[test]
        fn a_schedule_that_is_a_plain_share_in_disguise_ranks_with_it(bid in bids(), measure in measures()) {
            let rate = bid.fee.plain_rate().unwrap();
            let disguised = FeeSchedule::TieredByTime { tiers: vec![TimeTier { from_day: 0, rate_bp: rate }] };
            let ranked = rank(&[bid.clone(), Bid { fee: disguised, ..bid }], &measure).unwrap();
            let apart = (ranked[0].arithmetic.score_ppm - ranked[1].arithmetic.score_ppm).abs();
            // A cent of the claim, twice rounded.
            prop_assert!(i128::from(apart) <= 2 * (MILLION / i128::from(measure.claim.minor) + 1), "{apart}");
        }

        #[test]
        fn the_order_in_which_offers_stand_changes_nothing(bids in many(), seed in any::<u64>(), measure in measures()) {
            let mut shuffled = bids.clone();
            shuffled.sort_by_key(|bid| bid.offer.0.as_u128().wrapping_mul(u128::from(seed) | 1));
            prop_assert_eq!(rank(&bids, &measure), rank(&shuffled, &measure));
        }

        #[test]
        fn every_offer_gets_one_place_and_its_arithmetic_adds_up(bids in many(), measure in measures()) {
            let ranked = rank(&bids, &measure).unwrap();
            let places: Vec<i32> = ranked.iter().map(|one| one.rank).collect();
            prop_assert_eq!(places, (1..).take(bids.len()).collect::<Vec<_>>());
            for one in &ranked {
                let sum = one.arithmetic.expected_net_ppm + one.arithmetic.factors.iter().map(|factor| factor.ppm).sum::<i64>();
                prop_assert_eq!(sum, one.arithmetic.score_ppm);
            }
            prop_assert!(ranked.is_sorted_by(|one, next| one.arithmetic.score_ppm >= next.arithmetic.score_ppm));
        }

        #[test]
        fn a_better_promise_never_ranks_lower(bid in bids(), measure in measures()) {
            let better = Bid { offer: OfferId(Uuid::nil()), first_contact_hours: 1, update_every_days: 1, tone: Tone::Gentle,
                               languages: Language::ALL.to_vec(), score_bp: BasisPoints(10_000), ..bid.clone() };
            let better = Bid { submitted_at: bid.submitted_at, ..better };
            prop_assert_eq!(rank(&[bid, better], &measure).unwrap()[0].offer, OfferId(Uuid::nil()));
        }

        #[test]
        fn a_record_moves_the_expectation_towards_itself_and_no_further(age in proptest::sample::select(AgeBand::ALL), engagements in 0_i64..500, percent in 0_i64..=100) {
            let prior = prior_recovery(age).0;
            let own = calibrated(age, Record { engagements, recovered_percent: engagements * percent }).0;
            let goal = i32::try_from(percent).unwrap() * 100;
            prop_assert!(own % 100 == 0 && (prior.min(goal) - 99..=prior.max(goal)).contains(&own), "{prior} {own} {goal}");
        }
    }

    fn bid(id: u128, fee: i32, second: i64) -> Bid {
        let submitted_at = DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        let offer = OfferId(Uuid::from_u128(id));
        let recovery_bp = calibrated(AgeBand::UpTo180, Record::default());
        Bid {
            offer,
            fee: plain(fee),
            recovery_bp,
            languages: Vec::new(),
            first_contact_hours: 24,
            update_every_days: 14,
            tone: Tone::Neutral,
            score_bp: score::prior(),
            submitted_at,
        }
    }

    const MEASURE: Measure = Measure {
        claim: Money::new(100_000, Currency::EUR),
        ceiling: Tone::Gentle,
        language: Language::Spanish,
        relationship_weight: BasisPoints(10_000),
    };

    #[test]
    fn ties_go_to_the_earlier_offer_then_to_the_smaller_id() {
        let places =
            |bids: &[Bid]| -> Vec<u128> { rank(bids, &MEASURE).unwrap().iter().map(|one| one.offer.0.as_u128()).collect() };
        assert_eq!(places(&[bid(1, 1200, 5), bid(2, 1200, 4)]), [2, 1]);
        assert_eq!(places(&[bid(2, 1200, 5), bid(1, 1200, 5)]), [1, 2]);
    }

    #[test]
    fn the_arithmetic_is_what_the_formula_says() {
        let ranked = rank(&[bid(1, 1200, 0)], &MEASURE).unwrap();
        let arithmetic = &ranked[0].arithmetic;
        // 58 % × (1 − 12 %) = 51.04 %; + 1.00 % for the first contact, + 0.30 % for updates, − 2.00 % for the tone.
        assert_eq!(arithmetic.expected_net_ppm, 510_400);
        assert_eq!(arithmetic.factors.iter().map(|factor| factor.ppm).collect::<Vec<_>>(), [10_000, 3_000, -20_000, 0, 0]);
        assert_eq!(arithmetic.score_ppm, 503_400);
    }

    #[test]
    fn a_flat_fee_is_measured_on_the_expected_recovery_and_promises_by_the_creditors_weight() {
        let flat = Bid { fee: FeeSchedule::Flat { amount_minor: 5_800 }, languages: vec![Language::Spanish], ..bid(1, 0, 0) };
        let measure = Measure { relationship_weight: BasisPoints(20_000), ..MEASURE };
        let ranked = rank(&[flat], &measure).unwrap();
        let arithmetic = &ranked[0].arithmetic;
        // 58.00 of 580.00 expected out of 1,000.00: 10 % of the recovery, 5.8 % of the claim.
        assert_eq!((arithmetic.fee_bp, arithmetic.expected_net_ppm), (BasisPoints(1_000), 522_000));
        assert_eq!(arithmetic.factors.iter().map(|factor| factor.ppm).collect::<Vec<_>>(), [20_000, 6_000, -40_000, 10_000, 0]);
    }

    #[test]
    fn twenty_engagements_weigh_as_much_as_the_prior() {
        let record = |engagements, percent| Record { engagements, recovered_percent: engagements * percent };
        assert_eq!(calibrated(AgeBand::UpTo180, record(0, 0)), BasisPoints(5_800));
        assert_eq!(calibrated(AgeBand::UpTo180, record(20, 80)), BasisPoints(6_900));
        assert_eq!(calibrated(AgeBand::UpTo180, record(20, 0)), BasisPoints(2_900));
    }

    #[test]
    fn expectations_are_whole_percents_and_fall_with_age() {
        let all: Vec<i32> = AgeBand::ALL.iter().map(|age| prior_recovery(*age).0).collect();
        assert!(all.iter().all(|bp| bp % 100 == 0), "{all:?}");
        assert!(all.is_sorted_by(|younger, older| younger > older), "{all:?}");
    }

    /// The tables as `docs/market.md` prints them, in percent of the claim.
    fn published() -> String {
        let percent = |ppm: i64| format!("{}{}.{:02}", if ppm < 0 { "-" } else { "" }, ppm.abs() / 10_000, ppm.abs() / 100 % 100);
        let mut rows = Vec::new();
        let mut row = |name: &str, value: &str, ppm: i64| rows.push(format!("| {name} | {value} | {} |", percent(ppm)));
        for age in AgeBand::ALL {
            row("prior recovery", age.as_str(), i64::from(prior_recovery(*age).0) * BP);
        }
        for (hours, text) in [(24, "up to 24"), (48, "up to 48"), (72, "up to 72"), (120, "up to 120"), (121, "more")] {
            row("first_contact_hours", text, for_first_contact(hours));
        }
        for (days, text) in [(7, "up to 7"), (14, "up to 14"), (30, "up to 30"), (31, "more")] {
            row("update_every_days", text, for_updates(days));
        }
        row("languages", "the debtor's among them", for_languages(true));
        row("tone", "inside the ceiling", for_tone(Tone::Gentle, Tone::Firm));
        row("tone", "one step above it", for_tone(Tone::Firm, Tone::Neutral));
        row("tone", "two steps above it", for_tone(Tone::Firm, Tone::Gentle));
        row("agency_score", "each percent above 84.50", for_score(BasisPoints(score::prior().0 + 100)));
        rows.join("\n")
    }

    #[test]
    fn a_published_score_moves_an_offer_by_a_tenth_of_its_distance_from_a_new_agencys() {
        assert_eq!((for_score(BasisPoints(9_450)), for_score(score::prior()), for_score(BasisPoints(0))), (10_000, 0, -84_500));
    }

    #[test]
    fn the_published_ranking_tables_are_those_of_the_code() {
        let page = include_str!("../../docs/market.md");
        assert!(page.contains(VERSION) && page.contains(&published()), "docs/market.md should hold:\n{}", published());
    }
}
