//! A fresh proof of who acts, before money moves or a bank account changes: the password again, with a code where a second factor
//! is set up. What was shown at the log-in serves for a while.
//!
//! What may never happen here: money moved by whoever found a browser open. An API key is a proof of its own.

use std::net::IpAddr;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::App,
    db::Scope,
    http::{Code, Command, Problem, limits::client_address, resource},
    parties::{
        AnyMember, PartiesError, second_factor,
        sessions::{self, Account},
        throttle,
        tokens::{self, ACCESS_LIFETIME},
    },
    types::{Clock, MemberId},
};

/// What is shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
    /// Of the authenticator, or a recovery code, where a second factor is set up.
    #[schema(example = "123456")]
    pub code: Option<String>,
}

/// An access token that says when the proof was shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct Proven {
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds for which the access token serves.
    #[schema(example = 900)]
    pub expires_in: i64,
}

/// Which session it is shown in.
#[derive(Debug, Clone, Copy)]
pub enum Within {
    Browser(Uuid),
    /// A family of refresh tokens.
    Tokens(Uuid),
}

/// Shows again who you are: with the access token this answers with, money moves and bank details change for the next ten minutes.
#[utoipa::path(post, path = "/sessions/proof", tag = "sessions", request_body = Proof, responses(
    (status = 201, body = Proven), (status = 403, description = "an API key has no session"),
    (status = 422, description = "the password or the code is wrong"),
    (status = 429, description = "ten attempts in fifteen minutes; see Retry-After")))]
pub async fn show_proof(
    app: Data<App>,
    request: HttpRequest,
    caller: AnyMember,
    command: Command<Proof>,
) -> Result<HttpResponse, Problem> {
    command.envelope.must_be_meant()?;
    let member = caller.person()?;
    let session = caller.session.ok_or_else(|| Problem::new(Code::Forbidden))?;
    let account = prove(&app, member, client_address(&request), command.input, Within::Tokens(session)).await?;
    let claims = sessions::claims(&account, session, Clock::real().now());
    let access_token = tokens::sign(&app.keys, &claims).map_err(PartiesError::from)?;
    resource(StatusCode::CREATED, &Proven { access_token, token_type: "Bearer", expires_in: ACCESS_LIFETIME.num_seconds() })
}

/// Checks what a person shows and notes it on their session. Counted as attempts to log in are.
///
/// # Errors
/// Too many attempts; a wrong password or code, or a code is missing.
pub async fn prove(
    app: &App,
    member: MemberId,
    from: Option<IpAddr>,
    shown: Proof,
    within: Within,
) -> Result<Account, PartiesError> {
    let (now, who) = (Clock::real().now(), format!("proof of {member}"));
    let attempt = throttle::LOG_IN.attempt(&who, from, now);
    attempt.map_err(|retry_after_seconds| PartiesError::TooManyAttempts { retry_after_seconds })?;
    let account = app.db.transaction(Scope::System, async |conn| sessions::find_account_of(conn, member).await).await?;
    let account = match sessions::check_password(account, shown.password).await {
        Err(PartiesError::WrongLogIn) => return Err(PartiesError::WrongPassword),
        checked => checked?,
    };
    let noted = app.db.transaction(Scope::System, async |conn| {
        let whose = (member, account.member.email.as_str());
        match shown.code.as_deref().filter(|code| !code.trim().is_empty()) {
            None if second_factor::is_asked_for(conn, member).await? => return Err(PartiesError::WrongCode),
            Some(code) if !second_factor::passes(conn, &app.keys, whose, code, now).await? => {
                return Err(PartiesError::WrongCode);
            }
            None | Some(_) => {}
        }
        match within {
            Within::Browser(session) => crate::parties::portal_sessions::note_proof(conn, session, now).await,
            Within::Tokens(family) => sessions::note_proof(conn, family, now).await,
        }
    });
    noted.await?;
    throttle::LOG_IN.forgive(&who, from);
    Ok(account)
}
