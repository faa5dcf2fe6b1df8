//! SQL of fees and payouts.

pub(super) mod preferences;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    Fee, FeeKind, Payout, PayoutStatus, Remittance, Settled,
    payouts::{Arrival, SentBack},
};
use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    types::{BasisPoints, CaseId, Currency, FeeId, Money, OrgId, PaymentId, PayoutBatchId, PayoutId},
};

statement! {
    struct Insert<'a> {
        fee_payment: PaymentId => SqlUuid, fee_case: CaseId => SqlUuid, fee_currency: Currency => Text, charged_on: NaiveDate => Date,
        fee_ids: Vec<FeeId> => Array<SqlUuid>, fee_kinds: Vec<FeeKind> => Array<Text>, suppliers: Vec<OrgId> => Array<SqlUuid>,
        customers: Vec<OrgId> => Array<SqlUuid>, bases: Vec<i64> => Array<BigInt>, rates: Vec<BasisPoints> => Array<Integer>,
        nets: Vec<i64> => Array<BigInt>, vat_rates: Vec<BasisPoints> => Array<Integer>, vats: Vec<i64> => Array<BigInt>,
        grounds: Vec<&'a str> => Array<Text>,
        payment: PaymentId => SqlUuid, case: CaseId => SqlUuid, payer: OrgId => SqlUuid, currency: Currency => Text,
        due_on: NaiveDate => Date, at: DateTime<Utc> => Timestamptz,
        payout_ids: Vec<PayoutId> => Array<SqlUuid>, payees: Vec<OrgId> => Array<SqlUuid>, amounts: Vec<i64> => Array<BigInt>,
    }
    "WITH charged AS (
        INSERT INTO fees (payment_id, case_id, currency, charged_on, id, kind, supplier_id, customer_id, base_minor, rate_bp,
                          net_minor, vat_bp, vat_minor, vat_ground)
        SELECT ?, ?, ?, ?, fee.* FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS fee)
     INSERT INTO payouts (payment_id, case_id, payer_id, currency, due_on, status, version, created_at, id, payee_id, amount_minor)
     SELECT ?, ?, ?, ?, ?, 'due', 1, ?, payout.* FROM unnest(?, ?, ?) AS payout"
}

/// Fees and payouts of one payment; nothing where it has none.
pub(super) async fn insert_settlement(conn: &mut Conn<'_>, settled: &Settled, at: DateTime<Utc>) -> Result<(), DbError> {
    let Settled { recovery, fees, payouts, shares, due_on, .. } = settled;
    if fees.is_empty() && payouts.is_empty() {
        return Ok(());
    }
    let insert = Insert {
        fee_payment: recovery.payment,
        fee_case: recovery.case,
        fee_currency: recovery.amount.currency,
        charged_on: recovery.received_on,
        fee_ids: fees.iter().map(|fee| fee.id).collect(),
        fee_kinds: fees.iter().map(|fee| fee.kind).collect(),
        suppliers: fees.iter().map(|fee| fee.supplier_id).collect(),
        customers: fees.iter().map(|fee| fee.customer_id).collect(),
        bases: fees.iter().map(|fee| fee.base.minor).collect(),
        rates: fees.iter().map(|fee| fee.rate_bp).collect(),
        nets: fees.iter().map(|fee| fee.net.minor).collect(),
        vat_rates: fees.iter().map(|fee| fee.vat_bp).collect(),
        vats: fees.iter().map(|fee| fee.vat.minor).collect(),
        grounds: fees.iter().map(|fee| fee.vat_ground.as_str()).collect(),
        payment: recovery.payment,
        case: recovery.case,
        payer: shares.holder,
        currency: recovery.amount.currency,
        due_on: *due_on,
        at,
        payout_ids: payouts.iter().map(|payout| payout.id).collect(),
        payees: payouts.iter().map(|payout| payout.payee_id).collect(),
        amounts: payouts.iter().map(|payout| payout.amount.minor).collect(),
    };
    insert.execute(conn).await?;
    Ok(())
}

