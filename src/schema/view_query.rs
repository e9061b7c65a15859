//! A textual look at the `SELECT` of a view collection: which columns come from which collections.
//!
//! Not an SQL parser. The database decides whether a query is valid and what its columns are called; this only finds
//! out what is behind a column name, and takes everything that it does not recognise for JSON.

use std::sync::LazyLock;

use regex::Regex;

use crate::base::ids;
use crate::base::tokenize::{self, TokenizeError};
use crate::schema::Schema;
use crate::schema::collection::{Collection, CollectionOptions};
use crate::schema::fields::{
    DEFAULT_ID_PATTERN, Field, FieldKind, JsonOptions, NumberOptions, RelationOptions, TextOptions,
};

/// The name every view needs a column of.
const ID: &str = "id";

/// Largest declared size of a json field that stands for an unrecognised column.
const JSON_MAX_SIZE: i64 = 1;

const CLONE_SUFFIX_LENGTH: usize = 4;

/// How many views on views are followed to where a column comes from.
const MAX_DEPTH: usize = 5;

/// What a query selects from where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewQuery {
    pub columns: Vec<Identifier>,
    pub tables: Vec<Identifier>,
}

/// An expression and the name it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    pub original: String,
    pub alias: String,
}

/// Why a query cannot be used; the texts are shown to superusers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewQueryError {
    #[error("multiple statements are not supported")]
    MultipleStatements,
    #[error(
        "wildcard columns (*) are not supported - manually type the collection field names you want the view query to have"
    )]
    Wildcard,
    #[error("invalid identifier parts [{0}]")]
    Parts(String),
    #[error("invalid identifier part - expected \"as\", got {0}")]
    NotAs(String),
    #[error("unbalanced parenthesis or quoted expression: {0}")]
    Unbalanced(TokenizeError),
}

impl From<TokenizeError> for ViewQueryError {
    fn from(error: TokenizeError) -> Self {
        Self::Unbalanced(error)
    }
}

static COMMENTS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)/\*.*?\*/|--[^\n]*").expect("BUG: constant pattern"));

static COUNT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?is)^count\(.*\)$").expect("BUG: constant pattern"));

static TOTAL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?is)^total\(.*\)$").expect("BUG: constant pattern"));

static CAST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is)^cast\(.*\s+as\s+(\w+)\s*\)$").expect("BUG: constant pattern")
});

/// Where a word of the query belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Columns,
    Tables,
    Skipped,
}

/// The query as it goes into `CREATE VIEW`: without surrounding spaces and semicolons.
pub fn trim(query: &str) -> &str {
    query.trim_matches(|c: char| c == ';' || c.is_whitespace())
}

impl ViewQuery {
    /// Reads a query that [`trim`] has been applied to.
    pub fn parse(query: &str) -> Result<Self, ViewQueryError> {
        let text = COMMENTS.replace_all(query, " ");
        if tokenize::split(&text, &[';'])?.len() > 1 {
            return Err(ViewQueryError::MultipleStatements);
        }
        let (mut columns, mut tables, mut table) = (String::new(), vec![String::new()], 0);
        let mut section = Section::Skipped;
        for token in tokenize::split(&text, &[' ', '\t', '\n', '\r'])? {
            if let Some(next) = keyword(&token) {
                // Only a join starts another list. What a UNION selects from runs into the words of the first FROM,
                // where most of it is refused.
                if token.eq_ignore_ascii_case("join") {
                    table = tables.len();
                    tables.push(String::new());
                } else if token.eq_ignore_ascii_case("from") {
                    table = 0;
                }
                section = next;
                continue;
            }
            let target = match section {
                Section::Skipped => continue,
                Section::Columns if token.eq_ignore_ascii_case("distinct") => continue,
                Section::Columns => Some(&mut columns),
                Section::Tables => tables.get_mut(table),
            };
            if let Some(target) = target {
                target.push_str(&token);
                target.push(' ');
            }
        }
        Ok(Self {
            columns: identifiers(&columns)?,
            tables: tables
                .iter()
                .map(|list| identifiers(list))
                .collect::<Result<Vec<_>, _>>()?
                .concat()
                .into_iter()
                // Where a table is named, a text is its name.
                .map(|table| Identifier {
                    original: unquote(&table.original).to_owned(),
                    ..table
                })
                .collect(),
        })
    }

