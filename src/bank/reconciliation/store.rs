//! SQL of the daily reconciliation. Each question is one statement, so that its figures are of one moment.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Difference, DifferenceKind, Reconciliation};
use crate::{
    db::{Conn, DbError, statement},
    types::{CaseId, Currency, Money, OrgId, PayoutId},
};

statement! {
    struct Begin { day: NaiveDate => Date, at: DateTime<Utc> => Timestamptz, same_day: NaiveDate => Date }
    "INSERT INTO reconciliation_runs (day, asked_at) SELECT ?, ? WHERE NOT EXISTS (SELECT FROM reconciliation_runs WHERE day = ?)
     ON CONFLICT (day) DO NOTHING"
}

/// `false`: the day's run was asked for already.
pub(super) async fn begin(conn: &mut Conn<'_>, day: NaiveDate, at: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(Begin { day, at, same_day: day }.execute(conn).await? == 1)
}

/// What was found, before it has a name and an age.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Found {
    #[diesel(sql_type = Text)]
    kind: DifferenceKind,
    #[diesel(sql_type = SqlUuid)]
    org_id: OrgId,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    expected_minor: i64,
    #[diesel(sql_type = BigInt)]
    found_minor: i64,
    #[diesel(sql_type = Date)]
    since: NaiveDate,
}

statement! {
    /// A party's part of a confirmed payment is owed to it until it was paid out or drawn; a return is owed by it until it was
    /// given back; what was set off counts for both. The holder has the money until it left. That a holder drew its own part
    /// is a fact of the ledger alone, its amount is not.
    struct BooksThatDiffer { day: NaiveDate => Date }
    "WITH money AS (
        SELECT payments.id, payments.currency, payments.amount_minor, payments.status, payments.creditor_id, payments.agency_id,
            CASE WHEN payments.route = 'stripe' THEN operator.id WHEN payments.route = 'agency_account' AND payments.agency_id IS NOT NULL THEN payments.agency_id ELSE payments.creditor_id END AS holder_id,
            CASE WHEN payments.route = 'stripe' THEN 'stripe' ELSE 'cash' END AS held_as,
            coalesce(fee.net_minor + fee.vat_minor, 0) AS fee_minor, coalesce(commission.net_minor + commission.vat_minor, 0) AS commission_minor,
            commission.supplier_id AS operator_id,
            EXISTS (SELECT FROM ledger_transactions WHERE business_key = 'payment.drawn:pay_' || replace(payments.id::text, '-', '')) AS drawn
        FROM payments LEFT JOIN fees AS fee ON fee.payment_id = payments.id AND fee.kind = 'success_fee'
        LEFT JOIN fees AS commission ON commission.payment_id = payments.id AND commission.kind = 'commission'
        LEFT JOIN organisations AS operator ON operator.kind = 'operator'
        WHERE payments.status = 'confirmed'),
     part AS (
        SELECT creditor_id AS owner_id, currency, amount_minor - fee_minor AS minor, drawn AND holder_id = creditor_id AS drawn FROM money
        UNION ALL SELECT agency_id, currency, fee_minor - commission_minor, drawn AND holder_id = agency_id FROM money WHERE agency_id IS NOT NULL
        UNION ALL SELECT operator_id, currency, commission_minor, false FROM money WHERE operator_id IS NOT NULL),
     moved AS (
        SELECT payer_id, payee_id, payouts.currency, is_return, CASE WHEN payments.route = 'stripe' THEN 'stripe' ELSE 'cash' END AS held_as,
            CASE payouts.status WHEN 'paid' THEN payouts.amount_minor WHEN 'returned' THEN 0 ELSE set_off_minor END AS settled_minor,
            CASE payouts.status WHEN 'paid' THEN payouts.amount_minor - set_off_minor ELSE 0 END AS cash_minor
        FROM payouts JOIN payments ON payments.id = payouts.payment_id),
     surplus AS (
        SELECT operator.id AS owner_id, currency, surplus_minor AS minor FROM stripe_checkouts, organisations AS operator
        WHERE operator.kind = 'operator' AND surplus_minor > 0),
     own AS (
        SELECT operator.id AS owner_id, currency, CASE WHEN is_own THEN net_minor ELSE -fee_minor END AS minor
        FROM stripe_movements, organisations AS operator WHERE operator.kind = 'operator'),
     expected AS (
        SELECT 'books' AS kind, owner_id, currency, CASE WHEN drawn THEN 0 ELSE -minor END AS minor FROM part
        UNION ALL SELECT 'books', payee_id, currency, settled_minor FROM moved WHERE NOT is_return
        UNION ALL SELECT 'books', payer_id, currency, -settled_minor FROM moved WHERE is_return
        UNION ALL SELECT held_as, holder_id, currency, amount_minor FROM money
        UNION ALL SELECT 'cash', owner_id, currency, -minor FROM part WHERE drawn
        UNION ALL SELECT held_as, payer_id, currency, -cash_minor FROM moved WHERE NOT is_return
        UNION ALL SELECT held_as, payee_id, currency, cash_minor FROM moved WHERE is_return
        UNION ALL SELECT unnest(ARRAY['stripe', 'suspense']), owner_id, currency, unnest(ARRAY[minor, -minor]) FROM surplus
        UNION ALL SELECT unnest(ARRAY['stripe', 'books']), owner_id, currency, unnest(ARRAY[minor, -minor]) FROM own
        UNION ALL SELECT unnest(ARRAY['cash', 'suspense']), owner_id, currency, unnest(ARRAY[amount_minor, -amount_minor])
            FROM bank_entries WHERE amount_minor > 0 AND status IN ('arrived', 'certain', 'likely', 'suspense')),
     compared AS (
        SELECT kind, owner_id, currency, sum(minor) AS expected_minor, 0 AS found_minor FROM expected GROUP BY kind, owner_id, currency
        UNION ALL SELECT CASE WHEN kind IN ('cash', 'suspense', 'stripe') THEN kind ELSE 'books' END, owner_id, currency, 0, balance_minor
            FROM ledger_accounts)
     SELECT kind, owner_id AS org_id, kind || ' accounts' AS subject, currency, sum(expected_minor)::bigint AS expected_minor,
        sum(found_minor)::bigint AS found_minor, ?::date AS since
     FROM compared GROUP BY kind, owner_id, currency HAVING sum(expected_minor) <> sum(found_minor)"
}

