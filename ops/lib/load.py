"""Clients that ask all the while, and the table of what was done and seen."""

import http.client
import random
import statistics
import sys
import threading
import time

from throwaway import say


class Table:
    """What was done and seen, printed as it comes and whole at the end. Every row is checked: `good` says whether it holds."""

    def __init__(self):
        self.rows = []

    def row(self, done, seen, good):
        self.rows.append((done, seen, good))
        say(f"  {'ok' if good else 'NOT OK'}: {done}: {seen}")

    def show(self):
        width = max((len(done) for done, _, _ in self.rows), default=0)
        for done, seen, good in self.rows:
            print(f"| {done:{width}} | {'' if good else 'NOT OK: '}{seen} |")
        sys.stdout.flush()
        return bool(self.rows) and all(good for *_, good in self.rows)


class Load:
    """Clients that ask through the front until told to stop: mostly what was asked before, a share of what never was."""

    def __init__(self, port, clients=8, host="127.0.0.1", share=0.1):
        self.host, self.port, self.share = host, port, share
        self.failed, self.times = [], []
        self.fresh = 0
        self.going = True
        self.threads = [threading.Thread(target=self.ask) for _ in range(clients)]

    def __enter__(self):
        self.began = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.going = False
        for thread in self.threads:
            thread.join()
        self.seconds = time.monotonic() - self.began

    def target(self):
        if random.random() < self.share:
            self.fresh += 1
            return f"/v1/air_quality?city=Madrid&limit={random.randrange(1, 100000)}"
        return random.choice(["/v1/latest?city=Madrid", "/v1/air_quality?city=Barcelona", "/v1/air_quality?city=Bilbao"])

    def ask(self):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        while self.going:
            target, began = self.target(), time.monotonic()
            try:
                connection.request("GET", target)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    self.failed.append(f"{target}: {answer.status} {body[:200]}")
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(f"{target}: {error!r}")
                connection.close()
            self.times.append(time.monotonic() - began)
            time.sleep(0.005)

    def seen(self):
        return (
            f"{len(self.times)} requests in {self.seconds:.0f} s, {self.fresh} of them never asked before, "
            f"{len(self.failed)} failed; half within {statistics.median(self.times) * 1000:.1f} ms, "
            f"99 in 100 within {statistics.quantiles(self.times, n=100)[98] * 1000:.0f} ms, "
            f"the slowest {max(self.times):.2f} s"
        )
