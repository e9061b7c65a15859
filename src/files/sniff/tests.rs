//! Types as other programs with the same data directory tell them.

use super::{HEAD_BYTES, sniff};

#[track_caller]
pub(super) fn check(content: impl AsRef<[u8]>, mime: &str, extension: &str) {
    let found = sniff(content.as_ref());
    let start = String::from_utf8_lossy(content.as_ref())
        .chars()
        .take(40)
        .collect::<String>();
    assert_eq!(
        (found.mime.as_str(), found.extension),
        (mime, extension),
        "{start:?}"
    );
}

/// The start of a zip archive with entries of these names.
pub(super) fn zip(names: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for name in names {
        out.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\0\x83\x16\xdc\x8c\x01\0\0\0\x01\0\0\0");
        out.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        out.extend([0, 0]);
        out.extend(name.as_bytes());
        out.push(b'x');
    }
    out
}

/// A first entry named `mimetype` that tells the type of the archive.
pub(super) fn typed_zip(mime: &str) -> Vec<u8> {
    let mut out = b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\0\x83\x16\xdc\x8c".to_vec();
    for _ in 0..2 {
        out.extend(u32::try_from(mime.len()).unwrap().to_le_bytes());
    }
    out.extend(b"\x08\0\0\0mimetype");
    out.extend(mime.as_bytes());
    out.extend(zip(&["content.xml"]));
    out
}

pub(super) fn padded(start: &[u8]) -> Vec<u8> {
    let mut out = start.to_vec();
    out.resize(out.len() + 400, 0);
    out
}

