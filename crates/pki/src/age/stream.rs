//! The content: chunks that can be neither changed, moved, nor left out.

use std::io::{BufRead, Read, Write};

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce};
use zeroize::Zeroizing;

use super::header::{self, FileKey, cipher, derived};
use super::{AgeError, Identity, Recipient};

/// Seals what is written to it. [`finish`](Self::finish) must be called: without it the file has no end and does not open.
pub struct Encryptor<W: Write> {
    output: W,
    chunks: Chunks,
    waiting: Zeroizing<Vec<u8>>,
}

impl<W: Write> Encryptor<W> {
    /// Begins a file that these recipients can open, each on their own.
    ///
    /// # Errors
    /// [`AgeError::Nobody`], [`AgeError::Library`], [`AgeError::Io`].
    pub fn new(mut output: W, recipients: &[Recipient]) -> Result<Self, AgeError> {
        let mut key = FileKey::default();
        aws_lc_rs::rand::fill(key.as_mut_slice())?;
        output.write_all(&header::write(&key, recipients)?)?;
        let mut nonce = [0; 16];
        aws_lc_rs::rand::fill(&mut nonce)?;
        output.write_all(&nonce)?;
        Ok(Self { output, chunks: Chunks::new(&key, &nonce)?, waiting: Zeroizing::new(room()) })
    }

    /// Writes the last chunk. What the file was written to is given back; it has not been flushed.
    ///
    /// # Errors
    /// [`AgeError::Io`], [`AgeError::Library`].
    pub fn finish(mut self) -> Result<W, AgeError> {
        self.chunk(true)?;
        Ok(self.output)
    }

    fn chunk(&mut self, last: bool) -> Result<(), AgeError> {
        self.chunks.seal(&mut self.waiting, last)?;
        self.output.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}

impl<W: Write> Write for Encryptor<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // A full chunk is written when more comes, for the last one must say that it is the last.
        if self.waiting.len() == CHUNK && !bytes.is_empty() {
            self.chunk(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.waiting.len());
        self.waiting.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.output.flush()
    }
}

impl<W: Write> std::fmt::Debug for Encryptor<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encryptor").finish_non_exhaustive()
    }
}

/// Opens what is read from it. The end of the file is read only after its last chunk was found to be the last.
pub struct Decryptor<R: BufRead> {
    input: R,
    chunks: Chunks,
    /// The chunk that is being handed on, and how much of it was.
    open: Zeroizing<Vec<u8>>,
    taken: usize,
    /// The first byte of the next chunk, read to see whether there is one.
    ahead: Option<u8>,
    state: State,
}

/// What is to be had from a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// More chunks.
    More,
    /// Nothing after the chunk that is being handed on.
    Last,
    /// Nothing that could be trusted.
    Failed,
}

impl<R: BufRead> Decryptor<R> {
    /// Opens a file with one of these identities.
    ///
    /// # Errors
    /// [`AgeError::Header`], [`AgeError::NoMatch`], [`AgeError::Mac`], [`AgeError::Io`].
    pub fn new(mut input: R, identities: &[Identity]) -> Result<Self, AgeError> {
        let key = header::read(&mut input, identities)?;
        let mut nonce = [0; 16];
        input.read_exact(&mut nonce).map_err(|_why| AgeError::Truncated)?;
        let chunks = Chunks::new(&key, &nonce)?;
        Ok(Self { input, chunks, open: Zeroizing::new(room()), taken: 0, ahead: None, state: State::More })
    }

    /// Reads and opens the next chunk; whether it is the last.
    fn chunk(&mut self) -> Result<bool, AgeError> {
        self.open.extend(self.ahead.take());
        let wanted = SEALED_CHUNK - self.open.len();
        (&mut self.input).take(u64::try_from(wanted).unwrap_or(0)).read_to_end(&mut self.open)?;
        let full = self.open.len() == SEALED_CHUNK;
        if full {
            self.ahead = (&mut self.input).bytes().next().transpose()?;
        }
        let last = !full || self.ahead.is_none();
        let first = self.chunks.number == 0;
        // The last chunk is found to be so by where it stands; that it is, it says itself.
        self.chunks.open(&mut self.open, last)?;
        if self.open.is_empty() && !first { Err(AgeError::Content) } else { Ok(last) }
    }
}

impl<R: BufRead> Read for Decryptor<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.taken == self.open.len() {
            if self.state == State::Last || buffer.is_empty() {
                return Ok(0);
            }
            if self.state == State::Failed {
                return Err(AgeError::Content.into());
            }
            (self.state, self.taken) = (State::Failed, 0);
            self.open.clear();
            match self.chunk() {
                Ok(last) => self.state = if last { State::Last } else { State::More },
                Err(error) => {
                    self.open.clear();
                    return Err(error.into());
                }
            }
        }
        let rest = self.open.get(self.taken..).unwrap_or_default();
        let taken = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.taken += taken;
        Ok(taken)
    }
}

impl<R: BufRead> std::fmt::Debug for Decryptor<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decryptor").field("state", &self.state).finish_non_exhaustive()
    }
}

/// The cipher, and the number of the next chunk.
struct Chunks {
    key: LessSafeKey,
    number: u64,
}

impl Chunks {
    fn new(key: &FileKey, nonce: &[u8; 16]) -> Result<Self, AgeError> {
        Ok(Self { key: cipher(&*derived::<32>(nonce, key.as_slice(), b"payload")?)?, number: 0 })
    }

    fn seal(&mut self, chunk: &mut Vec<u8>, last: bool) -> Result<(), AgeError> {
        self.key.seal_in_place_append_tag(nonce(self.number, last), Aad::empty(), chunk)?;
        self.number += 1;
        Ok(())
    }

    fn open(&mut self, chunk: &mut Vec<u8>, last: bool) -> Result<(), AgeError> {
        if chunk.len() < CHACHA20_POLY1305.tag_len() {
            return Err(AgeError::Truncated);
        }
        // What fails to open is lost, and the last chunk may have to be tried twice.
        let mut copy = if last { Zeroizing::new(chunk.clone()) } else { Zeroizing::default() };
        if let Ok(plain) = self.key.open_in_place(nonce(self.number, last), Aad::empty(), chunk) {
            let length = plain.len();
            chunk.truncate(length);
            self.number += 1;
            return Ok(());
        }
        chunk.clear();
        // A whole chunk that others should follow means that the file was cut off behind it.
        let middle = nonce(self.number, false);
        let cut = last && self.key.open_in_place(middle, Aad::empty(), &mut copy).is_ok();
        Err(if cut { AgeError::Truncated } else { AgeError::Content })
    }
}

/// Eleven bytes of number, and whether it is the last.
fn nonce(number: u64, last: bool) -> Nonce {
    let mut bytes = [0; 12];
    for (to, from) in bytes.iter_mut().skip(3).zip(number.to_be_bytes()) {
        *to = from;
    }
    if let Some(flag) = bytes.last_mut() {
        *flag = u8::from(last);
    }
    Nonce::assume_unique_for_key(bytes)
}

fn room() -> Vec<u8> {
    Vec::with_capacity(SEALED_CHUNK)
}

const CHUNK: usize = 64 << 10;

/// With its tag.
const SEALED_CHUNK: usize = CHUNK + 16;
