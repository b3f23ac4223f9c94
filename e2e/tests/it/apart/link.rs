//! What can be read on the link between hosts: the streams of a capture, and whether each is TLS and nothing else.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::hosts::Hosts;

/// Everything that passes between control's host and those of the gateways, from now on.
pub(crate) struct Capture {
    child: Child,
    file: PathBuf,
    _dir: TempDir,
}

impl Capture {
    /// Begins, on the port of the bridge at which control is; nothing if there is no tcpdump.
    pub(crate) fn start(hosts: &Hosts) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("link.pcap");
        let filter = format!("ip and (host {} or host {})", hosts.one.address, hosts.two.address);
        let mut command = Command::new("ip");
        command.args(["netns", "exec", hosts.lan.name(), "tcpdump", "-i", "control", "-s", "0", "-U"]);
        command.args(["-B", "32768", "-Z", "root", "-w"]).arg(&file).arg(filter);
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().ok()?;
        let said = BufReader::new(child.stderr.take().unwrap());
        let listens = said.lines().map_while(Result::ok).any(|line| line.contains("listening on"));
        if !listens {
            let _gone = (child.kill(), child.wait());
            return None;
        }
        Some(Self { child, file, _dir: dir })
    }

    /// Ends, and hands over what passed: what each side of each connection sent, in order.
    pub(crate) fn streams(mut self) -> Vec<Stream> {
        // What has just passed is still on its way through the kernel.
        std::thread::sleep(std::time::Duration::from_millis(500));
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.child.wait().unwrap();
        streams(&std::fs::read(&self.file).unwrap())
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _gone = (self.child.kill(), self.child.wait());
    }
}

/// What one side of a connection sent.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) from: SocketAddrV4,
    pub(crate) to: SocketAddrV4,
    pub(crate) bytes: Vec<u8>,
}

/// Where a stream begins, and what was sent on it.
type Segments<'a> = (Option<u32>, Vec<(u32, &'a [u8])>);

/// The streams of a capture file, put together from their segments.
fn streams(capture: &[u8]) -> Vec<Stream> {
    let number = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!((number(capture, 0), number(capture, 20)), (0xa1b2_c3d4, 1), "microseconds, Ethernet");
    let mut segments: BTreeMap<(SocketAddrV4, SocketAddrV4), Segments<'_>> = BTreeMap::new();
    let mut rest = &capture[24..];
    while rest.len() > 16 {
        let (kept, length) = (number(rest, 8) as usize, number(rest, 12) as usize);
        assert_eq!(kept, length, "a packet was cut short");
        let packet = &rest[16..16 + kept];
        rest = &rest[16 + kept..];
        let segment = segment(packet);
        let stream = segments.entry((segment.from, segment.to)).or_default();
        if segment.begins {
            stream.0 = Some(segment.sequence.wrapping_add(1));
        } else if !segment.bytes.is_empty() {
            stream.1.push((segment.sequence, segment.bytes));
        }
    }
    let stream = |((from, to), (first, mut segments)): ((SocketAddrV4, SocketAddrV4), Segments<'_>)| {
        let first = first.unwrap_or_else(|| panic!("{from} to {to} began before the capture"));
        segments.sort_by_key(|(sequence, _)| sequence.wrapping_sub(first));
        let mut bytes = Vec::new();
        for (sequence, more) in segments {
            let at = sequence.wrapping_sub(first) as usize;
            assert!(at <= bytes.len(), "{from} to {to}: the capture has a hole");
            // Sent once more, in whole or in part.
            bytes.extend_from_slice(more.get(bytes.len() - at..).unwrap_or_default());
        }
        Stream { from, to, bytes }
    };
    segments.into_iter().map(stream).collect()
}

struct Segment<'a> {
    from: SocketAddrV4,
    to: SocketAddrV4,
    sequence: u32,
    begins: bool,
    bytes: &'a [u8],
}

