//! Divides a program into functions and statements, by its indentation.
//!
//! Both texts are formatted by their usual formatters, so a function ends where a line with the
//! indentation of its head follows, and no parser is needed. A statement may take several lines. It
//! ends where no bracket is open; in Rust, also at `;`, `{` and `}`.

/// A function of a program.
#[derive(Debug)]
pub(super) struct Function<'a> {
    pub(super) name: &'a str,
    /// The class that it is a method of, or the type whose `impl` it is in; empty if there is none.
    pub(super) class: &'a str,
    /// Its first line, counted from 0.
    pub(super) first: usize,
    /// Its last line.
    pub(super) last: usize,
    pub(super) statements: Vec<Statement>,
}

/// A statement, or the head of one that contains others.
#[derive(Debug, Default)]
pub(super) struct Statement {
    /// Its lines, counted from 0.
    pub(super) lines: Vec<usize>,
    /// Its code, without comments, on one line.
    pub(super) code: String,
    indent: usize,
}

/// The functions of a Rust file, in order.
pub(super) fn rust_functions(text: &str) -> Vec<Function<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let mut functions = Vec::new();
    let mut class = "";
    for (first, line) in lines.iter().enumerate() {
        if let Some(head) = line.strip_prefix("impl") {
            class = implemented(head);
        } else if line.starts_with('}') {
            class = "";
        }
        let code = without_comment(line, "//");
        let Some(name) = name_after("fn ", code) else {
            continue;
        };
        let last = if code.trim_end().ends_with('}') {
            first
        } else {
            let ends = |at: &usize| {
                let line = lines.get(*at).copied().unwrap_or_default();
                line.trim_start().starts_with('}') && indent(line) == indent(code)
            };
            (first + 1..lines.len()).find(ends).unwrap_or(first)
        };
        // The parameters may take several lines. The body begins after the line that opens it.
        let opens = |at: &usize| {
            let line = without_comment(lines.get(*at).copied().unwrap_or_default(), "//");
            line.trim_end().ends_with('{')
        };
        let body = (first..=last).find(opens).map_or(last, |at| at + 1);
        functions.push(Function {
            name,
            class,
            first,
            last,
            statements: rust_statements(&lines, body, last),
        });
    }
    functions
}

/// The type after `impl`: `CountDown` in `impl<T> Stream for CountDown {`.
fn implemented(head: &str) -> &str {
    let named = head.split_once(" for ").map_or(head, |(_, named)| named);
    let mut words = named.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.find(|word| word.len() > 1).unwrap_or_default()
}

fn rust_statements(lines: &[&str], from: usize, to: usize) -> Vec<Statement> {
    let mut done: Vec<Statement> = Vec::new();
    let mut open: Option<Statement> = None;
    for (at, line) in lines.iter().enumerate().take(to).skip(from) {
        let code = without_comment(line, "//").trim_end();
        let text = code.trim_start();
        if text.is_empty() {
            continue;
        }
        if open.is_none() && text.starts_with(['.', ')', '}', ']']) {
            // The end of a statement that contains others, such as `}).await;`, belongs to its head.
            let mut heads = done.iter_mut().rev();
            if let Some(head) = heads.find(|head| head.indent == indent(code)) {
                head.lines.push(at);
                head.code.push(' ');
                head.code.push_str(text);
                continue;
            }
        }
        let statement = open.get_or_insert_with(|| Statement {
            indent: indent(code),
            ..Statement::default()
        });
        statement.add(at, text);
        let ends = text.ends_with([';', '{', '}'])
            || text.ends_with("=>")
            || (text.ends_with(',') && depth(&statement.code, "([", ")]") <= 0);
        if ends {
            done.extend(open.take());
        }
    }
    done.extend(open);
    done
}

