//! What every request and job shares: settings, database, clock, keys, files. Knows no slice.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use tokio::sync::Notify;

use crate::{
    config::Settings,
    db::{Db, DbError, Scope, statement},
    keys::Keys,
    types::Clock,
    vault::Vault,
};

/// Shared state; cheap to clone.
#[derive(Clone)]
pub struct App {
    pub settings: Arc<Settings>,
    pub db: Db,
    pub clock: Clock,
    pub keys: Arc<Keys>,
    pub vault: Vault,
    /// Rung after a commit that left jobs behind, so that workers in this process need not wait for their next look.
    pub jobs_waiting: Arc<Notify>,
}

impl App {
    #[must_use]
    pub fn new(settings: Settings, db: Db, keys: Keys) -> Self {
        let clock = if settings.movable_clock { Clock::movable(0) } else { Clock::real() };
        let keys = Arc::new(keys);
        let vault = Vault::new(settings.files.clone(), settings.var.join("files"), keys.clone());
        Self { settings: Arc::new(settings), db, clock, keys, vault, jobs_waiting: Arc::default() }
    }

    /// Takes up the time where this database left it, before or after real time: at the start of a process.
    ///
    /// # Errors
    /// The database fails.
    pub async fn adopt_clock(&self) -> Result<(), DbError> {
        if self.clock.is_movable() {
            self.clock.start_at(self.stored_offset().await?);
        }
        Ok(())
    }

    /// Follows the offset that a movable clock was last given, by this process or another.
    ///
    /// # Errors
    /// The database fails.
    pub async fn follow_clock(&self) -> Result<(), DbError> {
        if self.clock.is_movable() {
            self.clock.set_offset(self.stored_offset().await?);
        }
        Ok(())
    }

    async fn stored_offset(&self) -> Result<i64, DbError> {
        let stored: Offset =
            self.db.transaction(Scope::System, async |conn| Ok::<_, DbError>(ReadOffset {}.get_result(conn).await?)).await?;
        Ok(stored.offset_seconds)
    }

    /// Puts a movable clock to where a demonstration begins, before or after real time. For a database that nothing has happened in.
    ///
    /// # Errors
    /// The database fails.
    pub async fn begin_clock_at(&self, at: DateTime<Utc>) -> Result<(), DbError> {
        let offset_seconds = at.signed_duration_since(Clock::real().now()).num_seconds();
        self.db
            .transaction(Scope::System, async |conn| {
                BeginOffset { offset_seconds }.execute(conn).await?;
                Ok::<_, DbError>(())
            })
            .await?;
        self.clock.start_at(offset_seconds);
        Ok(())
    }

    /// Stores a new offset, then follows it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn move_clock(&self, offset_seconds: i64) -> Result<(), DbError> {
        self.db
            .transaction(Scope::System, async |conn| {
                WriteOffset { offset_seconds }.execute(conn).await?;
                Ok::<_, DbError>(())
            })
            .await?;
        self.follow_clock().await
    }
}

statement! {
    struct ReadOffset {} "SELECT offset_seconds FROM clock_offset"
}

statement! {
    struct WriteOffset { offset_seconds: i64 => BigInt } "UPDATE clock_offset SET offset_seconds = greatest(offset_seconds, ?)"
}

statement! {
    struct BeginOffset { offset_seconds: i64 => BigInt } "UPDATE clock_offset SET offset_seconds = ?"
}

#[derive(diesel::QueryableByName)]
struct Offset {
    #[diesel(sql_type = BigInt)]
    offset_seconds: i64,
}
