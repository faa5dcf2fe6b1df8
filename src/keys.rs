//! Everything secret comes from one master secret: the keys that sign access tokens, make debtor links, seal offers, and
//! stand behind the keys of files at rest.
//!
//! No secret may ever be shown in a log, a page or an error: the types here have no `Debug` that prints them.

use std::{
    collections::HashSet,
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Mutex, PoisonError},
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    constant_time::verify_slices_are_equal,
    hmac,
    rand::{SecureRandom, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::types::{AccountChangeId, CaseId, MemberId, OfferId};

const SECRET_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
const AUTHENTICATOR_BYTES: usize = 20;
/// Time enough to find the telephone.
const CHALLENGE_LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// PKCS #8 wrapping of a bare Ed25519 seed (RFC 8410 §7).
const PKCS8_ED25519_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the secret must be 64 hexadecimal digits (ENTENTE_SECRET or var/secret)")]
    Malformed,
    #[error("the secret's file {path} cannot be read or made: {source}")]
    File { path: String, source: std::io::Error },
    #[error("the system gave no randomness")]
    NoRandomness,
    #[error("a file could not be sealed")]
    Sealing,
    #[error("this seal is not one of ours, or not of this offer")]
    BrokenSeal,
}

/// Keys derived from the master secret.
pub struct Keys {
    pub token_signer: EncodingKey,
    pub token_verifier: DecodingKey,
    links: hmac::Key,
    password_links: hmac::Key,
    authenticators: hmac::Key,
    challenges: hmac::Key,
    account_codes: hmac::Key,
    webhooks: hmac::Key,
    files: hmac::Key,
    /// SHA-256 of access tokens whose signature was found to be ours: it need not be computed again at every request.
    signed: Mutex<HashSet<[u8; 32]>>,
    seals: LessSafeKey,
}

/// Beyond so many remembered signatures all are forgotten: bounded memory, and no order to keep.
const REMEMBERED_SIGNATURES: usize = 10_000;

