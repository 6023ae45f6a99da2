"""Signs up as a person does: form, code from the mail, first code of the authenticator app."""

import base64
import hashlib
import hmac
import re
import secrets
import struct
import sys
import time
from pathlib import Path

import requests


def totp(secret, step):
    """RFC 6238: SHA-1, 6 digits, 30 seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


class Account:
    """Complete: with a confirmed address, an authenticator app and a session."""

    def __init__(self, url, ca, mail, name):
        self.username, self.password = name + secrets.token_hex(4), secrets.token_urlsafe(12)
        email = f"{self.username}@example.org"

        def post(path, **body):
            reply = requests.post(url + path, json=body, verify=ca, timeout=60)
            assert reply.ok, reply.text
            return reply.json()

        signed = post("/api/signup", email=email, username=self.username, password=self.password)
        self.user_id, self.secret = signed["user_id"], signed["mfa"]["secret"]
        token = signed["enrolment_token"]
        post("/api/verify-email", enrolment_token=token, code=mailed_code(mail, email))
        self.step = int(time.time()) // 30
        factor = {"factor_id": signed["mfa"]["factor_id"], "code": totp(self.secret, self.step)}
        done = post("/api/mfa/activate", enrolment_token=token, transport="bearer", **factor)
        self.token, self.recovery_codes = done["token"], done["recovery_codes"]

    def code(self):
        """The app's next code: each is good once."""
        while (now := int(time.time()) // 30) <= self.step:
            time.sleep(0.2)
        self.step = now
        return totp(self.secret, self.step)


def mailed_code(mail, address):
    """The newest code in the printed mails to an address, at most a minute from now."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        mails = Path(mail).read_text().split("── mail")
        mine = [text for text in mails if re.search(rf"to:\s+{re.escape(address)}\s", text)]
        codes = [found.group(1) for text in mine if (found := re.search(r"code:\s+(\d{6})", text))]
        if codes:
            return codes[-1]
        time.sleep(0.1)
    sys.exit(f"no mail to {address} within a minute")
