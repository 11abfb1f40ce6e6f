//! `loopscope python`: real programs of asyncio, under each interpreter that is found.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::process::{Answer, ask, finish, loopscope, scratch};

/// Whether there is an interpreter. A test that needs one says so if there is none.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
pub(super) fn has_python() -> bool {
    let found = Command::new("python3")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        println!("skipped: there is no python3 here");
    }
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs Python code under loopscope, with options for loopscope.
fn python(options: &[&str], code: &str) -> Answer {
    let mut arguments = vec!["python"];
    arguments.extend(options);
    arguments.extend(["-c", code]);
    ask(&arguments)
}

#[test]
fn a_program_keeps_its_output_and_its_exit_code() {
    if !has_python() {
        return;
    }
    let file = scratch("python-exit.loopscope");
    let record = ["--record", file.to_str().unwrap()];
    let code =
        "import asyncio, sys\nasync def main(): print('hello')\nasyncio.run(main())\nsys.exit(7)";
    let answer = python(&record, code);
    assert_eq!((answer.code(), &*answer.out), (7, "hello\n"), "{answer:?}");
    assert_eq!(answer.err, "");
    let failed = python(
        &record,
        "import asyncio\nasync def main(): 1 / 0\nasyncio.run(main())",
    );
    assert_eq!(failed.code(), 1);
    assert!(!failed.err.contains("_loopscope"), "{}", failed.err);
    let ended = python(&record, "import os\nos.kill(os.getpid(), 15)");
    assert_eq!(ended.code(), 143);
}

#[test]
fn a_signal_to_loopscope_alone_reaches_the_program() {
    if !has_python() {
        return;
    }
    let file = scratch("python-signal.loopscope");
    let code = "import asyncio, os, signal
async def main():
    os.kill(os.getppid(), signal.SIGINT)
    await asyncio.sleep(600)
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print('interrupted')";
    let record = ["python", "--record", file.to_str().unwrap(), "-c", code];
    // In a group of its own it is in the background, where no terminal interrupts both.
    let answer = finish(loopscope(&record).process_group(0));
    assert_eq!(
        (answer.code(), &*answer.out),
        (0, "interrupted\n"),
        "{answer:?}"
    );
}

#[test]
fn a_signal_to_the_whole_group_reaches_the_program_once() {
    if !has_python() {
        return;
    }
    let file = scratch("python-group.loopscope");
    let code = "import asyncio, os, signal
async def main():
    os.killpg(0, signal.SIGINT)
    try:
        await asyncio.sleep(600)
    finally:
        await asyncio.sleep(0.4)
        print('cleaned up')
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    asyncio.run(main())
except BaseException as error:
    print(type(error).__name__)";
    let record = ["python", "--record", file.to_str().unwrap(), "-c", code];
    let answer = finish(loopscope(&record).process_group(0));
    let due = "cleaned up\nKeyboardInterrupt\n";
    assert_eq!(answer.out, due, "{answer:?}");
}

#[test]
fn the_end_of_a_run_is_that_of_its_main_task() {
    if !has_python() {
        return;
    }
    let file = scratch("python-end.loopscope");
    let file = file.to_str().unwrap();
    let end_of = |body: &str| {
        let code = format!("import asyncio, os\nasync def main(): {body}\nasyncio.run(main())");
        python(&["--record", file], &code);
        ask(&["replay", file, "--json"]).json()["outcome"].clone()
    };
    assert_eq!(end_of("pass"), "finished");
    assert_eq!(end_of("1 / 0"), "panicked");
    // A program that ends itself while its loop runs has no end of its run.
    assert!(end_of("await asyncio.sleep(0.05); os._exit(3)").is_null());
}

#[test]
fn a_program_without_a_loop_is_told() {
    if !has_python() {
        return;
    }
    let answer = python(&["--plain"], "print('hello')");
    assert_eq!((answer.code(), &*answer.out), (0, ""));
    assert!(
        answer.err.contains("no event loop of asyncio was seen"),
        "{}",
        answer.err
    );
    let answer = ask(&["python", "--python", "/no/such/python", "x.py"]);
    assert_eq!(answer.code(), 2);
    assert!(
        answer.err.contains("cannot start /no/such/python"),
        "{}",
        answer.err
    );
}