fn segment(packet: &[u8]) -> Segment<'_> {
    let short = |at: usize| u16::from_be_bytes(packet[at..at + 2].try_into().unwrap());
    let long = |at: usize| u32::from_be_bytes(packet[at..at + 4].try_into().unwrap());
    assert_eq!(short(12), 0x0800, "IPv4");
    assert_eq!(packet[14 + 9], 6, "something else than TCP passed");
    let tcp = 14 + usize::from(packet[14] & 15) * 4;
    let data = tcp + usize::from(packet[tcp + 12] >> 4) * 4;
    // Short frames are padded.
    let end = 14 + usize::from(short(16));
    Segment {
        from: SocketAddrV4::new(Ipv4Addr::from(long(26)), short(tcp)),
        to: SocketAddrV4::new(Ipv4Addr::from(long(30)), short(tcp + 2)),
        sequence: long(tcp + 4),
        begins: packet[tcp + 13] & 2 != 0,
        bytes: packet.get(data..end).unwrap_or_default(),
    }
}

/// How many records of TLS a stream is made of; or what is wrong with it. The last may be cut off.
pub(crate) fn records(stream: &[u8]) -> Result<usize, String> {
    let (mut at, mut count) = (0, 0);
    while let Some(header) = stream.get(at..at + 5) {
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        // A handshake first; then changes of cipher (of older versions' looks), alerts, handshakes, data.
        let kind_fits = if count == 0 { header[0] == 22 } else { (20..=23).contains(&header[0]) };
        // RFC 8446, 5.2: 2^14 bytes, the type, and up to 255 of protection.
        if !kind_fits || header[1] != 3 || header[2] > 4 || length == 0 || length > (1 << 14) + 256 {
            return Err(format!("no record at byte {at}: {header:02x?}"));
        }
        (at, count) = (at + 5 + length, count + 1);
    }
    if count == 0 && !stream.is_empty() {
        return Err(format!("no record at all: {stream:02x?}"));
    }
    Ok(count)
}

/// Whether these bytes are anywhere in those.
pub(crate) fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn what_is_not_tls_is_seen_to_be_none() {
    assert_eq!(records(b""), Ok(0));
    assert_eq!(records(b"\x16\x03\x01\x00\x02ab\x17\x03\x03\x00\x01c"), Ok(2));
    for stream in [
        b"GET / HTTP/1.1\r\n" as &[u8],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x17\x03\x03\x00\x01c",
        b"\x16\x03\x01\x00\x01aGET / HTTP/1.1\r\n",
        b"\x16\x03",
    ] {
        assert!(records(stream).is_err(), "{stream:?}");
    }
    assert!(holds(b"a wiki", b"wiki") && !holds(b"a wik", b"wiki"));
}

#[test]
fn segments_are_put_together_in_order_and_once() {
    let mut capture = Vec::from(0xa1b2_c3d4_u32.to_le_bytes());
    capture.extend_from_slice(&[0; 16]);
    capture.extend_from_slice(&1_u32.to_le_bytes());
    for (sequence, flags, bytes) in
        [(u32::MAX, 2_u8, b"" as &[u8]), (3, 16, b"de"), (0, 16, b"abc"), (1, 16, b"bcd"), (5, 16, b"f")]
    {
        let mut packet = vec![0; 12];
        packet.extend_from_slice(&[8, 0, 0x45, 0]);
        packet.extend_from_slice(&u16::try_from(40 + bytes.len()).unwrap().to_be_bytes());
        packet.extend_from_slice(&[0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 7, 0, 8]);
        packet.extend_from_slice(&sequence.to_be_bytes());
        packet.extend_from_slice(&[0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0]);
        packet.extend_from_slice(bytes);
        // Padding.
        packet.extend_from_slice(b"xx");
        let length = u32::try_from(packet.len()).unwrap().to_le_bytes();
        capture.extend_from_slice(&[[0; 8].as_slice(), &length, &length, &packet].concat());
    }
    let [stream] = &streams(&capture)[..] else { panic!("one stream") };
    assert_eq!((stream.bytes.as_slice(), stream.from.port(), stream.to.port()), (b"abcdef" as &[u8], 7, 8));
}
