//! Pages with boxes at the desk: read as `check` reads them, shown beside their
//! picture, written in their own format.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::{Desk, check, jiaokan};

const LINES: [&str; 3] = ["第三场演出在城南大街八号", "今天2月30日开始。", "观众可在门口买票入场。"];

fn hocr() -> String {
    let line = |nth: usize, text: &str| {
        let top = 40 + 60 * nth;
        let word = |from: usize, part: &str| {
            let (left, right) = (40 + 30 * from, 40 + 30 * (from + part.chars().count()));
            format!("<span class='ocrx_word' title='bbox {left} {top} {right} {}; x_wconf 90'>{part}</span>", top + 40)
        };
        let (head, tail) = text.split_at(text.char_indices().nth(2).unwrap().0);
        format!("<span class='ocr_line' title='bbox 40 {top} 700 {}'>{}{}</span>\n", top + 40, word(0, head), word(2, tail))
    };
    let lines: String = LINES.iter().enumerate().map(|(nth, text)| line(nth, text)).collect();
    format!(
        "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>页</title></head><body><div class='ocr_page' title='image \"scans/一版.png\"; bbox 0 0 800 400'>\n{lines}</div></body></html>\n"
    )
}

fn alto() -> String {
    let line = |nth: usize, text: &str| {
        let place = format!("HPOS=\"40\" VPOS=\"{}\" WIDTH=\"660\" HEIGHT=\"40\"", 40 + 60 * nth);
        format!("<TextLine {place}><String {place} CONTENT=\"{text}\"/></TextLine>\n")
    };
    let lines: String = LINES.iter().enumerate().map(|(nth, text)| line(nth, &text.replace("城南", "城北"))).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alto xmlns=\"http://www.loc.gov/standards/alto/ns-v4#\"><Layout><Page WIDTH=\"800\" HEIGHT=\"400\"><PrintSpace><TextBlock>\n{lines}</TextBlock></PrintSpace></Page></Layout></alto>\n"
    )
}

fn pack(path: &Path, text: &str) {
    let mut packed = flate2::write::GzEncoder::new(fs::File::create(path).unwrap(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap();
}

#[test]
fn pages_with_boxes_are_shown_beside_their_picture_and_written_in_their_format() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("pages");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("一版.png"), "picture one").unwrap();
    fs::write(folder.join("b.jpg"), "picture two").unwrap();
    pack(&folder.join("b.xml.gz"), &alto());
    check(&folder, &[("a.hocr", &hocr())]);
    let desk = Desk::open(&folder, "李");
    let rows = desk.rows("sort=file&q=2%E6%9C%8830%E6%97%A5");
    assert_eq!(rows.iter().map(|row| row["file"].as_str().unwrap()).collect::<Vec<_>>(), ["a.hocr", "b.xml"], "{rows:?}");
    for (row, picture) in rows.iter().zip(["picture one", "picture two"]) {
        let (id, file) = (row["id"].as_str().unwrap(), row["file"].as_str().unwrap());
        let finding = desk.get(&format!("/api/finding?id={id}")).json();
        assert!(row["before"].as_str().unwrap().ends_with("今天"), "{row}");
        let scan = &finding["scan"];
        assert_eq!(scan["frame"], serde_json::json!([0.0, 0.0, 800.0, 400.0]), "{finding}");
        assert_eq!(scan["line"], serde_json::json!([40.0, 100.0, 700.0, 140.0]));
        assert_eq!(scan["marks"].as_array().unwrap().len(), row["observed"].as_str().unwrap().chars().count());
        let answer = desk.get(&format!("/api/scan?file={file}&page={}", scan["page"]));
        assert_eq!((answer.status, answer.body.as_str()), (200, picture));
        assert!(answer.head.contains("max-age") && !answer.head.contains("no-store"), "{}", answer.head);
        let said =
            serde_json::json!({ "ids": [id], "verdict": "custom", "printed": row["observed"].as_str().unwrap().replace("30", "20") });
        assert_eq!(desk.post("/api/decide", &said).unwrap().status, 200);
    }
    drop(desk);

    let (code, _, told) = jiaokan(&folder, &["apply", ".", "--out-dir", "../out", "--exit-zero"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("2 of 2 decisions were carried out"), "{told}");
    let out = home.path().join("out");
    let written = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let hocr_noted = hocr().replace("x_wconf 90'>2月30日", "x_wconf 90; x_jiaokan number/impossible-date'>2月20日");
    assert_eq!(written("a.hocr"), hocr_noted);
    let read = LINES[1];
    let note = format!("><ALTERNATIVE PURPOSE=\"jiaokan number/impossible-date\">{read}</ALTERNATIVE></String>");
    let alto_noted = alto().replace(&format!("CONTENT=\"{read}\"/>"), &format!("CONTENT=\"{}\"{note}", read.replace("30", "20")));
    assert_eq!(written("b.xml"), alto_noted);
    for name in ["a.hocr", "b.xml"] {
        let (_, blamed, _) = jiaokan(&out, &["blame", name, "--json"]);
        let blamed: serde_json::Value = serde_json::from_str(&blamed).unwrap();
        assert_eq!(blamed.as_array().unwrap().len(), 1, "{blamed}");
        assert_eq!(blamed[0]["causes"][0]["reviewer"], "李", "{blamed}");
    }
    let (_, outdated, _) = jiaokan(&folder, &["decisions", "list", ".", "--outdated"]);
    assert!(!outdated.contains("a.hocr") && !outdated.contains("b.xml"), "{outdated}");

    // What somebody changes by hand in a file with boxes is taken in as well.
    fs::write(out.join("a.hocr"), written("a.hocr").replace("买票", "购票")).unwrap();
    let (code, _, told) = jiaokan(&folder, &["decisions", "import", ".", "--corrected", "../out", "--reviewer", "王"]);
    assert_eq!(code, Some(0), "{told}");
    let (_, listed, _) = jiaokan(&folder, &["decisions", "list", ".", "--reviewer", "王"]);
    assert!(listed.contains('购') && !listed.contains("2月20日"), "{listed}");
    jiaokan(&folder, &["apply", ".", "--out-dir", "../out", "--exit-zero"]);
    let by_hand = hocr_noted.replace("x_wconf 90'>可在门口买票", "x_wconf 90; x_jiaokan manual'>可在门口购票");
    assert_eq!(written("a.hocr"), by_hand);
}
