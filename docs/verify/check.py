#!/usr/bin/env python3
"""Checks an export or a receipt of Medlock with no code of Medlock's.

    check.py DIR [--policy FILE] [--log PLACE]    an export; the policy file says whom you believe, the place is a
                                                  URL or a folder with the log's files if they are not in the export
    check.py receipt FILE --policy FILE           the receipt of one event

Needs Python 3.9, `blake3` and `cryptography`. What the files are: README.md beside this script. Exits 0 if all
is right, 1 if something is wrong, 2 if it could not be asked that way, 3 if it could not be read: a file that is cut
or not there, a log that does not answer. Nobody is accused by that.
"""

import argparse, base64, datetime, hashlib, http.client, json, pathlib, re, struct, sys, urllib.error, urllib.request
from blake3 import blake3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ACTOR = f"[a-z]+(:{UUID})?"
OPTIONAL = ("behalf", "causeevent", "request")
MEMBERS = {
    "actor": ACTOR, "behalf": ACTOR, "cause": UUID, "causeevent": UUID, "id": UUID, "prev": "[0-9a-f]{64}",
    "request": "[0-9a-f]{32}", "salt": "[0-9a-f]{32}", "source": "[a-z0-9.-]+(/[a-z0-9._-]+)*",
    "specversion": r"1\.0", "stream": f"[a-z]+(-({UUID}|[0-9a-f]+))?",
    "time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z",
    "type": r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.v[1-9][0-9]*",
}


class Wrong(Exception):
    """What is wrong, and at which position of the log if it has one."""

    def __init__(self, why, position=None):
        super().__init__(why if position is None else f"position {position}: {why}")
        self.position = position


class Unread(Wrong):
    """What could not be looked at: whoever has it knows neither that it is right nor that it is wrong."""


def need(condition, why, position=None, kind=Wrong):
    if not condition:
        raise kind(why, position)


def restored(raw):
    """Text as it was written: what systems on the way put in front of it, or at the ends of its lines, is undone."""
    return raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def object_in(path):
    """The canonical object in a small file; a file that holds none was cut, or is another one."""
    try:
        return canonical(restored(path.read_bytes()).removesuffix(b"\n"))
    except (OSError, Wrong) as error:
        raise Unread(f"{path.name} could not be read: {error}")


def unbase64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    need(raw and base64.b64encode(raw).decode() == text, f"{text[:80]!r} is not base64", kind=Unread)
    return raw


# --- Lines: their form, and each stream's chain ---------------------------------------------------------------------


def canonical(raw):
    """Parses bytes that must be their own RFC 8785 form; member names here sort by bytes as by UTF-16."""
    def members(pairs):
        need(len(dict(pairs)) == len(pairs), "a member stands twice")
        need(all(re.fullmatch("[a-z][a-z0-9_]*", name) for name, _ in pairs), "a member's name")
        return dict(pairs)

    def walk(value, depth=0):
        need(depth <= 32, "more than 32 levels")
        need(value is not None and not isinstance(value, float), "a null or a float")
        need(not isinstance(value, int) or abs(value) < 2**53, "an integer out of range")
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(item, depth + 1)

    try:
        value = json.loads(raw.decode(), object_pairs_hook=members)
        walk(value)
        again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        raise Wrong("not JSON")
    need(again == raw, "not in canonical form")
    return value


def event(raw):
    """The event that a line's bytes are, newline not counted."""
    need(len(raw) <= 65_536, "longer than 65,536 bytes")
    line = canonical(raw)
    need(isinstance(line, dict), "not an object")
    for name, form in MEMBERS.items():
        fits = isinstance(line.get(name), str) and re.fullmatch(form, line[name])
        need(fits or name in OPTIONAL and name not in line, f"the member {name!r} is missing or not of its form")
    version, data = line.get("version"), line.get("data")
    need(type(version) is int and 0 <= version < 2**31, "the member 'version' is missing or not of its form")
    need(isinstance(data, dict), "the member 'data' is missing or not of its form")
    try:
        datetime.datetime.fromisoformat(line["time"][:-1])
    except ValueError:
        raise Wrong("the member 'time' is no time")
    return line


