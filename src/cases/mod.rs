//! Cases: the recovery of receivables of one debtor, pursued by one party at a time, with its history.
//!
//! What may never happen here: a phase reached by another way than `lifecycle::decide`; a change without its line in the
//! timeline; a message prepared before a hold, a payment or a closure and sent after it (`contact_epoch`).
//!
//! Lock order: the case first, always; then whatever hangs on it.

pub mod answers_api;
pub mod api;
pub mod audit;
pub mod bad_debt;
pub mod case;
mod circumstances;
mod credits;
pub mod credits_api;
mod debtor_forms;
pub mod debtor_page;
mod debtor_view;
pub mod desk;
mod dispute_terms;
mod disputes;
mod error;
mod falling_back;
pub mod file;
pub mod file_api;
mod holds;
pub mod jobs;
pub mod lifecycle;
pub mod limitation;
pub mod pages;
mod plans;
mod posting;
mod preview;
mod promises;
mod settlements;
pub mod settlements_api;
mod store;
mod terms_after;
pub mod timeline;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use case::Case;
pub use circumstances::Circumstance;
pub use credits::{CreditGiven, cancel_credit, credit_invoice};
pub use dispute_terms::{About, DisputeSide, ExtentRefusal, Proof, checklist};
pub use disputes::{
    Dispute, DisputeDecision, DisputeReason, DisputeStatus, NewEvidence, Objection, Resolution, give_evidence,
    is_disputed_in_part, list_disputes, open_dispute, resolve_dispute, rest_on_disputes,
};
pub use error::CasesError;
pub use falling_back::fall_back;
pub use holds::{Hold, HoldKind, place_hold, release_hold, running_holds};
pub use lifecycle::{Command, Outcome, Phase};
pub use plans::{PaymentPlan, PlanPolicy, PlanRefusal};
pub use posting::{Posting, PostingTerms, post, post_many, prospect, prospect_of_one};
pub use preview::{Expected, Obstacle, Preview, expected, preview};
pub use promises::{Promise, check_promise, latest_day, make_promise, promised_day};
pub use settlements::{
    Proposal, Proposer, Settlement, SettlementAnswer, SettlementPolicy, SettlementRefusal, SettlementStatus,
    answer as answer_settlement, ask as ask_for_settlement, list_settlements, live_settlement, offer as offer_settlement,
    settle_as_agreed,
};
pub use terms_after::{SuggestedTerms, TermsReason, suggested_terms};
pub use timeline::{Event, EventKind};

use crate::{
    db::{By, Conn, DbError, Scope},
    http::Cursor,
    parties, receivables,
    receivables::claim::{Claim, ClaimTerms},
    types::CaseId,
};

/// Texts that people write: reasons, statements, notes.
pub(crate) const TEXT_MAX_CHARS: usize = 4000;

/// A case that `by` may see.
///
/// # Errors
/// Not visible.
pub async fn find(conn: &mut Conn<'_>, _by: &By, id: CaseId) -> Result<Case, CasesError> {
    store::find(conn, id).await?.ok_or(CasesError::NotFound)
}

/// The case that a debtor names by its reference.
///
/// # Errors
/// The database fails.
pub async fn find_by_reference(conn: &mut Conn<'_>, _by: &By, reference: &str) -> Result<Option<Case>, CasesError> {
    Ok(store::find_by_reference(conn, reference).await?)
}

/// A case that `by` may see, locked until the transaction ends. Judge its state after this, not before.
///
/// # Errors
/// Not visible.
pub async fn lock(conn: &mut Conn<'_>, _by: &By, id: CaseId) -> Result<Case, CasesError> {
    store::lock(conn, id).await?.ok_or(CasesError::NotFound)
}

/// Cases whose `next_action_at` has come, locked, leaving out those that others hold.
///
/// # Errors
/// The database fails.
pub async fn lock_due(conn: &mut Conn<'_>, by: &By, limit: i64) -> Result<Vec<Case>, CasesError> {
    Ok(store::lock_due(conn, by.at, limit).await?)
}

/// How many cases wait for the engine's look, whoever holds them at the moment.
///
/// # Errors
/// The database fails.
pub async fn count_due(conn: &mut Conn<'_>, at: DateTime<Utc>) -> Result<i64, DbError> {
    store::count_due(conn, at).await
}

/// Writes a locked case with its changes and new events, and the job that tells whoever should know: one statement.
///
/// # Errors
/// The database fails.
pub async fn save(conn: &mut Conn<'_>, by: &By, case: &mut Case) -> Result<(), CasesError> {
    let closed = case.unsaved.iter().any(|event| matches!(event.kind, EventKind::Closed | EventKind::Reopened));
    let payload = news(case);
    let (mut one, mut other, id) = (*conn, *conn, case.id);
    let followed = async {
        if closed {
            crate::jobs::enqueue(&mut other, "market.case_closed", &json!({ "case_id": id }), by.at).await
        } else {
            Ok(())
        }
    };
    tokio::try_join!(store::update(&mut one, case, by.at, &payload), followed)?;
    Ok(())
}