macro_rules! fee_columns {
    () => {
        "id, payment_id, case_id, kind, supplier_id, customer_id, currency, base_minor, rate_bp, net_minor, vat_bp, vat_minor, vat_ground, charged_on, credited_on"
    };
}

#[derive(QueryableByName)]
struct FeeRow {
    #[diesel(sql_type = SqlUuid)]
    id: FeeId,
    #[diesel(sql_type = SqlUuid)]
    payment_id: PaymentId,
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = Text)]
    kind: FeeKind,
    #[diesel(sql_type = SqlUuid)]
    supplier_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    customer_id: OrgId,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    base_minor: i64,
    #[diesel(sql_type = Integer)]
    rate_bp: BasisPoints,
    #[diesel(sql_type = BigInt)]
    net_minor: i64,
    #[diesel(sql_type = Integer)]
    vat_bp: BasisPoints,
    #[diesel(sql_type = BigInt)]
    vat_minor: i64,
    #[diesel(sql_type = Text)]
    vat_ground: String,
    #[diesel(sql_type = Date)]
    charged_on: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    credited_on: Option<NaiveDate>,
}

impl From<FeeRow> for Fee {
    fn from(row: FeeRow) -> Self {
        let money = |minor| Money::new(minor, row.currency);
        Self {
            id: row.id,
            payment_id: row.payment_id,
            case_id: row.case_id,
            kind: row.kind,
            supplier_id: row.supplier_id,
            customer_id: row.customer_id,
            base: money(row.base_minor),
            rate_bp: row.rate_bp,
            net: money(row.net_minor),
            vat_bp: row.vat_bp,
            vat: money(row.vat_minor),
            vat_ground: row.vat_ground,
            charged_on: row.charged_on,
            credited_on: row.credited_on,
        }
    }
}

statement! {
    struct FeesOfPayment { payment: PaymentId => SqlUuid }
    concat!("SELECT ", fee_columns!(), " FROM fees WHERE payment_id = ? ORDER BY kind DESC")
}

/// The success fee first.
pub(super) async fn list_fees_of_payment(conn: &mut Conn<'_>, payment: PaymentId) -> Result<Vec<Fee>, DbError> {
    Ok(FeesOfPayment { payment }.load::<FeeRow>(conn).await?.into_iter().map(Fee::from).collect())
}

statement! {
    struct FindArrival { payment: PaymentId => SqlUuid }
    "SELECT creditor_id, amount_minor, currency, received_on, route = 'stripe' AS at_stripe FROM payments WHERE id = ?"
}

#[derive(QueryableByName)]
struct ArrivalRow {
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Date)]
    received_on: NaiveDate,
    #[diesel(sql_type = Bool)]
    at_stripe: bool,
}

pub(super) async fn find_arrival(conn: &mut Conn<'_>, payment: PaymentId) -> Result<Option<Arrival>, DbError> {
    let row: Option<ArrivalRow> = FindArrival { payment }.get_result(conn).await.optional()?;
    Ok(row.map(|row| Arrival {
        creditor: row.creditor_id,
        amount: Money::new(row.amount_minor, row.currency),
        received_on: row.received_on,
        at_stripe: row.at_stripe,
    }))
}

statement! {
    struct ListFees { supplier: OrgId => SqlUuid, supplied_before: Uuid => SqlUuid, supplied_limit: i64 => BigInt,
                      customer: OrgId => SqlUuid, charged_before: Uuid => SqlUuid, charged_limit: i64 => BigInt, limit: i64 => BigInt }
    concat!(
        "(SELECT ", fee_columns!(), " FROM fees WHERE supplier_id = ? AND id < ? ORDER BY id DESC LIMIT ?) UNION ALL
         (SELECT ", fee_columns!(), " FROM fees WHERE customer_id = ? AND id < ? ORDER BY id DESC LIMIT ?) ORDER BY id DESC LIMIT ?"
    )
}

