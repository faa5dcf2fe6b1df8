//! Forms as they come in: shown to be ours, read field by field, and given back as typed when something is wrong with them.
//!
//! A form is ours when it carries the token that follows from its browser's cookie and no other site sent it.

use std::{fmt::Display, future::Future, pin::Pin, str::FromStr};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::StatusCode, web::Form};
use chrono::NaiveDate;
use secrecy::SecretString;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    cookies::{self, form_token},
    visitor::Visitor,
};
use crate::{
    app::App,
    db::{By, Conn},
    http::{Caller, Code, FormFile, FormWithFile, Problem, answer, envelope::Envelope, problem::FieldError},
    types::{Currency, Money},
};

/// A form that was sent.
#[derive(Debug)]
pub struct Fields {
    values: Vec<(String, String)>,
    hash: Vec<u8>,
}

impl Fields {
    /// A field without the spaces around it; empty where it is missing.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.values.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// A field that may be left empty.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Every value of a field that may come several times: boxes that are ticked.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub fn ticked(&self, name: &str) -> bool {
        self.values.iter().any(|(field, _)| field == name)
    }

    /// As typed: spaces belong to a password.
    #[must_use]
    pub fn secret(&self, name: &str) -> SecretString {
        self.values.iter().find(|(field, _)| field == name).map_or_else(String::new, |(_, value)| value.clone()).into()
    }

    /// # Errors
    /// 422 at the field: it is none.
    pub fn parse<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<T, Problem> {
        self.text(name).parse().map_err(|error| Problem::invalid(format!("/{name}"), format!("{error}")))
    }

    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_optional<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        self.optional(name).map(|_| self.parse(name)).transpose()
    }

    /// `2026-12-15` as browsers send it.
    ///
    /// # Errors
    /// 422 at the field: no day.
    pub fn day(&self, name: &str) -> Result<NaiveDate, Problem> {
        self.text(name)
            .parse()
            .map_err(|_| Problem::invalid(format!("/{name}"), "this is not a day: choose one, or write it as 2026-12-15"))
    }

    /// `1234.56`, `1234,56`, `1.234,56`: the last mark followed by no more digits than the currency has is the decimal one.
    ///
    /// # Errors
    /// 422 at the field: no amount.
    pub fn money(&self, name: &str, currency: Currency) -> Result<Money, Problem> {
        Money::parse_typed(self.text(name), currency).map_err(|error| Problem::invalid(format!("/{name}"), error.to_string()))
    }

    /// Carries out what the form asks for, once however often it is sent, in one transaction. The form comes back where it cannot be.
    ///
    /// # Errors
    /// What is not the form's fault: not allowed, not there, a failure of ours.
    pub async fn perform<T, E, F>(&self, app: &App, caller: &impl Caller, command: F) -> Result<Option<Refused>, Problem>
    where
        T: Serialize,
        E: Into<Problem>,
        F: AsyncFnOnce(&mut Conn, &By) -> Result<T, E>,
    {
        let once = self.optional("once").map(|once| format!("portal-{once}"));
        let envelope =
            Envelope { key: once.filter(|key| key.len() <= 80 && key.is_ascii()), hash: self.hash.clone(), dry_run: false };
        match answer(app, caller, &envelope, StatusCode::OK, command).await {
            Ok(_) => Ok(None),
            Err(problem) => self.refused(problem).map(Some),
        }
    }

    /// What became of a form: none where it was carried out, else the form with what is wrong with it.
    ///
    /// # Errors
    /// As [`Self::refused`].
    pub fn outcome(&self, sent: Result<Option<Refused>, Problem>) -> Result<Option<Refused>, Problem> {
        sent.or_else(|problem| self.refused(problem).map(Some))
    }

    /// The form, to be shown again with what is wrong with it.
    ///
    /// # Errors
    /// The problem itself where no other input would help.
    pub fn refused(&self, problem: Problem) -> Result<Refused, Problem> {
        match problem.code {
            Code::Invalid
            | Code::Conflict
            | Code::WrongState
            | Code::StaleVersion
            | Code::MalformedRequest
            | Code::TooManyRequests
            | Code::PayloadTooLarge
            | Code::UnsupportedMediaType
            | Code::VersionRequired
            | Code::IdempotencyKeyReused => {
                let values = self.values.iter().filter(|(name, _)| !name.contains("password")).cloned().collect();
                let said = problem.body(String::new());
                let fault = Fault { code: problem.code, detail: said.detail, errors: said.errors };
                Ok(Refused { form: self.text("form").to_owned(), fault: Some(fault), values })
            }
            Code::Unauthenticated
            | Code::Forbidden
            | Code::ProofNeeded
            | Code::NotFound
            | Code::MethodNotAllowed
            | Code::Internal
            | Code::Unavailable => Err(problem),
        }
    }
}

