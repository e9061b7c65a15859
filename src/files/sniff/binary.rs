//! Images, media, archives, documents: types known by a signature.

use super::{ContentType, is_binary};

/// Types that `infer` names differently from the contract: its name, ours, our extension.
const RENAMED: &[(&str, &str, &str)] = &[
    ("application/font-sfnt", "font/ttf", ".ttf"),
    ("application/java", "application/x-java-applet", ".class"),
    ("application/rtf", "text/rtf", ".rtf"),
    (
        "application/x-nintendo-nes-rom",
        "application/vnd.nintendo.snes.rom",
        ".nes",
    ),
    ("audio/midi", "audio/midi", ".mid"),
    ("audio/x-aiff", "audio/aiff", ".aiff"),
    ("audio/x-flac", "audio/flac", ".flac"),
    ("audio/x-wav", "audio/wav", ".wav"),
    ("image/vnd.microsoft.icon", "image/x-icon", ".ico"),
    ("image/vnd.ms-photo", "image/jxr", ".jxr"),
    ("video/mpeg", "video/mpeg", ".mpeg"),
    ("video/x-ms-wmv", "video/x-ms-asf", ".asf"),
];

/// Types that `infer` tells and the contract does not.
const UNTOLD: &[&str] = &["application/x-google-chrome-extension", "application/x-lz4"];

/// Brands of the ISO base media file format. Unlisted ones are taken for `video/mp4`.
const BRANDS: &[(&[u8], &str, &str)] = &[
    (b"3g2", "video/3gpp2", ".3g2"),
    (b"3gp", "video/3gpp", ".3gp"),
    (b"F4A", "audio/mp4", ".mp4"),
    (b"F4B", "audio/mp4", ".mp4"),
    (b"M4A", "audio/x-m4a", ".m4a"),
    (b"M4B", "audio/mp4", ".mp4"),
    (b"M4P", "audio/mp4", ".mp4"),
    (b"M4V", "video/x-m4v", ".m4v"),
    (b"MSNV", "audio/mp4", ".mp4"),
    (b"NDAS", "audio/mp4", ".mp4"),
    (b"avif", "image/avif", ".avif"),
    (b"avis", "image/avif", ".avif"),
    (b"heic", "image/heic", ".heic"),
    (b"heix", "image/heic", ".heic"),
    (b"heim", "image/heif", ".heif"),
    (b"heis", "image/heif", ".heif"),
    (b"mif1", "image/heif", ".heif"),
    (b"mj2s", "video/mj2", ".mj2"),
    (b"msf1", "image/heif-sequence", ".heif"),
    (b"qt", "video/quicktime", ".mov"),
];

