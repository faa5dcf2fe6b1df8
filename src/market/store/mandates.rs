//! SQL of mandates and their signatures.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    market::{
        mandate::{Mandate, MandateStatus, Party, Signature, Signing},
        offers::Promises,
    },
    types::{BasisPoints, CaseId, DocumentId, FrameworkId, Language, ListingId, MandateId, MemberId, OfferId, OrgId, Tone},
};

macro_rules! select {
    () => {
        "SELECT id, case_id, listing_id, offer_id, creditor_id, agency_id, fee_bp, fee, languages, first_contact_hours,
            promised_recovery_bp, expected_recovery_bp, update_every_days, tone, language, document_id, document_sha256, status, framework_id, sign_by, created_at FROM mandates "
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: MandateId,
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = SqlUuid)]
    listing_id: ListingId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    offer_id: Option<OfferId>,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
    #[diesel(sql_type = Integer)]
    fee_bp: BasisPoints,
    #[diesel(sql_type = Integer)]
    first_contact_hours: i32,
    #[diesel(sql_type = Integer)]
    update_every_days: i32,
    #[diesel(sql_type = Text)]
    tone: Tone,
    #[diesel(sql_type = Nullable<Jsonb>)]
    fee: Option<Value>,
    #[diesel(sql_type = Nullable<Integer>)]
    promised_recovery_bp: Option<BasisPoints>,
    #[diesel(sql_type = Nullable<Integer>)]
    expected_recovery_bp: Option<BasisPoints>,
    #[diesel(sql_type = Array<Text>)]
    languages: Vec<Language>,
    #[diesel(sql_type = Text)]
    language: Language,
    #[diesel(sql_type = SqlUuid)]
    document_id: DocumentId,
    #[diesel(sql_type = Binary)]
    document_sha256: Vec<u8>,
    #[diesel(sql_type = Text)]
    status: MandateStatus,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    framework_id: Option<FrameworkId>,
    #[diesel(sql_type = Timestamptz)]
    sign_by: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Mandate {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let fee = super::fee_schedule(row.fee, row.fee_bp)?;
        let Row { first_contact_hours, update_every_days, tone, languages, promised_recovery_bp: recovery_bp, .. } = row;
        Ok(Self {
            id: row.id,
            case: row.case_id,
            listing: row.listing_id,
            offer: row.offer_id,
            creditor: row.creditor_id,
            agency: row.agency_id,
            promises: Promises { fee, first_contact_hours, update_every_days, tone, languages, recovery_bp },
            fee_bp: row.fee_bp,
            expected_bp: row.expected_recovery_bp,
            language: row.language,
            document: row.document_id,
            document_sha256: row.document_sha256,
            status: row.status,
            framework: row.framework_id,
            sign_by: row.sign_by,
            created_at: row.created_at,
        })
    }
}

