// Calls every operation of the API with the types of openapi-typescript and compares the results with plain HTTP. The compiler checks
// that answers are typed without casts.
//
// Usage: node every_operation.js BASE_URL

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.d.ts";

const base = process.argv[2] ?? "";
const client = createClient<paths>({ baseUrl: base });
type Json<Path extends keyof paths> = paths[Path]["get"]["responses"][200] extends { content: { "application/json": infer Body } }
  ? Body
  : never;
type Result = { data?: unknown; error?: unknown; response: Response };
type Options = { params?: { query?: Record<string, string | number | string[]>; path?: Record<string, string> } };
const called = new Set<string>();

/** Calls an operation, compares the answer with plain HTTP, and returns the JSON of the answer. */
async function json<Path extends keyof paths>(path: Path, options: Options = {}): Promise<Json<Path>> {
  called.add(path);
  const { data, error, response } = (await client.GET(path as never, options as never)) as Result;
  assert.equal(error, undefined, `${path}: ${JSON.stringify(error)}`);
  const plain = await fetch(response.url);
  assert.deepEqual(data, await plain.json(), response.url);
  console.log(`typescript: ${response.url}`);
  return data as Json<Path>;
}

async function text(path: keyof paths): Promise<string> {
  called.add(path);
  const { data, response } = (await client.GET(path as never, { parseAs: "text" } as never)) as Result;
  assert.equal(data, await (await fetch(response.url)).text(), response.url);
  console.log(`typescript: ${response.url}`);
  return data as string;
}

// An answer has one type for each media type: these lines do not compile if it is a union.
const answer = await json("/v1/air_quality", { params: { query: { city: ["Madrid"], limit: 5 } } });
const no2: number | null | undefined = answer.stations[0]?.measurements[0]?.no2;
assert.equal(typeof no2, "number");
const time: string | undefined = answer.stations[0]?.measurements[0]?.time;
assert.ok(time?.endsWith("Z"));
const unit: string | null | undefined = answer.units["no2"];
assert.equal(unit, "µg/m³");

const days = await json("/v1/air_quality", {
  params: { query: { city: ["Madrid"], every: "1d", tz: "Europe/Madrid", index: "eaqi-2024" } },
});
const day: components["schemas"]["Measurement"] | undefined = days.stations[0]?.measurements[0];
const date: string | undefined = day?.period;
assert.match(date ?? "", /^2016-10-0[12]$/);
const capture: number | null | undefined = day?.no2_capture;
assert.equal(typeof capture, "number");
const band: string | null | undefined = day?.index?.band;
assert.notEqual(band, undefined);
const worst: number | null | undefined = day?.index?.sub_indices["no2"]?.level;
assert.notEqual(worst, undefined);

// The types of the other media types, by the same operation.
type Content = paths["/v1/air_quality"]["get"]["responses"][200]["content"];
const records: Content["application/vnd.airq.records+json"] = await (await fetch(`${base}/v1/air_quality?format=records&limit=1`)).json();
assert.equal(typeof records.measurements[0]?.station, "string");
const columns: Content["application/vnd.airq.columns+json"] = await (await fetch(`${base}/v1/air_quality?format=columns&limit=9`)).json();
assert.equal(columns.stations[0]?.no2?.length, columns.stations[0]?.time.length);
const features: Content["application/geo+json"] = await (await fetch(`${base}/v1/latest?format=geojson`)).json();
const point = features.features[0]?.geometry;
assert.equal(point === null ? 0 : point?.coordinates.length, 2);

await json("/air_quality");
const latest = await json("/v1/latest");
assert.ok(latest.stations.length > 1);
const compliance = await json("/v1/compliance", { params: { query: { year: 2016 } } });
assert.ok(compliance.stations[0]?.objectives[0]?.result);
const stations = await json("/v1/stations");
assert.equal(typeof stations.stations[0]?.id, "string");
const station = await json("/v1/stations/{id}", { params: { path: { id: "aq_salvia" } } });
assert.equal(station.name, "Salvia");
assert.ok((await json("/v1/cities")).cities.some((city) => city.name === "Madrid"));
assert.ok((await json("/v1/parameters")).parameters.some((parameter) => parameter.code === "no2"));
assert.ok((await json("/v1/dataset")).measurements > 0);
const document = (await json("/openapi.json")) as unknown as { paths: Record<string, unknown> };
assert.ok((await text("/v1/chart.svg")).startsWith("<svg "));
assert.ok((await text("/")).startsWith("<!DOCTYPE html>"));
assert.deepEqual([...called].sort(), Object.keys(document.paths).sort());

const problem = await client.GET("/v1/latest", { params: { query: { city: ["Madird"] } } });
const nearest: string[] | undefined = problem.error?.errors?.[0]?.nearest;
assert.deepEqual(nearest, ["Madrid"]);
console.log(`typescript: ${called.size} operations`);
