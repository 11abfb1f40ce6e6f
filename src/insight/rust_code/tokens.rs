//! The tokens of a Rust source: words, string literals and signs.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::insight) enum TokenKind {
    /// A name, a keyword or a number.
    Word,
    /// A string literal; its text is without the quotes.
    Literal,
    /// Any other single character.
    Sign,
}

/// A token of the source.
#[derive(Clone, Copy, Debug)]
pub(in crate::insight) struct Token<'a> {
    pub(in crate::insight) kind: TokenKind,
    pub(in crate::insight) text: &'a str,
    /// Its line, counted from 1.
    pub(in crate::insight) line: u32,
    /// Its column in characters, counted from 1, as the compiler counts.
    pub(in crate::insight) column: u32,
}

impl Token<'_> {
    pub(in crate::insight) fn is(&self, sign: &str) -> bool {
        self.kind == TokenKind::Sign && self.text == sign
    }

    pub(in crate::insight) fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text == word
    }
}

/// Splits a source into tokens.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut line, mut column) = (1, 1);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, kind) = first_token(rest, first);
        let (part, after) = rest.split_at(length);
        if let Some(kind) = kind {
            let text = match kind {
                TokenKind::Literal => inside_quotes(part),
                TokenKind::Word | TokenKind::Sign => part,
            };
            tokens.push(Token {
                kind,
                text,
                line,
                column,
            });
        }
        for c in part.chars() {
            if c == '\n' {
                line += 1;
                column = 1;
            } else {
                column += 1;
            }
        }
        rest = after;
    }
    tokens
}

/// The length of what begins here, and its kind; `None` for what is skipped. The length is never 0.
fn first_token(rest: &str, first: char) -> (usize, Option<TokenKind>) {
    let length_while =
        |accepted: fn(char) -> bool| rest.find(|c: char| !accepted(c)).unwrap_or(rest.len());
    if first.is_whitespace() {
        return (length_while(char::is_whitespace), None);
    }
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("/*") {
        return (comment_end(rest), None);
    }
    if let Some(length) = raw_string(rest) {
        return (length, Some(TokenKind::Literal));
    }
    if first == '"' || rest.starts_with("b\"") {
        return (string_end(rest), Some(TokenKind::Literal));
    }
    if first == '\'' {
        return (quote_end(rest), None);
    }
    if first.is_alphanumeric() || first == '_' {
        let length = length_while(|c| c.is_alphanumeric() || c == '_');
        return (length, Some(TokenKind::Word));
    }
    (first.len_utf8(), Some(TokenKind::Sign))
}

/// The end of a block comment, which may contain others.
fn comment_end(text: &str) -> usize {
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of the raw string that begins here, if one does: `r"…"`, `r#"…"#`, `br"…"`.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('b').unwrap_or(text).strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after.get(hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(text.len() - body.len() + length)
}

/// The end of the string literal that begins here, or of the text.
pub(crate) fn string_end(text: &str) -> usize {
    let mut escaped = false;
    let begin = text.find('"').map_or(0, |at| at + 1);
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < begin) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The end of the character literal or lifetime that begins here.
fn quote_end(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        // An escape such as `'\''` or `'\u{e9}'`: the quote after its second character ends it.
        Some((_, '\\')) => {
            chars.next();
            chars
                .find(|(_, c)| *c == '\'')
                .map_or(text.len(), |(at, _)| at + 1)
        }
        Some(_) => match chars.next() {
            Some((at, '\'')) => at + 1,
            _ => text
                .char_indices()
                .skip(1)
                .find(|(_, c)| !c.is_alphanumeric() && *c != '_')
                .map_or(text.len(), |(at, _)| at),
        },
        None => text.len(),
    }
}

/// The text of a string literal between its quotes.
fn inside_quotes(literal: &str) -> &str {
    let begin = literal.find('"').map_or(0, |at| at + 1);
    let end = literal.rfind('"').unwrap_or(literal.len());
    literal.get(begin..end).unwrap_or_default()
}
