// Adds to the page: values at the pointer, zoom by dragging on the chart, and newer values without a reload. The page works without it.
"use strict";
(() => {
  const REFRESH = 5 * 60 * 1000;

  // The pixels and the times of a chart's axis, from the attributes of its drawing.
  async function axis(url) {
    const text = await (await fetch(url)).text();
    const drawing = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const pair = name => (drawing.getAttribute(name) || "").split(" ").map(Number);
    const [left, right] = pair("data-plot"), [start, end] = pair("data-time");
    return end > start ? { left, right, start, end, width: Number(drawing.getAttribute("width")) } : null;
  }

  // The values of each station and parameter nearest to a time, as text.
  function nearest(answer, time) {
    const lines = [];
    for (const station of answer.stations) {
      let best = -1, distance = Infinity;
      station.times.forEach((other, index) => {
        if (Math.abs(other - time) < distance) { best = index; distance = Math.abs(other - time); }
      });
      if (best < 0) continue;
      const values = Object.keys(answer.units).filter(code => station[code] && station[code][best] !== null)
        .map(code => `${code} ${Number(station[code][best].toPrecision(4))} ${answer.units[code] || ""}`);
      if (values.length) lines.push(`${station.name || station.id}: ${values.join(", ")}`);
    }
    return lines;
  }

  function follow(link) {
    const image = link.querySelector("img"), output = document.createElement("p"), cursor = document.createElement("span");
    output.className = "values";
    cursor.className = "cursor";
    cursor.hidden = true;
    link.append(cursor);
    link.after(output);
    output.textContent = "Point at the chart for values. Drag over it to zoom.";
    let loading = null, chart = null, answer = null, from = null;
    const load = () => loading ||= Promise.all([axis(image.currentSrc), fetch(link.dataset.values).then(r => r.json())])
      .then(([a, b]) => {
        chart = a;
        answer = b;
        for (const station of answer.stations) station.times = station.time.map(Date.parse);
      }).catch(() => { loading = null; });
    const at = event => {
      const box = image.getBoundingClientRect(), x = (event.clientX - box.left) * chart.width / box.width;
      const share = Math.min(1, Math.max(0, (x - chart.left) / (chart.right - chart.left)));
      const pixel = (chart.left + share * (chart.right - chart.left)) * box.width / chart.width;
      return { time: chart.start + share * (chart.end - chart.start), pixel };
    };
    link.addEventListener("pointerenter", load);
    link.addEventListener("pointermove", event => {
      if (!chart || !answer) return;
      const { time, pixel } = at(event);
      cursor.hidden = false;
      cursor.style.left = `${pixel}px`;
      cursor.style.width = from === null ? "1px" : `${Math.max(1, Math.abs(pixel - from.pixel))}px`;
      if (from !== null) cursor.style.left = `${Math.min(pixel, from.pixel)}px`;
      output.textContent = `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC. ${nearest(answer, time).join("; ") || "no values"}`;
    });
    link.addEventListener("pointerleave", () => { cursor.hidden = true; from = null; });
    link.addEventListener("dragstart", event => event.preventDefault());
    link.addEventListener("pointerdown", event => { if (chart && event.button === 0) from = at(event); });
    link.addEventListener("click", event => {
      const start = from;
      from = null;
      if (!start || !chart || Math.abs(at(event).pixel - start.pixel) < 8) return;
      event.preventDefault();
      const times = [start.time, at(event).time].sort((a, b) => a - b), url = new URL(location.href);
      url.searchParams.set("from", new Date(Math.floor(times[0] / 60000) * 60000).toISOString());
      url.searchParams.set("to", new Date(Math.ceil(times[1] / 60000) * 60000).toISOString());
      if (!url.searchParams.has("city") && !url.searchParams.has("station")) {
        url.searchParams.set("city", link.dataset.city || "");
      }
      url.hash = "chart";
      location.assign(url);
    });
  }

  function enhance() {
    for (const link of document.querySelectorAll("a.chart")) follow(link);
  }

  // Replaces the content by that of a newer page, unless the reader is using a form.
  let shown = document.querySelector("main").innerHTML;
  async function refresh() {
    if (document.hidden || document.querySelector("details[open]")) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const main = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (!main || main.innerHTML === shown) return;
    shown = main.innerHTML;
    document.querySelector("main").replaceChildren(...main.childNodes);
    enhance();
  }

  enhance();
  setInterval(() => refresh().catch(() => {}), REFRESH);
  document.addEventListener("airq-refresh", () => refresh().catch(() => {}));
})();