#[test]
fn images() {
    check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png", ".png");
    check(b"GIF89a\x01\0\x01\0", "image/gif", ".gif");
    check(b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg", ".jpg");
    check(b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp", ".webp");
    check(b"\0\0\x01\0\x01\0", "image/x-icon", ".ico");
    check(b"\0\0\x02\0\x01\0", "image/x-icon", ".ico");
    check(b"II*\0", "image/tiff", ".tiff");
    check(b"MM\0*", "image/tiff", ".tiff");
    check(b"8BPS\0\x01", "image/vnd.adobe.photoshop", ".psd");
    check(
        padded(b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"),
        "image/bmp",
        ".bmp",
    );
    check(
        padded(b"BM\x3a\0\0\0\x01\0\0\0\x36\0\0\0\x28\0\0\0"),
        "application/octet-stream",
        "",
    );
    for (brand, mime, extension) in [
        ("avif", "image/avif", ".avif"),
        ("heic", "image/heic", ".heic"),
        ("mif1", "image/heif", ".heif"),
        ("qt  ", "video/quicktime", ".mov"),
        ("M4A ", "audio/x-m4a", ".m4a"),
        ("M4V ", "video/x-m4v", ".m4v"),
        ("3gp4", "video/3gpp", ".3gp"),
        ("isom", "video/mp4", ".mp4"),
    ] {
        check(format!("\0\0\0\x20ftyp{brand}\0\0\0\0"), mime, extension);
    }
}

#[test]
fn media() {
    check(
        padded(b"ID3\x04\0\0\0\0\0\0\xff\xfb\x90\x44"),
        "audio/mpeg",
        ".mp3",
    );
    check(padded(b"\xff\xfb\x90\x44"), "audio/mpeg", ".mp3");
    check(b"\xff\xfb\x90\x44", "audio/mpeg", ".mp3");
    check(b"#!AMR\n\0\x01", "audio/amr", ".amr");
    check(b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav", ".wav");
    check(padded(b"RIFF\x24\0\0\0AVI LIST"), "video/x-msvideo", ".avi");
    check(padded(b"fLaC\0\0\0\x22"), "audio/flac", ".flac");
    check(b"MThd\0\0\0\x06", "audio/midi", ".midi");
    check(padded(b"FORM\0\0\0\x20AIFFCOMM"), "audio/aiff", ".aiff");
    check(b".snd\0\0\0\x18", "audio/basic", ".au");
    check(b"\xff\xf1\x50\x80\0", "audio/aac", ".aac");
    let ogg = |codec: &[u8]| [b"OggS\0\x02", [0; 22].as_slice(), codec].concat();
    check(ogg(b"OpusHead"), "audio/ogg", ".oga");
    check(ogg(b"\x01vorbis"), "audio/ogg", ".oga");
    check(ogg(b"\x80theora"), "video/ogg", ".ogv");
    check(ogg(b""), "application/ogg", ".ogg");
    let ebml = |kind: &str| {
        let start = b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x23B\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x88";
        [start.as_slice(), kind.as_bytes()].concat()
    };
    check(ebml("matroska"), "video/matroska", ".mkv");
    check(ebml("webm"), "video/webm", ".webm");
}

#[test]
fn archives_and_documents() {
    check(b"\x1f\x8b\x08\0\0\0\0\0\0\0", "application/gzip", ".gz");
    check(zip(&["a.txt"]), "application/zip", ".zip");
    check(
        zip(&["META-INF/MANIFEST.MF"]),
        "application/java-archive",
        ".jar",
    );
    let office = "application/vnd.openxmlformats-officedocument";
    for (part, kind, extension) in [
        ("word/document.xml", "wordprocessingml.document", ".docx"),
        ("xl/workbook.xml", "spreadsheetml.sheet", ".xlsx"),
        (
            "ppt/presentation.xml",
            "presentationml.presentation",
            ".pptx",
        ),
    ] {
        let package = zip(&["[Content_Types].xml", "_rels/.rels", part]);
        check(package, &format!("{office}.{kind}"), extension);
    }
    for (mime, extension) in [
        ("application/vnd.oasis.opendocument.text", ".odt"),
        ("application/vnd.oasis.opendocument.spreadsheet", ".ods"),
        ("application/epub+zip", ".epub"),
    ] {
        check(typed_zip(mime), mime, extension);
    }
    check("%PDF-1.4\n", "application/pdf", ".pdf");
    check(b"\n%PDF-1.7\n\xe2\xe3\0", "application/pdf", ".pdf");
    check("%!PS-Adobe-3.0", "application/postscript", ".ps");
    check(b"SQLite format 3\0", "application/vnd.sqlite3", ".sqlite");
    check(b"\0asm\x01\0\0\0", "application/wasm", ".wasm");
    check(padded(b"wOF2"), "font/woff2", ".woff2");
    check(padded(b"OTTO"), "font/otf", ".otf");
    check(
        padded(b"7z\xbc\xaf\x27\x1c"),
        "application/x-7z-compressed",
        ".7z",
    );
    check(padded(b"Rar!\x1a\x07\0"), "application/vnd.rar", ".rar");
    check(padded(b"\xfd7zXZ\0"), "application/x-xz", ".xz");
}

#[test]
fn plain_text_and_its_character_set() {
    check("", "text/plain", ".txt");
    check("hello", "text/plain; charset=utf-8", ".txt");
    check("ünï", "text/plain; charset=utf-8", ".txt");
    check(b"\xef\xbb\xbfhello", "text/plain; charset=utf-8", ".txt");
    check(b"caf\xe9", "text/plain; charset=utf-8", ".txt");
    check(b"d\xe9j\xe0 vu", "text/plain; charset=iso-8859-1", ".txt");
    check(b"\x93quoted\x94 text", "text/plain", ".txt");
    check(b"\xff\xfea\0b\0", "text/plain; charset=utf-16le", ".txt");
    check(b"\xfe\xff\0a\0b", "text/plain; charset=utf-16be", ".txt");
    check("hello \x1b[0m", "text/plain; charset=utf-8", ".txt");
    check("hello\0world", "application/octet-stream", "");
    // Letters that start binary formats mean nothing in a text.
    for text in [
        "BMW is a car",
        "ID3 is a tag",
        "MZ is text",
        "FWS",
        "body { color: red }",
    ] {
        check(text, "text/plain; charset=utf-8", ".txt");
    }
    let long = "é".repeat(HEAD_BYTES);
    check(&long, "text/plain; charset=utf-8", ".txt");
    check(format!("x{long}"), "text/plain; charset=utf-8", ".txt");
}

#[test]
fn markup() {
    check("<html><body>x", "text/html; charset=utf-8", ".html");
    check("  \n<!-- c --><html>", "text/html; charset=utf-8", ".html");
    check("<!doctype HTML>", "text/html; charset=utf-8", ".html");
    check("<script>1</script>", "text/html; charset=utf-8", ".html");
    check(
        b"<html><meta charset=\"iso-8859-1\">caf\xe9 ",
        "text/html; charset=iso-8859-1",
        ".html",
    );
    check("<article>", "text/plain; charset=utf-8", ".txt");
    check(
        "<?xml version=\"1.0\"?><a/>",
        "text/xml; charset=utf-8",
        ".xml",
    );
    check(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>",
        "text/xml; charset=ISO-8859-1",
        ".xml",
    );
    check(
        "<?xml version=\"1.0\"?><rss version=\"2.0\">",
        "application/rss+xml",
        ".rss",
    );
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>";
    check(svg, "image/svg+xml", ".svg");
    check(
        format!(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"x\">\n{svg}"
        ),
        "image/svg+xml",
        ".svg",
    );
    check(
        "<?xml version=\"1.0\"?><!-- made by x --><svg/>",
        "image/svg+xml",
        ".svg",
    );
    check(
        "<svg><script>1</script></svg>",
        "text/plain; charset=utf-8",
        ".txt",
    );
}

#[test]
fn structured_text() {
    check("{\"a\":1}", "application/json", ".json");
    check(" \n[1,2]\n", "application/json", ".json");
    check(
        format!("[{}1]", "{\"a\":1},".repeat(1000)),
        "application/json",
        ".json",
    );
    check("{\"a\":1", "text/plain; charset=utf-8", ".txt");
    check(
        "{ \"type\": \"Feature\", \"geometry\": null}",
        "application/geo+json",
        ".geojson",
    );
    check("{\"type\":\"Cat\"}", "application/json", ".json");
    check("{a:1}", "text/plain; charset=utf-8", ".txt");
    check("5", "text/plain; charset=utf-8", ".txt");
    check("{\"a\":1}\n{\"b\":2}\n", "application/x-ndjson", ".ndjson");
    check("{\"a\":1}\nx\n", "text/plain; charset=utf-8", ".txt");
    check("a,b,c\n1,2,3\n", "text/csv", ".csv");
    check("\"a,b\",c\n\"d\",e", "text/csv", ".csv");
    check("a,b\n".repeat(5000), "text/csv", ".csv");
    check("a,b", "text/plain; charset=utf-8", ".txt");
    check("a;b\nc;d\n", "text/plain; charset=utf-8", ".txt");
    check("a,b\nc\n", "text/plain; charset=utf-8", ".txt");
    check("a\tb\n1\t2\n", "text/tab-separated-values", ".tsv");
    check(
        "1\n00:00:01,000 --> 00:00:02,000\nhi\n",
        "application/x-subrip",
        ".srt",
    );
    check("WEBVTT\n\n", "text/vtt", ".vtt");
    check("BEGIN:VCARD\r\nVERSION:3.0\r\n", "text/vcard", ".vcf");
    check("{\\rtf1 x}", "text/rtf", ".rtf");
    check("#!/bin/sh\nls", "text/x-shellscript", ".sh");
    check("#!/usr/bin/env python3\n", "text/x-python", ".py");
    check("<?php echo 1;", "text/x-php", ".php");
}

#[test]
fn models_maps_and_drawings() {
    check(
        r#"{ "scene": 0, "asset" : { "generator": "x", "version" : "2.0" } }"#,
        "model/gltf+json",
        ".gltf",
    );
    check(
        r#"{"a":{"asset":{"version":"2.0"}}}"#,
        "application/json",
        ".json",
    );
    check(
        r#"{"asset":{"version":"3.0"}}"#,
        "application/json",
        ".json",
    );
    for (root, mime, extension) in [
        (
            r#"<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema"/>"#,
            "model/vnd.collada+xml",
            ".dae",
        ),
        (
            r#"<Ontology xmlns="http://www.w3.org/2002/07/owl#"/>"#,
            "application/owl+xml",
            ".owl",
        ),
        (
            r#"<rdf:RDF xmlns:owl="http://www.w3.org/2002/07/owl#"/>"#,
            "text/xml; charset=utf-8",
            ".xml",
        ),
        (
            r#"<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"/>"#,
            "application/vnd.garmin.tcx+xml",
            ".tcx",
        ),
    ] {
        check(format!("<?xml version=\"1.0\"?>{root}"), mime, extension);
    }
    for start in ["  0\n", "  0\r\n", "0\n", "0\r\n"] {
        let end = start.trim_start_matches([' ', '0']);
        check(
            format!("{start}SECTION{end}  2{end}HEADER{end}"),
            "image/vnd.dxf",
            ".dxf",
        );
    }
    check(
        zip(&["images/a.png", "doc.kml"]),
        "application/vnd.google-earth.kmz",
        ".kmz",
    );
    check(zip(&["files/a.kml"]), "application/zip", ".zip");
    check(
        zip(&["[Content_Types].xml", "visio/document.xml"]),
        "application/vnd.ms-visio.drawing.main+xml",
        ".vsdx",
    );
    let radiance = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n";
    check(radiance, "image/vnd.radiance", ".hdr");
    check(padded(radiance), "image/vnd.radiance", ".hdr");
    check(
        "/* XPM */\nstatic char * x[] = {\n",
        "image/x-xpixmap",
        ".xpm",
    );
    check(
        padded(b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl "),
        "image/jxl",
        ".jxl",
    );
}

#[test]
fn mail_and_what_it_carries() {
    for text in [
        "From: a@b\nTo: c@d\n\nhi",
        "Received: from x\r\n by y\r\nX-A: b\r\nSubject: x\r\n\r\n",
        "Content-Type: text/plain\nDate: x\n\n",
    ] {
        check(text, "message/rfc822", ".eml");
    }
    for text in [
        "From: a@b\n\nhi",
        "from: a@b\nto: c@d\n\nhi",
        "From:a\nTo:b\n",
        "Dear Ann,\nFrom: a\nTo: b\n",
    ] {
        check(text, "text/plain; charset=utf-8", ".txt");
    }
    for announced in [
        b"d8:announce3:abc".as_slice(),
        b"d8:announce3:abc4:infod6:pieces2:\xff\x01ee",
    ] {
        check(announced, "application/x-bittorrent", ".torrent");
    }
    for (start, mime, extension) in [
        (
            b"\0\x01\0\0Standard Jet DB\0".as_slice(),
            "application/x-msaccess",
            ".mdb",
        ),
        (
            b"\0\x01\0\0Standard ACE DB\0",
            "application/x-msaccess",
            ".accdb",
        ),
        (
            b"L\0\0\0\x01\x14\x02\0",
            "application/x-ms-shortcut",
            ".lnk",
        ),
        (b"xar!\0\x1c\0\x01", "application/x-xar", ".xar"),
        (b"\x04\x22\x4d\x18\x64\x40", "application/octet-stream", ""),
    ] {
        check(padded(start), mime, extension);
    }
    check("\0\0\0\x18ftypMSNV\x01\x29\0FMSNVmp42", "audio/mp4", ".mp4");
    check(
        b"\xff\xfe\0\0h\0\0\0",
        "text/plain; charset=utf-32le",
        ".txt",
    );
}
