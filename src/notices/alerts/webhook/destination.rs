//! Where a webhook may lead: to a host on the open internet. Pure.
//!
//! What may never happen here: a request by our own hand to a machine that only our network reaches (SSRF).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

const URL_MAX_CHARS: usize = 2_000;

/// An address that may be asked, as far as it can be told without asking anybody.
///
/// # Errors
/// What is wrong with it, for whoever wrote it.
pub fn read(text: &str, allow_private: bool) -> Result<Url, &'static str> {
    if text.chars().count() > URL_MAX_CHARS {
        return Err("an address has at most 2,000 characters");
    }
    let url = Url::parse(text.trim()).map_err(|_| "this is no address: write https:// and a host")?;
    let host = url.host().ok_or("this address names no host")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address holds no name and no password: calls are signed");
    }
    if allow_private {
        return Ok(url);
    }
    if url.scheme() != "https" {
        return Err("alerts travel under https:// alone");
    }
    let is_open = match host {
        Host::Domain(name) => !name.eq_ignore_ascii_case("localhost") && name.contains('.'),
        Host::Ipv4(address) => is_public(IpAddr::V4(address)),
        Host::Ipv6(address) => is_public(IpAddr::V6(address)),
    };
    if is_open { Ok(url) } else { Err("this host is not on the open internet") }
}

/// Whether anybody on the internet reaches this address.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// All but the blocks of RFC 6890 that stay inside, and those that nobody has.
const fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_shared = a == 100 && b & 0b1100_0000 == 64;
    let is_protocol = a == 192 && b == 0 && c == 0;
    let is_benchmark = a == 198 && b & 0b1111_1110 == 18;
    !(a == 0
        || a >= 240
        || is_shared
        || is_protocol
        || is_benchmark
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

/// Global unicast (2000::/3) alone, and of that nothing that carries an IPv4 address inside: 6to4, Teredo.
const fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_global = a & 0b1110_0000_0000_0000 == 0x2000;
    let is_documentation = a == 0x2001 && b == 0x0db8;
    let carries_v4 = a == 0x2002 || (a == 0x2001 && b == 0);
    is_global && !is_documentation && !carries_v4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_internet_is_asked() {
        for open in ["https://hooks.example.com/entente?x=1", "https://93.184.216.34/", "https://[2606:4700::1111]:8443/in"] {
            assert!(read(open, false).is_ok(), "{open}");
        }
        for closed in [
            "http://hooks.example.com/",
            "https://localhost/",
            "https://LOCALHOST:9/",
            "https://intranet/",
            "https://127.0.0.1/",
            "https://10.0.0.8/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://user:secret@hooks.example.com/",
            "ftp://hooks.example.com/",
            "hooks.example.com",
            "",
        ] {
            assert!(read(closed, false).is_err(), "{closed}");
        }
        assert!(read("http://127.0.0.1:9/", true).is_ok(), "where the operator lets its own network be asked");
    }
}
