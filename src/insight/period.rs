//! The months before a day. The month of a day that ends its month is the calendar's; any other day's runs from the day after its
//! own number in the month before, so that a report is never behind.

use chrono::{Datelike, Days, Months, NaiveDate};

/// The last days of the months back from `on`, `on` itself first; `count` + 1 of them.
#[must_use]
pub fn month_ends(on: NaiveDate, count: u32) -> Vec<NaiveDate> {
    (0..=count)
        .map(|back| {
            let same_number = on.checked_sub_months(Months::new(back)).unwrap_or(on);
            if ends_its_month(on) { last_of_month(same_number) } else { same_number }
        })
        .collect()
}

fn ends_its_month(day: NaiveDate) -> bool {
    next(day).month() != day.month()
}

/// The last day of a day's month.
#[must_use]
pub fn last_of_month(day: NaiveDate) -> NaiveDate {
    let first = day.with_day(1).unwrap_or(day);
    first.checked_add_months(Months::new(1)).and_then(|first| first.pred_opt()).unwrap_or(day)
}

/// The day after.
#[must_use]
pub fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

/// So many days before.
#[must_use]
pub fn days_before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

/// So many days after.
#[must_use]
pub fn days_after(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(on: &str) -> Vec<String> {
        month_ends(on.parse().unwrap(), 3).iter().map(NaiveDate::to_string).collect()
    }

    #[test]
    fn months_end_where_the_calendar_or_the_day_says() {
        assert_eq!(ends("2026-11-30"), ["2026-11-30", "2026-10-31", "2026-09-30", "2026-08-31"]);
        assert_eq!(ends("2026-02-28"), ["2026-02-28", "2026-01-31", "2025-12-31", "2025-11-30"]);
        assert_eq!(ends("2024-02-28"), ["2024-02-28", "2024-01-28", "2023-12-28", "2023-11-28"]);
        assert_eq!(ends("2026-05-30"), ["2026-05-30", "2026-04-30", "2026-03-30", "2026-02-28"]);
    }
}
