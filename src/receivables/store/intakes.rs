//! SQL of intakes: many receivables by one statement.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    db::{Conn, DbError, statement},
    receivables::{
        intake::{Candidate, Format},
        intakes::{IntakeView, RowStatus},
    },
    types::{Currency, DebtorId, DocumentId, IntakeId, Money, OrgId, ReceivableId},
};

statement! {
    struct InsertReceivables<'a> {
        creditor: OrgId => SqlUuid, at: DateTime<Utc> => Timestamptz,
        ids: Vec<ReceivableId> => Array<SqlUuid>, debtors: Vec<DebtorId> => Array<SqlUuid>, issuers: Vec<&'a str> => Array<Text>,
        numbers: Vec<&'a str> => Array<Text>, issued: Vec<NaiveDate> => Array<Date>, due: Vec<NaiveDate> => Array<Date>,
        currencies: Vec<Currency> => Array<Text>, minors: Vec<i64> => Array<BigInt>,
        orders: Vec<Option<&'a str>> => Array<Nullable<Text>>,
    }
    "INSERT INTO receivables (creditor_id, created_at, id, debtor_id, issuer, number, issued_on, due_on, currency, principal_minor,
                              purchase_order)
     SELECT ?, ?, new.* FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?) AS new
     ON CONFLICT ON CONSTRAINT receivables_number_unique DO NOTHING RETURNING id"
}

#[derive(QueryableByName)]
struct Inserted {
    #[diesel(sql_type = SqlUuid)]
    id: ReceivableId,
}

/// Returns the ids of those that were not there before. `fresh` is in order of issuer and number, each once.
pub async fn insert_receivables(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    fresh: &[(ReceivableId, DebtorId, &Candidate)],
    at: DateTime<Utc>,
) -> Result<Vec<ReceivableId>, DbError> {
    if fresh.is_empty() {
        return Ok(Vec::new());
    }
    let insert = InsertReceivables {
        creditor,
        at,
        ids: fresh.iter().map(|(id, _, _)| *id).collect(),
        debtors: fresh.iter().map(|(_, debtor, _)| *debtor).collect(),
        issuers: fresh.iter().map(|(_, _, candidate)| candidate.issuer.as_str()).collect(),
        numbers: fresh.iter().map(|(_, _, candidate)| candidate.number.as_str()).collect(),
        issued: fresh.iter().map(|(_, _, candidate)| candidate.issued_on).collect(),
        due: fresh.iter().map(|(_, _, candidate)| candidate.due_on).collect(),
        currencies: fresh.iter().map(|(_, _, candidate)| candidate.principal.currency).collect(),
        minors: fresh.iter().map(|(_, _, candidate)| candidate.principal.minor).collect(),
        orders: fresh.iter().map(|(_, _, candidate)| candidate.purchase_order.as_deref()).collect(),
    };
    let rows: Vec<Inserted> = insert.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

statement! {
    struct FindHeld<'a> { issuers: Vec<&'a str> => Array<Text>, numbers: Vec<&'a str> => Array<Text>, creditor: OrgId => SqlUuid }
    "SELECT r.id, r.debtor_id, r.issuer, r.number, r.due_on, r.currency, r.principal_minor
     FROM unnest(?, ?) AS wanted (issuer, number)
     JOIN receivables r ON r.creditor_id = ? AND r.issuer = wanted.issuer AND r.number = wanted.number"
}

#[derive(QueryableByName)]
struct HeldRow {
    #[diesel(sql_type = SqlUuid)]
    id: ReceivableId,
    #[diesel(sql_type = SqlUuid)]
    debtor_id: DebtorId,
    #[diesel(sql_type = Text)]
    issuer: String,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Date)]
    due_on: NaiveDate,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    principal_minor: i64,
}

/// A receivable under the issuer and number of a candidate.
#[derive(Debug)]
pub struct Held {
    pub id: ReceivableId,
    pub debtor_id: DebtorId,
    pub issuer: String,
    pub number: String,
    due_on: NaiveDate,
    principal: Money,
    /// Made by the intake that asks.
    pub fresh: bool,
}

impl Held {
    /// How it differs from a candidate of the same number.
    #[must_use]
    pub fn difference(&self, candidate: &Candidate) -> Option<String> {
        let amount =
            (self.principal != candidate.principal).then(|| format!("{} then, {} now", self.principal, candidate.principal));
        let due = (self.due_on != candidate.due_on).then(|| format!("due {} then, {} now", self.due_on, candidate.due_on));
        let differences: Vec<String> = amount.into_iter().chain(due).collect();
        (!differences.is_empty()).then(|| format!("it differs from what was sent before: {}", differences.join("; ")))
    }
}

pub async fn find_held(conn: &mut Conn<'_>, creditor: OrgId, candidates: &[&Candidate]) -> Result<Vec<Held>, DbError> {
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let issuers = candidates.iter().map(|candidate| candidate.issuer.as_str()).collect();
    let numbers = candidates.iter().map(|candidate| candidate.number.as_str()).collect();
    let rows: Vec<HeldRow> = FindHeld { issuers, numbers, creditor }.load(conn).await?;
    let held = |row: HeldRow| Held {
        id: row.id,
        debtor_id: row.debtor_id,
        issuer: row.issuer,
        number: row.number,
        due_on: row.due_on,
        principal: Money::new(row.principal_minor, row.currency),
        fresh: false,
    };
    Ok(rows.into_iter().map(held).collect())
}

statement! {
    struct SetDocument { document: DocumentId => SqlUuid, ids: Vec<ReceivableId> => Array<SqlUuid> }
    "UPDATE receivables SET document_id = ? WHERE id = ANY(?)"
}

pub async fn set_document(conn: &mut Conn<'_>, ids: &[ReceivableId], document: DocumentId) -> Result<(), DbError> {
    SetDocument { document, ids: ids.to_vec() }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Insert<'a> {
        id: IntakeId => SqlUuid, creditor: OrgId => SqlUuid, format: Format => Text, file_name: Option<&'a str> => Nullable<Text>,
        sha256: Vec<u8> => Binary, accepted: i32 => Integer, known: i32 => Integer, refused: i32 => Integer, rows: Value => Jsonb,
        at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO intakes (id, creditor_id, format, file_name, content_sha256, accepted, known, refused, rows, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

/// Accepted rows are kept as receivables; the intake keeps the answers to the others.
pub async fn insert(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    view: &IntakeView,
    content: &[u8],
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let rest: Vec<_> = view.rows.iter().filter(|answer| answer.status != RowStatus::Accepted).collect();
    let count = |counted: u32| i32::try_from(counted).unwrap_or(i32::MAX);
    let insert = Insert {
        id: view.id,
        creditor,
        format: view.format,
        file_name: view.file_name.as_deref(),
        sha256: Sha256::digest(content).to_vec(),
        accepted: count(view.accepted),
        known: count(view.known),
        refused: count(view.refused),
        rows: json!(rest),
        at,
    };
    insert.execute(conn).await?;
    Ok(())
}
