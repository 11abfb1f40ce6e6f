//! What it costs a program of one's own to have `loopscope` in place of `smol`, and nobody looking.

use loopscope::{Builder, Watch};

use crate::{
    echo,
    measure::{figure, is_asked, paired},
    work::{on_ours, on_smol, smol},
};

/// How many pairs each figure is the median of.
const PAIRS: usize = 9;

pub(crate) fn off() {
    let ratio = |name: &str, ours: &dyn Fn(), peer: &dyn Fn()| {
        if is_asked(name) {
            figure(name, paired(PAIRS, ours, peer).ratio, "ratio");
        }
    };
    ratio("own.off.yield", &|| run(on_ours::yields()), &|| {
        smol(on_smol::yields);
    });
    ratio("own.off.spawn", &|| run(on_ours::spawns()), &|| {
        smol(on_smol::spawns);
    });
    ratio("own.off.pingpong", &|| run(on_ours::ping_pong()), &|| {
        smol(on_smol::ping_pong);
    });
    ratio("own.off.timers", &|| run(on_ours::sleeps()), &|| {
        smol(on_smol::sleeps);
    });
    ratio("own.off.echo", &|| run(echo::on_ours()), &|| {
        smol(echo::on_smol);
    });
}

fn run(future: impl Future<Output = ()>) {
    Builder::new().watch(Watch::Off).block_on(future);
}
