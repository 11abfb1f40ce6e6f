//! Names of tasks: given by the program, or derived from the function whose future the task runs.

use std::panic::Location;

/// The name of a task.
#[derive(Clone, Copy, Debug)]
pub(in crate::runtime) enum TaskName<'a> {
    /// To be derived from the type of its future, by [`short_name`].
    Type(&'static str),
    /// Given by the program.
    Given(&'a str),
}

/// The name of a task whose future has a type without a name: the place where the task was spawned,
/// such as `main.rs:12`.
pub(in crate::runtime) fn location_name(at: &Location<'_>) -> String {
    let file = at.file().rsplit(['/', '\\']).next().unwrap_or_default();
    format!("{file}:{}", at.line())
}

/// The end of the type name of an async function's future.
const FUTURE: &str = "::{{closure}}";

/// The name of a task, from the type of its future.
///
/// The future of an async function, `main::say_after::{{closure}}`, gives the name of the function,
/// `say_after`. So does a type with such a future inside, `Or<main::say_after::{{closure}},
/// Delay>`. Any other future gives the name of its type. A boxed one, `Pin<Box<dyn Future>>`, has
/// no name.
pub(in crate::runtime) fn short_name(type_name: &'static str) -> Option<&'static str> {
    let path = match type_name.find(FUTURE) {
        None => type_name,
        Some(_) if type_name.ends_with(FUTURE) => type_name.trim_end_matches(FUTURE),
        Some(end) => begin(type_name.split_at(end).0),
    };
    let name = last_part(path);
    (!matches!(name, "" | "Pin" | "Box")).then_some(name)
}

/// The path at the end of a type name that was cut off: `main::work` for `Or<main::work`.
///
/// Searches backwards for the letter before the path. A letter inside of a closed pair of angle
/// brackets is skipped, because it belongs to the generic arguments of the path.
fn begin(unfinished: &'static str) -> &'static str {
    let mut depth = 0_u32;
    let outside = |letter: char| match letter {
        '>' => {
            depth += 1;
            false
        }
        '<' if depth > 0 => {
            depth -= 1;
            false
        }
        _ => depth == 0 && matches!(letter, '<' | '(' | ' ' | '&' | ',' | '['),
    };
    unfinished
        .rfind(outside)
        .map_or(unfinished, |at| unfinished.split_at(at + 1).1)
}

/// The last segment of a path, without its generic arguments. Only a `:` outside of all angle
/// brackets separates segments.
fn last_part(path: &'static str) -> &'static str {
    let mut depth = 0_u32;
    let mut begin = 0;
    let mut end = path.len();
    for (at, letter) in path.char_indices() {
        match letter {
            '<' => {
                if depth == 0 && at > begin {
                    end = at;
                }
                depth += 1;
            }
            '>' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => (begin, end) = (at + 1, path.len()),
            _ => {}
        }
    }
    path.get(begin..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::short_name;

    #[test]
    fn a_task_is_called_after_its_function() {
        for (type_name, name) in [
            (
                "main::scenarios::say_after::say_after::{{closure}}",
                "say_after",
            ),
            ("main::run::{{closure}}::{{closure}}", "run"),
            ("main::run<main::work::{{closure}}>::{{closure}}", "run"),
            ("<main::Server as main::Serve>::serve::{{closure}}", "serve"),
            ("main::Server<a::B>::serve::{{closure}}", "serve"),
            ("futures::Or<main::work::{{closure}}, d::Delay>", "work"),
            (
                "futures::Or<main::work<a::B, c::D>::{{closure}}, d::E>",
                "work",
            ),
            ("futures::Map<a::b::C, d>", "Map"),
            ("hyper::server::Connection<a::B, c::D>", "Connection"),
        ] {
            assert_eq!(short_name(type_name), Some(name), "{type_name}");
        }
    }

    #[test]
    fn a_boxed_future_says_nothing_about_itself() {
        let boxed =
            "core::pin::Pin<alloc::boxed::Box<dyn core::future::future::Future<Output = ()>>>";
        assert_eq!(short_name(boxed), None);
        assert_eq!(short_name(""), None);
    }
}