statement! {
    struct Insert<'a> {
        id: MandateId => SqlUuid, case: CaseId => SqlUuid, listing: ListingId => SqlUuid, offer: Option<OfferId> => Nullable<SqlUuid>,
        creditor: OrgId => SqlUuid, agency: OrgId => SqlUuid, fee_bp: BasisPoints => Integer, fee: Option<Value> => Nullable<Jsonb>,
        languages: &'a [Language] => Array<Text>, recovery_bp: Option<BasisPoints> => Nullable<Integer>,
        expected_bp: Option<BasisPoints> => Nullable<Integer>, first_contact_hours: i32 => Integer,
        update_every_days: i32 => Integer, tone: Tone => Text, language: Language => Text, document: DocumentId => SqlUuid,
        document_sha256: &'a [u8] => Binary, status: MandateStatus => Text, framework: Option<FrameworkId> => Nullable<SqlUuid>, sign_by: DateTime<Utc> => Timestamptz,
        created_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO mandates (id, case_id, listing_id, offer_id, creditor_id, agency_id, fee_bp, fee, languages, promised_recovery_bp,
        expected_recovery_bp, first_contact_hours, update_every_days, tone, language, document_id, document_sha256, status, framework_id, sign_by, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert(conn: &mut Conn<'_>, mandate: &Mandate) -> Result<(), DbError> {
    let Promises { first_contact_hours, update_every_days, tone, recovery_bp, .. } = mandate.promises;
    let Mandate {
        id,
        case,
        listing,
        offer,
        creditor,
        agency,
        fee_bp,
        expected_bp,
        language,
        document,
        status,
        framework,
        sign_by,
        created_at,
        ..
    } = *mandate;
    let (fee, languages) = (super::fee_column(&mandate.promises.fee)?, mandate.promises.languages.as_slice());
    let document_sha256 = &mandate.document_sha256;
    Insert {
        id,
        case,
        listing,
        offer,
        creditor,
        agency,
        fee_bp,
        fee,
        languages,
        recovery_bp,
        expected_bp,
        first_contact_hours,
        update_every_days,
        tone,
        language,
        document,
        document_sha256,
        status,
        framework,
        sign_by,
        created_at,
    }
    .execute(conn)
    .await?;
    Ok(())
}

statement! {
    struct Find { id: MandateId => SqlUuid } concat!(select!(), "WHERE id = ?")
}

pub(in crate::market) async fn find(conn: &mut Conn<'_>, id: MandateId) -> Result<Option<Mandate>, DbError> {
    Find { id }.get_result::<Row>(conn).await.optional()?.map(Mandate::try_from).transpose()
}

statement! {
    struct Lock { id: MandateId => SqlUuid } concat!(select!(), "WHERE id = ? FOR UPDATE")
}

pub(in crate::market) async fn lock(conn: &mut Conn<'_>, id: MandateId) -> Result<Option<Mandate>, DbError> {
    Lock { id }.get_result::<Row>(conn).await.optional()?.map(Mandate::try_from).transpose()
}

statement! {
    struct ListOfCreditor { creditor: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!(select!(), "WHERE creditor_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
}

pub(in crate::market) async fn list_of_creditor(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    cursor: Cursor,
) -> Result<Vec<Mandate>, DbError> {
    let rows: Vec<Row> = ListOfCreditor { creditor, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    rows.into_iter().map(Mandate::try_from).collect()
}

statement! {
    struct ListOfAgency { agency: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!(select!(), "WHERE agency_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
}

pub(in crate::market) async fn list_of_agency(
    conn: &mut Conn<'_>,
    agency: OrgId,
    cursor: Cursor,
) -> Result<Vec<Mandate>, DbError> {
    let rows: Vec<Row> = ListOfAgency { agency, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    rows.into_iter().map(Mandate::try_from).collect()
}

statement! {
    struct FindLatestOfCase { case: CaseId => SqlUuid } concat!(select!(), "WHERE case_id = ? ORDER BY id DESC LIMIT 1")
}

pub(in crate::market) async fn find_latest_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<Mandate>, DbError> {
    FindLatestOfCase { case }.get_result::<Row>(conn).await.optional()?.map(Mandate::try_from).transpose()
}

statement! {
    struct SetStatus { status: MandateStatus => Text, id: MandateId => SqlUuid } "UPDATE mandates SET status = ? WHERE id = ?"
}

pub(in crate::market) async fn set_status(conn: &mut Conn<'_>, id: MandateId, status: MandateStatus) -> Result<(), DbError> {
    SetStatus { status, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct EndOpen { status: MandateStatus => Text, case: CaseId => SqlUuid }
    "UPDATE mandates SET status = ? WHERE case_id = ? AND status = 'to_sign'"
}

pub(in crate::market) async fn end_open_of_case(conn: &mut Conn<'_>, case: CaseId, status: MandateStatus) -> Result<(), DbError> {
    EndOpen { status, case }.execute(conn).await?;
    Ok(())
}

statement! {
    struct InsertSignature<'a> {
        mandate: MandateId => SqlUuid, party: Party => Text, member: MemberId => SqlUuid, full_name: &'a str => Text,
        document_sha256: &'a [u8] => Binary, address: &'a str => Text, user_agent: &'a str => Text, signed_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO mandate_signatures (mandate_id, party, member_id, full_name, document_sha256, address, user_agent, signed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
}

pub(in crate::market) async fn insert_signature(
    conn: &mut Conn<'_>,
    mandate: MandateId,
    party: Party,
    signing: &Signing<'_>,
    signed_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let Signing { member, full_name, document_sha256, address, user_agent } = *signing;
    InsertSignature { mandate, party, member, full_name, document_sha256, address, user_agent, signed_at }.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
pub(super) struct SignatureRow {
    #[diesel(sql_type = Text)]
    party: Party,
    #[diesel(sql_type = SqlUuid)]
    member_id: MemberId,
    #[diesel(sql_type = Text)]
    full_name: String,
    #[diesel(sql_type = Binary)]
    document_sha256: Vec<u8>,
    #[diesel(sql_type = Text)]
    address: String,
    #[diesel(sql_type = Text)]
    user_agent: String,
    #[diesel(sql_type = Timestamptz)]
    signed_at: DateTime<Utc>,
}

impl From<SignatureRow> for Signature {
    fn from(row: SignatureRow) -> Self {
        let SignatureRow { party, member_id, full_name, document_sha256, address, user_agent, signed_at } = row;
        let document_sha256 = hex::encode(document_sha256);
        Self { party, member_id, full_name, document_sha256, address, user_agent, signed_at }
    }
}

statement! {
    struct ListSignatures { mandate: MandateId => SqlUuid }
    "SELECT party, member_id, full_name, document_sha256, address, user_agent, signed_at FROM mandate_signatures
     WHERE mandate_id = ? ORDER BY signed_at, party"
}

pub(in crate::market) async fn list_signatures(conn: &mut Conn<'_>, mandate: MandateId) -> Result<Vec<Signature>, DbError> {
    let rows: Vec<SignatureRow> = ListSignatures { mandate }.load(conn).await?;
    Ok(rows.into_iter().map(Signature::from).collect())
}
