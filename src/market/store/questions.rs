//! SQL of questions. What a scope may read of them, and that it never reads who asked, is the policies' of the migration.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    market::questions::Question,
    types::{ListingId, OrgId, QuestionId},
};

macro_rules! select {
    () => {
        "SELECT id, listing_id, question, answer, asked_at, answered_at FROM listing_questions "
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: QuestionId,
    #[diesel(sql_type = SqlUuid)]
    listing_id: ListingId,
    #[diesel(sql_type = Text)]
    question: String,
    #[diesel(sql_type = Nullable<Text>)]
    answer: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    asked_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    answered_at: Option<DateTime<Utc>>,
}

impl From<Row> for Question {
    fn from(row: Row) -> Self {
        let Row { id, listing_id: listing, question, answer, asked_at, answered_at } = row;
        Self { id, listing, question, answer, asked_at, answered_at }
    }
}

statement! {
    struct Insert<'a> { id: QuestionId => SqlUuid, listing: ListingId => SqlUuid, question: &'a str => Text, asked_at: DateTime<Utc> => Timestamptz,
                        same: QuestionId => SqlUuid, agency: OrgId => SqlUuid }
    "WITH asked AS (INSERT INTO listing_questions (id, listing_id, question, asked_at) VALUES (?, ?, ?, ?))
     INSERT INTO listing_question_authors (question_id, agency_id) VALUES (?, ?)"
}

pub(in crate::market) async fn insert(conn: &mut Conn<'_>, question: &Question, agency: OrgId) -> Result<(), DbError> {
    let Question { id, listing, asked_at, .. } = *question;
    Insert { id, listing, question: &question.question, asked_at, same: id, agency }.execute(conn).await?;
    Ok(())
}

/// How many questions were asked about a listing.
#[derive(QueryableByName)]
pub(in crate::market) struct Asked {
    #[diesel(sql_type = BigInt)]
    pub of_agency: i64,
    #[diesel(sql_type = BigInt)]
    pub of_all: i64,
}

statement! {
    struct Count { agency: OrgId => SqlUuid, listing: ListingId => SqlUuid }
    "SELECT count(*) FILTER (WHERE author.agency_id = ?) AS of_agency, count(*) AS of_all
     FROM listing_questions question JOIN listing_question_authors author ON author.question_id = question.id WHERE question.listing_id = ?"
}

pub(in crate::market) async fn count(conn: &mut Conn<'_>, listing: ListingId, agency: OrgId) -> Result<Asked, DbError> {
    Ok(Count { agency, listing }.get_result(conn).await?)
}

statement! {
    struct Find { id: QuestionId => SqlUuid } concat!(select!(), "WHERE id = ?")
}

pub(in crate::market) async fn find(conn: &mut Conn<'_>, id: QuestionId) -> Result<Option<Question>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(Question::from))
}

statement! {
    struct List { listing: ListingId => SqlUuid } concat!(select!(), "WHERE listing_id = ? ORDER BY id")
}

/// Oldest first.
pub(in crate::market) async fn list(conn: &mut Conn<'_>, listing: ListingId) -> Result<Vec<Question>, DbError> {
    let rows: Vec<Row> = List { listing }.load(conn).await?;
    Ok(rows.into_iter().map(Question::from).collect())
}

statement! {
    struct SetAnswer<'a> { answer: &'a str => Text, at: DateTime<Utc> => Timestamptz, id: QuestionId => SqlUuid }
    "UPDATE listing_questions SET answer = ?, answered_at = ? WHERE id = ?"
}

pub(in crate::market) async fn set_answer(
    conn: &mut Conn<'_>,
    id: QuestionId,
    answer: &str,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    SetAnswer { answer, at, id }.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Interested {
    #[diesel(sql_type = SqlUuid)]
    agency_id: OrgId,
}

statement! {
    struct ListInterested { question: QuestionId => SqlUuid, listing: ListingId => SqlUuid }
    "SELECT agency_id FROM listing_question_authors WHERE question_id = ?
     UNION SELECT agency_id FROM offers WHERE listing_id = ? AND status = 'sealed'"
}

/// Who asked, and who has an offer standing.
pub(in crate::market) async fn list_interested(conn: &mut Conn<'_>, question: &Question) -> Result<Vec<OrgId>, DbError> {
    let rows: Vec<Interested> = ListInterested { question: question.id, listing: question.listing }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.agency_id).collect())
}
