//! What the screen does with its space: nothing that matters is cut, and what is cut says so.

use loopscope::{replay::Replay, trace::Position};

use super::driver::{Driver, crowd};
use crate::support::run_named;

/// The rows inside the panel with this title.
fn panel(driver: &mut Driver, title: &str) -> Vec<String> {
    let picture = driver.picture();
    let rows: Vec<Vec<char>> = picture.lines().map(|line| line.chars().collect()).collect();
    let corners = |row: &[char]| -> Option<(usize, usize)> {
        let text: String = row.iter().collect();
        let at = text.find(&format!(" {title}"))?;
        let at = text[..at].chars().count();
        let left = row[..=at].iter().rposition(|c| matches!(c, '┌' | '┏'))?;
        let right = at + row[at..].iter().position(|c| matches!(c, '┐' | '┓'))?;
        Some((left, right))
    };
    let (top, (left, right)) = rows
        .iter()
        .enumerate()
        .find_map(|(number, row)| Some((number, corners(row)?)))
        .unwrap_or_else(|| panic!("no panel {title}:\n{picture}"));
    let inside = rows[top + 1..].iter().take_while(|row| {
        row.get(left)
            .is_some_and(|border| matches!(border, '│' | '┃'))
    });
    inside
        .map(|row| row[left + 1..right.min(row.len())].iter().collect())
        .collect()
}

/// The text of the current line in panel 1, without blanks; a long line takes several rows.
fn current_line(rows: &[String]) -> String {
    let begins = |row: &&String| row.contains('▸') && !row.contains("▸ executed");
    let Some(at) = rows.iter().position(|row| begins(&row)) else {
        return String::new();
    };
    let numbered = |row: &String| row.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let further = rows[at + 1..]
        .iter()
        .take_while(|row| !numbered(row) && !row.contains(['⋮', '◂', '✓', '▸']));
    let (_, first) = rows[at].split_once('▸').unwrap_or_default();
    let first = first.split(['◂', '✓']).next().unwrap_or_default();
    let code: String = [first]
        .into_iter()
        .chain(further.map(String::as_str))
        .collect();
    code.split_whitespace().collect()
}

fn at(driver: Driver, replay: &Replay, position: u64) -> Driver {
    let mut replay = Replay::new(replay.log().clone());
    replay.seek(Position(position));
    let mut driver = driver.open(replay);
    driver.press(&format!(":{position}\n"));
    driver
}

#[test]
fn the_current_line_is_whole() {
    for (scenario, variant) in [
        ("say_after", "concurrent"),
        ("gather", "order"),
        ("lesson_16_lost_update", "wrong"),
        ("flag_downloads", "throttled"),
        ("callbacks", "task"),
    ] {
        let replay = run_named(scenario, variant);
        let sources = replay.log().meta.sources.clone();
        let code: Vec<String> = sources
            .iter()
            .flat_map(|(_, text)| text.lines())
            .map(|line| line.split_whitespace().collect())
            .collect();
        for size in [(120, 40), (100, 30), (200, 60)] {
            for position in (1..replay.end().0.min(80)).step_by(7) {
                let mut driver = at(Driver::coloured(size), &replay, position);
                let rows = panel(&mut driver, "1 Program");
                let line = current_line(&rows);
                assert!(
                    code.contains(&line),
                    "{scenario}:{variant} {position} {size:?} {line}\n{}",
                    rows.join("\n")
                );
            }
        }
    }
}

#[test]
fn the_source_gets_the_columns_that_it_needs() {
    for (columns, least) in [(120, 60), (140, 80), (200, 90)] {
        let driver = Driver::coloured((columns, 40));
        let mut driver = driver.open(run_named("say_after", "concurrent"));
        let rows = panel(&mut driver, "1 Program");
        let width = rows[0].chars().count() + 2;
        assert!(width >= least, "{columns} columns: {width}");
    }
}

#[test]
fn the_outermost_function_stays_in_view() {
    let replay = run_named("say_after", "sequential");
    let mut driver = at(Driver::coloured((120, 40)), &replay, 20);
    let rows = panel(&mut driver, "1 Program").join("\n");
    for line in ["sleep(delay).await;", "world.await;", "hello.await;"] {
        assert!(rows.contains(line), "{line}\n{rows}");
    }
    let tasks = panel(&mut driver, "3 Tasks").join("\n");
    for part in ["sequential:", "say_after:12", "sleep("] {
        assert!(tasks.contains(part), "{part}\n{tasks}");
    }
}

#[test]
fn a_small_screen_shows_source_tasks_and_due_times() {
    let driver = Driver::coloured((80, 24));
    let mut driver = driver.open(run_named("say_after", "concurrent"));
    driver.press(":t 0.5\n");
    let picture = driver.picture();
    assert!(
        picture
            .lines()
            .next()
            .unwrap()
            .contains("say_after ▸ concurrent")
    );
    assert!(panel(&mut driver, "1 Program").len() >= 3, "{picture}");
    assert!(panel(&mut driver, "3 Tasks").len() >= 4, "{picture}");
    let queues = panel(&mut driver, "2 Loop").join("\n");
    // A due time that does not fit is counted.
    let second = queues.contains("2.000") || queues.contains("+1");
    assert!(queues.contains("1.000") && second, "{picture}");
    assert!(picture.contains("4 Timeline"), "{picture}");
}

#[test]
fn what_is_left_out_is_counted() {
    for size in [(120, 40), (80, 24), (100, 30)] {
        let mut driver = Driver::coloured(size).open(crowd(60));
        driver.press("G");
        let picture = driver.picture();
        for title in ["3 Tasks", "4 Timeline"] {
            let rows = panel(&mut driver, title).join("\n");
            let counted = rows.contains(" more") || rows.contains('↑') || rows.contains('↓');
            assert!(counted, "{title} {size:?}\n{picture}");
        }
    }
}

#[test]
fn panels_can_be_resized_and_remember_it() {
    let mut driver = Driver::coloured((160, 40)).open(run_named("say_after", "concurrent"));
    let width = |driver: &mut Driver| panel(driver, "3 Tasks")[0].chars().count();
    let before = width(&mut driver);
    driver.press("3)))");
    assert_eq!(width(&mut driver), before + 12);
    driver.press("tt");
    assert_eq!(width(&mut driver), before + 12);
    driver.press("(((");
    assert_eq!(width(&mut driver), before);
    let rows = |driver: &mut Driver| panel(driver, "4 Timeline").len();
    let before = rows(&mut driver);
    driver.press("4((");
    assert_eq!(rows(&mut driver), before - 2);
}
