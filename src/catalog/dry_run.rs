//! Trying a view query without making a view. Only reads, so it runs on a reader with its time limit.

use crate::base::error::{Error, Result};
use crate::base::ids::{self, ALNUM};
use crate::base::json;
use crate::catalog::views::{self, ViewError};
use crate::engine::{Error as EngineError, Reader};
use crate::schema::{Collection, CollectionKind, Field, Schema, scaffold};

/// The fields a view with this query would have and a few of its records, as JSON.
pub fn dry_run(reader: &Reader, schema: &Schema, query: &str) -> Result<Vec<u8>> {
    run(reader, schema, query).map_err(|error| match error {
        ViewError::Database(error @ (EngineError::Full | EngineError::Closed)) => error.into(),
        error => Error::bad_request(format!("Invalid view query. Raw error: \n{}", error.text())),
    })
}

fn run(reader: &Reader, schema: &Schema, query: &str) -> Result<Vec<u8>, ViewError> {
    let mut view = scaffold::blank(CollectionKind::View);
    view.name = format!("temp_view_{}", ids::random_string(5, ALNUM));
    view.id = scaffold::default_id(CollectionKind::View, &view.name, |_| false);
    view.fields = views::fields(reader, schema, query)?;

    let mut out = b"{\"fields\":[".to_vec();
    for (position, field) in view.fields.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        json::write_value(&mut out, &serde_json::Value::Object(field.to_json()));
    }
    out.extend_from_slice(b"],\"sample\":[");
    let members = members(&view);
    let mut is_first = true;
    views::check(reader, &view.fields, query, &mut |row| {
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        out.push(b'{');
        for (position, member) in members.iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            match member {
                Member::Fixed(name, value) => {
                    json::write_string(&mut out, name);
                    out.push(b':');
                    json::write_string(&mut out, value);
                }
                Member::Column(column, field) => {
                    json::write_string(&mut out, &field.name);
                    out.push(b':');
                    field.write_stored(row.value(*column).as_ref(), &mut out);
                }
            }
        }
        out.push(b'}');
    })?;
    out.extend_from_slice(b"]}");
    Ok(out)
}

/// A member of a sample record.
enum Member<'a> {
    Fixed(&'static str, &'a str),
    Column(usize, &'a Field),
}

impl Member<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Fixed(name, _) => name,
            Self::Column(_, field) => &field.name,
        }
    }
}

/// What a record of the view shows, ordered by name.
fn members(view: &Collection) -> Vec<Member<'_>> {
    let mut members = vec![
        Member::Fixed("collectionId", &view.id),
        Member::Fixed("collectionName", &view.name),
    ];
    for (column, field) in view.fields.iter().enumerate() {
        if !field.hidden {
            members.push(Member::Column(column, field));
        }
    }
    members.sort_by(|a, b| a.name().cmp(b.name()));
    members
}
