//! Kinds of JSON objects, told by some of their members.

const GEOMETRIES: &[&str] = &[
    "Feature",
    "FeatureCollection",
    "GeometryCollection",
    "LineString",
    "MultiLineString",
    "MultiPoint",
    "MultiPolygon",
    "Point",
    "Polygon",
];

/// The type and the extension of a JSON text, which may have been cut.
pub(super) fn kind(text: &str) -> (&'static str, &'static str) {
    let string = |value: &str| Some(value.strip_prefix('"')?.split('"').next()?.to_owned());
    let is_geometry = members(text)
        .filter(|(name, _)| *name == "type")
        .filter_map(|(_, value)| string(value))
        .any(|kind| GEOMETRIES.contains(&kind.as_str()));
    if is_geometry {
        return ("application/geo+json", ".geojson");
    }
    let within = |outer: &'static str| {
        members(text)
            .filter(move |(name, _)| *name == outer)
            .flat_map(|(_, value)| members(value))
    };
    let is_scene = within("asset")
        .filter(|(name, _)| *name == "version")
        .filter_map(|(_, value)| string(value))
        .any(|version| matches!(version.as_str(), "1.0" | "2.0"));
    if is_scene {
        return ("model/gltf+json", ".gltf");
    }
    // What a browser recorded.
    if within("log").any(|(name, _)| matches!(name, "creator" | "entries" | "version")) {
        return ("application/json", ".har");
    }
    ("application/json", ".json")
}

/// Names of the members of the object that a text starts with, each with the text from its value on. Ends behind a list
/// that is not empty: kinds are told by what comes before the data.
fn members(text: &str) -> Members<'_> {
    Members {
        rest: text.trim_start().strip_prefix('{').unwrap_or_default(),
    }
}

struct Members<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.trim_start();
        let rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        let rest = rest.strip_prefix('"')?;
        let (name, rest) = rest.split_at_checked(string_end(rest)?)?;
        let value = rest.strip_prefix('"')?.trim_start();
        let value = value.strip_prefix(':')?.trim_start();
        self.rest = behind(value).unwrap_or_default();
        Some((name, value))
    }
}

/// What is left behind the value that a text starts with.
fn behind(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut rest = text;
    loop {
        let (first, after) = rest.split_at_checked(1)?;
        rest = match first {
            "\"" => after.get(string_end(after)? + 1..)?,
            "[" if !after.trim_start().starts_with(']') => return None,
            "{" | "[" => {
                depth += 1;
                after
            }
            "}" | "]" => {
                depth = depth.checked_sub(1)?;
                after
            }
            "," if depth == 0 => return Some(rest),
            _ => after,
        };
    }
}

/// Where the quotation mark is that ends a string.
fn string_end(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })
}
