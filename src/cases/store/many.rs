//! SQL of thousands of cases at a time.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    cases::{case::Case, lifecycle::Phase, timeline::Event},
    db::{Conn, DbError, statement},
    types::{CaseId, Currency, DebtorId, OrgId},
};

statement! {
    struct InsertMany<'a> {
        ids: Vec<CaseId> => Array<SqlUuid>, references: Vec<&'a str> => Array<Text>, creditors: Vec<OrgId> => Array<SqlUuid>,
        debtors: Vec<DebtorId> => Array<SqlUuid>, phases: Vec<Phase> => Array<Text>, currencies: Vec<Currency> => Array<Text>,
        principals: Vec<i64> => Array<BigInt>, with_interest: Vec<bool> => Array<Bool>, oldest_due: Vec<NaiveDate> => Array<Date>,
        next_action_at: Vec<Option<DateTime<Utc>>> => Array<Nullable<Timestamptz>>, event_counts: Vec<i32> => Array<Integer>,
        last_hashes: Vec<&'a [u8]> => Array<Binary>, phase_since: Vec<DateTime<Utc>> => Array<Timestamptz>,
        posted_at: Vec<DateTime<Utc>> => Array<Timestamptz>,
    }
    "INSERT INTO cases (version, id, reference, creditor_id, debtor_id, phase, currency, principal_minor, with_interest, oldest_due_on,
                        next_action_at, event_count, last_event_hash, phase_since, posted_at)
     SELECT 1, new.* FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS new"
}

statement! {
    struct InsertManyEvents<'a> {
        cases: Vec<CaseId> => Array<SqlUuid>, creditors: Vec<OrgId> => Array<SqlUuid>, seqs: Vec<i32> => Array<Integer>,
        kinds: Vec<&'static str> => Array<Text>, actor_kinds: Vec<&'static str> => Array<Text>,
        actor_ids: Vec<Option<Uuid>> => Array<Nullable<SqlUuid>>, ats: Vec<DateTime<Utc>> => Array<Timestamptz>,
        data: Vec<&'a Value> => Array<Jsonb>, hashes: Vec<&'a [u8]> => Array<Binary>,
    }
    "INSERT INTO events (case_id, creditor_id, seq, kind, actor_kind, actor_id, at, data, hash)
     SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?) AS new"
}

/// New cases with their first events, some thousand at a time.
pub async fn insert(conn: &mut Conn<'_>, cases: &[Case]) -> Result<(), DbError> {
    if cases.is_empty() {
        return Ok(());
    }
    let insert = InsertMany {
        ids: cases.iter().map(|case| case.id).collect(),
        references: cases.iter().map(|case| case.reference.as_str()).collect(),
        creditors: cases.iter().map(|case| case.creditor).collect(),
        debtors: cases.iter().map(|case| case.debtor).collect(),
        phases: cases.iter().map(|case| case.phase).collect(),
        currencies: cases.iter().map(|case| case.currency).collect(),
        principals: cases.iter().map(|case| case.principal_minor).collect(),
        with_interest: cases.iter().map(|case| case.with_interest).collect(),
        oldest_due: cases.iter().map(|case| case.oldest_due_on).collect(),
        next_action_at: cases.iter().map(|case| case.next_action_at).collect(),
        event_counts: cases.iter().map(|case| case.event_count).collect(),
        last_hashes: cases.iter().map(|case| case.last_event_hash.as_slice()).collect(),
        phase_since: cases.iter().map(|case| case.phase_since).collect(),
        posted_at: cases.iter().map(|case| case.posted_at).collect(),
    };
    insert.execute(conn).await?;
    let lines: Vec<(&Case, &Event)> = cases.iter().flat_map(|case| case.unsaved.iter().map(move |event| (case, event))).collect();
    let events = InsertManyEvents {
        cases: lines.iter().map(|(case, _)| case.id).collect(),
        creditors: lines.iter().map(|(case, _)| case.creditor).collect(),
        seqs: lines.iter().map(|(_, event)| event.seq).collect(),
        kinds: lines.iter().map(|(_, event)| event.kind.as_str()).collect(),
        actor_kinds: lines.iter().map(|(_, event)| event.actor_kind.as_str()).collect(),
        actor_ids: lines.iter().map(|(_, event)| event.actor_id).collect(),
        ats: lines.iter().map(|(_, event)| event.at).collect(),
        data: lines.iter().map(|(_, event)| &event.data).collect(),
        hashes: lines.iter().map(|(_, event)| event.hash.as_slice()).collect(),
    };
    events.execute(conn).await?;
    Ok(())
}
