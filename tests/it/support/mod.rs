//! A world for a test: server, database, clock and clients.

mod client;
mod cluster;
mod engaged;
pub mod parties;
mod posted;

use std::net::TcpListener;

use chrono::{DateTime, Utc};
use entente::{app::App, config::Settings, db::Db, jobs, keys::Keys, server, types::fresh_uuid, workers};

pub use client::{Answer, Client};
pub use engaged::{Engaged, payment};
pub use parties::{PASSWORD, cif, sign_up};
pub use posted::{Posted, kinds_of};

/// A PNG: two pixels by one, red.
pub const PICTURE: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x02\x00\x00\x00\x01\x08\x02\x00\x00\x00{@\xe8\xdd\x00\x00\x00\x0dIDATx\x9cc\xf8\xcf\xc0\x00D\x00\x08\xfe\x01\xff\xc6\x9ey\xf7\x00\x00\x00\x00IEND\xaeB`\x82";

/// A server of our own on a database of our own, at a time that only the test moves.
pub struct World {
    pub app: App,
    base: String,
    database: String,
}

/// Monday 2 November 2026, 10:00 in Madrid: a working day far from holidays, inside the known rates.
pub const START: &str = "2026-11-02T09:00:00Z";

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings than the usual ones.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let cluster = cluster::get().await;
        let database = format!("t_{}", fresh_uuid().simple());
        cluster.make_database(&database).await;
        let var = cluster.folder().join(format!("var_{database}"));
        let mut settings = Settings::for_tests(var).expect("the embedded defaults parse");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        settings.public_url.clone_from(&base);
        change(&mut settings);
        let db = Db::new(&cluster.runtime_url(&database), 6).expect("a pool");
        let keys = Keys::load(Some(&"5e".repeat(32).into()), &settings.var).expect("keys");
        let app = App::new(settings, db, keys);
        let world = Self { app, base, database };
        world.set_clock_to_start().await;
        let running = server::start(world.app.clone(), listener, 1).expect("a server");
        actix_web::rt::spawn(running);
        world
    }

    async fn set_clock_to_start(&self) {
        let start: DateTime<Utc> = START.parse().expect("a time");
        let offset = (start - self.app.clock.now()).num_seconds();
        self.app.clock.start_at(offset);
        self.as_owner(&format!("UPDATE clock_offset SET offset_seconds = {offset}")).await;
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    /// Moves time on and does what falls due.
    pub async fn pass(&self, time: chrono::TimeDelta) {
        let offset = self.app.clock.offset_for(self.now() + time).expect("a later time");
        self.app.move_clock(offset).await.expect("the clock moves");
        self.work().await;
    }

    /// Does what is due now.
    pub async fn work(&self) {
        workers::until_idle(&self.app).await.expect("the queue can be read");
    }

    /// Where the server listens.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The database that is this test's own.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Whoever sends no credentials.
    pub fn stranger(&self) -> Client {
        Client::new(&self.base)
    }

    /// Runs SQL as the owner, past row-level security: for looking behind the curtain and for tampering.
    pub async fn as_owner(&self, sql: &str) {
        cluster::get().await.as_owner(&self.database, sql).await;
    }

    /// As [`World::as_owner`], for SQL that the database should refuse.
    pub async fn try_as_owner(&self, sql: &str) -> Result<(), String> {
        cluster::get().await.try_as_owner(&self.database, sql).await
    }

    /// Nothing due is left undone and nothing was given up: every test ends with this, and its database goes.
    pub async fn finish(self) {
        self.work().await;
        let now = self.now();
        let backlog = self.app.db.transaction(entente::db::Scope::System, async |conn| jobs::backlog(conn, now).await).await;
        assert_eq!(backlog.expect("the queue can be read"), jobs::Backlog { due: 0, dead: 0 }, "jobs were left behind");
        cluster::get().await.drop_database(&self.database).await;
    }
}
