//! Archives: a `.zip` is read like a folder, each member a file of its own.
//! What a zip says of itself is not believed: names lead nowhere but below the
//! archive's own, sizes are checked while unpacking.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use rawzip::extra_fields::ExtraFieldId;
use rawzip::{
    CompressionMethod, ErrorKind, FileReader, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, RangeReader, ZipArchive, ZipArchiveEntryWayfinder,
    ZipFileHeaderRecord, ZipVerification,
};

use super::exit::io_message;
use super::unpack::{self, MAX_UNPACKED};
use crate::encoding::{Encoding, decode};
use crate::finding::Message;

/// True for a name that ends in `.zip`.
pub(super) fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

/// Where a member lies in its archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    place: ZipArchiveEntryWayfinder,
    is_stored: bool,
    /// How it is packed besides, as its name says.
    packing: &'static str,
}

/// A file in an archive.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its path below the archive.
    pub(super) path: PathBuf,
    /// Where it lies, or why it cannot be read.
    pub(super) member: Result<Member, Refusal>,
}

/// Why a member cannot be read.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Its name leads elsewhere: told whatever kind of file it is.
    Name(Message),
    /// Told when somebody wants to read it.
    Content(Message),
}

/// The files in an archive, hidden ones left out, and what went wrong behind
/// the last of them.
///
/// # Errors
/// When it is no archive, or one that blows up.
pub(super) fn entries(path: &Path) -> Result<(Vec<Entry>, Option<Message>), Message> {
    let file = File::open(path).map_err(|error| io_message("", &error))?;
    let n_bytes = file.metadata().map_err(|error| io_message("", &error))?.len();
    let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(|error| damaged(&error))?;
    let (mut found, mut names, mut n_packed) = (Vec::new(), Names::default(), 0_u64);
    let mut records = archive.entries(&mut buffer);
    let broken = loop {
        match records.next_entry() {
            Ok(Some(record)) => {
                n_packed = n_packed.saturating_add(record.compressed_size_hint());
                found.extend(entry(&record, &mut names));
            }
            Ok(None) => break None,
            Err(error) => break Some(damaged(&error)),
        }
    };
    // Members that share their bytes are how a small file becomes a huge one.
    if n_packed > n_bytes {
        return Err(Message::new(
            "压缩包内各文件的数据互相重叠，是解压炸弹，未读",
            "the members of this archive overlap, so that it unpacks to far more than it holds; it was not read",
        ));
    }
    Ok((found, broken))
}

/// The paths that are taken. Two members with one place would be written in
/// whatever order the threads come to them.
#[derive(Default)]
struct Names {
    files: BTreeSet<PathBuf>,
    folders: BTreeSet<PathBuf>,
}

impl Names {
    fn take(&mut self, path: PathBuf) -> bool {
        let mut folders = path.ancestors().skip(1);
        if self.folders.contains(&path) || folders.any(|folder| self.files.contains(folder)) || self.files.contains(&path) {
            return false;
        }
        self.folders.extend(path.ancestors().skip(1).map(Path::to_owned));
        self.files.insert(path)
    }
}

/// `None` for folders, links and hidden files, which a folder's walk leaves out
/// as well.
fn entry(record: &ZipFileHeaderRecord<'_>, names: &mut Names) -> Option<Entry> {
    let refused = |name: String, zh: &str, en: &str| {
        Some(Entry { path: PathBuf::from(printable(&name)), member: Err(Refusal::Name(Message::new(zh, en))) })
    };
    let Some(name) = name(record) else {
        let lossy = String::from_utf8_lossy(record.file_path().as_bytes()).into_owned();
        return refused(
            lossy,
            "压缩包内的文件名既不是 UTF-8，也不是 GBK，未读；请换个工具重新压缩",
            "the name of this member is neither UTF-8 nor GBK; it was not read. Pack it again with another tool",
        );
    };
    // Windows programs of old wrote their own separator.
    let name = name.replace('\\', "/");
    if name.ends_with('/') || record.is_dir() || record.mode().is_symlink() {
        return None;
    }
    let is_drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with('/') || is_drive || name.split('/').any(|part| part == "..") || name.chars().any(char::is_control) {
        return refused(
            name,
            "压缩包内的路径指向压缩包之外（绝对路径、.. 或控制字符），未读",
            "the path of this member leads out of the archive (absolute, .. or control characters); it was not read",
        );
    }
    let path: PathBuf = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let is_hidden = path.iter().any(|part| part.as_encoded_bytes().starts_with(b".") || part == "__MACOSX");
    if is_hidden || path.as_os_str().is_empty() {
        return None;
    }
    if !names.take(unpack::inner_name(&path)) {
        return refused(
            name,
            "压缩包内此路径出现不止一次（或既是文件又是文件夹），只读第一个",
            "this path stands in the archive more than once, or as a file and a folder; only the first one is read",
        );
    }
    let member = member(record, &path).map_err(Refusal::Content);
    Some(Entry { path, member })
}

/// Nothing of a name can steer a terminal.
fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn member(record: &ZipFileHeaderRecord<'_>, path: &Path) -> Result<Member, Message> {
    let flags = record.flags();
    if flags.is_encrypted() || flags.is_masked() {
        return Err(Message::new("压缩包内此文件有密码，未读；请先解开", "this member is encrypted; it was not read. Unpack it first"));
    }
    let method = record.compression_method();
    if ![CompressionMethod::STORE, CompressionMethod::DEFLATE].contains(&method) {
        return Err(Message::new(
            format!("压缩方法 {method} 不能读；请先解开，或用 deflate 重新压缩"),
            format!("packed with the method {method}, which is not read. Unpack it first, or pack it again with deflate"),
        ));
    }
    let packing = unpack::packing(path).unwrap_or_default();
    Ok(Member { place: record.wayfinder(), is_stored: method == CompressionMethod::STORE, packing })
}

