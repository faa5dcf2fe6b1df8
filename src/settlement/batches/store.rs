//! SQL of batches of payouts.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{BatchStatus, Due, LeftOut, NewBatch, OrderStatus, PayoutBatch, PayoutOrder, Said, blames_account};
use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    settlement::preferences::{PreferenceSetting, Schedule},
    types::{Currency, Iban, MemberId, Money, OrgId, PayoutBatchId, PayoutId},
};

statement! {
    struct LockDue { payer: OrgId => SqlUuid, currency: Currency => Text, limit: i64 => BigInt }
    "SELECT payouts.id, payouts.payee_id, payouts.amount_minor - payouts.set_off_minor AS amount_minor, payouts.currency, payee.legal_name, payee.iban, cases.reference,
        EXISTS (SELECT FROM disputes WHERE disputes.case_id = payouts.case_id AND disputes.status = 'open') AS disputed,
        coalesce(payouts.refused_iban = payee.iban, false) AS refused,
        EXISTS (SELECT FROM account_changes WHERE account_changes.org_id = payouts.payee_id AND account_changes.status = 'confirmed') AS account_changing,
        payments.received_on,
        wish.schedule, wish.day, wish.minimum_minor AS wish_minor, wish.currency AS wish_currency
     FROM payouts JOIN organisations AS payee ON payee.id = payouts.payee_id JOIN cases ON cases.id = payouts.case_id
     JOIN payments ON payments.id = payouts.payment_id LEFT JOIN payout_preferences AS wish ON wish.org_id = payouts.payee_id
     WHERE payouts.payer_id = ? AND payouts.currency = ? AND payouts.status = 'due' AND payouts.batch_id IS NULL
        AND payments.route <> 'stripe'
     ORDER BY payouts.id LIMIT ? FOR UPDATE OF payouts"
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = SqlUuid)]
    id: PayoutId,
    #[diesel(sql_type = SqlUuid)]
    payee_id: OrgId,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Text)]
    legal_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    iban: Option<Iban>,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = Bool)]
    disputed: bool,
    #[diesel(sql_type = Bool)]
    refused: bool,
    #[diesel(sql_type = Bool)]
    account_changing: bool,
    #[diesel(sql_type = Date)]
    received_on: NaiveDate,
    #[diesel(sql_type = Nullable<Text>)]
    schedule: Option<Schedule>,
    #[diesel(sql_type = Nullable<Integer>)]
    day: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    wish_minor: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    wish_currency: Option<Currency>,
}

/// What is due from a payer and in no batch, locked in the order of ids.
pub(super) async fn lock_due(conn: &mut Conn<'_>, payer: OrgId, currency: Currency, limit: i64) -> Result<Vec<Due>, DbError> {
    let rows: Vec<DueRow> = LockDue { payer, currency, limit }.load(conn).await?;
    let due =
        rows.into_iter().map(|row| Due {
            payout: row.id,
            payee: row.payee_id,
            payee_name: row.legal_name,
            payee_iban: row.iban,
            amount: Money::new(row.amount_minor, row.currency),
            case_reference: row.reference,
            disputed: row.disputed,
            refused: row.refused,
            account_changing: row.account_changing,
            received_on: row.received_on,
            wish: row.schedule.zip(row.wish_minor).zip(row.wish_currency).map(|((schedule, minor), currency)| {
                PreferenceSetting { schedule, day: row.day, minimum: Money::new(minor, currency) }
            }),
        });
    Ok(due.collect())
}

statement! {
    struct SumDue { payer: OrgId => SqlUuid }
    "SELECT sum(payouts.amount_minor - payouts.set_off_minor)::bigint AS minor, payouts.currency
     FROM payouts JOIN payments ON payments.id = payouts.payment_id
     WHERE payouts.payer_id = ? AND payouts.status = 'due' AND payouts.batch_id IS NULL AND payments.route <> 'stripe'
     GROUP BY payouts.currency ORDER BY payouts.currency"
}

