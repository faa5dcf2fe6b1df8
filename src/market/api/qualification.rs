//! Who may be given which case, over HTTP: an agency's scope, a creditor's lists and settings, and why not.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{Caller, IfMatch, Json, Page, PageQuery, Problem, Query, resource},
    market::{
        self,
        circle::{ListedAgency, MarketAgency, Standing},
        qualification::{Scope, Unmet},
        settings::Settings,
    },
    parties::{AgencyMember, CreditorMember, Permission},
    types::{ListingId, OrgId},
};

/// What an agency takes on.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyScope {
    #[serde(flatten)]
    pub scope: Scope,
    /// 0 while nothing was ever said.
    pub version: i32,
}

/// What your agency takes on. Until it says something it takes anything that its papers allow.
#[utoipa::path(get, path = "/agency/scope", tag = "market", responses((status = 200, body = AgencyScope)))]
pub async fn show_scope(app: Data<App>, agency: AgencyMember) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Read)?;
    let by = agency.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| market::agency_scope(conn, &by, agency.org).await).await?;
    resource(StatusCode::OK, &AgencyScope { scope: found.0, version: found.1 })
}

/// Changes what your agency takes on.
#[utoipa::path(put, path = "/agency/scope", tag = "market", request_body = Scope,
    responses((status = 200, body = AgencyScope), (status = 412, description = "it has changed since you read it")))]
pub async fn put_scope(
    app: Data<App>,
    agency: AgencyMember,
    version: IfMatch,
    scope: Json<Scope>,
) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Administer)?;
    let by = agency.by(app.clock.now());
    let version = app
        .db
        .transaction(by.scope, async |conn| market::set_agency_scope(conn, &by, agency.org, version.0, &scope.0).await)
        .await?;
    resource(StatusCode::OK, &AgencyScope { scope: scope.0, version })
}

/// Whether an agency may be given a case, and what is missing if not.
#[derive(Debug, Serialize, ToSchema)]
pub struct Qualification {
    pub qualified: bool,
    /// Each rule that is not met, by its id.
    pub unmet: Vec<Unmet>,
}

/// Whether your agency may bid on a listing or take it, rule by rule.
#[utoipa::path(get, path = "/listings/{listing_id}/qualification", tag = "market", params(("listing_id" = ListingId, Path)),
    responses((status = 200, body = Qualification)))]
pub async fn show_qualification(app: Data<App>, agency: AgencyMember, id: Path<ListingId>) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Read)?;
    let by = agency.by(app.clock.now());
    let unmet = app.db.transaction(by.scope, async |conn| market::qualification_for(conn, &by, agency.org, *id).await).await?;
    resource(StatusCode::OK, &Qualification { qualified: unmet.is_empty(), unmet })
}

/// What a creditor asks of the market.
#[derive(Debug, Serialize, ToSchema)]
pub struct MarketSettings {
    #[serde(flatten)]
    pub settings: Settings,
    /// 0 while nothing was ever said.
    pub version: i32,
}

/// What you ask of the market.
#[utoipa::path(get, path = "/market-settings", tag = "market", responses((status = 200, body = MarketSettings)))]
pub async fn show_settings(app: Data<App>, creditor: CreditorMember) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let found = app.db.transaction(by.scope, async |conn| market::market_settings(conn, &by, creditor.org).await).await?;
    resource(StatusCode::OK, &MarketSettings { settings: found.0, version: found.1 })
}

/// Changes what you ask of the market; listings that are out keep what they were posted with.
#[utoipa::path(put, path = "/market-settings", tag = "market", request_body = Settings,
    responses((status = 200, body = MarketSettings), (status = 412, description = "they have changed since you read them")))]
pub async fn put_settings(
    app: Data<App>,
    creditor: CreditorMember,
    version: IfMatch,
    settings: Json<Settings>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let by = creditor.by(app.clock.now());
    let version = app
        .db
        .transaction(by.scope, async |conn| market::set_market_settings(conn, &by, creditor.org, version.0, &settings.0).await)
        .await?;
    resource(StatusCode::OK, &MarketSettings { settings: settings.0, version })
}

/// Agencies with a licence in force, newest first, and where they stand with you.
#[utoipa::path(get, path = "/agencies", tag = "market", params(PageQuery), responses((status = 200, body = Page<MarketAgency>)))]
pub async fn list_market_agencies(
    app: Data<App>,
    creditor: CreditorMember,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let (by, cursor) = (creditor.by(app.clock.now()), query.0.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| market::list_agencies(conn, &by, creditor.org, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(found, |agency| agency.id.0))
}

/// Your circle and your block list, by name.
#[utoipa::path(get, path = "/agency-list", tag = "market", responses((status = 200, body = Page<ListedAgency>)))]
pub async fn list_listed(app: Data<App>, creditor: CreditorMember) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| market::list_circle(conn, &by, creditor.org).await).await?;
    resource(StatusCode::OK, &Page { data, next_cursor: None })
}

/// On which list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStanding {
    pub standing: Standing,
}

/// Invites an agency into your circle, or blocks it. It is not told.
#[utoipa::path(put, path = "/agency-list/{agency_id}", tag = "market", params(("agency_id" = OrgId, Path)), request_body = NewStanding,
    responses((status = 200, body = ListedAgency)))]
pub async fn put_standing(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<OrgId>,
    new: Json<NewStanding>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let by = creditor.by(app.clock.now());
    let listed =
        app.db.transaction(by.scope, async |conn| market::set_standing(conn, &by, creditor.org, *id, new.0.standing).await);
    resource(StatusCode::OK, &listed.await?)
}

/// Takes an agency off your lists.
#[utoipa::path(delete, path = "/agency-list/{agency_id}", tag = "market", params(("agency_id" = OrgId, Path)),
    responses((status = 204, description = "on neither list")))]
pub async fn drop_from_list(app: Data<App>, creditor: CreditorMember, id: Path<OrgId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    let by = creditor.by(app.clock.now());
    app.db.transaction(by.scope, async |conn| market::drop_standing(conn, &by, creditor.org, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
