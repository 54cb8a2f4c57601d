//! Newspaper pages made of parts, damaged the way scanned pages are.
//!
//! The same seed gives the same page. Sentences are put together from word
//! lists, so that no two paragraphs are near-copies unless a copy is asked for.
#![allow(dead_code)]

/// A small, seeded generator (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    #[allow(clippy::cast_possible_truncation)]
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

const WHO: [&str; 40] = [
    "市农业局",
    "县委宣传部",
    "该镇党委",
    "这个村的村民",
    "区卫生服务中心",
    "全市环卫工人",
    "水利部门",
    "市图书馆",
    "一批青年志愿者",
    "县第二中学",
    "当地茶农",
    "省考古队",
    "渔业合作社",
    "铁路车站",
    "市民李先生",
    "电力抢修队",
    "街道办事处",
    "乡村医生",
    "民兵应急分队",
    "果品加工厂",
    "老年大学",
    "县剧团",
    "市气象台",
    "公交公司",
    "检察机关",
    "桥梁工程师",
    "退休教师",
    "边防官兵",
    "研究人员",
    "消防救援站",
    "养蜂户",
    "外来务工人员",
    "社区党支部",
    "文物保护所",
    "菜市场摊主",
    "木雕艺人",
    "新任镇长",
    "园林工人",
    "职业学校",
    "纺织厂女工",
];
const WHEN: [&str; 20] = [
    "昨天上午",
    "近日",
    "今年以来",
    "本月初",
    "入冬之后",
    "去年秋天",
    "连日来",
    "截至目前",
    "上周五",
    "春节前夕",
    "汛期到来之前",
    "三年间",
    "10月12日",
    "当天下午",
    "前不久",
    "一季度",
    "从2019年起",
    "每逢周末",
    "天刚亮",
    "会议结束后",
];
const DID: [&str; 40] = [
    "修复了",
    "清理了",
    "调查了",
    "走访了",
    "改造了",
    "筹集了",
    "运送了",
    "展出了",
    "研究了",
    "部署了",
    "检查了",
    "发放了",
    "建成了",
    "完善了",
    "组织了",
    "记录了",
    "培育了",
    "推广了",
    "收购了",
    "翻修了",
    "保护了",
    "整理了",
    "举办了",
    "加固了",
    "疏通了",
    "开辟了",
    "试验了",
    "绘制了",
    "承包了",
    "验收了",
    "捐献了",
    "公布了",
    "更换了",
    "登记了",
    "编写了",
    "发现了",
    "拓宽了",
    "种植了",
    "接待了",
    "引进了",
];
const HOW_MANY: [&str; 16] = [
    "二十多处",
    "三百余亩",
    "一批",
    "上千册",
    "四条",
    "大量",
    "近百个",
    "1.2万吨",
    "两座",
    "全部",
    "13公里",
    "部分",
    "五十六户",
    "35%的",
    "最后一段",
    "成套",
];
const WHAT: [&str; 60] = [
    "灌溉水渠",
    "古建筑木构件",
    "低产果园",
    "排水管道",
    "乡村小学校舍",
    "冬小麦良种",
    "地方志资料",
    "防汛物资",
    "蔬菜大棚",
    "老旧小区楼道",
    "山塘水库",
    "养殖网箱",
    "通村公路",
    "民间剪纸作品",
    "太阳能路灯",
    "慢性病档案",
    "危险桥梁",
    "茶叶加工设备",
    "饮水工程",
    "读书活动",
    "防火隔离带",
    "稻田养鱼技术",
    "临街店铺招牌",
    "渔船导航仪",
    "博物馆藏品",
    "困难职工家庭",
    "候鸟栖息地",
    "石拱桥护栏",
    "粮食烘干机",
    "法律咨询站点",
    "夜间公交线路",
    "柑橘新品种",
    "祠堂彩绘",
    "河道淤泥",
    "安全生产隐患",
    "学生营养午餐",
    "社区食堂",
    "旧城街巷",
    "地下电缆",
    "农机维修网点",
    "刺绣图案",
    "烈士遗物",
    "蚕桑基地",
    "荒坡林地",
    "公共阅览室",
    "村级账目",
    "应急避难场所",
    "温室花卉",
    "污水处理池",
    "电影放映队",
    "红军标语",
    "交通信号灯",
    "畜禽疫苗",
    "残疾人就业岗位",
    "滑坡监测点",
    "中药材种苗",
    "校园足球场地",
    "冷藏车辆",
    "民歌曲谱",
    "海堤缺口",
];
const THEN: [&str; 20] = [
    "得到群众好评",
    "为春耕做好准备",
    "有关工作仍在进行",
    "效果比预想的好",
    "预计年底完工",
    "受益人口达三万",
    "专家给予肯定",
    "问题逐步得到解决",
    "经验正在全县推开",
    "村里的面貌变了样",
    "资金由几家共同承担",
    "下一步将扩大范围",
    "收入比上年增长了两成",
    "家长们放下心来",
    "游客明显多了",
    "这在当地还是第一次",
    "记者在现场看到",
    "负责人介绍说",
    "大家的干劲更足了",
    "工期缩短了一个月",
];
const SURNAMES: [&str; 12] = ["王", "李", "陈", "周", "吴", "郑", "许", "何", "欧阳", "范", "卢", "丁"];
const GIVEN: [&str; 16] =
    ["建国", "晓燕", "志强", "文", "秀兰", "一鸣", "永福", "丽", "德明", "春生", "海波", "淑珍", "卫东", "青", "家栋", "月"];
