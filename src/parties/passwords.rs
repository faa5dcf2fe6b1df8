//! Passwords: argon2id on a thread of its own, and a refusal of those that are easily guessed.
//!
//! No password may ever be logged, stored or compared as such. Whether somebody has an account must not show in how
//! long a log-in takes: an unknown address is checked against a hash that nothing matches.

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, SaltString},
};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

/// OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const MAX_CHARS: usize = 256;
const SALT_BYTES: usize = 16;
/// Salt and hash are random: no password leads there, and finding that out takes the work set above.
const NOBODYS_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$WYDK1kFqw7sOWIjXpaxCEA$ApJ031jSzsaJOSYEjuUUoqFc9bpsZpO0vqwQOvpOX1g";

/// Hashes under way at once: each takes 19 MiB, and a crowd of strangers must not take them all.
static SEATS: Semaphore = Semaphore::const_new(4);

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("a password may have at most {MAX_CHARS} characters")]
    TooLong,
    #[error("this password is too easy to guess. {0}")]
    TooWeak(String),
    /// A fault of ours.
    #[error("hashing failed: {0}")]
    Failed(String),
}

/// The hash to store, if the password is hard to guess even for those who know the words `about` its owner.
///
/// # Errors
/// See [`PasswordError`].
pub async fn hash(password: SecretString, about: Vec<String>) -> Result<String, PasswordError> {
    if password.expose_secret().chars().count() > MAX_CHARS {
        return Err(PasswordError::TooLong);
    }
    apart(move || {
        judge(password.expose_secret(), &about)?;
        hash_now(password.expose_secret())
    })
    .await
}

/// Whether the password is the one behind `stored`. Takes as long when nothing is stored.
///
/// # Errors
/// [`PasswordError::Failed`] alone.
pub async fn matches(password: SecretString, stored: Option<String>) -> Result<bool, PasswordError> {
    let known = stored.is_some();
    let stored = stored.unwrap_or_else(|| NOBODYS_HASH.to_owned());
    if password.expose_secret().chars().count() > MAX_CHARS {
        return Ok(false);
    }
    let matched = apart(move || verify_now(password.expose_secret(), &stored)).await?;
    Ok(matched && known)
}

/// Runs on a thread where nothing else waits.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static) -> Result<T, PasswordError> {
    let _seat = SEATS.acquire().await.map_err(|error| PasswordError::Failed(error.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| PasswordError::Failed(error.to_string()))?
}

fn judge(password: &str, about: &[String]) -> Result<(), PasswordError> {
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    let estimate = zxcvbn(password, &about);
    if estimate.score() >= Score::Three {
        return Ok(());
    }
    let mut advice = Vec::new();
    if let Some(feedback) = estimate.feedback() {
        advice.extend(feedback.warning().map(|warning| warning.to_string()));
        advice.extend(feedback.suggestions().iter().map(ToString::to_string));
    }
    if advice.is_empty() {
        advice.push("Take a few unrelated words.".to_owned());
    }
    Err(PasswordError::TooWeak(advice.join(" ")))
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String, PasswordError> {
    let mut salt = [0_u8; SALT_BYTES];
    SystemRandom::new().fill(&mut salt).map_err(failed)?;
    let salt = SaltString::encode_b64(&salt).map_err(failed)?;
    Ok(argon2()?.hash_password(password.as_bytes(), &salt).map_err(failed)?.to_string())
}

/// With the parameters that stand in the stored hash.
fn verify_now(password: &str, stored: &str) -> Result<bool, PasswordError> {
    let stored = PasswordHash::new(stored).map_err(failed)?;
    match argon2()?.verify_password(password.as_bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::Password) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

fn failed(error: impl ToString) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "lantern-orbit-vinegar-71";

    #[tokio::test]
    async fn a_password_matches_its_own_hash_alone() {
        let stored = hash(GOOD.into(), vec![]).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!stored.contains(GOOD));
        assert_eq!(matches(GOOD.into(), Some(stored.clone())).await, Ok(true));
        assert_eq!(matches("lantern-orbit-vinegar-72".into(), Some(stored.clone())).await, Ok(false));
        assert_ne!(stored, hash(GOOD.into(), vec![]).await.unwrap(), "the salt is random");
    }

    #[tokio::test]
    async fn an_unknown_address_costs_the_same_work_and_never_matches() {
        let nobody = PasswordHash::new(NOBODYS_HASH).unwrap();
        let params = Params::try_from(&nobody).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (MEMORY_KIB, PASSES, LANES));
        assert_eq!(matches(GOOD.into(), None).await, Ok(false));
    }

    #[tokio::test]
    async fn what_is_easily_guessed_is_refused_with_advice() {
        for password in ["", "password", "qwertyuiop", "Acme2026", "aaaaaaaaaaaaaaaa"] {
            let refusal = hash(password.into(), vec!["Acme".to_owned()]).await.unwrap_err();
            assert!(matches!(&refusal, PasswordError::TooWeak(advice) if !advice.is_empty()), "{password}: {refusal}");
        }
    }

    #[tokio::test]
    async fn a_password_has_an_end() {
        assert_eq!(hash("é".repeat(257).into(), vec![]).await, Err(PasswordError::TooLong));
        assert_eq!(matches("é".repeat(257).into(), None).await, Ok(false));
        assert!(hash("horse battery ".repeat(18).into(), vec![]).await.is_ok());
    }
}
