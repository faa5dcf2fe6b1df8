//! API keys over JSON. A secret is in one answer, once: not in a list, not in a repeated answer, not in the database.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{Caller, Command, Page, PageQuery, Problem, Query, answer, is_first, resource},
    parties::{self, AnyMember, ApiKey, Permission, contact::Line},
    types::ApiKeyId,
};

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyInput {
    /// What it is for.
    pub name: Line,
    /// What it may do: any of your organisation's permissions but `administer` and `vet`.
    #[schema(min_items = 1)]
    pub scopes: Vec<Permission>,
}

/// A key just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuedApiKey {
    #[serde(flatten)]
    pub key: ApiKey,
    /// Keep it now: it is shown once. Null when the request is repeated with its Idempotency-Key.
    #[schema(example = "ent_…")]
    pub secret: Option<String>,
}

/// The API keys of your organisation, newest first.
#[utoipa::path(get, path = "/api-keys", tag = "parties", params(PageQuery), responses((status = 200, body = Page<ApiKey>)))]
pub async fn list_api_keys(app: Data<App>, caller: AnyMember, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Administer)?;
    let cursor = query.0.cursor()?;
    let page = app.db.transaction(caller.scope(), async |conn| parties::list_api_keys(conn, caller.org, &cursor).await).await?;
    resource(StatusCode::OK, &page)
}

/// Makes an API key. The answer kept for its Idempotency-Key is the one without the secret.
#[utoipa::path(post, path = "/api-keys", tag = "parties", request_body = ApiKeyInput, responses(
    (status = 201, body = IssuedApiKey), (status = 422, description = "a scope that such a key may not carry")))]
pub async fn create_api_key(app: Data<App>, caller: AnyMember, command: Command<ApiKeyInput>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Administer)?;
    let creator = caller.person()?;
    let ApiKeyInput { name, scopes } = &command.input;
    let mut issued = None;
    let kept = answer(&app, &caller, &command.envelope, StatusCode::CREATED, async |conn, by| {
        let (key, secret) = parties::create_api_key(conn, by, (caller.org, caller.kind), creator, name, scopes).await?;
        issued = Some(IssuedApiKey { key: key.clone(), secret: Some(secret) });
        Ok::<_, parties::PartiesError>(IssuedApiKey { key, secret: None })
    })
    .await?;
    match issued {
        Some(issued) if is_first(&kept) => resource(StatusCode::CREATED, &issued),
        Some(_) | None => Ok(kept),
    }
}

/// Revokes an API key at once and for good.
#[utoipa::path(delete, path = "/api-keys/{id}", tag = "parties", params(("id" = ApiKeyId, Path)),
    responses((status = 204), (status = 404, description = "there is none such in your organisation")))]
pub async fn revoke_api_key(app: Data<App>, caller: AnyMember, id: Path<ApiKeyId>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Administer)?;
    let by = caller.by(app.clock.now());
    app.db.transaction(by.scope, async |conn| parties::revoke_api_key(conn, &by, caller.org, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