impl Keys {
    /// From the given secret, or from `var/secret`, which is made (mode 0600) the first time.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn load(given: Option<&SecretString>, var: &Path) -> Result<Self, KeyError> {
        let text = match given {
            Some(secret) => secret.expose_secret().to_owned(),
            None => stored_or_fresh(&var.join("secret"))?,
        };
        let master = hex::decode(text.trim()).map_err(|_| KeyError::Malformed)?;
        if master.len() != SECRET_BYTES {
            return Err(KeyError::Malformed);
        }
        let master = hmac::Key::new(hmac::HMAC_SHA256, &master);
        let derive = |label: &str| hmac::sign(&master, label.as_bytes()).as_ref().to_vec();
        let seed = derive("access tokens");
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyError::Malformed)?;
        Ok(Self {
            token_signer: EncodingKey::from_ed_der(&[PKCS8_ED25519_PREFIX.as_slice(), &seed].concat()),
            token_verifier: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            links: hmac::Key::new(hmac::HMAC_SHA256, &derive("debtor links")),
            password_links: hmac::Key::new(hmac::HMAC_SHA256, &derive("password links")),
            authenticators: hmac::Key::new(hmac::HMAC_SHA256, &derive("authenticators")),
            challenges: hmac::Key::new(hmac::HMAC_SHA256, &derive("log-in challenges")),
            account_codes: hmac::Key::new(hmac::HMAC_SHA256, &derive("account codes")),
            webhooks: hmac::Key::new(hmac::HMAC_SHA256, &derive("webhooks")),
            files: hmac::Key::new(hmac::HMAC_SHA256, &derive("files")),
            signed: Mutex::default(),
            seals: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &derive("sealed offers")).map_err(|_| KeyError::Malformed)?),
        })
    }

    /// The key of one file at rest, which belongs to its salt alone.
    ///
    /// # Errors
    /// The cipher refuses the key.
    pub fn file_key(&self, salt: &[u8]) -> Result<LessSafeKey, KeyError> {
        let derived = hmac::sign(&self.files, salt);
        let key = UnboundKey::new(&AES_256_GCM, derived.as_ref()).map_err(|_| KeyError::Sealing)?;
        Ok(LessSafeKey::new(key))
    }

    /// Whether the signature of the token with this SHA-256 was verified before. Says nothing of its expiry.
    #[must_use]
    pub fn remembers_signature(&self, token: &[u8; 32]) -> bool {
        self.signed.lock().unwrap_or_else(PoisonError::into_inner).contains(token)
    }

    /// To be called for verified tokens alone.
    pub fn remember_signature(&self, token: [u8; 32]) {
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if signed.len() >= REMEMBERED_SIGNATURES {
            signed.clear();
        }
        signed.insert(token);
    }

    /// The unguessable part of a debtor's link: the case and a 128-bit tag that only we can make.
    #[must_use]
    pub fn debtor_token(&self, case: CaseId) -> String {
        tagged(&self.links, case.0)
    }

    /// The unguessable part of a link by which a password is set.
    #[must_use]
    pub fn password_token(&self, link: Uuid) -> String {
        tagged(&self.password_links, link)
    }

    /// The link that a token is of; `None` for anything we did not make.
    #[must_use]
    pub fn password_link(&self, token: &str) -> Option<Uuid> {
        untagged(&self.password_links, token)
    }

    /// The secret that the authenticator with this id shares with us (RFC 6238: 160 bits).
    #[must_use]
    pub fn authenticator_secret(&self, id: Uuid) -> Vec<u8> {
        hmac::sign(&self.authenticators, id.as_bytes()).as_ref().iter().copied().take(AUTHENTICATOR_BYTES).collect()
    }

    /// That a member gave the right password at `now`, to be shown again with the code of the second factor.
    #[must_use]
    pub fn log_in_challenge(&self, member: MemberId, now: DateTime<Utc>) -> String {
        let until = (now + CHALLENGE_LIFETIME).timestamp();
        let said = [member.0.as_bytes().as_slice(), &until.to_be_bytes()].concat();
        let tag = hmac::sign(&self.challenges, &said);
        BASE64_URL_SAFE_NO_PAD.encode([said.as_slice(), tag.as_ref()].concat())
    }

    /// Whose challenge this is, while it serves.
    #[must_use]
    pub fn challenged(&self, challenge: &str, now: DateTime<Utc>) -> Option<MemberId> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(challenge).ok()?;
        let (said, tag) = bytes.split_at_checked(24)?;
        hmac::verify(&self.challenges, said, tag).ok()?;
        let (member, until) = said.split_at_checked(16)?;
        let until = i64::from_be_bytes(until.try_into().ok()?);
        (now.timestamp() < until).then(|| Uuid::from_slice(member).map(MemberId)).and_then(Result::ok)
    }

    /// Puts the terms of an offer under seal: a fresh nonce, then the cipher and its tag, bound to the offer's id.
    ///
    /// # Errors
    /// The system gave no randomness.
    pub fn seal(&self, offer: OfferId, terms: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0_u8; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| KeyError::NoRandomness)?;
        let mut cipher = terms.to_vec();
        let bound = Aad::from(offer.0.as_bytes());
        self.seals
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut cipher)
            .map_err(|_| KeyError::NoRandomness)?;
        Ok([nonce.as_slice(), &cipher].concat())
    }

    /// Opens a seal.
    ///
    /// # Errors
    /// It was not made by us for this offer.
    pub fn open(&self, offer: OfferId, sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
        let (nonce, cipher) = sealed.split_at_checked(NONCE_LEN).ok_or(KeyError::BrokenSeal)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeyError::BrokenSeal)?;
        let mut cipher = cipher.to_vec();
        let bound = Aad::from(offer.0.as_bytes());
        Ok(self.seals.open_in_place(nonce, bound, &mut cipher).map_err(|_| KeyError::BrokenSeal)?.to_vec())
    }

    /// The secret that the webhook with this id shares with us, as Standard Webhooks write it.
    #[must_use]
    pub fn webhook_secret(&self, id: Uuid) -> String {
        format!("whsec_{}", BASE64_STANDARD.encode(hmac::sign(&self.webhooks, id.as_bytes())))
    }

    /// The code that confirms a change of account: eight digits that only we can make, and that are kept nowhere.
    #[must_use]
    pub fn account_code(&self, change: AccountChangeId) -> String {
        let tag = hmac::sign(&self.account_codes, change.0.as_bytes());
        let number = tag.as_ref().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{:08}", number % 100_000_000)
    }

    /// Whether it is that code, in a time that tells nothing.
    #[must_use]
    pub fn is_account_code(&self, change: AccountChangeId, code: &str) -> bool {
        verify_slices_are_equal(self.account_code(change).as_bytes(), code.as_bytes()).is_ok()
    }

    /// The case a debtor's link opens; `None` for anything we did not make.
    #[must_use]
    pub fn debtor_case(&self, token: &str) -> Option<CaseId> {
        untagged(&self.links, token).map(CaseId)
    }
}

