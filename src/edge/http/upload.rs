//! A file to verify: the body itself, or the first file of a form.

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{StatusCode, header};

use super::body::Paid;
use super::problem::Problem;
use crate::base::text::visible;

/// An uploaded file, and the name given by its sender.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) bytes: Bytes,
    /// Held for as long as the bytes are.
    pub(super) paid: Paid,
}

/// Reads it, within the limit of the route.
pub(super) async fn read(request: Request) -> Result<Upload, Problem> {
    let paid = Paid::of(request.extensions());
    read_paid(request, &paid).await.map_err(|problem| paid.failed().unwrap_or(problem))
}

async fn read_paid(request: Request, paid: &Paid) -> Result<Upload, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        let bytes = Bytes::from_request(request, &()).await;
        let bytes = bytes.map_err(|rejection| problem(rejection.status()))?;
        if bytes.is_empty() {
            return Err(Problem::BAD_UPLOAD);
        }
        return Ok(Upload { name: String::new(), bytes, paid: paid.clone() });
    }
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|_| Problem::BAD_UPLOAD)?;
    while let Some(field) = form.next_field().await.map_err(|error| problem(error.status()))? {
        // A browser gives every file a name, an empty one when none was chosen.
        let unnamed = || (field.name() == Some("file")).then_some("file");
        if let Some(name) = field.file_name().or_else(unnamed) {
            // A name is shown back: short, and with invisible characters as codes.
            let name: String = name.chars().take(80).collect();
            let name = visible(&name).into_owned();
            if name.is_empty() {
                return Err(Problem::BAD_UPLOAD);
            }
            let bytes = field.bytes().await.map_err(|error| problem(error.status()))?;
            return Ok(Upload { name, bytes, paid: paid.clone() });
        }
    }
    Err(Problem::BAD_UPLOAD)
}

fn problem(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE { Problem::TOO_LARGE } else { Problem::BAD_UPLOAD }
}
