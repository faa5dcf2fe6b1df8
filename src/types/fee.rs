//! How an agency is paid: always out of what it recovered, and never more than half of it.
//!
//! One type for what an agency offers, what a mandate says and what settlement charges, so that the three cannot differ.
//! Pure. What may never happen here: a fee on nothing; a fee that depends on the parts in which the money came, unless the
//! agreement is by time; a fee that eats up what was recovered.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BasisPoints, Money, MoneyError, Rounding};

/// The most that any agreement takes of what was recovered: more would leave the creditor less than its agency, VAT counted.
pub const FEE_CAP: BasisPoints = BasisPoints(5_000);
const TIERS_MAX: usize = 10;
const DAYS_MAX: i32 = 3_650;
/// Ten million in whole units of a currency with cents: no flat fee is higher.
const FLAT_MAX_MINOR: i64 = 1_000_000_000;

/// From an amount on, this rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmountTier {
    /// Minor units recovered in all; the first tier starts at 0.
    #[schema(example = 0)]
    pub from_minor: i64,
    /// On the part of the amount that lies in this tier.
    #[schema(example = 1200)]
    pub rate_bp: BasisPoints,
}

/// From a day of the engagement on, this rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeTier {
    /// Days since the engagement began; the first tier starts at 0.
    #[schema(example = 0)]
    pub from_day: i32,
    /// On money that comes in from that day on.
    #[schema(example = 1200)]
    pub rate_bp: BasisPoints,
}

/// A fee agreement. Money is in minor units of the case's currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum FeeSchedule {
    /// A share of every amount recovered.
    Success { rate_bp: BasisPoints },
    /// Each part of what was recovered in all bears the rate of its tier.
    TieredByAmount { tiers: Vec<AmountTier> },
    /// Each amount bears the rate of the day it came in.
    TieredByTime { tiers: Vec<TimeTier> },
    /// One amount, taken from what comes in, at most half of it.
    Flat { amount_minor: i64 },
    /// One amount and a share, together at most half of what comes in.
    Hybrid { amount_minor: i64, rate_bp: BasisPoints },
}

/// What had happened under an agreement when an amount came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoFar {
    /// Recovered before, in minor units.
    pub recovered_minor: i64,
    /// Days since the engagement began.
    pub day: i64,
}

impl SoFar {
    /// Nothing yet, on the first day.
    pub const START: Self = Self { recovered_minor: 0, day: 0 };
}

/// A place in a schedule, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct FeeFault {
    pub pointer: String,
    pub detail: String,
}

