//! SQL of scores, ratings and appeals.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    market::{
        Engagement,
        card::AgeBand,
        complaints::Severity,
        score::{Component, Ended, Quarter},
        scores::{Appeal, AppealStatus, PublishedScore, Rating},
    },
    types::{AppealId, BasisPoints, Country, EngagementId, OrgId},
};

#[derive(QueryableByName)]
struct InCountry {
    #[diesel(sql_type = Text)]
    country: Country,
}

statement! {
    struct CountryOf { engagement: EngagementId => SqlUuid }
    "SELECT l.country FROM engagements e JOIN mandates m ON m.id = e.mandate_id JOIN listings l ON l.id = m.listing_id WHERE e.id = ?"
}

/// The country of the debtor: where an engagement counts.
pub(in crate::market) async fn country_of(conn: &mut Conn<'_>, engagement: EngagementId) -> Result<Country, DbError> {
    Ok(CountryOf { engagement }.get_result::<InCountry>(conn).await?.country)
}

statement! {
    struct ClaimQuarter { agency: OrgId => SqlUuid, country: Country => Text, quarter: NaiveDate => Date }
    "INSERT INTO score_quarters (agency_id, country, quarter) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
}

/// Whether nobody had claimed it before.
pub(in crate::market) async fn claim_quarter(
    conn: &mut Conn<'_>,
    agency: OrgId,
    country: Country,
    quarter: Quarter,
) -> Result<bool, DbError> {
    Ok(ClaimQuarter { agency, country, quarter: quarter.first_day() }.execute(conn).await? > 0)
}

macro_rules! select {
    () => {
        "SELECT agency_id, country, quarter, version, score, calibration, published_at FROM agency_scores "
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = Text)]
    country: Country,
    #[diesel(sql_type = Date)]
    quarter: NaiveDate,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Jsonb)]
    score: Value,
    #[diesel(sql_type = Jsonb)]
    calibration: Value,
    #[diesel(sql_type = Timestamptz)]
    published_at: DateTime<Utc>,
}

impl TryFrom<Row> for PublishedScore {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let Row { agency_id: agency, country, quarter, version, score, calibration, published_at } = row;
        let (score, calibration) = (super::parse(score)?, super::parse(calibration)?);
        Ok(Self { agency, country, quarter: Quarter::of(quarter), version, score, calibration, published_at })
    }
}

statement! {
    struct LockQuarter { agency: OrgId => SqlUuid, country: Country => Text, quarter: NaiveDate => Date }
    "SELECT country FROM score_quarters WHERE agency_id = ? AND country = ? AND quarter = ? FOR UPDATE"
}

statement! {
    struct Last { agency: OrgId => SqlUuid, country: Country => Text, quarter: NaiveDate => Date }
    concat!(select!(), "WHERE agency_id = ? AND country = ? AND quarter = ? ORDER BY version DESC LIMIT 1")
}

/// The last publication of a quarter. Until the transaction ends nobody else publishes it.
pub(in crate::market) async fn lock_last(
    conn: &mut Conn<'_>,
    agency: OrgId,
    country: Country,
    quarter: Quarter,
) -> Result<Option<PublishedScore>, DbError> {
    let quarter = quarter.first_day();
    LockQuarter { agency, country, quarter }.execute(conn).await?;
    let last = Last { agency, country, quarter }.get_result::<Row>(conn).await.optional()?;
    last.map(PublishedScore::try_from).transpose()
}

statement! {
    struct Insert { agency: OrgId => SqlUuid, country: Country => Text, quarter: NaiveDate => Date, version: i32 => Integer,
                    score_bp: BasisPoints => Integer, score: Value => Jsonb, calibration: Value => Jsonb, published_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO agency_scores (agency_id, country, quarter, version, score_bp, score, calibration, published_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert(conn: &mut Conn<'_>, published: &PublishedScore) -> Result<(), DbError> {
    let PublishedScore { agency, country, quarter, version, published_at, .. } = *published;
    let (score_bp, score) = (published.score.score_bp, super::written(&published.score)?);
    let (quarter, calibration) = (quarter.first_day(), super::written(&published.calibration)?);
    Insert { agency, country, quarter, version, score_bp, score, calibration, published_at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct List { agency: OrgId => SqlUuid }
    "SELECT DISTINCT ON (quarter, country) agency_id, country, quarter, version, score, calibration, published_at FROM agency_scores
     WHERE agency_id = ? ORDER BY quarter DESC, country, version DESC"
}

/// Latest quarter first, each in its last version.
pub(in crate::market) async fn list(conn: &mut Conn<'_>, agency: OrgId) -> Result<Vec<PublishedScore>, DbError> {
    let rows: Vec<Row> = List { agency }.load(conn).await?;
    rows.into_iter().map(PublishedScore::try_from).collect()
}

#[derive(QueryableByName)]
struct QuarterRow {
    #[diesel(sql_type = Date)]
    quarter: NaiveDate,
}

statement! {
    struct ListPublishedQuarters { agency: OrgId => SqlUuid, country: Country => Text }
    "SELECT DISTINCT quarter FROM agency_scores WHERE agency_id = ? AND country = ? ORDER BY quarter"
}

pub(in crate::market) async fn list_published_quarters(
    conn: &mut Conn<'_>,
    agency: OrgId,
    country: Country,
) -> Result<Vec<Quarter>, DbError> {
    let rows: Vec<QuarterRow> = ListPublishedQuarters { agency, country }.load(conn).await?;
    Ok(rows.into_iter().map(|row| Quarter::of(row.quarter)).collect())
}

#[derive(QueryableByName)]
struct OfAgency {
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = Integer)]
    score_bp: BasisPoints,
}

statement! {
    struct LatestOf { agencies: Vec<OrgId> => Array<SqlUuid>, country: Country => Text, since: NaiveDate => Date }
    "SELECT DISTINCT ON (agency_id) agency_id, score_bp FROM agency_scores WHERE agency_id = ANY (?) AND country = ? AND quarter >= ?
     ORDER BY agency_id, quarter DESC, version DESC"
}

/// The latest score of each of these agencies in a country, of a quarter that began no earlier than `since`.
pub(in crate::market) async fn latest_of(
    conn: &mut Conn<'_>,
    agencies: Vec<OrgId>,
    country: Country,
    since: NaiveDate,
) -> Result<Vec<(OrgId, BasisPoints)>, DbError> {
    let rows: Vec<OfAgency> = LatestOf { agencies, country, since }.load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.agency_id, row.score_bp)).collect())
}

