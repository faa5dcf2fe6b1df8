//! Signing up: a creditor or an agency, by its company number and its account, and its first administrator, who is logged in.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Fields, Refused, log_in, threshold::Threshold};
use crate::{
    app::App,
    db::{By, Scope},
    http::{Problem, limits::client_address},
    paper::Frame,
    parties::{
        self, Company, NewMember, PartiesError, Role, SignUpKind,
        organisation::CompanyAddress,
        passwords,
        sessions::{self, Account},
        throttle,
    },
    types::{Clock, Country},
};

/// A field of the form: its name, its type, what a browser may fill it with, and whether it needs a word of explanation.
type Field = (&'static str, &'static str, &'static str, bool);

const COMPANY: &[Field] = &[
    ("company_number", "text", "off", true),
    ("legal_name", "text", "organization", false),
    ("street", "text", "address-line1", false),
    ("postal_code", "text", "postal-code", false),
    ("city", "text", "address-level2", false),
    ("company_email", "email", "off", true),
    ("iban", "text", "off", true),
];
const ADMINISTRATOR: &[Field] = &[
    ("full_name", "text", "name", false),
    ("email", "email", "username", false),
    ("new_password", "password", "new-password", true),
];

#[derive(Template)]
#[template(path = "portal/sign_up.html")]
struct SignUpPage<'a> {
    threshold: &'a Threshold,
    frame: &'a Frame,
    refused: &'a Refused,
    groups: [(&'static str, &'static [Field]); 2],
}

/// # Errors
/// No randomness.
pub async fn show(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    page(&app, &request, &Refused::nothing())
}

fn page(app: &App, request: &HttpRequest, refused: &Refused) -> Result<HttpResponse, Problem> {
    let threshold = Threshold::of(request, "portal.sign_up.title", "/portal/sign-up".to_owned())?;
    let groups = [("company", COMPANY), ("administrator", ADMINISTRATOR)];
    let page = SignUpPage { frame: &threshold.frame, threshold: &threshold, refused, groups };
    threshold.show(app, refused.status(), &page)
}

/// Signs up, and opens a session.
///
/// # Errors
/// What is not the form's fault.
pub async fn open(app: Data<App>, request: HttpRequest, fields: Fields) -> Result<HttpResponse, Problem> {
    match signed_up(&app, &request, &fields).await {
        Ok(account) => log_in::let_in(&app, &request, &account, "/portal").await,
        Err(problem) => page(&app, &request, &fields.refused(problem)?),
    }
}

async fn signed_up(app: &App, request: &HttpRequest, fields: &Fields) -> Result<Account, Problem> {
    let now = Clock::real().now();
    let attempt = throttle::LOG_IN.attempt(fields.text("email"), client_address(request), now);
    attempt.map_err(|retry_after_seconds| PartiesError::TooManyAttempts { retry_after_seconds })?;
    let kind: SignUpKind = fields.parse("kind")?;
    let language = fields.parse_optional("language")?;
    let company = Company {
        company_number: fields.text("company_number").to_owned(),
        legal_name: fields.parse("legal_name")?,
        country: fields.parse_optional::<Country>("country")?,
        iban: fields.parse("iban")?,
        address: CompanyAddress {
            street: fields.parse("street")?,
            postal_code: fields.parse("postal_code")?,
            city: fields.parse("city")?,
        },
        email: fields.parse("company_email")?,
        phone: None,
        language,
    };
    let (full_name, email) = (fields.parse("full_name")?, fields.parse("email")?);
    let about = vec![format!("{full_name}"), company.legal_name.to_string(), format!("{email}")];
    let hash = passwords::hash(fields.secret("new_password"), about)
        .await
        .map_err(|error| PartiesError::Password("/new_password", error))?;
    let account = app
        .db
        .transaction(Scope::System, async |conn| {
            let admin = NewMember {
                email: &email,
                full_name: &full_name,
                role: Role::Admin,
                language,
                password_hash: &hash,
                email_pointer: "/email",
            };
            let by = By::engine(app.clock.now());
            let (_, member) = parties::sign_up(conn, &by, kind, &company, &admin).await?;
            sessions::find_account_of(conn, member.id).await?.ok_or(PartiesError::NotFound)
        })
        .await?;
    Ok(account)
}
