//! Counters for Prometheus (text format 0.0.4), without personal data.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;

use super::app::{App, HandlerResult};
use super::blocking::spawn_blocking;
use super::oauth;
use super::openapi::{Operation, Routes};
use super::peer::Peer;
use super::problem::Problem;
use crate::domain::access::{Caller, Verb};
use crate::service::webhooks::Health;

/// Attached to an answer: a licence was issued for it.
#[derive(Clone, Copy, Debug)]
pub(in crate::edge::http) struct IssuedNow;

/// Counters since the process began.
#[derive(Debug, Default)]
pub(super) struct Metrics(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// By method, route and status.
    requests: BTreeMap<(String, String, u16), u64>,
    /// By the code of the problem.
    refusals: BTreeMap<&'static str, u64>,
    /// By route: how many took at most each bound, and all; and their total time.
    durations: BTreeMap<String, ([u64; BOUNDS.len() + 1], f64)>,
    issued: u64,
}

/// One answered request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered<'a> {
    pub(super) method: &'a str,
    /// The router's pattern, so that no identifier gets in; there are few.
    pub(super) route: &'a str,
    pub(super) status: StatusCode,
    pub(super) took: Duration,
    pub(super) refusal: Option<&'static str>,
    pub(super) issued: bool,
}

impl Metrics {
    pub(super) fn count(&self, answered: &Answered<'_>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (answered.method.to_owned(), answered.route.to_owned(), answered.status.as_u16());
        *counts.requests.entry(key).or_default() += 1;
        if let Some(code) = answered.refusal {
            *counts.refusals.entry(code).or_default() += 1;
        }
        counts.issued += u64::from(answered.issued);
        let seconds = answered.took.as_secs_f64();
        let (buckets, sum) = counts.durations.entry(answered.route.to_owned()).or_default();
        let bounds = BOUNDS.iter().chain([&f64::INFINITY]);
        for (bucket, _) in buckets.iter_mut().zip(bounds).filter(|(_, bound)| seconds <= **bound) {
            *bucket += 1;
        }
        *sum += seconds;
    }

    fn text(&self, events: u64) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        head(&mut text, "http_requests_total", "counter", "Requests that were answered.");
        for ((method, route, status), count) in &counts.requests {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            line(&mut text, "http_requests_total", &labels, count);
        }
        head(&mut text, "refusals_total", "counter", "Answers that were problems.");
        for (code, count) in &counts.refusals {
            line(&mut text, "refusals_total", &format!("code=\"{code}\""), count);
        }
        head(&mut text, "licences_issued_total", "counter", "Licences issued over HTTP.");
        line(&mut text, "licences_issued_total", "", &counts.issued);
        head(&mut text, "journal_events", "gauge", "Events in the journal.");
        line(&mut text, "journal_events", "", &events);
        let name = "http_request_seconds";
        head(&mut text, name, "histogram", "Time until the head of the answer.");
        for (route, (buckets, sum)) in &counts.durations {
            let route = format!("route=\"{route}\"");
            let bounds = BOUNDS.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
            for (count, bound) in buckets.iter().zip(bounds) {
                let labels = format!("{route},le=\"{bound}\"");
                line(&mut text, &format!("{name}_bucket"), &labels, count);
            }
            line(&mut text, &format!("{name}_sum"), &route, sum);
            let all = buckets.last().copied().unwrap_or_default();
            line(&mut text, &format!("{name}_count"), &route, &all);
        }
        text
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a text does not fail.
    let _ = writeln!(text, "# HELP yinzheng_{name} {help}\n# TYPE yinzheng_{name} {kind}");
}

fn line(text: &mut String, name: &str, labels: &str, value: &dyn std::fmt::Display) {
    let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
    let _ = writeln!(text, "yinzheng_{name}{labels} {value}");
}

pub(super) fn routes() -> Routes {
    Routes::default().get("/metrics", metrics, describe_metrics)
}

fn describe_metrics(op: Operation) -> Operation {
    let en = "For callers on the machine itself that come through no proxy, and for clients with a \
              right to audit; nobody else learns that it is there. Nothing in it is about a person.";
    let zh = "仅供本机上不经代理的调用者和有审计权限的客户端；其他人无从知道它的存在。其中没有任何个人信息。";
    op.title(("运行指标", "Counters for Prometheus"))
        .about((zh, en))
        .tag("运行 Operation")
        .token(&[Verb::Audit])
        .or_local()
        .text("text/plain", ("文本格式 0.0.4", "Text format 0.0.4"))
        .refuses(oauth::REFUSALS)
        .refuses_when(Problem::NOT_FOUND, ("不对该调用者提供", "Not for this caller"))
}

