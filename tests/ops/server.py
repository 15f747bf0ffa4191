"""`python -m tests.ops.server HOME`: a home's database and its receiver, in one process that can be killed."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from linli.ops.backup.mirror import Mirror
from linli.ops.backup.receiver import Receiver
from linli.ops.backup.words import keys_of, store_of
from linli.ops.home import Home
from linli.ops.postgres import Cluster


def receive(home: Home, cluster: Cluster, stop: threading.Event) -> None:
    while not (home.path / "backup.json").exists():
        if stop.wait(0.05):
            return
    store, keys = store_of(home), keys_of(home.secrets)
    assert store is not None
    Receiver(cluster.admin_url, store, keys, Mirror(home.path, store, keys)).run(stop.is_set)


def main() -> None:
    home = Home(Path(sys.argv[1]), "production")
    cluster, stop = Cluster(home.path).start(), threading.Event()
    thread = threading.Thread(target=receive, args=(home, cluster, stop), daemon=True)
    thread.start()
    sys.stdout.write("open\n")
    sys.stdout.flush()
    sys.stdin.read()
    time.sleep(0.2)
    stop.set()
    thread.join(5)
    cluster.stop()


if __name__ == "__main__":
    main()
