//! `loopscope cast`: a playback as an asciicast.

use std::time::Duration;

use loopscope::tui::render::write_cast;

use super::{
    Answer, Wrong,
    args::{Cast, Look},
    render::{hand_over, stage, type_in},
};

pub(crate) fn cast(args: &Cast, look: &Look) -> Answer {
    let (mut model, title) = stage(&args.picture, None, look, true)?;
    type_in(&mut model, &args.picture);
    let mut file = Vec::new();
    let longest = Duration::from_secs_f64(args.length);
    write_cast(&mut model, &title, longest, &mut file).map_err(Wrong::new)?;
    hand_over(args.output.as_ref(), &file)
}
