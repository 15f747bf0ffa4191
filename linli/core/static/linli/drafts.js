// Typing is kept. While somebody writes in a <form data-keep data-keep-url> it is saved on the server every few seconds, on leaving a
// field and on leaving the page; what cannot be saved (no network, signed out) stays in this tab and is sent when that is mended.
// A form without data-keep-url is kept in the tab alone. Never passwords, codes or files; the server takes only what it was told to.

const EVERY = 3000; // a killed browser loses this and the time of one request, five seconds at most
const NET = "linli.kept:";
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const clock = () => new Date().toTimeString().slice(0, 5);
const say = (words) => document.dispatchEvent(new CustomEvent("linli:say", { detail: { words, show: true } }));

/* == what is in a form ====================================================== */
const NEVER = ["password", "file", "submit", "button", "image", "reset"];
const OURS = ["csrfmiddlewaretoken", "draft", "draft_page"];
const keptFields = (form) => [...form.elements].filter((field) => field.name && !field.disabled
  && !NEVER.includes(field.type) && !OURS.includes(field.name) && field.autocomplete !== "one-time-code");
const isBox = (field) => ["checkbox", "radio"].includes(field.type);
const valueOf = (field) => (isBox(field) ? field.checked : field.value);
const nameIn = (field) => (isBox(field) ? `${field.name}=${field.value}` : field.name);

function startOf(field) {
  if (isBox(field)) return field.defaultChecked;
  if (field.tagName !== "SELECT") return field.defaultValue;
  return ([...field.options].find((option) => option.defaultSelected) || field.options[0] || {}).value;
}
const isUntouched = (form) => keptFields(form).every((field) => field.type === "hidden" || valueOf(field) === startOf(field));

function bodyOf(form) {
  const body = new URLSearchParams();
  for (const field of keptFields(form)) if (!isBox(field) || field.checked) body.append(field.name, field.value);
  return body;
}

/* == the net: this tab's own memory ========================================= */
const netKey = (form) => `${NET}${form.dataset.keepUrl || `${location.pathname}:${form.dataset.keep}`}`;

function readNet(key) {
  try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
}
function writeNet(form, more = {}) {
  const values = Object.fromEntries(keptFields(form).map((field) => [nameIn(field), valueOf(field)]));
  const kept = { values, body: bodyOf(form).toString(), url: form.dataset.keepUrl, who: form.dataset.keepWho || "", ...more };
  try { sessionStorage.setItem(netKey(form), JSON.stringify(kept)); return true; } catch { return false; }
}
function bringBack(form) {
  const key = netKey(form);
  const kept = readNet(key);
  if (!kept) return;
  if (kept.who !== (form.dataset.keepWho || "")) { sessionStorage.removeItem(key); return; } // somebody else's words
  if (form.querySelector("[aria-invalid]") || !isUntouched(form)) return; // the page has what was typed
  let isChanged = false;
  for (const field of keptFields(form)) {
    const value = kept.values[nameIn(field)];
    if (value === undefined || value === valueOf(field)) continue;
    if (isBox(field)) field.checked = value; else field.value = value;
    isChanged = isChanged || field.type !== "hidden";
  }
  if (!isChanged) return;
  form.dispatchEvent(new Event("change", { bubbles: true }));
  say("接着上次没写完的。");
}
// A form that was sent is forgotten on the next page, unless one came back to it, or must sign in first: then it did not arrive.
function forgetSent() {
  const [entry] = performance.getEntriesByType("navigation");
  const cameBack = (entry && entry.type !== "navigate") || location.pathname.startsWith("/sign-in/");
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(NET))) {
    const kept = readNet(key);
    if (!kept || !kept.sent) continue;
    if (cameBack) sessionStorage.setItem(key, JSON.stringify({ ...kept, sent: false })); else sessionStorage.removeItem(key);
  }
}

/* == saving ================================================================= */
const states = new WeakMap(); // form → {timer, isDirty, isSaved, isSending, hasTold}
const stateOf = (form) => {
  if (!states.has(form)) states.set(form, {});
  return states.get(form);
};
function placesOf(form) {
  const places = $$("[data-kept]").filter((place) => !place.dataset.kept || place.dataset.kept === form.dataset.keep);
  if (places.length) return places;
  const place = document.createElement("p"); // a page of many forms says it at each
  place.className = "note kept";
  place.dataset.kept = form.dataset.keep;
  place.setAttribute("role", "status");
  form.append(place);
  return [place];
}
function show(form, words) {
  for (const place of placesOf(form)) { place.hidden = false; place.textContent = words; }
}
const tokenOf = (form) => (form.elements.csrfmiddlewaretoken || {}).value || "";

