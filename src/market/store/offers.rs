//! SQL of offers. What a scope may read of them is the policy `sealed` of the migration.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    market::{
        award::{Ranked, Record},
        card::AgeBand,
        listing::Listing,
        offers::{Bidder, Offer, OfferStatus, Promises},
    },
    types::{BasisPoints, Iban, ListingId, LotId, OfferId, OrgId},
};

macro_rules! select {
    () => {
        "SELECT id, listing_id, agency_id, sealed_terms, terms, fee_bp, status, rank, reason, ranking, submitted_at, decided_at FROM offers "
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
    #[diesel(sql_type = Nullable<Binary>)]
    sealed_terms: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    terms: Option<Value>,
    #[diesel(sql_type = Nullable<Integer>)]
    fee_bp: Option<BasisPoints>,
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
        Ok(Self {
            id: row.id,
            listing: row.listing_id,
            agency: row.agency_id,
            sealed: row.sealed_terms,
            terms: row.terms.map(super::parse).transpose()?,
            fee_bp: row.fee_bp,
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
    struct Insert<'a> {
        id: OfferId => SqlUuid, listing: ListingId => SqlUuid, agency: OrgId => SqlUuid, sealed_terms: Option<&'a [u8]> => Nullable<Binary>,
        owner_key: Option<&'a str> => Nullable<Text>, client_account: Option<&'a Iban> => Nullable<Text>, status: OfferStatus => Text,
        submitted_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO offers (id, listing_id, agency_id, sealed_terms, owner_key, client_account, status, submitted_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
}

/// A sealed offer, and what its agency shares with sisters.
pub(in crate::market) async fn insert(conn: &mut Conn<'_>, offer: &Offer, bidder: &Bidder) -> Result<(), DbError> {
    let Offer { id, listing, status, submitted_at, .. } = *offer;
    let sealed_terms = offer.sealed.as_deref();
    let (agency, owner_key, client_account) = (bidder.agency, bidder.owner_key.as_deref(), bidder.client_account.as_ref());
    Insert { id, listing, agency, sealed_terms, owner_key, client_account, status, submitted_at }.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

statement! {
    struct CountOfAgency { listing: ListingId => SqlUuid, agency: OrgId => SqlUuid }
    "SELECT count(*) AS count FROM offers WHERE listing_id = ? AND agency_id = ?"
}

/// How often an agency has offered on a listing, whatever became of it.
pub(in crate::market) async fn count_of_agency(conn: &mut Conn<'_>, listing: ListingId, agency: OrgId) -> Result<i64, DbError> {
    Ok(CountOfAgency { listing, agency }.get_result::<Counted>(conn).await?.count)
}

statement! {
    struct FindOwn { agency: OrgId => SqlUuid, id: OfferId => SqlUuid } concat!(select!(), "WHERE agency_id = ? AND id = ?")
}

pub(in crate::market) async fn find_own(conn: &mut Conn<'_>, agency: OrgId, id: OfferId) -> Result<Option<Offer>, DbError> {
    FindOwn { agency, id }.get_result::<Row>(conn).await.optional()?.map(Offer::try_from).transpose()
}

statement! {
    struct FindLatestOn { agency: OrgId => SqlUuid, listing: ListingId => SqlUuid }
    concat!(select!(), "WHERE agency_id = ? AND listing_id = ? ORDER BY id DESC LIMIT 1")
}

pub(in crate::market) async fn find_latest_on(
    conn: &mut Conn<'_>,
    agency: OrgId,
    listing: ListingId,
) -> Result<Option<Offer>, DbError> {
    FindLatestOn { agency, listing }.get_result::<Row>(conn).await.optional()?.map(Offer::try_from).transpose()
}

statement! {
    struct ListOfAgency { agency: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!(select!(), "WHERE agency_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
}

pub(in crate::market) async fn list_of_agency(conn: &mut Conn<'_>, agency: OrgId, cursor: Cursor) -> Result<Vec<Offer>, DbError> {
    all(ListOfAgency { agency, before: cursor.before, limit: cursor.fetch() }.load(conn).await?)
}

statement! {
    struct ListOpened { listing: ListingId => SqlUuid, lot: Option<LotId> => Nullable<SqlUuid> }
    concat!(select!(), "WHERE (listing_id = ? OR listing_id IN (SELECT listings_of_lot(?))) AND status IN ('ranked', 'awarded', 'lost') ORDER BY rank NULLS LAST, id")
}

/// Offers that were opened at the deadline of a listing or its lot, best first; those that could not be chosen come last.
pub(in crate::market) async fn list_opened(conn: &mut Conn<'_>, listing: &Listing) -> Result<Vec<Offer>, DbError> {
    all(ListOpened { listing: listing.id, lot: listing.lot }.load(conn).await?)
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
    struct MoveStanding { to: ListingId => SqlUuid, from: ListingId => SqlUuid }
    "UPDATE offers SET listing_id = ? WHERE listing_id = ? AND status IN ('sealed', 'ranked')"
}

/// Moves what is still in the running to another listing of the same lot; how many that were.
pub(in crate::market) async fn move_standing(conn: &mut Conn<'_>, from: ListingId, to: ListingId) -> Result<usize, DbError> {
    Ok(MoveStanding { to, from }.execute(conn).await?)
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
    struct SetRanked { rank: i32 => Integer, ranking: Value => Jsonb, terms: Value => Jsonb, fee_bp: BasisPoints => Integer, id: OfferId => SqlUuid }
    "UPDATE offers SET status = 'ranked', rank = ?, ranking = ?, terms = ?, fee_bp = ? WHERE id = ?"
}

/// Opened and ranked: from here on the creditor reads it.
pub(in crate::market) async fn set_ranked(conn: &mut Conn<'_>, ranked: &Ranked, terms: &Promises) -> Result<(), DbError> {
    let (ranking, terms) = (super::written(&ranked.arithmetic)?, super::written(terms)?);
    SetRanked { rank: ranked.rank, ranking, terms, fee_bp: ranked.arithmetic.fee_bp, id: ranked.offer }.execute(conn).await?;
    Ok(())
}

statement! {
    struct RecordsOf { agencies: Vec<OrgId> => Array<SqlUuid>, age: AgeBand => Text }
    "SELECT agency_id, count(*) AS engagements, coalesce(sum(least(100, recovered * 100 / claim)), 0)::bigint AS recovered_percent
     FROM (SELECT last.agency_id, last.claim_minor AS claim, coalesce((SELECT sum(p.amount_minor) FROM payments p WHERE p.case_id = last.case_id
                AND p.agency_id = last.agency_id AND p.status = 'confirmed' AND p.declared_at >= last.started_at), 0)::bigint AS recovered
           FROM (SELECT e.*, row_number() OVER (PARTITION BY e.agency_id ORDER BY e.ended_at DESC) AS place
                 FROM engagements e JOIN mandates m ON m.id = e.mandate_id JOIN listings l ON l.id = m.listing_id
                 WHERE e.agency_id = ANY (?) AND e.ended_at IS NOT NULL AND e.claim_minor > 0 AND l.age_band = ?) last
           WHERE last.place <= 200) ended GROUP BY agency_id"
}

#[derive(QueryableByName)]
struct RecordRow {
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = BigInt)]
    engagements: i64,
    #[diesel(sql_type = BigInt)]
    recovered_percent: i64,
}

/// How the last engagements of these agencies on cases of this age came out; those that had none are left out.
pub(in crate::market) async fn records_of(
    conn: &mut Conn<'_>,
    agencies: Vec<OrgId>,
    age: AgeBand,
) -> Result<HashMap<OrgId, Record>, DbError> {
    let rows: Vec<RecordRow> = RecordsOf { agencies, age }.load(conn).await?;
    let record = |row: RecordRow| {
        let RecordRow { agency_id, engagements, recovered_percent } = row;
        (agency_id, Record { engagements, recovered_percent })
    };
    Ok(rows.into_iter().map(record).collect())
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
