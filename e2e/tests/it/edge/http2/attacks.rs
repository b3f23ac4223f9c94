//! Floods and bombs, by the numbers under which they became known.

use std::time::Duration;

use super::frames::*;
use super::get;
use crate::edge::Edge;
use crate::http::block_on;

/// What an attack may cost: the process grows by no more, and whoever else asks gets an answer.
async fn withstands(edge: &Edge, attack: impl AsyncFnOnce(&mut Raw) -> End) -> End {
    let before = edge.demo.resident();
    let mut raw = Raw::connect(&edge.client).await;
    let end = tokio::time::timeout(Duration::from_secs(60), attack(&mut raw)).await.expect("it ends");
    let answer = edge.client.get("mine", "/neighbour", Some(&edge.demo.token("bob"))).await;
    assert_eq!(answer.status, 200, "a neighbour is served");
    let grown = edge.demo.resident().saturating_sub(before);
    assert!(grown < 64 << 20, "it grew by {} MiB", grown >> 20);
    end
}

#[test]
fn cve_2023_44487_rapid_reset_ends_the_connection() {
    block_on(async {
        let edge = Edge::start().await;
        let fields = get(&edge, "/reset");
        let end = withstands(&edge, async |raw| {
            for number in 0..20_000_u32 {
                let stream = number * 2 + 1;
                let open = frame(HEADERS, END_HEADERS | END_STREAM, stream, &fields);
                let reset = frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes());
                if !raw.send(&[open, reset].concat()).await {
                    break;
                }
            }
            raw.end(1_000_001).await
        })
        .await;
        assert!(matches!(end, End::Gone(_) | End::Closed), "{end:?}");
        let heads = edge.recorder.heads().len();
        assert!(heads < 2_000, "{heads} requests were passed on before it ended");
    });
}

#[test]
fn cve_2024_27316_a_flood_of_continuations_ends_the_connection() {
    block_on(async {
        let edge = Edge::start().await;
        let fields = get(&edge, "/continued");
        let more = block(&[(b"x-more", &[b'x'; 8_000])]);
        let end = withstands(&edge, async |raw| {
            raw.send(&frame(HEADERS, END_STREAM, 1, &fields)).await;
            for _ in 0..5_000 {
                if !raw.send(&frame(CONTINUATION, 0, 1, &more)).await {
                    break;
                }
            }
            raw.end(1).await
        })
        .await;
        assert!(matches!(end, End::Gone(_) | End::Closed | End::Reset(_)), "{end:?}");
        assert!(edge.recorder.heads().len() <= 1, "only the neighbour's");
    });
}

#[test]
fn cve_2016_6581_an_hpack_bomb_is_not_unpacked() {
    block_on(async {
        let edge = Edge::start().await;
        // One field of nearly the table's size, put into the table, and then named 16,000 times by one byte each.
        let mut bomb = get(&edge, "/bomb");
        bomb.extend([0x40, 1, b'x', 0x7f, 0xa1, 0x1e]);
        bomb.extend([b'y'; 4_000]);
        bomb.extend([0xbe; 12_000]);
        let end = withstands(&edge, async |raw| {
            raw.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &bomb)).await;
            raw.end(1).await
        })
        .await;
        assert!(matches!(end, End::Gone(_) | End::Closed | End::Reset(_) | End::Status(431)), "{end:?}");
        assert!(edge.recorder.heads().len() <= 1, "only the neighbour's");
    });
}

#[test]
fn cve_2019_9512_and_9515_floods_of_pings_and_settings_are_survived() {
    block_on(async {
        let edge = Edge::start().await;
        for flood in [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, 0, 0, &[]), frame(DATA, 0, 1, &[])] {
            let fields = get(&edge, "/flood");
            withstands(&edge, async |raw| {
                if flood[3] == DATA {
                    raw.send(&frame(HEADERS, END_HEADERS, 1, &fields)).await;
                }
                let many = flood.repeat(1_000);
                for _ in 0..100 {
                    // Nothing is read meanwhile, so that what is to be said waits here.
                    let sent = tokio::time::timeout(Duration::from_secs(2), raw.send(&many)).await;
                    if !matches!(sent, Ok(true)) {
                        break;
                    }
                }
                End::Closed
            })
            .await;
        }
    });
}

#[test]
fn cve_2025_8671_streams_that_we_are_made_to_reset_end_the_connection() {
    block_on(async {
        let edge = Edge::start().await;
        let fields = get(&edge, "/made");
        let end = withstands(&edge, async |raw| {
            for number in 0..20_000_u32 {
                let stream = number * 2 + 1;
                let open = frame(HEADERS, END_HEADERS | END_STREAM, stream, &fields);
                // No window may grow so large (RFC 9113, 6.9.1): the stream is in error, by the client's doing.
                let grow = frame(WINDOW_UPDATE, 0, stream, &0x7fff_ffff_u32.to_be_bytes());
                if !raw.send(&[open, grow].concat()).await {
                    break;
                }
            }
            raw.end(1_000_001).await
        })
        .await;
        assert!(matches!(end, End::Gone(_) | End::Closed), "{end:?}");
        let heads = edge.recorder.heads().len();
        assert!(heads < 2_000, "{heads} requests were passed on before it ended");
    });
}
