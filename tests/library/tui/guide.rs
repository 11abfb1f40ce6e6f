//! The tour and the path of a lesson, by the keys that the screen offers.

use loopscope::{
    insight::LESSONS,
    tui::{Command, Message, PaneSlot, Progress},
};

use super::{driver::Driver, picker::with_catalogue};
use crate::support::run_named;

/// Carries out the commands of `update` as the program does: starts runs.
fn carry_out(driver: &mut Driver, commands: Vec<Command>) -> Vec<Progress> {
    let mut kept = Vec::new();
    for command in commands {
        match command {
            Command::Launch { what, slot } => {
                let more = driver.tell(Message::Launched {
                    slot,
                    result: Ok(Box::new(run_named(&what.scenario, &what.variant))),
                    status: None,
                });
                kept.extend(carry_out(driver, more));
            }
            Command::KeepProgress(progress) => kept.push(progress),
            Command::Draw => {}
            other => panic!("{other:?}"),
        }
    }
    kept
}

fn press(driver: &mut Driver, keys: &str) -> Vec<Progress> {
    let commands = driver.press(keys);
    carry_out(driver, commands)
}

/// The key that the card offers next.
fn offered(picture: &str) -> Option<&'static str> {
    if picture.contains("Press t:") {
        Some("t")
    } else if picture.contains("Press Enter") {
        Some("\n")
    } else {
        None
    }
}

#[test]
fn the_tour_says_why_two_awaits_take_three_seconds_and_two_tasks_two() {
    for size in [(120, 40), (80, 24)] {
        let mut driver = with_catalogue(size);
        assert!(driver.picture().contains("New here?"));
        press(&mut driver, "\n");
        let (mut pressed, mut seen) = (1, String::new());
        let mut kept = Vec::new();
        loop {
            let picture = driver.picture();
            let key = offered(&picture).unwrap_or_else(|| panic!("no key in\n{picture}"));
            seen.push_str(&picture);
            if picture.contains("Tour, part 3 of 3: both runs") {
                break;
            }
            kept.extend(press(&mut driver, key));
            pressed += 1;
            // Two minutes, at five seconds a key.
            assert!(pressed <= 24, "{picture}");
        }
        // The sentences without the borders between their lines.
        let words = seen.split(|c: char| c.is_whitespace() || ['┃', '"'].contains(&c));
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let text = words.join(" ");
        for words in [
            "It took 3.000 s = 1.000 + 2.000: the sleeps came one after the other",
            "The waits add up.",
            "It took 2.000 s, not 1.000 + 2.000: the sleeps overlapped",
        ] {
            assert!(text.contains(words), "{size:?}: {words} in\n{seen}");
        }
        assert!(kept.iter().any(|progress| progress.tour), "it is kept");
        // `q` goes back to the start screen, and then quits.
        assert!(!driver.press("q").contains(&Command::Quit));
        assert!(driver.picture().contains("New here?"));
        assert!(driver.press("q").contains(&Command::Quit));
    }
}

#[test]
fn a_lesson_asks_before_it_shows() {
    let lesson = LESSONS.iter().find(|lesson| lesson.number == 6).unwrap();
    let mut driver = with_catalogue((120, 40));
    let commands = driver.tell(Message::OpenLesson("lesson_06_block".into()));
    carry_out(&mut driver, commands);
    let asked = driver.picture();
    assert!(
        asked.contains("Lesson 06 of 22: your prediction"),
        "{asked}"
    );
    assert!(asked.contains(lesson.belief.rust), "{asked}");
    assert!(
        asked.contains("1: 0.000 s") && asked.contains("2: 1.000 s"),
        "{asked}"
    );
    assert!(!asked.contains(lesson.rule.rust), "no answer yet: {asked}");
    assert!(!asked.contains("COMPARE"), "one run alone");
    press(&mut driver, "1");
    assert!(driver.picture().contains("You expect \"0.000 s\"."));
    press(&mut driver, "tG");
    assert!(driver.picture().contains("The run has ended"));
    let kept = press(&mut driver, "\n");
    assert_eq!(kept.last().unwrap().lessons, [6].into());
    let revealed = driver.picture();
    for words in [
        "You expected \"0.000 s\"; it is \"1.000 s\"",
        lesson.rule.rust,
        "COMPARE",
    ] {
        assert!(revealed.contains(words), "{words} in\n{revealed}");
    }
}

