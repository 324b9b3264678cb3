//! Tokens over HTTP: `POST /oauth/token` (RFC 6749, 4.4), its metadata (RFC 8414), and the layer
//! that makes a [`Caller`] of a token.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::admission::BUSY;
use super::app::App;
use super::blocking::spawn_blocking;
use super::body::TOO_SLOW;
use super::openapi::{Operation, Routes};
use super::peer::{BAD_HEADER, NOT_A_PROXY, Peer, single};
use super::problem::Problem;
use crate::base::digest::Digest;
use crate::domain::access::Caller;
use crate::domain::access::assertion::{Assertion, BadAssertion};
use crate::format::jose::client_jwk::SystemAlgorithm;
use crate::service::access::{
    GivenToken, NotRecognised, Presented, TOKEN_PATH, TokenError, TokenRequest,
};
use crate::service::office::Office;

/// The routes that need no token.
pub(super) fn routes() -> Routes {
    Routes::default()
        .post("/oauth/token", token, describe_token)
        .with(|router| router.layer(DefaultBodyLimit::max(FORM_BYTES)))
        .get("/.well-known/oauth-authorization-server", metadata, describe_metadata)
}

fn describe_token(op: Operation) -> Operation {
    let en = "OAuth 2.0 client credentials with private_key_jwt (RFC 7523). The assertion's aud is \
              the issuer identifier as one text; it lives 5 minutes at the most and its jti is \
              used once. The token is bound to the key of the DPoP proof (RFC 9449), or without \
              one to the client certificate of the connection (RFC 8705).";
    let zh = "OAuth 2.0 客户端凭证模式，以 private_key_jwt 认证（RFC 7523）。断言的 aud 是单个文本，即签发者标识；\
              有效期最长 5 分钟，jti 只能使用一次。令牌绑定 DPoP 证明的密钥（RFC 9449）；没有证明时绑定连接的\
              客户端证书（RFC 8705）。";
    let proof = "Proof for this request: htm POST, htu the address of this endpoint. May be left \
                 out on a connection with a client certificate.";
    let proof_zh =
        "本次请求的证明：htm 为 POST，htu 为本端点的地址。使用客户端证书的连接可以不带。";
    let refused =
        "A parameter, the rights or the DPoP proof do not fit (RFC 6749, 5.2; RFC 9449, 5)";
    let refused_zh = "参数、权限或 DPoP 证明不符（RFC 6749 5.2；RFC 9449 5）";
    op.title(("获取访问令牌", "Get an access token"))
        .about((zh, en))
        .tag(TAG)
        .header(("DPoP", false), json!({ "type": "string" }), (proof_zh, proof))
        .body_of_type::<TokenForm>("application/x-www-form-urlencoded")
        .example("token_request")
        .answer::<Granted<'_>>(200, ("绑定了密钥的令牌", "A token, bound to a key"))
        .example("token")
        .answer::<TokenRefusal<'_>>(400, (refused_zh, refused))
        .example("token_refusal")
        .answer::<TokenRefusal<'_>>(
            401,
            ("客户端未能证明身份", "The client did not prove who it is"),
        )
        .example("no_token_for_stranger")
        .refuses(&[BAD_HEADER, NOT_A_PROXY, TOO_SLOW, FORM_TOO_LARGE, Problem::TOO_MANY])
        .refuses(&[BUSY, Problem::UNAVAILABLE])
}

fn describe_metadata(op: Operation) -> Operation {
    op.title(("令牌服务的元数据", "What the token endpoint accepts (RFC 8414)"))
        .tag(TAG)
        .answer::<TokenServer>(200, ("元数据", "Metadata"))
        .example("token_server")
}

/// A token request. Unknown parameters are ignored (RFC 6749, 3.2); a repeated one is refused.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "TokenRequest")]
struct TokenForm {
    #[schemars(required, extend("const" = "client_credentials"))]
    grant_type: Option<String>,
    /// Rights separated by spaces; all of the client's when left out.
    #[serde(default)]
    #[schemars(with = "String")]
    scope: Option<String>,
    #[serde(default)]
    #[schemars(with = "String")]
    client_id: Option<String>,
    #[schemars(required, extend("const" = ASSERTION_TYPE))]
    client_assertion_type: Option<String>,
    #[schemars(required, length(max = 8192))]
    client_assertion: Option<String>,
    #[schemars(skip)]
    client_secret: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Token")]
struct Granted<'a> {
    access_token: &'a str,
    /// Bearer tokens are bound to the client certificate.
    #[schemars(extend("enum" = ["DPoP", "Bearer"]))]
    token_type: &'static str,
    /// Seconds.
    #[schemars(range(max = 600))]
    expires_in: i64,
    scope: String,
}

