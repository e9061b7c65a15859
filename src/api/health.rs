//! Whether the server is alive, and for superusers how it sees its clients.

use std::net::IpAddr;

use serde_json::json;

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::app::{Shape, backups};
use crate::base::error::Result;

/// Headers in which proxies commonly name the client, most specific first.
const PROXY_HEADERS: [&str; 3] = ["CF-Connecting-IP", "Fly-Client-IP", "X-Forwarded-For"];

/// `GET /api/health`
pub(super) fn check(call: &Call) -> Result<Response> {
    let shape = Shape::of(&call.ctx)?;
    if !call.ctx.is_superuser() {
        let body: &[u8] = br#"{"message":"API is healthy.","code":200,"data":{}}"#;
        return Ok(answer::json(shape.apply(body.to_vec())?));
    }
    let settings = call.app.settings();
    let proxy_header = settings
        .trusted_proxy
        .headers
        .iter()
        .map(String::as_str)
        .chain(PROXY_HEADERS)
        .find(|name| {
            let value = call.headers.get(*name);
            value.is_some_and(|value| !value.is_empty())
        })
        .unwrap_or_default();
    let real_ip = call.ctx.request.ip.map(written).unwrap_or_default();
    let body = json!({
        "message": "API is healthy.",
        "code": 200,
        "data": { "canBackup": backups::is_idle(&call.app), "realIP": real_ip, "possibleProxyHeader": proxy_header },
    });
    Ok(answer::json(shape.apply(body.to_string().into_bytes())?))
}

/// An address as the contract writes it: IPv6 with all its digits.
fn written(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let groups = v6.segments().map(|group| format!("{group:04x}"));
            groups.join(":")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn addresses_are_written_in_full() {
        for (ip, expect) in [
            ("1.2.3.4", "1.2.3.4"),
            ("2001:db8::5", "2001:0db8:0000:0000:0000:0000:0000:0005"),
            ("::ffff:1.2.3.4", "0000:0000:0000:0000:0000:ffff:0102:0304"),
        ] {
            assert_eq!(written(ip.parse().unwrap()), expect);
        }
    }
}
