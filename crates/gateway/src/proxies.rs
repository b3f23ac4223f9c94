//! Proxies in front of a listener, and what they say of who asks.
//!
//! Nobody is believed who was not named: a client may write any header field, and connect from anywhere. From a named
//! network, either each connection begins with a header of the PROXY protocol, or the requests on it carry
//! `X-Forwarded-For`. What is said there is read strictly; what cannot be read is refused, not passed over.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::HeaderMap;
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::request::BadRequest;

/// The proxies that are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    networks: Vec<IpNet>,
    announces: bool,
}

impl Proxies {
    /// Those in these networks; if they `announce`, by the PROXY protocol on each connection, else by `X-Forwarded-For`.
    pub fn new(networks: impl IntoIterator<Item = IpNet>, announce: bool) -> Self {
        Self { networks: networks.into_iter().collect(), announces: announce }
    }

    pub(crate) fn include(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    pub(crate) const fn announce(&self) -> bool {
        self.announces
    }

    /// Whether `peer` passes on requests that it has read, so that what it says of them is believed.
    pub(crate) fn relay(&self, peer: IpAddr) -> bool {
        !self.announces && self.include(peer)
    }

    /// Who asks, on a connection from `peer`: from the right, the first address that is no proxy of ours.
    ///
    /// # Errors
    /// [`BadRequest::Forwarded`] when a proxy that is believed says something that is no address.
    pub(crate) fn source(&self, peer: IpAddr, headers: &HeaderMap) -> Result<IpAddr, BadRequest> {
        if !self.relay(peer) {
            return Ok(peer);
        }
        let mut source = peer;
        for field in headers.get_all(FORWARDED_FOR).iter().collect::<Vec<_>>().into_iter().rev() {
            let text = field.to_str().map_err(|_not_text| BadRequest::Forwarded)?;
            for hop in text.rsplit(',') {
                let hop: IpAddr = hop.trim().parse().map_err(|_no_address| BadRequest::Forwarded)?;
                source = hop.to_canonical();
                if !self.include(source) {
                    return Ok(source);
                }
            }
        }
        Ok(source)
    }
}

/// Reads the header of the PROXY protocol (versions 1 and 2) that a connection begins with, and not a byte more: who the
/// client is; `None` if the proxy speaks for itself, as for a health check.
///
/// # Errors
/// When the connection ends in it, or it is none. The caller limits the time.
pub async fn announced(mut stream: impl AsyncRead + Unpin) -> io::Result<Option<IpAddr>> {
    let mut start = [0; 12];
    stream.read_exact(&mut start).await?;
    if start == SIGNATURE {
        let mut head = [0; 4];
        stream.read_exact(&mut head).await?;
        let [_, _, high, low] = head;
        let mut rest = vec![0; usize::from(u16::from_be_bytes([high, low]))];
        if rest.len() > MAX_ADDRESSES {
            return Err(no_header());
        }
        stream.read_exact(&mut rest).await?;
        return second(head, &rest);
    }
    let mut line = start.to_vec();
    while line.last() != Some(&b'\n') {
        if line.len() >= MAX_LINE || !line.starts_with(b"PROXY ") {
            return Err(no_header());
        }
        line.push(stream.read_u8().await?);
    }
    first(&line)
}

/// `PROXY TCP4 CLIENT SERVER PORT PORT`.
fn first(line: &[u8]) -> io::Result<Option<IpAddr>> {
    let text = line.strip_suffix(b"\r\n").and_then(|line| str::from_utf8(line).ok()).ok_or_else(no_header)?;
    let words: Vec<&str> = text.split(' ').collect();
    let port = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
    };
    // The server's address has to be one, too, although it is of no interest here.
    let (client, _server): (IpAddr, IpAddr) = match words.as_slice() {
        ["PROXY", "UNKNOWN", ..] => return Ok(None),
        ["PROXY", "TCP4", client, server, from, to] if port(from) && port(to) => {
            let read = |text: &str| text.parse::<Ipv4Addr>().map_err(|_none| no_header());
            (read(client)?.into(), read(server)?.into())
        }
        ["PROXY", "TCP6", client, server, from, to] if port(from) && port(to) => {
            let read = |text: &str| text.parse::<Ipv6Addr>().map_err(|_none| no_header());
            (read(client)?.into(), read(server)?.into())
        }
        _ => return Err(no_header()),
    };
    Ok(Some(client.to_canonical()))
}

fn second(head: [u8; 4], rest: &[u8]) -> io::Result<Option<IpAddr>> {
    let [command, family, ..] = head;
    match (command, family) {
        // LOCAL: whatever stands there is to be passed over.
        (0x20, _) => Ok(None),
        (0x21, 0x11) if rest.len() >= 12 => {
            let address: [u8; 4] = rest.get(..4).and_then(|b| b.try_into().ok()).ok_or_else(no_header)?;
            Ok(Some(IpAddr::from(address)))
        }
        (0x21, 0x21) if rest.len() >= 36 => {
            let address: [u8; 16] = rest.get(..16).and_then(|b| b.try_into().ok()).ok_or_else(no_header)?;
            Ok(Some(IpAddr::from(address).to_canonical()))
        }
        _ => Err(no_header()),
    }
}

fn no_header() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the connection does not begin as the PROXY protocol says")
}

const FORWARDED_FOR: &str = "x-forwarded-for";

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// The longest line of version 1, its end included.
const MAX_LINE: usize = 107;

