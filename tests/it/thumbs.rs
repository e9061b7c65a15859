//! Thumbnails: made once, of pictures only, never at the cost of memory, gone with their file.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::json;

use crate::support::{Caller, Response, Server, accepted, files_in, records, text, together};

/// A collection `pics` with a field for pictures.
fn pics(server: &Server) -> Caller<'_> {
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "pics", "type": "base", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
        "fields": [{"name": "p", "type": "file", "thumbs": ["10x10", "20x0", "99999x99999"]}],
    }));
    superuser
}

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture: DynamicImage = RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([x, y, x ^ y].map(|value| u8::try_from(value % 256).unwrap_or_default()))
    })
    .into();
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Uploads a file and gives its path.
fn upload(caller: &Caller<'_>, name: &str, content: &[u8]) -> String {
    let made = caller.form("POST", &records("pics"), &[], &[("p", name, content)]);
    let made = accepted(&made);
    let (id, name) = (made["id"].as_str().unwrap(), made["p"].as_str().unwrap());
    format!("/api/files/pics/{id}/{name}")
}

fn thumbs(server: &Server) -> Vec<String> {
    files_in(&server.home().path().join("data/storage"))
        .into_iter()
        .filter(|path| path.contains("/thumbs_") && !path.contains(".attrs"))
        .collect()
}

/// Content type and dimensions.
fn seen(response: &Response) -> String {
    let shown = image::load_from_memory(&response.body);
    let kind = response.header("content-type").unwrap_or_default();
    match shown {
        Ok(shown) => format!("{kind} {}x{}", shown.width(), shown.height()),
        Err(_) => format!("{kind} {} bytes", response.body.len()),
    }
}

#[test]
fn a_thumbnail_is_made_once_however_many_ask() {
    let server = Server::start();
    pics(&server);
    let guest = server.guest();
    let path = upload(&guest, "photo.jpg", &picture(1500, 1000, ImageFormat::Jpeg));
    let answers = together(16, |_| guest.get(&format!("{path}?thumb=10x10")));
    for answer in &answers {
        assert_eq!(seen(answer), "image/jpeg 10x10");
        assert_eq!(answer.body, answers[0].body);
        let modified = answer.header("last-modified");
        assert_eq!(modified, answers[0].header("last-modified"));
    }
    assert_eq!(thumbs(&server).len(), 1, "{:?}", thumbs(&server));
    let head = guest.send("HEAD", &format!("{path}?thumb=20x0"), &[], None);
    assert_eq!(head.status, 200);
    assert_eq!(thumbs(&server).len(), 2);

    // They go with the file, even if someone asks for one meanwhile.
    let record = path.replace("/api/files/pics/", "/api/collections/pics/records/");
    let record = record.rsplit_once('/').unwrap().0.to_owned();
    let replaced = together(4, |i| {
        if i == 0 {
            guest.form("PATCH", &record, &[("p", "")], &[])
        } else {
            guest.get(&format!("{path}?thumb=100x100"))
        }
    });
    accepted(&replaced[0]);
    assert_eq!(guest.get(&format!("{path}?thumb=10x10")).status, 404);
}

#[test]
fn webp_stays_webp_and_can_be_asked_for() {
    let server = Server::start();
    pics(&server);
    let guest = server.guest();
    for (name, format, kind) in [
        ("a.png", ImageFormat::Png, "image/png"),
        ("a.jpg", ImageFormat::Jpeg, "image/jpeg"),
        ("a.gif", ImageFormat::Gif, "image/gif"),
        ("a.webp", ImageFormat::WebP, "image/webp"),
    ] {
        let path = upload(&guest, name, &picture(60, 30, format));
        let get = |query: &str| guest.get(&format!("{path}?{query}"));
        assert_eq!(seen(&get("thumb=20x0")), format!("{kind} 20x10"));
        assert_eq!(seen(&get("thumb=20x0&format=webp")), "image/webp 20x10");
        assert_eq!(
            seen(&get("thumb=20x0&format=avif")),
            format!("{kind} 20x10")
        );
        assert_eq!(seen(&get("format=webp")), format!("{kind} 60x30"));
        let disposition = get("thumb=20x0&format=webp").header("content-disposition");
        assert!(disposition.is_some_and(|value| value.ends_with(".webp\"")));
    }
}

