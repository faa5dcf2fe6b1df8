//! SQL of debtors.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{self, Conn, DbError, statement},
    http::Cursor,
    receivables::{DebtorKind, debtors::Debtor, intake::CandidateDebtor, matching::core_name},
    types::{Country, DebtorId, Language, OrgId},
};

macro_rules! columns {
    () => {
        "id, creditor_id, kind, legal_name, tax_number, sector, country, language, email, phone, street, postal_code, city, time_zone,
         parent_id, merged_into, created_at"
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: DebtorId,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = Text)]
    kind: DebtorKind,
    #[diesel(sql_type = Text)]
    legal_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    tax_number: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    sector: Option<String>,
    #[diesel(sql_type = Text)]
    country: Country,
    #[diesel(sql_type = Text)]
    language: Language,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    phone: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    street: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    postal_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    city: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    time_zone: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    parent_id: Option<DebtorId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    merged_into: Option<DebtorId>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl From<Row> for Debtor {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            creditor_id: row.creditor_id,
            kind: row.kind,
            legal_name: row.legal_name,
            tax_number: row.tax_number,
            sector: row.sector,
            country: row.country,
            language: row.language,
            email: row.email,
            phone: row.phone,
            street: row.street,
            postal_code: row.postal_code,
            city: row.city,
            time_zone: row.time_zone,
            parent_id: row.parent_id,
            merged_into: row.merged_into,
            created_at: row.created_at,
        }
    }
}

statement! {
    struct ListNames<'a> { ids: &'a [DebtorId] => Array<SqlUuid> } "SELECT id, legal_name FROM debtors WHERE id = ANY(?)"
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = SqlUuid)]
    id: DebtorId,
    #[diesel(sql_type = Text)]
    legal_name: String,
}

pub(in crate::receivables) async fn list_names(
    conn: &mut Conn<'_>,
    ids: &[DebtorId],
) -> Result<Vec<(DebtorId, String)>, DbError> {
    let rows: Vec<NameRow> = ListNames { ids }.load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.legal_name)).collect())
}

statement! {
    struct Find { id: DebtorId => SqlUuid } concat!("SELECT ", columns!(), " FROM debtors WHERE id = ?")
}

pub async fn find(conn: &mut Conn<'_>, id: DebtorId) -> Result<Option<Debtor>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(Debtor::from))
}

statement! {
    struct List { creditor: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", columns!(), " FROM debtors WHERE creditor_id = ? AND id < ? AND merged_into IS NULL ORDER BY id DESC LIMIT ?")
}

pub async fn list(conn: &mut Conn<'_>, creditor: OrgId, cursor: Cursor) -> Result<Vec<Debtor>, DbError> {
    let rows: Vec<Row> = List { creditor, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    Ok(rows.into_iter().map(Debtor::from).collect())
}

statement! {
    struct FindKnown<'a> { keys: Vec<&'a str> => Array<Text>, creditor: OrgId => SqlUuid }
    "SELECT coalesce(merged_into, id) AS id, identity_key, sector IS NULL AS no_sector, email IS NULL AS no_email, phone IS NULL AS no_phone, street IS NULL AS no_street,
        postal_code IS NULL AS no_postal_code, city IS NULL AS no_city
     FROM unnest(?) AS wanted (key)
     CROSS JOIN LATERAL (SELECT * FROM debtors WHERE creditor_id = ? AND identity_key = wanted.key LIMIT 1) AS known"
}

/// A debtor by what makes it one, and what is not known of it.
#[derive(Debug, QueryableByName)]
struct Known {
    #[diesel(sql_type = SqlUuid)]
    id: DebtorId,
    #[diesel(sql_type = Text)]
    identity_key: String,
    #[diesel(sql_type = Bool)]
    no_sector: bool,
    #[diesel(sql_type = Bool)]
    no_email: bool,
    #[diesel(sql_type = Bool)]
    no_phone: bool,
    #[diesel(sql_type = Bool)]
    no_street: bool,
    #[diesel(sql_type = Bool)]
    no_postal_code: bool,
    #[diesel(sql_type = Bool)]
    no_city: bool,
}

impl Known {
    fn lacks_something_of(&self, debtor: &CandidateDebtor) -> bool {
        (self.no_sector && debtor.sector.is_some())
            || (self.no_email && debtor.email.is_some())
            || (self.no_phone && debtor.phone.is_some())
            || (self.no_street && debtor.street.is_some())
            || (self.no_postal_code && debtor.postal_code.is_some())
            || (self.no_city && debtor.city.is_some())
    }
}

statement! {
    struct Make<'a> {
        creditor: OrgId => SqlUuid, at: DateTime<Utc> => Timestamptz,
        ids: Vec<DebtorId> => Array<SqlUuid>, kinds: Vec<DebtorKind> => Array<Text>, names: Vec<&'a str> => Array<Text>,
        keys: Vec<&'a str> => Array<Text>, tax_numbers: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        sectors: Vec<Option<&'a str>> => Array<Nullable<Text>>, countries: Vec<Country> => Array<Text>,
        languages: Vec<Language> => Array<Text>, emails: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        phones: Vec<Option<&'a str>> => Array<Nullable<Text>>, streets: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        postal_codes: Vec<Option<&'a str>> => Array<Nullable<Text>>, cities: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        match_keys: Vec<String> => Array<Text>,
    }
    "INSERT INTO debtors (creditor_id, created_at, id, kind, legal_name, identity_key, tax_number, sector, country, language, email, phone,
                          street, postal_code, city, match_key)
     SELECT ?, ?, new.* FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS new
     ON CONFLICT ON CONSTRAINT debtors_identity_unique DO NOTHING RETURNING id, identity_key"
}

