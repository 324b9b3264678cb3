//! Tokens over HTTP: `POST /oauth/token` (RFC 6749, 4.4), its metadata (RFC 8414), and the layer
//! that makes a [`Caller`] of a token.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::peer::{Peer, single};
use super::problem::Problem;
use super::routes::{App, off_the_reactor};
use crate::base::digest::Digest;
use crate::base::time::Timestamp;
use crate::domain::access::Caller;
use crate::domain::access::assertion::BadAssertion;
use crate::format::jose::systemkey::SystemAlgorithm;
use crate::service::access::{
    GivenToken, NotRecognised, Presented, TOKEN_PATH, TokenError, TokenRequest,
};
use crate::service::office::Office;

/// The routes that need no token.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/oauth/token", post(token).layer(DefaultBodyLimit::max(FORM_BYTES)))
        .route("/.well-known/oauth-authorization-server", get(metadata))
}

/// What a client sends. Parameters that nobody knows are passed over (RFC 6749, 3.2); one that
/// stands twice is refused.
#[derive(Deserialize)]
struct TokenForm {
    grant_type: Option<String>,
    scope: Option<String>,
    client_id: Option<String>,
    client_assertion_type: Option<String>,
    client_assertion: Option<String>,
    client_secret: Option<String>,
}

async fn token(State(app): State<App>, request: Request) -> Response {
    let peer = Peer::of(&request);
    if app.failures.are_too_many(&peer, app.office.now()) {
        return slow_down(60);
    }
    let answer = give(&app, &peer, request).await;
    if answer.status() == StatusCode::UNAUTHORIZED {
        app.failures.note(&peer, app.office.now());
    }
    answer
}

async fn give(app: &App, peer: &Peer, request: Request) -> Response {
    let headers = request.headers();
    let certificate = match peer.caller_certificate(headers) {
        Ok(certificate) => certificate,
        Err(problem) => return problem.into_response(),
    };
    let proof = match single(headers, &DPOP) {
        Ok(proof) => proof.map(str::to_owned),
        Err(problem) => return problem.into_response(),
    };
    if headers.contains_key(header::AUTHORIZATION) {
        return bad_request("authenticate with client_assertion alone, without Authorization");
    }
    let form = match Form::<TokenForm>::from_request(request, &()).await {
        Ok(Form(form)) => form,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Problem::TOO_LARGE.into_response();
        }
        Err(_) => {
            return bad_request(
                "send application/x-www-form-urlencoded with each parameter at most once",
            );
        }
    };
    if form.client_secret.is_some() {
        return bad_request("there are no client secrets; authenticate with client_assertion");
    }
    if form.grant_type.as_deref() != Some("client_credentials") {
        return error(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "grant_type must be client_credentials",
        );
    }
    let (Some(assertion), Some(ASSERTION_TYPE)) =
        (form.client_assertion, form.client_assertion_type.as_deref())
    else {
        return bad_request(
            "send client_assertion, and client_assertion_type \
             urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        );
    };
    let asked =
        Asked { assertion, client_id: form.client_id, scope: form.scope, proof, certificate };
    let asked = Arc::new(asked);
    let mut given = asked.ask(&app.office).await;
    if let Ok(Err(TokenError::Client(BadAssertion::NotYet(seconds)))) = &given {
        // The client's clock is a little ahead: its time will come.
        tokio::time::sleep(Duration::from_secs(u64::from(*seconds))).await;
        given = asked.ask(&app.office).await;
    }
    match given {
        Ok(Ok(given)) => granted(&given),
        Ok(Err(refused)) => refusal(&refused),
        Err(problem) => problem.into_response(),
    }
}

struct Asked {
    assertion: String,
    client_id: Option<String>,
    scope: Option<String>,
    proof: Option<String>,
    certificate: Option<Digest>,
}

impl Asked {
    async fn ask(
        self: &Arc<Self>,
        office: &Arc<Office>,
    ) -> Result<Result<GivenToken, TokenError>, Problem> {
        let (asked, office) = (Arc::clone(self), Arc::clone(office));
        off_the_reactor(move || {
            office.give_token(&TokenRequest {
                assertion: &asked.assertion,
                client_id: asked.client_id.as_deref(),
                scope: asked.scope.as_deref(),
                proof: asked.proof.as_deref(),
                certificate: asked.certificate,
            })
        })
        .await
    }
}

