//! Late interest: on what is still owed, in exact fractions until the one rounding that is named.
//!
//! What may never happen here: a float, a day counted twice, or interest on interest but where the law says so (BW 6:119a(3)). The day of a payment still bears
//! interest on what was owed that morning; the due day bears none.

use chrono::{Datelike, Months, NaiveDate};

use super::rates::{KnownDays, RateStep, Series};
use crate::types::{BasisPoints, Money, MoneyError, Rounding, money::divide, text_enum};

/// How a rate change meets a debt that is already late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatePolicy {
    /// Each half-year bears its own rate (Directive 2011/7/EU art. 2; Ley 3/2004 art. 7.2; BGB § 247).
    PerHalfYear,
    /// The rate of the first day stays (UK: SI 2002/1675).
    FrozenAtStart,
}

text_enum! {
    /// What part of a year a number of days is.
    pub enum DayCount {
        /// Days over 365, leap year or not.
        Act365Fixed => "actual_365",
        /// Days over 366 in a leap year, over 365 otherwise.
        ActAct => "actual_actual",
        /// Months of 30 days, years of 360.
        Thirty360 => "30_360",
    }
}

/// Where fractions of a cent end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineRounding {
    /// Each line is rounded, the total is the sum of what is printed.
    PerLine,
    /// The total is rounded once; lines are differences of rounded running totals, so they still sum to it.
    AtEnd,
    /// The amount of one day is rounded, then taken as often as there are days (some British calculators).
    DailyAmount,
}

/// Whether interest joins what bears interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compounding {
    None,
    /// A year's unpaid interest joins on the anniversary of the first day (BW 6:119(2), 6:119a(3)).
    YearlyOnAnniversary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convention {
    pub policy: RatePolicy,
    pub day_count: DayCount,
    pub rounding: LineRounding,
    pub compounding: Compounding,
}

/// What bears interest: a sum, and what came in on it and on its interest.
#[derive(Debug, Clone, Copy)]
pub struct Debt<'a> {
    pub principal: Money,
    pub payments: &'a [(NaiveDate, Money)],
    /// Matters only where interest joins the debt.
    pub interest_payments: &'a [(NaiveDate, Money)],
}

/// A run of days with one rate on one balance. `from` and `to` both bear interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub days: u32,
    /// `None`: the law has a rate for these days that we do not know; nothing is claimed for them.
    pub rate: Option<BasisPoints>,
    pub doubt: Option<&'static str>,
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

/// Interest on `debt` from `from` to `to`, both included, less what its payments took off it.
///
/// # Errors
/// A day that bears interest lies outside the series; currencies differ; amounts overflow.
pub fn accrue(
    series: &Series,
    convention: Convention,
    debt: &Debt<'_>,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<Segment>, InterestRefusal> {
    let mut running = Running::new(convention, debt, from);
    let mut segments = Vec::with_capacity(4);
    let mut cursor = from;
    while cursor <= to {
        let base = running.base(cursor)?;
        if !base.is_positive() {
            break;
        }
        let rate_day = match convention.policy {
            RatePolicy::PerHalfYear => cursor,
            RatePolicy::FrozenAtStart => from,
        };
        let step = series.on(rate_day).ok_or_else(|| InterestRefusal::RateUnknown { day: rate_day, known: series.known() })?;
        let until = running.until(cursor, to, &step);
        segments.push(running.segment(cursor, until, &step, base)?);
        let Some(next) = until.succ_opt() else { break };
        cursor = next;
    }
    Ok(segments)
}

/// An accrual on its way from line to line.
struct Running<'a> {
    convention: Convention,
    debt: &'a Debt<'a>,
    from: NaiveDate,
    /// Rounded interest of the lines so far.
    accrued: Money,
    /// What of it has joined the debt.
    joined: Money,
    /// The next anniversary, counted in years from the first day.
    year: u32,
    /// Unrounded interest so far, in parts of [`WHOLE`].
    exact: i128,
}

impl<'a> Running<'a> {
    const fn new(convention: Convention, debt: &'a Debt<'a>, from: NaiveDate) -> Self {
        let zero = Money::zero(debt.principal.currency);
        Self { convention, debt, from, accrued: zero, joined: zero, year: 1, exact: 0 }
    }

