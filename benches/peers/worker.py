"""Runs the queries of one peer in this process: a request per line of standard input, a result per line of standard output.

Each peer is written the way that was the fastest of the alternatives tried: typed or text columns, lazy or eager, one query
or two. Every answer is NDJSON with the columns station, time and the pollutants, ordered by station and time.
"""

import gc
import json
import os
import sys
import time
from types import SimpleNamespace

from measure import POLLUTANTS, peak_of_process

THREADS = 2


class DuckDb:
    def __init__(self):
        import duckdb

        self.connection = duckdb.connect(config={"threads": THREADS, "preserve_insertion_order": False})

    def write(self, request, query):
        self.connection.execute(f"copy ({query}) to '{request.out}' (format json)")

    def table(self, request, time="VARCHAR", station="VARCHAR", value="VARCHAR"):
        types = {"time": time, "station": station, **dict.fromkeys(POLLUTANTS, value)}
        columns = ", ".join(f"{name}: $${type}$$" for name, type in types.items())
        options = "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', new_line = '\\n'"
        return f"read_csv('{request.source}', {options}, columns = {{{columns}}})"

    def city_day(self, request):
        values = ", ".join(f"{name}::DOUBLE as {name}" for name in POLLUTANTS)
        condition = f"time >= '{request.begin}' and time < '{request.end}' and station in {tuple(request.city_stations)}"
        self.write(request, f"select station, time, {values} from {self.table(request)} where {condition} order by station, time")

    def latest(self, request):
        values = ", ".join(f"arg_max({name}, time)::DOUBLE as {name}" for name in POLLUTANTS)
        query = f"select station, max(time) as time, {values} from {self.table(request)} group by station order by station"
        self.write(request, query)

    def means(self, request, period):
        values = ", ".join(f"avg({name}) as {name}" for name in POLLUTANTS)
        # Enumerated stations and integer periods are faster to group by than text and the timestamps of date_trunc.
        table = self.table(request, "TIMESTAMP", f"ENUM {tuple(request.all_stations)}", "DOUBLE")
        means = f"select station, epoch_us(time) // {period} as period, {values} from {table} group by all order by 1, 2"
        self.write(request, f"select station, make_timestamp(period * {period}) as time, {', '.join(POLLUTANTS)} from ({means})")

    def daily(self, request):
        self.means(request, 86_400_000_000)

    def hourly(self, request):
        self.means(request, 3_600_000_000)

    def stations(self, request):
        self.write(request, f"select distinct station from {self.table(request)} order by station")


class Polars:
    def __init__(self):
        os.environ["POLARS_MAX_THREADS"] = str(THREADS)
        import polars

        self.polars = polars

    def write(self, request, table):
        table.sink_ndjson(request.out, engine="streaming")

    def table(self, request, value, station=None):
        text = self.polars.String
        schema = {"time": text, "station": station or text, **dict.fromkeys(POLLUTANTS, value)}
        return self.polars.scan_csv(request.source, schema=schema, has_header=False, skip_rows=1, quote_char=None)

    def city_day(self, request):
        column, table = self.polars.col, self.table(request, self.polars.String)
        in_city = column("station").is_in(request.city_stations)
        in_range = (column("time") >= request.begin) & (column("time") < request.end)
        numbers = column(POLLUTANTS).cast(self.polars.Float64)
        self.write(request, table.filter(in_city & in_range).with_columns(numbers).sort("station", "time"))

    def latest(self, request):
        newest = self.polars.all().max_by("time")
        numbers = self.polars.col(POLLUTANTS).cast(self.polars.Float64)
        table = self.table(request, self.polars.String)
        self.write(request, table.group_by("station").agg(newest).with_columns(numbers).sort("station"))

    def means(self, request, digits):
        column, table = self.polars.col, self.table(request, self.polars.Float64)
        period = column("time").str.slice(0, digits)
        self.write(request, table.group_by("station", period).agg(column(POLLUTANTS).mean()).sort("station", "time"))

    def daily(self, request):
        self.means(request, len("2016-10-01"))

    def hourly(self, request):
        self.means(request, len("2016-10-01 00"))

    def stations(self, request):
        table = self.table(request, self.polars.String, self.polars.Categorical)
        self.write(request, table.select("station").unique().sort("station"))


class Pandas:
    def __init__(self):
        import pandas
        import pyarrow

        self.pandas = pandas
        pyarrow.set_cpu_count(THREADS)

    def write(self, request, table):
        table.to_json(request.out, orient="records", lines=True, date_format="iso", double_precision=15)

    def table(self, request, columns=None):
        # PyArrow also reads the times as timestamps.
        types = {"id_entity": "category", **dict.fromkeys(POLLUTANTS, "float64")}
        table = self.pandas.read_csv(request.source, engine="pyarrow", usecols=columns, dtype=types)
        return table.rename(columns={"TimeInstant": "time", "id_entity": "station"})

    def city_day(self, request):
        table = self.table(request)
        in_range = (table.time >= request.begin) & (table.time < request.end)
        self.write(request, table[in_range & table.station.isin(request.city_stations)].sort_values(["station", "time"]))

    def latest(self, request):
        table = self.table(request)
        newest = table.groupby("station", observed=True).time.idxmax()
        self.write(request, table.loc[newest].sort_values("station"))

    def means(self, request, period):
        table = self.table(request)
        periods = table.time.dt.floor(period)
        means = table.groupby([table.station, periods], observed=True)[list(POLLUTANTS)].mean()
        self.write(request, means.reset_index())

    def daily(self, request):
        self.means(request, "D")

    def hourly(self, request):
        self.means(request, "h")

    def stations(self, request):
        self.write(request, self.table(request, ["id_entity"]).drop_duplicates().sort_values("station"))


def main():
    peer = {"DuckDB": DuckDb, "Polars": Polars, "pandas": Pandas}[sys.argv[1]]()
    for line in sys.stdin:
        request = SimpleNamespace(**json.loads(line))
        gc.collect()
        # Resets the peak of this process.
        with open("/proc/self/clear_refs", "w", encoding="utf-8") as file:
            file.write("5")
        began = time.perf_counter()
        getattr(peer, request.job)(request)
        seconds = time.perf_counter() - began
        print(json.dumps([seconds, peak_of_process(os.getpid())]), flush=True)


main()
