//! Archives that want to do harm, and the names in honest ones.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::path::EntryPath;
use rawzip::{CompressionMethod, ZipArchiveWriter};

/// A zip of members whose names are written as they are given.
fn zip(members: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, content) in members {
        let file = archive.new_file(EntryPath::verbatim(name.to_vec())).compression_method(CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().unwrap();
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::default()));
        writer.write_all(content).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

/// Sets a field of the `nth` record of the directory, `at` bytes behind its
/// beginning.
fn with_field(mut archive: Vec<u8>, nth: usize, at: usize, field: &[u8]) -> Vec<u8> {
    let starts: Vec<usize> = (0..archive.len() - 4).filter(|&at| &archive[at..at + 4] == b"PK\x01\x02").collect();
    archive[starts[nth] + at..][..field.len()].copy_from_slice(field);
    archive
}

const PAGE: &[u8] = "甲\u{200b}乙\n".as_bytes();

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
    command.args(args).args(["--select", "encoding", "--quiet"]);
    command.current_dir(folder).env("LANG", "en_US.UTF-8").env_remove("LC_ALL").stdin(Stdio::null());
    command.output().unwrap()
}

/// `fix` on a folder with one archive: the code and what it told.
fn fixed(archive: &[u8]) -> (tempfile::TempDir, Option<i32>, Vec<String>) {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("in")).unwrap();
    fs::write(root.path().join("in/a.zip"), archive).unwrap();
    fs::write(root.path().join("in/good.txt"), PAGE).unwrap();
    let output = run(root.path(), &["fix", "in", "--out-dir", "out"]);
    assert_eq!(fs::read_to_string(root.path().join("out/good.txt")).unwrap(), "甲乙\n");
    let told = String::from_utf8_lossy(&output.stderr).lines().map(str::to_owned).collect();
    (root, output.status.code(), told)
}

fn written(root: &tempfile::TempDir, name: &str) -> Option<String> {
    fs::read_to_string(root.path().join("out/a.zip").join(name)).ok()
}

#[test]
fn names_are_read_in_whatever_they_were_written() {
    let gbk = b"\xb5\xda\xd2\xbb\xb0\xe6/\xc2\xbd.txt";
    let dos = b"b\\c.txt";
    let members: [(&[u8], &[u8]); 7] = [
        (gbk, PAGE),
        ("二版.TXT".as_bytes(), PAGE),
        (dos, PAGE),
        (b"./d//e.txt", PAGE),
        (b"__MACOSX/._x.txt", PAGE),
        (b"scan.jpg", b"\xff\xd8"),
        (b".hidden.txt", PAGE),
    ];
    let (root, code, told) = fixed(&zip(&members));
    assert_eq!((code, told), (Some(0), Vec::new()));
    for name in ["第一版/陆.txt", "二版.TXT", "b/c.txt", "d/e.txt"] {
        assert_eq!(written(&root, name).as_deref(), Some("甲乙\n"), "{name}");
    }
    assert_eq!(fs::read_dir(root.path().join("out/a.zip")).unwrap().count(), 4);
}

#[test]
fn a_name_that_leads_elsewhere_is_one_error() {
    let members: [(&[u8], &[u8]); 6] = [
        (b"../up.txt", PAGE),
        (b"/outside.txt", PAGE),
        (b"C:\\x.txt", PAGE),
        (b"a\x1b[31m.txt", PAGE),
        (b"\xff\xff.txt", PAGE),
        (b"fine.txt", PAGE),
    ];
    let (root, code, told) = fixed(&zip(&members));
    assert_eq!((code, told.len()), (Some(2), 5), "{told:?}");
    assert_eq!(told.iter().filter(|line| line.contains("leads out of the archive")).count(), 4, "{told:?}");
    assert!(told.iter().all(|line| !line.contains('\x1b')) && told.iter().any(|line| line.contains("neither UTF-8 nor GBK")), "{told:?}");
    assert_eq!(written(&root, "fine.txt").as_deref(), Some("甲乙\n"));
    assert!(!root.path().join("out/up.txt").exists() && !root.path().join("up.txt").exists());
}

#[test]
fn of_a_name_that_stands_twice_the_first_is_read() {
    let (root, code, told) = fixed(&zip(&[(b"x.txt", PAGE), (b"x.txt", b"other"), (b"d/../x.txt", b"third"), (b"x.txt/y.txt", PAGE)]));
    assert_eq!((code, told.len()), (Some(2), 3), "{told:?}");
    assert!(told.iter().any(|line| line.contains("in/a.zip/x.txt: this path stands in the archive more than once")), "{told:?}");
    assert_eq!(written(&root, "x.txt").as_deref(), Some("甲乙\n"));
}

