//! Every refusal the API gives: code, status, title, and where it is explained (RFC 9457).
//!
//! Slices turn their errors into these in their `error.rs`. A 5xx tells the client nothing but the request's id.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::DbError;

macro_rules! codes {
    ($($name:ident => $status:ident, $code:literal, $title:literal, $advice:literal;)+) => {
        /// What kind of refusal it is. The code is stable; the words may change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($name),+ }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// What to do about it.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice),+ }
            }
        }
    };
}

codes! {
    MalformedRequest => BAD_REQUEST, "malformed-request", "The request cannot be read",
        "Send what the description of this address asks for; the detail says where it stopped making sense.";
    Unauthenticated => UNAUTHORIZED, "unauthenticated", "Log in or send an API key",
        "Send `Authorization: Bearer …` with an access token that has not expired, or an API key that was not revoked.";
    Forbidden => FORBIDDEN, "forbidden", "You may not do this",
        "Ask an administrator of your organisation for the permission named in the detail, or bring what is missing.";
    ProofNeeded => FORBIDDEN, "proof-needed", "Show again who you are",
        "Send your password, and a code where a second factor is set up, to `POST /sessions/proof`, then ask again with the access token it answers with.";
    NotFound => NOT_FOUND, "not-found", "There is nothing here that you can see",
        "Check the id. What belongs to others looks exactly like what does not exist.";
    MethodNotAllowed => METHOD_NOT_ALLOWED, "method-not-allowed", "This address does not take that method",
        "Look the address up in the description of the API.";
    Conflict => CONFLICT, "conflict", "It clashes with what is there",
        "Read what is there first; the detail says what it clashes with.";
    WrongState => CONFLICT, "wrong-state", "Not possible in the present state",
        "Read the state again: somebody or something was faster, or a step comes before this one.";
    StaleVersion => PRECONDITION_FAILED, "stale-version", "It has changed since you read it",
        "Read it again, look at what changed, and send the new ETag as If-Match.";
    PayloadTooLarge => PAYLOAD_TOO_LARGE, "payload-too-large", "The body is too large",
        "Send it in smaller parts.";
    UnsupportedMediaType => UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "This content is not understood",
        "Send one of the formats that the description names.";
    Invalid => UNPROCESSABLE_ENTITY, "invalid", "Some values are not right",
        "Each entry of `errors` points at a value and says what is wrong with it.";
    IdempotencyKeyReused => UNPROCESSABLE_ENTITY, "idempotency-key-reused", "This Idempotency-Key was used for another request",
        "One key is for one request: use a fresh one, for instance a UUID.";
    VersionRequired => PRECONDITION_REQUIRED, "version-required", "Say which version you change (If-Match)",
        "Send the ETag you got with the last reading as If-Match.";
    TooManyRequests => TOO_MANY_REQUESTS, "too-many-requests", "Too many attempts",
        "Wait as long as Retry-After says.";
    Internal => INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side",
        "Nothing was changed. Try again; if it stays, tell the operator the request_id.";
    Unavailable => SERVICE_UNAVAILABLE, "unavailable", "Not available at this moment; try again",
        "Nothing was changed. Try again in a few seconds, with the same Idempotency-Key.";
}

/// A refusal on its way to the client.
#[derive(Debug, Clone)]
pub struct Problem {
    pub code: Code,
    detail: String,
    errors: Vec<FieldError>,
    /// For the log, never for the client.
    cause: Option<String>,
    retry_after_seconds: Option<u64>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) to the field.
    #[schema(example = "/receivables/0/due_on")]
    pub pointer: String,
    /// What is wrong and what to do.
    pub detail: String,
}

/// RFC 9457 problem details.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Where this kind of problem is explained.
    #[serde(rename = "type")]
    #[schema(example = "/api/docs/problems#invalid")]
    pub kind: String,
    pub title: &'static str,
    pub status: u16,
    /// Stable name of the kind of problem.
    #[schema(example = "invalid")]
    pub code: &'static str,
    /// One sentence for a person: what, where, what to do.
    pub detail: String,
    /// Per field, where fields are to blame.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Quote it when you ask for help.
    pub request_id: String,
}

impl Problem {
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, detail: code.title().to_owned(), errors: Vec::new(), cause: None, retry_after_seconds: None }
    }

    /// One sentence for a person.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// A field to blame, by JSON pointer, with the problem's sentence unless one is given.
    #[must_use]
    pub fn field(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// The problem's own sentence, blamed on a field.
    #[must_use]
    pub fn at(self, pointer: impl Into<String>) -> Self {
        let detail = self.detail.clone();
        self.field(pointer, detail)
    }

    /// `422 invalid` blamed on one field.
    #[must_use]
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Code::Invalid).detail(detail).at(pointer)
    }

    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// A fault of ours: `cause` is logged, the client gets the request's id.
    #[must_use]
    pub fn internal(cause: impl ToString) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(Code::Internal) }
    }

    /// When it makes sense to try again.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    #[must_use]
    pub fn body(&self, request_id: String) -> ProblemBody {
        ProblemBody {
            kind: format!("/api/docs/problems#{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            code: self.code.as_str(),
            detail: self.detail.clone(),
            errors: self.errors.clone(),
            request_id,
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// Without a request's id: `middleware::problems` adds it.
    fn error_response(&self) -> HttpResponse {
        respond(self, String::new())
    }
}

/// The response that carries a problem.
#[must_use]
pub fn respond(problem: &Problem, request_id: String) -> HttpResponse {
    let mut response = HttpResponse::build(problem.code.status());
    if problem.code == Code::Unauthenticated {
        response.insert_header(("WWW-Authenticate", "Bearer"));
    }
    if let Some(seconds) = problem.retry_after_seconds {
        response.insert_header(("Retry-After", seconds.to_string()));
    }
    response.content_type("application/problem+json").json(problem.body(request_id))
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy(cause) => Self { cause: Some(cause), ..Self::new(Code::Unavailable) },
            DbError::Violates(name) => Self::internal(format!("unexpected violation of {name}")),
            DbError::Other(diesel::result::Error::NotFound) => Self::not_found(),
            DbError::Other(cause) => Self::internal(cause),
        }
    }
}
