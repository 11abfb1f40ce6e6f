//! The picker: searching, parameters, lessons.

use loopscope::tui::{Command, LaunchError, Message, Model, PaneSlot, theme::Theme};
use ratatui::{Terminal, backend::TestBackend};

use super::{
    catalogue,
    driver::{Driver, choices},
};
use crate::support::run_named;

/// A screen that can start everything in the catalogue.
fn with_catalogue() -> Driver {
    let choice = |scenario: &loopscope::scenario::Scenario| loopscope::tui::CatalogueEntry {
        name: scenario.name.into(),
        title: scenario.title.into(),
        variants: scenario
            .variants
            .iter()
            .map(|variant| (variant.name.into(), variant.title.into()))
            .collect(),
        params: Vec::new(),
    };
    let mut driver = Driver {
        model: Model::new(
            Theme::default(),
            catalogue::ALL.iter().map(choice).collect(),
        ),
        terminal: Terminal::new(TestBackend::new(120, 40)).unwrap(),
    };
    driver.tell(Message::Resize(120, 40));
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
fn the_next_lesson_opens_as_a_comparison() {
    let mut driver = with_catalogue();
    let commands = driver.press("L");
    let first = (
        "lesson_01_await_is_not_concurrent",
        "wrong",
        PaneSlot::First,
    );
    assert_eq!(launched(&commands), Some(first));
    let commands = driver.tell(Message::Launched {
        slot: PaneSlot::First,
        result: Ok(Box::new(run_named(first.0, first.1))),
        status: None,
    });
    assert_eq!(
        launched(&commands),
        Some((first.0, "right", PaneSlot::Second))
    );
    let mut driver = driver.beside(run_named(first.0, "right"));
    assert!(driver.picture().contains("L next lesson"));
    let commands = driver.press("L");
    assert_eq!(launched(&commands).unwrap().0, "lesson_02_spawn_and_await");
    // The first lesson follows the last one, and any other scenario.
    for other in ["lesson_22_polling", "say_after"] {
        let variant = catalogue::ALL.iter().find(|known| known.name == other);
        let variant = variant.unwrap().variants[0].name;
        let mut driver = with_catalogue().open(run_named(other, variant));
        assert_eq!(launched(&driver.press("L")), Some(first));
    }
    let mut driver = Driver::coloured((120, 40));
    assert_eq!(launched(&driver.press("L")), None);
    assert!(
        driver
            .picture()
            .contains("there are no lessons in this list")
    );
}

#[test]
fn scenarios_are_found_by_name_and_title() {
    let mut driver = with_catalogue();
    driver.press("/BLOCKS THE");
    let picture = driver.picture();
    assert!(
        picture.contains(" of ") && picture.contains("/BLOCKS THE"),
        "{picture}"
    );
    driver.press("\u{1b}/say_aft\n");
    let commands = driver.press("j\n");
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
    let commands = driver.press(":first=2.5\n");
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
