//! Log-in, renewal and log-out over JSON. Their answers carry tokens, so none is kept for an Idempotency-Key.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    db::Scope,
    http::{Code, Command, Problem, limits::client_address, resource},
    parties::{
        AnyMember, Member, PartiesError,
        contact::Email,
        second_factor,
        sessions::{self, Refreshment, Session},
        throttle,
        tokens::{self, ACCESS_LIFETIME},
    },
    types::Clock,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    pub email: Email,
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
    /// Of the authenticator, or a recovery code, where a second factor is set up.
    #[schema(example = "123456")]
    pub code: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    #[schema(value_type = String)]
    pub refresh_token: SecretString,
}

/// Tokens of a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tokens {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds for which the access token serves.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Serves once: each renewal brings the next. A second use ends the session.
    pub refresh_token: String,
    pub refresh_expires_at: DateTime<Utc>,
    pub member: Member,
}

/// Logs a person in.
#[utoipa::path(post, path = "/sessions", tag = "sessions", request_body = LogIn, security(()), responses(
    (status = 201, body = Tokens), (status = 401, description = "mail address or password is wrong, or a code is asked for too"),
    (status = 422, description = "the code is wrong, or was used before"),
    (status = 429, description = "ten attempts in fifteen minutes; see Retry-After")))]
pub async fn log_in(app: Data<App>, request: HttpRequest, command: Command<LogIn>) -> Result<HttpResponse, Problem> {
    command.envelope.must_be_meant()?;
    let now = Clock::real().now();
    let LogIn { email, password, code } = command.input;
    let from = client_address(&request);
    let attempt = throttle::LOG_IN.attempt(email.as_str(), from, now);
    attempt.map_err(|retry_after_seconds| PartiesError::TooManyAttempts { retry_after_seconds })?;
    let account = app.db.transaction(Scope::System, async |conn| sessions::find_account(conn, email.as_str()).await).await?;
    let account = sessions::check_password(account, password).await?;
    let opened = app.db.transaction(Scope::System, async |conn| {
        let whose = (account.member.id, account.member.email.as_str());
        match code.as_deref() {
            None if second_factor::is_asked_for(conn, whose.0).await? => return Err(PartiesError::CodeMissing),
            Some(code) if !second_factor::passes(conn, &app.keys, whose, code, now).await? => {
                return Err(PartiesError::WrongCode);
            }
            None | Some(_) => {}
        }
        sessions::open(conn, account, now).await
    });
    let session = opened.await?;
    throttle::LOG_IN.forgive(email.as_str(), from);
    tell(&app, session)
}

/// Trades a refresh token for the next pair of tokens.
#[utoipa::path(post, path = "/sessions/refreshment", tag = "sessions", request_body = Renewal, security(()), responses(
    (status = 201, body = Tokens), (status = 401, description = "unknown, expired, revoked, or used before (which revokes its session)")))]
pub async fn refresh_session(app: Data<App>, command: Command<Renewal>) -> Result<HttpResponse, Problem> {
    command.envelope.must_be_meant()?;
    let now = Clock::real().now();
    let token = command.input.refresh_token;
    let refreshment =
        app.db.transaction(Scope::System, async |conn| sessions::refresh(conn, token.expose_secret(), now).await).await?;
    match refreshment {
        Refreshment::Fresh(session) => tell(&app, *session),
        Refreshment::Stolen => Err(PartiesError::SessionStolen.into()),
    }
}

/// Ends the session of this access token: its refresh tokens serve no more. The access token itself runs out within minutes.
#[utoipa::path(delete, path = "/sessions", tag = "sessions", responses((status = 204), (status = 403, description = "an API key has no session")))]
pub async fn log_out(app: Data<App>, caller: AnyMember) -> Result<HttpResponse, Problem> {
    let session = caller
        .session
        .ok_or_else(|| Problem::new(Code::Forbidden).detail("an API key has no session: revoke the key instead"))?;
    let now = Clock::real().now();
    app.db.transaction(Scope::System, async |conn| sessions::close(conn, session, now).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn tell(app: &App, session: Session) -> Result<HttpResponse, Problem> {
    let access_token = tokens::sign(&app.keys, &session.claims).map_err(PartiesError::from)?;
    let tokens = Tokens {
        access_token,
        token_type: "Bearer",
        expires_in: ACCESS_LIFETIME.num_seconds(),
        refresh_token: session.refresh_token.expose_secret().to_owned(),
        refresh_expires_at: session.refresh_expires_at,
        member: session.member,
    };
    resource(StatusCode::CREATED, &tokens)
}