#[derive(Debug, QueryableByName)]
struct Made {
    #[diesel(sql_type = SqlUuid)]
    id: DebtorId,
    #[diesel(sql_type = Text)]
    identity_key: String,
}

statement! {
    struct Fill<'a> {
        ids: Vec<DebtorId> => Array<SqlUuid>, sectors: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        emails: Vec<Option<&'a str>> => Array<Nullable<Text>>, phones: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        streets: Vec<Option<&'a str>> => Array<Nullable<Text>>, postal_codes: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        cities: Vec<Option<&'a str>> => Array<Nullable<Text>>,
    }
    "UPDATE debtors SET sector = coalesce(debtors.sector, said.sector), email = coalesce(debtors.email, said.email),
        phone = coalesce(debtors.phone, said.phone), street = coalesce(debtors.street, said.street),
        postal_code = coalesce(debtors.postal_code, said.postal_code), city = coalesce(debtors.city, said.city)
     FROM unnest(?, ?, ?, ?, ?, ?, ?) AS said (id, sector, email, phone, street, postal_code, city) WHERE debtors.id = said.id"
}

/// The debtors of these candidates, which have different identity keys, in order: then two intakes at a time wait for each
/// other and never deadlock. Those that the creditor does not have are made; of the others, what was not known is filled in.
pub async fn find_or_make(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    candidates: &[&CandidateDebtor],
    at: DateTime<Utc>,
) -> Result<HashMap<String, DebtorId>, DbError> {
    let keys = |of: &[&CandidateDebtor]| of.iter().map(|debtor| debtor.identity_key.clone()).collect::<Vec<_>>();
    let known = find_known(conn, creditor, &keys(candidates)).await?;
    let mut ids: HashMap<String, DebtorId> = known.iter().map(|known| (known.identity_key.clone(), known.id)).collect();
    let unknown: Vec<&CandidateDebtor> =
        candidates.iter().copied().filter(|debtor| !ids.contains_key(&debtor.identity_key)).collect();
    if !unknown.is_empty() {
        let made = make(conn, creditor, &unknown, at).await?;
        ids.extend(made.into_iter().map(|made| (made.identity_key, made.id)));
    }
    // Made by another intake between our look and our insert.
    let raced: Vec<&CandidateDebtor> = unknown.into_iter().filter(|debtor| !ids.contains_key(&debtor.identity_key)).collect();
    if !raced.is_empty() {
        let met = find_known(conn, creditor, &keys(&raced)).await?;
        ids.extend(met.into_iter().map(|known| (known.identity_key, known.id)));
    }
    let by_key: HashMap<&str, &CandidateDebtor> =
        candidates.iter().map(|debtor| (debtor.identity_key.as_str(), *debtor)).collect();
    let filled = known.iter().filter_map(|known| {
        let said = by_key.get(known.identity_key.as_str())?;
        known.lacks_something_of(said).then_some((known.id, *said))
    });
    let filled: Vec<_> = filled.collect();
    if !filled.is_empty() {
        fill(conn, &filled).await?;
    }
    Ok(ids)
}

