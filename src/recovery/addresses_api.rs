//! Addresses that reach nobody, over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use utoipa::OpenApi;

use super::addresses::{self, UnreachableAddress};
use crate::{
    app::App,
    http::{Caller, Page, Problem, resource},
    parties::{AnyMember, CreditorMember, Permission},
    types::{DebtorId, UnreachableAddressId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(list_unreachable_addresses, clear_unreachable_address), components(schemas(UnreachableAddress)))]
pub struct Docs;

/// Addresses of a customer that nothing is sent to, because what was sent there came back or it asked for no more. Another address
/// of the same customer is used as soon as it is known.
#[utoipa::path(get, path = "/debtors/{id}/unreachable-addresses", tag = "recovery", params(("id" = DebtorId, Path)), responses((status = 200, body = Page<UnreachableAddress>)))]
pub async fn list_unreachable_addresses(app: Data<App>, member: AnyMember, id: Path<DebtorId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| addresses::list_of_debtor(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &Page { data, next_cursor: None })
}

/// Says that an address was checked: it is used again.
#[utoipa::path(delete, path = "/unreachable-addresses/{address_id}", tag = "recovery", params(("address_id" = UnreachableAddressId, Path)), responses((status = 204, description = "used again")))]
pub async fn clear_unreachable_address(
    app: Data<App>,
    member: CreditorMember,
    id: Path<UnreachableAddressId>,
) -> Result<HttpResponse, Problem> {
    member.may(Permission::PostCases)?;
    let by = member.by(app.clock.now());
    app.db.transaction(by.scope, async |conn| addresses::clear(conn, &by, member.org, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
