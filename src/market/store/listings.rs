//! SQL of listings and of the rows that say whose they are. Agencies cannot read the latter: the join is empty for them.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::search;
use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    market::{
        AwardRule,
        card::{AgeBand, AmountBand, Card, Evidence, PaymentRecord, Trait},
        listing::{Listing, ListingAudience, ListingStatus},
        qualification::Ask,
        search::Criteria,
        sector::Sector,
    },
    receivables::DebtorKind,
    types::{BasisPoints, CaseId, Country, Currency, DebtorId, ListingId, LotId, OrgId, Tone},
};

macro_rules! select {
    () => {
        "SELECT l.id, o.case_id, l.lot_id, l.pooled, l.status, l.round, l.country, l.region, l.sector, l.debtor_kind, l.currency, l.amount_band, l.age_band,
            l.invoice_count, l.documents, l.disputed, l.debtor_record, l.tone_ceiling, l.coarsened, l.price, l.work_summary, l.award_rule, l.award_condition, l.audience, l.certificate_required, l.offers_max,
            l.extend_below, l.extended_at, l.relationship_weight_bp, l.offer_count,
            l.offers_until, l.decide_by, l.opened_at, l.closed_at
         FROM listings l LEFT JOIN listing_owners o ON o.listing_id = l.id "
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: ListingId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    case_id: Option<CaseId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    lot_id: Option<LotId>,
    #[diesel(sql_type = Bool)]
    pooled: bool,
    #[diesel(sql_type = Text)]
    status: ListingStatus,
    #[diesel(sql_type = Integer)]
    round: i32,
    #[diesel(sql_type = Text)]
    country: Country,
    #[diesel(sql_type = Nullable<Text>)]
    region: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    sector: Option<Sector>,
    #[diesel(sql_type = Text)]
    debtor_kind: DebtorKind,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Text)]
    amount_band: AmountBand,
    #[diesel(sql_type = Text)]
    age_band: AgeBand,
    #[diesel(sql_type = Integer)]
    invoice_count: i32,
    #[diesel(sql_type = Array<Text>)]
    documents: Vec<Evidence>,
    #[diesel(sql_type = Bool)]
    disputed: bool,
    #[diesel(sql_type = Nullable<Text>)]
    debtor_record: Option<PaymentRecord>,
    #[diesel(sql_type = Text)]
    tone_ceiling: Tone,
    #[diesel(sql_type = Array<Text>)]
    coarsened: Vec<Trait>,
    #[diesel(sql_type = Jsonb)]
    price: Value,
    #[diesel(sql_type = Nullable<Jsonb>)]
    work_summary: Option<Value>,
    #[diesel(sql_type = Text)]
    award_rule: AwardRule,
    #[diesel(sql_type = Nullable<Text>)]
    award_condition: Option<String>,
    #[diesel(sql_type = Text)]
    audience: ListingAudience,
    #[diesel(sql_type = Bool)]
    certificate_required: bool,
    #[diesel(sql_type = Integer)]
    offers_max: i32,
    #[diesel(sql_type = Integer)]
    extend_below: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    extended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    relationship_weight_bp: BasisPoints,
    #[diesel(sql_type = Integer)]
    offer_count: i32,
    #[diesel(sql_type = Timestamptz)]
    offers_until: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    decide_by: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    opened_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    closed_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Listing {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            case: row.case_id,
            lot: row.lot_id,
            pooled: row.pooled,
            status: row.status,
            round: row.round,
            card: Card {
                country: row.country,
                region: row.region,
                sector: row.sector,
                debtor_kind: row.debtor_kind,
                currency: row.currency,
                amount_band: row.amount_band,
                age_band: row.age_band,
                invoice_count: row.invoice_count,
                documents: row.documents,
                disputed: row.disputed,
                debtor_record: row.debtor_record,
                tone_ceiling: row.tone_ceiling,
                coarsened: row.coarsened,
            },
            price: super::parse(row.price)?,
            work_summary: row.work_summary.map(super::parse).transpose()?,
            award_rule: row.award_rule,
            award_condition: row.award_condition,
            audience: row.audience,
            certificate_required: row.certificate_required,
            offers_max: row.offers_max,
            extend_below: row.extend_below,
            extended_at: row.extended_at,
            relationship_weight_bp: row.relationship_weight_bp,
            offer_count: row.offer_count,
            offers_until: row.offers_until,
            decide_by: row.decide_by,
            opened_at: row.opened_at,
            closed_at: row.closed_at,
        })
    }
}

fn all(rows: Vec<Row>) -> Result<Vec<Listing>, DbError> {
    rows.into_iter().map(Listing::try_from).collect()
}

