//! What a placeholder of a compiled statement stands for, and its value for one request.
//!
//! A compiled statement is used by many requests; everything that differs between them is a slot.

use serde_json::{Map, Value as Json};

use crate::base::{cast, json};
use crate::ctx::{Ctx, RequestInfo};
use crate::expr::macros::{self, MacroValue};
use crate::query::selection::{Only, Select};
use crate::sql::Value;

/// A symbolic bind of a compiled statement.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Slot {
    /// The same value for every request.
    Literal(Value),
    /// A `LIKE` pattern made from another slot's value.
    Pattern(Box<Self>),
    /// A part of the request.
    Request(Part),
    /// A part of the request cast to text: missing values, lists and objects are the empty text.
    Text(Part),
    /// Whether a part of the request is present, as 1 or 0.
    IsSet(Part),
    /// The part of the request as a JSON array; `[]` when it is missing.
    List(Part),
    /// How many items [`Slot::List`] has.
    Length(Part),
    /// A date macro, `@` included.
    Macro(String),
    /// The id of [`Only::Id`].
    OnlyId,
    /// The ids of [`Only::Ids`] as a JSON array.
    OnlyIds,
    Limit,
    Offset,
    /// A column of the virtual row.
    Draft(usize),
}

/// A part of the request that filters and rules can name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Context,
    Method,
    Query(String),
    Header(String),
    /// A path into the submitted data.
    Body {
        path: Vec<String>,
        form: Form,
    },
    Auth(AuthPart),
    /// A text under the name of a number field: a number if it reads as one.
    Number(Box<Self>),
}

/// How a submitted value is bound, where the body is that of a record ([`RequestInfo::is_body_of_record`]); elsewhere
/// nothing is known about its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Plain,
    /// The whole value of a json field, which is raw JSON: its null is a text like any other JSON.
    Json,
    /// The whole value of a geoPoint field, written as it is stored.
    Geo,
}

impl Form {
    fn in_request(self, request: &RequestInfo) -> Self {
        if request.is_body_of_record {
            self
        } else {
            Self::Plain
        }
    }
}

/// What is known about the signed-in record without another look into the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum AuthPart {
    Id,
    CollectionId,
    CollectionName,
    Email,
    EmailVisibility,
    Verified,
}

impl AuthPart {
    /// Reads the last segment of `@request.auth.x`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "id" => Self::Id,
            "collectionId" => Self::CollectionId,
            "collectionName" => Self::CollectionName,
            "email" => Self::Email,
            "emailVisibility" => Self::EmailVisibility,
            "verified" => Self::Verified,
            _ => return None,
        })
    }
}

/// What about a value changes the SQL around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// NULL, or missing from the request.
    Null,
    /// The empty text.
    Blank,
    /// Anything else.
    Filled,
}

impl Class {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Text(text) if text.is_empty() => Self::Blank,
            _ => Self::Filled,
        }
    }

    pub(super) const fn is_empty(self) -> bool {
        matches!(self, Self::Null | Self::Blank)
    }
}

impl Part {
    /// The value in this request, as it is bound.
    pub(super) fn value(&self, ctx: &Ctx) -> Value {
        let request = &ctx.request;
        match self {
            Self::Context => request.context.as_str().into(),
            Self::Method => request.method.as_ref().into(),
            Self::Query(name) => request.query_param(name).into(),
            Self::Number(part) => match part.value(ctx) {
                Value::Text(text) => text
                    .parse::<f64>()
                    .map_or_else(|_| Value::Text(text), Value::Real),
                value => value,
            },
            Self::Header(name) => request.rule_header(name).into(),
            Self::Body { path, form } => match (find(ctx, path), form.in_request(request)) {
                (None, _) => Value::Null,
                (Some(value), Form::Json) => Value::Text(value.to_string()),
                (Some(Json::Object(point)), Form::Geo) => Value::Text(point_text(point)),
                (Some(value), Form::Plain | Form::Geo) => json_to_sql(value),
            },
            Self::Auth(part) => {
                let Some(auth) = ctx.auth() else {
                    return Value::Null;
                };
                match part {
                    AuthPart::Id => auth.id.as_str().into(),
                    AuthPart::CollectionId => auth.collection_id.as_str().into(),
                    AuthPart::CollectionName => auth.collection_name.as_str().into(),
                    AuthPart::Email => auth.email.as_str().into(),
                    AuthPart::EmailVisibility => auth.email_visibility.into(),
                    AuthPart::Verified => auth.verified.into(),
                }
            }
        }
    }

    /// The class of [`Part::value`]; cheap.
    pub(super) fn class(&self, ctx: &Ctx) -> Class {
        let of_text = |text: Option<&str>| match text {
            None => Class::Null,
            Some("") => Class::Blank,
            Some(_) => Class::Filled,
        };
        match self {
            Self::Query(name) => of_text(ctx.request.query_param(name)),
            Self::Header(name) => of_text(ctx.request.rule_header(name)),
            Self::Method => of_text(Some(&ctx.request.method)),
            Self::Context => Class::Filled,
            Self::Number(part) => part.class(ctx),
            Self::Body { path, form } => match find(ctx, path) {
                Some(_) if form.in_request(&ctx.request) == Form::Json => Class::Filled,
                Some(Json::String(text)) => of_text(Some(text)),
                Some(Json::Null) | None => Class::Null,
                Some(_) => Class::Filled,
            },
            Self::Auth(part) => match (part, ctx.auth()) {
                (_, None) => Class::Null,
                (AuthPart::Email, Some(auth)) => of_text(Some(&auth.email)),
                (_, Some(_)) => Class::Filled,
            },
        }
    }

