//! What the writer is asked to do, and whom it answers.

use bartizan_model::Revision;
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use super::compaction::Candidate;
use super::{apply, compaction};
use crate::limits::Prepared;
use crate::vault::Vault;
use crate::{Committed, Error, Result};

/// A piece of work for the writer.
#[derive(Debug)]
pub(super) enum Job {
    /// Make a set of changes.
    Commit(Asked<Prepared, Committed>),
    /// Forget a few old changes, and answer how many there were.
    Forget(Asked<Vec<Candidate>, u64>),
    /// Keep the data key in this sealed form.
    SealDataKey(Asked<Vec<u8>, ()>),
    /// Say whether changes would be taken.
    Probe(Asked<(), ()>),
}

/// Whether the last transaction that was tried is known to have worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    Whole,
    Shaken,
}

/// The work, and the answer as far as it is known.
#[derive(Debug)]
pub(super) struct Asked<Input, Answer> {
    input: Input,
    answer: Result<Answer>,
    reply: oneshot::Sender<Result<Answer>>,
}

impl<Input, Answer> Asked<Input, Answer> {
    pub(super) fn new(input: Input) -> (Self, oneshot::Receiver<Result<Answer>>) {
        let (reply, receiver) = oneshot::channel();
        (Self { input, answer: Err(Error::Closed), reply }, receiver)
    }

    const fn is_unwritable(&self) -> bool {
        matches!(self.answer, Err(Error::Unwritable(_)))
    }

    fn settle(self, fate: &Result<()>) {
        let answer = fate.clone().and(self.answer);
        if self.reply.send(answer).is_err() {
            tracing::debug!("nobody waits for the answer of the store");
        }
    }
}

impl Job {
    /// Does the work inside the transaction and savepoint that are open, and remembers the answer.
    ///
    /// Answers whether it worked: if not, the caller goes back to the savepoint.
    pub(super) async fn apply(
        &mut self,
        connection: &mut SqliteConnection,
        head: &mut Revision,
        vault: &Vault,
        trust: Trust,
    ) -> bool {
        match self {
            Self::Commit(asked) => {
                asked.answer = apply::apply(connection, &asked.input, head, vault).await;
                asked.answer.is_ok()
            }
            Self::Forget(asked) => {
                asked.answer = compaction::forget(connection, &asked.input).await;
                asked.answer.is_ok()
            }
            Self::SealDataKey(asked) => {
                asked.answer = apply::seal_data_key(connection, &asked.input).await;
                asked.answer.is_ok()
            }
            Self::Probe(asked) => {
                asked.answer = match trust {
                    // The lock to write, which this transaction has taken, is all that the answer needs.
                    Trust::Whole => Ok(()),
                    Trust::Shaken => apply::rewrite_head(connection, *head).await,
                };
                asked.answer.is_ok()
            }
        }
    }

    pub(super) const fn changes_nothing(&self) -> bool {
        matches!(self, Self::Probe(_))
    }

    /// Whether it failed because the database could not be written, and not by what was asked.
    pub(super) fn met_a_failure(&self) -> bool {
        match self {
            Self::Commit(asked) => asked.is_unwritable(),
            Self::Forget(asked) => asked.is_unwritable(),
            Self::SealDataKey(asked) => asked.is_unwritable(),
            Self::Probe(asked) => asked.is_unwritable(),
        }
    }

    /// Answers, now that it is known whether the transaction was committed.
    pub(super) fn settle(self, fate: &Result<()>) {
        match self {
            Self::Commit(asked) => asked.settle(fate),
            Self::Forget(asked) => asked.settle(fate),
            Self::SealDataKey(asked) => asked.settle(fate),
            Self::Probe(asked) => asked.settle(fate),
        }
    }
}
