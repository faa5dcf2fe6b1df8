//! SQL of what entries are matched with: who paid from an account before, open invoices, payments declared by hand.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Date, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    bank::{BankEntry, matching::OpenInvoice, reconciling::DAYS_APART},
    db::{Conn, DbError, statement},
    types::{CaseId, Currency, DebtorId, Money, OrgId, ReceivableId},
};

statement! {
    struct Remember<'a> { owner: OrgId => SqlUuid, account: &'a str => Text, at: DateTime<Utc> => Timestamptz, cases: Vec<CaseId> => Array<SqlUuid> }
    "INSERT INTO payer_accounts (owner_id, account, debtor_id, seen_at)
     SELECT DISTINCT ?::uuid, ?, cases.debtor_id, ?::timestamptz FROM cases WHERE cases.id = ANY(?)
     ON CONFLICT (owner_id, account, debtor_id) DO UPDATE SET seen_at = excluded.seen_at"
}

/// That an account has paid for the debtors of these cases.
pub(in crate::bank) async fn remember_payer(
    conn: &mut Conn<'_>,
    owner: OrgId,
    account: &str,
    cases: Vec<CaseId>,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    Remember { owner, account, at, cases }.execute(conn).await?;
    Ok(())
}

statement! {
    struct ListPayers<'a> { owner: OrgId => SqlUuid, accounts: Vec<&'a str> => Array<Text> }
    "SELECT payer_accounts.account, debtors.id AS debtor_id, coalesce(debtors.parent_id, debtors.id) AS group_id
     FROM payer_accounts JOIN debtors ON debtors.id = payer_accounts.debtor_id
     WHERE payer_accounts.owner_id = ? AND payer_accounts.account = ANY(?) ORDER BY payer_accounts.seen_at DESC"
}

#[derive(QueryableByName)]
struct PayerRow {
    #[diesel(sql_type = Text)]
    account: String,
    #[diesel(sql_type = SqlUuid)]
    debtor_id: DebtorId,
    #[diesel(sql_type = SqlUuid)]
    group_id: DebtorId,
}

/// Debtor and group for which each of these accounts has paid before, the latest first.
pub(in crate::bank) async fn list_payers(
    conn: &mut Conn<'_>,
    owner: OrgId,
    accounts: Vec<&str>,
) -> Result<HashMap<String, Vec<(DebtorId, DebtorId)>>, DbError> {
    let mut payers: HashMap<String, Vec<(DebtorId, DebtorId)>> = HashMap::new();
    for row in (ListPayers { owner, accounts }).load::<PayerRow>(conn).await? {
        payers.entry(row.account).or_default().push((row.debtor_id, row.group_id));
    }
    Ok(payers)
}

statement! {
    /// What an owner has open, by any of the clues of a batch: a creditor what it is owed, an agency what it collects. `OFFSET 0`
    /// keeps numbers from being looked for among everybody's, through the whole of their index.
    struct ListOpen<'a> {
        creditor_by_reference: OrgId => SqlUuid, agency_by_reference: OrgId => SqlUuid, references: Vec<&'a str> => Array<Text>,
        creditor_by_number: OrgId => SqlUuid, numbers: Vec<&'a str> => Array<Text>,
        agency_numbers: Vec<&'a str> => Array<Text>, agency_by_number: OrgId => SqlUuid,
        groups: Vec<DebtorId> => Array<SqlUuid>, creditor_by_group: OrgId => SqlUuid,
        amounts: Vec<i64> => Array<BigInt>, creditor_by_amount: OrgId => SqlUuid,
    }
    "WITH wanted AS (
        SELECT r.id FROM cases c JOIN receivables r ON r.case_id = c.id WHERE (c.creditor_id = ? OR c.agency_id = ?) AND c.reference = ANY(?)
        UNION
        SELECT r.id FROM receivables r WHERE r.creditor_id = ? AND r.number_key = ANY(?)
        UNION
        SELECT own.id FROM cases c CROSS JOIN LATERAL (SELECT r.id FROM receivables r WHERE r.case_id = c.id AND r.number_key = ANY(?) OFFSET 0) AS own
        WHERE c.agency_id = ? AND c.phase = 'active'
        UNION
        SELECT few.id FROM (SELECT DISTINCT d.id FROM unnest(?) AS one (id) JOIN debtors d ON d.id = one.id OR d.parent_id = one.id) AS member
        CROSS JOIN LATERAL (SELECT r.id FROM receivables r WHERE r.creditor_id = ? AND r.debtor_id = member.id AND r.case_id IS NOT NULL
            AND r.open_minor > 0 ORDER BY r.id LIMIT 50) AS few
        UNION
        SELECT few.id FROM (SELECT DISTINCT minor FROM unnest(?) AS one (minor)) AS amount
        CROSS JOIN LATERAL (SELECT r.id FROM receivables r WHERE r.creditor_id = ? AND r.case_id IS NOT NULL
            AND r.open_minor = amount.minor LIMIT 50) AS few)
     SELECT r.id, r.number, c.id AS case_id, c.reference, c.debtor_id, coalesce(d.parent_id, d.id) AS group_id, d.legal_name, r.due_on, r.currency,
        r.open_minor
     FROM wanted JOIN receivables r ON r.id = wanted.id JOIN cases c ON c.id = r.case_id JOIN debtors d ON d.id = c.debtor_id
     WHERE c.phase NOT IN ('draft', 'closed')"
}

