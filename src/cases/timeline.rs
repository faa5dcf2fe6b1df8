//! The timeline: append-only events, each hashed over the one before, so that anyone can verify a case's history.
//!
//! An event may never be changed, left out or put in later without the chain saying so.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    db::{Actor, ActorKind},
    types::{OrgId, text_enum},
};

text_enum! {
    /// What happened.
    pub enum EventKind {
        Posted => "posted",
        Started => "started",
        Listed => "listed",
        Unlisted => "unlisted",
        /// Its creditor lets it be offered with claims of others on the same debtor.
        PoolJoined => "pool_joined",
        PoolLeft => "pool_left",
        /// The deadline passed and the offers were opened.
        OffersRanked => "offers_ranked",
        /// Too few offers came, and the deadline was put off by the creditor's rule.
        OffersExtended => "offers_extended",
        /// Why the creditor chose as it did: before the award, so no agency reads it.
        AwardExplained => "award_explained",
        Awarded => "awarded",
        MandateSigned => "mandate_signed",
        MandateLapsed => "mandate_lapsed",
        Engaged => "engaged",
        /// Which strategy the case goes through, and why.
        StrategyChosen => "strategy_chosen",
        /// Whoever pursues the case moved it to another.
        StrategyChanged => "strategy_changed",
        StepLeftOut => "step_left_out",
        ContactSent => "contact_sent",
        ContactDeferred => "contact_deferred",
        ContactRefused => "contact_refused",
        ContactStopped => "contact_stopped",
        ContactFailed => "contact_failed",
        /// A message came back undelivered.
        MessageBounced => "message_bounced",
        /// The debtor wrote back.
        MessageReceived => "message_received",
        /// The debtor wants no more by a channel, or allows it again.
        OptedOut => "opted_out",
        OptedIn => "opted_in",
        /// The debtor was told that a term ends in which it is to answer.
        DebtorReminded => "debtor_reminded",
        TaskOpened => "task_opened",
        TaskDone => "task_done",
        NoteAdded => "note_added",
        PromiseMade => "promise_made",
        PromiseKept => "promise_kept",
        PromiseBroken => "promise_broken",
        PlanAgreed => "plan_agreed",
        PlanKept => "plan_kept",
        PlanBroken => "plan_broken",
        /// The creditor or its agency is content with less, where it is paid by a day.
        SettlementOffered => "settlement_offered",
        /// The debtor asks for that.
        SettlementAsked => "settlement_asked",
        SettlementAgreed => "settlement_agreed",
        SettlementDeclined => "settlement_declined",
        SettlementExpired => "settlement_expired",
        SettlementKept => "settlement_kept",
        SettlementBroken => "settlement_broken",
        /// Hardship, insolvency, or somebody who answers for the debtor.
        CircumstanceStated => "circumstance_stated",
        DisputeOpened => "dispute_opened",
        /// Somebody gave what shows who is right.
        DisputeEvidenceGiven => "dispute_evidence_given",
        DisputeResolved => "dispute_resolved",
        HoldPlaced => "hold_placed",
        HoldReleased => "hold_released",
        Credited => "credited",
        CreditCancelled => "credit_cancelled",
        PaymentDeclared => "payment_declared",
        PaymentConfirmed => "payment_confirmed",
        PaymentContested => "payment_contested",
        PaymentRejected => "payment_rejected",
        /// A confirmed payment was taken back.
        PaymentReversed => "payment_reversed",
        /// The debtor gets money back; it is taken back in the books when it has gone.
        RefundAsked => "refund_asked",
        PayoutPaid => "payout_paid",
        /// A bank sent it back; another one took its place.
        PayoutReturned => "payout_returned",
        /// The agency did in time what it had promised.
        AgencyPromiseKept => "agency_promise_kept",
        AgencyPromiseBroken => "agency_promise_broken",
        Returned => "returned",
        /// The last day on which the claim can be enforced is near.
        LimitationNear => "limitation_near",
        /// That day has passed.
        TimeBarred => "time_barred",
        IdleWarned => "idle_warned",
        Idle => "idle",
        Recalled => "recalled",
        Closed => "closed",
        Reopened => "reopened",
    }
}

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Event {
    /// 1 for the first of its case.
    pub seq: i32,
    pub kind: EventKind,
    pub actor_kind: ActorKind,
    pub actor_id: Option<Uuid>,
    #[serde(skip)]
    pub agency: Option<OrgId>,
    pub at: DateTime<Utc>,
    #[schema(value_type = Object)]
    pub data: Value,
    /// SHA-256 over the previous hash and this line, hexadecimal.
    #[serde(serialize_with = "as_hex")]
    #[schema(value_type = String)]
    pub hash: Vec<u8>,
}

