"""Writes encryption-vectors.json: the encodings of encryption.md by Python's standard library alone.

A second implementation, made from the description and not from the code in Rust, which is held
against the result by crates/e2ee/src/encodings.rs and crates/engine/src/encodings.rs.
"""

import hashlib
import json
import pathlib
import struct
import uuid

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def recover_x(y):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return P - x if x & 1 else x


BASE_X = recover_x(BASE_Y)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def compress(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def expand(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    return (scalar & (1 << 254) - 8) | 1 << 254, digest[32:]


def public(seed):
    """RFC 8032, section 5.1.5."""
    return compress(times(expand(seed)[0], BASE))


def sign(seed, message):
    """RFC 8032, section 5.1.6."""
    scalar, prefix = expand(seed)

    def number(*parts):
        return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % L

    r = number(prefix, message)
    commitment = compress(times(r, BASE))
    s = (r + number(commitment, public(seed), message) * scalar) % L
    return commitment + s.to_bytes(32, "little")


def block(key, counter, nonce):
    """RFC 8439, section 2.3."""
    state = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574]
    state += [*struct.unpack("<8I", key), counter, *struct.unpack("<3I", nonce)]
    work = state[:]

    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            work[x] = (work[x] + work[y]) & 0xFFFFFFFF
            mixed = work[z] ^ work[x]
            work[z] = (mixed << turn | mixed >> 32 - turn) & 0xFFFFFFFF

    for _ in range(10):
        for place in range(4):
            quarter(place, place + 4, place + 8, place + 12)
        for place in range(4):
            quarter(place, (place + 1) % 4 + 4, (place + 2) % 4 + 8, (place + 3) % 4 + 12)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(work, state)))