/// An id and a 128-bit tag that only the key's owner can make.
fn tagged(key: &hmac::Key, id: Uuid) -> String {
    let tag = hmac::sign(key, id.as_bytes());
    let half = tag.as_ref().get(..TAG_BYTES).unwrap_or_default();
    BASE64_URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), half].concat())
}

fn untagged(key: &hmac::Key, token: &str) -> Option<Uuid> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, tag) = bytes.split_at_checked(16)?;
    let expected = hmac::sign(key, id);
    verify_slices_are_equal(expected.as_ref().get(..TAG_BYTES)?, tag).ok()?;
    Uuid::from_slice(id).ok()
}

/// `bytes` random bytes in URL-safe base64: refresh tokens, API keys.
///
/// # Errors
/// The system gave no randomness.
pub fn random_token(bytes: usize) -> Result<String, KeyError> {
    let mut buffer = vec![0_u8; bytes];
    SystemRandom::new().fill(&mut buffer).map_err(|_| KeyError::NoRandomness)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(buffer))
}

fn stored_or_fresh(path: &Path) -> Result<String, KeyError> {
    let failed = |source| KeyError::File { path: path.display().to_string(), source };
    match fs::read_to_string(path) {
        Ok(text) => return Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut secret = [0_u8; SECRET_BYTES];
    SystemRandom::new().fill(&mut secret).map_err(|_| KeyError::NoRandomness)?;
    let text = hex::encode(secret);
    // Written aside and linked into place: two processes starting at once agree on one secret.
    let aside = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside).map_err(failed)?;
    match linked {
        Ok(()) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => fs::read_to_string(path).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(secret: &str) -> Keys {
        Keys::load(Some(&secret.repeat(32).into()), Path::new("unused")).unwrap()
    }

    #[test]
    fn a_seal_opens_for_its_offer_under_its_key_and_tells_nothing() {
        let offer = OfferId::fresh();
        let sealed = keys("ab").seal(offer, b"12 percent").unwrap();
        assert_eq!(keys("ab").open(offer, &sealed).unwrap(), b"12 percent");
        assert!(!sealed.windows(7).any(|part| part == b"percent"));
        assert_ne!(keys("ab").seal(offer, b"12 percent").unwrap(), sealed);
        let mut bent = sealed.clone();
        bent[20] ^= 1;
        for (keys, offer, sealed) in [
            (keys("cd"), offer, sealed.as_slice()),
            (keys("ab"), OfferId::fresh(), sealed.as_slice()),
            (keys("ab"), offer, bent.as_slice()),
            (keys("ab"), offer, &sealed[..9]),
        ] {
            assert!(matches!(keys.open(offer, sealed), Err(KeyError::BrokenSeal)));
        }
    }

    #[test]
    fn a_challenge_serves_its_member_for_five_minutes() {
        let (member, now) = (MemberId::fresh(), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let challenge = keys("ab").log_in_challenge(member, now);
        assert_eq!(keys("ab").challenged(&challenge, now + TimeDelta::seconds(299)), Some(member));
        assert_eq!(keys("ab").challenged(&challenge, now + CHALLENGE_LIFETIME), None);
        assert_eq!(keys("cd").challenged(&challenge, now), None);
        for bent in [format!("A{challenge}"), challenge[4..].to_owned(), String::new()] {
            assert_eq!(keys("ab").challenged(&bent, now), None);
        }
    }

    #[test]
    fn a_debtor_link_opens_its_case_and_no_other() {
        let case = CaseId::fresh();
        let token = keys("ab").debtor_token(case);
        assert_eq!(keys("ab").debtor_case(&token), Some(case));
        assert_eq!(keys("cd").debtor_case(&token), None);
        let (most, last) = token.split_at(token.len() - 1);
        let bent = format!("{most}{}", if last == "A" { "Q" } else { "A" });
        assert_eq!(keys("ab").debtor_case(&bent), None);
        assert_eq!(keys("ab").debtor_case("nonsense"), None);
        assert_eq!(keys("ab").password_link(&token), None, "a debtor's link sets no password");
        assert_eq!(keys("ab").password_link(&keys("ab").password_token(case.0)), Some(case.0));
    }
}