/// The functions of a Python file, in order.
pub(super) fn python_functions(text: &str) -> Vec<Function<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let quoted = quoted_lines(&lines);
    let is_quoted = |at: usize| quoted.get(at).copied().unwrap_or(false);
    let mut functions = Vec::new();
    let mut class = "";
    for (first, line) in lines.iter().enumerate() {
        if is_quoted(first) || line.is_empty() {
            continue;
        }
        if let Some(name) = name_after("class ", line) {
            class = name;
        } else if indent(line) == 0 && !line.starts_with([')', '#']) {
            class = "";
        }
        let Some(name) = name_after("def ", without_comment(line, "#")) else {
            continue;
        };
        let belongs = |at: &usize| {
            let other = lines.get(*at).copied().unwrap_or_default();
            other.trim().is_empty()
                || indent(other) > indent(line)
                || other.trim_start().starts_with(')')
        };
        let body = (first + 1..lines.len()).take_while(belongs);
        let written = |at: &usize| {
            !lines
                .get(*at)
                .copied()
                .unwrap_or_default()
                .trim()
                .is_empty()
        };
        let last = body.filter(written).last().unwrap_or(first);
        let code = (first + 1..=last).filter(|at| !is_quoted(*at));
        functions.push(Function {
            name,
            class,
            first,
            last,
            statements: python_statements(&lines, code),
        });
    }
    functions
}

fn python_statements(lines: &[&str], numbers: impl Iterator<Item = usize>) -> Vec<Statement> {
    let mut done = Vec::new();
    let mut open: Option<Statement> = None;
    for at in numbers {
        let line = lines.get(at).copied().unwrap_or_default();
        let code = without_comment(line, "#").trim_end();
        let text = code.trim_start();
        if text.is_empty() {
            continue;
        }
        let statement = open.get_or_insert_with(|| Statement {
            indent: indent(code),
            ..Statement::default()
        });
        statement.add(at, text);
        if depth(&statement.code, "([{", ")]}") <= 0 {
            done.extend(open.take());
        }
    }
    done.extend(open);
    done
}

/// Which lines are, in part or whole, a text in triple quotes: a documentation string.
fn quoted_lines(lines: &[&str]) -> Vec<bool> {
    let mut inside = false;
    let quoted = lines.iter().map(|line| {
        let marks = line.matches("\"\"\"").count();
        let was = inside;
        inside ^= marks % 2 == 1;
        was || marks > 0
    });
    quoted.collect()
}

impl Statement {
    fn add(&mut self, line: usize, code: &str) {
        if !self.code.is_empty() {
            self.code.push(' ');
        }
        self.code.push_str(code);
        self.lines.push(line);
    }
}

/// How many brackets are open at the end of the code. Brackets in texts do not count.
fn depth(code: &str, opening: &str, closing: &str) -> i32 {
    let mut depth = 0;
    let mut in_text = false;
    let mut escaped = false;
    for c in code.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            c if opening.contains(c) => depth += 1,
            c if closing.contains(c) => depth -= 1,
            _ => {}
        }
    }
    depth
}

/// The line up to the mark that begins a comment. A mark within a text does not count.
fn without_comment<'a>(line: &'a str, mark: &str) -> &'a str {
    let begins = |at: &usize| line.get(..*at).unwrap_or_default().matches('"').count() % 2 == 0;
    let mut marks = line.match_indices(mark).map(|(at, _)| at);
    let comment = marks.find(begins);
    comment.and_then(|at| line.get(..at)).unwrap_or(line)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The name after a keyword: `next` in `fn next(…`.
fn name_after<'a>(keyword: &str, code: &'a str) -> Option<&'a str> {
    let (before, after) = code.split_once(keyword)?;
    let whole = before.is_empty() || before.ends_with([' ', '(']);
    let name = after
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()?;
    (whole && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_follows_a_whole_keyword() {
        for (code, expected) in [
            ("    async fn next(&mut self) {", Some("next")),
            ("serve: fn(TcpListener) -> S", None),
            ("let often = xfn y", None),
            ("", None),
        ] {
            assert_eq!(name_after("fn ", code), expected, "{code}");
        }
    }

    #[test]
    fn a_comment_mark_in_a_text_begins_no_comment() {
        for (line, mark, code) in [
            ("x(\"http://a\"); // y", "//", "x(\"http://a\"); "),
            ("x  # y", "#", "x  "),
            ("print(\"#1\")", "#", "print(\"#1\")"),
        ] {
            assert_eq!(without_comment(line, mark), code);
        }
    }

    #[test]
    fn an_end_with_an_await_belongs_to_its_head() {
        let text = "fn f() {\n    g(|x| {\n        x + 1;\n    })\n    .await;\n    h(\n        1,\n    );\n}\n";
        let [function] = &rust_functions(text)[..] else {
            panic!("one function");
        };
        let lines: Vec<&[usize]> = function.statements.iter().map(|s| &s.lines[..]).collect();
        assert_eq!(lines, [&[1, 3, 4][..], &[2], &[5, 6, 7]]);
    }
}
