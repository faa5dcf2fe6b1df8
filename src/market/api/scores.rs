//! Scores, ratings and appeals over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{Caller, Command, Page, PageQuery, Problem, Query, answer, resource},
    market::{
        self, MarketError,
        score::{Calibration, Component, Score, score},
        scores::{Appeal, AppealStatus, PublishedScore, Rating},
    },
    parties::{AgencyMember, AnyMember, CreditorMember, OperatorMember, Permission},
    types::{AppealId, Country, EngagementId, OrgId},
};

/// A published score.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoreView {
    pub country: Country,
    #[schema(example = "2026-Q4")]
    pub quarter: String,
    /// Above 1 it corrects an earlier publication.
    pub version: i32,
    /// Over the engagements that ended in this quarter and the three before.
    pub score: Score,
    /// What was promised and what was recovered, by the age of the case.
    pub calibration: Vec<Calibration>,
    pub published_at: DateTime<Utc>,
}

impl From<PublishedScore> for ScoreView {
    fn from(published: PublishedScore) -> Self {
        let PublishedScore { country, quarter, version, score, calibration, published_at, .. } = published;
        Self { country, quarter: quarter.to_string(), version, score, calibration, published_at }
    }
}

/// An agency's scores, latest quarter first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyScores {
    pub agency_id: OrgId,
    /// What counts where nothing is published: the prior of every new agency.
    pub prior: Score,
    pub data: Vec<ScoreView>,
}

/// An agency's published scores with weights, inputs and arithmetic. Every organisation reads them.
#[utoipa::path(get, path = "/agencies/{agency_id}/scores", tag = "market", params(("agency_id" = OrgId, Path)),
    responses((status = 200, body = AgencyScores)))]
pub async fn list_scores(app: Data<App>, member: AnyMember, id: Path<OrgId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| market::list_scores(conn, &by, *id).await).await?;
    let data = found.into_iter().map(ScoreView::from).collect();
    resource(StatusCode::OK, &AgencyScores { agency_id: *id, prior: score(&[]), data })
}

/// Marks for an engagement that has ended, 5 being the best.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EngagementRating {
    /// How your customer was treated.
    #[schema(minimum = 1, maximum = 5)]
    pub treatment: i32,
    /// How well the work was documented.
    #[schema(minimum = 1, maximum = 5)]
    pub documents: i32,
    /// For the agency.
    pub comment: Option<String>,
}

/// A rating as kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct RatingView {
    pub engagement_id: EngagementId,
    pub treatment: i32,
    pub documents: i32,
    pub comment: Option<String>,
}

/// Rates an engagement that has ended, once. It counts in the agency's score.
#[utoipa::path(post, path = "/engagements/{engagement_id}/rating", tag = "market", params(("engagement_id" = EngagementId, Path)),
    request_body = EngagementRating, responses((status = 201, body = RatingView), (status = 409, description = "it runs still, or is rated")))]
pub async fn rate(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<EngagementId>,
    command: Command<EngagementRating>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let EngagementRating { treatment, documents, comment } = command.input;
    answer(&app, &*creditor, &command.envelope, StatusCode::CREATED, async |conn, by| {
        let rating = Rating { treatment, documents, comment: comment.as_deref() };
        market::rate_engagement(conn, by, creditor.org, *id, &rating).await?;
        Ok::<_, MarketError>(RatingView { engagement_id: *id, treatment, documents, comment })
    })
    .await
}

/// An objection to what a score counts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAppeal {
    pub engagement_id: EngagementId,
    /// In which it should not count.
    pub component: Component,
    #[schema(max_length = 4000)]
    pub statement: String,
}

/// An appeal and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppealView {
    pub id: AppealId,
    pub agency_id: OrgId,
    pub engagement_id: EngagementId,
    pub component: Component,
    pub statement: String,
    pub status: AppealStatus,
    /// Why the operator decided so.
    pub decision_note: Option<String>,
    pub filed_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl From<Appeal> for AppealView {
    fn from(appeal: Appeal) -> Self {
        let Appeal { id, agency: agency_id, engagement: engagement_id, component, statement, status, .. } = appeal;
        let Appeal { decision_note, filed_at, decided_at, .. } = appeal;
        Self { id, agency_id, engagement_id, component, statement, status, decision_note, filed_at, decided_at }
    }
}

/// Appeals against a published score: an engagement should not count in one component.
#[utoipa::path(post, path = "/score-appeals", tag = "market", request_body = NewAppeal, responses((status = 201, body = AppealView),
    (status = 409, description = "in no published score, too late, or appealed before")))]
pub async fn appeal(app: Data<App>, agency: AgencyMember, command: Command<NewAppeal>) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Offer)?;
    let NewAppeal { engagement_id, component, statement } = &command.input;
    answer(&app, &*agency, &command.envelope, StatusCode::CREATED, async |conn, by| {
        market::appeal(conn, by, agency.org, (*engagement_id, *component), statement).await.map(AppealView::from)
    })
    .await
}

/// Appeals, newest first: an agency's own, all for the operator.
#[utoipa::path(get, path = "/score-appeals", tag = "market", params(PageQuery), responses((status = 200, body = Page<AppealView>)))]
pub async fn list_appeals(app: Data<App>, member: AnyMember, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let (by, cursor) = (member.by(app.clock.now()), query.0.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| market::list_appeals(conn, &by, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |appeal| appeal.id.0).map(AppealView::from))
}

/// What the operator finds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealDecision {
    pub uphold: bool,
    /// Why; the agency reads it.
    #[schema(max_length = 4000)]
    pub note: String,
}

/// Decides an appeal. Upheld, the scores concerned are published again under the next version.
#[utoipa::path(post, path = "/operator/score-appeals/{appeal_id}/decision", tag = "operator", params(("appeal_id" = AppealId, Path)),
    request_body = AppealDecision, responses((status = 200, body = AppealView)))]
pub async fn decide_appeal(
    app: Data<App>,
    operator: OperatorMember,
    id: Path<AppealId>,
    command: Command<AppealDecision>,
) -> Result<HttpResponse, Problem> {
    operator.may(Permission::Vet)?;
    let AppealDecision { uphold, note } = &command.input;
    answer(&app, &operator, &command.envelope, StatusCode::OK, async |conn, by| {
        market::decide_appeal(conn, by, *id, *uphold, note).await.map(AppealView::from)
    })
    .await
}
