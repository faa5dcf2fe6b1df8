//! SQL of the Stripe route.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{
    answers::Movement,
    checkouts::{Checkout, CheckoutStatus},
    events::{Arrived, CameBy},
    seen::Seen,
    transfers::Sent,
};
use crate::{
    db::{Conn, DbError, statement},
    types::{CaseId, CheckoutId, Currency, Language, Money, OrgId, PaymentId, PayoutId},
};

macro_rules! checkout_columns {
    () => {
        "id, case_id, amount_minor, currency, language, status, session_id, intent_id, charge_id, url, surplus_minor, moves"
    };
}

#[derive(QueryableByName)]
struct CheckoutRow {
    #[diesel(sql_type = SqlUuid)]
    id: CheckoutId,
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Text)]
    language: Language,
    #[diesel(sql_type = Text)]
    status: CheckoutStatus,
    #[diesel(sql_type = Nullable<Text>)]
    session_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    intent_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    charge_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    url: Option<String>,
    #[diesel(sql_type = BigInt)]
    surplus_minor: i64,
    #[diesel(sql_type = Integer)]
    moves: i32,
}

impl From<CheckoutRow> for Checkout {
    fn from(row: CheckoutRow) -> Self {
        Self {
            id: row.id,
            case: row.case_id,
            amount: Money::new(row.amount_minor, row.currency),
            language: row.language,
            status: row.status,
            session: row.session_id,
            intent: row.intent_id,
            charge: row.charge_id,
            url: row.url,
            surplus: Money::new(row.surplus_minor, row.currency),
            moves: row.moves,
        }
    }
}

