"""Writers in processes of their own: `python -m tests.journal.workers URL FOLDER WORKERS`.

Forks the workers, which begin together; each leaves in FOLDER a file of what it was told, a JSON line an entry.
"""

import json
import os
import sys
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ledger.journal.append import writing
from ledger.journal.engine import configure
from tests.journal import support as s

ROUNDS = 5


def fresh_engine(url):
    engine = sa.create_engine(url, poolclass=NullPool)
    configure(engine)
    return engine


def work(engine, worker):
    """Append in transactions of one and of many entries, some of them the same for all workers."""
    told = []
    for turn in range(ROUNDS):
        shared = s.gift(3, ref=f"shared/{turn}", private={"donor": "Zhao Qian"})
        spent = s.spend(1, ref=f"{worker}/spend/{turn}")
        batch = [s.gift(2, ref=f"{worker}/batch/{turn}/{n}", private={"donor": "Sun Li"}) for n in range(4)]
        for drafts in ([s.gift(1, ref=f"{worker}/single/{turn}")], [shared], [*batch, shared, spent]):
            with writing(engine, s.BOOK) as writer:
                made = writer.append(drafts)
            told += [[entry.body["ref"], entry.seq, entry.leaf.hex(), entry.repeated] for entry in made]
    return told


def main(url, folder, workers):
    begin, children = time.time() + 0.2, []
    for worker in range(int(workers)):
        pid = os.fork()
        if not pid:
            time.sleep(max(0, begin - time.time()))
            told = work(fresh_engine(url), worker)
            Path(folder, f"{worker}.json").write_text(json.dumps(told))
            os._exit(0)
        children.append(pid)
    sys.exit(max(os.waitpid(pid, 0)[1] for pid in children))


if __name__ == "__main__":
    main(*sys.argv[1:])
