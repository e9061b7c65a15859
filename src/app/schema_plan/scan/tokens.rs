//! The words, texts and brackets of a script. Comments are left out; code within a text in backticks is code.

/// Two characters that are one sign.
const PAIRS: &[&str] = &[
    "#{", "::", "?.", "?[", "==", "!=", "<=", ">=", "=>", "+=", "-=", "*=", "/=", "%=", "||", "&&",
    "??", "..", "**", "->",
];

/// Tokens that are looked through for the end of an expression.
const MAX_EXPRESSION: usize = 2_000;

/// Most `#` before a text.
const MAX_MARKS: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Word,
    /// The inside of a quoted text.
    Text,
    Number,
    Sign,
    /// `${` and `}` around code within a text.
    HoleStart,
    HoleEnd,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) what: What,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Code within a text.
    pub(super) holes: Vec<(usize, usize)>,
    /// The bracket around it.
    pub(super) parent: Option<usize>,
    /// How many commas stand between that bracket and this.
    pub(super) position: usize,
    /// Of a bracket the other one; of a text with code its last token.
    pub(super) partner: Option<usize>,
}

/// A script in pieces.
#[derive(Debug)]
pub(super) struct Tokens<'t> {
    pub(super) text: &'t str,
    pub(super) all: Vec<Token>,
}

