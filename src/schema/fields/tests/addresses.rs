use super::field;
use crate::schema::fields::ValidateContext;
use crate::schema::fields::email::is_email;
use crate::schema::fields::url::is_url;

#[test]
fn emails_have_words_and_a_domain_with_a_dot() {
    for email in [
        "a@b.co",
        "ä@b.co",
        "a@ä.co",
        "\"a\"@b.co",
        "\" a\"@c.co",
        "a@b.c",
        "a@b_c.co",
        "a+b@c.co",
        "a@b.co.",
        "A@B.CO",
        "a@b.xn--p1ai",
        "a@b.c-d",
        "a@b.рф",
        "иван@пример.рф",
        "_@b.co",
        "-@b.co",
        "a@1b.co",
        "!#$%&'*+-/=?^_`{|}~@b.co",
        "a@a.b.c.d.e.co",
        "a@b..c.co",
        "a@b~c.co",
        "root@a--b.co",
    ] {
        assert!(is_email(email), "{email}");
    }
    for email in [
        "",
        "a",
        "a@",
        "@b.co",
        "a@b",
        "a@localhost",
        "a@1.2.3.4",
        "a@[1.2.3.4]",
        ".a@b.co",
        "a.@b.co",
        "a..b@c.co",
        "a@-b.co",
        "a@b-.co",
        "a b@c.co",
        "a@b co.co",
        "a@.b.co",
        "a@b..co",
        "a@b.c1",
        "a@b.123",
        "a(b)@c.co",
        "a,b@c.co",
        "a\"b@c.co",
        "\"a b\"@c.co",
        "\"ab\"@c.co",
        "\"\"@b.co",
        "a@b@c.co",
        " a@b.co",
        "a@b.co ",
        "a@b.co\n",
        "a@b/c.co",
        "a\0@b.co",
        "😀@b.co",
        "a@😀.co",
    ] {
        assert!(!is_email(email), "{email:?}");
    }
}

#[test]
fn urls_have_a_host_and_need_no_scheme() {
    for url in [
        "http://localhost",
        "example.com",
        "ftp://a.b",
        "mailto:x@y.z",
        "http://1.2.3.4:80",
        "http://a",
        "tel:123",
        "http://a_b.co",
        "http://a.co:99999",
        "http://example.com.",
        "http://[::1]:80/x",
        "https://example.com/a?b=c#d",
        "https://ä.com/ä",
        "http://user:pw@a.co",
        "http://@a.co",
        "http://a@b@c.co",
        "http://10.0.0.1",
        "a.co/x",
        "a.co:80",
        "localhost:80",
        "example.co?x=1",
        "foo.bar:80/x",
        "1.2.3.4/x",
        "[::1]",
        "http://a.co/<script>",
        "http://a.co/?%",
        "wss://a.b",
        "http://foo_bar",
        "http://1",
        "http://com.",
        "http://a--b.co",
        "a@b.co",
        "a.b/",
        "a.co#x",
        "foo://u@a.co",
        "http://999.999.999.999",
        "http://a.co#x\u{1}",
    ] {
        assert!(is_url(url), "{url}");
    }
    for url in [
        "",
        "a",
        "a.b",
        "ab",
        "localhost",
        "//a.b",
        "javascript:alert(1)",
        "http://a b.co",
        "http://-a.co",
        "HTTP://EXAMPLE.COM",
        "http://a.co:999999",
        "data:text/plain,x",
        "https://example.com/%zz",
        "https://example.com/a b",
        "http://",
        "http:///a",
        "http://a.co:",
        "http://a.co:abc",
        "http://.a.co",
        "http://a..co",
        "http://a-.co",
        "http://1.2.3",
        "http://256.1.1.1",
        "http://0.0.0.0",
        "foo://bar",
        "foo:bar",
        "http:a.co",
        "http:/a.co",
        " http://a.co",
        "http://a.co\n",
        "#",
        "?",
        "/",
        "./a",
        "a.b.c",
        "::1",
        "http://a.c1",
        "file:///etc/passwd",
        "rtmp://a.b/c",
        "_a.com",
        ".com",
        "http://.com",
        "http://😀.com",
        "http://%41.co",
        "http://a.co/%",
        "http://a.co/#%",
        "mailto:a",
        "tel:",
        "x:y",
        "http://a,b.co",
        "http://user@",
        "http://:80",
        "http://a*b.co",
        "http://a.b.c.d.e.f",
        "http://a.co/x\u{1}",
        "http://[::1",
        "1http://u@a.co",
    ] {
        assert!(!is_url(url), "{url:?}");
    }
    let long = |length: usize| format!("http://a.co/{}", "x".repeat(length - 12));
    assert!(is_url(&long(2082)) && !is_url(&long(2083)));
}

#[test]
fn domains_are_compared_exactly() {
    let context = ValidateContext {
        is_new: true,
        new_files: &[],
    };
    for (definition, rows) in [
        (
            r#"{"type":"email","onlyDomains":["a.co","B.co"]}"#,
            [
                ("x@a.co", true),
                ("x@B.co", true),
                ("x@b.co", false),
                ("x@z.a.co", false),
            ],
        ),
        (
            r#"{"type":"email","exceptDomains":["a.co"]}"#,
            [
                ("x@a.co", false),
                ("x@A.CO", true),
                ("x@b.co", true),
                ("", true),
            ],
        ),
        (
            r#"{"type":"url","onlyDomains":["a.co"]}"#,
            [
                ("http://a.co/x", true),
                ("http://u:p@a.co", true),
                ("a.co", false),
                ("http://a.co:80", false),
            ],
        ),
        (
            r#"{"type":"url","exceptDomains":["a.co"]}"#,
            [
                ("http://a.co?x", false),
                ("a.co", true),
                ("http://a.co:80", true),
                ("mailto:x@a.co", true),
            ],
        ),
    ] {
        let field = field(definition);
        for (value, allowed) in rows {
            let result = field.validate(&field.coerce(&value.into()), None, context);
            assert_eq!(result.is_ok(), allowed, "{definition} {value}");
            if let Err(issue) = result {
                assert!(
                    issue.code.ends_with("_domain_not_allowed"),
                    "{}",
                    issue.code
                );
            }
        }
    }
}
