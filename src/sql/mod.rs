//! SQL as data: text that cannot be built from request data, bound values, quoted names.
//!
//! Nothing here executes SQL; `engine` does.

mod ident;
mod value;

use std::fmt;

pub use ident::Ident;
pub use value::{Value, ValueRef};

/// SQL text plus what is bound to its `?` placeholders, in order.
///
/// Invariant: text enters only as `&'static str`, as an [`Ident`], as an integer or from another `Sql`;
/// data enters only through [`Sql::bind`]. `B` is [`Value`] for statements ready to run; compiled statements
/// that are reused across requests bind symbolic slots instead.
#[derive(Clone, PartialEq)]
pub struct Sql<B = Value> {
    text: String,
    binds: Vec<B>,
}

impl<B> Sql<B> {
    /// An empty statement.
    pub const fn new() -> Self {
        Self {
            text: String::new(),
            binds: Vec::new(),
        }
    }

    /// Starts with fixed text.
    pub fn from_text(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            binds: Vec::new(),
        }
    }

    /// Appends fixed text.
    pub fn text(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a quoted name.
    pub fn ident(&mut self, ident: &Ident) -> &mut Self {
        self.text.push_str(ident.quoted());
        self
    }

    /// Appends `alias.column`, both quoted.
    pub fn column(&mut self, alias: &Ident, column: &Ident) -> &mut Self {
        self.ident(alias).text(".").ident(column)
    }

    /// Appends an integer literal.
    pub fn integer(&mut self, value: i64) -> &mut Self {
        self.text.push_str(&value.to_string());
        self
    }

    /// Appends a placeholder and binds a value to it.
    pub fn bind(&mut self, value: impl Into<B>) -> &mut Self {
        self.text.push('?');
        self.binds.push(value.into());
        self
    }

    /// Appends another piece with its binds.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.text.push_str(&other.text);
        self.binds.extend(other.binds);
        self
    }

    /// Appends pieces with a separator between them.
    pub fn join(
        &mut self,
        separator: &'static str,
        pieces: impl IntoIterator<Item = Self>,
    ) -> &mut Self {
        for (index, piece) in pieces.into_iter().enumerate() {
            if index > 0 {
                self.text(separator);
            }
            self.append(piece);
        }
        self
    }

    /// Appends text written by an admin: a view query, an index definition, the SQL console's statement.
    ///
    /// Security: the caller answers for where the text comes from; it must never contain request data of
    /// anyone but a superuser.
    pub fn superuser_text(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// The text with `?` placeholders.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The bound values in placeholder order.
    pub fn binds(&self) -> &[B] {
        &self.binds
    }

    /// Says whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Takes text and binds apart.
    pub fn into_parts(self) -> (String, Vec<B>) {
        (self.text, self.binds)
    }

    /// Converts the binds.
    pub fn map_binds<C>(self, convert: impl FnMut(B) -> C) -> Sql<C> {
        Sql {
            text: self.text,
            binds: self.binds.into_iter().map(convert).collect(),
        }
    }
}

impl<B> Default for Sql<B> {
    fn default() -> Self {
        Self::new()
    }
}

impl<B: fmt::Debug> fmt::Debug for Sql<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.text, self.binds)
    }
}
