//! What stands on the report, from the verdict down to how to repeat it.

use pdf_writer::Content as Drawing;

use super::flow::{Column, Flow, Style};
use super::{Content, Plan};
use crate::base::limits::Budget;
use crate::base::words::Words;
use crate::domain::licence::sheet::Press;
use crate::domain::verify::labels::{self, Detail};
use crate::domain::verify::report::{Answer, FileKind, Outcome, Report, Severity, Verdict};
use crate::format::pdf::write::{Canvas, Colour, Font, FontUse, FormXObject, Tag, deflate};

pub(super) fn draw<'a>(
    press: &'a Press,
    content: &Content<'_>,
    plan: Option<&Plan<'_>>,
) -> Option<(Vec<Canvas>, [FontUse<'a>; 3])> {
    let set = |scale| {
        let mut page = Page { flow: Flow::new(press, scale), content };
        page.all(plan)?;
        Some(page.flow)
    };
    // On one page, if that needs no small print; else on as many as it takes.
    let mut flow = None;
    for scale in SCALES {
        flow = flow.or_else(|| set(scale).filter(|flow| flow.page_number() == 0));
    }
    let flow = flow.or_else(|| set(1.0))?;
    flow.finish(|flow, number, count| frame(flow, number, count, content.demo))
}

struct Page<'a, 'c> {
    flow: Flow<'a>,
    content: &'c Content<'c>,
}

/// A label and a text, as long as it may be.
struct Pair {
    label: Words,
    value: String,
    figures: bool,
}

fn pair(zh: &str, en: &str, value: impl Into<String>) -> Pair {
    Pair { label: Words::new(zh, en), value: value.into(), figures: false }
}

impl Page<'_, '_> {
    fn report(&self) -> &Report {
        self.content.report
    }

    fn all(&mut self, plan: Option<&Plan<'_>>) -> Option<()> {
        self.head()?;
        self.verdict()?;
        self.questions()?;
        self.file()?;
        self.licence()?;
        self.findings()?;
        self.signatures()?;
        self.checks()?;
        self.roots()?;
        self.repeat()?;
        self.seal(plan)
    }

    fn head(&mut self) -> Option<()> {
        let title = Style { font: Font::Title, size: 23.0, colour: INK, leading: 10.0 };
        let second = Style { font: Font::Sans, size: 10.0, colour: GREY, leading: 10.0 };
        let pieces = [(title, "核验报告"), (second, "VERIFICATION REPORT")];
        self.flow.line(Tag::Heading, LEFT, 4.0, &pieces)?;
        let (zh, en) = match self.content.office {
            Some(office) => (office.zh.clone(), office.en.clone()),
            None => (
                "离线核验，仅依据所列根证书".to_owned(),
                "offline, by the roots below alone".to_owned(),
            ),
        };
        let at = self.report().as_of;
        let text = format!(
            "{zh} {en}　·　核验时间 verified at {}（北京时间 China time）",
            at.to_china_minutes()
        );
        self.flow.text(Tag::Paragraph, SMALL, WHOLE, &text)?;
        self.flow.down(3.5);
        Some(())
    }

    /// The verdict in its frame: sign, word and sentence.
    fn verdict(&mut self) -> Option<()> {
        let verdict = self.report().verdict;
        let headline = self.report().headline.clone();
        let title = labels::title(verdict);
        let top = self.flow.y;
        let column = Column { left: LEFT + 26.0, width: RIGHT - LEFT - 31.0 };
        self.flow.down(3.0);
        let word = Style { font: Font::Title, size: 19.0, colour: INK, leading: 9.0 };
        let second = Style { font: Font::Sans, size: 12.0, colour: GREY, leading: 9.0 };
        let code = Style { font: Font::Sans, size: 8.5, colour: GREY, leading: 9.0 };
        let own = if title.en.to_lowercase() == verdict.code() { "" } else { verdict.code() };
        let pieces = [(word, title.zh.as_str()), (second, &title.en), (code, own)];
        self.flow.line(Tag::Section, column.left, 3.0, &pieces)?;
        self.flow.down(0.8);
        let zh = Style { font: Font::Serif, size: 11.5, colour: INK, leading: 5.8 };
        self.flow.text(Tag::Paragraph, zh, column, &headline.zh)?;
        let en = Style { font: Font::Sans, size: 9.0, colour: GREY, leading: 4.6 };
        self.flow.text(Tag::Paragraph, en, column, &headline.en)?;
        self.flow.down(3.0);
        let bottom = self.flow.y;
        let tone = Tone::of(verdict);
        self.flow.draw(|art| {
            let [red, green, blue] = tone.colour();
            art.set_stroke_rgb(red, green, blue).set_fill_rgb(red, green, blue);
            art.set_line_width(0.55);
            art.rect(LEFT, top, RIGHT - LEFT, bottom - top).stroke();
            art.rect(LEFT, top, 1.8, bottom - top).fill_nonzero();
            tone.draw(art, LEFT + 13.8, f32::midpoint(top, bottom));
        });
        self.flow.down(3.0);
        Some(())
    }

    /// The two questions side by side.
    fn questions(&mut self) -> Option<()> {
        let report = self.report();
        let until = report.licence.as_ref().map(|licence| licence.valid_until);
        let in_force = match (report.in_force, until) {
            (Answer::Yes, Some(Some(until))) => {
                Words::new(format!("是，有效至 {until}"), format!("yes, until {until}"))
            }
            (Answer::Yes, Some(None)) => Words::new("是，长期有效", "yes, without a fixed end"),
            (other, _) => labels::answer(other),
        };
        let genuine = labels::answer(report.authentic);
        let half = (RIGHT - LEFT - 4.0) / 2.0;
        let top = self.flow.y;
        let mut bottom = top;
        let boxes = [
            ("真实吗", "Genuine?", genuine, LEFT),
            ("现在有效吗", "In force?", in_force, LEFT + half + 4.0),
        ];
        for (zh, en, answer, left) in boxes {
            self.flow.y = top + 2.2;
            let question = Style { font: Font::Sans, size: 9.0, colour: INK, leading: 4.6 };
            let pieces = [(question, zh), (Style { size: 8.0, colour: GREY, ..question }, en)];
            self.flow.line(Tag::Label, left + 4.0, 1.6, &pieces)?;
            let word = Style { font: Font::Title, size: 12.5, colour: INK, leading: 6.2 };
            let second = Style { font: Font::Sans, size: 9.0, colour: GREY, leading: 6.2 };
            self.flow.line(
                Tag::Value,
                left + 4.0,
                2.0,
                &[(word, &answer.zh), (second, &answer.en)],
            )?;
            self.flow.down(1.8);
            bottom = self.flow.y;
            self.flow.draw(|art| {
                art.set_stroke_rgb(RULE[0], RULE[1], RULE[2]).set_line_width(0.3);
                art.rect(left, top, half, bottom - top).stroke();
            });
        }
        self.flow.y = bottom + 1.0;
        Some(())
    }

    fn file(&mut self) -> Option<()> {
        self.section("文件", "The file")?;
        let report = self.report();
        let kind = match report.kind {
            FileKind::Pdf => "PDF",
            FileKind::Credential => "SD-JWT",
            FileKind::Other => "—",
        };
        let name = if report.file.is_empty() { "—" } else { &report.file };
        let size = format!("{kind} · {} 字节 bytes", thousands(self.content.size));
        let pairs = vec![
            pair("名称", "name", name),
            pair("种类与大小", "kind, size", size),
            Pair { figures: true, ..pair("SHA-256", "", self.content.digest.to_hex()) },
        ];
        self.pairs(pairs)
    }

    fn licence(&mut self) -> Option<()> {
        let Some(licence) = self.report().licence.clone() else { return Some(()) };
        self.section("证照", "The licence")?;
        let until = licence
            .valid_until
            .map_or_else(|| "长期 no fixed end".to_owned(), |day| day.to_string());
        let Words { zh, en } = licence.type_name;
        let name = format!("{zh} {en} · 第 {:03} 版 version", licence.version);
        let mut pairs = vec![
            pair("证照", "licence", name),
            pair("编号", "number", licence.number),
            pair("持证人", "holder", licence.holder),
            pair("颁发机关", "issued by", licence.issuer),
            pair("有效期", "valid", format!("{} – {until}", licence.valid_from)),
            Pair { figures: true, ..pair("证照标识", "identifier", licence.id) },
        ];
        if let Some(since) = licence.status_since {
            pairs.push(pair("状态起始", "status since", since.to_string()));
        }
        if let Some(reason) = licence.status_reason {
            pairs.push(pair("原因", "reason", format!("{} {}", reason.zh, reason.en)));
        }
        if let Some(by) = licence.superseded_by {
            pairs.push(pair("新证照", "replaced by", by));
        }
        pairs.retain(|pair| !pair.value.is_empty());
        self.pairs(pairs)
    }

    fn findings(&mut self) -> Option<()> {
        let findings = self.report().findings.clone();
        if findings.is_empty() {
            return Some(());
        }
        self.section("发现", "What was found")?;
        let (shown, more) = bounded(&findings);
        for finding in shown {
            let weight = match finding.severity {
                Severity::Fatal => Words::new("决定结论", "decides"),
                Severity::Warning => Words::new("请注意", "warning"),
                Severity::Info => Words::new("供参考", "to know"),
            };
            self.flow.room(11.0);
            let top = self.flow.y;
            self.label(&weight)?;
            self.flow.y = top;
            self.flow.text(Tag::Value, TEXT, VALUES, &finding.message.zh)?;
            let en = &finding.message.en;
            if finding.detail.is_empty() {
                self.flow.text(Tag::Value, SECOND, VALUES, &format!("{en} [{}]", finding.code))?;
            } else {
                self.flow.text(Tag::Value, SECOND, VALUES, en)?;
                let detail = format!("{}: {}", finding.code, finding.detail);
                self.flow.text(Tag::Value, FIGURES, VALUES, &detail)?;
            }
            self.flow.down(1.2);
        }
        self.more(more)
    }

    fn signatures(&mut self) -> Option<()> {
        let all = self.report().signatures.clone();
        let (shown, more) = bounded(&all);
        for (signature, number) in shown.iter().zip(1..) {
            let (zh, en) = match all.len() {
                1 => ("签章".to_owned(), "The seal or signature".to_owned()),
                count => {
                    (format!("签章 {number}/{count}"), format!("Signature {number} of {count}"))
                }
            };
            self.section(&zh, &en)?;
            let json = serde_json::to_value(signature).ok()?;
            let pairs = labels::details(&json).into_iter().map(detail);
            self.pairs(pairs.collect())?;
        }
        self.more(more)
    }

    /// Each check: sign and sentence, three side by side.
    fn checks(&mut self) -> Option<()> {
        let checks = self.report().checks.clone();
        if checks.is_empty() {
            return Some(());
        }
        self.section("检查", "What was checked")?;
        let (shown, more) = bounded(&checks);
        let width = (RIGHT - LEFT) / 3.0;
        for row in shown.chunks(3) {
            // The longest has three lines.
            self.flow.room(3.0 * TEXT.leading);
            let top = self.flow.y;
            let mut bottom = top;
            for (check, left) in row.iter().zip([LEFT, LEFT + width, LEFT + 2.0 * width]) {
                let outcome = check.outcome;
                self.flow.draw(|art| Tone::of_check(outcome).small(art, left + 1.6, top + 2.2));
                let column = Column { left: left + 4.6, width: width - 6.6 };
                self.flow.y = top;
                let style = Style { size: 8.8, leading: 4.2, ..TEXT };
                self.flow.text(Tag::Paragraph, style, column, &check.message.zh)?;
                let style = Style { size: 7.0, leading: 3.5, ..SECOND };
                self.flow.text(Tag::Paragraph, style, column, &check.message.en)?;
                bottom = bottom.max(self.flow.y);
            }
            self.flow.y = bottom + 0.8;
        }
        self.more(more)
    }

    fn roots(&mut self) -> Option<()> {
        self.section("信任的根证书", "Roots that were trusted")?;
        if self.content.roots.is_empty() {
            return self.flow.text(Tag::Paragraph, TEXT, WHOLE, "没有指定 none was named");
        }
        let (shown, more) = bounded(self.content.roots);
        for root in shown {
            let fingerprint = format!("SHA-256 {}", root.fingerprint().to_fingerprint());
            let style = Style { size: 6.9, leading: 3.9, ..FIGURES };
            let both = self.flow.width(TEXT, root.name()) + self.flow.width(style, &fingerprint);
            if both + 3.0 < WHOLE.width {
                let pieces = [(TEXT, root.name()), (style, fingerprint.as_str())];
                self.flow.line(Tag::Paragraph, LEFT, 3.0, &pieces)?;
            } else {
                self.flow.text(Tag::Label, TEXT, WHOLE, root.name())?;
                self.flow.text(Tag::Value, style, WHOLE, &fingerprint)?;
            }
        }
        self.more(more)
    }

    fn repeat(&mut self) -> Option<()> {
        self.section("怎样自己复核", "How to repeat this by hand")?;
        let at = self.report().as_of;
        let mut steps = vec![
            (
                "sha256sum FILE".to_owned(),
                "与上面的 SHA-256 比较",
                "compare with the SHA-256 above",
            ),
            (
                "openssl x509 -in ROOT.pem -noout -fingerprint -sha256".to_owned(),
                "与上面的根证书比较",
                "compare with the root above",
            ),
            (
                format!(
                    "yinzheng verify FILE --trust ROOT.pem --status LIST.jwt --crl LIST.crl --at {at}"
                ),
                "同一时刻",
                "the same instant",
            ),
        ];
        if self.report().kind == FileKind::Pdf {
            steps.push((
                "pdfsig FILE　pyhanko sign validate --trust ROOT.pem FILE".to_owned(),
                "用他人的软件核验签章",
                "by other people's software",
            ));
        }
        for (command, zh, en) in steps {
            let words = Style { font: Font::Sans, size: 7.2, colour: GREY, leading: 4.4 };
            let style = Style { colour: INK, ..words };
            self.flow.line(
                Tag::Paragraph,
                LEFT,
                2.0,
                &[(style, &command), (words, zh), (words, en)],
            )?;
        }
        Some(())
    }

    /// Says in the small print of the last page who seals, beside the seal's picture.
    fn seal(&mut self, plan: Option<&Plan<'_>>) -> Option<()> {
        let Some(plan) = plan else { return Some(()) };
        let style = Style { font: Font::Sans, size: 7.0, colour: INK, leading: 3.4 };
        let text = format!("由 {} 签章 · sealed; how to check the seal: pdfsig", plan.signer);
        let text = self.flow.inert(&text).into_owned();
        self.flow.place(style, (LEFT, 290.4), &text)
    }

    /// A heading with its hairline.
    fn section(&mut self, zh: &str, en: &str) -> Option<()> {
        self.flow.down(1.6);
        // A heading never stands alone at the foot of a page.
        self.flow.room(17.0);
        let title = Style { font: Font::Title, size: 11.0, colour: INK, leading: 5.6 };
        let second = Style { font: Font::Sans, size: 8.0, colour: GREY, leading: 5.6 };
        self.flow.line(Tag::Section, LEFT, 2.0, &[(title, zh), (second, en)])?;
        let y = self.flow.y + 0.4;
        self.flow.draw(|art| {
            art.set_stroke_rgb(RULE[0], RULE[1], RULE[2]).set_line_width(0.25);
            art.move_to(LEFT, y).line_to(RIGHT, y).stroke();
        });
        self.flow.y = y + 1.2;
        Some(())
    }

    /// Labels and values, two side by side where they fit.
    fn pairs(&mut self, pairs: Vec<Pair>) -> Option<()> {
        let half = MIDDLE - LEFT - LABELS - 3.0;
        let mut waiting: Option<Pair> = None;
        for pair in pairs {
            let style = if pair.figures { FIGURES } else { TEXT };
            let short = self.flow.width(style, &pair.value) <= half;
            waiting = match (waiting.take(), short) {
                (None, true) => Some(pair),
                (None, false) => {
                    self.row(&[(pair, LEFT, RIGHT - LEFT - LABELS)])?;
                    None
                }
                (Some(first), true) => {
                    self.row(&[(first, LEFT, half), (pair, MIDDLE, half)])?;
                    None
                }
                (Some(first), false) => {
                    self.row(&[(first, LEFT, half)])?;
                    self.row(&[(pair, LEFT, RIGHT - LEFT - LABELS)])?;
                    None
                }
            };
        }
        match waiting {
            Some(first) => self.row(&[(first, LEFT, half)]),
            None => Some(()),
        }
    }

    fn row(&mut self, cells: &[(Pair, f32, f32)]) -> Option<()> {
        self.flow.room(TEXT.leading);
        let (top, page) = (self.flow.y, self.flow.page_number());
        let mut bottom = top;
        for (pair, left, width) in cells {
            self.flow.y = top;
            self.pair_label(&pair.label, *left)?;
            bottom = bottom.max(self.flow.y);
            self.flow.y = top;
            let style = if pair.figures { FIGURES } else { TEXT };
            let column = Column { left: left + LABELS, width: *width };
            let lines = self.flow.lines(style, column, &pair.value);
            self.flow.set(Tag::Value, Style { leading: TEXT.leading, ..style }, column, &lines)?;
            bottom = bottom.max(self.flow.y);
        }
        // What went on over the page ends where it ended there.
        if self.flow.page_number() == page {
            self.flow.y = bottom;
        }
        self.flow.down(0.5);
        Some(())
    }

    /// A label; one that is too long for its column goes on below.
    fn pair_label(&mut self, label: &Words, left: f32) -> Option<()> {
        let (zh, en) = (label.zh.as_str(), label.en.as_str());
        let en = if en == zh { "" } else { en };
        let style = Style { size: 8.2, leading: TEXT.leading, ..SECOND };
        let small = Style { size: 7.2, ..SECOND };
        let wide = self.flow.width(style, zh) + 1.2 + self.flow.width(small, en);
        if wide > LABELS - 1.0 {
            let column = Column { left, width: LABELS - 2.0 };
            let style = Style { size: 7.2, leading: 3.6, ..style };
            return self.flow.text(Tag::Label, style, column, format!("{zh} {en}").trim());
        }
        self.flow.line(Tag::Label, left, 1.2, &[(style, zh), (small, en)])
    }

    fn label(&mut self, words: &Words) -> Option<()> {
        let style = Style { size: 8.6, colour: INK, leading: TEXT.leading, ..SECOND };
        let second = Style { size: 7.6, ..SECOND };
        self.flow.line(Tag::Label, LEFT, 1.4, &[(style, words.zh.as_str()), (second, &words.en)])
    }

    /// What a list does not show is counted.
    fn more(&mut self, more: usize) -> Option<()> {
        if more == 0 {
            return Some(());
        }
        let text =
            format!("另有 {more} 项未列出，见 JSON 报告 and {more} more: see the JSON report");
        self.flow.text(Tag::Paragraph, SMALL, WHOLE, &text)
    }
}

fn detail(detail: Detail) -> Pair {
    let Detail { name, label, value } = detail;
    let figures = name.contains("digest") && value.zh.len() > 40;
    let value = if value.zh == value.en { value.zh } else { format!("{} {}", value.zh, value.en) };
    Pair { label, value, figures }
}

/// As many as are listed, and how many more there are.
fn bounded<T>(all: &[T]) -> (&[T], usize) {
    let most = Budget::default().printed_items;
    let shown = all.get(..most).unwrap_or(all);
    (shown, all.len() - shown.len())
}

/// `57,344`
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Rules above and below, name, page number and small print.
fn frame(flow: &mut Flow<'_>, number: usize, count: usize, demo: bool) -> Option<()> {
    flow.draw(|art| {
        art.set_stroke_rgb(DARK[0], DARK[1], DARK[2]).set_line_width(0.6);
        art.move_to(LEFT, 13.0).line_to(RIGHT, 13.0).stroke();
        art.set_stroke_rgb(GOLD[0], GOLD[1], GOLD[2]).set_line_width(0.2);
        art.move_to(LEFT, 14.2).line_to(RIGHT, 14.2).move_to(LEFT, 279.6).line_to(RIGHT, 279.6);
        art.stroke();
    });
    let small = Style { font: Font::Sans, size: 7.6, colour: GREY, leading: 4.0 };
    flow.place(small, (LEFT, 18.6), "印证 Yinzheng")?;
    if demo {
        let style = Style { colour: RED, ..small };
        let text = "演示 DEMO · 以公开示例密钥得出，不证明任何事项 · proves nothing";
        let width = flow.width(style, text);
        flow.place(style, (f32::midpoint(LEFT, RIGHT) - width / 2.0, 18.6), text)?;
    }
    let pages = format!("第 {number} 页，共 {count} 页 · page {number} of {count}");
    let width = flow.width(small, &pages);
    flow.place(small, (RIGHT - width, 18.6), &pages)?;
    for (text, y) in [
        ("本报告记录上述时刻的核验结果，不是证照；状态随后可能改变，采信前请再次核验。", 283.4),
        (
            "This report records what was found at that instant; it is no licence. The status may change: verify again before you rely on it.",
            286.8,
        ),
    ] {
        let small = Style { size: 7.0, ..small };
        flow.place(small, (LEFT, y), text)?;
    }
    Some(())
}

/// What a verdict or a check looks like: a sign that needs no colour, and a colour.
#[derive(Clone, Copy)]
enum Tone {
    Good,
    Stop,
    Caution,
}

impl Tone {
    fn of(verdict: Verdict) -> Self {
        match verdict.exit_code() {
            0 => Self::Good,
            1 | 3 => Self::Stop,
            _ => Self::Caution,
        }
    }

    fn of_check(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Good,
            Outcome::Failed => Self::Stop,
            Outcome::Unknown => Self::Caution,
        }
    }

    fn colour(self) -> [f32; 3] {
        match self {
            Self::Good => [0.043, 0.42, 0.227],
            Self::Stop => [0.702, 0.149, 0.118],
            Self::Caution => [0.541, 0.282, 0.0],
        }
    }

    /// The large sign around a centre.
    fn draw(self, art: &mut Drawing, x: f32, y: f32) {
        art.transform([1.0, 0.0, 0.0, 1.0, x, y]);
        match self {
            Self::Stop => {
                art.move_to(0.0, -8.0).line_to(8.6, 7.0).line_to(-8.6, 7.0);
                art.close_path().fill_nonzero();
            }
            Self::Good | Self::Caution => {
                circle(art, 8.0);
                art.fill_nonzero();
            }
        }
        art.set_stroke_rgb(1.0, 1.0, 1.0).set_line_width(1.5);
        art.set_line_cap(pdf_writer::types::LineCapStyle::RoundCap);
        art.set_line_join(pdf_writer::types::LineJoinStyle::RoundJoin);
        match self {
            Self::Good => art.move_to(-3.7, 0.2).line_to(-1.0, 3.0).line_to(4.0, -3.0).stroke(),
            Self::Stop => art
                .move_to(0.0, -2.6)
                .line_to(0.0, 1.9)
                .move_to(0.0, 4.5)
                .line_to(0.0, 4.55)
                .stroke(),
            Self::Caution => {
                art.move_to(-2.3, -1.8).cubic_to(-2.3, -5.2, 2.5, -5.2, 2.5, -1.9);
                art.cubic_to(2.5, 0.2, 0.0, 0.2, 0.0, 2.0);
                art.move_to(0.0, 4.4).line_to(0.0, 4.45).stroke()
            }
        };
    }

    /// The small sign before a check.
    fn small(self, art: &mut Drawing, x: f32, y: f32) {
        let [red, green, blue] = self.colour();
        art.set_stroke_rgb(red, green, blue).set_line_width(0.55);
        art.set_line_cap(pdf_writer::types::LineCapStyle::RoundCap);
        art.transform([1.0, 0.0, 0.0, 1.0, x, y]);
        match self {
            Self::Good => art.move_to(-1.3, 0.1).line_to(-0.4, 1.1).line_to(1.4, -1.1),
            Self::Stop => {
                art.move_to(-1.1, -1.1).line_to(1.1, 1.1).move_to(1.1, -1.1).line_to(-1.1, 1.1)
            }
            Self::Caution => art.move_to(-1.2, 0.0).line_to(1.2, 0.0),
        };
        art.stroke();
    }
}

