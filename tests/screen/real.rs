//! Real runs of the catalogue, looked at.

use loopscope::{
    replay::Replay,
    runtime::Remote,
    scenario::{Plan, Scenario, Variant},
    trace::ClockKind,
};

use crate::{catalogue, driver::Driver, pictures::snapshot};

fn record(scenario: &'static Scenario, variant: &'static Variant) -> Replay {
    Replay::new(Plan::new(scenario, variant).run(None, Remote::new()).log)
}

pub(crate) fn named(scenario: &str, variant: &str) -> Replay {
    let scenario = catalogue::ALL.iter().find(|known| known.name == scenario);
    let scenario = scenario.unwrap();
    record(scenario, scenario.variant(variant).unwrap())
}

#[test]
fn every_virtual_run_can_be_looked_at_from_start_to_end() {
    for scenario in catalogue::ALL {
        for variant in scenario.variants {
            if variant.clock == ClockKind::Real {
                continue;
            }
            let replay = record(scenario, variant);
            let end = replay.end().0;
            let mut driver = Driver::coloured((120, 40)).open(replay);
            while driver.at() < end {
                driver.press("n\n\u{8}");
                driver.draw();
                driver.model.check();
            }
            driver.press("T");
            assert!(driver.at() < end);
        }
    }
}

#[test]
fn real_runs_make_good_pictures() {
    let mut driver = Driver::coloured((120, 40)).open(named("say_after", "concurrent"));
    driver.press(":t 1\nSn");
    snapshot("real_say_after", &mut driver);
    let mut driver =
        Driver::coloured((120, 40)).open(named("producer_consumer", "three_consumers"));
    driver.press(":t 3\nj");
    snapshot("real_producer_consumer", &mut driver);
    driver.press("xu++");
    snapshot("real_producer_consumer_polls", &mut driver);
    let mut driver = Driver::coloured((120, 40))
        .open(named("factorial", "sequential"))
        .beside(named("factorial", "concurrent"));
    driver.press(":t 2\n");
    snapshot("real_factorial_compared", &mut driver);
}
