//! How often one may try to log in: ten times in a quarter of an hour per mail address and network address.
//!
//! Kept in memory: a restart forgives, and each process counts for itself. An attempt counts before its password is
//! checked, so that a burst of them gets no further than one after another; success wipes the slate.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

const ATTEMPTS: u32 = 10;
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// More are never remembered at once: beyond, the oldest are forgotten.
const SLATES_MAX: usize = 20_000;

/// Who tries: the mail address in lower case, and where from.
type Who = (String, Option<IpAddr>);

/// Counts attempts.
#[derive(Debug, Default)]
pub struct Throttle {
    slates: Mutex<HashMap<Who, Slate>>,
}

#[derive(Debug, Clone, Copy)]
struct Slate {
    since: DateTime<Utc>,
    attempts: u32,
}

/// The one of this process.
pub static LOG_IN: LazyLock<Throttle> = LazyLock::new(Throttle::default);
/// Of mails to whoever forgot a password.
pub static FORGOTTEN: LazyLock<Throttle> = LazyLock::new(Throttle::default);

impl Throttle {
    /// Counts an attempt; refuses with the seconds to wait when there were too many.
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn attempt(&self, email: &str, from: Option<IpAddr>, now: DateTime<Utc>) -> Result<(), u64> {
        let mut slates = self.slates();
        if slates.len() >= SLATES_MAX {
            make_room(&mut slates, now);
        }
        let slate = slates.entry((email.to_lowercase(), from)).or_insert(Slate { since: now, attempts: 0 });
        if now - slate.since >= WINDOW {
            *slate = Slate { since: now, attempts: 0 };
        }
        if slate.attempts >= ATTEMPTS {
            let wait = slate.since + WINDOW - now;
            return Err(u64::try_from(wait.num_seconds()).unwrap_or(0).max(1));
        }
        slate.attempts += 1;
        Ok(())
    }

    /// The right password was given.
    pub fn forgive(&self, email: &str, from: Option<IpAddr>) {
        self.slates().remove(&(email.to_lowercase(), from));
    }

    fn slates(&self) -> MutexGuard<'_, HashMap<Who, Slate>> {
        self.slates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what has lapsed; failing that, the older half.
fn make_room(slates: &mut HashMap<Who, Slate>, now: DateTime<Utc>) {
    slates.retain(|_, slate| now - slate.since < WINDOW);
    if slates.len() >= SLATES_MAX {
        let mut times: Vec<_> = slates.values().map(|slate| slate.since).collect();
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or(now);
        slates.retain(|_, slate| slate.since > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn the_eleventh_attempt_waits_for_the_window_to_end() {
        let throttle = Throttle::default();
        for _ in 0..ATTEMPTS {
            assert_eq!(throttle.attempt("Ana@acme.example", None, noon()), Ok(()));
        }
        let later = noon() + TimeDelta::minutes(5);
        assert_eq!(throttle.attempt("ana@acme.example", None, later), Err(600));
        assert_eq!(throttle.attempt("ana@acme.example", Some(IpAddr::from([10, 0, 0, 1])), later), Ok(()), "from elsewhere");
        assert_eq!(throttle.attempt("bea@acme.example", None, later), Ok(()), "somebody else");
        assert_eq!(throttle.attempt("ana@acme.example", None, noon() + WINDOW), Ok(()));
    }

    #[test]
    fn success_wipes_the_slate() {
        let throttle = Throttle::default();
        for _ in 0..ATTEMPTS {
            assert_eq!(throttle.attempt("ana@acme.example", None, noon()), Ok(()));
        }
        throttle.forgive("ANA@acme.example", None);
        assert_eq!(throttle.attempt("ana@acme.example", None, noon()), Ok(()));
    }

    #[test]
    fn memory_stays_bounded_however_many_addresses_are_tried() {
        let throttle = Throttle::default();
        for number in 0..(SLATES_MAX + 10) {
            assert_eq!(throttle.attempt(&format!("{number}@acme.example"), None, noon()), Ok(()));
        }
        assert!(throttle.slates().len() <= SLATES_MAX);
    }
}
