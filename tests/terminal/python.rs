//! A Python program beside the screen: its terminal, its input and its end.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::Signal;

use super::{
    process::{scratch, until},
    terminal::{Terminal, loopscope},
};

/// Whether there is an interpreter. If not, the test is skipped.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn has_python() -> bool {
    let version = Command::new("python3")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    let is_there = version.is_ok_and(|status| status.success());
    if !is_there {
        println!("skipped: there is no python3 here");
    }
    is_there
}

/// A terminal in which this program runs under loopscope. `None` if there is no interpreter.
fn python_with(name: &str, code: &str, options: &[&str]) -> Option<Terminal> {
    if !has_python() {
        return None;
    }
    let script = scratch(&format!("terminal-{name}.py"));
    fs::write(&script, code).unwrap();
    let arguments = [&["python"], options, &[script.to_str().unwrap()]].concat();
    Some(Terminal::start(loopscope(&arguments), (120, 40)))
}

fn python(name: &str, code: &str) -> Option<Terminal> {
    python_with(name, code, &[])
}

const ASKS: &str = "import asyncio, os, sys
async def main():
    print('terminals:', *(os.isatty(fd) for fd in range(3)), os.get_terminal_size().columns)
    name = await asyncio.get_running_loop().run_in_executor(None, input, 'name? ')
    print('hello', name)
    print('end', repr(sys.stdin.read()))
asyncio.run(main())
sys.exit(7)
";

#[test]
fn a_python_program_has_a_terminal_and_reads_lines() {
    let Some(mut terminal) = python("asks", ASKS) else {
        return;
    };
    terminal.see("The program waits for input");
    terminal.press("aAda\r");
    terminal.see("#0 hello Ada");
    terminal.press("a\x04");
    terminal.see("The run has finished");
    terminal.press("q");
    assert_eq!(terminal.code(), 7);
    terminal.see_given_back();
    terminal.see("terminals: True True True 120");
    terminal.see("name? Ada\nhello Ada\nend ''");
}

const STUBBORN: &str = "import asyncio, signal
signal.signal(signal.SIGINT, lambda *_: print('not yet', flush=True))
async def main():
    print('begun')
    while True:
        await asyncio.sleep(0.01)
asyncio.run(main())
";

#[test]
fn a_python_program_that_ignores_ctrl_c_is_ended() {
    let Some(mut terminal) = python("stubborn", STUBBORN) else {
        return;
    };
    terminal.see("#0 begun");
    terminal.press("\x03");
    assert_eq!(terminal.code(), 143);
    terminal.see_given_back();
    terminal.see("begun\nnot yet");
}

const DEBUGGED: &str = "import asyncio
async def main():
    total = 41
    breakpoint()
    total += 1
    print('total', total)
    await asyncio.sleep(0.01)
asyncio.run(main())
";

#[test]
fn a_debugger_gets_the_real_terminal_until_it_continues() {
    let Some(mut terminal) = python("debugged", DEBUGGED) else {
        return;
    };
    terminal.see("(Pdb)");
    terminal.see("Ctrl-] returns to the screen");
    terminal.press("p total\r");
    terminal.see("41");
    // The screen is there although the debugger waits, and input goes to the debugger as well.
    terminal.press("\x1d");
    terminal.see("The program waits for input");
    terminal.press("anext\r");
    terminal.see("total += 1");
    terminal.see("(Pdb)");
    terminal.press("continue\r");
    terminal.see("The run has finished");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
    terminal.see("total 42");
}

const RACE: &str = "import asyncio
async def worker(name):
    for number in range(3):
        await asyncio.sleep(0)
        print(name, number)
async def main():
    await asyncio.gather(worker('a'), worker('b'), worker('c'))
    print('end')
asyncio.run(main())
";

#[test]
fn the_next_poll_of_a_paused_python_program_is_chosen() {
    let Some(mut terminal) = python_with("choice", RACE, &["--paused"]) else {
        return;
    };
    terminal.see("LOOP PAUSED");
    terminal.press("t");
    terminal.see_number("tick", |tick| tick == 2);
    terminal.press("t");
    terminal.see_number("tick", |tick| tick == 3);
    terminal.press("i");
    terminal.see("which task runs first?");
    terminal.press("j\r");
    terminal.see("on the command line: --schedule");
    terminal.press(" ");
    terminal.see("The run has finished");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    terminal.see("c 0\na 0\nb 0\n");
}

