//! The help texts below the flags of commands.

/// The answer to the program's name alone: three commands that work at once.
pub(crate) const WELCOME: &str = "\
Air quality on the command line. Three things to try:

  airq-cli latest                              the newest values of a sample
  airq-cli plot --city Madrid --parameter no2  a day of it, drawn
  airq-cli query FILE.csv --every 1d           daily means of your own data

`airq-cli --help` lists all commands, `airq-cli COMMAND -h` the options of one.";

pub(super) const MORE: &str = "\
`airq-cli COMMAND -h` lists the options of a command; --help explains them.

Examples:
  airq-cli latest --city Madrid
  airq-cli query measurements.csv --every 1d --parameter no2,o3
  airq-cli convert measurements.csv -o measurements.json";

pub(super) const QUERY: &str = "\
Examples:
  airq-cli query measurements.csv --city Madrid --from 2016-10-01
  airq-cli query --city Madrid --every 1d --stat max --tz Europe/Madrid
  airq-cli query measurements.csv --parameter no2,o3 -o gases.csv

--help has more: options for reading files, formats, examples.";

pub(super) const PLOT: &str = "\
Examples:
  airq-cli plot --city Madrid --parameter no2
  airq-cli plot measurements.csv --every 1d -o days.svg

--help has more: options for reading files, examples.";

pub(super) const COMPLIANCE: &str = "\
Example:
  airq-cli compliance --city Madrid --year 2016 --standard eu-2024

--help has more: options for reading files, how results are made.";

pub(super) const CONVERT: &str = "\
Examples:
  airq-cli convert measurements.csv > measurements.json
  airq-cli convert measurements.csv --parameter no2 -o no2.csv

--help has more: options for reading files, such as decimal commas.";

pub(super) const IMPORT: &str = "\
Example:
  airq-cli import measurements/ --source postgres://airq@localhost/airq

--help has more: options for reading files, how rows are merged.";

pub(super) const COMPLETIONS: &str = "\
Completes commands, options, formats, and the cities, stations and parameters of the source:
  bash  echo 'source <(airq-cli completions bash)' >> ~/.bashrc
  zsh   echo 'source <(airq-cli completions zsh)' >> ~/.zshrc
  fish  echo 'airq-cli completions fish | source' >> ~/.config/fish/config.fish";

pub(super) const EXAMPLES: &str = "\
Examples:
  airq-cli query --city Madrid --parameter no2,o3 --from 2016-10-01 --to 2016-10-02
  airq-cli query --source measurements.csv --format ndjson | head -3
  airq-cli latest --near 40.42,-3.7 --radius 5km
  airq-cli convert measurements.csv --format json --output measurements.json

The source is set by --source, AIRQ_SOURCE or a configuration file (docs/settings.md).

Exit codes:
  0  success (also if the reader of the output stops early)
  1  a file, a row or a source failed
  2  the command line or a setting is invalid
  3  a city or a station is unknown";

pub(super) const SOURCE: &str =
    "A CSV file, a folder, a database or another airq server [env: AIRQ_SOURCE] [default: a built-in sample]";

pub(super) const LONG_SOURCE: &str = "\
The source of measurements: a CSV file, a directory or pattern of them, csv:PATH?city=NAME&stations=PATH&format=FORMAT, \
csv:https://HOST/FILE?refresh=10m, \
postgres://USER@HOST/DATABASE, or the URL of another airq server

[env: AIRQ_SOURCE] [default: a built-in sample]";

pub(super) const CONFIG: &str = "\
A configuration file with settings such as source = \"measurements/\" [env: AIRQ_CONFIG] [default: the first that exists of \
$XDG_CONFIG_HOME/airq/airq.toml and /etc/airq/airq.toml]";

pub(super) const COLOR: &str = "Colours: on a terminal without NO_COLOR, always or never";
pub(super) const CACHE: &str = "The cache to check [env: AIRQ_CACHE] [default: memory:64MiB]";

pub(super) const LATEST_NOTES: &str = "\
A row has the newest value of each parameter, and the time of the newest of these values. A value
that is older has its own time: in csv and the table in a column such as so2_time, in JSON formats
in times. Values more than 7 days older are left out. With --parameter so2, the row is of the newest
value of so2, of any age. With --every, the row is the newest period.";

pub(super) const QUERY_NOTES: &str = "\
Formats:
  json     stations, each with its measurements (the default in a pipe)
  records  one flat array of measurements
  columns  stations, each with one array per field
  ndjson   one measurement per line
  csv      the rows, with a header
  geojson  the stations as points with their newest values
  parquet  the rows as a Parquet file: times in UTC, numbers as doubles
  ngsi-ld  one AirQualityObserved entity per measurement, for FIWARE; ngsi-ld-normalized has
           the unit and the time of each value
  table    for people (the default on a terminal): times in UTC to the second, values
           rounded to one decimal (mg/m³ to two); the other formats have every digit

With --every, each row is a period. If a period has too few of the expected values, the table shows
their share, as (71%), instead of a value. The other formats have no2_capture next to no2. With
--every hour-of-day, weekday or month-of-year, a row joins all these periods of the time range.

Without --limit, all matching rows are streamed.

