//! Text to tokens. Knows characters, not grammar: which token may follow which is the parser's matter.

use crate::expr::ast::{Comparison, Join, Operator, Span};
use crate::expr::error::{ParseError, ParseErrorKind};

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Identifier(String),
    Number(f64),
    Text(String),
    Operator(Operator),
    Join(Join),
    Open,
    Close,
    Comma,
    End,
}

/// Reads tokens one by one, skipping whitespace and comments.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    input: &'a str,
    offset: usize,
    /// Parentheses that are open: whether each belongs to a call.
    open: Vec<bool>,
    /// Where the last identifier ended.
    named: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(input: &'a str) -> Self {
        Self {
            input,
            offset: 0,
            open: Vec::new(),
            named: usize::MAX,
        }
    }

    /// The next token; [`TokenKind::End`] again and again once the input is used up.
    pub(super) fn next_token(&mut self) -> Result<Token, ParseError> {
        self.skip_blank();
        let start = self.offset;
        let Some(first) = self.rest().chars().next() else {
            return Ok(self.token(start, TokenKind::End));
        };
        let kind = match first {
            '(' => {
                self.open.push(self.named == start);
                self.single(TokenKind::Open)
            }
            ')' => {
                self.open.pop();
                self.single(TokenKind::Close)
            }
            ',' => self.single(TokenKind::Comma),
            '\'' | '"' => self.text(first)?,
            '-' | '0'..='9' => self.number()?,
            '=' | '!' | '~' | '<' | '>' | '?' => self.operator()?,
            '&' | '|' => self.join()?,
            _ if is_identifier_start(first) => self.identifier()?,
            _ => {
                self.offset += first.len_utf8();
                return Err(self.error(start, ParseErrorKind::UnexpectedCharacter));
            }
        };
        Ok(self.token(start, kind))
    }

    fn rest(&self) -> &'a str {
        self.input.get(self.offset..).unwrap_or_default()
    }

    fn token(&self, start: usize, kind: TokenKind) -> Token {
        Token {
            kind,
            span: self.span(start),
        }
    }

    const fn span(&self, start: usize) -> Span {
        Span {
            start,
            end: self.offset,
        }
    }

    fn error(&self, start: usize, kind: ParseErrorKind) -> ParseError {
        ParseError::new(self.input, self.span(start), kind)
    }

    const fn single(&mut self, kind: TokenKind) -> TokenKind {
        self.offset += 1;
        kind
    }

    /// Takes all following characters of a kind.
    fn take(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.offset += length;
        &rest[..length]
    }

    /// Skips whitespace and `//` comments. Only space, tab and line feed are whitespace.
    fn skip_blank(&mut self) {
        loop {
            self.take(|c| matches!(c, ' ' | '\t' | '\n'));
            if !self.rest().starts_with("//") {
                return;
            }
            self.comment();
        }
    }

    /// Compat: in a group a comment ends with the group, so that `(a=1 // why)` is whole; parentheses that it opens
    /// itself belong to it.
    fn comment(&mut self) {
        let (in_group, mut opened) = (self.open.contains(&false), 0usize);
        let rest = self.rest();
        let end = rest.find(|c| match c {
            '\n' => true,
            '(' => {
                opened += 1;
                false
            }
            ')' if opened > 0 => {
                opened -= 1;
                false
            }
            ')' => in_group,
            _ => false,
        });
        self.offset += end.unwrap_or(rest.len());
    }

    /// A quoted text. `\n`, `\r`, `\t`, `\\` and escaped quotes are unescaped; any other backslash stands for itself.
    fn text(&mut self, quote: char) -> Result<TokenKind, ParseError> {
        let start = self.offset;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1).peekable();
        while let Some((index, c)) = chars.next() {
            match c {
                '\0' => break,
                _ if c == quote => {
                    self.offset += index + 1;
                    return Ok(TokenKind::Text(text));
                }
                '\\' => {
                    let unescaped = chars.peek().and_then(|(_, next)| unescape(*next));
                    text.push(unescaped.unwrap_or('\\'));
                    if unescaped.is_some() {
                        chars.next();
                    }
                }
                _ => text.push(c),
            }
        }
        self.offset = self.input.len();
        Err(self.error(start, ParseErrorKind::UnclosedText))
    }

    /// `-1`, `1.5`, `-.5`; a fraction needs digits, a leading dot without a sign is no number.
    fn number(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.offset;
        if self.rest().starts_with('-') {
            self.offset += 1;
        }
        self.take(|c| c.is_ascii_digit() || c == '.');
        let text = &self.input[start..self.offset];
        let valid = text.ends_with(|c: char| c.is_ascii_digit()) && text.matches('.').count() <= 1;
        match text.parse::<f64>() {
            // Beyond the range of a double the largest one stands in, so that every number has a text form.
            Ok(number) if valid => Ok(TokenKind::Number(number.clamp(f64::MIN, f64::MAX))),
            _ => Err(self.error(start, ParseErrorKind::InvalidNumber)),
        }
    }

    fn operator(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.offset;
        let text = self.take(|c| matches!(c, '=' | '!' | '~' | '<' | '>' | '?'));
        Operator::parse(text)
            .map(TokenKind::Operator)
            .ok_or_else(|| self.error(start, ParseErrorKind::InvalidOperator))
    }

    fn join(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.offset;
        match self.take(|c| matches!(c, '&' | '|')) {
            "&&" => Ok(TokenKind::Join(Join::And)),
            "||" => Ok(TokenKind::Join(Join::Or)),
            _ => Err(self.error(start, ParseErrorKind::InvalidJoin)),
        }
    }

    fn identifier(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.offset;
        self.offset += 1;
        self.take(is_identifier_part);
        let text = &self.input[start..self.offset];
        if matches!(text, "@" | "#") || text.ends_with(['.', ':']) {
            return Err(self.error(start, ParseErrorKind::InvalidIdentifier));
        }
        self.named = self.offset;
        Ok(TokenKind::Identifier(text.to_owned()))
    }
}

impl Operator {
    /// Reads an operator such as `?!=`.
    pub fn parse(text: &str) -> Option<Self> {
        let (any, text) = match text.strip_prefix('?') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let kind = match text {
            "=" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            "~" => Comparison::Like,
            "!~" => Comparison::NotLike,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        Some(Self { kind, any })
    }
}

const fn unescape(c: char) -> Option<char> {
    match c {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        '\\' | '\'' | '"' => Some(c),
        _ => None,
    }
}

const fn is_identifier_start(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '_' | '@' | '#')
}

const fn is_identifier_part(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '.' | ':')
}
