"""Verifies every DKIM signature of every .eml in a folder with dkimpy; prints how many pass, names those that do not."""

import concurrent.futures
import pathlib
import sys

import dkim

FOLDER = pathlib.Path(sys.argv[1])
RECORDS = {}
for line in (FOLDER / "keys").read_text().splitlines():
    name, record = line.split(" ", 1)
    RECORDS[name.encode() + b"."] = record.encode()


def lookup(name, timeout=5):
    return RECORDS[name]


def passed(file):
    message = file.read_bytes()
    signatures = [name for name, _ in dkim.rfc822_parse(message)[0] if name.lower() == b"dkim-signature"]
    good = 0
    for at in range(len(signatures)):
        try:
            verified = dkim.DKIM(message).verify(idx=at, dnsfunc=lookup)
        except Exception as problem:
            verified = False
            print(f"{file.name}, signature {at}: {problem!r}", file=sys.stderr)
        if verified:
            good += 1
        else:
            print(f"{file.name}, signature {at}: refused", file=sys.stderr)
    return good


if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor() as workers:
        print(sum(workers.map(passed, FOLDER.glob("*.eml"), chunksize=200)))
