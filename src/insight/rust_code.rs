//! A Rust source as tokens, with its functions.
//!
//! This is no parser of Rust: it finds what the await chain needs and nothing else. It finds words,
//! string literals and signs with their lines, the bracket that belongs to each bracket, and the
//! body of each function. Comments, lifetimes and character literals are skipped, so that a brace
//! in one of them does not end a function.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name, a keyword or a number.
    Word,
    /// A string literal; its text is without the quotes.
    Literal,
    /// Any other single character.
    Sign,
}

/// A token of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    pub(super) text: &'a str,
    /// Its line, counted from 1.
    pub(super) line: u32,
    /// Its column in characters, counted from 1, as the compiler counts.
    pub(super) column: u32,
}

impl Token<'_> {
    pub(super) fn is(&self, sign: &str) -> bool {
        self.kind == TokenKind::Sign && self.text == sign
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text == word
    }
}

/// A function of a source.
#[derive(Clone, Debug)]
pub(super) struct RustFunction<'a> {
    pub(super) name: &'a str,
    pub(super) is_async: bool,
    /// The line of its `fn`, counted from 1.
    pub(super) line: u32,
    /// The tokens between the parentheses of its parameters.
    pub(super) parameters: Range<usize>,
    /// The tokens between its braces.
    pub(super) body: Range<usize>,
}

/// A source as tokens.
#[derive(Clone, Debug)]
pub(super) struct RustCode<'a> {
    pub(super) file: &'a str,
    pub(super) tokens: Vec<Token<'a>>,
    /// For each bracket, the index of the bracket that belongs to it; for any other token its own.
    partners: Vec<usize>,
    pub(super) functions: Vec<RustFunction<'a>>,
}

impl<'a> RustCode<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> RustCode<'a> {
        let tokens = tokens(text);
        let partners = partners(&tokens);
        let mut code = RustCode {
            file,
            tokens,
            partners,
            functions: Vec::new(),
        };
        code.functions = (0..code.tokens.len())
            .filter_map(|at| code.function_at(at))
            .collect();
        code
    }

    /// The token at an index.
    pub(super) fn token(&self, at: usize) -> Option<&Token<'a>> {
        self.tokens.get(at)
    }

    /// The bracket that belongs to the one at an index.
    pub(super) fn partner(&self, at: usize) -> usize {
        self.partners.get(at).copied().unwrap_or(at)
    }

    /// The function whose `fn` is at an index, if it has a body.
    fn function_at(&self, at: usize) -> Option<RustFunction<'a>> {
        let (keyword, name) = (self.tokens.get(at)?, self.tokens.get(at + 1)?);
        if !keyword.is_word("fn") || name.kind != TokenKind::Word {
            return None;
        }
        // Generic parameters may stand between the name and the parentheses, and after those the
        // type of the result. A declaration without a body ends in a semicolon.
        let mut next = self.generics_end(at + 2);
        if !self.tokens.get(next)?.is("(") {
            return None;
        }
        let parameters = next + 1..self.partner(next);
        next = parameters.end + 1;
        loop {
            let token = self.tokens.get(next)?;
            if token.is(";") {
                return None;
            }
            if token.is("{") {
                break;
            }
            next = self.partner(next).max(next) + 1;
        }
        let end = self.partner(next);
        Some(RustFunction {
            name: name.text,
            is_async: at
                .checked_sub(1)
                .is_some_and(|before| self.tokens[before].is_word("async")),
            line: keyword.line,
            parameters,
            body: next + 1..end,
        })
    }

    /// The token after the generic parameters that begin at an index, if any do.
    fn generics_end(&self, at: usize) -> usize {
        let mut depth = 0_u32;
        let mut next = at;
        while let Some(token) = self.tokens.get(next) {
            // The `>` of an arrow closes nothing.
            let arrow = next > at && self.tokens[next - 1].is("-");
            if token.is("<") {
                depth += 1;
            } else if token.is(">") && !arrow {
                depth = depth.saturating_sub(1);
            } else if depth == 0 {
                break;
            }
            next += 1;
        }
        next
    }

    /// The innermost function whose body contains a token.
    pub(super) fn function_of(&self, at: usize) -> Option<usize> {
        let around = self
            .functions
            .iter()
            .enumerate()
            .filter(|(_, function)| function.body.contains(&at));
        around
            .min_by_key(|(_, function)| function.body.len())
            .map(|(number, _)| number)
    }

    /// The token at a location of the compiler; `None` if no token begins there.
    pub(super) fn token_at(&self, line: u32, column: u32) -> Option<usize> {
        let found = self
            .tokens
            .binary_search_by_key(&(line, column), |token| (token.line, token.column));
        found.ok()
    }
}

