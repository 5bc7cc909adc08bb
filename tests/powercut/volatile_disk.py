"""An nbdkit plugin: a disk with a cache that forgets. What was not flushed is lost at the cut, as when the power goes.

Written sectors stay in memory until FLUSH. When the file CUT appears, they are dropped; with `torn` in that file, about half of the
512-byte sectors, drawn by SEED, reach the disk before. From then on every request fails with EIO.
Environment: IMG the image, SIZE_MB its size, CUT the control file, STAT where it is written what was lost.
"""
import errno, io, os, random, threading
import nbdkit

API_VERSION = 2
SECTOR = 512
IMG, CUT, STAT = os.environ["IMG"], os.environ["CUT"], os.environ["STAT"]
SIZE = int(os.environ["SIZE_MB"]) << 20
image = io.open(IMG, "r+b" if os.path.exists(IMG) else "w+b")
image.truncate(SIZE)
cache, lock, dead = {}, threading.Lock(), False


def open(readonly):
    return 1


def get_size(handle):
    return SIZE


def can_flush(handle):
    return True


def can_fua(handle):
    return nbdkit.FUA_EMULATE


def can_multi_conn(handle):
    return True


def store(sectors):
    for sector in sorted(sectors):
        image.seek(sector * SECTOR)
        image.write(cache[sector])
    image.flush()


def check():
    global dead
    if not dead and os.path.exists(CUT):
        dead = True
        kept = []
        if "torn" in io.open(CUT).read():
            chance = random.Random(os.environ["SEED"])
            kept = [sector for sector in cache if chance.random() < 0.5]
            store(kept)
        with io.open(STAT + ".part", "w") as out:
            out.write(f"{len(cache) - len(kept)} {len(kept)}\n")
        os.rename(STAT + ".part", STAT)
        cache.clear()
    if dead:
        nbdkit.set_error(errno.EIO)
        raise RuntimeError("the power is off")


def pread(handle, buffer, offset, flags):
    with lock:
        check()
        count = len(buffer)
        image.seek(offset)
        data = bytearray(image.read(count).ljust(count, b"\0"))
        for sector in range(offset // SECTOR, (offset + count + SECTOR - 1) // SECTOR):
            held = cache.get(sector)
            if held is not None:
                start = sector * SECTOR - offset
                first, end = max(0, start), min(count, start + SECTOR)
                data[first:end] = held[first - start : end - start]
        buffer[:] = data


def pwrite(handle, buffer, offset, flags):
    with lock:
        check()
        data = bytes(buffer)
        for at in range(0, len(data), SECTOR):
            cache[(offset + at) // SECTOR] = data[at : at + SECTOR]


def flush(handle, flags):
    with lock:
        check()
        store(cache)
        cache.clear()
