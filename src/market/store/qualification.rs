//! SQL of who may be given which case: agencies' scopes, creditors' lists and settings.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    market::{
        card::AmountBand,
        circle::{ListedAgency, MarketAgency, Standing},
        qualification::{Candidate, Scope},
        sector::Sector,
        settings::{NoOffers, Settings},
    },
    parties::vetting::Paper,
    receivables::DebtorKind,
    types::{BasisPoints, CaseId, CompanyNumber, Country, Language, ListingId, OrgId},
};

#[derive(QueryableByName)]
struct CandidateRow {
    #[diesel(sql_type = SqlUuid)]
    id: OrgId,
    #[diesel(sql_type = Bool)]
    has_client_account: bool,
    #[diesel(sql_type = Bool)]
    suspended: bool,
    #[diesel(sql_type = BigInt)]
    open_cases: i64,
    #[diesel(sql_type = Array<Text>)]
    debtor_kinds: Vec<DebtorKind>,
    #[diesel(sql_type = Array<Text>)]
    sectors: Vec<Sector>,
    #[diesel(sql_type = Array<Text>)]
    languages: Vec<Language>,
    #[diesel(sql_type = Array<Text>)]
    amount_bands: Vec<AmountBand>,
    #[diesel(sql_type = Nullable<Integer>)]
    capacity: Option<i32>,
    #[diesel(sql_type = Bool)]
    takes_assignments: bool,
    #[diesel(sql_type = Nullable<Text>)]
    parent_number: Option<CompanyNumber>,
}

impl CandidateRow {
    fn with(self, papers: Vec<Paper>) -> (OrgId, Candidate) {
        let Self {
            id,
            has_client_account,
            suspended,
            open_cases,
            debtor_kinds,
            sectors,
            languages,
            amount_bands,
            capacity,
            takes_assignments,
            parent_number,
        } = self;
        let scope = Scope { debtor_kinds, sectors, languages, amount_bands, capacity, takes_assignments, parent_number };
        (id, Candidate { scope, papers, open_cases, has_client_account, suspended })
    }
}

macro_rules! select_candidates {
    ($not_case:literal) => {
        concat!(
            "SELECT o.id, o.iban IS NOT NULL AS has_client_account, o.suspended_at IS NOT NULL AS suspended,
                (SELECT count(*) FROM cases WHERE cases.agency_id = o.id AND cases.phase IN ('awarded', 'active')",
            $not_case,
            ") AS open_cases,
                coalesce(p.debtor_kinds, '{}') AS debtor_kinds, coalesce(p.sectors, '{}') AS sectors,
                coalesce(p.languages, '{}') AS languages, coalesce(p.amount_bands, '{}') AS amount_bands, p.capacity,
                coalesce(p.takes_assignments, false) AS takes_assignments, p.parent_number
             FROM organisations o LEFT JOIN agency_profiles p ON p.agency_id = o.id "
        )
    };
}

statement! {
    struct FindCandidate { but: Option<CaseId> => Nullable<SqlUuid>, agency: OrgId => SqlUuid }
    concat!(select_candidates!(" AND cases.id IS DISTINCT FROM ?"), "WHERE o.id = ?")
}

/// An agency as the rules see it, with these papers; the case `but` does not count towards its capacity.
pub(in crate::market) async fn find_candidate(
    conn: &mut Conn<'_>,
    agency: OrgId,
    papers: Vec<Paper>,
    but: Option<CaseId>,
) -> Result<Option<Candidate>, DbError> {
    let row: Option<CandidateRow> = FindCandidate { but, agency }.get_result(conn).await.optional()?;
    Ok(row.map(|row| row.with(papers).1))
}

statement! {
    struct ListCandidates {} concat!(select_candidates!(""), "WHERE o.kind = 'agency' ORDER BY o.id")
}

/// Every agency as the rules see it, but for its papers.
pub(in crate::market) async fn list_candidates(conn: &mut Conn<'_>) -> Result<Vec<(OrgId, Candidate)>, DbError> {
    let rows: Vec<CandidateRow> = ListCandidates {}.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.with(Vec::new())).collect())
}

