//! SQL of what was owed on a day: what is open now, less what has moved since.

use chrono::NaiveDate;
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Date, Integer, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    types::{Currency, OrgId},
};

/// What invoices of one currency and due day owed.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct OwedByDay {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = Date)]
    pub due_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub minor: i64,
    /// Root of the sum of their squares.
    #[diesel(sql_type = BigInt)]
    pub root: i64,
}

statement! {
    /// Sums are linear, so nothing is joined invoice by invoice: what is open now, what was waived, what has moved since the day.
    /// An invoice payable in parts is moved from its first due day to those of its parts, the earliest being paid first.
    struct Owed { creditor: OrgId => SqlUuid, on: NaiveDate => Date }
    "WITH asked AS (SELECT ?::uuid AS creditor, ?::date AS day),
     moved AS (
        SELECT receivable_id, sum(amount_minor)::bigint AS minor FROM receivable_movements
        WHERE creditor_id = (SELECT creditor FROM asked) AND moved_on > (SELECT day FROM asked) GROUP BY receivable_id),
     waived AS (SELECT receivable_id, amount_minor AS minor FROM receivable_waivers WHERE creditor_id = (SELECT creditor FROM asked)),
     parts AS (
        SELECT r.currency, r.due_on AS whole_due_on, term.due_on, greatest(0, least(term.amount_minor,
            term.until_then - term.whole + r.open_minor + coalesce(waived.minor, 0) - coalesce(moved.minor, 0)))::bigint AS minor
        FROM (SELECT receivable_id, due_on, amount_minor, sum(amount_minor) OVER (PARTITION BY receivable_id ORDER BY due_on) AS until_then,
                     sum(amount_minor) OVER (PARTITION BY receivable_id) AS whole
              FROM instalment_terms WHERE creditor_id = (SELECT creditor FROM asked)) term
        JOIN receivables r ON r.id = term.receivable_id
        LEFT JOIN moved ON moved.receivable_id = r.id LEFT JOIN waived ON waived.receivable_id = r.id
        WHERE r.issued_on <= (SELECT day FROM asked) AND term.whole = r.principal_minor)
     SELECT currency, due_on, sum(minor)::bigint AS minor, sqrt(greatest(sum(square), 0))::bigint AS root FROM (
        SELECT currency, due_on, open_minor AS minor, open_minor::float8 * open_minor AS square FROM receivables
        WHERE creditor_id = (SELECT creditor FROM asked) AND open_minor > 0 AND issued_on <= (SELECT day FROM asked)
        UNION ALL
        SELECT r.currency, r.due_on, waived.minor, -(waived.minor::float8 * waived.minor)
        FROM waived JOIN receivables r ON r.id = waived.receivable_id WHERE r.issued_on <= (SELECT day FROM asked)
        UNION ALL
        SELECT r.currency, r.due_on, -moved.minor,
            moved.minor::float8 * (moved.minor - 2 * (r.open_minor + coalesce(waived.minor, 0)))
        FROM moved JOIN receivables r ON r.id = moved.receivable_id LEFT JOIN waived ON waived.receivable_id = r.id
        WHERE r.issued_on <= (SELECT day FROM asked)
        UNION ALL
        SELECT currency, due_on, minor, minor::float8 * minor FROM parts
        UNION ALL
        SELECT currency, whole_due_on, -minor, -(minor::float8 * minor) FROM parts) owed
     GROUP BY currency, due_on HAVING sum(minor) <> 0 ORDER BY currency, due_on"
}

/// What `creditor` was owed at the end of a day, by currency and due day.
pub async fn owed(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate) -> Result<Vec<OwedByDay>, DbError> {
    Ok(Owed { creditor, on }.load(conn).await?)
}

