//! Packed files, read as what is inside of them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes of the largest packed text that is unpacked in memory.
pub(super) const MAX_UNPACKED: u64 = 1 << 30;

/// The name without what says that a file is packed.
pub(super) fn inner_name(path: &Path) -> PathBuf {
    if is_packed(path) { path.with_extension("") } else { path.to_owned() }
}

/// True for a name that ends in `.gz` or `.zst`.
pub(super) fn is_packed(path: &Path) -> bool {
    packing(path).is_some()
}

/// How a file is packed, by its name: `gz` or `zst`.
pub(super) fn packing(path: &Path) -> Option<&'static str> {
    let extension = path.extension()?;
    ["gz", "zst"].into_iter().find(|packed| extension.eq_ignore_ascii_case(packed))
}

/// The whole content of a file, unpacked.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !is_packed(path) {
        return std::fs::read(path);
    }
    let (unpacked, _) = unpack(File::open(path)?, path)?;
    all(unpacked)
}

/// All that unpacks, within bounds.
pub(super) fn all(unpacked: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    unpacked.take(MAX_UNPACKED + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_UNPACKED {
        return Err(io::Error::other("more than 1 GiB unpacked / 解开后超过 1 GiB"));
    }
    Ok(bytes)
}

/// What is inside, by the extension of the name, and the name without it.
pub(super) fn unpack<'a>(file: impl Read + 'a, path: &Path) -> io::Result<(Box<dyn Read + 'a>, PathBuf)> {
    let inner = path.with_extension("");
    let file = BufReader::with_capacity(1 << 18, file);
    match path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("zst") => Ok((Box::new(Zstd::new(file)?), inner)),
        Some("gz") => Ok((Box::new(flate2::read::MultiGzDecoder::new(file)), inner)),
        _ => Ok((Box::new(file), path.to_owned())),
    }
}

/// A `.zst` file, which may have several frames.
struct Zstd<R: BufRead> {
    decoder: Option<ruzstd::decoding::StreamingDecoder<R, ruzstd::decoding::FrameDecoder>>,
}

impl<R: BufRead> Zstd<R> {
    fn new(file: R) -> io::Result<Self> {
        Ok(Self { decoder: Some(ruzstd::decoding::StreamingDecoder::new(file).map_err(io::Error::other)?) })
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let n = decoder.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                return Ok(n);
            }
            let Some(ended) = self.decoder.take() else { break };
            let mut rest = ended.into_inner();
            if !rest.fill_buf()?.is_empty() {
                *self = Self::new(rest)?;
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn packed_files_are_read_as_what_is_inside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt.gz");
        let mut packed = flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
        packed.write_all("新桥".as_bytes()).unwrap();
        packed.finish().unwrap();
        assert_eq!(read(&path).unwrap(), "新桥".as_bytes());
        assert_eq!(inner_name(&path), folder.path().join("a.txt"));
        std::fs::write(&path, b"no gzip").unwrap();
        assert!(read(&path).is_err());
    }
}
