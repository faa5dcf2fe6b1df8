//! SQL of debtors.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    receivables::{DebtorKind, debtors::Debtor, intake::CandidateDebtor},
    types::{Country, DebtorId, Language, OrgId},
};

macro_rules! columns {
    () => {
        "id, creditor_id, kind, legal_name, tax_number, sector, country, language, email, phone, street, postal_code, city, created_at"
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
            created_at: row.created_at,
        }
    }
}

statement! {
    struct Find { id: DebtorId => SqlUuid } concat!("SELECT ", columns!(), " FROM debtors WHERE id = ?")
}

pub async fn find(conn: &mut Conn<'_>, id: DebtorId) -> Result<Option<Debtor>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(Debtor::from))
}

statement! {
    struct List { creditor: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", columns!(), " FROM debtors WHERE creditor_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
}

pub async fn list(conn: &mut Conn<'_>, creditor: OrgId, cursor: Cursor) -> Result<Vec<Debtor>, DbError> {
    let rows: Vec<Row> = List { creditor, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    Ok(rows.into_iter().map(Debtor::from).collect())
}

statement! {
    /// A debtor that is known keeps what is known of it; what was missing is filled in.
    struct Upsert<'a> {
        creditor: OrgId => SqlUuid, at: DateTime<Utc> => Timestamptz,
        ids: Vec<DebtorId> => Array<SqlUuid>, kinds: Vec<DebtorKind> => Array<Text>, names: Vec<&'a str> => Array<Text>,
        keys: Vec<&'a str> => Array<Text>, tax_numbers: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        sectors: Vec<Option<&'a str>> => Array<Nullable<Text>>, countries: Vec<Country> => Array<Text>,
        languages: Vec<Language> => Array<Text>, emails: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        phones: Vec<Option<&'a str>> => Array<Nullable<Text>>, streets: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        postal_codes: Vec<Option<&'a str>> => Array<Nullable<Text>>, cities: Vec<Option<&'a str>> => Array<Nullable<Text>>,
    }
    "INSERT INTO debtors (creditor_id, created_at, id, kind, legal_name, identity_key, tax_number, sector, country, language, email, phone,
                          street, postal_code, city)
     SELECT ?, ?, new.* FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS new
     ON CONFLICT ON CONSTRAINT debtors_identity_unique DO UPDATE SET
        sector = coalesce(debtors.sector, excluded.sector), email = coalesce(debtors.email, excluded.email),
        phone = coalesce(debtors.phone, excluded.phone), street = coalesce(debtors.street, excluded.street),
        postal_code = coalesce(debtors.postal_code, excluded.postal_code), city = coalesce(debtors.city, excluded.city)
     RETURNING id, identity_key"
}

/// A debtor and what makes it one.
#[derive(Debug, QueryableByName)]
pub struct Known {
    #[diesel(sql_type = SqlUuid)]
    pub id: DebtorId,
    #[diesel(sql_type = Text)]
    pub identity_key: String,
}

/// Makes those debtors that the creditor does not have. `debtors` have different identity keys, in order: then two
/// intakes at a time wait for each other and never deadlock.
pub async fn upsert(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    debtors: &[(DebtorId, &CandidateDebtor)],
    at: DateTime<Utc>,
) -> Result<Vec<Known>, DbError> {
    let upsert = Upsert {
        creditor,
        at,
        ids: debtors.iter().map(|(id, _)| *id).collect(),
        kinds: debtors.iter().map(|(_, debtor)| debtor.kind).collect(),
        names: debtors.iter().map(|(_, debtor)| debtor.legal_name.as_str()).collect(),
        keys: debtors.iter().map(|(_, debtor)| debtor.identity_key.as_str()).collect(),
        tax_numbers: debtors.iter().map(|(_, debtor)| debtor.tax_number.as_deref()).collect(),
        sectors: debtors.iter().map(|(_, debtor)| debtor.sector.as_deref()).collect(),
        countries: debtors.iter().map(|(_, debtor)| debtor.country).collect(),
        languages: debtors.iter().map(|(_, debtor)| debtor.language).collect(),
        emails: debtors.iter().map(|(_, debtor)| debtor.email.as_deref()).collect(),
        phones: debtors.iter().map(|(_, debtor)| debtor.phone.as_deref()).collect(),
        streets: debtors.iter().map(|(_, debtor)| debtor.street.as_deref()).collect(),
        postal_codes: debtors.iter().map(|(_, debtor)| debtor.postal_code.as_deref()).collect(),
        cities: debtors.iter().map(|(_, debtor)| debtor.city.as_deref()).collect(),
    };
    Ok(upsert.load(conn).await?)
}
