//! `loopscope cast`: plays a run into an asciicast file.

use std::time::Duration;

use loopscope::tui::render::write_cast;

use super::{
    args::{CastCommand, DisplayArgs},
    output::{CliError, CliResult},
    render::{prepare_model, type_in, write_output},
};

pub(crate) fn cast(args: &CastCommand, display: &DisplayArgs) -> CliResult {
    let (mut model, title) = prepare_model(&args.picture, None, display, true)?;
    type_in(&mut model, &args.picture);
    let mut file = Vec::new();
    let longest = Duration::from_secs_f64(args.length);
    write_cast(&mut model, &title, longest, &mut file).map_err(CliError::new)?;
    write_output(args.output.as_ref(), &file)
}
