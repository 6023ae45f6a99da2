"""Runs what docs/mfa.md tells a newcomer to type, against a running service.

The lines for curl are read, not run by a shell: path and body are sent as they stand there, with
ids and codes in place of their stand-ins. The Python lines run as they are, but for the address
of the service and the application's name.
"""

import contextlib
import io
import json
import os
import re
import sys
import time
from pathlib import Path

import requests

from check import mailed_code, totp, wait

URL = os.environ["MFA_URL"]
CLIENT = os.environ["MFA_CLIENT_ID"]
SECRET = os.environ["MFA_CLIENT_SECRET"]
STEP = 30


def block(guide, heading):
    """The indented lines below a heading."""
    section = guide.split(f"\n### {heading}\n")[1].split("\n##")[0]
    lines = [line[4:] for line in section.splitlines() if line.startswith("    ") or not line]
    return "\n".join(lines)


def curl(text):
    """The story told with curl: each `ask`, and the members of the reply that it promises."""
    asked = re.findall(r"^ask (\S+) '([^']*)'\n((?:#.*\n?)*)", text, re.MULTILINE)
    assert len(asked) == 5, f"{len(asked)} requests in the guide"
    assert "oauth/token -u shop:SECRET -d grant_type=client_credentials" in text
    form = {"grant_type": "client_credentials"}
    reply = requests.post(f"{URL}/oauth/token", data=form, auth=(CLIENT, SECRET), timeout=30)
    token = reply.json()["access_token"]
    known, used = {}, None
    for path, body, comment in asked:
        for stand_in in ("ACCOUNT", "FACTOR", "CHALLENGE"):
            path = path.replace(stand_in, known.get(stand_in, stand_in))
        body = json.loads(body)
        if body.get("account_id") == "…":
            body["account_id"] = known["ACCOUNT"]
        if "email-verifications" in path:
            body["code"] = wait("mail", lambda: mailed_code("ann@example.org"))
        elif "code" in body:
            # A code opens something once: the second one is the next step's.
            wait("new code", lambda: int(time.time()) // STEP != used)
            used = int(time.time()) // STEP
            body["code"] = totp(known["SECRET"], used)
        headers = {"Authorization": f"Bearer {token}"}
        reply = requests.post(f"{URL}{path}", json=body, headers=headers, timeout=30)
        answer = reply.json()
        for name in re.findall(r'"(\w+)":', comment):
            assert f'"{name}"' in reply.text, f"{path}: no {name} in {answer}"
        status = re.search(r"# (\d{3}) ", comment)
        assert reply.status_code == int(status[1]) if status else reply.ok, (path, answer)
        ids = {"ACCOUNT": answer.get("account_id"), "CHALLENGE": answer.get("challenge_id")}
        known.update({name: id for name, id in ids.items() if id})
        if "factor" in answer:
            known["FACTOR"] = answer["factor"]["factor_id"]
            known["SECRET"] = answer["factor"]["secret"]
    assert "assertion" in answer, answer
    return known["SECRET"], used


def python(text, secret, used):
    """The lines of Python; what they print is the assertion."""
    text = text.replace("https://localhost:3000", URL).replace('"shop"', f'"{CLIENT}"')

    def typed(prompt):
        assert prompt == "code: ", prompt
        wait("new code", lambda: int(time.time()) // STEP != used)
        return totp(secret, int(time.time()) // STEP)

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(text, {"SECRET": SECRET, "input": typed})
    assert "'assertion'" in printed.getvalue(), printed.getvalue()
    assert "'amr': ['pwd', 'otp']" in printed.getvalue(), printed.getvalue()


def main():
    guide = Path(sys.argv[1]).read_text()
    secret, used = curl(block(guide, "With curl"))
    python(block(guide, "With Python"), secret, used)
    print("the guide holds what it says")


main()
