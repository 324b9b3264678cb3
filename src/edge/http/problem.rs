//! Errors as problem details (RFC 9457). Causes go to the log, never to the client.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::base::localized::{Fault, Localized};

/// The code of a problem, attached to the answer for the counters.
#[derive(Clone, Copy, Debug)]
pub(in crate::edge::http) struct ProblemCode(pub(in crate::edge::http) &'static str);

/// A problem with a stable code and text in both languages.
#[derive(Clone, Copy, Debug)]
pub(in crate::edge::http) struct Problem {
    status: StatusCode,
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    /// Seconds until another try is useful, where known.
    wait: Option<u32>,
}

impl Problem {
    pub(in crate::edge::http) const NOT_FOUND: Self = Self::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "没有这个地址或编号",
        "There is nothing here",
    );
    pub(in crate::edge::http) const BAD_CODE: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "bad_code",
        "核验码应为十六个字符，请对照证照重新输入",
        "A verification code has sixteen characters; compare it with the licence",
    );
    pub(in crate::edge::http) const BAD_UPLOAD: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "bad_upload",
        "没有收到文件，请选择一个文件再试",
        "No file arrived; choose one and try again",
    );
    pub(in crate::edge::http) const NO_SUCH_CODE: Self = Self::new(
        StatusCode::NOT_FOUND,
        "no_such_code",
        "没有这个核验码，请对照证照重新输入；若无误，请勿采信该证照",
        "No such code. Compare it with the licence; if it is right, do not rely on it",
    );
    pub(in crate::edge::http) const BAD_NUMBER: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "bad_number",
        "请填写证照编号，以及单位证照的信用代码后四位或全称；个人证照须同时填姓名和公民身份号码后六位",
        "Enter the number, and for an organisation the last four of its credit code or its full \
         name; for a person both the name and the last six of the citizen number",
    );
    pub(in crate::edge::http) const NAME_ALONE: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "bad_number",
        "只凭这个编号和名称没有查到现在有效的单位证照，请对照证照重新输入；个人证照须同时填姓名和公民身份号码后六位",
        "No organisation's licence in force was found by this number and name alone; compare them \
         with the licence. For a person enter both the name and the last six of the citizen number",
    );
    pub(in crate::edge::http) const NO_CODE: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "bad_code",
        "请输入核验码",
        "Enter the verification code",
    );
    pub(in crate::edge::http) const NOTHING_FITS: Self = Self::new(
        StatusCode::NOT_FOUND,
        "nothing_fits",
        "没有现在有效的证照与所填信息相符，请对照证照重新输入；个人证照须同时填姓名和公民身份号码后六位；若无误，请勿采信该证照",
        "No licence in force fits what was entered. Compare it with the licence; for a person enter \
         both the name and the last six of the citizen number. If it is right, do not rely on it",
    );
    pub(in crate::edge::http) const LOCKED: Self = Self::new(
        StatusCode::TOO_MANY_REQUESTS,
        "locked",
        "该编号输错次数过多，暂时不能查询；可改用二维码、核验码",
        "Too many wrong tries with this number, which is locked for now; use the QR symbol or the code",
    );
    pub(in crate::edge::http) const TOO_LARGE: Self = Self::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "文件超过 20 MB；证照原文件远小于此，请选择签发机关发给您的文件，或扫二维码、用编号查询",
        "The file is larger than 20 MB, which no licence is: choose the file as the office issued \
         it, or scan the QR symbol or look the number up",
    );
    pub(in crate::edge::http) const TOO_MANY: Self = Self::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        "查询过于频繁，请稍后再试",
        "Too many look-ups; try again in a moment",
    );
    pub(in crate::edge::http) const NO_HISTORY: Self = Self::new(
        StatusCode::NOT_IMPLEMENTED,
        "no_history",
        "只提供当前的状态列表",
        "Only the present status list is served",
    );
    pub(in crate::edge::http) const WRONG_METHOD: Self = Self::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "wrong_method",
        "这个地址不支持该请求方法",
        "This address does not know this method",
    );
    pub(in crate::edge::http) const UNAVAILABLE: Self = Self::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "暂时无法处理，请稍后再试",
        "Not available now; try again later",
    );

    pub(in crate::edge::http) const fn new(
        status: StatusCode,
        code: &'static str,
        zh: &'static str,
        en: &'static str,
    ) -> Self {
        Self { status, code, zh, en, wait: None }
    }

    pub(in crate::edge::http) const fn after(self, seconds: u32) -> Self {
        Self { wait: Some(seconds), ..self }
    }

    /// Value of `Retry-After`.
    pub(in crate::edge::http) fn wait(self) -> Option<u32> {
        self.wait
    }

    pub(in crate::edge::http) fn status(self) -> StatusCode {
        self.status
    }

    pub(in crate::edge::http) fn code(self) -> &'static str {
        self.code
    }

    /// Its text in Chinese and in English.
    pub(in crate::edge::http) fn texts(self) -> (&'static str, &'static str) {
        (self.zh, self.en)
    }

    /// For a page: the problem, and when to try again.
    pub(in crate::edge::http) fn words(self) -> Localized {
        let (zh, en) = (self.zh, self.en);
        let Some(seconds) = self.wait else { return Localized::new(zh, en) };
        let (count, unit_zh, unit_en) = match seconds {
            0..120 => (seconds, "秒", "seconds"),
            120..7200 => (seconds.div_ceil(60), "分钟", "minutes"),
            _ => (seconds.div_ceil(3600), "小时", "hours"),
        };
        Localized::new(
            format!("{zh}（请 {count} {unit_zh}后再试）"),
            format!("{en} (try again in {count} {unit_en})"),
        )
    }
}

impl Problem {
    /// The same with every fault of the input.
    pub(in crate::edge::http) fn with_faults(self, faults: &[Fault]) -> Response {
        let mut body = self.to_json();
        body["faults"] = json!(faults);
        self.answer(&body)
    }

    pub(in crate::edge::http) fn tell_wait(self, headers: &mut HeaderMap) {
        if let Some(seconds) = self.wait {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
    }

    /// The JSON body.
    pub(in crate::edge::http) fn to_json(self) -> Value {
        json!({
            "type": "about:blank",
            "status": self.status.as_u16(),
            "code": self.code,
            "title": { "zh": self.zh, "en": self.en },
        })
    }

    fn answer(self, body: &Value) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, kind, body.to_string()).into_response();
        self.tell_wait(response.headers_mut());
        response.extensions_mut().insert(ProblemCode(self.code));
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.answer(&self.to_json())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_problem_fits_the_schema() {
        let schema = crate::domain::schema::problem();
        let schema = jsonschema::draft202012::new(&schema).unwrap();
        for problem in [
            Problem::NOT_FOUND,
            Problem::BAD_CODE,
            Problem::BAD_UPLOAD,
            Problem::NO_SUCH_CODE,
            Problem::BAD_NUMBER,
            Problem::NAME_ALONE,
            Problem::NO_CODE,
            Problem::NOTHING_FITS,
            Problem::LOCKED,
            Problem::TOO_LARGE,
            Problem::TOO_MANY,
            Problem::NO_HISTORY,
            Problem::WRONG_METHOD,
            Problem::UNAVAILABLE,
            super::super::admission::BUSY,
            super::super::body::TOO_SLOW,
        ] {
            let answer = problem.into_response();
            assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
            let body = axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap();
            let mut body: Value = serde_json::from_slice(&body).unwrap();
            assert!(schema.is_valid(&body), "{body}");
            body["one_more"] = 1.into();
            assert!(!schema.is_valid(&body), "{body}");
        }
    }
}