#[derive(QueryableByName)]
struct EndedRow {
    #[diesel(sql_type = SqlUuid)]
    id: EngagementId,
    #[diesel(sql_type = Text)]
    age_band: AgeBand,
    #[diesel(sql_type = Nullable<Integer>)]
    promised: Option<BasisPoints>,
    #[diesel(sql_type = Integer)]
    recovered: BasisPoints,
    #[diesel(sql_type = Nullable<Bool>)]
    first_contact_kept: Option<bool>,
    #[diesel(sql_type = Integer)]
    updates_kept: i32,
    #[diesel(sql_type = Integer)]
    updates_missed: i32,
    #[diesel(sql_type = Array<Text>)]
    complaints: Vec<Severity>,
    #[diesel(sql_type = Nullable<Integer>)]
    documents: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    treatment: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    treated: Option<i32>,
    #[diesel(sql_type = Array<Text>)]
    excluded: Vec<Component>,
}

statement! {
    struct ListEnded { agency: OrgId => SqlUuid, from: NaiveDate => Date, until: NaiveDate => Date, country: Country => Text }
    "SELECT e.id, l.age_band, coalesce(m.promised_recovery_bp, m.expected_recovery_bp) AS promised,
        CASE WHEN e.claim_minor > 0 THEN least(10000, coalesce(p.recovered, 0) * 10000 / e.claim_minor) ELSE 0 END::integer AS recovered,
        e.first_contact_kept, e.updates_kept, e.updates_missed, coalesce(c.severities, '{}') AS complaints, r.documents, r.treatment, d.treatment AS treated,
        coalesce(a.components, '{}') AS excluded
     FROM engagements e JOIN mandates m ON m.id = e.mandate_id JOIN listings l ON l.id = m.listing_id
        LEFT JOIN engagement_ratings r ON r.engagement_id = e.id LEFT JOIN debtor_ratings d ON d.engagement_id = e.id
        LEFT JOIN LATERAL (SELECT sum(amount_minor)::bigint AS recovered FROM payments WHERE payments.case_id = e.case_id
            AND payments.agency_id = e.agency_id AND payments.status = 'confirmed' AND payments.declared_at >= e.started_at) p ON true
        LEFT JOIN LATERAL (SELECT array_agg(severity) AS severities FROM complaints WHERE complaints.engagement_id = e.id
            AND complaints.status = 'upheld') c ON true
        LEFT JOIN LATERAL (SELECT array_agg(component) AS components FROM score_appeals WHERE score_appeals.engagement_id = e.id
            AND score_appeals.status = 'upheld') a ON true
     WHERE e.agency_id = ? AND e.ended_at >= ?::timestamp AT TIME ZONE 'UTC' AND e.ended_at < ?::timestamp AT TIME ZONE 'UTC' AND l.country = ?
     ORDER BY e.id"
}

