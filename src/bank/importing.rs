//! A file that was read is kept: once, and every movement in it once, whichever file told of it first.

use serde_json::json;

use super::{BankError, Imported, books, jobs::Match, readers::BankFile, statement::identities, store};
use crate::{
    db::{By, Conn},
    jobs,
    types::{BankStatementId, OrgId},
};

/// A file as it came.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub file: &'a BankFile,
    pub name: Option<&'a str>,
    pub sha256: &'a [u8],
}

/// Keeps a file of `owner`, puts what came in into suspense, and asks for it to be matched. A file that is known is answered
/// as it was the first time. Under `Scope::System`.
///
/// # Errors
/// The database fails.
pub async fn import(conn: &mut Conn<'_>, by: &By, owner: OrgId, source: &Source<'_>) -> Result<Imported, BankError> {
    let id = BankStatementId::fresh();
    if !store::insert_statement(conn, (id, owner), source, by.at).await? {
        return store::find_statement_by_hash(conn, owner, source.sha256).await?.ok_or(BankError::NotFound);
    }
    let keys = identities(&source.file.statements);
    let fresh = store::insert_entries(conn, (id, owner), source.file, &keys).await?;
    store::set_fresh(conn, id, fresh.len()).await?;
    let incoming: Vec<_> = fresh.into_iter().filter(|amount| amount.is_positive()).collect();
    books::arrived(conn, by, owner, id, &incoming).await?;
    jobs::enqueue(conn, Match::KIND, &json!({ "statement_id": id }), by.at).await?;
    store::find_statement(conn, id).await?.ok_or(BankError::NotFound)
}
