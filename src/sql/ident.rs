//! A name inside SQL text.

/// A table, column, index or alias name, quoted so that any text is safe as a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ident {
    quoted: String,
}

impl Ident {
    /// Quotes a name; quote characters inside are doubled, NUL bytes are dropped.
    pub fn new(name: &str) -> Self {
        let mut quoted = String::with_capacity(name.len() + 2);
        quoted.push('`');
        for c in name.chars() {
            match c {
                '`' => quoted.push_str("``"),
                '\0' => {}
                other => quoted.push(other),
            }
        }
        quoted.push('`');
        Self { quoted }
    }

    /// The quoted form.
    pub fn quoted(&self) -> &str {
        &self.quoted
    }
}

#[cfg(test)]
mod tests {
    use super::Ident;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        assert_eq!(
            Ident::new("a`; DROP TABLE x; --\0").quoted(),
            "`a``; DROP TABLE x; --`"
        );
    }
}
