//! `loopscope list`: the scenarios with their variants and parameters, by group.

use std::fmt::Write;

use loopscope::{
    insight::{Language, text_in},
    scenario::{Range, Scenario},
};
use serde_json::{Value, json};

use super::output::{Exit, print, print_json};
use crate::scenarios::{ALL, GROUPS, group_of};

pub(crate) fn list(json: bool, language: Language) -> Exit {
    if json {
        print_json(
            &ALL.iter()
                .map(|scenario| scenario_json(scenario, language))
                .collect(),
        )
    } else {
        let mut text = String::new();
        for group in GROUPS {
            let _ = writeln!(text, "=== {} ===\n", group.title);
            for scenario in group.scenarios {
                let _ = writeln!(text, "{}", scenario_text(scenario, language));
            }
        }
        text.push_str("Run one with: loopscope run SCENARIO:VARIANT\n");
        print(&text)
    }
}

fn scenario_text(scenario: &Scenario, language: Language) -> String {
    let words = |text| in_language(scenario, text, language);
    let mut text = format!("{}  {}\n", scenario.name, words(scenario.title));
    for variant in scenario.variants {
        let clock = variant.clock.as_str();
        let _ = writeln!(
            text,
            "  :{:<18} {} ({clock} clock)",
            variant.name,
            words(variant.title)
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

/// A text of a scenario in this language.
fn in_language(scenario: &Scenario, text: &'static str, language: Language) -> &'static str {
    text_in(
        scenario.pairs.map_or("", |(_, pairs)| pairs),
        text,
        language,
    )
}

fn scenario_json(scenario: &Scenario, language: Language) -> Value {
    let words = |text| in_language(scenario, text, language);
    let variants = scenario.variants.iter().map(|variant| {
        json!({ "name": variant.name, "title": words(variant.title), "clock": variant.clock.as_str() })
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
        "title": words(scenario.title),
        "group": group_of(scenario.name),
        "listens": scenario.listens,
        "variants": variants.collect::<Vec<_>>(),
        "params": params.collect::<Vec<_>>(),
    })
}
