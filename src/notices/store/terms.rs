//! SQL of terms that run: who has not acted yet. Under `Scope::System`.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    types::{
        CaseId, DisputeId, ListingId, MandateId, OrgId, PaymentId, SettlementId,
        term::{Reminder, Term},
    },
};

/// An organisation whose silence would decide.
#[derive(QueryableByName)]
pub struct Waiting {
    #[diesel(sql_type = SqlUuid)]
    pub organisation_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = Text)]
    pub reference: String,
}

// A term is the one that was meant where it ends in the same second: the database keeps less of a second than the clock gives.
statement! {
    struct OfPayment { id: PaymentId => SqlUuid, until: DateTime<Utc> => Timestamptz }
    "SELECT CASE WHEN p.declared_by = 'agency' THEN p.creditor_id ELSE p.agency_id END AS organisation_id, c.id AS case_id, c.reference
     FROM payments p JOIN cases c ON c.id = p.case_id
     WHERE p.id = ? AND p.status = 'declared' AND abs(extract(epoch FROM p.answer_by - ?)) < 1
       AND (p.declared_by = 'agency' OR p.agency_id IS NOT NULL)"
}
statement! {
    struct OfDispute { id: DisputeId => SqlUuid, until: DateTime<Utc> => Timestamptz }
    "SELECT c.creditor_id AS organisation_id, c.id AS case_id, c.reference FROM disputes d JOIN cases c ON c.id = d.case_id
     WHERE d.id = ? AND d.status = 'open' AND d.awaited = 'creditor' AND abs(extract(epoch FROM d.answer_by - ?)) < 1"
}
statement! {
    struct OfSettlement { id: SettlementId => SqlUuid, until: DateTime<Utc> => Timestamptz }
    "SELECT c.creditor_id AS organisation_id, c.id AS case_id, c.reference FROM settlements s JOIN cases c ON c.id = s.case_id
     WHERE s.id = ? AND s.status = 'open' AND s.proposed_by = 'debtor' AND abs(extract(epoch FROM s.answer_by - ?)) < 1"
}
statement! {
    struct OfMandate { id: MandateId => SqlUuid, until: DateTime<Utc> => Timestamptz }
    "SELECT side.organisation_id, c.id AS case_id, c.reference FROM mandates m JOIN cases c ON c.id = m.case_id
     CROSS JOIN LATERAL (VALUES ('creditor', m.creditor_id), ('agency', m.agency_id)) AS side (party, organisation_id)
     WHERE m.id = ? AND m.status = 'to_sign' AND abs(extract(epoch FROM m.sign_by - ?)) < 1
       AND NOT EXISTS (SELECT FROM mandate_signatures s WHERE s.mandate_id = m.id AND s.party = side.party)"
}
statement! {
    struct OfDecision { id: ListingId => SqlUuid, until: DateTime<Utc> => Timestamptz }
    "SELECT c.creditor_id AS organisation_id, c.id AS case_id, c.reference FROM listings l JOIN listing_owners o ON o.listing_id = l.id
     JOIN cases c ON c.id = o.case_id
     WHERE l.id = ? AND l.status = 'deciding' AND abs(extract(epoch FROM l.decide_by - ?)) < 1"
}

/// Those who have not acted yet, if the term still runs.
pub async fn waiting(conn: &mut Conn<'_>, reminder: Reminder) -> Result<Vec<Waiting>, DbError> {
    let until = reminder.until;
    Ok(match reminder.term {
        Term::Payment { payment_id: id } => OfPayment { id, until }.load(conn).await?,
        Term::Dispute { dispute_id: id } => OfDispute { id, until }.load(conn).await?,
        Term::Settlement { settlement_id: id } => OfSettlement { id, until }.load(conn).await?,
        Term::Mandate { mandate_id: id } => OfMandate { id, until }.load(conn).await?,
        Term::Decision { listing_id: id } => OfDecision { id, until }.load(conn).await?,
    })
}
