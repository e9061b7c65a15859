//! Rules made at random.

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

/// Operands over own fields, relations, back-relations, the request and other collections.
const OPERANDS: &[&str] = &[
    "title",
    "title:lower",
    "n",
    "open",
    "status",
    "tags:each",
    "tags:length",
    "owner",
    "owner.id",
    "owner.name",
    "owner.org.name",
    "owner.org.tags:each",
    "editors.id",
    "editors.name",
    "editors:each",
    "editors:length",
    "editors.org.level",
    "org.level",
    "org.name",
    "org.owner.name",
    "comments_via_post.text",
    "comments_via_post.likes",
    "comments_via_post.author.id",
    "comments_via_post.author.org.name",
    "meta.a",
    "meta.list.0",
    "@request.auth.id",
    "@request.auth.id",
    "@request.auth.collectionName",
    "@request.auth.name",
    "@request.auth.org",
    "@request.auth.org.name",
    "@request.auth.org.tags:each",
    "@request.auth.verified",
    "@request.auth.posts_via_owner.title",
    "@request.body.title",
    "@request.body.title:isset",
    "@request.body.title:changed",
    "@request.body.n",
    "@request.body.n:isset",
    "@request.body.owner",
    "@request.body.owner.name",
    "@request.body.owner:changed",
    "@request.body.editors:each",
    "@request.body.editors:length",
    "@request.body.editors.name",
    "@request.query.q",
    "@request.query.q:isset",
    "@request.headers.x_team",
    "@request.method",
    "@request.context",
    "@collection.orgs.name",
    "@collection.orgs:other.owner",
    "@collection.comments.post",
    "@todayStart",
    "created",
];

const LITERALS: &[&str] = &[
    "''",
    "null",
    "true",
    "false",
    "0",
    "1",
    "2",
    "3",
    "'a'",
    "'b'",
    "'t1'",
    "'draft'",
    "'live'",
    "'x'",
    "'red'",
    "'%a%'",
    "'POST'",
    "'default'",
    "'users'",
];

const OPERATORS: &[&str] = &[
    "=", "=", "=", "!=", "~", "!~", "<", "<=", ">", ">=", "?=", "?!=", "?~", "?>", "?<=",
];

pub(super) fn rule(random: &mut StdRng, depth: usize) -> String {
    let mut rule = String::new();
    for index in 0..random.random_range(1..=3) {
        if index > 0 {
            rule.push_str(if random.random_bool(0.5) {
                " && "
            } else {
                " || "
            });
        }
        if depth > 0 && random.random_bool(0.2) {
            rule.push('(');
            rule.push_str(&self::rule(random, depth - 1));
            rule.push(')');
        } else {
            let left = OPERANDS.choose(random).unwrap();
            let operator = OPERATORS.choose(random).unwrap();
            let right = if random.random_bool(0.5) {
                LITERALS
            } else {
                OPERANDS
            };
            let right = right.choose(random).unwrap();
            for piece in [left, " ", operator, " ", right] {
                rule.push_str(piece);
            }
        }
    }
    rule
}