statement! {
    struct InsertCheckout {
        id: CheckoutId => SqlUuid, case: CaseId => SqlUuid, amount_minor: i64 => BigInt, currency: Currency => Text, language: Language => Text,
        at: DateTime<Utc> => Timestamptz, expires_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO stripe_checkouts (id, case_id, amount_minor, currency, language, status, started_at, expires_at) VALUES (?, ?, ?, ?, ?, 'started', ?, ?)"
}

pub(super) async fn insert_checkout(
    conn: &mut Conn<'_>,
    checkout: &Checkout,
    at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let Checkout { id, case, amount, language, .. } = *checkout;
    let insert = InsertCheckout { id, case, amount_minor: amount.minor, currency: amount.currency, language, at, expires_at };
    insert.execute(conn).await?;
    Ok(())
}

statement! {
    struct FindCheckout { id: CheckoutId => SqlUuid } concat!("SELECT ", checkout_columns!(), " FROM stripe_checkouts WHERE id = ?")
}

pub(super) async fn find_checkout(conn: &mut Conn<'_>, id: CheckoutId) -> Result<Option<Checkout>, DbError> {
    Ok(FindCheckout { id }.get_result::<CheckoutRow>(conn).await.optional()?.map(Checkout::from))
}

statement! {
    struct FindLive { case: CaseId => SqlUuid }
    concat!("SELECT ", checkout_columns!(), " FROM stripe_checkouts WHERE case_id = ? AND status IN ('started', 'open')")
}

/// The one that may still be paid.
pub(super) async fn find_live(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<Checkout>, DbError> {
    Ok(FindLive { case }.get_result::<CheckoutRow>(conn).await.optional()?.map(Checkout::from))
}

statement! {
    struct FindByObject<'a> { session: &'a str => Text, intent: &'a str => Text }
    "SELECT id FROM stripe_checkouts WHERE session_id = ? UNION SELECT id FROM stripe_checkouts WHERE intent_id = ?"
}

#[derive(QueryableByName)]
struct CheckoutIdRow {
    #[diesel(sql_type = SqlUuid)]
    id: CheckoutId,
}

/// By the id of its page or its payment at Stripe.
pub(super) async fn find_by_object(conn: &mut Conn<'_>, object: &str) -> Result<Option<CheckoutId>, DbError> {
    let found: Option<CheckoutIdRow> = FindByObject { session: object, intent: object }.get_result(conn).await.optional()?;
    Ok(found.map(|row| row.id))
}

statement! {
    struct SetOpened<'a> { session: &'a str => Text, url: Option<&'a str> => Nullable<Text>, id: CheckoutId => SqlUuid }
    "UPDATE stripe_checkouts SET session_id = ?, url = ?, status = CASE status WHEN 'started' THEN 'open' ELSE status END WHERE id = ?"
}

pub(super) async fn set_opened(conn: &mut Conn<'_>, id: CheckoutId, session: &str, url: Option<&str>) -> Result<(), DbError> {
    SetOpened { session, url, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetSeen<'a> {
        status: CheckoutStatus => Text, session: Option<&'a str> => Nullable<Text>, intent: Option<&'a str> => Nullable<Text>,
        charge: Option<&'a str> => Nullable<Text>, said: Option<&'a str> => Nullable<Text>, id: CheckoutId => SqlUuid,
    }
    "UPDATE stripe_checkouts SET status = ?, session_id = coalesce(?, session_id), intent_id = coalesce(?, intent_id),
        charge_id = coalesce(?, charge_id), said = ? WHERE id = ?"
}

pub(super) async fn set_seen(conn: &mut Conn<'_>, id: CheckoutId, status: CheckoutStatus, seen: &Seen) -> Result<(), DbError> {
    let set = SetSeen {
        status,
        session: seen.session.as_deref(),
        intent: seen.intent.as_deref(),
        charge: seen.charge.as_deref(),
        said: seen.why.as_deref(),
        id,
    };
    set.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetSaid<'a> { said: &'a str => Text, id: CheckoutId => SqlUuid } "UPDATE stripe_checkouts SET said = ? WHERE id = ?"
}

pub(super) async fn set_said(conn: &mut Conn<'_>, id: CheckoutId, said: &str) -> Result<(), DbError> {
    SetSaid { said, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Moved { surplus_minor: i64 => BigInt, id: CheckoutId => SqlUuid }
    "UPDATE stripe_checkouts SET surplus_minor = ?, moves = moves + 1 WHERE id = ? RETURNING moves"
}

#[derive(QueryableByName)]
struct MovesRow {
    #[diesel(sql_type = Integer)]
    moves: i32,
}

/// The books follow: how often they have, with this.
pub(super) async fn set_moved(conn: &mut Conn<'_>, id: CheckoutId, surplus: Money) -> Result<i32, DbError> {
    Ok(Moved { surplus_minor: surplus.minor, id }.get_result::<MovesRow>(conn).await?.moves)
}

statement! {
    struct SetCheckoutOf { checkout: CheckoutId => SqlUuid, payment: PaymentId => SqlUuid } "UPDATE payments SET checkout_id = ? WHERE id = ?"
}

pub(super) async fn set_checkout_of(conn: &mut Conn<'_>, payment: PaymentId, checkout: CheckoutId) -> Result<(), DbError> {
    SetCheckoutOf { checkout, payment }.execute(conn).await?;
    Ok(())
}

statement! {
    struct ListBooked { checkout: CheckoutId => SqlUuid }
    "SELECT id FROM payments WHERE checkout_id = ? AND status IN ('declared', 'confirmed') ORDER BY id"
}

#[derive(QueryableByName)]
struct PaymentIdRow {
    #[diesel(sql_type = SqlUuid)]
    id: PaymentId,
}

/// What stands in the books of an attempt, oldest first.
pub(super) async fn list_booked(conn: &mut Conn<'_>, checkout: CheckoutId) -> Result<Vec<PaymentId>, DbError> {
    let rows: Vec<PaymentIdRow> = ListBooked { checkout }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

statement! {
    struct FindCheckoutOf { payment: PaymentId => SqlUuid }
    "SELECT checkout_id AS id FROM payments WHERE id = ? AND checkout_id IS NOT NULL"
}

pub(super) async fn find_checkout_of(conn: &mut Conn<'_>, payment: PaymentId) -> Result<Option<CheckoutId>, DbError> {
    let found: Option<CheckoutIdRow> = FindCheckoutOf { payment }.get_result(conn).await.optional()?;
    Ok(found.map(|row| row.id))
}

statement! {
    struct InsertEvent<'a> {
        id: &'a str => Text, kind: &'a str => Text, object: &'a str => Text, raw: &'a str => Text, created_at: DateTime<Utc> => Timestamptz,
        received_at: DateTime<Utc> => Timestamptz, came_by: CameBy => Text,
    }
    "INSERT INTO stripe_events (id, kind, object_id, raw, created_at, received_at, came_by) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
}

/// `false`: it is known.
pub(super) async fn insert_event(conn: &mut Conn<'_>, event: &Arrived, at: DateTime<Utc>) -> Result<bool, DbError> {
    let Arrived { id, kind, object, raw, created_at, came_by } = event;
    let insert = InsertEvent { id, kind, object, raw, created_at: *created_at, received_at: at, came_by: *came_by };
    Ok(insert.execute(conn).await? == 1)
}

statement! {
    struct FindRaw<'a> { id: &'a str => Text } "SELECT raw AS said FROM stripe_events WHERE id = ?"
}

#[derive(QueryableByName)]
struct SaidRow {
    #[diesel(sql_type = Text)]
    said: String,
}

/// An event as it came.
pub(super) async fn find_raw(conn: &mut Conn<'_>, id: &str) -> Result<Option<String>, DbError> {
    Ok(FindRaw { id }.get_result::<SaidRow>(conn).await.optional()?.map(|row| row.said))
}

statement! {
    struct SetWorked<'a> { at: DateTime<Utc> => Timestamptz, said: &'a str => Text, id: &'a str => Text }
    "UPDATE stripe_events SET done_at = ?, said = ? WHERE id = ?"
}

pub(super) async fn set_worked(conn: &mut Conn<'_>, id: &str, said: &str, at: DateTime<Utc>) -> Result<(), DbError> {
    SetWorked { at, said, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Latest {} "SELECT (SELECT max(created_at) FROM stripe_events) AS event_at, (SELECT max(created_at) FROM stripe_movements) AS movement_at"
}

/// How far events and movements are known.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub(super) struct Known {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub event_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub movement_at: Option<DateTime<Utc>>,
}

pub(super) async fn latest(conn: &mut Conn<'_>) -> Result<Known, DbError> {
    Ok(Latest {}.get_result(conn).await?)
}

statement! {
    struct AskCatchUp { at: DateTime<Utc> => Timestamptz, asked_before: DateTime<Utc> => Timestamptz }
    "UPDATE stripe_catch_up SET asked_at = ? WHERE asked_at <= ?"
}

/// `false`: it was asked for not long ago.
pub(super) async fn ask_catch_up(conn: &mut Conn<'_>, at: DateTime<Utc>, asked_before: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(AskCatchUp { at, asked_before }.execute(conn).await? == 1)
}

statement! {
    struct InsertMovement<'a> {
        id: &'a str => Text, kind: &'a str => Text, source: Option<&'a str> => Nullable<Text>, currency: Currency => Text, amount: i64 => BigInt, fee: i64 => BigInt,
        net: i64 => BigInt, is_own: bool => Bool, created_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO stripe_movements (id, kind, source, currency, amount_minor, fee_minor, net_minor, is_own, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
}

/// `false`: it is known.
pub(super) async fn insert_movement(
    conn: &mut Conn<'_>,
    movement: &Movement,
    currency: Currency,
    is_own: bool,
) -> Result<bool, DbError> {
    let created_at = DateTime::from_timestamp(movement.created, 0).unwrap_or_default();
    let insert = InsertMovement {
        id: &movement.id,
        kind: &movement.kind,
        source: movement.source.as_deref(),
        currency,
        amount: movement.amount,
        fee: movement.fee,
        net: movement.net,
        is_own,
        created_at,
    };
    Ok(insert.execute(conn).await? == 1)
}

statement! {
    struct MarkSent { at: DateTime<Utc> => Timestamptz, id: PayoutId => SqlUuid }
    "UPDATE payouts SET sent_at = ?, version = version + 1 WHERE id = ? AND status = 'due' AND batch_id IS NULL AND sent_at IS NULL
     RETURNING amount_minor - set_off_minor AS leaves_minor"
}

#[derive(QueryableByName)]
struct LeavesRow {
    #[diesel(sql_type = BigInt)]
    leaves_minor: i64,
}

/// Marks a payout as one that Stripe may have been told of: what leaves. `None`: it is on its way already, or gone.
pub(super) async fn mark_sent(conn: &mut Conn<'_>, id: PayoutId, at: DateTime<Utc>) -> Result<Option<i64>, DbError> {
    Ok(MarkSent { at, id }.get_result::<LeavesRow>(conn).await.optional()?.map(|row| row.leaves_minor))
}

statement! {
    struct FreeSent { id: PayoutId => SqlUuid } "UPDATE payouts SET sent_at = NULL, version = version + 1 WHERE id = ? AND status = 'due'"
}

/// Stripe said no: it may be set off, cancelled or sent again.
pub(super) async fn free_sent(conn: &mut Conn<'_>, id: PayoutId) -> Result<(), DbError> {
    FreeSent { id }.execute(conn).await?;
    Ok(())
}

macro_rules! sent_columns {
    () => {
        "stripe_transfers.payout_id, destination, stripe_transfers.amount_minor, stripe_transfers.currency, reverses, provider_id, tries"
    };
}

#[derive(QueryableByName)]
struct SentRow {
    #[diesel(sql_type = SqlUuid)]
    payout_id: PayoutId,
    #[diesel(sql_type = Text)]
    destination: String,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Nullable<Text>)]
    reverses: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    provider_id: Option<String>,
    #[diesel(sql_type = Integer)]
    tries: i32,
}

