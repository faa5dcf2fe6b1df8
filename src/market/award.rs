//! The award: offers ranked by a published formula whose arithmetic everybody concerned can redo.
//!
//! What may never happen here: an order that depends on how offers were listed, or on anything the formula does not show;
//! a higher fee that ranks higher, all else equal.
//!
//! Formula `award-1`: score = what the creditor can expect to keep + what the promises are worth.
//! - expected net = expected recovery for the age of the case × (1 − fee). The expectation is the platform's prior, the same
//!   for every agency: after 30 days odds fall by about a tenth a month for eight months (rtsfg.com, "When to place accounts
//!   for collection").
//! - promises: first contact, updates, and a tone that fits what the creditor allows.
//!
//! Whole numbers only: parts per million, in which every product below is exact. Ties: the earlier offer, then the id.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::card::AgeBand;
use crate::types::{BasisPoints, OfferId, Tone, text_enum};

/// Names the formula and its tables; new figures get a new name.
pub const VERSION: &str = "award-1";
/// One basis point.
const BP: i64 = 100;

text_enum! {
    /// A promise that counts in the ranking.
    pub enum Criterion {
        FirstContact => "first_contact_hours",
        Updates => "update_every_days",
        ToneFit => "tone",
    }
}

/// An offer as the formula sees it: it does not know whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bid {
    pub offer: OfferId,
    pub fee: BasisPoints,
    pub first_contact_hours: i32,
    pub update_every_days: i32,
    pub tone: Tone,
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
    #[schema(example = "award-1")]
    pub version: String,
    /// Expected recovery for the age of the case, in basis points of the claim.
    pub recovery_bp: BasisPoints,
    pub fee_bp: BasisPoints,
    /// `recovery × (1 − fee)`, in parts per million of the claim.
    pub expected_net_ppm: i64,
    pub factors: Vec<Factor>,
    pub score_ppm: i64,
}

/// An offer with its place, 1 being the best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    pub offer: OfferId,
    pub rank: i32,
    pub arithmetic: Arithmetic,
}

/// Ranks offers on a case of this age whose creditor allows tones up to `ceiling`. Best first.
#[must_use]
pub fn rank(bids: &[Bid], age: AgeBand, ceiling: Tone) -> Vec<Ranked> {
    let mut scored: Vec<(&Bid, Arithmetic)> = bids.iter().map(|bid| (bid, score(bid, age, ceiling))).collect();
    scored.sort_by_key(|(bid, arithmetic)| (Reverse(arithmetic.score_ppm), bid.submitted_at, bid.offer));
    (1..).zip(scored).map(|(rank, (bid, arithmetic))| Ranked { offer: bid.offer, rank, arithmetic }).collect()
}

fn score(bid: &Bid, age: AgeBand, ceiling: Tone) -> Arithmetic {
    let recovery_bp = expected_recovery(age);
    let kept = BasisPoints::WHOLE - i64::from(bid.fee.0);
    // Expectations are whole percents, so dividing by 100 leaves nothing over: two fees never share a score.
    let expected_net_ppm = i64::from(recovery_bp.0) / 100 * kept;
    let factors = vec![
        Factor {
            criterion: Criterion::FirstContact,
            value: bid.first_contact_hours.to_string(),
            ppm: for_first_contact(bid.first_contact_hours),
        },
        Factor {
            criterion: Criterion::Updates,
            value: bid.update_every_days.to_string(),
            ppm: for_updates(bid.update_every_days),
        },
        Factor { criterion: Criterion::ToneFit, value: bid.tone.to_string(), ppm: for_tone(bid.tone, ceiling) },
    ];
    let score_ppm = expected_net_ppm + factors.iter().map(|factor| factor.ppm).sum::<i64>();
    Arithmetic { version: VERSION.to_owned(), recovery_bp, fee_bp: bid.fee, expected_net_ppm, factors, score_ppm }
}

