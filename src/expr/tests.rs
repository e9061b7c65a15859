//! What is accepted, how it is read, and what errors say.

use proptest::prelude::*;

use crate::base::time;
use crate::expr::macros::{self, MacroValue};
use crate::expr::{
    Call, Comparison, Expr, Join, MAX_CALL_DEPTH, Operand, OperandKind, Operator, ParseErrorKind,
    Span, Term, parse,
};

/// Compares with the canonical text of the tree, or with the error.
#[track_caller]
fn check(input: &str, expect: &str) {
    let shown = match parse(input) {
        Ok(expr) => expr.to_string(),
        Err(error) => error.to_string(),
    };
    assert_eq!(shown, expect, "{input:?}");
}

#[test]
fn comparisons_joins_and_groups() {
    check("n=1", "n = 1");
    check("n=1&&t='a'", "n = 1 && t = 'a'");
    check("a=1 || b=2 && c=3", "a = 1 || b = 2 && c = 3");
    check("( (a=1)||b=2 )&&c=3", "((a = 1) || b = 2) && c = 3");
    check("1=2", "1 = 2");
    check("'(' = \")\"", "'(' = ')'");
}

#[test]
fn operators_are_taken_whole() {
    for operator in ["=", "!=", "~", "!~", "<", "<=", ">", ">="] {
        check(&format!("a{operator}-1"), &format!("a {operator} -1"));
        check(&format!("a?{operator}b"), &format!("a ?{operator} b"));
    }
    check("n==1", "invalid operator at position 2 near `==`");
    check("n??=1", "invalid operator at position 2 near `??=`");
    check("n!?=1", "invalid operator at position 2 near `!?=`");
    check("n ? = 1", "invalid operator at position 3 near `?`");
    check("n<>1", "invalid operator at position 2 near `<>`");
    check("!(n=1)", "invalid operator at position 1 near `!`");
    check("n! =1", "invalid operator at position 2 near `!`");
}

#[test]
fn numbers_have_no_exponent_and_no_loose_dot() {
    check("n=-.5", "n = -0.5");
    check("n=01.50", "n = 1.5");
    check("n= -1", "n = -1");
    check(
        &format!("n={}", "9".repeat(400)),
        &format!("n = {}", f64::MAX),
    );
    check("n=1.", "invalid number at position 3 near `1.`");
    check("n=1..2", "invalid number at position 3 near `1..2`");
    check("n=--1", "invalid number at position 3 near `-`");
    check("n=- 1", "invalid number at position 3 near `-`");
    check("n=.5", "unexpected character at position 3 near `.`");
    check("n=+1", "unexpected character at position 3 near `+`");
    check("n=1e3", "expected && or || at position 4 near `e3`");
    check("n=1-1", "expected && or || at position 4 near `-1`");
}

