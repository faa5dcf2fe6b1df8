//! Engagements: the period during which an agency holds a case, from both signatures to its closing, return, recall or idleness.
//!
//! What may never happen here: two running engagements of one case, a note of one agency handed to the next, an idle agency
//! dispossessed without a warning.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    MarketError, MarketTerms,
    listing::{self, ListingStatus, list_again, lock_own},
    mandate::{self, Mandate, MandateStatus},
    promises,
    reasons::Verdict,
    recall::{self, Breaches, Kept, RecallGround},
    scores,
    store::{complaints as complaint_store, engagements as store},
};
use crate::{
    cases::{self, Case, Command, EventKind, Phase},
    db::{By, Conn},
    jobs,
    types::{BasisPoints, Calendar, CaseId, Country, EngagementId, FeeSchedule, MandateId, OrgId, Tone, text_enum},
};

text_enum! {
    /// How an engagement ended.
    pub enum EndReason {
        Closed => "closed",
        Returned => "returned",
        Recalled => "recalled",
        Idle => "idle",
    }
}

text_enum! {
    /// Why an agency gives a case back.
    pub enum ReturnReason {
        NoCapacity => "no_capacity",
        AllStepsDone => "all_steps_done",
        DebtorUnreachable => "debtor_unreachable",
        OutsideExpertise => "outside_expertise",
        ConflictOfInterest => "conflict_of_interest",
        Other => "other",
    }
}

/// A period during which an agency holds a case.
#[derive(Debug, Clone)]
pub struct Engagement {
    pub id: EngagementId,
    pub case: CaseId,
    pub creditor: OrgId,
    pub agency: OrgId,
    pub mandate: MandateId,
    pub fee: FeeSchedule,
    /// What the fee comes to on the expected recovery.
    pub fee_bp: BasisPoints,
    /// What was open of the principal when it began.
    pub claim_minor: Option<i64>,
    pub tone: Tone,
    pub started_at: DateTime<Utc>,
    pub first_contact_due_at: DateTime<Utc>,
    pub update_every_days: i32,
    /// None until it was due.
    pub first_contact_kept: Option<bool>,
    /// How often news came in time, and how often not.
    pub updates_kept: i32,
    pub updates_missed: i32,
    pub idle_warned_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub end_reason: Option<EndReason>,
    /// What the agency or the creditor wrote at the end: for the two of them.
    pub end_note: Option<String>,
    pub recalled: Option<Kept>,
}

/// Both have signed: the case becomes active. The caller saves it.
pub(super) async fn begin(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    case: &mut Case,
    mandate: &Mandate,
    country: Country,
) -> Result<(), MarketError> {
    let contact_by = by.at + TimeDelta::hours(i64::from(mandate.promises.first_contact_hours));
    let engagement = Engagement {
        id: EngagementId::fresh(),
        case: case.id,
        creditor: mandate.creditor,
        agency: mandate.agency,
        mandate: mandate.id,
        fee: mandate.promises.fee.clone(),
        fee_bp: mandate.fee_bp,
        claim_minor: Some(listing::open_principal(conn, by, case).await?.minor),
        tone: mandate.promises.tone,
        started_at: by.at,
        // Nobody is written to at night or on a holiday, so nobody is late for not having done so.
        first_contact_due_at: Calendar::of(country).opening_on_or_after(contact_by),
        update_every_days: mandate.promises.update_every_days,
        first_contact_kept: None,
        updates_kept: 0,
        updates_missed: 0,
        idle_warned_at: None,
        ended_at: None,
        end_reason: None,
        end_note: None,
        recalled: None,
    };
    let line = json!({ "engagement_id": engagement.id, "mandate_id": mandate.id, "first_contact_due_at": engagement.first_contact_due_at });
    case.carry_out(by, Command::Engage, EventKind::Engaged, line)?;
    case.promised_tone = Some(engagement.tone);
    store::insert(conn, &engagement).await?;
    promises::watch(conn, &engagement).await?;
    look_again(conn, engagement.id, by.at + TimeDelta::days(i64::from(terms.idle_days))).await
}

pub(super) async fn look_again(conn: &mut Conn<'_>, id: EngagementId, at: DateTime<Utc>) -> Result<(), MarketError> {
    Ok(jobs::enqueue(conn, "market.check_idle", &json!({ "engagement_id": id }), at).await?)
}

/// The running engagement of a case, if there is one.
///
/// # Errors
/// The database fails.
pub async fn running_engagement(conn: &mut Conn<'_>, _: &By, case: CaseId) -> Result<Option<Engagement>, MarketError> {
    Ok(store::find_running(conn, case).await?)
}

/// The engagements of a case that `by` may see, newest first: a creditor all, an agency its own.
///
/// # Errors
/// The case is not visible and no engagement on it is.
pub async fn list_engagements(conn: &mut Conn<'_>, by: &By, case: CaseId) -> Result<Vec<Engagement>, MarketError> {
    let found = store::list_of_case(conn, case).await?;
    if found.is_empty() {
        cases::find(conn, by, case).await?;
    }
    Ok(found)
}

