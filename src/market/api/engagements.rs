//! Engagements over HTTP: who held a case when, its return, its recall.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    cases::Phase,
    http::{AsSystem, Caller, Command, Page, Problem, answer, resource},
    market::{self, EndReason, Engagement, MarketError, MarketTerms, RecallGround, ReturnReason},
    parties::{AgencyMember, AnyMember, CreditorMember, Permission},
    types::{BasisPoints, CaseId, EngagementId, FeeSchedule, MandateId, OrgId, Tone},
};

/// A period during which an agency held a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct EngagementView {
    pub id: EngagementId,
    pub case_id: CaseId,
    pub agency_id: OrgId,
    pub mandate_id: MandateId,
    pub fee: FeeSchedule,
    /// The share agreed; for other models, what the fee comes to on the expected recovery.
    pub fee_bp: BasisPoints,
    pub tone: Tone,
    pub started_at: DateTime<Utc>,
    /// As promised, moved to the next office hours in the debtor's country.
    pub first_contact_due_at: DateTime<Utc>,
    pub update_every_days: i32,
    /// Whether the first contact came in time; null until it was due.
    pub first_contact_kept: Option<bool>,
    /// How often news came in time.
    pub updates_kept: i32,
    pub updates_missed: i32,
    /// Since when the agency knows that it has done nothing for long.
    pub idle_warned_at: Option<DateTime<Utc>>,
    /// Null while it runs.
    pub ended_at: Option<DateTime<Utc>>,
    pub end_reason: Option<EndReason>,
    pub end_note: Option<String>,
    /// After a recall: what part of the fee the agency keeps on what comes in until that day.
    pub recall_fee_bp: Option<BasisPoints>,
    pub recall_fee_until: Option<NaiveDate>,
}

impl From<Engagement> for EngagementView {
    fn from(engagement: Engagement) -> Self {
        Self {
            id: engagement.id,
            case_id: engagement.case,
            agency_id: engagement.agency,
            mandate_id: engagement.mandate,
            fee: engagement.fee,
            fee_bp: engagement.fee_bp,
            tone: engagement.tone,
            started_at: engagement.started_at,
            first_contact_due_at: engagement.first_contact_due_at,
            update_every_days: engagement.update_every_days,
            first_contact_kept: engagement.first_contact_kept,
            updates_kept: engagement.updates_kept,
            updates_missed: engagement.updates_missed,
            idle_warned_at: engagement.idle_warned_at,
            ended_at: engagement.ended_at,
            end_reason: engagement.end_reason,
            end_note: engagement.end_note,
            recall_fee_bp: engagement.recalled.map(|kept| kept.fee_bp),
            recall_fee_until: engagement.recalled.map(|kept| kept.until),
        }
    }
}

/// Engagements on a case, newest first: all of them for its creditor, its own for an agency.
#[utoipa::path(get, path = "/cases/{case_id}/engagements", tag = "market", params(("case_id" = CaseId, Path)),
    responses((status = 200, body = Page<EngagementView>)))]
pub async fn list_case_engagements(app: Data<App>, member: AnyMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| market::list_engagements(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &Page { data: found, next_cursor: None }.map(EngagementView::from))
}

/// Why an agency gives a case back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseReturn {
    pub reason: ReturnReason,
    /// For the creditor; the next agency never sees it. Needed with `other`.
    pub note: Option<String>,
}

/// Gives a case back: it returns to market with a summary of what was tried.
#[utoipa::path(post, path = "/cases/{case_id}/return", tag = "market", params(("case_id" = CaseId, Path)), request_body = CaseReturn,
    responses((status = 200, body = EngagementView)))]
pub async fn give_case_back(
    app: Data<App>,
    agency: AgencyMember,
    id: Path<CaseId>,
    command: Command<CaseReturn>,
) -> Result<HttpResponse, Problem> {
    agency.may(Permission::WorkCases)?;
    let terms = MarketTerms::of(&app);
    let CaseReturn { reason, note } = &command.input;
    answer(&app, &AsSystem(&*agency), &command.envelope, StatusCode::OK, async |conn, by| {
        market::return_case(conn, by, terms, (agency.org, *id), *reason, note.as_deref()).await.map(EngagementView::from)
    })
    .await
}

/// On what grounds a creditor takes a case back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseRecall {
    pub ground: RecallGround,
    /// For the agency. Needed with `other`.
    pub note: Option<String>,
}

/// Where a recalled case stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecalledCase {
    pub id: CaseId,
    pub phase: Phase,
    pub version: i32,
    /// What part of its fee the agency keeps on what comes in until `fee_until`; null where it had not begun. A dry run tells
    /// it beforehand.
    pub fee_part_bp: Option<BasisPoints>,
    pub fee_until: Option<NaiveDate>,
}

/// Takes a case back from its agency on stated grounds; the creditor's own strategy goes on.
#[utoipa::path(post, path = "/cases/{case_id}/recall", tag = "market", params(("case_id" = CaseId, Path)), request_body = CaseRecall,
    responses((status = 200, body = RecalledCase)))]
pub async fn take_case_back(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<CaseId>,
    command: Command<CaseRecall>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let CaseRecall { ground, note } = &command.input;
    answer(&app, &AsSystem(&*creditor), &command.envelope, StatusCode::OK, async |conn, by| {
        let (case, kept) = market::recall_case(conn, by, (creditor.org, *id), *ground, note.as_deref()).await?;
        Ok::<_, MarketError>(RecalledCase {
            id: case.id,
            phase: case.phase,
            version: case.version,
            fee_part_bp: kept.map(|kept| kept.fee_bp),
            fee_until: kept.map(|kept| kept.until),
        })
    })
    .await
}
