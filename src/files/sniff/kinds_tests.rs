//! Kinds of files that are easily taken for others, as the contract tells them.

use super::tests::{check, padded, typed_zip, zip};

const UNKNOWN: (&str, &str) = ("application/octet-stream", "");
const TEXT: (&str, &str) = ("text/plain; charset=utf-8", ".txt");

/// Checks starts of files, with and without something behind them.
#[track_caller]
fn check_binary(rows: &[(&[u8], &str, &str)]) {
    for (start, mime, extension) in rows {
        check(padded(start), mime, extension);
    }
}

#[track_caller]
fn check_text(rows: &[(&str, (&str, &str))]) {
    for (text, (mime, extension)) in rows {
        check(text, mime, extension);
    }
}

/// A PNG of these chunks.
fn png(chunks: &[&[u8; 4]]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for kind in chunks {
        out.extend(b"\0\0\0\x02");
        out.extend(*kind);
        out.extend(b"xx\0\0\0\0");
    }
    out
}

#[test]
fn pictures_that_move() {
    check(png(&[b"IHDR", b"acTL", b"IDAT"]), "image/apng", ".apng");
    let late = png(&[b"IHDR", b"gAMA", b"tEXt", b"acTL", b"IDAT"]);
    check(late, "image/apng", ".apng");
    check(png(&[b"IHDR", b"IDAT", b"acTL"]), "image/png", ".png");
    check(png(&[b"IHDR"]), "image/png", ".png");
    let mut endless = png(&[b"IHDR"]);
    endless.extend(b"\xff\xff\xff\xfftEXt");
    check(endless, "image/png", ".png");
}

#[test]
fn brands_of_media() {
    for (brand, mime, extension) in [
        ("hevc", "image/heic-sequence", ".heic"),
        ("hevx", "image/heic-sequence", ".heic"),
        ("hevm", "image/heif-sequence", ".heif"),
        ("hevs", "image/heif-sequence", ".heif"),
        ("avcs", "image/heif-sequence", ".heif"),
        ("mqt ", "video/quicktime", ".mqv"),
        ("dvr1", "video/vnd.dvb.file", ".dvb"),
        ("KDDI", "video/3gpp2", ".3g2"),
        ("3gs7", "video/3gpp", ".3gp"),
        ("mjp2", "video/mj2", ".mj2"),
        ("M4Ax", "video/mp4", ".mp4"),
        ("M4VP", "video/x-m4v", ".m4v"),
    ] {
        check(format!("\0\0\0\x20ftyp{brand}\0\0\0\0"), mime, extension);
    }
    check(b"\x10\0\0\0ftypisom\0\0\0\0", UNKNOWN.0, UNKNOWN.1);
    let film = ("video/quicktime", ".mov");
    for part in ["free", "mdat", "moov", "pnot", "skip"] {
        check(
            padded(format!("\0\0\0\x18{part}").as_bytes()),
            film.0,
            film.1,
        );
    }
    check(padded(b"\0\0\0\x08wide"), film.0, film.1);
    check(padded(b"\0\0\0\x18wide"), UNKNOWN.0, UNKNOWN.1);
    check("carefree text", TEXT.0, TEXT.1);
    let jpeg = |signature: &str, brand: &str| {
        format!("\0\0\0\x0c{signature}\r\n\u{7}\n\0\0\0\x14ftyp{brand}")
    };
    check(jpeg("jP  ", "jp2 "), "image/jp2", ".jp2");
    check(jpeg("jP  ", "jpx "), "image/jpx", ".jpf");
    check(jpeg("jP2 ", "jpm "), "image/jpm", ".jpm");
    check(jpeg("jP  ", "mjp2"), UNKNOWN.0, UNKNOWN.1);
}

