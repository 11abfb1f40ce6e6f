//! What a task is called that has no name: the function whose future it is.

/// `main::say_after::{{closure}}` is called `say_after`, a future of another crate by its type.
pub(in crate::runtime) fn short_name(type_name: &'static str) -> &'static str {
    let function = type_name.trim_end_matches("::{{closure}}");
    let function = function.split('<').next().unwrap_or(function);
    function
        .rsplit("::")
        .next()
        .filter(|name| !name.is_empty())
        .unwrap_or("task")
}

#[cfg(test)]
mod tests {
    use super::short_name;

    #[test]
    fn a_task_is_called_after_its_function() {
        assert_eq!(
            short_name("main::scenarios::say_after::say_after::{{closure}}"),
            "say_after"
        );
        assert_eq!(short_name("main::run::{{closure}}::{{closure}}"), "run");
        assert_eq!(short_name("futures::Map<a::b::C, d>"), "Map");
        assert_eq!(short_name(""), "task");
    }
}
