//! The pictures in `docs/`, drawn by the program.

use std::{fs, io, path::Path, process::Command};

/// Each picture: its file, and the command line that draws it.
const PICTURES: [(&str, &[&str]); 6] = [
    // The whole run, tick by tick.
    (
        "say_after.svg",
        &[
            "render",
            "say_after:concurrent",
            "--press",
            "tttttt",
            "--animate",
            "2",
            "--size",
            "100x30",
        ],
    ),
    // Two tasks sleep at once: what the loop shows, and why the task that was woken does not run
    // yet.
    (
        "main.svg",
        &[
            "render",
            "say_after:concurrent",
            "--at",
            "tick 4",
            "--press",
            "NNN",
            "--size",
            "120x40",
        ],
    ),
    // Two variants of one program on one clock.
    (
        "compare.svg",
        &[
            "render",
            "say_after:in_order,say_after:concurrent",
            "--at",
            "t 2",
            "--size",
            "120x40",
        ],
    ),
    // Which other task could run first?
    (
        "what_if.svg",
        &[
            "render",
            "say_after:concurrent",
            "--at",
            "tick 1",
            "--press",
            "ti",
            "--size",
            "120x40",
        ],
    ),
    // The first one as text.
    (
        "main.txt",
        &[
            "render",
            "say_after:concurrent",
            "--at",
            "tick 4",
            "--press",
            "NNN",
            "--size",
            "80x24",
        ],
    ),
    // A playback for `asciinema play`.
    (
        "say_after.cast",
        &["cast", "say_after:concurrent", "--size", "100x30"],
    ),
];

/// Draws all pictures into a folder. `program` is the binary `loopscope`.
///
/// # Errors
///
/// The program cannot be started, or it fails.
pub fn draw(program: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, arguments) in PICTURES {
        let status = Command::new(program)
            .args(arguments)
            .args(["--force", "-o"])
            .arg(folder.join(name))
            // What the terminal can do changes no picture.
            .env("NO_COLOR", "1")
            .env("TERM", "dumb")
            // Nor does what the developer has chosen.
            .env("LOOPSCOPE_CONFIG", "")
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!("{name}: {status}")));
        }
    }
    Ok(())
}
