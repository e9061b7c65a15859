//! Types for TypeScript, which the official SDK's client takes.

use crate::describe::model::{Member, Model, Shape};
use crate::describe::{Names, Source, one_line};
use crate::schema::CollectionKind;

const HEAD: &str = "\
// Made by `stead types ts`; made again when the collections change.
import type PocketBase from \"pocketbase\";
import type { RecordService } from \"pocketbase\";

export interface GeoPoint {
    lon: number;
    lat: number;
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
";

pub(super) const NAMES: Names = Names {
    reserved: &[
        "Blob",
        "Collections",
        "Date",
        "GeoPoint",
        "Json",
        "Partial",
        "PocketBase",
        "RecordService",
        "TypedPocketBase",
    ],
    beside: &["Create", "Update"],
};

pub(super) fn types(models: &[Model]) -> String {
    let mut out = Source::new(HEAD);
    for model in models {
        record(&mut out, model, models);
        if model.kind != CollectionKind::View {
            create(&mut out, model);
            update(&mut out, model);
        }
    }
    out.put("\nexport interface Collections {\n");
    for model in models {
        let (name, type_name) = (&model.collection, &model.type_name);
        out.put(format!("    {}: {type_name};\n", key(name)));
    }
    out.put(
        "}\n
/** `new PocketBase(url) as TypedPocketBase`: records of known collections have their types. */
export interface TypedPocketBase extends PocketBase {
    collection<K extends keyof Collections>(idOrName: K): RecordService<Collections[K]>;
    collection<M>(idOrName: string): RecordService<M>;
}
",
    );
    out.into_text()
}

fn record(out: &mut Source, model: &Model, models: &[Model]) {
    let (name, type_name) = (&model.collection, &model.type_name);
    out.put(format!(
        "\nexport interface {type_name} {{\n    collectionId: string;\n    collectionName: \"{name}\";\n"
    ));
    for member in model.answered() {
        note(out, member);
        let mark = if member.is_certain { "" } else { "?" };
        out.put(format!(
            "    {}{mark}: {};\n",
            key(&member.name),
            answered(member)
        ));
    }
    let relations: Vec<String> = model
        .relations(models)
        .map(|(member, target, is_list)| {
            let list = if is_list { "[]" } else { "" };
            format!("{}?: {}{list}", key(member), target.type_name)
        })
        .collect();
    if !relations.is_empty() {
        out.put(format!("    expand?: {{ {} }};\n", relations.join("; ")));
    }
    out.put("}\n");
}

fn create(out: &mut Source, model: &Model) {
    out.put(format!("\nexport interface {}Create {{\n", model.type_name));
    for member in model.writable() {
        note(out, member);
        let mark = if member.is_needed { "" } else { "?" };
        let name = key(&member.name);
        out.put(format!("    {name}{mark}: {};\n", written(member)));
    }
    out.put("}\n");
}

fn update(out: &mut Source, model: &Model) {
    let type_name = &model.type_name;
    let modifiers: Vec<String> = model
        .writable()
        .flat_map(|member| {
            let name = &member.name;
            match &member.shape {
                Shape::Number => vec![
                    format!("\"{name}+\"?: number"),
                    format!("\"{name}-\"?: number"),
                ],
                _ if member.is_list => {
                    let one = written(member);
                    let removed = if member.shape == Shape::File {
                        "string | string[]".to_owned()
                    } else {
                        one.clone()
                    };
                    vec![
                        format!("\"{name}+\"?: {one}"),
                        format!("\"+{name}\"?: {one}"),
                        format!("\"{name}-\"?: {removed}"),
                    ]
                }
                _ => Vec::new(),
            }
        })
        .collect();
    let more = if model.kind == CollectionKind::Auth {
        " & { oldPassword?: string }"
    } else {
        ""
    };
    let modifiers = if modifiers.is_empty() {
        String::new()
    } else {
        format!(" & {{\n    {};\n}}", modifiers.join(";\n    "))
    };
    out.put(format!(
        "\nexport type {type_name}Update = Partial<{type_name}Create>{more}{modifiers};\n"
    ));
}

fn note(out: &mut Source, member: &Member) {
    if !member.note.is_empty() {
        let note = one_line(&member.note).replace("*/", "* /");
        out.put(format!("    /** {note} */\n"));
    }
}

/// The name of a member as it is written down: what begins with a digit would be read as a number.
fn key(name: &str) -> String {
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

fn answered(member: &Member) -> String {
    let one = match &member.shape {
        Shape::Text | Shape::Date | Shape::Relation(_) | Shape::File => "string".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Bool => "boolean".to_owned(),
        Shape::Any => "Json".to_owned(),
        Shape::GeoPoint => "GeoPoint".to_owned(),
        Shape::Choice(values) => choice(values, !member.is_list),
    };
    if member.is_list {
        format!("({one})[]")
    } else {
        one
    }
}

fn written(member: &Member) -> String {
    let one = match &member.shape {
        Shape::Date => "string | Date".to_owned(),
        Shape::File => "Blob | string | null".to_owned(),
        Shape::Choice(values) => choice(values, !member.is_list),
        _ => answered(&Member {
            is_list: false,
            ..member.clone()
        }),
    };
    if member.is_list {
        format!("{one} | ({one})[]")
    } else {
        one
    }
}

fn choice(values: &[String], or_empty: bool) -> String {
    let empty = or_empty.then(|| "\"\"".to_owned());
    let texts = values
        .iter()
        .map(|value| serde_json::Value::from(value.as_str()).to_string());
    let all: Vec<String> = texts.chain(empty).collect();
    if all.is_empty() {
        "never".to_owned()
    } else {
        all.join(" | ")
    }
}
