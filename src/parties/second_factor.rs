//! Second factors: six digits of an authenticator (RFC 6238) asked for after the password, and recovery codes for the day it is
//! lost.
//!
//! What may never happen here: a code that serves twice; a factor asked for that was never shown to work; a secret at rest. All of
//! it runs under `Scope::System`, in real time.

use chrono::{DateTime, Utc};
use totp_rs::{Builder, Totp};
use uuid::Uuid;

use super::{error::PartiesError, store::second_factors as store, tokens};
use crate::{
    db::Conn,
    keys::{Keys, random_token},
    types::{MemberId, fresh_uuid},
};

const ISSUER: &str = "Entente";
/// One code before and one after: clocks differ.
const SKEW: u16 = 1;
const RECOVERY_CODES: usize = 10;
/// 72 random bits: nobody guesses one, and twelve characters can be typed.
const RECOVERY_BYTES: usize = 9;

/// A factor on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    pub secret_id: Uuid,
    pub confirmed: bool,
}

/// What an authenticator is shown: an address for its camera, and the same secret to be typed.
#[derive(Debug, Clone)]
pub struct Enrolment {
    pub url: String,
    pub secret: String,
}

fn totp(keys: &Keys, secret_id: Uuid, account: &str) -> Result<Totp, PartiesError> {
    // The account stands in an address before a colon.
    let account: String = account.chars().filter(|c| *c != ':').collect();
    Builder::new()
        .with_secret(keys.authenticator_secret(secret_id))
        .with_skew(SKEW)
        .with_account_name(account)
        .with_issuer(Some(ISSUER))
        .build()
        .map_err(|error| PartiesError::Factor(error.to_string()))
}

/// Whether a code is asked for after the password.
///
/// # Errors
/// The database fails.
pub async fn is_asked_for(conn: &mut Conn<'_>, member: MemberId) -> Result<bool, PartiesError> {
    Ok(store::find(conn, member).await?.is_some_and(|factor| factor.confirmed))
}

/// Begins to set a factor up, anew where it was begun before.
///
/// # Errors
/// A factor is there already.
pub async fn begin(conn: &mut Conn<'_>, member: MemberId, now: DateTime<Utc>) -> Result<(), PartiesError> {
    if store::begin(conn, member, fresh_uuid(), now).await? { Ok(()) } else { Err(PartiesError::FactorThere) }
}

/// What to show the authenticator; none where nothing is being set up.
///
/// # Errors
/// The database fails.
pub async fn enrolment(
    conn: &mut Conn<'_>,
    keys: &Keys,
    (member, account): (MemberId, &str),
) -> Result<Option<Enrolment>, PartiesError> {
    let Some(factor) = store::find(conn, member).await?.filter(|factor| !factor.confirmed) else { return Ok(None) };
    let totp = totp(keys, factor.secret_id, account)?;
    let url = totp.to_url().map_err(|error| PartiesError::Factor(error.to_string()))?;
    Ok(Some(Enrolment { url, secret: totp.secret().to_base32() }))
}

/// The first code shows that the authenticator works: from now on one is asked for. Answers with the recovery codes, shown once.
///
/// # Errors
/// Nothing is being set up; the code is wrong.
pub async fn confirm(
    conn: &mut Conn<'_>,
    keys: &Keys,
    (member, account): (MemberId, &str),
    code: &str,
    now: DateTime<Utc>,
) -> Result<Vec<String>, PartiesError> {
    let factor = store::find(conn, member).await?.filter(|factor| !factor.confirmed).ok_or(PartiesError::NotFound)?;
    let step = step_of(&totp(keys, factor.secret_id, account)?, code, now).ok_or(PartiesError::WrongCode)?;
    store::confirm(conn, member, step, now).await?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = random_token(RECOVERY_BYTES)?;
        store::insert_recovery_code(conn, member, &tokens::hash(&code)).await?;
        codes.push(code);
    }
    Ok(codes)
}

/// Whether a code of the authenticator, or a recovery code, lets its member in: each serves once.
///
/// # Errors
/// The database fails.
pub async fn passes(
    conn: &mut Conn<'_>,
    keys: &Keys,
    (member, account): (MemberId, &str),
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool, PartiesError> {
    let Some(factor) = store::find(conn, member).await?.filter(|factor| factor.confirmed) else { return Ok(true) };
    match step_of(&totp(keys, factor.secret_id, account)?, code, now) {
        Some(step) => Ok(store::advance(conn, member, step).await?),
        None => Ok(store::use_recovery_code(conn, member, &tokens::hash(code.trim()), now).await?),
    }
}

/// Takes the factor away.
///
/// # Errors
/// The code is wrong.
pub async fn remove(
    conn: &mut Conn<'_>,
    keys: &Keys,
    whose: (MemberId, &str),
    code: &str,
    now: DateTime<Utc>,
) -> Result<(), PartiesError> {
    if !passes(conn, keys, whose, code, now).await? {
        return Err(PartiesError::WrongCode);
    }
    Ok(store::remove(conn, whose.0).await?)
}

fn step_of(totp: &Totp, code: &str, now: DateTime<Utc>) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp.check(&digits, u64::try_from(now.timestamp()).ok()?)?;
    i64::try_from(step).ok()
}
