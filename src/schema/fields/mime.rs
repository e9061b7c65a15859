//! Names of content types: which ones mean the same.

/// Other names that the contract knows for the types of uploads, in the order of the types.
const ALIASES: &[(&str, &[&str])] = &[
    ("application/fits", &["image/fits"]),
    (
        "application/gzip",
        &[
            "application/gzip-compressed",
            "application/gzipped",
            "application/x-gunzip",
            "application/x-gzip",
            "application/x-gzip-compressed",
            "gzip/document",
        ],
    ),
    (
        "application/java-archive",
        &[
            "application/jar",
            "application/jar-archive",
            "application/x-java-archive",
        ],
    ),
    ("application/lzip", &["application/x-lzip"]),
    ("application/msword", &["application/vnd.ms-word"]),
    ("application/pdf", &["application/x-pdf"]),
    ("application/rss+xml", &["text/rss"]),
    ("application/vnd.apache.parquet", &["application/x-parquet"]),
    (
        "application/vnd.apple.mpegurl",
        &["application/x-mpegurl", "audio/mpegurl"],
    ),
    ("application/vnd.ms-excel", &["application/msexcel"]),
    (
        "application/vnd.ms-powerpoint",
        &["application/mspowerpoint"],
    ),
    (
        "application/vnd.oasis.opendocument.chart",
        &["application/x-vnd.oasis.opendocument.chart"],
    ),
    (
        "application/vnd.oasis.opendocument.formula",
        &["application/x-vnd.oasis.opendocument.formula"],
    ),
    (
        "application/vnd.oasis.opendocument.graphics",
        &["application/x-vnd.oasis.opendocument.graphics"],
    ),
    (
        "application/vnd.oasis.opendocument.graphics-template",
        &["application/x-vnd.oasis.opendocument.graphics-template"],
    ),
    (
        "application/vnd.oasis.opendocument.presentation",
        &["application/x-vnd.oasis.opendocument.presentation"],
    ),
    (
        "application/vnd.oasis.opendocument.presentation-template",
        &["application/x-vnd.oasis.opendocument.presentation-template"],
    ),
    (
        "application/vnd.oasis.opendocument.spreadsheet",
        &["application/x-vnd.oasis.opendocument.spreadsheet"],
    ),
    (
        "application/vnd.oasis.opendocument.spreadsheet-template",
        &["application/x-vnd.oasis.opendocument.spreadsheet-template"],
    ),
    (
        "application/vnd.oasis.opendocument.text",
        &["application/x-vnd.oasis.opendocument.text"],
    ),
    (
        "application/vnd.oasis.opendocument.text-template",
        &["application/x-vnd.oasis.opendocument.text-template"],
    ),
    (
        "application/vnd.rar",
        &["application/x-rar", "application/x-rar-compressed"],
    ),
    ("application/vnd.sqlite3", &["application/x-sqlite3"]),
    ("application/x-archive", &["application/x-unix-archive"]),
    ("application/x-subrip", &["application/x-srt", "text/x-srt"]),
    (
        "application/zip",
        &["application/x-zip", "application/x-zip-compressed"],
    ),
    ("audio/aiff", &["audio/x-aiff"]),
    ("audio/amr", &["audio/amr-nb"]),
    (
        "audio/midi",
        &["audio/mid", "audio/sp-midi", "audio/x-mid", "audio/x-midi"],
    ),
    ("audio/mp4", &["audio/x-mp4a"]),
    ("audio/mpeg", &["audio/mp3", "audio/x-mpeg"]),
    (
        "audio/wav",
        &["audio/vnd.wave", "audio/wave", "audio/x-wav"],
    ),
    ("image/apng", &["image/vnd.mozilla.apng"]),
    ("image/bmp", &["image/x-bmp", "image/x-ms-bmp"]),
    ("image/jpm", &["video/jpm"]),
    ("image/jxr", &["image/vnd.ms-photo"]),
    (
        "image/vnd.adobe.photoshop",
        &["application/photoshop", "image/x-psd"],
    ),
    (
        "image/vnd.dwg",
        &[
            "application/acad",
            "application/autocad_dwg",
            "application/dwg",
            "application/x-acad",
            "application/x-autocad",
            "application/x-dwg",
            "drawing/dwg",
            "image/x-dwg",
        ],
    ),
    (
        "text/javascript",
        &["application/javascript", "application/x-javascript"],
    ),
    ("text/rtf", &["application/rtf"]),
    (
        "text/x-python",
        &["application/x-python", "text/x-script.python"],
    ),
    ("text/x-ruby", &["application/x-ruby"]),
    (
        "text/x-shellscript",
        &["application/x-sh", "application/x-shellscript", "text/x-sh"],
    ),
    ("text/x-tcl", &["application/x-tcl"]),
    ("text/xml", &["application/xml"]),
    ("video/3gpp", &["audio/3gpp", "video/3gp"]),
    ("video/3gpp2", &["audio/3gpp2", "video/3g2"]),
    ("video/matroska", &["video/x-matroska"]),
    ("video/webm", &["audio/webm"]),
    ("video/x-ms-asf", &["video/asf", "video/x-ms-wmv"]),
    ("video/x-msvideo", &["video/avi", "video/msvideo"]),
];

/// Says whether a field that lists `listed` takes content of the type `found`. Case and parameters make no difference.
pub(super) fn is_meant(listed: &str, found: &str) -> bool {
    let (listed, found) = (essence(listed), essence(found));
    let is_alias = || {
        let row = ALIASES.iter().find(|(name, _)| *name == found);
        row.is_some_and(|(_, aliases)| aliases.contains(&listed.as_str()))
    };
    listed == found || is_alias()
}

fn essence(mime: &str) -> String {
    mime.split(';')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{ALIASES, is_meant};

    #[test]
    fn types_have_several_names() {
        for (listed, found, expect) in [
            ("audio/mpeg", "audio/mpeg", true),
            ("audio/mp3", "audio/mpeg", true),
            ("Audio/X-MPEG; a=b", "audio/mpeg", true),
            ("application/x-zip-compressed", "application/zip", true),
            ("application/xml", "text/xml; charset=utf-8", true),
            ("text/plain", "text/plain; charset=utf-8", true),
            // One type is not another because it is written in the other.
            ("application/zip", "application/java-archive", false),
            ("text/plain", "text/csv", false),
            ("audio/mpeg", "audio/mp3", false),
            ("image/png", "image/apng", false),
            ("", "audio/mpeg", false),
        ] {
            assert_eq!(is_meant(listed, found), expect, "{listed} {found}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_names_each_thing_once() {
        assert!(ALIASES.is_sorted_by_key(|(name, _)| name));
        let mut names: Vec<&str> = (ALIASES.iter())
            .flat_map(|(name, aliases)| aliases.iter().chain([name]))
            .copied()
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
