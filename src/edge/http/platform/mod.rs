//! The same services in the form of the platforms that follow GB/T 36906: an envelope of `head` and
//! `data`, operations by the names that such platforms use, and a status in the head.
//!
//! A thin adapter: the services alone decide who may read what, as for `/v1`. The form was taken
//! from clients and servers of such platforms; the standard's text was not at hand, so that
//! conformity with it is not claimed. `docs/PLATFORM.md` lists the additions of this API.
//!
//! ```text
//! POST /share/v1/OPERATION  {"head":{"accessId","accessToken"},"data":{…}}
//!                           {"head":{"status":0,"message":"成功"},"data":…}
//! GET  /share/v1/files/ID   the sealed document, once
//! ```

mod cause;
mod data;
mod documents;
mod envelope;
mod members;
mod status;
mod verification;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, header};
use axum::routing::{MethodRouter, get, post};
use tower_http::set_header::SetResponseHeaderLayer;

use self::envelope::{Operation, Work, answer};
use super::app::App;

/// All routes. Each recognises its caller by the token in the body, so that they are outside of the
/// layer that reads the `Authorization` header.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/share/v1/downloadUrlsByHolderCode", operation(documents::urls_by_holder_code))
        .route("/share/v1/downloadUrl", operation(documents::url))
        .route("/share/v1/downloadFile", operation(documents::file))
        .route("/share/v1/queryCertInfo", operation(data::by_identifier))
        .route("/share/v1/queryCertInfoByQRcode", operation(data::by_qr_code))
        .route("/share/v1/verifyCertInfo", operation(verification::of_data))
        .route("/share/v1/certRemark", operation(documents::remark))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .merge(
            Router::new()
                .route("/share/v1/verifyFile", taken(Operation::Verifies(verification::of_file)))
                .layer(DefaultBodyLimit::max(FILE_BYTES)),
        )
        .route("/share/v1/files/{id}", get(documents::fetch))
        // Neither an answer nor a refusal may be cached.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
}

fn operation(work: Work) -> MethodRouter<App> {
    taken(Operation::Reads(work))
}

fn taken(operation: Operation) -> MethodRouter<App> {
    post(move |State(app): State<App>, request: Request| answer(app, request, operation))
}

/// Stated data of a licence with long lists have 8 KB.
const BODY_BYTES: usize = 64 << 10;
/// The largest file that is verified, in base64, and its envelope.
const FILE_BYTES: usize = verification::FILE_BYTES / 3 * 4 + (64 << 10);
