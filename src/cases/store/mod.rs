//! SQL of cases and their timelines. A case and its new events are written by one statement.

pub(in crate::cases) mod desk;
pub(in crate::cases) mod disputes;
pub(in crate::cases) mod history;
pub(in crate::cases) mod holds;
pub(in crate::cases) mod limitation;
pub(in crate::cases) mod many;
pub(in crate::cases) mod plans;
pub(in crate::cases) mod promises;
pub(in crate::cases) mod settlements;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Binary, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::{
    case::Case,
    lifecycle::{Outcome, Phase},
    timeline::{Event, EventKind},
};
use crate::{
    db::{ActorKind, Conn, DbError, statement},
    http::Cursor,
    types::{CaseId, Currency, DebtorId, JobId, ListingId, OrgId, Tone},
};

macro_rules! case_columns {
    () => {
        "id, reference, creditor_id, debtor_id, agency_id, promised_tone, listing_id, phase, closed_from, outcome, currency, principal_minor,
         recovered_minor, with_interest, oldest_due_on, contact_epoch, next_action_at, event_count, last_event_hash, version,
         phase_since, posted_at, closed_at"
    };
}

#[derive(QueryableByName)]
struct CaseRow {
    #[diesel(sql_type = SqlUuid)]
    id: CaseId,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    debtor_id: DebtorId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    agency_id: Option<OrgId>,
    #[diesel(sql_type = Nullable<Text>)]
    promised_tone: Option<Tone>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    listing_id: Option<ListingId>,
    #[diesel(sql_type = Text)]
    phase: Phase,
    #[diesel(sql_type = Nullable<Text>)]
    closed_from: Option<Phase>,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<Outcome>,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    principal_minor: i64,
    #[diesel(sql_type = BigInt)]
    recovered_minor: i64,
    #[diesel(sql_type = Bool)]
    with_interest: bool,
    #[diesel(sql_type = Date)]
    oldest_due_on: NaiveDate,
    #[diesel(sql_type = Integer)]
    contact_epoch: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    next_action_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    event_count: i32,
    #[diesel(sql_type = Binary)]
    last_event_hash: Vec<u8>,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Timestamptz)]
    phase_since: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    posted_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    closed_at: Option<DateTime<Utc>>,
}

impl From<CaseRow> for Case {
    fn from(row: CaseRow) -> Self {
        Self {
            id: row.id,
            reference: row.reference,
            creditor: row.creditor_id,
            debtor: row.debtor_id,
            agency: row.agency_id,
            promised_tone: row.promised_tone,
            listing: row.listing_id,
            phase: row.phase,
            closed_from: row.closed_from,
            outcome: row.outcome,
            currency: row.currency,
            principal_minor: row.principal_minor,
            recovered_minor: row.recovered_minor,
            with_interest: row.with_interest,
            oldest_due_on: row.oldest_due_on,
            contact_epoch: row.contact_epoch,
            next_action_at: row.next_action_at,
            event_count: row.event_count,
            last_event_hash: row.last_event_hash,
            version: row.version,
            phase_since: row.phase_since,
            posted_at: row.posted_at,
            closed_at: row.closed_at,
            unsaved: Vec::new(),
        }
    }
}

statement! {
    struct Find { id: CaseId => SqlUuid } concat!("SELECT ", case_columns!(), " FROM cases WHERE id = ?")
}

pub(super) async fn find(conn: &mut Conn<'_>, id: CaseId) -> Result<Option<Case>, DbError> {
    Ok(Find { id }.get_result::<CaseRow>(conn).await.optional()?.map(Case::from))
}

statement! {
    struct FindByReference<'a> { reference: &'a str => Text } concat!("SELECT ", case_columns!(), " FROM cases WHERE reference = ?")
}

pub(super) async fn find_by_reference(conn: &mut Conn<'_>, reference: &str) -> Result<Option<Case>, DbError> {
    Ok(FindByReference { reference }.get_result::<CaseRow>(conn).await.optional()?.map(Case::from))
}

statement! {
    struct Lock { id: CaseId => SqlUuid } concat!("SELECT ", case_columns!(), " FROM cases WHERE id = ? FOR UPDATE")
}

