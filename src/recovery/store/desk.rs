//! SQL of work lists. What is no longer to be done is left out as in `tasks`.

use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::tasks::task_columns;
use crate::{
    db::{Conn, DbError, statement},
    recovery::{Task, desk::Work},
    types::{CaseId, OrgId},
};

macro_rules! work {
    ($whose:literal) => {
        concat!(
            "SELECT * FROM (SELECT ",
            task_columns!(),
            ", c.reference, d.legal_name AS debtor, c.currency, c.principal_minor, c.oldest_due_on
             FROM tasks t JOIN cases c ON c.id = t.case_id JOIN debtors d ON d.id = c.debtor_id WHERE t.status = 'open' AND ",
            $whose,
            ") task
             WHERE status = 'open' ORDER BY due_at, id LIMIT ?"
        )
    };
}

statement! {
    struct WorkOfAgency { agency: OrgId => SqlUuid, limit: i64 => BigInt } work!("t.agency_id = ?")
}
statement! {
    struct WorkOfCreditor { creditor: OrgId => SqlUuid, limit: i64 => BigInt } work!("t.creditor_id = ? AND t.agency_id IS NULL")
}

pub async fn work_of_agency(conn: &mut Conn<'_>, agency: OrgId, limit: i64) -> Result<Vec<Work>, DbError> {
    Ok(WorkOfAgency { agency, limit }.load(conn).await?)
}

pub async fn work_of_creditor(conn: &mut Conn<'_>, creditor: OrgId, limit: i64) -> Result<Vec<Work>, DbError> {
    Ok(WorkOfCreditor { creditor, limit }.load(conn).await?)
}

statement! {
    struct OpenOfCase { case: CaseId => SqlUuid }
    concat!("SELECT * FROM (SELECT ", task_columns!(), " FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.case_id = ? AND t.status = 'open') task
             WHERE status = 'open' ORDER BY due_at, id")
}

pub async fn open_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Task>, DbError> {
    Ok(OpenOfCase { case }.load(conn).await?)
}