def seal(key, nonce, plain):
    """ChaCha20-Poly1305 without associated data: RFC 8439, section 2.8."""
    count = -(-len(plain) // 64)
    stream = b"".join(block(key, number + 1, nonce) for number in range(count))
    sealed = bytes(a ^ b for a, b in zip(plain, stream))
    one_time = block(key, 0, nonce)
    r = int.from_bytes(one_time[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    data = sealed + bytes(-len(sealed) % 16) + struct.pack("<QQ", 0, len(sealed))
    tag = 0
    for start in range(0, len(data), 16):
        tag = (tag + int.from_bytes(data[start : start + 16] + b"\x01", "little")) * r % (2**130 - 5)
    tag = (tag + int.from_bytes(one_time[16:32], "little")) % 2**128
    return sealed + tag.to_bytes(16, "little")


def drawn(seed):
    """The first 32 bytes of a ChaCha20 generator with this seed: its keystream."""
    return block(seed, 0, bytes(12))[:32]


def credential(account, user, device, device_key, created_at):
    body = b"\x01" + user + device + device_key + public(account) + struct.pack(">Q", created_at)
    return body + sign(account, b"snug/device-credential/v1\0" + body)


def device_list(account, user, version, devices, revoked):
    body = b"\x01" + user + struct.pack(">Q", version)
    for ids in (devices, revoked):
        body += struct.pack(">H", len(ids)) + b"".join(ids)
    return body + sign(account, b"snug/device-list/v1\0" + body)


def content(identity, sent_at, kind, body, fields=b""):
    head = b"\x01" + identity + struct.pack(">QBI", sent_at, kind, len(body))
    whole = struct.pack(">I", len(head) + len(body) + len(fields)) + head + body + fields
    size = next(b - 160 for b in (256, 1024, 4096, 16384, 65536) if len(whole) <= b - 160)
    return whole, size


def sized(value):
    return struct.pack(">H", len(value)) + value


def field(tag, value):
    return bytes([tag]) + sized(value)


def padme(length):
    exponent = length.bit_length() - 1
    mask = (1 << max(exponent - exponent.bit_length(), 0)) - 1
    return (length + mask) & ~mask


def file(key, plain):
    plain = struct.pack(">Q", len(plain)) + plain
    plain += bytes(padme(len(plain)) - len(plain))
    starts = range(0, len(plain), 65536)
    return b"".join(
        seal(key, bytes(7) + struct.pack(">IB", i, start == starts[-1]), plain[start : start + 65536])
        for i, start in enumerate(starts)
    )


def identity(number):
    return uuid.UUID(int=0x0192F7A0_0000_7000_8000_000000000000 + number)


def main():
    account, rng, nonce = bytes(range(32)), b"\x02" * 32, bytes(range(100, 132))
    user, device, other, gone = (identity(number) for number in (1, 2, 3, 4))
    device_seed, created_at = drawn(rng), 1_700_000_000
    proof = b"snug/device-proof/v1\0" + user.bytes + device.bytes + nonce
    picture = {
        "attachment": str(identity(9)),
        "key": (b"\x11" * 32).hex(),
        "sha256": (b"\x22" * 32).hex(),
        "kind": 4,
        "width": 4000,
        "height": 3000,
        "size": 1_234_567,
        "preview": b"RIFF".hex(),
        "caption": "The bridge 🌿",
    }
    caption = picture["caption"].encode()
    picture_body = (
        identity(9).bytes
        + b"\x11" * 32
        + b"\x22" * 32
        + struct.pack(">BHHI", 4, 4000, 3000, 1_234_567)
        + struct.pack(">H", 4)
        + b"RIFF"
        + struct.pack(">H", len(caption))
        + caption
    )
    name = "Sunday hikes 🌿".encode()
    document = {
        "attachment": str(identity(9)),
        "key": (b"\x11" * 32).hex(),
        "sha256": (b"\x22" * 32).hex(),
        "size": 4_321,
        "name": "procès-verbal.pdf",
        "media_type": "application/pdf",
        "caption": "As agreed",
    }
    document_body = identity(9).bytes + b"\x11" * 32 + b"\x22" * 32 + struct.pack(">I", 4_321)
    for text in ("name", "media_type", "caption"):
        document_body += sized(document[text].encode())
    target = user.bytes + identity(6).bytes
    reply, fades = field(1, target), field(2, struct.pack(">I", 300))
    heart = "❤️".encode()
    bodies = [
        (1, "Hé 🌿".encode()),
        (1, b"x" * 62),
        (1, b"x" * 63),
        (2, struct.pack(">QH", 7, len(name)) + name),
        (3, b""),
        (4, picture_body),
        (200, b"\x01\x02\x03"),
        (2, struct.pack(">Q", 8) + sized(name) + sized(b"GIF89a...")),
        (5, target + b"\x01" + bytes([len(heart)]) + heart),
        (5, target + b"\x00\x00"),
        (6, identity(6).bytes + sized("Other words".encode())),
        (7, identity(6).bytes),
        (8, document_body),
        (9, struct.pack(">QBI", 3, 0, 300)),
        (9, struct.pack(">QBI", 4, 1, 0)),
        (1, b"Yes", reply),
        (1, b"Soon gone", fades),
        (6, identity(6).bytes + sized(b"Both"), reply + fades),
    ]
    contents = []
    for kind, body, *fields in bodies:
        more = b"".join(fields)
        whole, size = content(identity(5).bytes, 1_700_000_000_123, kind, body, more)
        one = {"kind": kind, "body": body.hex(), "bytes": whole.hex(), "size": size}
        if reply in more:
            one["reply_to"] = {"sender": str(user), "id": str(identity(6))}
        if fades in more:
            one["expires_after"] = 300
        contents.append(one)
    files = []
    for length in (0, 4, 70_000):
        seed = bytes([length % 251]) * 32
        sealed = file(drawn(seed), bytes(i % 251 for i in range(length)))
        one = {"length": length, "rng_seed": seed.hex(), "key": drawn(seed).hex()}
        one |= {"size": len(sealed), "sha256": hashlib.sha256(sealed).hexdigest()}
        files.append(one | ({"ciphertext": sealed.hex()} if len(sealed) < 100 else {}))
    vectors = {
        "about": "Made by encryption-vectors.py. Bytes are hexadecimal, rng_seed is that of a ChaCha20 "
        "generator whose first 32 bytes are drawn, contents are padded by zeros up to size, byte i "
        "of a file is i mod 251.",
        "credential": {
            "account_seed": account.hex(),
            "account_key": public(account).hex(),
            "user": str(user),
            "device": str(device),
            "rng_seed": rng.hex(),
            "device_seed": device_seed.hex(),
            "created_at": created_at,
            "bytes": credential(
                account, user.bytes, device.bytes, public(device_seed), created_at
            ).hex(),
        },
        "proof": {"nonce": nonce.hex(), "signature": sign(device_seed, proof).hex()},
        "device_list": {
            "version": 3,
            "devices": [str(device), str(other)],
            "revoked": [str(gone)],
            "bytes": device_list(
                account, user.bytes, 3, [device.bytes, other.bytes], [gone.bytes]
            ).hex(),
        },
        "policy": {
            "kind": "group",
            "admins": [str(user), str(other)],
            "bytes": (b"\x01\x01" + struct.pack(">H", 2) + user.bytes + other.bytes).hex(),
        },
        "content": {
            "id": str(identity(5)),
            "sent_at": 1_700_000_000_123,
            "contents": contents,
        },
        "picture": picture | {"bytes": picture_body.hex()},
        "document": document | {"bytes": document_body.hex()},
        "files": files,
    }
    text = json.dumps(vectors, indent=2, ensure_ascii=False) + "\n"
    pathlib.Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
