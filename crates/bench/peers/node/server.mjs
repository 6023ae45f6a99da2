// A chat server of the same job as Snug's: stores a message, sends it to the room, acknowledges it.

import { createServer } from "node:http";
import pg from "pg";
import { Server } from "socket.io";

const PAGE = 50;

// A bigint of PostgreSQL as a number: far below 2^53 here.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });

for (const setting of ["fsync", "synchronous_commit"]) {
  const { rows } = await pool.query(`show ${setting}`);
  if (rows[0][setting] !== "on") {
    throw new Error(`${setting} is ${rows[0][setting]}: an acknowledged message could be lost`);
  }
}

await pool.query(`
  drop table if exists messages;
  create table messages (
    seq bigserial primary key,
    room_id uuid not null,
    sender_user uuid not null,
    client_id uuid not null,
    sent_at timestamptz not null default now(),
    body bytea not null
  );
  create index on messages (room_id, seq)`);

// Named: each connection prepares a statement once.
const INSERT = {
  name: "insert",
  text: `insert into messages (room_id, sender_user, client_id, body)
         values ($1, $2, $3, $4) returning seq, sent_at`,
};
const SYNC = {
  name: "sync",
  text: `select message.* from unnest($1::uuid[], $2::bigint[]) as cursor (room_id, seq)
         cross join lateral (
           select * from messages
           where room_id = cursor.room_id and seq > cursor.seq
           order by seq limit $3
         ) as message
         order by message.seq limit $3`,
};

const http = createServer((request, response) => {
  response.writeHead(request.url === "/health" ? 200 : 404).end();
});
const io = new Server(http, { perMessageDeflate: false });

io.on("connection", (socket) => {
  const { user, rooms } = socket.handshake.auth;
  socket.join(rooms);

  socket.on("message", async ({ room_id, client_id, message }, acknowledge) => {
    if (!socket.rooms.has(room_id)) {
      acknowledge({ ok: false, error: "not-a-member" });
      return;
    }
    try {
      const { rows } = await pool.query({ ...INSERT, values: [room_id, user, client_id, message] });
      const { seq, sent_at } = rows[0];
      io.to(room_id).emit("message", {
        room_id,
        seq,
        sender_user: user,
        client_id,
        sent_at,
        message,
      });
      acknowledge({ ok: true, room_id, seq, sent_at });
    } catch (error) {
      console.error(error);
      acknowledge({ ok: false, error: "internal" });
    }
  });

  socket.on("sync", async ({ cursors }, acknowledge) => {
    try {
      const wanted = Object.keys(cursors).filter((room) => socket.rooms.has(room));
      const after = wanted.map((room) => cursors[room]);
      const { rows } = await pool.query({ ...SYNC, values: [wanted, after, PAGE + 1] });
      const envelopes = rows
        .slice(0, PAGE)
        .map(({ body, ...envelope }) => ({ ...envelope, message: body.toString("base64") }));
      acknowledge({ envelopes, more: rows.length > PAGE });
    } catch (error) {
      console.error(error);
      acknowledge({ ok: false, error: "internal" });
    }
  });
});

http.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("ready"));