/// An agency's engagements in a country that ended from one day on and before another, with all that counts in a score.
pub(in crate::market) async fn list_ended(
    conn: &mut Conn<'_>,
    agency: OrgId,
    country: Country,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Ended>, DbError> {
    let rows: Vec<EndedRow> = ListEnded { agency, from, until, country }.load(conn).await?;
    let ended = |row: EndedRow| Ended {
        engagement: row.id,
        age: row.age_band,
        promised: row.promised,
        recovered: row.recovered,
        first_contact_kept: row.first_contact_kept,
        updates_kept: row.updates_kept,
        updates_missed: row.updates_missed,
        complaints: row.complaints,
        documents: row.documents,
        treatment: row.treatment,
        treated: row.treated,
        excluded: row.excluded,
    };
    Ok(rows.into_iter().map(ended).collect())
}

statement! {
    struct InsertRating<'a> { engagement: EngagementId => SqlUuid, creditor: OrgId => SqlUuid, agency: OrgId => SqlUuid, treatment: i32 => Integer,
                              documents: i32 => Integer, comment: Option<&'a str> => Nullable<Text>, at: DateTime<Utc> => Timestamptz }
    "INSERT INTO engagement_ratings (engagement_id, creditor_id, agency_id, treatment, documents, comment, rated_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert_rating(
    conn: &mut Conn<'_>,
    rated: &Engagement,
    rating: &Rating<'_>,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let Rating { treatment, documents, comment } = *rating;
    let (engagement, creditor, agency) = (rated.id, rated.creditor, rated.agency);
    InsertRating { engagement, creditor, agency, treatment, documents, comment, at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct InsertDebtorRating<'a> { engagement: EngagementId => SqlUuid, agency: OrgId => SqlUuid, treatment: i32 => Integer,
                                    comment: Option<&'a str> => Nullable<Text>, at: DateTime<Utc> => Timestamptz }
    "INSERT INTO debtor_ratings (engagement_id, agency_id, treatment, comment, rated_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
}

/// `false`: it had been rated before.
pub(in crate::market) async fn insert_debtor_rating(
    conn: &mut Conn<'_>,
    rated: &Engagement,
    (treatment, comment): (i32, Option<&str>),
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let (engagement, agency) = (rated.id, rated.agency);
    Ok(InsertDebtorRating { engagement, agency, treatment, comment, at }.execute(conn).await? == 1)
}

macro_rules! select_appeals {
    () => {
        "SELECT id, agency_id, engagement_id, component, statement, status, decision_note, filed_at, decided_at FROM score_appeals "
    };
}

#[derive(QueryableByName)]
struct AppealRow {
    #[diesel(sql_type = SqlUuid)]
    id: AppealId,
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    engagement_id: EngagementId,
    #[diesel(sql_type = Text)]
    component: Component,
    #[diesel(sql_type = Text)]
    statement: String,
    #[diesel(sql_type = Text)]
    status: AppealStatus,
    #[diesel(sql_type = Nullable<Text>)]
    decision_note: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    filed_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    decided_at: Option<DateTime<Utc>>,
}

impl From<AppealRow> for Appeal {
    fn from(row: AppealRow) -> Self {
        let AppealRow { id, agency_id: agency, engagement_id: engagement, component, statement, .. } = row;
        let AppealRow { status, decision_note, filed_at, decided_at, .. } = row;
        Self { id, agency, engagement, component, statement, status, decision_note, filed_at, decided_at }
    }
}

statement! {
    struct InsertAppeal<'a> { id: AppealId => SqlUuid, agency: OrgId => SqlUuid, engagement: EngagementId => SqlUuid, component: Component => Text,
                              statement: &'a str => Text, status: AppealStatus => Text, filed_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO score_appeals (id, agency_id, engagement_id, component, statement, status, filed_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert_appeal(conn: &mut Conn<'_>, appeal: &Appeal) -> Result<(), DbError> {
    let Appeal { id, agency, engagement, component, status, filed_at, .. } = *appeal;
    InsertAppeal { id, agency, engagement, component, statement: &appeal.statement, status, filed_at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct ListAppeals { before: Uuid => SqlUuid, limit: i64 => BigInt } concat!(select_appeals!(), "WHERE id < ? ORDER BY id DESC LIMIT ?")
}

/// Newest first, as far as the scope may see.
pub(in crate::market) async fn list_appeals(conn: &mut Conn<'_>, cursor: Cursor) -> Result<Vec<Appeal>, DbError> {
    let rows: Vec<AppealRow> = ListAppeals { before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    Ok(rows.into_iter().map(Appeal::from).collect())
}

statement! {
    struct LockAppeal { id: AppealId => SqlUuid } concat!(select_appeals!(), "WHERE id = ? FOR UPDATE")
}

pub(in crate::market) async fn lock_appeal(conn: &mut Conn<'_>, id: AppealId) -> Result<Option<Appeal>, DbError> {
    Ok(LockAppeal { id }.get_result::<AppealRow>(conn).await.optional()?.map(Appeal::from))
}

statement! {
    struct SetAppealDecided<'a> { status: AppealStatus => Text, note: Option<&'a str> => Nullable<Text>, at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
                                  id: AppealId => SqlUuid }
    "UPDATE score_appeals SET status = ?, decision_note = ?, decided_at = ? WHERE id = ?"
}

pub(in crate::market) async fn set_appeal_decided(conn: &mut Conn<'_>, appeal: &Appeal) -> Result<(), DbError> {
    let Appeal { id, status, decided_at, .. } = *appeal;
    SetAppealDecided { status, note: appeal.decision_note.as_deref(), at: decided_at, id }.execute(conn).await?;
    Ok(())
}
