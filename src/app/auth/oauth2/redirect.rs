//! Where a service sends its user back to: the code goes on to the window that waits for it over realtime.

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::auth::oauth2::NAMES;
use crate::base::json;
use crate::ctx::Ctx;

/// What the waiting window is subscribed to.
const TOPIC: &str = "@oauth2";

/// What came with the redirect.
#[derive(Debug, Default)]
pub struct Returned {
    /// The client id of the stream that waits.
    pub state: String,
    pub code: String,
    pub error: String,
    /// What Apple says about the user, the first time only: a JSON text.
    pub user: String,
}

/// Hands a code on to whoever waits for it. `false` when nobody does, or the service gave none.
///
/// The window must be open at the address the redirect comes from; otherwise anyone could bring their own code to it.
pub fn hand_on(app: &App, ctx: &Ctx, returned: &Returned) -> bool {
    let registry = app.realtime();
    let is_there = registry
        .client(&returned.state)
        .is_some_and(|client| client.ip() == ctx.request.ip);
    if !is_there || !registry.send(&returned.state, TOPIC, message(returned)) {
        return false;
    }
    // One redirect per subscription.
    registry.unsubscribe(&returned.state, TOPIC);
    if !returned.error.is_empty() || returned.code.is_empty() {
        return false;
    }
    let name = name(&returned.user);
    NAMES.put(&returned.code, &name, ctx.now);
    true
}

fn message(returned: &Returned) -> Vec<u8> {
    let mut message = b"{\"state\":".to_vec();
    json::write_string(&mut message, &returned.state);
    message.extend_from_slice(b",\"code\":");
    json::write_string(&mut message, &returned.code);
    if !returned.error.is_empty() {
        message.extend_from_slice(b",\"error\":");
        json::write_string(&mut message, &returned.error);
    }
    message.push(b'}');
    message
}

/// First and last name of Apple's user.
fn name(user: &str) -> String {
    let user = serde_json::from_str::<Map<String, Json>>(user).unwrap_or_default();
    let part = |name: &str| {
        let names = user.get("name").and_then(|names| names.get(name));
        names.and_then(Json::as_str).unwrap_or_default()
    };
    format!("{} {}", part("firstName"), part("lastName"))
        .trim()
        .to_owned()
}
