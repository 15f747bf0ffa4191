// The desk's list with the chosen matter beside it, where the screen is wide enough. Without this, or on a phone, a row leads to the
// matter's own page. The address says what is open (?open=<id>), so that it can be sent to a colleague and "back" closes it again.

const wide = matchMedia("(min-width: 75.01em)"); // as in worklist.css
const main = document.getElementById("main");
const pane = document.getElementById("pane");
const body = document.getElementById("pane-body");
const list = () => document.getElementById("matters");
const openId = (address = location.href) => new URL(address, location.href).searchParams.get("open") || "";
const rowOf = (id) => (id ? list().querySelector(`[data-row="${CSS.escape(id)}"]`) : null);
const linkOf = (row) => row.querySelector(".worklist__words a");

let asked = 0; // only the last one asked for is shown

function addressWith(id) {
  const address = new URL(location.href);
  if (id) address.searchParams.set("open", id); else address.searchParams.delete("open");
  return address.pathname + address.search;
}

function mark(id) {
  for (const row of list().querySelectorAll("[data-row]")) {
    const isChosen = row.dataset.row === id;
    row.classList.toggle("is-chosen", isChosen);
    if (isChosen) linkOf(row).setAttribute("aria-current", "true"); else linkOf(row).removeAttribute("aria-current");
  }
}

function showPane(isShown) {
  pane.hidden = !isShown;
  main.classList.toggle("worklist--open", isShown);
}

async function fill(verb, url, id, { from = body, focus = true } = {}) {
  const turn = (asked += 1);
  showPane(true);
  mark(id);
  pane.setAttribute("aria-busy", "true");
  pane.querySelector("[data-pane-whole]").href = url.replace(/accept\/$/, "");
  try {
    await window.htmx.ajax(verb, url, { source: from, target: body, swap: "innerHTML" });
  } finally {
    if (turn === asked) pane.removeAttribute("aria-busy");
  }
  if (turn !== asked) return;
  body.scrollTop = 0;
  const title = body.querySelector("h1");
  if (focus && title) title.focus({ preventScroll: true });
}

/* Open the matter of a row; `push` adds a step to the history, so that "back" leads to what was open before. */
function open(row, { push = true, focus = true } = {}) {
  const id = row.dataset.row;
  if (push && openId() !== id) history.pushState({}, "", addressWith(id));
  document.dispatchEvent(new CustomEvent("linli:seen", { detail: { id } }));
  return fill("GET", linkOf(row).href, id, { focus });
}

function close({ push = true } = {}) {
  const id = openId() || (list().querySelector(".is-chosen") || { dataset: {} }).dataset.row;
  asked += 1;
  if (push && openId()) history.pushState({}, "", addressWith(""));
  showPane(false);
  body.replaceChildren();
  mark("");
  const row = rowOf(id);
  if (row) linkOf(row).focus({ preventScroll: false });
}

const isPlain = (event) => event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || !isPlain(event)) return;
  if (event.target.closest("[data-pane-close]") && wide.matches) { event.preventDefault(); close(); return; }
  const link = event.target.closest("#matters .worklist__words a");
  if (!link || !wide.matches) return;
  event.preventDefault();
  open(link.closest("[data-row]"));
});
// The whole row is the target for a mouse; words one has marked to copy stay marked.
document.addEventListener("click", (event) => {
  const row = event.target.closest("#matters tr[data-row]");
  if (event.defaultPrevented || !row || !wide.matches || !isPlain(event)) return;
  if (event.target.closest("a, button, form") || String(getSelection())) return;
  open(row);
});

/* 接单 in a row takes the matter and opens it beside the list. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  const row = form.closest("#matters [data-row]");
  if (!row || !wide.matches || event.defaultPrevented) return;
  event.preventDefault();
  const id = row.dataset.row;
  if (openId() !== id) history.pushState({}, "", addressWith(id));
  document.dispatchEvent(new CustomEvent("linli:mine", { detail: { id } }));
  fill("POST", form.action, id, { from: form });
});
// What one does to a matter oneself is no news to her.
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  const matter = ctx.sourceElement.closest && ctx.sourceElement.closest("#matter");
  if (matter && ctx.request.method === "POST") {
    document.dispatchEvent(new CustomEvent("linli:mine", { detail: { id: matter.dataset.matter } }));
  }
});

/* Back and forward: the address decides; htmx would load the page again. */
addEventListener("popstate", () => {
  const id = openId();
  const row = rowOf(id);
  if (!wide.matches || (id && !row)) { location.reload(); return; }
  if (row) open(row, { push: false, focus: false }); else close({ push: false });
});
document.addEventListener("htmx:before:history:restore", (event) => event.preventDefault());

/* The keyboard (keys.js) asks: open the row one stands on; Escape goes back to the list. */
document.addEventListener("linli:row", (event) => {
  if (wide.matches && !pane.hidden && event.detail.row.closest("#matters")) open(event.detail.row, { focus: false });
});
document.addEventListener("linli:escape", (event) => {
  if (pane.hidden || !wide.matches) return;
  event.preventDefault();
  close();
});
document.addEventListener("linli:rows", () => mark(openId()));
wide.addEventListener("change", () => { if (!wide.matches && !openId()) showPane(false); });
