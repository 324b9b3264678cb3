//! The few file operations that the journal needs, as a trait, so that tests can make them fail.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

/// Append-only segments, numbered from 1.
pub trait Files: Send + Sync {
    /// The numbers of the segments, ascending.
    fn segments(&self) -> io::Result<Vec<u32>>;
    /// How many bytes a segment has.
    fn length(&self, segment: u32) -> io::Result<u64>;
    /// A part of a segment.
    fn read_at(&self, segment: u32, offset: u64, length: usize) -> io::Result<Vec<u8>>;
    /// Creates an empty segment, durably.
    fn create(&mut self, segment: u32) -> io::Result<()>;
    /// Writes at an offset, which is the segment's end.
    fn append(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Makes the appended bytes durable.
    fn sync(&mut self, segment: u32) -> io::Result<()>;
    /// Cuts a segment, durably.
    fn truncate(&mut self, segment: u32, length: u64) -> io::Result<()>;
    /// Rewrites the end of a segment in place, and makes it, the segment's length and its directory
    /// entry durable. Bytes that can be read may be in memory only: a process may have died before
    /// its sync, and after a failed sync the system marks pages as clean that are not on disk. Only
    /// rewriting them brings them to the disk; another sync would find nothing to do.
    fn rewrite(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()>;
}

/// Segments in a directory.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    open: Option<(u32, File)>,
}

/// The same segments, with new file handles.
impl Clone for Folder {
    fn clone(&self) -> Self {
        Self::new(self.path.clone())
    }
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, open: None }
    }

    fn file(&self, segment: u32) -> PathBuf {
        self.path.join(name(segment))
    }

    fn writer(&mut self, segment: u32) -> io::Result<&File> {
        if self.open.as_ref().is_none_or(|(number, _)| *number != segment) {
            let file = OpenOptions::new().read(true).write(true).open(self.file(segment))?;
            self.open = Some((segment, file));
        }
        match &self.open {
            Some((_, file)) => Ok(file),
            None => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }
}

impl Files for Folder {
    fn segments(&self) -> io::Result<Vec<u32>> {
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".journal"));
            let Some(number) = number.and_then(|number| number.parse::<u32>().ok()) else {
                continue;
            };
            // Reading a pipe in a copy from elsewhere would never end.
            if !std::fs::metadata(entry.path())?.is_file() {
                let what = format!("{}: not a regular file", entry.path().display());
                return Err(io::Error::other(what));
            }
            numbers.push(number);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn length(&self, segment: u32) -> io::Result<u64> {
        Ok(std::fs::metadata(self.file(segment))?.len())
    }

    fn read_at(&self, segment: u32, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        File::open(self.file(segment))?.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }

    fn create(&mut self, segment: u32) -> io::Result<()> {
        let path = self.file(segment);
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        file.sync_all()?;
        // The directory entry must be durable before anything in the file is acknowledged.
        File::open(&self.path)?.sync_all()?;
        self.open = Some((segment, file));
        Ok(())
    }

    fn append(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.writer(segment)?.write_all_at(bytes, offset)
    }

    fn sync(&mut self, segment: u32) -> io::Result<()> {
        self.writer(segment)?.sync_data()
    }

    fn truncate(&mut self, segment: u32, length: u64) -> io::Result<()> {
        let file = self.writer(segment)?;
        file.set_len(length)?;
        file.sync_all()
    }

    fn rewrite(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let file = self.writer(segment)?;
        file.write_all_at(bytes, offset)?;
        file.sync_all()?;
        File::open(&self.path)?.sync_all()
    }
}

/// The name of a segment's file.
pub(super) fn name(segment: u32) -> String {
    format!("{segment:08}.journal")
}

/// Segments in memory that several stores may open one after the other.
#[derive(Clone, Debug, Default)]
pub struct Segments(std::sync::Arc<std::sync::Mutex<std::collections::BTreeMap<u32, Vec<u8>>>>);