/// The agency gives the case back: to the market with what was tried, and without what was noted. In `Scope::System`.
///
/// # Errors
/// The agency does not hold the case.
pub async fn return_case(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    (agency, id): (OrgId, CaseId),
    reason: ReturnReason,
    note: Option<&str>,
) -> Result<Engagement, MarketError> {
    check_note(note, reason == ReturnReason::Other)?;
    let mut case = cases::lock(conn, by, id).await?;
    if case.agency != Some(agency) {
        return Err(MarketError::NotFound("case"));
    }
    let running = store::lock_running(conn, id).await?;
    case.carry_out(by, Command::Return, EventKind::Returned, json!({ "reason": reason }))?;
    let ended = end(conn, by, running, EndReason::Returned, note).await?;
    list_again(conn, by, terms, &mut case).await?;
    cases::save(conn, by, &mut case).await?;
    ended.ok_or(MarketError::NotFound("engagement"))
}

/// The creditor takes the case back on stated grounds; its own strategy goes on. Answers with what part of the fee the agency
/// keeps. In `Scope::System`.
///
/// # Errors
/// Not this creditor's, or neither awarded nor active; a breach of which nothing is on record.
pub async fn recall_case(
    conn: &mut Conn<'_>,
    by: &By,
    (creditor, id): (OrgId, CaseId),
    ground: RecallGround,
    note: Option<&str>,
) -> Result<(Case, Option<Kept>), MarketError> {
    check_note(note, ground == RecallGround::Other)?;
    let mut case = lock_own(conn, by, creditor, id).await?;
    let running = store::lock_running(conn, id).await?;
    let on_record = breaches_of(conn, running.as_ref()).await?;
    let kept = running.as_ref().map(|running| kept_of(by, running, ground));
    let line = json!({
        "ground": ground, "fee_part_bp": kept.map(|kept| kept.fee_bp), "fee_until": kept.map(|kept| kept.until),
    });
    if case.carry_out(by, Command::Recall, EventKind::Recalled, line)? {
        recall::check(ground, on_record)?;
        mandate::end_open(conn, &case, MandateStatus::Declined).await?;
        if let (Some(running), Some(kept)) = (&running, kept) {
            store::set_recalled(conn, running.id, ground, kept).await?;
        }
        end(conn, by, running, EndReason::Recalled, note).await?;
        cases::save(conn, by, &mut case).await?;
    }
    Ok((case, kept))
}

/// In days of the product, as every fee by time is reckoned.
fn kept_of(by: &By, running: &Engagement, ground: RecallGround) -> Kept {
    recall::kept(ground, running.started_at.date_naive(), by.at.date_naive())
}

/// What is on record against the agency of an engagement.
async fn breaches_of(conn: &mut Conn<'_>, running: Option<&Engagement>) -> Result<Breaches, MarketError> {
    let Some(running) = running else { return Ok(Breaches::default()) };
    let promises = running.first_contact_kept == Some(false) || running.updates_missed > 0;
    Ok(Breaches { promises, complaints: complaint_store::was_upheld(conn, running.id).await? })
}

fn check_note(note: Option<&str>, needed: bool) -> Result<(), MarketError> {
    match note {
        Some(note) => super::error::check_text("/note", note),
        None if needed => super::error::check_text("/note", ""),
        None => Ok(()),
    }
}

pub(super) async fn end(
    conn: &mut Conn<'_>,
    by: &By,
    running: Option<Engagement>,
    reason: EndReason,
    note: Option<&str>,
) -> Result<Option<Engagement>, MarketError> {
    let Some(running) = running else { return Ok(None) };
    store::set_ended(conn, running.id, by.at, reason, note).await?;
    scores::expect(conn, by, &running).await?;
    let end_note = note.map(str::to_owned);
    Ok(Some(Engagement { ended_at: Some(by.at), end_reason: Some(reason), end_note, ..running }))
}

/// Brings the market's rows of a case in line with where the case stands: a closed one leaves the market and its engagement
/// ends; one that a bounced payment reopened in the agency's hands goes on. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn follow_case(conn: &mut Conn<'_>, by: &By, terms: MarketTerms, id: CaseId) -> Result<(), MarketError> {
    let case = cases::lock(conn, by, id).await?;
    match case.phase {
        Phase::Closed => {
            if let Some(listing) = case.listing {
                listing::end(conn, by, listing, ListingStatus::Withdrawn, Verdict::CaseEnded).await?;
            }
            mandate::end_open(conn, &case, MandateStatus::Lapsed).await?;
            let running = store::lock_running(conn, id).await?;
            end(conn, by, running, EndReason::Closed, None).await?;
            Ok(())
        }
        Phase::Active => {
            if let Some(resumed) = store::resume_closed(conn, id).await? {
                look_again(conn, resumed, by.at + TimeDelta::days(i64::from(terms.idle_days))).await?;
            }
            Ok(())
        }
        Phase::Draft | Phase::InHouse | Phase::Listed | Phase::Awarded => Ok(()),
    }
}
