//! What was tried on a case and when, for the next agency: channels, counts and days.
//!
//! What may never happen here: an opinion, a note, a result in words, or anything that tells who owes or who tried.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    cases::{Event, EventKind},
    types::{Channel, clock::day_in, text_enum},
};

text_enum! {
    /// Who pursued the case.
    pub enum Pursuer {
        Creditor => "creditor",
        Agency => "agency",
    }
}

/// One way of contact that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tried {
    pub by: Pursuer,
    pub channel: Channel,
    pub times: u32,
    pub first_on: NaiveDate,
    pub last_on: NaiveDate,
}

/// All that was tried before this round.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkSummary {
    pub tried: Vec<Tried>,
    /// Promises that the debtor made.
    pub promises: u32,
    pub disputes: u32,
}

impl WorkSummary {
    /// From the timeline of a case.
    #[must_use]
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut tried: BTreeMap<(Pursuer, Channel), Tried> = BTreeMap::new();
        let mut summary = Self::default();
        for event in events {
            summary.promises += u32::from(event.kind == EventKind::PromiseMade);
            summary.disputes += u32::from(event.kind == EventKind::DisputeOpened);
            if let Some(channel) = channel_of(event) {
                note(&mut tried, event, channel);
            }
        }
        summary.tried = tried.into_values().collect();
        summary
    }

    /// Messages and calls, by whomever.
    #[must_use]
    pub fn contacts(&self) -> u32 {
        self.tried.iter().map(|one| one.times).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The channel of a contact that happened: a message that left, or a call that somebody made.
fn channel_of(event: &Event) -> Option<Channel> {
    let text = |name: &str| event.data.get(name).and_then(serde_json::Value::as_str);
    if event.kind == EventKind::ContactSent {
        text("channel").and_then(|channel| channel.parse().ok())
    } else if event.kind == EventKind::TaskDone {
        text("reason").filter(|reason| *reason == "call_due").map(|_| Channel::Call)
    } else {
        None
    }
}

fn note(tried: &mut BTreeMap<(Pursuer, Channel), Tried>, event: &Event, channel: Channel) {
    let by = if event.agency.is_some() { Pursuer::Agency } else { Pursuer::Creditor };
    let on = day_in(chrono_tz::UTC, event.at);
    let one = tried.entry((by, channel)).or_insert(Tried { by, channel, times: 0, first_on: on, last_on: on });
    one.times += 1;
    one.first_on = one.first_on.min(on);
    one.last_on = one.last_on.max(on);
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::{Value, json};

    use super::*;
    use crate::{cases::timeline::GENESIS, db::Actor, types::OrgId};

    fn event(day: i64, kind: EventKind, agency: Option<OrgId>, data: Value) -> Event {
        let at = DateTime::from_timestamp(1_800_000_000 + day * 86_400, 0).unwrap();
        Event::following(&GENESIS, 1, kind, Actor::ENGINE, agency, at, data)
    }

    #[test]
    fn contacts_are_counted_by_pursuer_and_channel_and_nothing_written_is_kept() {
        let agency = Some(OrgId::fresh());
        let events = [
            event(0, EventKind::ContactSent, None, json!({"channel": "mail", "subject": "SECRET"})),
            event(5, EventKind::ContactSent, agency, json!({"channel": "letter"})),
            event(9, EventKind::ContactSent, agency, json!({"channel": "letter"})),
            event(11, EventKind::TaskDone, agency, json!({"reason": "call_due", "result": "SECRET", "note": "SECRET"})),
            event(12, EventKind::TaskDone, agency, json!({"reason": "steps_taken"})),
            event(12, EventKind::NoteAdded, agency, json!({"text": "SECRET"})),
            event(13, EventKind::PromiseMade, agency, json!({"amount_minor": 100})),
        ];
        let summary = WorkSummary::of(&events);
        let tried: Vec<_> = summary.tried.iter().map(|one| (one.by, one.channel, one.times)).collect();
        assert_eq!(
            tried,
            [(Pursuer::Creditor, Channel::Mail, 1), (Pursuer::Agency, Channel::Letter, 2), (Pursuer::Agency, Channel::Call, 1)]
        );
        assert_eq!((summary.contacts(), summary.promises, summary.disputes), (4, 1, 0));
        assert!(!serde_json::to_string(&summary).unwrap().contains("SECRET"));
        assert_eq!((summary.tried[1].last_on - summary.tried[1].first_on).num_days(), 4);
    }

    #[test]
    fn an_untouched_case_has_nothing_to_tell() {
        assert!(WorkSummary::of(&[event(0, EventKind::Posted, None, Value::Null)]).is_empty());
    }
}
