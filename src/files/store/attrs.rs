//! The sidecar of a stored file, `<file>.attrs`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Suffix of a sidecar's name.
pub(super) const SUFFIX: &str = ".attrs";

/// Longest sidecar that is read.
pub(super) const MAX_BYTES: u64 = 64 * 1024;

const UNKNOWN_TYPE: &str = "application/octet-stream";

/// Writes a sidecar; its members have the order other programs write them in.
pub(super) fn write(content_type: &str, original_name: Option<&str>, md5: &[u8]) -> String {
    let text = |value: &str| Value::from(value).to_string();
    let metadata = original_name.map_or(json!({}), |name| json!({ "original-filename": name }));
    format!(
        concat!(
            r#"{{"user.cache_control":"","user.content_disposition":"","user.content_encoding":"","#,
            r#""user.content_language":"","user.content_type":{},"user.metadata":{},"md5":{}}}"#
        ),
        text(content_type),
        metadata,
        text(&STANDARD.encode(md5)),
    )
}

/// The content type a sidecar tells; unknown if there is none in it.
pub(super) fn content_type(sidecar: &[u8]) -> String {
    serde_json::from_slice::<Value>(sidecar)
        .ok()
        .and_then(|attrs| attrs.get("user.content_type")?.as_str().map(str::to_owned))
        .filter(|content_type| !content_type.is_empty())
        .unwrap_or_else(|| UNKNOWN_TYPE.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{content_type, write};

    #[test]
    fn sidecars_have_the_known_form() {
        let sidecar = write("image/png", Some("a \"b\".png"), b"\xa7\x1e");
        assert_eq!(
            sidecar,
            concat!(
                r#"{"user.cache_control":"","user.content_disposition":"","user.content_encoding":"","#,
                r#""user.content_language":"","user.content_type":"image/png","#,
                r#""user.metadata":{"original-filename":"a \"b\".png"},"md5":"px4="}"#
            )
        );
        assert_eq!(content_type(sidecar.as_bytes()), "image/png");
        assert!(write("image/png", None, b"").contains(r#""user.metadata":{},"#));
    }

    #[test]
    fn a_missing_or_broken_sidecar_means_unknown_data() {
        for sidecar in [
            "",
            "garbage",
            "{}",
            r#"{"user.content_type":""}"#,
            r#"{"user.content_type":1}"#,
        ] {
            assert_eq!(content_type(sidecar.as_bytes()), "application/octet-stream");
        }
    }
}
