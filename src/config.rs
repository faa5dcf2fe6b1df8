//! Settings: `config/default.toml` inside the program, then a file named by `ENTENTE_CONFIG`, then `ENTENTE_…` variables.
//!
//! The only place that reads the environment. `DATABASE_URL` and `DATABASE_RUNTIME_URL` keep their customary names.

use std::path::PathBuf;

use config::{Config, Environment, File, FileFormat};
use secrecy::SecretString;
use serde::Deserialize;

/// Everything that can be set. `config/default.toml` explains each line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub listen: String,
    pub public_url: String,
    pub var: PathBuf,
    pub workers: usize,
    pub movable_clock: bool,
    pub secret: Option<SecretString>,
    /// A newer table of statutory rates than the one inside the program.
    pub rates: Option<PathBuf>,
    pub log: String,
    pub log_json: bool,
    pub database: DatabaseSettings,
    pub mail: MailSettings,
    pub files: FileSettings,
    pub platform: PlatformSettings,
}

/// Where the database is. No `url`: a private server under `var`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    pub url: Option<SecretString>,
    pub runtime_url: Option<SecretString>,
    pub pool: usize,
}

/// How mail leaves. No `smtp_url`: `.eml` files in `var/outbox`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    pub smtp_url: Option<SecretString>,
    pub from: String,
}

/// Where files rest. No `bucket`: in `var/files`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSettings {
    pub bucket: Option<String>,
    pub region: Option<String>,
    pub endpoint: Option<String>,
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<SecretString>,
    /// A bucket reached without TLS.
    #[serde(default)]
    pub allow_http: bool,
    /// The largest upload of invoices, all its files together.
    pub upload_max_bytes: u64,
    /// The largest single document.
    pub document_max_bytes: u64,
}

/// The terms of the marketplace itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformSettings {
    /// The platform's part of the agency's fee, in basis points.
    pub commission_bp: i32,
    /// Office hours within which offers may be made.
    pub offer_hours: u32,
    /// Office hours within which a mandate is to be signed by both.
    pub signing_hours: u32,
    /// Days within which the other side answers a declared payment; then it counts as confirmed.
    pub answer_days: u32,
    /// Days within which the holder of money pays it out.
    pub payout_days: u32,
    /// Days without any step after which an engagement goes back to market.
    pub idle_days: u32,
    /// How many debtors must share the traits that a card shows.
    pub anonymity_crowd: i32,
    /// Messages a debtor gets at most in seven days, over all creditors.
    pub contacts_per_week: i64,
}

impl Settings {
    /// # Errors
    /// Names the file or variable that cannot be read.
    pub fn load() -> Result<Self, config::ConfigError> {
        let mut sources = Config::builder().add_source(File::from_str(include_str!("../config/default.toml"), FileFormat::Toml));
        if let Some(path) = variable("ENTENTE_CONFIG") {
            sources = sources.add_source(File::new(&path, FileFormat::Toml));
        }
        sources = sources.add_source(Environment::with_prefix("ENTENTE").prefix_separator("_").separator("__").try_parsing(true));
        for (name, key) in [("DATABASE_URL", "database.url"), ("DATABASE_RUNTIME_URL", "database.runtime_url")] {
            sources = sources.set_override_option(key, variable(name))?;
        }
        sources.build()?.try_deserialize()
    }

    /// The settings a test starts from: defaults, a movable clock, everything under `var`.
    ///
    /// # Errors
    /// The embedded defaults do not parse.
    pub fn for_tests(var: PathBuf) -> Result<Self, config::ConfigError> {
        let defaults = File::from_str(include_str!("../config/default.toml"), FileFormat::Toml);
        let mut settings: Self = Config::builder().add_source(defaults).build()?.try_deserialize()?;
        settings.var = var;
        settings.movable_clock = true;
        Ok(settings)
    }
}

/// Whether `make demo ONCE=1` asked the demonstration to stop at its end.
#[must_use]
pub fn demo_only_once() -> bool {
    variable("ONCE").is_some()
}

#[expect(clippy::disallowed_methods, reason = "the one home of std::env::var")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
