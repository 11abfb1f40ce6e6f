//! The program: see `loopscope --help`.
#[path = "../scenarios/catalogue.rs"]
mod scenarios;
use loopscope::{replay::Replay, runtime::Remote, scenario::Plan};
fn main() {
    for scenario in scenarios::ALL {
        for variant in scenario.variants {
            let ended = Plan::new(scenario, variant).run(None, Remote::new());
            std::println!(
                "== {} {} {:?} {:?}",
                scenario.name,
                variant.name,
                ended.outcome,
                ended.error
            );
            let bytes = ended.log.bytes.len();
            let replay = Replay::new(ended.log);
            std::println!(
                "{} events {bytes} bytes damaged {}",
                replay.end().0,
                replay.is_damaged()
            );
            for line in replay.index().outputs() {
                std::println!(
                    "{} {:?} {}",
                    line.at,
                    line.task,
                    replay.tables().text(line.text)
                );
            }
        }
    }
}
