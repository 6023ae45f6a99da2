"""A client of Snug: REST by requests, live events by python-socketio, encryption by mls.py."""

import asyncio
import base64
import queue
import ssl
import threading
import uuid

import aiohttp
import requests
import socketio

from mls import Mls


class Refused(Exception):
    """A problem (RFC 9457): decide by its `code`."""

    def __init__(self, problem):
        super().__init__(f"{problem['code']}: {problem['detail']}")
        self.problem = problem


class Socket:
    """A socket on one thread of its own. The library's other client reads and writes on two, and
    Python's TLS takes no two on one connection: now and then a reply is lost with it."""

    def __init__(self, url, ca, take):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.run(self.connect(url, ca, take))

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    async def connect(self, url, ca, take):
        trusted = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=ca))
        self.http = aiohttp.ClientSession(connector=trusted)
        self.io = socketio.AsyncClient(http_session=self.http)
        self.io.on("*", take)
        await self.io.connect(url, transports=["websocket"])

    def call(self, event, payload):
        return self.run(self.io.call(event, payload, timeout=60))

    def close(self):
        self.run(self.io.disconnect())
        self.run(self.http.close())
        self.loop.call_soon_threadsafe(self.loop.stop)


class Client:
    def __init__(self, url, ca):
        self.url, self.http = url, requests.Session()
        # REQUESTS_CA_BUNDLE and proxies of the machine would win otherwise.
        self.http.verify, self.http.trust_env = ca, False
        self.events, self.mls = {}, Mls()
        self.socket = Socket(url, ca, self.take)
        self.nonce = self.event("connected")["nonce"]

    async def take(self, event, payload):
        self.queue(event).put(payload)

    def queue(self, event):
        return self.events.setdefault(event, queue.Queue())

    def event(self, name):
        """The next event of this name."""
        return self.queue(name).get(timeout=60)

    def ask(self, event, **payload):
        """Sends an event and returns its acknowledgement."""
        ack = self.socket.call(event, payload)
        if not ack.pop("ok"):
            raise Refused(ack["error"])
        return ack

    def rest(self, method, path, body=None):
        """A request with the session; its reply as JSON or bytes."""
        reply = self.http.request(method, self.url + path, json=body, timeout=60)
        if not reply.ok:
            raise Refused(reply.json())
        is_json = reply.headers.get("content-type", "").startswith("application/json")
        return reply.json() if is_json else reply.content

    def authenticate(self, **credentials):
        """Signs the socket in; the same session serves REST."""
        signed = self.ask("authenticate", transport="bearer", **credentials)
        self.http.headers["Authorization"] = f"Bearer {signed['token']}"
        self.me = signed["user"]

    def set_up_device(self):
        """Registers a new device and proves it: rooms need that."""
        made = self.mls.call("device", user_id=self.me["user_id"])
        self.device = self.rest("POST", "/api/keys", made["keys"])["device_id"]
        signature = base64.b64decode(self.mls.call("prove", nonce=self.nonce)["signature"])
        self.ask("device", device_id=self.device, signature=signature)
        self.ask("sync", cursors={})

    def start_conversation(self, user):
        """Makes the direct room with a contact."""
        room, wanted = str(uuid.uuid4()), {"user_ids": [user], "suite": 3}
        claimed = self.rest("POST", "/api/key-packages/claim", wanted)["key_packages"]
        packages = [one["key_package"] for one in claimed]
        made = self.mls.call("create_room", room_id=room, members=[user], key_packages=packages)
        for part in ("commit", "welcome", "group_info", "tree"):
            made[part] = base64.b64decode(made[part])
        self.ask("create_room", room_id=room, **made)
        self.mls.call("merge", room_id=room)
        return room

    def join(self):
        """Joins the room of the next invitation."""
        welcome = self.event("welcome")
        room = welcome["room_id"]
        tree = self.rest("GET", f"/api/rooms/{room}/tree?epoch={welcome['epoch']}")
        self.mls.call("join", room_id=room, welcome=welcome["message"], tree=tree)
        self.ask("welcome_done", room_id=room)
        return room

    def send(self, recipient, room, text):
        """Sends a text to a contact."""
        sealed = base64.b64decode(self.mls.call("seal", room_id=room, text=text)["message"])
        return self.ask("send_private_message", recipient_id=recipient, client_id=str(uuid.uuid4()), message=sealed)

    def open(self, envelope):
        """The text of an envelope; None for a commit, and for what came from this very device."""
        if envelope["sender_device"] == self.device:
            return None
        names = ("room_id", "sender_user", "sender_device", "message")
        return self.mls.call("open", **{name: envelope[name] for name in names})["text"]

    def close(self):
        self.socket.close()
        self.mls.close()
