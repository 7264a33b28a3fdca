//! What hides text on a page, and in which colours it is drawn.

use hayro::hayro_interpret::{DrawMode, Paint};
use hayro::kurbo::{BezPath, PathEl, Rect, Shape};

use crate::sight::Colour;

/// A shape that is thinner than this hides no text.
pub(super) const LEAST_SIDE: f64 = 3.0;
/// More lines or curves than this are a drawing.
const MOST_ELEMENTS: usize = 40;
/// A shape that fills so much of its box is a box.
const BOX_SHARE: f64 = 0.9;
/// Components of a colour that is mixed of a printer's inks.
const INKS: u8 = 4;
/// Alpha from which nothing shines through.
const OPAQUE: u8 = 250;

/// The box that a drawn path hides, in its own coordinates; `None` when it is no box.
pub(super) fn extent(path: &BezPath, mode: &DrawMode) -> Option<Rect> {
    let elements = path.elements();
    if elements.len() > MOST_ELEMENTS {
        return None;
    }
    match mode {
        DrawMode::Fill(_) | DrawMode::FillAndStroke(..) => {
            let extent = path.bounding_box();
            (path.area().abs() >= BOX_SHARE * extent.area()).then_some(extent)
        }
        // A thick line is a box.
        DrawMode::Stroke(line) => match elements {
            [PathEl::MoveTo(from), PathEl::LineTo(to), ..] if elements.len() <= 3 => {
                let half = f64::from(line.line_width) / 2.0;
                let across = match (to.x - from.x).abs() >= (to.y - from.y).abs() {
                    true => (0.0, half),
                    false => (half, 0.0),
                };
                let straight = (to.x - from.x).abs().min((to.y - from.y).abs()) < 1.0;
                straight.then(|| Rect::from_points(*from, *to).inflate(across.0, across.1))
            }
            _ => None,
        },
        DrawMode::Invisible => None,
    }
}

/// The colour of a paint; `None` for a pattern. Inks are taken for what they are on paper: only
/// colours of a page are compared with each other, and the profile by which a printer's inks are shown
/// takes longer to make ready than a page to read.
pub(super) fn colour(paint: &Paint<'_>) -> Option<Colour> {
    let Paint::Color(colour) = paint else {
        return None;
    };
    if let ([cyan, magenta, yellow, black], INKS) =
        (colour.components(), colour.color_space().num_components())
    {
        let light = |ink: &f32| (255.0 * (1.0 - ink) * (1.0 - black)).clamp(0.0, 255.0) as u8;
        return Some([cyan, magenta, yellow].map(light));
    }
    let [red, green, blue, _] = colour.to_rgba().to_rgba8();
    Some([red, green, blue])
}

/// Whether nothing shines through a paint.
pub(super) fn is_opaque(paint: &Paint<'_>) -> bool {
    match paint {
        Paint::Color(colour) => {
            let [.., alpha] = colour.to_rgba().to_rgba8();
            alpha >= OPAQUE
        }
        Paint::Pattern(_) => true,
    }
}
