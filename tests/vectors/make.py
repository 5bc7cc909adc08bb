#!/usr/bin/env python3
"""Makes medlock.json: vectors for every format of ours, from the format document and ADR 0001 alone.

A second implementation in another language, so that the Rust is checked against the text and not against itself.
Needs `blake3` and `cryptography`. `make.py` writes the file, `make.py --check` exits 1 if it would change.
"""

import base64, datetime, hashlib, json, pathlib, re, sys, uuid
from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

LINE_BYTES_MAX, DEPTH_MAX, CHUNK, TAG, HEADER = 65_536, 32, 65_536, 16, 17
ZERO_PREV = "0" * 64


class Refused(Exception):
    """Carries the reason code that the vectors name."""


def fixed(label, size=32):
    """Stands in for randomness: the same bytes for the same label in every run."""
    return blake3(f"medlock vectors: {label}".encode()).digest(size)


def keyed(key, message):
    return blake3(message, key=key).digest()


def derive(purpose, key):
    return blake3(key, derive_key_context=f"medlock 2026-11 {purpose}").digest()


def uuid_of(raw, version):
    raw = bytearray(raw[:16])
    raw[6], raw[8] = raw[6] & 0x0F | version << 4, raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def uuid7(label, millis):
    return uuid_of(millis.to_bytes(6, "big") + fixed(label, 10), 7)


# --- The event line -----------------------------------------------------------------------------------------------