#[test]
fn lessons_are_a_path_in_both_directions() {
    let mut driver = with_catalogue((120, 40));
    let shown = |driver: &mut Driver| {
        let picture = driver.picture();
        let number = picture.split("Lesson ").nth(1).unwrap();
        number.split(' ').next().unwrap().to_owned()
    };
    press(&mut driver, "L");
    assert_eq!(shown(&mut driver), "01");
    press(&mut driver, "L");
    assert_eq!(shown(&mut driver), "02");
    press(&mut driver, "H");
    assert_eq!(shown(&mut driver), "01");
    press(&mut driver, "H");
    assert_eq!(shown(&mut driver), "22", "before the first comes the last");
    press(&mut driver, "L");
    assert_eq!(shown(&mut driver), "01");
    // Esc skips the question; at the end of the run Enter shows the answer, and then the next.
    press(&mut driver, "\u{1b}G\n");
    press(&mut driver, "\n");
    assert_eq!(shown(&mut driver), "02");
    // `q` returns to the lessons: the first is finished, the second is chosen.
    press(&mut driver, "q");
    let picture = driver.picture();
    assert!(picture.contains("1 of 22 done"), "{picture}");
    assert!(
        picture.contains("✓ 01") && picture.contains("▸   02"),
        "{picture}"
    );
    press(&mut driver, "\n");
    assert_eq!(shown(&mut driver), "02");
    // Without lessons in the list, the status line says so.
    let mut driver = Driver::coloured((120, 40));
    assert!(press(&mut driver, "L").is_empty());
    assert!(driver.picture().contains("there are no lessons"));
}

#[test]
fn the_tab_of_the_lessons_does_not_answer_them() {
    let mut driver = with_catalogue((120, 60));
    driver.press("\t");
    for lesson in LESSONS {
        let picture = driver.picture();
        assert!(picture.contains("Belief: "), "{picture}");
        assert!(!picture.contains(lesson.rule.rust), "{picture}");
        driver.press("j");
    }
}

#[test]
fn another_run_ends_the_tour() {
    let mut driver = with_catalogue((120, 40));
    press(&mut driver, "\n");
    assert!(driver.picture().contains("Tour, part 1"));
    driver.tell(Message::Launched {
        slot: PaneSlot::Only,
        result: Ok(Box::new(run_named("gather", "order"))),
        status: None,
    });
    assert!(!driver.picture().contains("Tour, part"));
}

/// The numbers of the rows of source in a picture, from the row below the title of panel 1 or from
/// the row below the last queue.
fn source_rows(picture: &str) -> usize {
    let code = |line: &&str| {
        let text = line.trim_start_matches(['"', '│', '┃']);
        let digits = text.trim_start().chars().take_while(char::is_ascii_digit);
        let after = text
            .trim_start()
            .trim_start_matches(|c: char| c.is_ascii_digit());
        digits.count() > 0 && after.starts_with([' ', '▸', '▾', '~', '+'])
    };
    picture.lines().filter(code).count()
}

#[test]
fn a_guided_run_shows_its_source_at_80x24() {
    let mut driver = with_catalogue((80, 24));
    let check = |driver: &mut Driver, what: &str| {
        let picture = driver.picture();
        assert!(
            picture.contains('▸') && picture.contains("1 Program"),
            "{what}\n{picture}"
        );
        let wrapped = usize::from(source_rows(&picture) == 2);
        assert!(source_rows(&picture) + wrapped >= 3, "{what}\n{picture}");
    };
    press(&mut driver, "\n");
    for _ in 0..8 {
        check(&mut driver, "the tour");
        press(&mut driver, "t");
    }
    press(&mut driver, "q");
    for lesson in LESSONS {
        press(&mut driver, "L");
        let what = format!("lesson {}", lesson.number);
        check(&mut driver, &what);
        press(&mut driver, "1");
        for _ in 0..4 {
            check(&mut driver, &what);
            press(&mut driver, "t");
        }
        // Beside the other run, the current line of each is shown.
        press(&mut driver, "G\n");
        let picture = driver.picture();
        assert!(picture.contains("what is true"), "{what}\n{picture}");
        assert!(source_rows(&picture) >= 1, "{what}\n{picture}");
    }
}

