//! `models/glyphs.bin`: how alike any two characters look in print.
//!
//! Every character is drawn in several typefaces, its gray values and edges are
//! averaged over them and joined with what Unihan says of its makeup; the
//! widest directions of all that are the descriptor.

mod charset;
mod commonness;
mod features;
mod project;
mod ranks;
mod raster;
pub mod unihan;

use std::path::PathBuf;

use jiaokan::model::channel::{DIMENSIONS, Glyph, Glyphs};
use rayon::prelude::*;

use crate::Failure;
use features::Features;
use project::Cloud;
use raster::Face;

pub use ranks::{Arguments as RanksArguments, run as ranks};

/// Weights of the blocks of features, as shares of the mean squared distance.
/// Chosen on the confusions of `bench/dev` by `xtask glyph-ranks`.
const GRAY: f64 = 0.7;
const EDGES: f64 = 1.0;
const CORNERS: f64 = 0.2;
const RADICAL: f64 = 0.2;
const STROKES: f64 = 0.05;

/// The largest number of a descriptor. Finer steps find no more confusions and
/// cost bytes; more directions in coarser steps are worth more than fewer in
/// finer ones.
const GREATEST: f32 = 20.0;

#[derive(clap::Args)]
pub struct Arguments {
    /// Typefaces, `FILE` or `FILE#INDEX` for one of a collection.
    #[arg(long, required = true, num_args = 1..)]
    face: Vec<String>,
    /// Folder of Debian's package unicode-data.
    #[arg(long, default_value = "/usr/share/unicode")]
    unicode_data: PathBuf,
    /// Clean texts, plain or `.zst`, in which characters are counted; each file
    /// weighs the same.
    #[arg(long, required = true, num_args = 1..)]
    text: Vec<PathBuf>,
    /// The table to write.
    #[arg(long, short, default_value = "models/glyphs.bin")]
    out: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut chars = charset::characters(&arguments.unicode_data)?;
    let faces: Vec<Face> = arguments.face.iter().map(|face| Face::open(face)).collect::<Result<_, _>>()?;
    let features = Features::new();
    let measured: Vec<Option<(Vec<f32>, Vec<f32>)>> = chars.par_iter().map(|&c| measure(c, &faces, &features)).collect();
    let mut shown = measured.iter().map(Option::is_some);
    chars.retain(|_| shown.next() == Some(true));
    let (gray, edges): (Vec<_>, Vec<_>) = measured.into_iter().flatten().unzip();
    let makeup = unihan::Makeup::of(&chars, &arguments.unicode_data)?;

    let mut cloud = Cloud::new();
    for (block, weight) in
        [(&gray, GRAY), (&edges, EDGES), (&makeup.corners, CORNERS), (&makeup.radical, RADICAL), (&makeup.strokes, STROKES)]
    {
        cloud.add_block(block, weight);
    }
    let bits = commonness::bits(&chars, &arguments.text)?;
    let descriptors = quantized(cloud.project(DIMENSIONS));
    let glyph = |((&c, bits), descriptor)| Glyph { c, bits, descriptor };
    let table: Vec<Glyph> = chars.iter().zip(bits).zip(descriptors).map(glyph).collect();
    let (similarity, shift) = similarities(&table);
    let bytes = Glyphs::to_bytes(&table, similarity, shift);
    Glyphs::from_bytes(&bytes)?;
    std::fs::write(&arguments.out, &bytes)?;
    println!("{} characters from {} typefaces, {} bytes in {}", table.len(), faces.len(), bytes.len(), arguments.out.display());
    Ok(())
}

/// Gray values and edges of a character, averaged over the faces that have it;
/// `None` when none has.
fn measure(c: char, faces: &[Face], features: &Features) -> Option<(Vec<f32>, Vec<f32>)> {
    let pictures: Vec<raster::Picture> = faces.iter().filter_map(|face| face.draw(c)).collect();
    if pictures.is_empty() {
        return None;
    }
    let mean = |of: &dyn Fn(&raster::Picture) -> Vec<f32>| {
        let mut sums = of(&pictures[0]);
        for picture in &pictures[1..] {
            for (sum, value) in sums.iter_mut().zip(of(picture)) {
                *sum += value;
            }
        }
        sums.iter().map(|sum| sum / pictures.len() as f32).collect()
    };
    Some((mean(&|picture| features.gray(picture)), mean(&|picture| features.edges(picture))))
}

/// Descriptors in signed bytes. All are brought to one length first: otherwise
/// dense characters lie far from everything, and a faded one is like none.
fn quantized(mut points: Vec<Vec<f32>>) -> Vec<[i8; DIMENSIONS]> {
    for point in &mut points {
        let length = point.iter().map(|value| value * value).sum::<f32>().sqrt();
        for value in point.iter_mut() {
            *value /= length.max(f32::MIN_POSITIVE);
        }
    }
    let greatest = points.iter().flatten().fold(0.0_f32, |greatest, value| greatest.max(value.abs()));
    let step = greatest / GREATEST;
    points.iter().map(|point| std::array::from_fn(|at| (point[at] / step).round() as i8)).collect()
}

/// Similarity as a function of squared distance (see
/// [`Glyphs::similarity`]), and the number of bits by which distances are cut.
fn similarities(table: &[Glyph]) -> (impl Fn(u32) -> f32, u8) {
    let squared = |a: &[i8; DIMENSIONS], b: &[i8; DIMENSIONS]| -> u32 {
        a.iter().zip(b).map(|(a, b)| i32::from(*a).abs_diff(i32::from(*b)).pow(2)).sum()
    };
    let mut distances: Vec<u32> = table
        .par_iter()
        .enumerate()
        .flat_map_iter(|(at, one)| table[at + 1..].iter().map(move |other| squared(&one.descriptor, &other.descriptor)))
        .collect();
    distances.par_sort_unstable();
    let farthest = distances.last().copied().unwrap_or_default();
    let shift = (0..31).find(|shift| farthest >> shift < 4096).unwrap_or(31);
    let n_chars = table.len() as f32;
    let similarity = move |squared: u32| {
        // Each pair makes either of two characters a neighbor of the other.
        let n_nearer = 2.0 * distances.partition_point(|&distance| distance <= squared) as f32 / n_chars;
        1.0 - n_nearer.ln_1p() / n_chars.ln_1p()
    };
    (similarity, shift)
}
