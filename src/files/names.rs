//! Names of stored files, made from what a client called them.

use crate::base::ids::{self, LOWER_ALNUM};
use crate::base::text;

const MAX_INPUT_BYTES: usize = 300;
const MAX_BASE_CHARS: usize = 100;
const MIN_BASE_CHARS: usize = 3;
const MAX_EXTENSION_CHARS: usize = 20;
const RANDOM_CHARS: usize = 10;

/// The part of a submitted name that counts: without directories, at most its last 300 bytes.
pub fn original_name(submitted: &str) -> &str {
    let name = submitted.rsplit('/').next().unwrap_or_default();
    let start = name.len().saturating_sub(MAX_INPUT_BYTES);
    let start = (start..=name.len()).find(|i| name.is_char_boundary(*i));
    name.get(start.unwrap_or(0)..).unwrap_or_default()
}

/// Makes the name a file is stored under: `My Photo.PNG` becomes `my_photo_4q5w2m9x1z.PNG`.
///
/// `detected_extension` (`.png` or empty) is used when the name has none.
pub fn stored_name(submitted: &str, detected_extension: &str) -> String {
    let name = original_name(submitted);
    let (base, extension) = split_extension(name);
    let extension = clean_extension(extension).unwrap_or_else(|| detected_extension.to_owned());
    let mut base: String = text::snake_case(base)
        .chars()
        .take(MAX_BASE_CHARS)
        .collect();
    if base.len() < MIN_BASE_CHARS {
        base.push_str(&random());
    }
    format!("{base}_{}{extension}", random())
}

/// Splits before the second-last dot when the part after it is not empty, as in `.tar.gz`, else before the last one.
fn split_extension(name: &str) -> (&str, &str) {
    let Some(last) = name.rfind('.') else {
        return (name, "");
    };
    let (head, _) = name.split_at(last);
    match head.rfind('.') {
        Some(second) if second + 1 < last => name.split_at(second),
        _ => name.split_at(last),
    }
}

/// Drops unsafe characters and keeps the last twenty of the others; `None` when nothing is left.
fn clean_extension(extension: &str) -> Option<String> {
    let safe: Vec<char> = extension
        .chars()
        .filter(|c| {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '*' | '-' | '+' | '=' | '#')
        })
        .collect();
    let start = safe.len().saturating_sub(MAX_EXTENSION_CHARS);
    let kept: String = safe.into_iter().skip(start).collect();
    let kept = kept.trim_matches('.');
    (!kept.is_empty()).then(|| format!(".{kept}"))
}

fn random() -> String {
    ids::random_string(RANDOM_CHARS, LOWER_ALNUM)
}

#[cfg(test)]
mod tests {
    use super::{original_name, stored_name};

    /// Compares with random parts shown as `?`, given as how many characters they have.
    #[track_caller]
    fn check(submitted: &str, expect: &str) {
        let stored = stored_name(submitted, ".txt");
        assert_eq!(stored.len(), expect.len(), "{submitted}: {stored}");
        let matches = stored.chars().zip(expect.chars()).all(|(c, expected)| {
            if expected == '?' {
                c.is_ascii_alphanumeric()
            } else {
                c == expected
            }
        });
        assert!(matches, "{submitted}: {stored}");
    }

    #[test]
    fn names_are_snake_case_with_a_random_tail() {
        check("photo.png", "photo_??????????.png");
        check("PhotoAlbum2024.PNG", "photo_album2024_??????????.PNG");
        check("HTMLParser.txt", "htmlparser_??????????.txt");
        check("My Файл (1).tar.GZ", "my_1_??????????.tar.GZ");
        check("naïve file.txt", "na_ve_file_??????????.txt");
        check("a.b.c.d.txt", "a_b_c_??????????.d.txt");
        check("/etc/passwd", "passwd_??????????.txt");
        check(
            &format!("{}.txt", "x".repeat(400)),
            &format!("{}_??????????.txt", "x".repeat(100)),
        );
    }

    #[test]
    fn short_names_are_lengthened() {
        check("x", "x??????????_??????????.txt");
        check("ab_.txt", "ab??????????_??????????.txt");
        check("日本語.txt", "??????????_??????????.txt");
        check(".htaccess", "??????????_??????????.htaccess");
        check("", "??????????_??????????.txt");
        check("..", "??????????_??????????.txt");
        check("a..b", "a??????????_??????????.b");
    }

    #[test]
    fn extensions_are_cleaned_and_cut_or_detected() {
        check("abc.t xt", "abc_??????????.txt");
        check("abc.é", "abc_??????????.txt");
        check("abc.#x=+", "abc_??????????.#x=+");
        check("noext.", "noext_??????????.txt");
        check("abc.md.", "abc_??????????.md");
        check(
            "file.abcdefghijklmnopqrstuvwxyz.md",
            "file_??????????.jklmnopqrstuvwxyz.md",
        );
        check("..\\..\\x.md", "??????????_??????????.x.md");
        assert!(!stored_name("abc", "").contains('.'));
    }

    #[test]
    fn original_names_are_bounded() {
        assert_eq!(original_name("a/b/c.txt"), "c.txt");
        assert_eq!(original_name(&"é".repeat(200)).len(), 300);
        assert_eq!(original_name(&format!("x{}", "é".repeat(200))).len(), 300);
        assert_eq!(original_name(&format!("{}x", "é".repeat(200))).len(), 299);
    }
}