    /// What bears interest on `day`: principal of that morning, and interest that has joined it and was not paid.
    fn base(&mut self, day: NaiveDate) -> Result<Money, MoneyError> {
        let principal = self.debt.principal.checked_sub(paid_before(self.debt.payments, day, self.debt.principal)?)?;
        match self.convention.compounding {
            Compounding::None => Ok(principal),
            Compounding::YearlyOnAnniversary => {
                if self.anniversary() == day {
                    self.joined = self.accrued;
                    self.year = self.year.saturating_add(1);
                }
                // Payments of interest go to the oldest interest, which is what joined first.
                let unpaid = self.joined.checked_sub(paid_before(self.debt.interest_payments, day, self.debt.principal)?)?;
                if unpaid.is_positive() { principal.checked_add(unpaid) } else { Ok(principal) }
            }
        }
    }

    fn anniversary(&self) -> NaiveDate {
        self.from.checked_add_months(Months::new(self.year.saturating_mul(12))).unwrap_or(NaiveDate::MAX)
    }

    /// The last day of the line that begins on `cursor`.
    fn until(&self, cursor: NaiveDate, to: NaiveDate, step: &RateStep) -> NaiveDate {
        let rate_until = match self.convention.policy {
            RatePolicy::PerHalfYear => step.until,
            RatePolicy::FrozenAtStart => to,
        };
        let until =
            to.min(rate_until).min(next_payment(self.debt.payments, cursor)).min(year_end(self.convention.day_count, cursor));
        match self.convention.compounding {
            Compounding::None => until,
            Compounding::YearlyOnAnniversary => {
                let year_over = self.anniversary().pred_opt().unwrap_or(NaiveDate::MAX);
                until.min(year_over).min(next_payment(self.debt.interest_payments, cursor))
            }
        }
    }

    fn segment(&mut self, from: NaiveDate, to: NaiveDate, step: &RateStep, base: Money) -> Result<Segment, MoneyError> {
        let days = days_between(self.convention.day_count, from, to);
        let amount = match step.rate {
            Some(rate) => Money::new(self.priced(from, days, rate, base)?, base.currency),
            None => Money::zero(base.currency),
        };
        self.accrued = self.accrued.checked_add(amount)?;
        Ok(Segment { from, to, days, rate: step.rate, doubt: step.doubt, base, amount })
    }

    /// base × rate × days ÷ days of the year, rounded where the convention says.
    fn priced(&mut self, from: NaiveDate, days: u32, rate: BasisPoints, base: Money) -> Result<i64, MoneyError> {
        let year = year_days(self.convention.day_count, from);
        let daily = i128::from(base.minor) * i128::from(rate.0);
        let whole_year = i128::from(BasisPoints::WHOLE) * year;
        match self.convention.rounding {
            LineRounding::PerLine => divide(daily * i128::from(days), whole_year, Rounding::HalfUp),
            LineRounding::DailyAmount => {
                divide(daily, whole_year, Rounding::HalfUp)?.checked_mul(i64::from(days)).ok_or(MoneyError::Overflow)
            }
            LineRounding::AtEnd => {
                let parts = (daily * i128::from(days)).checked_mul(WHOLE / whole_year).ok_or(MoneyError::Overflow)?;
                self.exact = self.exact.checked_add(parts).filter(|sum| sum.abs() < i128::MAX / 4).ok_or(MoneyError::Overflow)?;
                divide(self.exact, WHOLE, Rounding::HalfUp)?.checked_sub(self.accrued.minor).ok_or(MoneyError::Overflow)
            }
        }
    }
}