#[test]
fn texts_are_unescaped_only_where_the_language_says() {
    check(r"t='x\'y'", r"t = 'x\'y'");
    check(r#"t="x\"y""#, r#"t = 'x"y'"#);
    check(r#"t='x\"y'"#, r#"t = 'x"y'"#);
    check(r"t='x\ny\tz\rw'", r"t = 'x\ny\tz\rw'");
    check("t='x\ny'", r"t = 'x\ny'");
    check(r"t='x\\ny'", r"t = 'x\\ny'");
    check(r"t='a\b\%\x41'", r"t = 'a\\b\\%\\x41'");
    check(r"t='x\\'", r"t = 'x\\'");
    check("t='é//(' // c", "t = 'é//('");
    check(r"t='x\'", r"unclosed text at position 3 near `'x\'`");
    check("t='a", "unclosed text at position 3 near `'a`");
    check("t='a\0b'", "unclosed text at position 3 near `'a\0b'`");
    check("t='a''b'", "expected && or || at position 6 near `'b'`");
}

#[test]
fn identifiers() {
    for name in [
        "_a",
        "#a",
        "@now",
        "a.b.0.c",
        "a..b",
        "a.b:length",
        "@collection.posts:alias.title",
        "@request.body.a:isset",
        "posts_via_author.id",
    ] {
        check(&format!("{name}=1"), &format!("{name} = 1"));
    }
    check("a.=1", "invalid identifier at position 1 near `a.`");
    check("a:=1", "invalid identifier at position 1 near `a:`");
    check("@=1", "invalid identifier at position 1 near `@`");
    check("a#=1", "invalid identifier at position 2 near `#`");
    check(
        "a@b=1",
        "expected a comparison operator at position 2 near `@b`",
    );
    check("é=1", "unexpected character at position 1 near `é`");
    check(
        "t='é' && é=1",
        "unexpected character at position 10 near `é`",
    );
    check("a-b=1", "invalid number at position 2 near `-`");
    check("a[0]=1", "unexpected character at position 2 near `[`");
}

#[test]
fn whitespace_and_comments_are_free() {
    check(" n\t=\n1 ", "n = 1");
    check("//c\nn//(\n=//d\n1//e", "n = 1");
    check("(//c\nn=1//d\n)", "(n = 1)");
    check("(n=1 // why (not) so) && n=2 // (", "(n = 1) && n = 2");
    check("f(1 //)\n) = 1", "f(1) = 1");
    check("n\r=1", "unexpected character at position 2 near `\r`");
    check(
        "n\u{a0}=1",
        "unexpected character at position 2 near `\u{a0}`",
    );
    check("n=1 / 2", "unexpected character at position 5 near `/`");
    check("n=1 /* c */", "unexpected character at position 5 near `/`");
    check("n=1\0", "unexpected character at position 4 near `\0`");
}

#[test]
fn calls() {
    check("f()=1", "f() = 1");
    check("strftime( '%Y' ,//c\n t,)='1'", "strftime('%Y', t) = '1'");
    check("a.b(-1)=f(g(h(1)))", "a.b(-1) = f(g(h(1)))");
    check(
        "f (1)=1",
        "expected a comparison operator at position 3 near `(`",
    );
    check("f(,)=1", "expected an argument at position 3 near `,`");
    check("f(1,,2)=1", "expected an argument at position 5 near `,`");
    check("f((1))=1", "expected an argument at position 3 near `(`");
    check(
        "f(a b)=1",
        "expected a comma or a closing parenthesis at position 5 near `b`",
    );
    check(
        "f(a=1)=1",
        "expected a comma or a closing parenthesis at position 4 near `=`",
    );
    check(
        "f(",
        "expected an argument at position 3 (end of the expression)",
    );
    check(
        "f(a",
        "expected a comma or a closing parenthesis at position 4 (end of the expression)",
    );
    check(
        "1()=1",
        "expected a comparison operator at position 2 near `(`",
    );
    check(
        "f(1)()=1",
        "expected a comparison operator at position 5 near `(`",
    );
    check(
        "f(g(h(i())))=1",
        "too many nested function calls at position 7 near `i`",
    );
}

#[test]
fn what_is_incomplete_is_an_error() {
    let operand = "expected a field, function, text or number at position";
    check("", "empty expression at position 1 (end of the expression)");
    check(
        " //c",
        "empty expression at position 5 (end of the expression)",
    );
    check(
        "n",
        "expected a comparison operator at position 2 (end of the expression)",
    );
    check("n=", &format!("{operand} 3 (end of the expression)"));
    check("n=1 &&", &format!("{operand} 7 (end of the expression)"));
    check("&& n=1", &format!("{operand} 1 near `&&`"));
    check("n=1 && && n=1", &format!("{operand} 8 near `&&`"));
    check("()", &format!("{operand} 2 near `)`"));
    check("n=(1)", &format!("{operand} 3 near `(`"));
    check(
        "n=1 & n=2",
        "invalid join (use && or ||) at position 5 near `&`",
    );
    check(
        "n=1 &&& n=2",
        "invalid join (use && or ||) at position 5 near `&&&`",
    );
    check("n=1 and n=2", "expected && or || at position 5 near `and`");
    check("n=1=1", "expected && or || at position 4 near `=`");
    check(
        "(n=1",
        "expected a closing parenthesis at position 5 (end of the expression)",
    );
    check("(n=1 n=2)", "expected && or || at position 6 near `n`");
    check(
        "n=1)",
        "unexpected closing parenthesis at position 4 near `)`",
    );
    check("n=1,", "expected && or || at position 4 near `,`");
}

#[test]
fn a_group_behind_an_item_joins_like_the_item_before() {
    check("(n=1)(n=2)", "(n = 1) && (n = 2)");
    check("n=1 (n=2)", "n = 1 && (n = 2)");
    check("n=1 || n=2 (n=3)", "n = 1 || n = 2 || (n = 3)");
    check(
        "n=1 || (n=2(n=3)) (n=4)",
        "n = 1 || (n = 2 && (n = 3)) || (n = 4)",
    );
    check("(n=1) n=2", "expected && or || at position 7 near `n`");
    check(
        "n (n=1)",
        "expected a comparison operator at position 3 near `(`",
    );
    check(
        "n= (n=1)",
        "expected a field, function, text or number at position 4 near `(`",
    );
}

#[test]
fn errors_repeat_only_the_start_of_a_long_token() {
    let error = parse(&format!("n='{}", "é".repeat(5000))).unwrap_err();
    assert_eq!(error.token.chars().count(), 41);
    assert_eq!(
        error.span,
        Span {
            start: 2,
            end: 10_003
        }
    );
}

#[test]
fn spans_are_byte_offsets() {
    let expr = parse("t='é' && f(a, 1) = b").unwrap();
    let Some((_, Term::Compare { left, right, .. })) = expr.terms.last() else {
        panic!("a comparison");
    };
    assert_eq!(left.span, Span { start: 10, end: 17 });
    assert_eq!(right.span, Span { start: 20, end: 21 });
}

#[test]
fn any_depth_of_nesting_is_safe() {
    let nested = |depth: usize| format!("{}n=1{}", "(".repeat(depth), ")".repeat(depth));
    check(&nested(50_000), "(n = 1)");
    let deep = format!("{}n=1{}", "n=1&&(".repeat(199), ")".repeat(199));
    assert_eq!(
        parse(&deep).map(|tree| parse(&tree.to_string()) == Ok(tree)),
        Ok(true)
    );
    for (input, expect) in [
        ("(".repeat(100_000), ParseErrorKind::ExpectedOperand),
        ("f(".repeat(50_000), ParseErrorKind::CallsTooDeep),
        ("(n=1".repeat(50_000), ParseErrorKind::TooManyComparisons),
    ] {
        assert_eq!(parse(&input).unwrap_err().kind, expect);
    }
}

#[test]
fn the_number_of_comparisons_is_bounded() {
    let chain = |length: usize| vec!["(n=1)"; length].join("||");
    assert!(parse(&chain(200)).is_ok());
    assert_eq!(
        parse(&chain(201)).unwrap_err().kind,
        ParseErrorKind::TooManyComparisons
    );
}

#[test]
fn macros_follow_the_clock() {
    let now = time::parse("2024-02-10 13:14:15.678Z").unwrap();
    for (name, expect) in [
        ("@now", "2024-02-10 13:14:15.678Z"),
        ("@yesterday", "2024-02-09 13:14:15.678Z"),
        ("@tomorrow", "2024-02-11 13:14:15.678Z"),
        ("@todayStart", "2024-02-10 00:00:00.000Z"),
        ("@todayEnd", "2024-02-10 23:59:59.999Z"),
        ("@monthStart", "2024-02-01 00:00:00.000Z"),
        ("@monthEnd", "2024-02-29 23:59:59.999Z"),
        ("@yearStart", "2024-01-01 00:00:00.000Z"),
        ("@yearEnd", "2024-12-31 23:59:59.999Z"),
    ] {
        assert_eq!(
            macros::value(name, now),
            Some(MacroValue::Text(expect.to_owned())),
            "{name}"
        );
    }
    for (name, expect) in [
        ("@second", 15),
        ("@minute", 14),
        ("@hour", 13),
        ("@day", 10),
        ("@weekday", 6),
        ("@month", 2),
        ("@year", 2024),
    ] {
        assert_eq!(
            macros::value(name, now),
            Some(MacroValue::Number(expect)),
            "{name}"
        );
    }
    assert_eq!(macros::value("@NOW", now), None);
    assert!(macros::is_macro("@yearEnd") && !macros::is_macro("@request.method"));
}

fn identifiers_strategy() -> impl Strategy<Value = String> {
    "[a-z_@#][a-z0-9_.:]{0,8}[a-z0-9_]"
}

fn operand(depth: u32) -> BoxedStrategy<Operand> {
    let leaf = prop_oneof![
        identifiers_strategy().prop_map(OperandKind::Identifier),
        any::<f64>()
            .prop_filter("literals are finite", |n| n.is_finite())
            .prop_map(OperandKind::Number),
        "[^\0]{0,12}".prop_map(OperandKind::Text),
    ];
    let kind = if depth == 0 {
        leaf.boxed()
    } else {
        let call = (
            identifiers_strategy(),
            prop::collection::vec(operand(depth - 1), 0..4),
        )
            .prop_map(|(name, arguments)| OperandKind::Call(Call { name, arguments }));
        prop_oneof![3 => leaf, 1 => call].boxed()
    };
    kind.prop_map(|kind| Operand {
        kind,
        span: Span::default(),
    })
    .boxed()
}

/// A group as the parser makes it: one around nothing but a group is that group.
fn group(inner: Expr) -> Term {
    match inner.terms.as_slice() {
        [(_, Term::Group(_))] => inner
            .terms
            .into_iter()
            .map(|(_, term)| term)
            .next()
            .unwrap(),
        _ => Term::Group(inner),
    }
}

fn tree() -> impl Strategy<Value = Expr> {
    let operator = (
        prop::sample::select(vec![
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Like,
            Comparison::NotLike,
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
        ]),
        any::<bool>(),
    )
        .prop_map(|(kind, any)| Operator { kind, any });
    let calls = u32::try_from(MAX_CALL_DEPTH).unwrap();
    let compare = (operand(calls), operator, operand(calls)).prop_map(|(left, operator, right)| {
        Term::Compare {
            left,
            operator,
            right,
        }
    });
    let chain = |term: BoxedStrategy<Term>| {
        let join = prop_oneof![Just(Join::And), Just(Join::Or)];
        prop::collection::vec((join, term), 1..4).prop_map(|mut terms| {
            if let Some(first) = terms.first_mut() {
                first.0 = Join::And;
            }
            Expr { terms }
        })
    };
    chain(compare.clone().boxed()).prop_recursive(4, 32, 3, move |inner| {
        chain(prop_oneof![compare.clone(), inner.prop_map(group)].boxed())
    })
}

proptest! {
    #[test]
    fn printed_trees_parse_to_themselves(tree in tree()) {
        let text = tree.to_string();
        let parsed = parse(&text);
        prop_assert_eq!(parsed.as_ref(), Ok(&tree), "{}", text);
    }

    #[test]
    fn any_text_is_a_tree_or_an_error(text in "\\PC{0,60}|[a-c@.:#'\"\\\\ ()&|=!~<>?0-9,/\n-]{0,60}") {
        match parse(&text) {
            Ok(tree) => prop_assert_eq!(parse(&tree.to_string()), Ok(tree)),
            Err(error) => {
                prop_assert!(text.get(error.span.start..error.span.end).is_some());
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}