statement! {
    struct ListCandidatesFor { listing: ListingId => SqlUuid, same: ListingId => SqlUuid }
    concat!(select_candidates!(""), "WHERE p.takes_assignments AND NOT agency_is_barred(?, o.id)
        AND NOT EXISTS (SELECT FROM mandates m JOIN listing_owners owner ON owner.case_id = m.case_id
                        WHERE owner.listing_id = ? AND m.agency_id = o.id) ORDER BY o.id")
}

/// Agencies that take assignments, are not barred from a listing, and had no mandate for its case before; without papers.
pub(in crate::market) async fn list_candidates_for(
    conn: &mut Conn<'_>,
    listing: ListingId,
) -> Result<Vec<(OrgId, Candidate)>, DbError> {
    let rows: Vec<CandidateRow> = ListCandidatesFor { listing, same: listing }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.with(Vec::new())).collect())
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

statement! {
    struct IsBarred { listing: ListingId => SqlUuid, agency: OrgId => SqlUuid } "SELECT agency_is_barred(?, ?) AS answer"
}

/// Whether the creditor's lists, its circle or a conflict of interest keep an agency from a listing.
pub(in crate::market) async fn is_barred(conn: &mut Conn<'_>, listing: ListingId, agency: OrgId) -> Result<bool, DbError> {
    Ok(IsBarred { listing, agency }.get_result::<Answer>(conn).await?.answer)
}

#[derive(QueryableByName)]
struct ScopeRow {
    #[diesel(embed)]
    candidate: CandidateRow,
    #[diesel(sql_type = Integer)]
    version: i32,
}

statement! {
    struct FindScope { agency: OrgId => SqlUuid }
    "SELECT agency_id AS id, true AS has_client_account, false AS suspended, 0::bigint AS open_cases, debtor_kinds, sectors, languages,
        amount_bands, capacity, takes_assignments, parent_number, version FROM agency_profiles WHERE agency_id = ?"
}

/// What an agency says it takes on, and the version of that.
pub(in crate::market) async fn find_scope(conn: &mut Conn<'_>, agency: OrgId) -> Result<Option<(Scope, i32)>, DbError> {
    let row: Option<ScopeRow> = FindScope { agency }.get_result(conn).await.optional()?;
    Ok(row.map(|row| (row.candidate.with(Vec::new()).1.scope, row.version)))
}

statement! {
    struct WriteScope<'a> {
        agency: OrgId => SqlUuid, debtor_kinds: &'a [DebtorKind] => Array<Text>, sectors: &'a [Sector] => Array<Text>,
        languages: &'a [Language] => Array<Text>, amount_bands: &'a [AmountBand] => Array<Text>, capacity: Option<i32> => Nullable<Integer>,
        takes_assignments: bool => Bool, parent_number: Option<&'a CompanyNumber> => Nullable<Text>, parent_key: Option<String> => Nullable<Text>,
        at: DateTime<Utc> => Timestamptz, version: i32 => Integer,
    }
    "INSERT INTO agency_profiles AS p (agency_id, debtor_kinds, sectors, languages, amount_bands, capacity, takes_assignments,
        parent_number, parent_key, changed_at, version)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? + 1)
     ON CONFLICT (agency_id) DO UPDATE SET debtor_kinds = excluded.debtor_kinds, sectors = excluded.sectors,
        languages = excluded.languages, amount_bands = excluded.amount_bands, capacity = excluded.capacity,
        takes_assignments = excluded.takes_assignments, parent_number = excluded.parent_number, parent_key = excluded.parent_key, changed_at = excluded.changed_at,
        version = excluded.version
     WHERE p.version = excluded.version - 1"
}

