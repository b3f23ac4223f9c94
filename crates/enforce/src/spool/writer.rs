//! The spool itself: room, order, durability.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{Entropy, PointId};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::cursor::Cursor;
use super::record::{Check, HEAD, MAX_PAYLOAD, encode_record};
use super::segment::{HEADER, Header, list, path_of, read_segment};
use super::{SpoolError, files};

/// Where the spool is and how large it may grow.
#[derive(Debug, Clone)]
pub struct SpoolConfig {
    /// Its folder; made if it is not there.
    pub folder: PathBuf,
    /// How many bytes it may hold that have not been delivered.
    pub max_bytes: u64,
    /// How many of these are kept for denials, sign-ins and administration.
    pub reserve_bytes: u64,
    /// How long a segment grows.
    pub segment_bytes: u64,
}

impl SpoolConfig {
    /// The defaults: 512 MiB, about a million events, 16 MiB of them in reserve, in segments of 8 MiB.
    #[must_use]
    pub const fn at(folder: PathBuf) -> Self {
        Self { folder, max_bytes: 512 << 20, reserve_bytes: 16 << 20, segment_bytes: 8 << 20 }
    }
}

/// How a spool stands, for whoever watches over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The sequence number of the newest record.
    pub newest: u64,
    /// How many records have not been delivered.
    pub waiting: u64,
    /// Bytes in use or promised. A segment is given back as a whole, so some of them hold what was delivered.
    pub used: u64,
    /// Bytes from which on grants are refused.
    pub limit: u64,
    /// Why grants are refused, if the disk does not take records. It is tried again each second.
    pub failure: Option<String>,
}

/// What kind of record asks for room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Something that only happens if it can be recorded, and can wait: a grant.
    Grant,
    /// Something that is recorded as long as there is any room: a denial, a sign-in, administration.
    Essential,
}

/// When a record is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Within 50 ms.
    Batched,
    /// Before its effect.
    Strict,
}

/// Room that is kept for one record to come. Given back when dropped.
#[derive(Debug)]
pub struct Slot {
    spool: Arc<Spool>,
    bytes: u64,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut inner = self.spool.inner.lock();
        inner.promised = inner.promised.saturating_sub(self.bytes);
    }
}

/// Evidence on its way to the log.
#[derive(Debug)]
pub struct Spool {
    config: SpoolConfig,
    point: PointId,
    inner: Mutex<Inner>,
    written: Notify,
    urgent: Notify,
    durable: watch::Sender<u64>,
}

#[derive(Debug)]
struct Inner {
    current: Option<Current>,
    spare: Option<File>,
    segments: VecDeque<Meta>,
    next: u64,
    delivered: u64,
    check: Check,
    used: u64,
    promised: u64,
    /// Records that the disk has not confirmed: they are written again if it says that it failed.
    unsynced: VecDeque<(u64, Vec<u8>)>,
    to_sync: Vec<Arc<File>>,
    folder_dirty: bool,
    failure: Option<String>,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Current {
    file: Arc<File>,
    bytes: u64,
}

#[derive(Debug, Clone)]
struct Meta {
    first: u64,
    next: u64,
    bytes: u64,
    before: Check,
    path: PathBuf,
}

impl Spool {
    /// Opens the spool, goes on after the newest record that is whole, and not before `delivered`, the newest that the
    /// evidence log holds.
    ///
    /// # Errors
    /// [`SpoolError::Open`].
    pub fn open(config: SpoolConfig, delivered: u64, entropy: &dyn Entropy) -> Result<Arc<Self>, SpoolError> {
        let open = |source| SpoolError::Open { path: config.folder.clone(), source };
        std::fs::create_dir_all(&config.folder).map_err(open)?;
        let mut segments = VecDeque::new();
        let (mut next, mut check, mut used, mut point) = (delivered.saturating_add(1), [0; 16], 0, None);
        for (_, path) in list(&config.folder).map_err(open)? {
            let bytes = std::fs::read(&path).map_err(open)?;
            match read_segment(&bytes, |_, _| ()) {
                Ok(content) => {
                    if let Some((offset, error)) = content.fault {
                        tracing::error!(file = %path.display(), offset, %error, "spool: what follows in this segment is lost");
                    }
                    point = Some(content.point);
                    let after = content.first.saturating_add(content.records);
                    if after >= next {
                        (next, check) = (after, content.last_check);
                    }
                    used += content.end;
                    segments.push_back(Meta {
                        first: content.first,
                        next: after,
                        bytes: content.end,
                        before: content.before,
                        path,
                    });
                }
                Err(what) => {
                    tracing::error!(file = %path.display(), what, "spool: this segment is lost");
                }
            }
        }
        let point = point_of(&config.folder, point, entropy).map_err(open)?;
        let spare = files::make_spare(&config.folder, config.segment_bytes).map_err(open)?;
        let inner = Inner {
            current: None,
            spare: Some(spare),
            segments,
            next,
            delivered,
            check,
            used,
            promised: 0,
            unsynced: VecDeque::new(),
            to_sync: Vec::new(),
            folder_dirty: false,
            failure: None,
            buffer: Vec::new(),
        };
        let durable = watch::Sender::new(next.saturating_sub(1));
        let (written, urgent) = (Notify::new(), Notify::new());
        Ok(Arc::new(Self { config, point, inner: Mutex::new(inner), written, urgent, durable }))
    }

