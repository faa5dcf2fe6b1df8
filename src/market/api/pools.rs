//! Pools over HTTP: a creditor's consent for one case.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{Caller, Command, Nothing, Problem, answer, resource},
    market::{self, MarketTerms, Pooling},
    parties::{CreditorMember, Permission},
    types::CaseId,
};

/// Whether a creditor lets a small claim be offered together with those of others on the same debtor. Null: it does not.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoolingView {
    pub case_id: CaseId,
    /// Then it goes on the market: with the others of that day if there are any, alone otherwise. The first in rank is awarded.
    pub opens_at: Option<DateTime<Utc>>,
    pub consented_at: Option<DateTime<Utc>>,
}

impl PoolingView {
    fn of(case_id: CaseId, pooling: Option<Pooling>) -> Self {
        let (opens_at, consented_at) = pooling.map(|pooling| (pooling.opens_at, pooling.consented_at)).unzip();
        Self { case_id, opens_at, consented_at }
    }
}

/// Consents to a small claim being pooled: on the next opening day it goes on the market in one lot with the small claims of
/// other creditors on the same debtor, for one offer and one agency. Whether there are others nobody learns before.
#[utoipa::path(post, path = "/cases/{case_id}/pooling", tag = "market", params(("case_id" = CaseId, Path)), request_body = Nothing,
    responses((status = 201, body = PoolingView)))]
pub async fn join_pool(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<CaseId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let terms = MarketTerms::of(&app);
    answer(&app, &*creditor, &command.envelope, StatusCode::CREATED, async |conn, by| {
        market::join_pool(conn, by, terms, *id).await.map(|pooling| PoolingView::of(*id, Some(pooling)))
    })
    .await
}

/// The consent that stands for a case, if one does.
#[utoipa::path(get, path = "/cases/{case_id}/pooling", tag = "market", params(("case_id" = CaseId, Path)),
    responses((status = 200, body = PoolingView)))]
pub async fn show_pooling(app: Data<App>, creditor: CreditorMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| market::pooling_of(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &PoolingView::of(*id, found))
}

/// Takes the consent back before the pool opens.
#[utoipa::path(delete, path = "/cases/{case_id}/pooling", tag = "market", params(("case_id" = CaseId, Path)),
    responses((status = 204, description = "in no pool")))]
pub async fn leave_pool(app: Data<App>, creditor: CreditorMember, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let by = creditor.by(app.clock.now());
    app.db.transaction(by.scope, async |conn| market::leave_pool(conn, &by, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
