//! Records of articles in the programs that people load them with.

use std::fs;
use std::process::Command;

const FRONT: &str = "江城晚报 2023年6月5日 星期一\n\n清淤船开进老河道\n\n本报记者 王小明\n\n昨天清晨，两条清淤船开进城南的老河道，船长罗大成说，水一年比一年\n\n（下转A2版①）\n";
const BACK: &str = "清淤船开进老河道\n\n（上接A1版①）\n\n清。清淤工程分三段进行，年底完工。\n";

/// Prints what both files say of the articles, one value a line.
const SCRIPT: &str = "
import duckdb
for source in [\"read_json('articles.jsonl')\", \"'articles.parquet'\"]:
    query = f\"select headline, date, pages, bylines[1].name, body[1].sources[2].file, len(body[1].sources[1].boxes), jumps[1].status from {source}\"
    print(*duckdb.sql(query).fetchall()[0], sep='|')
print(duckdb.sql(\"select count(*), any_value(reason) from 'rejects.parquet'\").fetchall()[0])
";

#[test]
fn articles_load_in_duckdb() {
    let has_duckdb = Command::new("python3").args(["-c", "import duckdb"]).output().is_ok_and(|output| output.status.success());
    if !has_duckdb {
        eprintln!("skipped: no python3 with the package duckdb");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("in")).unwrap();
    fs::write(home.path().join("in/江城晚报 2023-06-05 A1.txt"), FRONT).unwrap();
    fs::write(home.path().join("in/江城晚报 2023-06-05 A2.txt"), BACK).unwrap();
    for extension in ["jsonl", "parquet"] {
        let written = ["--articles", &format!("articles.{extension}"), "--rejects", &format!("rejects.{extension}")];
        let mut fix = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
        let status = fix.current_dir(&home).args(["fix", "in", "--out-dir", "out", "-q", "--exit-zero"]).args(written).status().unwrap();
        assert!(status.success());
    }
    let output = Command::new("python3").current_dir(&home).args(["-c", SCRIPT]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 3, "{told}");
    // DuckDB takes the day in a text for a date; in Parquet it is the text.
    let article = "清淤船开进老河道|2023-06-05|['A1', 'A2']|王小明|江城晚报 2023-06-05 A2.txt|0|stitched";
    assert_eq!(lines[..2], [article, article], "{told}");
    assert_eq!(lines[2], "(1, 'furniture:date-line')");
}
