//! The one source of "now". Commands take the time as a value; only edges ask the clock.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

/// Real time, plus an offset that only a movable clock may grow: tests and the demo walk a case through 90 days in a second.
#[derive(Debug, Clone)]
pub struct Clock {
    offset_seconds: Arc<AtomicI64>,
    movable: bool,
}

/// Why the clock did not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefusal {
    #[error("this server runs on real time; start it with a movable clock to walk through days")]
    NotMovable,
    #[error("a clock never goes backwards: it is already {now}")]
    Backwards { now: DateTime<Utc> },
    #[error("a clock moves at most ten years at a time")]
    TooFar,
}

impl Clock {
    #[must_use]
    pub fn real() -> Self {
        Self { offset_seconds: Arc::default(), movable: false }
    }

    /// A clock that starts `offset_seconds` from real time.
    #[must_use]
    pub fn movable(offset_seconds: i64) -> Self {
        Self { offset_seconds: Arc::new(AtomicI64::new(offset_seconds)), movable: true }
    }

    #[must_use]
    pub const fn is_movable(&self) -> bool {
        self.movable
    }

    /// Now, in whole microseconds: what PostgreSQL keeps.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one home of Utc::now")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = Utc::now() + TimeDelta::seconds(self.offset_seconds.load(Ordering::Relaxed));
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// The offset at which the clock shows `to`, or less than a second more: never a moment before what was asked for.
    ///
    /// # Errors
    /// Not movable, backwards, or more than ten years away.
    pub fn offset_for(&self, to: DateTime<Utc>) -> Result<i64, ClockRefusal> {
        let now = self.now();
        if !self.movable {
            return Err(ClockRefusal::NotMovable);
        }
        if to < now {
            return Err(ClockRefusal::Backwards { now });
        }
        let ahead = to.signed_duration_since(now);
        if ahead > TimeDelta::days(3653) {
            return Err(ClockRefusal::TooFar);
        }
        let seconds = ahead.num_seconds() + i64::from(ahead.subsec_nanos() > 0);
        Ok(self.offset_seconds.load(Ordering::Relaxed).saturating_add(seconds))
    }

    /// Puts a movable clock to an offset of any sign: where a test's time begins.
    pub fn start_at(&self, offset_seconds: i64) {
        if self.movable {
            self.offset_seconds.store(offset_seconds, Ordering::Relaxed);
        }
    }

    /// Sets the offset that was stored; every clone of this clock follows. A smaller offset is ignored.
    pub fn set_offset(&self, offset_seconds: i64) {
        self.offset_seconds.fetch_max(offset_seconds, Ordering::Relaxed);
    }
}

/// The legal day at `at` in a zone.
#[must_use]
pub fn day_in(zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}
