//! Types for Rust, with `serde`.

use crate::base::text;
use crate::describe::model::{Member, Model, Shape};
use crate::describe::{Names, Source, one_line};
use crate::schema::CollectionKind;

const HEAD: &str = "\
// Made by `stead types rust`; made again when the collections change. Needs `serde` with `derive`, and `serde_json`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GeoPoint {
    pub lon: f64,
    pub lat: f64,
}
";

const DERIVE: &str = "#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]";

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

pub(super) const NAMES: Names = Names {
    reserved: &[
        "Deserialize",
        "GeoPoint",
        "Option",
        "Self",
        "Serialize",
        "String",
        "Vec",
    ],
    beside: &["Data"],
};

pub(super) fn types(models: &[Model]) -> String {
    let mut out = Source::new(HEAD);
    for model in models {
        let (name, type_name) = (&model.collection, &model.type_name);
        out.put(format!(
            "\n/// A record of `{name}`.\n{DERIVE}\npub struct {type_name} {{\n"
        ));
        out.put(
            "    #[serde(rename = \"collectionId\", default)]\n    pub collection_id: String,\n",
        );
        out.put("    #[serde(rename = \"collectionName\", default)]\n    pub collection_name: String,\n");
        let mut taken = vec!["collection_id".to_owned(), "collection_name".to_owned()];
        for member in model.answered() {
            field(&mut out, member, !member.is_certain, &mut taken);
        }
        out.put("}\n");
        if model.kind != CollectionKind::View {
            out.put(format!(
                "\n/// What a new record of `{name}` is made from, or a record is changed to.\n{DERIVE}\npub struct {type_name}Data {{\n"
            ));
            let mut taken = Vec::new();
            for member in model
                .writable()
                .filter(|member| member.shape != Shape::File)
            {
                field(&mut out, member, true, &mut taken);
            }
            out.put("}\n");
        }
    }
    out.into_text()
}

fn field(out: &mut Source, member: &Member, is_optional: bool, taken: &mut Vec<String>) {
    let mut name = identifier(&member.name);
    while taken.contains(&name) {
        name.push('_');
    }
    taken.push(name.clone());
    if !member.note.is_empty() {
        out.put(format!("    /// {}\n", one_line(&member.note)));
    }
    let one = match &member.shape {
        Shape::Number => "f64",
        Shape::Bool => "bool",
        Shape::Any => "serde_json::Value",
        Shape::GeoPoint => "GeoPoint",
        Shape::Text | Shape::Date | Shape::Choice(_) | Shape::Relation(_) | Shape::File => "String",
    };
    let one = if member.is_list {
        format!("Vec<{one}>")
    } else {
        one.to_owned()
    };
    let rename = serde_json::Value::from(member.name.as_str());
    if is_optional {
        out.put(format!(
            "    #[serde(rename = {rename}, default, skip_serializing_if = \"Option::is_none\")]\n    pub {name}: Option<{one}>,\n"
        ));
    } else {
        out.put(format!(
            "    #[serde(rename = {rename})]\n    pub {name}: {one},\n"
        ));
    }
}

fn identifier(name: &str) -> String {
    let snake = text::snake_case(name);
    if KEYWORDS.contains(&snake.as_str()) {
        format!("r#{snake}")
    } else if matches!(snake.as_str(), "self" | "super" | "crate") {
        format!("{snake}_")
    } else if snake.is_empty() {
        // Nothing but `_`, which is no name.
        "n_".to_owned()
    } else if snake.starts_with(|first: char| first.is_ascii_digit()) {
        format!("n{snake}")
    } else {
        snake
    }
}
