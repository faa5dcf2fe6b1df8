//! SQL of notifications, and of what is read to write one.

pub mod digests;
pub mod terms;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::{Notification, Telling};
use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    types::{BasisPoints, CaseId, Country, Currency, ListingId, MandateId, NotificationId, OfferId, OrgId, PaymentId},
};

statement! {
    struct Insert<'a> {
        at: DateTime<Utc> => Timestamptz, ids: Vec<NotificationId> => Array<SqlUuid>, organisations: Vec<OrgId> => Array<SqlUuid>,
        kinds: Vec<&'a str> => Array<Text>, cases: Vec<Option<CaseId>> => Array<Nullable<SqlUuid>>, data: Vec<&'a Value> => Array<Jsonb>,
        dedupe_keys: Vec<&'a str> => Array<Text>,
    }
    "INSERT INTO notifications (created_at, id, organisation_id, kind, case_id, data, dedupe_key)
     SELECT ?, telling.* FROM unnest(?, ?, ?, ?, ?, ?) AS telling
     ON CONFLICT ON CONSTRAINT notifications_once DO NOTHING RETURNING id, kind"
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = SqlUuid)]
    id: NotificationId,
    #[diesel(sql_type = Text)]
    kind: String,
}

/// Those that were new.
pub(super) async fn insert(
    conn: &mut Conn<'_>,
    tellings: &[Telling],
    at: DateTime<Utc>,
) -> Result<Vec<(NotificationId, String)>, DbError> {
    let insert = Insert {
        at,
        ids: tellings.iter().map(|_| NotificationId::fresh()).collect(),
        organisations: tellings.iter().map(|telling| telling.organisation).collect(),
        kinds: tellings.iter().map(|telling| telling.kind.as_str()).collect(),
        cases: tellings.iter().map(|telling| telling.case).collect(),
        data: tellings.iter().map(|telling| &telling.data).collect(),
        dedupe_keys: tellings.iter().map(|telling| telling.dedupe_key.as_str()).collect(),
    };
    Ok(insert.load::<Told>(conn).await?.into_iter().map(|told| (told.id, told.kind)).collect())
}

macro_rules! columns {
    () => {
        "id, organisation_id, kind, case_id, data, created_at, read_at"
    };
}
use columns;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: NotificationId,
    #[diesel(sql_type = SqlUuid)]
    organisation_id: OrgId,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    case_id: Option<CaseId>,
    #[diesel(sql_type = Jsonb)]
    data: Value,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    read_at: Option<DateTime<Utc>>,
}

impl From<Row> for Notification {
    fn from(row: Row) -> Self {
        let Row { id, organisation_id, kind, case_id, data, created_at, read_at } = row;
        Self { id, organisation: organisation_id, kind, case_id, data, created_at, read_at }
    }
}

statement! {
    struct Find { id: NotificationId => SqlUuid } concat!("SELECT ", columns!(), " FROM notifications WHERE id = ?")
}

pub(super) async fn find(conn: &mut Conn<'_>, id: NotificationId) -> Result<Option<Notification>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(Notification::from))
}

