//! Many cases at once, as somebody at a desk looks at them: the portfolio in sums, a list to work from, objections to answer.
//! Reads alone; nothing here is judged under a lock.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use super::{CasesError, DisputeReason, Outcome, Phase, store::desk as store};
use crate::{
    db::{By, Conn, Scope},
    http::{Code, Page, Problem},
    types::{CaseId, Currency, DisputeId, Money, OrgId, text_enum},
};

text_enum! {
    /// How long the oldest invoice of a case has been due: the classes of an ageing report.
    pub enum Age {
        NotDue => "not_due",
        UpTo30 => "1_to_30",
        UpTo60 => "31_to_60",
        UpTo90 => "61_to_90",
        UpTo180 => "91_to_180",
        Over180 => "over_180",
    }
}

impl Age {
    /// The class of what fell due so many days before.
    #[must_use]
    pub const fn after(days: i64) -> Self {
        match days {
            ..=0 => Self::NotDue,
            1..=30 => Self::UpTo30,
            31..=60 => Self::UpTo60,
            61..=90 => Self::UpTo90,
            91..=180 => Self::UpTo180,
            181.. => Self::Over180,
        }
    }
}

/// The cases of one phase, currency and age, in sums.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Standing {
    #[diesel(sql_type = Text)]
    pub phase: Phase,
    #[diesel(sql_type = Text)]
    pub currency: Currency,
    #[diesel(sql_type = Text)]
    pub age: Age,
    #[diesel(sql_type = BigInt)]
    pub cases: i64,
    /// What is still owed of the principal.
    #[diesel(sql_type = BigInt)]
    pub open_minor: i64,
    #[diesel(sql_type = BigInt)]
    pub recovered_minor: i64,
}

/// All cases of a creditor, or those that an agency holds, in sums as of `on`.
///
/// # Errors
/// The database fails.
pub async fn portfolio(conn: &mut Conn<'_>, by: &By, on: NaiveDate) -> Result<Vec<Standing>, CasesError> {
    let Some((org, of_agency)) = desk_of(by) else { return Ok(Vec::new()) };
    Ok(store::portfolio(conn, org, of_agency, on).await?)
}

/// A case in a list for people.
#[derive(Debug, Clone, QueryableByName)]
pub struct CaseLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: CaseId,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub debtor: String,
    /// Who holds it or was awarded it.
    #[diesel(sql_type = Nullable<Text>)]
    pub agency: Option<String>,
    #[diesel(sql_type = Text)]
    pub phase: Phase,
    #[diesel(sql_type = Nullable<Text>)]
    pub outcome: Option<Outcome>,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    principal_minor: i64,
    #[diesel(sql_type = BigInt)]
    recovered_minor: i64,
    #[diesel(sql_type = Date)]
    pub oldest_due_on: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    pub phase_since: DateTime<Utc>,
    /// Somebody or something forbids contact.
    #[diesel(sql_type = Bool)]
    pub is_held: bool,
    /// What it is sorted by, beside its id.
    #[diesel(sql_type = BigInt)]
    sort_key: i64,
}

impl CaseLine {
    #[must_use]
    pub const fn principal(&self) -> Money {
        Money::new(self.principal_minor, self.currency)
    }

    #[must_use]
    pub const fn recovered(&self) -> Money {
        Money::new(self.recovered_minor, self.currency)
    }
}

text_enum! {
    /// In which order.
    pub enum Sort {
        Newest => "newest",
        OldestDue => "oldest_due",
        Largest => "largest",
    }
}

/// Which cases, and in which order.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    pub phase: Option<Phase>,
    /// A reference, or a part of the debtor's name.
    pub text: &'a str,
    pub sort: Sort,
    /// `next_cursor` of the page before.
    pub cursor: Option<&'a str>,
}

/// Where a page starts: after the case with this key and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub key: i64,
    pub id: Uuid,
}

impl Place {
    /// Before every case.
    const START: Self = Self { key: i64::MIN, id: Uuid::max() };

    fn read(cursor: &str) -> Option<Self> {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (key, id) = text.split_once(':')?;
        Some(Self { key: key.parse().ok()?, id: id.parse().ok()? })
    }

    fn written(self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}:{}", self.key, self.id.simple()))
    }
}

/// Rows of a page.
const ROWS: usize = 50;

/// A creditor's cases, or those that an agency holds.
///
/// # Errors
/// A cursor that is none of ours.
pub async fn search(conn: &mut Conn<'_>, by: &By, search: &Search<'_>) -> Result<Page<CaseLine>, Problem> {
    let Some((org, of_agency)) = desk_of(by) else { return Ok(Page { data: Vec::new(), next_cursor: None }) };
    let after = match search.cursor {
        None => Place::START,
        Some(cursor) => Place::read(cursor)
            .ok_or_else(|| Problem::new(Code::MalformedRequest).detail("this list has changed: start it anew"))?,
    };
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let mut data = store::search(conn, (org, of_agency), search, after, limit, by.at).await?;
    let more = data.len() > ROWS;
    data.truncate(ROWS);
    let next_cursor = data.last().filter(|_| more).map(|last| Place { key: last.sort_key, id: last.id.0 }.written());
    Ok(Page { data, next_cursor })
}

/// What some cases are, for lists of what hangs on them: one query however many. Those that `by` may not see are missing.
///
/// # Errors
/// The database fails.
pub async fn lines_of(conn: &mut Conn<'_>, by: &By, ids: &[CaseId]) -> Result<HashMap<CaseId, CaseLine>, CasesError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(store::lines_of(conn, ids, by.at).await?.into_iter().map(|line| (line.id, line)).collect())
}

/// An objection that waits for its creditor's answer.
#[derive(Debug, Clone, QueryableByName)]
pub struct OpenDispute {
    #[diesel(sql_type = SqlUuid)]
    pub id: DisputeId,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub debtor: String,
    #[diesel(sql_type = Text)]
    pub reason: DisputeReason,
    #[diesel(sql_type = Timestamptz)]
    pub opened_at: DateTime<Utc>,
}

/// Objections on a creditor's cases that nobody has answered, oldest first.
///
/// # Errors
/// The database fails.
pub async fn open_disputes(conn: &mut Conn<'_>, by: &By, limit: i64) -> Result<Vec<OpenDispute>, CasesError> {
    match by.scope {
        Scope::Creditor(creditor) => Ok(store::open_disputes(conn, creditor, limit).await?),
        Scope::Agency(_) | Scope::Operator(_) | Scope::Debtor(_) | Scope::System => Ok(Vec::new()),
    }
}

const fn desk_of(by: &By) -> Option<(OrgId, bool)> {
    match by.scope {
        Scope::Creditor(org) => Some((org, false)),
        Scope::Agency(org) => Some((org, true)),
        Scope::Operator(_) | Scope::Debtor(_) | Scope::System => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_as_written_and_nothing_else_does() {
        let place = Place { key: -123_456, id: crate::types::fresh_uuid() };
        assert_eq!(Place::read(&place.written()), Some(place));
        for cursor in ["", "x", "MTox", "ü"] {
            assert_eq!(Place::read(cursor), None, "{cursor}");
        }
    }
}
