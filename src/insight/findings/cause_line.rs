//! The line of a cause, where a trace knows only the `.await` beside it.
//!
//! A poll has no location of its own. What it executes lies between the `.await` that it resumed from
//! and the one at which it suspends. The source tells which lines those are, and which of them most
//! likely takes the time: a call that is known to block its thread, or else a loop, or else the first
//! call. The claim itself never depends on a name; only its line does.

use super::{claim::Nearness, report::Finding, rule::Rule};

/// How many lines around the known one are looked at.
const NEAR: usize = 40;

/// Parts of calls that block a thread, in both languages.
const BLOCKING: [&str; 26] = [
    "thread::sleep",
    "block_for",
    "time.sleep",
    "block_on",
    "_blocking(",
    "std::fs",
    "fs::",
    "File::",
    "read_to_string",
    "reqwest::blocking",
    "ureq::",
    "std::net",
    "Command::new",
    ".join()",
    ".recv()",
    ".wait()",
    "requests.",
    "urlopen",
    "subprocess.",
    "os.system",
    "sqlite3",
    ".execute(",
    "input(",
    "hashlib",
    "open(",
    ".result(",
];

/// Parts of calls that wake the tasks which wait for an event, in both languages.
const WAKING: [&str; 5] = [
    "notify_all(",
    ".notify(",
    ".set()",
    ".set_result(",
    ".broadcast(",
];

/// Parts of calls that read from a connection, in both languages.
const READING: [&str; 4] = [".read", ".recv", "sock_recv", "async for "];

/// The line of a finding's cause in the text of its file, from the line of its location. It is that
/// line itself if the location is exact, or if the text does not tell more.
pub fn cause_line(finding: &Finding, line: u32, source: &str) -> u32 {
    if finding.rule == Rule::Herd {
        return waking_line(line, source);
    }
    if finding.rule == Rule::HalfOpen && finding.spot.nearness != Nearness::Exact {
        return reading_line(line, source);
    }
    let holds = matches!(
        finding.rule,
        Rule::Blocking | Rule::DeadTimeout | Rule::LateTimer
    );
    let at = (line as usize).saturating_sub(1);
    let lines: Vec<&str> = source.lines().collect();
    if !holds || at >= lines.len() {
        return line;
    }
    let found = match finding.spot.nearness {
        Nearness::AwaitBefore => best(&lines, &after(&lines, at)),
        Nearness::AwaitAfter => best_before(&lines, at),
        Nearness::Spawned => best(&lines, &spawned(&lines, at)),
        Nearness::Exact | Nearness::Created => None,
    };
    found
        .and_then(|at| u32::try_from(at + 1).ok())
        .unwrap_or(line)
}

/// The line of a call that wakes tasks: one directly before the `.await` at which the waking task was, or one
/// in a function that this line or the next ones call, or the only one in the file.
fn waking_line(line: u32, source: &str) -> u32 {
    let lines: Vec<&str> = source.lines().collect();
    let at = (line as usize).saturating_sub(1);
    if at >= lines.len() {
        return line;
    }
    let wakes =
        |at: &usize| is_code(lines[*at]) && WAKING.iter().any(|word| lines[*at].contains(word));
    let own = (at.saturating_sub(3)..=at).rev();
    let before = own
        .take_while(|line| !begins_function(lines[*line]))
        .find(wakes);
    let after = (at..lines.len())
        .take(4)
        .take_while(|line| *line == at || !begins_function(lines[*line]));
    let found = before.or_else(|| after.flat_map(|at| called(&lines, at)).find(wakes));
    // The waking task may have called it through functions that the line does not name.
    let only = || {
        let mut all = (0..lines.len()).filter(wakes);
        all.next().filter(|_| all.next().is_none())
    };
    let found = found.or_else(only);
    let found = found.and_then(|at| u32::try_from(at + 1).ok());
    found.unwrap_or(line)
}

/// The line of a call that reads, directly after the `.await` at which the task was suspended before, or in a
/// function that is called there.
fn reading_line(line: u32, source: &str) -> u32 {
    let lines: Vec<&str> = source.lines().collect();
    let at = (line as usize).saturating_sub(1);
    if at >= lines.len() {
        return line;
    }
    let reads =
        |at: &usize| is_code(lines[*at]) && READING.iter().any(|word| lines[*at].contains(word));
    let next: Vec<usize> = [at].into_iter().chain(after(&lines, at)).collect();
    let inside = next.iter().flat_map(|at| called(&lines, *at));
    let found = next
        .iter()
        .copied()
        .find(reads)
        .or_else(|| inside.into_iter().find(reads));
    let found = found.and_then(|at| u32::try_from(at + 1).ok());
    found.unwrap_or(line)
}

