//! The picker: groups, the preview, searching, parameters.

use loopscope::{
    scenario::Scenario,
    tui::{CatalogueEntry, Command, LaunchError, Message, Model, PaneSlot, theme::Theme},
};
use ratatui::{Terminal, backend::TestBackend};

use super::{
    catalogue,
    driver::{Driver, choices},
};

/// A screen that can start everything in the catalogue.
pub(super) fn with_catalogue((columns, rows): (u16, u16)) -> Driver {
    let choice = |scenario: &Scenario| CatalogueEntry {
        pairs: scenario
            .pairs
            .map_or_else(String::new, |(_, text)| text.into()),
        name: scenario.name.into(),
        title: scenario.title.into(),
        variants: scenario
            .variants
            .iter()
            .map(|variant| (variant.name.into(), variant.title.into()))
            .collect(),
        params: Vec::new(),
        group: catalogue::group_of(scenario.name).into(),
        source: scenario.source.into(),
        twin: scenario.twin.map_or("", |(_, text)| text).into(),
        listens: scenario.listens,
    };
    let entries = catalogue::ALL.iter().map(choice).collect();
    let mut driver = Driver {
        model: Model::new(Theme::default(), entries),
        terminal: Terminal::new(TestBackend::new(columns, rows)).unwrap(),
    };
    driver.tell(Message::Resize(columns, rows));
    driver
}

/// The runs that were requested.
fn launched(commands: &[Command]) -> Option<(&str, &str, PaneSlot)> {
    commands.iter().find_map(|command| match command {
        Command::Launch { what, slot } => {
            Some((what.scenario.as_str(), what.variant.as_str(), *slot))
        }
        _ => None,
    })
}

#[test]
fn scenarios_are_found_by_name_and_title() {
    let mut driver = with_catalogue((120, 40));
    driver.press("/BLOCKS THE");
    let picture = driver.picture();
    assert!(
        picture.contains(" of ") && picture.contains("/BLOCKS THE"),
        "{picture}"
    );
    driver.press("\u{1b}/say_aft\n");
    let commands = driver.press("g\n");
    assert_eq!(launched(&commands).unwrap().0, "say_after");
    driver.press("/xyzzy");
    assert!(driver.picture().contains("no scenario matches"));
    driver.press("\n");
    assert_eq!(launched(&driver.press("\n")), None);
    // Escape lists all again, and the selected one can be run.
    driver.press("\u{1b}");
    assert!(launched(&driver.press("\n")).is_some());
}

#[test]
fn a_parameter_is_set_or_refused_with_its_range() {
    let mut driver = Driver::coloured((120, 40));
    // The first row is the tour.
    driver.press(":");
    assert!(driver.picture().contains("choose a scenario below it"));
    let commands = driver.press("j:first=2.5\n");
    let asked = commands.into_iter().find_map(|command| match command {
        Command::Check(what) => Some(what),
        _ => None,
    });
    let asked = asked.unwrap();
    assert_eq!(asked.params, [("first".into(), "2.5".into())]);
    let error = "say_after: first takes 0 to 3600 seconds, not \"x\"";
    driver.tell(Message::Checked {
        what: asked.clone(),
        result: Err(LaunchError::Invalid(error.into())),
    });
    let picture = driver.picture();
    assert!(
        picture.contains(error) && picture.contains("first = 1 "),
        "{picture}"
    );
    driver.tell(Message::Checked {
        what: asked.clone(),
        result: Ok(()),
    });
    let picture = driver.picture();
    assert!(picture.contains("first = 2.5"), "{picture}");
    let commands = driver.press("\n");
    let started = commands.into_iter().find_map(|command| match command {
        Command::Launch { what, .. } => Some(what.params),
        _ => None,
    });
    assert_eq!(started.unwrap(), asked.params);
    driver.press(":first\n");
    assert!(driver.picture().contains("NAME=VALUE"));
    let last = choices().len();
    driver.press(&format!("{}:", "j".repeat(3 * last)));
    assert!(driver.picture().contains("has no parameters"));
}

#[test]
fn scenarios_are_listed_by_group_with_their_source() {
    let mut driver = with_catalogue((120, 40));
    let picture = driver.picture();
    for words in [
        "New here? Two awaits are not concurrent",
        "── Basics",
        "Tab: Lessons",
    ] {
        assert!(picture.contains(words), "{words} in\n{picture}");
    }
    driver.press("/say_after\n");
    driver.press("j");
    let picture = driver.picture();
    assert!(picture.contains("Source: say_after.rs"), "{picture}");
    assert!(picture.contains("async fn "), "{picture}");
    driver.press("e");
    let picture = driver.picture();
    assert!(picture.contains("Source: say_after.py"), "{picture}");
    assert!(picture.contains("async def "), "{picture}");
}

#[test]
fn a_search_covers_variants_parameters_and_sources() {
    let found = |typed: &str, wanted: &str| {
        let mut driver = with_catalogue((120, 100));
        driver.press(&format!("/{typed}\n"));
        let listed = driver.panel("Scenarios and lessons");
        assert!(listed.contains(wanted), "{typed}: {listed}");
    };
    // A word of a variant's title, of its name, and of a program.
    found("semaphore", "flag_downloads");
    found("throttled", "flag_downloads");
    found("listener.accept()", "echo_server");
    found("six_threads", "probe_domains");
    found("lesson_06", "lesson_06_block");
    let mut driver = Driver::coloured((120, 40));
    driver.press("/how long the first sleeps\n");
    assert!(driver.picture().contains("say_after"), "a parameter");
}

#[test]
fn the_preview_shows_the_chosen_variant_alone() {
    for python in [false, true] {
        let mut driver = with_catalogue((160, 100));
        if python {
            driver.press("e");
        }
        let head = if python { "async def" } else { "async fn" };
        driver.press("/lesson_06\n");
        for (chosen, other) in [("wrong", "right"), ("right", "wrong")] {
            let picture = driver.picture();
            assert!(picture.contains(&format!("{head} {chosen}(")), "{picture}");
            assert!(!picture.contains(&format!("{head} {other}(")), "{picture}");
            assert!(picture.contains(&format!("{head} beats(")), "{picture}");
            driver.press("j");
        }
        // The tab of the lessons shows the variant that the lesson begins with.
        driver.press("\u{1b}\t");
        let picture = driver.picture();
        assert!(picture.contains(&format!("{head} wrong(")), "{picture}");
        assert!(!picture.contains(&format!("{head} right(")), "{picture}");
    }
}
