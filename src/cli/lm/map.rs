use std::fs::File;
use std::io;
use std::path::Path;

use memmap2::Mmap;

/// Maps a model file into memory.
pub(super) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: The bytes of a map change when another program writes to the
    // file meanwhile, and end when it cuts it. Models are written whole to a
    // new file that takes the place of the old one (see `build`), which leaves
    // a map of the old one as it was; whoever writes into a model that is in
    // use must expect wrong figures or the end of this program (SIGBUS). No
    // reference to the bytes is made that claims more than `[u8]`: every
    // lookup checks its bounds and every byte is valid as one.
    #[allow(unsafe_code)]
    unsafe {
        Mmap::map(&file)
    }
}
