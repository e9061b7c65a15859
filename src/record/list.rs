//! A page of records as JSON.

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::ctx::{Ctx, RequestInfo};
use crate::engine::Reader;
use crate::query::{self, Action, Output, Page, Select, Snapshot};
use crate::record::expand;
use crate::record::model::Record;
use crate::record::newest;
use crate::record::reason;
use crate::record::render::{self, Visibility};
use crate::record::rows::{Rows, check_size};
use crate::record::unreadable::unreadable;
use crate::schema::Entry;
use crate::sql::ValueRef;

/// Rows of a page when the client does not say.
const DEFAULT_PER_PAGE: u64 = 30;
/// Most rows a client may ask for at once.
const MAX_PER_PAGE: u64 = 1000;

/// What part of a collection is asked for, in which order and shape.
#[derive(Clone, Debug)]
pub struct ListParams {
    /// From 1.
    pub page: u64,
    /// 1-1000.
    pub per_page: u64,
    /// Leaves `totalItems` and `totalPages` at -1.
    pub skip_total: bool,
    pub filter: String,
    pub sort: String,
    pub expand: String,
}

impl ListParams {
    /// Reads the query parameters; unreadable numbers and flags are a plain 400.
    pub fn from_request(request: &RequestInfo) -> Result<Self> {
        let text = |name: &str| request.query_param(name).unwrap_or_default();
        let number = |name: &str| -> Result<i64> {
            match text(name) {
                "" => Ok(0),
                text => text.parse().map_err(|_| Error::BadRequest(None)),
            }
        };
        let at_least_one = |value: i64, otherwise: u64| match u64::try_from(value) {
            Ok(0) | Err(_) => otherwise,
            Ok(value) => value,
        };
        Ok(Self {
            page: at_least_one(number("page")?, 1),
            per_page: at_least_one(number("perPage")?, DEFAULT_PER_PAGE).min(MAX_PER_PAGE),
            skip_total: match text("skipTotal") {
                "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => false,
                text if cast::is_true(text) => true,
                _ => return Err(Error::BadRequest(None)),
            },
            filter: text("filter").to_owned(),
            sort: text("sort").to_owned(),
            expand: text("expand").to_owned(),
        })
    }

    /// Rows before the page.
    pub const fn offset(&self) -> u64 {
        (self.page - 1).saturating_mul(self.per_page)
    }

    /// Says whether the answer costs no more than reading the rows of the page: nothing is filtered, sorted, counted or
    /// followed.
    pub fn is_cheap(&self, rule: Option<&str>) -> bool {
        rule.is_none()
            && self.filter.is_empty()
            && self.sort.is_empty()
            && self.expand.is_empty()
            && self.skip_total
            && self.offset().saturating_add(self.per_page) <= 200
    }
}

/// Which records the server itself wants.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub filter: &'a str,
    pub sort: &'a str,
    pub page: Page,
    pub expand: &'a str,
}

/// The records that fit, whatever their rules say, with what they are expanded with.
pub fn find(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    wanted: &Wanted<'_>,
) -> Result<Vec<Record>> {
    let select = Select {
        filter: wanted.filter,
        sort: wanted.sort,
        page: Some(wanted.page),
        ..Select::all(entry)
    };
    let statement = snapshot
        .select(ctx, &select)
        .map_err(|error| refused(snapshot, ctx, &select, &error))?;
    let mut rows = Rows::load(reader, snapshot, ctx, entry, &statement)?;
    expand::expand(reader, snapshot, ctx, &mut rows, wanted.expand)?;
    Ok((0..rows.len())
        .map(|row| {
            let mut record = rows.record(row);
            record.expand_mut().extend(rows.expanded(row));
            record
        })
        .collect())
}

/// How many records a filter fits, whatever their rules say.
pub fn count_matching(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    filter: &str,
) -> Result<u64> {
    let select = Select {
        filter,
        output: Output::Count,
        ..Select::all(entry)
    };
    count(reader, snapshot, ctx, &select)
}

/// Lists the records the caller may see, as the JSON envelope.
pub fn list(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    params: &ListParams,
) -> Result<Vec<u8>> {
    let rule = query::rule_for(ctx, entry, Action::List)?;
    let select = Select {
        rule,
        filter: &params.filter,
        sort: &params.sort,
        page: Some(Page {
            limit: clamp(params.per_page),
            offset: clamp(params.offset()),
        }),
        ..Select::all(entry)
    };
    // Rows and total are of one state of the database.
    reader
        .consistent(|reader| page(reader, snapshot, ctx, select, params))
        .map_err(|error| unreadable(error, entry, Error::BadRequest(None)))
}

/// A page of records the caller may see before it is written out, and the total if it is wanted.
pub fn list_rows(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    params: &ListParams,
) -> Result<(Rows, Option<u64>)> {
    let rule = query::rule_for(ctx, entry, Action::List)?;
    let mut select = Select {
        rule,
        filter: &params.filter,
        sort: &params.sort,
        page: Some(Page {
            limit: clamp(params.per_page),
            offset: clamp(params.offset()),
        }),
        ..Select::all(entry)
    };
    let read = reader.consistent(|reader| {
        let statement = snapshot
            .select(ctx, &select)
            .map_err(|error| refused(snapshot, ctx, &select, &error))?;
        let mut rows = Rows::load(reader, snapshot, ctx, entry, &statement)?;
        expand::expand(reader, snapshot, ctx, &mut rows, &params.expand)?;
        let total = if params.skip_total {
            None
        } else {
            select.output = Output::Count;
            select.page = None;
            Some(count(reader, snapshot, ctx, &select)?)
        };
        Ok((rows, total))
    });
    read.map_err(|error| unreadable(error, entry, Error::BadRequest(None)))
}

