"""Hashes a password as often as asked, with argon2-cffi, and prints the seconds it took."""

import sys
import time

from argon2.low_level import Type, hash_secret

count, memory, passes = (int(argument) for argument in sys.argv[1:4])
password = b"radium and polonium"
salt = b"sixteen bytes of"


def one() -> None:
    hash_secret(
        password,
        salt,
        time_cost=passes,
        memory_cost=memory,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )


one()
started = time.perf_counter()
for _ in range(count):
    one()
print(time.perf_counter() - started)
