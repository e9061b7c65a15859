//! Whether the server is alive, and for superusers how it sees its clients.

use serde_json::json;

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::app::{Shape, backups};
use crate::base::error::Result;
use crate::base::text;

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
    let real_ip = call.ctx.request.ip.map(text::address).unwrap_or_default();
    let body = json!({
        "message": "API is healthy.",
        "code": 200,
        "data": { "canBackup": backups::is_idle(&call.app), "realIP": real_ip, "possibleProxyHeader": proxy_header },
    });
    Ok(answer::json(shape.apply(body.to_string().into_bytes())?))
}