/// Those an organisation charges and those it is charged: each found by its own index.
pub(super) async fn list_fees(conn: &mut Conn<'_>, org: OrgId, cursor: Cursor) -> Result<Vec<Fee>, DbError> {
    let (before, limit) = (cursor.before, cursor.fetch());
    let list = ListFees {
        supplier: org,
        supplied_before: before,
        supplied_limit: limit,
        customer: org,
        charged_before: before,
        charged_limit: limit,
        limit,
    };
    Ok(list.load::<FeeRow>(conn).await?.into_iter().map(Fee::from).collect())
}

macro_rules! payout_columns {
    () => {
        "id, payment_id, case_id, payer_id, payee_id, currency, amount_minor, due_on, status, bank_reference, paid_on, set_off_minor, is_return, batch_id, version, created_at"
    };
}

#[derive(QueryableByName)]
struct PayoutRow {
    #[diesel(sql_type = SqlUuid)]
    id: PayoutId,
    #[diesel(sql_type = SqlUuid)]
    payment_id: PaymentId,
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = SqlUuid)]
    payer_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    payee_id: OrgId,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Date)]
    due_on: NaiveDate,
    #[diesel(sql_type = Text)]
    status: PayoutStatus,
    #[diesel(sql_type = Nullable<Text>)]
    bank_reference: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    paid_on: Option<NaiveDate>,
    #[diesel(sql_type = BigInt)]
    set_off_minor: i64,
    #[diesel(sql_type = Bool)]
    is_return: bool,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    batch_id: Option<PayoutBatchId>,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl From<PayoutRow> for Payout {
    fn from(row: PayoutRow) -> Self {
        Self {
            id: row.id,
            payment_id: row.payment_id,
            case_id: row.case_id,
            payer_id: row.payer_id,
            payee_id: row.payee_id,
            amount: Money::new(row.amount_minor, row.currency),
            due_on: row.due_on,
            status: row.status,
            bank_reference: row.bank_reference,
            paid_on: row.paid_on,
            set_off: Money::new(row.set_off_minor, row.currency),
            is_return: row.is_return,
            batch_id: row.batch_id,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

fn payouts(rows: Vec<PayoutRow>) -> Vec<Payout> {
    rows.into_iter().map(Payout::from).collect()
}

statement! {
    struct FindPayout { id: PayoutId => SqlUuid } concat!("SELECT ", payout_columns!(), " FROM payouts WHERE id = ?")
}

pub(super) async fn find_payout(conn: &mut Conn<'_>, id: PayoutId) -> Result<Option<Payout>, DbError> {
    Ok(FindPayout { id }.get_result::<PayoutRow>(conn).await.optional()?.map(Payout::from))
}

statement! {
    struct PayoutsOfPayment { payment: PaymentId => SqlUuid }
    concat!("SELECT ", payout_columns!(), " FROM payouts WHERE payment_id = ? ORDER BY id")
}

pub(super) async fn list_payouts_of_payment(conn: &mut Conn<'_>, payment: PaymentId) -> Result<Vec<Payout>, DbError> {
    Ok(payouts(PayoutsOfPayment { payment }.load(conn).await?))
}

statement! {
    struct ListPayouts { payer: OrgId => SqlUuid, payer_before: Uuid => SqlUuid, payer_status: Option<PayoutStatus> => Nullable<Text>, payer_limit: i64 => BigInt,
                         payee: OrgId => SqlUuid, payee_before: Uuid => SqlUuid, payee_status: Option<PayoutStatus> => Nullable<Text>, payee_limit: i64 => BigInt,
                         limit: i64 => BigInt }
    concat!(
        "(SELECT ", payout_columns!(), " FROM payouts WHERE payer_id = ? AND id < ? AND status = coalesce(?, status) ORDER BY id DESC LIMIT ?) UNION ALL
         (SELECT ", payout_columns!(), " FROM payouts WHERE payee_id = ? AND id < ? AND status = coalesce(?, status) ORDER BY id DESC LIMIT ?)
         ORDER BY id DESC LIMIT ?"
    )
}

/// Those an organisation makes and those it gets: each found by its own index.
pub(super) async fn list_payouts(
    conn: &mut Conn<'_>,
    org: OrgId,
    status: Option<PayoutStatus>,
    cursor: Cursor,
) -> Result<Vec<Payout>, DbError> {
    let (before, limit) = (cursor.before, cursor.fetch());
    let list = ListPayouts {
        payer: org,
        payer_before: before,
        payer_status: status,
        payer_limit: limit,
        payee: org,
        payee_before: before,
        payee_status: status,
        payee_limit: limit,
        limit,
    };
    Ok(payouts(list.load(conn).await?))
}

statement! {
    struct ListAllPayouts { before: Uuid => SqlUuid, status: Option<PayoutStatus> => Nullable<Text>, limit: i64 => BigInt }
    concat!("SELECT ", payout_columns!(), " FROM payouts WHERE id < ? AND status = coalesce(?, status) ORDER BY id DESC LIMIT ?")
}

pub(super) async fn list_all_payouts(
    conn: &mut Conn<'_>,
    status: Option<PayoutStatus>,
    cursor: Cursor,
) -> Result<Vec<Payout>, DbError> {
    Ok(payouts(ListAllPayouts { before: cursor.before, status, limit: cursor.fetch() }.load(conn).await?))
}

statement! {
    struct SetPaid<'a> { paid_on: NaiveDate => Date, bank_reference: &'a str => Text, id: PayoutId => SqlUuid }
    concat!("UPDATE payouts SET status = 'paid', paid_on = ?, bank_reference = ?, version = version + 1 WHERE id = ? AND status = 'due' RETURNING ", payout_columns!())
}

/// `None`: it is paid already.
pub(super) async fn set_paid(conn: &mut Conn<'_>, id: PayoutId, remittance: &Remittance) -> Result<Option<Payout>, DbError> {
    let set = SetPaid { paid_on: remittance.paid_on, bank_reference: remittance.bank_reference.trim(), id };
    Ok(set.get_result::<PayoutRow>(conn).await.optional()?.map(Payout::from))
}

statement! {
    struct SetReturned<'a> { on: NaiveDate => Date, reason: &'a str => Text, id: PayoutId => SqlUuid }
    "UPDATE payouts SET status = 'returned', returned_on = ?, return_reason = ?, version = version + 1 WHERE id = ? AND status = 'paid'"
}

/// `false`: it has not gone, or is back already.
pub(super) async fn set_returned(conn: &mut Conn<'_>, id: PayoutId, back: &SentBack) -> Result<bool, DbError> {
    Ok(SetReturned { on: back.returned_on, reason: back.reason.trim(), id }.execute(conn).await? == 1)
}

statement! {
    struct InsertAgain { id: PayoutId => SqlUuid, due_on: NaiveDate => Date, at: DateTime<Utc> => Timestamptz, back: PayoutId => SqlUuid }
    "INSERT INTO payouts (id, due_on, created_at, payment_id, case_id, payer_id, payee_id, currency, amount_minor, set_off_minor, is_return,
                          status, version, refused_iban)
     SELECT ?, ?, ?, payment_id, case_id, payer_id, payee_id, currency, amount_minor, set_off_minor, is_return, 'due', 1,
        (SELECT payee_iban FROM payout_orders WHERE payout_id = payouts.id AND batch_id = payouts.batch_id)
     FROM payouts WHERE id = ?"
}

