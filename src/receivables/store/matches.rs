//! SQL of customers that may be one, and of what a person made of it.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::{By, Conn, DbError, statement},
    http::Cursor,
    receivables::{
        matches::{DebtorMatch, MatchStatus},
        matching::{Likeness, Traits},
    },
    types::{Country, DebtorId, DebtorMatchId, OrgId, ReceivableId, fresh_uuid},
};

#[derive(QueryableByName)]
struct TraitsRow {
    #[diesel(sql_type = SqlUuid)]
    id: DebtorId,
    #[diesel(sql_type = Text)]
    legal_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    tax_number: Option<String>,
    #[diesel(sql_type = Text)]
    country: Country,
    #[diesel(sql_type = Nullable<Text>)]
    street: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    postal_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    city: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    phone: Option<String>,
}

impl From<TraitsRow> for (DebtorId, Traits) {
    fn from(row: TraitsRow) -> Self {
        let traits = Traits {
            legal_name: row.legal_name,
            tax_number: row.tax_number,
            country: row.country,
            street: row.street,
            postal_code: row.postal_code,
            city: row.city,
            email: row.email,
            phone: row.phone,
        };
        (row.id, traits)
    }
}

macro_rules! traits {
    () => {
        "id, legal_name, tax_number, country, street, postal_code, city, email, phone"
    };
}

