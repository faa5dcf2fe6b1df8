//! Idleness: an agency that does nothing for its case is warned, and a week later the case goes back to market.
//!
//! What may never happen here: a case taken from an agency without a warning, or while a hold forbade it to do anything.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    MarketError, MarketTerms,
    engagement::{EndReason, end, look_again},
    listing::{list_again, timeline},
    store::engagements as store,
};
use crate::{
    cases::{self, Command, Event, EventKind, Phase},
    db::{By, Conn},
    types::EngagementId,
};

/// How long an agency that was warned has for its next step.
const GRACE: TimeDelta = TimeDelta::days(7);

/// Warns an agency that has taken no step for long, and a week later puts the case back on the market. A hold stops the
/// clock: nobody is idle while nobody may write. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn look_for_idleness(conn: &mut Conn<'_>, by: &By, terms: MarketTerms, id: EngagementId) -> Result<(), MarketError> {
    let Some(found) = store::find(conn, id).await? else { return Ok(()) };
    let mut case = cases::lock(conn, by, found.case).await?;
    let Some(engagement) = store::lock_running(conn, found.case).await?.filter(|running| running.id == id) else { return Ok(()) };
    if case.phase != Phase::Active {
        return Ok(());
    }
    let since = last_step(&timeline(conn, by, case.id).await?, engagement.started_at);
    let patience = TimeDelta::days(i64::from(terms.idle_days));
    let held = !cases::running_holds(conn, case.id, by.at).await?.is_empty();
    match idleness(since, engagement.idle_warned_at, patience, held, by.at) {
        Idleness::LookAgain(at) => look_again(conn, id, at).await,
        Idleness::Warn => {
            store::set_warned(conn, id, by.at).await?;
            case.record(by, EventKind::IdleWarned, json!({ "engagement_id": id, "since": since, "until": by.at + GRACE }));
            cases::save(conn, by, &mut case).await?;
            look_again(conn, id, by.at + GRACE).await
        }
        Idleness::Over => {
            case.carry_out(by, Command::Idle, EventKind::Idle, json!({ "engagement_id": id, "since": since }))?;
            end(conn, by, Some(engagement), EndReason::Idle, None).await?;
            list_again(conn, by, terms, &mut case).await?;
            Ok(cases::save(conn, by, &mut case).await?)
        }
    }
}

/// What to do about an agency's silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Idleness {
    LookAgain(DateTime<Utc>),
    Warn,
    Over,
}

fn idleness(
    since: DateTime<Utc>,
    warned_at: Option<DateTime<Utc>>,
    patience: TimeDelta,
    held: bool,
    at: DateTime<Utc>,
) -> Idleness {
    if held {
        return Idleness::LookAgain(at + TimeDelta::days(1));
    }
    if at < since + patience {
        return Idleness::LookAgain(since + patience);
    }
    match warned_at {
        Some(warned_at) if warned_at >= since && at < warned_at + GRACE => Idleness::LookAgain(warned_at + GRACE),
        Some(warned_at) if warned_at >= since => Idleness::Over,
        Some(_) | None => Idleness::Warn,
    }
}

/// The last thing the agency did, or that gave it reason to wait.
fn last_step(events: &[Event], started_at: DateTime<Utc>) -> DateTime<Utc> {
    let counts = |kind: EventKind| {
        matches!(
            kind,
            EventKind::ContactSent
                | EventKind::TaskDone
                | EventKind::HoldReleased
                | EventKind::PromiseBroken
                | EventKind::PaymentDeclared
        )
    };
    events.iter().filter(|event| counts(event.kind)).map(|event| event.at).max().map_or(started_at, |at| at.max(started_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::days(day)
    }

    #[test]
    fn an_idle_agency_is_warned_first_and_dispossessed_a_week_later() {
        let patience = TimeDelta::days(21);
        let cases = [
            (0, None, false, 20, Idleness::LookAgain(day(21))),
            (0, None, false, 21, Idleness::Warn),
            (0, Some(21), false, 27, Idleness::LookAgain(day(28))),
            (0, Some(21), false, 28, Idleness::Over),
            // A step after the warning starts anew, and so does the warning.
            (25, Some(21), false, 28, Idleness::LookAgain(day(46))),
            (25, Some(21), false, 46, Idleness::Warn),
            // Nobody is idle while nobody may write.
            (0, Some(21), true, 40, Idleness::LookAgain(day(41))),
        ];
        for (since, warned, held, at, expected) in cases {
            assert_eq!(
                idleness(day(since), warned.map(day), patience, held, day(at)),
                expected,
                "{since} {warned:?} {held} {at}"
            );
        }
    }
}