fn as_hex<S: serde::Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hex::encode(bytes))
}

/// What the first event's hash is taken over.
pub const GENESIS: [u8; 32] = [0; 32];

impl Event {
    /// The next line after one whose hash is `previous`.
    #[must_use]
    pub fn following(
        previous: &[u8],
        seq: i32,
        kind: EventKind,
        actor: Actor,
        agency: Option<OrgId>,
        at: DateTime<Utc>,
        data: Value,
    ) -> Self {
        let mut event = Self { seq, kind, actor_kind: actor.kind, actor_id: actor.id, agency, at, data, hash: Vec::new() };
        event.hash = event.hash_after(previous);
        event
    }

    /// `SHA-256(previous ‖ canonical JSON of the line)`: keys sorted, no spaces, time in UTC to the microsecond.
    #[must_use]
    pub fn hash_after(&self, previous: &[u8]) -> Vec<u8> {
        let line = json!({
            "actor_id": self.actor_id,
            "actor_kind": self.actor_kind,
            "agency_id": self.agency,
            "at": self.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            "data": self.data,
            "kind": self.kind,
            "seq": self.seq,
        });
        let mut canonical = String::new();
        write_canonical(&line, &mut canonical);
        Sha256::new().chain_update(previous).chain_update(canonical.as_bytes()).finalize().to_vec()
    }
}

/// JSON with sorted keys and no spaces, whatever map type `serde_json` was built with.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (position, key) in keys.into_iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(key.clone()).to_string());
                out.push(':');
                write_canonical(map.get(key).unwrap_or(&Value::Null), out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push_str(&value.to_string()),
    }
}

/// Where a chain breaks, if it does: the first wrong line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    pub seq: i32,
    pub why: &'static str,
}

/// Recomputes a whole timeline, oldest first.
///
/// # Errors
/// The first line that is missing, out of order or not what was written.
pub fn verify(events: &[Event]) -> Result<Vec<u8>, Break> {
    let mut previous = GENESIS.to_vec();
    for (expected, event) in (1..).zip(events) {
        if event.seq != expected {
            return Err(Break { seq: expected, why: "the line is missing" });
        }
        if event.hash != event.hash_after(&previous) {
            return Err(Break { seq: event.seq, why: "the line is not what was written" });
        }
        previous.clone_from(&event.hash);
    }
    Ok(previous)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: i32) -> Vec<Event> {
        let mut previous = GENESIS.to_vec();
        (1..=length)
            .map(|seq| {
                let at = DateTime::from_timestamp(i64::from(seq), 0).unwrap();
                let event = Event::following(
                    &previous,
                    seq,
                    EventKind::Posted,
                    Actor::ENGINE,
                    None,
                    at,
                    json!({"b": seq, "a": {"z": 1, "y": null}}),
                );
                previous.clone_from(&event.hash);
                event
            })
            .collect()
    }

    #[test]
    fn an_untouched_chain_verifies() {
        assert!(verify(&chain(5)).is_ok());
        assert_eq!(verify(&[]), Ok(GENESIS.to_vec()));
    }

    #[test]
    fn the_first_wrong_line_is_named() {
        let mut changed = chain(5);
        changed[2].data = json!({"b": 99});
        assert_eq!(verify(&changed).map_err(|b| b.seq), Err(3));
        let mut missing = chain(5);
        missing.remove(1);
        assert_eq!(verify(&missing).map_err(|b| b.seq), Err(2));
        let mut swapped = chain(5);
        swapped.swap(3, 4);
        assert_eq!(verify(&swapped).map_err(|b| b.seq), Err(4));
    }

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let (mut one, mut other) = (String::new(), String::new());
        write_canonical(&serde_json::from_str(r#"{"a":1,"b":[{"d":2,"c":"é"}]}"#).unwrap(), &mut one);
        write_canonical(&serde_json::from_str(r#"{"b":[{"c":"é","d":2}],"a":1}"#).unwrap(), &mut other);
        assert_eq!((one.as_str(), one == other), (r#"{"a":1,"b":[{"c":"é","d":2}]}"#, true));
    }
}
