"""Drives the example over HTTP as a person would; `cargo xtask test services` runs it.

Needs a running MFA service whose mails go to its console (MFA_CONSOLE names the file), and the
variables of app.py.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import requests

HERE = Path(__file__).parent
CONSOLE = Path(os.environ["MFA_CONSOLE"])
PASSWORD = secrets.token_urlsafe(12)


def totp(secret, step):
    """RFC 6238: SHA-1, 6 digits, 30 seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def wait(what, condition):
    """Repeats until something is there, at most a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    sys.exit(f"no {what} within a minute")


def mailed_code(address):
    mails = CONSOLE.read_text().split("── mail ──")
    mine = [mail for mail in mails if f"to:      {address}" in mail]
    codes = [re.search(r"code:    (\d{6})", mail) for mail in mine]
    return codes[-1].group(1) if codes and codes[-1] else None


def answers(url):
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


def story(url):
    name = "ann" + secrets.token_hex(4)
    address = f"{name}@example.org"
    browser = requests.Session()

    def submit(path, **form):
        return browser.post(f"{url}{path}", data=form, timeout=30)

    weak = submit("/sign-up", email=address, username=name, password="password")
    assert weak.status_code == 400 and 'role="alert"' in weak.text, weak.text
    page = submit("/sign-up", email=address, username=name, password=PASSWORD)
    secret = re.search(r'id="secret">([A-Z2-7]+)<', page.text).group(1)
    assert "<svg" in page.text
    mail_code = wait("mail", lambda: mailed_code(address))
    step = int(time.time()) // 30
    page = submit("/finish", mail_code=mail_code, app_code=totp(secret, step))
    recovery = re.findall(r"<li><code>([^<]+)<", page.text)
    assert len(recovery) == 10, page.text
    assert 'id="user"' in browser.get(f"{url}/", timeout=30).text

    submit("/log-out")
    assert 'id="user"' not in browser.get(f"{url}/", timeout=30).text
    wrong = submit("/log-in", username=name, password="not the password")
    assert wrong.status_code == 400, wrong.text
    page = submit("/log-in", username=name, password=PASSWORD)
    assert 'action="/code"' in page.text, page.text
    # The code that activated is used up: it opens nothing again.
    again = submit("/code", method="totp", code=totp(secret, step))
    assert again.status_code == 400, again.text
    wait("next code", lambda: int(time.time()) // 30 > step)
    page = submit("/code", method="totp", code=totp(secret, int(time.time()) // 30))
    assert 'id="user"' in page.text, page.text

    submit("/log-out")
    submit("/log-in", username=name, password=PASSWORD)
    page = submit("/code", method="recovery", code=recovery[0])
    assert 'id="user"' in page.text, page.text
    print("sign-up, TOTP login, replay and recovery code: as they should be")


def main():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "SECRET_KEY": secrets.token_hex(32), "INSECURE_COOKIES": "1"}
    command = [sys.executable, "-m", "flask", "run", "--port", str(port)]
    server = subprocess.Popen(command, cwd=HERE, env=environment)
    try:
        url = f"http://127.0.0.1:{port}"
        wait("answer", lambda: answers(url))
        story(url)
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main()