#[derive(QueryableByName)]
struct OpenRow {
    #[diesel(sql_type = SqlUuid)]
    id: ReceivableId,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = SqlUuid)]
    debtor_id: DebtorId,
    #[diesel(sql_type = SqlUuid)]
    group_id: DebtorId,
    #[diesel(sql_type = Text)]
    legal_name: String,
    #[diesel(sql_type = Date)]
    due_on: NaiveDate,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    open_minor: i64,
}

/// The clues of a batch.
#[derive(Debug)]
pub(in crate::bank) struct WantedInvoices<'a> {
    pub references: BTreeSet<&'a str>,
    pub numbers: BTreeSet<&'a str>,
    pub groups: Vec<DebtorId>,
    pub amounts: Vec<i64>,
}

pub(in crate::bank) async fn list_open_invoices(
    conn: &mut Conn<'_>,
    owner: OrgId,
    wanted: &WantedInvoices<'_>,
) -> Result<Vec<OpenInvoice>, DbError> {
    let numbers: Vec<&str> = wanted.numbers.iter().copied().collect();
    let list = ListOpen {
        creditor_by_reference: owner,
        agency_by_reference: owner,
        references: wanted.references.iter().copied().collect(),
        creditor_by_number: owner,
        numbers: numbers.clone(),
        agency_by_number: owner,
        agency_numbers: numbers,
        groups: wanted.groups.clone(),
        creditor_by_group: owner,
        amounts: wanted.amounts.clone(),
        creditor_by_amount: owner,
    };
    let rows: Vec<OpenRow> = list.load(conn).await?;
    let invoices = rows.into_iter().map(|row| OpenInvoice {
        receivable: row.id,
        number: row.number,
        case: row.case_id,
        reference: row.reference,
        debtor: row.debtor_id,
        group: row.group_id,
        debtor_name: row.legal_name,
        due_on: row.due_on,
        open: Money::new(row.open_minor, row.currency),
    });
    Ok(invoices.collect())
}

/// A payment that was declared and that no entry has proven yet.
#[derive(Debug, QueryableByName)]
struct UnprovenRow {
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Date)]
    received_on: NaiveDate,
    #[diesel(sql_type = Text)]
    bank_reference: String,
}

#[derive(Debug)]
pub(in crate::bank) struct KnownPayment {
    pub case: CaseId,
    pub case_reference: String,
    pub amount: Money,
    pub received_on: NaiveDate,
    pub bank_reference: String,
}

statement! {
    struct ListUnproven { creditor: OrgId => SqlUuid, agency: OrgId => SqlUuid, amounts: Vec<i64> => Array<BigInt>, from: NaiveDate => Date, until: NaiveDate => Date }
    "SELECT payments.case_id, cases.reference, payments.amount_minor, payments.currency, payments.received_on, payments.bank_reference
     FROM payments JOIN cases ON cases.id = payments.case_id
     WHERE payments.bank_entry_id IS NULL AND payments.status IN ('declared', 'confirmed')
        AND ((payments.creditor_id = ? AND payments.route = 'direct') OR (payments.agency_id = ? AND payments.route = 'agency_account'))
        AND payments.amount_minor = ANY(?) AND payments.received_on BETWEEN ? AND ?"
}

pub(in crate::bank) async fn list_unproven_payments(
    conn: &mut Conn<'_>,
    owner: OrgId,
    incoming: &[&BankEntry],
) -> Result<Vec<KnownPayment>, DbError> {
    let days = incoming.iter().map(|entry| entry.booked_on);
    let (Some(first), Some(last)) = (days.clone().min(), days.max()) else { return Ok(Vec::new()) };
    let list = ListUnproven {
        creditor: owner,
        agency: owner,
        amounts: incoming.iter().map(|entry| entry.amount.minor).collect(),
        from: first.checked_sub_days(Days::new(DAYS_APART)).unwrap_or(first),
        until: last.checked_add_days(Days::new(DAYS_APART)).unwrap_or(last),
    };
    let rows: Vec<UnprovenRow> = list.load(conn).await?;
    let known = rows.into_iter().map(|row| KnownPayment {
        case: row.case_id,
        case_reference: row.reference,
        amount: Money::new(row.amount_minor, row.currency),
        received_on: row.received_on,
        bank_reference: row.bank_reference,
    });
    Ok(known.collect())
}
