// Pages that change by themselves: a stream of notices, polling when there is none, and a calm word about it.
// <body data-live-url data-poll-url data-live-after>; an element with data-live="matter" gets the event "live", so that
// hx-get and hx-trigger="live" fetch it again. A notice says only what kind changed: {"n": 12, "verb": "matter.reported", "kind": "matters.matter"}.
// Stream: events "change" and "reset", id n. Poll: {"last": n, "changes": [notice], "is_reset": bool}. Both take ?after=n.

const { liveUrl = "", pollUrl = "", liveAfter = "" } = document.body.dataset;
const POLL_MS = 10000;
const CALM_MS = 400; // a burst of notices is one refresh
const SAY_MS = 15000; // and at most this often a word

let after = liveAfter;
let source = null;
let poll = 0;
let retry = 0;
let failures = 0;
let saidAt = 0;
let waiting = 0;
const due = new Set();

const clock = () => new Date().toTimeString().slice(0, 5);
const withAfter = (url) => {
  const full = new URL(url, location.href);
  if (after !== "") full.searchParams.set("after", after);
  return full.href;
};

function tell(state) {
  const words = { on: `随时更新，最近 ${clock()}`, poll: `每 10 秒看一次，最近 ${clock()}`, off: `没有连上，这是 ${clock()} 以前的样子` }[state];
  for (const place of document.querySelectorAll("[data-live-state]")) {
    if (state === "off" && place.classList.contains("live-state--off")) continue; // keep the moment it stopped
    place.textContent = words;
    place.className = `live-state live-state--${state === "poll" ? "on" : state}`;
  }
}

/* Someone who is writing is not interrupted: the list waits until the focus has left it. */
const isBeingUsed = (element) => {
  const focused = document.activeElement;
  return element.contains(focused) && focused.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
};

function refresh() {
  waiting = 0;
  const topics = [...due];
  due.clear();
  let words = "";
  for (const element of document.querySelectorAll("[data-live]")) {
    const wants = element.dataset.live.split(/\s+/);
    if (!topics.includes("*") && !wants.some((topic) => topics.includes(topic))) continue;
    if (isBeingUsed(element)) {
      element.addEventListener("focusout", () => queue(wants[0]), { once: true });
      continue;
    }
    element.dispatchEvent(new CustomEvent("live", { bubbles: false }));
    if (!element.hasAttribute("data-rows")) words = element.dataset.liveSay || "这一页有更新。"; // rows.js knows what changed
  }
  if (words) sayCalmly(words);
}

/* At most one sentence in SAY_MS is read aloud; of those that come in between, the last. */
let saying = 0;
function sayCalmly(words) {
  clearTimeout(saying);
  saying = setTimeout(() => {
    saidAt = Date.now();
    document.dispatchEvent(new CustomEvent("linli:say", { detail: { words } }));
  }, Math.max(0, saidAt + SAY_MS - Date.now()));
}
document.addEventListener("linli:calm", (event) => sayCalmly(event.detail.words));
function queue(topic) {
  due.add(topic);
  waiting = waiting || setTimeout(refresh, CALM_MS);
}

function take(notice, id) {
  const last = id || notice.n;
  if (last) after = String(last);
  queue((notice.kind || "").split(".").pop() || "*");
}

async function pollOnce() {
  if (document.hidden || !pollUrl) return;
  try {
    const answer = await fetch(withAfter(pollUrl), { credentials: "include", headers: { Accept: "application/json" } });
    if ([401, 403, 404].includes(answer.status)) { stop(); return; } // signed out, or no longer ours to see
    if (!answer.ok) throw new Error(String(answer.status));
    const { last, changes, is_reset: isReset } = await answer.json();
    for (const notice of changes) take(notice, "");
    if (isReset) queue("*");
    after = String(last);
    tell("poll");
  } catch { tell("off"); }
}
function startPolling() {
  if (poll) return;
  if (!pollUrl) { tell("off"); return; }
  poll = setInterval(pollOnce, POLL_MS);
  pollOnce();
}
function stopPolling() { clearInterval(poll); poll = 0; }
function stop() { stopPolling(); clearTimeout(retry); if (source) source.close(); source = null; tell("off"); }

function connect() {
  clearTimeout(retry);
  if (!liveUrl || !window.EventSource) { startPolling(); return; }
  if (source) source.close();
  source = new EventSource(withAfter(liveUrl), { withCredentials: true });
  source.onopen = () => {
    if (failures && after === "") queue("*"); // nothing to replay from: look at everything once
    failures = 0;
    stopPolling();
    tell("on");
  };
  source.addEventListener("change", (event) => { tell("on"); take(JSON.parse(event.data), event.lastEventId); });
  source.addEventListener("reset", (event) => { after = event.lastEventId; queue("*"); }); // too much was missed to tell one by one
  source.onerror = () => {
    // The browser would come back by itself with its last id, but not after an answer that is no stream; one way for both is simpler.
    source.close();
    failures += 1;
    startPolling();
    retry = setTimeout(connect, Math.min(60000, 1000 * 2 ** Math.min(failures, 6)) * (0.5 + Math.random() / 2));
  };
}

// A phone that slept has heard nothing; a page from the browser's cache neither.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (poll) pollOnce();
  if (!source || source.readyState === 2) connect();
});
addEventListener("pageshow", (event) => { if (event.persisted) { queue("*"); connect(); } });
addEventListener("pagehide", () => { if (source) source.close(); });
addEventListener("online", connect);
connect();
