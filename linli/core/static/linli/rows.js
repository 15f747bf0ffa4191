// A list that changes by itself and stays calm: <div id data-live="matter" data-rows data-rows-url="…"> around rows with
// data-row (their id) and data-stamp (what of them changes). live.js says when; here it is decided how.
// Nothing moves under the eyes of somebody who is reading: what is new waits behind one line she can press. What is new or changed is
// marked, in words and with an edge, until she opens it. The title counts what she has not seen.

const READING_MS = 20000; // after the last move in the list
const IDLE_MS = 60000; // then nobody is looking, and what waits is laid in
const words = document.title;
const marks = new Map(); // id → "新" or "有更新"
const mine = new Map(); // id → when I did something to it
let held = null; // {part, fresh, added, changed}
let unseen = 0;
let movedAt = -Infinity;
let at = "";

const rowsOf = (part) => [...part.querySelectorAll("[data-row]")];
const byId = (part) => new Map(rowsOf(part).map((row) => [row.dataset.row, row]));
const isTop = () => scrollY < 80;

/* == is she reading? ======================================================== */
function moved(event) {
  const inside = event.target.closest && event.target.closest("[data-rows]");
  if (!inside) return;
  if (event.type === "pointermove") { // a page that comes under a resting pointer is no move
    const here = `${event.screenX},${event.screenY}`;
    const isFirst = at === "";
    if (here === at) return;
    at = here;
    if (isFirst) return;
  }
  movedAt = performance.now();
}
for (const kind of ["pointermove", "pointerdown", "touchmove", "wheel", "keydown"]) document.addEventListener(kind, moved, { passive: true, capture: true });
addEventListener("scroll", () => { movedAt = performance.now(); }, { passive: true });

function isReading(part) {
  if (document.hidden) return false;
  if (part.contains(document.activeElement)) return true;
  return performance.now() - movedAt < READING_MS || !isTop();
}

/* == marks ================================================================== */
function dress(part) {
  for (const row of rowsOf(part)) {
    const mark = marks.get(row.dataset.row);
    row.classList.toggle("is-new", mark === "新");
    row.classList.toggle("is-changed", mark === "有更新");
    const old = row.querySelector(".row-mark");
    if (!mark) { if (old) old.remove(); continue; }
    if (old) { old.textContent = mark; continue; }
    const sign = document.createElement("span");
    sign.className = "row-mark";
    sign.textContent = mark;
    const link = row.querySelector("a[href]");
    if (link) link.prepend(sign);
  }
}
function seen(id) {
  marks.delete(id);
  for (const part of document.querySelectorAll("[data-rows]")) dress(part);
}
document.addEventListener("linli:seen", (event) => seen(event.detail.id));
document.addEventListener("linli:mine", (event) => { mine.set(event.detail.id, performance.now()); seen(event.detail.id); });
const isMine = (id) => performance.now() - (mine.get(id) || -Infinity) < 15000;

function count() {
  if (document.hidden === false && !held) unseen = 0;
  document.title = unseen ? `(${unseen}) ${words}` : words;
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden && held) layIn();
  if (!document.hidden) setTimeout(count, 3000);
});

/* == laying in ============================================================== */
function replace(part, fresh) {
  const focused = part.contains(document.activeElement) && document.activeElement.closest("[data-row]");
  part.replaceWith(fresh);
  if (window.htmx) window.htmx.process(fresh);
  dress(fresh);
  const row = focused && byId(fresh).get(focused.dataset.row);
  const link = row && row.querySelector("a[href]");
  if (link) link.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("linli:rows"));
}
function layIn({ focus = false } = {}) {
  if (!held) return;
  const { part, fresh, added } = held;
  held = null;
  replace(part, fresh);
  count();
  const first = focus && byId(fresh).get(added[0]);
  if (first) { first.scrollIntoView({ block: "nearest" }); first.querySelector("a[href]").focus({ preventScroll: true }); }
}
setInterval(() => { if (held && performance.now() - movedAt > IDLE_MS && !isReading(held.part)) layIn(); }, 5000);

/* What keeps its place may be brought up to date at once: the cells of a row, the numbers at the top. */
function touchUp(part, fresh, changed) {
  const [olds, news] = [byId(part), byId(fresh)];
  for (const id of changed) {
    const [row, next] = [olds.get(id), news.get(id)];
    if (row.contains(document.activeElement)) continue;
    row.innerHTML = next.innerHTML;
    row.className = next.className;
    row.dataset.stamp = next.dataset.stamp;
  }
  for (const [id, row] of olds) row.classList.toggle("is-gone", !news.has(id));
  for (const piece of part.querySelectorAll("[data-rows-fresh]")) {
    const next = fresh.querySelector(`[data-rows-fresh="${piece.dataset.rowsFresh}"]`);
    if (next) piece.innerHTML = next.innerHTML;
  }
  dress(part);
  document.dispatchEvent(new CustomEvent("linli:rows"));
}

function bar(part, sentence) {
  let line = part.querySelector(".rows-bar");
  if (!line) {
    line = document.createElement("button");
    line.type = "button";
    line.className = "rows-bar";
    line.addEventListener("click", () => layIn({ focus: true }));
    (part.querySelector(".table-frame, .rows, .empty") || part.lastElementChild).before(line);
  }
  line.textContent = `${sentence}，点一下看`;
}

function tell(added, changed) {
  const parts = [added.length ? `${added.length} 件新的` : "", changed.length ? `${changed.length} 件有更新` : ""];
  return parts.filter(Boolean).join("，");
}

/* == a notice came ========================================================== */
async function refresh(part) {
  let fresh;
  try {
    const answer = await fetch(part.dataset.rowsUrl, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (!answer.ok) return;
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
  } catch { return; } // live.js says beside the list how old it is
  part = document.getElementById(part.id);
  if (!fresh || !part) return;
  document.adoptNode(fresh);
  const [olds, news] = [byId(part), byId(fresh)];
  const added = [...news.keys()].filter((id) => !olds.has(id) && !isMine(id));
  const changed = [...news.keys()].filter((id) => olds.has(id) && olds.get(id).dataset.stamp !== news.get(id).dataset.stamp);
  const others = changed.filter((id) => !isMine(id));
  for (const id of others) if (marks.get(id) !== "新") marks.set(id, "有更新");
  for (const id of added) marks.set(id, "新");
  const sentence = tell(added, others);
  const isSame = [...olds.keys()].join() === [...news.keys()].join();
  if (!isSame && isReading(part)) {
    touchUp(part, fresh, changed);
    held = { part, fresh, added };
    bar(part, added.length ? `有 ${added.length} 件新的` : "清单有变化");
    unseen = added.length + others.length;
  } else {
    held = null;
    replace(part, fresh);
    if (document.hidden) unseen += added.length + others.length;
  }
  if (sentence) document.dispatchEvent(new CustomEvent("linli:calm", { detail: { words: `清单里有 ${sentence}。` } }));
  count();
}

document.addEventListener("live", (event) => {
  if (!event.target.hasAttribute("data-rows")) return;
  event.stopImmediatePropagation();
  refresh(event.target);
}, true);