impl Refused {
    /// A form that was not read field by field.
    ///
    /// # Errors
    /// As [`Fields::refused`].
    pub fn of(form: &str, problem: Problem) -> Result<Self, Problem> {
        let values = vec![("form".to_owned(), form.to_owned())];
        Fields { values, hash: Vec::new() }.refused(problem)
    }
}

/// A form that came back, with what was typed; or none, when a page is shown for the first time.
#[derive(Debug, Clone, Default)]
pub struct Refused {
    form: String,
    fault: Option<Fault>,
    values: Vec<(String, String)>,
}

/// What is wrong with a form.
#[derive(Debug, Clone)]
pub struct Fault {
    pub code: Code,
    pub detail: String,
    errors: Vec<FieldError>,
}

impl Refused {
    /// Nothing was sent yet.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.fault.as_ref().map_or(StatusCode::OK, |fault| fault.code.status())
    }

    #[must_use]
    pub const fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    #[must_use]
    pub fn is_of(&self, form: impl Display) -> bool {
        self.fault.is_some() && self.form == form.to_string()
    }

    /// What was typed into a field of a form.
    #[must_use]
    pub fn value(&self, form: impl Display, name: &str) -> Option<&str> {
        let mine = self.is_of(form).then_some(&self.values)?;
        mine.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box or a choice was ticked.
    #[must_use]
    pub fn chose(&self, form: impl Display, name: &str, value: &str) -> bool {
        self.is_of(form) && self.values.iter().any(|(field, chosen)| field == name && chosen == value)
    }

    /// What is wrong with a field of a form.
    #[must_use]
    pub fn error(&self, form: impl Display, name: &str) -> Option<&str> {
        let fault = self.fault.as_ref().filter(|_| self.form == form.to_string())?;
        let wrong = |pointer: &str| pointer.rsplit('/').next() == Some(name);
        fault.errors.iter().find(|error| wrong(&error.pointer)).map(|error| error.detail.as_str())
    }
}

type Reading = Pin<Box<dyn Future<Output = Result<Fields, Problem>>>>;

impl FromRequest for Fields {
    type Error = Problem;
    type Future = Reading;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading = Form::<Vec<(String, String)>>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            same_site(&request)?;
            let values =
                reading.await.map_err(|error| Problem::new(Code::MalformedRequest).detail(error.to_string()))?.into_inner();
            let mut hash = Sha256::new();
            hash.update(request.path());
            // A plain hash of a password would be a shortcut around argon2id.
            for (name, value) in values.iter().filter(|(name, _)| !name.contains("password")) {
                hash.update(format!("\n{}:{name}={}:{value}", name.len(), value.len()));
            }
            let fields = Self { values, hash: hash.finalize().to_vec() };
            check_token(&request, fields.text("form_token"))?;
            Ok(fields)
        })
    }
}

