//! The whole system through its binary, as users, scripts and auditors meet it.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]
#![expect(clippy::panic, reason = "tests")]
#![expect(clippy::print_stdout, reason = "measured times and skipped tests are shown")]
#![expect(
    clippy::disallowed_methods,
    reason = "latencies are taken on the machine's clock, sleeps poll with a deadline"
)]

mod acme;
mod apart;
mod api;
mod book;
mod browser;
mod certificates;
mod classes;
mod cli;
mod clients;
mod console;
mod cookies;
mod demo;
mod deployed;
mod edge;
mod editor;
mod evidence;
mod factors;
mod health;
mod http;
mod journeys;
mod lists;
mod live;
mod login;
mod loopcase;
mod objects;
mod oidc;
mod ops;
mod outage;
mod outside;
mod passkeys;
mod portal;
mod ports;
mod provider;
mod reload;
mod restart;
mod running;
mod scim;
mod seen;
mod services;
mod sign_in;
mod wire;
mod wizard;
mod words;
