//! The people of an organisation over JSON.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{Command, Page, PageQuery, Problem, Query, answer, envelope::Envelope, resource},
    parties::{
        self, AnyMember, Member, NewMember, PartiesError, Permission, Role,
        contact::{Email, Line},
        passwords, tokens,
    },
    types::Language,
};

/// A person to be taken in, with a password to be handed over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberInput {
    pub full_name: Line,
    pub email: Email,
    pub role: Role,
    /// The organisation's unless said.
    pub language: Option<Language>,
    #[schema(value_type = String, format = Password, max_length = 256)]
    pub password: SecretString,
}

/// The people of your organisation, newest first.
#[utoipa::path(get, path = "/members", tag = "parties", params(PageQuery), responses((status = 200, body = Page<Member>)))]
pub async fn list_members(app: Data<App>, caller: AnyMember, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Administer)?;
    let cursor = query.0.cursor()?;
    let page = app.db.transaction(caller.scope(), async |conn| parties::list_members(conn, caller.org, &cursor).await).await?;
    resource(StatusCode::OK, &page)
}

/// Takes a person into your organisation.
#[utoipa::path(post, path = "/members", tag = "parties", request_body = MemberInput, responses(
    (status = 201, body = Member), (status = 409, description = "the mail address is here already"),
    (status = 422, description = "no such role in such an organisation, or a weak password")))]
pub async fn add_member(app: Data<App>, caller: AnyMember, command: Command<MemberInput>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Administer)?;
    let envelope = without_password(&command);
    let MemberInput { full_name, email, role, language, password } = command.input;
    let about = vec![full_name.to_string(), email.to_string()];
    let hash = passwords::hash(password, about).await.map_err(|error| PartiesError::Password("/password", error))?;
    answer(&app, &caller, &envelope, StatusCode::CREATED, async |conn, by| {
        let new =
            NewMember { email: &email, full_name: &full_name, role, language, password_hash: &hash, email_pointer: "/email" };
        let organisation = parties::find_organisation(conn, by, caller.org).await?;
        parties::add_member(conn, by, &organisation, &new).await
    })
    .await
}

/// A plain hash of a body with a password in it would be a shortcut around argon2id: the kept hash is over the rest.
fn without_password(command: &Command<MemberInput>) -> Envelope {
    let MemberInput { full_name, email, role, language, .. } = &command.input;
    let rest = format!("POST member\n{full_name}\n{email}\n{role}\n{}", language.map_or("", Language::as_str));
    Envelope { hash: tokens::hash(&rest), ..command.envelope.clone() }
}
