//! The operator's static files and the embedded admin UI.

use std::fs;
use std::path::Path;

use crate::support::{Server, outcome, text, together};

fn site(home: &Path) {
    let public = home.join("public");
    fs::create_dir_all(public.join("sub")).unwrap();
    fs::create_dir_all(public.join("empty")).unwrap();
    fs::write(public.join("a.txt"), "hello\n").unwrap();
    fs::write(public.join("noext"), "<h1>x").unwrap();
    fs::write(public.join("sp ace.json"), "{}").unwrap();
    fs::write(public.join("sub/index.html"), "sub\n").unwrap();
    fs::write(home.join("secret.txt"), "secret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(home.join("secret.txt"), public.join("link.txt")).unwrap();
}

#[test]
fn paths_lead_to_files_and_their_homes() {
    let server = Server::start_with(&[], site);
    for (path, status, location, body) in [
        ("/a.txt", 200, "", "hello\n"),
        ("/sp%20ace.json", 200, "", "{}"),
        ("/noext", 200, "", "<h1>x"),
        ("/sub/", 200, "", "sub\n"),
        ("/sub%2F", 200, "", "sub\n"),
        ("/sub", 301, "/sub/", ""),
        ("/sub?x=1", 301, "/sub/", ""),
        ("/sub/index.html", 301, "/sub/", ""),
        ("/sub%2Findex.html", 301, "/sub/", ""),
        ("/a.txt/", 301, "/a.txt", ""),
    ] {
        let response = server.guest().get(path);
        let target = response.header("location").unwrap_or_default();
        assert_eq!(
            (response.status, target.as_str(), text(&response).as_str()),
            (status, location, body),
            "{path}"
        );
    }
    for path in [
        "/",
        "/nope",
        "/empty/",
        "/index.html",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/sub/..%2f..%2fsecret.txt",
        "/%2Fetc/passwd",
        "/a%00b",
        "/link.txt",
        "/a.txt/x",
    ] {
        assert_eq!(
            outcome(&server.guest().get(path)),
            "404 File not found.",
            "{path}"
        );
    }
}

#[test]
fn types_follow_names_and_content() {
    let server = Server::start_with(&[], site);
    for (path, expect) in [
        ("/a.txt", "text/plain; charset=utf-8"),
        ("/sp%20ace.json", "application/json"),
        ("/noext", "text/html; charset=utf-8"),
        ("/sub/", "text/html; charset=utf-8"),
    ] {
        assert_eq!(
            server.guest().get(path).header("content-type").unwrap(),
            expect,
            "{path}"
        );
    }
}

#[test]
fn unknown_paths_show_the_index_when_there_is_one() {
    let with_index = |home: &Path| {
        site(home);
        fs::write(home.join("public/index.html"), "root").unwrap();
    };
    let server = Server::start_with(&[], with_index);
    for path in ["/", "/nope", "/api/unknown", "/empty/", "/..%2fsecret.txt"] {
        let response = server.guest().get(path);
        assert_eq!(
            (response.status, text(&response).as_str()),
            (200, "root"),
            "{path}"
        );
    }
    assert_eq!(
        server
            .guest()
            .get("/index.html")
            .header("location")
            .unwrap(),
        "/"
    );
    let post = server.guest().send("POST", "/nope", &[], None);
    assert_eq!(outcome(&post), "404 The requested resource wasn't found.");

    let server = Server::start_with(&["--indexFallback=false"], with_index);
    assert_eq!(outcome(&server.guest().get("/nope")), "404 File not found.");
    assert_eq!(text(&server.guest().get("/")), "root");
}

#[test]
fn parts_and_conditions_are_honoured() {
    let server = Server::start_with(&[], site);
    let modified = server
        .guest()
        .get("/a.txt")
        .header("last-modified")
        .unwrap();
    let ask = |headers: &[(&str, &str)]| {
        let response = server.guest().send("GET", "/a.txt", headers, None);
        let range = response.header("content-range").unwrap_or_default();
        format!("{} {range} {}", response.status, text(&response).trim_end())
    };
    assert_eq!(ask(&[("Range", "bytes=1-3")]), "206 bytes 1-3/6 ell");
    assert_eq!(ask(&[("Range", "bytes=-2")]), "206 bytes 4-5/6 o");
    assert_eq!(
        ask(&[("Range", "bytes=9-")]),
        "416 bytes */6 invalid range: failed to overlap"
    );
    assert_eq!(ask(&[("Range", "bytes=3-1")]), "416  invalid range");
    assert_eq!(
        ask(&[("Range", "bytes=0-1"), ("If-Range", &modified)]),
        "206 bytes 0-1/6 he"
    );
    assert_eq!(
        ask(&[
            ("Range", "bytes=0-1"),
            ("If-Range", "Sat, 21 Nov 2020 02:32:18 GMT")
        ]),
        "200  hello"
    );
    assert_eq!(ask(&[("If-Modified-Since", &modified)]), "304  ");
    assert_eq!(
        ask(&[("If-Modified-Since", "Sat, 21 Nov 2020 02:32:18 GMT")]),
        "200  hello"
    );
    assert_eq!(ask(&[("If-None-Match", "*")]), "304  ");
}

#[test]
fn several_parts_arrive_one_after_the_other() {
    let server = Server::start_with(&[], site);
    let ask = |range: &str| {
        let headers = [("Range", range)];
        server.guest().send("GET", "/a.txt", &headers, None)
    };
    let response = ask("bytes=1-3, -2");
    assert_eq!(response.status, 206);
    let kind = response.header("content-type").unwrap();
    let boundary = kind
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap();
    let head = |range: &str| {
        format!(
            "--{boundary}\r\nContent-Range: bytes {range}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        )
    };
    let expect = format!(
        "{}ell\r\n{}o\n\r\n--{boundary}--\r\n",
        head("1-3/6"),
        head("4-5/6")
    );
    assert_eq!(String::from_utf8_lossy(&response.body), expect);
    assert_eq!(
        response.header("content-length").unwrap(),
        expect.len().to_string()
    );
    // More than the file has in all is the file.
    assert_eq!(ask("bytes=0-3,0-3").status, 200);
    assert_eq!(
        ask("bytes=0-1,9-").header("content-range").unwrap(),
        "bytes 0-1/6"
    );
    assert_eq!(ask("bytes=0-1,3-2").status, 416);
}

#[test]
fn large_files_arrive_whole() {
    let bytes: Vec<u8> = (0..500_000_u32).map(|n| (n % 251) as u8).collect();
    let expect = bytes.clone();
    let server = Server::start_with(&[], move |home| {
        fs::create_dir_all(home.join("public")).unwrap();
        fs::write(home.join("public/big.bin"), bytes).unwrap();
    });
    assert_eq!(server.guest().get("/big.bin").body, expect);
    let part = server
        .guest()
        .send("GET", "/big.bin", &[("Range", "bytes=100000-399999")], None);
    assert_eq!(part.body, expect[100_000..400_000]);
    let headers = [("Range", "bytes=10-299999,300001-499999")];
    let parts = server.guest().send("GET", "/big.bin", &headers, None);
    let has = |part: &[u8]| parts.body.windows(part.len()).any(|window| window == part);
    assert!(parts.status == 206 && has(&expect[10..300_000]) && has(&expect[300_001..]));
}

#[cfg(feature = "ui")]
#[test]
fn the_admin_ui_is_one_page_with_strict_headers() {
    let server = Server::start();
    assert_eq!(server.guest().get("/_").header("location").unwrap(), "/_/");
    let page = server.guest().get("/_/");
    assert_eq!(
        page.header("content-type").unwrap(),
        "text/html; charset=utf-8"
    );
    assert_eq!(page.header("cache-control").unwrap(), "no-cache");
    assert_eq!(
        page.header("cross-origin-opener-policy").unwrap(),
        "same-origin-allow-popups"
    );
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'; script-src 'self';")
    );
    let tag = page.header("etag").unwrap();
    let again = server
        .guest()
        .send("GET", "/_/", &[("If-None-Match", &tag)], None);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("cache-control").unwrap(), "no-cache");
    assert_eq!(server.guest().get("/_/collections").body, page.body);
    for (path, to) in [
        ("collections/", "../"),
        ("collections/posts", "../"),
        ("a/b/c?d=/", "../../"),
    ] {
        let answer = server.guest().get(&format!("/_/{path}"));
        assert_eq!(answer.status, 307, "{path}");
        assert_eq!(answer.header("location").unwrap(), to, "{path}");
    }
    // A proxy may have the whole server below a path.
    let page = String::from_utf8(page.body).unwrap();
    assert!(!page.contains("=\"/"), "{page}");
    assert_eq!(
        outcome(&server.guest().get("/_/assets/missing.js")),
        "404 File not found."
    );
    let extensions = server.guest().get("/_/extensions.js");
    assert_eq!((extensions.status, extensions.body.len()), (200, 0));
}

#[cfg(feature = "ui")]
#[test]
fn the_admin_ui_is_compressed_for_those_who_can_read_it() {
    let server = Server::start();
    let plain = server.guest().get("/_/");
    assert_eq!(plain.header("content-encoding"), None);
    for _ in 0..2 {
        let packed = server
            .guest()
            .send("GET", "/_/", &[("Accept-Encoding", "br, gzip")], None);
        assert_eq!(packed.header("content-encoding").unwrap(), "gzip");
        let mut unpacked = Vec::new();
        std::io::Read::read_to_end(
            &mut flate2::read::GzDecoder::new(&packed.body[..]),
            &mut unpacked,
        )
        .unwrap();
        assert_eq!(unpacked, plain.body);
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_opened() {
    let server = Server::start_with(&[], |home| {
        site(home);
        let pipe = home.join("public/pipe");
        let made = std::process::Command::new("mkfifo").arg(pipe).status();
        assert!(made.unwrap().success());
    });
    // As many as there are threads for what may wait.
    let answers = together(520, |_| server.guest().get("/pipe").status);
    assert!(answers.iter().all(|status| *status == 404), "{answers:?}");
    assert_eq!(text(&server.guest().get("/a.txt")), "hello\n");
}