#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = BigInt)]
    minor: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
}

pub(super) async fn sum_due(conn: &mut Conn<'_>, payer: OrgId) -> Result<Vec<Money>, DbError> {
    let rows: Vec<SumRow> = SumDue { payer }.load(conn).await?;
    Ok(rows.into_iter().map(|row| Money::new(row.minor, row.currency)).collect())
}

statement! {
    struct Insert<'a> {
        id: PayoutBatchId => SqlUuid, payer: OrgId => SqlUuid, currency: Currency => Text, execution_on: NaiveDate => Date,
        left_out: &'a Value => Jsonb, member: MemberId => SqlUuid, at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO payout_batches (id, payer_id, currency, execution_on, status, left_out, prepared_by, prepared_at)
     VALUES (?, ?, ?, ?, 'prepared', ?, ?, ?)"
}

pub(super) async fn insert(
    conn: &mut Conn<'_>,
    (id, payer, member): (PayoutBatchId, OrgId, MemberId),
    new: &NewBatch,
    left_out: &[LeftOut],
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let left_out = json!(left_out);
    let insert = Insert { id, payer, currency: new.currency, execution_on: new.execution_on, left_out: &left_out, member, at };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct InsertOrders<'a> {
        batch: PayoutBatchId => SqlUuid, payouts: Vec<PayoutId> => Array<SqlUuid>, names: Vec<&'a str> => Array<Text>, ibans: Vec<&'a str> => Array<Text>,
        remittances: Vec<&'a str> => Array<Text>, taken_by: PayoutBatchId => SqlUuid, taken: Vec<PayoutId> => Array<SqlUuid>,
    }
    "WITH ordered AS (
        INSERT INTO payout_orders (batch_id, payout_id, payee_name, payee_iban, remittance)
        SELECT ?, one.* FROM unnest(?, ?, ?, ?) AS one)
     UPDATE payouts SET batch_id = ?, version = version + 1 WHERE id = ANY(?)"
}

/// The payouts of a batch, under their locks.
pub(super) async fn insert_orders(conn: &mut Conn<'_>, batch: PayoutBatchId, orders: &[PayoutOrder]) -> Result<(), DbError> {
    let payouts: Vec<PayoutId> = orders.iter().map(|order| order.payout_id).collect();
    let insert = InsertOrders {
        batch,
        payouts: payouts.clone(),
        names: orders.iter().map(|order| order.payee_name.as_str()).collect(),
        ibans: orders.iter().map(|order| order.payee_iban.as_str()).collect(),
        remittances: orders.iter().map(|order| order.remittance.as_str()).collect(),
        taken_by: batch,
        taken: payouts,
    };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct Lock { id: PayoutBatchId => SqlUuid, payer: OrgId => SqlUuid } "SELECT FROM payout_batches WHERE id = ? AND payer_id = ? FOR UPDATE"
}

pub(super) async fn lock(conn: &mut Conn<'_>, payer: OrgId, id: PayoutBatchId) -> Result<(), DbError> {
    Lock { id, payer }.execute(conn).await?;
    Ok(())
}

