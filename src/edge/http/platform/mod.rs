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
mod forms;
mod members;
mod requests;
mod status;
mod verification;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

use super::openapi::Routes;

/// All routes. Each recognises its caller by the token in the body, so that they are outside of the
/// layer that reads the `Authorization` header.
pub(super) fn routes() -> Routes {
    data::routes()
        .merge(verification::routes_of_data())
        .merge(documents::routes())
        .with(|router| router.layer(DefaultBodyLimit::max(BODY_BYTES)))
        .merge(
            verification::routes_of_files()
                .with(|router| router.layer(DefaultBodyLimit::max(FILE_BYTES))),
        )
        .with(|router| {
            // Neither an answer nor a refusal may be cached.
            router.layer(SetResponseHeaderLayer::if_not_present(
                header::CACHE_CONTROL,
                HeaderValue::from_static("no-store"),
            ))
        })
}

/// Stated data of a licence with long lists have 8 KB.
const BODY_BYTES: usize = 64 << 10;
/// The largest file that is verified, in base64, and its envelope.
const FILE_BYTES: usize = verification::FILE_BYTES / 3 * 4 + (64 << 10);
