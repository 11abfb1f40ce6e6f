//! Executors as parameters of `smol_macros::main!`, and of libraries.

use std::sync::Arc;

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
    let executor = Arc::new(loopscope::Executor::new());
    let task = library(&executor);
    assert_eq!(loopscope::block_on(executor.run(task)), 9);

    let inner = smol::Executor::new();
    let task = library(&inner);
    let executor = loopscope::Executor::from(inner);
    assert_eq!(loopscope::block_on(executor.run(task)), 9);
}

#[test]
fn a_panic_in_main_ends_the_threads_of_its_executor() {
    loopscope::main! {
        async fn panics(ex: &loopscope::Executor<'_>) {
            ex.spawn(async {}).await;
            panic!("as intended");
        }
    }
    assert!(std::panic::catch_unwind(panics).is_err());
}
