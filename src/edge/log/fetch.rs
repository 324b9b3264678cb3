//! A copy of a log from its server (C2SP tlog-tiles): the newest checkpoint, and the tiles that the
//! copy lacks.

use std::fs;
use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use tokio::time::{Instant, timeout_at};

use crate::base::limits::{Budget, LogFetching};
use crate::domain::office::BaseUrl;
use crate::edge::files::{self, FileError};
use crate::edge::outbound::{Bounds, Connection, OutboundError, Server};
use crate::format::merkle::tile::Tile;
use crate::format::note::BadNote;
use crate::format::note::checkpoint::{LogSigned, NotSigned, SignedCheckpoint};
use crate::format::note::key::NoteKey;

/// The newest checkpoint as served. The log's signature is verified.
#[derive(Debug)]
pub struct Served {
    /// Its text.
    pub note: String,
    /// Its signed part.
    pub head: LogSigned,
}

/// A served log, and a connection to its server.
#[derive(Debug)]
pub struct Source<'a> {
    base: &'a BaseUrl,
    server: &'a Server<'a>,
    connection: Connection<'a>,
    /// When the run ends.
    ends: Instant,
    /// Bytes that may still come, and the initial bound.
    left: (usize, usize),
    time: Duration,
}

/// Why the copy is not up to date.
#[derive(Debug, thiserror::Error)]
pub enum FetchLogError {
    /// Connection, TLS or HTTP failed.
    #[error("{0}: {1}")]
    Outbound(BaseUrl, OutboundError),
    /// The server answered with something else.
    #[error("{0}: answered with HTTP {1}; redirects are not followed")]
    Status(String, StatusCode),
    /// The server's checkpoint cannot be parsed.
    #[error("the checkpoint that is served: {0}")]
    Note(#[from] BadNote),
    /// No known log key signed it.
    #[error("the checkpoint that is served: {0}")]
    NotSigned(#[from] NotSigned),
    /// More tiles than one run fetches.
    #[error(
        "more than {0} tiles are missing, which is what one run fetches; run it again to go on"
    )]
    TooMany(u64),
    /// The time limit was reached: the server is slow, or the log long.
    #[error(
        "not done after {} minutes, which is what one run takes; run it again to go on",
        .0.as_secs() / 60
    )]
    TooLong(Duration),
    /// More bytes than one run takes from a server.
    #[error("the server sent {0} bytes, which is what one run takes; run it again to go on")]
    TooMuch(usize),
    /// A tile has the wrong size.
    #[error("{0}: a tile of {1} bytes, not {2}")]
    Size(String, usize, usize),
    /// A file of the copy cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

impl<'a> Source<'a> {
    /// The log at this address; nothing is requested yet.
    pub fn new(base: &'a BaseUrl, server: &'a Server<'_>, bounds: &LogFetching) -> Self {
        let ends = Instant::now() + bounds.time;
        Self {
            base,
            server,
            connection: server.connection(),
            ends,
            left: (bounds.bytes, bounds.bytes),
            time: bounds.time,
        }
    }

    /// Its newest checkpoint. The signature is checked before anything in it is used.
    pub async fn newest(&mut self, keys: &[NoteKey]) -> Result<Served, FetchLogError> {
        let budget = &mut Budget::default();
        let bytes = self.get("/checkpoint", budget.note_bytes).await?;
        let note = String::from_utf8(bytes).map_err(|_| BadNote::Form("not text"))?;
        let head = SignedCheckpoint::parse(&note, budget)?.by_log(keys, budget)?;
        Ok(Served { note, head })
    }

    /// Fetches the tiles of a tree of `size` leaves that `copy` lacks, and returns how many came.
    /// The caller then checks that they lead to the root: until then they may be wrong, and on
    /// failure it removes them ([`super::quarantine::quarantine`]).
    pub async fn tiles(
        &mut self,
        copy: &Path,
        size: u64,
        bounds: &LogFetching,
    ) -> Result<u64, FetchLogError> {
        let folder = copy.join("tile");
        let io = |source| FileError::Io { path: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(io)?;
        let mut tiles = 0;
        for tile in Tile::all_of(size) {
            let path = folder.join(tile.path());
            // The content of a tile never changes.
            if path.is_file() {
                continue;
            }
            if tiles == bounds.tiles {
                return Err(FetchLogError::TooMany(bounds.tiles));
            }
            let address = format!("/tile/{}", tile.path());
            let wanted = usize::from(tile.width()) * 32;
            let bytes = self.get(&address, wanted).await?;
            if bytes.len() != wanted {
                let address = format!("{}{address}", self.base);
                return Err(FetchLogError::Size(address, bytes.len(), wanted));
            }
            fs::create_dir_all(path.parent().unwrap_or(&folder)).map_err(io)?;
            files::write_durably(&path, &bytes, 0o644)?;
            tiles += 1;
        }
        Ok(tiles)
    }

    async fn get(&mut self, path: &str, most: usize) -> Result<Vec<u8>, FetchLogError> {
        let failed = |error| FetchLogError::Outbound(self.base.clone(), error);
        let request = Request::get(self.server.url.below(path)).body(Body::empty());
        let request = request.map_err(|error| failed(error.into()))?;
        let asked = self.connection.ask(request, Bounds::of_a_user(most));
        let answer = timeout_at(self.ends, asked).await;
        let answer = answer.map_err(|_| FetchLogError::TooLong(self.time))?.map_err(failed)?;
        let left = self.left.0.checked_sub(answer.body.len());
        self.left.0 = left.ok_or(FetchLogError::TooMuch(self.left.1))?;
        if answer.status == StatusCode::OK {
            return Ok(answer.body);
        }
        Err(FetchLogError::Status(format!("{}{path}", self.base), answer.status))
    }
}