impl FeeSchedule {
    /// Its model, by the name it has in JSON.
    #[must_use]
    pub const fn model(&self) -> &'static str {
        match self {
            Self::Success { .. } => "success",
            Self::TieredByAmount { .. } => "tiered_by_amount",
            Self::TieredByTime { .. } => "tiered_by_time",
            Self::Flat { .. } => "flat",
            Self::Hybrid { .. } => "hybrid",
        }
    }

    /// A plain share, where it is one.
    #[must_use]
    pub const fn plain_rate(&self) -> Option<BasisPoints> {
        match self {
            Self::Success { rate_bp } => Some(*rate_bp),
            Self::TieredByAmount { .. } | Self::TieredByTime { .. } | Self::Flat { .. } | Self::Hybrid { .. } => None,
        }
    }

    /// # Errors
    /// A rate above the cap, tiers that do not rise from 0, an amount out of range.
    pub fn check(&self) -> Result<(), FeeFault> {
        match self {
            Self::Success { rate_bp } => rate("/rate_bp", *rate_bp),
            Self::TieredByAmount { tiers } => {
                let starts: Vec<i64> = tiers.iter().map(|tier| tier.from_minor).collect();
                check_tiers(&starts, 0..=FLAT_MAX_MINOR.saturating_mul(1_000), "from_minor")?;
                tiers.iter().enumerate().try_for_each(|(place, tier)| rate(&format!("/tiers/{place}/rate_bp"), tier.rate_bp))
            }
            Self::TieredByTime { tiers } => {
                let starts: Vec<i64> = tiers.iter().map(|tier| i64::from(tier.from_day)).collect();
                check_tiers(&starts, 0..=i64::from(DAYS_MAX), "from_day")?;
                tiers.iter().enumerate().try_for_each(|(place, tier)| rate(&format!("/tiers/{place}/rate_bp"), tier.rate_bp))
            }
            Self::Flat { amount_minor } => flat(*amount_minor),
            Self::Hybrid { amount_minor, rate_bp } => {
                flat(*amount_minor)?;
                rate("/rate_bp", *rate_bp)
            }
        }
    }

    /// The fee, before VAT, on an amount that came in after `so_far`. Rounded down: nobody is charged more than was agreed.
    ///
    /// # Errors
    /// More than an `i64` holds.
    pub fn fee_on(&self, amount: Money, so_far: SoFar) -> Result<Money, MoneyError> {
        match self {
            Self::Success { rate_bp } => amount.share(*rate_bp, Rounding::Down),
            Self::TieredByTime { tiers } => {
                let of_day = tiers.iter().rev().find(|tier| i64::from(tier.from_day) <= so_far.day.max(0));
                amount.share(of_day.map_or(BasisPoints(0), |tier| tier.rate_bp), Rounding::Down)
            }
            Self::TieredByAmount { .. } | Self::Flat { .. } | Self::Hybrid { .. } => {
                let before = Money::new(so_far.recovered_minor, amount.currency);
                self.on_total(before.checked_add(amount)?)?.checked_sub(self.on_total(before)?)
            }
        }
    }

    /// The fee on an amount when `charged` stands on what was recovered before. Where a payment that bore more than its part was
    /// taken back, or one that had paid a tier full, the next ones make up for it, each with at most half of itself.
    ///
    /// # Errors
    /// More than an `i64` holds.
    pub fn fee_next(&self, amount: Money, so_far: SoFar, charged: Money) -> Result<Money, MoneyError> {
        match self {
            Self::Success { .. } | Self::TieredByTime { .. } => self.fee_on(amount, so_far),
            Self::TieredByAmount { .. } | Self::Flat { .. } | Self::Hybrid { .. } => {
                let total = Money::new(so_far.recovered_minor, amount.currency).checked_add(amount)?;
                let due = self.on_total(total)?.checked_sub(charged)?;
                let most = amount.share(FEE_CAP, Rounding::HalfUp)?;
                Ok(Money::new(due.minor.clamp(0, most.minor), amount.currency))
            }
        }
    }

    /// The fee on all that was recovered, where it does not depend on when.
    fn on_total(&self, total: Money) -> Result<Money, MoneyError> {
        let fee = match self {
            Self::Success { rate_bp } => total.share(*rate_bp, Rounding::Down)?,
            Self::TieredByAmount { tiers } => {
                let mut sum = Money::zero(total.currency);
                let ends = tiers.iter().skip(1).map(|tier| tier.from_minor).chain([i64::MAX]);
                for (tier, end) in tiers.iter().zip(ends) {
                    let inside = total.minor.min(end).saturating_sub(tier.from_minor).max(0);
                    sum = sum.checked_add(Money::new(inside, total.currency).share(tier.rate_bp, Rounding::Down)?)?;
                }
                sum
            }
            Self::TieredByTime { .. } => Money::zero(total.currency),
            Self::Flat { amount_minor } => Money::new(*amount_minor, total.currency),
            Self::Hybrid { amount_minor, rate_bp } => {
                Money::new(*amount_minor, total.currency).checked_add(total.share(*rate_bp, Rounding::Down)?)?
            }
        };
        let most = total.share(FEE_CAP, Rounding::Down)?;
        Ok(Money::new(fee.minor.min(most.minor), total.currency))
    }

    /// What the fee comes to on `amount` recovered at once on `day`, in basis points of it, rounded up.
    ///
    /// # Errors
    /// More than an `i64` holds.
    pub fn effective_bp(&self, amount: Money, day: i64) -> Result<BasisPoints, MoneyError> {
        if let Some(rate) = self.plain_rate() {
            return Ok(rate);
        }
        if !amount.is_positive() {
            return Ok(BasisPoints(0));
        }
        let fee = self.fee_on(amount, SoFar { recovered_minor: 0, day })?;
        let scaled = i128::from(fee.minor) * i128::from(BasisPoints::WHOLE);
        let bp = (scaled + i128::from(amount.minor) - 1) / i128::from(amount.minor);
        i32::try_from(bp).map(BasisPoints).map_err(|_| MoneyError::Overflow)
    }
}

