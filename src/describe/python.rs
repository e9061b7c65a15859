//! Types for Python: `TypedDict`s.

use crate::describe::model::{Member, Model, Shape};
use crate::describe::{Names, Source};
use crate::schema::CollectionKind;

const HEAD: &str = "\
# Made by `stead types python`; made again when the collections change. Needs Python 3.11.
from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

GeoPoint = TypedDict(\"GeoPoint\", {\"lon\": float, \"lat\": float})
";

pub(super) const NAMES: Names = Names {
    reserved: &[
        "Any",
        "False",
        "GeoPoint",
        "Literal",
        "None",
        "NotRequired",
        "True",
        "TypedDict",
    ],
    beside: &["Create"],
};

pub(super) fn types(models: &[Model]) -> String {
    let mut out = Source::new(HEAD);
    for model in models {
        let (name, type_name) = (&model.collection, &model.type_name);
        // The form with names as texts allows every name.
        out.put(format!(
            "\n{type_name} = TypedDict(\n    \"{type_name}\",\n    {{\n        \"collectionId\": str,\n        \"collectionName\": Literal[\"{name}\"],\n"
        ));
        for member in model.answered() {
            line(&mut out, member, member.is_certain);
        }
        out.put("        \"expand\": NotRequired[dict[str, Any]],\n    },\n)\n");
        if model.kind != CollectionKind::View {
            out.put(format!(
                "\n{type_name}Create = TypedDict(\n    \"{type_name}Create\",\n    {{\n"
            ));
            for member in model.writable() {
                line(&mut out, member, member.is_needed);
            }
            out.put("    },\n)\n");
        }
    }
    out.into_text()
}

fn line(out: &mut Source, member: &Member, is_certain: bool) {
    let one = match &member.shape {
        Shape::Number => "float".to_owned(),
        Shape::Bool => "bool".to_owned(),
        Shape::Any => "Any".to_owned(),
        Shape::GeoPoint => "GeoPoint".to_owned(),
        Shape::Choice(values) if !values.is_empty() => {
            let mut texts: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            if !member.is_list {
                texts.push("\"\"".to_owned());
            }
            format!("Literal[{}]", texts.join(", "))
        }
        Shape::Text | Shape::Date | Shape::Choice(_) | Shape::Relation(_) | Shape::File => {
            "str".to_owned()
        }
    };
    let kind = if member.is_list {
        format!("list[{one}]")
    } else {
        one
    };
    let kind = if is_certain {
        kind
    } else {
        format!("NotRequired[{kind}]")
    };
    out.put(format!("        {}: {kind},\n", quoted(&member.name)));
}

/// JSON's escapes are Python's as well.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
