//! The desk in a real browser, driven by its keys.

use std::fs;

use super::webdriver::Browser;
use super::{Desk, check, jiaokan};

const ENTER: &str = "\u{e007}";

/// What stands before each of the places, so that they can be told apart.
const WHEN: [&str; 6] = ["今天", "午后", "傍晚", "夜里", "清早", "稍晚"];

/// Two pages, composed for this: impossible times to look at, and repairs that
/// the level of the run does not apply.
fn texts() -> [(&'static str, String); 2] {
    let suspect = |n: usize, town: &str| {
        (0..n).map(|idx| format!("第{idx}场演出在{town}大街{idx}号{}2月30日开始。\n", WHEN[idx])).collect::<String>()
    };
    [
        ("一版/a.txt", format!("本报讯 市里昨天开会，研究防汛工作.\n\n{}", suspect(6, "城南"))),
        ("b.txt", format!("各区的干部都到了会场,听取了报告.会议开了一天，大家讨论得十分热烈。\n{}", suspect(3, "城北"))),
    ]
}

fn log(folder: &std::path::Path) -> Vec<jiaokan::decision::Decision> {
    let text = fs::read_to_string(folder.join(".jiaokan/decisions.jsonl")).unwrap_or_default();
    jiaokan::decision::Log::read(&text).unwrap().decisions
}

#[test]
fn a_day_at_the_desk() {
    let home = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::start(&home.path().join("profile")) else { return };
    let folder = home.path().join("pages");
    fs::create_dir(&folder).unwrap();
    let texts = texts();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    check(&folder, &texts);
    let desk = Desk::open(&folder, "李");
    let total = desk.get("/api/view?status=open").json()["total"].as_u64().unwrap();
    assert!(total >= 9, "{total} findings");

    // Open: the queue, with the first finding looked at.
    browser.open(&desk.address());
    browser.wait("document.querySelector('.detail .passage')");
    assert_eq!(browser.text("#left b"), total.to_string());
    assert_eq!(browser.value("document.documentElement.lang"), "zh");
    assert!(browser.text("#nav").contains("归类"));
    browser.picture("queue");

    // Decide by keyboard; the next one comes by itself.
    let first = browser.value("location.hash");
    browser.press("k");
    browser.wait(&format!("location.hash !== {first}"));
    browser.wait(&format!("document.querySelector('#left b').textContent === '{}'", total - 1));
    assert_eq!((log(&folder).len(), log(&folder)[0].reviewer.as_str()), (1, "李"));
    // A note, a word of one's own, and both taken back.
    browser.press("n");
    browser.press("见原报");
    browser.press(ENTER);
    browser.press("c");
    browser.wait(&format!("document.querySelector('#left b').textContent === '{}'", total - 2));
    assert_eq!(log(&folder)[1].note.as_deref(), Some("见原报"));
    browser.press("e");
    browser.wait("!document.querySelector('.editor').hidden");
    browser.press("十五点");
    browser.press(ENTER);
    browser.wait(&format!("document.querySelector('#left b').textContent === '{}'", total - 3));
    assert_eq!(log(&folder)[2].printed(), Some("十五点"));
    browser.press("u");
    browser.wait(&format!("document.querySelector('#left b').textContent === '{}'", total - 2));
    browser.press("uu");
    browser.wait(&format!("document.querySelector('#left b').textContent === '{total}'"));

    // Filter; the address is the view.
    browser.open(&format!("{}#/queue?file=b.txt", desk.address()));
    browser.wait("document.querySelector('.count')?.textContent.includes('处') && [...document.querySelectorAll('.row .name')].every((name) => name.textContent === 'b.txt')");
    // By pattern: all but one.
    browser.press("gp");
    browser.wait("document.querySelector('table.patterns')");
    browser.picture("patterns");
    let largest = browser.value("document.querySelector('table.patterns tbody tr td.n').textContent");
    let n: u64 = largest.as_str().unwrap().trim().parse().unwrap();
    assert!(n >= 2, "a pattern of several: {n}");
    browser.press(ENTER);
    browser.wait(&format!("document.querySelector('.bulk b') && document.querySelectorAll('.row').length >= {}", n.min(8)));
    browser.press("x");
    browser.wait("document.querySelector('.bulk').textContent.includes('除外')");
    browser.picture("concordance");
    browser.press("K");
    browser.wait(&format!("document.querySelector('#left b').textContent === '{}'", total - n + 1));
    browser.press("u");
    browser.wait(&format!("document.querySelector('#left b').textContent === '{total}'"));
    browser.press("R");
    browser.wait(&format!("document.querySelector('#left b').textContent === '{}'", total - n));

    // The other views.
    browser.press("gw");
    browser.wait("document.querySelector('.column.new .text')");
    assert!(browser.count(".column.old .at") > 0);
    browser.picture("page");
    browser.press("go");
    browser.wait("document.querySelector('.rates')");
    assert!(browser.text(".progress").contains(&format!("已决 {n}")));
    browser.picture("progress");
    browser.press("l");
    browser.wait("document.documentElement.lang === 'en' && document.querySelector('#nav').textContent.includes('Queue')");
    browser.press("lt");
    browser.wait("document.documentElement.dataset.theme === 'dark'");
    browser.press("?");
    browser.wait("document.querySelector('#help').open");
    browser.picture("keys");

    // What another one says at another desk is seen here, and a conflict shown.
    let other = Desk::open(&folder, "王");
    let id = other.rows("status=reject").last().unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        other.post("/api/decide", &serde_json::json!({ "ids": [id], "verdict": "custom", "printed": "二十点" })).unwrap().status,
        200
    );
    assert_eq!(desk.rows("status=conflict").len(), 1);

    // Restarted, all is there; read anew by another engine, most of it still.
    drop((desk, other));
    let again: Vec<(&str, String)> =
        texts.iter().map(|(name, text)| (*name, text.replace("大街0号", "大街〇号").replace("研究", "硏究"))).collect();
    let again: Vec<(&str, &str)> = again.iter().map(|(name, text)| (*name, text.as_str())).collect();
    check(&folder, &again);
    let desk = Desk::open(&folder, "李");
    assert_eq!(desk.rows("status=conflict").len(), 1);
    let carried = desk.rows("status=carried").len();
    assert_eq!(desk.rows("status=reject").len() as u64 + carried as u64, n - 1);
    assert!(carried > 0, "the surroundings of some changed");
    browser.open("about:blank");
    browser.open(&format!("{}#/queue?status=carried", desk.address()));
    browser.wait("document.querySelector('.w-carried')");
    browser.picture("carried");

    // What was decided leaves in a table, and the texts are written by it.
    let (code, table, _) = jiaokan(&folder, &["decisions", "export", ".", "--format", "csv"]);
    assert_eq!(code, Some(0));
    assert_eq!(table.lines().filter(|line| line.starts_with("reject")).count() as u64, n);
    let (_, _, told) = jiaokan(&folder, &["apply", ".", "--out-dir", "../out", "--exit-zero"]);
    assert!(told.contains("reviewers disagree"), "{told}");
    assert!(home.path().join("out/b.txt").is_file());
}