/// For the machine itself, and for clients with a right to audit. Others get 404.
async fn metrics(State(app): State<App>, request: Request) -> HandlerResult {
    if !is_here(&request) && !may_audit(&request) {
        return Err(Problem::NOT_FOUND);
    }
    let metrics = request.extensions().get::<Arc<Metrics>>().cloned().unwrap_or_default();
    let office = Arc::clone(&app.office);
    let (events, _) = spawn_blocking(move || office.store().head()).await?;
    let mut text = metrics.text(events);
    tell_deliveries(&mut text, &app.office.deliveries(), events);
    let kind = [
        (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((kind, text).into_response())
}

/// An administrator chose the names of destinations.
fn tell_deliveries(text: &mut String, deliveries: &BTreeMap<String, Health>, events: u64) {
    let mut tell = |name: &str, kind: &str, help: &str, of: &dyn Fn(&Health) -> u64| {
        head(text, name, kind, help);
        for (destination, health) in deliveries {
            line(text, name, &format!("destination=\"{destination}\""), &of(health));
        }
    };
    tell("webhooks_delivered_total", "counter", "Messages that arrived.", &|one| one.delivered);
    tell("webhooks_failed_total", "counter", "Attempts that failed.", &|one| one.failed);
    let help = "1 when a destination failed so often that somebody should look.";
    tell("webhook_failing", "gauge", help, &|one| u64::from(one.failing));
    let help = "Events that a destination was not told of yet, or need not be.";
    tell("webhook_events_behind", "gauge", help, &|one| events.saturating_sub(one.next));
}

/// A loopback address, and no header of a proxy that forwards for others.
fn is_here(request: &Request) -> bool {
    let peer = Peer::of(request);
    let loopback = peer.address.is_some_and(|address| address.is_loopback()) && !peer.proxy;
    let headers = request.headers();
    loopback && !PROXIED.iter().any(|name| headers.contains_key(*name))
}

fn may_audit(request: &Request) -> bool {
    request.extensions().get::<Caller>().is_some_and(|caller| caller.has(Verb::Audit).is_ok())
}

const PROXIED: [&str; 5] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
/// Bounds in seconds. Issuing takes some milliseconds, and after ten seconds the caller is gone.
const BOUNDS: [f64; 9] = [0.001, 0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_labels_are_routes() {
        let metrics = Metrics::default();
        for (millis, status) in [(1, 200), (4, 200), (20_000, 503)] {
            metrics.count(&Answered {
                method: "GET",
                route: "/v1/licences/{id}",
                status: StatusCode::from_u16(status).unwrap(),
                took: Duration::from_millis(millis),
                refusal: (status == 503).then_some("unavailable"),
                issued: false,
            });
        }
        let mut text = metrics.text(7);
        let health = Health { delivered: 3, failed: 1, failing: true, next: 5 };
        tell_deliveries(&mut text, &BTreeMap::from([("school".to_owned(), health)]), 7);
        for line in [
            "yinzheng_http_requests_total{method=\"GET\",route=\"/v1/licences/{id}\",status=\"200\"} 2",
            "yinzheng_refusals_total{code=\"unavailable\"} 1",
            "yinzheng_journal_events 7",
            "yinzheng_webhooks_delivered_total{destination=\"school\"} 3",
            "yinzheng_webhook_failing{destination=\"school\"} 1",
            "yinzheng_webhook_events_behind{destination=\"school\"} 2",
            "yinzheng_http_request_seconds_bucket{route=\"/v1/licences/{id}\",le=\"0.001\"} 1",
            "yinzheng_http_request_seconds_bucket{route=\"/v1/licences/{id}\",le=\"0.005\"} 2",
            "yinzheng_http_request_seconds_bucket{route=\"/v1/licences/{id}\",le=\"+Inf\"} 3",
            "yinzheng_http_request_seconds_count{route=\"/v1/licences/{id}\"} 3",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
        }
    }
}
