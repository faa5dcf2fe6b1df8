//! The line before a provider: so many messages a second and no more, however many workers there are, creditors by turns.
//!
//! What may never happen here: more messages in a second than a provider takes; a creditor with ten thousand messages before
//! one with a single message; a message let go twice; a provider that is away tried by every message there is.
//!
//! Fair by turns (start-time fair queueing): whoever joins stands one turn behind the last message of the same creditor, and
//! never before the turn that was let go last, so idleness earns nothing. All of it is in the database, in one row for each
//! provider that one worker holds at a time. Without a provider messages go to the outbox, and wait in no line.
//! Lock order: case, message, line. Whoever lets messages go holds the line and touches only those that wait in it, which nobody
//! else holds.

use chrono::{DateTime, TimeDelta, Utc};

use super::{RecoveryError, jobs::Deliver, store::line as store};
use crate::{
    app::App,
    config::Settings,
    db::{Conn, DbError, Scope},
    jobs,
    types::{Channel, DeliveryId},
};

const SECOND: TimeDelta = TimeDelta::seconds(1);

/// How many a second a channel's provider takes; none where no line is needed.
fn per_second(settings: &Settings, channel: Channel) -> Option<usize> {
    let rate = match channel {
        Channel::Mail => settings.mail.smtp_url.is_some().then_some(settings.mail.per_second),
        Channel::Sms => settings.sms.provider.is_some().then_some(settings.sms.per_second),
        Channel::Letter | Channel::Call => None,
    };
    rate.and_then(|rate| usize::try_from(rate).ok()).filter(|rate| *rate > 0)
}

/// Asks for a message to leave at `at`, in its turn.
///
/// # Errors
/// The database fails.
pub async fn join(
    app: &App,
    conn: &mut Conn<'_>,
    (id, channel): (DeliveryId, Channel),
    at: DateTime<Utc>,
) -> Result<(), RecoveryError> {
    match per_second(&app.settings, channel) {
        Some(_) => store::join(conn, id, at).await?,
        None => jobs::enqueue(conn, Deliver::KIND, &Deliver { delivery_id: id }, at).await?,
    }
    Ok(())
}

/// Lets those go whose turn it is; how many.
///
/// # Errors
/// The database fails.
pub async fn round(app: &App) -> Result<usize, DbError> {
    let mut gone = 0;
    for channel in [Channel::Mail, Channel::Sms] {
        if let Some(rate) = per_second(&app.settings, channel) {
            let now = app.clock.now();
            gone += app.db.transaction(Scope::System, async |conn| let_go(conn, channel, rate, now).await).await?;
        }
    }
    Ok(gone)
}

/// Sends those on their way who wait before a provider that is configured no more. When a process begins.
///
/// # Errors
/// The database fails.
pub async fn dissolve(app: &App) -> Result<(), DbError> {
    for channel in [Channel::Mail, Channel::Sms] {
        if per_second(&app.settings, channel).is_none() {
            app.db
                .transaction(Scope::System, async |conn| {
                    for (id, due_at) in store::leave(conn, channel).await? {
                        jobs::enqueue(conn, Deliver::KIND, &Deliver { delivery_id: id }, due_at).await?;
                    }
                    Ok::<_, DbError>(())
                })
                .await?;
        }
    }
    Ok(())
}

/// Messages that could leave now but for the rate.
///
/// # Errors
/// The database fails.
pub async fn count_waiting(conn: &mut Conn<'_>, now: DateTime<Utc>) -> Result<i64, DbError> {
    store::count_waiting(conn, now).await
}

async fn let_go(conn: &mut Conn<'_>, channel: Channel, rate: usize, now: DateTime<Utc>) -> Result<usize, DbError> {
    // Another worker has it.
    let Some(line) = store::lock(conn, channel).await? else { return Ok(0) };
    store::line_up(conn, channel, line.turn, now, rate).await?;
    let room = room(&line.departures, now, rate);
    let allowed = match (line.failures, line.away_until) {
        (0, _) => room,
        (_, Some(until)) if until > now => 0,
        // One tries whether the provider is back.
        _ => room.min(1),
    };
    let released = store::release(conn, channel, allowed).await?;
    let Some(turn) = released.iter().map(|message| message.turn).max() else { return Ok(0) };
    for message in &released {
        jobs::enqueue(conn, Deliver::KIND, &Deliver { delivery_id: message.id }, now).await?;
    }
    let mut departures: Vec<DateTime<Utc>> = line.departures.into_iter().filter(|at| *at > now - SECOND).collect();
    departures.resize(departures.len() + released.len(), now);
    store::depart(conn, channel, turn, &departures).await?;
    if line.failures > 0 {
        store::set_away(conn, channel, line.failures, now + pause(line.failures)).await?;
    }
    Ok(released.len())
}

/// How many may leave at `now`, so that in no second there are more than `rate`. Pure.
fn room(departures: &[DateTime<Utc>], now: DateTime<Utc>, rate: usize) -> usize {
    let recent = departures.iter().filter(|at| **at > now - SECOND).count();
    rate.saturating_sub(recent)
}

/// 5 s, 10 s, 20 s … at most ten minutes between two attempts at a provider that is away.
fn pause(failures: i32) -> TimeDelta {
    let doublings = u32::try_from(failures.clamp(1, 10) - 1).unwrap_or(0);
    TimeDelta::seconds(5 * (1_i64 << doublings)).min(TimeDelta::minutes(10))
}

/// A provider did not take a message, being away or busy. Harmless where there is no line.
///
/// # Errors
/// The database fails.
pub async fn provider_is_away(conn: &mut Conn<'_>, channel: Channel, now: DateTime<Utc>) -> Result<(), DbError> {
    store::count_failure(conn, channel, now, now + pause(1)).await
}

/// A provider took a message.
///
/// # Errors
/// The database fails.
pub async fn provider_answers(conn: &mut Conn<'_>, channel: Channel) -> Result<(), DbError> {
    store::forget_failures(conn, channel).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_793_610_000_000 + millis).unwrap()
    }

    #[test]
    fn pauses_double_up_to_ten_minutes() {
        assert_eq!([1, 2, 3].map(pause), [5, 10, 20].map(TimeDelta::seconds));
        assert_eq!(pause(99), TimeDelta::minutes(10));
    }

    proptest! {
        #[test]
        fn in_no_second_do_more_leave_than_the_provider_takes(looks in prop::collection::vec(1_i64..400, 1..200), rate in 1_usize..20) {
            let (mut now, mut gone) = (0, Vec::new());
            for wait in looks {
                now += wait;
                let allowed = room(&gone, at(now), rate);
                gone.resize(gone.len() + allowed, at(now));
            }
            for first in &gone {
                let within = gone.iter().filter(|other| *first <= **other && **other < *first + SECOND).count();
                prop_assert!(within <= rate, "{within} in a second, {rate} allowed");
            }
        }
    }
}
