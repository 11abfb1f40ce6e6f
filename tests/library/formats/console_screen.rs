//! The screen of an imported run.

use loopscope::{
    replay::Replay,
    tui::{Message, Model, PaneSlot, render, theme::Theme, update},
};

use super::console::{ONE_THREAD, opened};

fn screen(mut replay: Replay, keys: &str) -> String {
    replay.log(); // as it was read
    replay.seek(loopscope::trace::Position(0));
    let mut model = Model::new(Theme::default(), Vec::new());
    drop(update(&mut model, Message::Resize(120, 40)));
    let launched = Message::Launched {
        slot: PaneSlot::Only,
        result: Ok(Box::new(replay)),
        status: None,
    };
    drop(update(&mut model, launched));
    render::type_keys(&mut model, keys);
    render::render(&model, render::PictureFormat::Text, "")
}

#[test]
fn the_screen_says_what_is_not_recorded() {
    let (replay, _) = opened(ONE_THREAD);
    let text = screen(replay, ":40\n");
    insta::with_settings!({ snapshot_path => "../snapshots" , prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("console_120x40", text);
    });
}