def canonical(value):
    """RFC 8785 for values without floats: Python's own escapes are JCS's once non-ASCII characters are left alone."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def refuse(code):
    raise Refused(code)


def integer(text):
    if text == "-0":
        refuse("negative_zero")
    return int(text) if abs(int(text)) < 2**53 else refuse("integer_range")


def members(pairs):
    return dict(pairs) if len(dict(pairs)) == len(pairs) else refuse("duplicate_member")


def walk(value, in_data=False, depth=0):
    if depth > DEPTH_MAX:
        refuse("depth")
    if value is None:
        refuse("null")
    if isinstance(value, str) and re.search("[\ud800-\udfff]", value):
        refuse("lone_surrogate")
    for item in value if isinstance(value, list) else ():
        walk(item, in_data, depth + 1)
    for name, item in value.items() if isinstance(value, dict) else ():
        walk(name, in_data)
        if in_data and not re.fullmatch("[a-z][a-z0-9_]*", name):
            refuse("member_name")
        walk(item, in_data or name == "data", depth + 1)


HEX8 = "[0-9a-f]{8}"
UUID = f"{HEX8}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}"
ACTOR = f"[a-z]+(:{UUID})?"  # A later release may know actors that this one does not.
FORMS = {
    "specversion": r"1\.0",
    "id": UUID,
    "source": r"[a-z0-9.-]+(/[a-z0-9._-]+)*",
    "type": r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.v[1-9][0-9]*",
    "time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z",
    "stream": f"[a-z]+(-({UUID}|[0-9a-f]+))?",
    "prev": "[0-9a-f]{64}",
    "salt": "[0-9a-f]{32}",
    "actor": ACTOR,
    "behalf": ACTOR,
    "cause": UUID,
    "causeevent": UUID,
    "request": "[0-9a-f]{32}",
}
OPTIONAL = {"behalf", "causeevent", "request"}


def check_line(line, before=()):
    """Refuses a line that formats.md section 1 does not allow, or that does not follow `before` (section 2)."""
    if len(line) > LINE_BYTES_MAX:
        refuse("line_too_long")
    if line.startswith(b"\xef\xbb\xbf"):
        refuse("byte_order_mark")
    try:
        event = json.loads(
            line.decode(),
            object_pairs_hook=members,
            parse_int=integer,
            parse_float=lambda _: refuse("float"),
            parse_constant=lambda _: refuse("not_json"),
        )
    except UnicodeDecodeError:
        refuse("not_utf8")
    except ValueError:
        refuse("not_json")
    walk(event)
    if canonical(event) != line:
        refuse("not_canonical")
    for name, form in FORMS.items():
        if name not in event:
            name in OPTIONAL or refuse("missing_member")
        elif not isinstance(event[name], str) or not re.fullmatch(form, event[name]):
            refuse(f"bad_{name}")
    try:
        datetime.datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        refuse("bad_time")
    if "data" not in event or "version" not in event:
        refuse("missing_member")
    if type(event["version"]) is not int or not 0 <= event["version"] < 2**31:
        refuse("bad_version")
    if not isinstance(event["data"], dict):
        refuse("bad_data")
    if before and json.loads(before[-1])["stream"] != event["stream"]:
        refuse("wrong_stream")
    if event["version"] != len(before):
        refuse("version_gap")
    if event["prev"] != (blake3(before[-1]).hexdigest() if before else ZERO_PREV):
        refuse("wrong_prev")


# --- Leaf and tree (RFC 6962) -------------------------------------------------------------------------------------


def leaf_of(stream_key, version, line):
    tag = keyed(stream_key, version.to_bytes(8, "big"))
    return b"MLK1" + tag + blake3(line).digest() + hashlib.sha256(line).digest()


def root(leaves):
    if len(leaves) <= 1:
        return hashlib.sha256(b"\0" + leaves[0] if leaves else b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


# --- Sealed values, wrapped keys, containers ----------------------------------------------------------------------


def pad(text):
    return text + b"\x80" + bytes(-(len(text) + 1) % 32)


def sealed_aad(event_id, pointer):
    return b"\0".join([b"medlock sealed v1", event_id.encode(), pointer.encode()])


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def seal(subject_key, key_id, nonce, event_id, pointer, padded):
    cipher = AESGCMSIV(derive("sealing", subject_key))
    return b64(key_id + nonce + cipher.encrypt(nonce, padded, sealed_aad(event_id, pointer)))


def open_sealed(subject_key, key_id, event_id, pointer, text):
    if not re.fullmatch("[A-Za-z0-9_-]+", text) or len(text) % 4 == 1:
        refuse("form")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64(raw) != text or len(raw) < 28 + 32 + TAG or (len(raw) - 28 - TAG) % 32:
        refuse("form")
    if raw[:16] != key_id:
        refuse("key")
    try:
        aad = sealed_aad(event_id, pointer)
        padded = AESGCMSIV(derive("sealing", subject_key)).decrypt(raw[16:28], raw[28:], aad)
    except InvalidTag:
        refuse("refused")
    text = padded.rstrip(b"\0")[:-1]
    if pad(text) != padded:
        refuse("padding")
    try:
        return text.decode()
    except UnicodeDecodeError:
        refuse("not_utf8")


def wrap_aad(report, version):
    return b"\0".join([b"medlock report key", report.encode(), str(version).encode()])


def plaintext(size):
    return bytes(i * 31 % 251 for i in range(size))


def header(prefix):
    return b"MLKB\x01\x01" + CHUNK.to_bytes(4, "big") + prefix


def chunk(key, prefix, counter, last, plain):
    nonce = prefix + counter.to_bytes(4, "big") + bytes([last])
    return AESGCMSIV(key).encrypt(nonce, plain, header(prefix))


def container(key, prefix, plain):
    parts = [plain[at : at + CHUNK] for at in range(0, len(plain), CHUNK)] or [b""]
    last = len(parts) - 1
    return header(prefix) + b"".join(chunk(key, prefix, i, i == last, part) for i, part in enumerate(parts))


def open_container(key, blob):
    if len(blob) < HEADER:
        refuse("truncated")
    prefix = blob[10:HEADER]
    if blob[:HEADER] != header(prefix):
        refuse("header")
    parts = [blob[at : at + CHUNK + TAG] for at in range(HEADER, len(blob), CHUNK + TAG)]
    plain, at_end = b"", False
    for i, part in enumerate(parts):
        at_end = i == len(parts) - 1
        if at_end and len(part) < TAG:
            refuse("truncated")
        if at_end and i and len(part) == TAG:
            refuse("empty_last_chunk")
        try:
            plain += AESGCMSIV(key).decrypt(prefix + i.to_bytes(4, "big") + bytes([at_end]), part, blob[:HEADER])
        except InvalidTag:
            refuse("chunk")
    if not at_end:
        refuse("truncated")
    return plain


def reason(check, *arguments):
    """The code `check` refuses with. A vector that is not refused would be a lie, so it stops the program."""
    try:
        check(*arguments)
    except Refused as refusal:
        return str(refusal)
    raise SystemExit(f"not refused: {arguments!r:.300}")


# --- The vectors --------------------------------------------------------------------------------------------------

MILLIS = 1_796_040_000_000
ANA, BO, PROXY = (uuid_of(fixed(name), 4) for name in ("patient Ana", "doctor Bo", "proxy"))
SUBJECT_KEY, KEY_ID = fixed("subject key"), uuid.UUID(uuid_of(fixed("key id"), 4)).bytes


def requests():
    key, actor, idempotency_key = fixed("request key"), f"doctor:{BO}", "8f14e45f-upload/1"
    body = '{"command":"records.upload_report","title":"Blutbild \u00fc"}'
    return {
        "request_key": key.hex(),
        "actor": actor,
        "idempotency_key": idempotency_key,
        "request_id": uuid_of(keyed(key, actor.encode() + b"\0" + idempotency_key.encode()), 8),
        "canonical_request": body,
        "request_digest": keyed(key, body.encode())[:16].hex(),
    }


def event(label, second, stream, before, data, **more):
    request_id = more.pop("id", None) or uuid7(label, MILLIS + second * 1000)
    return canonical(
        {
            "specversion": "1.0",
            "id": request_id,
            "source": "clinic.example/log",
            "type": more.pop("type"),
            "time": f"2026-11-30T12:00:{second:02}.000{second:03}Z",
            "stream": stream,
            "version": len(before),
            "prev": blake3(before[-1]).hexdigest() if before else ZERO_PREV,
            "salt": fixed(f"salt {label}", 16).hex(),
            "actor": f"doctor:{BO}",
            "cause": request_id,
            "data": data,
            **more,
        }
    )


def events(request, sealed_title):
    patient, title_id, title = f"patient-{ANA}", *sealed_title
    chain = []
    chain.append(
        event(
            "registered",
            1,
            patient,
            chain,
            {"key_id": str(uuid.UUID(bytes=KEY_ID)), "key_commitment": derive("key commitment", SUBJECT_KEY).hex()},
            type="identity.patient_registered.v1",
            actor="system",
        )
    )
    chain.append(
        event(
            "uploaded",
            2,
            patient,
            chain,
            {"category": "laboratory", "size": 131072, "title": {"sealed": title}, "amended": False},
            type="records.report_uploaded.v1",
            id=title_id,
            request=request["request_digest"],
        )
    )
    chain.append(
        event(
            "requested",
            2,
            patient,
            chain,
            {"scope": {"categories": ["laboratory", "imaging"], "except": [], "limits": {}}, "views_max": 3},
            type="consent.requested.v1",
            cause=title_id,
        )
    )
    every = (
        "".join(map(chr, range(0x20)))
        + '"\\/\x7f\u0080\u00e4\u00f6\u00fc\u00df\u20ac\u2028\u2029\ufeff\uffff\U0001f489\U0010ffff'
    )
    others = [
        (
            "every optional member",
            event(
                "optional",
                4,
                f"doctor-{BO}",
                [],
                {},
                type="notices.sent.v1",
                actor="system",
                behalf=f"patient:{PROXY}",
                causeevent=title_id,
                request=fixed("digest", 16).hex(),
            ),
        ),
        ("every JSON escape", event("escapes", 5, "log", [], {"text": every}, type="audit.noted.v1")),
        (
            "the largest and smallest integers",
            event(
                "integers",
                6,
                "log",
                [],
                {"large": 2**53 - 1, "small": 1 - 2**53, "zero": 0, "one": -1},
                type="audit.noted.v1",
            ),
        ),
        (
            "nested and empty",
            event(
                "nested",
                7,
                "login-00ff",
                [],
                {"a": {"b": {"c": [[], {}, [1, [True, False]], ""]}}, "a1": [], "a_": {}, "empty": ""},
                type="audit.noted.v1",
            ),
        ),
        (
            "a value in 32 arrays and objects",
            event("deep", 8, "log", [], {"n": json.loads("[" * 31 + "]" * 31)}, type="audit.noted.v1"),
        ),
        (
            "a type and a member of a later release",
            event("later", 8, f"schedule-{BO}", [], {"x": 1}, type="appointments.moved_by_robot.v12", zone="eu"),
        ),
    ]
    return chain, others


def refused_lines(chain):
    good = event("refused", 9, "log", [], {"text": "A", "n": 1}, type="audit.noted.v1").decode()
    salt, prev, time, identifier = (json.loads(good)[name] for name in ("salt", "prev", "time", "id"))
    n, text, version = '"n":1', '"A"', '"version":0'
    # Each row: what is wrong, and which part of the good line is replaced by what.
    table = [
        ("space after a colon", n, '"n": 1'),
        ("space before the first brace", good, " " + good),
        ("trailing newline", good, good + "\n"),
        ("bytes after the object", good, good + "x"),
        ("byte order mark", good, "\ufeff" + good),
        ("cut short", good, good[:-1]),
        ("not an event", good, "{}"),
        ("members out of order", '"n":1,"text":"A"', '"text":"A","n":1'),
        (
            "top-level members out of order",
            good,
            good[:-1].replace('"actor"', f'{version},"actor"', 1)[: -len(version) - 1] + "}",
        ),
        ("the same member twice", n, '"n":1,"n":1'),
        ("float", n, '"n":1.0'),
        ("exponent", n, '"n":1e3'),
        ("negative zero", n, '"n":-0'),
        ("not a number", n, '"n":NaN'),
        ("leading zero", n, '"n":01'),
        ("integer of 2^53", n, f'"n":{2**53}'),
        ("integer of -2^53", n, f'"n":-{2**53}'),
        ("null", n, '"n":null'),
        ("null in an array", n, '"n":[null]'),
        ("a value in 33 arrays and objects", n, '"n":' + "[" * 32 + "]" * 32),
        ("upper-case member name", n, '"N":1'),
        ("member name that begins with a digit", n, '"1n":1'),
        ("nested member name with a hyphen", n, '"n":{"a-b":1}'),
        ("empty member name", n, '"":1'),
        ("escape where none is needed", text, '"\\u0041"'),
        ("upper-case hexadecimal in an escape", text, '"\\u001F"'),
        ("long escape where a short one exists", text, '"\\u000a"'),
        ("escaped solidus", text, '"\\/"'),
        ("escaped delete", text, '"\\u007f"'),
        ("escaped emoji", text, '"\\ud83d\\udc89"'),
        ("raw control character", text, '"\t"'),
        ("unknown escape", text, '"\\x41"'),
        ("lone high surrogate", text, '"\\ud800"'),
        ("lone low surrogate", text, '"\\udc00"'),
        ("surrogates the wrong way round", text, '"\\udc89\\ud83d"'),
        ("salt of 30 digits", salt, salt[:30]),
        ("salt in upper case", salt, "AB" + salt[2:]),
        ("no salt", f'"salt":"{salt}",', ""),
        ("prev of 63 digits", prev, prev[:63]),
        ("prev not hexadecimal", prev, "g" + prev[1:]),
        ("time with milliseconds", time, time[:-4] + "Z"),
        ("time without fraction", time, time[:19] + "Z"),
        ("time with an offset", time, time[:-1] + "+00:00"),
        ("a day that does not exist", "2026-11-30", "2026-11-31"),
        ("version as text", version, '"version":"0"'),
        ("version of 2^31", version, f'"version":{2**31}'),
        ("negative version", version, '"version":-1'),
        ("data not an object", '{"n":1,"text":"A"}', "[]"),
        ("another specversion", '"specversion":"1.0"', '"specversion":"1.1"'),
        ("identifier in upper case", f'"id":"{identifier}"', f'"id":"{identifier.upper()}"'),
        ("type without a version", "audit.noted.v1", "audit.noted"),
        ("type with a version of 01", "audit.noted.v1", "audit.noted.v01"),
        ("version 0 with a prev", prev, "1" * 64),
    ]
    rows = []
    for name, old, new in table:
        assert old in good
        line = good.replace(old, new)
        rows.append({"name": name, "reason": reason(check_line, line.encode()), "line": line})
    raw = [
        ("stray continuation byte", b"\x80"),
        ("overlong solidus", b"\xc0\xaf"),
        ("surrogate in UTF-8", b"\xed\xa0\x80"),
        ("beyond U+10FFFF", b"\xf4\x90\x80\x80"),
        ("cut sequence", b"\xe2\x82"),
    ]
    for name, bad in raw:
        line = good.encode().replace(b'"A"', b'"' + bad + b'"')
        rows.append({"name": f"invalid UTF-8: {name}", "reason": reason(check_line, line), "line_hex": line.hex()})
    gap = chain[2].replace(b'"version":2', b'"version":3')
    for name, line, before in [
        ("version gap", gap, chain[:2]),
        ("version twice", chain[1], chain[:2]),
        (
            "prev of the event before the last",
            chain[2].replace(blake3(chain[1]).hexdigest().encode(), blake3(chain[0]).hexdigest().encode()),
            chain[:2],
        ),
        ("first event missing", chain[1], []),
        ("event of another stream", chain[1].replace(f"patient-{ANA}".encode(), b"log"), chain[:1]),
    ]:
        rows.append(
            {
                "name": name,
                "reason": reason(check_line, line, before),
                "after": [line.decode() for line in before],
                "line": line.decode(),
            }
        )
    return rows


def long_line(size):
    """A line of exactly `size` bytes, as parts: too long to print."""
    start, end = event("long", 10, "log", [], {"text": "|"}, type="audit.noted.v1").decode().split("|")
    count = size - len(start) - len(end)
    return (start + "a" * count + end).encode(), {"start": start, "repeat": "a", "count": count, "end": end}


def event_vectors(chain, others):
    named = [
        (name, line, chain[:i])
        for i, (name, line) in enumerate(
            zip(
                ("first event of a stream", "second event, with a sealed title", "third event, of the same append"),
                chain,
            )
        )
    ]
    rows = []
    for name, line, before in named + [(name, line, []) for name, line in others]:
        check_line(line, before)
        rows.append(
            {
                "name": name,
                "line": line.decode(),
                "hash": blake3(line).hexdigest(),
                "sha256": hashlib.sha256(line).hexdigest(),
            }
        )
    line, parts = long_line(LINE_BYTES_MAX)
    check_line(line)
    rows.append(
        {
            "name": "the longest line",
            "line_parts": parts,
            "hash": blake3(line).hexdigest(),
            "sha256": hashlib.sha256(line).hexdigest(),
        }
    )
    return rows


def tree_vectors(chain, others):
    logged = [("patient", 0, chain[0]), ("doctor", 0, others[0][1]), ("patient", 1, chain[1]), ("patient", 2, chain[2])]
    keys = {name: fixed(f"stream key {name}") for name in ("patient", "doctor")}
    leaves = [leaf_of(keys[name], version, line) for name, version, line in logged]
    tag_only = [(version, keyed(keys["patient"], version.to_bytes(8, "big"))) for version in (0, 1, 256, 2**31 - 1)]
    return {
        "stream_keys": {name: key.hex() for name, key in keys.items()},
        "tags": [{"stream": "patient", "version": version, "tag": tag.hex()} for version, tag in tag_only],
        "leaves": [
            {
                "position": i,
                "stream": name,
                "version": version,
                "event_hash": blake3(line).hexdigest(),
                "leaf": leaf.hex(),
                "leaf_hash": root([leaf]).hex(),
            }
            for i, ((name, version, line), leaf) in enumerate(zip(logged, leaves))
        ],
        "roots": [{"size": size, "root": root(leaves[:size]).hex()} for size in range(5)],
    }


def sealed_vectors(title_id):
    texts = [
        ("/data/title", "Blutbild \u2013 gro\u00dfes, N\u00fcchternwert \U0001f489"),
        ("/data/reason", ""),
        ("/data/notes/0", "x" * 31),
        ("/data/notes/1", "x" * 32),
        ("/data/a~1b/m~0n", "\x80\0 ends in zeros \0\0"),
    ]
    good = []
    for i, (pointer, words) in enumerate(texts):
        nonce, padded = fixed(f"seal nonce {i}", 12), pad(words.encode())
        value = seal(SUBJECT_KEY, KEY_ID, nonce, title_id, pointer, padded)
        assert open_sealed(SUBJECT_KEY, KEY_ID, title_id, pointer, value) == words
        good.append(
            {
                "event_id": title_id,
                "pointer": pointer,
                "nonce": nonce.hex(),
                "words": words,
                "padded": padded.hex(),
                "sealed": value,
            }
        )
    value, nonce = good[0]["sealed"], fixed("seal nonce bad", 12)
    odd = [
        ("without the end mark", bytes(32)),
        ("a whole block too much", pad(b"x") + bytes(32)),
        ("a byte after the end mark", b"x\x80" + bytes(29) + b"\1"),
        ("words that are not UTF-8", pad(b"\xff")),
    ]
    raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    bad = [
        ("opened for another event", ANA, "/data/title", value),
        ("opened at another place", title_id, "/data/reason", value),
        ("under another key id", title_id, "/data/title", b64(bytes([raw[0] ^ 1]) + raw[1:])),
        ("one bit of the nonce changed", title_id, "/data/title", b64(raw[:16] + bytes([raw[16] ^ 1]) + raw[17:])),
        ("one bit of the tag changed", title_id, "/data/title", b64(raw[:-1] + bytes([raw[-1] ^ 1]))),
        ("base64 padding", title_id, "/data/reason", good[1]["sealed"] + "="),
        ("the other base64 alphabet", title_id, "/data/title", "+" + value[1:]),
        ("spare bits set", title_id, "/data/notes/0", good[2]["sealed"][:-1] + "B"),
        ("cut by 16 bytes", title_id, "/data/title", b64(raw[:-16])),
        ("shorter than its frame", title_id, "/data/title", b64(raw[:43])),
        ("empty", title_id, "/data/title", ""),
    ]
    bad += [
        (name, title_id, "/data/title", seal(SUBJECT_KEY, KEY_ID, nonce, title_id, "/data/title", padded))
        for name, padded in odd
    ]
    return {
        "subject_key": SUBJECT_KEY.hex(),
        "key_id": KEY_ID.hex(),
        "sealing_key": derive("sealing", SUBJECT_KEY).hex(),
        "wrapping_key": derive("wrapping", SUBJECT_KEY).hex(),
        "commitment": derive("key commitment", SUBJECT_KEY).hex(),
        "values": good,
        "refused": [
            {
                "name": name,
                "reason": reason(open_sealed, SUBJECT_KEY, KEY_ID, event_id, pointer, value),
                "event_id": event_id,
                "pointer": pointer,
                "sealed": value,
            }
            for name, event_id, pointer, value in bad
        ],
    }


def wrap_vectors():
    report, version, nonce, report_key = uuid7("report", MILLIS), 12, fixed("wrap nonce", 12), fixed("report key")
    wrapped = nonce + AESGCMSIV(derive("wrapping", SUBJECT_KEY)).encrypt(nonce, report_key, wrap_aad(report, version))
    return {
        "report": report,
        "version": version,
        "nonce": nonce.hex(),
        "report_key": report_key.hex(),
        "wrapped": wrapped.hex(),
        "refused_as": [
            {"report": report, "version": 1},
            {"report": report, "version": 2},
            {"report": ANA, "version": version},
        ],
    }


def container_vectors():
    key, prefix = fixed("report key"), fixed("prefix", 7)
    blobs = {size: container(key, prefix, plaintext(size)) for size in (0, 1, 65535, 65536, 65537, 131072)}
    good = []
    for size, blob in blobs.items():
        assert open_container(key, blob) == plaintext(size)
        shown = {"container": blob.hex()} if size < 100 else {"first": blob[:64].hex(), "last": blob[-32:].hex()}
        good.append(
            {"plaintext_bytes": size, "container_bytes": len(blob), "blake3": blake3(blob).hexdigest(), **shown}
        )
    two, border, end = 131072, HEADER + CHUNK + TAG, len(blobs[131072])
    bad = [
        ("cut at the chunk border", [[two, 0, border]]),
        ("cut inside a chunk", [[two, 0, border + 1000]]),
        ("cut inside a tag", [[two, 0, border + 5]]),
        ("cut after the header", [[two, 0, HEADER]]),
        ("cut inside the header", [[two, 0, 10]]),
        ("empty", []),
        ("chunks swapped", [[two, 0, HEADER], [two, border, end], [two, HEADER, border]]),
        ("a chunk twice", [[two, 0, border], [two, HEADER, end]]),
        ("first chunk missing", [[two, 0, HEADER], [two, border, end]]),
        ("a byte after the end", [[two, 0, end], "00"]),
        ("a byte after a short end", [[1, 0, 34], "00"]),
        ("a chunk after the last one", [[65536, 0, border], [two, border, end]]),
        ("wrong magic", ["4d4c4b41", [1, 4, 34]]),
        ("wrong format", [[1, 0, 4], "02", [1, 5, 34]]),
        ("wrong suite", [[1, 0, 5], "02", [1, 6, 34]]),
        ("another chunk size", [[1, 0, 6], "00020000", [1, 10, 34]]),
        ("a bit of the prefix changed", [[1, 0, 16], f"{prefix[6] ^ 1:02x}", [1, 17, 34]]),
        ("a bit of the ciphertext changed", [[1, 0, 17], f"{blobs[1][17] ^ 1:02x}", [1, 18, 34]]),
        ("no chunk is the last one", [[1, 0, HEADER], chunk(key, prefix, 0, False, plaintext(1)).hex()]),
        ("an empty last chunk after a full one", [[two, 0, border], chunk(key, prefix, 1, True, b"").hex()]),
        (
            "a short chunk in the middle",
            [
                [1, 0, HEADER],
                chunk(key, prefix, 0, False, plaintext(1)).hex(),
                chunk(key, prefix, 1, True, plaintext(1)).hex(),
            ],
        ),
    ]
    rows = []
    for name, pieces in bad:
        blob = b"".join(bytes.fromhex(p) if isinstance(p, str) else blobs[p[0]][p[1] : p[2]] for p in pieces)
        rows.append({"name": name, "reason": reason(open_container, key, blob), "pieces": pieces})
    return {
        "key": key.hex(),
        "prefix": prefix.hex(),
        "header": header(prefix).hex(),
        "plaintext": "byte i = i * 31 mod 251",
        "good": good,
        "refused": rows,
    }


def vectors():
    request = requests()
    sealed = sealed_vectors(request["request_id"])
    chain, others = events(request, (request["request_id"], sealed["values"][0]["sealed"]))
    too_long, parts = long_line(LINE_BYTES_MAX + 1)
    refused = refused_lines(chain) + [
        {"name": "65,537 bytes", "reason": reason(check_line, too_long), "line_parts": parts}
    ]
    return {
        "events": event_vectors(chain, others),
        "refused_lines": refused,
        "tree": tree_vectors(chain, others),
        "sealed": sealed,
        "wrapped_key": wrap_vectors(),
        "containers": container_vectors(),
        "requests": request,
    }


def main():
    path = pathlib.Path(__file__).with_name("medlock.json")
    made = json.dumps(vectors(), indent=1).encode() + b"\n"
    if "--check" not in sys.argv:
        path.write_bytes(made)
    elif not path.exists() or path.read_bytes() != made:
        sys.exit(f"{path.name} is not what this program makes")


if __name__ == "__main__":
    main()
