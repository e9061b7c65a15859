//! The errors scripts throw.

use rhai::{Dynamic, ImmutableString, Map, Module};
use serde_json::Value as Json;

use crate::base::text::sentence;
use crate::hooks::define::{documented, property};
use crate::hooks::fault::{Failure, FieldIssue, ScriptError, misuse};
use crate::hooks::values;

const KINDS: [(&str, u16, &str); 6] = [
    (
        "bad_request",
        400,
        "Something went wrong while processing your request.",
    ),
    ("unauthorized", 401, "Missing or invalid authentication."),
    (
        "forbidden",
        403,
        "You are not allowed to perform this request.",
    ),
    ("not_found", 404, "The requested resource wasn't found."),
    ("too_many_requests", 429, "Too Many Requests."),
    (
        "internal_error",
        500,
        "Something went wrong while processing your request.",
    ),
];

fn no_data() -> Json {
    Json::Object(serde_json::Map::new())
}

/// The entries of an error. An error that was caught may have none to hand on.
fn data_of(data: Dynamic) -> Result<Json, Failure> {
    if data.is_unit() {
        return Ok(no_data());
    }
    data.try_cast::<Map>()
        .map(data_of_map)
        .ok_or_else(|| misuse("The data of an error is a map."))
}

fn text_or<'a>(message: &'a ImmutableString, otherwise: &'a str) -> &'a str {
    if message.is_empty() {
        otherwise
    } else {
        message
    }
}

/// Everything to make and look at errors with.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    module.set_custom_type::<ScriptError>("ApiError");
    module.set_custom_type::<FieldIssue>("ValidationError");
    for (name, status, default) in KINDS {
        let doc = format!("An error that answers {status}: `throw {name}(\"…\")`.");
        let _ = documented(&format!("{name}() -> ApiError"), &doc)
            .set_into_module(&mut module, move || {
                ScriptError::new(status, default, no_data())
            });
        let _ = documented(&format!("{name}(message: string) -> ApiError"), &doc).set_into_module(
            &mut module,
            move |message: ImmutableString| {
                ScriptError::new(status, text_or(&message, default), no_data())
            },
        );
        let _ = documented(
            &format!("{name}(message: string, data: map) -> ApiError"),
            &doc,
        )
        .set_into_module(
            &mut module,
            move |message: ImmutableString, data: Dynamic| -> Result<ScriptError, Failure> {
                let data = data_of(data)?;
                Ok(ScriptError::new(status, text_or(&message, default), data))
            },
        );
    }
    let doc = "An error that answers any status from 400 on.";
    let _ = documented(
        "api_error(status: int, message: string, data: map) -> ApiError",
        doc,
    )
    .set_into_module(
        &mut module,
        |status: i64, message: ImmutableString, data: Dynamic| -> Result<ScriptError, Failure> {
            let status = u16::try_from(status)
                .ok()
                .filter(|status| (400..=599).contains(status))
                .unwrap_or(400);
            Ok(ScriptError::new(status, &message, data_of(data)?))
        },
    );
    let doc = "An entry of an error's data, by field name.";
    let _ = documented(
        "validation_error(code: string, message: string) -> ValidationError",
        doc,
    )
    .set_into_module(
        &mut module,
        |code: ImmutableString, message: ImmutableString| FieldIssue {
            code: code.to_string(),
            message: message.to_string(),
        },
    );
    property!(
        module,
        "status",
        "The status it answers.",
        |error: &mut ScriptError| { i64::from(error.status) }
    );
    property!(
        module,
        "message",
        "What the client reads.",
        |error: &mut ScriptError| { error.message.clone() }
    );
    property!(
        module,
        "data",
        "Entries by field.",
        |error: &mut ScriptError| -> Dynamic { values::from_json(&error.data) }
    );
    property!(
        module,
        "code",
        "The code of an entry.",
        |issue: &mut FieldIssue| issue.code.clone()
    );
    property!(
        module,
        "message",
        "The message of an entry.",
        |issue: &mut FieldIssue| { issue.message.clone() }
    );
    let _ = documented("to_string(error: ApiError) -> string", "A text for logs.")
        .set_into_module(&mut module, |error: &mut ScriptError| {
            format!("{} {}", error.status, error.message)
        });
    module
}

/// The `data` of an error as a script gives it: a map whose entries are field issues, texts or anything else.
fn data_of_map(map: Map) -> Json {
    let entries = map.into_iter().map(|(key, value)| {
        let value = if let Some(issue) = value.read_lock::<FieldIssue>() {
            serde_json::json!({
                "code": issue.code, "message": sentence(&issue.message),
            })
        } else {
            let value = values::to_json(&value);
            if value.is_object() {
                value
            } else {
                serde_json::json!({
                    "code": "validation_invalid_value", "message": "Invalid value.",
                })
            }
        };
        (key.to_string(), value)
    });
    Json::Object(entries.collect())
}