impl<'t> Tokens<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut lexer = Lexer {
            text,
            at: 0,
            tokens: Vec::new(),
            open: Vec::new(),
            commas: 0,
        };
        lexer.run();
        Self {
            text,
            all: lexer.tokens,
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<&Token> {
        self.all.get(index)
    }

    /// How a token is written; of a text, what is between its quotes.
    pub(super) fn written(&self, index: usize) -> &'t str {
        self.get(index)
            .and_then(|token| self.text.get(token.start..token.end))
            .unwrap_or_default()
    }

    pub(super) fn is(&self, index: usize, what: What) -> bool {
        self.get(index).is_some_and(|token| token.what == what)
    }

    pub(super) fn is_sign(&self, index: usize, sign: &str) -> bool {
        self.is(index, What::Sign) && self.written(index) == sign
    }

    /// `.` or `?.`.
    pub(super) fn is_dot(&self, index: usize) -> bool {
        self.is_sign(index, ".") || self.is_sign(index, "?.")
    }

    /// `[` or `?[`.
    pub(super) fn is_index(&self, index: usize) -> bool {
        self.is_sign(index, "[") || self.is_sign(index, "?[")
    }

    pub(super) fn parent(&self, index: usize) -> Option<usize> {
        self.get(index)?.parent
    }

    pub(super) fn partner(&self, index: usize) -> Option<usize> {
        self.get(index)?.partner
    }

    /// The token behind this one and what it encloses.
    pub(super) fn after(&self, index: usize) -> usize {
        let end = self.partner(index).filter(|partner| *partner > index);
        end.unwrap_or(index) + 1
    }

    /// The end of an expression that starts here: the next comma, semicolon or closing bracket.
    pub(super) fn end(&self, start: usize) -> usize {
        let mut at = start;
        for _ in 0..MAX_EXPRESSION {
            let ends = [",", ";", ")", "]", "}"];
            let Some(token) = self.get(at) else { break };
            let is_end = token.what == What::HoleEnd
                || token.what == What::Sign && ends.contains(&self.written(at));
            if is_end {
                break;
            }
            at = self.after(at);
        }
        at
    }

    /// Where the block around a token ends.
    pub(super) fn block_end(&self, index: usize) -> usize {
        self.parent(index)
            .and_then(|parent| self.partner(parent))
            .unwrap_or(self.all.len())
    }

    /// Says whether what is before a token is a value, so that the token goes on from it.
    pub(super) fn follows_value(&self, index: usize) -> bool {
        let Some(before) = index.checked_sub(1) else {
            return false;
        };
        let Some(token) = self.get(before) else {
            return false;
        };
        match token.what {
            What::Word => !matches!(
                self.written(before),
                "return" | "in" | "throw" | "else" | "if" | "while" | "switch" | "until" | "break"
            ),
            What::Text | What::Number | What::HoleEnd => true,
            What::HoleStart => false,
            What::Sign => matches!(self.written(before), ")" | "]"),
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    /// Brackets that are open: the token, commas before it, and the text if it is code within one.
    open: Vec<(usize, usize, Option<usize>)>,
    commas: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn run(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            let rest = self.rest();
            if c.is_whitespace() {
                self.at += c.len_utf8();
            } else if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.comment();
            } else if c == '"' || c == '\'' {
                self.quoted(c);
            } else if c == '`' {
                self.at += 1;
                let token = self.push(What::Text, self.at, self.at);
                self.template(token);
            } else if let Some(marks) = raw(rest) {
                self.raw(marks);
            } else if c.is_alphabetic() || c == '_' {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let end = self.at + end.unwrap_or(rest.len());
                self.push(What::Word, self.at, end);
                self.at = end;
            } else if c.is_ascii_digit() {
                self.number();
            } else {
                self.sign(c);
            }
        }
    }

    fn push(&mut self, what: What, start: usize, end: usize) -> usize {
        self.tokens.push(Token {
            what,
            start,
            end,
            holes: Vec::new(),
            parent: self.open.last().map(|(token, ..)| *token),
            position: self.commas,
            partner: None,
        });
        self.tokens.len() - 1
    }

    fn comment(&mut self) {
        let mut depth = 0_usize;
        while !self.rest().is_empty() {
            if self.rest().starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if self.rest().starts_with("*/") {
                depth = depth.saturating_sub(1);
                self.at += 2;
                if depth == 0 {
                    return;
                }
            } else {
                self.at += self.rest().chars().next().map_or(1, char::len_utf8);
            }
        }
    }

    fn quoted(&mut self, quote: char) {
        let start = self.at + 1;
        let mut end = self.text.len();
        let mut is_escaped = false;
        for (at, c) in self.text.get(start..).unwrap_or_default().char_indices() {
            if is_escaped {
                is_escaped = false;
            } else if c == '\\' {
                is_escaped = true;
            } else if c == quote {
                end = start + at;
                break;
            }
        }
        self.push(What::Text, start, end);
        self.at = (end + 1).min(self.text.len());
    }

    fn raw(&mut self, marks: usize) {
        let start = self.at + marks + 1;
        let close = format!("\"{}", "#".repeat(marks));
        let inside = self.text.get(start..).unwrap_or_default();
        let end = start + inside.find(&close).unwrap_or(inside.len());
        self.push(What::Text, start, end);
        self.at = (end + close.len()).min(self.text.len());
    }

    /// Reads on in a text in backticks, up to its end or to code in it.
    fn template(&mut self, token: usize) {
        while let Some(stop) = self.rest().find(['`', '$']) {
            self.at += stop;
            let rest = self.rest();
            if rest.starts_with("``") {
                self.at += 2;
            } else if rest.starts_with('`') {
                self.finish(token);
                self.at += 1;
                return;
            } else if rest.starts_with("${") {
                let hole = self.push(What::HoleStart, self.at, self.at + 2);
                self.open.push((hole, self.commas, Some(token)));
                self.commas = 0;
                self.at += 2;
                return;
            } else {
                self.at += 1;
            }
        }
        self.at = self.text.len();
        self.finish(token);
    }

    fn finish(&mut self, token: usize) {
        let last = self.tokens.len() - 1;
        if let Some(text) = self.tokens.get_mut(token) {
            text.end = self.at;
            text.partner = (last > token).then_some(last);
        }
    }

    fn number(&mut self) {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let is_part = |at: usize| {
            bytes
                .get(at)
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        while is_part(self.at)
            || bytes.get(self.at) == Some(&b'.')
                && bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit)
        {
            self.at += 1;
        }
        self.push(What::Number, start, self.at);
    }

    fn sign(&mut self, c: char) {
        let pair = PAIRS.iter().find(|pair| self.rest().starts_with(**pair));
        let end = self.at + pair.map_or(c.len_utf8(), |pair| pair.len());
        let start = self.at;
        self.at = end;
        match c {
            '(' | '[' | '{' | '#' | '?' if self.text.get(..end).is_some_and(opens) => {
                let token = self.push(What::Sign, start, end);
                self.open.push((token, self.commas, None));
                self.commas = 0;
            }
            ')' | ']' | '}' => self.close(c, start, end),
            ',' => {
                self.push(What::Sign, start, end);
                self.commas += 1;
            }
            _ => {
                self.push(What::Sign, start, end);
            }
        }
    }

    fn close(&mut self, c: char, start: usize, end: usize) {
        let opened = self.open.last().copied().filter(|(token, ..)| {
            let sign = self
                .tokens
                .get(*token)
                .and_then(|token| self.text.get(token.start..token.end));
            match c {
                ')' => sign == Some("("),
                ']' => matches!(sign, Some("[" | "?[")),
                _ => matches!(sign, Some("{" | "#{" | "${")),
            }
        });
        let Some((opener, commas, template)) = opened else {
            self.push(What::Sign, start, end);
            return;
        };
        let what = template.map_or(What::Sign, |_| What::HoleEnd);
        let token = self.push(what, start, end);
        self.open.pop();
        self.commas = commas;
        if let Some(closer) = self.tokens.get_mut(token) {
            closer.partner = Some(opener);
        }
        let hole = self.tokens.get_mut(opener).map(|opened| {
            opened.partner = Some(token);
            (opened.start, end)
        });
        if let (Some(text), Some(hole)) = (template, hole) {
            if let Some(token) = self.tokens.get_mut(text) {
                token.holes.push(hole);
            }
            self.template(text);
        }
    }
}

fn opens(before: &str) -> bool {
    before.ends_with(['(', '[', '{'])
}

/// The `#` of a text such as `#"…"#`.
fn raw(rest: &str) -> Option<usize> {
    let marks = rest.bytes().take(MAX_MARKS);
    let marks = marks.take_while(|byte| *byte == b'#').count();
    let quote = rest.as_bytes().get(marks);
    (marks > 0 && quote == Some(&b'"')).then_some(marks)
}
