//! Aligns the statements of a Rust function with those of the same function in Python.
//!
//! 1. A statement is reduced to its *words*: names, numbers, and the words of its texts. Words that
//!    mean the same in both languages are made equal, such as `spawn` and `create_task`.
//! 2. The *likeness* of two statements is the share of their words that they have in common. It
//!    counts less if the Python statement awaits and the Rust statement does not, and nothing if
//!    only the Rust statement awaits: then it would be a place where no task can wait.
//! 3. Of all alignments that keep the order of both functions, the one with the greatest sum of
//!    likenesses is taken. Several Rust statements may correspond to one in Python. A pair below
//!    [`LEAST`] does not count.
//! 4. Awaits that are still alone are paired by their number, where the same number of them remain
//!    between two pairs.

use super::functions::Statement;

/// The least likeness of two statements that correspond.
const LEAST: f32 = 0.34;

/// What a pair costs, so that of two alignments with the same likeness the one with fewer pairs is
/// taken.
const COST: f32 = 0.05;

/// What a further pair with the same Python statement costs.
const COST_AGAIN: f32 = 0.25;

/// The word of a statement that awaits.
const AWAIT: &str = "await";

/// For each Rust statement, the index of the Python statement.
pub(super) fn align(rust: &[Statement], python: &[Statement]) -> Vec<Option<usize>> {
    let words = |statement: &Statement| words(&statement.code);
    let rust: Vec<Vec<String>> = rust.iter().map(words).collect();
    let python: Vec<Vec<String>> = python.iter().map(words).collect();
    let mut found = best(&rust, &python);
    pair_awaits(&rust, &python, &mut found);
    found
}

/// The best alignment that keeps the order.
///
/// `sums[i][j]` is the greatest sum for the first `i` Rust statements if only the first `j` Python
/// statements may be used.
fn best(rust: &[Vec<String>], python: &[Vec<String>]) -> Vec<Option<usize>> {
    let columns = python.len() + 1;
    let mut sums = vec![vec![0.0_f32; columns]; rust.len() + 1];
    let mut taken = vec![vec![None; columns]; rust.len() + 1];
    for (i, ours) in rust.iter().enumerate() {
        let row: Vec<f32> = python.iter().map(|other| likeness(ours, other)).collect();
        for j in 0..columns {
            let (mut sum, mut last) = (cell(&sums, i, j), None);
            for (k, &likeness) in row.iter().enumerate().take(j) {
                if likeness < LEAST {
                    continue;
                }
                // Without the Python statement for those before, or with it.
                for (used, cost) in [(k, COST), (k + 1, COST_AGAIN)] {
                    let with = cell(&sums, i, used) + likeness - cost;
                    if with > sum {
                        (sum, last) = (with, Some((k, used)));
                    }
                }
            }
            set(&mut sums, i + 1, j, sum);
            set(&mut taken, i + 1, j, last);
        }
    }
    let mut found = vec![None; rust.len()];
    let mut j = python.len();
    for i in (0..rust.len()).rev() {
        let last: Option<(usize, usize)> = taken
            .get(i + 1)
            .and_then(|row| row.get(j))
            .copied()
            .flatten();
        if let (Some((k, used)), Some(found)) = (last, found.get_mut(i)) {
            *found = Some(k);
            j = used;
        }
    }
    found
}

fn cell(table: &[Vec<f32>], i: usize, j: usize) -> f32 {
    let row = table.get(i);
    row.and_then(|row| row.get(j)).copied().unwrap_or_default()
}

fn set<T>(table: &mut [Vec<T>], i: usize, j: usize, value: T) {
    if let Some(entry) = table.get_mut(i).and_then(|row| row.get_mut(j)) {
        *entry = value;
    }
}

/// Pairs the awaits that are alone. Between two pairs, or at an end, the number of lone awaits must
/// be the same on both sides.
fn pair_awaits(rust: &[Vec<String>], python: &[Vec<String>], found: &mut [Option<usize>]) {
    let mut from = (0, 0);
    while from.0 < found.len() {
        let next = (from.0..found.len()).find(|at| found.get(*at).copied().flatten().is_some());
        let until = next.unwrap_or(found.len());
        let bound = next.and_then(|at| found.get(at).copied().flatten());
        let alone = |all: &[Vec<String>], range: std::ops::Range<usize>| -> Vec<usize> {
            range
                .filter(|at| all.get(*at).is_some_and(awaits))
                .collect()
        };
        let ours = alone(rust, from.0..until);
        let theirs = alone(python, from.1..bound.unwrap_or(python.len()).max(from.1));
        if ours.len() == theirs.len() {
            for (at, to) in ours.into_iter().zip(theirs) {
                if let Some(entry) = found.get_mut(at) {
                    *entry = Some(to);
                }
            }
        }
        from = (until + 1, bound.map_or(python.len(), |at| at + 1));
    }
}

#[expect(clippy::ptr_arg, reason = "an element of a slice of vectors")]
fn awaits(words: &Vec<String>) -> bool {
    words.iter().any(|word| word == AWAIT)
}

