use proptest::prelude::*;

use super::splitter::{Event, Splitter};
use super::{MAX_BOUNDARY, MAX_HEAD, Malformed, boundary};

/// The parts of a form with the boundary `B` that comes in these pieces: names with contents.
fn split(pieces: &[&[u8]]) -> Result<Vec<(String, Vec<u8>)>, Malformed> {
    let mut splitter = Splitter::new("B");
    let mut pieces = pieces.iter();
    let (mut parts, mut is_open) = (Vec::new(), false);
    loop {
        match splitter.next()? {
            Event::Part(head) => {
                assert!(!is_open);
                is_open = true;
                parts.push((head.name, Vec::new()));
            }
            Event::Content(bytes) => {
                assert!(is_open && !bytes.is_empty());
                let (_, content) = parts.last_mut().unwrap();
                content.extend_from_slice(bytes);
            }
            Event::PartEnd => {
                assert!(is_open);
                is_open = false;
            }
            Event::End => {
                assert!(!is_open);
                assert_eq!(splitter.next(), Ok(Event::End), "it stays at its end");
                return Ok(parts);
            }
            Event::More => match pieces.next() {
                Some(piece) => splitter.push(piece),
                None => splitter.finish(),
            },
        }
    }
}

/// The same from the whole form at once, as it would be written down without a thought of pieces.
fn split_whole(form: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Malformed> {
    /// The end of the line that begins at `at`.
    fn line_end(form: &[u8], at: usize) -> Option<usize> {
        let rest = form.get(at..).unwrap_or_default();
        Some(at + rest.iter().position(|byte| *byte == b'\n')? + 1)
    }
    let blank = |text: &[u8]| text.iter().all(|byte| b" \t".contains(byte));
    let is_boundary = |line: &[u8], newline: &[u8]| {
        let line = line.strip_suffix(newline);
        line.and_then(|line| line.strip_prefix(b"--B"))
            .is_some_and(blank)
    };
    let is_final = |line: &[u8], newline: &[u8]| {
        let line = line.strip_suffix(newline).unwrap_or(line);
        line.strip_prefix(b"--B--").is_some_and(blank)
    };
    let ends = |rest: &[u8]| {
        rest.strip_prefix(b"--B").is_some_and(|rest| {
            rest.starts_with(b"--") || rest.first().is_some_and(|next| b" \t\r\n".contains(next))
        })
    };
    let (mut at, mut parts, mut newline): (_, Vec<(String, Vec<u8>)>, &[u8]) =
        (0, Vec::new(), b"\r\n");
    loop {
        let end = line_end(form, at);
        let line = &form[at..end.unwrap_or(form.len())];
        if parts.is_empty() && is_boundary(line, b"\n") && !line.ends_with(b"\r\n") {
            newline = b"\n";
        }
        if is_final(line, newline) {
            return Ok(parts);
        }
        let is_begin = is_boundary(line, newline);
        let end = end.ok_or(Malformed)?;
        if !is_begin {
            if !parts.is_empty() {
                return Err(Malformed);
            }
            at = end;
            continue;
        }
        let mut head = super::head::HeadReader::default();
        at = end;
        let head = loop {
            let Some(end) = line_end(form, at) else {
                head.end(&form[at..])?;
                return Ok(parts);
            };
            if let Some(head) = head.line(&form[at..end])? {
                at = end;
                break head;
            }
            at = end;
        };
        let begin = at;
        let (content, next) = (begin..form.len())
            .find_map(|here| {
                if here == begin && ends(&form[here..]) {
                    return Some((begin..here, here));
                }
                let after = form[here..].strip_prefix(newline)?;
                ends(after).then(|| (begin..here, here + newline.len()))
            })
            .ok_or(Malformed)?;
        parts.push((head.name, form[content].to_vec()));
        at = next;
    }
}

const T: &str = "--B\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n";

/// Splits a form cut in every place, and byte by byte.
#[track_caller]
fn check(form: &str, expect: Option<&[(&str, &str)]>) {
    let expect = expect.map(|parts| {
        let parts = parts.iter();
        let owned = parts.map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec()));
        owned.collect::<Vec<_>>()
    });
    let form = form.as_bytes();
    let shown = String::from_utf8_lossy(form);
    for cut in 0..=form.len() {
        let (first, second) = form.split_at(cut);
        let parts = split(&[first, second]).ok();
        assert_eq!(parts, expect, "{shown:?} cut at {cut}");
    }
    let bytes: Vec<&[u8]> = form.chunks(1).collect();
    assert_eq!(split(&bytes).ok(), expect, "{shown:?} byte by byte");
    assert_eq!(split_whole(form).ok(), expect, "{shown:?} at once");
}

#[test]
fn contents_end_with_a_boundary_of_their_own_line() {
    for content in [
        "",
        "data",
        "\r\n",
        "\r",
        "\r\n-",
        "\r\n\r\n--",
        "x\r\n--Babc\r\ny",
        "x\r\n--B-\r\ny",
        "x\r\n--B-a",
        "--Bx",
        "\r\n--Bx",
        "x\n--B\ny",
        "x\r--B\ry",
        "x\r\n\r\n--",
        "x\r\r\n",
    ] {
        check(&format!("{T}{content}\r\n--B--"), Some(&[("t", content)]));
        let more = format!("{T}{content}\r\n{T}z\r\n--B--\r\n");
        check(&more, Some(&[("t", content), ("t", "z")]));
    }
    // An empty content may lack its line end.
    check(&format!("{T}--B--"), Some(&[("t", "")]));
    check(&format!("{T}{T}z\r\n--B--"), Some(&[("t", ""), ("t", "z")]));
    for content in ["x\r\n--B a", "x\r\n--B--a", "x\r\n--B\ra", "--B--a"] {
        check(&format!("{T}{content}\r\n--B--"), None);
    }
}

