//! SQL of own words. A row never changes but for when another took its place.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    recovery::{strategy::Template, wordings::WordingKey},
    types::{Language, MemberId, OrgId, Tone, WordingId},
};

#[derive(Debug, Clone, QueryableByName)]
pub struct Row {
    #[diesel(sql_type = Text)]
    template: Template,
    #[diesel(sql_type = Text)]
    language: Language,
    #[diesel(sql_type = Text)]
    tone: Tone,
    #[diesel(sql_type = Nullable<Text>)]
    pub subject: Option<String>,
    #[diesel(sql_type = Text)]
    pub text: String,
    #[diesel(sql_type = Timestamptz)]
    pub written_at: DateTime<Utc>,
}

impl Row {
    #[must_use]
    pub const fn key(&self) -> WordingKey {
        WordingKey { template: self.template, language: self.language, tone: self.tone }
    }
}

macro_rules! in_force {
    ($condition:literal) => {
        concat!(
            "SELECT template, language, tone, subject, text, written_at FROM wordings WHERE replaced_at IS NULL AND ",
            $condition
        )
    };
}

statement! {
    struct Find { owner: OrgId => SqlUuid, template: Template => Text, language: Language => Text, tone: Tone => Text }
    in_force!("owner_id = ? AND template = ? AND language = ? AND tone = ?")
}

pub async fn find(conn: &mut Conn<'_>, owner: OrgId, key: WordingKey) -> Result<Option<Row>, DbError> {
    let WordingKey { template, language, tone } = key;
    Ok(Find { owner, template, language, tone }.get_result(conn).await.optional()?)
}

statement! { struct List { owner: OrgId => SqlUuid } in_force!("owner_id = ?") }

pub async fn list(conn: &mut Conn<'_>, owner: OrgId) -> Result<Vec<Row>, DbError> {
    Ok(List { owner }.load(conn).await?)
}

statement! {
    struct Replace { at: DateTime<Utc> => Timestamptz, owner: OrgId => SqlUuid, template: Template => Text, language: Language => Text, tone: Tone => Text }
    "UPDATE wordings SET replaced_at = ? WHERE replaced_at IS NULL AND owner_id = ? AND template = ? AND language = ? AND tone = ?"
}

/// Ends those in force, if any.
pub async fn replace(conn: &mut Conn<'_>, owner: OrgId, key: WordingKey, at: DateTime<Utc>) -> Result<(), DbError> {
    let WordingKey { template, language, tone } = key;
    Replace { at, owner, template, language, tone }.execute(conn).await?;
    Ok(())
}

statement! {
    pub struct Insert<'a> { id: WordingId => SqlUuid, owner: OrgId => SqlUuid, template: Template => Text, language: Language => Text,
                            tone: Tone => Text, subject: Option<&'a str> => Nullable<Text>, text: &'a str => Text,
                            written_by: Option<MemberId> => Nullable<SqlUuid>, written_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO wordings (id, owner_id, template, language, tone, subject, text, written_by, written_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub async fn insert(conn: &mut Conn<'_>, wording: &Insert<'_>) -> Result<(), DbError> {
    wording.execute(conn).await?;
    Ok(())
}
