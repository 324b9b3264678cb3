//! `yinzheng verify`: one file or very many, alone or with an office.

mod asking;
mod input;
mod inputs;
mod judge;
mod logs;
mod many;
mod options;
mod report_pdf;
mod summary;
mod table;
mod words;

use std::io::IsTerminal as _;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::failure::Failure;
use super::render;
use crate::base::localized::Language;
use crate::base::text::{visible, visible_json};
use crate::base::time::Clock as _;
use crate::domain::verify::assess;
use crate::edge::clock::SystemClock;
use crate::edge::config;
use input::Input;
use inputs::Inputs;
use judge::{Judge, Judged};
use options::Format;
pub(super) use options::VerifyOptions;
use report_pdf::Paper;
use summary::Summary;
use words::Reason;

pub(super) fn run(options: &VerifyOptions, language: Language) -> Result<u8, Failure> {
    // The code of a failed act is that of an altered file here.
    verify(options, language).map_err(|failure| Failure { code: 64, ..failure })
}

fn verify(options: &VerifyOptions, language: Language) -> Result<u8, Failure> {
    let mut paper = Paper::open(options)?;
    let judge = Judge::open(options, language)?;
    let inputs = Inputs::new(options.files.clone());
    let left_out = inputs.left_out();
    let bar = bar(options);
    let out = Output::new(options, language)?;
    let mut summary = Summary::default();
    let mut failed = None;
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let wanted = options.report.is_some();
    let work = |input: Input| {
        let name = input.name.clone();
        let answer = catch_unwind(AssertUnwindSafe(|| look(&judge, input, wanted)));
        let answer = answer.unwrap_or_else(|_| Ok(unreadable(&name, &words::broken_off())));
        (name, answer)
    };
    many::in_order(inputs, cores, work, |(name, answer)| {
        let kept = answer.and_then(|Judged { report, page }| {
            let kept = paper.keep(&name, page)?;
            summary.count(&report);
            bar.suspend(|| out.report(&report, kept.as_deref()))?;
            Ok(())
        });
        bar.inc(1);
        match kept {
            // Nobody would see what the other files are.
            Ok(()) if render::lost().is_some() => ControlFlow::Break(()),
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                failed = Some(failure);
                ControlFlow::Break(())
            }
        }
    });
    bar.finish_and_clear();
    judge.end();
    if let Some(failure) = failed {
        return Err(failure);
    }
    let left_out = left_out.load(std::sync::atomic::Ordering::Relaxed);
    if let Some(line) = summary.line(left_out, language) {
        out.summary(&line);
    }
    Ok(summary.exit_code())
}

fn look(judge: &Judge, input: Input, page: bool) -> Result<Judged, Failure> {
    let name = input.name.clone();
    let proof = input.proof();
    match input.read() {
        Ok(bytes) => judge.verify(&name, &bytes, proof.as_deref(), page),
        Err(reason) => Ok(unreadable(&name, &reason)),
    }
}

fn unreadable(name: &str, reason: &Reason) -> Judged {
    let Reason { words, detail } = reason;
    let mut report = assess::unreadable(name, SystemClock.now(), &words.zh, &words.en);
    for finding in &mut report.findings {
        finding.detail.clone_from(detail);
    }
    Judged { report: serde_json::to_value(report).unwrap_or_default(), page: None }
}

/// A bar for people who wait: on a terminal alone, and only on standard error.
fn bar(options: &VerifyOptions) -> ProgressBar {
    if !std::io::stderr().is_terminal() || options.files.iter().all(|path| path.is_file()) {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} · {per_sec} · {eta}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    // Counting goes on beside the work; the process need not wait for it.
    let (counted, named) = (bar.clone(), options.files.clone());
    drop(std::thread::spawn(move || counted.inc_length(inputs::count(&named))));
    bar
}

/// Where answers go, and how they are written.
struct Output {
    format: Format,
    details: bool,
    language: Language,
    colour: bool,
}

impl Output {
    fn new(options: &VerifyOptions, language: Language) -> Result<Self, Failure> {
        let (format, details) = (options.format(), options.details);
        let colour = std::io::stdout().is_terminal() && !config::no_color();
        if format == Format::Csv {
            render::write(&table::head()?);
        }
        Ok(Self { format, details, language, colour })
    }

    fn report(&self, report: &Value, kept: Option<&str>) -> Result<(), Failure> {
        match self.format {
            Format::Json => render::say(&visible_json(&report.to_string())),
            Format::Csv => render::write(&table::line(report)?),
            Format::Text => {
                let text = if self.details { render::report } else { render::answer };
                render::say(&text(report, self.language, self.colour));
                if let Some(path) = kept {
                    let path = visible(path);
                    let (zh, en) = (format!("  报告：{path}"), format!("  Report: {path}"));
                    render::tell(self.language, zh, en);
                }
                if !self.details {
                    render::tell(self.language, "  更多细节：--details", "  More with --details");
                }
            }
        }
        Ok(())
    }

    /// Beside JSON and tables the summary would be one line too many.
    fn summary(&self, line: &str) {
        match self.format {
            Format::Text => render::say(&format!("\n{line}")),
            Format::Json | Format::Csv => render::complain(line),
        }
    }
}