impl From<SentRow> for Sent {
    fn from(row: SentRow) -> Self {
        Self {
            payout: row.payout_id,
            destination: row.destination,
            amount: Money::new(row.amount_minor, row.currency),
            reverses: row.reverses,
            provider_id: row.provider_id,
            tries: row.tries,
        }
    }
}

statement! {
    struct FindInFlight { payout: PayoutId => SqlUuid }
    concat!("SELECT ", sent_columns!(), " FROM stripe_transfers JOIN payouts ON payouts.id = stripe_transfers.payout_id
             WHERE payouts.id = ? AND payouts.sent_at IS NOT NULL")
}

/// A payout that Stripe may have been told of, and has not refused.
pub(super) async fn find_in_flight(conn: &mut Conn<'_>, payout: PayoutId) -> Result<Option<Sent>, DbError> {
    Ok(FindInFlight { payout }.get_result::<SentRow>(conn).await.optional()?.map(Sent::from))
}

statement! {
    struct FindOrigin { payment: PaymentId => SqlUuid, payee: OrgId => SqlUuid }
    concat!("SELECT ", sent_columns!(), " FROM stripe_transfers JOIN payouts ON payouts.id = stripe_transfers.payout_id
             WHERE payouts.payment_id = ? AND payouts.payee_id = ? AND NOT payouts.is_return AND payouts.status <> 'returned'")
}

/// The transfer by which a payee got its part of a payment.
pub(super) async fn find_origin(conn: &mut Conn<'_>, payment: PaymentId, payee: OrgId) -> Result<Option<Sent>, DbError> {
    Ok(FindOrigin { payment, payee }.get_result::<SentRow>(conn).await.optional()?.map(Sent::from))
}

statement! {
    struct FindByProvider<'a> { provider_id: &'a str => Text }
    concat!("SELECT ", sent_columns!(), " FROM stripe_transfers WHERE provider_id = ?")
}

pub(super) async fn find_by_provider(conn: &mut Conn<'_>, provider_id: &str) -> Result<Option<Sent>, DbError> {
    Ok(FindByProvider { provider_id }.get_result::<SentRow>(conn).await.optional()?.map(Sent::from))
}

statement! {
    struct CountReversing<'a> { transfer: &'a str => Text } "SELECT count(*)::integer AS moves FROM stripe_transfers WHERE reverses = ?"
}

