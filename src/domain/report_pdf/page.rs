//! Sections of the report, from the verdict to the values that allow each check to be repeated.

use super::art::{Tone, frame};
use super::content::{Plan, ReportContent};
use super::flow::{Column, Flow, Style};
use super::look::{
    FIGURES, GREY, HEADING, INK, LEFT, RIGHT, RULE, SECOND, SMALL, TEXT, VALUES, WHOLE,
};
use super::texts::{Pair, bounded, detail, pair, thousands};
use crate::base::localized::Localized;
use crate::domain::licence::sheet::Press;
use crate::domain::verify::report::folded::{self, Checks, Weight};
use crate::domain::verify::report::labels;
use crate::domain::verify::report::{Answer, FileKind, Report, Severity};
use crate::format::pdf::write::{Canvas, Font, FontUse, Tag};

pub(super) fn draw<'a>(
    press: &'a Press,
    content: &ReportContent<'_>,
    plan: Option<&Plan<'_>>,
) -> Option<(Vec<Canvas>, [FontUse<'a>; 3])> {
    let set = |scale| {
        let mut page = Page { flow: Flow::new(press, scale), content };
        page.all(plan)?;
        Some(page.flow)
    };
    // On one page, if the text stays large enough; else on as many as needed.
    let mut flow = None;
    for scale in SCALES {
        flow = flow.or_else(|| set(scale).filter(|flow| flow.page_number() == 0));
    }
    let flow = flow.or_else(|| set(1.0))?;
    flow.finish(|flow, number, count| frame(flow, number, count, content.demo))
}

pub(super) struct Page<'a, 'c> {
    pub(super) flow: Flow<'a>,
    content: &'c ReportContent<'c>,
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
        self.technical()?;
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
        let pieces = [(word, title.zh.as_str()), (second, &title.en), (code, verdict.code())];
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
                Localized::new(format!("是，有效至 {until}"), format!("yes, until {until}"))
            }
            (Answer::Yes, Some(None)) => Localized::new("是，长期有效", "yes, without a fixed end"),
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
            let pieces = [(word, answer.zh.as_str()), (second, &answer.en)];
            let widths = pieces.map(|(style, text)| self.flow.width(style, text));
            if widths.iter().sum::<f32>() + 2.0 <= half - 8.0 {
                self.flow.line(Tag::Value, left + 4.0, 2.0, &pieces)?;
            } else {
                let column = Column { left: left + 4.0, width: half - 8.0 };
                self.flow.text(Tag::Value, word, column, &answer.zh)?;
                self.flow.text(Tag::Value, Style { leading: 4.6, ..second }, column, &answer.en)?;
            }
            self.flow.down(1.8);
            bottom = bottom.max(self.flow.y);
        }
        self.flow.draw(|art| {
            art.set_stroke_rgb(RULE[0], RULE[1], RULE[2]).set_line_width(0.3);
            for left in [LEFT, LEFT + half + 4.0] {
                art.rect(left, top, half, bottom - top).stroke();
            }
        });
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
        let Localized { zh, en } = licence.type_name;
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
        // Informational findings are in small print at the end.
        let report = self.content.report;
        let mut findings = folded::findings(report);
        findings.retain(|one| one.weight != Weight::Info);
        if findings.is_empty() {
            return Some(());
        }
        self.section("发现", "What was found")?;
        let (shown, more) = bounded(&findings);
        for one in shown {
            let finding = one.first;
            let weight = match one.weight {
                Weight::Decides => Localized::new("决定结论", "decides"),
                Weight::Against => Localized::new("另有问题", "also wrong"),
                Weight::Open => Localized::new("另有疑问", "also open"),
                Weight::Warning => Localized::new("请注意", "warning"),
                Weight::Info => Localized::new("供参考", "to know"),
            };
            self.flow.room(11.0);
            let top = self.flow.y;
            self.label(&weight)?;
            self.flow.y = top;
            self.flow.text(Tag::Value, TEXT, VALUES, &finding.message.zh)?;
            let en = &finding.message.en;
            if one.details.is_empty() {
                self.flow.text(Tag::Value, SECOND, VALUES, &format!("{en} [{}]", finding.code))?;
            } else {
                self.flow.text(Tag::Value, SECOND, VALUES, en)?;
            }
            for (detail, place) in one.details.iter().zip(0..) {
                let code = if place == 0 { finding.code.name() } else { "" };
                let colon = if place == 0 { ": " } else { "" };
                let detail = format!("{code}{colon}{}", detail.text());
                self.flow.text(Tag::Value, FIGURES, VALUES, &detail)?;
            }
            if one.more > 0 {
                let more = format!("另有 {0} 处 and {0} more", one.more);
                self.flow.text(Tag::Value, FIGURES, VALUES, &more)?;
            }
            self.flow.down(1.2);
        }
        self.more(more)
    }

    fn signatures(&mut self) -> Option<()> {
        let count = self.report().signatures.len();
        let all = folded::signatures(self.content.report);
        let (shown, more) = bounded(&all);
        for signatures in shown {
            let (zh, en) = match (count, ranges(&signatures.numbers)) {
                (1, _) => ("签章".to_owned(), "The seal or signature".to_owned()),
                (_, these) if signatures.numbers.len() == 1 => {
                    (format!("签章 {these}/{count}"), format!("Signature {these} of {count}"))
                }
                (_, these) => {
                    (format!("签章 {these}/{count}"), format!("Signatures {these} of {count}"))
                }
            };
            self.section(&zh, &en)?;
            let json = serde_json::to_value(signatures.first).ok()?;
            let mut details = labels::details(&json);
            details.retain(|one| !one.name.starts_with(TECHNICAL));
            for one in &mut details {
                if one.name == "field" && signatures.numbers.len() > 1 {
                    let fields = signatures.fields.both();
                    one.value = Localized::new(fields.as_str(), fields.as_str());
                }
            }
            self.pairs(details.into_iter().map(detail).collect())?;
        }
        self.more(more)
    }

    /// In small print: the values to repeat each check by hand.
    fn technical(&mut self) -> Option<()> {
        let report = self.report().clone();
        let mut lines = Vec::new();
        let (signatures, _) = bounded(&report.signatures);
        for signature in signatures {
            let json = serde_json::to_value(signature).ok()?;
            let mut details = labels::details(&json);
            details.retain(|one| one.name.starts_with(TECHNICAL));
            let said = details.iter().map(|one| format!("{} {}", one.label.en, one.value.en));
            let said: Vec<_> = said.collect();
            if !said.is_empty() {
                lines.push(format!("{}: {}", signature.field, said.join(" · ")));
            }
        }
        let mut findings = report.findings;
        findings.retain(|finding| finding.severity == Severity::Info);
        let (shown, more) = bounded(&findings);
        lines.extend(shown.iter().map(|one| format!("{}: {}", one.message.en, one.detail)));
        if lines.is_empty() {
            return Some(());
        }
        self.section("技术细节", "Technical details")?;
        for line in lines {
            let style = Style { size: 6.4, leading: 3.2, ..FIGURES };
            self.flow.text(Tag::Paragraph, style, WHOLE, &line)?;
            self.flow.down(0.6);
        }
        self.more(more)
    }

    /// Each check: sign and sentence, three side by side.
    fn checks(&mut self) -> Option<()> {
        let checks = folded::checks(self.content.report);
        if checks.is_empty() {
            return Some(());
        }
        let (shown, more) = bounded(&checks);
        let width = (RIGHT - LEFT) / 3.0;
        for (row, number) in shown.chunks(3).zip(0..) {
            let heights = row.iter().map(|check| self.check_height(check, width - 6.6));
            let height = heights.fold(0.0, f32::max);
            if number == 0 {
                self.flow.room(HEADING + height);
                self.section("检查", "What was checked")?;
            }
            self.flow.room(height);
            let top = self.flow.y;
            let mut bottom = top;
            for (check, left) in row.iter().zip([LEFT, LEFT + width, LEFT + 2.0 * width]) {
                let outcome = check.first.outcome;
                self.flow.draw(|art| Tone::of_check(outcome).small(art, left + 1.6, top + 2.2));
                let column = Column { left: left + 4.6, width: width - 6.6 };
                self.flow.y = top;
                for (style, text) in texts(check) {
                    self.flow.text(Tag::Paragraph, style, column, &text)?;
                }
                bottom = bottom.max(self.flow.y);
            }
            self.flow.y = bottom + 0.8;
        }
        self.more(more)
    }

    fn check_height(&self, check: &Checks<'_>, width: f32) -> f32 {
        let column = Column { left: LEFT, width };
        let lines = texts(check).into_iter().flat_map(|(style, text)| {
            self.flow.lines(style, column, &text).into_iter().map(move |_| style.leading)
        });
        lines.sum()
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

    /// The sealing party, in the small print of the last page beside the seal's image.
    fn seal(&mut self, plan: Option<&Plan<'_>>) -> Option<()> {
        let Some(plan) = plan else { return Some(()) };
        let style = Style { font: Font::Sans, size: 7.0, colour: INK, leading: 3.4 };
        let text = format!("由 {} 签章 · sealed; how to check the seal: pdfsig", plan.signer);
        let text = self.flow.inert(&text).into_owned();
        self.flow.place(style, (LEFT, 290.4), &text)
    }
}

/// Scales to try; at the smallest, the smallest text has six points.
const SCALES: [f32; 4] = [1.0, 0.95, 0.9, 0.85];
/// Text of a check: the sentence in both languages, and the signatures concerned.
fn texts(check: &Checks<'_>) -> Vec<(Style, String)> {
    let second = Style { size: 7.0, leading: 3.5, ..SECOND };
    let Localized { zh, en } = check.first.message.clone();
    let mut texts = vec![(Style { size: 8.8, leading: 4.2, ..TEXT }, zh), (second, en)];
    texts.extend(check.of.as_ref().map(|of| (second, of.both())));
    texts
}

/// `1–16, 17`
fn ranges(numbers: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match parts.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*number) => *last = *number,
            _ => parts.push((*number, *number)),
        }
    }
    let one = |(first, last): (usize, usize)| {
        if first == last { first.to_string() } else { format!("{first}–{last}") }
    };
    parts.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Details of a signature in small print.
const TECHNICAL: &str = "details.";