    /// Whose spool this is. The identifier is made with the spool and lives as long.
    #[must_use]
    pub const fn point(&self) -> PointId {
        self.point
    }

    /// Keeps room for one record of at most `bytes` to come.
    ///
    /// # Errors
    /// [`SpoolError::Full`] or [`SpoolError::Unwritable`]: what it was asked for must not happen.
    pub fn reserve(self: &Arc<Self>, class: Class, bytes: usize) -> Result<Slot, SpoolError> {
        let bytes = whole_length(bytes)?;
        let mut inner = self.inner.lock();
        inner.room(&self.config, class, bytes)?;
        inner.promised += bytes;
        drop(inner);
        Ok(Slot { spool: Arc::clone(self), bytes })
    }

    /// Hands a record to the kernel and returns its sequence number.
    ///
    /// # Errors
    /// [`SpoolError`]: it is not recorded, so it must not happen.
    pub fn record(&self, class: Class, payload: Vec<u8>) -> Result<u64, SpoolError> {
        let length = whole_length(payload.len())?;
        let mut inner = self.inner.lock();
        inner.room(&self.config, class, length)?;
        let sequence = inner.append(&self.config, self.point, payload)?;
        drop(inner);
        self.written.notify_one();
        Ok(sequence)
    }

    /// Hands a record to the kernel in room that was kept for it.
    ///
    /// # Errors
    /// [`SpoolError::Unwritable`] if even the reserve cannot be written.
    pub fn record_in(&self, slot: Slot, payload: Vec<u8>) -> Result<u64, SpoolError> {
        let length = whole_length(payload.len())?;
        let kept = slot.bytes;
        drop(slot);
        let mut inner = self.inner.lock();
        if length > kept {
            inner.room(&self.config, Class::Essential, length)?;
        }
        let sequence = inner.append(&self.config, self.point, payload)?;
        drop(inner);
        self.written.notify_one();
        Ok(sequence)
    }

    /// Waits until the record with this sequence number is on disk.
    ///
    /// # Errors
    /// [`SpoolError::Closed`] if the spool stops before.
    ///
    /// Cancel safe: yes, it only watches.
    pub async fn durable(&self, sequence: u64) -> Result<(), SpoolError> {
        let mut durable = self.durable.subscribe();
        self.urgent.notify_one();
        let reached = durable.wait_for(|durable| *durable >= sequence).await;
        reached.map(|_| ()).map_err(|_closed| SpoolError::Closed)
    }

    /// Why grants are refused, if they are.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.inner.lock().failure.clone()
    }

