//! A Rust source as tokens, with its functions.
//!
//! This is no parser of Rust: it finds what the await chain needs and nothing else. It finds words,
//! string literals and signs with their lines, the bracket that belongs to each bracket, and the
//! body of each function. Comments, lifetimes and character literals are skipped, so that a brace
//! in one of them does not end a function.

use std::ops::Range;

mod statements;
mod tokens;

pub(super) use statements::{is_conditional, list, parameter, statement_end};
#[cfg(feature = "tui")]
pub(crate) use tokens::string_end;
use tokens::tokens;
pub(super) use tokens::{Token, TokenKind};

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
    /// A longer text is no path, and may have megabytes.
    const LONGEST: usize = 4096;
    fn parts(path: &str) -> impl Iterator<Item = &str> {
        let parts = path.rsplit(['/', '\\']);
        parts.filter(|part| !part.is_empty() && *part != ".")
    }
    if a.len().max(b.len()) > LONGEST {
        return false;
    }
    // The last parts differ nearly always, and most names end with theirs.
    let last = a.rsplit(['/', '\\']).next().unwrap_or_default();
    if !last.is_empty() && last != "." && !b.ends_with(last) && !b.ends_with(['/', '\\', '.']) {
        return false;
    }
    let mut common = parts(a).zip(parts(b)).peekable();
    common.peek().is_some() && common.all(|(a, b)| a == b)
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