/// The lines of the functions that a line calls.
fn called(lines: &[&str], at: usize) -> Vec<usize> {
    let words = lines[at].split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let is_called = |line: &str| {
        let declares = |word: &&str| {
            line.contains(&format!("fn {word}(")) || line.contains(&format!("def {word}("))
        };
        words.iter().any(declares)
    };
    let heads = (0..lines.len()).filter(|head| *head != at && is_called(lines[*head]));
    let body = |head: usize| {
        let inside = move |line: &usize| {
            !is_code(lines[*line]) || indent(lines[*line]) > indent(lines[head])
        };
        (head + 1..lines.len()).take(NEAR).take_while(inside)
    };
    heads.flat_map(body).collect()
}

/// Whether a line is in a loop of its function.
pub fn is_in_loop(source: &str, line: u32) -> bool {
    let lines: Vec<&str> = source.lines().collect();
    let Some(at) = (line as usize)
        .checked_sub(1)
        .filter(|at| *at < lines.len())
    else {
        return false;
    };
    let mut outer = enclosing(&lines, at);
    outer
        .find(|line| begins_loop(line) || begins_function(line))
        .is_some_and(begins_loop)
}

/// Parts of lines that take a lock, in both languages.
const LOCKING: [&str; 5] = ["async with ", ".acquire(", ".lock(", ".write(", ".read("];

/// Whether a lock is taken at a line, or in the next two lines of code after it.
pub fn takes_lock(source: &str, line: u32) -> bool {
    let lines = source.lines().skip((line as usize).saturating_sub(1));
    let mut code = lines.filter(|line| is_code(line)).take(3);
    code.any(|line| LOCKING.iter().any(|part| line.contains(part)))
}

/// The lines that begin the blocks around a line, the innermost first.
fn enclosing<'a>(lines: &[&'a str], at: usize) -> impl Iterator<Item = &'a str> {
    let mut least = indent(lines[at]);
    let before = lines[..at].iter().rev().copied();
    before.filter(move |line| {
        let is_outer = is_code(line) && indent(line) < least;
        if is_outer {
            least = indent(line);
        }
        is_outer
    })
}

/// Whether a line is in the `try` of a Python function whose `except` catches a cancellation.
pub fn catches_cancellation(source: &str, line: u32) -> bool {
    let lines: Vec<&str> = source.lines().collect();
    let at = (line as usize).checked_sub(1);
    let Some(at) = at.filter(|at| *at < lines.len()) else {
        return false;
    };
    enclosing(&lines, at)
        .take_while(|line| !begins_function(line))
        .filter(|line| line.trim_start().starts_with("try:"))
        .any(|line| has_catching(&lines[at + 1..], indent(line)))
}

