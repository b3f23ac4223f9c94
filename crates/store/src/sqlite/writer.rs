//! The one task that writes: what waits goes into one transaction together.
//!
//! A commit costs what the disk takes to sync, however much is in it. While one batch is synced, the next gathers
//! in the queue; so under load one sync serves many sets, and a lone set waits for nothing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bartizan_model::Revision;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::job::{Job, Trust};
use super::rows;
use super::statements::{BEGIN, COMMIT, HEAD, MOVE_HEAD, RELEASE, ROLLBACK, ROLLBACK_TO, SAVEPOINT};
use crate::vault::Vault;
use crate::{Error, Result};

/// 256 jobs may wait; whoever comes then waits to be let in.
pub(super) const QUEUE: usize = 256;

/// 128 jobs in one transaction: at 310 syncs a second (reference/reliability.md, 5.2) that is beyond what SQLite
/// executes in the time, so more would only make the first wait longer.
const BATCH: usize = 128;

/// What was done since the store was opened.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) transactions: AtomicU64,
    pub(super) changes: AtomicU64,
}

/// The owner of the connection that writes.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) options: SqliteConnectOptions,
    /// `None` after a failure that a rollback did not mend; the next batch connects anew.
    pub(super) connection: Option<SqliteConnection>,
    /// Whole until a transaction fails, and again when one has been written. A probe only takes the lock to write while it
    /// is whole, and writes while it is not: so watching costs the disk nothing, and a full disk that has room again is found
    /// out.
    pub(super) trust: Trust,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) stop: CancellationToken,
    pub(super) newest: watch::Sender<Revision>,
    pub(super) vault: Arc<Vault>,
    pub(super) counters: Arc<Counters>,
}

impl Writer {
    /// Works until it is told to stop, or nobody is left who could ask; then finishes what waits.
    pub(super) async fn run(mut self) {
        while let Some(first) = self.next().await {
            let mut batch = VecDeque::from([first]);
            while batch.len() < BATCH
                && let Ok(job) = self.jobs.try_recv()
            {
                batch.push_back(job);
            }
            self.write(batch).await;
        }
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database could not be closed properly; it recovers when it is opened");
        }
    }

    async fn next(&mut self) -> Option<Job> {
        tokio::select! {
            job = self.jobs.recv() => job,
            () = self.stop.cancelled(), if !self.jobs.is_closed() => {
                self.jobs.close();
                self.jobs.recv().await
            }
        }
    }

    async fn write(&mut self, mut batch: VecDeque<Job>) {
        let fate = match self.transact(&mut batch).await {
            Ok(head) => {
                // Before anybody is answered, so that who has an answer finds the revision here.
                self.newest.send_if_modified(|newest| {
                    let moved = head > *newest;
                    *newest = head.max(*newest);
                    moved
                });
                Ok(())
            }
            Err(error) => {
                self.trust = Trust::Shaken;
                report(&error, batch.iter().all(Job::changes_nothing));
                self.recover().await;
                Err(error)
            }
        };
        for job in batch {
            job.settle(&fate);
        }
    }

    /// One transaction with a savepoint for each job: one that fails takes nothing of the others with it.
    async fn transact(&mut self, batch: &mut VecDeque<Job>) -> Result<Revision> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            lost @ None => lost.insert(self.options.connect().await.map_err(Error::writing)?),
        };
        execute(connection, BEGIN).await?;
        let (number, _): (i64, i64) =
            sqlx::query_as(HEAD).fetch_one(&mut *connection).await.map_err(Error::writing)?;
        let begun = rows::revision(number)?;
        let (mut head, mut wrote) = (begun, false);
        for job in batch {
            let before = head;
            execute(connection, SAVEPOINT).await?;
            if !job.apply(connection, &mut head, &self.vault, self.trust).await {
                head = before;
                if job.met_a_failure() {
                    self.trust = Trust::Shaken;
                }
                // If the failure took the whole transaction with it, this fails, and so does the batch.
                execute(connection, ROLLBACK_TO).await?;
            } else {
                wrote = true;
            }
            execute(connection, RELEASE).await?;
        }
        if head != begun {
            sqlx::query(MOVE_HEAD)
                .bind(rows::number(head))
                .execute(&mut *connection)
                .await
                .map_err(Error::writing)?;
        }
        execute(connection, COMMIT).await?;
        if wrote {
            self.trust = Trust::Whole;
        }
        self.counters.transactions.fetch_add(1, Ordering::Relaxed);
        self.counters.changes.fetch_add(head.get().saturating_sub(begun.get()), Ordering::Relaxed);
        Ok(head)
    }

    /// After a failure: no transaction is left open, or else no connection.
    async fn recover(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        let Err(error) = execute(connection, ROLLBACK).await else { return };
        // Usual: SQLite has ended the transaction itself, and says that none is active. But whatever it is, a new
        // connection is in a known state.
        tracing::debug!(%error, "connecting to the database anew");
        self.connection = None;
    }
}

async fn execute(connection: &mut SqliteConnection, statement: &'static str) -> Result<()> {
    sqlx::query(statement).execute(connection).await.map(drop).map_err(Error::writing)
}

fn report(error: &Error, only_asked: bool) {
    let cause = std::error::Error::source(error);
    if only_asked {
        // Nothing is lost, and who asked is told; a line for every question would bury the others.
        tracing::debug!(%error, ?cause, "changes would not be stored");
    } else {
        tracing::error!(%error, ?cause, "changes could not be stored");
    }
}