/// Whether we asked for a reversal of a transfer ourselves.
pub(super) async fn is_reversed_by_us(conn: &mut Conn<'_>, transfer: &str) -> Result<bool, DbError> {
    Ok(CountReversing { transfer }.get_result::<MovesRow>(conn).await?.moves > 0)
}

statement! {
    struct WriteSent<'a> {
        payout: PayoutId => SqlUuid, destination: &'a str => Text, amount_minor: i64 => BigInt, currency: Currency => Text,
        reverses: Option<&'a str> => Nullable<Text>, at: DateTime<Utc> => Timestamptz,
    }
    concat!("INSERT INTO stripe_transfers (payout_id, destination, amount_minor, currency, reverses, sent_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (payout_id) DO UPDATE SET destination = excluded.destination, amount_minor = excluded.amount_minor, reverses = excluded.reverses,
        sent_at = excluded.sent_at RETURNING ", sent_columns!())
}

/// That a payout is about to be told of, again after a refusal.
pub(super) async fn write_sent(
    conn: &mut Conn<'_>,
    payout: PayoutId,
    destination: &str,
    amount: Money,
    reverses: Option<&str>,
    at: DateTime<Utc>,
) -> Result<Sent, DbError> {
    let write = WriteSent { payout, destination, amount_minor: amount.minor, currency: amount.currency, reverses, at };
    Ok(Sent::from(write.get_result::<SentRow>(conn).await?))
}