pub(super) async fn lock(conn: &mut Conn<'_>, id: CaseId) -> Result<Option<Case>, DbError> {
    Ok(Lock { id }.get_result::<CaseRow>(conn).await.optional()?.map(Case::from))
}

statement! {
    struct LockDue { now: DateTime<Utc> => Timestamptz, limit: i64 => BigInt }
    concat!("SELECT ", case_columns!(), " FROM cases WHERE next_action_at <= ? ORDER BY next_action_at LIMIT ? FOR UPDATE SKIP LOCKED")
}

pub(super) async fn lock_due(conn: &mut Conn<'_>, now: DateTime<Utc>, limit: i64) -> Result<Vec<Case>, DbError> {
    Ok(LockDue { now, limit }.load::<CaseRow>(conn).await?.into_iter().map(Case::from).collect())
}

statement! {
    struct CountDue { now: DateTime<Utc> => Timestamptz } "SELECT count(*) AS count FROM cases WHERE next_action_at <= ?"
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

pub(super) async fn count_due(conn: &mut Conn<'_>, now: DateTime<Utc>) -> Result<i64, DbError> {
    Ok(CountDue { now }.get_result::<Counted>(conn).await?.count)
}

statement! {
    struct OfCreditor { creditor: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", case_columns!(), " FROM cases WHERE creditor_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
}
statement! {
    struct OfCreditorInPhase<'a> { creditor: OrgId => SqlUuid, before: Uuid => SqlUuid, phase: &'a str => Text, limit: i64 => BigInt }
    concat!("SELECT ", case_columns!(), " FROM cases WHERE creditor_id = ? AND id < ? AND phase = ? ORDER BY id DESC LIMIT ?")
}
statement! {
    struct OfAgency { agency: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", case_columns!(), " FROM cases WHERE agency_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
}

pub(super) async fn list_of_creditor(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    phase: Option<Phase>,
    cursor: Cursor,
) -> Result<Vec<Case>, DbError> {
    let (before, limit) = (cursor.before, cursor.fetch());
    let rows: Vec<CaseRow> = match phase {
        None => OfCreditor { creditor, before, limit }.load(conn).await?,
        Some(phase) => OfCreditorInPhase { creditor, before, phase: phase.as_str(), limit }.load(conn).await?,
    };
    Ok(rows.into_iter().map(Case::from).collect())
}

pub(super) async fn list_of_agency(conn: &mut Conn<'_>, agency: OrgId, cursor: Cursor) -> Result<Vec<Case>, DbError> {
    let rows: Vec<CaseRow> = OfAgency { agency, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    Ok(rows.into_iter().map(Case::from).collect())
}

/// The new events of a case as columns, and the job that tells whoever should know.
struct EventColumns<'a> {
    seqs: Vec<i32>,
    kinds: Vec<&'static str>,
    actor_kinds: Vec<&'static str>,
    actor_ids: Vec<Option<Uuid>>,
    readers: Vec<Option<OrgId>>,
    data: Vec<&'a Value>,
    hashes: Vec<&'a [u8]>,
}

impl<'a> EventColumns<'a> {
    fn of(events: &'a [Event]) -> Self {
        Self {
            seqs: events.iter().map(|event| event.seq).collect(),
            kinds: events.iter().map(|event| event.kind.as_str()).collect(),
            actor_kinds: events.iter().map(|event| event.actor_kind.as_str()).collect(),
            actor_ids: events.iter().map(|event| event.actor_id).collect(),
            readers: events.iter().map(|event| event.agency).collect(),
            data: events.iter().map(|event| &event.data).collect(),
            hashes: events.iter().map(|event| event.hash.as_slice()).collect(),
        }
    }
}

statement! {
    struct Insert<'a> {
        id: CaseId => SqlUuid, reference: &'a str => Text, creditor: OrgId => SqlUuid, debtor: DebtorId => SqlUuid, phase: Phase => Text,
        currency: Currency => Text, principal_minor: i64 => BigInt, with_interest: bool => Bool, oldest_due_on: NaiveDate => Date,
        next_action_at: Option<DateTime<Utc>> => Nullable<Timestamptz>, event_count: i32 => Integer, last_event_hash: &'a [u8] => Binary,
        phase_since: DateTime<Utc> => Timestamptz, posted_at: DateTime<Utc> => Timestamptz,
        at: DateTime<Utc> => Timestamptz,
        seqs: Vec<i32> => Array<Integer>, kinds: Vec<&'static str> => Array<Text>, actor_kinds: Vec<&'static str> => Array<Text>,
        actor_ids: Vec<Option<Uuid>> => Array<Nullable<SqlUuid>>, data: Vec<&'a Value> => Array<Jsonb>, hashes: Vec<&'a [u8]> => Array<Binary>,
        job: JobId => SqlUuid, job_payload: &'a Value => Jsonb, job_at: DateTime<Utc> => Timestamptz,
    }
    "WITH posted AS (
        INSERT INTO cases (id, reference, creditor_id, debtor_id, phase, currency, principal_minor, with_interest, oldest_due_on,
                           next_action_at, event_count, last_event_hash, version, phase_since, posted_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?) RETURNING id, creditor_id),
     lines AS (
        INSERT INTO events (case_id, seq, creditor_id, agency_id, kind, actor_kind, actor_id, at, data, hash)
        SELECT posted.id, line.seq, posted.creditor_id, NULL, line.kind, line.actor_kind, line.actor_id, ?, line.data, line.hash
        FROM posted, unnest(?, ?, ?, ?, ?, ?) AS line (seq, kind, actor_kind, actor_id, data, hash))
     INSERT INTO jobs (id, kind, payload, run_at) VALUES (?, 'notices.events', ?, ?)"
}