/// Addresses and what proxies add to them.
const MAX_ADDRESSES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn networks(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn source(proxies: &Proxies, peer: &str, fields: &[&str]) -> Result<IpAddr, BadRequest> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(FORWARDED_FOR, http::HeaderValue::from_bytes(field.as_bytes()).unwrap());
        }
        proxies.source(ip(peer), &headers)
    }

    #[test]
    fn nobody_is_believed_who_was_not_named() {
        let nobody = Proxies::default();
        assert_eq!(source(&nobody, "10.0.0.1", &["1.2.3.4"]), Ok(ip("10.0.0.1")));
        let some = Proxies::new(networks(&["10.0.0.0/8"]), false);
        assert_eq!(source(&some, "11.0.0.1", &["1.2.3.4", "garbage"]), Ok(ip("11.0.0.1")));
        let announcing = Proxies::new(networks(&["10.0.0.0/8"]), true);
        assert_eq!(source(&announcing, "10.0.0.1", &["1.2.3.4"]), Ok(ip("10.0.0.1")));
    }

    #[test]
    fn of_what_a_proxy_says_the_last_address_that_is_no_proxy_counts() {
        let proxies = Proxies::new(networks(&["10.0.0.0/8", "fd00::/8"]), false);
        for (fields, expected) in [
            (&["1.2.3.4"][..], "1.2.3.4"),
            (&["9.9.9.9, 1.2.3.4"], "1.2.3.4"),
            (&["9.9.9.9, 1.2.3.4,10.1.1.1 , fd00::1"], "1.2.3.4"),
            (&["1.2.3.4", "10.1.1.1"], "1.2.3.4"),
            (&["8.8.8.8", "1.2.3.4"], "1.2.3.4"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["::ffff:1.2.3.4"], "1.2.3.4"),
            (&["10.2.2.2"], "10.2.2.2"),
            (&[], "10.0.0.1"),
            // What stands before the address that counts is the client's own, and is not read.
            (&["<script>, 1.2.3.4"], "1.2.3.4"),
        ] {
            assert_eq!(source(&proxies, "10.0.0.1", fields), Ok(ip(expected)), "{fields:?}");
        }
        for bad in ["", "unknown", "1.2.3.4:80", "[::1]", "1.2.3.4,", "1.2.3", "localhost", "\u{e9}"] {
            assert_eq!(source(&proxies, "10.0.0.1", &[bad]), Err(BadRequest::Forwarded), "{bad:?}");
        }
    }

    async fn read(bytes: &[u8]) -> io::Result<(Option<IpAddr>, usize)> {
        let mut rest = bytes;
        let announced = announced(&mut rest).await?;
        Ok((announced, rest.len()))
    }

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, rest, b"next"].concat()
    }

    #[tokio::test]
    async fn a_header_is_read_to_its_end_and_no_further() {
        for (text, expected) in [
            ("PROXY TCP4 1.2.3.4 5.6.7.8 1000 443\r\nnext", Some("1.2.3.4")),
            ("PROXY TCP6 2001:db8::1 ::1 1000 443\r\nnext", Some("2001:db8::1")),
            ("PROXY TCP6 ::ffff:1.2.3.4 ::1 1000 443\r\nnext", Some("1.2.3.4")),
            ("PROXY UNKNOWN\r\nnext", None),
            ("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\nnext", None),
        ] {
            let read = read(text.as_bytes()).await.unwrap();
            assert_eq!(read, (expected.map(ip), 4), "{text}");
        }
        let four = [[1, 2, 3, 4, 5, 6, 7, 8, 3, 232, 1, 187].as_slice(), b"\x03\0\x04abcd"].concat();
        assert_eq!(read(&v2(0x21, 0x11, &four)).await.unwrap(), (Some(ip("1.2.3.4")), 4));
        assert_eq!(read(&v2(0x21, 0x21, &[7; 36])).await.unwrap().0, Some(IpAddr::from([7; 16])));
        assert_eq!(read(&v2(0x20, 0, &[])).await.unwrap(), (None, 4));
    }

    #[tokio::test]
    async fn what_is_no_header_is_refused() {
        for text in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03\x00\x00\x00",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1000 443\n............",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1000\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1000 443 1\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 1000 65536\r\n",
            "PROXY TCP4 1.2.3.4 5.6.7.8 +1000 443\r\n",
            "PROXY TCP4 ::1 5.6.7.8 1000 443\r\n",
            "PROXY TCP6 1.2.3.4 ::1 1000 443\r\n",
            "PROXY  TCP4 1.2.3.4 5.6.7.8 1000 443\r\n",
            "proxy TCP4 1.2.3.4 5.6.7.8 1000 443\r\n",
            "PROXY UDP4 1.2.3.4 5.6.7.8 1000 443\r\n",
            "PROXY TCP4 1.2.3.4",
            "PROXY",
            "",
        ] {
            assert!(read(text.as_bytes()).await.is_err(), "{text:?}");
        }
        let endless = format!("PROXY UNKNOWN {}", "x".repeat(500));
        assert!(read(endless.as_bytes()).await.is_err());
        for (command, family, length) in [
            (0x11, 0x11, 12),
            (0x22, 0x11, 12),
            (0x21, 0x11, 11),
            (0x21, 0x21, 35),
            (0x21, 0x12, 12),
            (0x21, 0x31, 216),
            (0x20, 0, 5000),
        ] {
            assert!(
                read(&v2(command, family, &vec![0; length])).await.is_err(),
                "{command:#x} {family:#x} {length}"
            );
        }
        let whole = v2(0x21, 0x11, &[0; 12]);
        for end in 0..28 {
            assert!(read(&whole[..end]).await.is_err(), "{end}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in 0..3) {
            let start: &[u8] = [&b""[..], b"PROXY TCP4 ", &SIGNATURE][usize::try_from(kind).unwrap()];
            let bytes = [start, &bytes].concat();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let _ = runtime.block_on(read(&bytes));
        }
    }
}
