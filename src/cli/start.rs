//! From settings to a running [`App`]: logging, database (ours or a given one), migrations, keys, clock.

use entente::{
    app::App,
    config::Settings,
    db::{
        Db, migrations,
        private::{PrivateServer, Purpose},
    },
    keys::Keys,
};
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::{EnvFilter, fmt};

use super::Failure;

pub const DATABASE: &str = "entente";

/// Where the owner and the runtime role log in; our own server, if it is ours.
pub struct Database {
    pub owner_url: SecretString,
    pub runtime_url: SecretString,
    pub private: Option<PrivateServer>,
}

pub fn logging(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let set = if settings.log_json { lines.json().try_init() } else { lines.with_target(false).try_init() };
    if set.is_err() {
        tracing::debug!("logging was set up already");
    }
}

/// The given database, or our own server.
pub async fn database(settings: &Settings) -> Result<Database, Failure> {
    if let Some(url) = &settings.database.url {
        let acting_as_runtime = || with_parameter(url.expose_secret(), "options=-c%20role%3Dentente_runtime");
        let runtime_url = settings.database.runtime_url.clone().unwrap_or_else(|| acting_as_runtime().into());
        return Ok(Database { owner_url: url.clone(), runtime_url, private: None });
    }
    let server = PrivateServer::start(&settings.var.join("postgres"), Purpose::Production).await?;
    server.ensure_database(DATABASE).await?;
    Ok(Database { owner_url: server.owner_url(DATABASE), runtime_url: server.runtime_url(DATABASE), private: Some(server) })
}

fn with_parameter(url: &str, parameter: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{parameter}")
}

/// A migrated database and the state every request shares.
pub async fn app(settings: Settings) -> Result<(App, Database), Failure> {
    let database = database(&settings).await?;
    let ran = migrations::run(&database.owner_url).await?;
    if ran > 0 {
        tracing::info!(ran, "the database is up to date");
    }
    let keys = Keys::load(settings.secret.as_ref(), &settings.var)?;
    let db = Db::new(&database.runtime_url, settings.database.pool)?;
    let app = App::new(settings, db, keys);
    app.adopt_clock().await?;
    Ok((app, database))
}
