//! The statement of a search. Its text depends on which filters are set, so that each shape is planned for itself; the
//! values are always parameters.
//!
//! A filter that leaves few listings is answered by one ordered scan for each cell of country, sector and amount
//! (`listings_open_cell`), merged and read until the page is full, so that its cost does not grow with the market; a broad one
//! by walking newest first.

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Bool, Integer, Text, Timestamptz, Untyped, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    http::Cursor,
    market::{card::AmountBand, search::Criteria, sector::Sector},
    types::{BasisPoints, Country, OrgId},
};

/// A narrow filter is asked in one of these numbers of cells, filled up with cells that are empty: each number is a statement
/// of its own that every connection keeps. More cells than the last are a broad filter, and walking fills a page as soon.
const SIZES: [usize; 3] = [1, 6, 24];

/// Country, sector (`''` for none) and amount band.
type Cell = (&'static str, &'static str, &'static str);

/// No listing has an empty country.
const EMPTY: Cell = ("", "", "");

/// `None` where the filter is broad.
fn cells(criteria: &Criteria) -> Option<Vec<Cell>> {
    let countries: &[Country] = if criteria.countries.is_empty() { Country::ALL } else { &criteria.countries };
    let amounts: &[AmountBand] = if criteria.amount_bands.is_empty() { AmountBand::ALL } else { &criteria.amount_bands };
    let sectors: Vec<&str> = match criteria.sectors.as_slice() {
        [] => Sector::ALL.iter().map(|sector| sector.as_str()).chain([""]).collect(),
        wanted => wanted.iter().map(|sector| sector.as_str()).collect(),
    };
    let count = countries.len() * amounts.len() * sectors.len();
    let size = SIZES.into_iter().find(|size| count <= *size)?;
    let mut cells = Vec::with_capacity(size);
    for country in countries {
        for sector in &sectors {
            cells.extend(amounts.iter().map(|amount| (country.as_str(), *sector, amount.as_str())));
        }
    }
    cells.resize(size, EMPTY);
    Some(cells)
}

/// Open listings that match, newest first.
#[derive(Debug)]
pub(super) struct Search<'a> {
    select: &'static str,
    at: DateTime<Utc>,
    cells: Option<Vec<Cell>>,
    criteria: &'a Criteria,
    before: Uuid,
    limit: i64,
}

impl<'a> Search<'a> {
    /// `select` names the columns of `listings l`.
    pub(super) fn new(select: &'static str, at: DateTime<Utc>, criteria: &'a Criteria, cursor: Cursor) -> Self {
        Self { select, at, cells: cells(criteria), criteria, before: cursor.before, limit: cursor.fetch() }
    }

    fn open<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("l.status = 'open' AND l.offers_until > ");
        out.push_bind_param::<Timestamptz, _>(&self.at)?;
        out.push_sql(" AND l.id < ");
        out.push_bind_param::<SqlUuid, _>(&self.before)
    }

    fn newest<'b>(&'b self, column: &str, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" ORDER BY ");
        out.push_sql(column);
        out.push_sql(" DESC LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }

    /// One cell, in the order of its index.
    fn scan<'b>(&'b self, (country, sector, amount): &'b Cell, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT l.id FROM listings l WHERE l.country = ");
        out.push_bind_param::<Text, _>(country)?;
        out.push_sql(" AND l.sector_key = ");
        out.push_bind_param::<Text, _>(sector)?;
        out.push_sql(" AND l.amount_band = ");
        out.push_bind_param::<Text, _>(amount)?;
        out.push_sql(" AND ");
        self.open(out)?;
        push_rest(self.criteria, out)?;
        self.newest("l.id", out)
    }
}

impl Query for Search<'_> {
    type SqlType = Untyped;
}

impl QueryId for Search<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for Search<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.select);
        out.push_sql("WHERE ");
        if let Some(cells) = &self.cells {
            out.push_sql("l.id IN (SELECT id FROM (");
            for (place, cell) in cells.iter().enumerate() {
                out.push_sql(if place == 0 { "(" } else { " UNION ALL (" });
                self.scan(cell, &mut out)?;
                out.push_sql(")");
            }
            out.push_sql(") found");
            self.newest("id", &mut out)?;
            out.push_sql(")");
        } else {
            self.open(&mut out)?;
            push_cells(self.criteria, &mut out)?;
            push_rest(self.criteria, &mut out)?;
        }
        self.newest("l.id", &mut out)
    }
}

