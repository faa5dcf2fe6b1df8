//! The daily reconciliation over HTTP: for the operator.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::Reconciliation;
use crate::{
    app::App,
    http::{AsSystem, Caller, Command, Nothing, Problem, Query, answer, resource},
    parties::{OperatorMember, Permission},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(show_reconciliation, run_reconciliation), components(schemas(Reconciliation)))]
pub struct Docs;

/// `?day=`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DayQuery {
    /// Today unless said.
    pub day: Option<NaiveDate>,
}

/// What a day's run found to differ, oldest first; an empty list is the goal.
#[utoipa::path(get, path = "/operator/reconciliation", tag = "bank", params(DayQuery), responses((status = 200, body = Reconciliation)))]
pub async fn show_reconciliation(
    app: Data<App>,
    operator: OperatorMember,
    query: Query<DayQuery>,
) -> Result<HttpResponse, Problem> {
    operator.may(Permission::Read)?;
    let by = operator.by(app.clock.now());
    let day = query.0.day.unwrap_or_else(|| by.at.date_naive());
    let found = app.db.transaction(by.scope, async |conn| super::find(conn, day).await).await?;
    resource(StatusCode::OK, &found)
}

/// Reconciles now, in place of what today's run found earlier.
#[utoipa::path(post, path = "/operator/reconciliation", tag = "bank", request_body = Nothing, responses((status = 200, body = Reconciliation)))]
pub async fn run_reconciliation(
    app: Data<App>,
    operator: OperatorMember,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    operator.may(Permission::Administer)?;
    answer(&app, &AsSystem(&*operator), &command.envelope, StatusCode::OK, async |conn, by| {
        super::run(conn, by, by.at.date_naive()).await
    })
    .await
}