#[test]
fn what_cannot_be_unpacked_is_one_error_each() {
    let names: [&[u8]; 6] = [b"crypt.txt", b"lzma.txt", b"huge.txt", b"liar.txt", b"sum.txt", b"fine.txt"];
    let members: Vec<(&[u8], &[u8])> = names.iter().map(|&name| (name, PAGE)).collect();
    // Flags, method, size unpacked, checksum stand at 8, 10, 24 and 16.
    let mut archive = zip(&members);
    archive = with_field(archive, 0, 8, &[1, 0]);
    archive = with_field(archive, 1, 10, &[14, 0]);
    archive = with_field(archive, 2, 24, &0x7fff_ffff_u32.to_le_bytes());
    archive = with_field(archive, 3, 24, &3_u32.to_le_bytes());
    archive = with_field(archive, 4, 16, &[1, 2, 3, 4]);
    let (root, code, told) = fixed(&archive);
    assert_eq!((code, told.len()), (Some(2), 5), "{told:?}");
    for (name, what) in [
        ("crypt", "encrypted"),
        ("lzma", "packed with the method"),
        ("huge", "more than 1 GiB unpacked"),
        ("liar", "not what the archive says"),
        ("sum", "damaged"),
    ] {
        let of_it = told.iter().find(|line| line.contains(&format!("in/a.zip/{name}.txt:")));
        assert!(of_it.is_some_and(|line| line.contains(what)), "{name}: {told:?}");
    }
    assert_eq!(written(&root, "fine.txt").as_deref(), Some("甲乙\n"));
}

#[test]
fn members_that_share_their_bytes_are_refused() {
    let content = vec![b'x'; 100_000];
    let members: Vec<(&[u8], &[u8])> = [b"a.txt", b"b.txt", b"c.txt"].iter().map(|name| (&name[..], &content[..])).collect();
    // Each says that it is as large as half of the archive.
    let mut archive = zip(&members);
    let half = u32::try_from(archive.len() / 2).unwrap().to_le_bytes();
    for nth in 0..3 {
        archive = with_field(archive, nth, 20, &half);
    }
    let (root, code, told) = fixed(&archive);
    assert_eq!((code, told.len()), (Some(2), 1), "{told:?}");
    assert!(told[0].contains("in/a.zip: the members of this archive overlap"), "{told:?}");
    assert!(!root.path().join("out/a.zip").exists());
}

#[test]
fn what_is_no_archive_or_cut_is_one_error() {
    let whole = zip(&[(b"a.txt", PAGE), (b"b.txt", PAGE)]);
    for bytes in [&b""[..], b"no zip", &whole[..whole.len() - 30], &whole[..40]] {
        let (_, code, told) = fixed(bytes);
        assert_eq!((code, told.len()), (Some(2), 1), "{told:?}");
        assert!(told[0].contains("in/a.zip: this is no whole zip file"), "{told:?}");
    }
    // The directory breaks off behind the first member.
    let (root, code, told) = fixed(&with_field(whole.clone(), 1, 0, b"XX"));
    assert_eq!((code, told.len()), (Some(2), 1), "{told:?}");
    assert_eq!(written(&root, "a.txt").as_deref(), Some("甲乙\n"));
    // Any byte may be wrong: some errors at most.
    let root = tempfile::tempdir().unwrap();
    for at in 0..whole.len() {
        let mut broken = whole.clone();
        broken[at] ^= 0x41;
        fs::write(root.path().join(format!("{at}.zip")), broken).unwrap();
    }
    let output = run(root.path(), &["check", "."]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(!errors.contains("panicked") && !errors.contains("internal error"), "{errors}");
}

#[test]
fn an_archive_is_never_written_to() {
    let root = tempfile::tempdir().unwrap();
    let archive = zip(&[(b"a.txt", PAGE)]);
    fs::write(root.path().join("a.zip"), &archive).unwrap();
    for (args, error) in [
        (&["fix", "a.zip", "--write"][..], "cannot be changed in place"),
        (&["fix", "a.zip", "--out-dir", "."], "would overwrite an input"),
    ] {
        let output = run(root.path(), args);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(error), "{output:?}");
        assert_eq!(fs::read(root.path().join("a.zip")).unwrap(), archive);
    }
}

#[test]
fn records_stream_out_of_an_archive_and_what_is_packed_twice_is_unpacked() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(PAGE).unwrap();
    let root = tempfile::tempdir().unwrap();
    let archive = zip(&[(b"d/dump.jsonl", "{\"t\":\"甲\u{200b}乙\"}\n".as_bytes()), (b"a.txt.gz", &packed.finish().unwrap())]);
    fs::write(root.path().join("a.zip"), &archive).unwrap();
    let output = run(root.path(), &["fix", "a.zip", "--out-dir", "out", "--text-column", "t"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(written(&root, "d/dump.jsonl").as_deref(), Some("{\"t\":\"甲乙\"}\n"));
    assert_eq!(written(&root, "a.txt").as_deref(), Some("甲乙\n"));
}
