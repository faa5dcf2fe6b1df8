//! A case in memory: what is there, and the events and changes that one statement will write.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::{
    lifecycle::{self, Command, Contact, Decision, Facts, Outcome, Phase, Refusal},
    timeline::{Event, EventKind},
};
use crate::{
    db::By,
    types::{CaseId, Currency, DebtorId, ListingId, Money, OrgId, Tone},
};

/// The recovery of one or more receivables of one debtor. Changes are kept in memory until [`super::save`].
#[derive(Debug, Clone)]
pub struct Case {
    pub id: CaseId,
    pub reference: String,
    pub creditor: OrgId,
    pub debtor: DebtorId,
    /// Who was awarded the case or is engaged on it.
    pub agency: Option<OrgId>,
    /// The firmest tone that the agency promised in its mandate; none while no agency is engaged.
    pub promised_tone: Option<Tone>,
    pub listing: Option<ListingId>,
    pub phase: Phase,
    pub closed_from: Option<Phase>,
    pub outcome: Option<Outcome>,
    pub currency: Currency,
    pub principal_minor: i64,
    pub recovered_minor: i64,
    pub with_interest: bool,
    pub oldest_due_on: NaiveDate,
    pub contact_epoch: i32,
    pub next_action_at: Option<DateTime<Utc>>,
    pub event_count: i32,
    pub last_event_hash: Vec<u8>,
    pub version: i32,
    pub phase_since: DateTime<Utc>,
    pub posted_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub(super) unsaved: Vec<Event>,
}

impl Case {
    #[must_use]
    pub const fn principal(&self) -> Money {
        Money::new(self.principal_minor, self.currency)
    }

    #[must_use]
    pub const fn recovered(&self) -> Money {
        Money::new(self.recovered_minor, self.currency)
    }

    const fn facts(&self) -> Facts {
        Facts { phase: self.phase, outcome: self.outcome, closed_from: self.closed_from, agency: self.agency }
    }

    /// Carries a command out, with `kind` and `data` as its line in the timeline. `false`: it had been before.
    ///
    /// # Errors
    /// Not possible in the present phase.
    pub fn carry_out(&mut self, by: &By, command: Command, kind: EventKind, data: Value) -> Result<bool, Refusal> {
        let Decision::Move(transition) = lifecycle::decide(&self.facts(), command)? else { return Ok(false) };
        let from = self.phase;
        // The line belongs to whoever held the case before or after: both may read how the handover happened.
        let reader = self.agency.or(transition.agency);
        self.closed_from = (transition.to == Phase::Closed).then_some(from);
        self.closed_at = (transition.to == Phase::Closed).then_some(by.at);
        self.phase = transition.to;
        self.outcome = transition.outcome;
        self.phase_since = by.at;
        match transition.contact {
            Contact::Stops => self.stop_contact(None),
            Contact::Begins => self.look_again(by.at),
        }
        self.append(by, kind, reader, data);
        self.agency = transition.agency;
        self.promised_tone = self.promised_tone.filter(|_| transition.agency.is_some());
        Ok(true)
    }

    /// Adds a line to the timeline.
    pub fn record(&mut self, by: &By, kind: EventKind, data: Value) {
        self.append(by, kind, self.agency, data);
    }

    fn append(&mut self, by: &By, kind: EventKind, reader: Option<OrgId>, data: Value) {
        let data = if data.is_null() { json!({}) } else { data };
        let event = Event::following(&self.last_event_hash, self.event_count + 1, kind, by.actor, reader, by.at, data);
        self.event_count = event.seq;
        self.last_event_hash.clone_from(&event.hash);
        self.unsaved.push(event);
    }

    /// Nothing prepared until now may be sent any more; the engine looks again at `until`, or when something happens.
    pub const fn stop_contact(&mut self, until: Option<DateTime<Utc>>) {
        self.contact_epoch += 1;
        self.next_action_at = until;
    }

    /// The engine looks at the case at `at`; never later than it already would.
    pub fn look_again(&mut self, at: DateTime<Utc>) {
        self.next_action_at = Some(self.next_action_at.map_or(at, |planned| planned.min(at)));
    }

    /// Whether somebody is pursuing it: reminders, calls and letters happen only then.
    #[must_use]
    pub const fn is_pursued(&self) -> bool {
        matches!(self.phase, Phase::InHouse | Phase::Active)
    }

    /// # Errors
    /// It is closed.
    pub const fn must_be_open(&self, wish: &'static str) -> Result<(), Refusal> {
        if matches!(self.phase, Phase::Closed) { Err(Refusal { phase: self.phase, wish }) } else { Ok(()) }
    }
}
