//! Executors as parameters of `smol_macros::main!`, and of libraries.

use std::{process::Command, sync::Arc};

use loopscope::{
    Builder, Executor, future,
    insight::{Language, blocked_on, narrate, question},
    replay::Replay,
    trace::{Position, TaskId},
};

/// The program renames `smol` and `smol-macros` to this crate. No line of it is changed.
mod both_renamed {
    use std::{rc::Rc, sync::Arc};

    use loopscope as smol;
    use loopscope as smol_macros;
    use macro_rules_attribute::apply;

    #[apply(smol_macros::main!)]
    pub(super) async fn shared(ex: &Arc<smol::Executor<'static>>) -> u8 {
        let inner = Arc::clone(ex);
        ex.spawn(async move { inner.spawn(async { 1 }).await + 1 })
            .await
    }

    #[apply(smol_macros::main!)]
    pub(super) async fn owned(ex: Arc<smol::Executor<'static>>) -> u8 {
        ex.spawn(async { 3 }).await
    }

    #[apply(smol_macros::main!)]
    pub(super) async fn borrowed(ex: &smol::Executor<'_>) -> u8 {
        ex.spawn(async { 4 }).await
    }

    #[apply(smol_macros::main!)]
    pub(super) async fn local(ex: &smol::LocalExecutor<'_>) -> u8 {
        let value = Rc::new(5);
        ex.spawn(async move { *value }).await
    }

    #[apply(smol_macros::main!)]
    pub(super) async fn local_shared(ex: &Rc<smol::LocalExecutor<'static>>) -> u8 {
        ex.spawn(async { 6 }).await
    }

    #[apply(smol_macros::main!)]
    pub(super) async fn alone() -> u8 {
        smol::spawn(async { 7 }).await
    }

    #[apply(smol_macros::test!)]
    async fn a_test_gets_an_executor(ex: &smol::Executor<'_>) {
        assert_eq!(ex.spawn(async { 8 }).await, 8);
    }

    #[apply(smol_macros::test!)]
    async fn a_test_without_an_executor_runs() {
        smol::Timer::after(std::time::Duration::from_millis(1)).await;
    }
}

/// The program renames `smol` only.
mod smol_renamed {
    use loopscope as smol;
    use macro_rules_attribute::apply;

    #[apply(smol_macros::main!)]
    async fn borrowed(ex: &smol::Executor<'_>) -> u8 {
        ex.spawn(async { 1 }).await
    }

    #[apply(smol_macros::main!)]
    async fn local(ex: &smol::LocalExecutor<'_>) -> u8 {
        ex.spawn(async { 2 }).await
    }

    pub(super) fn run() -> (u8, u8) {
        (borrowed(), local())
    }
}

#[test]
fn executors_are_parameters_of_renamed_main() {
    assert_eq!(both_renamed::shared(), 2);
    assert_eq!(both_renamed::owned(), 3);
    assert_eq!(both_renamed::borrowed(), 4);
    assert_eq!(both_renamed::local(), 5);
    assert_eq!(both_renamed::local_shared(), 6);
    assert_eq!(both_renamed::alone(), 7);
}

#[test]
fn borrowed_executors_are_parameters_of_smol_macros_main() {
    assert_eq!(smol_renamed::run(), (1, 2));
}

#[test]
fn a_library_gets_the_executor_inside() {
    fn library(executor: &smol::Executor<'_>) -> smol::Task<u8> {
        executor.spawn(async { 9 })
    }
    let executor = Arc::new(Executor::new());
    let task = library(&executor);
    assert_eq!(loopscope::block_on(executor.run(task)), 9);

    let inner = smol::Executor::new();
    let task = library(&inner);
    let executor = Executor::from(inner);
    assert_eq!(loopscope::block_on(executor.run(task)), 9);
}

#[test]
fn a_panic_in_main_ends_the_threads_of_its_executor() {
    loopscope::main! {
        async fn panics(ex: &Executor<'_>) {
            ex.spawn(async {}).await;
            panic!("as intended");
        }
    }
    assert!(std::panic::catch_unwind(panics).is_err());
}

/// A run of three tasks that wait for each other: of an executor, or of the loop itself.
fn run_of_three(in_executor: bool) -> Replay {
    let run = Builder::new().record(true).run(async move {
        let executor = Executor::new();
        let three = async {
            let tasks: Vec<_> = (0..3)
                .map(|number| {
                    let work = async move {
                        future::yield_now().await;
                        number
                    };
                    if in_executor {
                        executor.spawn(work)
                    } else {
                        loopscope::spawn(work)
                    }
                })
                .collect();
            for task in tasks {
                task.await;
            }
        };
        executor.run(three).await;
    });
    Replay::new(run.log)
}

#[test]
fn tasks_of_an_executor_are_not_told_with_the_order_of_the_loop() {
    let mut replay = run_of_three(true);
    assert!(!replay.has_one_order());
    let claims = [
        "joins the back",
        "exactly",
        "it is next",
        "ahead of it",
        "first in READY",
    ];
    for event in 1..=replay.end().0 {
        replay.seek(Position(event));
        let mut told = narrate(&replay, Language::Rust).what;
        for task in (0..4).map(TaskId) {
            told.extend(
                blocked_on(&replay, task, Language::Rust)
                    .into_iter()
                    .map(|link| link.words),
            );
        }
        told.extend(question(&replay).map(|question| question.why));
        for claim in claims {
            assert!(!told.contains(claim), "event {event}: {told}");
        }
    }
    let mut replay = run_of_three(false);
    assert!(replay.has_one_order());
    let end = replay.end().0;
    assert!((1..=end).any(|event| {
        replay.seek(Position(event));
        narrate(&replay, Language::Rust)
            .what
            .contains("joins the back of READY")
    }));
}

#[test]
fn an_executor_under_a_foreign_block_on_is_said_not_to_be_recorded() {
    const CHILD: &str = "LOOPSCOPE_TEST_FOREIGN";
    if std::env::var_os(CHILD).is_some() {
        let executor = Executor::new();
        let task = executor.spawn(async { 7 });
        assert_eq!(smol::future::block_on(executor.run(task)), 7);
        return;
    }
    let said = |watch: &str| {
        let name =
            "threads::executors::an_executor_under_a_foreign_block_on_is_said_not_to_be_recorded";
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", name])
            .env(CHILD, "1")
            .env("LOOPSCOPE", watch)
            .output()
            .unwrap();
        assert!(child.status.success());
        String::from_utf8(child.stderr).unwrap()
    };
    let file = std::env::temp_dir().join(format!("foreign-{}.loopscope", std::process::id()));
    let words = said(&format!("record:{}", file.display()));
    assert_eq!(words.matches("is not recorded").count(), 1, "{words}");
    assert!(words.contains("Executor"), "{words}");
    assert_eq!(said("off"), "");
}
