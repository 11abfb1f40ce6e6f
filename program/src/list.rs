//! `loopscope list`: the scenarios with their variants and parameters, by group.

use std::fmt::Write;

use loopscope::scenario::{Range, Scenario};
use serde_json::{Value, json};

use super::output::{Exit, print, print_json};
use crate::scenarios::{ALL, GROUPS, group_of};

pub(crate) fn list(json: bool) -> Exit {
    if json {
        print_json(&ALL.iter().map(scenario_json).collect());
    } else {
        let mut text = String::new();
        for group in GROUPS {
            let _ = writeln!(text, "=== {} ===\n", group.title);
            for scenario in group.scenarios {
                let _ = writeln!(text, "{}", scenario_text(scenario));
            }
        }
        text.push_str("Run one with: loopscope run SCENARIO:VARIANT\n");
        print(&text);
    }
    Exit::Done
}

fn scenario_text(scenario: &Scenario) -> String {
    let mut text = format!("{}  {}\n", scenario.name, scenario.title);
    for variant in scenario.variants {
        let clock = variant.clock.as_str();
        let _ = writeln!(
            text,
            "  :{:<18} {} ({clock} clock)",
            variant.name, variant.title
        );
    }
    for param in scenario.params {
        let (name, default, range) = (param.name, param.default, param.range_words());
        let set = format!("--set {name}={default}");
        let _ = writeln!(text, "  {set:<19} {} ({range})", param.help);
    }
    if scenario.listens {
        let _ = writeln!(text, "  {:<19} serve outside clients", "--listen ADDR");
    }
    text
}

fn scenario_json(scenario: &Scenario) -> Value {
    let variants = scenario.variants.iter().map(|variant| {
        json!({ "name": variant.name, "title": variant.title, "clock": variant.clock.as_str() })
    });
    let params = scenario.params.iter().map(|param| {
        let (least, most) = match param.range {
            Range::Seconds(least, most) => (json!(least), json!(most)),
            Range::Count(least, most) => (json!(least), json!(most)),
            Range::Text => (Value::Null, Value::Null),
        };
        let kind = match param.range {
            Range::Seconds(..) => "seconds",
            Range::Count(..) => "count",
            Range::Text => "text",
        };
        json!({
            "name": param.name, "default": param.default, "kind": kind, "min": least, "max": most, "help": param.help,
        })
    });
    json!({
        "name": scenario.name,
        "title": scenario.title,
        "group": group_of(scenario.name),
        "listens": scenario.listens,
        "variants": variants.collect::<Vec<_>>(),
        "params": params.collect::<Vec<_>>(),
    })
}