/// A PNG of one grey that says it is so large; its data are well compressed.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let typed = [kind.as_slice(), data].concat();
        let crc = crc32fast::hash(&typed);
        png.extend(typed);
        png.extend(crc.to_be_bytes());
    };
    let head = [
        width.to_be_bytes().as_slice(),
        &height.to_be_bytes(),
        &[8, 0, 0, 0, 0],
    ]
    .concat();
    chunk(b"IHDR", &head);
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &vec![0; 1 << 20]).unwrap();
    chunk(b"IDAT", &packed.finish().unwrap());
    chunk(b"IEND", b"");
    png
}

#[test]
fn what_cannot_be_shown_is_served_as_it_is() {
    let server = Server::start();
    let root = pics(&server);
    let guest = server.guest();
    let mut cut = picture(300, 200, ImageFormat::Png);
    cut.truncate(cut.len() / 2);
    let mut cut_jpeg = picture(300, 200, ImageFormat::Jpeg);
    cut_jpeg.truncate(cut_jpeg.len() / 2);
    let script =
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec();
    for (name, content) in [
        ("bomb.png", bomb(100_000, 100_000)),
        ("wide.png", bomb(2_000_000_000, 1)),
        ("none.png", bomb(0, 0)),
        ("cut.png", cut),
        ("cut.jpg", cut_jpeg),
        ("script.svg", script),
        (
            "page.html",
            b"<html><script>alert(1)</script></html>".to_vec(),
        ),
        ("empty.png", Vec::new()),
        ("text.png", b"no picture".to_vec()),
    ] {
        let path = upload(&guest, name, &content);
        let answer = guest.get(&format!("{path}?thumb=10x10"));
        assert_eq!((answer.status, &answer.body), (200, &content), "{name}");
        // Nobody works for the same nothing twice.
        let answer = guest.get(&format!("{path}?thumb=10x10"));
        assert_eq!((answer.status, &answer.body), (200, &content), "{name}");
        let file = path.rsplit_once('/').unwrap().1;
        let log = text(&root.get("/api/logs?filter=level>0&perPage=1000"));
        let told = log.matches(file).count();
        let is_picture = content.len() > 20 && !name.contains("script") && !name.contains("page");
        assert_eq!(told, usize::from(is_picture), "{name}: {log}");
    }
    let path = upload(&guest, "small.png", &picture(20, 20, ImageFormat::Png));
    for size in ["99999x99999", "11x11", "10x10f", "../10x10", "10x10%00"] {
        let answer = guest.get(&format!("{path}?thumb={size}"));
        assert_eq!(seen(&answer), "image/png 20x20", "{size}");
    }
    assert!(thumbs(&server).is_empty(), "{:?}", thumbs(&server));
    let temporary = server.home().path().join("data/.pb_temp_to_delete");
    assert!(files_in(&temporary).is_empty());
}

/// Whatever is uploaded, a browser that opens it runs nothing with this site's authority.
#[test]
fn served_files_never_run_as_script() {
    let server = Server::start();
    pics(&server);
    let guest = server.guest();
    let page = b"<!doctype html><script>parent.document.cookie</script>";
    for (name, content) in [
        ("a.html", page.as_slice()),
        ("a.htm", page),
        (
            "a.xhtml",
            b"<html xmlns=\"http://www.w3.org/1999/xhtml\"><script/></html>",
        ),
        (
            "a.svg",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>",
        ),
        ("a.js", b"alert(1)"),
        ("a.mjs", b"export default 1"),
        ("a.css", b"body{}"),
        (
            "a.xml",
            b"<?xml version=\"1.0\"?><x:script xmlns:x=\"http://www.w3.org/1999/xhtml\"/>",
        ),
        ("a.png", page),
        ("a.pdf", b"%PDF-1.7 <script>"),
        ("a.wasm", b"\0asm\x01\0\0\0"),
        ("nothing", b""),
    ] {
        let path = upload(&guest, name, content);
        for query in ["", "?thumb=10x10", "?download=0", "?format=webp"] {
            let answer = guest.get(&format!("{path}{query}"));
            assert_eq!(answer.status, 200, "{name}: {}", text(&answer));
            let header = |name: &str| answer.header(name).unwrap_or_default();
            let policy = header("content-security-policy");
            assert!(policy.contains("default-src 'none'"), "{name}: {policy}");
            assert!(policy.ends_with("; sandbox"), "{name}: {policy}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{name}");
            let inline = header("content-disposition").starts_with("inline");
            let kind = header("content-type");
            let is_shown = kind.starts_with("image/") && kind != "image/svg+xml"
                || kind.starts_with("video/")
                || kind.starts_with("audio/")
                || kind == "application/pdf";
            assert!(!inline || is_shown, "{name} as {kind} is {inline}");
        }
    }
}