pub(super) async fn list_books_that_differ(conn: &mut Conn<'_>, day: NaiveDate) -> Result<Vec<Found>, DbError> {
    Ok(BooksThatDiffer { day }.load(conn).await?)
}

statement! {
    /// Where the platform has a balance at Stripe, or lines of one.
    struct StripeBalances { day: NaiveDate => Date }
    "SELECT 'stripe_balance' AS kind, org_id, 'balance at Stripe' AS subject, currency, sum(expected_minor)::bigint AS expected_minor,
        sum(found_minor)::bigint AS found_minor, ?::date AS since
     FROM (SELECT operator.id AS org_id, currency, net_minor AS expected_minor, 0 AS found_minor
           FROM stripe_movements, organisations AS operator WHERE operator.kind = 'operator'
           UNION ALL SELECT owner_id, currency, 0, balance_minor FROM ledger_accounts WHERE kind = 'stripe') AS compared
     GROUP BY org_id, currency HAVING sum(expected_minor) <> sum(found_minor)"
}

pub(super) async fn list_stripe_balances_that_differ(conn: &mut Conn<'_>, day: NaiveDate) -> Result<Vec<Found>, DbError> {
    Ok(StripeBalances { day }.load(conn).await?)
}

statement! {
    struct Unproven { received_by: NaiveDate => Date, paid_by: NaiveDate => Date }
    "SELECT 'unproven_payment' AS kind, agency_id AS org_id, 'pay_' || replace(id::text, '-', '') AS subject, currency,
        amount_minor AS expected_minor, 0::bigint AS found_minor, received_on AS since
     FROM payments WHERE status = 'confirmed' AND route = 'agency_account' AND agency_id IS NOT NULL AND bank_entry_id IS NULL AND received_on <= ?
     UNION ALL
     SELECT 'unproven_payout', payer_id, 'pyo_' || replace(payouts.id::text, '-', ''), payouts.currency, amount_minor - set_off_minor, 0, paid_on
     FROM payouts WHERE payouts.status = 'paid' AND amount_minor > set_off_minor AND paid_on <= ?
        AND NOT EXISTS (SELECT FROM stripe_transfers WHERE stripe_transfers.payout_id = payouts.id)
        AND EXISTS (SELECT FROM bank_entries AS later WHERE later.owner_id = payer_id AND later.booked_on > payouts.paid_on)
        AND NOT EXISTS (SELECT FROM bank_entries AS proof WHERE proof.owner_id = payer_id AND proof.currency = payouts.currency
            AND proof.amount_minor = payouts.set_off_minor - payouts.amount_minor
            AND (proof.end_to_end_id = replace(payouts.id::text, '-', '') OR proof.bank_reference = payouts.bank_reference))"
}

