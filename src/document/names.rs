//! Personal names: which runs of characters can be names, and how a run of
//! several names without spaces comes apart.

/// The common single-character surnames of China in simplified and, where
/// they differ, traditional forms: those shared by more than about 10,000
/// bearers in the name statistics of the Ministry of Public Security, and the
/// rest of the 百家姓 that is still met with.
const SURNAMES: &str = "\
王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅高郑鄭梁谢謝宋唐许許韩韓邓鄧冯馮曹彭曾萧蕭肖田董潘袁蔡蒋蔣余于杜\
叶葉程魏苏蘇吕呂丁任卢盧姚沈钟鐘鍾姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付傅方邹鄒熊白孟秦邱江尹薛闫阎閻段雷侯龙龍史陶黎贺賀\
顾顧毛郝龚龔邵万萬钱錢严嚴覃武戴莫孔向汤湯温溫康施文牛樊葛邢安齐齊易乔喬伍庞龐颜顏倪庄莊聂聶章鲁魯岳翟殷詹申欧歐耿关關兰蘭\
焦俞左柳甘祝包宁寧尚符舒阮柯纪紀梅童凌毕畢单單季裴霍涂塗成苗谷盛曲翁冉骆駱蓝藍路游辛靳欧管柴蒙鲍鮑华華喻祁蒲房滕屈饶饒\
解牟艾尤阳陽时時穆农農司卓古吉缪繆简簡车車项項连連芦蘆麦麥褚娄婁窦竇戚岑景党黨宫宮费費卜冷晏席卫衛米柏宗瞿桂全佟应應臧闵閔\
苟邬鄔边邊卞姬师師和仇栾欒隋商刁沙荣榮巫寇桑郎甄丛叢仲虞敖巩鞏明佘池查麻苑迟遲邝鄺官封谈談匡鞠惠荆荊乐樂冀郁胥南班储儲原栗\
燕楚鄢劳勞谌諶奚皮粟冼蔺藺楼樓盘盤满滿闻聞位厉厲伊仝区區郜海阚闞花权權强帅帥屠豆朴盖蓋练練廉禹井祖漆巴丰豐支卿国國狄平计計\
索宣晋晉相初门門云雲容敬来來扈晁芮都普阙闕浦戈伏鹿薄邸雍辜羊阿乌烏母裘亓修邰赫杭况況那宿鲜鮮印逯隆茹诺战戰慕危玉银銀亢\
嵇公哈湛宾賓戎勾茅利於呼居揭干但尉冶斯元束檀衣信阴陰昝智幸奉植衡富尧堯闭閉由萱萨薩郦酈贝貝昌宦逄琚";

/// Compound surnames still in use, simplified and traditional.
const COMPOUND_SURNAMES: &[&str] = &[
    "欧阳", "歐陽", "上官", "司马", "司馬", "诸葛", "諸葛", "东方", "東方", "皇甫", "尉迟", "尉遲", "公孙", "公孫", "慕容", "令狐", "司徒",
    "司空", "夏侯", "端木", "长孙", "長孫", "宇文", "轩辕", "軒轅", "鲜于", "鮮于", "南宫", "南宮", "独孤", "獨孤", "呼延", "东郭", "東郭",
    "百里", "淳于", "单于", "濮阳", "濮陽", "太史", "申屠", "公冶", "拓跋", "赫连", "赫連", "澹台", "澹臺", "钟离", "鍾離", "闻人", "聞人",
    "仲孙", "仲孫", "万俟", "西门", "西門", "第五", "梁丘",
];

/// Characters that grammar words or titles are made of and that names after
/// 记者 practically never hold; one of them in a supposed name says that a
/// sentence goes on.
const NOT_IN_NAMES: &str = "的了在从和与是有这那我你他她它们就也都又被把将对为以及或但而且之所不没很再已正来去到于由给让使向往至\
报道采访获悉问看见说讲称表示介绍昨今日月年时前后近现场走进探跟随记者通讯员摄影编辑会议节证站协局训队赛奖";

