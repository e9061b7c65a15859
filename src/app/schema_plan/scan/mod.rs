//! Where a script names a field or a collection, going by how names are used in scripts: as properties, as keys of
//! maps, as texts that are arguments, inside of filters and SQL. Nothing is run.
//!
//! Each use is judged by itself: it is certain where the script says which collection it is about (`kinds`), it is left
//! out where that is another one, and it may mean something else everywhere else.

mod kinds;
mod known;
mod sql;
mod texts;
mod tokens;
mod uses;

pub(super) use known::{Edit, Known, Named, Relation, Renamed};
use uses::Uses;

/// A line that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: usize,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) is_certain: bool,
    /// The line is there before with what of it is certain.
    pub(super) is_second: bool,
}

/// The lines of a script that name something. One with uses of both kinds comes twice: with those that are certain, and
/// with all of them.
pub(super) fn lines(text: &str, renamed: &[Renamed], known: &Known<'_>) -> Vec<Line> {
    if !renamed.iter().any(|rename| text.contains(&rename.from)) {
        return Vec::new();
    }
    let tokens = tokens::Tokens::of(text);
    let mut edits = Uses::find(&tokens, renamed, known);
    edits.sort_by_key(|edit| (edit.start, !edit.is_certain));
    let mut lines = Vec::new();
    let mut offset = 0;
    let mut edits = edits.into_iter().peekable();
    for (index, line) in text.split('\n').enumerate() {
        let end = offset + line.len();
        let mut here = Vec::new();
        while let Some(edit) = edits.next_if(|edit| edit.start < end) {
            if edit.end <= end {
                here.push(edit);
            }
        }
        let (certain, all): (Vec<&Edit>, Vec<&Edit>) = (
            here.iter().filter(|edit| edit.is_certain).collect(),
            here.iter().collect(),
        );
        let mut put = |edits: &[&Edit], is_certain, is_second| {
            lines.push(Line {
                number: index + 1,
                before: line.to_owned(),
                after: replaced(line, offset, edits),
                is_certain,
                is_second,
            });
        };
        if !certain.is_empty() {
            put(&certain, true, false);
        }
        if certain.len() < all.len() {
            put(&all, false, !certain.is_empty());
        }
        offset = end + 1;
    }
    lines
}

fn replaced(line: &str, offset: usize, edits: &[&Edit]) -> String {
    let mut text = String::new();
    let mut done = 0;
    for edit in edits {
        let (start, end) = (
            edit.start.saturating_sub(offset),
            edit.end.saturating_sub(offset),
        );
        if start < done {
            continue;
        }
        text.push_str(line.get(done..start).unwrap_or_default());
        text.push_str(&edit.to);
        done = end;
    }
    text.push_str(line.get(done..).unwrap_or_default());
    text
}

#[cfg(test)]
mod tests {
    use super::{Edit, Known, Line, Named, Relation, Renamed, lines};

    fn field(from: &str, to: &str) -> Renamed {
        Renamed {
            from: from.to_owned(),
            to: to.to_owned(),
            collection: Some("posts".to_owned()),
        }
    }

    /// Stands for the compiler of filters: in posts every `title` is the field.
    fn read(collection: &str, filter: &str) -> Option<Vec<Edit>> {
        let is_filter = filter.contains('=') && !filter.contains("{:");
        let edit = |(start, from): (usize, &str)| Edit {
            start,
            end: start + from.len(),
            to: "name".to_owned(),
            is_certain: true,
        };
        let all = filter.match_indices("title").map(edit);
        let own = all.filter(|_| collection == "posts");
        is_filter.then(|| own.collect())
    }

