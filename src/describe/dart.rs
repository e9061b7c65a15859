//! Types for Dart: classes made from the JSON of a record.

use crate::describe::model::{Member, Model, Shape};
use crate::describe::{Names, Source, one_line};

const HEAD: &str = "\
// Made by `stead types dart`; made again when the collections change.
";

/// Words of the language, and what members of a class must not hide or be called.
const KEYWORDS: &[&str] = &[
    "assert",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "default",
    "do",
    "else",
    "enum",
    "extends",
    "false",
    "final",
    "finally",
    "for",
    "if",
    "in",
    "is",
    "new",
    "null",
    "rethrow",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "var",
    "void",
    "while",
    "with",
    "yield",
    "bool",
    "dynamic",
    "fromJson",
    "num",
    "List",
    "Map",
    "String",
    "toJson",
    "hashCode",
    "runtimeType",
    "toString",
    "noSuchMethod",
];

pub(super) const NAMES: Names = Names {
    reserved: &[
        "Function", "List", "Map", "Never", "Null", "Object", "String",
    ],
    beside: &[],
};

pub(super) fn types(models: &[Model]) -> String {
    let mut out = Source::new(HEAD);
    for model in models {
        class(&mut out, model);
    }
    out.into_text()
}

fn class(out: &mut Source, model: &Model) {
    let type_name = &model.type_name;
    let members = named(model);
    out.put(format!(
        "\n/// A record of `{}`.\nclass {type_name} {{\n",
        model.collection
    ));
    for (name, member) in &members {
        if !member.note.is_empty() {
            out.put(format!("  /// {}\n", one_line(&member.note)));
        }
        let mark = if member.is_certain || member.shape == Shape::Any {
            ""
        } else {
            "?"
        };
        out.put(format!("  final {}{mark} {name};\n", kind(member)));
    }
    out.put(format!("\n  const {type_name}({{\n"));
    for (name, member) in &members {
        let word = if member.is_certain { "required " } else { "" };
        out.put(format!("    {word}this.{name},\n"));
    }
    out.put(format!(
        "  }});\n\n  factory {type_name}.fromJson(Map<String, dynamic> json) => {type_name}(\n"
    ));
    for (name, member) in &members {
        let source = format!("json['{}']", member.name);
        out.put(format!("        {name}: {},\n", read(member, &source)));
    }
    out.put("      );\n\n  Map<String, dynamic> toJson() => {\n");
    for (name, member) in &members {
        out.put(format!("        '{}': {name},\n", member.name));
    }
    out.put("      };\n}\n");
}

/// The members of a record by names that no two share, and none with the class.
fn named(model: &Model) -> Vec<(String, &Member)> {
    let mut taken = vec![model.type_name.clone()];
    let mut members = Vec::new();
    for member in model.answered() {
        let mut name = identifier(&member.name);
        while taken.contains(&name) {
            name.push('_');
        }
        taken.push(name.clone());
        members.push((name, member));
    }
    members
}

fn one(shape: &Shape) -> &'static str {
    match shape {
        Shape::Number => "num",
        Shape::Bool => "bool",
        Shape::Any => "dynamic",
        Shape::GeoPoint => "Map<String, dynamic>",
        Shape::Text | Shape::Date | Shape::Choice(_) | Shape::Relation(_) | Shape::File => "String",
    }
}

fn kind(member: &Member) -> String {
    let one = one(&member.shape);
    if member.is_list {
        format!("List<{one}>")
    } else {
        one.to_owned()
    }
}

fn read(member: &Member, source: &str) -> String {
    let mark = if member.is_certain { "" } else { "?" };
    if member.shape == Shape::Any {
        source.to_owned()
    } else if member.is_list {
        format!(
            "({source} as List<dynamic>{mark}){mark}.cast<{}>()",
            one(&member.shape)
        )
    } else {
        format!("{source} as {}{mark}", one(&member.shape))
    }
}

fn identifier(name: &str) -> String {
    // What begins with `_` is private to its file.
    let public = name.trim_start_matches('_');
    if KEYWORDS.contains(&public)
        || public.is_empty()
        || public.starts_with(|first: char| first.is_ascii_digit())
    {
        format!("n{public}_")
    } else {
        public.to_owned()
    }
}
