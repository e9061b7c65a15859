//! Files with files in them: zip archives and what is packed as one, and the compound files of older office programs.

use super::ContentType;

const ZIP: &[u8] = b"PK\x03\x04";
const SEVEN_ZIP: &[u8] = b"7z\xbc\xaf\x27\x1c";

/// Names of first entries that packages of office programs start with.
const OFFICE: &[&[u8]] = &[
    b"[Content_Types].xml",
    b"[trash]/",
    b"_rels/",
    b"customXml/",
    b"docProps/",
];

/// Folders that tell kinds of such packages apart.
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
    (
        b"visio/",
        "application/vnd.ms-visio.drawing.main+xml",
        ".vsdx",
    ),
];

/// Entries of programs for Android, anywhere in the archive.
const ANDROID: &[&[u8]] = &[
    b"AndroidManifest.xml",
    b"META-INF/com/android/build/gradle/app-metadata.properties",
    b"classes.dex",
    b"res/drawable",
    b"resources.arsc",
];

/// Types that a first entry named `mimetype` tells, by their start: a template before what it is a template of.
const TYPED: &[(&str, &str)] = &[
    ("application/epub+zip", ".epub"),
    ("application/vnd.oasis.opendocument.chart", ".odc"),
    ("application/vnd.oasis.opendocument.formula", ".odf"),
    (
        "application/vnd.oasis.opendocument.graphics-template",
        ".otg",
    ),
    ("application/vnd.oasis.opendocument.graphics", ".odg"),
    (
        "application/vnd.oasis.opendocument.presentation-template",
        ".otp",
    ),
    ("application/vnd.oasis.opendocument.presentation", ".odp"),
    (
        "application/vnd.oasis.opendocument.spreadsheet-template",
        ".ots",
    ),
    ("application/vnd.oasis.opendocument.spreadsheet", ".ods"),
    ("application/vnd.oasis.opendocument.text-template", ".ott"),
    ("application/vnd.oasis.opendocument.text", ".odt"),
    ("application/vnd.sun.xml.calc", ".sxc"),
];

/// Archives whose entries may hold any text as it is.
pub(super) fn is_archive(head: &[u8]) -> bool {
    head.starts_with(ZIP) || head.starts_with(SEVEN_ZIP)
}

/// A zip archive, or what it is a package of by the names of its first entries.
pub(super) fn zip(head: &[u8]) -> Option<ContentType> {
    const MAP: &[u8] = b"doc.kml";
    if !head.starts_with(ZIP) {
        return None;
    }
    let names = || Entries { rest: head };
    let first = names().next().unwrap_or_default();
    if let Some((mime, extension)) = typed(head) {
        return Some(ContentType::new(mime, extension));
    }
    if names().any(|name| ANDROID.contains(&name)) {
        let mime = "application/vnd.android.package-archive";
        return Some(ContentType::new(mime, ".apk"));
    }
    if matches!(first, b"META-INF/" | b"META-INF/MANIFEST.MF") {
        return Some(ContentType::new("application/java-archive", ".jar"));
    }
    if names().any(|name| name.starts_with(MAP)) {
        return Some(ContentType::new("application/vnd.google-earth.kmz", ".kmz"));
    }
    let part = |name: &[u8]| PARTS.iter().find(|(part, ..)| name.starts_with(part));
    let is_office = OFFICE.iter().any(|start| first.starts_with(start));
    let found = part(first).or_else(|| is_office.then(|| names().find_map(part)).flatten());
    Some(found.map_or_else(
        || ContentType::new("application/zip", ".zip"),
        |(_, mime, extension)| ContentType::new(*mime, extension),
    ))
}

/// The names of entries whose headers are in a piece of an archive.
struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        const NAME_LENGTH: usize = 26;
        const NAME: usize = 30;
        let start = self.rest.windows(ZIP.len()).position(|at| at == ZIP)?;
        let entry = self.rest.get(start..)?;
        self.rest = entry.get(ZIP.len()..)?;
        let length = entry.get(NAME_LENGTH..)?.first_chunk::<2>()?;
        let names = entry.get(NAME..)?;
        // The last one may have been cut.
        let length = usize::from(u16::from_le_bytes(*length)).min(names.len());
        names.get(..length)
    }
}

/// What the content of a first entry named `mimetype` says, which is not compressed.
fn typed(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let content = head.get(30..)?.strip_prefix(b"mimetype")?;
    TYPED
        .iter()
        .copied()
        .find(|(mime, _)| content.starts_with(mime.as_bytes()))
}

/// A compound file, told apart by the class of its root or by the start of its first sector.
pub(super) fn compound(head: &[u8]) -> Option<ContentType> {
    if !head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return None;
    }
    let found = by_class(head).or_else(|| by_sector(head));
    let (mime, extension) = found.unwrap_or(("application/x-ole-storage", ""));
    Some(ContentType::new(mime, extension))
}

const DOCUMENT: (&str, &str) = ("application/msword", ".doc");
const SHEET: (&str, &str) = ("application/vnd.ms-excel", ".xls");
const SLIDES: (&str, &str) = ("application/vnd.ms-powerpoint", ".ppt");
const MESSAGE: (&str, &str) = ("application/vnd.ms-outlook", ".msg");

const SECTOR: usize = 512;

fn by_class(head: &[u8]) -> Option<(&'static str, &'static str)> {
    const VERSION: usize = 26;
    const DIRECTORY: usize = 48;
    const CLASS: usize = 80;
    if head.get(VERSION) != Some(&3) {
        return None;
    }
    let sector = head.get(DIRECTORY..)?.first_chunk::<4>()?;
    let sector = usize::try_from(u32::from_le_bytes(*sector)).ok()?;
    let start = sector.checked_add(1)?.checked_mul(SECTOR)?;
    match head.get(start..)?.get(CLASS..)?.first_chunk::<16>()? {
        [kind, number, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46] => match (kind, number) {
            (0 | 6, 9) => Some(DOCUMENT),
            (0x10 | 0x20, 8) => Some(SHEET),
            (0x0b, 0x0d) => Some(MESSAGE),
            _ => None,
        },
        b"\x10\x8d\x81\x64\x9b\x4f\xcf\x11\x86\xea\x00\xaa\x00\xb9\x29\xe8" => Some(SLIDES),
        _ => None,
    }
}

fn by_sector(head: &[u8]) -> Option<(&'static str, &'static str)> {
    match head.get(SECTOR..)? {
        [0x09, 0x08, 0x10, 0, 0, 0x06, 0x05, 0, ..]
        | [
            0xfd,
            0xff,
            0xff,
            0xff,
            0x10 | 0x1f | 0x22 | 0x23 | 0x28 | 0x29,
            ..,
        ] => Some(SHEET),
        [0x00, 0x6e, 0x1e, 0xf0, ..]
        | [0x0f, 0x00, 0xe8, 0x03, ..]
        | [0xa0, 0x46, 0x1d, 0xf0, ..] => Some(SLIDES),
        _ => None,
    }
}