statement! {
    struct SetDone<'a> { provider_id: &'a str => Text, payout: PayoutId => SqlUuid }
    "UPDATE stripe_transfers SET provider_id = ?, said = NULL WHERE payout_id = ?"
}

pub(super) async fn set_done(conn: &mut Conn<'_>, payout: PayoutId, provider_id: &str) -> Result<(), DbError> {
    SetDone { provider_id, payout }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetRefused<'a> { said: &'a str => Text, payout: PayoutId => SqlUuid }
    "UPDATE stripe_transfers SET said = ?, tries = tries + 1 WHERE payout_id = ?"
}

pub(super) async fn set_refused(conn: &mut Conn<'_>, payout: PayoutId, said: &str) -> Result<(), DbError> {
    SetRefused { said, payout }.execute(conn).await?;
    Ok(())
}

statement! {
    struct InsertAccount { org: OrgId => SqlUuid, at: DateTime<Utc> => Timestamptz }
    "INSERT INTO stripe_accounts (org_id, asked_at) VALUES (?, ?) ON CONFLICT (org_id) DO NOTHING"
}

/// Written before Stripe is asked.
pub(super) async fn insert_account(conn: &mut Conn<'_>, org: OrgId, at: DateTime<Utc>) -> Result<(), DbError> {
    InsertAccount { org, at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct FindAccount { org: OrgId => SqlUuid } "SELECT org_id, account_id, is_ready, lacks FROM stripe_accounts WHERE org_id = ?"
}

statement! {
    struct FindAccountById<'a> { account: &'a str => Text } "SELECT org_id, account_id, is_ready, lacks FROM stripe_accounts WHERE account_id = ?"
}

/// An organisation's connected account.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Connected {
    #[diesel(sql_type = SqlUuid)]
    pub org_id: OrgId,
    /// None: Stripe has not answered yet.
    #[diesel(sql_type = Nullable<Text>)]
    pub account_id: Option<String>,
    #[diesel(sql_type = Bool)]
    pub is_ready: bool,
    #[diesel(sql_type = Array<Text>)]
    pub lacks: Vec<String>,
}

pub(super) async fn find_account(conn: &mut Conn<'_>, org: OrgId) -> Result<Option<Connected>, DbError> {
    Ok(FindAccount { org }.get_result(conn).await.optional()?)
}

pub(super) async fn find_account_by_id(conn: &mut Conn<'_>, account: &str) -> Result<Option<Connected>, DbError> {
    Ok(FindAccountById { account }.get_result(conn).await.optional()?)
}

statement! {
    struct SetAccount<'a> {
        account: &'a str => Text, is_ready: bool => Bool, lacks: &'a [String] => Array<Text>, at: DateTime<Utc> => Timestamptz, org: OrgId => SqlUuid,
    }
    "UPDATE stripe_accounts SET account_id = ?, is_ready = ?, lacks = ?, seen_at = ? WHERE org_id = ?"
}

pub(super) async fn set_account(
    conn: &mut Conn<'_>,
    org: OrgId,
    (account, is_ready, lacks): (&str, bool, &[String]),
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    SetAccount { account, is_ready, lacks, at, org }.execute(conn).await?;
    Ok(())
}

statement! {
    struct ListWaiting { payee: OrgId => SqlUuid }
    "SELECT payouts.id FROM payouts JOIN payments ON payments.id = payouts.payment_id
     WHERE payouts.payee_id = ? AND payments.route = 'stripe' AND payouts.status = 'due' AND NOT payouts.is_return AND payouts.sent_at IS NULL ORDER BY payouts.id"
}

#[derive(QueryableByName)]
struct PayoutIdRow {
    #[diesel(sql_type = SqlUuid)]
    id: PayoutId,
}

/// What waits for a payee's account.
pub(super) async fn list_waiting(conn: &mut Conn<'_>, payee: OrgId) -> Result<Vec<PayoutId>, DbError> {
    let rows: Vec<PayoutIdRow> = ListWaiting { payee }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