    /// How full it is, and whether it can be written.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let inner = self.inner.lock();
        Standing {
            newest: inner.next.saturating_sub(1),
            waiting: inner.next.saturating_sub(1).saturating_sub(inner.delivered),
            used: inner.used.saturating_add(inner.promised),
            limit: self.config.max_bytes.saturating_sub(self.config.reserve_bytes),
            failure: inner.failure.clone(),
        }
    }

    /// How many records have been handed over so far: the sequence number of the newest.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.inner.lock().next.saturating_sub(1)
    }

    /// Keeps records durable until `stop`, then once more.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let stopping = tokio::select! {
                () = stop.cancelled() => true,
                () = self.written.notified() => false,
                () = tokio::time::sleep(RETRY) => false,
            };
            if !stopping {
                // Let others join this sync, unless somebody waits for it.
                tokio::select! {
                    () = self.urgent.notified() => (),
                    () = stop.cancelled() => (),
                    () = tokio::time::sleep(GATHER) => (),
                }
            }
            let spool = Arc::clone(&self);
            if let Err(error) = tokio::task::spawn_blocking(move || spool.sync()).await {
                tracing::error!(%error, "spool: syncing ended unexpectedly");
            }
            if stopping {
                return;
            }
        }
    }

    /// Makes durable what was written, and mends what had failed as far as the disk lets it.
    fn sync(&self) {
        let (mut to_sync, last, folder_dirty) = {
            let mut inner = self.inner.lock();
            if inner.failure.is_some() || inner.spare.is_none() {
                inner.mend(&self.config);
            }
            let mut to_sync = std::mem::take(&mut inner.to_sync);
            to_sync.extend(inner.current.as_ref().map(|current| Arc::clone(&current.file)));
            (to_sync, inner.next.saturating_sub(1), std::mem::take(&mut inner.folder_dirty))
        };
        if *self.durable.borrow() == last && !folder_dirty {
            return;
        }
        to_sync.dedup_by(|a, b| Arc::ptr_eq(a, b));
        let mut result = to_sync.iter().try_for_each(|file| file.sync_data());
        if result.is_ok() && folder_dirty {
            result = files::sync_folder(&self.config.folder);
        }
        let mut inner = self.inner.lock();
        match result {
            Ok(()) => {
                while inner.unsynced.front().is_some_and(|(sequence, _)| *sequence <= last) {
                    inner.unsynced.pop_front();
                }
                drop(inner);
                self.durable.send_replace(last);
            }
            Err(error) => {
                // After a failed fsync the kernel may have dropped the pages and say "done" the next time (the
                // "fsyncgate" of 2018): the same file is never synced again, its records are written to another.
                tracing::error!(%error, "spool: the disk did not take what was written; writing it again elsewhere");
                inner.failure = Some(error.to_string());
                inner.current = None;
                inner.rewrite_unsynced(&self.config, self.point);
            }
        }
    }

    /// Reads on from where `cursor` stands, or from the record `from` if it stands nowhere.
    ///
    /// Returns the first sequence number and the entries; no entries when there is nothing new.
    ///
    /// # Errors
    /// The file cannot be read; the cursor is put past the segment.
    pub(crate) fn read(&self, cursor: &mut Option<Cursor>, from: u64) -> io::Result<(u64, Vec<Vec<u8>>)> {
        let (meta, end) = {
            let inner = self.inner.lock();
            let from = cursor.as_ref().map_or(from, |cursor| cursor.sequence);
            // The last segment that begins at or before: a later one replaces what an earlier one failed to keep.
            let meta = inner.segments.iter().rev().find(|meta| meta.first <= from && meta.next > from);
            let meta = meta
                .or_else(|| inner.segments.iter().find(|meta| meta.first > from && meta.next > meta.first));
            match meta {
                None => return Ok((from, Vec::new())),
                Some(meta) => (meta.clone(), meta.next),
            }
        };
        let from = cursor.as_ref().map_or(from, |cursor| cursor.sequence).max(meta.first);
        let mut at = match cursor.take() {
            Some(at) if at.segment == meta.first => at,
            Some(_) | None => Cursor::at_start(File::open(&meta.path)?, meta.first, meta.before),
        };
        while at.sequence < from {
            if at.read(from, READ_BYTES)?.is_empty() {
                break;
            }
        }
        let first = at.sequence;
        let entries = at.read(end, READ_BYTES)?;
        *cursor = Some(at);
        Ok((first, entries))
    }

    /// All records up to this one are durable elsewhere: whole segments of such are deleted.
    pub(crate) fn delivered(&self, through: u64) {
        let mut gone = Vec::new();
        {
            let mut inner = self.inner.lock();
            inner.delivered = inner.delivered.max(through);
            while inner.segments.len() > 1
                && inner.segments.front().is_some_and(|meta| meta.next <= through.saturating_add(1))
            {
                if let Some(meta) = inner.segments.pop_front() {
                    inner.used = inner.used.saturating_sub(meta.bytes);
                    gone.push(meta.path);
                }
            }
        }
        for path in gone {
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(file = %path.display(), %error, "spool: a delivered segment stays");
            }
        }
    }

    /// Waits for something to be written.
    pub(crate) async fn changed(&self) {
        let mut durable = self.durable.subscribe();
        let _ = durable.changed().await;
    }
}