/// A part of what was owed over several days, by where its days lie among them.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Standing {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// How many of the days lie before the one it was issued on; the same of the day after it fell due.
    #[diesel(sql_type = Integer)]
    issued_place: i32,
    #[diesel(sql_type = Integer)]
    due_place: i32,
    /// As long as this is beyond a day it counts on that day.
    #[diesel(sql_type = Integer)]
    moved_place: i32,
    #[diesel(sql_type = BigInt)]
    pub minor: i64,
}

impl Standing {
    /// Whether it was owed at the end of the day at this place.
    #[must_use]
    pub const fn is_owed(&self, place: i32) -> bool {
        self.issued_place <= place && self.moved_place > place
    }

    /// Whether it was not due then.
    #[must_use]
    pub const fn is_early(&self, place: i32) -> bool {
        self.due_place > place
    }
}

statement! {
    /// `firsts`: the days after those that are asked for, ascending. A day of an invoice is at or before the one at place `j` where no
    /// more than `j` of `firsts` are at or before it.
    struct Standings { creditor: OrgId => SqlUuid, firsts: Vec<NaiveDate> => Array<Date> }
    "WITH asked AS (SELECT ?::uuid AS creditor, ?::date[] AS firsts)
     SELECT currency, issued_place, due_place, moved_place, sum(minor)::bigint AS minor FROM (
        SELECT currency, width_bucket(issued_on, (SELECT firsts FROM asked)) AS issued_place,
            width_bucket(due_on + 1, (SELECT firsts FROM asked)) AS due_place, 2147483647 AS moved_place, open_minor AS minor
        FROM receivables WHERE creditor_id = (SELECT creditor FROM asked) AND open_minor > 0
        UNION ALL
        SELECT r.currency, width_bucket(r.issued_on, (SELECT firsts FROM asked)), width_bucket(r.due_on + 1, (SELECT firsts FROM asked)),
            2147483647, w.amount_minor
        FROM receivable_waivers w JOIN receivables r ON r.id = w.receivable_id WHERE w.creditor_id = (SELECT creditor FROM asked)
        UNION ALL
        SELECT r.currency, width_bucket(r.issued_on, (SELECT firsts FROM asked)), width_bucket(r.due_on + 1, (SELECT firsts FROM asked)),
            width_bucket(m.moved_on, (SELECT firsts FROM asked)), -m.amount_minor
        FROM receivable_movements m JOIN receivables r ON r.id = m.receivable_id
        WHERE m.creditor_id = (SELECT creditor FROM asked) AND m.moved_on >= (SELECT firsts[1] FROM asked)) owed
     GROUP BY currency, issued_place, due_place, moved_place ORDER BY currency"
}

/// What `creditor` was owed at the ends of several days, the latest last, in one look: ask each part whether it counts.
pub async fn standings(conn: &mut Conn<'_>, creditor: OrgId, firsts: Vec<NaiveDate>) -> Result<Vec<Standing>, DbError> {
    Ok(Standings { creditor, firsts }.load(conn).await?)
}

/// What was invoiced in one month.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Sales {
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    /// Which of the months, 1 being the earliest.
    #[diesel(sql_type = Integer)]
    pub place: i32,
    #[diesel(sql_type = BigInt)]
    pub minor: i64,
}

statement! {
    struct ListSales { firsts: Vec<NaiveDate> => Array<Date>, creditor: OrgId => SqlUuid, from: NaiveDate => Date, until: NaiveDate => Date }
    "SELECT currency, width_bucket(issued_on, ?::date[]) AS place, sum(principal_minor)::bigint AS minor FROM receivables
     WHERE creditor_id = ? AND issued_on >= ? AND issued_on <= ? GROUP BY currency, place ORDER BY currency, place"
}

/// What `creditor` invoiced from each of `firsts` until the next, the last until `until`.
pub async fn sales(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    firsts: Vec<NaiveDate>,
    until: NaiveDate,
) -> Result<Vec<Sales>, DbError> {
    let from = firsts.iter().min().copied().unwrap_or(until);
    Ok(ListSales { firsts, creditor, from, until }.load(conn).await?)
}
