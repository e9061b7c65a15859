//! The header lines of a request.
//!
//! Every request has some and few are looked at, so that they are kept as cheaply as they can be: one piece of text
//! with the places where names and values end, instead of two strings for each line.

use std::fmt;

use crate::base::text;

/// Names and values in order, names as received. A name may be there more than once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HeaderLines {
    /// All names and values, one behind the other.
    text: String,
    /// Of each line, where in the text its name ends and where its value.
    ends: Vec<(usize, usize)>,
}

impl HeaderLines {
    /// No lines yet, with room for so many of so many bytes together.
    pub fn with_capacity(n_lines: usize, n_bytes: usize) -> Self {
        Self {
            text: String::with_capacity(n_bytes),
            ends: Vec::with_capacity(n_lines),
        }
    }

    /// Appends a line.
    pub fn push(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let end = self.text.len();
        self.text.push_str(value);
        self.ends.push((end, self.text.len()));
    }

    /// Appends all lines of others.
    pub fn append(&mut self, others: &Self) {
        let offset = self.text.len();
        self.text.push_str(&others.text);
        let ends = others.ends.iter();
        self.ends
            .extend(ends.map(|(name, value)| (name + offset, value + offset)));
    }

    /// Names with values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map_while(move |&(name_end, value_end)| {
            let name = self.text.get(start..name_end)?;
            let value = self.text.get(name_end..value_end)?;
            start = value_end;
            Some((name, value))
        })
    }

    /// The first value of a header whose name, in snake case, is the one given.
    pub fn first(&self, snake_name: &str) -> Option<&str> {
        self.iter()
            .find(|(name, _)| text::snake_case(name) == snake_name)
            .map(|(_, value)| value)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for HeaderLines {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(lines: I) -> Self {
        let mut all = Self::default();
        for (name, value) in lines {
            all.push(name.as_ref(), value.as_ref());
        }
        all
    }
}

/// Values may be secrets, such as tokens.
impl fmt::Debug for HeaderLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.iter().map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::HeaderLines;

    #[test]
    fn lines_come_back_as_they_were() {
        let mut lines = HeaderLines::with_capacity(2, 16);
        lines.push("X-Ä", "ö:\n");
        lines.push("", "");
        let others: HeaderLines = [("x_ä", "2"), ("b", "")].into_iter().collect();
        lines.append(&others);
        let all: Vec<_> = lines.iter().collect();
        assert_eq!(all, [("X-Ä", "ö:\n"), ("", ""), ("x_ä", "2"), ("b", "")]);
        assert_eq!(lines.first("b"), Some(""));
        assert_eq!(lines.first("c"), None);
    }

    #[test]
    fn values_are_not_shown() {
        let lines: HeaderLines = [("authorization", "s3cret")].into_iter().collect();
        assert_eq!(format!("{lines:?}"), "[\"authorization\"]");
    }
}