const PLACES: [&str; 12] =
    ["石家庄市", "泾县", "恩施", "南浔区", "青田县", "鄂尔多斯市", "武夷山市", "海口", "九江市", "阜阳", "宜兴市", "平遥县"];

/// Characters of village names, those of 《千字文》 that are nothing else
/// besides. With the names of two of them a page has as many characters as
/// pages of news have, and no more phrases that stand twice by chance.
const NAMES: &str = "\
    天地玄黄宇宙洪荒盈昃辰宿列寒暑往秋收冬藏闰余成岁律调阳云腾致雨露结霜金生丽水玉昆冈剑号巨阙珠称夜光果珍柰菜重芥海咸河淡鳞\
    潜羽翔龙师火帝鸟官皇始制服衣裳国虞民殷汤坐朝垂拱平章爱育黎伏戎羌遐迩率宾归鸣凤竹白驹化草木赖及方盖常恭惟鞠养慕贞洁效才良\
    知忘谈彼长信复器墨丝染诗赞羔羊景维贤克念圣德建立形端表正空谷传声堂习听积福缘善庆尺璧宝寸资君敬孝竭力忠尽命临深履薄夙兴温\
    清兰斯馨松盛川流息渊澄映容思辞安定笃诚美慎宜荣业基籍优登仕职政存甘棠益咏乐殊贵礼尊睦唱傅训奉仪诸犹子怀同气连枝交友投磨箴\
    规仁慈隐恻造节义廉退静逸动神守真志满逐物意移坚持雅操好爵自縻都邑华夏东西京背邙面洛浮渭泾殿盘郁楼观飞惊写禽兽画彩仙灵舍傍\
    启帐楹肆筵设席鼓瑟吹笙升阶纳陛弁疑星广承明集坟典聚群英稿隶漆壁经路侠槐卿兵高冠陪辇驱毂振缨世禄侈富车驾肥轻策功茂实勒碑刻\
    铭";
const SETTLEMENTS: [&str; 12] = ["村", "镇", "乡", "屯", "寨", "湾", "桥", "街道", "林场", "小区", "码头", "公社"];
const COUNTED: [&str; 8] = ["处", "户", "亩", "公里", "台", "项", "间", "条"];

