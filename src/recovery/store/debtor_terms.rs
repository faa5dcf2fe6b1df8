//! SQL of terms in which a debtor has not said what it was asked for. Under `Scope::System`.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    paper::debtor_term::Awaited,
    types::{
        CaseId, Currency, DisputeId, Money, SettlementId,
        term::{Reminder, Term},
    },
};

/// A case whose debtor's silence would decide.
#[derive(QueryableByName)]
pub struct Waiting {
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    /// Of an offer to settle.
    #[diesel(sql_type = Nullable<BigInt>)]
    amount_minor: Option<i64>,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub mailed_at: Option<DateTime<Utc>>,
}

impl Waiting {
    #[must_use]
    pub fn awaited(&self) -> Awaited {
        self.amount_minor.map_or(Awaited::Evidence, |minor| Awaited::Settlement(Money::new(minor, self.currency)))
    }
}

// As in `notices::store::terms`: the database keeps less of a second than the clock gives.
statement! {
    struct OfDispute<'a> { thing: &'a str => Text, id: DisputeId => SqlUuid, until: DateTime<Utc> => Timestamptz }
    "SELECT d.case_id, NULL::bigint AS amount_minor, c.currency, m.mailed_at FROM disputes d JOIN cases c ON c.id = d.case_id
     LEFT JOIN debtor_term_mails m ON m.thing = ? AND m.ends_at = d.answer_by
     WHERE d.id = ? AND d.status = 'open' AND d.awaited = 'debtor' AND abs(extract(epoch FROM d.answer_by - ?)) < 1"
}
statement! {
    struct OfSettlement<'a> { thing: &'a str => Text, id: SettlementId => SqlUuid, until: DateTime<Utc> => Timestamptz }
    "SELECT s.case_id, s.amount_minor, s.currency, m.mailed_at FROM settlements s
     LEFT JOIN debtor_term_mails m ON m.thing = ? AND m.ends_at = s.answer_by
     WHERE s.id = ? AND s.status = 'open' AND s.proposed_by = 'creditor' AND abs(extract(epoch FROM s.answer_by - ?)) < 1"
}

/// The debtor that has not answered yet, if the term still runs.
pub async fn find_waiting(conn: &mut Conn<'_>, reminder: Reminder) -> Result<Option<Waiting>, DbError> {
    let (thing, until) = (reminder.term.thing(), reminder.until);
    Ok(match reminder.term {
        Term::Dispute { dispute_id: id } => OfDispute { thing: &thing, id, until }.get_result(conn).await.optional()?,
        Term::Settlement { settlement_id: id } => OfSettlement { thing: &thing, id, until }.get_result(conn).await.optional()?,
        Term::Payment { .. } | Term::Mandate { .. } | Term::Decision { .. } => None,
    })
}

statement! {
    struct Keep<'a> { thing: &'a str => Text, ends_at: DateTime<Utc> => Timestamptz, case: CaseId => SqlUuid }
    "INSERT INTO debtor_term_mails (thing, ends_at, case_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
}

/// `false`: it was asked for before.
pub async fn keep(conn: &mut Conn<'_>, reminder: Reminder, case: CaseId) -> Result<bool, DbError> {
    Ok(Keep { thing: &reminder.term.thing(), ends_at: reminder.until, case }.execute(conn).await? == 1)
}

statement! {
    struct SetMailed<'a> { at: DateTime<Utc> => Timestamptz, thing: &'a str => Text, ends_at: DateTime<Utc> => Timestamptz }
    "UPDATE debtor_term_mails SET mailed_at = ? WHERE thing = ? AND ends_at = ?"
}

pub async fn set_mailed(conn: &mut Conn<'_>, reminder: Reminder, at: DateTime<Utc>) -> Result<(), DbError> {
    SetMailed { at, thing: &reminder.term.thing(), ends_at: reminder.until }.execute(conn).await?;
    Ok(())
}