#[test]
fn the_timeline_takes_the_place_of_the_source_while_it_has_the_focus() {
    let mut driver = with_catalogue((80, 24));
    press(&mut driver, "L");
    press(&mut driver, "1");
    assert!(!driver.picture().contains("4 Timeline"));
    press(&mut driver, "4");
    let picture = driver.picture();
    assert!(
        picture.contains("4 Timeline") && !picture.contains("1 Program"),
        "{picture}"
    );
    press(&mut driver, "1");
    assert!(driver.picture().contains("1 Program"));
}

#[test]
fn a_prediction_in_words_is_quoted() {
    let mut driver = with_catalogue((120, 40));
    let commands = driver.tell(Message::OpenLesson("lesson_03_call_is_not_run".into()));
    carry_out(&mut driver, commands);
    press(&mut driver, "1");
    let picture = driver.picture();
    assert!(picture.contains("You expect \""), "{picture}");
}

#[test]
fn the_footer_offers_as_many_digits_as_there_are_answers() {
    let mut driver = with_catalogue((120, 40));
    press(&mut driver, "L");
    let offered = |driver: &mut Driver| {
        let picture = driver.picture();
        let digits = picture.lines().find_map(|line| line.split_once(" answer "));
        digits.map(|(digits, _)| digits.trim_start_matches('"').trim().to_owned())
    };
    assert_eq!(offered(&mut driver).as_deref(), Some("1-2"), "a lesson");
    let mut driver = Driver::coloured((120, 40)).open(run_named("say_after", "concurrent"));
    press(&mut driver, "P");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let picture = driver.picture();
        if let Some(digits) = offered(&mut driver) {
            // The answers may take several rows, up to the border of the panel.
            let rows = picture
                .lines()
                .skip_while(|line| !line.contains("Next? 1 "));
            let rows = rows.take_while(|line| !line.contains('└'));
            let question: String = { rows.map(|line| line.split("││").next().unwrap()) }.collect();
            let asked =
                (1..=4).filter(|digit| *digit == 1 || question.contains(&format!("   {digit} ")));
            let last = asked.max().unwrap();
            let expected = if last == 1 {
                "1".to_owned()
            } else {
                format!("1-{last}")
            };
            assert_eq!(digits, expected, "{picture}");
            seen.insert(digits);
            press(&mut driver, "1");
        }
        press(&mut driver, "n");
    }
    assert!(seen.len() > 1, "{seen:?}");
}

/// Once, the header of a lesson told that the run had a warning before the reader had said what to
/// expect.
#[test]
fn a_lesson_does_not_tell_what_is_wrong_before_its_end() {
    let mut driver = with_catalogue((120, 40));
    press(&mut driver, "H");
    for _ in 0..30 {
        if driver.picture().contains("Lesson 06") {
            break;
        }
        press(&mut driver, "H");
    }
    let asked = driver.picture();
    assert!(
        asked.contains("Lesson 06") && !asked.contains("! 1 warning"),
        "{asked}"
    );
    press(&mut driver, "1!");
    let refused = driver.picture();
    assert!(
        refused.contains("G goes there") && !refused.contains("What is wrong"),
        "{refused}"
    );
    press(&mut driver, "G");
    assert!(
        driver.picture().contains("! 1 warning"),
        "{}",
        driver.picture()
    );
}

/// Once, panel 5 named the deadlock at the first event, whose task is a part of its proof.
#[test]
fn a_lesson_conceals_its_answer_in_panel_5_until_its_run_ends() {
    let mut driver = with_catalogue((120, 40));
    let commands = driver.tell(Message::OpenLesson("lesson_18_lock_twice".into()));
    carry_out(&mut driver, commands);
    let picture = driver.picture();
    assert!(!picture.contains("selfdeadlock"), "{picture}");
    press(&mut driver, "1");
    press(&mut driver, "G");
    let picture = driver.picture();
    assert!(picture.contains("! 1 error"), "{picture}");
}