/// A new case with its first events.
pub(super) async fn insert(conn: &mut Conn<'_>, case: &mut Case, job_payload: &Value) -> Result<(), DbError> {
    let events = std::mem::take(&mut case.unsaved);
    let columns = EventColumns::of(&events);
    let at = case.posted_at;
    Insert {
        id: case.id,
        reference: &case.reference,
        creditor: case.creditor,
        debtor: case.debtor,
        phase: case.phase,
        currency: case.currency,
        principal_minor: case.principal_minor,
        with_interest: case.with_interest,
        oldest_due_on: case.oldest_due_on,
        next_action_at: case.next_action_at,
        event_count: case.event_count,
        last_event_hash: &case.last_event_hash,
        phase_since: case.phase_since,
        posted_at: case.posted_at,
        at,
        seqs: columns.seqs,
        kinds: columns.kinds,
        actor_kinds: columns.actor_kinds,
        actor_ids: columns.actor_ids,
        data: columns.data,
        hashes: columns.hashes,
        job: JobId::fresh(),
        job_payload,
        job_at: at,
    }
    .execute(conn)
    .await?;
    Ok(())
}

statement! {
    struct Update<'a> {
        agency: Option<OrgId> => Nullable<SqlUuid>, promised_tone: Option<Tone> => Nullable<Text>,
        listing: Option<ListingId> => Nullable<SqlUuid>, phase: Phase => Text,
        closed_from: Option<Phase> => Nullable<Text>, outcome: Option<Outcome> => Nullable<Text>, principal_minor: i64 => BigInt,
        recovered_minor: i64 => BigInt, contact_epoch: i32 => Integer, next_action_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        event_count: i32 => Integer, last_event_hash: &'a [u8] => Binary, phase_since: DateTime<Utc> => Timestamptz,
        closed_at: Option<DateTime<Utc>> => Nullable<Timestamptz>, id: CaseId => SqlUuid,
        line_case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, at: DateTime<Utc> => Timestamptz,
        seqs: Vec<i32> => Array<Integer>, readers: Vec<Option<OrgId>> => Array<Nullable<SqlUuid>>, kinds: Vec<&'static str> => Array<Text>,
        actor_kinds: Vec<&'static str> => Array<Text>, actor_ids: Vec<Option<Uuid>> => Array<Nullable<SqlUuid>>,
        data: Vec<&'a Value> => Array<Jsonb>, hashes: Vec<&'a [u8]> => Array<Binary>,
        job: JobId => SqlUuid, job_payload: &'a Value => Jsonb, job_at: DateTime<Utc> => Timestamptz, has_events: bool => Bool,
    }
    "WITH changed AS (
        UPDATE cases SET agency_id = ?, promised_tone = ?, listing_id = ?, phase = ?, closed_from = ?, outcome = ?, principal_minor = ?, recovered_minor = ?,
            contact_epoch = ?, next_action_at = ?, event_count = ?, last_event_hash = ?, phase_since = ?, closed_at = ?,
            version = version + 1 WHERE id = ?),
     lines AS (
        INSERT INTO events (case_id, seq, creditor_id, agency_id, kind, actor_kind, actor_id, at, data, hash)
        SELECT ?, line.seq, ?, line.reader, line.kind, line.actor_kind, line.actor_id, ?, line.data, line.hash
        FROM unnest(?, ?, ?, ?, ?, ?, ?) AS line (seq, reader, kind, actor_kind, actor_id, data, hash))
     INSERT INTO jobs (id, kind, payload, run_at) SELECT ?, 'notices.events', ?, ? WHERE ?"
}