/// The payload of `notices.events`: which lines of a case's timeline are new.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct NewEvents {
    pub case_id: CaseId,
    pub from_seq: i32,
    pub to_seq: i32,
}

fn news(case: &Case) -> serde_json::Value {
    let from_seq = case.unsaved.first().map_or(case.event_count, |event| event.seq);
    json!(NewEvents { case_id: case.id, from_seq, to_seq: case.event_count })
}

/// Newest first: a creditor's own, or those an agency holds.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, by: &By, phase: Option<Phase>, cursor: Cursor) -> Result<Vec<Case>, CasesError> {
    match by.scope {
        Scope::Creditor(creditor) => Ok(store::list_of_creditor(conn, creditor, phase, cursor).await?),
        Scope::Agency(agency) => Ok(store::list_of_agency(conn, agency, cursor).await?),
        Scope::Operator(_) | Scope::Debtor(_) | Scope::System => Ok(Vec::new()),
    }
}

/// Lines of the timeline after `after`, oldest first.
///
/// # Errors
/// The database fails.
pub async fn list_events(conn: &mut Conn<'_>, _by: &By, case: CaseId, after: i32, limit: i64) -> Result<Vec<Event>, CasesError> {
    Ok(store::list_events(conn, case, after, limit).await?)
}

/// Under which law and against whom the case's claim is reckoned.
///
/// # Errors
/// The database fails.
pub async fn terms_of(conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<ClaimTerms, CasesError> {
    let creditor = parties::find_organisation(conn, by, case.creditor).await?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    Ok(ClaimTerms::statutory(creditor.country, debtor.kind, case.with_interest))
}

/// What is owed on `on`, line by line.
///
/// # Errors
/// The law of that country or day is not known, or the database fails.
pub async fn claim_of(conn: &mut Conn<'_>, by: &By, case: &Case, on: NaiveDate) -> Result<Claim, CasesError> {
    let terms = terms_of(conn, by, case).await?;
    Ok(receivables::claim_of_case(conn, by, case.id, &terms, on).await?)
}

/// The day on which the claim for `day` can be reckoned: `day`, or the last one whose statutory rate is known.
#[must_use]
pub fn reckonable(case: &Case, day: NaiveDate) -> NaiveDate {
    if case.with_interest { day.min(receivables::rates::Rates::current().known_until()) } else { day }
}

/// The creditor's own strategy begins on a case that was being assembled.
///
/// # Errors
/// Not a draft.
pub async fn start(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<Case, CasesError> {
    let mut case = lock(conn, by, id).await?;
    if case.carry_out(by, Command::Start, EventKind::Started, json!({}))? {
        save(conn, by, &mut case).await?;
    }
    Ok(case)
}

/// The creditor ends the case.
///
/// # Errors
/// Closed with another outcome already.
pub async fn close(conn: &mut Conn<'_>, by: &By, id: CaseId, outcome: Outcome, reason: &str) -> Result<Case, CasesError> {
    check_text(reason)?;
    let mut case = lock(conn, by, id).await?;
    if case.carry_out(by, Command::Close(outcome), EventKind::Closed, json!({ "outcome": outcome, "reason": reason }))? {
        save(conn, by, &mut case).await?;
    }
    Ok(case)
}

/// Somebody writes down, for both sides of the engagement, what they learnt; the other side is told.
///
/// # Errors
/// Closed, or an empty or endless text.
pub async fn add_note(conn: &mut Conn<'_>, by: &By, id: CaseId, text: &str) -> Result<Case, CasesError> {
    check_text(text)?;
    let mut case = lock(conn, by, id).await?;
    case.must_be_open("annotated")?;
    let from = match by.scope {
        Scope::Creditor(_) => Some("creditor"),
        Scope::Agency(_) => Some("agency"),
        Scope::Operator(_) | Scope::Debtor(_) | Scope::System => None,
    };
    case.record(by, EventKind::NoteAdded, json!({ "text": text, "from": from }));
    save(conn, by, &mut case).await?;
    Ok(case)
}

/// # Errors
/// Empty, or longer than [`TEXT_MAX_CHARS`].
pub(crate) fn check_text(text: &str) -> Result<(), CasesError> {
    if text.trim().is_empty() {
        return Err(CasesError::TextLength("say it in a few words: the text is empty"));
    }
    if text.chars().count() > TEXT_MAX_CHARS {
        return Err(CasesError::TextLength("at most 4000 characters"));
    }
    Ok(())
}

/// The end of the working day after `day` in the debtor's country: when a promise for `day` is judged.
#[must_use]
pub(crate) fn judged_at(country: crate::types::Country, day: NaiveDate) -> DateTime<Utc> {
    let calendar = crate::types::Calendar::of(country);
    calendar.instant(calendar.add_working_days(day, 1), 20)
}