/// A circle of four curves.
fn circle(art: &mut Drawing, r: f32) {
    let k = r * 0.552_3;
    art.move_to(r, 0.0).cubic_to(r, k, k, r, 0.0, r).cubic_to(-k, r, -r, k, -r, 0.0);
    art.cubic_to(-r, -k, -k, -r, 0.0, -r).cubic_to(k, -r, r, -k, r, 0.0).close_path();
}

/// The picture of the report's seal: a plain red square with a check, unlike a department's seal.
pub(super) fn mark() -> FormXObject {
    let mut art = Drawing::new();
    art.set_stroke_rgb(0.659, 0.125, 0.102).set_line_width(0.06);
    art.rect(0.05, 0.05, 0.9, 0.9).rect(0.12, 0.12, 0.76, 0.76).stroke();
    art.set_line_width(0.09).set_line_cap(pdf_writer::types::LineCapStyle::RoundCap);
    art.move_to(0.28, 0.5).line_to(0.44, 0.34).line_to(0.73, 0.68).stroke();
    let deflated = deflate(art.finish().as_slice());
    FormXObject { name: MARK, bounds: [0.0, 0.0, 1.0, 1.0], deflated, draws: Vec::new() }
}

/// Name of the seal's picture.
pub(super) const MARK: &str = "Mark";
/// Where it stands on the last page.
pub(super) const MARK_PLACE: (f32, f32, f32, f32) = (RIGHT - 11.0, 281.0, 11.0, 11.0);

