//! Settings: `config/default.toml` inside the program, then a file named by `ENTENTE_CONFIG`, then `ENTENTE_…` variables.
//!
//! The only place that reads the environment. `DATABASE_URL` and `DATABASE_RUNTIME_URL` keep their customary names.

use std::{collections::HashMap, ffi::OsString, path::PathBuf};

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
    pub sms: SmsSettings,
    pub stripe: StripeSettings,
    pub files: FileSettings,
    pub platform: PlatformSettings,
    pub limits: LimitSettings,
    pub webhooks: WebhookSettings,
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
    /// Mails to debtors that the SMTP server gets in a second, at most. 0: as many as there are.
    pub per_second: u32,
    /// Where debtors answer, if their answers are to be filed by themselves.
    pub reply_domain: Option<String>,
    pub inbound_secret: Option<SecretString>,
}

/// How text messages leave. No `provider`: `.sms` files in `var/outbox`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsSettings {
    /// Text messages that the provider gets in a second, at most. 0: as many as there are.
    pub per_second: u32,
    pub provider: Option<SmsProvider>,
}

/// An HTTP API that speaks Twilio's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsProvider {
    /// Without the path: `https://api.twilio.com`.
    pub url: String,
    pub account_sid: String,
    pub auth_token: SecretString,
    /// A number in E.164, or a messaging service (`MG…`).
    pub from: String,
}

/// How debtors pay by card or direct debit. No `secret_key`: they do not, the debtor page shows the bank transfer alone.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StripeSettings {
    pub secret_key: Option<SecretString>,
    pub webhook_secret: Option<SecretString>,
    /// Without the path: `https://api.stripe.com`.
    pub api: String,
}

impl StripeSettings {
    /// Whether debtors may pay through Stripe.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.secret_key.is_some()
    }
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

/// What is posted to organisations' own software.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// Whether addresses that only this network reaches may be asked, and plain HTTP: for trying it out on one machine.
    pub to_private_networks: bool,
}

/// How many requests are answered. 0: as many as come.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// By one person or API key.
    pub credential_per_minute: u32,
    /// By one network address without a credential.
    pub address_per_minute: u32,
    /// The address is the last entry of X-Forwarded-For.
    pub behind_proxy: bool,
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
    /// A payment of so much, in minor units of its currency, is confirmed by a person who has just shown who they are.
    pub large_payment_minor: i64,
    /// Days within which the holder of money pays it out.
    pub payout_days: u32,
    /// Days after a confirmed change of account in which nothing is paid out to it.
    pub account_cooling_days: u32,
    /// Days without any step after which an engagement goes back to market.
    pub idle_days: u32,
    /// How many debtors must share the traits that a card shows.
    pub anonymity_crowd: i32,
    /// The largest open principal that goes into a pool, in minor units of its currency.
    pub pool_max_minor: i64,
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
        let environment = Environment::with_prefix("ENTENTE").prefix_separator("_").separator("__").try_parsing(true);
        sources = sources.add_source(environment.source(Some(settings_in(std::env::vars_os()))));
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

/// Names that begin like settings and are none: the file's own, and where tests find shared data.
const NO_SETTINGS: [&str; 2] = ["ENTENTE_CONFIG", "ENTENTE_SHARED"];

/// What is no UTF-8 is nobody's setting.
fn settings_in(variables: impl Iterator<Item = (OsString, OsString)>) -> HashMap<String, String> {
    let readable = variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    readable.filter(|(name, _)| !NO_SETTINGS.contains(&name.as_str())).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_settings_stop_nobody_and_a_misspelt_one_does() {
        let read = |name: &str| {
            let variables = [(OsString::from(name), OsString::from("/data"))];
            let environment = Environment::with_prefix("ENTENTE").prefix_separator("_").separator("__");
            let defaults = File::from_str(include_str!("../config/default.toml"), FileFormat::Toml);
            let sources = Config::builder().add_source(defaults);
            let built = sources.add_source(environment.source(Some(settings_in(variables.into_iter())))).build().unwrap();
            built.try_deserialize::<Settings>()
        };
        assert!(read("ENTENTE_SHARED").is_ok() && read("ENTENTE_CONFIG").is_ok());
        assert_eq!(read("ENTENTE_VAR").unwrap().var, PathBuf::from("/data"));
        assert!(read("ENTENTE_LISTENN").is_err());
    }
}