statement! {
    /// A payee that has named another account since, or whose claim is disputed by now.
    struct FindChanged { batch: PayoutBatchId => SqlUuid }
    "SELECT payout_orders.payee_name AS name FROM payout_orders
     JOIN payouts ON payouts.id = payout_orders.payout_id JOIN organisations AS payee ON payee.id = payouts.payee_id
     WHERE payout_orders.batch_id = ? AND (payee.iban IS DISTINCT FROM payout_orders.payee_iban OR payouts.status <> 'due'
        OR EXISTS (SELECT FROM disputes WHERE disputes.case_id = payouts.case_id AND disputes.status = 'open')
        OR EXISTS (SELECT FROM account_changes WHERE account_changes.org_id = payouts.payee_id AND account_changes.status = 'confirmed'))
     ORDER BY payout_orders.payout_id LIMIT 1"
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

pub(super) async fn find_changed(conn: &mut Conn<'_>, batch: PayoutBatchId) -> Result<Option<String>, DbError> {
    Ok(FindChanged { batch }.get_result::<NameRow>(conn).await.optional()?.map(|row| row.name))
}

statement! {
    struct SetApproved { member: MemberId => SqlUuid, at: DateTime<Utc> => Timestamptz, id: PayoutBatchId => SqlUuid }
    "UPDATE payout_batches SET status = 'approved', approved_by = ?, approved_at = ?, version = version + 1 WHERE id = ?"
}

pub(super) async fn set_approved(
    conn: &mut Conn<'_>,
    id: PayoutBatchId,
    member: MemberId,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    SetApproved { member, at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetCancelled { at: DateTime<Utc> => Timestamptz, id: PayoutBatchId => SqlUuid, freed: PayoutBatchId => SqlUuid }
    "WITH cancelled AS (UPDATE payout_batches SET status = 'cancelled', cancelled_at = ?, version = version + 1 WHERE id = ?)
     UPDATE payouts SET batch_id = NULL, version = version + 1 WHERE batch_id = ?"
}

pub(super) async fn set_cancelled(conn: &mut Conn<'_>, id: PayoutBatchId, at: DateTime<Utc>) -> Result<(), DbError> {
    SetCancelled { at, id, freed: id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetTold<'a> {
        payouts: Vec<PayoutId> => Array<SqlUuid>, statuses: Vec<OrderStatus> => Array<Text>, reasons: Vec<&'a str> => Array<Text>,
        account_refused: Vec<bool> => Array<Bool>, at: DateTime<Utc> => Timestamptz, batch: PayoutBatchId => SqlUuid, freed_from: PayoutBatchId => SqlUuid,
    }
    "WITH said AS (SELECT * FROM unnest(?, ?, ?, ?) AS said (payout_id, status, reason, account_refused)),
     told AS (
        UPDATE payout_orders SET bank_status = said.status, bank_reason = nullif(said.reason, ''), told_at = ?
        FROM said WHERE payout_orders.batch_id = ? AND payout_orders.payout_id = said.payout_id
        RETURNING said.payout_id, said.status, said.account_refused, payout_orders.payee_iban)
     UPDATE payouts SET batch_id = NULL, version = version + 1,
        refused_iban = CASE WHEN told.account_refused THEN told.payee_iban ELSE payouts.refused_iban END
     FROM told WHERE payouts.id = told.payout_id AND told.status = 'rejected' AND payouts.status = 'due' AND payouts.batch_id = ?"
}

/// Under the batch's lock. Orders that the bank rejects leave the batch.
pub(super) async fn set_told(
    conn: &mut Conn<'_>,
    id: PayoutBatchId,
    told: &[(PayoutId, &Said)],
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let set = SetTold {
        payouts: told.iter().map(|(payout, _)| *payout).collect(),
        statuses: told.iter().map(|(_, said)| said.status).collect(),
        reasons: told.iter().map(|(_, said)| said.reason.as_deref().unwrap_or_default()).collect(),
        account_refused: told.iter().map(|(_, said)| blames_account(said.reason.as_deref())).collect(),
        at,
        batch: id,
        freed_from: id,
    };
    set.execute(conn).await?;
    Ok(())
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT batch.id, batch.payer_id, batch.currency, batch.execution_on, batch.status, batch.left_out, batch.prepared_by, batch.prepared_at,
                batch.approved_by, batch.approved_at, batch.version, orders.payouts, orders.names, orders.ibans, orders.remittances, orders.amounts, orders.paid, orders.told, orders.reasons
             FROM payout_batches AS batch CROSS JOIN LATERAL (
                SELECT array_agg(payout_orders.payout_id ORDER BY payout_id) AS payouts, array_agg(payee_name ORDER BY payout_id) AS names,
                    array_agg(payee_iban ORDER BY payout_id) AS ibans, array_agg(remittance ORDER BY payout_id) AS remittances,
                    array_agg(payouts.amount_minor - payouts.set_off_minor ORDER BY payout_id) AS amounts, array_agg(payouts.status = 'paid' ORDER BY payout_id) AS paid,
                    array_agg(bank_status ORDER BY payout_id) AS told, array_agg(bank_reason ORDER BY payout_id) AS reasons
                FROM payout_orders JOIN payouts ON payouts.id = payout_orders.payout_id WHERE payout_orders.batch_id = batch.id) AS orders
             WHERE ",
            $condition
        )
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: PayoutBatchId,
    #[diesel(sql_type = SqlUuid)]
    payer_id: OrgId,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Date)]
    execution_on: NaiveDate,
    #[diesel(sql_type = Text)]
    status: BatchStatus,
    #[diesel(sql_type = Jsonb)]
    left_out: Value,
    #[diesel(sql_type = SqlUuid)]
    prepared_by: MemberId,
    #[diesel(sql_type = Timestamptz)]
    prepared_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    approved_by: Option<MemberId>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    approved_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Array<SqlUuid>)]
    payouts: Vec<PayoutId>,
    #[diesel(sql_type = Array<Text>)]
    names: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    ibans: Vec<Iban>,
    #[diesel(sql_type = Array<Text>)]
    remittances: Vec<String>,
    #[diesel(sql_type = Array<BigInt>)]
    amounts: Vec<i64>,
    #[diesel(sql_type = Array<Bool>)]
    paid: Vec<bool>,
    #[diesel(sql_type = Array<Nullable<Text>>)]
    told: Vec<Option<OrderStatus>>,
    #[diesel(sql_type = Array<Nullable<Text>>)]
    reasons: Vec<Option<String>>,
}

