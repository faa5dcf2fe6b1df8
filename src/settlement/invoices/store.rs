//! SQL of invoices for fees. What they charge stands with the fee and is read from there.

use chrono::NaiveDate;
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Charged, FeeInvoice, FeeInvoiceKind, InvoiceParty, number};
use crate::{
    db::{Conn, DbError, statement},
    http::Cursor,
    settlement::{FeeKind, vat},
    types::{BasisPoints, CaseId, Currency, FeeId, FeeInvoiceId, Language, Money, OrgId, PaymentId},
};

statement! {
    struct LockFee { id: FeeId => SqlUuid }
    "SELECT fees.supplier_id, fees.customer_id, fees.net_minor, fees.credited_on IS NOT NULL AS is_credited, cases.reference
     FROM fees JOIN cases ON cases.id = fees.case_id WHERE fees.id = ? FOR UPDATE OF fees"
}

#[derive(QueryableByName)]
struct ChargedRow {
    #[diesel(sql_type = SqlUuid)]
    supplier_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    customer_id: OrgId,
    #[diesel(sql_type = BigInt)]
    net_minor: i64,
    #[diesel(sql_type = Bool)]
    is_credited: bool,
    #[diesel(sql_type = Text)]
    reference: String,
}

pub(super) async fn lock_fee(conn: &mut Conn<'_>, id: FeeId) -> Result<Option<Charged>, DbError> {
    let found: Option<ChargedRow> = LockFee { id }.get_result(conn).await.optional()?;
    Ok(found.map(|row| Charged {
        supplier: row.supplier_id,
        customer: row.customer_id,
        net_minor: row.net_minor,
        is_credited: row.is_credited,
        case_reference: row.reference,
    }))
}

/// An invoice to be issued.
#[derive(Debug)]
pub(super) struct Fresh<'a> {
    pub kind: FeeInvoiceKind,
    /// Issuer and recipient.
    pub parties: (OrgId, OrgId),
    pub year: i32,
    pub fee: FeeId,
    pub corrects: Option<FeeInvoiceId>,
    pub issued_on: NaiveDate,
    /// Issuer and recipient as they are today.
    pub described: (&'a InvoiceParty, &'a InvoiceParty),
    pub language: Language,
    pub case_reference: &'a str,
}

statement! {
    /// The row of numbers stays locked up to the commit: whoever comes next gets the next number, or this one if nothing comes of it.
    struct Insert<'a> {
        issuer: OrgId => SqlUuid, kind: FeeInvoiceKind => Text, year: i32 => Integer,
        id: FeeInvoiceId => SqlUuid, recipient: OrgId => SqlUuid, fee: FeeId => SqlUuid, corrects: Option<FeeInvoiceId> => Nullable<SqlUuid>,
        issued_on: NaiveDate => Date, issuer_described: &'a Value => Jsonb, recipient_described: &'a Value => Jsonb, language: Language => Text,
        case_reference: &'a str => Text,
    }
    "WITH numbered AS (
        INSERT INTO fee_invoice_numbers AS numbers (issuer_id, kind, year, last) VALUES (?, ?, ?, 1)
        ON CONFLICT ON CONSTRAINT fee_invoice_numbers_key DO UPDATE SET last = numbers.last + 1
        RETURNING issuer_id, kind, year, last)
     INSERT INTO fee_invoices (id, issuer_id, kind, year, seq, recipient_id, fee_id, corrects_id, issued_on, issuer, recipient, language, case_reference)
     SELECT ?, numbered.*, ?, ?, ?, ?, ?, ?, ?, ? FROM numbered"
}

