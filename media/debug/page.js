// Live figures of one media node. The token comes behind the "#" of the address, which no server is sent, or is typed in.

const EVERY = 1000; // ms
const KEPT = 120; // points of a sparkline
const at = (id) => document.getElementById(id);

let token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
history.replaceState(null, "", location.pathname);
let before = null;
const lines = new Map();

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

const round = (value, digits = 1) => value.toLocaleString("en", { maximumFractionDigits: digits });
const rate = (bits) => (bits >= 1e6 ? `${round(bits / 1e6, 2)} Mbit/s` : `${round(bits / 1e3)} kbit/s`);
const percent = (part) => `${round(100 * part, 2)} %`;
const ms = (seconds) => (seconds === null ? "–" : `${round(1000 * seconds, seconds < 0.01 ? 1 : 0)} ms`);
const mib = (bytes) => `${round(bytes / 2 ** 20)} MiB`;

function age(seconds) {
  const whole = Math.floor(seconds);
  const pad = (value) => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}

function spark(name, value, shown) {
  let line = lines.get(name);
  if (!line) {
    const figure = make("figure");
    const caption = make("figcaption", name);
    const now = make("b");
    caption.append(now);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${KEPT - 1} 40`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    svg.append(path);
    figure.append(caption, svg);
    at("sparks").append(figure);
    line = { points: [], now, path };
    lines.set(name, line);
  }
  line.points.push(value);
  if (line.points.length > KEPT) line.points.shift();
  const most = Math.max(...line.points, 1e-9);
  const shift = KEPT - line.points.length;
  line.path.setAttribute("points", line.points.map((v, i) => `${shift + i},${38 - (36 * v) / most}`).join(" "));
  line.now.textContent = shown;
}

function facts(list, rows) {
  list.replaceChildren(
    ...rows.map(([name, text, bad]) => {
      const pair = make("div");
      pair.append(make("dt", name), make("dd", text, bad ? "bad" : ""));
      return pair;
    }),
  );
}

function table(title, names, rows) {
  const wide = make("div", undefined, "wide");
  wide.tabIndex = 0;
  const found = make("table");
  found.append(make("caption", title));
  const head = make("tr");
  for (const name of names) {
    const cell = make("th", name);
    cell.scope = "col";
    head.append(cell);
  }
  found.createTHead().append(head);
  const body = found.createTBody();
  for (const row of rows) {
    const line = make("tr");
    for (const cell of row) line.append(Array.isArray(cell) ? make("td", cell[0], cell[1] ? "bad" : "") : make("td", cell));
    body.append(line);
  }
  wide.append(found);
  return wide;
}

function node(figures, seconds) {
  const { previous } = before;
  const per = (name) => Math.max(0, (figures[name] - previous[name]) / seconds);
  spark("CPU", per("cpu_seconds"), percent(per("cpu_seconds")));
  spark("Packets out", per("packets_out"), `${round(per("packets_out"), 0)} /s`);
  spark("Sent", per("octets_out"), rate(8 * per("octets_out")));
  spark("Loop lag", figures.loop_lag, ms(figures.loop_lag));
  spark("Viewers", figures.viewers, round(figures.viewers, 0));
  facts(at("process"), [
    ["Up", age(figures.uptime)],
    ["Memory", mib(figures.memory_bytes)],
    ["Descriptors", round(figures.descriptors, 0)],
    ["Python threads", round(figures.threads, 0), figures.threads > 1],
    ["Publishers", round(figures.publishers, 0)],
    ["Half-open", round(figures.half_open, 0), figures.half_open > 100],
    ["Packets in", `${round(per("packets_in"), 0)} /s`],
    ["Received", rate(8 * per("octets_in"))],
    ["Dropped on sending", round(figures.packets_dropped, 0), per("packets_dropped") > 0],
    ["Not read in time", round(figures.kernel_dropped, 0), per("kernel_dropped") > 0],
    ["Refused by SRTP", round(figures.refused, 0), per("refused") > 0],
    ["Malformed", round(figures.malformed, 0)],
    ["Strangers", round(figures.strangers, 0)],
    ["Forged", round(figures.forged, 0), per("forged") > 0],
  ]);
}

function show(status) {
  const card = make("article", undefined, "show");
  const from = status.publisher;
  const words = [
    status.publishing ? (status.relayed ? "pulled from another node" : "published here") : "publisher lost",
    age(status.since),
    `${status.viewers} viewers`,
    rate(status.bitrate),
  ];
  if (from) words.push(`${from.transport.toUpperCase()} over IPv${from.ip}`, `round trip ${ms(from.round_trip)}`);
  if (status.first_frames.count) {
    words.push(`first frame ≤ ${ms(status.first_frames.p50)} (half), ≤ ${ms(status.first_frames.p95)} (95 %)`);
  }
  card.append(make("h2", status.show), make("p", words.join(" · ")));
  card.append(
    table(
      "Layers",
      ["Kind", "Layer", "Picture", "Codec", "Bit rate", "Loss", "Jitter", "Viewers", "Key frames", "PLI", "NACKed", "Came late", "Repeated"],
      status.tracks.map((track) => [
        track.kind,
        track.layer || "–",
        track.width ? `${track.width} × ${track.height}` : "–",
        track.codec,
        [track.alive ? rate(track.bitrate) : "silent", !track.alive],
        [percent(track.loss), track.loss > 0.02],
        ms(track.jitter),
        track.viewers,
        track.key_frames,
        track.key_frame_requests,
        track.nacked,
        track.recovered,
        track.retransmitted,
      ]),
    ),
  );
  if (status.audience.length) {
    card.append(
      table(
        `Viewers, worst first (${status.audience.length} of ${status.crowd.viewers})`,
        ["Viewer", "Age", "Layer", "Path", "Loss", "Round trip", "Jitter", "Estimate", "First frame", "NACK", "PLI", "Repeated", "Dropped"],
        status.audience.map((viewer) => [
          viewer.relay ? `node ${viewer.subject}` : viewer.subject,
          age(viewer.seconds),
          viewer.paused ? "paused" : viewer.layer || "–",
          `${viewer.transport}${viewer.ip}`,
          [percent(viewer.loss), viewer.loss > 0.05],
          [ms(viewer.round_trip), (viewer.round_trip ?? 0) > 0.4],
          ms(viewer.jitter),
          viewer.estimate ? rate(viewer.estimate) : "–",
          [viewer.waiting ? "waiting" : ms(viewer.first_frame), viewer.waiting],
          viewer.nacks,
          viewer.key_frame_requests,
          viewer.retransmitted,
          viewer.dropped,
        ]),
      ),
    );
  }
  return card;
}

function draw(status, now) {
  at("node").textContent = status.node;
  document.title = `${status.node} · media node`;
  if (before) {
    node(status.figures, (now - before.at) / 1000);
    at("figures").hidden = false;
  }
  before = { at: now, previous: status.figures };
  const scrolled = [...document.querySelectorAll(".wide")].map((each) => each.scrollLeft);
  at("shows").replaceChildren(...status.shows.map(show));
  document.querySelectorAll(".wide").forEach((each, index) => (each.scrollLeft = scrolled[index] ?? 0));
  if (!status.shows.length) at("shows").append(make("p", "No show is on this node.", "quiet"));
}

async function look() {
  let wait = EVERY;
  try {
    const answer = await fetch("figures", { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
    if (answer.status === 401 || answer.status === 403) {
      at("state").textContent = "The token has ended or is not good here. Open this page again from the console.";
      at("ask").hidden = false;
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    draw(await answer.json(), performance.now());
    at("state").textContent = `Live, ${new Date().toLocaleTimeString()}`;
  } catch (error) {
    at("state").textContent = `The node does not answer (${error.message}).`;
    wait = 3 * EVERY;
  }
  setTimeout(look, document.hidden ? 5 * wait : wait);
}

at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  token = at("token").value.trim();
  at("ask").hidden = true;
  look();
});

if (token) {
  look();
} else {
  at("state").textContent = "A token is needed.";
  at("ask").hidden = false;
}