fn fault(pointer: impl Into<String>, detail: impl Into<String>) -> FeeFault {
    FeeFault { pointer: pointer.into(), detail: detail.into() }
}

fn rate(pointer: &str, rate: BasisPoints) -> Result<(), FeeFault> {
    if (0..=FEE_CAP.0).contains(&rate.0) {
        return Ok(());
    }
    Err(fault(pointer, format!("from 0 to {}, not {}", FEE_CAP.0, rate.0)))
}

fn flat(amount_minor: i64) -> Result<(), FeeFault> {
    if (0..=FLAT_MAX_MINOR).contains(&amount_minor) {
        return Ok(());
    }
    Err(fault("/amount_minor", format!("from 0 to {FLAT_MAX_MINOR}, not {amount_minor}")))
}

fn check_tiers(starts: &[i64], range: RangeInclusive<i64>, name: &str) -> Result<(), FeeFault> {
    if !(1..=TIERS_MAX).contains(&starts.len()) {
        return Err(fault("/tiers", format!("from 1 to {TIERS_MAX} tiers, not {}", starts.len())));
    }
    if starts.first() != Some(&0) {
        return Err(fault(format!("/tiers/0/{name}"), "the first tier starts at 0"));
    }
    let pairs = starts.iter().zip(starts.iter().skip(1)).enumerate();
    for (place, (one, next)) in pairs {
        if next <= one || !range.contains(next) {
            let detail = format!("above {one} and at most {}, not {next}", range.end());
            return Err(fault(format!("/tiers/{}/{name}", place + 1), detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::Currency;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn by_amount(tiers: &[(i64, i32)]) -> FeeSchedule {
        let tier = |(from_minor, rate): &(i64, i32)| AmountTier { from_minor: *from_minor, rate_bp: BasisPoints(*rate) };
        FeeSchedule::TieredByAmount { tiers: tiers.iter().map(tier).collect() }
    }

    fn by_time(tiers: &[(i32, i32)]) -> FeeSchedule {
        let tier = |(from_day, rate): &(i32, i32)| TimeTier { from_day: *from_day, rate_bp: BasisPoints(*rate) };
        FeeSchedule::TieredByTime { tiers: tiers.iter().map(tier).collect() }
    }

    const SUCCESS: FeeSchedule = FeeSchedule::Success { rate_bp: BasisPoints(1_200) };

    #[test]
    fn every_model_charges_what_it_says() {
        let later = |recovered_minor, day| SoFar { recovered_minor, day };
        let hybrid = FeeSchedule::Hybrid { amount_minor: 5_000, rate_bp: BasisPoints(500) };
        let tiers = by_amount(&[(0, 1_000), (100_000, 500)]);
        let days = by_time(&[(0, 800), (30, 1_200)]);
        let cases = [
            (SUCCESS, eur(100_000), SoFar::START, 12_000),
            (SUCCESS, eur(100_000), later(500_000, 90), 12_000),
            // 10 % of the first 1,000.00 and 5 % of the next 500.00.
            (tiers.clone(), eur(150_000), SoFar::START, 12_500),
            (tiers.clone(), eur(50_000), SoFar::START, 5_000),
            (tiers, eur(50_000), later(100_000, 3), 2_500),
            (days.clone(), eur(10_000), later(0, 29), 800),
            (days, eur(10_000), later(0, 30), 1_200),
            (FeeSchedule::Flat { amount_minor: 15_000 }, eur(100_000), SoFar::START, 15_000),
            // Half of what comes in, until it is paid.
            (FeeSchedule::Flat { amount_minor: 15_000 }, eur(20_000), SoFar::START, 10_000),
            (FeeSchedule::Flat { amount_minor: 15_000 }, eur(20_000), later(20_000, 9), 5_000),
            (FeeSchedule::Flat { amount_minor: 15_000 }, eur(20_000), later(40_000, 9), 0),
            (hybrid.clone(), eur(100_000), SoFar::START, 10_000),
            (hybrid, eur(100), SoFar::START, 50),
        ];
        for (schedule, amount, so_far, fee) in cases {
            assert_eq!(schedule.fee_on(amount, so_far), Ok(eur(fee)), "{schedule:?} on {amount:?} after {so_far:?}");
        }
    }

    #[test]
    fn after_a_reversal_the_next_payments_bear_what_the_agreement_says_of_what_is_left() {
        let flat = FeeSchedule::Flat { amount_minor: 15_000 };
        let hybrid = FeeSchedule::Hybrid { amount_minor: 5_000, rate_bp: BasisPoints(500) };
        let tiers = by_amount(&[(0, 1_000), (100_000, 500)]);
        // Schedule, amount, recovered and charged before without what was taken back, the fee.
        for (schedule, amount, recovered_minor, charged, fee) in [
            // Nothing was taken back: as ever.
            (&flat, 20_000, 20_000, 10_000, 5_000),
            (&tiers, 50_000, 100_000, 10_000, 2_500),
            // The payment that bore the flat fee was taken back; a later one had borne none.
            (&flat, 100_000, 20_000, 0, 15_000),
            // At most half of what comes in, the rest with the next one.
            (&flat, 10_000, 100_000, 0, 5_000),
            (&flat, 10_000, 110_000, 5_000, 5_000),
            // The lower tier is open again: 50,000 had been charged 5 %, and is due 10 %.
            (&tiers, 50_000, 50_000, 2_500, 7_500),
            // More is charged than is due on what is left: nothing more until it is even.
            (&tiers, 10_000, 10_000, 5_000, 0),
            (&hybrid, 20_000, 30_000, 1_500, 6_000),
            (&SUCCESS, 10_000, 0, 9_999, 1_200),
        ] {
            let so_far = SoFar { recovered_minor, day: 3 };
            assert_eq!(
                schedule.fee_next(eur(amount), so_far, eur(charged)),
                Ok(eur(fee)),
                "{schedule:?} {amount} {recovered_minor}"
            );
        }
    }

    #[test]
    fn the_effective_rate_is_rounded_up() {
        assert_eq!(SUCCESS.effective_bp(eur(333), 0), Ok(BasisPoints(1_200)));
        assert_eq!(FeeSchedule::Flat { amount_minor: 100 }.effective_bp(eur(30_000), 0), Ok(BasisPoints(34)));
        assert_eq!(by_time(&[(0, 800), (30, 1_200)]).effective_bp(eur(10_000), 45), Ok(BasisPoints(1_200)));
        assert_eq!(FeeSchedule::Flat { amount_minor: 100 }.effective_bp(eur(0), 0), Ok(BasisPoints(0)));
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        let cases = [
            (FeeSchedule::Success { rate_bp: BasisPoints(5_001) }, "/rate_bp"),
            (FeeSchedule::Success { rate_bp: BasisPoints(-1) }, "/rate_bp"),
            (by_amount(&[]), "/tiers"),
            (by_amount(&[(1, 100)]), "/tiers/0/from_minor"),
            (by_amount(&[(0, 100), (0, 200)]), "/tiers/1/from_minor"),
            (by_amount(&[(0, 100), (50, 200), (40, 300)]), "/tiers/2/from_minor"),
            (by_amount(&[(0, 100), (50, 9_000)]), "/tiers/1/rate_bp"),
            (by_time(&[(0, 100), (9_999, 200)]), "/tiers/1/from_day"),
            (by_time(&[(0, 100); 11]), "/tiers"),
            (FeeSchedule::Flat { amount_minor: -1 }, "/amount_minor"),
            (FeeSchedule::Hybrid { amount_minor: 1, rate_bp: BasisPoints(6_000) }, "/rate_bp"),
        ];
        for (schedule, pointer) in cases {
            assert_eq!(schedule.check().map_err(|fault| fault.pointer), Err(pointer.to_owned()), "{schedule:?}");
        }
        for good in [SUCCESS, by_amount(&[(0, 0), (1, 5_000)]), by_time(&[(0, 5_000)]), FeeSchedule::Flat { amount_minor: 0 }] {
            assert_eq!(good.check(), Ok(()), "{good:?}");
        }
    }

    #[test]
    fn a_schedule_reads_as_it_is_written_and_nothing_else_does() {
        let written = serde_json::json!({ "model": "hybrid", "amount_minor": 5000, "rate_bp": 800 });
        let read: FeeSchedule = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), written);
        for bad in ["{\"model\":\"hourly\"}", "{\"model\":\"flat\"}", "{\"model\":\"flat\",\"amount_minor\":1,\"rate_bp\":1}"] {
            assert!(serde_json::from_str::<FeeSchedule>(bad).is_err(), "{bad}");
        }
    }

    fn schedules() -> impl Strategy<Value = FeeSchedule> {
        let rate = || (0_i32..=5_000).prop_map(BasisPoints);
        let starts = |most: i64| proptest::collection::btree_set(1_i64..most, 0..5);
        prop_oneof![
            rate().prop_map(|rate_bp| FeeSchedule::Success { rate_bp }),
            (starts(1_000_000), proptest::collection::vec(0_i32..=5_000, 6))
                .prop_map(|(starts, rates)| { by_amount(&[0].into_iter().chain(starts).zip(rates).collect::<Vec<_>>()) }),
            (starts(300), proptest::collection::vec(0_i32..=5_000, 6)).prop_map(|(starts, rates)| {
                let days = starts.into_iter().map(|day| i32::try_from(day).unwrap());
                by_time(&[0].into_iter().chain(days).zip(rates).collect::<Vec<_>>())
            }),
            (0_i64..2_000_000).prop_map(|amount_minor| FeeSchedule::Flat { amount_minor }),
            ((0_i64..2_000_000), rate()).prop_map(|(amount_minor, rate_bp)| FeeSchedule::Hybrid { amount_minor, rate_bp }),
        ]
    }

    proptest! {
        /// Whatever came in and was taken back before: once enough came in, what is charged is what the agreement says of the sum.
        #[test]
        fn what_is_charged_in_all_follows_what_was_recovered_in_all(
            schedule in schedules(), steps in proptest::collection::vec((1_i64..500_000, any::<bool>()), 1..8)
        ) {
            let (mut kept, mut all) = (Vec::<(i64, i64)>::new(), 0);
            for (amount, then_taken_back) in steps {
                let so_far = SoFar { recovered_minor: kept.iter().map(|(amount, _)| amount).sum(), day: 5 };
                let charged = eur(kept.iter().map(|(_, fee)| fee).sum());
                let fee = schedule.fee_next(eur(amount), so_far, charged).unwrap();
                prop_assert!(fee.minor >= 0 && 2 * fee.minor <= amount + 1);
                kept.push((amount, fee.minor));
                all += amount;
                if then_taken_back {
                    kept.remove(0);
                }
            }
            let so_far = SoFar { recovered_minor: kept.iter().map(|(amount, _)| amount).sum(), day: 5 };
            let charged: i64 = kept.iter().map(|(_, fee)| fee).sum();
            let last = 100 * all + 10_000_000;
            let fee = schedule.fee_next(eur(last), so_far, eur(charged)).unwrap();
            let whole = schedule.fee_on(eur(so_far.recovered_minor + last), SoFar { recovered_minor: 0, day: 5 }).unwrap();
            let parts = i64::try_from(kept.len()).unwrap() + 1;
            prop_assert!((charged + fee.minor - whole.minor).abs() <= parts, "{:?}: {} + {} for {}", schedule, charged, fee, whole);
        }

        #[test]
        fn no_fee_on_nothing_none_below_nothing_and_never_more_than_half(
            schedule in schedules(), amount in 0_i64..5_000_000, recovered_minor in 0_i64..5_000_000, day in 0_i64..400
        ) {
            prop_assert_eq!(schedule.check(), Ok(()));
            let so_far = SoFar { recovered_minor, day };
            let fee = schedule.fee_on(eur(amount), so_far).unwrap();
            prop_assert!(fee.minor >= 0);
            let before = schedule.fee_on(eur(recovered_minor), SoFar { recovered_minor: 0, day }).unwrap();
            prop_assert!(2 * (before.minor + fee.minor) <= recovered_minor + amount, "{:?} takes {:?}", schedule, fee);
            prop_assert_eq!(schedule.fee_on(eur(0), so_far), Ok(eur(0)));
        }

        #[test]
        fn by_amount_the_parts_in_which_it_came_do_not_matter(schedule in schedules(), parts in proptest::collection::vec(1_i64..500_000, 1..6)) {
            prop_assume!(!matches!(schedule, FeeSchedule::TieredByTime { .. } | FeeSchedule::Success { .. }));
            let mut so_far = SoFar::START;
            let mut fees = 0;
            for part in &parts {
                fees += schedule.fee_on(eur(*part), so_far).unwrap().minor;
                so_far.recovered_minor += part;
            }
            prop_assert_eq!(schedule.fee_on(eur(so_far.recovered_minor), SoFar::START).unwrap().minor, fees);
        }
    }
}
