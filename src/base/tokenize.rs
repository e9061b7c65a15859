//! Splitting of lists that may contain quotes and parentheses: `fields`, index columns, view columns.

/// Why a text could not be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenizeError {
    /// A quote is opened and never closed.
    #[error("unbalanced quotes")]
    Quotes,
    /// Parentheses do not match.
    #[error("unbalanced parentheses")]
    Parentheses,
}

/// Splits at separators outside of quotes (`'`, `"`, backtick) and parentheses.
///
/// A backslash takes the next character literally; tokens are trimmed, empty ones are skipped.
pub fn split(text: &str, separators: &[char]) -> Result<Vec<String>, TokenizeError> {
    let mut tokens = Vec::new();
    let mut token = String::new();
    let mut quote = None;
    let mut depth = 0usize;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            token.push(c);
            token.extend(chars.next());
            continue;
        }
        match quote {
            Some(open) => {
                if c == open {
                    quote = None;
                }
            }
            None => match c {
                '\'' | '"' | '`' => quote = Some(c),
                '(' => depth += 1,
                ')' => depth = depth.checked_sub(1).ok_or(TokenizeError::Parentheses)?,
                _ if depth == 0 && separators.contains(&c) => {
                    push_trimmed(&mut tokens, &token);
                    token.clear();
                    continue;
                }
                _ => {}
            },
        }
        token.push(c);
    }
    if quote.is_some() {
        return Err(TokenizeError::Quotes);
    }
    if depth != 0 {
        return Err(TokenizeError::Parentheses);
    }
    push_trimmed(&mut tokens, &token);
    Ok(tokens)
}

fn push_trimmed(tokens: &mut Vec<String>, token: &str) {
    let token = token.trim();
    if !token.is_empty() {
        tokens.push(token.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::{TokenizeError, split};

    #[test]
    fn separators_count_only_outside_of_quotes_and_parentheses() {
        assert_eq!(
            split("a, b(c,d) ,, 'e,f'", &[',']).unwrap(),
            ["a", "b(c,d)", "'e,f'"]
        );
        assert_eq!(split(r"a\,b,c", &[',']).unwrap(), [r"a\,b", "c"]);
    }

    #[test]
    fn what_is_left_open_is_an_error() {
        assert_eq!(split("a(b", &[',']), Err(TokenizeError::Parentheses));
        assert_eq!(split("a)b", &[',']), Err(TokenizeError::Parentheses));
        assert_eq!(split("'a", &[',']), Err(TokenizeError::Quotes));
    }
}
