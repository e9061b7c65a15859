use proptest::{prop_assert, proptest};
use regex::Regex;

use crate::schema::fields::autogenerate::{AutogenerateError, generate};
use crate::schema::fields::pattern::{Pattern, translate};

#[test]
fn patterns_match_as_the_contract_does() {
    let texts = ["abc", "ABC", "a.b", "É", "٣", "\n", "aa", "x{,2}"];
    for (pattern, expect) in [
        ("(?i)^abc$", "11000000"),
        (r"^\d+$", "00000000"),
        (r"\bfoo", "00000000"),
        (r"^\pL+$", "11010010"),
        ("[[:alpha:]]+", "11100011"),
        ("^.$", "00011000"),
        (r"\x41", "01000000"),
        ("(?P<n>a)", "10100010"),
        ("(?<n>a)", "10100010"),
        ("a{2}", "00000010"),
        (r"^a\z", "00000000"),
        (r"\Qa.b\E", "00100000"),
        (r"^\w+$", "11000010"),
        (r"\s", "00000100"),
        ("(?s).", "11111111"),
        ("^[^a]$", "00011100"),
        ("a||b", "11111111"),
        ("(?U)a+", "10100010"),
        (r"\pN", "00001001"),
        (r"[\d-z]", "00000001"),
        ("x{", "00000001"),
        ("x{,2}", "00000001"),
        ("[]a]", "10100010"),
        ("^$", "00000000"),
        ("[a&&b[]", "10100010"),
        (r"\<", "00000000"),
        ("(?i:ABC)", "11000000"),
        ("(?)a", "10100010"),
        (r"\101", "01000000"),
        (r"\W", "00111101"),
        (r"[\W]", "00111101"),
    ] {
        let compiled = Pattern::from(pattern);
        assert_eq!(compiled.problem(), None, "{pattern}");
        let matches: String = (texts.iter())
            .map(|text| if compiled.is_match(text) { '1' } else { '0' })
            .collect();
        assert_eq!(matches, expect, "{pattern}");
    }
}

#[test]
fn broken_patterns_say_what_is_wrong() {
    for (pattern, expect) in [
        ("(", "missing closing ): `(`"),
        ("(a", "missing closing ): `(a`"),
        (")", "unexpected ): `)`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a++", "invalid nested repetition operator: `++`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"),
        ("([ab]{1000}){1000}", "invalid repeat count: `{1000}`"),
        (r"\1", r"invalid escape sequence: `\1`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        (r"\C", r"invalid escape sequence: `\C`"),
        (r"\e", r"invalid escape sequence: `\e`"),
        (r"\xZZ", r"invalid escape sequence: `\xZZ`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?i", "invalid or unsupported Perl syntax: `(?i`"),
        ("[b-a]", "invalid character class range: `b-a`"),
        (r"\p{Foo}", r"invalid character class range: `\p{Foo}`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a(?i)*", "missing argument to repetition operator: `*`"),
        ("[a", "missing closing ]: `[a`"),
        ("\\", "trailing backslash at end of expression: ``"),
    ] {
        let error = Pattern::from(pattern).problem().expect(pattern);
        let expect = format!("error parsing regexp: {expect}");
        assert_eq!(error.to_string(), expect, "{pattern}");
        assert!(!Pattern::from(pattern).is_match("a"));
    }
}

#[test]
fn generated_texts_follow_their_pattern() {
    for (pattern, lengths) in [
        ("[a-z0-9]{15}", 15..=15),
        ("[a-zA-Z0-9]{50}", 50..=50),
        ("a?", 0..=0),
        ("[ab]*", 0..=5),
        ("[ab]+", 1..=5),
        ("[ab]{2,}", 2..=5),
        ("[ab]{2,4}", 2..=3),
        ("(a|b|cc)", 1..=2),
        (".{3}", 3..=3),
        (r"\d{5}", 5..=5),
        (r"\p{Greek}{3}", 3..=3),
        (r"\Qa.b\E", 3..=3),
        ("[é-ü]{3}", 3..=3),
        ("x{0}", 0..=0),
        ("[^a]", 1..=1),
        ("[a-z]{1000}", 1000..=1000),
    ] {
        let whole = Regex::new(&format!("^(?:{})$", translate(pattern).expect(pattern)));
        let whole = whole.expect(pattern);
        for _ in 0..20 {
            let text = generate(pattern).expect(pattern);
            assert!(lengths.contains(&text.chars().count()), "{pattern}: {text}");
            assert!(whole.is_match(&text), "{pattern}: {text}");
        }
    }
}

#[test]
fn what_cannot_be_generated_is_an_error() {
    for (pattern, operator) in [("^a", 9), ("a$", 10), (r"a\b", 11), ("()", 2), ("a||b", 2)] {
        let expect = Err(AutogenerateError::Operator(operator));
        // An alternative is drawn at random, so that its error may need some tries.
        assert!((0..100).any(|_| generate(pattern) == expect), "{pattern}");
    }
    assert!(matches!(generate("(a"), Err(AutogenerateError::Pattern(_))));
    let nested = format!("{}x{{0}}{}", "(".repeat(100), ")+".repeat(100));
    assert_eq!(generate(&nested), Err(AutogenerateError::TooComplex));
}

proptest! {
    /// What the translation accepts is a pattern, and broken input never panics.
    #[test]
    fn translations_are_patterns(pattern in r"[a-c\[\](){}|*+?^$.\\:<>!=&~PpQEdwsbBxiU0-9,é-]{0,16}") {
        if let Ok(translated) = translate(&pattern) {
            let parsed = regex_syntax::parse(&translated);
            prop_assert!(parsed.is_ok(), "{pattern} became {translated}: {parsed:?}");
        }
        let _generated = generate(&pattern);
    }
}
