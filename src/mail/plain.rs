//! The text part of a mail, made from its HTML. Links become `[text](address)`.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

/// Elements that are left out with everything in them.
const DROPPED: &[&str] = &["head", "script", "style", "template", "title"];

/// Elements that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "article",
    "blockquote",
    "div",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];

/// Reads HTML as text.
pub(super) fn of_html(html: &str) -> String {
    let mut text = Text::default();
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Ok(Token::StartTag(tag)) => {
                let name = String::from_utf8_lossy(&tag.name);
                let href = tag
                    .attributes
                    .get(b"href".as_slice())
                    .map(|value| String::from_utf8_lossy(value).into_owned());
                text.start(&name, href);
            }
            Ok(Token::EndTag(tag)) => text.end(&String::from_utf8_lossy(&tag.name)),
            Ok(Token::String(string)) => text.push(&String::from_utf8_lossy(&string.value)),
            Ok(_) => {}
            Err(never) => match never {},
        }
    }
    text.out.trim().to_owned()
}

#[derive(Default)]
struct Text {
    out: String,
    gap: bool,
    line: bool,
    /// The dropped element we are in.
    dropped: Option<String>,
    /// The link we are in: its address, and where its text begins.
    link: Option<(String, usize)>,
}

impl Text {
    fn start(&mut self, name: &str, href: Option<String>) {
        if self.dropped.is_some() {
            return;
        }
        match name {
            "br" => self.out.push('\n'),
            "li" => {
                self.line = true;
                self.write("- ");
            }
            "a" => {
                if let Some(href) = href.filter(|href| !href.is_empty() && self.link.is_none()) {
                    self.write("[");
                    self.link = Some((href, self.out.len()));
                }
            }
            name if DROPPED.contains(&name) => self.dropped = Some(name.to_owned()),
            name if BLOCKS.contains(&name) => self.line = true,
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(dropped) = &self.dropped {
            if dropped == name {
                self.dropped = None;
            }
        } else if name == "a"
            && let Some((href, start)) = self.link.take()
        {
            if self.out.len() == start {
                self.out.push_str(&href);
            }
            self.out.push_str("](");
            self.out.push_str(&href);
            self.out.push(')');
        } else if BLOCKS.contains(&name) {
            self.line = true;
        }
    }

    fn push(&mut self, text: &str) {
        if self.dropped.is_some() {
            return;
        }
        for word in text.split_inclusive(char::is_whitespace) {
            let trimmed = word.trim_end();
            if !trimmed.is_empty() {
                self.write(trimmed);
            }
            self.gap |= trimmed.len() < word.len();
        }
    }

    /// Appends a word after the line break or space that is due.
    fn write(&mut self, word: &str) {
        if self.out.is_empty() || self.out.ends_with('\n') {
            // Lines begin with words.
        } else if self.line {
            self.out.push('\n');
        } else if self.gap && !self.out.ends_with('[') {
            self.out.push(' ');
        }
        (self.gap, self.line) = (false, false);
        self.out.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::of_html;

    #[test]
    fn html_reads_as_text() {
        for (html, expect) in [
            ("", ""),
            ("a  b\n c", "a b c"),
            ("<p>One</p><p>two <b>three</b>.</p>", "One\ntwo three."),
            (
                r#"<p>See <a class="btn" href="http://x/y?a=1&amp;b">the <i>page</i></a> now</p>"#,
                "See [the page](http://x/y?a=1&b) now",
            ),
            (r#"<a href="http://x"></a>"#, "[http://x](http://x)"),
            ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\nc"),
            ("a<br>b &lt;c&gt;", "a\nb <c>"),
            ("<style>p { x: y }</style><script>1</script>t", "t"),
        ] {
            assert_eq!(of_html(html), expect, "{html}");
        }
        assert_eq!(of_html(&super::super::wrap("<p>x</p>")), "x");
    }
}
