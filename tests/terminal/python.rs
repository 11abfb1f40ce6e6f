//! A Python program beside the screen: its terminal, its input and its end.

use std::{
    fs,
    process::{Command, Stdio},
};

use super::{
    process::scratch,
    terminal::{Terminal, loopscope},
};

/// A terminal in which this program runs under loopscope. `None` if there is no interpreter.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn python(name: &str, code: &str) -> Option<Terminal> {
    let version = Command::new("python3")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if !version.is_ok_and(|status| status.success()) {
        println!("skipped: there is no python3 here");
        return None;
    }
    let script = scratch(&format!("terminal-{name}.py"));
    fs::write(&script, code).unwrap();
    let command = loopscope(&["python", script.to_str().unwrap()]);
    Some(Terminal::start(command, (120, 40)))
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