/// The name as Unicode. Without the flag for UTF-8 nothing says what it is:
/// Windows in China writes GBK, other systems UTF-8.
fn name(record: &ZipFileHeaderRecord<'_>) -> Option<String> {
    let path = record.file_path();
    let bytes = path.as_bytes();
    let by_extra = record.extra_fields().find(|(id, _)| *id == ExtraFieldId::INFO_ZIP_UNICODE_PATH).and_then(|(_, data)| {
        // A version, the checksum of the plain name, the name.
        let (head, name) = data.split_at_checked(5)?;
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        let fits = head[0] == 1 && head[1..] == sum.sum().to_le_bytes();
        std::str::from_utf8(name).ok().filter(|_| fits)
    });
    let utf8 = by_extra.or_else(|| std::str::from_utf8(bytes).ok());
    if record.flags().is_utf8() || by_extra.is_some() {
        return utf8.map(str::to_owned);
    }
    // Two bytes of GBK now and then are UTF-8 of a Latin or Greek letter, but
    // hardly ever of anything beyond.
    let is_sure = |name: &str| name.is_ascii() || name.chars().any(|c| c >= '\u{800}');
    if let Some(name) = utf8.filter(|name| is_sure(name)) {
        return Some(name.to_owned());
    }
    let gbk = decode(bytes, Some(Encoding::Gb18030));
    if gbk.undecodable.is_empty() { Some(gbk.text) } else { utf8.map(str::to_owned) }
}

impl Member {
    /// The bytes of the member as they unpack.
    ///
    /// # Errors
    /// When the archive cannot be read; while reading, when the content is not
    /// what the archive says it is.
    pub(super) fn open(&self, archive: &Path) -> io::Result<Box<dyn Read>> {
        let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        let archive = ZipArchive::from_file(File::open(archive)?, &mut buffer).map_err(io::Error::other)?;
        let entry = archive.get_entry(self.place).map_err(io::Error::other)?;
        let (start, end) = entry.compressed_data_range();
        let claimed = entry.reader().claim_verifier();
        let packed: RangeReader<FileReader> = RangeReader::new(archive.into_inner(), start..end);
        let unpacked: Box<dyn Read> =
            if self.is_stored { Box::new(packed) } else { Box::new(DeflateDecoder::new(BufReader::with_capacity(1 << 16, packed))) };
        let checked = Checked { inner: CrcReader::new(unpacked), n_bytes: 0, claimed };
        unpack::unpack(checked, &Path::new("member").with_extension(self.packing)).map(|(reader, _)| reader)
    }

    /// The whole member.
    ///
    /// # Errors
    /// When it cannot be read, is damaged or too large.
    pub(super) fn read(&self, archive: &Path) -> Result<Vec<u8>, Message> {
        // Content that goes beyond the size it was given ends there.
        if self.place.uncompressed_size_hint() > MAX_UNPACKED {
            return Err(Message::new("解开后超过 1 GiB，未读", "more than 1 GiB unpacked; it was not read"));
        }
        self.open(archive).and_then(unpack::all).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => io_message("", &error),
            _ => Message::new(
                format!("压缩包内此文件已损坏，或与目录所记不符（{error}）"),
                format!("this member of the archive is damaged, or not what the archive says ({error})"),
            ),
        })
    }
}

/// A member named in a report as `path/ARCHIVE.zip/MEMBER`, below `root`: the
/// archive, and what follows it in the name.
pub(super) fn split_name<'n>(root: &Path, name: &'n str) -> Option<(PathBuf, &'n str)> {
    name.match_indices('/').find_map(|(at, _)| {
        let archive = root.join(&name[..at]);
        (is_archive(&archive) && archive.is_file()).then(|| (archive, &name[at + 1..]))
    })
}

/// The member at `path` of an archive, whose name leaves out what says that it
/// is packed.
///
/// # Errors
/// When there is none, or it cannot be read.
pub(super) fn read_named(archive: &Path, path: &str) -> Result<Vec<u8>, Message> {
    let (entries, _) = entries(archive)?;
    let entry = entries.into_iter().find(|entry| unpack::inner_name(&entry.path) == Path::new(path));
    match entry {
        Some(Entry { member: Ok(member), .. }) => member.read(archive),
        Some(Entry { member: Err(Refusal::Name(message) | Refusal::Content(message)), .. }) => Err(message),
        None => Err(io_message("", &io::ErrorKind::NotFound.into())),
    }
}

/// Ends in an error when content is not what was claimed of it.
struct Checked<R> {
    inner: CrcReader<R>,
    n_bytes: u64,
    claimed: ZipVerification,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.n_bytes += n as u64;
        if n == 0 && !buffer.is_empty() || self.n_bytes > self.claimed.uncompressed_size {
            let found = ZipVerification { crc: self.inner.crc().sum(), uncompressed_size: self.n_bytes };
            self.claimed.valid(found).map_err(io::Error::other)?;
        }
        Ok(n)
    }
}

fn damaged(error: &rawzip::Error) -> Message {
    match error.kind() {
        ErrorKind::IO(error) => io_message("", error),
        ErrorKind::MissingEndOfCentralDirectory | ErrorKind::InvalidEndOfCentralDirectory => Message::new(
            "不是完整的 zip：文件末尾的目录缺失或有误，可能没有传完，请重新取得",
            "this is no whole zip file: the directory at its end is missing or wrong. It may have been cut short; get it again",
        ),
        _ => Message::new(
            format!("zip 的目录已损坏（{error}）；请重新压缩"),
            format!("the directory of this zip file is damaged ({error}); pack it again"),
        ),
    }
}
