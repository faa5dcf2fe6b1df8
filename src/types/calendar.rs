//! Working days and hours of a country: public holidays, Easter, business-hour deadlines.
//!
//! National holidays only; regional ones come with the debtor's region.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use super::Country;

/// The working days of one country, reckoned in one time zone.
#[derive(Debug, Clone, Copy)]
pub struct Calendar {
    country: Country,
    zone: Tz,
}

/// Office hours for deadlines: 9 to 17, eight hours a working day.
const OFFICE_OPENS_HOUR: u32 = 9;
const OFFICE_CLOSES_HOUR: u32 = 17;

impl Calendar {
    #[must_use]
    pub const fn of(country: Country) -> Self {
        Self { country, zone: country.time_zone() }
    }

    #[must_use]
    pub const fn in_zone(country: Country, zone: Tz) -> Self {
        Self { country, zone }
    }

    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    #[must_use]
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !self.is_public_holiday(day)
    }

    #[must_use]
    pub fn is_public_holiday(&self, day: NaiveDate) -> bool {
        fixed_holidays(self.country).contains(&(day.month(), day.day())) || self.is_movable_holiday(day)
    }

    fn is_movable_holiday(&self, day: NaiveDate) -> bool {
        let Some(easter) = easter_sunday(day.year()) else { return false };
        let from_easter = day.signed_duration_since(easter).num_days();
        if easter_holidays(self.country).contains(&from_easter) {
            return true;
        }
        self.country == Country::UnitedKingdom && is_english_bank_holiday(day)
    }

    /// The first working day on or after `day`.
    #[must_use]
    pub fn working_day_from(&self, day: NaiveDate) -> NaiveDate {
        let mut day = day;
        while !self.is_working_day(day) {
            day = next(day);
        }
        day
    }

    /// `count` working days after `day`.
    #[must_use]
    pub fn add_working_days(&self, day: NaiveDate, count: u32) -> NaiveDate {
        (0..count).fold(day, |day, _| self.working_day_from(next(day)))
    }

    /// `hours` office hours (9–17 on working days) after `at`: the term of offers and answers.
    #[must_use]
    pub fn add_business_hours(&self, at: DateTime<Utc>, hours: u32) -> DateTime<Utc> {
        let mut left = TimeDelta::hours(i64::from(hours));
        let mut cursor = self.opening_on_or_after(at);
        loop {
            let closes = self.instant(day_of(cursor, self.zone), OFFICE_CLOSES_HOUR);
            let today = closes.signed_duration_since(cursor);
            if left <= today {
                return cursor + left;
            }
            left -= today;
            cursor = self.opening_on_or_after(self.instant(next(day_of(cursor, self.zone)), OFFICE_OPENS_HOUR));
        }
    }

    /// `at` itself inside office hours, else when the office next opens.
    #[must_use]
    pub fn opening_on_or_after(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let day = day_of(at, self.zone);
        let closed_for_today = at >= self.instant(day, OFFICE_CLOSES_HOUR);
        let first = if closed_for_today { next(day) } else { day };
        let working = self.working_day_from(first);
        at.max(self.instant(working, OFFICE_OPENS_HOUR))
    }

    /// The instant at which it is `hour` o'clock there. In the hour a clock change skips: the hour after it.
    #[must_use]
    pub fn instant(&self, day: NaiveDate, hour: u32) -> DateTime<Utc> {
        self.instant_at(day, NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN))
    }

    /// As [`Calendar::instant`], to the minute.
    #[must_use]
    pub fn instant_at(&self, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        let local = day.and_time(time);
        self.zone
            .from_local_datetime(&local)
            .earliest()
            .or_else(|| self.zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest())
            .map_or_else(|| local.and_utc(), |there| there.with_timezone(&Utc))
    }
}

fn day_of(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

fn next(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// National holidays on a fixed date, as (month, day).
const fn fixed_holidays(country: Country) -> &'static [(u32, u32)] {
    match country {
        Country::Spain => &[(1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)],
        Country::France => &[(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)],
        Country::Germany => &[(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)],
        Country::Italy => &[(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)],
        Country::Portugal => &[(1, 1), (4, 25), (5, 1), (6, 10), (8, 15), (10, 5), (11, 1), (12, 1), (12, 8), (12, 25)],
        Country::Belgium => &[(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)],
        Country::Netherlands => &[(1, 1), (4, 27), (12, 25), (12, 26)],
        Country::UnitedKingdom => &[(1, 1), (12, 25), (12, 26)],
    }
}

/// Days from Easter Sunday: −2 Good Friday, 1 Easter Monday, 39 Ascension, 50 Whit Monday.
const fn easter_holidays(country: Country) -> &'static [i64] {
    match country {
        Country::Spain => &[-2],
        Country::France | Country::Belgium => &[1, 39, 50],
        Country::Germany => &[-2, 1, 39, 50],
        Country::Italy => &[0, 1],
        Country::Portugal => &[-2, 0, 60],
        Country::Netherlands => &[0, 1, 39, 49, 50],
        Country::UnitedKingdom => &[-2, 1],
    }
}

/// First and last Monday of May, last Monday of August; substitutes when New Year or Christmas falls on a weekend.
fn is_english_bank_holiday(day: NaiveDate) -> bool {
    let (month, dom, monday) = (day.month(), day.day(), day.weekday() == Weekday::Mon);
    let tuesday = day.weekday() == Weekday::Tue;
    let floating = monday && ((month == 5 && (dom <= 7 || dom >= 25)) || (month == 8 && dom >= 25));
    let substitute = (month == 1 && monday && matches!(dom, 2 | 3))
        || (month == 12 && ((monday && matches!(dom, 27 | 28)) || (tuesday && matches!(dom, 27 | 28))));
    floating || substitute
}

/// Gregorian Easter by the anonymous computus.
fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let sum = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(sum / 31).ok()?, u32::try_from(sum % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn easter_falls_where_the_almanac_says() {
        for (year, expected) in
            [(2024, "2024-03-31"), (2025, "2025-04-20"), (2026, "2026-04-05"), (2027, "2027-03-28"), (2038, "2038-04-25")]
        {
            assert_eq!(easter_sunday(year), Some(day(expected)));
        }
    }

    #[test]
    fn national_holidays_are_no_working_days() {
        assert!(Calendar::of(Country::Spain).is_public_holiday(day("2026-12-08")));
        assert!(Calendar::of(Country::France).is_public_holiday(day("2026-05-14")));
        assert!(Calendar::of(Country::Germany).is_public_holiday(day("2026-10-03")));
        assert!(!Calendar::of(Country::Germany).is_public_holiday(day("2026-07-14")));
        assert!(!Calendar::of(Country::Spain).is_working_day(day("2026-11-22")));
    }

    #[test]
    fn business_hours_skip_nights_weekends_and_holidays() {
        let calendar = Calendar::of(Country::Spain);
        // Friday 2026-12-04 16:00 in Madrid; Monday is a working day, Tuesday 8 December a holiday.
        let friday = calendar.instant(day("2026-12-04"), 16);
        assert_eq!(calendar.add_business_hours(friday, 2), calendar.instant(day("2026-12-07"), 10));
        assert_eq!(calendar.add_business_hours(friday, 10), calendar.instant(day("2026-12-09"), 10));
    }

    #[test]
    fn the_skipped_hour_of_spring_exists_an_hour_later() {
        let calendar = Calendar::of(Country::Spain);
        assert_eq!(calendar.instant(day("2026-03-29"), 2), calendar.instant(day("2026-03-29"), 3));
    }
}
