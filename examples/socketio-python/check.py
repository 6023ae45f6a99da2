"""Two people meet and talk through client.py; `cargo xtask test services` runs it.

Needs a running stack: SNUG_URL, SNUG_CA (its CA), SNUG_MAIL (where its mails are printed) and
SNUG_MLS (the built sidecar).
"""

import os

from account import Account
from client import Client, Refused

URL, CA, MAIL = (os.environ[name] for name in ("SNUG_URL", "SNUG_CA", "SNUG_MAIL"))


def refused(code, call, *arguments, **fields):
    try:
        call(*arguments, **fields)
    except Refused as refusal:
        assert refusal.problem["code"] == code, refusal
    else:
        raise AssertionError(f"{code} was expected")


def sign_in(account):
    client = Client(URL, CA)
    refused("unauthenticated", client.ask, "sync", cursors={})
    credentials = {"username": account.username, "password": account.password}
    refused("mfa-required", client.authenticate, **credentials)
    assert client.event("auth_error")["error"]["code"] == "mfa-required"
    client.authenticate(**credentials, method="totp", code=account.code())
    assert client.event("auth_success")["user"]["username"] == account.username
    refused("device-required", client.ask, "sync", cursors={})
    return client


def main():
    people = [Account(URL, CA, MAIL, name) for name in ("ann", "ben")]
    ann, ben = (sign_in(person) for person in people)
    ann_id, ben_id = (person.user_id for person in people)

    asked = ann.rest("POST", "/api/friend-requests/send", {"user_id": ben_id})
    heard = ben.event("friend_request_received")
    assert heard["request_id"] == asked["request_id"] and heard["user"]["user_id"] == ann_id
    ben.rest("POST", "/api/friend-requests/accept", {"request_id": heard["request_id"]})
    assert ann.event("friend_request_accepted")["user"]["user_id"] == ben_id
    assert ann.event("contacts_updated")["contact"]["user_id"] == ben_id
    assert [one["user_id"] for one in ben.rest("GET", "/api/contacts")] == [ann_id]

    ann.set_up_device()
    ben.set_up_device()
    room = ann.start_conversation(ben_id)
    assert ben.join() == room
    assert ann.event("new_message")["kind"] == "commit", "it comes back to who made it"
    sent = ann.send(ben_id, room, "Bonjour from Python")
    envelope = ben.event("new_message")
    assert (envelope["room_id"], envelope["seq"]) == (room, sent["seq"])
    assert isinstance(envelope["message"], bytes)
    assert ben.open(envelope) == "Bonjour from Python"
    ben.send(ann_id, room, "And back")
    assert ann.event("new_message")["seq"] == sent["seq"], "one's own message comes back"
    assert ann.open(ann.event("new_message")) == "And back"

    loaded = ann.ask("load_conversation", contact_id=ben_id)
    assert [one["seq"] for one in loaded["messages"]] == [1, 2, 3], loaded
    assert ann.event("conversation_loaded") == loaded
    ann.ask("ack", cursors={room: 3})
    assert ben.event("delivered") == {"room_id": room, "user_id": ann_id, "seq": 3}
    refused("not-a-contact", ann.send, ann_id, room, "to myself")
    for client in (ann, ben):
        client.close()
    print("sign-up, sign-in, request, conversation: as they should be")


if __name__ == "__main__":
    main()
