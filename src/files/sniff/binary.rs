//! Images, media, archives, documents: types known by a signature.

use super::{ContentType, is_binary, packages};

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
    ("application/x-lzip", "application/lzip", ".lz"),
    (
        "application/x-mach-binary",
        "application/x-mach-binary",
        ".macho",
    ),
    ("application/x-unix-archive", "application/x-archive", ".a"),
    ("audio/midi", "audio/midi", ".midi"),
    ("audio/x-aiff", "audio/aiff", ".aiff"),
    ("audio/x-flac", "audio/flac", ".flac"),
    ("audio/x-wav", "audio/wav", ".wav"),
    ("image/vnd.microsoft.icon", "image/x-icon", ".ico"),
    ("image/vnd.ms-photo", "image/jxr", ".jxr"),
    ("video/mpeg", "video/mpeg", ".mpeg"),
    ("video/x-ms-wmv", "video/x-ms-asf", ".asf"),
];

/// Types that `infer` tells and the contract does not.
const UNTOLD: &[&str] = &[
    "application/postscript",
    "application/x-google-chrome-extension",
    "application/x-lz4",
    "application/x-x509-ca-cert",
];

/// Brands of the ISO base media file format. Unlisted ones are taken for `video/mp4`.
const BRANDS: &[(&[u8], &str, &str)] = &[
    (b"3g2", "video/3gpp2", ".3g2"),
    (b"3ge", "video/3gpp", ".3gp"),
    (b"3gp", "video/3gpp", ".3gp"),
    (b"3gs", "video/3gpp", ".3gp"),
    (b"F4A ", "audio/mp4", ".mp4"),
    (b"F4B ", "audio/mp4", ".mp4"),
    (b"KDDI", "video/3gpp2", ".3g2"),
    (b"M4A ", "audio/x-m4a", ".m4a"),
    (b"M4B ", "audio/mp4", ".mp4"),
    (b"M4P ", "audio/mp4", ".mp4"),
    (b"M4V ", "video/x-m4v", ".m4v"),
    (b"M4VH", "video/x-m4v", ".m4v"),
    (b"M4VP", "video/x-m4v", ".m4v"),
    (b"MSNV", "audio/mp4", ".mp4"),
    (b"NDAS", "audio/mp4", ".mp4"),
    (b"avcs", "image/heif-sequence", ".heif"),
    (b"avif", "image/avif", ".avif"),
    (b"avis", "image/avif", ".avif"),
    (b"dmb1", "video/vnd.dvb.file", ".dvb"),
    (b"dvr1", "video/vnd.dvb.file", ".dvb"),
    (b"dvt1", "video/vnd.dvb.file", ".dvb"),
    (b"heic", "image/heic", ".heic"),
    (b"heim", "image/heif", ".heif"),
    (b"heis", "image/heif", ".heif"),
    (b"heix", "image/heic", ".heic"),
    (b"hevc", "image/heic-sequence", ".heic"),
    (b"hevm", "image/heif-sequence", ".heif"),
    (b"hevs", "image/heif-sequence", ".heif"),
    (b"hevx", "image/heic-sequence", ".heic"),
    (b"mif1", "image/heif", ".heif"),
    (b"mj2s", "video/mj2", ".mj2"),
    (b"mjp2", "video/mj2", ".mj2"),
    (b"moov", "video/quicktime", ".mov"),
    (b"mqt ", "video/quicktime", ".mqv"),
    (b"msf1", "image/heif-sequence", ".heif"),
    (b"qt  ", "video/quicktime", ".mov"),
];

/// Parts that a film may start with.
const FILM_PARTS: &[&[u8]] = &[b"free", b"mdat", b"moov", b"pnot", b"skip"];

/// Formats of JPEG 2000, by the brand behind their signature.
const JPEG_2000: &[(&[u8], &str, &str)] = &[
    (b"jp2 ", "image/jp2", ".jp2"),
    (b"jpm ", "image/jpm", ".jpm"),
    (b"jpx ", "image/jpx", ".jpf"),
];

/// Names that do not stand at the start: where they do, the name, the type, the extension.
const INNER: &[(usize, &[u8], &str, &str)] = &[
    (8, b"QLCM", "audio/qcelp", ".qcp"),
    (20, b"GIMP", "image/x-gimp-gbr", ".gbr"),
    (20, b"GPAT", "image/x-gimp-pat", ".pat"),
];

/// Starts of formats that may be pure text.
const TEXTUAL: &[(&[u8], &str, &str)] = &[
    (b"#EXTM3U\n", "application/vnd.apple.mpegurl", ".m3u"),
    (b"#EXTM3U\r\n", "application/vnd.apple.mpegurl", ".m3u"),
    (b"%!PS-Adobe-", "application/postscript", ".ps"),
    (b"%FDF", "application/vnd.fdf", ".fdf"),
];

