//! SQL of the desk: cases in sums and in lists for people.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Date, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    cases::{
        Phase,
        desk::{CaseLine, OpenDispute, Place, Search, Sort, Standing},
    },
    db::{Conn, DbError, statement},
    types::{CaseId, OrgId},
};

statement! {
    struct Portfolio { on: NaiveDate => Date, of_agency: bool => Bool, agency: OrgId => SqlUuid, creditor: OrgId => SqlUuid }
    "SELECT phase, currency, age, count(*) AS cases, coalesce(sum(open_minor), 0)::bigint AS open_minor,
            coalesce(sum(recovered_minor), 0)::bigint AS recovered_minor
     FROM (SELECT c.phase, c.currency, c.recovered_minor,
                  CASE WHEN days <= 0 THEN 'not_due' WHEN days <= 30 THEN '1_to_30' WHEN days <= 60 THEN '31_to_60'
                       WHEN days <= 90 THEN '61_to_90' WHEN days <= 180 THEN '91_to_180' ELSE 'over_180' END AS age,
                  CASE WHEN c.phase = 'closed' THEN 0 ELSE (SELECT sum(r.open_minor)
                       FROM receivables r WHERE r.case_id = c.id) END AS open_minor
           FROM cases c CROSS JOIN LATERAL (SELECT ?::date - c.oldest_due_on AS days) since
           WHERE CASE WHEN ? THEN c.agency_id = ? ELSE c.creditor_id = ? END) held
     GROUP BY phase, currency, age ORDER BY currency, phase, age"
}

pub(in crate::cases) async fn portfolio(
    conn: &mut Conn<'_>,
    org: OrgId,
    of_agency: bool,
    on: NaiveDate,
) -> Result<Vec<Standing>, DbError> {
    Ok(Portfolio { on, of_agency, agency: org, creditor: org }.load(conn).await?)
}

macro_rules! line {
    ($key:literal) => {
        concat!(
            "SELECT c.id, c.reference, d.legal_name AS debtor, a.legal_name AS agency, c.phase, c.outcome, c.currency, c.principal_minor,
                c.recovered_minor, c.oldest_due_on, c.phase_since,
                EXISTS (SELECT FROM holds h WHERE h.case_id = c.id AND h.released_at IS NULL AND (h.ends_at IS NULL OR h.ends_at > ?)) AS is_held, ",
            $key,
            " AS sort_key FROM cases c JOIN debtors d ON d.id = c.debtor_id LEFT JOIN organisations a ON a.id = c.agency_id "
        )
    };
}

macro_rules! searches {
    ($($name:ident { $($key:ident: $type:ty => $sql_type:ty)? }, $owner:literal, $sort_key:literal, $after:literal, $order:literal;)+) => {$(
        statement! {
            struct $name<'a> {
                now: DateTime<Utc> => Timestamptz, org: OrgId => SqlUuid, any_phase: bool => Bool, phase: &'a str => Text,
                any_text: bool => Bool, reference: &'a str => Text, pattern: &'a str => Text, $($key: $type => $sql_type,)? id: Uuid => SqlUuid,
                limit: i64 => BigInt }
            concat!(line!($sort_key), "WHERE ", $owner, " = ? AND (? OR c.phase = ?) AND (? OR c.reference = ? OR d.legal_name ILIKE ?) AND ",
                    $after, " ORDER BY ", $order, " LIMIT ?")
        }
    )+};
}

searches! {
    NewestOfCreditor {}, "c.creditor_id", "0::bigint", "c.id < ?", "c.id DESC";
    NewestOfAgency {}, "c.agency_id", "0::bigint", "c.id < ?", "c.id DESC";
    OldestOfCreditor { key: i64 => BigInt }, "c.creditor_id", "(c.oldest_due_on - '2000-01-01'::date)::bigint",
        "((c.oldest_due_on - '2000-01-01'::date)::bigint, c.id) > (?, ?)", "c.oldest_due_on, c.id";
    OldestOfAgency { key: i64 => BigInt }, "c.agency_id", "(c.oldest_due_on - '2000-01-01'::date)::bigint",
        "((c.oldest_due_on - '2000-01-01'::date)::bigint, c.id) > (?, ?)", "c.oldest_due_on, c.id";
    LargestOfCreditor { key: i64 => BigInt }, "c.creditor_id", "-c.principal_minor",
        "(-c.principal_minor, c.id) > (?, ?)", "-c.principal_minor, c.id";
    LargestOfAgency { key: i64 => BigInt }, "c.agency_id", "-c.principal_minor",
        "(-c.principal_minor, c.id) > (?, ?)", "-c.principal_minor, c.id";
}

pub(in crate::cases) async fn search(
    conn: &mut Conn<'_>,
    (org, of_agency): (OrgId, bool),
    search: &Search<'_>,
    Place { key, id }: Place,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<CaseLine>, DbError> {
    let (any_phase, phase) = (search.phase.is_none(), search.phase.map_or("", Phase::as_str));
    let (any_text, pattern) = (search.text.is_empty(), format!("%{}%", escaped(search.text)));
    let reference: String = search.text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
    let (reference, pattern) = (reference.as_str(), pattern.as_str());
    macro_rules! load {
        ($name:ident $(, $key:ident)?) => {
            $name { now, org, any_phase, phase, any_text, reference, pattern, $($key,)? id, limit }.load(conn).await?
        };
    }
    Ok(match (search.sort, of_agency) {
        (Sort::Newest, false) => load!(NewestOfCreditor),
        (Sort::Newest, true) => load!(NewestOfAgency),
        (Sort::OldestDue, false) => load!(OldestOfCreditor, key),
        (Sort::OldestDue, true) => load!(OldestOfAgency, key),
        (Sort::Largest, false) => load!(LargestOfCreditor, key),
        (Sort::Largest, true) => load!(LargestOfAgency, key),
    })
}

/// What is typed is looked for as it is.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

statement! {
    struct LinesOf<'a> { now: DateTime<Utc> => Timestamptz, ids: &'a [CaseId] => Array<SqlUuid> }
    concat!(line!("0::bigint"), "WHERE c.id = ANY(?)")
}

pub(in crate::cases) async fn lines_of(
    conn: &mut Conn<'_>,
    ids: &[CaseId],
    now: DateTime<Utc>,
) -> Result<Vec<CaseLine>, DbError> {
    Ok(LinesOf { now, ids }.load(conn).await?)
}

statement! {
    struct OpenDisputes { creditor: OrgId => SqlUuid, limit: i64 => BigInt }
    "SELECT s.id, s.case_id, c.reference, d.legal_name AS debtor, s.reason, s.opened_at
     FROM disputes s JOIN cases c ON c.id = s.case_id JOIN debtors d ON d.id = c.debtor_id
     WHERE s.creditor_id = ? AND s.status = 'open' ORDER BY s.opened_at, s.id LIMIT ?"
}

pub(in crate::cases) async fn open_disputes(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    limit: i64,
) -> Result<Vec<OpenDispute>, DbError> {
    Ok(OpenDisputes { creditor, limit }.load(conn).await?)
}
