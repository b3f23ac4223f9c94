use proptest::prelude::*;

use super::*;

/// A body's data, its trailers, and what is left behind it.
type Taken = (Vec<u8>, Option<HeaderMap>, Vec<u8>);

/// A body as it is taken from bytes that come in such pieces.
fn taken(
    framing: Framing,
    bytes: &[u8],
    mut pieces: impl Iterator<Item = usize>,
) -> Result<Taken, BodyError> {
    let (mut decoder, mut buffer, mut at) = (Decoder::new(framing), BytesMut::new(), 0);
    let (mut data, mut trailers) = (Vec::new(), None);
    loop {
        match decoder.next(&mut buffer)? {
            Piece::Data(piece) => data.extend_from_slice(&piece),
            Piece::Trailers(fields) => trailers = Some(fields),
            Piece::End => {
                assert!(decoder.is_over());
                buffer.extend_from_slice(&bytes[at..]);
                return Ok((data, trailers, buffer.to_vec()));
            }
            Piece::More if at == bytes.len() => return Err(BodyError::Torn),
            Piece::More => {
                let next = (at + pieces.next().unwrap_or(usize::MAX)).min(bytes.len());
                buffer.extend_from_slice(&bytes[at..next]);
                at = next;
            }
        }
    }
}

fn chunked(bytes: &[u8]) -> Result<Taken, BodyError> {
    let all = taken(Framing::Chunked, bytes, std::iter::empty());
    let each = taken(Framing::Chunked, bytes, std::iter::repeat(1));
    assert_eq!(all, each, "it depends on the pieces");
    all
}

#[test]
fn a_body_with_a_length_is_as_long() {
    let read = |length| taken(Framing::Length(length), b"hello, next", std::iter::repeat(3));
    assert_eq!(read(5), Ok((b"hello".to_vec(), None, b", next".to_vec())));
    assert_eq!(read(0), Ok((Vec::new(), None, b"hello, next".to_vec())));
    assert_eq!(read(12), Err(BodyError::Torn));
    assert_eq!(taken(Framing::None, b"x", std::iter::empty()), Ok((Vec::new(), None, b"x".to_vec())));
}

#[test]
fn chunks_are_put_together_and_what_follows_is_left() {
    let (data, trailers, rest) = chunked(b"5\r\nhello\r\n0A\r\n, chunks!!\r\n0\r\n\r\nGET /").unwrap();
    assert_eq!((data.as_slice(), trailers, rest.as_slice()), (&b"hello, chunks!!"[..], None, &b"GET /"[..]));
    let (_, trailers, rest) = chunked(b"0\r\nX-Sum: 1\r\nx-b: 2\r\n\r\nrest").unwrap();
    assert_eq!(trailers.unwrap()["x-sum"], "1");
    assert_eq!(rest, b"rest");
}

#[test]
fn what_is_no_chunk_is_refused() {
    for bad in [
        &b"5;a=b\r\nhello\r\n0\r\n\r\n"[..],
        b"5 \r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"5\rhello\r\n0\r\n\r\n",
        b"5\r\nhello0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\r\nhello!\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"-1\r\nhello\r\n0\r\n\r\n",
        b"\r\nhello\r\n0\r\n\r\n",
        b"g\r\n",
        b"10000000000000000\r\n",
        b"fffffffffffffffff\r\n",
        b"0000000000000005\r\nhello\r\n0\r\n\r\n",
        b"5;\nx\r\nhello\r\n0\r\n\r\n",
    ] {
        assert_eq!(chunked(bad), Err(BodyError::Chunk), "{:?}", String::from_utf8_lossy(bad));
    }
    for bad in
        [&b"0\r\nX\r\n\r\n"[..], b"0\r\nX: a\nY: b\r\n\r\n", b"0\r\n X: a\r\n\r\n", b"0\r\nX : a\r\n\r\n"]
    {
        assert_eq!(chunked(bad), Err(BodyError::Trailers), "{:?}", String::from_utf8_lossy(bad));
    }
    let long = format!("0\r\nX: {}", "x".repeat(MAX_TRAILERS));
    assert_eq!(chunked(long.as_bytes()), Err(BodyError::Trailers));
    for torn in
        [&b""[..], b"5", b"5\r", b"5\r\nhe", b"5\r\nhello", b"5\r\nhello\r\n", b"0\r\n", b"0\r\nX: a\r\n"]
    {
        assert_eq!(chunked(torn), Err(BodyError::Torn), "{:?}", String::from_utf8_lossy(torn));
    }
}

proptest! {
    #[test]
    fn a_body_is_the_same_in_whatever_chunks_and_pieces(
        body in proptest::collection::vec(any::<u8>(), 0..300),
        chunks in proptest::collection::vec(1_usize..50, 1..10),
        pieces in proptest::collection::vec(1_usize..30, 1..10),
    ) {
        let (mut wire, mut rest, mut sizes) = (Vec::new(), body.as_slice(), chunks.into_iter().cycle());
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(sizes.next().unwrap().min(rest.len()));
            wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            wire.extend_from_slice(chunk);
            wire.extend_from_slice(b"\r\n");
            rest = after;
        }
        wire.extend_from_slice(b"0\r\n\r\nbehind");
        let (data, trailers, left) = taken(Framing::Chunked, &wire, pieces.into_iter().cycle()).unwrap();
        prop_assert_eq!((data, trailers, left), (body, None, b"behind".to_vec()));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100), length in 0_u64..50) {
        let _ = taken(Framing::Chunked, &bytes, std::iter::repeat(7));
        let _ = taken(Framing::Length(length), &bytes, std::iter::repeat(7));
    }
}