/// The payout that takes the place of one that came back; not to the account that it came back from.
pub(super) async fn insert_again(conn: &mut Conn<'_>, back: PayoutId, again: &Payout) -> Result<(), DbError> {
    InsertAgain { id: again.id, due_on: again.due_on, at: again.created_at, back }.execute(conn).await?;
    Ok(())
}

statement! {
    struct CancelFree { payment: PaymentId => SqlUuid }
    "UPDATE payouts SET status = 'cancelled', version = version + 1
     WHERE payment_id = ? AND status = 'due' AND NOT is_return AND sent_at IS NULL AND (batch_id IS NULL
        OR EXISTS (SELECT FROM payout_batches WHERE payout_batches.id = payouts.batch_id AND payout_batches.status = 'prepared'))"
}

/// Cancels the payouts of a payment that no bank has been told of.
pub(super) async fn cancel_free(conn: &mut Conn<'_>, payment: PaymentId) -> Result<(), DbError> {
    CancelFree { payment }.execute(conn).await?;
    Ok(())
}

statement! {
    struct CreditFees { on: NaiveDate => Date, payment: PaymentId => SqlUuid } "UPDATE fees SET credited_on = ? WHERE payment_id = ?"
}

/// Nothing was recovered, so nothing is charged.
pub(super) async fn credit_fees(conn: &mut Conn<'_>, payment: PaymentId, on: NaiveDate) -> Result<(), DbError> {
    CreditFees { on, payment }.execute(conn).await?;
    Ok(())
}

