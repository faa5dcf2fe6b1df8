//! Whoever is logged in behind a browser. As in the API, the extractor is the authorisation: a handler that takes a
//! `CreditorVisitor` is reached by creditors alone.

use std::{future::Future, ops::Deref, pin::Pin};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
    web,
};
use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    cookies::{self, form_token},
    fields::Refused,
    shell::Shell,
};
use crate::{
    app::App,
    db::{By, Scope},
    http::{Caller, Code, Problem, limits},
    pages,
    parties::{
        Identity, Member, OrgKind,
        portal_sessions::{self, Recognised},
    },
    types::{Clock, Country, Language, MemberId},
};

/// Somebody in front of a portal.
#[derive(Clone)]
pub struct Visitor {
    identity: Identity,
    app: App,
    pub member: Member,
    pub organisation: String,
    pub country: Country,
    pub session: Uuid,
    pub form_token: String,
    /// The page asked for, without its query.
    pub path: String,
    pub flash: Option<String>,
}

impl Deref for Visitor {
    type Target = Identity;
    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl Caller for Visitor {
    fn by(&self, at: DateTime<Utc>) -> By {
        self.identity.by(at)
    }
}

impl Visitor {
    fn of(app: &App, request: &HttpRequest, token: &str, recognised: Recognised) -> Result<Self, Problem> {
        Ok(Self {
            identity: Identity::of_session(&recognised)?,
            app: app.clone(),
            form_token: form_token(token),
            path: request.path().to_owned(),
            flash: cookies::shown(request, cookies::FLASH),
            member: recognised.member,
            organisation: recognised.legal_name,
            country: recognised.country,
            session: recognised.session_id,
        })
    }

    #[must_use]
    pub const fn id(&self) -> MemberId {
        self.member.id
    }

    #[must_use]
    pub const fn language(&self) -> Language {
        self.member.language
    }

    /// In whose name and when.
    #[must_use]
    pub fn by_now(&self) -> By {
        self.identity.by(self.app.clock.now())
    }

    /// What stands around a page whose title is the text under `key`.
    #[must_use]
    pub fn shell(&self, key: &str, refused: Refused) -> Shell {
        let title = crate::paper::Texts::of(self.member.language).say(key).to_owned();
        Shell::of(self, title, refused)
    }

    /// A page; what was just done is said once.
    ///
    /// # Errors
    /// The template fails.
    pub fn show(&self, shell: &Shell, page: &impl Template) -> Result<HttpResponse, Problem> {
        let mut response = pages::html(shell.refused.status(), page.render().map_err(Problem::internal)?);
        if self.flash.is_some() {
            response.add_cookie(&cookies::gone(&self.app, cookies::FLASH)).map_err(Problem::internal)?;
        }
        Ok(response)
    }

    /// On to a page that says what was done (`portal.flash.…`).
    ///
    /// # Errors
    /// The cookie cannot be written.
    pub fn done(&self, to: &str, flash: &'static str) -> Result<HttpResponse, Problem> {
        let mut response = see_other(to);
        response.add_cookie(&cookies::flash(&self.app, flash)).map_err(Problem::internal)?;
        Ok(response)
    }
}

/// On to another page, by GET.
#[must_use]
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::build(StatusCode::SEE_OTHER).insert_header((header::LOCATION, to)).finish()
}

async fn recognise(request: HttpRequest) -> Result<Visitor, Problem> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| Problem::internal("the server was built without its state"))?;
    let Some(token) = cookies::shown(&request, cookies::SESSION) else { return Err(Problem::new(Code::Unauthenticated)) };
    let now = Clock::real().now();
    let found = app.db.transaction(Scope::System, async |conn| portal_sessions::recognise(conn, &token, now).await).await?;
    let Some(recognised) = found else {
        limits::charge_address(&request)?;
        return Err(Problem::new(Code::Unauthenticated));
    };
    let visitor = Visitor::of(app, &request, &token, recognised)?;
    limits::charge_credential(&request, visitor.member.id.0)?;
    // For the page that says what went wrong, should something.
    request.extensions_mut().insert(visitor.clone());
    Ok(visitor)
}

type Recognising<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Recognising<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Box::pin(recognise(request.clone()))
    }
}

macro_rules! audiences {
    ($($(#[$meta:meta])* $name:ident of $kind:ident, $refusal:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $name(Visitor);

        impl Deref for $name {
            type Target = Visitor;
            fn deref(&self) -> &Visitor {
                &self.0
            }
        }

        impl FromRequest for $name {
            type Error = Problem;
            type Future = Recognising<Self>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let recognising = recognise(request.clone());
                Box::pin(async move {
                    let visitor = recognising.await?;
                    if visitor.kind == OrgKind::$kind { Ok(Self(visitor)) } else { Err(Problem::new(Code::Forbidden).detail($refusal)) }
                })
            }
        }
    )+};
}

audiences! {
    /// Somebody of a creditor.
    CreditorVisitor of Creditor, "this page is for creditors";
    /// Somebody of an agency.
    AgencyVisitor of Agency, "this page is for agencies";
    /// Somebody of the operator.
    OperatorVisitor of Operator, "this page is for the operator";
}
