//! What `q` and Esc close, the footer of each panel and mode, and the keys of the help.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use loopscope::tui::{Command, Message, keymap};

use super::driver::{Driver, concurrent, sequential};

/// Presses a key that is not a character.
fn code(driver: &mut Driver, code: KeyCode) {
    driver.tell(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
}

/// The two rows of keys.
fn footer(driver: &mut Driver) -> String {
    let picture = driver.picture();
    let rows: Vec<&str> = picture.lines().collect();
    rows[rows.len() - 3..rows.len() - 1].join("\n")
}

/// The ways to open something on the main screen, each with words that only it shows.
const MODES: &[(&str, &str)] = &[
    ("?", "Moving through the run"),
    ("w", "Why? #0 main"),
    ("i", "What if?"),
    (":", "go to :"),
    ("/", "find /"),
    ("m", "which letter"),
    ("z", "2 Loop ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━"),
    ("P", "predicted"),
    ("/world\n", "n next, N previous"),
];

#[test]
fn q_and_escape_close_the_topmost_thing_first() {
    for (keys, words) in MODES {
        for close in ["q", "\u{1b}"] {
            if close == "q" && keys.ends_with(['/', ':', 'm']) {
                // A prompt takes every letter.
                continue;
            }
            let mut driver = Driver::of_two_sleepers();
            driver.press("t");
            driver.press(keys);
            assert!(driver.picture().contains(words), "{keys}");
            let closed = driver.press(close);
            assert!(!closed.contains(&Command::Quit), "{keys} {close:?}");
            if *keys == "P" && close == "\u{1b}" {
                // The first Esc skips the open question.
                driver.press(close);
            }
            assert!(!driver.picture().contains(words), "{keys} {close:?}");
            let quits = driver.press("q").contains(&Command::Quit);
            assert!(quits, "{keys}: nothing is open");
        }
    }
}

#[test]
fn q_closes_a_comparison_and_the_list_over_a_run() {
    let mut driver = Driver::coloured((120, 40))
        .open(sequential())
        .beside(concurrent());
    driver.press("w");
    assert!(!driver.press("q").contains(&Command::Quit), "the numbers");
    assert!(driver.picture().contains("COMPARE"));
    assert!(
        !driver.press("q").contains(&Command::Quit),
        "the comparison"
    );
    assert!(driver.picture().contains("2 Loop"));
    driver.press("p/say");
    driver.press("\n");
    assert!(!driver.press("q").contains(&Command::Quit), "the filter");
    assert!(!driver.press("q").contains(&Command::Quit), "the list");
    assert!(driver.picture().contains("2 Loop"));
    assert!(driver.press("q").contains(&Command::Quit));
}

#[test]
fn escape_never_quits() {
    let mut driver = Driver::coloured((120, 40));
    for _ in 0..3 {
        assert!(!driver.press("\u{1b}").contains(&Command::Quit));
    }
    let mut driver = driver.open(sequential()).beside(concurrent());
    for _ in 0..3 {
        assert!(!driver.press("\u{1b}").contains(&Command::Quit));
    }
}

#[test]
fn the_footer_follows_the_panel_and_the_mode() {
    let mut driver = Driver::of_two_sleepers();
    for (keys, own) in [
        ("1", "b break at line"),
        ("2", "b break on task"),
        ("3", "/ filter"),
        ("4", "+/- zoom"),
        ("5", "b break on kind"),
        ("6", "b break on output"),
        ("/world\n", "n/N next/previous hit"),
    ] {
        driver.press(keys);
        let rows = footer(&mut driver);
        assert!(rows.contains(own), "{own} in\n{rows}");
        let seen = [
            "e language: Rust",
            "L/H lesson",
            "i what if",
            "u future",
            "z full",
        ];
        for words in seen.into_iter().chain(["? help", "t/T tick"]) {
            assert!(rows.contains(words), "{words} in\n{rows}");
        }
        driver.press("\u{1b}");
    }
    driver.press("P");
    assert!(footer(&mut driver).contains(" answer   Esc skip"));
    assert!(footer(&mut driver).contains("q close"));
    driver.press("P?");
    assert!(footer(&mut driver).contains("PgDn/PgUp page"));
}

#[test]
fn the_help_scrolls_by_pages_and_to_its_ends() {
    let mut driver = Driver::coloured((100, 30)).open(concurrent());
    driver.press("?");
    let first = driver.picture();
    let all = first.split(" of ").nth(1).unwrap();
    let all: usize = all.split(' ').next().unwrap().parse().unwrap();
    assert!(first.contains(" 1-"), "{first}");
    code(&mut driver, KeyCode::End);
    assert!(driver.picture().contains(&format!("-{all} of {all}")));
    code(&mut driver, KeyCode::Home);
    assert_eq!(driver.picture(), first);
    let page = first.split(" 1-").nth(1).unwrap();
    let page: usize = page.split(' ').next().unwrap().parse().unwrap();
    code(&mut driver, KeyCode::PageDown);
    assert!(driver.picture().contains(&format!(" {page}-")));
    code(&mut driver, KeyCode::PageUp);
    assert_eq!(driver.picture(), first);
    // Below the end it does not scroll: the first step back shows.
    code(&mut driver, KeyCode::End);
    let end = driver.picture();
    driver.press("j");
    assert_eq!(driver.picture(), end);
    driver.press("k");
    assert_ne!(driver.picture(), end);
}

#[test]
fn one_letter_has_one_meaning() {
    // The rows of one key, on all screens, are one action: or steps of a list, which move alike.
    for letter in ['b', 'c', 'm', 'z'] {
        let key = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE);
        let scopes = [
            keymap::KeyScope::Main,
            keymap::KeyScope::Compare,
            keymap::KeyScope::Picker,
        ];
        let mut actions: Vec<_> = scopes
            .into_iter()
            .filter_map(|scope| keymap::action(scope, &key))
            .collect();
        actions.dedup();
        assert_eq!(actions.len(), 1, "{letter}: {actions:?}");
    }
}
