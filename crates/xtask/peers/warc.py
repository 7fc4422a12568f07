"""Reads a web archive and its CDXJ index with the tools that others read archives with, and says where they disagree.

    pip install warcio==1.8.1 cdxj-indexer==1.5.0 surt==0.3.1
    python3 crates/xtask/peers/warc.py pages.warc.gz pages.cdxj

Every record has to open (warcio), its fields to be complete, and its digests to hold: warcio checks those of responses and
requests, this script those of every record again, from the bytes. Records lie where the index says, compressed ones each in a
gzip member of its own. Revisits lead to what they revisit, as far as it is in this archive. The index is, line by line and up
to the order of fields, the one that cdxj-indexer makes. Exits with 1 at any disagreement, with 2 if the arguments are bad.
"""

import base64
import hashlib
import io
import json
import re
import sys
import zlib

from cdxj_indexer.main import CDXJIndexer
from warcio.archiveiterator import ArchiveIterator

MANDATORY = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length", "Content-Type", "WARC-Block-Digest")
WITH_TARGET = ("response", "request", "revisit")
IDENTIFIER = re.compile(r"<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}>")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
PROFILE = re.compile(r"http://netpreserve\.org/warc/1\.1/revisit/(identical-payload-digest|server-not-modified)")


def sha1(content):
    return "sha1:" + base64.b32encode(hashlib.sha1(content).digest()).decode()


def opened(path, problems):
    """The records as warcio reads them, all the way; digests are checked on the way."""
    with open(path, "rb") as stream:
        records = ArchiveIterator(stream, check_digests=True, verify_http=True)
        for record in records:
            while record.content_stream().read(1 << 20):
                pass
            where = f"record at {records.get_record_offset()}"
            problems += [f"{where}: {problem}" for problem in record.digest_checker.problems]
            if record.rec_type != "revisit" and record.digest_checker.passed is not True:
                problems.append(f"{where}: no digest was checked")
        if records.err_count:
            problems.append(f"warcio warned {records.err_count} times")


def raw(path):
    """Offset, length, fields and block of each record."""
    with open(path, "rb") as stream:
        records = ArchiveIterator(stream, no_record_parse=True)
        for record in records:
            block = record.raw_stream.read()
            yield records.get_record_offset(), records.get_record_length(), record.rec_headers, block


def check_fields(number, fields, block, seen, problems):
    kind, identifier = fields.get_header("WARC-Type"), fields.get_header("WARC-Record-ID")
    where = f"record {number} ({kind})"
    names = [name for name, _ in fields.headers]
    needed = MANDATORY + (("WARC-Target-URI", "WARC-Payload-Digest", "WARC-Warcinfo-ID") if kind in WITH_TARGET else ())
    problems += [f"{where}: no {name}" for name in needed if name not in names]
    problems += [f"{where}: {name} twice" for name in set(names) if names.count(name) > 1]
    if fields.protocol != "WARC/1.1":
        problems.append(f"{where}: is {fields.protocol}")
    if not IDENTIFIER.fullmatch(identifier or "") or identifier in seen:
        problems.append(f"{where}: bad identifier {identifier}")
    if not DATE.fullmatch(fields.get_header("WARC-Date") or ""):
        problems.append(f"{where}: bad date")
    if fields.get_header("Content-Length") != str(len(block)):
        problems.append(f"{where}: {len(block)} bytes")
    if fields.get_header("WARC-Block-Digest") != sha1(block):
        problems.append(f"{where}: block digest differs")
    head, _, payload = block.partition(b"\r\n\r\n")
    if kind in ("response", "request") and fields.get_header("WARC-Payload-Digest") != sha1(payload):
        problems.append(f"{where}: payload digest differs")
    if kind == "revisit" and (payload or not PROFILE.fullmatch(fields.get_header("WARC-Profile") or "")):
        problems.append(f"{where}: bad profile, or has a payload")


def check_links(number, fields, seen, problems):
    """Whether what a record refers to is what it says; an original may also lie in another archive."""
    where = f"record {number}"
    warcinfo = fields.get_header("WARC-Warcinfo-ID")
    if warcinfo and seen.get(warcinfo, {}).get("WARC-Type") != "warcinfo":
        problems.append(f"{where}: no warcinfo {warcinfo}")
    concurrent = fields.get_header("WARC-Concurrent-To")
    if concurrent:
        answer = seen.get(concurrent, {})
        for name in ("WARC-Target-URI", "WARC-Date"):
            if answer.get(name) != fields.get_header(name):
                problems.append(f"{where}: {name} differs from that of {concurrent}")
    original = seen.get(fields.get_header("WARC-Refers-To"))
    if original:
        pairs = ("Refers-To-Target-URI", "Target-URI"), ("Refers-To-Date", "Date"), ("Payload-Digest", "Payload-Digest")
        for own, its in pairs:
            if fields.get_header(f"WARC-{own}") != original.get(f"WARC-{its}"):
                problems.append(f"{where}: WARC-{own} differs from its original")


def check_member(archive, offset, length, problems):
    """A record can be read from its place alone."""
    member = archive[offset : offset + length]
    if archive[:2] == b"\x1f\x8b":
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        member = unpacker.decompress(member)
        if not unpacker.eof or unpacker.unused_data or not member.endswith(b"\r\n\r\n"):
            problems.append(f"record at {offset}: not one gzip member")
    if not member.startswith(b"WARC/1.1\r\n"):
        problems.append(f"record at {offset}: does not begin there")


def check_records(path, problems):
    with open(path, "rb") as stream:
        archive = stream.read()
    seen, end = {}, 0
    for number, (offset, length, fields, block) in enumerate(raw(path)):
        check_fields(number, fields, block, seen, problems)
        check_links(number, fields, seen, problems)
        check_member(archive, offset, length, problems)
        if offset != end:
            problems.append(f"record {number}: begins at {offset}, not {end}")
        end = offset + length + (0 if archive[:2] == b"\x1f\x8b" else 4)
        seen[fields.get_header("WARC-Record-ID")] = dict(fields.headers)
    if end != len(archive):
        problems.append(f"the archive has {len(archive)} bytes, its records {end}")
    return len(seen)


class Kept(io.StringIO):
    """A text that cdxj-indexer does not lose when it closes it."""

    def close(self):
        self.lines = self.getvalue().splitlines()
        super().close()


def split(line):
    key, timestamp, fields = line.split(" ", 2)
    return key, timestamp, json.loads(fields)


def check_index(path, index, problems):
    theirs = Kept()
    CDXJIndexer(theirs, [path], sort=True).process_all()
    expected = theirs.lines if theirs.closed else theirs.getvalue().splitlines()
    with open(index, encoding="utf-8") as stream:
        lines = stream.read().splitlines()
    if lines != sorted(lines):
        problems.append("the index is not sorted")
    for number, (line, other) in enumerate(zip(lines, expected), 1):
        if split(line) != split(other):
            problems.append(f"index line {number}: {line}\n  cdxj-indexer says {other}")
    if len(lines) != len(expected):
        problems.append(f"the index has {len(lines)} lines, that of cdxj-indexer {len(expected)}")
    return len(lines)


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    path, index = arguments
    problems = []
    try:
        opened(path, problems)
        records, lines = check_records(path, problems), check_index(path, index, problems)
    except Exception as error:
        problems.append(f"{type(error).__name__}: {error}")
    if problems:
        print("\n".join(problems))
        return 1
    print(f"{records} records and {lines} lines of the index agree")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
