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

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
EXAMPLES = "20"
# The whole run takes less than a minute on two quiet cores.
SECONDS = 900


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
    return header, rows


SERVICES = {"mfa": mfa}


def configuration(rows):
    """The rows as a schemathesis.toml."""
    parts = []
    for path, parameters in rows.items():
        pairs = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in parameters.items())
        parts.append(f"[[operations]]\ninclude-path-regex = '{path}'\nparameters = {{ {pairs} }}\n")
    return "\n".join(parts)


def main():
    name, url = sys.argv[1:]
    header, rows = SERVICES[name](url)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "schemathesis.toml"
        file.write_text(configuration(rows))
        command = [str(Path(sys.executable).parent / "schemathesis")]
        command += ["--config-file", str(file), "run", f"{url}/openapi.json"]
        for key, value in header.items():
            command += ["-H", f"{key}: {value}"]
        command += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"]
        command += ["--max-examples", EXAMPLES, "--generation-deterministic"]
        command += ["--warnings", "off", "--request-timeout", "30"]
        # Its own cache of examples would make one run depend on another.
        done = subprocess.run(command, cwd=folder, timeout=SECONDS, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