#[test]
fn each_loop_of_a_program_is_printed_under_its_heading() {
    if !has_python() {
        return;
    }
    let code = "import asyncio, threading
async def work(name):
    await asyncio.sleep(0.01)
    print('this is', name)
def other():
    asyncio.run(work('other'))
thread = threading.Thread(target=other, name='other thread')
async def main():
    thread.start()
    await work('main')
asyncio.run(main())
thread.join()
";
    let answer = python(&["--plain"], code);
    assert_eq!(answer.code(), 0, "{answer:?}");
    let heading = answer.out.find("(other thread)").expect(&answer.out);
    let (first, other) = answer.out.split_at(heading);
    assert!(
        first.contains("main") && !first.contains("'other'"),
        "{first}"
    );
    assert!(other.contains("work"), "{other}");
    let answer = python(&["--json"], code);
    assert_eq!(answer.out.lines().count(), 2, "{}", answer.out);
    assert!(answer.out.lines().all(|line| line.starts_with('{')));
    assert!(answer.out.contains("(other thread)\""));
}

#[test]
fn an_option_that_keeps_the_adapter_out_is_told() {
    if !has_python() {
        return;
    }
    let code = "import asyncio; asyncio.run(asyncio.sleep(0))";
    for option in ["-I", "-E", "-S"] {
        let answer = ask(&["python", "--plain", option, "-c", code]);
        assert_eq!(answer.code(), 0);
        let words = format!(
            "loopscope: the interpreter's option {option} keeps the adapter out: nothing is recorded\n"
        );
        assert_eq!((&*answer.out, answer.err), ("", words));
    }
}