def follow(line, raw, heads):
    """Holds a line against the one before it in its stream; `heads` has each stream's newest version and hash."""
    stream, version = line["stream"], line["version"]
    before, prev = heads.get(stream, (-1, "0" * 64))
    need(version == before + 1, f"{stream} goes on with version {version} after {before}")
    need(line["prev"] == prev, f"prev of {stream} version {version} is not the hash of the line before it")
    heads[stream] = version, blake3(raw).hexdigest()


# --- The tree: RFC 6962 over the leaves, C2SP tiles -----------------------------------------------------------------


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def climb(row):
    """The root over a row of hashes."""
    while len(row) > 1:
        pairs = [sha256(b"\1", row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = pairs + row[len(row) & ~1 :]
    return row[0] if row else sha256()


def matches(leaf, raw, position=None):
    digests = blake3(raw).digest() + sha256(raw)
    need(len(leaf) == 100 and leaf[:4] == b"MLK1" and leaf[36:] == digests,
         "the leaf does not carry the digests of the line", position)


def fetch(place, name):
    """A file of a log that lies in a folder or is served below a URL; None if it is not there."""
    if not re.match("https?://", str(place)):
        path = pathlib.Path(place) / name
        return path.read_bytes() if path.is_file() else None
    try:
        with urllib.request.urlopen(f"{place.rstrip('/')}/{name}", timeout=30) as answer:
            return answer.read(1 << 20)
    except urllib.error.HTTPError as error:
        # Stores that list nothing to strangers say 403 of a partial tile that is not there.
        need(error.code == 404 or error.code == 403 and ".p/" in name, f"{name}: {error}", kind=Unread)
    except (OSError, http.client.HTTPException) as error:
        raise Unread(f"{name}: {error}")


class Tree:
    """A log's tiles and entry bundles, for a tree of `size` leaves."""

    def __init__(self, place, size):
        self.place, self.size = place, size
        self.leaves = [leaf for n in range(-(-size // 256)) for leaf in self.bundle(n)]
        self.hashes = [sha256(b"\0", leaf) for leaf in self.leaves]

    def read(self, kind, n, width):
        """The first `width` rows of a tile or bundle; a partial one is also the beginning of the full one."""
        groups, rest = [f"{n % 1000:03}"], n // 1000
        while rest:
            groups, rest = [f"x{rest % 1000:03}", *groups], rest // 1000
        name, row = f"tile/{kind}/{'/'.join(groups)}", 102 if kind == "entries" else 32
        partial = fetch(self.place, f"{name}.p/{width}") if width < 256 else None
        name, raw, rows = (name, fetch(self.place, name), 256) if partial is None else (f"{name}.p/{width}", partial, width)
        at = n << 8 * (1 if kind == "entries" else kind + 1)
        need(raw is not None, f"{name} is missing", at)
        need(len(raw) == rows * row, f"{name} has not the length of {rows} rows", at)
        return [raw[i * row : (i + 1) * row] for i in range(width)]

    def bundle(self, n):
        entries = self.read("entries", n, min(256, self.size - n * 256))
        for i, entry in enumerate(entries):
            need(entry[:6] == b"\0\x64MLK1", "the bundle's entry is no leaf", n * 256 + i)
        return [entry[2:] for entry in entries]

    def leaf(self, position):
        return self.leaves[position]

    def check_tiles(self):
        level, row = 0, self.hashes
        while row:
            for n in range(0, len(row), 256):
                part = row[n : n + 256]
                for i, hash in enumerate(self.read(level, n // 256, len(part))):
                    need(hash == part[i], f"level {level} of the tiles is not what the leaves below give",
                         n + i << 8 * level)
            row = [climb(row[n : n + 256]) for n in range(0, len(row) - 255, 256)]
            level += 1


def climb_path(leaf, index, size, path):
    """The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2)."""
    need(index < size, "the index is not below the checkpoint's size")
    node, last, root = index, size - 1, sha256(b"\0", leaf)
    for sibling in path:
        need(last > 0, "the path is too long")
        if node & 1 or node == last:
            root = sha256(b"\1", sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = sha256(b"\1", root, sibling)
        node, last = node >> 1, last >> 1
    need(last == 0, "the path is too short")
    return root


# --- Notes and whom to believe --------------------------------------------------------------------------------------


class Key:
    """A verifier key: name, id, kind (1 log, 4 witness), public key."""

    def __init__(self, text, kind):
        self.name, key_id, key = (text.split("+", 2) + ["", ""])[:3]
        raw = unbase64(key)
        need(len(raw) == 33 and raw[0] == kind, f"{text!r} is no verifier key of kind {kind}")
        self.kind, self.raw = kind, raw[1:]
        need(sha256(self.name.encode(), b"\n", raw)[:4].hex() == key_id, f"the key id of {text!r}")
        self.id = bytes.fromhex(key_id)

    def verify(self, text, signature):
        """Checks a signature; answers the time of a cosignature, else None."""
        seconds = None
        if self.kind == 4:
            (seconds,), signature = struct.unpack(">Q", signature[:8].rjust(8, b"\0")), signature[8:]
            text = f"cosignature/v1\ntime {seconds}\n{text}"
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            need(len(signature) == 64, f"the signature by {self.name} is cut off", kind=Unread)
            raise Wrong(f"the signature by {self.name} is not right")
        return seconds


class Note:
    """A checkpoint with its signatures, none of them believed yet."""

    def __init__(self, note):
        self.text, _, below = note.rpartition("\n\n")
        self.text += "\n"
        self.signatures = {}
        need(below.endswith("\n"), "the checkpoint is cut off", kind=Unread)
        for line in below[:-1].split("\n"):
            words = line.split(" ")
            signed = len(words) == 3 and words[0] == "\u2014"
            need(signed, "a line below the checkpoint is no signature", kind=Unread)
            raw = unbase64(words[2])
            self.signatures.setdefault((words[1], raw[:4]), raw[4:])
        self.origin, size, root = (self.text.split("\n") + ["", ""])[:3]
        formed = re.fullmatch("0|[1-9][0-9]*", size) and len(unbase64(root)) == 32
        need(formed, "the checkpoint has not its form", kind=Unread)
        self.size, self.root = int(size), unbase64(root)

    def by(self, keys):
        """Those of the keys that have signed, and when; a bad signature by any of them spoils the note."""
        claimed = [key for key in keys if (key.name, key.id) in self.signatures]
        return {key: key.verify(self.text, self.signatures[key.name, key.id]) for key in claimed}


class Policy:
    """c2sp.org/tlog-policy: logs, witnesses, groups, and the quorum that must have cosigned."""

    def __init__(self, text):
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, {"none": (0, [])}, None
        for line in text.split("\n"):
            kind, *words = line.split() or ["#"]
            fresh = bool(words) and words[0] not in self.witnesses.keys() | self.groups.keys()
            if kind == "log" and words:
                self.logs.append(Key(words[0], 1))
            elif kind == "witness" and len(words) > 1 and fresh:
                self.witnesses[words[0]] = Key(words[1], 4)
            elif kind == "group" and len(words) > 2 and fresh:
                count = {"any": "1", "all": str(len(words) - 2)}.get(words[1], words[1])
                known = set(words[2:]) <= (self.witnesses.keys() | self.groups.keys()) - {"none"}
                need(known and re.fullmatch("[1-9][0-9]*", count), f"the policy's line {line!r}")
                self.groups[words[0]] = int(count), words[2:]
            elif kind == "quorum" and len(words) == 1 and self.quorum is None:
                self.quorum = words[0]
            else:
                need(kind.startswith("#"), f"the policy's line {line!r}")
        need(self.quorum in {*self.witnesses, *self.groups}, "the policy names no quorum")
        need(len({key.raw for key in self.witnesses.values()}) == len(self.witnesses), "one witness has two names")

    def fulfilled(self, name, cosigned):
        count, members = self.groups.get(name, (1, []))
        return name in cosigned or sum(self.fulfilled(member, cosigned) for member in set(members)) >= count

    def judge(self, note):
        """Who vouches for a checkpoint, in words."""
        logs = note.by(self.logs)
        need(any(key.name == note.origin for key in logs), f"no log that we believe has signed as {note.origin}")
        signed = note.by(self.witnesses.values())
        cosigned = {name: signed[key] for name, key in self.witnesses.items() if key in signed}
        need(self.fulfilled(self.quorum, cosigned),
             f"{len(cosigned)} of the policy's {len(self.witnesses)} witnesses have cosigned it, which is no quorum")
        said, unknown = [f"signed by {note.origin}"], len(note.signatures) - len(logs) - len(signed)
        for name, seconds in cosigned.items():
            said.append(f"cosigned by {name} at {datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)}")
        said += [f"{unknown} signature(s) by keys that are not known here"] if unknown else []
        return ", ".join(said)


class Proofs:
    """In place of a tree: a c2sp.org/tlog-proof for each line, all ending in the same checkpoint."""

    def __init__(self, folder, note):
        self.folder, self.note, self.size = folder, note, note.size

    def leaf(self, position):
        leaf, index, root, note = proved((self.folder / f"{position}.tlog-proof").read_text())
        need(index == position and note.text == self.note.text, "its proof is of another place or checkpoint")
        need(root == note.root, "the path does not lead from the leaf to the checkpoint's root")
        return leaf


def proved(text):
    """Leaf, index, the root it leads to, and checkpoint of a c2sp.org/tlog-proof@v1 whose extra data is the leaf."""
    head, _, note = text.partition("\n\n")
    header, extra, index, *path = head.split("\n") + ["", ""]
    note, path = Note(note), [unbase64(hash) for hash in path if hash]
    form = header == "c2sp.org/tlog-proof@v1" and re.fullmatch("index (0|[1-9][0-9]*)", index)
    need(form and extra.startswith("extra "), "this is no proof with its leaf", kind=Unread)
    leaf, index = unbase64(extra[6:]), int(index[6:])
    return leaf, index, climb_path(leaf, index, note.size, path), note


# --- An export, a receipt -------------------------------------------------------------------------------------------


class Export:
    """A folder, and what was found out about it."""

    def __init__(self, folder, policy, log):
        self.folder, self.policy, self.own, self.log = folder, policy, policy is None, log
        self.wrong, self.shown, self.unchecked = [], [], []
        self.heads, self.expected, self.keys, self.count, self.newer = {}, {}, {}, 0, 0
        self.tree, self.whole, self.said, self.sources = None, None, {}, set()  # whole: a tree with all its leaves
        self.note = None

    def text(self, name):
        path = self.folder / name
        return path.read_text("utf-8-sig") if path.is_file() else ""

    def run(self):
        """Runs every check; what each finds wrong is kept, so that the first position can be named."""
        for check in self.checkpoint, self.manifest, self.lines, self.completeness, self.tiles, self.receipts:
            try:
                check()
            except Wrong as wrong:
                self.wrong.append(wrong)
            except Exception as error:  # A file that has not its form can make any of them.
                self.wrong.append(Unread(f"the {check.__name__} could not be read: {error}"))

    def checkpoint(self):
        if self.own:
            self.policy = Policy(self.text("policy") or "quorum none")
            self.policy.logs = [Key(line, 1) for line in self.text("keys.txt").splitlines()]
        note = Note((self.folder / "log" / "checkpoint").read_text("utf-8-sig"))
        said, self.note = self.policy.judge(note), note
        proofs, log = self.folder / "proofs", self.log or self.folder / "log"
        if self.log or not proofs.is_dir():
            self.tree = self.whole = Tree(log, self.note.size)
        else:
            self.tree = Proofs(proofs, self.note)
        self.shown.append(f"the checkpoint of {self.note.origin} over {self.note.size} leaves is {said}")

    def manifest(self):
        self.said = object_in(self.folder / "manifest.json")
        need(self.said.get("format") in (1, 2), "the manifest is of a format that is not known here")
        for file in [{"path": "events.jsonl", "blake3": self.said["blake3"]}, *self.said.get("digests", [])]:
            path, said = self.folder / file["path"], file["blake3"]
            if blake3().update_mmap(path).hexdigest() == said:
                continue
            raw = restored(path.read_bytes())
            need(raw.endswith(b"\n"), f"{file['path']} is cut off", kind=Unread)
            if file["path"] == "log/checkpoint" and not self.note:
                continue  # It was said that it could not be read.
            need(blake3(raw).hexdigest() == said, f"{file['path']} is not the file that the manifest speaks of")

    def lines(self):
        keys = (line.split(" ") for line in self.text("stream-keys").splitlines())
        self.keys = {stream: bytes.fromhex(key) for stream, key in keys}
        listed = [int(line) for line in self.text("positions").splitlines()]
        need(listed == sorted(set(listed)) and min(listed, default=0) >= 0, "the positions do not rise")
        with (self.folder / "events.jsonl").open("rb") as file:
            for self.count, raw in enumerate(file, 1):
                need(not listed or self.count <= len(listed), f"line {self.count} has no position")
                position = listed[self.count - 1] if listed else self.count - 1
                need(raw.endswith(b"\n"), "the line is cut off", position, Unread)
                raw = restored(raw)[:-1]
                try:
                    self.line(raw, position)
                except Wrong as wrong:
                    raise type(wrong)(str(wrong), position)
        need(not listed or len(listed) == self.count, "there are more positions than lines")
        found = {"events": self.count}
        if self.count:
            first, head = listed[0] if listed else 0, blake3(raw).hexdigest()
            found.update(first=first, last=position, head=head)
        if self.tree:
            found["origin"] = self.note.origin
        for name, value in found.items() if self.said else ():
            said = self.said.get(name, None if name == "events" else value)
            need(said == value, f"the manifest says {said!r} of {name!r}, which is {value!r}")
        whole = "streams" not in self.said if self.said else not listed
        need(not whole or not listed, "the manifest speaks of the whole log, and positions are listed")
        need(not whole or not self.tree or self.count >= self.tree.size, "the leaf has no line", self.count)
        scope = "the whole log" if whole else "of " + ", ".join(self.said.get("streams", ["a part of it"]))
        held = ", digests in the leaf" if self.tree else ""
        self.shown.append(f"{self.count} lines, {scope}: form, chain{held}")

    def line(self, raw, position):
        found = event(raw)
        stream, version = found["stream"], found["version"]
        follow(found, raw, self.heads)
        self.sources.add(found["source"])
        tag = self.tag(stream, version) if stream in self.keys else None
        self.expected[tag] = position, f"{stream} version {version}"
        if self.tree and position < self.tree.size:
            leaf = self.tree.leaf(position)
            matches(leaf, raw)
            need(tag in (None, leaf[4:36]), f"the leaf's tag is not that of {stream} version {version}")
        elif self.tree:
            self.newer += 1

    def tag(self, stream, version):
        return blake3(struct.pack(">Q", version), key=self.keys[stream]).digest()

    def completeness(self):
        """Each tag stands in all leaves once, where its line is, and the next one nowhere: nothing was withheld."""
        if not self.whole or any(wrong.position is not None or isinstance(wrong, Unread) for wrong in self.wrong):
            return
        newest = {stream: self.heads.get(stream, (-1,))[0] for stream in self.keys}
        nexts = {self.tag(stream, version + 1): stream for stream, version in newest.items()}
        for position, leaf in enumerate(self.whole.leaves):
            tag = leaf[4:36]
            need(tag not in nexts, f"the log has one more line of {nexts.get(tag)}, which is withheld", position)
            at, name = self.expected.get(tag, (position, ""))
            need(at == position, f"the tag of {name} stands here, and its line at position {at}", position)
        for stream, version in newest.items():
            self.shown.append(f"{stream}: versions 0 to {version} are all there is up to the checkpoint")

    def tiles(self):
        if self.whole:
            self.whole.check_tiles()
            need(climb(self.whole.hashes) == self.note.root, "the leaves do not give the checkpoint's root")
            self.shown.append("entry bundles, tiles and the checkpoint's root agree")

    def receipts(self):
        for path in sorted(self.folder.glob("receipts/*.json")) if self.whole else ():
            receipt = object_in(path)
            note = Note(receipt["note"])
            note.by(self.policy.logs)
            agrees = note.size <= self.whole.size and climb(self.whole.hashes[: note.size]) == note.root
            need(agrees and note.origin == self.note.origin, f"{path.name}: what was anchored is another tree")
            self.shown.append(f"{path.name}: what it says was anchored is the beginning of this tree")
            self.unchecked.append(f"{path.name}: that it was anchored; ask {receipt['anchor']} for it")

    def report(self):
        keyless = len(self.heads.keys() - self.keys.keys())
        others = sorted(self.sources - {self.note.origin}) if self.tree else []
        for condition, words in [
            (not self.tree, "leaves, tags, tiles, receipts: there is no checkpoint to hold them against"),
            (self.tree and not self.whole, "that nothing was withheld: it takes all leaves of the log, --log"),
            (self.newer, f"{self.newer} line(s) newer than the checkpoint: no root covers them yet"),
            (others, f"lines of {', '.join(others)}: that this log goes on from there stands at its position 0"),
            (keyless, f"the tags of {keyless} stream(s) whose key is not here: erased, or another subject's"),
            (self.own, "whose keys these are: they came with the export; bring a policy file, --policy"),
        ]:
            self.unchecked += [words] if condition else []
        verdict = f"Right: {self.count - self.newer} lines stand in the log as the policy asks."
        if self.own:
            verdict = "Right in itself: the export agrees with itself and with the keys that came with it."
        # What has a position names the place; what has none concerns them all and comes after.
        self.wrong.sort(key=lambda wrong: (wrong.position is None, wrong.position or 0))
        return finish(self.wrong, verdict, self.shown, self.unchecked)


LIMITS = [
    "what was never logged: no log can show it",
    "sealed personal text, reports' files, and whether each view was allowed",
    "times: the organisation's own claim; cosignatures alone say when somebody else saw the tree",
    "whether there is a newer checkpoint than this one",
]


def finish(found, verdict, shown, unchecked):
    """What is wrong counts more than what could not be read, and that more than what is right."""
    wrong = [one for one in found if not isinstance(one, Unread)]
    unread = [one for one in found if isinstance(one, Unread)]
    if wrong:
        verdict = f"WRONG: {wrong[0]}"
    elif unread:
        verdict = f"Could not be read: {unread[0]}"
    print(verdict)
    unchecked = [f"what could not be read: {one}" for one in unread] + unchecked + LIMITS
    for label, lines in ("also wrong", wrong[1:]), ("checked", shown), ("NOT checked", unchecked):
        for line in lines:
            print(f"  {label}: {line}")
    return 1 if wrong else 3 if unread else 0


def check_receipt(text, policy):
    """The event's line, a newline, a proof."""
    raw, _, proof = text.partition("\n")
    need(proof, "the receipt is cut off", kind=Unread)
    line, (leaf, index, root, note) = event(raw.encode()), proved(proof)
    matches(leaf, raw.encode(), index)
    said = policy.judge(note)
    need(root == note.root, "the path does not lead from the leaf to the checkpoint's root", index)
    return [f"{line['type']} of {line['time']}, written for {line['source']}, stands at position {index} of {note.origin}",
            f"its checkpoint over {note.size} leaves is {said}"]


def main(words):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", nargs="+", metavar="DIR | receipt FILE")
    parser.add_argument("--log", help="where the log's files are, if they are not in the export: a URL or a folder")
    parser.add_argument("--policy", type=pathlib.Path, help="whom you believe: a c2sp.org/tlog-policy file")
    asked = parser.parse_args(words)
    receipt = asked.what[0] == "receipt" and len(asked.what) == 2
    if not receipt and len(asked.what) != 1 or receipt and not asked.policy:
        parser.error("name a folder, or `receipt`, a file and --policy")
    try:
        policy = Policy(asked.policy.read_text()) if asked.policy else None
        if not receipt:
            export = Export(pathlib.Path(asked.what[0]), policy, asked.log)
            export.run()
            return export.report()
        shown, wrong = check_receipt(pathlib.Path(asked.what[1]).read_text("utf-8-sig"), policy), []
    except Wrong as found:
        shown, wrong = [], [found]
    except Exception as found:  # A file that has not its form can make any of them.
        shown, wrong = [], [Unread(str(found))]
    unchecked = ["its chain and its tag: the stream's other lines and its key are not here"]
    return finish(wrong, "Right: the event stands in the log as the policy asks.", shown, unchecked)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
