//! The sample apps: small servers on loopback that know nothing of Bartizan.

mod pulse;

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the apps answer with.
pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// One of the sample apps.
#[derive(Debug, Clone, Copy)]
pub(crate) enum App {
    Wiki,
    Payroll,
    Pulse,
}

/// Starts an app on a port of its own and says which.
pub(crate) async fn start(
    app: App,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let (stop, connections) = (stop.clone(), tasks.clone());
    tasks.spawn(async move {
        loop {
            let stream = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(_) => continue,
                },
            };
            let (stop, tasks) = (stop.clone(), connections.clone());
            connections.spawn(async move {
                let service = service_fn(|request| answer(app, request, tasks.clone(), stop.clone()));
                let builder = Builder::new(TokioExecutor::new());
                let serving = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
                tokio::select! {
                    () = stop.cancelled() => (),
                    _ended = serving => (),
                }
            });
        }
    });
    Ok(address)
}

async fn answer(
    app: App,
    request: Request<Incoming>,
    tasks: TaskTracker,
    stop: CancellationToken,
) -> Result<Response<Body>, Infallible> {
    Ok(match app {
        App::Wiki => page(
            "Wiki",
            "<h1>Wiki</h1><p>Welcome to the team's wiki. Everybody who works here may read it.</p>\
             <ul><li>How we work</li><li>Where things are</li><li>Who to ask</li></ul>",
        ),
        App::Payroll => page(
            "Payroll",
            "<h1>Payroll</h1><p>Salaries of November. For finance staff, after a strong sign-in.</p>\
             <table><tr><th>Team</th><th>Total</th></tr><tr><td>Engineering</td><td>84,200</td></tr>\
             <tr><td>Finance</td><td>31,750</td></tr></table>",
        ),
        App::Pulse => pulse::answer(request, &tasks, stop).await,
    })
}

fn page(title: &str, body: &str) -> Response<Body> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><body>{body}</body></html>"
    );
    respond(StatusCode::OK, "text/html; charset=utf-8", html)
}

fn respond(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(body.into()).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}