impl TryFrom<Row> for PayoutBatch {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let unreadable = |error: serde_json::Error| DbError::Other(diesel::result::Error::DeserializationError(error.into()));
        let money = |minor| Money::new(minor, row.currency);
        let total = row.amounts.iter().fold(0_i64, |sum, minor| sum.saturating_add(*minor));
        let parts = row.payouts.into_iter().zip(row.names).zip(row.ibans).zip(row.remittances).zip(row.amounts).zip(row.paid);
        let parts = parts.zip(row.told).zip(row.reasons);
        let orders =
            parts.map(|(((((((payout_id, payee_name), payee_iban), remittance), minor), paid), bank_status), bank_reason)| {
                PayoutOrder {
                    payout_id,
                    payee_name,
                    payee_iban,
                    remittance,
                    amount: money(minor),
                    paid,
                    bank_status,
                    bank_reason,
                }
            });
        Ok(Self {
            id: row.id,
            payer: row.payer_id,
            currency: row.currency,
            execution_on: row.execution_on,
            status: row.status,
            orders: orders.collect(),
            left_out: serde_json::from_value(row.left_out).map_err(unreadable)?,
            total: money(total),
            prepared_by: row.prepared_by,
            prepared_at: row.prepared_at,
            approved_by: row.approved_by,
            approved_at: row.approved_at,
            version: row.version,
        })
    }
}

statement! {
    struct Find { id: PayoutBatchId => SqlUuid, payer: OrgId => SqlUuid } select!("batch.id = ? AND batch.payer_id = ?")
}

pub(super) async fn find(conn: &mut Conn<'_>, payer: OrgId, id: PayoutBatchId) -> Result<Option<PayoutBatch>, DbError> {
    Find { id, payer }.get_result::<Row>(conn).await.optional()?.map(PayoutBatch::try_from).transpose()
}

statement! {
    struct List { payer: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    select!("batch.payer_id = ? AND batch.id < ? ORDER BY batch.id DESC LIMIT ?")
}

pub(super) async fn list(conn: &mut Conn<'_>, payer: OrgId, cursor: Cursor) -> Result<Vec<PayoutBatch>, DbError> {
    let rows: Vec<Row> = List { payer, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    rows.into_iter().map(PayoutBatch::try_from).collect()
}
