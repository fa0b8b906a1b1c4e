"""The service that airq replaces, as one writes it: Flask, psycopg2, Redis for an hour. It answers what airq answers.

DATABASE_URL, REDIS_URL; CACHE=off asks the database each time; MAKE says how an answer is made: `dicts` (rows to dicts,
jsonify), `orjson` (rows to dicts, orjson) or `sql` (PostgreSQL makes the JSON).
"""

import os
import threading

import orjson
import psycopg2
import redis
from flask import Flask, Response, jsonify, request

POLLUTANTS = ("so2", "no2", "co", "o3", "pm10", "pm2_5")
UNITS = {name: "mg/m³" if name == "co" else "µg/m³" for name in POLLUTANTS}
HOUR = 3600

ROWS = """
select s.id, s.name, s.city, s.country, s.latitude, s.longitude, m.time at time zone 'UTC', so2, no2, co, o3, pm10, pm2_5
from measurements m join stations s on s.id = m.station_id
where m.station_id = any(%(station)s) and m.time >= %(from)s and m.time < %(to)s
order by m.station_id, m.time
"""
STATION = ("id", "name", "city", "country", "latitude", "longitude")

JSON = """
select coalesce(json_agg(station order by station ->> 'id' collate "C"), '[]')::text, coalesce(sum(count), 0)
from (
    select count(*), json_build_object(
        'id', s.id, 'name', s.name, 'city', s.city, 'country', s.country, 'latitude', s.latitude, 'longitude', s.longitude,
        'measurements', json_agg(json_build_object(
            'time', to_char(m.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'so2', so2, 'no2', no2, 'co', co, 'o3', o3, 'pm10', pm10, 'pm2_5', pm2_5) order by m.time)) as station
    from measurements m join stations s on s.id = m.station_id
    where m.station_id = any(%(station)s) and m.time >= %(from)s and m.time < %(to)s
    group by s.id
) as stations
"""

app = Flask(__name__)
app.json.sort_keys = False
app.json.ensure_ascii = False
app.json.compact = True
cache = None if os.environ.get("CACHE") == "off" else redis.Redis.from_url(os.environ["REDIS_URL"])
local = threading.local()


def cursor():
    """A cursor of this thread's connection."""
    if not hasattr(local, "connection"):
        local.connection = psycopg2.connect(os.environ["DATABASE_URL"])
        local.connection.set_session(readonly=True, autocommit=True)
    return local.connection.cursor()


def moment(time):
    return time.isoformat(timespec="milliseconds") + "Z"


def document(asked):
    """The answer as dicts and lists."""
    with cursor() as rows:
        rows.execute(ROWS, asked)
        stations, count = [], 0
        for row in rows:
            if not stations or stations[-1]["id"] != row[0]:
                stations.append(dict(zip(STATION, row), measurements=[]))
            measurement = {"time": moment(row[6]), **dict(zip(POLLUTANTS, row[7:]))}
            stations[-1]["measurements"].append(measurement)
            count += 1
    return {"query": asked, "units": UNITS, "stations": stations, "page": {"count": count, "next": None}}


def by_dicts(asked):
    return jsonify(document(asked)).get_data()


def by_orjson(asked):
    return orjson.dumps(document(asked))


def by_sql(asked):
    with cursor() as rows:
        rows.execute(JSON, asked)
        stations, count = rows.fetchone()
    head = orjson.dumps({"query": asked, "units": UNITS}).decode()
    return f'{head[:-1]},"stations":{stations},"page":{{"count":{count},"next":null}}}}'.encode()


make = {"dicts": by_dicts, "orjson": by_orjson, "sql": by_sql}[os.environ.get("MAKE", "dicts")]


@app.get("/v1/air_quality")
def air_quality():
    key = "flask:" + request.query_string.decode()
    body = cache.get(key) if cache else None
    if body is None:
        asked = {"station": request.args.getlist("station"), "from": request.args["from"], "to": request.args["to"]}
        body = make(asked)
        if cache:
            cache.setex(key, HOUR, body)
    return Response(body, mimetype="application/json")