/// The prior, in whole percents.
const fn expected_recovery(age: AgeBand) -> BasisPoints {
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

    prop_compose! {
        fn bids()(id in 1_u128..50, fee in 0_i32..=5_000, first_contact_hours in 1_i32..=240, update_every_days in 1_i32..=60,
                  tone in proptest::sample::select(Tone::ALL), second in 0_i64..5) -> Bid {
            Bid { offer: OfferId(Uuid::from_u128(id)), fee: BasisPoints(fee), first_contact_hours, update_every_days, tone,
                  submitted_at: DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap() }
        }
    }

    fn many() -> impl Strategy<Value = Vec<Bid>> {
        proptest::collection::hash_map(1_u128..50, bids(), 0..12)
            .prop_map(|bids| bids.into_iter().map(|(id, bid)| Bid { offer: OfferId(Uuid::from_u128(id)), ..bid }).collect())
    }

    fn ages() -> impl Strategy<Value = AgeBand> {
        proptest::sample::select(AgeBand::ALL)
    }

    fn tones() -> impl Strategy<Value = Tone> {
        proptest::sample::select(Tone::ALL)
    }

    proptest! {
        #[test]
        fn all_else_equal_a_higher_fee_never_ranks_higher(bid in bids(), more in 1_i32..500, earlier in 0_i64..1000, age in ages(), ceiling in tones()) {
            // The dearer twin even came first and has the smaller id.
            let dearer = Bid { offer: OfferId(Uuid::nil()), fee: BasisPoints(bid.fee.0 + more),
                               submitted_at: bid.submitted_at - chrono::TimeDelta::seconds(earlier), ..bid.clone() };
            let ranked = rank(&[dearer, bid.clone()], age, ceiling);
            prop_assert_eq!(ranked[0].offer, bid.offer);
        }

        #[test]
        fn the_order_in_which_offers_stand_changes_nothing(bids in many(), seed in any::<u64>(), age in ages(), ceiling in tones()) {
            let mut shuffled = bids.clone();
            shuffled.sort_by_key(|bid| bid.offer.0.as_u128().wrapping_mul(u128::from(seed) | 1));
            prop_assert_eq!(rank(&bids, age, ceiling), rank(&shuffled, age, ceiling));
        }

        #[test]
        fn every_offer_gets_one_place_and_its_arithmetic_adds_up(bids in many(), age in ages(), ceiling in tones()) {
            let ranked = rank(&bids, age, ceiling);
            let places: Vec<i32> = ranked.iter().map(|one| one.rank).collect();
            prop_assert_eq!(places, (1..).take(bids.len()).collect::<Vec<_>>());
            for one in &ranked {
                let sum = one.arithmetic.expected_net_ppm + one.arithmetic.factors.iter().map(|factor| factor.ppm).sum::<i64>();
                prop_assert_eq!(sum, one.arithmetic.score_ppm);
            }
            prop_assert!(ranked.is_sorted_by(|one, next| one.arithmetic.score_ppm >= next.arithmetic.score_ppm));
        }

        #[test]
        fn a_better_promise_never_ranks_lower(bid in bids(), age in ages(), ceiling in tones()) {
            let better = Bid { offer: OfferId(Uuid::nil()), first_contact_hours: 1, update_every_days: 1, tone: Tone::Gentle, ..bid.clone() };
            prop_assert_eq!(rank(&[bid, better], age, ceiling)[0].offer, OfferId(Uuid::nil()));
        }
    }

    fn bid(id: u128, fee: i32, second: i64) -> Bid {
        let submitted_at = DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        let offer = OfferId(Uuid::from_u128(id));
        Bid { offer, fee: BasisPoints(fee), first_contact_hours: 24, update_every_days: 14, tone: Tone::Neutral, submitted_at }
    }

    #[test]
    fn ties_go_to_the_earlier_offer_then_to_the_smaller_id() {
        let places = |bids: &[Bid]| -> Vec<u128> {
            rank(bids, AgeBand::UpTo90, Tone::Neutral).iter().map(|one| one.offer.0.as_u128()).collect()
        };
        assert_eq!(places(&[bid(1, 1200, 5), bid(2, 1200, 4)]), [2, 1]);
        assert_eq!(places(&[bid(2, 1200, 5), bid(1, 1200, 5)]), [1, 2]);
    }

    #[test]
    fn the_arithmetic_is_what_the_formula_says() {
        let ranked = rank(&[bid(1, 1200, 0)], AgeBand::UpTo180, Tone::Gentle);
        let arithmetic = &ranked[0].arithmetic;
        // 58 % × (1 − 12 %) = 51.04 %; + 1.00 % for the first contact, + 0.30 % for updates, − 2.00 % for the tone.
        assert_eq!(arithmetic.expected_net_ppm, 510_400);
        assert_eq!(arithmetic.factors.iter().map(|factor| factor.ppm).collect::<Vec<_>>(), [10_000, 3_000, -20_000]);
        assert_eq!(arithmetic.score_ppm, 503_400);
    }

    #[test]
    fn expectations_are_whole_percents_and_fall_with_age() {
        let all: Vec<i32> = AgeBand::ALL.iter().map(|age| expected_recovery(*age).0).collect();
        assert!(all.iter().all(|bp| bp % 100 == 0), "{all:?}");
        assert!(all.is_sorted_by(|younger, older| younger > older), "{all:?}");
    }

    /// The tables as `docs/market.md` prints them, in percent of the claim.
    fn published() -> String {
        let percent = |ppm: i64| format!("{}{}.{:02}", if ppm < 0 { "-" } else { "" }, ppm.abs() / 10_000, ppm.abs() / 100 % 100);
        let mut rows = Vec::new();
        let mut row = |name: &str, value: &str, ppm: i64| rows.push(format!("| {name} | {value} | {} |", percent(ppm)));
        for age in AgeBand::ALL {
            row("expected recovery", age.as_str(), i64::from(expected_recovery(*age).0) * BP);
        }
        for (hours, text) in [(24, "up to 24"), (48, "up to 48"), (72, "up to 72"), (120, "up to 120"), (121, "more")] {
            row("first_contact_hours", text, for_first_contact(hours));
        }
        for (days, text) in [(7, "up to 7"), (14, "up to 14"), (30, "up to 30"), (31, "more")] {
            row("update_every_days", text, for_updates(days));
        }
        row("tone", "inside the ceiling", for_tone(Tone::Gentle, Tone::Firm));
        row("tone", "one step above it", for_tone(Tone::Firm, Tone::Neutral));
        row("tone", "two steps above it", for_tone(Tone::Firm, Tone::Gentle));
        rows.join("\n")
    }

    #[test]
    fn the_published_ranking_tables_are_those_of_the_code() {
        let page = include_str!("../../docs/market.md");
        assert!(page.contains(VERSION) && page.contains(&published()), "docs/market.md should hold:\n{}", published());
    }
}