/// Under the fee's lock.
pub(super) async fn insert(conn: &mut Conn<'_>, fresh: &Fresh<'_>) -> Result<(), DbError> {
    let (issuer, recipient) = (json!(fresh.described.0), json!(fresh.described.1));
    let insert = Insert {
        issuer: fresh.parties.0,
        kind: fresh.kind,
        year: fresh.year,
        id: FeeInvoiceId::fresh(),
        recipient: fresh.parties.1,
        fee: fresh.fee,
        corrects: fresh.corrects,
        issued_on: fresh.issued_on,
        issuer_described: &issuer,
        recipient_described: &recipient,
        language: fresh.language,
        case_reference: fresh.case_reference,
    };
    insert.execute(conn).await?;
    Ok(())
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT invoice.id, invoice.kind, invoice.issuer_id, invoice.recipient_id, invoice.year, invoice.seq, invoice.fee_id, invoice.corrects_id,
                corrected.year AS corrected_year, corrected.seq AS corrected_seq, corrected.issued_on AS corrected_on, invoice.issued_on, invoice.issuer,
                invoice.recipient, invoice.language, invoice.case_reference, fees.payment_id, fees.case_id, fees.kind AS service, fees.currency,
                fees.base_minor, fees.rate_bp, fees.net_minor, fees.vat_bp, fees.vat_minor, fees.vat_ground, fees.charged_on
             FROM fee_invoices AS invoice JOIN fees ON fees.id = invoice.fee_id
             LEFT JOIN fee_invoices AS corrected ON corrected.id = invoice.corrects_id WHERE ",
            $condition
        )
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: FeeInvoiceId,
    #[diesel(sql_type = Text)]
    kind: FeeInvoiceKind,
    #[diesel(sql_type = SqlUuid)]
    issuer_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    recipient_id: OrgId,
    #[diesel(sql_type = Integer)]
    year: i32,
    #[diesel(sql_type = Integer)]
    seq: i32,
    #[diesel(sql_type = SqlUuid)]
    fee_id: FeeId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    corrects_id: Option<FeeInvoiceId>,
    #[diesel(sql_type = Nullable<Integer>)]
    corrected_year: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    corrected_seq: Option<i32>,
    #[diesel(sql_type = Nullable<Date>)]
    corrected_on: Option<NaiveDate>,
    #[diesel(sql_type = Date)]
    issued_on: NaiveDate,
    #[diesel(sql_type = Jsonb)]
    issuer: Value,
    #[diesel(sql_type = Jsonb)]
    recipient: Value,
    #[diesel(sql_type = Text)]
    language: Language,
    #[diesel(sql_type = Text)]
    case_reference: String,
    #[diesel(sql_type = SqlUuid)]
    payment_id: PaymentId,
    #[diesel(sql_type = SqlUuid)]
    case_id: CaseId,
    #[diesel(sql_type = Text)]
    service: FeeKind,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    base_minor: i64,
    #[diesel(sql_type = Integer)]
    rate_bp: BasisPoints,
    #[diesel(sql_type = BigInt)]
    net_minor: i64,
    #[diesel(sql_type = Integer)]
    vat_bp: BasisPoints,
    #[diesel(sql_type = BigInt)]
    vat_minor: i64,
    #[diesel(sql_type = Text)]
    vat_ground: String,
    #[diesel(sql_type = Date)]
    charged_on: NaiveDate,
}

impl TryFrom<Row> for FeeInvoice {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let party = |described: Value| -> Result<InvoiceParty, DbError> {
            serde_json::from_value(described)
                .map_err(|error| DbError::Other(diesel::result::Error::DeserializationError(error.into())))
        };
        let (issuer, recipient) = (party(row.issuer)?, party(row.recipient)?);
        let money = |minor| Money::new(minor, row.currency);
        let corrected = row.corrected_year.zip(row.corrected_seq);
        Ok(Self {
            id: row.id,
            number: number(row.kind, row.year, row.seq),
            kind: row.kind,
            issuer_id: row.issuer_id,
            recipient_id: row.recipient_id,
            corrects_id: row.corrects_id,
            corrects_number: corrected.map(|(year, seq)| number(FeeInvoiceKind::Invoice, year, seq)),
            corrects_issued_on: row.corrected_on,
            issued_on: row.issued_on,
            supplied_on: row.charged_on,
            service: row.service,
            fee_id: row.fee_id,
            payment_id: row.payment_id,
            case_id: row.case_id,
            case_reference: row.case_reference,
            vat_treatment: vat::treatment(issuer.country, recipient.country),
            issuer,
            recipient,
            language: row.language,
            base: money(row.base_minor),
            rate_bp: row.rate_bp,
            net: money(row.net_minor),
            vat_bp: row.vat_bp,
            vat: money(row.vat_minor),
            gross: money(row.net_minor.saturating_add(row.vat_minor)),
            vat_ground: row.vat_ground,
        })
    }
}

fn invoices(rows: Vec<Row>) -> Result<Vec<FeeInvoice>, DbError> {
    rows.into_iter().map(FeeInvoice::try_from).collect()
}

statement! {
    struct Find { id: FeeInvoiceId => SqlUuid } select!("invoice.id = ?")
}

pub(super) async fn find(conn: &mut Conn<'_>, id: FeeInvoiceId) -> Result<Option<FeeInvoice>, DbError> {
    Find { id }.get_result::<Row>(conn).await.optional()?.map(FeeInvoice::try_from).transpose()
}

statement! {
    struct OfFee { fee: FeeId => SqlUuid } select!("invoice.fee_id = ?")
}

pub(super) async fn list_of_fee(conn: &mut Conn<'_>, fee: FeeId) -> Result<Vec<FeeInvoice>, DbError> {
    invoices(OfFee { fee }.load(conn).await?)
}

statement! {
    struct List { issuer: OrgId => SqlUuid, issued_before: Uuid => SqlUuid, issued_limit: i64 => BigInt,
                  recipient: OrgId => SqlUuid, received_before: Uuid => SqlUuid, received_limit: i64 => BigInt, limit: i64 => BigInt }
    concat!("(", select!("invoice.issuer_id = ? AND invoice.id < ? ORDER BY invoice.id DESC LIMIT ?"), ") UNION ALL
        (", select!("invoice.recipient_id = ? AND invoice.id < ? ORDER BY invoice.id DESC LIMIT ?"), ") ORDER BY id DESC LIMIT ?")
}

/// Those an organisation issued and those it received: each found by its own index.
pub(super) async fn list(conn: &mut Conn<'_>, org: OrgId, cursor: Cursor) -> Result<Vec<FeeInvoice>, DbError> {
    let (before, limit) = (cursor.before, cursor.fetch());
    let list = List {
        issuer: org,
        issued_before: before,
        issued_limit: limit,
        recipient: org,
        received_before: before,
        received_limit: limit,
        limit,
    };
    invoices(list.load(conn).await?)
}
