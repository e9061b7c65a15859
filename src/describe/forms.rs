//! What operations take that have no record for it: the members of their bodies and of their addresses.

use serde_json::{Map, Value as Json, json};

/// Members of bodies, by the end of the path: those that are needed, and others.
#[rustfmt::skip]
const BODIES: &[(&str, &[&str], &[&str])] = &[
    ("/auth-with-password", &["identity", "password"], &["identityField", "mfaId"]),
    ("/auth-with-otp", &["otpId", "password"], &["mfaId"]),
    ("/auth-with-oauth2", &["provider", "code", "redirectURL"], &["codeVerifier", "createData", "mfaId"]),
    ("/impersonate/{id}", &[], &["duration"]),
    ("/request-otp", &["email"], &[]),
    ("/request-verification", &["email"], &[]),
    ("/confirm-verification", &["token"], &[]),
    ("/request-password-reset", &["email"], &[]),
    ("/confirm-password-reset", &["token", "password", "passwordConfirm"], &[]),
    ("/request-email-change", &["newEmail"], &[]),
    ("/confirm-email-change", &["token", "password"], &[]),
];

/// What the paths have that answer with a token and the record.
const AUTHENTICATING: &[&str] = &["/auth-with-", "/auth-refresh", "/impersonate/"];

/// What an operation takes: the members that are known, or any object.
pub(super) fn body(path: &str) -> Json {
    if path == "/api/backups/upload" {
        let file = json!({"type": "string", "contentMediaType": "application/octet-stream"});
        let schema = json!({"type": "object", "required": ["file"], "properties": {"file": file}});
        return json!({"required": true, "content": {"multipart/form-data": {"schema": schema}}});
    }
    let known = BODIES.iter().find(|(end, ..)| path.ends_with(end));
    let schema = match known {
        None => json!({"type": "object"}),
        Some((_, needed, others)) => {
            let member = |name: &&str| ((*name).to_owned(), typed(name));
            let all = needed.iter().chain(others.iter());
            let properties: Map<String, Json> = all.map(member).collect();
            json!({"type": "object", "required": needed, "properties": properties})
        }
    };
    json!({"content": {"application/json": {"schema": schema}}})
}

fn typed(name: &str) -> Json {
    match name {
        "duration" => json!({"type": "integer", "description": "Seconds the token is valid for"}),
        "createData" => {
            json!({"type": "object", "description": "Members of the record that a first sign-in makes"})
        }
        _ => json!({"type": "string"}),
    }
}

/// What is known about the JSON an operation answers.
pub(super) fn answer(path: &str) -> Json {
    if path.ends_with("/request-otp") {
        json!({"type": "object", "required": ["otpId"], "properties": {"otpId": {"type": "string"}}})
    } else {
        json!({})
    }
}

/// A reference to a parameter that several operations have.
pub(super) fn shared(name: &str) -> Json {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// What an operation takes in its address behind the path.
pub(super) fn query(method: &str, path: &str) -> Vec<Json> {
    let text = |name: &str, about: &str| json!({"name": name, "in": "query", "schema": {"type": "string"}, "description": about});
    let token = text("token", "A token for files, from `/api/files/token`");
    match (method, path) {
        ("get", "/api/files/{collection}/{record}/{filename}") => vec![
            text(
                "thumb",
                "A size, such as `100x100`: a thumbnail of a picture",
            ),
            text(
                "format",
                "With `thumb`: `webp` for a thumbnail in that format",
            ),
            text("download", "`1` has browsers save the file"),
            token,
        ],
        ("get", "/api/backups/{key}") => vec![token],
        ("get", "/api/logs" | "/api/collections") => {
            let names = ["page", "perPage", "sort", "filter", "skipTotal", "fields"];
            names.map(shared).into()
        }
        ("get", "/api/logs/stats") => vec![shared("filter")],
        ("post", _) if AUTHENTICATING.iter().any(|part| path.contains(part)) => {
            vec![shared("expand")]
        }
        _ => Vec::new(),
    }
}
