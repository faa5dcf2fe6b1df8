//! What is likely to come in, week by week, from how this creditor's customers have paid so far: a life table (actuarial method)
//! of money by weeks after the due day. Pure; whole numbers throughout, probabilities in parts per million.
//!
//! The band holds eight of ten weeks where invoices are paid independently of each other; it is twice 1.2816 standard deviations
//! wide, cut at nothing and at all that is owed.

use chrono::{Days, NaiveDate};

/// How many weeks are told.
pub const WEEKS: usize = 13;
/// Weeks after the due day that the table holds. Earlier payments count to the first; later ones are nothing to count on.
const FIRST_WEEK: i64 = -8;
const LAST_WEEK: i64 = 52;
/// Fewer payments than this say less than the prior does.
pub const PAYMENTS_MIN: i64 = 30;
const PPM: i64 = 1_000_000;

/// Of what is unpaid when a week after the due day begins, the part that is paid in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRates {
    by_week: Vec<i64>,
    /// Too little has been seen: these are the prior's.
    pub is_prior: bool,
}

/// An amount by weeks after the due day: paid in that week, or in it now and unpaid.
pub type AtWeek = (i64, i64);

/// What a day's invoices owe: their sum, and the root of the sum of their squares, which says how lumpy it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub due_on: NaiveDate,
    pub minor: i64,
    pub root: i64,
}

/// A week from `from` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForecastWeek {
    pub from: NaiveDate,
    pub expected: i64,
    pub low: i64,
    pub high: i64,
}

/// Where nothing is known: most is paid in the month around the due day, and what is unpaid after a year is not counted on. Ours,
/// not a measured one; it serves until [`PAYMENTS_MIN`] payments are there.
const fn prior(week: i64) -> i64 {
    match week {
        ..=-2 => 10_000,
        -1 => 80_000,
        0 => 350_000,
        1 => 250_000,
        2 => 180_000,
        3..=4 => 120_000,
        5..=12 => 60_000,
        13..=25 => 25_000,
        26..LAST_WEEK => 10_000,
        _ => 0,
    }
}

impl PaymentRates {
    #[must_use]
    pub fn prior() -> Self {
        Self { by_week: (FIRST_WEEK..LAST_WEEK).map(prior).collect(), is_prior: true }
    }

    /// From what was paid and what is still unpaid, each by weeks after the due day. What is in a week now was in it for half of
    /// it, so half counts.
    #[must_use]
    pub fn learn(paid: &[AtWeek], unpaid: &[AtWeek], payments: i64) -> Self {
        if payments < PAYMENTS_MIN {
            return Self::prior();
        }
        let within = |week: i64| week.clamp(FIRST_WEEK, LAST_WEEK);
        let sum = |amounts: &[AtWeek], wanted: &dyn Fn(i64) -> bool| {
            amounts.iter().filter(|(week, _)| wanted(within(*week))).map(|(_, minor)| i128::from(*minor)).sum::<i128>()
        };
        let rate = |week: i64| {
            let in_it = sum(paid, &|at| at == week);
            let at_risk = sum(paid, &|at| at >= week) + sum(unpaid, &|at| at > week) + sum(unpaid, &|at| at == week) / 2;
            if at_risk <= 0 { 0 } else { i64::try_from(in_it * i128::from(PPM) / at_risk).unwrap_or(PPM).clamp(0, PPM) }
        };
        Self { by_week: (FIRST_WEEK..LAST_WEEK).map(rate).collect(), is_prior: false }
    }

    fn of(&self, week: i64) -> i64 {
        usize::try_from(week - FIRST_WEEK).ok().and_then(|place| self.by_week.get(place)).copied().unwrap_or(0)
    }

    /// In the seven days after `days` days from the due day, which lie in two weeks of the table.
    fn after(&self, days: i64) -> i64 {
        let (week, into) = (days.div_euclid(7), days.rem_euclid(7));
        ((6 - into) * self.of(week) + (into + 1) * self.of(week + 1)) / 7
    }

    /// The probabilities with which what is unpaid `days` days after the due day is paid in each of the coming weeks.
    #[must_use]
    pub fn coming(&self, days: i64) -> [i64; WEEKS] {
        let (mut unpaid, mut weeks) = (PPM, [0; WEEKS]);
        for (paid, ahead) in weeks.iter_mut().zip(0_i64..) {
            *paid = unpaid * self.after(days + ahead * 7) / PPM;
            unpaid -= *paid;
        }
        weeks
    }
}

/// The coming weeks after `on`.
#[must_use]
pub fn forecast(on: NaiveDate, owed: &[Due], rates: &PaymentRates) -> Vec<ForecastWeek> {
    let mut sums = [(0_i128, 0_i128); WEEKS];
    for due in owed.iter().filter(|due| due.minor > 0) {
        let coming = rates.coming(on.signed_duration_since(due.due_on).num_days());
        for ((expected, variance), paid) in sums.iter_mut().zip(coming) {
            *expected += i128::from(due.minor) * i128::from(paid);
            let spread = i128::from(paid) * i128::from(PPM - paid) / i128::from(PPM);
            *variance += (i128::from(due.root) * i128::from(due.root)).saturating_mul(spread) / i128::from(PPM);
        }
    }
    let all: i64 = owed.iter().map(|due| due.minor.max(0)).fold(0, i64::saturating_add);
    sums.iter().zip(0_u64..).map(|((expected, variance), ahead)| week(on, ahead, (*expected, *variance), all)).collect()
}

