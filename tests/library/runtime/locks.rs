//! Read-write locks, barriers, cells, and values of unknown size under a lock.

use std::{fmt::Display, sync::Arc};

use loopscope::{
    future::yield_now,
    insight::{Language, task_label, wait_words},
    lock::{
        Barrier, Mutex, OnceCell, RwLock, RwLockUpgradableReadGuardArc, RwLockWriteGuard,
        RwLockWriteGuardArc,
    },
    println,
    replay::Replay,
    sleep, spawn,
    trace::Moment,
};

use super::{lines, ms, printed, replay, run};

/// What each suspended task waits for, at a time in milliseconds.
fn waits(replay: &mut Replay, at: u64) -> Vec<String> {
    replay.seek(replay.at_moment(Moment(at * 1_000_000)));
    let (state, tables) = (replay.state(), replay.tables());
    let unfinished = state.tasks.unfinished();
    unfinished
        .filter(|(_, row)| !row.phase.queued())
        .map(|(task, row)| {
            let meta = &replay.log().meta;
            let words = wait_words(meta, tables, state, row, Language::Rust);
            format!("{}: {words}", task_label(tables, task))
        })
        .collect()
}

#[test]
fn readers_share_a_lock_and_a_writer_excludes_them() {
    let replay = replay(run(async {
        let lock = Arc::new(RwLock::named("config", 0));
        let reader = |name: &'static str| {
            let lock = Arc::clone(&lock);
            async move {
                let value = lock.read().await;
                println!("{name} reads {value}");
                sleep(ms(10)).await;
            }
        };
        let first = ["a", "b"].map(|name| spawn(reader(name)));
        yield_now().await;
        let writer = spawn({
            let lock = Arc::clone(&lock);
            async move {
                let mut value = lock.write().await;
                *value += 1;
                println!("write");
                sleep(ms(10)).await;
            }
        });
        yield_now().await;
        // A reader that comes after a writer is admitted after it.
        assert!(lock.try_read().is_none());
        let last = spawn(reader("c"));
        for reader in first {
            reader.await;
        }
        writer.await;
        last.await;
    }));
    assert_eq!(
        printed(&replay),
        lines(&[
            (0, "a reads 0"),
            (0, "b reads 0"),
            (10, "write"),
            (20, "c reads 1")
        ])
    );
}

#[test]
fn guards_of_a_lock_change_into_each_other() {
    let run = run(async {
        let lock = Arc::new(RwLock::new(1));
        let upgradable = lock.upgradable_read_arc().await;
        assert!(lock.try_upgradable_read().is_none());
        let reader = lock.try_read_arc().unwrap();
        let upgradable = RwLockUpgradableReadGuardArc::try_upgrade(upgradable).unwrap_err();
        let upgrade = spawn(RwLockUpgradableReadGuardArc::upgrade(upgradable));
        yield_now().await;
        assert!(lock.try_read().is_none(), "the writer is next");
        drop(reader);
        let mut writer = upgrade.await;
        *writer += 1;
        let upgradable = RwLockWriteGuardArc::downgrade_to_upgradable(writer);
        assert!(lock.try_write().is_none() && lock.try_read().is_some());
        let reader = RwLockUpgradableReadGuardArc::downgrade(upgradable);
        assert!(lock.try_upgradable_read().is_some());
        let value = *reader;
        drop(reader);
        let writer = lock.write().await;
        let reader = RwLockWriteGuard::downgrade(writer);
        drop(reader);
        drop(lock.upgradable_read());
        // A writer that is dropped while it waits admits what is behind it.
        let reader = lock.read().await;
        let writer = spawn({
            let lock = Arc::clone(&lock);
            async move { drop(lock.write().await) }
        });
        yield_now().await;
        assert!(lock.try_read().is_none());
        writer.cancel().await;
        assert!(lock.try_read().is_some());
        drop(reader);
        value
    });
    assert_eq!(run.value, Some(2));
}

#[test]
fn a_guard_is_one_reference_to_its_lock() {
    loopscope::block_on(async {
        let lock = Arc::new(RwLock::new(1));
        let references = || Arc::strong_count(&lock);
        let reader = lock.read_arc().await;
        assert_eq!(references(), 2);
        drop(reader);
        let upgradable = lock.upgradable_read_arc().await;
        assert_eq!(references(), 2);
        let writer = RwLockUpgradableReadGuardArc::upgrade(upgradable).await;
        assert_eq!(references(), 2);
        let reader = RwLockWriteGuardArc::downgrade(writer);
        assert_eq!((references(), *reader), (2, 1));
        drop(reader);
        assert_eq!(references(), 1);
        // Dropped before its first poll, an upgrade gives the upgradable guard up.
        let upgradable = lock.upgradable_read_arc().await;
        drop(RwLockUpgradableReadGuardArc::upgrade(upgradable));
        assert!(lock.try_write().is_some());
        assert_eq!(references(), 1);
    });
}

#[test]
fn values_of_unknown_size_are_under_locks() {
    let run = run(async {
        let mutex: Arc<Mutex<dyn Display>> = Arc::new(Mutex::new(7));
        let text = mutex.lock().await.to_string();
        let kept = mutex.lock_arc().await;
        assert!(mutex.try_lock().is_none());
        let slice: Arc<Mutex<[u8]>> = Arc::new(Mutex::new([1, 2]));
        slice.lock_arc().await[0] = 5;
        let lock: Arc<RwLock<dyn Display>> = Arc::new(RwLock::new('x'));
        let shown = format!("{} {}", lock.read().await, lock.read_arc().await);
        (text, kept.to_string(), slice.lock().await[0], shown)
    });
    let expected = ("7".to_owned(), "7".to_owned(), 5, "x x".to_owned());
    assert_eq!(run.value, Some(expected));
}

#[test]
fn waits_for_locks_barriers_and_cells_are_named() {
    let mut replay = replay(run(async {
        let config = Arc::new(RwLock::named("config", 0));
        let start = Arc::new(Barrier::named("start", 2));
        let token = Arc::new(OnceCell::named("token"));
        let written = config.write().await;
        let tasks = [
            spawn({
                let config = Arc::clone(&config);
                async move { drop(config.read().await) }
            })
            .named("reads"),
            spawn({
                let start = Arc::clone(&start);
                async move { assert!(!start.wait().await.is_leader()) }
            })
            .named("starts"),
            spawn({
                let token = Arc::clone(&token);
                async move {
                    token
                        .get_or_init(|| async {
                            sleep(ms(20)).await;
                            1
                        })
                        .await;
                }
            })
            .named("makes"),
            spawn({
                let token = Arc::clone(&token);
                async move {
                    token.wait().await;
                }
            })
            .named("needs"),
        ];
        sleep(ms(10)).await;
        drop(written);
        assert!(start.wait().await.is_leader());
        for task in tasks {
            task.await;
        }
    }));
    let waits = waits(&mut replay, 5);
    assert!(waits[0].ends_with("timer due 0.010"), "{waits:?}");
    let writer = "rwlock config (written by #0";
    assert!(
        waits[1].starts_with(&format!("#1 reads: {writer}")),
        "{waits:?}"
    );
    assert_eq!(waits[2], "#2 starts: barrier start (1/2 arrived)");
    assert_eq!(waits[3], "#3 makes: timer due 0.020");
    assert_eq!(waits[4], "#4 needs: cell token");
}
