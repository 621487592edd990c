#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes and checks ledgers without telltale, from what telltale-ledger(1) says of the format.

    ledger_file.py FILE < RECORDS.jsonl     makes a ledger of these records
    ledger_file.py --check < CHAIN.jsonl    checks what `telltale ledger export --format chain` wrote, from its first record on
"""
import datetime
import hashlib
import json
import sqlite3
import struct
import sys

SCHEMA = """
PRAGMA application_id = 0x74746c64;
PRAGMA user_version = 1;
CREATE TABLE record(seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, hash BLOB NOT NULL);
CREATE INDEX record_id ON record(id) WHERE id <> '';
CREATE INDEX record_time ON record(time);
"""


def link(before, seq, time, *texts):
    data = before + struct.pack(">Qq", seq, time)
    for text in texts:
        data += struct.pack(">I", len(text.encode())) + text.encode()
    return hashlib.sha256(data).digest()


def nanoseconds(stamp):
    moment = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1) * 1000


def make(path):
    database = sqlite3.connect(path)
    database.executescript(SCHEMA)
    head = bytes(32)
    for seq, line in enumerate(sys.stdin.read().splitlines(), 1):
        record = json.loads(line)
        row = (seq, nanoseconds(record["time"]), record["type"], record.get("id", ""), line)
        head = link(head, *row)
        database.execute("INSERT INTO record VALUES(?, ?, ?, ?, ?, ?)", (*row, head))
    database.commit()
    database.close()


def check():
    head, count = bytes(32), 0
    for count, line in enumerate(sys.stdin, 1):
        row = json.loads(line)
        text = line.rstrip("\n")[line.index(',"record":') + len(',"record":') : -1]
        head = link(head, row["seq"], row["time_ns"], row["kind"], row["id"], text)
        if row["seq"] != count or head.hex() != row["hash"]:
            sys.exit(f"record {row['seq']} does not follow")
    print(f"{count}:{head.hex()}")


check() if sys.argv[1:] == ["--check"] else make(sys.argv[1])
