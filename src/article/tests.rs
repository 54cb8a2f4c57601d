use super::*;
use crate::apply::SourceMap;
use crate::document::{Layout, PageLabel};

fn page(file: &str, text: &str) -> PageSource {
    let layout = Layout::new(text);
    PageSource {
        file: file.to_owned(),
        name: PageName::new(file, &[], text, &layout),
        text: text.to_owned(),
        map: SourceMap::identity(text.len()),
        geometry: None,
        unresolved: Vec::new(),
        errors_per_10k: None,
        segmented: segment(text, &layout, &[]),
    }
}

const FRONT: &str = "\
江城晚报 2023年6月5日 星期一

A1 要闻

清淤船开进老河道

本报记者 王小明 通讯员 赵敏

昨天清晨，两条清淤船开进城南的老河道。船长罗大成说，这段河道已有二十年没有清过，淤泥最深的地方有三米。

沿岸的居民早早站在桥上看。七十岁的周桂兰说，她小时候河水清得能淘米，后来两岸盖了厂房，水就一年比一年

（下转A2版①）

早市搬家不涨价

本报讯（记者 李娜）城西早市昨天搬进新址，摊位费三年不涨。四百一十个摊位一个不少，卖豆腐的窦师傅六点就卖完了第一板。
";

const INSIDE: &str = "\
清淤船开进老河道

（上接A1版①）

黑。如今厂房搬走了，河道也要清了，她盼着孙子能在河边钓鱼。

清淤工程分三段进行，年底完工，挖出的淤泥运到城北的苗圃作肥料。
";

#[test]
fn an_article_goes_on_on_another_page() {
    let pages = [page("晨报 2023-06-05 A1.txt", FRONT), page("晨报 2023-06-05 A2.txt", INSIDE)];
    let records = records(&pages);
    assert_eq!(records.len(), 2, "{records:#?}");
    let article = &records[0];
    assert_eq!(article.headline, "清淤船开进老河道");
    assert_eq!(article.pages, ["A1", "A2"]);
    assert_eq!(article.date.as_deref(), Some("2023-06-05"));
    assert_eq!(article.bylines.iter().map(|credit| credit.name.as_str()).collect::<Vec<_>>(), ["王小明", "赵敏"]);
    assert!(article.text.contains("水就一年比一年黑。如今"), "the sentence reads on over the pages: {}", article.text);
    assert_eq!(article.body.len(), 3);
    assert_eq!(article.body[1].sources.len(), 2);
    assert!(article.jumps.iter().all(|jump| jump.status == "stitched"));
    assert_eq!(records[1].headline, "早市搬家不涨价");
    assert_eq!(records[1].dateline, "本报讯（记者 李娜）");
    assert_eq!(records[1].bylines[0].name, "李娜");
}

#[test]
fn sources_are_places_in_the_input() {
    let pages = [page("A1.txt", FRONT)];
    for record in records(&pages) {
        for block in record.body.iter().chain(&record.captions) {
            let [source] = block.sources.as_slice() else { panic!("one page, one source") };
            assert_eq!(&FRONT[source.start..source.end], block.text);
        }
    }
}

#[test]
fn nothing_vanishes() {
    for text in [FRONT, INSIDE] {
        let pages = [page("A1.txt", text)];
        let mut held: Vec<(usize, usize)> = rejects(&pages).iter().map(|reject| (reject.source.start, reject.source.end)).collect();
        held.extend(pages[0].segmented.pieces.iter().flat_map(|piece| piece.parts.iter().map(|part| (part.span.start, part.span.end))));
        held.sort_unstable();
        let lines: Vec<(usize, usize)> = Layout::new(text).lines.iter().map(|line| (line.span.start, line.span.end)).collect();
        assert_eq!(held, lines, "every line is in an article or among the rejects, once");
    }
}

#[test]
fn a_jump_without_its_other_half_is_told() {
    let records = records(&[page("晨报 2023-06-05 A1.txt", FRONT)]);
    assert_eq!(records[0].jumps[0].status, "missing");
}

#[test]
fn two_continuations_that_fit_alike_are_left_to_a_reader() {
    let pages = [page("2023-06-05/A1.txt", FRONT), page("2023-06-05/A2.txt", INSIDE), page("2023-06-05/A02.txt", INSIDE)];
    let records = records(&pages);
    assert_eq!(records.iter().filter(|record| record.jumps.iter().any(|jump| jump.status == "ambiguous")).count(), 3);
}