/// What somebody said, and no bank has.
pub(super) async fn list_unproven(conn: &mut Conn<'_>, by_day: NaiveDate) -> Result<Vec<Found>, DbError> {
    Ok(Unproven { received_by: by_day, paid_by: by_day }.load(conn).await?)
}

statement! {
    struct Open { today: NaiveDate => Date }
    "SELECT 'unexplained_entry' AS kind, owner_id AS org_id, 'bent_' || replace(id::text, '-', '') AS subject, currency,
        0::bigint AS expected_minor, amount_minor AS found_minor, booked_on AS since
     FROM bank_entries WHERE status IN ('likely', 'suspense') AND amount_minor > 0
     UNION ALL
     SELECT 'overdue_payout', payer_id, 'pyo_' || replace(id::text, '-', ''), currency, amount_minor - set_off_minor, 0, due_on
     FROM payouts WHERE status = 'due' AND due_on < ?"
}

/// What waits for somebody.
pub(super) async fn list_open(conn: &mut Conn<'_>, today: NaiveDate) -> Result<Vec<Found>, DbError> {
    Ok(Open { today }.load(conn).await?)
}

statement! {
    struct Clear { day: NaiveDate => Date } "DELETE FROM reconciliation_differences WHERE day = ?"
}

statement! {
    /// Books that differed in earlier runs keep the day on which they began to.
    struct Write<'a> {
        kinds: Vec<DifferenceKind> => Array<Text>, orgs: Vec<OrgId> => Array<SqlUuid>, subjects: Vec<&'a str> => Array<Text>, currencies: Vec<Currency> => Array<Text>,
        expected: Vec<i64> => Array<BigInt>, found: Vec<i64> => Array<BigInt>, since: Vec<NaiveDate> => Array<Date>,
        day: NaiveDate => Date, yesterday: NaiveDate => Date, at: DateTime<Utc> => Timestamptz, finished: NaiveDate => Date,
    }
    "WITH fresh AS (SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?) AS fresh (kind, org_id, subject, currency, expected_minor, found_minor, since)),
     written AS (
        INSERT INTO reconciliation_differences (day, kind, org_id, subject, currency, expected_minor, found_minor, since)
        SELECT ?, fresh.kind, fresh.org_id, fresh.subject, fresh.currency, fresh.expected_minor, fresh.found_minor, coalesce(earlier.since, fresh.since)
        FROM fresh LEFT JOIN reconciliation_differences AS earlier ON earlier.day = (SELECT max(day) FROM reconciliation_runs WHERE day < ?)
            AND earlier.kind = fresh.kind AND earlier.org_id = fresh.org_id AND earlier.subject = fresh.subject AND earlier.currency = fresh.currency)
     UPDATE reconciliation_runs SET finished_at = ? WHERE day = ?"
}

