//! The await chain over the scenarios.
use crate::support::run_of;
use loopscope::trace::{Event, TaskEvent, ClockKind};
use loopscope_program::scenarios;

#[test]
fn dump() {
    for scenario in scenarios::ALL {
        for variant in scenario.variants {
            let replay = run_of(scenario, variant);
            let tables = replay.tables();
            println!("== {}:{} clock {:?} sources {:?}", scenario.name, variant.name, replay.log().meta.clock, replay.log().meta.sources.iter().map(|s| s.0.as_str()).collect::<Vec<_>>());
            let place = |at| tables.location(at).map_or("?".to_owned(), |l| {
                let file = tables.text(l.file);
                let text = replay.log().meta.sources.iter().find(|(n, _)| file.ends_with(n.as_str())).and_then(|(_, t)| t.lines().nth(l.line as usize - 1)).unwrap_or("NOSRC");
                format!("{}:{}:{} `{}`", file, l.line, l.column, text.trim())
            });
            for (info, n) in tables.tasks().iter().zip(0..).take(12) {
                println!("  task #{n} {} at {}", tables.text(info.name), place(info.at));
            }
            let mut n = 0;
            for (_, event, _) in replay.events_from(loopscope::trace::Position(0)) {
                if let Event::Task(TaskEvent::Wait { task, on, at, also }) = event {
                    n += 1;
                    if n < 40 { println!("    {task} {on:?} also {also} {}", place(at)); }
                }
            }
        }
    }
}
