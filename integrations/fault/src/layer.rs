//! The layer around a fake server.

use std::io;
use std::panic;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::middleware::{self, Next};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use tokio::time::sleep;

use crate::answer::instead;
use crate::array::{Change, ChangedArray};
use crate::fault::Fault;
use crate::faults::Faults;
use crate::server::Line;

/// A router whose answers go wrong as `faults` says, at every request anew.
pub fn with_faults(router: Router, faults: Faults) -> Router {
    router.layer(middleware::from_fn_with_state(faults, spoil))
}

async fn spoil(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    let Some(fault) = faults.next(request.uri().path()) else { return next.run(request).await };
    if let Some(answer) = instead(&fault, &request) {
        return answer;
    }
    if let Fault::SlowFirstByte(pause) = fault {
        sleep(pause).await;
    }
    if let Fault::ConnectionReset = fault {
        reset(&request);
    }
    spoilt(next.run(request).await, &fault)
}

/// Ends the task of the connection, and so the connection; an unwinding that is resumed prints nothing.
fn reset(request: &Request) -> ! {
    if let Some(ConnectInfo(line)) = request.extensions().get::<ConnectInfo<Line>>() {
        line.reset_when_closed();
    }
    panic::resume_unwind(Box::new("connection reset"))
}

/// The true answer, and what a fault makes of it.
fn spoilt(mut answer: Response, fault: &Fault) -> Response {
    match fault {
        Fault::TruncatedJson => {
            answer.headers_mut().remove(CONTENT_LENGTH);
            answer.map(|body| first_half(body, End::Clean))
        }
        Fault::ShortBody => answer.map(|body| first_half(body, End::Broken)),
        Fault::HalfMissing => changed(answer, Change::DropHalf),
        Fault::OddRecord => changed(answer, Change::InsertOdd),
        Fault::Dribble { bytes, pause } => {
            let (bytes, pause) = (*bytes, *pause);
            answer.map(|body| {
                let pieces = body.into_data_stream().flat_map(move |piece| stream::iter(pieces(piece, bytes)));
                Body::from_stream(pieces.enumerate().then(move |(index, piece)| async move {
                    if index > 0 {
                        sleep(pause).await;
                    }
                    piece
                }))
            })
        }
        Fault::WrongContentType => {
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
            answer
        }
        Fault::BrokenGzip => {
            answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            answer
        }
        _ => answer,
    }
}

/// How a body ends that is not whole.
#[derive(Clone, Copy)]
enum End {
    Clean,
    Broken,
}

/// Half of the first piece of a body: a fake server gives most bodies in one.
fn first_half(body: Body, end: End) -> Body {
    let half = body.into_data_stream().take(1).map(|piece| piece.map(|piece| piece.slice(..piece.len().div_ceil(2))));
    let broken = stream::once(async {
        tokio::task::yield_now().await; // what came before it is sent while there is nothing more to send
        Err(axum::Error::new(io::Error::from(io::ErrorKind::BrokenPipe)))
    });
    match end {
        End::Clean => Body::from_stream(half),
        End::Broken => Body::from_stream(half.chain(broken)),
    }
}

fn changed(mut answer: Response, change: Change) -> Response {
    answer.headers_mut().remove(CONTENT_LENGTH);
    let mut array = ChangedArray::new(change);
    answer.map(|body| {
        Body::from_stream(body.into_data_stream().map(move |piece| Ok::<_, axum::Error>(array.feed(&piece?))))
    })
}

fn pieces(piece: Result<Bytes, axum::Error>, size: usize) -> Vec<Result<Bytes, axum::Error>> {
    match piece {
        Err(error) => vec![Err(error)],
        Ok(bytes) => (0..bytes.len()).step_by(size).map(|at| Ok(bytes.slice(at..bytes.len().min(at + size)))).collect(),
    }
}
