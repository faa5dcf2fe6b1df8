//! SQL of what waits for somebody.

use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    market::{
        Party,
        desk::{Deciding, ToSign},
    },
    types::OrgId,
};

statement! {
    struct ToDecide { creditor: OrgId => SqlUuid, limit: i64 => BigInt }
    "SELECT c.id AS case_id, c.reference, d.legal_name AS debtor, l.offer_count, l.decide_by
     FROM cases c JOIN listings l ON l.id = c.listing_id JOIN debtors d ON d.id = c.debtor_id
     WHERE c.creditor_id = ? AND c.phase = 'listed' AND l.status = 'deciding' ORDER BY l.decide_by, c.id LIMIT ?"
}

pub(in crate::market) async fn to_decide(conn: &mut Conn<'_>, creditor: OrgId, limit: i64) -> Result<Vec<Deciding>, DbError> {
    Ok(ToDecide { creditor, limit }.load(conn).await?)
}

statement! {
    struct ToSignOf { creditor: OrgId => SqlUuid, agency: OrgId => SqlUuid, party: Party => Text, org: OrgId => SqlUuid, limit: i64 => BigInt }
    "SELECT m.id, c.reference, o.legal_name AS counterpart, m.fee_bp, m.sign_by
     FROM (SELECT * FROM mandates WHERE creditor_id = ? AND status = 'to_sign'
           UNION SELECT * FROM mandates WHERE agency_id = ? AND status = 'to_sign') m
     LEFT JOIN mandate_signatures s ON s.mandate_id = m.id AND s.party = ?
     LEFT JOIN cases c ON c.id = m.case_id
     LEFT JOIN organisations o ON o.id = CASE WHEN m.creditor_id = ? THEN m.agency_id ELSE m.creditor_id END
     WHERE s.mandate_id IS NULL ORDER BY m.sign_by, m.id LIMIT ?"
}

pub(in crate::market) async fn to_sign(
    conn: &mut Conn<'_>,
    org: OrgId,
    party: Party,
    limit: i64,
) -> Result<Vec<ToSign>, DbError> {
    Ok(ToSignOf { creditor: org, agency: org, party, org, limit }.load(conn).await?)
}