fn week(on: NaiveDate, ahead: u64, (expected, variance): (i128, i128), all: i64) -> ForecastWeek {
    let expected = i64::try_from(expected / i128::from(PPM)).unwrap_or(all).min(all);
    let deviation = u128::try_from(variance).unwrap_or(0).isqrt();
    let half_band = i64::try_from(deviation.saturating_mul(12_816) / 10_000).unwrap_or(all);
    ForecastWeek {
        from: on.checked_add_days(Days::new(ahead * 7 + 1)).unwrap_or(on),
        expected,
        low: expected.saturating_sub(half_band).max(0),
        high: expected.saturating_add(half_band).min(all),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng, rngs::StdRng};

    use super::*;

    fn day() -> NaiveDate {
        "2026-11-02".parse().unwrap()
    }

    /// Invoices that are a whole number of weeks old: `week` is the one that ends on the day.
    fn due(week: i64, minor: i64) -> Due {
        Due { due_on: day() - TimeDelta::days(week * 7 + 6), minor, root: minor }
    }

    #[test]
    fn a_life_table_counts_what_is_still_at_risk() {
        // 1,000 came due: 400 paid in the first week, 300 of the 600 left in the second, 300 are in their third week.
        let rates = PaymentRates::learn(&[(0, 400), (1, 300)], &[(2, 300)], PAYMENTS_MIN);
        assert_eq!((rates.of(-1), rates.of(0), rates.of(1), rates.of(2), rates.of(3)), (0, 400_000, 500_000, 0, 0));
        // Of those in a week now, half.
        let rates = PaymentRates::learn(&[(0, 400)], &[(0, 800)], PAYMENTS_MIN);
        assert_eq!(rates.of(0), 500_000);
    }

    #[test]
    fn few_payments_leave_the_prior() {
        let thin = PaymentRates::learn(&[(0, 400)], &[], PAYMENTS_MIN - 1);
        assert_eq!(thin, PaymentRates::prior());
        assert!(thin.is_prior && !PaymentRates::learn(&[(0, 400)], &[], PAYMENTS_MIN).is_prior);
    }

    #[test]
    fn what_is_a_year_late_is_not_counted_on() {
        let weeks = forecast(day(), &[due(60, 100_000)], &PaymentRates::prior());
        assert!(weeks.iter().all(|week| (week.expected, week.low, week.high) == (0, 0, 0)));
        assert_eq!((weeks.len(), weeks[0].from.to_string()), (WEEKS, "2026-11-03".to_owned()));
    }

    /// Plays many portfolios forward, invoice by invoice and week by week, and counts the weeks whose takings lay in the band.
    #[test]
    fn bands_hold_about_eight_of_ten_weeks() {
        let (mut random, rates) = (StdRng::seed_from_u64(7), PaymentRates::prior());
        let (mut inside, mut all) = (0, 0);
        for _ in 0..60 {
            let invoices: Vec<(i64, i64)> =
                (0..400).map(|_| (random.random_range(-6..20), random.random_range(5_000..90_000))).collect();
            let owed: Vec<Due> = invoices.iter().map(|(week, minor)| due(*week, *minor)).collect();
            let mut taken = [0_i64; WEEKS];
            for (age, minor) in &invoices {
                for (ahead, week) in taken.iter_mut().enumerate() {
                    let rate = rates.of(age + 1 + i64::try_from(ahead).unwrap());
                    if random.random_range(0..PPM) < rate {
                        *week += minor;
                        break;
                    }
                }
            }
            for (week, taken) in forecast(day(), &owed, &rates).iter().zip(taken) {
                all += 1;
                inside += i32::from((week.low..=week.high).contains(&taken));
            }
        }
        let percent = inside * 100 / all;
        assert!((76..=86).contains(&percent), "{percent} % of {all} weeks");
    }

    /// What a simulated year teaches is what it was played with.
    #[test]
    fn rates_are_learnt_from_a_year_of_payments() {
        let (mut random, truth) = (StdRng::seed_from_u64(11), PaymentRates::prior());
        let (mut paid, mut unpaid) = (Vec::new(), Vec::new());
        for number in 0..20_000_i64 {
            // Came due this many weeks ago; each is seen until then.
            let age = number % 40;
            let end = (FIRST_WEEK..age).find(|week| random.random_range(0..PPM) < truth.of(*week));
            match end {
                Some(week) => paid.push((week, 1_000)),
                None => unpaid.push((age, 1_000)),
            }
        }
        let learnt = PaymentRates::learn(&paid, &unpaid, 20_000);
        for week in -1..6 {
            let (learnt, truth) = (learnt.of(week), truth.of(week));
            assert!((learnt - truth).abs() < truth / 5 + 5_000, "week {week}: {learnt} for {truth}");
        }
    }

    proptest! {
        #[test]
        fn no_more_comes_in_than_is_owed(invoices in prop::collection::vec((-30_i64..80, -1_000_i64..1_000_000_000), 0..30)) {
            let owed: Vec<Due> = invoices.iter().map(|(week, minor)| due(*week, *minor)).collect();
            let all: i64 = owed.iter().map(|due| due.minor.max(0)).sum();
            let weeks = forecast(day(), &owed, &PaymentRates::prior());
            prop_assert!(weeks.iter().map(|week| week.expected).sum::<i64>() <= all);
            for week in weeks {
                prop_assert!(0 <= week.low && week.low <= week.expected && week.expected <= week.high && week.high <= all);
            }
        }
    }
}
