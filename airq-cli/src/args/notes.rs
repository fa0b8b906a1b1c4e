//! What `--help` says below the flags of a command.

pub(super) const EXAMPLES: &str = "\
Examples:
  airq-cli query --city Madrid --pollutant no2,o3 --from 2016-10-01 --to 2016-10-02
  airq-cli query --source measurements.csv --format ndjson | head -3
  airq-cli latest --near 40.42,-3.7 --radius 5km
  airq-cli convert measurements.csv --format json --output measurements.json

Exit codes:
  0  done (also when whoever reads the output stops early)
  1  failed: a file, a row or a source is at fault
  2  the command line or a setting cannot be used
  3  nothing by that name: an unknown city or station";

pub(super) const SOURCE: &str = "\
Where measurements come from: a CSV file, a directory or pattern of them, csv:PATH?city=NAME&stations=PATH&format=FORMAT, \
postgres://USER@HOST/DATABASE, or the URL of another airq server. AIRQ_SOURCE sets it too; without either, \
a sample that is built in";

pub(super) const CACHE: &str = "The cache to look at; without it that of AIRQ_CACHE [default: memory:64MiB]";

pub(super) const QUERY_NOTES: &str = "\
Formats:
  json     stations, each with its measurements (the default in a pipe)
  records  one flat array of measurements
  columns  stations, each with one array a field
  ndjson   one measurement a line
  csv      the rows, with a header
  geojson  the stations on the map with their newest values
  ngsi-ld  one AirQualityObserved entity a measurement, for FIWARE; ngsi-ld-normalized has
           units and times beside each value
  table    for people (the default on a terminal): times in UTC to the second, values
           rounded to one decimal (mg/m³ to two); the other formats have every digit

With --every, a row is a period's. A value that is missing because too few of the expected ones are
there is shown by their share, as (71%); the other formats have no2_capture beside no2.

Without --limit everything that matches is streamed.

Examples:
  airq-cli query --city madrid --pollutant no2
  airq-cli query --station aq_salvia --from 2016-10-01T06:00:00Z --to 2016-10-01T12:00:00Z
  airq-cli query --city madrid --every 1d --stat max --tz Europe/Madrid --from 2016-10-01
  airq-cli query --city Madrid --every 1d --tz Europe/Madrid --index eaqi-2024
  airq-cli query --limit 100 --format json | jq .page.next";

pub(super) const CONVERT_NOTES: &str = "\
Reads any CSV with a station, a time and pollutants by name: columns in any order and case,
parted by commas, semicolons or tabs; without a header, the columns
TimeInstant,id_entity,so2,no2,co,o3,pm10,pm2_5. One pass, rows in the order they come, memory
bounded (columns holds the rows of one station, geojson the newest row of each).

Files of Madrid, OpenAQ, the EEA, Sensor.Community, CPCB, PRSA and UCI are recognised by their
headers; --map reads any other table. In the first three a row is a part of a measurement: their
values are held until the end of the file, and rows come ordered by station and time.

json, columns and geojson group the rows of one station that come together: sort the input
by station if each station is to appear once.

Examples:
  airq-cli convert measurements.csv > measurements.json
  airq-cli convert old.csv.gz --format ndjson --skip-bad-rows
  airq-cli convert madrid.csv --summary --format csv > rows.csv
  airq-cli convert table.csv --map 'time=Date,station=Site,no2=NO2 (ppb)' --time-format %d/%m/%Y
  airq-cli convert measurements.csv --pollutant no2,o3 --format csv --output gases.csv";

pub(super) const PLOT_NOTES: &str = "\
Of several stations, a panel for each pollutant with a line for each station; of one, a panel for
each unit with a line for each pollutant. A line has a gap where values are missing.

The picture has its own font (DejaVu Sans), so that it looks the same everywhere.

Examples:
  airq-cli plot --city Madrid --pollutant no2
  airq-cli plot --station aq_salvia --tz Europe/Madrid --output salvia.svg
  airq-cli plot --city Madrid --pollutant o3 --every 1h --running 8h
  airq-cli plot --city Madrid --from 2016-10-01 --to 2016-10-02 --width 1200 -o madrid.png";

pub(super) const IMPORT_NOTES: &str = "\
Everything in one transaction: all of it, or nothing. The same again changes nothing; a corrected
file updates; of rows with one station and time the last wins. Every row is accepted, a duplicate,
rejected or ignored (it holds no measurement), and the four add up to the rows read. With more rejects than --max-rejects nothing is
imported. stations.csv beside the data is used if there is one.

The source must be a database: `airq-cli migrate` makes its tables. A password is best given by
AIRQ_SOURCE_PASSWORD_FILE.

Examples:
  airq-cli migrate --source postgres://airq@localhost/airq
  airq-cli import measurements/ --source postgres://airq@localhost/airq
  airq-cli import madrid.csv --city Madrid --time-zone Europe/Madrid --dry-run
  airq-cli import 2016.csv --max-rejects 100 --rejects rejects.csv";

pub(super) const MIGRATE_NOTES: &str = "\
In one transaction, once: many may do so at the same time. Makes the roles airq_reader and
airq_loader too, to be granted to the users that read and that import:
  grant airq_reader to api_user;

Example:
  airq-cli migrate --source postgres://owner@localhost/airq";

pub(super) const DOCTOR_NOTES: &str = "\
Each line is ok, warning or failed, what was looked at, what was found and how to mend it:
  source   whether it answers, and as whom
  schema   whether a database has every migration
  roles    whether airq_reader only reads, airq_loader imports, and what this user may do
  data     how old the newest measurement is
  cache    whether an answer is kept and found again; what it is
  memory   what a Redis does when it is full
  clock    whether the source's and the cache's clocks agree with this one

It looks at what a server with the same AIRQ_SOURCE and AIRQ_CACHE would use, and changes nothing.
The exit code is 1 if anything failed; warnings alone leave it 0.

Example:
  airq-cli doctor --source postgres://reader@db/airq --cache redis://cache --max-age 6";
