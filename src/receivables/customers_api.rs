//! Customers as people keep them: near matches, groups, contacts, and the traces of what was changed.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{ContactDraft, Debtor, DebtorContact, DebtorEvent, DebtorMatch, Group, MatchDecision};
use crate::{
    app::App,
    http::{Caller, Command, Json, Page, PageQuery, Problem, Query, answer, resource},
    parties::{AnyMember, CreditorMember, Permission},
    types::{ContactId, DebtorId, DebtorMatchId, Language},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(
    put_locale,
    put_parent,
    show_group,
    list_customer_events,
    list_customer_contacts,
    post_contact,
    put_contact,
    delete_contact,
    list_debtor_matches,
    decide_debtor_match
))]
pub struct Docs;

/// In which language and on whose clock.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Locale {
    pub language: Language,
    /// The one of the country unless given.
    #[schema(example = "Europe/Madrid")]
    pub time_zone: Option<String>,
}

/// Says in which language a customer is written to, and where its days begin and end.
#[utoipa::path(put, path = "/debtors/{id}/locale", tag = "receivables", request_body = Locale, params(("id" = DebtorId, Path)),
    responses((status = 200, body = Debtor), (status = 404, description = "there is none such that you can see"), (status = 422, description = "no time zone")))]
pub async fn put_locale(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<DebtorId>,
    said: Json<Locale>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let (by, Locale { language, time_zone }) = (creditor.by(app.clock.now()), said.0);
    let set = app.db.transaction(by.scope, async |conn| super::set_locale(conn, &by, *id, language, time_zone.as_deref()).await);
    resource(StatusCode::OK, &set.await?)
}

/// Whose site a customer is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// None: it stands for itself.
    pub parent_id: Option<DebtorId>,
}

/// Says whose site a customer is.
#[utoipa::path(put, path = "/debtors/{id}/parent", tag = "receivables", request_body = Parent, params(("id" = DebtorId, Path)),
    responses((status = 200, body = Debtor), (status = 404, description = "there is none such that you can see"), (status = 422, description = "a group has one level")))]
pub async fn put_parent(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<DebtorId>,
    said: Json<Parent>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let (by, parent) = (creditor.by(app.clock.now()), said.0.parent_id);
    let set = app.db.transaction(by.scope, async |conn| super::set_parent(conn, &by, *id, parent).await);
    resource(StatusCode::OK, &set.await?)
}

/// What a customer and all its sites owe together.
#[utoipa::path(get, path = "/debtors/{id}/group", tag = "receivables", params(("id" = DebtorId, Path)),
    responses((status = 200, body = Group), (status = 404, description = "there is none such that you can see")))]
pub async fn show_group(app: Data<App>, creditor: CreditorMember, id: Path<DebtorId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let group = app.db.transaction(by.scope, async |conn| super::group_of(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &group)
}

/// Up to 200 lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerEvents {
    pub data: Vec<DebtorEvent>,
}

/// What became of a customer's record: mergers, decisions to keep apart, parents. Newest first.
#[utoipa::path(get, path = "/debtors/{id}/events", tag = "receivables", params(("id" = DebtorId, Path)),
    responses((status = 200, body = CustomerEvents), (status = 404, description = "there is none such that you can see")))]
pub async fn list_customer_events(app: Data<App>, creditor: CreditorMember, id: Path<DebtorId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let by = creditor.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| super::list_debtor_events(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &CustomerEvents { data })
}

/// People at a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerContacts {
    pub data: Vec<DebtorContact>,
}

/// People at a customer. Agencies see those of the cases they hold.
#[utoipa::path(get, path = "/debtors/{id}/contacts", tag = "receivables", params(("id" = DebtorId, Path)),
    responses((status = 200, body = CustomerContacts), (status = 404, description = "there is none such that you can see")))]
pub async fn list_customer_contacts(app: Data<App>, caller: AnyMember, id: Path<DebtorId>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Read)?;
    let by = caller.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| super::list_contacts(conn, &by, *id).await).await?;
    resource(StatusCode::OK, &CustomerContacts { data })
}

/// Adds a person at a customer.
#[utoipa::path(post, path = "/debtors/{id}/contacts", tag = "receivables", request_body = ContactDraft, params(("id" = DebtorId, Path)),
    responses((status = 201, body = DebtorContact), (status = 404, description = "there is none such that you can see"), (status = 422, description = "a value is wrong")))]
pub async fn post_contact(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<DebtorId>,
    command: Command<ContactDraft>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    answer(&app, &*creditor, &command.envelope, StatusCode::CREATED, async |conn, by| {
        super::add_contact(conn, by, *id, &command.input).await
    })
    .await
}

/// Changes what is told of a person. Another mail address is no longer one that bounced.
#[utoipa::path(put, path = "/contacts/{id}", tag = "receivables", request_body = ContactDraft, params(("id" = ContactId, Path)),
    responses((status = 200, body = DebtorContact), (status = 404, description = "there is none such that you can see"), (status = 422, description = "a value is wrong")))]
pub async fn put_contact(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<ContactId>,
    said: Json<ContactDraft>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let by = creditor.by(app.clock.now());
    let changed = app.db.transaction(by.scope, async |conn| super::change_contact(conn, &by, *id, &said.0).await);
    resource(StatusCode::OK, &changed.await?)
}

/// Removes a person: nobody writes to them any more.
#[utoipa::path(delete, path = "/contacts/{id}", tag = "receivables", params(("id" = ContactId, Path)),
    responses((status = 204, description = "removed"), (status = 404, description = "there is none such that you can see")))]
pub async fn delete_contact(app: Data<App>, creditor: CreditorMember, id: Path<ContactId>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let by = creditor.by(app.clock.now());
    app.db.transaction(by.scope, async |conn| super::remove_contact(conn, &by, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Customers that may be one, newest first. Nothing is merged before a person says so.
#[utoipa::path(get, path = "/debtor-matches", tag = "receivables", params(PageQuery), responses((status = 200, body = Page<DebtorMatch>)))]
pub async fn list_debtor_matches(
    app: Data<App>,
    creditor: CreditorMember,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::Read)?;
    let (by, cursor) = (creditor.by(app.clock.now()), query.0.cursor()?);
    let rows = app.db.transaction(by.scope, async |conn| super::list_matches(conn, &by, cursor).await).await?;
    resource(StatusCode::OK, &cursor.page(rows, |offer| offer.id.0))
}

/// What a person makes of a match.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DebtorMatchVerdict)]
pub struct Decision {
    pub decision: MatchDecision,
    /// The one that stays; the earlier unless given.
    pub keep: Option<DebtorId>,
}

/// Merges two customers, or keeps them apart for good. Invoices in no case move to the one that stays; a case stays as it is.
#[utoipa::path(post, path = "/debtor-matches/{id}/decision", tag = "receivables", request_body = Decision, params(("id" = DebtorMatchId, Path)),
    responses((status = 200, body = DebtorMatch), (status = 404, description = "there is none such that you can see"),
        (status = 409, description = "decided before"), (status = 422, description = "the one to keep is neither of them")))]
pub async fn decide_debtor_match(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<DebtorMatchId>,
    command: Command<Decision>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let Decision { decision, keep } = command.input;
    answer(&app, &*creditor, &command.envelope, StatusCode::OK, async |conn, by| {
        super::decide_match(conn, by, *id, decision, keep).await
    })
    .await
}