#[test]
fn a_python_program_goes_on_from_an_earlier_tick() {
    let Some(mut terminal) = python_with("return", RACE, &["--paused"]) else {
        return;
    };
    terminal.see("LOOP PAUSED");
    for tick in 2..6 {
        terminal.press("t");
        terminal.see_number("tick", |now| now == tick);
    }
    terminal.press("TT");
    terminal.see_number("tick", |tick| tick == 3);
    terminal.press("i");
    terminal.see("which task runs first?");
    terminal.press("j\r");
    terminal.see("is of #1 worker in A, of #3 worker in B; on the command line: --schedule");
    terminal.press("\x03");
    terminal.code();
    terminal.see_given_back();
}

const PARENT: &str = "import asyncio, sys
async def main():
    code = 'import asyncio; asyncio.run(asyncio.sleep(0.5))'
    child = await asyncio.create_subprocess_exec(sys.executable, '-c', code)
    await child.wait()
asyncio.run(main())
";

#[test]
fn the_loop_of_a_child_process_is_in_the_list() {
    let Some(mut terminal) = python("parent", PARENT) else {
        return;
    };
    terminal.see("another loop has started: process ");
    terminal.press("o");
    terminal.see("first loop");
    terminal.press("q");
    terminal.see("The run has finished");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

const LONG: &str = "import asyncio, sys
async def main():
    print('begun')
    for _ in range(20):
        await asyncio.sleep(0.05)
        print('more')
    open(sys.argv[0] + '.end', 'w').close()
asyncio.run(main())
";

#[test]
fn a_python_program_runs_on_without_its_screen() {
    let Some(terminal) = python("long", LONG) else {
        return;
    };
    let end = scratch("terminal-long.py.end");
    let _ = fs::remove_file(&end);
    terminal.see("#0 begun");
    terminal.signal(Signal::KILL);
    until("the program comes to its end", || end.exists());
    terminal.see("more");
}

/// A script that never ends, does not obey, and says which process it is.
const ENDLESS: &str = "import asyncio, os, signal, sys
for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
    signal.signal(number, signal.SIG_IGN)
async def main():
    print('on the terminal' * 1000)
    with open(sys.argv[0] + '.pid', 'w') as file:
        file.write(str(os.getpid()))
    while True:
        signal.pause()
asyncio.run(main())
";

#[test]
fn a_comparison_can_be_left_while_a_script_runs() {
    if !has_python() {
        return;
    }
    let script = scratch("endless.py");
    fs::write(&script, ENDLESS).unwrap();
    let script = script.to_str().unwrap();
    let pid = format!("{script}.pid");
    for (key, signal, code) in [
        ("q", None, 0),
        ("\x03", None, 0),
        ("\x1b", None, 0),
        ("", Some(Signal::TERM), 143),
        ("", Some(Signal::HUP), 129),
    ] {
        let _ = fs::remove_file(&pid);
        let mut terminal = Terminal::loopscope(&["compare", script, "say_after:concurrent"]);
        terminal.see("running");
        until("the script runs", || {
            fs::read_to_string(&pid).is_ok_and(|pid| !pid.is_empty())
        });
        let process = format!("/proc/{}", fs::read_to_string(&pid).unwrap());
        terminal.see("loopscope │ loading");
        terminal.see_no("on the terminal");
        terminal.press(key);
        if let Some(signal) = signal {
            terminal.signal(signal);
        }
        assert_eq!(terminal.code(), code);
        terminal.see_given_back();
        assert!(!Path::new(&process).exists(), "the script is still there");
    }
}

#[test]
fn a_compared_script_prints_when_the_screen_is_closed() {
    if !has_python() {
        return;
    }
    let script = scratch("compared.py");
    // The clock is virtual, and so is `time.sleep`.
    let code = "import asyncio, subprocess
async def main():
    print('said by the script')
    subprocess.run(['sleep', '2'])
asyncio.run(main())
";
    fs::write(&script, code).unwrap();
    let mut terminal =
        Terminal::loopscope(&["compare", script.to_str().unwrap(), "say_after:concurrent"]);
    terminal.see("loopscope │ loading");
    terminal.see("What makes the difference");
    terminal.press("\x03");
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
    terminal.see("said by the script");
}
