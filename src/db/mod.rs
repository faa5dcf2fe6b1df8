//! PostgreSQL: pool, transactions with a scope, statements written by hand, and our own server.
//!
//! Every query of the product runs in a transaction that says who asks (`Scope`), as the plain role `entente_runtime`,
//! under row-level security. There is no way to a connection without a scope.

pub mod migrations;
pub mod private;
mod scope;
mod statement;

use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool},
};
use secrecy::{ExposeSecret, SecretString};

pub use scope::{Actor, ActorKind, By, Scope};
pub(crate) use statement::{statement, statement_id};

/// A connection inside a transaction. Commands and stores take it first. It is a shared reference, so that independent
/// statements can be sent together: copy it and join.
pub type Conn<'a> = &'a AsyncPgConnection;

/// What went wrong below a store. Slices map the constraints they know; the rest is a 500 or a 503.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection in time, or the server is gone: the client may try again.
    #[error("the database is busy or away: {0}")]
    Busy(String),
    /// A constraint refused the row; its name.
    #[error("constraint {0} was violated")]
    Violates(String),
    #[error(transparent)]
    Other(Error),
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        if matches!(error, Error::BrokenTransactionManager) {
            return Self::Busy("the connection broke".to_owned());
        }
        let Error::DatabaseError(kind, info) = &error else { return Self::Other(error) };
        let passing = matches!(kind, DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure);
        if passing || info.message() == "deadlock detected" {
            return Self::Busy(info.message().to_owned());
        }
        match info.constraint_name() {
            Some(name) => Self::Violates(name.to_owned()),
            None => Self::Other(error),
        }
    }
}

impl DbError {
    /// Whether the named constraint refused.
    #[must_use]
    pub fn violates(&self, constraint: &str) -> bool {
        matches!(self, Self::Violates(name) if name == constraint)
    }
}

/// The pool.
#[derive(Clone)]
pub struct Db {
    pool: deadpool::Pool<AsyncPgConnection>,
    url: SecretString,
}

const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(10);
/// One request may hold a connection while another waits for a lock.
const LEAST_CONNECTIONS: usize = 2;

impl Db {
    /// `url` logs in as the runtime role.
    ///
    /// # Errors
    /// The pool cannot be built. An unreachable server shows at the first transaction.
    pub fn new(url: &SecretString, pool_size: usize) -> Result<Self, DbError> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(|url| Box::pin(establish(url)));
        let manager = AsyncDieselConnectionManager::new_with_config(url.expose_secret(), config);
        let pool =
            deadpool::Pool::builder(manager).max_size(pool_size).build().map_err(|error| DbError::Busy(error.to_string()))?;
        Ok(Self { pool, url: url.clone() })
    }

    /// A pool of its own for one of `threads` threads, with that part of the connections. A connection is driven by the thread
    /// that opened it: a query sent from another thread wakes both, twice a round trip.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn for_one_of(&self, threads: usize) -> Result<Self, DbError> {
        Self::new(&self.url, self.pool.status().max_size.div_ceil(threads.max(1)).max(LEAST_CONNECTIONS))
    }

    /// Runs `work` in one transaction under `scope`; commits on `Ok`, rolls back on `Err`.
    /// `BEGIN` travels with the first statement of `work`: it is sent first, so the server sees it first.
    /// A future dropped half-way takes its connection out of the pool, and the server rolls back.
    ///
    /// # Errors
    /// Those of `work`, and [`DbError`] where the database fails.
    pub async fn transaction<T, E, F>(&self, scope: Scope, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Conn) -> Result<T, E>,
        E: From<DbError>,
    {
        self.run(scope, "COMMIT", work).await
    }

    /// Ends work that went well with `ending`, and everything else with a rollback.
    async fn run<T, E, F>(&self, scope: Scope, ending: &str, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Conn) -> Result<T, E>,
        E: From<DbError>,
    {
        let pooled = tokio::time::timeout(WAIT_FOR_CONNECTION, self.pool.get()).await;
        let pooled = pooled
            .map_err(|_| DbError::Busy("no connection was free in time".to_owned()))?
            .map_err(|error| DbError::Busy(error.to_string()))?;
        let open = OpenTransaction(Some(pooled));
        let begin = scope.begin();
        let (begun, worked) = tokio::join!(biased; open.send(&begin), async { work(&mut open.conn()?).await });
        begun?;
        match worked {
            Ok(value) => {
                open.send(ending).await?;
                open.finished();
                Ok(value)
            }
            Err(error) => {
                match open.send("ROLLBACK").await {
                    Ok(()) => open.finished(),
                    Err(cause) => tracing::warn!(%cause, "a rollback failed; the connection is dropped"),
                }
                Err(error)
            }
        }
    }

    /// Runs `work` and takes it back: what would be, with nothing changed.
    ///
    /// # Errors
    /// Those of `work`; the database cannot be reached.
    pub async fn rehearse<T, E, F>(&self, scope: Scope, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Conn) -> Result<T, E>,
        E: From<DbError>,
    {
        self.run(scope, "ROLLBACK", work).await
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        let probe = self.transaction(Scope::System, async |conn| conn.batch_execute("SELECT 1").await.map_err(DbError::from));
        matches!(tokio::time::timeout(Duration::from_secs(2), probe).await, Ok(Ok(())))
    }
}