/// An error in the form of RFC 6749, 5.2.
#[derive(Serialize, JsonSchema)]
struct TokenRefusal<'a> {
    #[schemars(extend("enum" = [
        "invalid_client", "invalid_dpop_proof", "invalid_request", "invalid_scope",
        "unsupported_grant_type",
    ]))]
    error: &'a str,
    error_description: String,
}

/// Metadata of RFC 8414.
#[derive(Serialize, JsonSchema)]
struct TokenServer {
    issuer: String,
    token_endpoint: String,
    grant_types_supported: [&'static str; 1],
    response_types_supported: [&'static str; 0],
    token_endpoint_auth_methods_supported: [&'static str; 1],
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    dpop_signing_alg_values_supported: Vec<&'static str>,
    tls_client_certificate_bound_access_tokens: bool,
}

async fn token(State(app): State<App>, request: Request) -> Response {
    let peer = Peer::of(&request);
    let asked = match read(&peer, request).await {
        Ok(asked) => Arc::new(asked),
        Err(refused) => return *refused,
    };
    let claimed = Assertion::claimed(&asked.assertion);
    if app.failures.are_too_many(&peer, claimed.as_ref(), app.office.now()) {
        return slow_down(60);
    }
    let mut given = asked.ask(&app.office).await;
    if let Ok(Err(TokenError::Client(BadAssertion::NotYet(seconds)))) = &given {
        // The client's clock is a little ahead: waits until the assertion's time.
        tokio::time::sleep(Duration::from_secs(u64::from(*seconds))).await;
        given = asked.ask(&app.office).await;
    }
    match given {
        Ok(Ok(given)) => granted(&given),
        Ok(Err(refused)) => {
            if matches!(refused, TokenError::Client(_) | TokenError::AssertionUsed) {
                app.failures.note(&peer, claimed.as_ref(), app.office.now());
            }
            refusal(&refused)
        }
        Err(problem) => problem.into_response(),
    }
}

/// Parses a request, before its sender is known.
async fn read(peer: &Peer, request: Request) -> Result<Asked, Box<Response>> {
    let problem = |problem: Problem| Box::new(problem.into_response());
    let bad = |words: &str| Err(Box::new(bad_request(words)));
    let headers = request.headers();
    let certificate = peer.caller_certificate(headers).map_err(problem)?;
    let proof = single(headers, &DPOP).map_err(problem)?.map(str::to_owned);
    if headers.contains_key(header::AUTHORIZATION) {
        return bad("authenticate with client_assertion alone, without Authorization");
    }
    let form = match Form::<TokenForm>::from_request(request, &()).await {
        Ok(Form(form)) => form,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Err(problem(FORM_TOO_LARGE));
        }
        Err(_) => {
            return bad("send application/x-www-form-urlencoded, each parameter at most once");
        }
    };
    if form.client_secret.is_some() {
        return bad("there are no client secrets; authenticate with client_assertion");
    }
    if form.grant_type.as_deref() != Some("client_credentials") {
        let words = "grant_type must be client_credentials";
        return Err(Box::new(error(StatusCode::BAD_REQUEST, "unsupported_grant_type", words)));
    }
    let kind = form.client_assertion_type.as_deref();
    let (Some(assertion), Some(ASSERTION_TYPE)) = (form.client_assertion, kind) else {
        return bad("send client_assertion, and client_assertion_type \
             urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    };
    Ok(Asked { assertion, client_id: form.client_id, scope: form.scope, proof, certificate })
}

/// A token request that can be moved to another thread, twice if needed.
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
        spawn_blocking(move || {
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
    let body = Granted {
        access_token: given.token.expose(),
        token_type: given.scheme,
        expires_in: given.lives,
        scope: scopes.join(" "),
    };
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

fn error(status: StatusCode, code: &str, words: &str) -> Response {
    let body = TokenRefusal { error: code, error_description: plain(words) };
    (status, NO_STORE, Json(body)).into_response()
}

fn bad_request(words: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "invalid_request", words)
}

fn slow_down(seconds: i64) -> Response {
    ([(header::RETRY_AFTER, seconds.to_string())], Problem::TOO_MANY).into_response()
}

/// Characters that RFC 6749, 5.2 and RFC 6750, 3 allow in a description.
fn plain(words: &str) -> String {
    let allowed = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
    words.chars().map(|c| if allowed(c) { c } else { '\'' }).take(300).collect()
}

async fn metadata(State(app): State<App>, request: Request) -> Json<TokenServer> {
    let issuer = app.office.profile().public_base_url.as_str();
    let algorithms: Vec<&str> = SystemAlgorithm::NAMES.iter().map(|(name, _)| *name).collect();
    Json(TokenServer {
        issuer: issuer.to_owned(),
        token_endpoint: format!("{issuer}{TOKEN_PATH}"),
        grant_types_supported: ["client_credentials"],
        response_types_supported: [],
        token_endpoint_auth_methods_supported: ["private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
        dpop_signing_alg_values_supported: algorithms,
        tls_client_certificate_bound_access_tokens: Peer::of(&request).takes_certificates,
    })
}

/// Turns a token into a caller. A request without a token continues: a handler that needs a caller
/// refuses it, a public one does not.
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
    let evidence = Evidence::of(&Peer::of(request), headers, request.method(), request.uri());
    let evidence = evidence.map_err(problem)?;
    let Some(sent) = single(headers, &header::AUTHORIZATION).map_err(problem)? else {
        return Ok(None);
    };
    let Some((scheme, token)) = scheme_and_token(sent) else {
        return Err(Box::new((CHALLENGES, super::api::caller::UNAUTHENTICATED).into_response()));
    };
    evidence.recognise(&app.office, scheme, token).map(Some).map_err(|refused| {
        let problem = problem_of(&refused);
        let code = match &refused {
            NotRecognised::Token | NotRecognised::OtherKey => "invalid_token",
            NotRecognised::Proof(_) | NotRecognised::ProofUsed => "invalid_dpop_proof",
            NotRecognised::Unavailable(_) => return Box::new(problem.into_response()),
        };
        let words = plain(&refused.to_string());
        let algorithms = if scheme == "DPoP" { ALGORITHMS.as_str() } else { "" };
        let challenge =
            format!("{scheme} error=\"{code}\", error_description=\"{words}\"{algorithms}");
        Box::new(([(header::WWW_AUTHENTICATE, challenge)], problem).into_response())
    })
}

/// The two parts of a supported `Authorization` header, the scheme in its usual case.
pub(in crate::edge::http) fn scheme_and_token(sent: &str) -> Option<(&'static str, &str)> {
    let (scheme, token) = sent.split_once(' ').unwrap_or((sent, ""));
    let known = ["DPoP", "Bearer"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme));
    known.map(|scheme| (scheme, token))
}

/// Proof of possession in a request, wherever the token itself is.
pub(in crate::edge::http) struct Evidence<'a> {
    proof: Option<&'a str>,
    certificate: Option<Digest>,
    method: &'a str,
    path: &'a str,
}

impl<'a> Evidence<'a> {
    pub(in crate::edge::http) fn of(
        peer: &Peer,
        headers: &'a HeaderMap,
        method: &'a Method,
        uri: &'a Uri,
    ) -> Result<Self, Problem> {
        let certificate = peer.caller_certificate(headers)?;
        let proof = single(headers, &DPOP)?;
        Ok(Self { proof, certificate, method: method.as_str(), path: uri.path() })
    }

    /// Whether there is any proof of a key.
    pub(in crate::edge::http) fn is_any(&self) -> bool {
        self.proof.is_some() || self.certificate.is_some()
    }

    /// The scheme of a token without one: with a proof, or with a certificate.
    pub(in crate::edge::http) fn scheme(&self) -> &'static str {
        if self.proof.is_some() { "DPoP" } else { "Bearer" }
    }

    /// The one way from a token to a caller.
    pub(in crate::edge::http) fn recognise(
        &self,
        office: &Office,
        scheme: &str,
        token: &str,
    ) -> Result<Caller, NotRecognised> {
        let Self { proof, certificate, method, path } = *self;
        let presented = Presented { scheme, token, proof, certificate, method, path };
        office.recognise(&presented).inspect_err(|refused| match refused {
            NotRecognised::Unavailable(cause) => {
                tracing::error!(%cause, "no caller can be recognised");
            }
            _ => tracing::info!(%refused, "a token was not accepted"),
        })
    }
}

/// The answer to a caller who was not recognised.
pub(in crate::edge::http) const fn problem_of(refused: &NotRecognised) -> Problem {
    match refused {
        NotRecognised::Token => INVALID_TOKEN,
        NotRecognised::OtherKey => OTHER_KEY,
        NotRecognised::Proof(_) | NotRecognised::ProofUsed => INVALID_PROOF,
        NotRecognised::Unavailable(_) => Problem::UNAVAILABLE,
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
const TAG: &str = "访问令牌 Access tokens";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What the layer refuses a request with that needs a token.
pub(super) const REFUSALS: &[Problem] = &[
    BAD_HEADER,
    NOT_A_PROXY,
    super::api::caller::UNAUTHENTICATED,
    INVALID_TOKEN,
    OTHER_KEY,
    INVALID_PROOF,
    Problem::UNAVAILABLE,
];

const FORM_TOO_LARGE: Problem = Problem::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "too_large",
    "请求超过 64 KB",
    "The request is larger than 64 KB",
);
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

/// A usual request has 1.5 KB.
const FORM_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_have_the_characters_that_a_header_may_have() {
        assert_eq!(plain("a \"b\" \\ 中\r\n"), "a 'b' ' '''");
        assert!(CHALLENGE.to_str().unwrap().ends_with(ALGORITHMS.trim_start_matches(", ")));
    }
}
