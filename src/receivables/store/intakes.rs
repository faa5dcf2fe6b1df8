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
    db::{self, Conn, DbError, statement},
    receivables::{
        intake::{Candidate, Format, Particulars, PriorReminder},
        intakes::{IntakeView, RowStatus},
    },
    types::{CaseId, Channel, Currency, DebtorId, DocumentId, IntakeId, Money, OrgId, ReceivableId, UploadId},
};

/// A receivable about to be made.
#[derive(Debug)]
pub struct Fresh<'a> {
    pub id: ReceivableId,
    pub debtor: DebtorId,
    pub case: Option<CaseId>,
    pub candidate: &'a Candidate,
}

statement! {
    struct InsertReceivables<'a> {
        creditor: OrgId => SqlUuid, at: DateTime<Utc> => Timestamptz, upload: Option<UploadId> => Nullable<SqlUuid>,
        ids: Vec<ReceivableId> => Array<SqlUuid>, debtors: Vec<DebtorId> => Array<SqlUuid>,
        cases: Vec<Option<CaseId>> => Array<Nullable<SqlUuid>>, issuers: Vec<&'a str> => Array<Text>,
        numbers: Vec<&'a str> => Array<Text>, issued: Vec<NaiveDate> => Array<Date>, due: Vec<NaiveDate> => Array<Date>,
        currencies: Vec<Currency> => Array<Text>, minors: Vec<i64> => Array<BigInt>,
        paid: Vec<i64> => Array<BigInt>, vat: Vec<Option<i64>> => Array<Nullable<BigInt>>,
        orders: Vec<Option<&'a str>> => Array<Nullable<Text>>, deliveries: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        delivered: Vec<Option<NaiveDate>> => Array<Nullable<Date>>,
    }
    "INSERT INTO receivables (creditor_id, created_at, upload_id, id, debtor_id, case_id, issuer, number, issued_on, due_on, currency,
                              principal_minor, principal_paid_minor, vat_minor, purchase_order, delivery_note, delivered_on)
     SELECT ?, ?, ?, new.* FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS new
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
    upload: Option<UploadId>,
    fresh: &[Fresh<'_>],
    at: DateTime<Utc>,
) -> Result<Vec<ReceivableId>, DbError> {
    if fresh.is_empty() {
        return Ok(Vec::new());
    }
    let said = || fresh.iter().map(|fresh| fresh.candidate);
    let insert = InsertReceivables {
        creditor,
        at,
        upload,
        ids: fresh.iter().map(|fresh| fresh.id).collect(),
        debtors: fresh.iter().map(|fresh| fresh.debtor).collect(),
        cases: fresh.iter().map(|fresh| fresh.case).collect(),
        issuers: said().map(|candidate| candidate.issuer.as_str()).collect(),
        numbers: said().map(|candidate| candidate.number.as_str()).collect(),
        issued: said().map(|candidate| candidate.issued_on).collect(),
        due: said().map(|candidate| candidate.due_on).collect(),
        currencies: said().map(|candidate| candidate.principal.currency).collect(),
        minors: said().map(|candidate| candidate.principal.minor).collect(),
        paid: said().map(|candidate| candidate.particulars.paid_minor()).collect(),
        vat: said().map(|candidate| candidate.particulars.vat.map(|vat| vat.minor)).collect(),
        orders: said().map(|candidate| candidate.purchase_order.as_deref()).collect(),
        deliveries: said().map(|candidate| candidate.particulars.delivery_note.as_deref()).collect(),
        delivered: said().map(|candidate| candidate.particulars.delivered_on).collect(),
    };
    let rows: Vec<Inserted> = insert.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

statement! {
    struct InsertInstalments {
        creditor: OrgId => SqlUuid, ids: Vec<ReceivableId> => Array<SqlUuid>, days: Vec<NaiveDate> => Array<Date>, minors: Vec<i64> => Array<BigInt>,
    }
    "INSERT INTO instalment_terms (creditor_id, receivable_id, due_on, amount_minor) SELECT ?, said.* FROM unnest(?, ?, ?) AS said"
}
statement! {
    struct InsertPriorPayments {
        creditor: OrgId => SqlUuid, ids: Vec<ReceivableId> => Array<SqlUuid>, days: Vec<NaiveDate> => Array<Date>, minors: Vec<i64> => Array<BigInt>,
    }
    "INSERT INTO prior_payments (creditor_id, receivable_id, received_on, amount_minor) SELECT ?, said.* FROM unnest(?, ?, ?) AS said"
}
statement! {
    struct InsertPriorReminders {
        creditor: OrgId => SqlUuid, ids: Vec<ReceivableId> => Array<SqlUuid>, days: Vec<NaiveDate> => Array<Date>, channels: Vec<Channel> => Array<Text>,
        notices: Vec<Option<NaiveDate>> => Array<Nullable<Date>>,
    }
    "INSERT INTO prior_reminders (creditor_id, receivable_id, sent_on, channel, notice_received_on)
     SELECT ?, said.* FROM unnest(?, ?, ?, ?) AS said"
}

type Dated<T> = Vec<(ReceivableId, NaiveDate, T)>;

fn flat<T: Copy>(of: &[(ReceivableId, &Particulars)], list: impl Fn(&Particulars) -> &Vec<(NaiveDate, T)>) -> Dated<T> {
    of.iter().flat_map(|(id, said)| list(said).iter().map(|(day, value)| (*id, *day, *value)).collect::<Vec<_>>()).collect()
}

fn unzip<T, U>(dated: Dated<T>, value: impl Fn(T) -> U) -> (Vec<ReceivableId>, Vec<NaiveDate>, Vec<U>) {
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for (id, day, held) in dated {
        columns.0.push(id);
        columns.1.push(day);
        columns.2.push(value(held));
    }
    columns
}

/// Writes instalments, payments and reminders of receivables that were just made.
pub async fn insert_particulars(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    of: &[(ReceivableId, &Particulars)],
) -> Result<(), DbError> {
    let instalments = flat(of, |said| &said.instalments);
    if !instalments.is_empty() {
        let (ids, days, minors) = unzip(instalments, |amount: Money| amount.minor);
        InsertInstalments { creditor, ids, days, minors }.execute(conn).await?;
    }
    let payments = flat(of, |said| &said.payments);
    if !payments.is_empty() {
        let (ids, days, minors) = unzip(payments, |amount: Money| amount.minor);
        InsertPriorPayments { creditor, ids, days, minors }.execute(conn).await?;
    }
    let reminders = flat(of, |said| &said.reminders);
    if !reminders.is_empty() {
        let (ids, days, reminders) = unzip(reminders, |reminder: PriorReminder| reminder);
        let channels = reminders.iter().map(|reminder| reminder.channel).collect();
        let notices = reminders.iter().map(|reminder| reminder.notice_received_on).collect();
        InsertPriorReminders { creditor, ids, days, channels, notices }.execute(conn).await?;
    }
    Ok(())
}

statement! {
    struct FindHeld<'a> { issuers: Vec<&'a str> => Array<Text>, numbers: Vec<&'a str> => Array<Text>, creditor: OrgId => SqlUuid }
    "SELECT r.id, r.debtor_id, r.case_id, r.issuer, r.number, r.due_on, r.currency, r.principal_minor
     FROM unnest(?, ?) AS wanted (issuer, number)
     CROSS JOIN LATERAL (
        SELECT * FROM receivables WHERE creditor_id = ? AND issuer = wanted.issuer AND number = wanted.number LIMIT 1) AS r"
}

#[derive(QueryableByName)]
struct HeldRow {
    #[diesel(sql_type = SqlUuid)]
    id: ReceivableId,
    #[diesel(sql_type = SqlUuid)]
    debtor_id: DebtorId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    case_id: Option<CaseId>,
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
    pub case_id: Option<CaseId>,
    pub issuer: String,
    pub number: String,
    due_on: NaiveDate,
    principal: Money,
    /// Made by the intake that asks.
    pub fresh: bool,
}

impl Held {
    /// What this intake has just made.
    #[must_use]
    pub fn made(fresh: &Fresh<'_>) -> Self {
        let candidate = fresh.candidate;
        Self {
            id: fresh.id,
            debtor_id: fresh.debtor,
            case_id: fresh.case,
            issuer: candidate.issuer.clone(),
            number: candidate.number.clone(),
            due_on: candidate.due_on,
            principal: candidate.principal,
            fresh: true,
        }
    }

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
    let wanted = FindHeld { issuers, numbers, creditor };
    db::plan_for(conn, candidates.len()).await?;
    let rows: Vec<HeldRow> = wanted.load(conn).await?;
    db::planned(conn, candidates.len()).await?;
    let held = |row: HeldRow| Held {
        id: row.id,
        debtor_id: row.debtor_id,
        case_id: row.case_id,
        issuer: row.issuer,
        number: row.number,
        due_on: row.due_on,
        principal: Money::new(row.principal_minor, row.currency),
        fresh: false,
    };
    Ok(rows.into_iter().map(held).collect())
}

statement! {
    struct SetDocument<'a> { document: DocumentId => SqlUuid, ids: &'a [ReceivableId] => Array<SqlUuid> }
    "UPDATE receivables SET document_id = ? WHERE id = ANY(?)"
}

pub async fn set_document(conn: &mut Conn<'_>, ids: &[ReceivableId], document: DocumentId) -> Result<(), DbError> {
    SetDocument { document, ids }.execute(conn).await?;
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