    fn found(script: &str, renamed: &[Renamed]) -> Vec<Line> {
        let named = |name: &str, fields: &[&str]| Named {
            id: format!("{name}_id"),
            name: name.to_owned(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            relations: vec![Relation {
                field: "n".to_owned(),
                collection_id: "posts_id".to_owned(),
                is_list: name == "users",
            }],
        };
        let known = Known {
            collections: vec![
                named("posts", &["title", "count", "author"]),
                named("users", &["title"]),
                named("items", &["n"]),
            ],
            filter: &read,
        };
        lines(script, renamed, &known)
    }

    /// All that is found, certain or not.
    #[track_caller]
    fn check(script: &str, expect: &str) {
        let mut after: Vec<(usize, String)> = Vec::new();
        for line in found(script, &[field("title", "name")]) {
            after.retain(|(number, _)| *number != line.number);
            after.push((line.number, line.after));
        }
        let after: Vec<String> = after.into_iter().map(|(_, after)| after).collect();
        assert_eq!(after.join("\n"), expect, "{script}");
    }

    /// What is certain of one line; the empty text for nothing.
    #[track_caller]
    fn certain(script: &str, expect: &str) {
        let lines = found(script, &[field("title", "name")]);
        let after: Vec<String> = lines
            .into_iter()
            .filter(|line| line.is_certain)
            .map(|line| line.after)
            .collect();
        assert_eq!(after.join("\n"), expect, "{script}");
    }

    #[test]
    fn names_are_found_where_scripts_use_them() {
        check("e.record.title = 1;", "e.record.name = 1;");
        check(
            "r.get(\"title\") + r[\"title\"]",
            "r.get(\"name\") + r[\"name\"]",
        );
        check(
            "make(#{ title: \"title\", a: 1 })",
            "make(#{ name: \"title\", a: 1 })",
        );
        check(
            "find(\"posts\", \"title = 'title' && x = 1\", \"-title\")",
            "find(\"posts\", \"name = 'title' && x = 1\", \"-name\")",
        );
        check(
            "find(\"users\", `posts_via_owner.title ?= 'a'`)",
            "find(\"users\", `posts_via_owner.name ?= 'a'`)",
        );
        check("// e.record.title\nlet title = r.title();", "");
        check("throw \"The title is missing.\";", "");
    }

    #[test]
    fn modifiers_and_code_in_texts_are_uses() {
        check("r.set(\"title-\", 1)", "r.set(\"name-\", 1)");
        check("r.set(\"title+\", 1)", "r.set(\"name+\", 1)");
        check("r.set(\"+title\", 1)", "r.set(\"+name\", 1)");
        check(
            "let s = `a title ${r.title + `${r.get(\"title\")}`} b`;",
            "let s = `a title ${r.name + `${r.get(\"name\")}`} b`;",
        );
        check(
            "#{ sort: \"title\", expand: \"title\" }",
            "#{ sort: \"name\", expand: \"name\" }",
        );
    }

    #[test]
    fn a_use_is_certain_where_the_script_says_of_what() {
        let all = |script: &str| certain(script, &script.replace("title", "name"));
        all("on_record_create(\"posts\", |e| { e.record.title = 1; });");
        all(
            "let p = app.find_record(\"posts\", id); p.title; `${p.title}`; p.set(\"title+\", 1); p[\"title\"]",
        );
        all(
            "for p in tx.records(\"posts\", #{ sort: \"-title\", filter: \"title = 1\" }) { p.title }",
        );
        all("app.records(\"posts\").map(|p| p.title)");
        all("tx.save(tx.new_record(\"posts\", #{ title: 1 })).title");
        all("app.first_record(\"posts\", \"title = {:n}\", #{ n: 1 }).original().title");
        all("let e = app.find_record(\"posts_id\", 1); e.title");
        all("app.records(\"items\", #{}).map(|item| item.expand(\"n\").title)");
        all("for p in app.find_record(\"users\", 1).expand(\"n\") { p.title }");
        all(
            "app.execute(\"UPDATE posts SET title = title + 1 WHERE id IN (SELECT n FROM items)\")",
        );
    }

    #[test]
    fn what_may_mean_something_else_is_not_certain() {
        let never = |script: &str| {
            certain(script, "");
            check(script, &script.replace("title", "name"));
        };
        never("r.title");
        never("r.expand(\"n\").title");
        never("mail::send(#{ title: 1 })");
        never("if field.name == \"title\" { }");
        never("switch name { \"title\" => 1 }");
        never("let body = e.body(); #{ title: body.title }");
        never("on_record_create(\"posts\", \"users\", |e| { e.record.title });");
        never("let p = app.find_record(\"posts\", 1); p = other; p.title");
        never("let p = app.find_record(\"posts\", 1); { let p = 1; p.title }");
        never("fn find_record(a, b) { 1 } x.find_record(\"posts\", 1).title");
        never("app.query(\"SELECT n FROM posts, users WHERE title = 1\")");
        never("let l = app.records(\"posts\"); l.push(1); l[0].title");
    }

    #[test]
    fn what_means_something_else_is_left_out() {
        check("app.first_record(\"users\", \"title = 1\")", "");
        check("let u = app.find_record(\"users\", 1); u.title", "");
        check("app.new_record(\"users\", #{ title: 1 })", "");
        check("on_record_create(\"users\", |e| e.record.title)", "");
        check("app.execute(\"UPDATE users SET title = 1\")", "");
        check(
            "app.first_record(\"posts\", \"title = {:title}\", #{ title: 1 })",
            "app.first_record(\"posts\", \"name = {:title}\", #{ title: 1 })",
        );
    }

    #[test]
    fn a_line_with_both_kinds_comes_twice() {
        let script = "let p = app.find_record(\"posts\", 1); p.title + x.title";
        certain(
            script,
            "let p = app.find_record(\"posts\", 1); p.name + x.title",
        );
        check(
            script,
            "let p = app.find_record(\"posts\", 1); p.name + x.name",
        );
    }

    #[test]
    fn columns_of_an_answer_keep_their_names() {
        certain(
            "app.query(\"SELECT id, title FROM posts WHERE title = 'title' ORDER BY title\")",
            "app.query(\"SELECT id, name AS title FROM posts WHERE name = 'title' ORDER BY name\")",
        );
        certain(
            "app.query(\"SELECT posts.title, users.title FROM posts JOIN users\")",
            "app.query(\"SELECT posts.name AS title, users.title FROM posts JOIN users\")",
        );
        certain(
            "app.query(\"SELECT n AS title FROM posts ORDER BY title\")",
            "",
        );
        let script = "app.query(\"SELECT max(title) AS title FROM posts WHERE title > 1\")";
        let after = "app.query(\"SELECT max(name) AS title FROM posts WHERE name > 1\")";
        certain(script, after);
        check(script, after);
    }

    #[test]
    fn names_that_are_words_of_the_language_stand_in_quotes() {
        let script = "let p = app.find_record(\"posts\", 1); p.title; p?.title; app.new_record(\"posts\", #{ title: 1 }); app.execute(\"UPDATE posts SET title = 1\")";
        let found = found(script, &[field("title", "default")]);
        let after: Vec<&str> = found.iter().map(|line| line.after.as_str()).collect();
        assert_eq!(
            after,
            [
                "let p = app.find_record(\"posts\", 1); p[\"default\"]; p?[\"default\"]; app.new_record(\"posts\", #{ \"default\": 1 }); app.execute(\"UPDATE posts SET [default] = 1\")"
            ]
        );
    }

    #[test]
    fn a_name_that_others_have_too_is_certain_where_the_collection_is_named() {
        let guess = |script: &str| {
            found(script, &[field("title", "name")])
                .iter()
                .all(|line| line.is_certain)
        };
        assert!(!guess("r.title = 1;"));
        assert!(guess(
            "on_record_create(\"posts\", |e| { e.record.title = 1; });"
        ));
    }

    #[test]
    fn collections_are_texts_and_parts_of_paths() {
        let rename = Renamed {
            from: "posts".to_owned(),
            to: "articles".to_owned(),
            collection: None,
        };
        let lines = |script: &str| -> Vec<(String, bool)> {
            found(script, std::slice::from_ref(&rename))
                .into_iter()
                .map(|line| (line.after, line.is_certain))
                .collect()
        };
        let after: Vec<String> =
            lines("find(\"posts\", \"@collection.posts.id = posts_via_owner.id\");")
                .into_iter()
                .map(|(after, _)| after)
                .collect();
        assert_eq!(
            after,
            ["find(\"articles\", \"@collection.articles.id = articles_via_owner.id\");"]
        );
        let certain = |script: &str| {
            assert_eq!(lines(script), [(script.replace("posts", "articles"), true)]);
        };
        certain("app.find_record(\"posts\", 1); on_record_create(\"users\", \"posts\", |e| {});");
        certain("app.execute(\"DELETE FROM posts WHERE posts.n = 1\")");
        certain("app.execute(\"INSERT INTO posts (n) VALUES (1)\")");
        let topic = "app.send_message(\"posts\", 1)";
        assert_eq!(lines(topic), [(topic.replace("posts", "articles"), false)]);
    }

    #[test]
    fn odd_texts_are_read_to_their_end() {
        for script in [
            "`${`${",
            "/* /* title",
            "\"title",
            "|||",
            "))]}title",
            "let",
            "for (",
            "fn",
            "#\"title",
            "x.title[",
        ] {
            found(script, &[field("title", "name")]);
        }
        let deep = format!("{}title{}", "(".repeat(20_000), ")".repeat(20_000));
        assert!(found(&deep, &[field("title", "name")]).is_empty());
        let long = format!("x{}.title", ".a(b)[c]".repeat(20_000));
        assert_eq!(found(&long, &[field("title", "name")]).len(), 1);
    }
}