impl Inner {
    fn room(&self, config: &SpoolConfig, class: Class, bytes: u64) -> Result<(), SpoolError> {
        let limit = match class {
            Class::Grant => config.max_bytes.saturating_sub(config.reserve_bytes),
            Class::Essential => config.max_bytes,
        };
        if let (Class::Grant, Some(failure)) = (class, &self.failure) {
            return Err(SpoolError::Unwritable(failure.clone()));
        }
        let used = self.used.saturating_add(self.promised);
        if used.saturating_add(bytes) > limit {
            return Err(SpoolError::Full { used, limit });
        }
        Ok(())
    }

    fn append(&mut self, config: &SpoolConfig, point: PointId, payload: Vec<u8>) -> Result<u64, SpoolError> {
        let sequence = self.next;
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let check = encode_record(&self.check, sequence, &payload, &mut buffer);
        let mut written = self.write(config, point, &buffer);
        if written.is_err() && self.failure.is_none() {
            // The first failure: once more, in the segment that was made ready for this.
            if let Err(error) = &written {
                tracing::error!(%error, "spool: cannot write; grants are refused until it can");
                self.failure = Some(error.to_string());
            }
            self.current = None;
            written = self.write(config, point, &buffer);
        }
        self.buffer = buffer;
        if let Err(error) = written {
            self.current = None;
            return Err(SpoolError::Unwritable(error.to_string()));
        }
        self.check = check;
        self.next += 1;
        if let Some(meta) = self.segments.back_mut() {
            meta.next = self.next;
        }
        self.unsynced.push_back((sequence, payload));
        Ok(sequence)
    }