statement! {
    struct SetLocale<'a> { language: Language => Text, time_zone: Option<&'a str> => Nullable<Text>, id: DebtorId => SqlUuid }
    "UPDATE debtors SET language = ?, time_zone = ? WHERE id = ?"
}

pub async fn set_locale(conn: &mut Conn<'_>, id: DebtorId, language: Language, time_zone: Option<&str>) -> Result<(), DbError> {
    SetLocale { language, time_zone, id }.execute(conn).await?;
    Ok(())
}

/// The creditor's debtor of this identity.
pub async fn find_by_key(conn: &mut Conn<'_>, creditor: OrgId, key: &str) -> Result<Option<DebtorId>, DbError> {
    let known: Vec<Known> = FindKnown { keys: vec![key], creditor }.load(conn).await?;
    Ok(known.into_iter().next().map(|known| known.id))
}

async fn find_known(conn: &mut Conn<'_>, creditor: OrgId, keys: &[String]) -> Result<Vec<Known>, DbError> {
    let wanted = FindKnown { keys: keys.iter().map(String::as_str).collect(), creditor };
    db::plan_for(conn, keys.len()).await?;
    let known = wanted.load(conn).await?;
    db::planned(conn, keys.len()).await?;
    Ok(known)
}

async fn make(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    debtors: &[&CandidateDebtor],
    at: DateTime<Utc>,
) -> Result<Vec<Made>, DbError> {
    let make = Make {
        creditor,
        at,
        ids: debtors.iter().map(|_| DebtorId::fresh()).collect(),
        kinds: debtors.iter().map(|debtor| debtor.kind).collect(),
        names: debtors.iter().map(|debtor| debtor.legal_name.as_str()).collect(),
        keys: debtors.iter().map(|debtor| debtor.identity_key.as_str()).collect(),
        tax_numbers: debtors.iter().map(|debtor| debtor.tax_number.as_deref()).collect(),
        sectors: debtors.iter().map(|debtor| debtor.sector.as_deref()).collect(),
        countries: debtors.iter().map(|debtor| debtor.country).collect(),
        languages: debtors.iter().map(|debtor| debtor.language).collect(),
        emails: debtors.iter().map(|debtor| debtor.email.as_deref()).collect(),
        phones: debtors.iter().map(|debtor| debtor.phone.as_deref()).collect(),
        streets: debtors.iter().map(|debtor| debtor.street.as_deref()).collect(),
        postal_codes: debtors.iter().map(|debtor| debtor.postal_code.as_deref()).collect(),
        cities: debtors.iter().map(|debtor| debtor.city.as_deref()).collect(),
        match_keys: debtors.iter().map(|debtor| core_name(&debtor.legal_name)).collect(),
    };
    Ok(make.load(conn).await?)
}

async fn fill(conn: &mut Conn<'_>, said: &[(DebtorId, &CandidateDebtor)]) -> Result<(), DbError> {
    let fill = Fill {
        ids: said.iter().map(|(id, _)| *id).collect(),
        sectors: said.iter().map(|(_, debtor)| debtor.sector.as_deref()).collect(),
        emails: said.iter().map(|(_, debtor)| debtor.email.as_deref()).collect(),
        phones: said.iter().map(|(_, debtor)| debtor.phone.as_deref()).collect(),
        streets: said.iter().map(|(_, debtor)| debtor.street.as_deref()).collect(),
        postal_codes: said.iter().map(|(_, debtor)| debtor.postal_code.as_deref()).collect(),
        cities: said.iter().map(|(_, debtor)| debtor.city.as_deref()).collect(),
    };
    fill.execute(conn).await?;
    Ok(())
}
