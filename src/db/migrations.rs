//! Migrations run themselves at start, as the owner, one process at a time.

use diesel_async::{AsyncMigrationHarness, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::SecretString;

use super::{DbError, connect};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// Any number: it names the lock under which one process migrates while others wait.
const MIGRATION_LOCK: i64 = 7_215_460_193;

/// Brings the database up to date; returns how many migrations ran.
///
/// # Errors
/// The server cannot be reached, or a migration fails (it is rolled back whole).
pub async fn run(owner_url: &SecretString) -> Result<usize, DbError> {
    let mut conn = connect(owner_url).await?;
    conn.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
    let mut harness = AsyncMigrationHarness::new(conn);
    let ran = harness
        .run_pending_migrations(MIGRATIONS)
        .map(|versions| versions.len())
        .map_err(|error| DbError::Busy(format!("a migration failed: {error}")))?;
    Ok(ran)
}

/// Takes the newest migration back.
///
/// # Errors
/// As [`run`], or there is none.
pub async fn revert(owner_url: &SecretString) -> Result<String, DbError> {
    let mut harness = AsyncMigrationHarness::new(connect(owner_url).await?);
    harness
        .revert_last_migration(MIGRATIONS)
        .map(|version| version.to_string())
        .map_err(|error| DbError::Busy(format!("a migration could not be taken back: {error}")))
}