#[test]
fn a_page_full_of_markup_runs_nothing() {
    let home = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::start(&home.path().join("profile")) else { return };
    let folder = home.path().join("pages");
    fs::create_dir(&folder).unwrap();
    let hostile = "<script>window.hit=1</script><img src=x onerror=\"window.hit=1\">，\u{202e}倒着，2月30日开始。\n".repeat(4);
    check(&folder, &[("<img src=x onerror=window.hit=1>.txt", &hostile)]);
    let desk = Desk::open(&folder, "<img src=x onerror=window.hit=1>");
    for view in ["queue?status=all", "patterns?status=all", "page", "progress"] {
        browser.open("about:blank");
        browser.open(&format!("{}#/{view}", desk.address()));
        browser.wait("document.querySelector('main').childElementCount > 0");
        browser.wait("document.querySelector('main').textContent.length > 40");
        assert!(browser.value("window.hit ?? null").is_null(), "{view}");
        assert_eq!(browser.count("main img, main script, main svg"), 0, "{view}");
    }
    browser.open(&format!("{}#/queue?status=all", desk.address()));
    browser.wait("document.querySelector('.detail .passage')");
    assert!(
        browser.text(".detail .passage").contains("⟨202E⟩") || browser.text(".list").contains("⟨202E⟩"),
        "marks of direction are shown"
    );
}