/// What came in before the morning of `day`.
fn paid_before(payments: &[(NaiveDate, Money)], day: NaiveDate, like: Money) -> Result<Money, MoneyError> {
    Money::sum(like.currency, payments.iter().filter(|(paid_on, _)| *paid_on < day).map(|(_, paid)| *paid))
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

/// The days of the year in which `day` lies, as this way of counting has it.
#[must_use]
pub fn year_days(day_count: DayCount, day: NaiveDate) -> i128 {
    match day_count {
        DayCount::Act365Fixed => 365,
        DayCount::ActAct if day.leap_year() => 366,
        DayCount::ActAct => 365,
        DayCount::Thirty360 => 360,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{receivables::rates::Beginning, types::Currency};

    const PER_LINE: Convention = Convention {
        policy: RatePolicy::PerHalfYear,
        day_count: DayCount::Act365Fixed,
        rounding: LineRounding::PerLine,
        compounding: Compounding::None,
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eur(text: &str) -> Money {
        Money::parse_decimal(text, Currency::EUR).unwrap()
    }

    fn series(rates: &[(&str, i32)], until: &str) -> Series {
        let beginning = |(from, bp): &(&str, i32)| Beginning { from: day(from), rate: Some(BasisPoints(*bp)), doubt: None };
        Series::new(rates.iter().map(beginning).collect(), day(until))
    }

    fn debt<'a>(principal: &str, payments: &'a [(NaiveDate, Money)]) -> Debt<'a> {
        Debt { principal: eur(principal), payments, interest_payments: &[] }
    }

    fn total(segments: &[Segment]) -> Money {
        Money::sum(Currency::EUR, segments.iter().map(|segment| segment.amount)).unwrap()
    }

    /// Interest at one rate for a number of days, in a year of 365.
    fn flat(principal: &str, bp: i32, days: i64, convention: Convention) -> Money {
        let from = day("2025-01-02");
        let to = from + chrono::TimeDelta::days(days - 1);
        total(&accrue(&series(&[("2025-01-01", bp)], "2027-12-31"), convention, &debt(principal, &[]), (from, to)).unwrap())
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
            let convention = Convention {
                policy: RatePolicy::PerHalfYear,
                day_count: DayCount::ActAct,
                rounding,
                compounding: Compounding::None,
            };
            let period = (day("2009-09-15"), day("2012-02-17"));
            let segments = accrue(&base_plus_eight, convention, &debt("1500.00", &[]), period).unwrap();
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
        let segments = accrue(&rates, PER_LINE, &debt("1000.00", &[]), (day("2010-01-02"), day("2012-01-01"))).unwrap();
        let lines: Vec<String> = segments.iter().map(|segment| segment.amount.decimal()).collect();
        assert_eq!(lines, ["39.45", "40.33", "39.67", "41.59", "0.22"]);
        assert_eq!(total(&segments), eur("161.26"));
    }

    #[test]
    fn months_of_thirty_days_make_350_of_210_days() {
        let convention = Convention { day_count: DayCount::Thirty360, ..PER_LINE };
        let flat = series(&[("2026-01-01", 600)], "2026-12-31");
        let segments = accrue(&flat, convention, &debt("10000.00", &[]), (day("2026-01-02"), day("2026-08-01"))).unwrap();
        assert_eq!((segments[0].days, total(&segments)), (210, eur("350.00")));
    }

    #[test]
    fn a_frozen_rate_ignores_later_changes() {
        let rates = series(&[("2025-01-01", 1275), ("2025-07-01", 1225)], "2025-12-31");
        let convention = Convention { policy: RatePolicy::FrozenAtStart, ..PER_LINE };
        let segments = accrue(&rates, convention, &debt("1000.00", &[]), (day("2025-06-30"), day("2025-07-30"))).unwrap();
        assert_eq!(segments.len(), 1);
        assert_eq!((segments[0].rate, segments[0].days), (Some(BasisPoints(1275)), 31));
    }

    #[test]
    fn interest_runs_on_what_is_left_from_the_day_after_a_payment() {
        let rates = series(&[("2026-01-01", 1000)], "2026-12-31");
        let payments = [(day("2026-01-11"), eur("400.00")), (day("2026-01-21"), eur("600.00"))];
        let segments = accrue(&rates, PER_LINE, &debt("1000.00", &payments), (day("2026-01-02"), day("2026-03-31"))).unwrap();
        let lines: Vec<(u32, Money)> = segments.iter().map(|segment| (segment.days, segment.base)).collect();
        assert_eq!(lines, [(10, eur("1000.00")), (10, eur("600.00"))]);
    }

    #[test]
    fn a_payment_before_the_first_day_lowers_the_base_at_once() {
        let rates = series(&[("2026-01-01", 1000)], "2026-12-31");
        let payments = [(day("2025-12-01"), eur("250.00"))];
        let segments = accrue(&rates, PER_LINE, &debt("1000.00", &payments), (day("2026-01-02"), day("2026-01-31"))).unwrap();
        assert_eq!((segments.len(), segments[0].base), (1, eur("750.00")));
    }

    #[test]
    fn beyond_the_known_rates_the_last_known_day_is_named() {
        let rates = series(&[("2026-07-01", 1040)], "2026-12-31");
        let refusal = accrue(&rates, PER_LINE, &debt("1.00", &[]), (day("2026-12-01"), day("2027-01-01"))).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "no statutory rate is known for 2027-01-01; rates are known from 2026-07-01 until 2026-12-31"
        );
    }

    #[test]
    fn a_debt_paid_in_full_needs_no_rate_any_more() {
        let rates = series(&[("2026-07-01", 1040)], "2026-12-31");
        let paid = [(day("2026-12-31"), eur("100.00"))];
        assert!(accrue(&rates, PER_LINE, &debt("100.00", &paid), (day("2026-12-01"), day("2030-01-01"))).is_ok());
    }

    /// 1,000 at 10 %: the first year's 100.00 joins on 2 January 2026, so the second bears 1,100 × 10 % = 110.00.
    #[test]
    fn dutch_interest_joins_the_debt_on_the_anniversary() {
        let rates = series(&[("2025-01-01", 1000)], "2027-12-31");
        let convention = Convention { compounding: Compounding::YearlyOnAnniversary, ..PER_LINE };
        let lines = |interest_payments: &[(NaiveDate, Money)], to: &str| {
            let debt = Debt { interest_payments, ..debt("1000.00", &[]) };
            let segments = accrue(&rates, convention, &debt, (day("2025-01-02"), day(to))).unwrap();
            segments.iter().map(|line| (line.days, line.base.decimal(), line.amount.decimal())).collect::<Vec<_>>()
        };
        let line = |days, base: &str, amount: &str| (days, base.to_owned(), amount.to_owned());
        assert_eq!(lines(&[], "2026-01-01"), [line(365, "1000.00", "100.00")]);
        let two_years = [line(365, "1000.00", "100.00"), line(365, "1100.00", "110.00"), line(1, "1210.00", "0.33")];
        assert_eq!(lines(&[], "2027-01-02"), two_years);
        // Interest that was paid before it could join bears none; what is paid later leaves the base the day after.
        let paid_before = [(day("2025-12-01"), eur("100.00"))];
        let (days_to_payment, days_after) = (334, 31);
        assert_eq!(
            lines(&paid_before, "2026-01-11"),
            [line(days_to_payment, "1000.00", "91.51"), line(days_after, "1000.00", "8.49"), line(10, "1000.00", "2.74")]
        );
        let paid_later = [(day("2026-01-11"), eur("60.00"))];
        assert_eq!(
            lines(&paid_later, "2026-01-21"),
            [line(365, "1000.00", "100.00"), line(10, "1100.00", "3.01"), line(10, "1040.00", "2.85")]
        );
    }

    #[test]
    fn days_without_a_known_rate_are_lines_of_nothing() {
        let beginning = |from, bp: Option<i32>| Beginning { from: day(from), rate: bp.map(BasisPoints), doubt: None };
        let gap = Series::new(vec![beginning("2025-01-01", Some(600)), beginning("2025-07-01", None)], day("2025-12-31"));
        let segments = accrue(&gap, PER_LINE, &debt("1000.00", &[]), (day("2025-06-21"), day("2025-07-10"))).unwrap();
        let shown: Vec<_> = segments.iter().map(|line| (line.days, line.rate, line.amount.minor)).collect();
        assert_eq!(shown, [(10, Some(BasisPoints(600)), 164), (10, None, 0)]);
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
            let segments = accrue(&rates, convention, &debt(&Money::new(minor, Currency::EUR).decimal(), &payments), (from, to)).unwrap();
            let product = |s: &Segment| i128::from(s.base.minor) * i128::from(s.rate.unwrap().0) * i128::from(s.days);
            let exact: i128 = segments.iter().map(product).sum();
            prop_assert_eq!(total(&segments).minor, divide(exact, 3_650_000, Rounding::HalfUp).unwrap());
            let full = segments.iter().map(|s| i64::from(s.days)).sum::<i64>();
            prop_assert!(full == length + 1 || paid >= minor);
        }

        /// What two adjacent periods bear is what both together do, but for half a cent a line.
        #[test]
        fn interest_is_additive_over_adjacent_periods(
            minor in 1_i64..1_000_000_000, paid in 0_i64..500_000, first in 0_i64..300, cut in 0_i64..500, more in 1_i64..500,
            act_act in any::<bool>(), rounding in 0_usize..3,
        ) {
            let rates = series(&[("2023-07-01", 1200), ("2024-01-01", 1250), ("2024-07-01", 1225), ("2025-01-01", 1115)], "2029-12-31");
            let from = day("2023-07-02") + chrono::TimeDelta::days(first);
            let (middle, to) = (from + chrono::TimeDelta::days(cut), from + chrono::TimeDelta::days(cut + more));
            let payments = [(middle, Money::new(paid.min(minor), Currency::EUR))];
            let principal = Money::new(minor, Currency::EUR).decimal();
            let convention = Convention {
                day_count: if act_act { DayCount::ActAct } else { DayCount::Act365Fixed },
                rounding: [LineRounding::PerLine, LineRounding::AtEnd, LineRounding::PerLine][rounding],
                ..PER_LINE
            };
            let of = |days| accrue(&rates, convention, &debt(&principal, &payments), days).unwrap();
            let (whole, one, other) = (of((from, to)), of((from, middle)), of((middle + chrono::TimeDelta::days(1), to)));
            let lines = i64::try_from(whole.len() + one.len() + other.len()).unwrap();
            let difference = total(&whole).minor - total(&one).minor - total(&other).minor;
            prop_assert!(difference.abs() * 2 <= lines, "{difference} over {lines} lines");
            let exact = |segments: &[Segment]| -> i128 {
                let part = |s: &Segment| i128::from(s.base.minor) * i128::from(s.rate.unwrap().0) * i128::from(s.days)
                    * (365 * 366 / year_days(convention.day_count, s.from));
                segments.iter().map(part).sum()
            };
            prop_assert_eq!(exact(&whole), exact(&one) + exact(&other), "before rounding nothing is lost");
            prop_assert!(whole.iter().all(|line| line.amount.minor >= 0));
        }

        #[test]
        fn compound_interest_is_never_less_than_simple_and_never_shrinks_with_another_day(
            minor in 1_i64..100_000_000, days in 1_i64..1_500,
        ) {
            let rates = series(&[("2023-01-01", 1050), ("2023-07-01", 1200), ("2024-01-01", 1250)], "2029-12-31");
            let principal = Money::new(minor, Currency::EUR).decimal();
            let of = |compounding, days| {
                let convention = Convention { compounding, day_count: DayCount::ActAct, ..PER_LINE };
                let from = day("2023-03-01");
                let segments = accrue(&rates, convention, &debt(&principal, &[]), (from, from + chrono::TimeDelta::days(days))).unwrap();
                (total(&segments).minor, i64::try_from(segments.len()).unwrap())
            };
            let (compound, lines) = of(Compounding::YearlyOnAnniversary, days);
            prop_assert!(compound + lines >= of(Compounding::None, days).0);
            prop_assert!(compound <= of(Compounding::YearlyOnAnniversary, days + 1).0);
        }

        #[test]
        fn interest_never_shrinks_with_another_day(minor in 1_i64..1_000_000_000, days in 1_i64..700) {
            let principal = Money::new(minor, Currency::EUR).decimal();
            prop_assert!(flat(&principal, 1040, days, PER_LINE).minor <= flat(&principal, 1040, days + 1, PER_LINE).minor);
        }
    }
}
