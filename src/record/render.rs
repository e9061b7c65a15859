//! A record as JSON, straight from its cells. The one place that decides which members a caller sees.

use crate::base::json;
use crate::ctx::Ctx;
use crate::record::model::{RecordShape, write_custom};
use crate::record::rows::Rows;
use crate::schema::{Entry, Source};
use crate::sql::ValueRef;

/// What a caller may see of one record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visibility {
    /// Members of hidden fields are shown.
    pub(crate) hidden: bool,
    /// The `email` member of an auth record is shown.
    pub(crate) email: bool,
}

impl Visibility {
    /// What a caller sees of records that are not auth records.
    pub(crate) const fn of(ctx: &Ctx) -> Self {
        Self {
            hidden: ctx.is_superuser(),
            email: true,
        }
    }
}

/// Appends a record; `cells` gives the stored values by field position, `expand` the JSON object of expanded relations.
pub(crate) fn write_record<'a>(
    out: &mut Vec<u8>,
    entry: &Entry,
    visibility: Visibility,
    cells: impl Fn(usize) -> ValueRef<'a>,
    expand: Option<&[u8]>,
) {
    out.push(b'{');
    let start = out.len();
    let masks_email = entry.is_auth() && !visibility.email;
    for member in entry.layout().members() {
        let field = match member.source {
            Source::Field(position) => match entry.fields.get(position) {
                Some(field) if field.hidden && !visibility.hidden => continue,
                Some(field) if masks_email && field.name == "email" => continue,
                other => other.map(|field| (position, field)),
            },
            Source::Expand if expand.is_none() => continue,
            Source::CollectionId | Source::CollectionName | Source::Expand => None,
        };
        if out.len() > start {
            out.push(b',');
        }
        out.extend_from_slice(&member.key);
        match (member.source, field) {
            (Source::Field(_), Some((position, field))) => field.write_stored(cells(position), out),
            (Source::CollectionId, _) => json::write_string(out, &entry.id),
            (Source::CollectionName, _) => json::write_string(out, &entry.name),
            (Source::Expand, _) => out.extend_from_slice(expand.unwrap_or(b"{}")),
            (Source::Field(_), None) => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
}

/// Appends a record of which handlers decided what is shown.
pub(crate) fn write_shaped<'a>(
    out: &mut Vec<u8>,
    entry: &Entry,
    visibility: Visibility,
    cells: impl Fn(usize) -> ValueRef<'a>,
    expand: Option<&[u8]>,
    shape: &RecordShape,
) {
    out.push(b'{');
    let start = out.len();
    let masks_email = entry.is_auth() && !visibility.email;
    for member in entry.layout().members() {
        let name: String =
            serde_json::from_slice(member.key.strip_suffix(b":").unwrap_or(&member.key))
                .unwrap_or_default();
        let field = match member.source {
            Source::Field(position) => entry.fields.get(position).map(|field| (position, field)),
            Source::CollectionId | Source::CollectionName | Source::Expand => None,
        };
        let is_shown = shape.shown.contains(&name)
            || match (member.source, field) {
                (Source::Field(_), Some((_, field))) => {
                    (!field.hidden || visibility.hidden) && !(masks_email && field.name == "email")
                }
                (Source::Expand, _) => expand.is_some(),
                _ => true,
            };
        if !is_shown || shape.hidden.contains(&name) || shape.custom.contains_key(&name) {
            continue;
        }
        if out.len() > start {
            out.push(b',');
        }
        out.extend_from_slice(&member.key);
        match (member.source, field) {
            (Source::Field(_), Some((position, field))) => field.write_stored(cells(position), out),
            (Source::CollectionId, _) => json::write_string(out, &entry.id),
            (Source::CollectionName, _) => json::write_string(out, &entry.name),
            (Source::Expand, _) => out.extend_from_slice(expand.unwrap_or(b"{}")),
            (Source::Field(_), None) => out.extend_from_slice(b"null"),
        }
    }
    let is_first = out.len() == start;
    write_custom(out, shape, is_first);
    out.push(b'}');
}

/// One loaded record with everything expanded that was asked for.
pub fn render_one(rows: &Rows) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    if !rows.is_empty() {
        rows.write(&mut out, 0);
    }
    out
}
