//! Checks that each colour of the screen can be read on its background, and that the colours of the
//! states can be told apart.

use crate::{
    replay::Status,
    tui::theme::{Background, Palette, Theme},
};

use super::svg::hex;

/// The share of the full light that each part of a colour gives.
fn linear(rgb: u32) -> [f64; 3] {
    let [_, parts @ ..] = rgb.to_be_bytes();
    parts.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn product(matrix: [[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
}

/// The contrast of two colours as WCAG 2 defines it: 1 to 21.
fn contrast(a: u32, b: u32) -> f64 {
    let light = |rgb| product([[0.2126, 0.7152, 0.0722]; 3], linear(rgb))[0] + 0.05;
    let (a, b) = (light(a), light(b));
    a.max(b) / a.min(b)
}

/// The place of a colour in the CIE L*a*b* space, as it is seen through a matrix that simulates a
/// form of colour blindness.
fn seen(rgb: u32, through: [[f64; 3]; 3]) -> [f64; 3] {
    let light = product(through, linear(rgb)).map(|part| part.clamp(0.0, 1.0));
    let xyz = product(
        [
            [0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505],
            [0.2126, 0.7152, 0.0722],
            [0.0193 / 1.0888, 0.1192 / 1.0888, 0.9505 / 1.0888],
        ],
        light,
    );
    let [x, y, z] = xyz.map(|part| {
        if part > 0.008_856 {
            part.cbrt()
        } else {
            7.787 * part + 16.0 / 116.0
        }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn number(colour: &str) -> u32 {
    u32::from_str_radix(colour.trim_start_matches('#'), 16).unwrap()
}

/// The colours of the states of a theme; `None` for one that is drawn in the default colour.
fn states(theme: Theme) -> [Option<u32>; 5] {
    [
        Status::Running,
        Status::Ready,
        Status::Timer,
        Status::Pending,
        Status::Failed,
    ]
    .map(|status| Some(number(&hex(theme.state(status).fg?)?)))
}

fn themes() -> impl Iterator<Item = Theme> {
    [Background::Dark, Background::Light]
        .into_iter()
        .flat_map(|background| {
            [Palette::TrueColor, Palette::TwoFiftySix].map(|palette| Theme {
                palette,
                background,
                ascii: false,
            })
        })
}

#[test]
fn every_text_can_be_read_on_its_background() {
    for theme in themes() {
        let (letters, ground) = theme.background.terminal_colours();
        let ground = number(ground);
        let others = [theme.dim(), theme.border(), theme.literal()];
        let others = others.map(|style| style.fg.and_then(hex).map(|colour| number(&colour)));
        let unknown = theme.state(Status::Unknown).fg.and_then(hex);
        let colours = states(theme).into_iter().chain(others);
        let colours = colours
            .flatten()
            .chain(unknown.map(|colour| number(&colour)));
        for colour in colours.chain([number(letters)]) {
            let contrast = contrast(colour, ground);
            assert!(contrast >= 4.5, "#{colour:06x} {contrast} {theme:?}");
        }
    }
}

#[test]
fn the_colour_blind_can_tell_states_apart() {
    // Normal sight, and the three forms of dichromacy after Machado and others, 2009.
    let sights = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [
            [0.1523, 1.0526, -0.2049],
            [0.1145, 0.7863, 0.0992],
            [-0.0039, -0.0481, 1.052],
        ],
        [
            [0.3673, 0.8606, -0.228],
            [0.2801, 0.6725, 0.0474],
            [-0.0118, 0.0429, 0.9689],
        ],
        [
            [1.2555, -0.0767, -0.1788],
            [-0.0784, 0.9308, 0.1476],
            [0.0047, 0.6914, 0.3039],
        ],
    ];
    for theme in themes().filter(|theme| theme.palette == Palette::TrueColor) {
        let colours: Vec<u32> = states(theme).into_iter().flatten().collect();
        for (at, &a) in colours.iter().enumerate() {
            for &b in &colours[..at] {
                for sight in sights {
                    let pairs = seen(a, sight).into_iter().zip(seen(b, sight));
                    let distance = pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                    assert!(distance >= 20.0, "#{a:06x} #{b:06x}: {distance} {theme:?}");
                }
            }
        }
    }
}

#[test]
fn pending_is_not_blue() {
    for theme in themes() {
        let [.., pending, _] = states(theme);
        let [_, red, green, blue] = pending.unwrap().to_be_bytes();
        assert!(blue < green && blue <= red.max(green), "{theme:?}");
    }
}