statement! {
    struct List { org: OrgId => SqlUuid, before: Uuid => SqlUuid, unread: bool => Bool, limit: i64 => BigInt }
    concat!("SELECT ", columns!(), " FROM notifications WHERE organisation_id = ? AND id < ? AND (read_at IS NULL OR NOT ?)
             ORDER BY id DESC LIMIT ?")
}

pub(super) async fn list(conn: &mut Conn<'_>, org: OrgId, unread: bool, cursor: Cursor) -> Result<Vec<Notification>, DbError> {
    let rows: Vec<Row> = List { org, before: cursor.before, unread, limit: cursor.fetch() }.load(conn).await?;
    Ok(rows.into_iter().map(Notification::from).collect())
}

statement! {
    struct SetRead { at: DateTime<Utc> => Timestamptz, id: NotificationId => SqlUuid, org: OrgId => SqlUuid }
    concat!("UPDATE notifications SET read_at = coalesce(read_at, ?) WHERE id = ? AND organisation_id = ? RETURNING ", columns!())
}

pub(super) async fn set_read(
    conn: &mut Conn<'_>,
    org: OrgId,
    id: NotificationId,
    at: DateTime<Utc>,
) -> Result<Option<Notification>, DbError> {
    Ok(SetRead { at, id, org }.get_result::<Row>(conn).await.optional()?.map(Notification::from))
}

statement! {
    struct SetAllRead { at: DateTime<Utc> => Timestamptz, org: OrgId => SqlUuid }
    "UPDATE notifications SET read_at = ? WHERE organisation_id = ? AND read_at IS NULL"
}

pub(super) async fn set_all_read(conn: &mut Conn<'_>, org: OrgId, at: DateTime<Utc>) -> Result<usize, DbError> {
    Ok(SetAllRead { at, org }.execute(conn).await?)
}

statement! {
    struct FindOffer { id: OfferId => SqlUuid }
    "SELECT offers.listing_id, offers.agency_id, offers.fee_bp, offers.status, offers.rank, offers.reason, mandates.sign_by,
            listings.country, listings.currency, listings.amount_band
     FROM offers JOIN listings ON listings.id = offers.listing_id LEFT JOIN mandates ON mandates.offer_id = offers.id WHERE offers.id = ? AND offers.status <> 'sealed'"
}

/// What became of an offer.
#[derive(Debug, QueryableByName)]
pub(super) struct DecidedOffer {
    #[diesel(sql_type = SqlUuid)]
    pub listing_id: ListingId,
    #[diesel(sql_type = SqlUuid)]
    pub agency_id: OrgId,
    /// None where it was never opened.
    #[diesel(sql_type = Nullable<Integer>)]
    pub fee_bp: Option<BasisPoints>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Nullable<Integer>)]
    pub rank: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub sign_by: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    pub country: Country,
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = Text)]
    pub amount_band: String,
}

pub(super) async fn find_offer(conn: &mut Conn<'_>, id: OfferId) -> Result<Option<DecidedOffer>, DbError> {
    Ok(FindOffer { id }.get_result(conn).await.optional()?)
}

statement! {
    struct FindMandate { id: MandateId => SqlUuid } "SELECT creditor_id, agency_id, fee_bp, sign_by FROM mandates WHERE id = ? AND framework_id IS NULL"
}

/// A contract that waits for signatures.
#[derive(Debug, QueryableByName)]
pub(super) struct MandateTerms {
    #[diesel(sql_type = SqlUuid)]
    pub creditor_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    pub agency_id: OrgId,
    #[diesel(sql_type = Integer)]
    pub fee_bp: BasisPoints,
    #[diesel(sql_type = Timestamptz)]
    pub sign_by: DateTime<Utc>,
}

pub(super) async fn find_mandate(conn: &mut Conn<'_>, id: MandateId) -> Result<Option<MandateTerms>, DbError> {
    Ok(FindMandate { id }.get_result(conn).await.optional()?)
}

statement! {
    struct FindPayout { payment: PaymentId => SqlUuid, payee: OrgId => SqlUuid }
    "SELECT amount_minor, due_on FROM payouts WHERE payment_id = ? AND payee_id = ?"
}

/// What somebody is to get, and by when.
#[derive(Debug, QueryableByName)]
pub(super) struct DuePayout {
    #[diesel(sql_type = BigInt)]
    pub amount_minor: i64,
    #[diesel(sql_type = Date)]
    pub due_on: NaiveDate,
}

pub(super) async fn find_payout(conn: &mut Conn<'_>, payment: PaymentId, payee: OrgId) -> Result<Option<DuePayout>, DbError> {
    Ok(FindPayout { payment, payee }.get_result(conn).await.optional()?)
}
