"""Holds a running service against its own OpenAPI document: `cargo xtask test services`.

Every operation is asked with its examples, with each value at and beyond its bounds, and with
generated values. A fault of the server (5xx), or a status, media type, header or body that the
document does not tell, fails. The same requests every time: nothing is drawn.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import requests

# The chat clients of the examples make what these requests are about.
sys.path.insert(0, str(Path(__file__).parents[3] / "examples/socketio-python"))

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
EXAMPLES = "20"
# The whole run takes less than a minute on two quiet cores.
SECONDS = 1800


def mfa(url):
    """Signs in as the application and makes rows, so that not all is 404."""
    form = {"grant_type": "client_credentials"}
    client = (os.environ["MFA_CLIENT_ID"], os.environ["MFA_CLIENT_SECRET"])
    token = requests.post(f"{url}/oauth/token", data=form, auth=client, timeout=30)
    token.raise_for_status()
    header = {"Authorization": f"Bearer {token.json()['access_token']}"}

    def post(path, **body):
        reply = requests.post(f"{url}{path}", json=body, headers=header, timeout=30)
        reply.raise_for_status()
        return reply.json()

    account = post("/v1/accounts", email="fuzz@example.org", username="fuzz", factor="totp")
    login = post("/v1/passkey-logins")
    rows = {
        "^/v1/accounts": {"path.id": account["account_id"]},
        "^/v1/accounts/[^/]+/factors/": {
            "path.id": account["account_id"],
            "path.factor_id": account["factor"]["factor_id"],
        },
        "^/v1/passkey-logins": {"path.id": login["login_id"]},
    }
    return Service(f"{url}/openapi.json", header, rows)


def chat(url):
    """Two contacts with a conversation and a file; an admin for what admins may do."""
    from account import Account
    from client import Client

    ca, mail = os.environ["SNUG_CA"], os.environ["SNUG_MAIL"]
    ann, ben, eve = (Account(url, ca, mail, name) for name in ("ann", "ben", "eve"))
    role = [os.environ["SNUG_CHAT"], "admin", "users", "role", eve.username, "admin"]
    subprocess.run(role, check=True)
    clients = [Client(url, ca) for _ in (ann, ben)]
    for account, client in zip((ann, ben), clients):
        client.authenticate(username=account.username, password=account.password, method="recovery", code=account.recovery_codes[0])
        client.set_up_device()
    one, other = clients
    one.rest("POST", "/api/friend-requests/send", {"user_id": ben.user_id})
    other.rest("POST", "/api/friend-requests/send", {"user_id": ann.user_id})
    room = one.start_conversation(ben.user_id)
    other.join()
    one.send(ben.user_id, room, "hello")
    file = one.http.post(f"{url}/api/files", files={"file": b"sealed", "room_id": (None, room)}, timeout=60)
    file.raise_for_status()
    for client in clients:
        client.close()

    def bearer(token):
        return {"Authorization": f"Bearer {token}"}

    for path, methods in requests.get(f"{url}/api/openapi.json", verify=ca, timeout=60).json()["paths"].items():
        for method in methods if path.startswith("/api/admin") else []:
            reply = requests.request(
                method, url + path.replace("{id}", ben.user_id), headers=bearer(ann.token), json={}, verify=ca, timeout=60
            )
            assert reply.status_code == 403, f"{method} {path}: {reply.status_code} for a member"

    # Ids of sessions are taken from the list of them: without another one it would be the own that ends.
    form = {"username": ann.username, "password": ann.password, "method": "recovery", "code": ann.recovery_codes[1]}
    login = requests.post(f"{url}/api/login", json={**form, "transport": "bearer"}, verify=ca, timeout=60)
    login.raise_for_status()
    listed = requests.get(f"{url}/api/sessions", headers=bearer(login.json()["token"]), verify=ca, timeout=60)
    other = next(session["session_id"] for session in listed.json() if session["current"])

    rows = {
        "^/api/sessions/": {"path.id": other},
        "^/api/users/": {"path.id": ben.user_id},
        "^/api/rooms/": {"path.id": room, "path.seq": 1},
        "^/api/attachments/": {"path.id": file.json()["attachment_id"]},
        "^/api/admin/users/": {"path.id": ben.user_id},
    }
    headers = {"^/api/admin/": bearer(eve.token)}
    # What would leave nobody to ask the rest. A step-up is good for five minutes, and names that were
    # seen are tried: each of these would succeed sooner or later.
    dan, fay = (Account(url, ca, mail, name) for name in ("dan", "fay"))
    last = {
        "sign_out": ("POST", "/api/logout", ann),
        "deactivate_me": ("POST", "/api/me/deactivate", dan),
        "delete_me": ("DELETE", "/api/me", fay),
    }
    for method, path, account in last.values():

        def ask(method, path, body):
            return requests.request(method, url + path, headers=bearer(account.token), json=body, verify=ca, timeout=60)

        body = {"username": account.username}
        reply = ask(method, path, body)
        if reply.status_code == 403:
            code = {"method": "recovery", "code": account.recovery_codes[0]}
            ask("POST", "/api/step-up", {**code, "challenge_id": reply.json()["challenge_id"]}).raise_for_status()
            reply = ask(method, path, body)
        assert reply.status_code == 204, f"{method} {path}: {reply.text}"
        assert ask(method, path, body).status_code == 401, f"{method} {path}"
    header = {"Authorization": one.http.headers["Authorization"]}
    return Service(f"{url}/api/openapi.json", header, rows, headers, ca, list(last), f"{url}/api/me")


class Service:
    """A document and who asks: a header, values for parameters and other headers by path.

    `witness` is answered with 200 for as long as whoever asks is signed in.
    """

    def __init__(self, document, header, rows, headers={}, ca=None, left_out=(), witness=None):
        self.document, self.header, self.rows, self.headers = document, header, rows, headers
        self.ca, self.left_out, self.witness = ca, left_out, witness


SERVICES = {"mfa": mfa, "chat": chat}


def configuration(service):
    """Parameters and headers as a schemathesis.toml."""

    def table(values):
        return "{ " + ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in values.items()) + " }"

    parts = [f"headers = {table(service.header)}\n"]
    for kind, entries in (("parameters", service.rows), ("headers", service.headers)):
        for path, values in entries.items():
            parts.append(f"[[operations]]\ninclude-path-regex = '{path}'\n{kind} = {table(values)}\n")
    return "\n".join(parts)


def main():
    name, url = sys.argv[1:]
    service = SERVICES[name](url)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "schemathesis.toml"
        file.write_text(configuration(service))
        command = [str(Path(sys.executable).parent / "schemathesis")]
        command += ["--config-file", str(file), "run", service.document]
        for operation in service.left_out:
            command += ["--exclude-operation-id", operation]
        if service.ca:
            command += ["--tls-verify", service.ca]
        command += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"]
        command += ["--max-examples", EXAMPLES, "--generation-deterministic"]
        command += ["--warnings", "off", "--request-timeout", "30"]
        # Its own cache of examples would make one run depend on another.
        done = subprocess.run(command, cwd=folder, timeout=SECONDS, check=False)
    if service.witness:
        reply = requests.get(service.witness, headers=service.header, verify=service.ca, timeout=60)
        assert reply.status_code == 200, f"the session ended during the run: {reply.text}"
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