    fn flag(&self, ctx: &Ctx) -> Option<bool> {
        match self {
            Self::Body { path, form } if form.in_request(&ctx.request) != Form::Json => {
                find(ctx, path)?.as_bool()
            }
            Self::Auth(AuthPart::EmailVisibility) => Some(ctx.auth()?.email_visibility),
            Self::Auth(AuthPart::Verified) => Some(ctx.auth()?.verified),
            Self::Number(part) => part.flag(ctx),
            _ => None,
        }
    }

    fn text(&self, ctx: &Ctx) -> String {
        match self {
            Self::Body { path, form } => match (find(ctx, path), form.in_request(&ctx.request)) {
                (Some(value), Form::Json) => value.to_string(),
                (Some(Json::Object(point)), Form::Geo) => point_text(point),
                (Some(value), Form::Plain | Form::Geo) => cast::to_text(value),
                (None, _) => String::new(),
            },
            _ => String::new(),
        }
    }

    fn is_set(&self, ctx: &Ctx) -> bool {
        match self {
            Self::Body { path, .. } => find(ctx, path).is_some(),
            Self::Number(part) => part.is_set(ctx),
            _ => self.class(ctx) != Class::Null,
        }
    }

    fn list(&self, ctx: &Ctx) -> Vec<Json> {
        let Self::Body { path, .. } = self else {
            return Vec::new();
        };
        match find(ctx, path) {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(items)) => items.clone(),
            Some(single) => vec![single.clone()],
        }
    }
}

impl Slot {
    /// The `LIKE` pattern of the value. Compat: what is true or false in the request is looked for as that word,
    /// although it is compared as a number.
    pub(super) fn pattern(&self, ctx: &Ctx, select: Option<&Select<'_>>) -> Value {
        let flag = match self {
            Self::Request(part) => part.flag(ctx),
            _ => None,
        };
        pattern(flag.map_or_else(
            || self.value(ctx, select),
            |flag| Value::Text(flag.to_string()),
        ))
    }

    /// The value for one request; a statement that is no selection has no slots of one.
    pub(super) fn value(&self, ctx: &Ctx, select: Option<&Select<'_>>) -> Value {
        match self {
            Self::Literal(value) => value.clone(),
            Self::Pattern(slot) => slot.pattern(ctx, select),
            Self::Request(part) => part.value(ctx),
            Self::Text(part) => Value::Text(part.text(ctx)),
            Self::IsSet(part) => part.is_set(ctx).into(),
            Self::List(part) => Value::Text(Json::Array(part.list(ctx)).to_string()),
            Self::Length(part) => {
                Value::Int(i64::try_from(part.list(ctx).len()).unwrap_or(i64::MAX))
            }
            Self::Macro(name) => match macros::value(name, ctx.now) {
                Some(MacroValue::Text(text)) => Value::Text(text),
                Some(MacroValue::Number(number)) => Value::Int(number),
                None => Value::Null,
            },
            Self::OnlyId => match select.map(|select| select.only) {
                Some(Only::Id(id)) => id.into(),
                _ => Value::Null,
            },
            Self::OnlyIds => match select.map(|select| select.only) {
                Some(Only::Ids(ids)) => Value::Text(Json::from(ids).to_string()),
                _ => Value::Text("[]".to_owned()),
            },
            Self::Limit => Value::Int(
                select
                    .and_then(|select| select.page)
                    .map_or(-1, |page| page.limit),
            ),
            Self::Offset => Value::Int(
                select
                    .and_then(|select| select.page)
                    .map_or(0, |page| page.offset),
            ),
            Self::Draft(index) => select
                .and_then(|select| select.draft)
                .and_then(|row| row.get(*index))
                .cloned()
                .unwrap_or(Value::Null),
        }
    }
}

/// The member of the submitted data at a path of keys and indexes.
fn find<'a>(ctx: &'a Ctx, path: &[String]) -> Option<&'a Json> {
    let (first, rest) = path.split_first()?;
    let mut value = ctx.request.body.get(first)?;
    for key in rest {
        value = match value {
            Json::Object(members) => members.get(key)?,
            Json::Array(items) => items.get(key.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// A point as it is stored.
fn point_text(point: &Map<String, Json>) -> String {
    let degrees = |name| json::number(point.get(name).map_or(0.0, cast::to_number));
    let (lon, lat) = (degrees("lon"), degrees("lat"));
    format!("{{\"lon\":{lon},\"lat\":{lat}}}")
}

fn json_to_sql(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => Value::Real(number.as_f64().unwrap_or(0.0)),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(_) | Json::Object(_) => Value::Text(value.to_string()),
    }
}

/// The `LIKE` pattern of a right side: as it is when it has a wildcard of its own, else "contains this text".
fn pattern(value: Value) -> Value {
    let text = match value {
        Value::Null | Value::Blob(_) => return value,
        Value::Text(text) => text,
        Value::Int(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
    };
    if has_wildcard(&text) {
        return Value::Text(text);
    }
    let mut escaped = String::with_capacity(text.len() + 4);
    escaped.push('%');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        // Compat: what is escaped already stays as it is.
        match chars.next_if(|next| c == '\\' && matches!(next, '%' | '_' | '\\')) {
            Some(next) => escaped.push(next),
            None => escaped.push(c),
        }
    }
    escaped.push('%');
    Value::Text(escaped)
}

/// Says whether a text has a `%` that no backslash precedes.
fn has_wildcard(text: &str) -> bool {
    let mut previous = '\0';
    for c in text.chars() {
        if c == '%' && previous != '\\' {
            return true;
        }
        previous = c;
    }
    false
}
