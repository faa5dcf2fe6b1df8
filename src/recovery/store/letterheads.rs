//! SQL of letterheads.

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    paper::Letterhead,
    types::OrgId,
};

statement! {
    struct Find { owner: OrgId => SqlUuid } "SELECT line, logo FROM letterheads WHERE owner_id = ?"
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    line: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    logo: Option<Vec<u8>>,
}

pub async fn find(conn: &mut Conn<'_>, owner: OrgId) -> Result<Option<Letterhead>, DbError> {
    let row: Option<Row> = Find { owner }.get_result(conn).await.optional()?;
    Ok(row.map(|Row { line, logo }| Letterhead { line, logo }))
}

statement! {
    struct WriteLine<'a> { owner: OrgId => SqlUuid, line: Option<&'a str> => Nullable<Text> }
    "INSERT INTO letterheads (owner_id, line) VALUES (?, ?) ON CONFLICT (owner_id) DO UPDATE SET line = excluded.line"
}

pub async fn write_line(conn: &mut Conn<'_>, owner: OrgId, line: Option<&str>) -> Result<(), DbError> {
    WriteLine { owner, line }.execute(conn).await?;
    Ok(())
}

statement! {
    struct WriteLogo<'a> { owner: OrgId => SqlUuid, logo: Option<&'a [u8]> => Nullable<Binary> }
    "INSERT INTO letterheads (owner_id, logo) VALUES (?, ?) ON CONFLICT (owner_id) DO UPDATE SET logo = excluded.logo"
}

pub async fn write_logo(conn: &mut Conn<'_>, owner: OrgId, logo: Option<&[u8]>) -> Result<(), DbError> {
    WriteLogo { owner, logo }.execute(conn).await?;
    Ok(())
}
