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

/// The colour of a paint; `None` for a pattern.
pub(super) fn colour(paint: &Paint<'_>) -> Option<Colour> {
    with_alpha(paint).map(|[red, green, blue, _]| [red, green, blue])
}

/// Whether nothing shines through a paint.
pub(super) fn is_opaque(paint: &Paint<'_>) -> bool {
    with_alpha(paint).is_none_or(|[.., alpha]| alpha >= OPAQUE)
}

fn with_alpha(paint: &Paint<'_>) -> Option<[u8; 4]> {
    match paint {
        Paint::Color(colour) => Some(colour.to_rgba().to_rgba8()),
        Paint::Pattern(_) => None,
    }
}