/// `false` where the agency's scope has moved on from `version`; 0 is the version of one that was never written.
pub(in crate::market) async fn write_scope(
    conn: &mut Conn<'_>,
    agency: OrgId,
    scope: &Scope,
    version: i32,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let write = WriteScope {
        agency,
        debtor_kinds: &scope.debtor_kinds,
        sectors: &scope.sectors,
        languages: &scope.languages,
        amount_bands: &scope.amount_bands,
        capacity: scope.capacity,
        takes_assignments: scope.takes_assignments,
        parent_number: scope.parent_number.as_ref(),
        parent_key: scope.parent_number.as_ref().map(CompanyNumber::enterprise_key),
        at,
        version,
    };
    Ok(write.execute(conn).await? > 0)
}

#[derive(QueryableByName)]
struct SettingsRow {
    #[diesel(sql_type = Bool)]
    certificate_required: bool,
    #[diesel(sql_type = Integer)]
    offers_max: i32,
    #[diesel(sql_type = Integer)]
    extend_below: i32,
    #[diesel(sql_type = Integer)]
    relationship_weight_bp: BasisPoints,
    #[diesel(sql_type = Text)]
    no_offers: NoOffers,
    #[diesel(sql_type = Integer)]
    version: i32,
}

statement! {
    struct FindSettings { creditor: OrgId => SqlUuid }
    "SELECT certificate_required, offers_max, extend_below, relationship_weight_bp, no_offers, version FROM market_settings WHERE creditor_id = ?"
}

/// What a creditor asks of the market, and the version of that.
pub(in crate::market) async fn find_settings(conn: &mut Conn<'_>, creditor: OrgId) -> Result<Option<(Settings, i32)>, DbError> {
    let row: Option<SettingsRow> = FindSettings { creditor }.get_result(conn).await.optional()?;
    Ok(row.map(|row| {
        let SettingsRow { certificate_required, offers_max, extend_below, relationship_weight_bp, no_offers, version } = row;
        (Settings { certificate_required, offers_max, extend_below, relationship_weight_bp, no_offers }, version)
    }))
}

statement! {
    struct WriteSettings {
        creditor: OrgId => SqlUuid, certificate_required: bool => Bool, offers_max: i32 => Integer, extend_below: i32 => Integer,
        relationship_weight_bp: BasisPoints => Integer, no_offers: NoOffers => Text, at: DateTime<Utc> => Timestamptz, version: i32 => Integer,
    }
    "INSERT INTO market_settings AS s (creditor_id, certificate_required, offers_max, extend_below, relationship_weight_bp, no_offers,
        changed_at, version)
     VALUES (?, ?, ?, ?, ?, ?, ?, ? + 1)
     ON CONFLICT (creditor_id) DO UPDATE SET certificate_required = excluded.certificate_required, offers_max = excluded.offers_max,
        extend_below = excluded.extend_below, relationship_weight_bp = excluded.relationship_weight_bp, no_offers = excluded.no_offers, changed_at = excluded.changed_at,
        version = excluded.version
     WHERE s.version = excluded.version - 1"
}

/// `false` where the settings have moved on from `version`; 0 is the version of those never written.
pub(in crate::market) async fn write_settings(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    settings: &Settings,
    version: i32,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let Settings { certificate_required, offers_max, extend_below, relationship_weight_bp, no_offers } = *settings;
    let write = WriteSettings {
        creditor,
        certificate_required,
        offers_max,
        extend_below,
        relationship_weight_bp,
        no_offers,
        at,
        version,
    };
    Ok(write.execute(conn).await? > 0)
}

#[derive(QueryableByName)]
struct ListedRow {
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = Text)]
    legal_name: String,
    #[diesel(sql_type = Text)]
    standing: Standing,
    #[diesel(sql_type = Timestamptz)]
    set_at: DateTime<Utc>,
}

impl From<ListedRow> for ListedAgency {
    fn from(row: ListedRow) -> Self {
        let ListedRow { agency_id, legal_name, standing, set_at } = row;
        Self { agency_id, legal_name, standing, set_at }
    }
}