/// How alike two statements are: from 0 to 1.
fn likeness(a: &Vec<String>, b: &Vec<String>) -> f32 {
    // Python writes to a stream without an await; what it awaits is that the stream has room.
    let writes = [a, b]
        .iter()
        .all(|words| words.iter().any(|word| word == "write"));
    let weight = match (awaits(a), awaits(b)) {
        (true, false) if !writes => return 0.0,
        (false, true) => 0.6,
        (true, true | false) | (false, false) => 1.0,
    };
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let common = a.iter().filter(|word| b.contains(word)).count();
    #[expect(clippy::cast_precision_loss, reason = "a statement has few words")]
    let share = (2 * common) as f32 / (a.len() + b.len()) as f32;
    share * weight
}

/// The words of a statement, each once. Numbers of milliseconds become seconds. The words of a text
/// begin with `"`; braces within a text contain code.
fn words(code: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut in_milliseconds = false;
    let mut add = |word: &str, in_text: bool| {
        let number = word.parse::<f64>().ok().filter(|_| !in_text);
        let word = if in_text {
            format!("\"{word}")
        } else if let Some(number) = number {
            let by = if std::mem::take(&mut in_milliseconds) {
                1000.0
            } else {
                1.0
            };
            (number / by).to_string()
        } else if word == "from_millis" {
            in_milliseconds = true;
            String::new()
        } else {
            common_word(word).to_owned()
        };
        if word.len() > usize::from(in_text) && !words.contains(&word) {
            words.push(word);
        }
    };
    let (mut in_text, mut in_braces, mut escaped) = (false, false, false);
    let mut word = String::new();
    for c in code.chars().chain([' ']) {
        let in_number = c == '.' && word.parse::<u64>().is_ok() && !word.is_empty();
        if c.is_alphanumeric() || c == '_' || in_number {
            if !escaped {
                word.push(c);
            }
            escaped = false;
            continue;
        }
        add(&std::mem::take(&mut word), in_text && !in_braces);
        match c {
            _ if escaped => {
                escaped = false;
                continue;
            }
            '"' => (in_text, in_braces) = (!in_text, false),
            '{' => in_braces = in_text,
            '}' => in_braces = false,
            _ => {}
        }
        escaped = c == '\\' && in_text;
    }
    let heads = ["async for ", "async with "];
    if heads.iter().any(|head| code.starts_with(head)) {
        add(AWAIT, false);
    }
    words
}

/// The word that both languages have for the same thing; empty for a word that says nothing about
/// what a statement does.
fn common_word(word: &str) -> &str {
    match word {
        "let" | "mut" | "self" | "async" | "move" | "asyncio" | "Duration" | "from_secs"
        | "from_millis" | "Rc" | "clone" | "unwrap" | "Some" | "Ok" | "ref" | "format" | "f"
        | "super" | "in" | "for" | "if" | "while" | "match" | "and" | "not" | "is" | "new"
        | "None" | "_" | "named" | "detach" | "return" | "into" | "loopscope"
        | "get_running_loop" | "range" | "map" | "seconds" | "String" | "from" | "args" | "io"
        | "usize" | "u64" | "u32" => "",
        "create_task" | "try_spawn" | "spawn_local" => "spawn",
        "println" => "print",
        "recv" | "next" => "get",
        "put" | "put_nowait" | "try_send" => "send",
        "wait_for" => "timeout",
        "try_gather" => "gather",
        "block_for" => "block",
        "FIRST_COMPLETED" | "first_completed" => "first",
        "lock" | "enter" => "acquire",
        "unblock" => "to_thread",
        "sleep_until" | "yield_now" | "Timer" | "interval" => "sleep",
        "Err" => "raise",
        "OneShot" | "create_future" => "future",
        "ManualResetEvent" => "Event",
        "resolve" | "set_result" | "set_exception" => "resolve",
        "Mutex" => "Lock",
        "accept" | "sock_accept" => "accept",
        "connect" | "open_connection" => "connect",
        "bind" | "start_server" | "create_server" => "bind",
        "read_exact" | "read_to_string" | "read_until" | "readline" | "read_line" => "read",
        "write_all" | "write" | "drain" => "write",
        "on_done" | "add_done_callback" => "on_done",
        "ask_cancel" => "cancel",
        "reader" | "writer" => "stream",
        word => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_mean_the_same_are_equal() {
        for (rust, python) in [
            (
                "let a = spawn(say(1, \"x y\")).named(\"a\");",
                "a = asyncio.create_task(say(1, \"x y\"))",
            ),
            ("println!(\"got {n}\");", "print(f\"got {n}\")"),
            (
                "while let Some(x) = numbers.next().await {",
                "async for x in get(numbers):",
            ),
        ] {
            let (mut rust, mut python) = (words(rust), words(python));
            rust.sort();
            python.sort();
            rust.retain(|word| word != "\"a");
            assert_eq!(rust, python);
        }
    }

    #[test]
    fn lone_awaits_are_paired_by_their_number() {
        let statement = |code: &str| vec![code.to_owned(), AWAIT.to_owned()];
        let rust = ["a", "b", "same", "c"].map(statement);
        let python = ["x", "y", "same", "z"].map(statement);
        let mut found = vec![None, None, Some(2), None];
        pair_awaits(&rust, &python, &mut found);
        assert_eq!(found, [Some(0), Some(1), Some(2), Some(3)]);
        let mut found = vec![None, None, Some(1), None];
        pair_awaits(&rust, &python, &mut found);
        assert_eq!(found[..2], [None, None], "the numbers differ");
    }
}