async function save(form, { isLeaving = false } = {}) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.timer = 0;
  if (!state.isDirty || form.dataset.busy || state.isGone) return;
  if (state.isSending && !isLeaving) { state.timer = setTimeout(() => save(form), 500); return; }
  state.isDirty = false;
  const isEmpty = isUntouched(form);
  if (!form.dataset.keepUrl) { keepHere(form, isEmpty); return; }
  if (isEmpty && !state.isSaved) { sessionStorage.removeItem(netKey(form)); return; }
  const body = bodyOf(form);
  body.append("draft_page", form.elements.draft_page.value);
  const headers = { "X-CSRFToken": tokenOf(form) };
  state.isSending = true;
  try {
    const answer = await fetch(form.dataset.keepUrl, { method: "POST", body, headers, keepalive: true, redirect: "manual" });
    if (answer.status === 200) {
      state.isSaved = true;
      sessionStorage.removeItem(netKey(form));
      show(form, `已保存 ${(await answer.json()).saved_at}`);
    } else if (answer.status === 204) {
      state.isOld = true; // this page, or a later one here, has sent its form: only what is typed from now on is new
    } else {
      keepHere(form, isEmpty, answer.headers.get("Content-Type") === "application/json" ? (await answer.json()).said : "");
    }
  } catch {
    keepHere(form, isEmpty, "没有网络，写的字先留在这一页，有网自动保存。");
    state.isWaiting = true;
  } finally { state.isSending = false; }
}
// Only for this tab, and said so; the reason is told once, or every pause in typing would tell it.
function keepHere(form, isEmpty, reason = "") {
  const state = stateOf(form);
  if (isEmpty) { sessionStorage.removeItem(netKey(form)); return; }
  if (!writeNet(form)) return;
  show(form, `已留在这一页 ${clock()}`);
  if (reason && !state.hasTold) { state.hasTold = true; say(reason); }
}
function saveAll(options) {
  for (const form of $$("form[data-keep]")) save(form, options);
}

/* == when =================================================================== */
function onTyping(event) {
  const form = event.target.form;
  if (!form || !form.dataset.keep) return;
  const state = stateOf(form);
  state.isDirty = true;
  if (state.isOld) { state.isOld = false; form.elements.draft_page.value = pageId(); }
  if (!state.timer) state.timer = setTimeout(() => save(form), EVERY); // not put off by the next letter
}
document.addEventListener("input", onTyping);
document.addEventListener("change", onTyping);
document.addEventListener("focusout", (event) => {
  const form = event.target.form;
  if (form && form.dataset.keep) setTimeout(() => save(form)); // after the change it caused
});
addEventListener("pagehide", () => saveAll({ isLeaving: true }));
document.addEventListener("visibilitychange", () => { if (document.hidden) saveAll({ isLeaving: true }); });
addEventListener("online", () => {
  for (const form of $$("form[data-keep]")) {
    const state = stateOf(form);
    if (!state.isWaiting) continue;
    state.isWaiting = false;
    state.isDirty = true;
    state.hasTold = false;
    save(form);
  }
});

/* == sent, begun anew, signed out =========================================== */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.draftNote) {
    for (const kept of $$("form[data-keep]")) if (kept.dataset.keep === form.dataset.draftNote) leave(kept);
  } else if (/\/sign-out(-everywhere)?\/$/.test(form.action)) {
    for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(NET))) sessionStorage.removeItem(key);
  } else if (form.dataset.keep && !form.matches("[hx-post]")) {
    const state = stateOf(form);
    clearTimeout(state.timer);
    state.timer = 0;
    if (!isUntouched(form)) writeNet(form, { sent: true });
  }
});
function leave(form) {
  stateOf(form).isGone = true;
  sessionStorage.removeItem(netKey(form));
}
document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement.closest("form[data-keep]");
  if (form && ctx.response && ctx.response.status < 400) leave(form);
});

/* == once for every piece of page =========================================== */
// A UUIDv7 that ends with this browser's own 48 bits: the server can tell which of two pages of one browser came first, also after
// the clock was put back.
const PAGES = "linli.pages";
const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
function pageId() {
  const fresh = hexOf(crypto.getRandomValues(new Uint8Array(10)));
  let [browser, last] = [fresh.slice(8), 0];
  try {
    const kept = (localStorage.getItem(PAGES) || "").split(" ");
    if (/^[0-9a-f]{12}$/.test(kept[0]) && Number(kept[1]) > 0) [browser, last] = [kept[0], Number(kept[1])];
  } catch { /* no storage: the pages of this browser stand in no order */ }
  const now = Math.max(Date.now(), last + 1);
  try { localStorage.setItem(PAGES, `${browser} ${now}`); } catch { /* the same */ }
  const time = now.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${fresh.slice(0, 3)}-8${fresh.slice(3, 6)}-${browser}`;
}
function ready(root) {
  for (const form of $$("form[data-keep]:not([data-keep-ready])", root)) {
    form.dataset.keepReady = "1";
    if (form.dataset.keepUrl && !form.elements.draft_page) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "draft_page";
      field.value = pageId();
      form.append(field);
    }
    bringBack(form);
  }
}
forgetSent();
ready(document);
document.addEventListener("htmx:after:swap", (event) => {
  const { target } = event.detail.ctx;
  ready(target && target.isConnected ? target : document);
});