/// Whether the `try` of this indent, whose body the lines continue, catches a cancellation.
fn has_catching(lines: &[&str], of: usize) -> bool {
    let after = lines.iter().filter(|line| is_code(line));
    let own = after.skip_while(|line| indent(line) > of);
    let handlers = own.take_while(|line| {
        indent(line) > of || line.trim_start().starts_with("except") && indent(line) == of
    });
    let mut heads = handlers.filter(|line| indent(line) == of);
    heads.any(|head| {
        let caught = head.trim_start();
        caught.starts_with("except:")
            || caught.contains("BaseException")
            || caught.contains("CancelledError")
    })
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether a line has code.
fn is_code(line: &str) -> bool {
    let text = line.trim_start();
    let is_comment = text.starts_with("//") || text.starts_with('#') || text.starts_with("\"\"\"");
    !is_comment && text.chars().any(char::is_alphanumeric)
}

fn suspends(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or(line);
    code.contains(".await") || code.contains("await ") || code.contains("async for")
}

fn begins_function(line: &str) -> bool {
    let text = line.trim_start();
    text.contains("fn ") || text.starts_with("def ") || text.starts_with("async def ")
}

fn begins_loop(line: &str) -> bool {
    let text = line.trim_start();
    ["for ", "while ", "loop ", "loop{", "async for "]
        .iter()
        .any(|word| text.starts_with(word))
}

/// The lines that are executed after the `.await` in a line, in their order: up to the next `.await`,
/// and around the loop that the line is in. After the last `.await` of a function, its caller may call it
/// again.
fn after(lines: &[&str], at: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let own = indent(lines[at]);
    let mut least = own;
    for (next, line) in lines.iter().enumerate().skip(at + 1).take(NEAR) {
        if !is_code(line) {
            continue;
        }
        if begins_function(line) && indent(line) < own {
            break;
        }
        least = least.min(indent(line));
        found.push(next);
        if suspends(line) {
            return found;
        }
    }
    // The end of the loop: its head comes next.
    let head = (0..at)
        .rev()
        .take(NEAR)
        .find(|line| begins_loop(lines[*line]) && indent(lines[*line]) < own);
    if let Some(head) = head {
        let inside = |line: &usize| indent(lines[*line]) > indent(lines[head]);
        found.retain(inside);
        found.extend((head + 1..=at).filter(|line| is_code(lines[*line])));
    } else if !found.iter().any(|line| lines[*line].contains('(')) {
        // The end of the function, which its caller may call again in the same poll.
        let head = (0..at)
            .rev()
            .take(NEAR)
            .find(|line| begins_function(lines[*line]) && indent(lines[*line]) < own);
        let again = head.map_or(at..at, |head| head + 1..at);
        found.extend(again.filter(|line| is_code(lines[*line])));
    }
    found
}

/// The lines of the function that is spawned in a line: those up to its first `.await`, or all of them
/// if none of those can take the time.
fn spawned(lines: &[&str], at: usize) -> Vec<usize> {
    let words = lines[at].split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.reverse();
    let declared = words.iter().find_map(|word| {
        let (rust, python) = (format!("fn {word}("), format!("def {word}("));
        let head = lines
            .iter()
            .position(|line| line.contains(&rust) || line.contains(&python));
        head.filter(|head| *head != at)
    });
    let is_block = lines[at].contains("async {") || lines[at].contains("async move {");
    // A block on one line awaits the function that it names.
    let is_open = is_block && !suspends(lines[at]);
    let head = if is_open { at } else { declared.unwrap_or(at) };
    let body =
        |line: &usize| !begins_function(lines[*line]) || indent(lines[*line]) > indent(lines[head]);
    let found: Vec<usize> = (head + 1..lines.len())
        .take(NEAR)
        .take_while(body)
        .filter(|line| is_code(lines[*line]))
        .collect();
    let first = found.iter().position(|line| suspends(lines[*line]));
    let before = &found[..first.map_or(found.len(), |first| first + 1)];
    match best(lines, before) {
        Some(_) => before.to_vec(),
        None => found,
    }
}

/// Of lines in their order, the one that most likely takes the time.
fn best(lines: &[&str], among: &[usize]) -> Option<usize> {
    let blocks = |at: &&usize| {
        BLOCKING.iter().any(|word| lines[**at].contains(word)) && !suspends(lines[**at])
    };
    let loops = |at: &&usize| begins_loop(lines[**at]) && !suspends(lines[**at]);
    let calls = |at: &&usize| lines[**at].contains('(') && !suspends(lines[**at]);
    let found = among.iter().find(blocks);
    let found = found.or_else(|| among.iter().find(calls));
    found.or_else(|| among.iter().find(loops)).copied()
}

/// The same for the lines before the first `.await` of a function.
fn best_before(lines: &[&str], at: usize) -> Option<usize> {
    let mut found = Vec::new();
    for before in (0..at).rev().take(NEAR) {
        let line = lines[before];
        if begins_function(line) || suspends(line) {
            break;
        }
        if is_code(line) {
            found.push(before);
        }
    }
    found.reverse();
    best(lines, &found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "async fn serve() {
    loop {
        let line = input.recv().await;
        let parsed = parse(line);
        std::thread::sleep(LONG);
        output.send(parsed).await;
    }
}
async fn main() {
    prepare();
    spawn(serve());
    while let Some(work) = next().await {
        crunch(work);
    }
}
";

    fn lines() -> Vec<&'static str> {
        RUST.lines().collect()
    }

    #[test]
    fn a_blocking_call_between_two_awaits_is_the_line() {
        let lines = lines();
        assert_eq!(best(&lines, &after(&lines, 2)), Some(4));
    }

    #[test]
    fn a_function_that_ends_with_its_await_begins_again() {
        let source = "async fn put(&mut self, key: u32) {
    self.writes += 1;
    if self.writes % 4 == 0 {
        self.compact(key);
    }
    pause().await;
}
";
        let lines: Vec<&str> = source.lines().collect();
        assert_eq!(best(&lines, &after(&lines, 5)), Some(3));
    }

    #[test]
    fn the_body_of_a_loop_follows_its_await() {
        let lines = lines();
        assert_eq!(best(&lines, &after(&lines, 11)), Some(12));
    }

    #[test]
    fn the_try_that_catches_a_cancellation_is_found() {
        let source = "async def run(self):
    while True:
        try:
            await self.step()
            self.count += 1
        except ValueError:
            pass
        except BaseException as error:
            print(error)
    try:
        await self.end()
    except OSError:
        pass
";
        assert!(catches_cancellation(source, 4));
        assert!(!catches_cancellation(source, 11));
        assert!(!catches_cancellation(source, 2));
    }

    #[test]
    fn a_spawned_block_on_one_line_awaits_its_function() {
        let source = "async fn login(stream: Stream) {
    stream.read().await;
    let digest = hash(stream);
}
fn main() {
    spawn(async move { let _ = login(stream).await; });
}
";
        let lines: Vec<&str> = source.lines().collect();
        assert_eq!(best(&lines, &spawned(&lines, 5)), Some(2));
    }

    #[test]
    fn the_call_that_wakes_a_herd_is_its_line() {
        let source = "async def release(pool):
    pool.free += 1
    pool.changed.notify_all()

async def query(pool):
    await sleep(1)
    await release(pool)
";
        assert_eq!(waking_line(7, source), 3);
        assert_eq!(waking_line(6, source), 3);
        assert_eq!(waking_line(7, &source.replace("notify_all", "other")), 7);
    }

    #[test]
    fn a_spawned_function_is_looked_up() {
        let lines = lines();
        assert_eq!(spawned(&lines, 10), [1, 2]);
    }
}