    /// The field a result column of the view is shown as. `find` looks collections up by table name.
    pub fn field<'c>(&self, column: &str, find: &dyn Fn(&str) -> Option<&'c Collection>) -> Field {
        if column == ID {
            return id_field();
        }
        let source = self.expression(column);
        let mut field = computed(source)
            .map(|kind| Field::new(column, kind))
            .or_else(|| self.referenced(source, find))
            .unwrap_or_else(|| {
                let unknown = JsonOptions {
                    max_size: JSON_MAX_SIZE,
                };
                Field::new(column, FieldKind::Json(unknown))
            });
        column.clone_into(&mut field.name);
        if field.id.is_empty() {
            field.id = Field::default_id(field.kind.type_name(), column);
        }
        field
    }

    /// The text that a result column is computed from.
    fn expression(&self, column: &str) -> &str {
        self.columns
            .iter()
            .find(|identifier| identifier.alias == column)
            .map_or("", |identifier| identifier.original.as_str())
    }

    /// What a column reference stands for: the id of a collection is a relation to it, another field is cloned.
    fn referenced<'c>(
        &self,
        source: &str,
        find: &dyn Fn(&str) -> Option<&'c Collection>,
    ) -> Option<Field> {
        let (collection, field) = self.resolve(source, find)?;
        if field.name == ID {
            let relation = RelationOptions {
                collection_id: collection.id.clone(),
                max_select: 1,
                ..RelationOptions::default()
            };
            return Some(Field::new(ID, FieldKind::Relation(relation)));
        }
        let mut clone = field.clone();
        clone.id = format!(
            "_clone_{}",
            ids::random_string(CLONE_SUFFIX_LENGTH, ids::ALNUM)
        );
        Some(clone)
    }

    /// Follows a plain column reference to its collection and field; a bare name belongs to the first table.
    ///
    /// Letter case does not count, as it does not for the database: whatever hides a field must not depend on how it is
    /// spelled.
    fn resolve<'c>(
        &self,
        source: &str,
        find: &dyn Fn(&str) -> Option<&'c Collection>,
    ) -> Option<(&'c Collection, &'c Field)> {
        if is_text(source) {
            return None;
        }
        let (table, name) = match source.split_once('.') {
            Some((alias, name)) => {
                let alias = unquote(alias);
                let mut tables = self.tables.iter();
                let table = tables.find(|table| table.alias.eq_ignore_ascii_case(alias))?;
                (table, name)
            }
            None => (self.tables.first()?, source),
        };
        let (collection, name) = (find(&table.original)?, unquote(name));
        let mut fields = collection.fields.iter();
        let field = fields.find(|field| field.name.eq_ignore_ascii_case(name))?;
        Some((collection, field))
    }
}

/// The collection and field that a view's column comes from, also through other views.
pub fn origin<'c>(
    schema: &'c Schema,
    view: &'c Collection,
    column: &str,
) -> Option<(&'c Collection, String)> {
    let find = |name: &str| Some(&**schema.collection_by_name(name)?.definition());
    let (mut collection, mut name) = (view, column.to_owned());
    for _ in 0..MAX_DEPTH {
        let CollectionOptions::View { query } = &collection.options else {
            break;
        };
        let parsed = ViewQuery::parse(trim(query)).ok()?;
        let (source, field) = parsed.resolve(parsed.expression(&name), &find)?;
        (collection, name) = (source, field.name.clone());
    }
    (!collection.is_view()).then_some((collection, name))
}

/// The `id` column of every view.
fn id_field() -> Field {
    let options = TextOptions {
        pattern: DEFAULT_ID_PATTERN.into(),
        primary_key: true,
        ..TextOptions::default()
    };
    Field {
        id: Field::default_id("text", ID),
        system: true,
        required: true,
        ..Field::new(ID, FieldKind::Text(options))
    }
}

/// The type of columns whose expression tells it.
fn computed(source: &str) -> Option<FieldKind> {
    let number = |only_int| {
        FieldKind::Number(NumberOptions {
            only_int,
            ..NumberOptions::default()
        })
    };
    if COUNT.is_match(source) {
        return Some(number(true));
    }
    if TOTAL.is_match(source) {
        return Some(number(false));
    }
    let target = CAST.captures(source)?[1].to_ascii_lowercase();
    Some(match target.as_str() {
        "real" | "decimal" | "numeric" => number(false),
        "int" | "integer" => number(true),
        "text" => FieldKind::Text(TextOptions::default()),
        "bool" | "boolean" => FieldKind::Bool,
        _ => return None,
    })
}

fn keyword(token: &str) -> Option<Section> {
    Some(match token.to_ascii_lowercase().as_str() {
        "select" => Section::Columns,
        "from" | "join" => Section::Tables,
        "with" | "left" | "right" | "full" | "inner" | "outer" | "cross" | "on" | "using"
        | "where" | "group" | "having" | "order" | "limit" | "window" => Section::Skipped,
        _ => return None,
    })
}

fn identifiers(list: &str) -> Result<Vec<Identifier>, ViewQueryError> {
    tokenize::split(list, &[','])?
        .iter()
        .map(|item| identifier(item))
        .collect()
}

fn identifier(item: &str) -> Result<Identifier, ViewQueryError> {
    let parts = tokenize::split(item, &[' '])?;
    let (original, alias) = match parts.as_slice() {
        [only] => (only, only.rsplit('.').next().unwrap_or(only)),
        [original, alias] => (original, alias.as_str()),
        [original, middle, alias] if middle.eq_ignore_ascii_case("as") => {
            (original, alias.as_str())
        }
        [_, middle, _] => return Err(ViewQueryError::NotAs(middle.clone())),
        _ => return Err(ViewQueryError::Parts(parts.join(" "))),
    };
    if alias == "*" {
        return Err(ViewQueryError::Wildcard);
    }
    let original = if is_text(original) {
        original
    } else {
        unquote(original)
    };
    Ok(Identifier {
        original: original.to_owned(),
        alias: unquote(alias).to_owned(),
    })
}