statement! {
    struct ListNew { creditor: OrgId => SqlUuid, after: Uuid => SqlUuid, upto: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", traits!(), " FROM debtors WHERE creditor_id = ? AND id > ? AND id <= ? AND merged_into IS NULL ORDER BY id LIMIT ?")
}

/// Customers made between two moments, by their ids.
pub async fn list_new(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    (after, upto): (Uuid, Uuid),
    limit: i64,
) -> Result<Vec<(DebtorId, Traits)>, DbError> {
    let rows: Vec<TraitsRow> = ListNew { creditor, after, upto, limit }.load(conn).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

statement! {
    struct Neighbours<'a> {
        creditor: OrgId => SqlUuid, key: &'a str => Text, id: DebtorId => SqlUuid, side: i64 => BigInt, same_creditor: OrgId => SqlUuid,
        same_key: &'a str => Text, same_id: DebtorId => SqlUuid, same_side: i64 => BigInt,
    }
    concat!("(SELECT ", traits!(), " FROM debtors WHERE creditor_id = ? AND (match_key, id) > (?, ?) AND merged_into IS NULL
              ORDER BY match_key, id LIMIT ?)
             UNION ALL
             (SELECT ", traits!(), " FROM debtors WHERE creditor_id = ? AND (match_key, id) < (?, ?) AND merged_into IS NULL
              ORDER BY match_key DESC, id DESC LIMIT ?)")
}

/// Those that stand next to a customer in the order of names, `side` on either side.
pub async fn neighbours(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    key: &str,
    id: DebtorId,
    side: i64,
) -> Result<Vec<(DebtorId, Traits)>, DbError> {
    let wanted = Neighbours { creditor, key, id, side, same_creditor: creditor, same_key: key, same_id: id, same_side: side };
    let rows: Vec<TraitsRow> = wanted.load(conn).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

statement! {
    struct Offer<'a> {
        id: DebtorMatchId => SqlUuid, creditor: OrgId => SqlUuid, one: DebtorId => SqlUuid, other: DebtorId => SqlUuid, score_bp: i32 => Integer,
        reasons: &'a [&'static str] => Array<Text>, at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO debtor_matches (id, creditor_id, debtor_id, other_id, score_bp, reasons, status, created_at)
     VALUES (?, ?, ?, ?, ?, ?, 'open', ?) ON CONFLICT ON CONSTRAINT debtor_matches_once DO NOTHING"
}

/// Offers two customers as one, unless that was done before, however it was decided.
pub async fn offer(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    (one, other): (DebtorId, DebtorId),
    likeness: &Likeness,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let (one, other) = (one.min(other), one.max(other));
    let offer =
        Offer { id: DebtorMatchId::fresh(), creditor, one, other, score_bp: likeness.score_bp, reasons: &likeness.reasons, at };
    offer.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct MatchRow {
    #[diesel(sql_type = SqlUuid)]
    id: DebtorMatchId,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    debtor_id: DebtorId,
    #[diesel(sql_type = SqlUuid)]
    other_id: DebtorId,
    #[diesel(sql_type = Integer)]
    score_bp: i32,
    #[diesel(sql_type = Array<Text>)]
    reasons: Vec<String>,
    #[diesel(sql_type = Text)]
    status: MatchStatus,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl From<MatchRow> for DebtorMatch {
    fn from(row: MatchRow) -> Self {
        Self {
            id: row.id,
            creditor_id: row.creditor_id,
            debtor_id: row.debtor_id,
            other_id: row.other_id,
            score_bp: row.score_bp,
            reasons: row.reasons,
            status: row.status,
            created_at: row.created_at,
        }
    }
}

macro_rules! columns {
    () => {
        "id, creditor_id, debtor_id, other_id, score_bp, reasons, status, created_at"
    };
}

statement! {
    struct ListOpen { creditor: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", columns!(), " FROM debtor_matches WHERE creditor_id = ? AND status = 'open' AND id < ? ORDER BY id DESC LIMIT ?")
}

pub async fn list_open(conn: &mut Conn<'_>, creditor: OrgId, cursor: Cursor) -> Result<Vec<DebtorMatch>, DbError> {
    let rows: Vec<MatchRow> = ListOpen { creditor, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    Ok(rows.into_iter().map(DebtorMatch::from).collect())
}

statement! {
    struct Lock { id: DebtorMatchId => SqlUuid } concat!("SELECT ", columns!(), " FROM debtor_matches WHERE id = ? FOR UPDATE")
}

pub async fn lock(conn: &mut Conn<'_>, id: DebtorMatchId) -> Result<Option<DebtorMatch>, DbError> {
    Ok(Lock { id }.get_result::<MatchRow>(conn).await.optional()?.map(DebtorMatch::from))
}

statement! {
    struct Decide { status: MatchStatus => Text, at: DateTime<Utc> => Timestamptz, by: Option<Uuid> => Nullable<SqlUuid>, id: DebtorMatchId => SqlUuid }
    "UPDATE debtor_matches SET status = ?, decided_at = ?, decided_by = ? WHERE id = ?"
}

pub async fn decide(conn: &mut Conn<'_>, by: &By, id: DebtorMatchId, status: MatchStatus) -> Result<(), DbError> {
    Decide { status, at: by.at, by: by.actor.id, id }.execute(conn).await?;
    Ok(())
}

statement! {
    /// Offers that a merger settles: both sides are one by now.
    struct Settle { at: DateTime<Utc> => Timestamptz, by: Option<Uuid> => Nullable<SqlUuid>, gone: DebtorId => SqlUuid, same: DebtorId => SqlUuid }
    "UPDATE debtor_matches SET status = 'merged', decided_at = ?, decided_by = ? WHERE status = 'open' AND (debtor_id = ? OR other_id = ?)"
}

pub async fn settle(conn: &mut Conn<'_>, by: &By, gone: DebtorId) -> Result<(), DbError> {
    Settle { at: by.at, by: by.actor.id, gone, same: gone }.execute(conn).await?;
    Ok(())
}

statement! {
    struct LockDebtors { creditor: OrgId => SqlUuid, ids: Vec<DebtorId> => Array<SqlUuid> }
    "SELECT id FROM debtors WHERE creditor_id = ? AND id = ANY(?) AND merged_into IS NULL ORDER BY id FOR UPDATE"
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = SqlUuid)]
    id: DebtorId,
}

/// Those of them that are the creditor's and stand for themselves, locked in the order of their ids.
pub async fn lock_debtors(conn: &mut Conn<'_>, creditor: OrgId, ids: &[DebtorId]) -> Result<Vec<DebtorId>, DbError> {
    let rows: Vec<Locked> = LockDebtors { creditor, ids: ids.to_vec() }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

statement! {
    struct Merge { kept: DebtorId => SqlUuid, gone: DebtorId => SqlUuid, earlier: DebtorId => SqlUuid }
    "UPDATE debtors SET merged_into = ? WHERE id = ? OR merged_into = ?"
}
statement! {
    struct FillFrom { kept: DebtorId => SqlUuid, gone: DebtorId => SqlUuid }
    "UPDATE debtors kept SET sector = coalesce(kept.sector, gone.sector), email = coalesce(kept.email, gone.email),
        phone = coalesce(kept.phone, gone.phone), street = coalesce(kept.street, gone.street),
        postal_code = coalesce(kept.postal_code, gone.postal_code), city = coalesce(kept.city, gone.city),
        tax_number = coalesce(kept.tax_number, gone.tax_number)
     FROM debtors gone WHERE kept.id = ? AND gone.id = ?"
}
statement! {
    struct MoveSites { kept: DebtorId => SqlUuid, gone: DebtorId => SqlUuid, itself: DebtorId => SqlUuid }
    "UPDATE debtors SET parent_id = ? WHERE parent_id = ? AND id <> ?"
}
statement! {
    struct MoveContacts { kept: DebtorId => SqlUuid, gone: DebtorId => SqlUuid } "UPDATE debtor_contacts SET debtor_id = ? WHERE debtor_id = ?"
}
statement! {
    struct MoveInvoices { kept: DebtorId => SqlUuid, creditor: OrgId => SqlUuid, gone: DebtorId => SqlUuid }
    "UPDATE receivables SET debtor_id = ? WHERE creditor_id = ? AND debtor_id = ? AND case_id IS NULL RETURNING id"
}

#[derive(QueryableByName)]
struct Moved {
    #[diesel(sql_type = SqlUuid)]
    id: ReceivableId,
}

/// Makes one customer of two; tells which invoices moved. Those in a case stay with it.
pub async fn merge(conn: &mut Conn<'_>, creditor: OrgId, kept: DebtorId, gone: DebtorId) -> Result<Vec<ReceivableId>, DbError> {
    Merge { kept, gone, earlier: gone }.execute(conn).await?;
    FillFrom { kept, gone }.execute(conn).await?;
    MoveSites { kept, gone, itself: kept }.execute(conn).await?;
    MoveContacts { kept, gone }.execute(conn).await?;
    let moved: Vec<Moved> = MoveInvoices { kept, creditor, gone }.load(conn).await?;
    Ok(moved.into_iter().map(|row| row.id).collect())
}

statement! {
    struct Record<'a> {
        id: Uuid => SqlUuid, debtor: DebtorId => SqlUuid, creditor: OrgId => SqlUuid, kind: &'a str => Text, actor_kind: &'a str => Text,
        actor_id: Option<Uuid> => Nullable<SqlUuid>, at: DateTime<Utc> => Timestamptz, data: Value => Jsonb,
    }
    "INSERT INTO debtor_events (id, debtor_id, creditor_id, kind, actor_kind, actor_id, at, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
}

/// Writes down what became of a customer's record.
pub async fn record(
    conn: &mut Conn<'_>,
    by: &By,
    (creditor, debtor): (OrgId, DebtorId),
    kind: &'static str,
    data: Value,
) -> Result<(), DbError> {
    let (actor_kind, actor_id) = (by.actor.kind.as_str(), by.actor.id);
    Record { id: fresh_uuid(), debtor, creditor, kind, actor_kind, actor_id, at: by.at, data }.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    actor_kind: crate::db::ActorKind,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    actor_id: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Jsonb)]
    data: Value,
}

statement! {
    struct Events { debtor: DebtorId => SqlUuid }
    "SELECT kind, actor_kind, actor_id, at, data FROM debtor_events WHERE debtor_id = ? ORDER BY id DESC LIMIT 200"
}

/// What became of a customer's record, newest first.
pub async fn list_events(
    conn: &mut Conn<'_>,
    debtor: DebtorId,
) -> Result<Vec<crate::receivables::matches::DebtorEvent>, DbError> {
    let rows: Vec<EventRow> = Events { debtor }.load(conn).await?;
    let event = |row: EventRow| crate::receivables::matches::DebtorEvent {
        kind: row.kind,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        at: row.at,
        data: row.data,
    };
    Ok(rows.into_iter().map(event).collect())
}