statement! {
    struct InsertReturns {
        payment: PaymentId => SqlUuid, case: CaseId => SqlUuid, payee: OrgId => SqlUuid, currency: Currency => Text, due_on: NaiveDate => Date,
        at: DateTime<Utc> => Timestamptz, ids: Vec<PayoutId> => Array<SqlUuid>, payers: Vec<OrgId> => Array<SqlUuid>, amounts: Vec<i64> => Array<BigInt>,
    }
    "INSERT INTO payouts (payment_id, case_id, payee_id, currency, due_on, status, version, created_at, is_return, id, payer_id, amount_minor)
     SELECT ?, ?, ?, ?, ?, 'due', 1, ?, true, back.* FROM unnest(?, ?, ?) AS back"
}

/// What the payees of a payment give back to its holder: all of one payment, case and day.
pub(super) async fn insert_returns(conn: &mut Conn<'_>, returns: &[Payout]) -> Result<(), DbError> {
    let Some(first) = returns.first() else { return Ok(()) };
    let insert = InsertReturns {
        payment: first.payment_id,
        case: first.case_id,
        payee: first.payee_id,
        currency: first.amount.currency,
        due_on: first.due_on,
        at: first.created_at,
        ids: returns.iter().map(|payout| payout.id).collect(),
        payers: returns.iter().map(|payout| payout.payer_id).collect(),
        amounts: returns.iter().map(|payout| payout.amount.minor).collect(),
    };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct ListOpen { payer: OrgId => SqlUuid, payee: OrgId => SqlUuid, currency: Currency => Text }
    concat!("SELECT ", payout_columns!(), " FROM payouts
        WHERE payer_id = ? AND payee_id = ? AND currency = ? AND status = 'due' AND batch_id IS NULL AND sent_at IS NULL AND NOT is_return ORDER BY due_on, id")
}

pub(super) async fn list_open(
    conn: &mut Conn<'_>,
    payer: OrgId,
    payee: OrgId,
    currency: Currency,
) -> Result<Vec<PayoutId>, DbError> {
    Ok(payouts(ListOpen { payer, payee, currency }.load(conn).await?).iter().map(|payout| payout.id).collect())
}

statement! {
    struct LockOpen { id: PayoutId => SqlUuid }
    concat!("SELECT ", payout_columns!(), " FROM payouts WHERE id = ? AND status = 'due' AND batch_id IS NULL AND sent_at IS NULL AND NOT is_return FOR UPDATE")
}

/// `None`: it went, or a bank may be told of it.
pub(super) async fn lock_open(conn: &mut Conn<'_>, id: PayoutId) -> Result<Option<Payout>, DbError> {
    Ok(LockOpen { id }.get_result::<PayoutRow>(conn).await.optional()?.map(Payout::from))
}

statement! {
    struct LockReturns { holder: OrgId => SqlUuid, payer: OrgId => SqlUuid, currency: Currency => Text }
    concat!("SELECT ", payout_columns!(), " FROM payouts
        WHERE payee_id = ? AND payer_id = ? AND currency = ? AND is_return AND status = 'due' AND batch_id IS NULL AND sent_at IS NULL ORDER BY id FOR UPDATE")
}

/// What the payee of a payout has to give back to its payer.
pub(super) async fn lock_returns(conn: &mut Conn<'_>, payout: &Payout) -> Result<Vec<Payout>, DbError> {
    let lock = LockReturns { holder: payout.payer_id, payer: payout.payee_id, currency: payout.amount.currency };
    Ok(payouts(lock.load(conn).await?))
}

statement! {
    struct ListOwingBack { holder: OrgId => SqlUuid, payers: Vec<OrgId> => Array<SqlUuid>, currency: Currency => Text }
    "SELECT DISTINCT payer_id FROM payouts
     WHERE payee_id = ? AND payer_id = ANY(?) AND currency = ? AND is_return AND status = 'due' AND batch_id IS NULL AND sent_at IS NULL"
}

#[derive(QueryableByName)]
struct PayerRow {
    #[diesel(sql_type = SqlUuid)]
    payer_id: OrgId,
}

pub(super) async fn list_owing_back(
    conn: &mut Conn<'_>,
    holder: OrgId,
    payers: Vec<OrgId>,
    currency: Currency,
) -> Result<Vec<OrgId>, DbError> {
    let rows: Vec<PayerRow> = ListOwingBack { holder, payers, currency }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.payer_id).collect())
}