#[test]
fn a_killed_program_leaves_its_last_half_second() {
    if !has_python() {
        return;
    }
    let file = scratch("python-killed.loopscope");
    let file = file.to_str().unwrap();
    let code = "import asyncio, os
async def main():
    for number in range(1000):
        print(number)
        await asyncio.sleep(0.01)
        if number == 150:
            os.kill(os.getpid(), 9)
asyncio.run(main())";
    let answer = python(&["--record", file], code);
    assert_eq!(answer.code(), 137);
    let run = ask(&["replay", file, "--json"]).json();
    let lines = run["output"].as_array().unwrap();
    let last: u64 = lines.last().unwrap()["line"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(last > 100, "{last}");
}

#[test]
fn a_sleeping_task_is_woken_by_its_timer() {
    if !has_python() {
        return;
    }
    let code = "import asyncio
async def main():
    await asyncio.sleep(3)
    await asyncio.wait([asyncio.ensure_future(asyncio.sleep(9))], timeout=2)
asyncio.run(main())";
    let answer = python(&["--clock", "virtual", "--plain"], code);
    assert_eq!(answer.code(), 0, "{answer:?}");
    // The sleep, and then the wait with a timeout.
    for queue in ["TIMERS", "PENDING"] {
        let words = format!("Its timer fired, so #0 main moves from {queue} to READY.");
        assert!(answer.out.contains(&words), "{}", answer.out);
    }
}

#[test]
fn a_timer_of_a_callback_is_not_that_of_a_task() {
    if !has_python() {
        return;
    }
    let code = "import asyncio
def beat(left, done):
    loop = asyncio.get_running_loop()
    if left:
        loop.call_later(1, beat, left - 1, done)
    else:
        done.set_result(None)
async def main():
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(beat, 1, done)
    await done
asyncio.run(main())";
    let answer = python(&["--clock", "virtual", "--plain"], code);
    assert_eq!(answer.code(), 0, "{answer:?}");
    for words in [
        "\n  timers: a callback at 1.000\n",
        "why: nothing is READY, and first in TIMERS is a callback\n",
    ] {
        assert!(answer.out.contains(words), "{}", answer.out);
    }
}

#[test]
fn each_level_of_detail_leaves_out_what_it_says() {
    if !has_python() {
        return;
    }
    let code = "import asyncio
async def use(lock):
    async with lock:
        await asyncio.sleep(1)
async def main():
    lock = asyncio.Lock()
    await asyncio.gather(use(lock), use(lock))
    print('done')
asyncio.run(main())";
    let has = |level: &str| {
        let level = ["--clock", "virtual", "--plain", "--detail", level];
        let out = python(&level, code).out;
        let words = [
            "moves from READY to RUNNING",
            "Its timer fired",
            "it is waiting at",
            "takes lock",
        ];
        words.map(|words| out.contains(words))
    };
    assert_eq!(has("ticks"), [true, false, false, false]);
    assert_eq!(has("causes"), [true, true, false, false]);
    assert_eq!(has("waits"), [true, true, true, false]);
    assert_eq!(has("all"), [true, true, true, true]);
}

#[test]
fn the_adapter_leaves_no_file_behind() {
    if !has_python() {
        return;
    }
    let folder = scratch("python-tmp");
    fs::create_dir_all(&folder).unwrap();
    let code = "import asyncio\nasyncio.run(asyncio.sleep(0))";
    let mut command = loopscope(&["python", "--plain", "-c", code]);
    let answer = finish(command.env("TMPDIR", &folder));
    assert_eq!(answer.code(), 0, "{answer:?}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn a_temporary_folder_that_cannot_be_used_is_named() {
    let mut command = loopscope(&["python", "--plain", "-c", "pass"]);
    let answer = finish(command.env("TMPDIR", "/no/such/folder"));
    assert_eq!(answer.code(), 2, "{answer:?}");
    let words = "the adapter cannot be written to /no/such/folder";
    assert!(answer.err.contains(words), "{}", answer.err);
    assert_eq!(answer.err.lines().count(), 1, "{}", answer.err);
}

#[test]
fn a_run_tells_who_woke_whom_and_which_lock_is_held() {
    if !has_python() {
        return;
    }
    let script = scratch("python-lock.py");
    let code = "import asyncio

async def use(lock):
    async with lock:
        await asyncio.sleep(1)

async def main():
    door = asyncio.Lock()
    async with asyncio.timeout(60):
        await asyncio.gather(use(door), use(door))

asyncio.run(main())
";
    let code = if supports_timeout() {
        code.to_owned()
    } else {
        code.replace("    async with asyncio.timeout(60):\n    ", "")
    };
    fs::write(&script, code).unwrap();
    let answer = ask(&[
        "python",
        "--clock",
        "virtual",
        "--plain",
        script.to_str().unwrap(),
    ]);
    assert_eq!(answer.code(), 0, "{answer:?}");
    for sentence in [
        "#1 use takes lock `door`.",
        "#2 use suspends: RUNNING -> PENDING (lock `door`).",
        "it is waiting at `async with lock` (line 4)",
        "lock held by #1 use",
        "it is waiting at `await asyncio.sleep(1)` (line 5)",
    ] {
        let said = answer.out.contains(sentence)
            || sentence.contains("held by") && answer.out.contains("held by #1 use");
        assert!(said, "{sentence}\n{}", answer.out);
    }
}

fn supports_timeout() -> bool {
    let asked = Command::new("python3")
        .args(["-c", "import asyncio; asyncio.timeout"])
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}

#[test]
fn a_script_is_compared_with_its_scenario() {
    if !has_python() {
        return;
    }
    let script = root().join("scenarios/say_after.py");
    let script = format!("{}:concurrent", script.display());
    let answer = ask(&["compare", "--plain", &script, "say_after:concurrent"]);
    assert_eq!(answer.code(), 0, "{answer:?}");
    assert!(answer.out.contains("Both take 2.000 s"), "{}", answer.out);
    assert!(
        answer
            .out
            .contains("The same lines are printed at the same times"),
        "{}",
        answer.out
    );
}