#[test]
fn frames_of_sound() {
    for second in [0xe2, 0xe3, 0xf2, 0xf3, 0xf4, 0xf5, 0xfa, 0xfb, 0xfc, 0xfd] {
        check(padded(&[0xff, second, 0x90, 0x44]), "audio/mpeg", ".mp3");
    }
    for second in [0xf0, 0xf6, 0xf8, 0xff] {
        check(padded(&[0xff, second, 0x90, 0x44]), UNKNOWN.0, UNKNOWN.1);
    }
}

#[test]
fn a_pdf_may_begin_late() {
    let pdf = ("application/pdf", ".pdf");
    for before in ["", "junk\n", "\u{feff}", "<html>", "\0\0"] {
        check(format!("{before}%PDF-1.4\n"), pdf.0, pdf.1);
    }
    let far = |length: usize| format!("{}%PDF-1.4\n", "x".repeat(length));
    check(far(1019), pdf.0, pdf.1);
    check(far(1020), TEXT.0, TEXT.1);
    // An archive is what it is, whatever its files are.
    let mut archive = zip(&["a.pdf"]);
    archive.extend(b"%PDF-1.4");
    check(archive, "application/zip", ".zip");
    check(
        padded(b"7z\xbc\xaf\x27\x1c%PDF-"),
        "application/x-7z-compressed",
        ".7z",
    );
}

#[test]
fn archives_are_named_by_their_entries() {
    let apk = ("application/vnd.android.package-archive", ".apk");
    for names in [
        &["AndroidManifest.xml"][..],
        &["a", "AndroidManifest.xml"],
        &[
            "META-INF/com/android/build/gradle/app-metadata.properties",
            "a",
        ],
        &["META-INF/MANIFEST.MF", "classes.dex"],
        &["resources.arsc", "a"],
    ] {
        check(zip(names), apk.0, apk.1);
    }
    let jar = ("application/java-archive", ".jar");
    check(zip(&["META-INF/", "a"]), jar.0, jar.1);
    let plain = ("application/zip", ".zip");
    for names in [
        &["META-INF/CERT.SF", "META-INF/MANIFEST.MF"][..],
        &["META-INF/MANIFEST.MFx"],
        &["a", "META-INF/MANIFEST.MF"],
        &["res/drawable/a.png"],
        &["a", "visio/document.xml"],
        &["a", "word/document.xml"],
    ] {
        check(zip(names), plain.0, plain.1);
    }
    let document = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    for first in ["customXml/item1.xml", "[trash]/0000.dat"] {
        check(zip(&[first, "word/document.xml"]), document, ".docx");
    }
}

#[test]
fn archives_tell_their_type() {
    let open = "application/vnd.oasis.opendocument.";
    for (kind, extension) in [
        ("chart", ".odc"),
        ("formula", ".odf"),
        ("graphics", ".odg"),
        ("graphics-template", ".otg"),
        ("presentation", ".odp"),
        ("presentation-template", ".otp"),
        ("spreadsheet", ".ods"),
        ("spreadsheet-template", ".ots"),
        ("text", ".odt"),
        ("text-template", ".ott"),
    ] {
        let mime = format!("{open}{kind}");
        check(typed_zip(&mime), &mime, extension);
    }
    let sheet = "application/vnd.sun.xml.calc";
    check(typed_zip(sheet), sheet, ".sxc");
    check(typed_zip("image/openraster"), "application/zip", ".zip");
}

/// A compound file with the class of its root in a sector, and something at the start of the first sector.
fn compound(class: &[u8], directory: u8, sector: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 4096];
    let mut put = |offset: usize, bytes: &[u8]| {
        for (to, from) in out.iter_mut().skip(offset).zip(bytes) {
            *to = *from;
        }
    };
    put(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    put(26, &[3]);
    put(48, &[directory]);
    put(512, sector);
    put((usize::from(directory) + 1) * 512 + 80, class);
    out
}

