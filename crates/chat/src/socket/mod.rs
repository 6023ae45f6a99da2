//! The socket: every event on this page, one file each for what it does.
//!
//! A handler's body is synchronous and runs where the socket is read, so that events keep their
//! order; an asynchronous one would run in a task of its own and overtake (12,941 of 20,000 did).
//! What has to wait goes into the connection's queue.

mod ack;
mod authenticate;
mod commit;
mod connect;
mod create_room;
mod device;
pub mod head;
mod load_conversation;
pub mod message;
mod read;
mod send_private_message;
mod sync;
mod typing;
mod welcome_done;

use std::{sync::Arc, time::Duration};

use axum::routing::{MethodRouter, any};
use protocol::{
    Code, Problem, limits,
    socket::{Ack, client},
};
use serde::{Serialize, de::DeserializeOwned};
use socketioxide::{
    ParserConfig, ParserError, SocketIo,
    extract::{AckSender, Event, SocketRef, TryData},
    handler::ConnectHandler,
    service::SocketIoService,
};

use crate::{
    app::App,
    error::Result,
    hub::{Answer, Connection},
};

/// Packets that may wait for a socket to be read; beyond, the socket is closed and resumes.
const BUFFER: usize = 1024;

/// The Socket.IO service and its handle.
pub fn service(app: App) -> (SocketIoService<MethodRouter>, SocketIo) {
    // What is no Engine.IO request is answered as any unknown path.
    let (service, io) = SocketIo::builder()
        .max_buffer_size(BUFFER)
        // Polling and WebSocket: the defaults are 100 kB and 64 MiB.
        .max_payload(limits::SOCKET_MESSAGE as u64)
        .ws_max_message_size(limits::SOCKET_MESSAGE)
        .ws_max_frame_size(limits::SOCKET_MESSAGE)
        // 128 KiB by default, held by every idle socket. A short message fits into this; for more it
        // is filled again.
        .ws_read_buffer_size(1024)
        .connect_timeout(Duration::from_secs(10))
        .with_parser(
            ParserConfig::common()
                .max_incoming_binaries(limits::SOCKET_ATTACHMENTS)
                .max_incoming_binary_buf_size(limits::SOCKET_MESSAGE)
                .packet_completion_timeout(Duration::from_secs(10)),
        )
        .build_with_inner_svc(any(service::fallback));
    let opening = app.clone();
    let admit = async move |socket: SocketRef, TryData(auth): TryData<_>| {
        connect::admit(&opening, &socket, auth).await
    };
    let opened = move |socket: SocketRef| {
        connect::opened(&app, socket);
        std::future::ready(())
    };
    io.ns("/", opened.with(admit));
    (service, io)
}

/// Who may send an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Anybody.
    Nothing,
    /// Who is signed in.
    Session,
    /// Who has proved a device.
    Device,
}

/// Every event that a client may send.
fn register(app: &App, socket: &SocketRef, connection: &Arc<Connection>) {
    let events = Events {
        app,
        socket,
        connection,
    };
    events.on(
        client::AUTHENTICATE,
        Needs::Nothing,
        authenticate::authenticate,
    );
    events.on(client::DEVICE, Needs::Session, device::device);
    events.on(
        client::LOAD_CONVERSATION,
        Needs::Device,
        load_conversation::load_conversation,
    );
    events.on(client::CREATE_ROOM, Needs::Device, create_room::create_room);
    events.on(client::COMMIT, Needs::Device, commit::commit);
    events.on(
        client::WELCOME_DONE,
        Needs::Device,
        welcome_done::welcome_done,
    );
    events.on(client::READ, Needs::Device, read::read);
    events.on(client::TYPING, Needs::Device, typing::typing);
    events.on_answer(client::SYNC, sync::sync);
    events.on_answer(client::ACK, ack::ack);
    events.on_message(client::MESSAGE, message::message);
    events.on_answer(
        client::SEND_PRIVATE_MESSAGE,
        send_private_message::send_private_message,
    );
    socket.on_fallback(|Event(event): Event, ack: AckSender| {
        let name: String = event.chars().take(64).collect();
        let problem = Problem::new(Code::UnknownEvent).with("event", name);
        let _ = ack.send(&Ack::<()>::Refused(Box::new(problem)));
        std::future::ready(())
    });
}

/// Registers handlers for one socket.
struct Events<'a> {
    app: &'a App,
    socket: &'a SocketRef,
    connection: &'a Arc<Connection>,
}

