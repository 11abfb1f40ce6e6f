//! Files of other programs that are made to take much memory.

use loopscope::import::{ImportError, ImportFormat};
use loopscope::replay::Replay;

use super::read;

#[test]
fn a_long_name_is_not_repeated_for_each_slice() {
    let suffix = "thread".repeat(10_000);
    let names = [1, 2].map(|tid| {
        format!("{{\"ph\":\"M\",\"name\":\"thread_name\",\"tid\":{tid},\"args\":{{\"name\":\"{tid}{suffix}\"}}}}")
    });
    let slices = (0..500).map(|at| {
        format!("{{\"ph\":\"X\",\"tid\":1,\"ts\":{at},\"dur\":1,\"name\":\"s{at}\"}},{{\"ph\":\"i\",\"tid\":1,\"ts\":{at}}}")
    });
    let events: Vec<String> = names.into_iter().chain(slices).collect();
    let file = format!("[{}]", events.join(","));
    let log = read(ImportFormat::Chrome, file.as_bytes()).unwrap().log;
    let (bytes, most) = (log.bytes.len(), 3 * file.len());
    assert!(bytes < most, "{bytes} bytes of {}", file.len());
    let replay = Replay::new(log);
    let name = replay.tables().task_name(loopscope::trace::TaskId(7));
    assert!(
        name.starts_with("1thread") && name.ends_with("…: s7"),
        "{name}"
    );
}

/// The name of the thread contains the name of each slice. If it were searched, copied and compared as a
/// whole for each of them, this would take minutes.
#[test]
fn the_name_of_a_track_is_not_copied_for_each_slice() {
    const MANY: usize = 40_000;
    let number = |at: usize| format!("{at:06x}");
    let name: String = (0..400_000).map(number).collect();
    let slices = (0..MANY).map(|at| {
        let name = number(at);
        format!(",{{\"ph\":\"X\",\"tid\":1,\"ts\":{at},\"dur\":1,\"name\":\"{name}\"}}")
    });
    let slices: String = slices.collect();
    let file = format!(
        "[{{\"ph\":\"M\",\"name\":\"thread_name\",\"tid\":1,\"args\":{{\"name\":\"{name}\"}}}}{slices}]"
    );
    let log = read(ImportFormat::Chrome, file.as_bytes()).unwrap().log;
    let (bytes, most) = (log.bytes.len(), file.len());
    assert!(bytes < most, "{bytes} bytes of {most}");
    let replay = Replay::new(log);
    assert_eq!(replay.tables().tasks().len(), MANY);
    let name = replay.tables().task_name(loopscope::trace::TaskId(0));
    assert!(name.starts_with("000000000001") && name.ends_with('…'));
    assert_eq!(name.chars().count(), 1025);
}

#[test]
fn values_that_no_reader_uses_are_skipped() {
    let odd = "[1,[2,{\"a\":[]}],null,1e999,{\"b\":{\"c\":[true]}}]";
    let chrome = format!(
        "[{{\"other\":{odd},\"ph\":\"X\",\"ts\":1,\"tid\":{odd},\"args\":{odd},\"name\":\"first\"}}]"
    )
    .replace("1e999", "1.5");
    let odd = odd.replace("1e999", "1.5");
    let jsonl = format!(
        "{{\"loopscope\":1,\"other\":{odd}}}\n{{\"other\":{odd},\"task\":3,\"e\":\"spawn\",\"name\":\"first\",\"value\":{odd}}}\n"
    );
    let console = format!(
        "{{\"v\":1}}\n{{\"Spawn\":{{\"id\":1,\"other\":{odd},\"at\":{{\"secs_since_epoch\":1,\"nanos_since_epoch\":0}},\
         \"fields\":[{{\"name\":\"task.name\",\"value\":\"first\"}},{{\"name\":\"x\",\"value\":{odd}}}]}}}}\n"
    );
    for (format, text) in [
        (ImportFormat::Chrome, chrome),
        (ImportFormat::Jsonl, jsonl),
        (ImportFormat::Console, console),
    ] {
        let log = read(format, text.as_bytes()).unwrap().log;
        let replay = Replay::new(log);
        let name = replay.tables().task_name(loopscope::trace::TaskId(0));
        assert_eq!(name, "first", "{format:?}");
    }
}

#[test]
fn millions_of_parameters_are_refused() {
    let pairs: Vec<String> = (0..20_000).map(|n| format!("\"{n}\":\"\"")).collect();
    let file = format!("{{\"loopscope\":1,\"params\":{{{}}}}}\n", pairs.join(","));
    let error = read(ImportFormat::Jsonl, file.as_bytes()).unwrap_err();
    assert!(matches!(error, ImportError::Line { line: 1, .. }));
    assert!(error.to_string().contains("more than 10000"), "{error}");
}

/// Eight bytes of a frame can be an event, which takes six times as much in memory.
#[test]
fn a_frame_of_millions_of_numbers_is_refused_by_its_length() {
    let greeting = br#"{"version":1,"pid":7}"#;
    let mut file = u32::try_from(greeting.len())
        .unwrap()
        .to_le_bytes()
        .to_vec();
    file.push(b'H');
    file.extend_from_slice(greeting);
    for (kind, length) in [(b'E', (16 << 20) + 8_u32), (b'L', (16 << 20) + 32)] {
        let mut long = file.clone();
        long.extend(length.to_le_bytes());
        long.push(kind);
        let error = read(ImportFormat::Wire, &long).unwrap_err();
        assert!(error.to_string().contains(&length.to_string()), "{error}");
        // A text of this length may come.
        *long.last_mut().unwrap() = b'T';
        assert!(read(ImportFormat::Wire, &long).is_ok());
    }
}
