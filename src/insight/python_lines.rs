//! Where a task that stands on a line of Rust would stand in the same program in Python.
//!
//! The two texts say the same in functions of the same names, and a task stands where it awaits. So a line of Rust goes by
//! its function and by how many awaits come before it there: the n-th `.await` of a function is the n-th `await` (or
//! `async for`, or `async with`) of the Python function of that name. A line without an await stands for the next one,
//! for what it makes is awaited there. Where Python awaits less often, the last await of the function stands for the rest, and
//! where it awaits nothing, its head does. A function that Python does not have has no line.

use std::collections::HashMap;

/// For each line of the Rust text, counted from 0, its line in the Python text, counted from 0.
pub fn python_lines(rust: &str, python: &str) -> Vec<Option<usize>> {
    let twins = functions(python);
    let mut function = None;
    let mut awaits = 0;
    rust.lines()
        .map(|line| {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(name) = name_after("fn ", code) {
                function = twins.get(name);
                awaits = 0;
            }
            let twin = function?.line(awaits);
            awaits += code.matches(".await").count();
            Some(twin)
        })
        .collect()
}

/// A Python function: the lines of its head and of its awaits.
struct PythonFunction {
    head: usize,
    awaits: Vec<usize>,
}

impl PythonFunction {
    /// The line of its await of this number, counted from 0.
    fn line(&self, number: usize) -> usize {
        let found = self.awaits.get(number).or(self.awaits.last());
        found.copied().unwrap_or(self.head)
    }
}

/// The functions of a Python text. Of two with one name the first counts.
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
            // Python writes `next_` for a name that is taken.
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

/// The name that follows a keyword: `fn next(…` is about `next`.
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
    fn the_nth_await_of_a_function_is_the_nth_await_of_its_twin() {
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
    fn names_stand_behind_whole_words() {
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