statement! {
    struct Insert<'a> {
        id: ListingId => SqlUuid, lot: Option<LotId> => Nullable<SqlUuid>, pooled: bool => Bool, status: ListingStatus => Text, round: i32 => Integer, country: Country => Text,
        region: Option<&'a str> => Nullable<Text>, sector: Option<Sector> => Nullable<Text>, debtor_kind: DebtorKind => Text,
        currency: Currency => Text, amount_band: AmountBand => Text, age_band: AgeBand => Text, invoice_count: i32 => Integer,
        documents: &'a [Evidence] => Array<Text>, disputed: bool => Bool, debtor_record: Option<PaymentRecord> => Nullable<Text>,
        tone_ceiling: Tone => Text, coarsened: &'a [Trait] => Array<Text>, take_now_bp: BasisPoints => Integer,
        price: Value => Jsonb, work_summary: Option<Value> => Nullable<Jsonb>, award_rule: AwardRule => Text, award_condition: Option<&'a str> => Nullable<Text>,
        audience: ListingAudience => Text, certificate_required: bool => Bool, offers_max: i32 => Integer, extend_below: i32 => Integer,
        relationship_weight_bp: BasisPoints => Integer,
        offers_until: DateTime<Utc> => Timestamptz, decide_by: DateTime<Utc> => Timestamptz, opened_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO listings (id, lot_id, pooled, status, round, country, region, sector, debtor_kind, currency, amount_band, age_band, invoice_count,
        documents, disputed, debtor_record, tone_ceiling, coarsened, take_now_bp, price, work_summary, award_rule, award_condition, audience,
        certificate_required, offers_max, extend_below, relationship_weight_bp, offers_until, decide_by, opened_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

statement! {
    struct InsertOwner { listing: ListingId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid }
    "INSERT INTO listing_owners (listing_id, case_id, creditor_id) VALUES (?, ?, ?)"
}

pub(in crate::market) async fn insert(
    conn: &mut Conn<'_>,
    listing: &Listing,
    case: CaseId,
    creditor: OrgId,
) -> Result<(), DbError> {
    let card = &listing.card;
    Insert {
        id: listing.id,
        lot: listing.lot,
        pooled: listing.pooled,
        status: listing.status,
        round: listing.round,
        country: card.country,
        region: card.region.as_deref(),
        sector: card.sector,
        debtor_kind: card.debtor_kind,
        currency: card.currency,
        amount_band: card.amount_band,
        age_band: card.age_band,
        invoice_count: card.invoice_count,
        documents: &card.documents,
        disputed: card.disputed,
        debtor_record: card.debtor_record,
        tone_ceiling: card.tone_ceiling,
        coarsened: &card.coarsened,
        take_now_bp: listing.price.price_bp,
        price: super::written(&listing.price)?,
        work_summary: listing.work_summary.as_ref().map(super::written).transpose()?,
        award_rule: listing.award_rule,
        award_condition: listing.award_condition.as_deref(),
        audience: listing.audience,
        certificate_required: listing.certificate_required,
        offers_max: listing.offers_max,
        extend_below: listing.extend_below,
        relationship_weight_bp: listing.relationship_weight_bp,
        offers_until: listing.offers_until,
        decide_by: listing.decide_by,
        opened_at: listing.opened_at,
    }
    .execute(conn)
    .await?;
    InsertOwner { listing: listing.id, case, creditor }.execute(conn).await?;
    Ok(())
}

statement! {
    struct Find { id: ListingId => SqlUuid } concat!(select!(), "WHERE l.id = ?")
}

pub(in crate::market) async fn find(conn: &mut Conn<'_>, id: ListingId) -> Result<Option<Listing>, DbError> {
    Find { id }.get_result::<Row>(conn).await.optional()?.map(Listing::try_from).transpose()
}

statement! {
    struct ListLot { lot: LotId => SqlUuid } concat!(select!(), "WHERE l.lot_id = ? AND l.status IN ('open', 'deciding') ORDER BY l.id")
}

/// The listings of a lot that are on the market.
pub(in crate::market) async fn list_lot(conn: &mut Conn<'_>, lot: LotId) -> Result<Vec<Listing>, DbError> {
    all(ListLot { lot }.load(conn).await?)
}

statement! {
    struct Lock { id: ListingId => SqlUuid } concat!(select!(), "WHERE l.id = ? FOR UPDATE OF l")
}

pub(in crate::market) async fn lock(conn: &mut Conn<'_>, id: ListingId) -> Result<Option<Listing>, DbError> {
    Lock { id }.get_result::<Row>(conn).await.optional()?.map(Listing::try_from).transpose()
}

statement! {
    struct SetStatus { status: ListingStatus => Text, closed_at: Option<DateTime<Utc>> => Nullable<Timestamptz>, id: ListingId => SqlUuid }
    "UPDATE listings SET status = ?, closed_at = ? WHERE id = ?"
}

pub(in crate::market) async fn set_status(
    conn: &mut Conn<'_>,
    id: ListingId,
    status: ListingStatus,
    closed_at: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    SetStatus { status, closed_at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetExtended { offers_until: DateTime<Utc> => Timestamptz, decide_by: DateTime<Utc> => Timestamptz, at: DateTime<Utc> => Timestamptz,
                         id: ListingId => SqlUuid }
    "UPDATE listings SET offers_until = ?, decide_by = ?, extended_at = ? WHERE id = ?"
}

pub(in crate::market) async fn set_extended(
    conn: &mut Conn<'_>,
    id: ListingId,
    offers_until: DateTime<Utc>,
    decide_by: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    SetExtended { offers_until, decide_by, at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct AddOffers { more: i32 => Integer, id: ListingId => SqlUuid } "UPDATE listings SET offer_count = offer_count + ? WHERE id = ?"
}

pub(in crate::market) async fn add_offers(conn: &mut Conn<'_>, id: ListingId, more: i32) -> Result<(), DbError> {
    AddOffers { more, id }.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Integer)]
    count: i32,
}

statement! {
    struct CountOfCase { case: CaseId => SqlUuid } "SELECT count(*)::integer AS count FROM listing_owners WHERE case_id = ?"
}

/// How many times the case has been on the market.
pub(in crate::market) async fn count_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<i32, DbError> {
    Ok(CountOfCase { case }.get_result::<Counted>(conn).await?.count)
}

statement! {
    struct ListAsks {}
    "SELECT id, country, debtor_kind, sector, amount_band, certificate_required FROM listings WHERE status = 'open'"
}

#[derive(QueryableByName)]
struct AskRow {
    #[diesel(sql_type = SqlUuid)]
    id: ListingId,
    #[diesel(sql_type = Text)]
    country: Country,
    #[diesel(sql_type = Text)]
    debtor_kind: DebtorKind,
    #[diesel(sql_type = Nullable<Text>)]
    sector: Option<Sector>,
    #[diesel(sql_type = Text)]
    amount_band: AmountBand,
    #[diesel(sql_type = Bool)]
    certificate_required: bool,
}

/// What every open listing asks of an agency.
pub(in crate::market) async fn list_asks(conn: &mut Conn<'_>) -> Result<Vec<(ListingId, Ask)>, DbError> {
    let rows: Vec<AskRow> = ListAsks {}.load(conn).await?;
    let ask = |row: AskRow| {
        let AskRow { id, country, debtor_kind, sector, amount_band, certificate_required } = row;
        (id, Ask { country, debtor_kind, sector, amount_band, certificate_required })
    };
    Ok(rows.into_iter().map(ask).collect())
}

statement! {
    struct JoinCrowds { debtor: DebtorId => SqlUuid, traits: Vec<String> => Array<Text>, enough: i32 => Integer }
    "SELECT join_crowds(?, ?, ?) AS crowds"
}

#[derive(QueryableByName)]
struct Crowds {
    #[diesel(sql_type = Array<Integer>)]
    crowds: Vec<i32>,
}

/// Adds the debtor to the crowds of these combinations of traits; how many debtors each has, counted up to `enough`.
pub(in crate::market) async fn join_crowds(
    conn: &mut Conn<'_>,
    debtor: DebtorId,
    traits: Vec<String>,
    enough: i32,
) -> Result<Vec<i32>, DbError> {
    Ok(JoinCrowds { debtor, traits, enough }.get_result::<Crowds>(conn).await?.crowds)
}

statement! {
    struct DebtorRecord { debtor: DebtorId => SqlUuid } "SELECT closed, paid FROM debtor_record(?)"
}

#[derive(QueryableByName)]
struct RecordRow {
    #[diesel(sql_type = Integer)]
    closed: i32,
    #[diesel(sql_type = Integer)]
    paid: i32,
}

/// How the debtor's last cases ended, whoever its creditors were.
pub(in crate::market) async fn debtor_record(conn: &mut Conn<'_>, debtor: DebtorId) -> Result<PaymentRecord, DbError> {
    let row: RecordRow = DebtorRecord { debtor }.get_result(conn).await?;
    Ok(PaymentRecord::of(row.closed, row.paid))
}

/// Open listings that match.
pub(in crate::market) async fn search(
    conn: &mut Conn<'_>,
    at: DateTime<Utc>,
    criteria: &Criteria,
    cursor: Cursor,
) -> Result<Vec<Listing>, DbError> {
    all(search::Search::new(select!(), at, criteria, cursor).load(conn).await?)
}

/// A creditor's own listings that match.
pub(in crate::market) async fn list_of_creditor(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    criteria: &Criteria,
    cursor: Cursor,
) -> Result<Vec<Listing>, DbError> {
    all(search::OfCreditor::new(select!(), creditor, criteria, cursor).load(conn).await?)
}