/// Number of records of a selection. Its sort counts: the rules of collections that it goes through leave out records.
pub(crate) fn count(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    select: &Select<'_>,
) -> Result<u64> {
    let statement = snapshot
        .select(ctx, select)
        .map_err(|error| refused(snapshot, ctx, select, &error))?;
    let total = if statement.is_repeatable {
        reader.total(&statement.text, &statement.binds)?
    } else {
        reader.number(&statement.text, &statement.binds)?
    };
    Ok(u64::try_from(total).unwrap_or(0))
}

fn page(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    mut select: Select<'_>,
    params: &ListParams,
) -> Result<Vec<u8>> {
    let entry = select.collection;
    let statement = snapshot
        .select(ctx, &select)
        .map_err(|error| refused(snapshot, ctx, &select, &error))?;
    let mut items = Vec::with_capacity(4096);
    // The ids of a view are only as unique as its query makes them, and one counts once however many rows have it.
    let id = entry.position("id").filter(|_| entry.is_view());
    let mut ids = HashSet::new();
    let mut is_new = |id: ValueRef<'_>| match id {
        ValueRef::Text(id) => ids.insert(id.to_owned()),
        _ => false,
    };
    let mut counts_rows = id.is_none() || params.page == 1;
    let n_items = if params.expand.is_empty() && !entry.is_auth() {
        let visibility = Visibility::of(ctx);
        let mut n_items = 0u64;
        newest::query::<Error>(reader, &statement, |row| {
            if n_items > 0 {
                items.push(b',');
            }
            n_items += 1;
            counts_rows &= id.is_none_or(|id| is_new(row.get(id)));
            render::write_record(&mut items, entry, visibility, |i| row.get(i), None);
            check_size(items.len())
        })?;
        n_items
    } else {
        let mut rows = Rows::load(reader, snapshot, ctx, entry, &statement)?;
        expand::expand(reader, snapshot, ctx, &mut rows, &params.expand)?;
        for row in 0..rows.len() {
            if row > 0 {
                items.push(b',');
            }
            rows.write(&mut items, row);
            counts_rows &= id.is_none_or(|id| is_new(rows.cell(row, id)));
        }
        rows.len() as u64
    };
    let total = if params.skip_total {
        None
    } else if counts_rows && n_items < params.per_page && (n_items > 0 || params.page == 1) {
        Some(params.offset() + n_items)
    } else {
        select.output = Output::Count;
        select.page = None;
        Some(count(reader, snapshot, ctx, &select)?)
    };
    Ok(envelope(&items, &Numbers::of(params, total)))
}

/// A filter or sort that does not compile. Superusers read where it goes wrong, others that it does.
fn refused(snapshot: &Snapshot, ctx: &Ctx, select: &Select<'_>, error: &query::Error) -> Error {
    let answer = error.for_client();
    if !matches!(answer, Error::BadRequest(None)) {
        return answer;
    }
    let (parameter, code, text) = match error {
        query::Error::Sort(_) => ("sort", "validation_invalid_sort", select.sort),
        _ => ("filter", "validation_invalid_filter", select.filter),
    };
    let mistake = error.describe(text);
    if !ctx.is_superuser() {
        let (entry, mistake) = (select.collection, (parameter, mistake.as_str()));
        return answer.because(reason::of_list(snapshot, entry, select.rule, mistake));
    }
    let issue = Issue::new(code, mistake);
    Error::invalid(answer.to_wire().message, Issues::one(parameter, issue))
}

fn clamp(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Says whether a page has no items.
pub fn is_empty_page(page: &[u8]) -> bool {
    page.starts_with(b"{\"items\":[]")
}

/// What a client needs to turn pages; -1 for what is not counted.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    pub page: i64,
    pub per_page: i64,
    pub total_items: i64,
    pub total_pages: i64,
}

impl Numbers {
    /// Those of a page of so many rows, if they were counted.
    pub fn of(params: &ListParams, total: Option<u64>) -> Self {
        Self {
            page: clamp(params.page),
            per_page: clamp(params.per_page),
            total_items: total.map_or(-1, clamp),
            total_pages: total.map_or(-1, |total| clamp(total.div_ceil(params.per_page))),
        }
    }
}

/// A page as JSON: its items, written one behind the other, and its numbers.
pub fn envelope(items: &[u8], numbers: &Numbers) -> Vec<u8> {
    let mut out = Vec::with_capacity(items.len() + 96);
    out.extend_from_slice(b"{\"items\":[");
    out.extend_from_slice(items);
    out.extend_from_slice(
        format!(
            "],\"page\":{},\"perPage\":{},\"totalItems\":{},\"totalPages\":{}}}",
            numbers.page, numbers.per_page, numbers.total_items, numbers.total_pages
        )
        .as_bytes(),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::ListParams;
    use crate::ctx::RequestInfo;

    #[track_caller]
    fn check(query: &[(&str, &str)], expect: Option<(u64, u64, bool)>) {
        let request = RequestInfo {
            query: query
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            ..RequestInfo::default()
        };
        let params = ListParams::from_request(&request)
            .ok()
            .map(|p| (p.page, p.per_page, p.skip_total));
        assert_eq!(params, expect);
    }

    #[test]
    fn page_parameters_have_bounds_and_defaults() {
        check(&[], Some((1, 30, false)));
        check(
            &[("page", "-2"), ("perPage", "0"), ("skipTotal", "t")],
            Some((1, 30, true)),
        );
        check(
            &[("page", "3"), ("perPage", "5000")],
            Some((3, 1000, false)),
        );
        check(&[("page", "x")], None);
        check(&[("skipTotal", "yes")], None);
    }
}
