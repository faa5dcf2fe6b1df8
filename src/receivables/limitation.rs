//! The day after which a debt can no longer be enforced, and what begins the time anew. Pure.
//!
//! What may never happen here: a debt called time-barred a day too early, or a date shown without the article it comes from.

use chrono::{Datelike, Months, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    DebtorKind,
    law::{self, Limitation},
};
use crate::types::{Country, text_enum};

/// How long before the last day everybody is warned.
pub const WARNED_DAYS_BEFORE: u64 = 90;

text_enum! {
    /// What begins the time anew, where a country's law says so.
    pub enum Interruption {
        /// A lawsuit or an order for payment.
        Court => "court",
        /// A demand in writing that the debtor received and that can be proven.
        WrittenDemand => "written_demand",
        /// The debtor admitted the debt: in words, by a part payment, by asking for time.
        Acknowledgement => "acknowledgement",
    }
}

/// How the time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// So many years from the due day: the last day has the same date.
    Years(u32),
    /// So many whole years after the one in which the debt fell due: the last day is 31 December.
    YearsFromYearEnd(u32),
    /// Five years; debts due before 7 October 2015 had fifteen, and at most until 7 October 2020 (Ley 42/2015, DT 5ª).
    SpanishFiveYears,
}

/// Until when a debt can be enforced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimeBar {
    /// The last day on which it can be enforced.
    pub enforceable_until: NaiveDate,
    /// The text of law.
    #[schema(example = "Código Civil art. 1964.2")]
    pub citation: &'static str,
    pub rule: &'static str,
    /// Whether somebody should check before relying on it; `doubt` says what.
    pub uncertain: bool,
    pub doubt: Option<&'static str>,
    /// What begins the time anew there.
    pub interrupted_by: &'static [Interruption],
}

impl TimeBar {
    #[must_use]
    pub fn has_passed(&self, on: NaiveDate) -> bool {
        on > self.enforceable_until
    }
}

/// The time bar of a debt due on `due_on` under the law of `country`, begun anew by those of `interruptions` that this law
/// counts and that came in time.
#[must_use]
pub fn time_bar(country: Country, kind: DebtorKind, due_on: NaiveDate, interruptions: &[(NaiveDate, Interruption)]) -> TimeBar {
    let limitation = law::of(country).limitation(kind);
    TimeBar {
        enforceable_until: enforceable_until(limitation, due_on, interruptions),
        citation: limitation.ground.citation,
        rule: limitation.ground.rule,
        uncertain: limitation.ground.doubt.is_some(),
        doubt: limitation.ground.doubt,
        interrupted_by: limitation.interrupted_by,
    }
}

fn enforceable_until(limitation: &Limitation, due_on: NaiveDate, interruptions: &[(NaiveDate, Interruption)]) -> NaiveDate {
    let mut counted: Vec<NaiveDate> = interruptions
        .iter()
        .filter(|(on, by)| *on >= due_on && limitation.interrupted_by.contains(by))
        .map(|(on, _)| *on)
        .collect();
    counted.sort_unstable();
    // What comes after the last day interrupts nothing any more.
    counted.into_iter().fold(last_day(limitation.period, due_on), |until, on| {
        if on <= until { until.max(begun_anew(limitation.period, on)) } else { until }
    })
}

/// Time that begins anew runs from the day itself, not from a year's end (BGB § 212).
fn begun_anew(period: Period, on: NaiveDate) -> NaiveDate {
    match period {
        Period::YearsFromYearEnd(years) => years_after(on, years),
        Period::Years(_) | Period::SpanishFiveYears => last_day(period, on),
    }
}

const SPANISH_REFORM: Option<NaiveDate> = NaiveDate::from_ymd_opt(2015, 10, 7);
const SPANISH_OLD_DEBTS_END: Option<NaiveDate> = NaiveDate::from_ymd_opt(2020, 10, 7);

fn last_day(period: Period, from: NaiveDate) -> NaiveDate {
    match period {
        Period::Years(years) => years_after(from, years),
        Period::YearsFromYearEnd(years) => {
            let year = from.year().saturating_add_unsigned(years);
            NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(NaiveDate::MAX)
        }
        Period::SpanishFiveYears => match SPANISH_REFORM.zip(SPANISH_OLD_DEBTS_END) {
            Some((reform, end)) if from < reform => years_after(from, 15).min(end),
            Some(_) | None => years_after(from, 5),
        },
    }
}