/// Whether two names mean the same file.
pub(super) fn same_file(a: &str, b: &str) -> bool {
    let parts = |path: &str| -> Vec<String> {
        path.rsplit(['/', '\\'])
            .filter(|part| !part.is_empty() && *part != ".")
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (parts(a), parts(b));
    let common = a.len().min(b.len());
    common > 0 && a.iter().take(common).eq(b.iter().take(common))
}

/// For each bracket, the index of its partner. A bracket without one is its own partner.
fn partners(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut partners: Vec<usize> = (0..tokens.len()).collect();
    let mut open: Vec<usize> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != TokenKind::Sign {
            continue;
        }
        match token.text {
            "(" | "[" | "{" => open.push(at),
            ")" | "]" | "}" => {
                if let Some(begin) = open.pop() {
                    partners[begin] = at;
                    partners[at] = begin;
                }
            }
            _ => {}
        }
    }
    partners
}

/// Splits a source into tokens.
fn tokens(text: &str) -> Vec<Token<'_>> {
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

/// The end of the string literal that begins here.
fn string_end(text: &str) -> usize {
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

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r##"
// fn commented() {
fn first<'a>(x: &'a str) -> impl Fn(u32) -> u32 {
    let brace = '{'; let quote = '\''; /* } /* } */ */
    let text = "} fn none() {"; let raw = r#"} " {"#;
    |n| n + 1
}

trait Named { fn name(&self) -> String; }

async fn outer() {
    async fn inner() { sleep(1).await; }
    inner().await;
}
"##;

    #[test]
    fn functions_have_names_and_bodies() {
        let code = RustCode::new("a.rs", SOURCE);
        let found: Vec<_> = code
            .functions
            .iter()
            .map(|function| {
                let end = code.tokens[function.body.end].line;
                (function.name, function.line, end, function.is_async)
            })
            .collect();
        let expected = [
            ("first", 3, 7, false),
            ("outer", 11, 14, true),
            ("inner", 12, 12, true),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_token_is_found_where_the_compiler_says() {
        let code = RustCode::new("a.rs", SOURCE);
        let at = code.token_at(13, 13).unwrap();
        assert!(code.tokens[at].is_word("await"));
        assert_eq!(code.function_of(at), Some(1));
        assert_eq!(code.token_at(13, 14), None);
    }

    #[test]
    fn names_of_one_file() {
        let compiled = "src/../scenarios/say_after.rs";
        for (name, same) in [
            ("say_after.rs", true),
            ("scenarios/say_after.rs", true),
            ("after.rs", false),
            ("other/say_after.rs", false),
            ("", false),
        ] {
            assert_eq!(same_file(compiled, name), same, "{name}");
        }
        assert!(same_file("scenarios\\say_after.rs", "say_after.rs"));
    }

    #[test]
    fn any_text_becomes_tokens() {
        for text in [
            "'", "\"", "r#\"", "/* /*", "b\"\\", "'\\", "}{)(", "é'é'é", "fn", "fn f", "fn f(",
        ] {
            let code = RustCode::new("a.rs", text);
            assert!(code.functions.is_empty(), "{text}");
        }
    }
}
