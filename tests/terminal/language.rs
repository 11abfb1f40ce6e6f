//! The language of the reader: asked for once, then remembered.

use std::{fs, path::Path};

use super::{
    process::scratch,
    terminal::{Terminal, loopscope},
};

const SIZE: (u16, u16) = (120, 40);

/// Starts the program with a configuration file.
fn start(arguments: &[&str], config: &Path) -> Terminal {
    let mut command = loopscope(arguments);
    command.env("LOOPSCOPE_CONFIG", config);
    Terminal::start(command, SIZE)
}

#[test]
fn the_first_start_asks_for_the_language_once() {
    let config = scratch("language.toml");
    let run = ["run", "say_after:concurrent"];
    let mut terminal = start(&run, &config);
    terminal.see("Which language do you read?");
    terminal.press("xp");
    terminal.see("language: Python");
    terminal.see("say_after.py");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("language = \"python\""), "{text}");

    // The answer holds; `e` changes it, and that is remembered too.
    let mut terminal = start(&run, &config);
    terminal.see("say_after.py");
    terminal.press("e");
    terminal.see("say_after.rs");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("language = \"rust\""), "{text}");
}

#[test]
fn enter_takes_the_marked_language() {
    let config = scratch("language-enter.toml");
    let mut terminal = start(&["run", "say_after:concurrent"], &config);
    terminal.see("▸ r");
    terminal.press("k");
    terminal.see("▸ p");
    terminal.press("\r");
    terminal.see("language: Python");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("language = \"python\""), "{text}");
}

#[test]
fn an_argument_answers_before_the_question() {
    let config = scratch("language-given.toml");
    let run = ["run", "say_after:concurrent", "--lang", "python"];
    let mut terminal = start(&run, &config);
    terminal.see("say_after.py");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    assert!(!config.exists(), "an argument is for one start");
}

#[test]
fn a_bad_configuration_is_told_in_one_line() {
    // A row of the screen is shorter than the path.
    let config = scratch(&format!("language-{}.toml", "bad".repeat(40)));
    fs::write(&config, "language = perl\n").unwrap();
    let mut terminal = start(&["run", "say_after:concurrent"], &config);
    terminal.see("line 1: expected language");
    terminal.see("say_after.rs");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}