fn years_after(from: NaiveDate, years: u32) -> NaiveDate {
    from.checked_add_months(Months::new(years.saturating_mul(12))).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn until(country: Country, kind: DebtorKind, due_on: &str) -> String {
        time_bar(country, kind, day(due_on), &[]).enforceable_until.to_string()
    }

    #[test]
    fn each_country_counts_in_its_own_way() {
        use DebtorKind::{Business, Consumer, Public};
        let table = [
            (Country::Spain, Business, "2021-06-30", "2026-06-30"),
            (Country::Spain, Consumer, "2021-06-30", "2026-06-30"),
            (Country::Spain, Business, "2015-10-06", "2020-10-07"),
            (Country::Spain, Business, "2004-01-31", "2019-01-31"),
            (Country::Spain, Business, "2015-10-07", "2020-10-07"),
            (Country::France, Business, "2021-06-30", "2026-06-30"),
            (Country::France, Public, "2021-06-30", "2026-06-30"),
            (Country::France, Consumer, "2024-02-29", "2026-02-28"),
            (Country::Germany, Business, "2023-01-01", "2026-12-31"),
            (Country::Germany, Consumer, "2023-12-31", "2026-12-31"),
            (Country::Italy, Business, "2016-11-25", "2026-11-25"),
            (Country::Portugal, Business, "2016-11-25", "2036-11-25"),
            (Country::Portugal, Consumer, "2024-11-25", "2026-11-25"),
            (Country::Belgium, Business, "2021-11-25", "2026-11-25"),
            (Country::Netherlands, Business, "2021-11-25", "2026-11-25"),
            (Country::Netherlands, Consumer, "2024-11-25", "2026-11-25"),
            (Country::UnitedKingdom, Business, "2020-11-25", "2026-11-25"),
        ];
        for (country, kind, due_on, expected) in table {
            assert_eq!(until(country, kind, due_on), expected, "{country} {kind} {due_on}");
        }
    }

    #[test]
    fn the_last_day_itself_is_still_in_time() {
        let bar = time_bar(Country::Spain, DebtorKind::Business, day("2021-06-30"), &[]);
        assert!(!bar.has_passed(day("2026-06-30")));
        assert!(bar.has_passed(day("2026-07-01")));
    }

    #[test]
    fn what_the_law_counts_begins_the_time_anew_and_what_comes_too_late_does_not() {
        use Interruption::{Acknowledgement, Court, WrittenDemand};
        let after = |country, interruptions: &[(&str, Interruption)]| {
            let interruptions: Vec<_> = interruptions.iter().map(|(on, by)| (day(on), *by)).collect();
            time_bar(country, DebtorKind::Business, day("2020-03-31"), &interruptions).enforceable_until.to_string()
        };
        assert_eq!(after(Country::Spain, &[("2024-05-01", WrittenDemand)]), "2029-05-01");
        assert_eq!(after(Country::France, &[("2024-05-01", WrittenDemand)]), "2025-03-31", "a letter is not enough in France");
        assert_eq!(after(Country::France, &[("2024-05-01", Acknowledgement)]), "2029-05-01");
        assert_eq!(after(Country::Germany, &[("2022-05-01", WrittenDemand)]), "2023-12-31");
        assert_eq!(after(Country::Germany, &[("2020-05-01", Acknowledgement)]), "2023-12-31", "never sooner than without it");
        assert_eq!(after(Country::Germany, &[("2022-05-01", Acknowledgement)]), "2025-05-01");
        assert_eq!(after(Country::Spain, &[("2025-04-01", WrittenDemand)]), "2025-03-31", "a day too late");
        assert_eq!(after(Country::Spain, &[("2020-03-30", WrittenDemand)]), "2025-03-31", "before it was due");
        // Out of order, the second in time only thanks to the first.
        assert_eq!(after(Country::Spain, &[("2027-01-01", Court), ("2024-05-01", WrittenDemand)]), "2032-01-01");
    }

    #[test]
    fn what_is_not_sure_says_so() {
        for country in Country::ALL {
            for kind in DebtorKind::ALL {
                let bar = time_bar(*country, *kind, day("2024-01-01"), &[]);
                assert_eq!(bar.uncertain, bar.doubt.is_some());
                assert!(bar.interrupted_by.contains(&Interruption::Court), "{country} {kind}");
            }
        }
        assert!(time_bar(Country::Portugal, DebtorKind::Business, day("2024-01-01"), &[]).uncertain);
        assert!(!time_bar(Country::France, DebtorKind::Business, day("2024-01-01"), &[]).uncertain);
    }
}