/// A locked case with its changes, new events and the job that tells of them.
pub(super) async fn update(conn: &mut Conn<'_>, case: &mut Case, at: DateTime<Utc>, job_payload: &Value) -> Result<(), DbError> {
    let events = std::mem::take(&mut case.unsaved);
    let columns = EventColumns::of(&events);
    Update {
        agency: case.agency,
        promised_tone: case.promised_tone,
        listing: case.listing,
        phase: case.phase,
        closed_from: case.closed_from,
        outcome: case.outcome,
        principal_minor: case.principal_minor,
        recovered_minor: case.recovered_minor,
        contact_epoch: case.contact_epoch,
        next_action_at: case.next_action_at,
        event_count: case.event_count,
        last_event_hash: &case.last_event_hash,
        phase_since: case.phase_since,
        closed_at: case.closed_at,
        id: case.id,
        line_case: case.id,
        creditor: case.creditor,
        at,
        seqs: columns.seqs,
        readers: columns.readers,
        kinds: columns.kinds,
        actor_kinds: columns.actor_kinds,
        actor_ids: columns.actor_ids,
        data: columns.data,
        hashes: columns.hashes,
        job: JobId::fresh(),
        job_payload,
        job_at: at,
        has_events: !events.is_empty(),
    }
    .execute(conn)
    .await?;
    case.version += 1;
    Ok(())
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = Integer)]
    seq: i32,
    #[diesel(sql_type = Text)]
    kind: EventKind,
    #[diesel(sql_type = Text)]
    actor_kind: ActorKind,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    actor_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    agency_id: Option<OrgId>,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Jsonb)]
    data: Value,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        Self {
            seq: row.seq,
            kind: row.kind,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            agency: row.agency_id,
            at: row.at,
            data: row.data,
            hash: row.hash,
        }
    }
}

statement! {
    struct Events { case: CaseId => SqlUuid, after: i32 => Integer, limit: i64 => BigInt }
    "SELECT seq, kind, actor_kind, actor_id, agency_id, at, data, hash FROM events WHERE case_id = ? AND seq > ? ORDER BY seq LIMIT ?"
}

/// Lines after `after`, oldest first, as far as row-level security shows them.
pub(super) async fn list_events(conn: &mut Conn<'_>, case: CaseId, after: i32, limit: i64) -> Result<Vec<Event>, DbError> {
    let rows: Vec<EventRow> = Events { case, after, limit }.load(conn).await?;
    Ok(rows.into_iter().map(Event::from).collect())
}

statement! {
    struct EventsOfKind { case: CaseId => SqlUuid, kind: EventKind => Text }
    "SELECT seq, kind, actor_kind, actor_id, agency_id, at, data, hash FROM events WHERE case_id = ? AND kind = ? ORDER BY seq"
}

/// Lines of one kind, oldest first, as far as row-level security shows them.
pub(super) async fn list_events_of_kind(conn: &mut Conn<'_>, case: CaseId, kind: EventKind) -> Result<Vec<Event>, DbError> {
    let rows: Vec<EventRow> = EventsOfKind { case, kind }.load(conn).await?;
    Ok(rows.into_iter().map(Event::from).collect())
}

statement! {
    struct ChainEnds { after: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", case_columns!(), " FROM cases WHERE id > ? ORDER BY id LIMIT ?")
}

/// All cases in the order of their ids, for the audit.
pub(super) async fn list_all(conn: &mut Conn<'_>, after: Uuid, limit: i64) -> Result<Vec<Case>, DbError> {
    Ok(ChainEnds { after, limit }.load::<CaseRow>(conn).await?.into_iter().map(Case::from).collect())
}
