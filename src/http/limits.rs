//! How many requests a credential may send, and an address that shows none: told on every answer, refused with 429 beyond.
//!
//! Counted in memory by each process (the generic cell rate algorithm): one look-up in a sharded map per request. Only a
//! proven credential has a count of its own; who makes credentials up is counted by address, so that guessing buys nothing.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering},
};

use actix_web::{
    HttpMessage, HttpRequest,
    http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
    web,
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};
use uuid::Uuid;

use super::problem::{Code, Problem};
use crate::app::App;

const MINUTE_SECONDS: u64 = 60;
/// After so many requests, counts that are full again are forgotten.
const FORGET_AFTER: u64 = 1 << 16;

/// The counts of this process.
pub struct Limits {
    credentials: Option<Limiter<Uuid>>,
    addresses: Option<Limiter<IpAddr>>,
    behind_proxy: bool,
}

struct Limiter<K: Hash + Eq + Clone> {
    name: &'static str,
    per_minute: u32,
    policy: HeaderValue,
    counts: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    asked: AtomicU64,
}

/// How a count stands after a request, for its answer.
struct Standing {
    policy: HeaderValue,
    left: HeaderValue,
}

impl Limits {
    #[must_use]
    pub fn of(app: &App) -> Self {
        let settings = &app.settings.limits;
        Self {
            credentials: Limiter::new("credential", settings.credential_per_minute),
            addresses: Limiter::new("address", settings.address_per_minute),
            behind_proxy: settings.behind_proxy,
        }
    }
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// 0: no limit.
    fn new(name: &'static str, per_minute: u32) -> Option<Self> {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute)?);
        let policy = HeaderValue::try_from(format!("\"{name}\";q={per_minute};w={MINUTE_SECONDS}")).ok()?;
        let counts = RateLimiter::dashmap(quota).with_middleware();
        Some(Self { name, per_minute, policy, counts, asked: AtomicU64::new(0) })
    }

    fn charge(&self, request: &HttpRequest, key: &K) -> Result<(), Problem> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_AFTER == FORGET_AFTER - 1 {
            self.counts.retain_recent();
        }
        match self.counts.check_key(key) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                let spent = u64::from(self.per_minute.saturating_sub(left));
                self.tell(request, left, (spent * MINUTE_SECONDS).div_ceil(u64::from(self.per_minute)));
                Ok(())
            }
            Err(refused) => {
                let wait_seconds = refused.wait_time_from(self.counts.clock().now()).as_secs() + 1;
                self.tell(request, 0, wait_seconds);
                let detail = format!("more than {} requests a minute by this {}: slow down", self.per_minute, self.name);
                Err(Problem::new(Code::TooManyRequests).detail(detail).retry_after(wait_seconds))
            }
        }
    }

    fn tell(&self, request: &HttpRequest, left: u32, reset_seconds: u64) {
        if let Ok(left) = HeaderValue::try_from(format!("\"{}\";r={left};t={reset_seconds}", self.name)) {
            request.extensions_mut().insert(Standing { policy: self.policy.clone(), left });
        }
    }
}

fn limits(request: &HttpRequest) -> Option<&Limits> {
    request.app_data::<web::Data<Limits>>().map(|limits| &***limits)
}

/// Counts a request by whoever proved to send it.
///
/// # Errors
/// Too many in the last minute.
pub fn charge_credential(request: &HttpRequest, credential: Uuid) -> Result<(), Problem> {
    limits(request).and_then(|limits| limits.credentials.as_ref()).map_or(Ok(()), |limiter| limiter.charge(request, &credential))
}

/// Counts a request by where it comes from.
///
/// # Errors
/// Too many in the last minute.
pub fn charge_address(request: &HttpRequest) -> Result<(), Problem> {
    let limiter = limits(request).and_then(|limits| limits.addresses.as_ref());
    let (Some(limiter), Some(address)) = (limiter, client_address(request)) else { return Ok(()) };
    limiter.charge(request, &network(address))
}

/// Counts what shows no credential: the API without a header, the debtor's page, and the portals' log-in.
pub(super) fn admit(request: &HttpRequest) -> Result<(), Problem> {
    let path = request.path();
    let is_counted = path.starts_with("/d/")
        || path == "/portal/log-in"
        || (path.starts_with("/api/v1/") && !request.headers().contains_key(AUTHORIZATION));
    if is_counted { charge_address(request) } else { Ok(()) }
}

/// The fields of draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` (quota and window) and `RateLimit` (what is left,
/// and the seconds until all of it is back).
pub(super) fn announce(request: &HttpRequest, headers: &mut HeaderMap) {
    if let Some(standing) = request.extensions_mut().remove::<Standing>() {
        headers.insert(HeaderName::from_static("ratelimit-policy"), standing.policy);
        headers.insert(HeaderName::from_static("ratelimit"), standing.left);
    }
}

/// Where a request comes from: the connection's other end, or what the proxy in front says of it, if there is one.
#[must_use]
pub fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    if limits(request).is_some_and(|limits| limits.behind_proxy) {
        let said = request.headers().get_all("X-Forwarded-For").last()?.to_str().ok()?;
        return said.rsplit(',').next()?.trim().parse().ok();
    }
    request.peer_addr().map(|peer| peer.ip())
}

/// One customer has a whole /64 of IPv6 at least: its addresses count as one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_customer_count_as_one() {
        let same = [("2001:db8::1", "2001:db8::2"), ("::ffff:10.0.0.1", "10.0.0.1")];
        for (one, other) in same {
            assert_eq!(network(one.parse().unwrap()), network(other.parse().unwrap()));
        }
        assert_ne!(network("10.0.0.1".parse().unwrap()), network("10.0.0.2".parse().unwrap()));
        assert_ne!(network("2001:db8::1".parse().unwrap()), network("2001:db8:0:1::1".parse().unwrap()));
    }

    #[test]
    fn nothing_is_counted_without_a_limit() {
        assert!(Limiter::<Uuid>::new("credential", 0).is_none());
    }
}
