//! Tables of what the contract's server was seen to do, one file per concern.

mod addresses;
mod json_form;
mod modifiers;
mod options;
mod patterns;
mod validation;
mod values;

use serde_json::Value as Json;

use crate::schema::fields::Field;

/// A field from the text of its definition; `name` is `f` unless given.
#[track_caller]
fn field(definition: &str) -> Field {
    let mut value: Json = serde_json::from_str(definition).expect("a JSON text");
    let members = value.as_object_mut().expect("an object");
    members.entry("name").or_insert_with(|| "f".into());
    Field::from_json(members).expect("a field definition")
}
