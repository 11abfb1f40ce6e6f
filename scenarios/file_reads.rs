// Three real files, read by threads: a file cannot report that it is ready, so reading one blocks a
// thread. Look at PENDING: the loop waits for the thread pool, and the pool for the disk (with a
// delay added, because disks are fast). The loop itself is free.
//
// The run creates the three files, with one number in each. With `--set dir=...` it reads first.txt,
// second.txt and third.txt in a directory of yours instead.

use std::{fs, io, path::PathBuf, time::Duration};

use super::world::files::{Directory, about};
use loopscope::{as_completed, block_for, println, unblock};

/// The files, their contents, and the delay of each in milliseconds.
const FILES: [(&str, &str, u64); 3] = [
    ("first.txt", "340\n", 300),
    ("second.txt", "225\n", 100),
    ("third.txt", "173\n", 200),
];

async fn read(path: PathBuf, delay: Duration) -> io::Result<String> {
    unblock(move || {
        let text = fs::read_to_string(&path).map_err(|error| about(&path, &error))?;
        block_for(delay);
        Ok(text.trim_end().to_owned())
    })
    .await
}

fn reads(directory: &Directory) -> [impl Future<Output = io::Result<String>> + use<>; 3] {
    FILES.map(|(name, _, delay)| read(directory.path.join(name), Duration::from_millis(delay)))
}

async fn to_thread(dir: String) -> io::Result<()> {
    let directory = Directory::new(&dir, FILES.map(|(name, text, _)| (name, text)))?;
    let mut texts = as_completed(reads(&directory));
    while let Some(text) = texts.next().await {
        println!("{}", text?);
    }
    Ok(())
}

async fn sequential(dir: String) -> io::Result<()> {
    let directory = Directory::new(&dir, FILES.map(|(name, text, _)| (name, text)))?;
    for read in reads(&directory) {
        println!("{}", read.await?);
    }
    Ok(())
}

loopscope::scenario! {
    name: "file_reads",
    title: "Real files, read by threads",
    twin: true,
    pairs: true,
    variants: [
        to_thread(dir: text) files "all at once, each on a thread of the pool",
        sequential(dir: text) files "one file after the other",
    ],
    params: [
        Param::text("dir", "", "the directory of the files; empty: temporary files"),
    ],
}
