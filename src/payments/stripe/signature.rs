//! That a webhook is Stripe's own: `Stripe-Signature: t=…,v1=…`, HMAC-SHA256 over the time, a point and the body
//! (docs.stripe.com/webhooks#verify-manually). Several `v1` may stand there while a secret is being exchanged.

use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};

/// As far as a webhook's time may be from ours: older ones may be recordings.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// Why a webhook is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    #[error("there is no Stripe-Signature of the form t=…,v1=…")]
    Missing,
    #[error("the signature is not one of ours")]
    Wrong,
    #[error("the signature is more than five minutes from our time")]
    Stale,
}

/// # Errors
/// See [`NotSigned`].
pub fn verify(secret: &SecretString, header: &str, body: &[u8], now: DateTime<Utc>) -> Result<(), NotSigned> {
    let values = |wanted: &str| {
        let pairs = header.split(',').filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned()).collect::<Vec<_>>()
    };
    let time = values("t").into_iter().next().ok_or(NotSigned::Missing)?;
    let at = time.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).ok_or(NotSigned::Missing)?;
    let given = values("v1");
    if given.is_empty() {
        return Err(NotSigned::Missing);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let signed = [time.as_bytes(), b".", body].concat();
    let is_ours = |given: &String| hex::decode(given).is_ok_and(|given| hmac::verify(&key, &signed, &given).is_ok());
    match (given.iter().any(is_ours), now.signed_duration_since(at).abs() <= TOLERANCE) {
        (true, true) => Ok(()),
        (true, false) => Err(NotSigned::Stale),
        (false, _) => Err(NotSigned::Wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reckoned apart from this program: `printf '%s' '1793610000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test`.
    const SIGNATURE: &str = "3296262bfaa51a099fe1e42be69dbbc93941e2c5f785efc82e308bcf764937e1";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_webhook_is_taken_fresh_whole_and_signed() {
        let verify =
            |header: &str, body: &str, now| super::verify(&"whsec_test".to_owned().into(), header, body.as_bytes(), at(now));
        let header = format!("t=1793610000,v1={SIGNATURE}");
        let body = r#"{"id":"evt_1"}"#;
        assert_eq!(verify(&header, body, 1_793_610_000), Ok(()));
        assert_eq!(verify(&header, body, 1_793_610_300), Ok(()));
        assert_eq!(verify(&format!("t=1793610000, v0=aa, v1=00, v1={SIGNATURE}"), body, 1_793_610_000), Ok(()));
        assert_eq!(verify(&header, body, 1_793_610_301), Err(NotSigned::Stale));
        assert_eq!(verify(&header, body, 1_793_609_699), Err(NotSigned::Stale));
        assert_eq!(verify(&header, r#"{"id":"evt_2"}"#, 1_793_610_000), Err(NotSigned::Wrong));
        assert_eq!(verify(&format!("t=1793610001,v1={SIGNATURE}"), body, 1_793_610_000), Err(NotSigned::Wrong));
        for header in ["", "t=1793610000", "v1=00", "t=soon,v1=00"] {
            assert_eq!(verify(header, body, 1_793_610_000), Err(NotSigned::Missing), "{header}");
        }
    }
}