/// Signatures that `infer` does not know, or knows less well.
const SIGNATURES: &[(&[u8], &str, &str)] = &[
    (b"#!AMR", "audio/amr", ".amr"),
    (b"#?RADIANCE\n", "image/vnd.radiance", ".hdr"),
    (b".RMF", "application/vnd.rn-realmedia-vbr", ".rmvb"),
    (b".snd", "audio/basic", ".au"),
    (b"070701", "application/x-cpio", ".cpio"),
    (b"070702", "application/x-cpio", ".cpio"),
    (b"070707", "application/x-cpio", ".cpio"),
    (b"\x00\x00'\n", "application/vnd.shx", ".shx"),
    (b"\x00\x00\x00\x08wide", "video/quicktime", ".mov"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl", ".jxl"),
    (b"\x00\x00\x00\x0cJXS \r\n\x87\n", "image/jxs", ".jxs"),
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
    (b"Creative Voice File", "audio/x-unknown", ".voc"),
    (b"II*\0", "image/tiff", ".tiff"),
    (b"ITOLITLS", "application/x-ms-reader", ".lit"),
    (
        b"L\x00\x00\x00\x01\x14\x02\x00",
        "application/x-ms-shortcut",
        ".lnk",
    ),
    (b"MM\0*", "image/tiff", ".tiff"),
    (b"MPCK", "audio/musepack", ".mpc"),
    (b"OTTO", "font/otf", ".otf"),
    (b"PAR1", "application/vnd.apache.parquet", ".parquet"),
    (b"d8:announce", "application/x-bittorrent", ".torrent"),
    (b"gimp xcf", "image/x-xcf", ".xcf"),
    (b"glTF", "model/gltf-binary", ".glb"),
    (b"icns", "image/x-icns", ".icns"),
    (b"ttcf\0\x01\0\0", "font/collection", ".ttc"),
    (b"ttcf\0\x02\0\0", "font/collection", ".ttc"),
    (b"wOF2", "font/woff2", ".woff2"),
    (b"wOFF", "font/woff", ".woff"),
    (b"xar!", "application/x-xar", ".xar"),
    (b"\x4d\x3c\xb2\xa1", "application/vnd.tcpdump.pcap", ".pcap"),
    (b"\xa1\xb2\x3c\x4d", "application/vnd.tcpdump.pcap", ".pcap"),
    (b"\xa1\xb2\xc3\xd4", "application/vnd.tcpdump.pcap", ".pcap"),
    (b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap", ".pcap"),
    (b"\xd9\xd9\xf7", "application/cbor", ".cbor"),
    (b"\xff\x0a", "image/jxl", ".jxl"),
];

pub(super) fn detect(head: &[u8]) -> Option<ContentType> {
    // Formats that may be pure text.
    if let Some(found) = document(head) {
        return Some(found);
    }
    // Signatures of a few letters mean nothing in a text.
    let is_foreign = !head.first().is_some_and(u8::is_ascii) && std::str::from_utf8(head).is_err();
    let has_controls = is_binary(head);
    if !has_controls && !is_foreign {
        return None;
    }
    packages::zip(head)
        .or_else(|| packages::compound(head))
        .or_else(|| iso_media(head))
        .or_else(|| ogg(head))
        .or_else(|| animation(head))
        .or_else(|| jpeg_2000(head))
        .or_else(|| shapes(head))
        .or_else(|| signature(head))
        .or_else(|| mpeg_audio(head))
        .or_else(|| ebml(head))
        .or_else(|| program(head))
        .or_else(|| known(head))
        .or_else(|| if has_controls { vague(head) } else { None })
}

/// What may be pure text. What stands before a PDF, if it is not much, is not looked at.
fn document(head: &[u8]) -> Option<ContentType> {
    const PDF: &[u8] = b"%PDF-";
    const PDF_WITHIN: usize = 1024;
    let is_archive = packages::is_archive(head);
    let start = head.get(..PDF_WITHIN).unwrap_or(head);
    if !is_archive && start.windows(PDF.len()).any(|window| window == PDF) {
        return Some(ContentType::new("application/pdf", ".pdf"));
    }
    TEXTUAL
        .iter()
        .find(|(start, ..)| head.starts_with(start))
        .map(|(_, mime, extension)| ContentType::new(*mime, extension))
}

fn signature(head: &[u8]) -> Option<ContentType> {
    let at_start = SIGNATURES
        .iter()
        .find(|(magic, ..)| head.starts_with(magic));
    let found = at_start.map(|(_, mime, extension)| (mime, extension));
    let inside = |offset: usize, name: &[u8]| {
        head.get(offset..)
            .is_some_and(|rest| rest.starts_with(name))
    };
    found
        .or_else(|| {
            let named = INNER
                .iter()
                .find(|(offset, name, ..)| inside(*offset, name));
            named.map(|(_, _, mime, extension)| (mime, extension))
        })
        .map(|(mime, extension)| ContentType::new(*mime, extension))
}

fn iso_media(head: &[u8]) -> Option<ContentType> {
    let kind = head.get(4..8)?;
    if FILM_PARTS.contains(&kind) {
        return Some(ContentType::new("video/quicktime", ".mov"));
    }
    let brand = head.get(8..12)?;
    if kind != b"ftyp" {
        return None;
    }
    // A size that large is none.
    if head.first() != Some(&0) {
        return Some(ContentType::new("application/octet-stream", ""));
    }
    let known = BRANDS.iter().find(|(name, ..)| brand.starts_with(name));
    let (mime, extension) = known.map_or(("video/mp4", ".mp4"), |(_, mime, extension)| {
        (mime, extension)
    });
    Some(ContentType::new(mime, extension))
}

/// A PNG that says before its picture that there are more of them.
fn animation(head: &[u8]) -> Option<ContentType> {
    let mut chunks = head.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    loop {
        let (length, rest) = chunks.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        match kind {
            b"acTL" => return Some(ContentType::new("image/apng", ".apng")),
            b"IDAT" => return None,
            _ => {}
        }
        // Behind the content of a chunk is its checksum.
        let behind = usize::try_from(u32::from_be_bytes(*length))
            .ok()?
            .checked_add(4)?;
        chunks = rest.get(behind..)?;
    }
}

fn jpeg_2000(head: &[u8]) -> Option<ContentType> {
    if !matches!(head.get(4..8)?, b"jP  " | b"jP2 ") {
        return None;
    }
    let brand = head.get(20..24)?;
    let found = JPEG_2000.iter().find(|(name, ..)| *name == brand);
    Some(found.map_or_else(
        || ContentType::new("application/octet-stream", ""),
        |(_, mime, extension)| ContentType::new(*mime, extension),
    ))
}

/// The shapes of a map; the file that lists where they are starts in the same way.
fn shapes(head: &[u8]) -> Option<ContentType> {
    const KINDS: &[u32] = &[0, 1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28, 31];
    let number = |offset: usize| head.get(offset..)?.first_chunk::<4>().copied();
    let is_map = number(0)? == [0, 0, 0x27, 0x0a]
        && head.get(4..24)?.iter().all(|byte| *byte == 0)
        && u32::from_le_bytes(number(28)?) == 1000
        && KINDS.contains(&u32::from_le_bytes(number(108)?));
    is_map.then(|| ContentType::new("application/vnd.shp", ".shp"))
}

/// The start of a frame of sound.
fn mpeg_audio(head: &[u8]) -> Option<ContentType> {
    let is_frame = matches!(head, [0xff, 0xe2 | 0xe3 | 0xf2..=0xf5 | 0xfa..=0xfd, _, ..]);
    is_frame.then(|| ContentType::new("audio/mpeg", ".mp3"))
}

/// Programs and their parts, by what their header says they are.
fn program(head: &[u8]) -> Option<ContentType> {
    if head.starts_with(b"\x7fELF") {
        let kind = match (head.get(5), head.get(16..18)) {
            (Some(2), Some([0, kind])) | (Some(_), Some([kind, 0])) => *kind,
            _ => 0,
        };
        let (mime, extension) = match kind {
            1 => ("application/x-object", ""),
            2 => ("application/x-executable", ""),
            3 => ("application/x-sharedlib", ".so"),
            4 => ("application/x-coredump", ""),
            _ => ("application/x-elf", ""),
        };
        return Some(ContentType::new(mime, extension));
    }
    let (version, rest) = head.split_first_chunk::<2>()?;
    let is_bytecode = matches!(
        u16::from_le_bytes(*version),
        3000..=3839 | 20121 | 50428..=62218
    ) && matches!(rest, [b'\r', b'\n', 0..=3, 0, 0, 0, ..]);
    is_bytecode.then(|| ContentType::new("application/x-bytecode.python", ".pyc"))
}

/// Formats with hardly a signature, so that all others are asked first.
fn vague(head: &[u8]) -> Option<ContentType> {
    let is_time_zone = matches!(head, [b'T', b'Z', b'i', b'f', 0 | b'2' | b'3', ..])
        && head.get(36..40).is_some_and(|count| *count != [0; 4]);
    if is_time_zone {
        return Some(ContentType::new("application/tzif", ""));
    }
    if matches!(head, [0x78, check, ..] if (0x7800 + u16::from(*check)) % 31 == 0) {
        return Some(ContentType::new("application/zlib", ""));
    }
    is_table(head).then(|| ContentType::new("application/x-dbf", ".dbf"))
}

/// A table of dBase: its kind, when it was changed last, and bytes that are always zero.
fn is_table(head: &[u8]) -> bool {
    const HEADER: usize = 68;
    let is_kind = matches!(
        head,
        [
            0x02..=0x05
            | 0x30..=0x32
            | 0x42
            | 0x62
            | 0x68
            | 0x7b
            | 0x82
            | 0x83
            | 0x87
            | 0x8a
            | 0x8b
            | 0x8e
            | 0xb3
            | 0xcb
            | 0xe5
            | 0xf4
            | 0xf5
            | 0xfb,
            _,
            1..=12,
            1..=31,
            ..,
        ]
    );
    is_kind
        && head.len() >= HEADER
        && [12, 13, 30, 31].iter().all(|at| head.get(*at) == Some(&0))
        && head.get(28).is_some_and(|flag| *flag <= 1)
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
