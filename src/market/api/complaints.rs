//! Complaints over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    http::{Caller, Command, Nothing, Page, PageQuery, Problem, Query, answer, resource},
    market::{
        self, Complaint,
        complaints::{Complainant, ComplaintGround, ComplaintStatus, Evidence, Finding, NewComplaint, Severity},
    },
    parties::{AgencyMember, AnyMember, CreditorMember, OperatorMember, Permission},
    types::{CaseId, ComplaintId, EngagementId, OrgId},
};

/// A complaint about an agency.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComplaintView {
    pub id: ComplaintId,
    pub engagement_id: EngagementId,
    pub case_id: CaseId,
    pub agency_id: OrgId,
    pub complainant: Complainant,
    pub ground: ComplaintGround,
    pub statement: String,
    #[schema(inline)]
    pub evidence: Evidence,
    pub status: ComplaintStatus,
    /// What the agency says to it.
    pub answer: Option<String>,
    #[schema(inline)]
    pub answer_evidence: Option<Evidence>,
    /// Of an upheld one: what it weighs in the score.
    pub severity: Option<Severity>,
    /// Why the operator decided so.
    pub decision_note: Option<String>,
    pub filed_at: DateTime<Utc>,
    pub answer_by: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    pub decide_by: DateTime<Utc>,
    /// When it was decided, or withdrawn.
    pub decided_at: Option<DateTime<Utc>>,
}

impl From<Complaint> for ComplaintView {
    fn from(complaint: Complaint) -> Self {
        Self {
            id: complaint.id,
            engagement_id: complaint.engagement,
            case_id: complaint.case,
            agency_id: complaint.agency,
            complainant: complaint.complainant,
            ground: complaint.ground,
            statement: complaint.statement,
            evidence: complaint.evidence,
            status: complaint.status,
            answer: complaint.answer,
            answer_evidence: complaint.answer_evidence,
            severity: complaint.severity,
            decision_note: complaint.decision_note,
            filed_at: complaint.filed_at,
            answer_by: complaint.answer_by,
            answered_at: complaint.answered_at,
            decide_by: complaint.decide_by,
            decided_at: complaint.decided_at,
        }
    }
}

/// What an agency is said to have done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintFiling {
    /// The last engagement on the case unless said.
    pub engagement_id: Option<EngagementId>,
    pub ground: ComplaintGround,
    #[schema(max_length = 4000)]
    pub statement: String,
    #[serde(default)]
    #[schema(inline)]
    pub evidence: Evidence,
}

/// Complains about the agency that holds or held a case. It has ten working days to answer, then the operator decides.
#[utoipa::path(post, path = "/cases/{case_id}/complaints", tag = "market", params(("case_id" = CaseId, Path)),
    request_body = ComplaintFiling, responses((status = 201, body = ComplaintView),
    (status = 409, description = "the same complaint is open, or the engagement ended a year ago")))]
pub async fn file(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<CaseId>,
    command: Command<ComplaintFiling>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let ComplaintFiling { engagement_id: engagement, ground, statement, evidence } = command.input;
    let new = NewComplaint { engagement, ground, statement: &statement, evidence };
    answer(&app, &*creditor, &command.envelope, StatusCode::CREATED, async |conn, by| {
        market::file_complaint(conn, by, (Complainant::Creditor, *id), new).await.map(ComplaintView::from)
    })
    .await
}

/// Which complaints.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ComplaintQuery {
    pub status: Option<ComplaintStatus>,
    /// Rows wanted, 1 to 200 (50 unless said).
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Complaints, newest first: a creditor's about agencies on its cases, an agency's about itself, all for the operator.
#[utoipa::path(get, path = "/complaints", tag = "market", params(ComplaintQuery),
    responses((status = 200, body = Page<ComplaintView>)))]
pub async fn list_complaints(app: Data<App>, member: AnyMember, query: Query<ComplaintQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let ComplaintQuery { status, limit, cursor } = query.0;
    let (by, cursor) = (member.by(app.clock.now()), PageQuery { limit, cursor }.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| market::list_complaints(conn, &by, status, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |complaint| complaint.id.0).map(ComplaintView::from))
}

/// One complaint.
#[utoipa::path(get, path = "/complaints/{complaint_id}", tag = "market", params(("complaint_id" = ComplaintId, Path)),
    responses((status = 200, body = ComplaintView)))]
pub async fn show_complaint(app: Data<App>, member: AnyMember, id: Path<ComplaintId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| market::find_complaint(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &ComplaintView::from(found))
}

/// What the agency says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintAnswer {
    #[schema(max_length = 4000)]
    pub answer: String,
    #[serde(default)]
    #[schema(inline)]
    pub evidence: Evidence,
}

/// The agency answers, once, in time.
#[utoipa::path(post, path = "/complaints/{complaint_id}/answer", tag = "market", params(("complaint_id" = ComplaintId, Path)),
    request_body = ComplaintAnswer, responses((status = 200, body = ComplaintView)))]
pub async fn answer_to(
    app: Data<App>,
    agency: AgencyMember,
    id: Path<ComplaintId>,
    command: Command<ComplaintAnswer>,
) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Offer)?;
    let ComplaintAnswer { answer: text, evidence } = command.input;
    answer(&app, &*agency, &command.envelope, StatusCode::OK, async |conn, by| {
        market::answer_complaint(conn, by, *id, &text, evidence).await.map(ComplaintView::from)
    })
    .await
}

/// The creditor takes its complaint back.
#[utoipa::path(post, path = "/complaints/{complaint_id}/withdrawal", tag = "market", params(("complaint_id" = ComplaintId, Path)),
    request_body = Nothing, responses((status = 200, body = ComplaintView)))]
pub async fn withdraw_complaint(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<ComplaintId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    answer(&app, &*creditor, &command.envelope, StatusCode::OK, async |conn, by| {
        market::withdraw_complaint(conn, by, *id).await.map(ComplaintView::from)
    })
    .await
}

/// What the operator finds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintDecision {
    /// Null: the complaint is dismissed. Else it is upheld, and weighs so much.
    pub severity: Option<Severity>,
    /// Why; both sides read it.
    #[schema(max_length = 4000)]
    pub note: String,
}

/// Decides a complaint that was answered, or whose time to be answered is over.
#[utoipa::path(post, path = "/operator/complaints/{complaint_id}/decision", tag = "operator",
    params(("complaint_id" = ComplaintId, Path)), request_body = ComplaintDecision, responses((status = 200, body = ComplaintView),
    (status = 409, description = "decided or withdrawn, or the agency may still answer")))]
pub async fn decide_complaint(
    app: Data<App>,
    operator: OperatorMember,
    id: Path<ComplaintId>,
    command: Command<ComplaintDecision>,
) -> Result<HttpResponse, Problem> {
    operator.may(Permission::Vet)?;
    let ComplaintDecision { severity, note } = &command.input;
    answer(&app, &operator, &command.envelope, StatusCode::OK, async |conn, by| {
        let finding = Finding { severity: *severity, note };
        market::decide_complaint(conn, by, *id, &finding).await.map(ComplaintView::from)
    })
    .await
}