Examples:
  airq-cli query --city madrid --parameter no2
  airq-cli query --station aq_salvia --from 2016-10-01T06:00:00Z --to 2016-10-01T12:00:00Z
  airq-cli query --city madrid --every 1d --stat max --tz Europe/Madrid --from 2016-10-01
  airq-cli query --city Madrid --every 1d --tz Europe/Madrid --index eaqi-2024
  airq-cli query --city Madrid --every weekday --tz Europe/Madrid --parameter no2
  airq-cli query --limit 100 --format json | jq .page.next";

pub(super) const COMPLIANCE_NOTES: &str = "\
Each row is a station and an objective of the standard. A statistic is compared with its level after
rounding as the standard requires; \"above\" is the number of values above the level, of those
allowed. If too few values are there, the result is \"not enough data\", unless more values could
not change it. json and csv also have the source of each number and whether it is verified.

docs/compliance.md has the rules and a list of the numbers that are second-hand.

Examples:
  airq-cli compliance --city Madrid --year 2016
  airq-cli compliance --city Madrid --year 2016 --standard eu-2024 --parameter no2 --format csv
  airq-cli compliance --city Madrid --year 2016 --tz Europe/Madrid";

pub(super) const CONVERT_NOTES: &str = "\
Reads any CSV with a station, a time and parameters by name. Columns may be in any order and case,
separated by commas, semicolons or tabs. Without a header, the columns are
TimeInstant,id_entity,so2,no2,co,o3,pm10,pm2_5. Conversion takes one pass in bounded memory and
keeps the order of rows (columns holds the rows of one station, geojson the newest values of each).

About thirty published formats (Madrid, OpenAQ, EEA, UK-AIR, EPA, …) are recognised by their whole
headers; docs/importers.md lists them. A description (--format-in my-city.toml) or --map reads any
other table; without one, the message prints a command that does. Where a row is part of a
measurement, values are held until the end of the file, and rows are ordered by station and time.

json, columns and geojson group consecutive rows of a station. With --on-conflict, rows come by
station and time, and rows of one station and time become one row.

Different values of one station, time and parameter are counted in files up to 64 MiB, and in larger
files with --summary or --report.

Examples:
  airq-cli convert measurements.csv > measurements.json
  airq-cli convert old.csv.gz --format ndjson --skip-bad-rows
  airq-cli convert madrid.csv --summary --format csv > rows.csv
  airq-cli convert table.csv --format-in my-city.toml
  airq-cli convert table.csv --map 'time=Date,station=Site,no2=NO2 (ppb)' --time-format %d/%m/%Y
  airq-cli convert measurements.csv --parameter no2,o3 --format csv --output gases.csv";

pub(super) const PLOT_NOTES: &str = "\
For several stations, there is a panel for each parameter with a line for each station. For one
station, there is a panel for each unit with a line for each parameter. A line has a gap where
values are missing.

The font is built in (DejaVu Sans), so a picture looks the same everywhere.

Examples:
  airq-cli plot --city Madrid --parameter no2
  airq-cli plot --station aq_salvia --tz Europe/Madrid --output salvia.svg
  airq-cli plot --city Madrid --parameter o3 --every 1h --running 8h
  airq-cli plot --city Madrid --from 2016-10-01 --to 2016-10-02 --width 1200 -o madrid.png";

pub(super) const IMPORT_NOTES: &str = "\
An import is one transaction: all rows or none. A repeated import changes nothing, and a corrected
file updates rows. Rows with the same station and time merge value by value; of different values,
--on-conflict keeps one. Every row is accepted, a duplicate, rejected or ignored (it has no
measurement), and the four counts add up to the rows read. With more rejects than --max-rejects,
nothing is imported. A file stations.csv next to the data describes the stations.

The source must be a database; `airq-cli migrate` creates its tables. Set the password by
AIRQ_SOURCE_PASSWORD_FILE.

Examples:
  airq-cli migrate --source postgres://airq@localhost/airq
  airq-cli import measurements/ --source postgres://airq@localhost/airq
  airq-cli import madrid.csv --city Madrid --time-zone Europe/Madrid --dry-run
  airq-cli import 2016.csv --max-rejects 100 --report left-out.ndjson";

pub(super) const MIGRATE_NOTES: &str = "\
Each migration is one transaction. Safe to run several times, also concurrently. Also creates the roles
airq_reader and airq_loader, to be granted to the users that read and import:
  grant airq_reader to api_user;

Example:
  airq-cli migrate --source postgres://owner@localhost/airq";

pub(super) const DOCTOR_NOTES: &str = "\
Each line has a state (ok, warning or failed), a subject, a description and a fix:
  source   the source answers, and as which user
  schema   the database has all migrations
  roles    airq_reader only reads, airq_loader imports, and the permissions of this user
  data     the age of the newest measurement
  cache    an answer is stored and found again; the kind of cache
  memory   the behaviour of a Redis when its memory is full
  clock    the clocks of the source and the cache agree with this one

The check uses the settings AIRQ_SOURCE and AIRQ_CACHE as a server would, and changes nothing. The
exit code is 1 if a check failed; warnings alone leave it 0.

Example:
  airq-cli doctor --source postgres://reader@db/airq --cache redis://cache --max-age 6";