#[test]
fn older_office_programs() {
    let class = |kind: u8, number: u8| {
        let mut class = [0; 16];
        (class[0], class[1], class[2]) = (kind, number, 2);
        (class[8], class[15]) = (0xc0, 0x46);
        class
    };
    let word = ("application/msword", ".doc");
    let excel = ("application/vnd.ms-excel", ".xls");
    let slides = ("application/vnd.ms-powerpoint", ".ppt");
    let slides_class = b"\x10\x8d\x81\x64\x9b\x4f\xcf\x11\x86\xea\x00\xaa\x00\xb9\x29\xe8";
    let none = ("application/x-ole-storage", "");
    for (file, (mime, extension)) in [
        (compound(&class(6, 9), 1, b""), word),
        (compound(&class(0, 9), 6, b""), word),
        (compound(&class(0x20, 8), 1, b""), excel),
        (compound(&class(0x10, 8), 0, b""), excel),
        (compound(slides_class, 2, b""), slides),
        (
            compound(&class(0x0b, 0x0d), 1, b""),
            ("application/vnd.ms-outlook", ".msg"),
        ),
        (compound(b"", 3, b"\x09\x08\x10\0\0\x06\x05\0"), excel),
        (compound(b"", 3, b"\xfd\xff\xff\xff\x22"), excel),
        (compound(b"", 3, b"\xa0\x46\x1d\xf0"), slides),
        (compound(b"", 3, b""), none),
        (compound(&class(6, 9), 200, b""), none),
    ] {
        check(file, mime, extension);
    }
}

#[test]
fn programs_and_their_parts() {
    let elf = |order: u8, kind: [u8; 2]| {
        let mut out = b"\x7fELF\x02\0\x01\0\0\0\0\0\0\0\0\0".to_vec();
        out[5] = order;
        out.extend(kind);
        padded(&out)
    };
    for (kind, mime, extension) in [
        (0, "application/x-elf", ""),
        (1, "application/x-object", ""),
        (2, "application/x-executable", ""),
        (3, "application/x-sharedlib", ".so"),
        (4, "application/x-coredump", ""),
    ] {
        check(elf(1, [kind, 0]), mime, extension);
        check(elf(2, [0, kind]), mime, extension);
    }
    check(b"\x7fELF\x02\x01\x01", "application/x-elf", "");
    let bytecode = ("application/x-bytecode.python", ".pyc");
    check_binary(&[
        (b"\xcb\x0d\r\n\0\0\0\0", bytecode.0, bytecode.1),
        (b"\x03\xf3\r\n\0\0\0\0", bytecode.0, bytecode.1),
        (b"\xcb\x0d\r\n\x04\0\0\0", UNKNOWN.0, UNKNOWN.1),
        (
            b"\xcf\xfa\xed\xfe\x07\0\0\x01",
            "application/x-mach-binary",
            ".macho",
        ),
        (b"!<arch>\nfoo.o/", "application/x-archive", ".a"),
    ]);
    for line in [
        "#!/usr/bin/php8 -q",
        "#!/usr/local/bin/php",
        "#! /usr/bin/env php",
        "<?PHP echo 1;",
        "<?\necho 1;",
    ] {
        check(line, "text/x-php", ".php");
    }
    for (line, mime, extension) in [
        ("#!/usr/bin/env python3.11\n", "text/x-python", ".py"),
        ("#!/usr/bin/env -S node\n", "text/javascript", ".js"),
        ("#!/bin/dash\n", "text/x-shellscript", ".sh"),
        ("#!/usr/bin/wish\n", "text/x-tcl", ".tcl"),
        ("#!/opt/bin/python\n", TEXT.0, TEXT.1),
        ("#!/usr/bin/env sh\n", TEXT.0, TEXT.1),
        ("#!/bin/bash5\n", TEXT.0, TEXT.1),
        ("<?php", TEXT.0, TEXT.1),
        ("<?= 1 ?>", TEXT.0, TEXT.1),
    ] {
        check(line, mime, extension);
    }
}

