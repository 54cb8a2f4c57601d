//! `models/glyphs.bin`: how alike any two characters look in print.

mod charset;
mod raster;
mod unihan;

use std::path::PathBuf;

use rayon::prelude::*;

use crate::Failure;

#[derive(clap::Args)]
pub struct Arguments {
    /// Typefaces, `FILE` or `FILE#INDEX` for one of a collection.
    #[arg(long, required = true, num_args = 1..)]
    face: Vec<String>,
    /// Folder of Debian's package unicode-data.
    #[arg(long, default_value = "/usr/share/unicode")]
    unicode_data: PathBuf,
    /// The table to write.
    #[arg(long, short, default_value = "models/glyphs.bin")]
    out: PathBuf,
    #[arg(long)]
    dump: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let chars = charset::characters(&arguments.unicode_data)?;
    println!("{} characters", chars.len());
    if let Some(dump) = &arguments.dump {
        std::fs::write(dump.join("chars.txt"), chars.iter().collect::<String>())?;
        for (i, f) in arguments.face.iter().enumerate() {
            let face = raster::Face::open(f)?;
            let pics: Vec<Option<raster::Picture>> = chars.par_iter().map(|&c| face.draw(c)).collect();
            println!("{} has {}", face.name, pics.iter().flatten().count());
            let mut bytes = Vec::new();
            for p in pics {
                match p {
                    Some(p) => bytes.extend(p.iter().map(|v| (v * 255.0).round() as u8)),
                    None => bytes.extend(vec![0; raster::SIDE * raster::SIDE]),
                }
            }
            std::fs::write(dump.join(format!("face{i}.bin")), bytes)?;
        }
    }
    Ok(())
}
