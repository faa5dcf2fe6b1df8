//! When, and from which amount on, a payee wants to be paid out.
//!
//! What may never happen here: money of others kept over the legal month because its owner had asked for a rhythm (Code des
//! procédures civiles d'exécution, art. R124-6).

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SettlementError, store::preferences as store};
use crate::{
    db::{By, Conn},
    types::{Currency, Money, OrgId, text_enum},
};

/// So long before the legal month is over nothing waits for its day or for more.
const PRESSING_DAYS: u64 = 7;

text_enum! {
    /// The rhythm of payouts.
    pub enum Schedule {
        AtOnce => "at_once",
        /// On one day of the week.
        Weekly => "weekly",
        /// On one day of the month.
        Monthly => "monthly",
    }
}

/// What a payee asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferenceSetting {
    pub schedule: Schedule,
    /// Weekly: 1 (Monday) to 7. Monthly: 1 to 28. At once: none.
    #[schema(minimum = 1, maximum = 28)]
    pub day: Option<i32>,
    /// Less than this waits until there is more.
    pub minimum: Money,
}

/// What a payee has asked for, and the version that the next change names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Preference {
    #[serde(flatten)]
    pub setting: PreferenceSetting,
    /// 0: nothing was asked for yet.
    pub version: i32,
}

impl Preference {
    const NONE: Self = Self {
        setting: PreferenceSetting { schedule: Schedule::AtOnce, day: None, minimum: Money::zero(Currency::EUR) },
        version: 0,
    };
}

impl PreferenceSetting {
    fn check(&self) -> Result<(), SettlementError> {
        let fits = match (self.schedule, self.day) {
            (Schedule::AtOnce, day) => day.is_none(),
            (Schedule::Weekly, day) => day.is_some_and(|day| (1..=7).contains(&day)),
            (Schedule::Monthly, day) => day.is_some_and(|day| (1..=28).contains(&day)),
        };
        match (fits, self.minimum.minor >= 0) {
            (false, _) => Err(SettlementError::ScheduleDay),
            (true, false) => Err(SettlementError::Minimum),
            (true, true) => Ok(()),
        }
    }

    /// Whether money that came in on `received_on` may leave on `on`, by its payee's own wish.
    #[must_use]
    pub fn leaves_on(&self, on: NaiveDate, received_on: NaiveDate) -> bool {
        let its_day = match self.schedule {
            Schedule::AtOnce => true,
            Schedule::Weekly => self.day.is_none_or(|day| i64::from(on.weekday().number_from_monday()) == i64::from(day)),
            Schedule::Monthly => self.day.is_none_or(|day| i64::from(on.day()) == i64::from(day)),
        };
        its_day || is_pressing(on, received_on)
    }

    /// Below how much in this currency nothing leaves.
    #[must_use]
    pub fn minimum_in(&self, currency: Currency) -> i64 {
        if self.minimum.currency == currency { self.minimum.minor } else { 0 }
    }
}

/// Whether the legal month after `received_on` is nearly over on `on`.
#[must_use]
pub fn is_pressing(on: NaiveDate, received_on: NaiveDate) -> bool {
    let legal = received_on.checked_add_months(Months::new(1)).unwrap_or(received_on);
    legal.checked_sub_days(Days::new(PRESSING_DAYS)).is_none_or(|pressing_from| on >= pressing_from)
}

/// What `org` has asked for.
///
/// # Errors
/// The database fails.
pub async fn find(conn: &mut Conn<'_>, org: OrgId) -> Result<Preference, SettlementError> {
    Ok(store::find(conn, org).await?.unwrap_or(Preference::NONE))
}

/// `org` asks for something else.
///
/// # Errors
/// Another version by now; a day that the schedule does not have; an amount below nothing.
pub async fn set(
    conn: &mut Conn<'_>,
    _by: &By,
    org: OrgId,
    version: i32,
    setting: PreferenceSetting,
) -> Result<Preference, SettlementError> {
    setting.check()?;
    if store::write(conn, org, version, &setting).await? {
        return find(conn, org).await;
    }
    Err(SettlementError::StalePreference(find(conn, org).await?.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn setting(schedule: Schedule, day: Option<i32>) -> PreferenceSetting {
        PreferenceSetting { schedule, day, minimum: Money::new(5_000, Currency::EUR) }
    }

    #[test]
    fn money_leaves_on_its_day_and_in_time_whatever_the_day() {
        let (at_once, fridays, fifteenth) =
            (setting(Schedule::AtOnce, None), setting(Schedule::Weekly, Some(5)), setting(Schedule::Monthly, Some(15)));
        for (wish, on, received_on, expected) in [
            (at_once, "2026-11-09", "2026-11-06", true),
            (fridays, "2026-11-09", "2026-11-06", false),
            (fridays, "2026-11-13", "2026-11-06", true),
            (fifteenth, "2026-11-14", "2026-11-06", false),
            (fifteenth, "2026-11-15", "2026-11-06", true),
            // The legal month ends on 6 December: from 29 November on nothing waits.
            (fifteenth, "2026-11-28", "2026-11-06", false),
            (fifteenth, "2026-11-29", "2026-11-06", true),
        ] {
            assert_eq!(wish.leaves_on(day(on), day(received_on)), expected, "{wish:?} {on}");
        }
    }

    #[test]
    fn a_day_that_the_schedule_does_not_have_is_refused() {
        for (schedule, of_it, fits) in [
            (Schedule::AtOnce, None, true),
            (Schedule::AtOnce, Some(1), false),
            (Schedule::Weekly, Some(7), true),
            (Schedule::Weekly, Some(8), false),
            (Schedule::Weekly, None, false),
            (Schedule::Monthly, Some(28), true),
            (Schedule::Monthly, Some(29), false),
        ] {
            assert_eq!(setting(schedule, of_it).check().is_ok(), fits, "{schedule} {of_it:?}");
        }
    }
}
