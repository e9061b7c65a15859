//! The document in the form of `OpenAPI`: what every path takes and answers, with the collections as they are.

use serde_json::{Map, Value as Json, json};

use crate::describe::model::{Member, Model, Shape};
use crate::describe::paths::{self, reference};
use crate::schema::CollectionKind;

/// The document, for a server that is reached at an address; with what only superusers may do or without.
pub fn openapi(models: &[Model], server: &str, is_whole: bool) -> Json {
    let mut schemas = paths::schemas();
    for model in models {
        let name = |suffix: &str| format!("{}{suffix}", model.type_name);
        schemas.insert(name("Record"), record(model, models));
        schemas.insert(name("Page"), page(&name("Record")));
        if model.kind != CollectionKind::View {
            schemas.insert(name("Create"), written(model, true));
            schemas.insert(name("Update"), written(model, false));
        }
        if model.kind == CollectionKind::Auth {
            schemas.insert(
                name("Auth"),
                json!({
                    "type": "object",
                    "required": ["token", "record"],
                    "properties": {
                        "token": {"type": "string"}, "record": reference(&name("Record")),
                        "meta": {"type": "object", "description": "What a sign-in service told, after a sign-in through it."},
                    },
                }),
            );
        }
    }
    let mut paths = paths::general(is_whole);
    for model in models {
        paths.extend(paths::of_collection(model));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Stead",
            "version": env!("CARGO_PKG_VERSION"),
            // No parameter of these operations: what it leaves out is required by the schemas of their answers.
            "description": "The API of this server. Every answer with records also takes `fields`, a list of the members wanted, which leaves the others out.",
        },
        "servers": [{"url": server}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {
                "type": "apiKey", "in": "header", "name": "Authorization",
                "description": "The token of a sign-in, with or without `Bearer `.",
            }},
            "schemas": schemas,
            "responses": paths::responses(),
            "parameters": paths::parameters(),
        },
    })
}

fn record(model: &Model, models: &[Model]) -> Json {
    let mut properties = Map::new();
    properties.insert("collectionId".to_owned(), json!({"type": "string"}));
    properties.insert(
        "collectionName".to_owned(),
        json!({"type": "string", "const": model.collection}),
    );
    for member in model.answered() {
        properties.insert(member.name.clone(), noted(answered(member), member));
    }
    let mut expanded = Map::new();
    for (member, target, is_list) in model.relations(models) {
        let target = reference(&format!("{}Record", target.type_name));
        let target = if is_list {
            json!({"type": "array", "items": target})
        } else {
            target
        };
        expanded.insert(member.to_owned(), target);
    }
    properties.insert(
        "expand".to_owned(),
        json!({"type": "object", "properties": expanded}),
    );
    let required = model.answered().filter(|member| member.is_certain);
    let mut required: Vec<&str> = required.map(|member| member.name.as_str()).collect();
    required.extend(["collectionId", "collectionName"]);
    json!({"type": "object", "required": required, "properties": properties})
}

fn page(record: &str) -> Json {
    json!({
        "type": "object",
        "required": ["items", "page", "perPage", "totalItems", "totalPages"],
        "properties": {
            "items": {"type": "array", "items": reference(record)},
            "page": {"type": "integer"},
            "perPage": {"type": "integer"},
            "totalItems": {"type": "integer", "description": "-1 when not counted"},
            "totalPages": {"type": "integer", "description": "-1 when not counted"},
        },
    })
}

fn written(model: &Model, is_new: bool) -> Json {
    let mut properties = Map::new();
    for member in model.writable() {
        properties.insert(member.name.clone(), noted(taken(member), member));
    }
    if !is_new {
        for member in model.writable() {
            properties.extend(modifiers(member));
        }
    }
    if model.kind == CollectionKind::Auth && !is_new {
        properties.insert("oldPassword".to_owned(), json!({"type": "string"}));
    }
    let needed = model.writable().filter(|member| member.is_needed && is_new);
    let needed: Vec<&str> = needed.map(|member| member.name.as_str()).collect();
    json!({"type": "object", "required": needed, "properties": properties})
}

/// The members that change what is there instead of replacing it.
fn modifiers(member: &Member) -> Vec<(String, Json)> {
    let name = &member.name;
    let (marks, schema): (&[(&str, &str)], Json) = if member.shape == Shape::Number {
        (&[("", "+"), ("", "-")], taken(member))
    } else if member.is_list {
        let one = taken(&Member {
            is_list: false,
            ..member.clone()
        });
        let several = json!({"anyOf": [one, taken(member)]});
        (&[("", "+"), ("+", ""), ("", "-")], several)
    } else {
        return Vec::new();
    };
    let named = |(front, end): &(&str, &str)| (format!("{front}{name}{end}"), schema.clone());
    marks.iter().map(named).collect()
}

fn answered(member: &Member) -> Json {
    let one = match &member.shape {
        // A choice, too: values that were allowed once may still be there.
        Shape::Text | Shape::Relation(_) | Shape::File | Shape::Choice(_) => {
            json!({"type": "string"})
        }
        Shape::Date => json!({"type": "string", "examples": ["2026-11-20 12:00:00.000Z"]}),
        Shape::Number => json!({"type": ["number", "null"]}),
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Any => json!({}),
        Shape::GeoPoint => json!({
            "type": "object", "required": ["lon", "lat"],
            "properties": {"lon": {"type": "number"}, "lat": {"type": "number"}},
        }),
    };
    if member.is_list {
        json!({"type": "array", "items": one})
    } else {
        one
    }
}

fn taken(member: &Member) -> Json {
    let one = match &member.shape {
        Shape::Choice(values) if !values.is_empty() => json!({"type": "string", "enum": values}),
        Shape::File => json!({
            "type": "string", "contentMediaType": "application/octet-stream",
            "description": "A file, in a form; or the name of one that is there already.",
        }),
        Shape::Number => json!({"type": "number"}),
        _ => answered(&Member {
            is_list: false,
            ..member.clone()
        }),
    };
    if member.is_list {
        json!({"type": "array", "items": one})
    } else {
        one
    }
}

fn noted(mut schema: Json, member: &Member) -> Json {
    if !member.note.is_empty()
        && let Some(members) = schema.as_object_mut()
    {
        members.insert("description".to_owned(), member.note.as_str().into());
    }
    schema
}
