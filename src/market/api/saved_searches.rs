//! Saved searches over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};

use super::listings::ListingView;
use crate::{
    app::App,
    http::{Caller, Command, Page, PageQuery, Problem, Query, answer, resource},
    market::{self, NewSavedSearch, SavedSearch},
    parties::{AgencyMember, OrgKind, Permission},
    types::SavedSearchId,
};

/// The searches your agency keeps, by name.
#[utoipa::path(get, path = "/saved-searches", tag = "market", responses((status = 200, body = Page<SavedSearch>)))]
pub async fn list_saved_searches(app: Data<App>, agency: AgencyMember) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Read)?;
    let by = agency.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| market::list_searches(conn, &by, agency.org).await).await?;
    resource(StatusCode::OK, &Page { data, next_cursor: None })
}

/// Keeps a search; with `alerts` your agency is told of each new listing that matches.
#[utoipa::path(post, path = "/saved-searches", tag = "market", request_body = NewSavedSearch,
    responses((status = 201, body = SavedSearch), (status = 409, description = "the name is used already")))]
pub async fn save(app: Data<App>, agency: AgencyMember, command: Command<NewSavedSearch>) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Offer)?;
    answer(&app, &*agency, &command.envelope, StatusCode::CREATED, async |conn, by| {
        market::save_search(conn, by, agency.org, &command.input).await
    })
    .await
}

/// Forgets a search.
#[utoipa::path(delete, path = "/saved-searches/{search_id}", tag = "market", params(("search_id" = SavedSearchId, Path)),
    responses((status = 204, description = "forgotten")))]
pub async fn forget(app: Data<App>, agency: AgencyMember, id: Path<SavedSearchId>) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Offer)?;
    let by = agency.by(app.clock.now());
    app.db.transaction(by.scope, async |conn| market::delete_search(conn, &by, agency.org, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Open listings that a saved search matches, newest first.
#[utoipa::path(get, path = "/saved-searches/{search_id}/listings", tag = "market", params(("search_id" = SavedSearchId, Path), PageQuery),
    responses((status = 200, body = Page<ListingView>)))]
pub async fn run(
    app: Data<App>,
    agency: AgencyMember,
    id: Path<SavedSearchId>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Read)?;
    let (by, cursor) = (agency.by(app.clock.now()), query.0.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| {
        let search = market::find_search(conn, &by, agency.org, *id).await?;
        market::list_listings(conn, &by, &search.criteria, cursor).await
    });
    let page = cursor.page(found.await?, |listing| listing.id.0);
    resource(StatusCode::OK, &page.map(|listing| ListingView::of(listing, OrgKind::Agency)))
}