statement! {
    struct ListListed { creditor: OrgId => SqlUuid }
    "SELECT l.agency_id, o.legal_name, l.standing, l.set_at FROM creditor_agencies l JOIN organisations o ON o.id = l.agency_id
     WHERE l.creditor_id = ? ORDER BY o.legal_name, o.id"
}

/// The agencies on a creditor's lists.
pub(in crate::market) async fn list_listed(conn: &mut Conn<'_>, creditor: OrgId) -> Result<Vec<ListedAgency>, DbError> {
    let rows: Vec<ListedRow> = ListListed { creditor }.load(conn).await?;
    Ok(rows.into_iter().map(ListedAgency::from).collect())
}

statement! {
    struct SetStanding { creditor: OrgId => SqlUuid, standing: Standing => Text, at: DateTime<Utc> => Timestamptz, agency: OrgId => SqlUuid }
    "INSERT INTO creditor_agencies (creditor_id, agency_id, standing, set_at)
     SELECT ?, id, ?, ? FROM organisations WHERE id = ? AND kind = 'agency'
     ON CONFLICT (creditor_id, agency_id) DO UPDATE SET standing = excluded.standing, set_at = excluded.set_at"
}

/// `false` where there is no such agency that the creditor can see.
pub(in crate::market) async fn set_standing(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    agency: OrgId,
    standing: Standing,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(SetStanding { creditor, standing, at, agency }.execute(conn).await? > 0)
}

statement! {
    struct DropStanding { creditor: OrgId => SqlUuid, agency: OrgId => SqlUuid }
    "DELETE FROM creditor_agencies WHERE creditor_id = ? AND agency_id = ?"
}

pub(in crate::market) async fn drop_standing(conn: &mut Conn<'_>, creditor: OrgId, agency: OrgId) -> Result<bool, DbError> {
    Ok(DropStanding { creditor, agency }.execute(conn).await? > 0)
}

#[derive(QueryableByName)]
struct AgencyRow {
    #[diesel(sql_type = SqlUuid)]
    id: OrgId,
    #[diesel(sql_type = Text)]
    legal_name: String,
    #[diesel(sql_type = Text)]
    country: Country,
    #[diesel(sql_type = Array<Text>)]
    licensed_in: Vec<Country>,
    #[diesel(sql_type = Nullable<Text>)]
    standing: Option<Standing>,
}

statement! {
    struct ListAgencies { creditor: OrgId => SqlUuid, on: chrono::NaiveDate => diesel::sql_types::Date, before: Uuid => SqlUuid, limit: i64 => BigInt }
    "SELECT * FROM (
        SELECT o.id, o.legal_name, o.country, (SELECT standing FROM creditor_agencies s WHERE s.creditor_id = ? AND s.agency_id = o.id) AS standing,
            ARRAY(SELECT DISTINCT c.country FROM agency_credentials c WHERE c.agency_id = o.id AND c.kind = 'licence'
                AND c.status = 'vetted' AND ? BETWEEN c.valid_from AND c.valid_until ORDER BY c.country) AS licensed_in
        FROM organisations o WHERE o.kind = 'agency' AND o.id < ?) known
     WHERE cardinality(licensed_in) > 0 ORDER BY id DESC LIMIT ?"
}

/// Agencies that hold a licence in force, newest first, and where they stand with the creditor.
pub(in crate::market) async fn list_agencies(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    on: chrono::NaiveDate,
    cursor: Cursor,
) -> Result<Vec<MarketAgency>, DbError> {
    let rows: Vec<AgencyRow> = ListAgencies { creditor, on, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    let agency = |row: AgencyRow| MarketAgency {
        id: row.id,
        legal_name: row.legal_name,
        country: row.country,
        licensed_in: row.licensed_in,
        standing: row.standing,
    };
    Ok(rows.into_iter().map(agency).collect())
}