/// Says whether this is a text, which as a column is nothing but itself.
fn is_text(expression: &str) -> bool {
    expression
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
        .is_some_and(|inside| !inside.replace("''", "").contains('\''))
}

fn unquote(name: &str) -> &str {
    name.trim_matches(|c: char| {
        matches!(c, '`' | '"' | '\'' | '[' | ']' | ';') || c.is_whitespace()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ViewQuery, trim};
    use crate::schema::{Collection, Draft, FieldKind, scaffold};

    fn collection(name: &str) -> Collection {
        let body = json!({"id": format!("id_{name}"), "name": name, "fields": [
            {"name": "t", "type": "text", "max": 7},
            {"name": "n", "type": "number"},
            {"name": "h", "type": "text", "hidden": true},
            {"name": "rel", "type": "relation", "collectionId": "id_b"},
        ]});
        let mut collection = Draft::create(&body).unwrap().collection;
        scaffold::complete(&mut collection);
        collection
    }

    /// Shows the fields of the query's aliases, or the error.
    #[track_caller]
    fn check(query: &str, expect: &str) {
        let collections = [collection("a"), collection("b")];
        let find = |name: &str| {
            collections
                .iter()
                .find(|c| c.name.eq_ignore_ascii_case(name))
        };
        let shown = match ViewQuery::parse(trim(query)) {
            Err(error) => error.to_string(),
            Ok(parsed) => {
                let shown = parsed.columns.iter().map(|column| {
                    let field = parsed.field(&column.alias, &find);
                    let clone = if field.id.starts_with("_clone_") {
                        "'"
                    } else {
                        ""
                    };
                    let detail = match &field.kind {
                        FieldKind::Relation(options) => format!("({})", options.collection_id),
                        FieldKind::Number(options) if options.only_int => "(int)".to_owned(),
                        _ => String::new(),
                    };
                    format!("{}:{}{detail}{clone}", field.name, field.kind.type_name())
                });
                shown.collect::<Vec<_>>().join(" ")
            }
        };
        assert_eq!(shown, expect, "{query}");
    }

    #[test]
    fn column_references_clone_fields() {
        check("select id, t from a", "id:text t:text'");
        check(
            "select id, t as x, n y, a.h from a",
            "id:text x:text' y:number' h:text'",
        );
        check(
            "SELECT x.id, y.t tt, y.id bid FROM a x LEFT OUTER JOIN `b` as y ON y.rel=x.id",
            "id:text tt:text' bid:relation(id_b)",
        );
        check(
            "select `id`, `a`.`t` as `q`, \"n\", [h] from `a`",
            "id:text q:text' n:number' h:text'",
        );
        check("select distinct id, t from a;; ", "id:text t:text'");
        check(
            "select a.id, t, b.t as u from a, b",
            "id:text t:text' u:text'",
        );
        check(
            "select id, T, A.H as q, x.ID as p from 'A', b X",
            "id:text T:text' q:text' p:relation(id_b)",
        );
        check(
            "select b.rel as id, b.id as x from b",
            "id:text x:relation(id_b)",
        );
    }

    #[test]
    fn expressions_tell_their_type_or_are_json() {
        check(
            "select id, count(*) c, total(n) as d, sum(n) e from a group by id having count(n) > 1",
            "id:text c:number(int) d:number e:json",
        );
        check(
            "select id, cast(t as real) a, CAST(n+1 AS INT) b, cast(t as text) c, cast(t as bool) d, cast(t as blob) e from a",
            "id:text a:number b:number(int) c:text d:bool e:json",
        );
        check(
            "select id, (t) as u, 'lit' as v, 't' as w, 'a.h' as x, n+1 as y, nope.t as z from a",
            "id:text u:json v:json w:json x:json y:json z:json",
        );
        check(
            "with x as (select id, t from a) select id, t from x",
            "id:text t:json",
        );
        check("select id, t from (select id, t from a)", "id:text t:json");
        check("select id, t /* , n */ from a -- where", "id:text t:text'");
    }

    #[test]
    fn what_a_union_selects_from_is_not_taken_for_a_join() {
        check(
            "select a.id from a left join b as y on y.rel = a.id union all select b.id from b",
            "b.id:json",
        );
        check(
            "select a.id, y.t from a join b y on y.rel = a.id union select b.id, 'x' from b as c",
            "invalid identifier parts [a b as c]",
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let wildcard = "wildcard columns (*) are not supported - manually type the collection field names you want the view query to have";
        check("select * from a", wildcard);
        check("select id, a.* from a", wildcard);
        check(
            "select id from a; select 1",
            "multiple statements are not supported",
        );
        check(
            "select id, t || 'x' as c from a",
            "invalid identifier parts [t || 'x' as c]",
        );
        check(
            "select a.id from a union select b.id from b",
            "invalid identifier part - expected \"as\", got union",
        );
    }
}
