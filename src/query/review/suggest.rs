//! What may be meant by a name that does not exist: the one that is most like it among those that could stand there.

use crate::expr::{ParseErrorKind, Span};
use crate::query::error::{Error, Reason};
use crate::query::review::Fix;
use crate::schema::{Collection, FieldKind, Schema};

const MACROS: [&str; 16] = [
    "@now",
    "@yesterday",
    "@tomorrow",
    "@todayStart",
    "@todayEnd",
    "@monthStart",
    "@monthEnd",
    "@yearStart",
    "@yearEnd",
    "@second",
    "@minute",
    "@hour",
    "@day",
    "@month",
    "@weekday",
    "@year",
];

const REQUEST: [&str; 6] = ["auth", "body", "query", "headers", "method", "context"];

const MODIFIERS: [&str; 5] = ["isset", "changed", "length", "each", "lower"];

/// Longest name that is compared.
const MAX_NAME: usize = 100;

/// The collection that plain names belong to, among all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) schema: &'a Schema,
    pub(super) collection: &'a Collection,
}

/// What may be meant instead of what an error complains about.
pub(super) fn fix(place: &Place<'_>, error: &Error, text: &str) -> Option<Fix> {
    match error {
        Error::Parse(error) => {
            let replacement = match (error.kind, error.token.to_ascii_lowercase().as_str()) {
                (ParseErrorKind::InvalidOperator, "==" | "===") => "=",
                (ParseErrorKind::InvalidOperator, "<>" | "!==") => "!=",
                (ParseErrorKind::InvalidJoin, "&") | (ParseErrorKind::ExpectedJoin, "and") => "&&",
                (ParseErrorKind::InvalidJoin, "|") | (ParseErrorKind::ExpectedJoin, "or") => "||",
                _ => return None,
            };
            Some(Fix {
                span: error.span,
                text: replacement.to_owned(),
            })
        }
        Error::Name { span, reason, .. } => {
            let token = text.get(span.start..span.end)?;
            let (offset, piece, meant) = match reason {
                Reason::UnknownModifier => {
                    let (name, modifier) = token.rsplit_once(':')?;
                    (name.len() + 1, modifier, nearest(modifier, MODIFIERS)?)
                }
                Reason::UnknownFunction => {
                    let name = token.split('(').next()?;
                    (0, name, nearest(name, ["geoDistance", "strftime"])?)
                }
                _ => identifier(place, token)?,
            };
            let start = span.start + offset;
            Some(Fix {
                span: Span {
                    start,
                    end: start + piece.len(),
                },
                text: meant,
            })
        }
        _ => None,
    }
}

/// The first segment of an identifier that leads nowhere, where it begins, and what may be meant.
pub(super) fn identifier<'t>(
    place: &Place<'_>,
    token: &'t str,
) -> Option<(usize, &'t str, String)> {
    if let Some(path) = token.strip_prefix("@request.") {
        let group = path.split('.').next()?;
        let offset = "@request.".len();
        return match (group, path.split_once('.')) {
            ("auth", Some((_, rest))) => {
                let offset = offset + "auth.".len();
                let auths = place.schema.collections().filter(|entry| entry.is_auth());
                let found = auths.filter_map(|entry| segment(place, entry.definition(), rest));
                let (at, piece, meant) =
                    found.min_by_key(|(_, piece, meant)| distance(piece, meant))?;
                Some((offset + at, piece, meant))
            }
            ("body", Some((_, rest))) => {
                let offset = offset + "body.".len();
                let (at, piece, meant) = segment(place, place.collection, rest)?;
                Some((offset + at, piece, meant))
            }
            _ if REQUEST.contains(&group) => None,
            _ => Some((offset, group, nearest(group, REQUEST)?)),
        };
    }
    if let Some(path) = token.strip_prefix("@collection.") {
        let offset = "@collection.".len();
        let (source, rest) = path.split_once('.').unwrap_or((path, ""));
        let name = source.split(':').next()?;
        let Some(entry) = place.schema.collection(name) else {
            let names = place.schema.collections().map(|entry| entry.name.as_str());
            return Some((offset, name, nearest(name, names)?));
        };
        let (at, piece, meant) = segment(place, entry.definition(), rest)?;
        return Some((offset + source.len() + 1 + at, piece, meant));
    }
    if token.starts_with('@') {
        let head = token.split('.').next()?;
        let names = MACROS.into_iter().chain(["@request", "@collection"]);
        return Some((0, head, nearest(head, names)?));
    }
    let found = segment(place, place.collection, token);
    if token.contains(['.', ':']) {
        return found;
    }
    let constant = nearest(token, ["true", "false", "null"]).map(|meant| (0, token, meant));
    [found, constant]
        .into_iter()
        .flatten()
        .min_by_key(|(_, piece, meant)| distance(piece, meant))
}

/// The same for a path that starts at a collection.
fn segment<'t>(
    place: &Place<'_>,
    start: &Collection,
    path: &'t str,
) -> Option<(usize, &'t str, String)> {
    let mut collection = start;
    let mut offset = 0;
    for piece in path.split('.') {
        let name = piece.split(':').next().unwrap_or_default();
        if let Some(field) = collection.field(name) {
            match &field.kind {
                FieldKind::Relation(options) => {
                    collection = place
                        .schema
                        .collection_by_id(&options.collection_id)?
                        .definition();
                }
                // Whatever stands behind is a path into the value.
                _ => return None,
            }
        } else if let Some((source, field)) = name.split_once("_via_")
            && let Some(entry) = place.schema.collection(source)
            && entry.field(field).is_some()
        {
            collection = entry.definition();
        } else {
            let id = &collection.id;
            let backs = place
                .schema
                .collection_by_id(id)
                .into_iter()
                .flat_map(|entry| {
                    entry.referenced_by().iter().filter_map(|back| {
                        let source = place.schema.collection_by_id(&back.collection_id)?;
                        Some(format!("{}_via_{}", source.name, back.field))
                    })
                });
            let fields = collection.fields.iter().map(|field| field.name.clone());
            let names: Vec<String> = fields.chain(backs).collect();
            let meant = nearest(name, names.iter().map(String::as_str))?;
            return Some((offset, name, meant));
        }
        offset += piece.len() + 1;
    }
    None
}

/// The name most like this one, unless none is like it.
pub(super) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    if name.len() > MAX_NAME {
        return None;
    }
    let allowed = (name.chars().count() / 3).clamp(1, 4);
    names
        .into_iter()
        .filter(|other| *other != name && other.len() <= MAX_NAME)
        .map(|other| (distance(name, other), other))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, other)| other.to_owned())
}

/// How many characters have to be put in, taken out, replaced or swapped; case counts for nothing.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().map(|c| c.to_ascii_lowercase()).collect();
    let b: Vec<char> = b.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at =
                |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut least = (at(&row, j) + usize::from(x != y))
                .min(at(&row, j + 1) + 1)
                .min(at(&next, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                least = least.min(at(&before, j - 1) + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn names_are_alike_by_few_changes() {
        assert_eq!(distance("titel", "title"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(nearest("fals", ["true", "false"]), Some("false".to_owned()));
        assert_eq!(
            nearest("prise", ["price", "status"]),
            Some("price".to_owned())
        );
        assert_eq!(nearest("zzz", ["price", "status"]), None);
    }
}
