//! Whether a task has returned an error, for a task of any type.
//!
//! A spawn takes a future of any output type, so no bound says that the output is a `Result`, and none
//! that its error can be displayed. The name of the type tells the first. Which variant the value is,
//! its discriminant tells: two values of one variant number hash alike.
//!
//! An error of a channel is none of the task's: it says that the other end is gone, which is how many
//! tasks learn that they are needed no longer.

use std::{
    any::{Any, type_name},
    error::Error,
    hash::{Hash, Hasher},
    io, mem,
};

/// How the name of a `Result` begins.
const RESULT: &str = "core::result::Result<";

/// The crate whose errors say that the other end of a channel is gone.
const CHANNEL: &str = "async_channel::";

/// The message of the error that a task returns; `None` if it returns none.
#[inline]
pub(super) fn returned_error<T>(value: &T) -> Option<&'static str> {
    let name = type_name::<T>();
    if name.starts_with(RESULT) {
        error_of(value, name)
    } else {
        None
    }
}

fn error_of<T>(value: &T, name: &'static str) -> Option<&'static str> {
    let is_error = variant(value) == variant(&Err::<(), ()>(()));
    let error = error_type(name);
    (is_error && !error.starts_with(CHANNEL)).then(|| short(error))
}

/// The text of the error in a `Result` whose type is one of the most common ones.
pub(super) fn text_of(value: &dyn Any) -> Option<String> {
    fn error<E: 'static>(value: &dyn Any) -> Option<&E> {
        value.downcast_ref::<Result<(), E>>()?.as_ref().err()
    }
    if let Some(error) = error::<io::Error>(value) {
        Some(error.to_string())
    } else if let Some(error) = error::<String>(value) {
        Some(error.clone())
    } else if let Some(error) = error::<&'static str>(value) {
        Some((*error).to_owned())
    } else {
        error::<Box<dyn Error + Send + Sync>>(value).map(ToString::to_string)
    }
}

/// The number of a value's variant, as a hash.
fn variant<T>(value: &T) -> u64 {
    let mut hasher = VariantHasher(0);
    mem::discriminant(value).hash(&mut hasher);
    hasher.finish()
}

/// Keeps what it is given: a discriminant is one number.
struct VariantHasher(u64);

impl Hasher for VariantHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(257).wrapping_add(u64::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The second type argument in the name of a `Result`.
fn error_type(name: &str) -> &str {
    let inner = name.strip_prefix(RESULT).unwrap_or(name);
    let inner = inner.strip_suffix('>').unwrap_or(inner);
    let mut depth = 0_i32;
    for (at, c) in inner.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => return inner.get(at + 1..).unwrap_or_default().trim(),
            _ => {}
        }
    }
    inner
}

/// The last part of the path of a type, without its arguments.
fn short(error: &'static str) -> &'static str {
    let path = error.split('<').next().unwrap_or(error);
    path.rsplit("::").next().unwrap_or(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Denied;

    #[test]
    fn an_error_of_any_type_is_recognised() {
        assert_eq!(returned_error(&Err::<u8, _>(Denied)), Some("Denied"));
        assert_eq!(returned_error(&Ok::<_, Denied>(1_u8)), None);
        assert_eq!(returned_error(&Err::<Box<u8>, &str>("full")), Some("&str"));
        assert_eq!(returned_error(&Ok::<Box<u8>, &str>(Box::new(1))), None);
        // The compiler keeps these in no more space than one of their parts.
        assert_eq!(returned_error(&Ok::<(), Denied>(())), None);
        assert_eq!(
            returned_error(&Err::<Option<bool>, bool>(true)),
            Some("bool")
        );
        assert_eq!(returned_error(&Ok::<Option<bool>, bool>(None)), None);
        let nested: Result<Result<u8, Denied>, String> = Ok(Err(Denied));
        assert_eq!(returned_error(&nested), None);
    }

    #[test]
    fn what_is_no_result_is_no_error() {
        assert_eq!(returned_error(&None::<u8>), None);
        assert_eq!(returned_error(&1_u8), None);
        assert_eq!(returned_error(&"core::result::Result<"), None);
    }

    #[test]
    fn a_closed_channel_is_no_failure_of_its_task() {
        let closed = Err::<(), _>(async_channel::SendError(1_u8));
        assert_eq!(returned_error(&closed), None);
        assert_eq!(
            returned_error(&Err::<u8, _>(async_channel::RecvError)),
            None
        );
    }

    #[test]
    fn the_text_of_a_common_error_is_known() {
        let full: Result<(), String> = Err("the disk is full".to_owned());
        assert_eq!(text_of(&full).as_deref(), Some("the disk is full"));
        assert_eq!(text_of(&Err::<(), _>(Denied)), None);
    }
}
