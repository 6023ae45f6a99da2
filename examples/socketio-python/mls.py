"""MLS by a program beside this one: crates/e2ee/examples/sidecar.rs says what it can."""

import base64
import json
import os
import subprocess

PROGRAM = os.environ.get("SNUG_MLS", "target/debug/examples/sidecar")


def text(value):
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


class Mls:
    def __init__(self):
        self.process = subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, name, **fields):
        line = {"call": name, **{key: text(value) for key, value in fields.items()}}
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"{name}: {answer['error']}")
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