/// Nine tenths of the smallest text are six points.
const SCALES: [f32; 3] = [1.0, 0.95, 0.9];
const LEFT: f32 = 20.0;
const RIGHT: f32 = 190.0;
const MIDDLE: f32 = 107.0;
const LABELS: f32 = 31.0;
const WHOLE: Column = Column { left: LEFT, width: RIGHT - LEFT };
const VALUES: Column = Column { left: LEFT + LABELS, width: RIGHT - LEFT - LABELS };

const TEXT: Style = Style { font: Font::Serif, size: 9.4, colour: INK, leading: 4.6 };
const SECOND: Style = Style { font: Font::Sans, size: 7.8, colour: GREY, leading: 3.9 };
const FIGURES: Style = Style { font: Font::Sans, size: 7.8, colour: GREY, leading: 4.0 };
const SMALL: Style = Style { font: Font::Sans, size: 8.0, colour: GREY, leading: 4.4 };

const INK: Colour = Colour(27, 39, 51);
const GREY: Colour = Colour(74, 85, 96);
const RED: Colour = Colour(179, 38, 30);
const DARK: [f32; 3] = [0.122, 0.306, 0.322];
const GOLD: [f32; 3] = [0.69, 0.54, 0.24];
const RULE: [f32; 3] = [0.70, 0.72, 0.74];
