//! The hours at which a debtor may be written to or called. Pure.
//!
//! Ours are narrower than any law we know of for trade debts: Monday to Friday, 9 to 13 and 14 to 20 in the debtor's zone,
//! no public holiday (French decree 2022-1313 sets such hours for sales calls; the UNIREC code allows more). A creditor may
//! narrow them further, never widen them. A letter is read when its reader likes, so it only needs a working day.

use chrono::{DateTime, Days, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::types::{Calendar, Channel, Country, clock::day_in};

/// From and until, in the debtor's local hours.
const WINDOWS: [(u32, u32); 2] = [(9, 13), (14, 20)];
/// Far longer than any run of holidays.
const LOOK_AHEAD_DAYS: u64 = 30;

/// The debtor's calendar, and the hours its creditor allows.
#[derive(Debug, Clone, Copy)]
pub struct Hours {
    pub calendar: Calendar,
    pub from: NaiveTime,
    pub until: NaiveTime,
}

/// Why a moment is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    Weekend,
    PublicHoliday,
    Hours,
}

impl Hours {
    /// Why nobody may be contacted at `at`; nothing when they may.
    #[must_use]
    pub fn closed(&self, channel: Channel, at: DateTime<Utc>) -> Option<Closed> {
        let day = day_in(self.calendar.zone(), at);
        if self.calendar.is_public_holiday(day) {
            return Some(Closed::PublicHoliday);
        }
        if !self.calendar.is_working_day(day) {
            return Some(Closed::Weekend);
        }
        (self.open_from(channel, at) != Some(at)).then_some(Closed::Hours)
    }

    /// The first allowed moment from `at` on; `None` where the creditor's hours leave none.
    #[must_use]
    pub fn open_from(&self, channel: Channel, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = day_in(self.calendar.zone(), at);
        let days = (0..LOOK_AHEAD_DAYS).filter_map(|ahead| today.checked_add_days(Days::new(ahead)));
        days.filter(|day| self.calendar.is_working_day(*day)).find_map(|day| {
            if channel == Channel::Letter {
                return Some(at.max(self.calendar.instant(day, 0)));
            }
            self.windows().find_map(|(from, until)| {
                let candidate = at.max(self.calendar.instant_at(day, from));
                (candidate < self.calendar.instant_at(day, until)).then_some(candidate)
            })
        })
    }

    fn windows(&self) -> impl Iterator<Item = (NaiveTime, NaiveTime)> {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        let narrowed = WINDOWS.into_iter().map(move |(from, until)| (at(from).max(self.from), at(until).min(self.until)));
        narrowed.filter(|(from, until)| from < until)
    }
}

/// The zone a debtor lives in: the country's, unless the postal code lies overseas.
#[must_use]
pub fn zone_of(country: Country, postal_code: Option<&str>) -> Tz {
    let starts_with = |prefixes: &[&str]| postal_code.is_some_and(|code| prefixes.iter().any(|prefix| code.starts_with(prefix)));
    match country {
        Country::Spain if starts_with(&["35", "38"]) => Tz::Atlantic__Canary,
        Country::Portugal if starts_with(&["95", "96", "97", "98", "99"]) => Tz::Atlantic__Azores,
        Country::Portugal if starts_with(&["90", "91", "92", "93", "94"]) => Tz::Atlantic__Madeira,
        Country::France if starts_with(&["971"]) => Tz::America__Guadeloupe,
        Country::France if starts_with(&["972"]) => Tz::America__Martinique,
        Country::France if starts_with(&["973"]) => Tz::America__Cayenne,
        Country::France if starts_with(&["974"]) => Tz::Indian__Reunion,
        Country::France if starts_with(&["976"]) => Tz::Indian__Mayotte,
        Country::Spain
        | Country::France
        | Country::Germany
        | Country::Italy
        | Country::Portugal
        | Country::Belgium
        | Country::Netherlands
        | Country::UnitedKingdom => country.time_zone(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    const MADRID: Calendar = Calendar::of(Country::Spain);

    fn time(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        let (day, clock) = text.split_once(' ').unwrap();
        MADRID.instant_at(day.parse::<NaiveDate>().unwrap(), time(&format!("{clock}:00")))
    }

    fn hours(from: &str, until: &str) -> Hours {
        Hours { calendar: MADRID, from: time(from), until: time(until) }
    }

    #[test]
    fn the_first_allowed_moment_is_the_almanacs() {
        let all_day = hours("00:00:00", "23:59:00");
        for (asked, allowed) in [
            ("2026-11-23 10:15", "2026-11-23 10:15"),
            ("2026-11-23 08:59", "2026-11-23 09:00"),
            ("2026-11-23 13:00", "2026-11-23 14:00"),
            ("2026-11-23 20:00", "2026-11-24 09:00"),
            ("2026-11-27 20:30", "2026-11-30 09:00"),
            // The Constitution's day is a Sunday, the Immaculate Conception a Tuesday.
            ("2026-12-07 21:00", "2026-12-09 09:00"),
        ] {
            assert_eq!(all_day.open_from(Channel::Mail, at(asked)), Some(at(allowed)), "{asked}");
        }
    }

    #[test]
    fn a_creditor_narrows_the_hours_and_never_widens_them() {
        assert_eq!(hours("10:30:00", "12:00:00").open_from(Channel::Call, at("2026-11-23 12:00")), Some(at("2026-11-24 10:30")));
        assert_eq!(hours("06:00:00", "23:00:00").open_from(Channel::Call, at("2026-11-23 06:30")), Some(at("2026-11-23 09:00")));
        assert_eq!(hours("13:00:00", "14:00:00").open_from(Channel::Call, at("2026-11-23 06:30")), None);
    }

    #[test]
    fn a_letter_needs_a_working_day_and_no_hour() {
        let narrow = hours("13:00:00", "14:00:00");
        assert_eq!(narrow.open_from(Channel::Letter, at("2026-11-23 22:10")), Some(at("2026-11-23 22:10")));
        assert_eq!(narrow.open_from(Channel::Letter, at("2026-11-28 10:00")), Some(at("2026-11-30 00:00")));
    }

    #[test]
    fn the_reason_is_named() {
        let all_day = hours("00:00:00", "23:59:00");
        assert_eq!(all_day.closed(Channel::Mail, at("2026-12-08 10:00")), Some(Closed::PublicHoliday));
        assert_eq!(all_day.closed(Channel::Mail, at("2026-11-28 10:00")), Some(Closed::Weekend));
        assert_eq!(all_day.closed(Channel::Mail, at("2026-11-23 13:30")), Some(Closed::Hours));
        assert_eq!(all_day.closed(Channel::Mail, at("2026-11-23 14:00")), None);
    }

    #[test]
    fn islands_overseas_keep_their_own_hours() {
        assert_eq!(zone_of(Country::Spain, Some("38001")), Tz::Atlantic__Canary);
        assert_eq!(zone_of(Country::Portugal, Some("9500-001")), Tz::Atlantic__Azores);
        assert_eq!(zone_of(Country::France, Some("97400")), Tz::Indian__Reunion);
        assert_eq!(zone_of(Country::Spain, Some("28001")), Tz::Europe__Madrid);
        assert_eq!(zone_of(Country::Germany, None), Tz::Europe__Berlin);
    }
}