/// A part of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Heading,
    Byline,
    Paragraph,
    /// A paragraph cut by an empty line.
    CutParagraph,
    /// A paragraph with one newline for each printed line.
    WrappedParagraph,
    /// A cut at which a character is lost.
    LostCharacter,
    /// A paragraph with a caption in its middle.
    Interloper,
    Caption,
    JumpLine,
    Furniture,
    /// A paragraph with suspect characters.
    Suspect,
    /// The paragraph before once more, read badly.
    Copy,
    List,
    Verse,
}

impl Part {
    pub const ALL: [Part; 14] = [
        Part::Heading,
        Part::Byline,
        Part::Paragraph,
        Part::CutParagraph,
        Part::WrappedParagraph,
        Part::LostCharacter,
        Part::Interloper,
        Part::Caption,
        Part::JumpLine,
        Part::Furniture,
        Part::Suspect,
        Part::Copy,
        Part::List,
        Part::Verse,
    ];
}

/// A page of these parts, each with its own seed, set apart by `separator`.
pub fn page_of(parts: &[(Part, u64)], separator: &str) -> String {
    let mut blocks: Vec<String> = Vec::new();
    let mut last_paragraph = String::new();
    for &(part, seed) in parts {
        let mut random = Random(seed);
        let block = match part {
            Part::Copy => misread(&last_paragraph, &mut random),
            _ => block(part, &mut random),
        };
        if part == Part::Paragraph {
            last_paragraph.clone_from(&block);
        }
        if !block.is_empty() {
            blocks.push(block);
        }
    }
    blocks.join(separator)
}

/// A page of at least `min_bytes` in the proportions of a scanned newspaper.
pub fn page(min_bytes: usize, seed: u64) -> String {
    const ARTICLE: [Part; 12] = [
        Part::Heading,
        Part::Byline,
        Part::Paragraph,
        Part::Paragraph,
        Part::CutParagraph,
        Part::Paragraph,
        Part::Paragraph,
        Part::CutParagraph,
        Part::Paragraph,
        Part::Suspect,
        Part::Paragraph,
        Part::LostCharacter,
    ];
    const RARE: [Part; 8] =
        [Part::Caption, Part::JumpLine, Part::Interloper, Part::Furniture, Part::Copy, Part::List, Part::Verse, Part::WrappedParagraph];
    let mut random = Random(seed);
    let mut text = String::new();
    while text.len() < min_bytes {
        let mut parts: Vec<(Part, u64)> = ARTICLE.iter().map(|&part| (part, random.next())).collect();
        let at = 3 + random.below(parts.len() - 3);
        parts.insert(at, (RARE[random.below(RARE.len())], random.next()));
        text.push_str(&page_of(&parts, "\n\n"));
        text.push_str("\n\n");
    }
    text
}

fn block(part: Part, random: &mut Random) -> String {
    match part {
        Part::Heading => format!("{}{}{}", random.pick(&PLACES), village(random), random.pick(&WHAT)),
        Part::Byline => format!("本报记者 {}", name(random)),
        Part::Paragraph | Part::Copy => paragraph(random),
        Part::CutParagraph => cut(&paragraph(random), random, "\n\n", 0),
        Part::LostCharacter => cut(&paragraph(random), random, "\n\n", 1),
        Part::WrappedParagraph => wrapped(&paragraph(random), 14 + random.below(8)),
        Part::Interloper => {
            let caption = format!("\n\n{}\n\n", caption(random));
            cut(&paragraph(random), random, &caption, 0)
        }
        Part::Caption => caption(random),
        Part::JumpLine => format!("（下转第{}版）", random.pick(&["二", "三", "四", "6"])),
        Part::Furniture => format!("责编：{}　版式：{}　电话：0571-8505{:04}", name(random), name(random), random.below(10_000)),
        Part::Suspect => suspect(&paragraph(random), random),
        Part::List => (1..=3 + random.below(3)).map(|nth| format!("{nth}．{}", random.pick(&WHAT))).collect::<Vec<_>>().join("\n"),
        Part::Verse => (0..4).map(|_| format!("{}{}，", random.pick(&THEN), random.pick(&WHEN))).collect::<Vec<_>>().join("\n"),
    }
}

