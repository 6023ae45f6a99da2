"""A chat server of the same job as Snug's: stores a message, sends it to the room, acknowledges it."""

import eventlet

# First: what is imported below finds sockets and psycopg2 that wait without blocking.
eventlet.monkey_patch()

import base64
import os

import eventlet.pools
import eventlet.wsgi
import psycopg2
from flask import Flask, session
from flask_socketio import SocketIO, emit, join_room

PAGE = 50
TABLE = """
    drop table if exists messages;
    create table messages (
        seq bigserial primary key,
        room_id uuid not null,
        sender_user uuid not null,
        client_id uuid not null,
        sent_at timestamptz not null default now(),
        body bytea not null
    );
    create index on messages (room_id, seq)
"""
INSERT = """
    insert into messages (room_id, sender_user, client_id, body)
    values (%s, %s, %s, %s) returning seq, sent_at
"""
SYNC = """
    select message.* from unnest(%s::uuid[], %s::bigint[]) as cursor (room_id, seq)
    cross join lateral (
        select seq, room_id, sender_user, client_id, sent_at, body from messages
        where room_id = cursor.room_id and seq > cursor.seq
        order by seq limit %s
    ) as message
    order by message.seq limit %s
"""


def connect():
    """A connection that commits each statement by itself: one round trip a message."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    return connection


pool = eventlet.pools.Pool(max_size=8, create=connect)


def query(statement, values=()):
    with pool.item() as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


app = Flask(__name__)
# Signs the cookies of pages; there are none here.
app.config["SECRET_KEY"] = os.urandom(32)
socketio = SocketIO(app, async_mode="eventlet")


@app.get("/health")
def health():
    return ""


@socketio.on("connect")
def on_connect(auth):
    session["user"] = auth["user"]
    session["rooms"] = set(auth["rooms"])
    for room_id in auth["rooms"]:
        join_room(room_id)


@socketio.on("message")
def on_message(data):
    room_id, client_id, message = data["room_id"], data["client_id"], data["message"]
    if room_id not in session["rooms"]:
        return {"ok": False, "error": "not-a-member"}
    [(seq, sent_at)] = query(INSERT, (room_id, session["user"], client_id, message))
    sent_at = sent_at.isoformat()
    envelope = {
        "room_id": room_id,
        "seq": seq,
        "sender_user": session["user"],
        "client_id": client_id,
        "sent_at": sent_at,
        "message": message,
    }
    emit("message", envelope, to=room_id)
    return {"ok": True, "room_id": room_id, "seq": seq, "sent_at": sent_at}


@socketio.on("sync")
def on_sync(data):
    cursors = {room: seq for room, seq in data["cursors"].items() if room in session["rooms"]}
    rows = query(SYNC, (list(cursors), list(cursors.values()), PAGE + 1, PAGE + 1))
    envelopes = [
        {
            "room_id": room_id,
            "seq": seq,
            "sender_user": sender_user,
            "client_id": client_id,
            "sent_at": sent_at.isoformat(),
            "message": base64.b64encode(body).decode(),
        }
        for seq, room_id, sender_user, client_id, sent_at, body in rows[:PAGE]
    ]
    return {"envelopes": envelopes, "more": len(rows) > PAGE}


def main():
    for setting in ("fsync", "synchronous_commit"):
        [(value,)] = query(f"show {setting}")
        if value != "on":
            raise SystemExit(f"{setting} is {value}: an acknowledged message could be lost")
    query(TABLE)
    listener = eventlet.listen(("127.0.0.1", int(os.environ["PORT"])), backlog=1024)
    print("ready", flush=True)
    eventlet.wsgi.server(listener, app, log_output=False)


main()