/// True when `c` is a common surname of one character.
#[must_use]
pub fn is_surname(c: char) -> bool {
    static TABLE: std::sync::LazyLock<Vec<char>> = std::sync::LazyLock::new(|| {
        let mut table: Vec<char> = SURNAMES.chars().filter(|c| !c.is_whitespace()).collect();
        table.sort_unstable();
        table.dedup();
        table
    });
    TABLE.binary_search(&c).is_ok()
}

/// Every common surname of one character, one behind the other.
#[must_use]
pub fn surnames() -> String {
    SURNAMES.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The length in characters of the surname at the start of `chars`.
fn surname_len(chars: &[char]) -> Option<usize> {
    let compound = COMPOUND_SURNAMES.iter().any(|surname| {
        let mut own = surname.chars();
        chars.len() > 2 && own.next() == Some(chars[0]) && own.next() == Some(chars[1])
    });
    match chars.first() {
        Some(_) if compound => Some(2),
        Some(&c) if is_surname(c) => Some(1),
        _ => None,
    }
}

/// True when `chars` can be one name: a common surname and one or two more
/// characters.
#[must_use]
pub fn is_name(chars: &[char]) -> bool {
    surname_len(chars).is_some_and(|surname| (1..=2).contains(&(chars.len() - surname))) && !has_non_name_char(chars)
}

/// True when a character of `chars` practically never stands in a name.
pub(super) fn has_non_name_char(chars: &[char]) -> bool {
    chars.iter().skip(1).any(|&c| is_in_no_name(c)) || !chars.iter().all(|&c| crate::text::is_han(c))
}

/// True when `c` practically never stands in a name, unless as a surname.
pub(super) fn is_in_no_name(c: char) -> bool {
    NOT_IN_NAMES.contains(c)
}

/// Takes a run of names without spaces apart: the lengths of the names, when
/// there is exactly one way to read `chars` as names; `None` when there is no
/// way or several.
#[must_use]
pub fn segment_names(chars: &[char]) -> Option<Vec<usize>> {
    if chars.is_empty() || chars.len() > 24 {
        return None;
    }
    // Ways to read the first `n` characters as names, capped at 2, and the
    // length of the last name of the one way.
    let mut ways = vec![(0u8, 0usize); chars.len() + 1];
    ways[0].0 = 1;
    for from in 0..chars.len() {
        if ways[from].0 == 0 {
            continue;
        }
        for length in 2..=4.min(chars.len() - from) {
            if is_name(&chars[from..from + length]) {
                let before = ways[from].0;
                let way = &mut ways[from + length];
                *way = ((way.0 + before).min(2), length);
            }
        }
    }
    if ways[chars.len()].0 != 1 {
        return None;
    }
    let mut lengths = Vec::new();
    let mut at = chars.len();
    while at > 0 {
        lengths.push(ways[at].1);
        at -= ways[at].1;
    }
    lengths.reverse();
    Some(lengths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segmented(run: &str) -> Option<Vec<usize>> {
        segment_names(&run.chars().collect::<Vec<_>>())
    }

    #[test]
    fn one_reading_comes_apart() {
        for (run, lengths) in [("陈晓蕾何俊", vec![3, 2]), ("李娜", vec![2]), ("欧阳建新赵敏", vec![4, 2]), ("彭丽丽孙珊珊", vec![3, 3])]
        {
            assert_eq!(segmented(run), Some(lengths), "{run}");
        }
    }

    #[test]
    fn several_readings_or_none_stay_together() {
        for run in ["陈晓梅方敏", "探访高考", "记者采访", "", "王", "赵某的儿子", "张A李四"] {
            assert_eq!(segmented(run), None, "{run}");
        }
    }

    #[test]
    fn the_table_holds_the_facts_it_claims() {
        for c in "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗".chars() {
            assert!(is_surname(c), "{c}");
        }
        for c in "的了在说看花儿们".chars().filter(|&c| c != '花') {
            assert!(!is_surname(c), "{c}");
        }
    }
}