#[test]
fn a_passage_on_both_pages_stands_once() {
    let again = INSIDE.replace(
        "黑。如今厂房",
        "昨天清晨，两条清淤船开进城南的老河道。船长罗大成说，这段河道已有二十年没有清过，淤泥最深的地方有三末。\n\n黑。如今厂房",
    );
    let pages = [page("2023-06-05/A1.txt", FRONT), page("2023-06-05/A2.txt", &again)];
    let article = &records(&pages)[0];
    assert_eq!(article.text.matches("船长罗大成").count(), 1, "{}", article.text);
    assert_eq!(article.body[0].sources.len(), 2);
}

#[test]
fn headings_inside_a_text_are_no_headlines() {
    let text = "\
老河道的二十年

本报记者 王小明

老河道在城南，长七公里，两岸原来有十一家厂房。记者沿着河道走了三天，访问了四十户沿岸的居民。

厂房搬走以后

厂房搬走以后，河道两岸种上了柳树。沿岸的居民说，河道里又有了鱼，老河道的水比厂房在的时候清得多。
";
    let pages = [page("A3.txt", text)];
    let records = records(&pages);
    assert_eq!(records.len(), 1, "{records:#?}");
    assert_eq!(records[0].body.iter().filter(|block| block.kind == "subheading").count(), 1);
    assert_eq!(pages[0].name.label, Some(PageLabel::Page { section: Some('A'), number: 3 }));
}

#[test]
fn ids_stay_when_pages_are_read_again() {
    let ids = |text: &str| records(&[page("A1.txt", text)]).into_iter().map(|record| record.id).collect::<Vec<_>>();
    assert_eq!(ids(FRONT), ids(FRONT));
    assert_eq!(ids(FRONT).len(), 2);
}

#[test]
fn records_are_as_the_schema_says() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../docs/schema/articles.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let pages = [page("晨报 2023-06-05 A1.txt", FRONT), page("晨报 2023-06-05 A2.txt", INSIDE)];
    for record in records(&pages) {
        let record = serde_json::to_value(&record).unwrap();
        let errors: Vec<String> = schema.iter_errors(&record).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}

/// Headlines of `text` in order, where its lines have these sizes.
fn headlines(text: &str, sizes: &[Option<f32>]) -> Vec<String> {
    let layout = Layout::new(text);
    segment(text, &layout, sizes).pieces.iter().map(|piece| piece.headline(text).to_owned()).collect()
}

#[test]
fn large_type_makes_a_headline() {
    let text = "清淤船开进老河道\n\n昨天清晨，两条清淤船开进城南的老河道，岸上站满了人。\n\n码头上的人们等着\n\n城西的新码头昨天装好了最后一台吊车，下月开始试运行。\n";
    let sizes = |second: f32| [Some(1.9), Some(1.0), Some(second), Some(1.0)];
    assert_eq!(headlines(text, &sizes(1.8)), ["清淤船开进老河道", "码头上的人们等着"]);
    assert_eq!(headlines(text, &sizes(1.0)), ["清淤船开进老河道"]);
}

#[test]
fn a_headline_whose_text_is_elsewhere_is_no_part_of_the_next_one() {
    let body = "城西的新码头昨天装好了最后一台吊车，下月开始试运行。";
    let again = format!("清淤船开进老河道\n\n新码头下月试运行\n\n{body}\n\n清淤船开进老河道\n\n昨天清晨，两条清淤船开进城南的老河道。\n");
    assert_eq!(headlines(&again, &[]), ["清淤船开进老河道", "新码头下月试运行", "清淤船开进老河道"]);
    // Its type says that the line above the jump line is a headline.
    let sent_on = format!("清淤船开进老河道\n\n（下转A2版）\n\n新码头下月试运行\n\n{body}\n");
    let sizes = [Some(2.0), Some(1.0), Some(2.0), Some(1.0)];
    assert_eq!(headlines(&sent_on, &sizes), ["清淤船开进老河道", "新码头下月试运行"]);
    let large = format!("清淤船开进老河道\n\n新码头下月试运行\n\n{body}\n");
    assert_eq!(headlines(&large, &[Some(2.0), Some(1.9), Some(1.0)]), ["清淤船开进老河道", "新码头下月试运行"]);
    assert_eq!(headlines(&large, &[Some(1.4), Some(2.0), Some(1.0)]), ["新码头下月试运行"], "a kicker is smaller");
}
