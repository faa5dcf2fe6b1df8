//! One PostgreSQL for all tests of this run, with a migrated template that each test's database is copied from.
//!
//! It ends, and its folder goes, when this process does, however it ends.

use std::path::{Path, PathBuf};

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use entente::db::{
    migrations,
    private::{PrivateServer, Purpose},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

const TEMPLATE: &str = "entente_template";

pub struct Cluster {
    server: PrivateServer,
    folder: PathBuf,
}

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

pub async fn get() -> &'static Cluster {
    CLUSTER.get_or_init(Cluster::start).await
}

impl Cluster {
    async fn start() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("it-{}", std::process::id()));
        let server = PrivateServer::start(&folder.join("postgres"), Purpose::Tests).await.expect("PostgreSQL starts");
        server.ensure_database(TEMPLATE).await.expect("a template database");
        migrations::run(&server.owner_url(TEMPLATE)).await.expect("the migrations run");
        Self { server, folder }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn runtime_url(&self, database: &str) -> SecretString {
        self.server.runtime_url(database)
    }

    pub async fn make_database(&self, name: &str) {
        self.as_owner("postgres", &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
    }

    /// Hundreds of databases side by side would need more room than a small machine has.
    pub async fn drop_database(&self, name: &str) {
        self.server.drop_database(name).await.expect("the database goes");
    }

    pub async fn as_owner(&self, database: &str, sql: &str) {
        self.try_as_owner(database, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// What the database says against it, if it does.
    pub async fn try_as_owner(&self, database: &str, sql: &str) -> Result<(), String> {
        let url = self.server.owner_url(database);
        let mut conn = AsyncPgConnection::establish(url.expose_secret()).await.expect("the owner may connect");
        conn.batch_execute(sql).await.map_err(|error| error.to_string())
    }
}
