//! Late interest: simple, on what is still owed, in exact fractions until the one rounding that is named.
//!
//! What may never happen here: a float, interest on interest, or a day counted twice. The day of a payment still bears
//! interest on what was owed that morning; the due day bears none.

use chrono::{Datelike, NaiveDate};

use super::rates::{KnownDays, Series};
use crate::types::{BasisPoints, Money, MoneyError, Rounding, money::divide};

/// How a rate change meets a debt that is already late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatePolicy {
    /// Each half-year bears its own rate (Directive 2011/7/EU art. 2; Ley 3/2004 art. 7.2; BGB § 247).
    PerHalfYear,
    /// The rate of the first day stays (UK: SI 2002/1675).
    FrozenAtStart,
}

/// What part of a year a number of days is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayCount {
    /// Days over 365, leap year or not.
    Act365Fixed,
    /// Days over 366 in a leap year, over 365 otherwise.
    ActAct,
    /// Months of 30 days, years of 360.
    Thirty360,
}

/// Where fractions of a cent end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineRounding {
    /// Each line is rounded, the total is the sum of what is printed.
    PerLine,
    /// The total is rounded once; lines are differences of rounded running totals, so they still sum to it.
    AtEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convention {
    pub policy: RatePolicy,
    pub day_count: DayCount,
    pub rounding: LineRounding,
}

