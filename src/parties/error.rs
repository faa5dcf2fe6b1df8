//! Every refusal of this slice, and how the API says it.

use super::{
    passwords::PasswordError,
    roles::{OrgKind, Permission, Role},
};
use crate::{
    db::DbError,
    http::{Code, Problem},
    keys::KeyError,
    types::{Country, company_number::CompanyNumberError},
};

/// Why something was not done. Where the same thing is asked for in two places, the JSON pointer comes along.
#[derive(Debug, thiserror::Error)]
pub enum PartiesError {
    #[error(transparent)]
    CompanyNumber(#[from] CompanyNumberError),
    #[error("this company number is of {number}, not of {said}")]
    OtherCountry { number: Country, said: Country },
    #[error("this enterprise has signed up already: ask its administrator to add you")]
    AlreadySignedUp,
    #[error("somebody with this mail address is here already")]
    EmailTaken(&'static str),
    #[error("{1}")]
    Password(&'static str, PasswordError),
    #[error("mail address or password is wrong")]
    WrongLogIn,
    #[error("this is not your password")]
    WrongPassword,
    #[error("a code of your authenticator, or a recovery code, is asked for too: send it as `code`")]
    CodeMissing,
    #[error("this code is wrong, or was used before")]
    WrongCode,
    #[error("a second factor is there already: take it away first")]
    FactorThere,
    #[error("the second factor cannot be reckoned: {0}")]
    Factor(String),
    #[error("too many attempts: wait before you try again")]
    TooManyAttempts { retry_after_seconds: u64 },
    #[error("your account was closed by an administrator of your organisation")]
    Disabled,
    #[error("your organisation is suspended: ask the operator")]
    Suspended,
    #[error("this session is over: log in again")]
    SessionOver,
    #[error("this refresh token was used before; all tokens of its session are revoked: log in again")]
    SessionStolen,
    #[error("there is no {role} in a {kind}: roles are {}", listed(known))]
    NoSuchRole { kind: OrgKind, role: Role, known: Vec<Role> },
    #[error("an API key of yours can carry: {}", listed(known))]
    NoSuchScope { position: usize, known: Vec<Permission> },
    #[error("an API key needs at least one scope")]
    NoScopes,
    #[error("it must not end before it begins")]
    EndsBeforeItBegins,
    #[error("it has expired already")]
    AlreadyExpired,
    #[error("a rejection needs a note that says why")]
    NoteMissing,
    #[error("it was rejected, and that is final: the agency submits a new one")]
    RejectionIsFinal,
    #[error("there is nothing here that you can see")]
    NotFound,
    #[error("a bank account is changed by people, not by keys")]
    TakesAPerson,
    #[error("this is the account that money goes to already")]
    SameAccount,
    #[error("there is no change of account that waits: ask for one first")]
    NoAccountChange,
    #[error("this is not the code from the mail; {left} tries are left")]
    WrongAccountCode { left: i32 },
    #[error("the platform has no operator yet: run `entente operator create`")]
    NoOperator,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("an access token could not be signed: {0}")]
    Signing(#[from] jsonwebtoken::errors::Error),
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for PartiesError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Other(diesel::result::Error::NotFound) => Self::NotFound,
            DbError::Violates(name) if name == "organisations_enterprise_unique" => Self::AlreadySignedUp,
            DbError::Busy(_) | DbError::Violates(_) | DbError::Other(_) => Self::Db(error),
        }
    }
}

fn listed(words: &[impl ToString]) -> String {
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl From<PartiesError> for Problem {
    fn from(error: PartiesError) -> Self {
        use PartiesError as E;
        let detail = error.to_string();
        let refuse = |code| Self::new(code).detail(detail.as_str());
        match error {
            E::CompanyNumber(_) => refuse(Code::Invalid).at("/company_number"),
            E::OtherCountry { .. } => refuse(Code::Invalid).at("/country"),
            E::AlreadySignedUp => refuse(Code::Conflict).at("/company_number"),
            E::EmailTaken(pointer) => refuse(Code::Conflict).at(pointer),
            E::Password(_, PasswordError::Failed(cause)) => Self::internal(cause),
            E::Password(pointer, PasswordError::TooLong | PasswordError::TooWeak(_)) => refuse(Code::Invalid).at(pointer),
            E::WrongCode => refuse(Code::Invalid).at("/code"),
            E::WrongPassword => refuse(Code::Invalid).at("/password"),
            E::FactorThere => refuse(Code::Conflict),
            E::Factor(_) => Self::internal(detail),
            E::CodeMissing | E::WrongLogIn | E::SessionOver | E::SessionStolen => refuse(Code::Unauthenticated),
            E::TooManyAttempts { retry_after_seconds } => refuse(Code::TooManyRequests).retry_after(retry_after_seconds),
            E::Disabled | E::Suspended => refuse(Code::Forbidden),
            E::NoSuchRole { .. } => refuse(Code::Invalid).at("/role"),
            E::NoSuchScope { position, .. } => refuse(Code::Invalid).at(format!("/scopes/{position}")),
            E::NoScopes => refuse(Code::Invalid).at("/scopes"),
            E::EndsBeforeItBegins | E::AlreadyExpired => refuse(Code::Invalid).at("/valid_until"),
            E::NoteMissing => refuse(Code::Invalid).at("/note"),
            E::RejectionIsFinal => refuse(Code::WrongState),
            E::TakesAPerson => refuse(Code::Forbidden),
            E::SameAccount => refuse(Code::Invalid).at("/iban"),
            E::NoAccountChange => refuse(Code::NotFound),
            E::WrongAccountCode { .. } => refuse(Code::Invalid).at("/code"),
            E::NotFound => Self::not_found(),
            E::NoOperator => Self::internal(detail),
            E::Key(cause) => Self::internal(cause),
            E::Signing(cause) => Self::internal(cause),
            E::Db(cause) => cause.into(),
        }
    }
}
