//! A POST repeated with its Idempotency-Key gets the first answer again, whatever died in between.
//!
//! The answer is written in the transaction that earned it. The happy path reads nothing: the key's row goes in last,
//! and a violation of its uniqueness rolls everything back and shows the stored answer instead.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Jsonb, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    envelope::{Envelope, json_response},
    problem::{Code, Problem},
};
use crate::{
    app::App,
    db::{By, Conn, DbError, Scope, statement},
    types::OrgId,
};

/// Who sends a request, as the extractors of `parties::access` found out.
pub trait Caller {
    fn by(&self, at: DateTime<Utc>) -> By;

    /// Whose Idempotency-Keys these are. Who has no organisation yet keeps no answer.
    fn owner(&self, by: &By) -> Option<OrgId> {
        by.scope.org()
    }
}

/// A caller whose command must touch rows which it may not see: the command runs in `Scope::System`, with the caller as
/// its actor, and compares organisations itself. The key stays the caller's.
#[derive(Debug)]
pub struct AsSystem<'a, C>(pub &'a C);

impl<C: Caller> Caller for AsSystem<'_, C> {
    fn by(&self, at: DateTime<Utc>) -> By {
        By { scope: Scope::System, ..self.0.by(at) }
    }

    fn owner(&self, by: &By) -> Option<OrgId> {
        self.0.owner(&self.0.by(by.at))
    }
}

/// Runs the command of a POST in one transaction, once per Idempotency-Key. A dry run ends with a rollback: it answers
/// what would have happened, and leaves no row, no job and no kept answer.
///
/// # Errors
/// Those of the command; 422 when the key was used for another request.
pub async fn answer<T, E, F>(
    app: &App,
    caller: &impl Caller,
    envelope: &Envelope,
    status: StatusCode,
    command: F,
) -> Result<HttpResponse, Problem>
where
    T: Serialize,
    E: Into<Problem>,
    F: AsyncFnOnce(&mut Conn, &By) -> Result<T, E>,
{
    let by = caller.by(app.clock.now());
    let owner = caller.owner(&by);
    let answered = async |conn: &mut Conn<'_>| {
        let value = command(conn, &by).await.map_err(Into::into)?;
        serde_json::to_value(&value).map_err(Problem::internal)
    };
    if envelope.dry_run {
        let rehearsed = app.db.rehearse(by.scope, async |conn| {
            let body = answered(conn).await?;
            CheckDeferred {}.execute(conn).await.map_err(DbError::from)?;
            Ok::<_, Problem>(body)
        });
        return Ok(marked(json_response(status, &rehearsed.await?), DRY_RUN));
    }
    let ended = app.db.transaction(by.scope, async |conn| {
        let body = answered(conn).await?;
        keep(conn, &by, owner, envelope, status, &body).await?;
        Ok(body)
    });
    match ended.await {
        Ok(body) => {
            app.jobs_waiting.notify_one();
            Ok(json_response(status, &body))
        }
        Err(problem) => match replay(app, &by, owner, envelope).await? {
            Some(stored) => Ok(stored),
            None => Err(problem),
        },
    }
}

/// The header of an answer that was given before.
pub const REPLAYED: &str = "idempotency-replayed";
/// The header of an answer to what did not happen.
pub const DRY_RUN: &str = "dry-run";

fn marked(mut response: HttpResponse, mark: &'static str) -> HttpResponse {
    response.headers_mut().insert(HeaderName::from_static(mark), HeaderValue::from_static("true"));
    response
}

/// Whether an answer is about something that happens with this very request: neither repeated nor a dry run.
#[must_use]
pub fn is_first(answer: &HttpResponse) -> bool {
    [REPLAYED, DRY_RUN].iter().all(|mark| !answer.headers().contains_key(*mark))
}

async fn keep(
    conn: &mut Conn<'_>,
    by: &By,
    owner: Option<OrgId>,
    envelope: &Envelope,
    status: StatusCode,
    body: &Value,
) -> Result<(), DbError> {
    let (Some(key), Some(owner)) = (&envelope.key, owner) else { return Ok(()) };
    let status = i16::try_from(status.as_u16()).unwrap_or(200);
    Keep { owner_id: owner.0, key, request_hash: &envelope.hash, status, body, created_at: by.at }.execute(conn).await?;
    Ok(())
}

async fn replay(app: &App, by: &By, owner: Option<OrgId>, envelope: &Envelope) -> Result<Option<HttpResponse>, Problem> {
    let (Some(key), Some(owner)) = (&envelope.key, owner) else { return Ok(None) };
    let stored = app.db.transaction(by.scope, async |conn| find(conn, by.scope, owner.0, key).await).await?;
    let Some(stored) = stored else { return Ok(None) };
    if stored.request_hash != envelope.hash {
        return Err(Problem::new(Code::IdempotencyKeyReused).detail("use a new Idempotency-Key for a new request"));
    }
    let status = u16::try_from(stored.status).ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK);
    Ok(Some(marked(json_response(status, &stored.body), REPLAYED)))
}

async fn find(conn: &mut Conn<'_>, _: Scope, owner_id: Uuid, key: &str) -> Result<Option<Stored>, DbError> {
    Ok(Find { owner_id, key }.get_result(conn).await.optional()?)
}

statement! {
    /// What would only fail at the commit that a dry run never reaches.
    struct CheckDeferred {} "SET CONSTRAINTS ALL IMMEDIATE"
}

statement! {
    struct Keep<'a> { owner_id: Uuid => SqlUuid, key: &'a str => Text, request_hash: &'a [u8] => Binary, status: i16 => SmallInt,
                      body: &'a Value => Jsonb, created_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO idempotency_keys (owner_id, key, request_hash, status, body, created_at) VALUES (?, ?, ?, ?, ?, ?)"
}

statement! {
    struct Find<'a> { owner_id: Uuid => SqlUuid, key: &'a str => Text }
    "SELECT request_hash, status, body FROM idempotency_keys WHERE owner_id = ? AND key = ?"
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Binary)]
    request_hash: Vec<u8>,
    #[diesel(sql_type = SmallInt)]
    status: i16,
    #[diesel(sql_type = Jsonb)]
    body: Value,
}
