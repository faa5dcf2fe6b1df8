//! What a client shows to prove who it is: signed access tokens, opaque refresh tokens and API keys. No database here.
//!
//! Opaque secrets are 256 random bits, so a plain SHA-256 is enough to keep them by: nobody can guess their way back.
//! Lifetimes run in real time. The product's clock may be moved days ahead, and must not log anybody out.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::roles::{OrgKind, Role};
use crate::{
    keys::{KeyError, Keys, random_token},
    types::{MemberId, OrgId},
};

pub const ACCESS_LIFETIME: TimeDelta = TimeDelta::minutes(15);
pub const REFRESH_LIFETIME: TimeDelta = TimeDelta::days(30);
/// What API keys start with, so that people and secret scanners recognise one.
pub const API_KEY_PREFIX: &str = "ent_";

const ISSUER: &str = "entente";
const SECRET_BYTES: usize = 32;
const HINT_CHARS: usize = 4;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub sub: MemberId,
    pub name: String,
    pub org: OrgId,
    pub kind: OrgKind,
    pub role: Role,
    /// The session: the family of refresh tokens this access token came from.
    pub sid: Uuid,
    /// When the person last showed who they are; 0 in tokens from before it was said (OpenID Connect Core 1.0 § 2).
    #[serde(default)]
    pub auth_time: i64,
    /// Seconds since 1970, as all of JWT.
    pub iat: i64,
    pub exp: i64,
}

impl Claims {
    /// Claims about a member who has just shown who they are, good for [`ACCESS_LIFETIME`] from `now`.
    #[must_use]
    pub fn new(member: MemberId, name: &str, org: OrgId, kind: OrgKind, role: Role, sid: Uuid, now: DateTime<Utc>) -> Self {
        let (iat, exp) = (now.timestamp(), (now + ACCESS_LIFETIME).timestamp());
        Self { iss: ISSUER.to_owned(), sub: member, name: name.to_owned(), org, kind, role, sid, auth_time: iat, iat, exp }
    }
}

/// Why an access token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the access token has expired: use the refresh token")]
    Expired,
    #[error("the access token is none of ours")]
    Bogus,
}

/// # Errors
/// The signing key fails, which it does for no claims in particular.
pub fn sign(keys: &Keys, claims: &Claims) -> Result<String, jsonwebtoken::errors::Error> {
    jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &keys.token_signer)
}

/// What a token says, if we signed it and it has not expired by `now`.
///
/// # Errors
/// See [`TokenError`].
pub fn verify(keys: &Keys, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
    let digest = Sha256::digest(token.as_bytes()).into();
    let claims = if keys.remembers_signature(&digest) {
        claims_of(token).ok_or(TokenError::Bogus)?
    } else {
        let claims = verify_signature(keys, token)?;
        keys.remember_signature(digest);
        claims
    };
    if claims.exp <= now.timestamp() { Err(TokenError::Expired) } else { Ok(claims) }
}

fn verify_signature(keys: &Keys, token: &str) -> Result<Claims, TokenError> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "iss", "sub"]);
    validation.validate_exp = false;
    Ok(jsonwebtoken::decode(token, &keys.token_verifier, &validation).map_err(|_| TokenError::Bogus)?.claims)
}

/// What a token says whose signature was verified before.
fn claims_of(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// A secret that is shown once and kept as its hash.
pub struct Secret {
    pub text: String,
    pub hash: Vec<u8>,
}

impl Secret {
    /// # Errors
    /// The system gave no randomness.
    pub fn refresh_token() -> Result<Self, KeyError> {
        random_token(SECRET_BYTES).map(Self::of)
    }

    /// # Errors
    /// The system gave no randomness.
    pub fn api_key() -> Result<Self, KeyError> {
        random_token(SECRET_BYTES).map(|random| Self::of(format!("{API_KEY_PREFIX}{random}")))
    }

    fn of(text: String) -> Self {
        Self { hash: hash(&text), text }
    }

    /// The last characters, by which a person tells keys apart.
    #[must_use]
    pub fn hint(&self) -> String {
        let skipped = self.text.chars().count().saturating_sub(HINT_CHARS);
        self.text.chars().skip(skipped).collect()
    }
}

/// What is stored of a secret.
#[must_use]
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn keys(secret: &str) -> Keys {
        Keys::load(Some(&secret.repeat(32).into()), Path::new("unused")).unwrap()
    }

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn claims() -> Claims {
        Claims::new(
            MemberId::fresh(),
            "Ana Ruiz",
            OrgId::fresh(),
            OrgKind::Creditor,
            Role::Sales,
            crate::types::fresh_uuid(),
            noon(),
        )
    }

    #[test]
    fn a_token_reads_back_as_signed_until_it_expires() {
        let (keys, claims) = (keys("ab"), claims());
        let token = sign(&keys, &claims).unwrap();
        assert_eq!(verify(&keys, &token, noon()), Ok(claims.clone()));
        assert_eq!(verify(&keys, &token, noon() + ACCESS_LIFETIME - TimeDelta::seconds(1)), Ok(claims));
        assert_eq!(verify(&keys, &token, noon() + ACCESS_LIFETIME), Err(TokenError::Expired));
    }

    #[test]
    fn a_remembered_signature_vouches_for_its_own_token_alone() {
        let (keys, token) = (keys("ab"), sign(&keys("ab"), &claims()).unwrap());
        assert!(verify(&keys, &token, noon()).is_ok() && verify(&keys, &token, noon()).is_ok());
        assert_eq!(verify(&keys, &token, noon() + ACCESS_LIFETIME), Err(TokenError::Expired));
        let admin = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&Claims { role: Role::Admin, ..claims() }).unwrap());
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(verify(&keys, &format!("{}.{admin}.{}", parts[0], parts[2]), noon()), Err(TokenError::Bogus));
    }

    #[test]
    fn a_token_signed_by_others_is_bogus() {
        let token = sign(&keys("cd"), &claims()).unwrap();
        assert_eq!(verify(&keys("ab"), &token, noon()), Err(TokenError::Bogus));
        assert_eq!(verify(&keys("ab"), "ey.ey.ey", noon()), Err(TokenError::Bogus));
    }

    #[test]
    fn changed_claims_and_a_token_without_signature_are_bogus() {
        let keys = keys("ab");
        let token = sign(&keys, &claims()).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let admin = Claims { role: Role::Admin, ..claims() };
        let forged = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&admin).unwrap());
        let unsigned = BASE64_URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
        for token in [
            format!("{}.{forged}.{}", parts[0], parts[2]),
            format!("{unsigned}.{forged}."),
            format!("{unsigned}.{}.{}", parts[1], parts[2]),
        ] {
            assert_eq!(verify(&keys, &token, noon()), Err(TokenError::Bogus), "{token}");
        }
    }

    #[test]
    fn a_token_of_another_issuer_is_bogus() {
        let keys = keys("ab");
        let token = sign(&keys, &Claims { iss: "elsewhere".to_owned(), ..claims() }).unwrap();
        assert_eq!(verify(&keys, &token, noon()), Err(TokenError::Bogus));
    }

    #[test]
    fn secrets_differ_and_only_their_hash_is_kept() {
        let (one, other) = (Secret::api_key().unwrap(), Secret::api_key().unwrap());
        assert_ne!(one.text, other.text);
        assert!(one.text.starts_with(API_KEY_PREFIX) && one.text.ends_with(&one.hint()));
        assert_eq!((one.hash.len(), &one.hash), (32, &hash(&one.text)));
    }
}
