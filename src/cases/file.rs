//! The case file: everything about a case with the chain that proves it, for a court, an auditor or the next agency.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Case, CasesError, Event, EventKind, api::CaseRow, audit, claim_of, find, list_events};
use crate::{
    db::{By, Conn},
    paper::{
        CaseFileSheet, Party,
        case_file::{PaymentRow, TimelineRow, Verification},
    },
    parties,
    receivables::{self, claim::Claim},
    types::{Calendar, CaseId, Language, Money, clock::day_in},
};

/// More lines than any case gets.
const LINES_MAX: i64 = 100_000;

/// A case with its claim and its whole timeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseFile {
    pub case: CaseRow,
    /// What is owed today; null where nothing can be reckoned.
    pub claim: Option<Claim>,
    /// Oldest first. `hash = SHA-256(previous hash ‖ canonical JSON of the line)`; the first one's previous hash is 32 zero bytes.
    pub timeline: Vec<Event>,
    /// Whether the chain was recomputed without a break.
    pub intact: bool,
}

/// Gathers the file of a case whose timeline `by` may read whole.
///
/// # Errors
/// Not visible, or the database fails.
pub async fn assemble(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<(Case, CaseFile), CasesError> {
    let case = find(conn, by, id).await?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let today = day_in(Calendar::of(debtor.country).zone(), by.at);
    let claim = claim_of(conn, by, &case, today).await.ok();
    let timeline = list_events(conn, by, id, 0, LINES_MAX).await?;
    let intact = audit::verify_case(conn, &case).await.is_ok();
    let file = CaseFile { case: CaseRow::from(&case), claim, timeline, intact };
    Ok((case, file))
}

/// The file as a sheet to print, in `language`.
///
/// # Errors
/// The database fails.
pub async fn sheet(conn: &mut Conn<'_>, by: &By, id: CaseId, language: Language) -> Result<CaseFileSheet, CasesError> {
    let (case, file) = assemble(conn, by, id).await?;
    let creditor = parties::find_organisation(conn, by, case.creditor).await.map_err(|_| CasesError::NotFound)?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let agency = agency_of(conn, by, &case).await?;
    let last_hash = file.timeline.last().map(|event| hex::encode(&event.hash)).unwrap_or_default();
    let broken_at = file.timeline.last().map_or(1, |event| event.seq);
    Ok(CaseFileSheet {
        language,
        zone: creditor.country.time_zone(),
        case_reference: case.reference.clone(),
        made_at: by.at,
        phase: case.phase.to_string(),
        outcome: case.outcome.map(|outcome| outcome.to_string()),
        creditor: creditor.printed(),
        agency,
        debtor: debtor.printed(),
        claim: file.claim.filter(|claim| claim.total.is_positive()).map(|claim| claim.printed()),
        payments: file.timeline.iter().filter_map(|event| payment(&case, &file.timeline, event)).collect(),
        timeline: file.timeline.iter().map(line).collect(),
        verification: if file.intact { Verification::Intact { last_hash } } else { Verification::BrokenAt { seq: broken_at } },
    })
}

pub(super) async fn agency_of(conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<Option<Party>, CasesError> {
    let Some(agency) = case.agency else { return Ok(None) };
    let found = parties::find_organisation(conn, by, agency).await.map_err(|_| CasesError::NotFound)?;
    Ok(Some(found.printed()))
}

/// A confirmed payment, as its line in the timeline tells it, and whether a later one tells that it was taken back.
fn payment(case: &Case, timeline: &[Event], event: &Event) -> Option<PaymentRow> {
    if event.kind != EventKind::PaymentConfirmed {
        return None;
    }
    let field = |name: &str| event.data.get(name);
    let same = |other: &Event| other.kind == EventKind::PaymentReversed && other.data.get("payment_id") == field("payment_id");
    let taken_back = timeline.iter().any(same);
    Some(PaymentRow {
        received_on: field("received_on").and_then(Value::as_str)?.parse().ok()?,
        bank_reference: field("bank_reference").and_then(Value::as_str).unwrap_or_default().to_owned(),
        status: if taken_back { "reversed" } else { "confirmed" }.to_owned(),
        amount: Money::new(field("amount_minor").and_then(Value::as_i64)?, case.currency),
    })
}

fn line(event: &Event) -> TimelineRow {
    TimelineRow {
        seq: event.seq,
        at: event.at,
        kind: event.kind.to_string(),
        actor_kind: event.actor_kind.to_string(),
        note: String::new(),
        hash: hex::encode(&event.hash),
    }
}
