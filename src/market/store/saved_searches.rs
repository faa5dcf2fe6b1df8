//! SQL of saved searches.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Bool, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::{
    db::{Conn, DbError, statement},
    market::saved_searches::SavedSearch,
    types::{Country, OrgId, SavedSearchId},
};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: SavedSearchId,
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Jsonb)]
    criteria: Value,
    #[diesel(sql_type = Bool)]
    alerts: bool,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<(OrgId, SavedSearch), DbError> {
        let Self { id, agency_id, name, criteria, alerts, created_at } = self;
        Ok((agency_id, SavedSearch { id, name, criteria: super::parse(criteria)?, alerts, created_at }))
    }
}

statement! {
    struct Insert<'a> {
        id: SavedSearchId => SqlUuid, agency: OrgId => SqlUuid, name: &'a str => Text, countries: &'a [Country] => Array<Text>,
        criteria: Value => Jsonb, alerts: bool => Bool, created_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO saved_searches (id, agency_id, name, countries, criteria, alerts, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert(conn: &mut Conn<'_>, agency: OrgId, search: &SavedSearch) -> Result<(), DbError> {
    let countries = if search.criteria.countries.is_empty() { Country::ALL } else { &search.criteria.countries };
    let criteria = super::written(&search.criteria)?;
    let SavedSearch { id, alerts, created_at, .. } = *search;
    Insert { id, agency, name: &search.name, countries, criteria, alerts, created_at }.execute(conn).await?;
    Ok(())
}

statement! {
    struct List { agency: OrgId => SqlUuid }
    "SELECT id, agency_id, name, criteria, alerts, created_at FROM saved_searches WHERE agency_id = ? ORDER BY name"
}

pub(in crate::market) async fn list(conn: &mut Conn<'_>, agency: OrgId) -> Result<Vec<SavedSearch>, DbError> {
    let rows: Vec<Row> = List { agency }.load(conn).await?;
    rows.into_iter().map(|row| Ok(row.read()?.1)).collect()
}

statement! {
    struct ListAlerting { country: Vec<Country> => Array<Text> }
    "SELECT id, agency_id, name, criteria, alerts, created_at FROM saved_searches WHERE alerts AND countries @> ?
     ORDER BY agency_id, name"
}

/// Searches with alerts that a listing in `country` may concern, agency by agency.
pub(in crate::market) async fn list_alerting(
    conn: &mut Conn<'_>,
    country: Country,
) -> Result<Vec<(OrgId, SavedSearch)>, DbError> {
    let rows: Vec<Row> = ListAlerting { country: vec![country] }.load(conn).await?;
    rows.into_iter().map(Row::read).collect()
}

statement! {
    struct Delete { agency: OrgId => SqlUuid, id: SavedSearchId => SqlUuid } "DELETE FROM saved_searches WHERE agency_id = ? AND id = ?"
}

pub(in crate::market) async fn delete(conn: &mut Conn<'_>, agency: OrgId, id: SavedSearchId) -> Result<bool, DbError> {
    Ok(Delete { agency, id }.execute(conn).await? > 0)
}