    fn write(&mut self, config: &SpoolConfig, point: PointId, bytes: &[u8]) -> io::Result<()> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self
            .current
            .as_ref()
            .is_none_or(|current| current.bytes.saturating_add(length) > config.segment_bytes)
        {
            self.begin_segment(config, point)?;
        }
        let Some(current) = self.current.as_mut() else {
            return Err(io::Error::other("there is no segment to write to"));
        };
        (&*current.file).write_all(bytes)?;
        current.bytes += length;
        self.used += length;
        if let Some(meta) = self.segments.back_mut() {
            meta.bytes += length;
        }
        Ok(())
    }

    fn begin_segment(&mut self, config: &SpoolConfig, point: PointId) -> io::Result<()> {
        if let Some(full) = self.current.take() {
            self.to_sync.push(full.file);
        }
        let path = path_of(&config.folder, self.next);
        let file = match self.spare.take() {
            Some(spare) => {
                std::fs::rename(files::spare_path(&config.folder), &path)?;
                spare
            }
            None => files::create(&path)?,
        };
        let header = Header { point, first: self.next, before: self.check }.encode();
        (&file).write_all(&header)?;
        let bytes = u64::try_from(HEADER).unwrap_or(0);
        // A segment of the same first record held nothing that counts: it failed at once.
        if self.segments.back().is_some_and(|meta| meta.first == self.next) {
            self.segments.pop_back();
        }
        self.segments.push_back(Meta { first: self.next, next: self.next, bytes, before: self.check, path });
        self.used += bytes;
        self.folder_dirty = true;
        self.current = Some(Current { file: Arc::new(file), bytes });
        Ok(())
    }

    /// Writes what the disk failed to keep to a new segment, as the same records.
    fn rewrite_unsynced(&mut self, config: &SpoolConfig, point: PointId) {
        let Some((first, _)) = self.unsynced.front() else { return };
        let first = *first;
        let Some(meta) = self.segments.iter().rev().find(|meta| meta.first <= first) else { return };
        // The check before the first of them is found by reading the segment's kernel copy up to it.
        let before = std::fs::read(&meta.path).ok().and_then(|bytes| {
            let mut before = None;
            let _ = read_segment_checks(&bytes, first, &mut before);
            before
        });
        let Some(before) = before else {
            tracing::error!(first, "spool: records that the disk did not take cannot be written again");
            return;
        };
        let (check, next) = (self.check, self.next);
        (self.check, self.next) = (before, first);
        let records: Vec<Vec<u8>> = self.unsynced.iter().map(|(_, payload)| payload.clone()).collect();
        let mut result = self.begin_segment(config, point);
        for payload in records {
            if result.is_err() {
                break;
            }
            let mut buffer = Vec::new();
            let after = encode_record(&self.check, self.next, &payload, &mut buffer);
            result = self.write(config, point, &buffer);
            if result.is_ok() {
                (self.check, self.next) = (after, self.next + 1);
                if let Some(meta) = self.segments.back_mut() {
                    meta.next = self.next;
                }
            }
        }
        if let Err(error) = result {
            tracing::error!(%error, "spool: nor can they be written elsewhere");
            self.failure = Some(error.to_string());
            self.current = None;
        }
        (self.check, self.next) = (check, next);
    }

    /// Tries to get back a spare segment; with it, grants are possible again.
    fn mend(&mut self, config: &SpoolConfig) {
        if self.spare.is_none() {
            match files::make_spare(&config.folder, config.segment_bytes) {
                Ok(spare) => self.spare = Some(spare),
                Err(error) => {
                    if self.failure.is_none() {
                        tracing::error!(%error, "spool: no room for the next segment; grants are refused until there is");
                    }
                    self.failure = Some(error.to_string());
                    return;
                }
            }
        }
        if self.failure.take().is_some() {
            tracing::info!("spool: writable again");
        }
    }
}

fn read_segment_checks(bytes: &[u8], wanted: u64, before: &mut Option<Check>) -> Result<(), &'static str> {
    let header = Header::decode(bytes).ok_or("no header")?;
    let (mut check, mut sequence) = (header.before, header.first);
    let mut rest = bytes.get(HEADER..).unwrap_or_default();
    while sequence < wanted {
        let record = super::decode_record(rest, &check, sequence).ok().ok_or("no record")?;
        (check, sequence) = (record.check, sequence + 1);
        rest = rest.get(record.length..).unwrap_or_default();
    }
    *before = Some(check);
    Ok(())
}

fn whole_length(payload: usize) -> Result<u64, SpoolError> {
    if payload > MAX_PAYLOAD {
        return Err(SpoolError::TooLong(payload));
    }
    Ok(u64::try_from(payload + HEAD).unwrap_or(u64::MAX))
}

/// The point that a spool folder belongs to, if there is a spool in it.
///
/// # Errors
/// The folder cannot be read.
pub fn stored_point(folder: &std::path::Path) -> io::Result<Option<PointId>> {
    match std::fs::read_to_string(folder.join("point")) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The identifier of the point that writes here: that of its segments, else the one of its file, else a new one.
fn point_of(
    folder: &std::path::Path,
    written: Option<PointId>,
    entropy: &dyn Entropy,
) -> io::Result<PointId> {
    let path = folder.join("point");
    if let Some(point) = stored_point(folder)?.or(written) {
        return Ok(point);
    }
    let point = PointId::random(entropy);
    let mut file = files::create(&path)?;
    writeln!(file, "{point}")?;
    file.sync_all()?;
    files::sync_folder(folder)?;
    Ok(point)
}

/// How long a sync waits for others to join it; with the sync itself well under the 50 ms that are promised.
const GATHER: Duration = Duration::from_millis(15);

/// How often a disk that failed is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// How much is read for one delivery.
const READ_BYTES: usize = 1 << 20;