fn granted(given: &GivenToken) -> Response {
    let scopes: Vec<String> = given.scopes.iter().map(ToString::to_string).collect();
    let body = json!({
        "access_token": given.token.expose(),
        "token_type": given.scheme,
        "expires_in": given.lives,
        "scope": scopes.join(" "),
    });
    (NO_STORE, Json(body)).into_response()
}

fn refusal(refused: &TokenError) -> Response {
    let words = refused.to_string();
    tracing::info!(%refused, "no token was given out");
    match refused {
        TokenError::Client(_) | TokenError::AssertionUsed => {
            error(StatusCode::UNAUTHORIZED, "invalid_client", &words)
        }
        TokenError::Proof(_) | TokenError::ProofUsed => {
            error(StatusCode::BAD_REQUEST, "invalid_dpop_proof", &words)
        }
        TokenError::OtherClient | TokenError::Unbound => bad_request(&words),
        TokenError::Scope(_) => error(StatusCode::BAD_REQUEST, "invalid_scope", &words),
        TokenError::TooMany(seconds) => slow_down(*seconds),
        TokenError::Unavailable(cause) => {
            tracing::error!(%cause, "no token can be given out");
            Problem::UNAVAILABLE.into_response()
        }
    }
}

/// An error in the form of RFC 6749, 5.2.
fn error(status: StatusCode, code: &str, words: &str) -> Response {
    let body = json!({ "error": code, "error_description": plain(words) });
    (status, NO_STORE, Json(body)).into_response()
}

fn bad_request(words: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "invalid_request", words)
}

fn slow_down(seconds: i64) -> Response {
    ([(header::RETRY_AFTER, seconds.to_string())], Problem::TOO_MANY).into_response()
}

/// The characters that RFC 6749, 5.2 and RFC 6750, 3 allow in a description.
fn plain(words: &str) -> String {
    let allowed = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
    words.chars().map(|c| if allowed(c) { c } else { '\'' }).take(300).collect()
}

async fn metadata(State(app): State<App>, request: Request) -> Json<Value> {
    let issuer = app.office.profile().public_base_url.as_str();
    let algorithms: Vec<&str> = SystemAlgorithm::NAMES.iter().map(|(name, _)| *name).collect();
    Json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}{TOKEN_PATH}"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
        "tls_client_certificate_bound_access_tokens": Peer::of(&request).takes_certificates,
    }))
}

/// Makes a caller of a token. Without a token the request goes on: a handler that needs a caller
/// refuses it, one that is for everybody does not.
pub(super) async fn recognise(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    match caller(&app, &request) {
        Ok(None) => {}
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
        }
        Err(refused) => return *refused,
    }
    let mut answer = next.run(request).await;
    let unauthorized = answer.status() == StatusCode::UNAUTHORIZED;
    let headers = answer.headers_mut();
    if unauthorized && !headers.contains_key(header::WWW_AUTHENTICATE) {
        headers.insert(header::WWW_AUTHENTICATE, CHALLENGE.clone());
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

fn caller(app: &App, request: &Request) -> Result<Option<Caller>, Box<Response>> {
    let problem = |problem: Problem| Box::new(problem.into_response());
    let headers = request.headers();
    let peer = Peer::of(request);
    let certificate = peer.caller_certificate(headers).map_err(problem)?;
    let proof = single(headers, &DPOP).map_err(problem)?;
    let Some(sent) = single(headers, &header::AUTHORIZATION).map_err(problem)? else {
        return Ok(None);
    };
    let now = app.office.now();
    if app.failures.are_too_many(&peer, now) {
        return Err(Box::new(slow_down(60)));
    }
    let (scheme, token) = sent.split_once(' ').unwrap_or((sent, ""));
    let scheme = ["DPoP", "Bearer"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme));
    let Some(scheme) = scheme else {
        return Err(Box::new((CHALLENGES, super::api::UNAUTHENTICATED).into_response()));
    };
    let presented = Presented {
        scheme,
        token,
        proof,
        certificate,
        method: request.method().as_str(),
        path: request.uri().path(),
    };
    app.office.recognise(&presented).map(Some).map_err(|refused| {
        tracing::info!(%refused, "a token was not accepted");
        let (code, problem) = match &refused {
            NotRecognised::Token => ("invalid_token", INVALID_TOKEN),
            NotRecognised::OtherKey => ("invalid_token", OTHER_KEY),
            NotRecognised::Proof(_) | NotRecognised::ProofUsed => {
                ("invalid_dpop_proof", INVALID_PROOF)
            }
            NotRecognised::Unavailable(cause) => {
                tracing::error!(%cause, "no caller can be recognised");
                return Box::new(Problem::UNAVAILABLE.into_response());
            }
        };
        app.failures.note(&peer, now);
        let words = plain(&refused.to_string());
        let algorithms = if scheme == "DPoP" { ALGORITHMS.as_str() } else { "" };
        let challenge =
            format!("{scheme} error=\"{code}\", error_description=\"{words}\"{algorithms}");
        Box::new(([(header::WWW_AUTHENTICATE, challenge)], problem).into_response())
    })
}