/// Signatures that `infer` does not know, or knows less well.
const SIGNATURES: &[(&[u8], &str, &str)] = &[
    (b"#!AMR", "audio/amr", ".amr"),
    (b"#?RADIANCE\n", "image/vnd.radiance", ".hdr"),
    (b".snd", "audio/basic", ".au"),
    (b"\x00\x00'\n", "application/vnd.shx", ".shx"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl", ".jxl"),
    (b"\x00\x00\x02\x00", "image/x-icon", ".ico"),
    (
        b"\x00\x01\x00\x00Standard ACE DB",
        "application/x-msaccess",
        ".accdb",
    ),
    (
        b"\x00\x01\x00\x00Standard Jet DB",
        "application/x-msaccess",
        ".mdb",
    ),
    (b"BPG\xfb", "image/bpg", ".bpg"),
    (b"II*\0", "image/tiff", ".tiff"),
    (
        b"L\x00\x00\x00\x01\x14\x02\x00",
        "application/x-ms-shortcut",
        ".lnk",
    ),
    (b"MM\0*", "image/tiff", ".tiff"),
    (b"OTTO", "font/otf", ".otf"),
    (b"PAR1", "application/vnd.apache.parquet", ".parquet"),
    (b"d8:announce", "application/x-bittorrent", ".torrent"),
    (b"gimp xcf", "image/x-xcf", ".xcf"),
    (b"glTF", "model/gltf-binary", ".glb"),
    (b"wOF2", "font/woff2", ".woff2"),
    (b"wOFF", "font/woff", ".woff"),
    (b"xar!", "application/x-xar", ".xar"),
];

pub(super) fn detect(head: &[u8]) -> Option<ContentType> {
    // Formats that may be pure text.
    let trimmed = head.trim_ascii_start();
    if trimmed.starts_with(b"%PDF-") {
        return Some(ContentType::new("application/pdf", ".pdf"));
    }
    if head.starts_with(b"%!PS-Adobe-") {
        return Some(ContentType::new("application/postscript", ".ps"));
    }
    // Signatures of a few letters mean nothing in a text.
    let is_foreign = !head.first().is_some_and(u8::is_ascii) && std::str::from_utf8(head).is_err();
    if !is_binary(head) && !is_foreign {
        return None;
    }
    iso_media(head)
        .or_else(|| ogg(head))
        .or_else(|| signature(head))
        .or_else(|| zip(head))
        .or_else(|| ebml(head))
        .or_else(|| known(head))
}

fn signature(head: &[u8]) -> Option<ContentType> {
    SIGNATURES
        .iter()
        .find(|(magic, ..)| head.starts_with(magic))
        .map(|(_, mime, extension)| ContentType::new(*mime, extension))
}

fn iso_media(head: &[u8]) -> Option<ContentType> {
    let brand = head.get(8..12)?;
    if head.get(4..8)? != b"ftyp" {
        return None;
    }
    let known = BRANDS.iter().find(|(name, ..)| brand.starts_with(name));
    let (mime, extension) = known.map_or(("video/mp4", ".mp4"), |(_, mime, extension)| {
        (mime, extension)
    });
    Some(ContentType::new(mime, extension))
}

fn ogg(head: &[u8]) -> Option<ContentType> {
    if !head.starts_with(b"OggS") {
        return None;
    }
    let codec = head.get(28..).unwrap_or_default();
    let starts = |names: &[&[u8]]| names.iter().any(|name| codec.starts_with(name));
    Some(if starts(&[b"\x80theora", b"fishead\0"]) {
        ContentType::new("video/ogg", ".ogv")
    } else if starts(&[b"\x01vorbis", b"OpusHead", b"Speex   ", b"\x7fFLAC"]) {
        ContentType::new("audio/ogg", ".oga")
    } else {
        ContentType::new("application/ogg", ".ogg")
    })
}

/// Packages that are zip archives, by the names of their first entries.
fn zip(head: &[u8]) -> Option<ContentType> {
    const MAGIC: &[u8] = b"PK\x03\x04";
    const NAME_OFFSET: usize = 30;
    const PARTS: &[(&[u8], &str, &str)] = &[
        (
            b"word/",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ".docx",
        ),
        (
            b"xl/",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ".xlsx",
        ),
        (
            b"ppt/",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            ".pptx",
        ),
    ];
    const MAP: &[u8] = b"doc.kml";
    const DRAWING: &[u8] = b"visio/";
    if !head.starts_with(MAGIC) {
        return None;
    }
    let mut names = head
        .windows(MAGIC.len())
        .enumerate()
        .filter(|(_, window)| *window == MAGIC)
        .filter_map(|(offset, _)| head.get(offset + NAME_OFFSET..));
    let first = names.next()?;
    if first.starts_with(b"META-INF/") {
        return Some(ContentType::new("application/java-archive", ".jar"));
    }
    if first.starts_with(b"AndroidManifest.xml") {
        return Some(ContentType::new(
            "application/vnd.android.package-archive",
            ".apk",
        ));
    }
    if first.starts_with(MAP) || names.clone().any(|name| name.starts_with(MAP)) {
        return Some(ContentType::new("application/vnd.google-earth.kmz", ".kmz"));
    }
    if first.starts_with(DRAWING) || names.clone().any(|name| name.starts_with(DRAWING)) {
        return Some(ContentType::new(
            "application/vnd.ms-visio.drawing.main+xml",
            ".vsdx",
        ));
    }
    let part = |name: &[u8]| PARTS.iter().find(|(part, ..)| name.starts_with(part));
    let is_office = [b"[Content_Types].xml".as_slice(), b"_rels/", b"docProps/"]
        .iter()
        .any(|start| first.starts_with(start));
    let found = part(first).or_else(|| is_office.then(|| names.find_map(part)).flatten());
    found.map(|(_, mime, extension)| ContentType::new(*mime, extension))
}

/// Matroska and its web profile, told apart by the document type in the header.
fn ebml(head: &[u8]) -> Option<ContentType> {
    if !head.starts_with(b"\x1a\x45\xdf\xa3") {
        return None;
    }
    let header = head.get(..64).unwrap_or(head);
    let contains = |kind: &[u8]| header.windows(kind.len()).any(|window| window == kind);
    if contains(b"webm") {
        Some(ContentType::new("video/webm", ".webm"))
    } else {
        contains(b"matroska").then(|| ContentType::new("video/matroska", ".mkv"))
    }
}

fn known(head: &[u8]) -> Option<ContentType> {
    let found = infer::get(head)?;
    if found.mime_type() == "image/bmp" && !is_bitmap(head) {
        return None;
    }
    if UNTOLD.contains(&found.mime_type()) {
        return None;
    }
    if let Some((_, mime, extension)) = RENAMED.iter().find(|(name, ..)| *name == found.mime_type())
    {
        return Some(ContentType::new(*mime, extension));
    }
    Some(ContentType::new(
        found.mime_type(),
        dotted(found.extension()),
    ))
}

/// Two letters are not enough: the reserved bytes have to be zero and the size of the header one that exists.
fn is_bitmap(head: &[u8]) -> bool {
    head.get(6..10) == Some(&[0; 4])
        && matches!(
            head.get(14..18),
            Some([12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0])
        )
}

/// The extension with its dot, for the types that are left to `infer`.
fn dotted(extension: &str) -> &'static str {
    const EXTENSIONS: &[&str] = &[
        ".7z", ".aac", ".amr", ".ape", ".ar", ".avi", ".bmp", ".bz2", ".cab", ".cpio", ".dcm",
        ".deb", ".djvu", ".doc", ".docx", ".dwg", ".epub", ".exe", ".flv", ".gif", ".gz", ".jp2",
        ".jpg", ".jxl", ".lz", ".mobi", ".mp3", ".odp", ".ods", ".odt", ".png", ".ppt", ".pptx",
        ".psd", ".rar", ".rpm", ".sqlite", ".swf", ".tar", ".wasm", ".webm", ".webp", ".xls",
        ".xlsx", ".xz", ".zip", ".zst",
    ];
    EXTENSIONS
        .iter()
        .copied()
        .find(|known| known.strip_prefix('.') == Some(extension))
        .unwrap_or_default()
}
