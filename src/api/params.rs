//! What a request's path says where its route has `{names}`.

use percent_encoding::percent_decode_str;

/// Most parameters of a path in the table.
pub(super) const MAX_PARAMS: usize = 3;

/// The parameters of a path, decoded.
#[derive(Debug, Default)]
pub(super) struct Params([Option<(&'static str, String)>; MAX_PARAMS]);

impl Params {
    /// The value of a parameter; `""` when there is none of that name.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .flatten()
            .find_map(|(key, value)| (*key == name).then_some(value.as_str()))
            .unwrap_or_default()
    }

    /// Decodes the values of the parameters that a path of the table names. What is no text becomes one that nothing is
    /// called by.
    pub(super) fn decode<'a>(path: &'static str, values: impl Iterator<Item = &'a str>) -> Self {
        let names = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let mut params = Self::default();
        for ((slot, name), value) in params.0.iter_mut().zip(names).zip(values) {
            let value = percent_decode_str(value).decode_utf8_lossy();
            *slot = Some((name, value.into_owned()));
        }
        params
    }
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn parameters_are_decoded() {
        let path = "/api/collections/{collection}/records/{id}";
        let params = Params::decode(path, ["a%20b", "%C3%A4"].into_iter());
        assert_eq!(
            ["collection", "id", "other"].map(|name| params.get(name)),
            ["a b", "ä", ""]
        );
        let params = Params::decode(path, ["a", "%ff"].into_iter());
        assert_eq!(params.get("collection"), "a");
        assert_eq!(params.get("id"), "\u{fffd}");
    }
}