/// A run of days with one rate on one balance. `from` and `to` both bear interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub days: u32,
    pub rate: BasisPoints,
    pub base: Money,
    pub amount: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InterestRefusal {
    #[error("no statutory rate is known for {day}; rates are known {}", known_days(known.as_ref()))]
    RateUnknown { day: NaiveDate, known: Option<KnownDays> },
    #[error(transparent)]
    Money(#[from] MoneyError),
}

fn known_days(known: Option<&KnownDays>) -> String {
    known.map_or_else(|| "for no day".to_owned(), |known| format!("from {} until {}", known.from, known.until))
}

/// Interest on `principal` from `from` to `to`, both included, less what `payments` took off it.
///
/// # Errors
/// A day that bears interest lies outside the series; currencies differ; amounts overflow.
pub fn accrue(
    series: &Series,
    convention: Convention,
    principal: Money,
    payments: &[(NaiveDate, Money)],
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<Segment>, InterestRefusal> {
    let mut segments = Vec::new();
    let mut cursor = from;
    while cursor <= to {
        let base = balance(principal, payments, cursor)?;
        if !base.is_positive() {
            break;
        }
        let rate_day = match convention.policy {
            RatePolicy::PerHalfYear => cursor,
            RatePolicy::FrozenAtStart => from,
        };
        let step = series.on(rate_day).ok_or_else(|| InterestRefusal::RateUnknown { day: rate_day, known: series.known() })?;
        let rate_until = match convention.policy {
            RatePolicy::PerHalfYear => step.until,
            RatePolicy::FrozenAtStart => to,
        };
        let until = to.min(rate_until).min(next_payment(payments, cursor)).min(year_end(convention.day_count, cursor));
        let days = days_between(convention.day_count, cursor, until);
        segments.push(Segment { from: cursor, to: until, days, rate: step.rate, base, amount: Money::zero(principal.currency) });
        let Some(next) = until.succ_opt() else { break };
        cursor = next;
    }
    price(&mut segments, convention)?;
    Ok(segments)
}

/// What is owed on the morning of `day`.
fn balance(principal: Money, payments: &[(NaiveDate, Money)], day: NaiveDate) -> Result<Money, MoneyError> {
    payments.iter().filter(|(paid_on, _)| *paid_on < day).try_fold(principal, |left, (_, paid)| left.checked_sub(*paid))
}

fn next_payment(payments: &[(NaiveDate, Money)], day: NaiveDate) -> NaiveDate {
    payments.iter().map(|(paid_on, _)| *paid_on).filter(|paid_on| *paid_on >= day).min().unwrap_or(NaiveDate::MAX)
}

/// Only actual/actual cares in which year a day lies.
fn year_end(day_count: DayCount, day: NaiveDate) -> NaiveDate {
    match day_count {
        DayCount::ActAct => NaiveDate::from_ymd_opt(day.year(), 12, 31).unwrap_or(NaiveDate::MAX),
        DayCount::Act365Fixed | DayCount::Thirty360 => NaiveDate::MAX,
    }
}

fn days_between(day_count: DayCount, from: NaiveDate, to: NaiveDate) -> u32 {
    let days = match day_count {
        DayCount::Act365Fixed | DayCount::ActAct => to.signed_duration_since(from).num_days() + 1,
        DayCount::Thirty360 => day_of_360(to) - day_of_360(from.pred_opt().unwrap_or(from)),
    };
    u32::try_from(days).unwrap_or(0)
}

fn day_of_360(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 360 + i64::from(day.month0()) * 30 + i64::from(day.day().min(30))
}

/// Denominators divide this: 10 000 basis points × 365 × 366 × 360 days, so that any lines add up exactly.
const WHOLE: i128 = 10_000 * 365 * 366 * 360;

fn year_days(day_count: DayCount, day: NaiveDate) -> i128 {
    match day_count {
        DayCount::Act365Fixed => 365,
        DayCount::ActAct if day.leap_year() => 366,
        DayCount::ActAct => 365,
        DayCount::Thirty360 => 360,
    }
}

/// base × rate × days ÷ days of the year, in parts of [`WHOLE`].
fn parts(segment: &Segment, day_count: DayCount) -> Result<i128, MoneyError> {
    let scale = 365 * 366 * 360 / year_days(day_count, segment.from);
    i128::from(segment.base.minor)
        .checked_mul(i128::from(segment.rate.0))
        .and_then(|product| product.checked_mul(i128::from(segment.days)))
        .and_then(|product| product.checked_mul(scale))
        .filter(|product| product.abs() < i128::MAX / 4)
        .ok_or(MoneyError::Overflow)
}

fn price(segments: &mut [Segment], convention: Convention) -> Result<(), MoneyError> {
    let (mut running, mut printed) = (0_i128, 0_i64);
    for segment in segments {
        let exact = parts(segment, convention.day_count)?;
        let minor = match convention.rounding {
            LineRounding::PerLine => divide(exact, WHOLE, Rounding::HalfUp)?,
            LineRounding::AtEnd => {
                running = running.checked_add(exact).filter(|sum| sum.abs() < i128::MAX / 4).ok_or(MoneyError::Overflow)?;
                let total = divide(running, WHOLE, Rounding::HalfUp)?;
                let line = total.checked_sub(printed).ok_or(MoneyError::Overflow)?;
                printed = total;
                line
            }
        };
        segment.amount = Money::new(minor, segment.base.currency);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{receivables::test_support::shared_file, types::Currency};

    const PER_LINE: Convention =
        Convention { policy: RatePolicy::PerHalfYear, day_count: DayCount::Act365Fixed, rounding: LineRounding::PerLine };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eur(text: &str) -> Money {
        Money::parse_decimal(text, Currency::EUR).unwrap()
    }

    fn series(rates: &[(&str, i32)], until: &str) -> Series {
        Series::new(rates.iter().map(|(from, bp)| (day(from), BasisPoints(*bp))).collect(), day(until))
    }

    fn total(segments: &[Segment]) -> Money {
        Money::sum(Currency::EUR, segments.iter().map(|segment| segment.amount)).unwrap()
    }

    /// Interest at one rate for a number of days, in a year of 365.
    fn flat(principal: &str, bp: i32, days: i64, convention: Convention) -> Money {
        let from = day("2025-01-02");
        let to = from + chrono::TimeDelta::days(days - 1);
        total(&accrue(&series(&[("2025-01-01", bp)], "2027-12-31"), convention, eur(principal), &[], (from, to)).unwrap())
    }

    #[test]
    fn published_examples_over_365_days_come_out_to_the_cent() {
        let table = [
            ("10000.00", 662, 181, "328.28"),
            ("10000.00", 1062, 181, "526.64"),
            ("1000.00", 512, 25, "3.51"),
            ("2300.00", 500, 30, "9.45"),
            ("5000.00", 1225, 101, "169.49"),
            ("10000.00", 1175, 1, "3.22"),
            ("2000.00", 1325, 45, "32.67"),
        ];
        for (principal, bp, days, expected) in table {
            assert_eq!(flat(principal, bp, days, PER_LINE), eur(expected), "{principal} at {bp} for {days} days");
        }
    }

    #[test]
    fn a_german_debt_over_a_leap_year_matches_the_published_297_50() {
        let base_plus_eight = series(&[("2009-07-01", 812), ("2011-07-01", 837), ("2012-01-01", 812)], "2012-06-30");
        for rounding in [LineRounding::PerLine, LineRounding::AtEnd] {
            let convention = Convention { policy: RatePolicy::PerHalfYear, day_count: DayCount::ActAct, rounding };
            let period = (day("2009-09-15"), day("2012-02-17"));
            let segments = accrue(&base_plus_eight, convention, eur("1500.00"), &[], period).unwrap();
            assert_eq!(total(&segments), eur("297.50"));
            let days: Vec<u32> = segments.iter().map(|segment| segment.days).collect();
            assert_eq!(days, [108, 365, 181, 184, 48]);
        }
    }

    #[test]
    fn an_italian_example_sums_rounded_lines() {
        let rates = series(
            &[("2010-01-01", 800), ("2010-07-01", 800), ("2011-01-01", 800), ("2011-07-01", 825), ("2012-01-01", 800)],
            "2012-06-30",
        );
        let segments = accrue(&rates, PER_LINE, eur("1000.00"), &[], (day("2010-01-02"), day("2012-01-01"))).unwrap();
        let lines: Vec<String> = segments.iter().map(|segment| segment.amount.decimal()).collect();
        assert_eq!(lines, ["39.45", "40.33", "39.67", "41.59", "0.22"]);
        assert_eq!(total(&segments), eur("161.26"));
    }

    #[test]
    fn months_of_thirty_days_make_350_of_210_days() {
        let convention = Convention { day_count: DayCount::Thirty360, ..PER_LINE };
        let flat = series(&[("2026-01-01", 600)], "2026-12-31");
        let segments = accrue(&flat, convention, eur("10000.00"), &[], (day("2026-01-02"), day("2026-08-01"))).unwrap();
        assert_eq!((segments[0].days, total(&segments)), (210, eur("350.00")));
    }

    #[test]
    fn a_frozen_rate_ignores_later_changes() {
        let rates = series(&[("2025-01-01", 1275), ("2025-07-01", 1225)], "2025-12-31");
        let convention = Convention { policy: RatePolicy::FrozenAtStart, ..PER_LINE };
        let segments = accrue(&rates, convention, eur("1000.00"), &[], (day("2025-06-30"), day("2025-07-30"))).unwrap();
        assert_eq!(segments.len(), 1);
        assert_eq!((segments[0].rate, segments[0].days), (BasisPoints(1275), 31));
    }

    #[test]
    fn interest_runs_on_what_is_left_from_the_day_after_a_payment() {
        let rates = series(&[("2026-01-01", 1000)], "2026-12-31");
        let payments = [(day("2026-01-11"), eur("400.00")), (day("2026-01-21"), eur("600.00"))];
        let segments = accrue(&rates, PER_LINE, eur("1000.00"), &payments, (day("2026-01-02"), day("2026-03-31"))).unwrap();
        let lines: Vec<(u32, Money)> = segments.iter().map(|segment| (segment.days, segment.base)).collect();
        assert_eq!(lines, [(10, eur("1000.00")), (10, eur("600.00"))]);
    }

    #[test]
    fn a_payment_before_the_first_day_lowers_the_base_at_once() {
        let rates = series(&[("2026-01-01", 1000)], "2026-12-31");
        let payments = [(day("2025-12-01"), eur("250.00"))];
        let segments = accrue(&rates, PER_LINE, eur("1000.00"), &payments, (day("2026-01-02"), day("2026-01-31"))).unwrap();
        assert_eq!((segments.len(), segments[0].base), (1, eur("750.00")));
    }

    #[test]
    fn beyond_the_known_rates_the_last_known_day_is_named() {
        let rates = series(&[("2026-07-01", 1040)], "2026-12-31");
        let refusal = accrue(&rates, PER_LINE, eur("1.00"), &[], (day("2026-12-01"), day("2027-01-01"))).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "no statutory rate is known for 2027-01-01; rates are known from 2026-07-01 until 2026-12-31"
        );
    }

    #[test]
    fn a_debt_paid_in_full_needs_no_rate_any_more() {
        let rates = series(&[("2026-07-01", 1040)], "2026-12-31");
        let paid = [(day("2026-12-31"), eur("100.00"))];
        assert!(accrue(&rates, PER_LINE, eur("100.00"), &paid, (day("2026-12-01"), day("2030-01-01"))).is_ok());
    }

    #[test]
    fn the_shared_golden_cases_hold() {
        let Some(text) = shared_file("golden/interest.json") else { return };
        let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        let mut checked = 0;
        for case in &cases {
            let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
            if case["basis"] != "365" || case["days"].is_null() || case["rounding"] == "daily_amount" {
                continue;
            }
            let bp = i32::try_from(Money::parse_decimal(&text("rate"), Currency::EUR).unwrap().minor).unwrap();
            let interest = flat(&text("principal"), bp, case["days"].as_i64().unwrap(), PER_LINE);
            assert_eq!(interest, eur(&text("expected")), "{}", text("id"));
            checked += 1;
        }
        assert!(checked >= 6, "only {checked} golden cases were recognised");
    }

    proptest! {
        #[test]
        fn lines_rounded_at_the_end_sum_to_the_unrounded_total(
            minor in 1_i64..10_000_000_000, paid in 0_i64..1_000_000, bp in 1_i32..2_000, first in 1_i64..400, length in 0_i64..800,
        ) {
            let rates = series(&[("2025-01-01", bp), ("2025-07-01", bp + 7), ("2026-01-01", bp)], "2029-12-31");
            let from = day("2025-01-01") + chrono::TimeDelta::days(first);
            let to = from + chrono::TimeDelta::days(length);
            let payments = [(from + chrono::TimeDelta::days(length / 2), Money::new(paid.min(minor), Currency::EUR))];
            let convention = Convention { rounding: LineRounding::AtEnd, ..PER_LINE };
            let segments = accrue(&rates, convention, Money::new(minor, Currency::EUR), &payments, (from, to)).unwrap();
            let exact: i128 = segments.iter().map(|s| i128::from(s.base.minor) * i128::from(s.rate.0) * i128::from(s.days)).sum();
            prop_assert_eq!(total(&segments).minor, divide(exact, 3_650_000, Rounding::HalfUp).unwrap());
            let full = segments.iter().map(|s| i64::from(s.days)).sum::<i64>();
            prop_assert!(full == length + 1 || paid >= minor);
        }

        #[test]
        fn interest_never_shrinks_with_another_day(minor in 1_i64..1_000_000_000, days in 1_i64..700) {
            let principal = Money::new(minor, Currency::EUR).decimal();
            prop_assert!(flat(&principal, 1040, days, PER_LINE).minor <= flat(&principal, 1040, days + 1, PER_LINE).minor);
        }
    }
}
