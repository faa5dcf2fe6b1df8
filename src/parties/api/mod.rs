//! Parties over JSON: sign-up and "who am I" here, sessions, members and keys, and agencies' papers beside.

pub mod account_changes;
pub mod credentials;
pub mod keys;
pub mod members;
pub mod proof;
pub mod sessions;

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{
    AnyMember, Company, Member, NewMember, Organisation, PartiesError, Permission, Role, SignUpKind,
    contact::{Email, Line, Phone},
    organisation::CompanyAddress,
    passwords,
};
use crate::{
    app::App,
    db::By,
    http::{Caller, Command, Problem, answer, resource},
    types::{Country, Iban, Language},
};

#[derive(OpenApi)]
#[openapi(
    paths(
        sign_up,
        me,
        sessions::log_in,
        sessions::refresh_session,
        sessions::log_out,
        proof::show_proof,
        members::list_members,
        members::add_member,
        account_changes::show_account_change,
        account_changes::ask_for_account,
        account_changes::confirm_account,
        account_changes::cancel_account_change,
        keys::list_api_keys,
        keys::create_api_key,
        keys::revoke_api_key,
        credentials::list_own_credentials,
        credentials::submit_credential,
        credentials::list_credentials,
        credentials::decide_credential
    ),
    tags(
        (name = "parties", description = "Organisations, their people and keys, agencies' licences and insurances"),
        (name = "sessions", description = "Logging in and out"),
        (name = "operator", description = "What the platform's operator decides")
    )
)]
pub struct Docs;

/// A creditor or an agency and its first administrator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    pub kind: SignUpKind,
    /// Spanish NIF or CIF, French SIREN or SIRET, or an EU VAT number; check digits are verified. With `country`
    /// given, a VAT number may come without its prefix.
    #[schema(example = "A46353538")]
    pub company_number: String,
    pub legal_name: Line,
    /// Taken from the company number unless said; must agree with it.
    pub country: Option<Country>,
    /// A creditor's: where payouts go. An agency's: its client account.
    pub iban: Iban,
    pub address: CompanyAddress,
    pub email: Email,
    pub phone: Option<Phone>,
    /// In which we write to the organisation; that of its country unless said.
    pub language: Option<Language>,
    pub admin: Admin,
}

/// The first administrator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    pub full_name: Line,
    pub email: Email,
    /// At most 256 characters, hard to guess.
    #[schema(value_type = String, format = Password, max_length = 256)]
    pub password: SecretString,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SignedUp {
    pub organisation: Organisation,
    pub member: Member,
}

/// Whoever is not known yet.
struct Stranger;

impl Caller for Stranger {
    fn by(&self, at: DateTime<Utc>) -> By {
        By::engine(at)
    }
}

/// Signs up a creditor or an agency. The administrator logs in with `POST /sessions` next.
#[utoipa::path(post, path = "/sign-up", tag = "parties", request_body = SignUp, security(()), responses(
    (status = 201, body = SignedUp), (status = 409, description = "the enterprise or the mail address is here already"),
    (status = 422, description = "a number whose check digits are wrong, a weak password, …")))]
pub async fn sign_up(app: Data<App>, command: Command<SignUp>) -> Result<HttpResponse, Problem> {
    let SignUp { kind, company_number, legal_name, country, iban, address, email, phone, language, admin } = command.input;
    let about = [&admin.full_name, &legal_name].map(ToString::to_string).into_iter().chain([admin.email.to_string()]);
    let hash = passwords::hash(admin.password, about.collect())
        .await
        .map_err(|error| PartiesError::Password("/admin/password", error))?;
    let company = Company { company_number, legal_name, country, iban, address, email, phone, language };
    answer(&app, &Stranger, &command.envelope, StatusCode::CREATED, async |conn, by| {
        let admin = NewMember {
            email: &admin.email,
            full_name: &admin.full_name,
            role: Role::Admin,
            language,
            password_hash: &hash,
            email_pointer: "/admin/email",
        };
        let (organisation, member) = super::sign_up(conn, by, kind, &company, &admin).await?;
        Ok::<_, PartiesError>(SignedUp { organisation, member })
    })
    .await
}

/// Who the bearer of this token is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub organisation: Organisation,
    /// Null behind an API key.
    pub member: Option<Member>,
    /// The member's full name, or the API key's.
    pub name: String,
    pub permissions: Vec<Permission>,
}

/// Who am I, and what may I do?
#[utoipa::path(get, path = "/me", tag = "parties", responses((status = 200, body = Me)))]
pub async fn me(app: Data<App>, caller: AnyMember) -> Result<HttpResponse, Problem> {
    let by = caller.by(app.clock.now());
    let (organisation, member) = app
        .db
        .transaction(caller.scope(), async |conn| {
            let organisation = super::find_organisation(conn, &by, caller.org).await?;
            let member = match caller.member {
                Some(id) => Some(super::find_member(conn, caller.org, id).await?),
                None => None,
            };
            Ok::<_, PartiesError>((organisation, member))
        })
        .await?;
    resource(
        StatusCode::OK,
        &Me { organisation, member, name: caller.name().to_owned(), permissions: caller.permissions().to_vec() },
    )
}
