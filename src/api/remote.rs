//! Who is at the other end, when proxies stand between.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::settings::TrustedProxy;

/// The client's address: what the first trusted header with an address says, else the peer's own.
///
/// Security: headers count only when the operator named them; anyone can send them otherwise.
pub(super) fn real_ip(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    trusted: &TrustedProxy,
) -> Option<IpAddr> {
    let told = trusted.headers.iter().find_map(|name| {
        // Of several lines the last is the one the nearest proxy wrote.
        let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
        let mut addresses = line.split(',').filter_map(address);
        if trusted.use_leftmost_ip {
            addresses.next()
        } else {
            addresses.next_back()
        }
    });
    told.or(peer)
}

/// An address of a list; the zone of an IPv6 address means something to the proxy's machine alone.
fn address(part: &str) -> Option<IpAddr> {
    let part = part.trim();
    match part.split_once('%') {
        Some((_, "")) => None,
        Some((address, _)) => address.parse().ok().map(IpAddr::V6),
        None => part.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::real_ip;
    use crate::settings::TrustedProxy;
    use axum::http::{HeaderMap, HeaderValue};

    #[track_caller]
    fn check(trusted: &[&str], use_leftmost_ip: bool, expect: &str) {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("9.9.9.9"));
        headers.append(
            "x-forwarded-for",
            HeaderValue::from_static("1.1.1.1, 2.2.2.2, unknown"),
        );
        headers.append("x-zone", HeaderValue::from_static("fe80::1%eth0"));
        headers.append("x-bad-zone", HeaderValue::from_static("10.0.0.1%eth0"));
        headers.append("x-bad", HeaderValue::from_static("nonsense"));
        let trusted = TrustedProxy {
            headers: trusted.iter().map(|name| (*name).to_owned()).collect(),
            use_leftmost_ip,
        };
        let peer = Some("127.0.0.1".parse().unwrap());
        let shown = real_ip(peer, &headers, &trusted).map(|ip| ip.to_string());
        assert_eq!(shown.unwrap_or_default(), expect);
    }

    #[test]
    fn only_trusted_headers_name_the_client() {
        check(&[], false, "127.0.0.1");
        check(&["X-Forwarded-For"], false, "2.2.2.2");
        check(&["X-Forwarded-For"], true, "1.1.1.1");
        check(&["X-Bad", "x-forwarded-for"], false, "2.2.2.2");
        check(&["X-Zone"], false, "fe80::1");
        check(&["X-Bad-Zone"], false, "127.0.0.1");
        check(&["X-Bad", "X-Missing", "", "b\u{e4}d"], false, "127.0.0.1");
    }
}
