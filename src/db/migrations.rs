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
    apart(owner_url.clone(), async |owner_url| {
        let mut conn = connect(&owner_url).await?;
        conn.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
        let ran = AsyncMigrationHarness::new(conn).run_pending_migrations(MIGRATIONS).map(|versions| versions.len());
        ran.map_err(|error| DbError::Busy(format!("a migration failed: {error}")))
    })
    .await
}

/// Takes the newest migration back; returns its version.
///
/// # Errors
/// As [`run`], or there is none.
pub async fn revert(owner_url: &SecretString) -> Result<String, DbError> {
    apart(owner_url.clone(), async |owner_url| {
        let reverted = AsyncMigrationHarness::new(connect(&owner_url).await?).revert_last_migration(MIGRATIONS);
        reverted
            .map(|version| version.to_string())
            .map_err(|error| DbError::Busy(format!("a migration could not be taken back: {error}")))
    })
    .await
}

/// diesel's migrations block their thread, which the server's own runtime does not allow: they get a runtime of their own.
async fn apart<T, F>(owner_url: SecretString, work: F) -> Result<T, DbError>
where
    T: Send + 'static,
    F: AsyncFnOnce(SecretString) -> Result<T, DbError> + Send + 'static,
{
    let task = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.map_err(|error| DbError::Busy(error.to_string()))?.block_on(work(owner_url))
    });
    task.await.map_err(|error| DbError::Busy(format!("the migrations broke off: {error}")))?
}