#[test]
fn rarer_signatures() {
    check_binary(&[
        (b"\0\0\0\x0cJXS \r\n\x87\n", "image/jxs", ".jxs"),
        (b"\xff\x0a", "image/jxl", ".jxl"),
        (b"icns\0\0\x01", "image/x-icns", ".icns"),
        (b"RIFF\x24\0\0\0QLCMfmt ", "audio/qcelp", ".qcp"),
        (b"Creative Voice File\x1a", "audio/x-unknown", ".voc"),
        (b"MPCKSH", "audio/musepack", ".mpc"),
        (
            b".RMF\0\0\0\x12",
            "application/vnd.rn-realmedia-vbr",
            ".rmvb",
        ),
        (b"ITOLITLS", "application/x-ms-reader", ".lit"),
        (b"ttcf\0\x01\0\0", "font/collection", ".ttc"),
        (b"ttcf\0\x03\0\0", UNKNOWN.0, UNKNOWN.1),
        (b"070707", "application/x-cpio", ".cpio"),
        (b"%FDF-1.2", "application/vnd.fdf", ".fdf"),
        (b"#EXTM3U\n", "application/vnd.apple.mpegurl", ".m3u"),
        (b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap", ".pcap"),
        (b"\xd9\xd9\xf7\xa0", "application/cbor", ".cbor"),
        (b"LZIP\x01", "application/lzip", ".lz"),
        (b"\x78\x9c", "application/zlib", ""),
        (b"\x78\x9d", UNKNOWN.0, UNKNOWN.1),
        (b"\x03\x5f\x07\x1a", "application/x-dbf", ".dbf"),
        (b"\x03\x5f\x0d\x1a", UNKNOWN.0, UNKNOWN.1),
        (b"\x30\x82\x0d\x10", UNKNOWN.0, UNKNOWN.1),
    ]);
    let named = |name: &[u8]| padded(&[&[0; 20], name].concat());
    check(named(b"GIMP"), "image/x-gimp-gbr", ".gbr");
    check(named(b"GPAT"), "image/x-gimp-pat", ".pat");
    check("LZIP is a name", TEXT.0, TEXT.1);
    let map = |version: u8, kind: u8| {
        let mut out = padded(b"\0\0\x27\x0a");
        (out[28], out[29], out[108]) = (version, 3, kind);
        out
    };
    check(map(0xe8, 5), "application/vnd.shp", ".shp");
    check(map(0xe8, 2), "application/vnd.shx", ".shx");
    check(map(0xe7, 5), "application/vnd.shx", ".shx");
    let zone = |version: u8, kinds: u8| {
        let mut out = padded(b"TZif");
        (out[4], out[39]) = (version, kinds);
        out
    };
    check(zone(b'2', 1), "application/tzif", "");
    check(zone(0, 1), "application/tzif", "");
    check(zone(b'1', 1), UNKNOWN.0, UNKNOWN.1);
    check(zone(b'2', 0), UNKNOWN.0, UNKNOWN.1);
}

#[test]
fn kinds_of_objects() {
    let geo = ("application/geo+json", ".geojson");
    let scene = ("model/gltf+json", ".gltf");
    let record = ("application/json", ".har");
    let plain = ("application/json", ".json");
    check_text(&[
        (r#"{"a":1,"type":"Feature"}"#, geo),
        (r#"{"a":{"b":{}},"type":"Point"}"#, geo),
        (r#"{"a":"\"[x","b":[],"type":"Point"}"#, geo),
        (r#"{"type":"X","type":"Point"}"#, geo),
        (r#"{"asset":{"version":"2.0"},"type":"Point"}"#, geo),
        (r#"{"a":[1],"type":"Point"}"#, plain),
        (r#"{"a":{"type":"Point"}}"#, plain),
        (r#"[{"type":"Point"}]"#, plain),
        (r#"{"asset":{"a":{},"version":"1.0"}}"#, scene),
        (r#"{"asset":{"version":"2.01"}}"#, plain),
        (r#"{"log":{"version":"1.2"}}"#, record),
        (r#"{"a":1,"log" : { "entries" : [1] } }"#, record),
        (r#"{"log":{"creator":{}}}"#, record),
        (r#"{"log":{"a":{"version":1}}}"#, plain),
        (r#"{"log":[{"version":1}]}"#, plain),
        (r#"{"log":"version"}"#, plain),
    ]);
}

#[test]
fn tables_with_comments_and_quotes() {
    let table = ("text/csv", ".csv");
    check_text(&[
        ("#x\na,b\nc,d\n", table),
        ("a,b\n#x\nc,d\n", table),
        ("a,b\nc,d\n#x", table),
        ("\na,b\nc,d", table),
        ("a\"b,c\nd,e\n", table),
        ("a,\"b\"\"\n,\"\nc,d\n", table),
        ("\u{feff}a,b\nc,d\n", table),
        ("#a,b\n#c,d\n", TEXT),
        (" #a\nb,c\nd,e\n", TEXT),
        ("a,\"b\"c\nd,e\n", TEXT),
        ("a,b\n\"c,d\n", TEXT),
        ("#\na\tb\nc\td", ("text/tab-separated-values", ".tsv")),
    ]);
}

#[test]
fn contacts_calendars_and_captions_by_their_first_line() {
    let (contact, calendar) = (("text/vcard", ".vcf"), ("text/calendar", ".ics"));
    check_text(&[
        ("BEGIN:VCARD\nx", contact),
        ("begin:vcard\r\nx", contact),
        ("BEGIN:VCARD\r\n", TEXT),
        ("BEGIN:VCARD", TEXT),
        ("BEGIN:VCARDS\nx", TEXT),
        (" BEGIN:VCARD\nx", TEXT),
        ("BEGIN:VCALENDAR\nx", calendar),
        ("BEGIN:VCALENDAR\n", TEXT),
        ("WEBVTT x", ("text/vtt", ".vtt")),
        ("WEBVTTx", TEXT),
    ]);
}

#[test]
fn a_mark_before_a_text() {
    let cases = [
        ("{\"a\":1}", TEXT),
        ("#!/bin/sh\n", TEXT),
        ("BEGIN:VCARD\n", TEXT),
        ("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", TEXT),
        ("WEBVTT", ("text/vtt", ".vtt")),
        ("<html>", ("text/html; charset=utf-8", ".html")),
        (
            "<?xml version=\"1.0\"?><rss>",
            ("application/rss+xml", ".rss"),
        ),
    ];
    for (text, (mime, extension)) in cases {
        check(format!("\u{feff}{text}"), mime, extension);
    }
}

#[test]
fn other_texts() {
    check_text(&[
        ("P1\n# c\n1 1\n0\n", ("image/x-portable-bitmap", ".pbm")),
        ("P2\n1 1 255\n", ("image/x-portable-graymap", ".pgm")),
        ("P3\n1 1\n255", ("image/x-portable-pixmap", ".ppm")),
        ("P1 1 1", TEXT),
        ("P1\nx", TEXT),
        ("P11\n1 1", TEXT),
        (
            "#EXTM3U\r\na.mp3",
            ("application/vnd.apple.mpegurl", ".m3u"),
        ),
        ("#EXTM3U", TEXT),
        ("%FDF-1.2", ("application/vnd.fdf", ".fdf")),
        ("WARC/1.0\r\n", ("application/warc", ".warc")),
        ("WARC/", TEXT),
        ("<?xmlx", TEXT),
        (
            "<?XML version=\"1.0\"?>",
            ("text/xml; charset=utf-8", ".xml"),
        ),
        (
            "<?xml version=\"1.0\"?><amf unit=\"mm\">",
            ("application/x-amf", ".amf"),
        ),
        (
            "<?xml version=\"1.0\"?><model xmlns=\"http://schemas.microsoft.com/3dmanufacturing/core/2015/02\">",
            (
                "application/vnd.ms-package.3dmanufacturing-3dmodel+xml",
                ".3mf",
            ),
        ),
    ]);
}