/// A creditor's own that match, however they stand, newest first.
#[derive(Debug)]
pub(super) struct OfCreditor<'a> {
    select: &'static str,
    creditor: OrgId,
    criteria: &'a Criteria,
    before: Uuid,
    limit: i64,
}

impl<'a> OfCreditor<'a> {
    /// `select` names the columns of `listings l` and `listing_owners o`.
    pub(super) fn new(select: &'static str, creditor: OrgId, criteria: &'a Criteria, cursor: Cursor) -> Self {
        Self { select, creditor, criteria, before: cursor.before, limit: cursor.fetch() }
    }
}

impl Query for OfCreditor<'_> {
    type SqlType = Untyped;
}

impl QueryId for OfCreditor<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for OfCreditor<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.select);
        out.push_sql("WHERE o.creditor_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.creditor)?;
        out.push_sql(" AND o.listing_id < ");
        out.push_bind_param::<SqlUuid, _>(&self.before)?;
        push_cells(self.criteria, &mut out)?;
        push_rest(self.criteria, &mut out)?;
        out.push_sql(" ORDER BY o.listing_id DESC LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

/// The filters that make cells, where there are none.
fn push_cells<'b>(criteria: &'b Criteria, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    if !criteria.countries.is_empty() {
        out.push_sql(" AND l.country = ANY (");
        out.push_bind_param::<Array<Text>, _>(&criteria.countries)?;
        out.push_sql(")");
    }
    if !criteria.sectors.is_empty() {
        out.push_sql(" AND l.sector = ANY (");
        out.push_bind_param::<Array<Text>, _>(&criteria.sectors)?;
        out.push_sql(")");
    }
    if !criteria.amount_bands.is_empty() {
        out.push_sql(" AND l.amount_band = ANY (");
        out.push_bind_param::<Array<Text>, _>(&criteria.amount_bands)?;
        out.push_sql(")");
    }
    Ok(())
}

/// The other filters.
fn push_rest<'b>(criteria: &'b Criteria, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    if !criteria.regions.is_empty() {
        out.push_sql(" AND l.region = ANY (");
        out.push_bind_param::<Array<Text>, _>(&criteria.regions)?;
        out.push_sql(")");
    }
    if !criteria.debtor_kinds.is_empty() {
        out.push_sql(" AND l.debtor_kind = ANY (");
        out.push_bind_param::<Array<Text>, _>(&criteria.debtor_kinds)?;
        out.push_sql(")");
    }
    if !criteria.age_bands.is_empty() {
        out.push_sql(" AND l.age_band = ANY (");
        out.push_bind_param::<Array<Text>, _>(&criteria.age_bands)?;
        out.push_sql(")");
    }
    if !criteria.documents.is_empty() {
        out.push_sql(" AND l.documents @> ");
        out.push_bind_param::<Array<Text>, _>(&criteria.documents)?;
    }
    if let Some(disputed) = &criteria.disputed {
        out.push_sql(" AND l.disputed = ");
        out.push_bind_param::<Bool, bool>(disputed)?;
    }
    if let Some(least) = &criteria.take_now_min_bp {
        out.push_sql(" AND l.take_now_bp >= ");
        out.push_bind_param::<Integer, BasisPoints>(least)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_filter_has_few_cells_and_a_broad_one_none() {
        let mut criteria = Criteria::default();
        assert_eq!(cells(&criteria), None);
        criteria.sectors = vec![Sector::Mining];
        // A sector in every country and amount is one listing in a dozen: walking finds a page of it sooner.
        assert_eq!(cells(&criteria), None);
        criteria.countries = vec![Country::Spain, Country::France];
        criteria.amount_bands = vec![AmountBand::From500];
        let mut expected = vec![("ES", "mining", "500_to_2000"), ("FR", "mining", "500_to_2000")];
        expected.resize(6, EMPTY);
        assert_eq!(cells(&criteria), Some(expected));
    }
}