statement! {
    struct InsertSetOff<'a> {
        payout: PayoutId => SqlUuid, back: PayoutId => SqlUuid, minor: i64 => BigInt, at: DateTime<Utc> => Timestamptz,
        added: i64 => BigInt, whole: i64 => BigInt, status_of_whole: PayoutStatus => Text, paid_whole: i64 => BigInt, on: NaiveDate => Date,
        told_whole: i64 => BigInt, reference: &'a str => Text, ids: Vec<PayoutId> => Array<SqlUuid>,
    }
    "WITH met AS (INSERT INTO payout_set_offs (payout_id, return_id, amount_minor, at) VALUES (?, ?, ?, ?))
     UPDATE payouts SET set_off_minor = set_off_minor + ?, version = version + 1,
        status = CASE WHEN set_off_minor + ? = amount_minor THEN ? ELSE status END,
        paid_on = CASE WHEN set_off_minor + ? = amount_minor THEN ? END,
        bank_reference = CASE WHEN set_off_minor + ? = amount_minor THEN ? END
     WHERE id = ANY(?)"
}

/// Under the locks of both. What is set off whole is paid, by no bank.
pub(super) async fn insert_set_off(
    conn: &mut Conn<'_>,
    (payout, back): (PayoutId, PayoutId),
    amount: Money,
    on: NaiveDate,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let minor = amount.minor;
    let insert = InsertSetOff {
        payout,
        back,
        minor,
        at,
        added: minor,
        whole: minor,
        status_of_whole: PayoutStatus::Paid,
        paid_whole: minor,
        on,
        told_whole: minor,
        reference: "set off",
        ids: vec![payout, back],
    };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct FindOrigins<'a> { payments: &'a [PaymentId] => Array<SqlUuid>, payouts: &'a [PayoutId] => Array<SqlUuid> }
    "SELECT payments.id AS subject, payments.id AS payment_id, cases.id AS case_id, cases.reference
     FROM payments JOIN cases ON cases.id = payments.case_id WHERE payments.id = ANY(?)
     UNION ALL
     SELECT payouts.id, payouts.payment_id, cases.id, cases.reference
     FROM payouts JOIN cases ON cases.id = payouts.case_id WHERE payouts.id = ANY(?)"
}

/// Which payment and case a transaction is about.
#[derive(Debug, QueryableByName)]
pub(super) struct Origin {
    /// The payment or payout that its business key names.
    #[diesel(sql_type = SqlUuid)]
    pub subject: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub payment_id: PaymentId,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = Text)]
    pub reference: String,
}

pub(super) async fn find_origins(
    conn: &mut Conn<'_>,
    payments: &[PaymentId],
    payouts: &[PayoutId],
) -> Result<Vec<Origin>, DbError> {
    Ok(FindOrigins { payments, payouts }.load(conn).await?)
}