impl Segments {
    fn with<T>(&self, act: impl FnOnce(&mut std::collections::BTreeMap<u32, Vec<u8>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Files for Segments {
    fn segments(&self) -> io::Result<Vec<u32>> {
        Ok(self.with(|all| all.keys().copied().collect()))
    }

    fn length(&self, segment: u32) -> io::Result<u64> {
        let length = self.with(|all| u64::try_from(all.get(&segment)?.len()).ok());
        length.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn read_at(&self, segment: u32, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let part = self.with(|all| {
            let end = start.checked_add(length)?;
            all.get(&segment)?.get(start..end).map(<[u8]>::to_vec)
        });
        part.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
    }

    fn create(&mut self, segment: u32) -> io::Result<()> {
        self.with(|all| all.insert(segment, Vec::new()));
        Ok(())
    }

    fn append(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.with(|all| {
            let file = all.entry(segment).or_default();
            file.truncate(usize::try_from(offset).unwrap_or(usize::MAX));
            file.extend(bytes);
        });
        Ok(())
    }

    fn sync(&mut self, _: u32) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&mut self, segment: u32, length: u64) -> io::Result<()> {
        self.with(|all| {
            if let Some(file) = all.get_mut(&segment) {
                file.truncate(usize::try_from(length).unwrap_or(usize::MAX));
            }
        });
        Ok(())
    }

    fn rewrite(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.append(segment, offset, bytes)
    }
}

/// A disk that fails on purpose.
#[cfg(feature = "testing")]
pub(super) mod faulty {
    use std::collections::BTreeMap;
    use std::io;
    use std::ops::Range;
    use std::sync::{Arc, Mutex, PoisonError};

    use super::Files;

    /// Which operation fails, and how much of it reaches the disk.
    #[derive(Clone, Copy, Debug)]
    pub struct FaultPlan {
        /// The number of the operation that fails, counted from 0 over all changing operations.
        pub fails_at: usize,
        /// How many bytes of a failing append or sync reach the disk; all later operations fail
        /// completely.
        pub lands: usize,
    }

    #[derive(Debug, Default)]
    struct Disk {
        /// The content after a power cut.
        durable: BTreeMap<u32, Vec<u8>>,
        /// The content that processes read while the power is on.
        seen: BTreeMap<u32, Vec<u8>>,
        /// The ranges of `seen` that the system knows to be unwritten on disk.
        dirty: BTreeMap<u32, Vec<Range<usize>>>,
        done: usize,
        plan: Option<FaultPlan>,
    }

    /// Segments whose unsynced bytes are lost at a power cut.
    #[derive(Clone, Debug, Default)]
    pub struct FaultyFiles(Arc<Mutex<Disk>>);

    impl FaultyFiles {
        /// Fails as planned from now on.
        pub fn plan(&self, plan: FaultPlan) {
            self.with(|disk| {
                disk.done = 0;
                disk.plan = Some(plan);
            });
        }

        /// Cuts the power: unsynced bytes are lost, and the disk works again.
        pub fn power_cut(&self) {
            self.with(|disk| {
                disk.seen = disk.durable.clone();
                disk.dirty.clear();
                disk.plan = None;
            });
        }

        /// Ends the process but not the machine: the next process sees everything that was written,
        /// synced or not, and nothing more of it is durable than before.
        pub fn process_ends(&self) {
            self.with(|disk| disk.plan = None);
        }

        /// How many changing operations were made since the plan.
        pub fn operations(&self) -> usize {
            self.with(|disk| disk.done)
        }

        fn with<T>(&self, act: impl FnOnce(&mut Disk) -> T) -> T {
            act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
        }

        /// `Some(bytes that reach the disk)` when this operation fails.
        fn step(&self) -> Option<usize> {
            self.with(|disk| {
                let number = disk.done;
                disk.done += 1;
                let plan = disk.plan?;
                match number.cmp(&plan.fails_at) {
                    std::cmp::Ordering::Less => None,
                    std::cmp::Ordering::Equal => Some(plan.lands),
                    std::cmp::Ordering::Greater => Some(0),
                }
            })
        }
    }

    impl Disk {
        fn write(&mut self, segment: u32, offset: u64, bytes: &[u8], lands: usize) {
            let start = usize::try_from(offset).unwrap_or(usize::MAX);
            let file = self.seen.entry(segment).or_default();
            file.truncate(start);
            file.extend(bytes.iter().take(lands));
            self.dirty.entry(segment).or_default().push(start..file.len());
        }

        /// Writes in place: bytes that a failing write leaves out keep their old value.
        fn overwrite(&mut self, segment: u32, offset: u64, bytes: &[u8], failed: Option<usize>) {
            let start = usize::try_from(offset).unwrap_or(usize::MAX);
            let lands = failed.unwrap_or(bytes.len()).min(bytes.len());
            let file = self.seen.entry(segment).or_default();
            file.resize(file.len().max(start + lands), 0);
            file[start..start + lands].copy_from_slice(&bytes[..lands]);
            self.dirty.entry(segment).or_default().push(start..start + lands);
        }

        /// Writes the dirty ranges to the disk, or their first bytes. Either way they count as
        /// clean from now on, as on Linux after a failed sync.
        fn sync(&mut self, segment: u32, mut lands: usize) {
            let Some(seen) = self.seen.get(&segment) else { return };
            let file = self.durable.entry(segment).or_default();
            for range in self.dirty.remove(&segment).unwrap_or_default() {
                let end = range.end.min(range.start.saturating_add(lands)).min(seen.len());
                lands = lands.saturating_sub(range.len());
                if range.start < end {
                    file.resize(file.len().max(end), 0);
                    file[range.start..end].copy_from_slice(&seen[range.start..end]);
                }
            }
        }
    }

    fn broken() -> io::Error {
        io::Error::other("the disk broke on purpose")
    }

    impl Files for FaultyFiles {
        fn segments(&self) -> io::Result<Vec<u32>> {
            Ok(self.with(|disk| disk.seen.keys().copied().collect()))
        }

        fn length(&self, segment: u32) -> io::Result<u64> {
            let length = self.with(|disk| u64::try_from(disk.seen.get(&segment)?.len()).ok());
            length.ok_or_else(broken)
        }

        fn read_at(&self, segment: u32, offset: u64, length: usize) -> io::Result<Vec<u8>> {
            let start = usize::try_from(offset).unwrap_or(usize::MAX);
            self.with(|disk| {
                let end = start.checked_add(length)?;
                disk.seen.get(&segment)?.get(start..end).map(<[u8]>::to_vec)
            })
            .ok_or_else(broken)
        }

        fn create(&mut self, segment: u32) -> io::Result<()> {
            if self.step().is_some() {
                return Err(broken());
            }
            self.with(|disk| {
                disk.seen.insert(segment, Vec::new());
                disk.durable.insert(segment, Vec::new());
            });
            Ok(())
        }

        fn append(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
            let failed = self.step();
            let lands = failed.unwrap_or(bytes.len()).min(bytes.len());
            self.with(|disk| disk.write(segment, offset, bytes, lands));
            if failed.is_some() { Err(broken()) } else { Ok(()) }
        }

        fn sync(&mut self, segment: u32) -> io::Result<()> {
            let failed = self.step();
            // A failing sync may have written everything, a part, or nothing.
            self.with(|disk| disk.sync(segment, failed.unwrap_or(usize::MAX)));
            if failed.is_some() { Err(broken()) } else { Ok(()) }
        }

        fn truncate(&mut self, segment: u32, length: u64) -> io::Result<()> {
            if self.step().is_some() {
                return Err(broken());
            }
            self.with(|disk| {
                for files in [&mut disk.seen, &mut disk.durable] {
                    if let Some(file) = files.get_mut(&segment) {
                        file.truncate(usize::try_from(length).unwrap_or(usize::MAX));
                    }
                }
            });
            Ok(())
        }

        fn rewrite(&mut self, segment: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
            let failed = self.step();
            self.with(|disk| disk.overwrite(segment, offset, bytes, failed));
            if failed.is_some() { Err(broken()) } else { self.sync(segment) }
        }
    }
}