fn name(random: &mut Random) -> String {
    format!("{}{}", random.pick(&SURNAMES), random.pick(&GIVEN))
}

fn caption(random: &mut Random) -> String {
    format!("图为{}{}{}的现场。{} 摄", random.pick(&WHO), random.pick(&DID), random.pick(&WHAT), name(random))
}

/// A village that no other sentence is likely to name.
fn village(random: &mut Random) -> String {
    let chars: Vec<char> = NAMES.chars().collect();
    let (a, b) = (chars[random.below(chars.len())], chars[random.below(chars.len())]);
    format!("{a}{b}{}", random.pick(&SETTLEMENTS))
}

fn quantity(random: &mut Random) -> String {
    match random.below(3) {
        0 => random.pick(&HOW_MANY).to_owned(),
        _ => format!("{}{}", 12 + random.below(900), random.pick(&COUNTED)),
    }
}

fn clause(random: &mut Random) -> String {
    match random.below(4) {
        0 => format!("{}{}{}{}", random.pick(&WHO), random.pick(&DID), quantity(random), random.pick(&WHAT)),
        1 => format!("{}{}{}{}", village(random), random.pick(&DID), quantity(random), random.pick(&WHAT)),
        2 => format!("{}在{}{}{}", name(random), village(random), random.pick(&DID), random.pick(&WHAT)),
        _ => format!("{}为{}{}{}{}", random.pick(&WHO), village(random), random.pick(&DID), village(random), random.pick(&WHAT)),
    }
}

/// What came of it, mostly in somebody's words.
fn outcome(random: &mut Random) -> String {
    match random.below(3) {
        0 => random.pick(&THEN).to_owned(),
        1 => format!("{}{}", village(random), random.pick(&THEN)),
        _ => format!("{}{}", name(random), random.pick(&THEN)),
    }
}

fn paragraph(random: &mut Random) -> String {
    let mut text = String::from("　　");
    for _ in 0..2 + random.below(4) {
        match random.below(6) {
            0 => text.push_str(&format!("{}，{}，{}。", random.pick(&WHEN), clause(random), outcome(random))),
            1 => text.push_str(&format!("在{}，{}，{}。", random.pick(&PLACES), clause(random), clause(random))),
            2 => text.push_str(&format!("{}说：“{}，{}。”", name(random), clause(random), outcome(random))),
            3 => text.push_str(&format!("{}{}，{}；{}。", random.pick(&WHEN), clause(random), outcome(random), clause(random))),
            4 => text.push_str(&format!("《{}{}》一书介绍，{}。", village(random), random.pick(&WHAT), clause(random))),
            _ => text.push_str(&format!("{}，{}！", clause(random), outcome(random))),
        }
    }
    text
}

/// Cuts a paragraph in two at a random character, of which `n_lost` go.
fn cut(text: &str, random: &mut Random, between: &str, n_lost: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = 6 + random.below(chars.len() - 12);
    let left: String = chars[..at].iter().collect();
    let right: String = chars[at + n_lost..].iter().collect();
    format!("{left}{between}{right}")
}

fn wrapped(text: &str, width: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(width).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join("\n")
}

/// The text as a bad engine reads it.
fn misread(text: &str, random: &mut Random) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match random.below(40) {
            0 => {}
            1 => out.push_str(random.pick(&["口", "曰", "入", "己", "末"])),
            _ => out.push(c),
        }
    }
    out
}

/// The text with characters that do not belong there.
fn suspect(text: &str, random: &mut Random) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match (c, random.below(30)) {
            ('，', 0..15) => out.push(','),
            ('。', 0..4) => {}
            (_, 0) => out.push_str(random.pick(&["\u{fffd}", "\u{200b}", "\u{e001}", "⼈", "|", " ", "а"])),
            (_, 1) => {
                out.push(c);
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}
