//! SQL of offers. What a scope may read of them is the policy `sealed` of the migration.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    market::{
        award::Ranked,
        offers::{Offer, OfferStatus, Promises},
    },
    types::{BasisPoints, ListingId, OfferId, OrgId, Tone},
};

macro_rules! select {
    () => {
        "SELECT id, listing_id, agency_id, fee_bp, first_contact_hours, update_every_days, tone, status, rank, reason, ranking,
            submitted_at, decided_at FROM offers "
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: OfferId,
    #[diesel(sql_type = SqlUuid)]
    listing_id: ListingId,
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = Integer)]
    fee_bp: BasisPoints,
    #[diesel(sql_type = Integer)]
    first_contact_hours: i32,
    #[diesel(sql_type = Integer)]
    update_every_days: i32,
    #[diesel(sql_type = Text)]
    tone: Tone,
    #[diesel(sql_type = Text)]
    status: OfferStatus,
    #[diesel(sql_type = Nullable<Integer>)]
    rank: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    ranking: Option<Value>,
    #[diesel(sql_type = Timestamptz)]
    submitted_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    decided_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Offer {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let Row { fee_bp, first_contact_hours, update_every_days, tone, .. } = row;
        Ok(Self {
            id: row.id,
            listing: row.listing_id,
            agency: row.agency_id,
            promises: Promises { fee_bp, first_contact_hours, update_every_days, tone },
            status: row.status,
            rank: row.rank,
            reason: row.reason,
            ranking: row.ranking.map(super::parse).transpose()?,
            submitted_at: row.submitted_at,
            decided_at: row.decided_at,
        })
    }
}

fn all(rows: Vec<Row>) -> Result<Vec<Offer>, DbError> {
    rows.into_iter().map(Offer::try_from).collect()
}

statement! {
    struct Insert {
        id: OfferId => SqlUuid, listing: ListingId => SqlUuid, agency: OrgId => SqlUuid, fee_bp: BasisPoints => Integer,
        first_contact_hours: i32 => Integer, update_every_days: i32 => Integer, tone: Tone => Text, status: OfferStatus => Text,
        submitted_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO offers (id, listing_id, agency_id, fee_bp, first_contact_hours, update_every_days, tone, status, submitted_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert(conn: &mut Conn<'_>, offer: &Offer) -> Result<(), DbError> {
    let Promises { fee_bp, first_contact_hours, update_every_days, tone } = offer.promises;
    let Offer { id, listing, agency, status, submitted_at, .. } = *offer;
    Insert { id, listing, agency, fee_bp, first_contact_hours, update_every_days, tone, status, submitted_at }
        .execute(conn)
        .await?;
    Ok(())
}

statement! {
    struct FindOwn { agency: OrgId => SqlUuid, id: OfferId => SqlUuid } concat!(select!(), "WHERE agency_id = ? AND id = ?")
}

pub(in crate::market) async fn find_own(conn: &mut Conn<'_>, agency: OrgId, id: OfferId) -> Result<Option<Offer>, DbError> {
    FindOwn { agency, id }.get_result::<Row>(conn).await.optional()?.map(Offer::try_from).transpose()
}

statement! {
    struct ListOfAgency { agency: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!(select!(), "WHERE agency_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
}

pub(in crate::market) async fn list_of_agency(conn: &mut Conn<'_>, agency: OrgId, cursor: Cursor) -> Result<Vec<Offer>, DbError> {
    all(ListOfAgency { agency, before: cursor.before, limit: cursor.fetch() }.load(conn).await?)
}

statement! {
    struct ListOpened { listing: ListingId => SqlUuid }
    concat!(select!(), "WHERE listing_id = ? AND status IN ('ranked', 'awarded', 'lost') ORDER BY rank NULLS LAST, id")
}

/// Offers that were opened at the deadline, best first; those that could not be chosen come last.
pub(in crate::market) async fn list_opened(conn: &mut Conn<'_>, listing: ListingId) -> Result<Vec<Offer>, DbError> {
    all(ListOpened { listing }.load(conn).await?)
}

statement! {
    struct LockStanding { listing: ListingId => SqlUuid }
    concat!(select!(), "WHERE listing_id = ? AND status IN ('sealed', 'ranked') ORDER BY id FOR UPDATE")
}

/// Offers that are still in the running, in the order of their ids, locked.
pub(in crate::market) async fn lock_standing(conn: &mut Conn<'_>, listing: ListingId) -> Result<Vec<Offer>, DbError> {
    all(LockStanding { listing }.load(conn).await?)
}

statement! {
    struct WithdrawOfAgency { at: DateTime<Utc> => Timestamptz, listing: ListingId => SqlUuid, agency: OrgId => SqlUuid }
    "UPDATE offers SET status = 'withdrawn', decided_at = ? WHERE listing_id = ? AND agency_id = ? AND status = 'sealed'"
}

/// Withdraws what the agency has offered on a locked listing; how many that were.
pub(in crate::market) async fn withdraw_of_agency(
    conn: &mut Conn<'_>,
    listing: ListingId,
    agency: OrgId,
    at: DateTime<Utc>,
) -> Result<usize, DbError> {
    Ok(WithdrawOfAgency { at, listing, agency }.execute(conn).await?)
}

statement! {
    struct SetRanked { rank: i32 => Integer, ranking: Value => Jsonb, id: OfferId => SqlUuid }
    "UPDATE offers SET status = 'ranked', rank = ?, ranking = ? WHERE id = ?"
}

pub(in crate::market) async fn set_ranked(conn: &mut Conn<'_>, ranked: &Ranked) -> Result<(), DbError> {
    SetRanked { rank: ranked.rank, ranking: super::written(&ranked.arithmetic)?, id: ranked.offer }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetDecided<'a> { status: OfferStatus => Text, reason: &'a str => Text, at: DateTime<Utc> => Timestamptz, id: OfferId => SqlUuid }
    "UPDATE offers SET status = ?, reason = ?, decided_at = ? WHERE id = ?"
}

pub(in crate::market) async fn set_decided(
    conn: &mut Conn<'_>,
    id: OfferId,
    status: OfferStatus,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    SetDecided { status, reason, at, id }.execute(conn).await?;
    Ok(())
}
