//! Types for Dart: classes made from the JSON of a record.

use crate::describe::model::{Member, Model, Shape};
use crate::describe::{Names, Source};

const HEAD: &str = "\
// Made by `stead types dart`; made again when the collections change.
";

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
    let members: Vec<&Member> = model.answered().collect();
    out.put(format!(
        "\n/// A record of `{}`.\nclass {type_name} {{\n",
        model.collection
    ));
    for member in &members {
        if !member.note.is_empty() {
            out.put(format!("  /// {}\n", member.note.replace('\n', " ")));
        }
        let mark = if member.is_certain || member.shape == Shape::Any {
            ""
        } else {
            "?"
        };
        out.put(format!(
            "  final {}{mark} {};\n",
            kind(member),
            identifier(&member.name)
        ));
    }
    out.put(format!("\n  const {type_name}({{\n"));
    for member in &members {
        let word = if member.is_certain { "required " } else { "" };
        out.put(format!("    {word}this.{},\n", identifier(&member.name)));
    }
    out.put(format!(
        "  }});\n\n  factory {type_name}.fromJson(Map<String, dynamic> json) => {type_name}(\n"
    ));
    for member in &members {
        let (name, source) = (identifier(&member.name), format!("json['{}']", member.name));
        out.put(format!("        {name}: {},\n", read(member, &source)));
    }
    out.put("      );\n\n  Map<String, dynamic> toJson() => {\n");
    for member in &members {
        out.put(format!(
            "        '{}': {},\n",
            member.name,
            identifier(&member.name)
        ));
    }
    out.put("      };\n}\n");
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