/// A connection with a transaction open. Dropped before it finished, it leaves the pool and closes.
struct OpenTransaction(Option<deadpool::Object<AsyncPgConnection>>);

impl OpenTransaction {
    fn conn(&self) -> Result<Conn<'_>, DbError> {
        self.0.as_deref().ok_or_else(|| DbError::Busy("the connection is gone".to_owned()))
    }

    async fn send(&self, sql: &str) -> Result<(), DbError> {
        Ok(self.conn()?.batch_execute(sql).await?)
    }

    fn finished(mut self) {
        self.0 = None;
    }
}

impl Drop for OpenTransaction {
    fn drop(&mut self) {
        if let Some(unfinished) = self.0.take() {
            drop(deadpool::Object::take(unfinished));
        }
    }
}

/// A connection that plans each statement once. PostgreSQL would plan `= ANY($1)` anew at every execution, because a plan
/// that knows the array's length looks cheaper: half a millisecond each, more than the statement takes (`docs/performance.md`).
/// Nor does it compile them: row-level security multiplies a plan's expressions, and seconds go by before milliseconds of work.
async fn establish(url: &str) -> diesel::ConnectionResult<AsyncPgConnection> {
    let mut connection = AsyncPgConnection::establish(url).await?;
    let set = connection.batch_execute("SET plan_cache_mode = force_generic_plan; SET jit = off").await;
    set.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

statement! {
    struct SetPlanning<'a> { mode: &'a str => diesel::sql_types::Text } "SELECT set_config('plan_cache_mode', ?, true)"
}

/// From so many values on a statement is worth a plan of its own.
const MANY_VALUES: usize = 100;

/// A statement with `count` values comes next. Many are planned for: a plan made while the table was small takes any index of
/// it, and reads all that the owner has, for each value. [`planned`] ends it.
///
/// # Errors
/// The database fails.
pub async fn plan_for(conn: &mut Conn<'_>, count: usize) -> Result<(), DbError> {
    if count >= MANY_VALUES {
        SetPlanning { mode: "force_custom_plan" }.execute(conn).await?;
    }
    Ok(())
}

/// The statement with `count` values is done.
///
/// # Errors
/// The database fails.
pub async fn planned(conn: &mut Conn<'_>, count: usize) -> Result<(), DbError> {
    if count >= MANY_VALUES {
        SetPlanning { mode: "force_generic_plan" }.execute(conn).await?;
    }
    Ok(())
}

/// Connects once, as whoever `url` names, outside the pool: for migrations and the private server.
///
/// # Errors
/// The server cannot be reached or refuses.
pub(crate) async fn connect(url: &SecretString) -> Result<AsyncPgConnection, DbError> {
    AsyncPgConnection::establish(url.expose_secret()).await.map_err(|error| DbError::Busy(error.to_string()))
}
