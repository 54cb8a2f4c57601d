//! Glyphs as small gray pictures.

use std::path::PathBuf;

use ab_glyph::{Font, FontVec, Glyph, GlyphId, PxScale, point};

use crate::Failure;

/// Side of a picture in pixels.
pub const SIDE: usize = 48;

/// Height in pixels of an average Han character, measured at its ink.
const HAN_HEIGHT: f32 = 40.0;

/// Frames that fill the square: what a typeface's size and center are taken
/// from.
const GAUGE: &str = "国圆固图园团围因困回田目自由申甲日曰口四西面酉册门间闻闭问间车事重里量果东本末未木米来";

/// A typeface, scaled and placed so that its Han characters lie as those of
/// the others.
pub struct Face {
    font: FontVec,
    /// Pixels per em.
    em: f32,
    /// Added to every place, in pixels.
    shift: (f32, f32),
}

/// Gray values 0 (paper) to 1 (ink), rows from the top.
pub type Picture = Vec<f32>;

impl Face {
    /// Reads `path#index`; without an index the first face of the file.
    pub fn open(given: &str) -> Result<Self, Failure> {
        let (path, index) = given.rsplit_once('#').map_or((given, "0"), |(path, index)| (path, index));
        let path = PathBuf::from(path);
        let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let font = FontVec::try_from_vec_and_index(bytes, index.parse()?)?;
        let mut face = Self { font, em: SIDE as f32, shift: (0.0, 0.0) };
        let boxes: Vec<_> = GAUGE.chars().filter_map(|c| Some(face.font.outline_glyph(face.glyph(c)?)?.px_bounds())).collect();
        if boxes.is_empty() {
            return Err(format!("{given}: the typeface has no Chinese characters").into());
        }
        let mean = |value: &dyn Fn(&ab_glyph::Rect) -> f32| boxes.iter().map(value).sum::<f32>() / boxes.len() as f32;
        let factor = HAN_HEIGHT / mean(&|ink| ink.height());
        let center = SIDE as f32 / 2.0;
        face.em *= factor;
        face.shift.1 = center - mean(&|ink| f32::midpoint(ink.min.y, ink.max.y)) * factor;
        Ok(face)
    }

    /// The glyph of a character, its advance centered on the picture.
    fn glyph(&self, c: char) -> Option<Glyph> {
        let id = self.font.glyph_id(c);
        if id == GlyphId(0) {
            return None;
        }
        let units = self.font.units_per_em()?;
        let advance = self.font.h_advance_unscaled(id) / units * self.em;
        // ab_glyph's scale is the height of a line, not of an em.
        let scale = PxScale::from(self.em * self.font.height_unscaled() / units);
        Some(id.with_scale_and_position(scale, point((SIDE as f32 - advance) / 2.0 + self.shift.0, self.shift.1)))
    }

    /// The picture of a character; `None` when the face lacks it or shows
    /// nothing.
    pub fn draw(&self, c: char) -> Option<Picture> {
        let outline = self.font.outline_glyph(self.glyph(c)?)?;
        let ink = outline.px_bounds();
        let (left, top) = (ink.min.x as i32, ink.min.y as i32);
        let mut picture = vec![0.0; SIDE * SIDE];
        outline.draw(|x, y, coverage| {
            let (x, y) = (left + x.cast_signed(), top + y.cast_signed());
            let inside = |at: i32| usize::try_from(at).ok().filter(|&at| at < SIDE);
            if let (Some(x), Some(y)) = (inside(x), inside(y)) {
                let pixel: &mut f32 = &mut picture[y * SIDE + x];
                *pixel = coverage.max(*pixel).min(1.0);
            }
        });
        picture.iter().any(|&value| value > 0.5).then_some(picture)
    }
}