/// The list of a day, in place of an earlier one of the same day.
pub(super) async fn write(conn: &mut Conn<'_>, day: NaiveDate, found: &[Found], at: DateTime<Utc>) -> Result<(), DbError> {
    Clear { day }.execute(conn).await?;
    let write = Write {
        kinds: found.iter().map(|one| one.kind).collect(),
        orgs: found.iter().map(|one| one.org_id).collect(),
        subjects: found.iter().map(|one| one.subject.as_str()).collect(),
        currencies: found.iter().map(|one| one.currency).collect(),
        expected: found.iter().map(|one| one.expected_minor).collect(),
        found: found.iter().map(|one| one.found_minor).collect(),
        since: found.iter().map(|one| one.since).collect(),
        day,
        yesterday: day,
        at,
        finished: day,
    };
    write.execute(conn).await?;
    Ok(())
}

statement! {
    struct FindRun { day: NaiveDate => Date } "SELECT finished_at FROM reconciliation_runs WHERE day = ?"
}

#[derive(QueryableByName)]
struct RunRow {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    finished_at: Option<DateTime<Utc>>,
}

statement! {
    struct ListDifferences { day: NaiveDate => Date }
    "SELECT difference.kind, org_id, subject, currency, expected_minor, found_minor, since, organisations.legal_name
     FROM reconciliation_differences AS difference JOIN organisations ON organisations.id = org_id WHERE day = ?
     ORDER BY since, difference.kind, subject"
}

#[derive(QueryableByName)]
struct DifferenceRow {
    #[diesel(embed)]
    found: Found,
    #[diesel(sql_type = Text)]
    legal_name: String,
}

/// `None`: there was no run on that day.
pub(super) async fn find(conn: &mut Conn<'_>, day: NaiveDate) -> Result<Option<Reconciliation>, DbError> {
    let Some(run) = FindRun { day }.get_result::<RunRow>(conn).await.optional()? else { return Ok(None) };
    let rows: Vec<DifferenceRow> = ListDifferences { day }.load(conn).await?;
    let differences = rows.into_iter().map(|DifferenceRow { found, legal_name }| Difference {
        kind: found.kind,
        organisation_id: found.org_id,
        organisation: legal_name,
        subject: found.subject,
        expected: Money::new(found.expected_minor, found.currency),
        found: Money::new(found.found_minor, found.currency),
        since: found.since,
        age_days: day.signed_duration_since(found.since).num_days(),
    });
    Ok(Some(Reconciliation { day, finished_at: run.finished_at, differences: differences.collect() }))
}

/// A payout that is about to be late, or is.
#[derive(Debug, QueryableByName)]
pub(super) struct Late {
    #[diesel(sql_type = SqlUuid)]
    pub id: PayoutId,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = SqlUuid)]
    pub payer_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    pub payee_id: OrgId,
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = BigInt)]
    pub minor: i64,
    #[diesel(sql_type = Date)]
    pub due_on: NaiveDate,
    /// 1: due, 2: overdue, 3: for the operator.
    #[diesel(sql_type = Integer)]
    pub stage: i32,
}

statement! {
    struct RaiseStages { escalated: NaiveDate => Date, today: NaiveDate => Date, tomorrow: NaiveDate => Date }
    "WITH late AS (
        SELECT id, CASE WHEN due_on <= ? THEN 3 WHEN due_on < ? THEN 2 ELSE 1 END AS stage FROM payouts WHERE status = 'due' AND due_on <= ?)
     UPDATE payouts SET told_stage = late.stage FROM late WHERE payouts.id = late.id AND payouts.told_stage < late.stage
     RETURNING payouts.id, payouts.case_id, payouts.payer_id, payouts.payee_id, payouts.currency, payouts.amount_minor - payouts.set_off_minor AS minor,
        payouts.due_on, late.stage"
}

/// Those of whom something is to be told that was not told yet.
pub(super) async fn raise_stages(
    conn: &mut Conn<'_>,
    (escalated, today, tomorrow): (NaiveDate, NaiveDate, NaiveDate),
) -> Result<Vec<Late>, DbError> {
    Ok(RaiseStages { escalated, today, tomorrow }.load(conn).await?)
}