/// A browser says where a form comes from. One that says nothing is old; the token decides then.
///
/// # Errors
/// Another site sent it.
pub fn same_site(request: &HttpRequest) -> Result<(), Problem> {
    let said = request.headers().get("Sec-Fetch-Site").and_then(|value| value.to_str().ok());
    match said {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) => Err(foreign()),
    }
}

/// # Errors
/// The token of a form is not the one of this browser.
pub fn check_token(request: &HttpRequest, token: &str) -> Result<(), Problem> {
    let secrets = [cookies::SESSION, cookies::FORM].into_iter().filter_map(|name| cookies::shown(request, name));
    if secrets.map(|secret| form_token(&secret)).any(|expected| expected == token) { Ok(()) } else { Err(foreign()) }
}

fn foreign() -> Problem {
    Problem::new(Code::Forbidden).detail("this form was not made for this browser: open the page again and send it from there")
}

/// The file of a form that is about nothing else.
///
/// # Errors
/// None was chosen, or one of more than `most` bytes.
pub fn chosen_file(form: &FormWithFile, most: usize) -> Result<&FormFile, Problem> {
    if form.is_too_large {
        return Err(Problem::invalid("/file", format!("a file may have at most {most} bytes")));
    }
    form.file.as_ref().ok_or_else(|| Problem::invalid("/file", "choose a file first"))
}

/// On to a page when the form was carried out; else whatever shows it again.
///
/// # Errors
/// Those of showing it.
pub async fn settle<F>(
    visitor: &Visitor,
    refused: Option<Refused>,
    (to, flash): (&str, &'static str),
    again: F,
) -> Result<HttpResponse, Problem>
where
    F: AsyncFnOnce(Refused) -> Result<HttpResponse, Problem>,
{
    match refused {
        None => visitor.done(to, flash),
        Some(refused) => again(refused).await,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (typed, read) in [
            ("1234.56", "1234.56"),
            ("1234,56", "1234.56"),
            ("1.234,56", "1234.56"),
            ("1,234.56", "1234.56"),
            ("1 234,5 €", "1234.50"),
            ("1.234", "1234.00"),
            ("12", "12.00"),
            ("-5,00", "-5.00"),
        ] {
            assert_eq!(Money::parse_typed(typed, Currency::EUR).map(|money| money.decimal()), Ok(read.to_owned()), "{typed}");
        }
    }

    #[test]
    fn a_form_of_another_site_or_another_browser_is_refused() {
        let request = |site: Option<&'static str>| {
            let request = TestRequest::post().insert_header(("Cookie", format!("{}=secret", cookies::SESSION)));
            site.map_or(request, |site| TestRequest::post().insert_header(("Sec-Fetch-Site", site)))
        };
        assert!(same_site(&request(Some("cross-site")).to_http_request()).is_err());
        assert!(same_site(&request(Some("same-site")).to_http_request()).is_err(), "a neighbour is no friend");
        assert!(same_site(&request(Some("same-origin")).to_http_request()).is_ok());
        let own = request(None).to_http_request();
        assert!(check_token(&own, &form_token("secret")).is_ok());
        for token in ["", "secret", &form_token("other")] {
            assert!(check_token(&own, token).is_err(), "{token}");
        }
        assert!(check_token(&TestRequest::post().to_http_request(), &form_token("")).is_err(), "no cookie, no form");
    }

    #[test]
    fn a_refused_form_keeps_what_was_typed_but_no_password() {
        let values =
            [("form", "join"), ("name", "Ana"), ("new_password", "x")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let fields = Fields { values: values.to_vec(), hash: Vec::new() };
        let refused = fields.refused(Problem::invalid("/member/name", "too long")).expect("a form to show again");
        assert_eq!((refused.value("join", "name"), refused.error("join", "name")), (Some("Ana"), Some("too long")));
        assert_eq!(
            (refused.value("join", "new_password"), refused.value("other", "name"), refused.error("other", "name")),
            (None, None, None)
        );
        assert!(fields.refused(Problem::not_found()).is_err());
    }
}
