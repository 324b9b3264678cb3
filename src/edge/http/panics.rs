//! A fault of the program itself: the caller gets a problem like any other, the log gets the place
//! in the source and the id of the request. A panic message may contain personal data, so it is
//! written nowhere.

use std::any::Any;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;

/// The answer in place of a handler's.
pub(super) fn answer(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler failed");
    INTERNAL.into_response()
}

/// From now on a panic in any thread is a log line with its place, without its message.
pub(in crate::edge) fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place = place.as_deref().unwrap_or("unknown"), "the program has a fault");
    }));
}

pub(super) const INTERNAL: Problem = Problem::new(
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal_error",
    "程序出错，未必没有办成：请先查询，再凭 X-Request-Id 联系管理员",
    "The program has a fault. It may be done all the same: look first, then name the X-Request-Id \
     to the administrator",
);

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;
    use serde_json::Value;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::super::blocking::spawn_blocking;
    use super::super::request_log::{Watch, log_requests};
    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_fault_is_a_problem_and_a_line_without_what_was_in_hand() {
        let kept = Kept::default();
        let writer = kept.clone();
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
        let _log = tracing::subscriber::set_default(log.finish());
        let fails = || -> Result<(), Problem> { panic!("张示例") };
        let router = Router::new()
            .route("/here", get(move || async move { fails() }))
            .route("/elsewhere", get(move || async move { spawn_blocking(fails).await }))
            .layer(CatchPanicLayer::custom(answer))
            .layer(from_fn_with_state(Watch::default(), log_requests));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for path in ["/here", "/elsewhere"] {
            let id = "0123456789abcdef0123456789abcdef";
            let request = Request::get(path).header("x-request-id", id).body(Body::empty());
            let service = TowerToHyperService::new(router.clone());
            let answer = runtime.block_on(service.call(request.unwrap())).unwrap();
            assert_eq!(
                (answer.status(), &answer.headers()["x-request-id"]),
                (StatusCode::INTERNAL_SERVER_ERROR, &id.parse().unwrap(),)
            );
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
            let body = axum::body::to_bytes(answer.into_body(), 1 << 16);
            let body: Value = serde_json::from_slice(&runtime.block_on(body).unwrap()).unwrap();
            assert_eq!(body["code"], "internal_error");
            let schema = crate::domain::schema::problem();
            assert!(jsonschema::draft202012::new(&schema).unwrap().is_valid(&body), "{body}");
            let said = String::from_utf8(std::mem::take(&mut *kept.0.lock().unwrap())).unwrap();
            let line = said.lines().find(|line| line.contains("ERROR")).unwrap();
            assert!(line.contains(id) && line.contains("failed"), "{said}");
            assert!(said.contains("internal_error") && !said.contains("张示例"), "{said}");
        }
    }
}
