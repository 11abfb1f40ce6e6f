//! Finds the line of a Python program that corresponds to a line of the same program in Rust.
//!
//! The two programs have functions of the same names. A task waits at an `.await`, so a line of
//! Rust is identified by its function and by the number of awaits before it in that function. It
//! corresponds to the `await` (or `async for`, or `async with`) with the same number in the Python
//! function of that name.
//!
//! * A line without an await corresponds to the next await: what the line creates is awaited there.
//! * If the Python function has fewer awaits, its last one corresponds to the rest.
//! * If it has none, its `def` line does.
//! * A function that Python lacks has no corresponding lines.
//!
//! This is a heuristic: where the two programs await in a different order, the line is wrong.

use std::collections::HashMap;

/// For each line of the Rust text, the line of the Python text; both are counted from 0.
pub fn python_lines(rust: &str, python: &str) -> Vec<Option<usize>> {
    let functions = functions(python);
    let mut function = None;
    let mut awaits = 0;
    rust.lines()
        .map(|line| {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(name) = name_after("fn ", code) {
                function = functions.get(name);
                awaits = 0;
            }
            let line_in_python = function?.line(awaits);
            awaits += code.matches(".await").count();
            Some(line_in_python)
        })
        .collect()
}

/// A Python function: the lines of its `def` and of its awaits.
struct PythonFunction {
    head: usize,
    awaits: Vec<usize>,
}

impl PythonFunction {
    /// The line of the await with this number, counted from 0.
    fn line(&self, number: usize) -> usize {
        let found = self.awaits.get(number).or(self.awaits.last());
        found.copied().unwrap_or(self.head)
    }
}

/// The functions of a Python text by name. Of two with the same name, the first counts.
fn functions(python: &str) -> HashMap<&str, PythonFunction> {
    let mut functions: HashMap<&str, PythonFunction> = HashMap::new();
    let mut current = None;
    let mut in_text = false;
    for (at, line) in python.lines().enumerate() {
        let quotes = line.matches("\"\"\"").count();
        if in_text || quotes > 0 {
            in_text ^= quotes % 2 == 1;
            continue;
        }
        let code = line.split(" #").next().unwrap_or_default();
        if let Some(name) = name_after("def ", code) {
            // Python code appends `_` to a name that is taken, as in `next_`.
            let name = name.trim_end_matches('_');
            let new = !functions.contains_key(name);
            current = new.then_some(name);
            if new {
                let awaits = Vec::new();
                functions.insert(name, PythonFunction { head: at, awaits });
            }
        }
        let count: usize = ["await ", "async for ", "async with "]
            .iter()
            .map(|word| code.matches(word).count())
            .sum();
        if let Some(function) = current.and_then(|name| functions.get_mut(name)) {
            function.awaits.extend(std::iter::repeat_n(at, count));
        }
    }
    functions
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

    const RUST: &str = "\
// A fn in a comment is none: x.await
async fn say(delay: u32) {
    sleep(delay).await;
}

async fn main() {
    let a = spawn(say(1));
    a.await;
    let both = gather([
        say(2),
    ]);
    both.await;
    third.await;
}

fn helper() {}
async fn only_here() {
    x.await;
}
";

    const PYTHON: &str = "\
\"\"\"A text that says await and
def say( and await.\"\"\"


async def say(delay):
    await asyncio.sleep(delay)


async def main():
    \"\"\"Main.\"\"\"
    a = create_task(say(1))
    await a  # not await again
    await gather(
        say(2),
    )


def helper():
    pass
";

    #[test]
    fn the_nth_await_in_rust_is_the_nth_await_in_python() {
        let lines: Vec<&str> = PYTHON.lines().collect();
        let found: Vec<Option<&str>> = python_lines(RUST, PYTHON)
            .into_iter()
            .map(|line| line.map(|at| lines[at].trim()))
            .collect();
        let [sleep, a, gather] = [
            Some("await asyncio.sleep(delay)"),
            Some("await a  # not await again"),
            Some("await gather("),
        ];
        let helper = Some("def helper():");
        let expected = [
            None, sleep, sleep, sleep, sleep, a, a, a, gather, gather, gather, gather, gather,
            gather, gather, helper, None, None, None,
        ];
        assert_eq!(found, expected);
    }

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
}