/// Who failed how often within the last minute. Nobody can lock out another: what counts is the
/// network that the tries come from, and proxies are not counted.
#[derive(Debug, Default)]
pub(in crate::edge::http) struct Failures(Mutex<HashMap<IpAddr, (u32, Timestamp)>>);

impl Failures {
    fn are_too_many(&self, peer: &Peer, now: Timestamp) -> bool {
        let Some(network) = peer.counted_as() else { return false };
        let count = self.lock().get(&network).copied();
        count.is_some_and(|(count, since)| count >= FAILURES && now < since.plus(60))
    }

    fn note(&self, peer: &Peer, now: Timestamp) {
        let Some(network) = peer.counted_as() else { return };
        let mut counts = self.lock();
        if counts.len() >= NETWORKS {
            counts.retain(|_, (_, since)| now < since.plus(60));
        }
        if counts.len() >= NETWORKS && !counts.contains_key(&network) {
            return;
        }
        let (count, since) = counts.entry(network).or_insert((0, now));
        if now >= since.plus(60) {
            (*count, *since) = (0, now);
        }
        *count = count.saturating_add(1);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, (u32, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

static DPOP: HeaderName = HeaderName::from_static("dpop");
static ALGORITHMS: LazyLock<String> = LazyLock::new(|| {
    let names: Vec<&str> = SystemAlgorithm::NAMES.iter().map(|(name, _)| *name).collect();
    format!(", algs=\"{}\"", names.join(" "))
});
static CHALLENGE: HeaderValue =
    HeaderValue::from_static("DPoP algs=\"ES256 EdDSA Ed25519 RS256 PS256\"");
const CHALLENGES: [(HeaderName, &str); 1] =
    [(header::WWW_AUTHENTICATE, "DPoP algs=\"ES256 EdDSA Ed25519 RS256 PS256\"")];
const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const INVALID_TOKEN: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "invalid_token",
    "访问令牌无效、已过期或已撤回，请重新获取",
    "The access token is unknown, has ended, or was withdrawn; get a new one",
);
const OTHER_KEY: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "other_key",
    "访问令牌绑定了密钥，本次请求没有证明持有该密钥",
    "The access token is bound to a key, and this request does not prove it",
);
const INVALID_PROOF: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "invalid_dpop_proof",
    "DPoP 证明无效或已用过，原因见 WWW-Authenticate",
    "The DPoP proof does not fit or was used before; WWW-Authenticate says why",
);

/// A form of ours has 1.5 KB.
const FORM_BYTES: usize = 64 << 10;
/// Failures of one network within a minute before it has to wait.
const FAILURES: u32 = 30;
/// Networks that are counted at once.
const NETWORKS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_often_waits_a_minute_and_nobody_else() {
        let failures = Failures::default();
        let peer = |text: &str| Peer {
            address: Some(text.parse().unwrap()),
            certificate: None,
            proxy: false,
            takes_certificates: false,
        };
        let now = Timestamp::EPOCH.plus(100);
        for _ in 0..FAILURES {
            assert!(!failures.are_too_many(&peer("192.0.2.1"), now));
            failures.note(&peer("192.0.2.1"), now);
        }
        assert!(failures.are_too_many(&peer("192.0.2.1"), now.plus(59)));
        assert!(!failures.are_too_many(&peer("192.0.2.1"), now.plus(60)));
        assert!(!failures.are_too_many(&peer("192.0.2.2"), now));
        let local = peer("127.0.0.1");
        (0..100).for_each(|_| failures.note(&local, now));
        assert!(!failures.are_too_many(&local, now));
    }

    #[test]
    fn descriptions_have_the_characters_that_a_header_may_have() {
        assert_eq!(plain("a \"b\" \\ 中\r\n"), "a 'b' ' '''");
        assert!(CHALLENGE.to_str().unwrap().ends_with(ALGORITHMS.trim_start_matches(", ")));
    }
}