#[test]
fn forms_begin_and_end_in_several_ways() {
    let t: Option<&[(&str, &str)]> = Some(&[("t", "v")]);
    for (end, expect) in [
        ("--B--", t),
        ("--B--\r\n", t),
        ("--B-- \t\r\n", t),
        ("--B-- ", t),
        ("--B--\r\nmore\r\n--B", t),
        ("--B\r\n", t),
        ("--B \r\n", t),
        ("--B\r\nA: b", t),
        ("--B\r\nA: b\r\n", t),
        ("--B\r\nA", None),
        ("--B\r\n\r\n", None),
        ("--B\r\n\r\nx", None),
        ("--B\r\n\r\nx\r\n--B", None),
        ("--B--\n", None),
        ("--B--\r", None),
        ("--B--x", None),
        ("--B- -", None),
        ("--B-", None),
        ("--B", None),
        ("--B\r", None),
        ("--B\n", None),
        ("--B x\r\n", None),
        ("", None),
    ] {
        check(&format!("{T}v\r\n{end}"), expect);
    }
    for begin in [
        "",
        "\r\n",
        "\n",
        "junk\r\n",
        "--Bx\r\n",
        "--B x\r\n",
        "--\r\n",
    ] {
        check(&format!("{begin}{T}v\r\n--B--"), t);
    }
    for (form, expect) in [
        ("--B--", Some(&[][..])),
        ("junk\r\n--B--", Some(&[])),
        ("--B\r\n", Some(&[])),
        ("--B", None),
        ("junk", None),
        ("", None),
    ] {
        check(form, expect);
    }
}

#[test]
fn parts_without_headers_leave_the_next_one_alone() {
    let form = format!("--B\r\n\r\nabc\r\n{T}kept\r\n--B--");
    check(&form, Some(&[("", "abc"), ("t", "kept")]));
    let form = format!("--B\r\n\r\n\r\n{T}kept\r\n--B--");
    check(&form, Some(&[("", ""), ("t", "kept")]));
}

#[test]
fn line_ends_are_those_of_the_first_boundary() {
    let lf = T.replace("\r\n", "\n");
    let v: Option<&[(&str, &str)]> = Some(&[("t", "v")]);
    check(&format!("{lf}v\n--B--\n"), v);
    check(&format!("junk\n{lf}v\n--B--\n"), v);
    check(&format!("--B\r\n{}v\r\n--B--", lf.replace("--B\n", "")), v);
    check(
        &format!("{lf}v\r\n--B\n\nx\n--B--"),
        Some(&[("t", "v\r"), ("", "x")]),
    );
    check(&format!("{lf}v\r\n--B--\r\n"), None);
    check(&format!("{lf}v\r\n--B--"), Some(&[("t", "v\r")]));
}

#[test]
fn what_is_between_contents_is_bounded() {
    let long = "a".repeat(MAX_HEAD + 1);
    for begin in [
        "",
        "--B\r\nX: ",
        "--B\r\n\r\nx\r\n--B ",
        "--B\r\n\r\nx\r\n--B\r\nX: ",
    ] {
        let mut splitter = Splitter::new("B");
        splitter.push(begin.as_bytes());
        splitter.push(long.as_bytes());
        let mut last = splitter.next().map(|event| event == Event::More);
        while last == Ok(false) {
            last = splitter.next().map(|event| event == Event::More);
        }
        assert_eq!(last, Err(Malformed), "{begin:?}");
    }
    let many = format!(
        "--B\r\n{}\r\nx\r\n--B--",
        "X: y\r\n".repeat(MAX_HEAD / 6 + 1)
    );
    assert_eq!(split(&[many.as_bytes()]), Err(Malformed));
    let large = "a".repeat(4 * MAX_HEAD);
    let form = format!("{T}{large}\r\n{T}{large}\r\n--B--");
    assert_eq!(split(&[form.as_bytes()]).map(|parts| parts.len()), Ok(2));
}

#[test]
fn boundaries_are_parameters_of_the_type() {
    for (parameters, expect) in [
        ("; boundary=B", Some("B")),
        (" ; boundary = B;", Some("B")),
        ("; charset=utf-8; BOUNDARY=\"a b:c\"", Some("a b:c")),
        ("; boundary*=UTF-8''B", Some("B")),
        ("; boundary*0=B; boundary*1=C", Some("BC")),
        ("; boundary=B; boundary=C", None),
        ("; boundary=B; x", None),
        ("; boundary=\"\"", None),
        ("; boundary=a b", None),
        ("x; boundary=B", None),
        ("", None),
    ] {
        let found = boundary(&format!("multipart/form-data{parameters}")).ok();
        assert_eq!(found.as_deref(), expect, "{parameters}");
    }
    for (length, is_one) in [(MAX_BOUNDARY, true), (MAX_BOUNDARY + 1, false)] {
        let long = "a".repeat(length);
        let found = boundary(&format!("multipart/form-data; boundary={long}"));
        assert_eq!(found.is_ok(), is_one, "{length}");
    }
}

proptest! {
    #[test]
    fn forms_are_split_alike_in_pieces_and_at_once(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "--B", "--B", "--B--", "-", "\r\n", "\r\n", "\r\n", "\n", "\r", " ", "x", ":",
                "\r\n--B\r\n", "\r\n--B\r\n\r\n", "--B\r\nContent-Disposition: form-data; name=n\r\n\r\n",
            ]),
            0..14,
        ),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let form = words.concat().into_bytes();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(form.len() + 1)).collect();
        cuts.extend([0, form.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &form[pair[0]..pair[1]]).collect();
        prop_assert_eq!(split(&pieces), split_whole(&form));
    }
}