impl Events<'_> {
    /// A handler that waits for its turn and whose result is the acknowledgement.
    fn on<P, R, H>(&self, event: &'static str, needs: Needs, handler: H)
    where
        P: DeserializeOwned + Send + Sync + 'static,
        R: Serialize + Send + 'static,
        H: AsyncHandler<P, R>,
    {
        let (app, connection) = (self.app.clone(), self.connection.clone());
        self.socket.on(
            event,
            move |TryData(payload): TryData<P>, ack: AckSender| {
                if let Some((answer, payload)) = admit(&connection, ack, payload) {
                    connection.clone().enqueue(async move {
                        let result = match check(&connection, needs) {
                            Ok(()) => handler.call(app, connection, payload).await,
                            Err(error) => Err(error),
                        };
                        answer.send(result);
                    });
                }
                std::future::ready(())
            },
        );
    }

    /// A handler that waits for its turn and acknowledges by itself, perhaps later.
    fn on_answer<P, H>(&self, event: &'static str, handler: H)
    where
        P: DeserializeOwned + Send + Sync + 'static,
        H: AnswerHandler<P>,
    {
        let (app, connection) = (self.app.clone(), self.connection.clone());
        self.socket.on(
            event,
            move |TryData(payload): TryData<P>, ack: AckSender| {
                if let Some((answer, payload)) = admit(&connection, ack, payload) {
                    connection.enqueue(async move {
                        match check(&answer.connection, Needs::Device) {
                            Ok(()) => handler.call(app, payload, answer).await,
                            Err(error) => answer.refuse(error.into_problem()),
                        }
                    });
                }
                std::future::ready(())
            },
        );
    }

    /// A handler that never waits: on the spot when nothing is before it, else in its turn.
    fn on_message<P: DeserializeOwned + Send + Sync + 'static>(
        &self,
        event: &'static str,
        handler: fn(&App, P, Answer),
    ) {
        let (app, connection) = (self.app.clone(), self.connection.clone());
        self.socket.on(
            event,
            move |TryData(payload): TryData<P>, ack: AckSender| {
                if let Some((answer, payload)) = admit(&connection, ack, payload) {
                    let run = move || match check(&answer.connection, Needs::Device) {
                        Ok(()) => handler(&app, payload, answer),
                        Err(error) => answer.refuse(error.into_problem()),
                    };
                    if connection.is_idle() {
                        run();
                    } else {
                        connection.enqueue(async move { run() });
                    }
                }
                std::future::ready(())
            },
        );
    }
}

/// `async fn(App, Arc<Connection>, Payload) -> Result<Reply>`.
trait AsyncHandler<P, R>: Clone + Send + Sync + 'static {
    fn call(
        self,
        app: App,
        connection: Arc<Connection>,
        payload: P,
    ) -> impl Future<Output = Result<R>> + Send;
}

impl<P, R, F, Fut> AsyncHandler<P, R> for F
where
    F: FnOnce(App, Arc<Connection>, P) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<R>> + Send,
{
    fn call(
        self,
        app: App,
        connection: Arc<Connection>,
        payload: P,
    ) -> impl Future<Output = Result<R>> + Send {
        self(app, connection, payload)
    }
}

/// `async fn(App, Payload, Answer)`.
trait AnswerHandler<P>: Clone + Send + Sync + 'static {
    fn call(self, app: App, payload: P, answer: Answer) -> impl Future<Output = ()> + Send;
}

impl<P, F, Fut> AnswerHandler<P> for F
where
    F: FnOnce(App, P, Answer) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    fn call(self, app: App, payload: P, answer: Answer) -> impl Future<Output = ()> + Send {
        self(app, payload, answer)
    }
}

/// Takes an event in: refused when too many are in flight or its payload does not fit.
fn admit<P>(
    connection: &Arc<Connection>,
    ack: AckSender,
    payload: Result<P, ParserError>,
) -> Option<(Answer, P)> {
    let answer = connection.admit(ack)?;
    match payload {
        Ok(payload) => Some((answer, payload)),
        // The parser's own words can repeat what was sent.
        Err(_) => {
            answer.refuse(Problem::new(Code::InvalidPayload).detail(
                "A field is missing, unknown or of the wrong type; compare the event's schema.",
            ));
            None
        }
    }
}

fn check(connection: &Connection, needs: Needs) -> Result<()> {
    if needs != Needs::Nothing && connection.signed().is_none() {
        return Err(Code::Unauthenticated.into());
    }
    if needs == Needs::Device && connection.device().is_none() {
        return Err(Code::DeviceRequired.into());
    }
    Ok(())
}

/// The person and device of a connection that was checked for both.
fn sender(connection: &Connection) -> Result<(uuid::Uuid, uuid::Uuid)> {
    let signed = connection.signed().ok_or(Code::Unauthenticated)?;
    let device = connection.device().ok_or(Code::DeviceRequired)?;
    Ok((signed.user, device))
}
