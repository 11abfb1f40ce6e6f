//! The parts of a statement: arguments, parameters, blocks.

use std::ops::Range;

use super::RustCode;

/// The number of a parameter among those without `self`.
pub(in crate::insight) fn parameter(
    code: &RustCode<'_>,
    parameters: Range<usize>,
    name: &str,
) -> Option<usize> {
    let all = list(code, parameters).into_iter();
    let named = all.filter(|part| {
        !code.tokens[part.clone()]
            .iter()
            .any(|token| token.is_word("self"))
    });
    // The name comes before its type.
    named.into_iter().position(|part| {
        let tokens = code.tokens[part].iter();
        tokens
            .take_while(|token| !token.is(":"))
            .any(|token| token.is_word(name))
    })
}

/// The parts of a list that commas separate.
pub(in crate::insight) fn list(code: &RustCode<'_>, range: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut begin, mut at) = (range.start, range.start);
    while at < range.end {
        if code.tokens[at].is(",") {
            parts.push(begin..at);
            begin = at + 1;
        }
        at = code.partner(at).max(at) + 1;
    }
    if begin < range.end {
        parts.push(begin..range.end);
    }
    parts
}

/// The end of the value that begins at a token: its semicolon, or the block of an `if let`.
pub(in crate::insight) fn statement_end(code: &RustCode<'_>, begin: usize) -> usize {
    let mut at = begin;
    while let Some(token) = code.token(at) {
        let ends = [";", "{", ")", "]", "}"].iter().any(|sign| token.is(sign));
        if ends || token.is_word("else") {
            return at;
        }
        at = code.partner(at).max(at) + 1;
    }
    code.tokens.len()
}

/// The beginning of the statement that contains a token.
fn statement_start(code: &RustCode<'_>, at: usize, least: usize) -> usize {
    let mut begin = at;
    while begin > least {
        let before = begin - 1;
        let token = &code.tokens[before];
        if [";", "{", "}", "(", "["].iter().any(|sign| token.is(sign)) {
            break;
        }
        begin = code.partner(before).min(before);
    }
    begin
}

/// The opening brace of the innermost block around a token.
fn enclosing_block(code: &RustCode<'_>, at: usize, least: usize) -> Option<usize> {
    (least..at)
        .rev()
        .find(|open| code.tokens[*open].is("{") && code.partner(*open) > at)
}

/// Whether a token of a function whose body begins at `least` may be executed more than once, or not
/// at all, in one call of the function: it is inside a loop, a branch or a closure.
pub(in crate::insight) fn is_conditional(code: &RustCode<'_>, at: usize, least: usize) -> bool {
    // Outwards from block to block. The words between the end of the statement before a block and
    // the block tell what the block is.
    let mut inner = at;
    while let Some(open) = enclosing_block(code, inner, least) {
        let begin = statement_start(code, open, least);
        let words = ["if", "else", "match", "for", "while", "loop"];
        let conditional = code.tokens[begin..open]
            .iter()
            .any(|token| words.iter().any(|word| token.is_word(word)));
        if conditional || is_in_closure(code, begin, open) {
            return true;
        }
        inner = open;
    }
    // The condition of a `while` is executed in each round.
    let begin = statement_start(code, at, least);
    let mut tokens = code.tokens[begin..at].iter();
    tokens.any(|token| token.is_word("while")) || is_in_closure(code, begin, at)
}

/// Whether a token is in the body of a closure that begins in the same statement. The parameters of
/// that closure are between two `|`, and the closure ends with the parentheses that contain them.
fn is_in_closure(code: &RustCode<'_>, begin: usize, at: usize) -> bool {
    let mut bars = (begin..at).filter(|bar| code.tokens[*bar].is("|"));
    bars.any(|bar| {
        let around = (begin..bar)
            .rev()
            .find(|open| code.tokens[*open].is("(") && code.partner(*open) > bar);
        around.is_none_or(|open| code.partner(open) > at)
    })
}
